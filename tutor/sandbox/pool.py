"""Starting workers, giving each one answer, and taking back what it says of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tutor.sandbox import wire
from tutor.sandbox.worker import KILL, READY, START

PATIENCE = 20.0
"""For a worker to start, on a machine that is busy with other things."""
LAST_WORDS = 0.5
"""Seconds for what a killed worker had sent to arrive."""
TURN = 0.25
"""Seconds of one wait: whoever has a limit of its own breaks in between two of them."""
MAX_OUTPUT = 32_000_000
"""Bytes that a worker may send in all."""
ROOT = str(Path(__file__).resolve().parents[2])
BOOT = """import sys
sys.path += sys.argv.pop(1).split("\\n")
from tutor.sandbox.worker import main
main()"""
THREADS = ("OPENBLAS_NUM", "OMP_NUM", "MKL_NUM", "NUMEXPR_NUM", "VECLIB_MAXIMUM")
ENVIRONMENT = {f"{library}_THREADS": "1" for library in THREADS}
"""All that a worker's environment holds: one thread for linear algebra."""


class CannotStart(Exception):
    """No worker can be started; the text says why in a line."""


class Reply(NamedTuple):
    """What came back: whole frames, and why no more came ("" where the worker ended in order)."""

    packets: tuple[wire.Packet, ...]
    stopped: str = ""


class Worker(ABC):
    """Where jobs are run, each in a process of its own."""

    @abstractmethod
    def run(self, job: bytes) -> Reply:
        """Run one job. Raises CannotStart."""

    @abstractmethod
    def close(self) -> None:
        """End what runs, and remove its folder."""


def start(seconds: float, *, copies: bool | None = None, left_out: tuple[str, ...] = ()) -> Worker:
    """A worker, started but not waited for. Raises CannotStart.

    ``seconds``: wall clock for one job. ``copies``: whether workers are copied from a server
    (None: where the system can).
    ``left_out``: layers that aren't put on, for tests of the others.
    """
    if copies is None:
        copies = _can_copy()
    return Server(seconds, left_out) if copies else Single(seconds, left_out)


def _can_copy() -> bool:
    """Whether a server is told when its copies end: on Linux from 5.3 on, unless it's forbidden."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _new_folder() -> str:
    """A temporary folder. Raises CannotStart."""
    try:
        return tempfile.mkdtemp(prefix="exam-tutor-")
    except OSError as error:
        raise CannotStart(f"no temporary folder can be made: {error.strerror}") from None


def _command(
    mode: str, control: int, seconds: float, left_out: Sequence[str], wrapped: str
) -> list[str]:
    paths = "\n".join((ROOT, _numpy_folder()))
    arguments = [mode, str(control), str(seconds), ",".join(left_out), wrapped]
    return [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", BOOT, paths, *arguments]


def _numpy_folder() -> str:
    found = find_spec("numpy")
    if found is None or found.origin is None:
        raise CannotStart("NumPy is not installed")
    return str(Path(found.origin).parents[1])


# -- copies of a server ---------------------------------------------------------------------------


class Server(Worker):
    """A process with NumPy loaded, copied for each job (Linux).

    A copy is always ready: it is made, and puts its layers on, while nobody waits.
    """

    def __init__(self, seconds: float, left_out: tuple[str, ...]) -> None:
        self.seconds = seconds
        self.left_out = left_out
        self.wrapped = "bubblewrap" not in left_out
        self._unwrapped = "it is left out"
        self._folder = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._spare: socket.socket | None = None
        self._ready = False
        self._start()

    def _start(self) -> None:
        self._folder = _new_folder()
        ours, theirs = socket.socketpair()
        prefix, told = _bubblewrap(self._folder) if self.wrapped else ([], self._unwrapped)
        command = [*prefix, *_command("server", theirs.fileno(), self.seconds, self.left_out, told)]
        try:
            self._process = subprocess.Popen(
                command,
                env=ENVIRONMENT,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise CannotStart(f"{command[0]}: {error.strerror}") from None
        finally:
            theirs.close()
        ours.settimeout(PATIENCE)
        self._control, self._ready = ours, False
        self._make_ready()

    def _make_ready(self) -> None:
        """Ask for a copy, which waits for its job at the other end of ``_spare``."""
        if self._control is None:
            return
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [START], [theirs.fileno()])
                self._spare = ours
            except OSError:
                ours.close()

    def _wait(self) -> socket.socket:
        """The server's channel, once it is ready; without bubblewrap if that is in the way."""
        if self._control is None:
            self._start()
        control = self._control
        assert control is not None
        if self._ready:
            return control
        try:
            self._ready = control.recv(1) == READY
        except OSError:
            self._ready = False
        if self._ready:
            return control
        self.close()
        if not self.wrapped:
            raise CannotStart("the worker's process doesn't start")
        self.wrapped, self._unwrapped = False, "it doesn't work here"
        return self._wait()

    def run(self, job: bytes) -> Reply:
        """Run one job in a copy of the server. Raises CannotStart."""
        for _ in range(2):
            reply = self._run(job)
            # A worker tells of its layers before it runs anything: this one met with an accident.
            if reply.packets or reply.stopped == "time":
                return reply
            self.close()
        raise CannotStart("the worker's process has ended")

    def _run(self, job: bytes) -> Reply:
        control = self._wait()
        channel, self._spare = self._spare, None
        if channel is None:
            return Reply(())
        with channel:
            data, stopped = _exchange(channel, job, self.seconds)
        if stopped:
            self._end_worker(control)
        code = self._exit_code(control)
        self._make_ready()
        return _reply(data, stopped or (f"exit {code}" if code else ""))

    def _end_worker(self, control: socket.socket) -> None:
        with suppress(OSError):
            control.sendall(KILL)

    def _exit_code(self, control: socket.socket) -> int:
        """The exit code of the worker, which has closed its channel; it is killed if it goes on."""
        control.settimeout(0.5)
        try:
            told = control.recv(8)
        except TimeoutError:
            self._end_worker(control)
            control.settimeout(PATIENCE)
            told = control.recv(8)
        except OSError:
            told = b""
        control.settimeout(PATIENCE)
        if not told:
            self.close()
            return -9
        return int(told)

    def close(self) -> None:
        """End the server."""
        for channel in (self._spare, self._control):
            if channel is not None:
                channel.close()
        self._spare = self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)


def _bubblewrap(folder: str) -> tuple[list[str], str]:
    """The command that shows a process nothing but Python; why there is none."""
    program = shutil.which("bwrap")
    if program is None:
        return [], "it is not installed"
    places = (sys.base_prefix, sys.prefix, _numpy_folder(), os.path.realpath(sys.executable))
    shown = [*places, str(Path(__file__).parent), str(Path(__file__).parents[1] / "__init__.py")]
    shown += [p for p in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
              if os.path.exists(p)]  # fmt: skip
    binds = [word for path in dict.fromkeys(shown) for word in ("--ro-bind", path, path)]
    command = [program, *_apart(), "--die-with-parent", "--proc", "/proc", "--dev", "/dev",
               *binds, "--dir", folder, "--chdir", folder, "--"]  # fmt: skip
    return command, ""


def _apart() -> list[str]:
    """Root keeps the rights by which workers become nobody; others get a user namespace."""
    if os.getuid() != 0:
        return ["--unshare-all"]
    kinds = [f"--unshare-{kind}" for kind in ("ipc", "pid", "net", "uts", "cgroup-try")]
    rights = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_KILL")
    return [*kinds, *(word for right in rights for word in ("--cap-add", right))]


def _exchange(channel: socket.socket, job: bytes, seconds: float) -> tuple[bytes, str]:
    """Send a job and gather the answer until its end; why it was broken off."""
    deadline = time.monotonic() + seconds
    pieces: list[bytes] = []
    size = 0
    try:
        channel.settimeout(seconds)
        channel.sendall(job)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return b"".join(pieces), "time"
            channel.settimeout(min(left, TURN))
            try:
                piece = channel.recv(1 << 18)
            except TimeoutError:
                continue
            if not piece:
                return b"".join(pieces), ""
            pieces.append(piece)
            size += len(piece)
            if size > MAX_OUTPUT:
                return b"".join(pieces), "output"
    except TimeoutError:
        return b"".join(pieces), "time"
    except OSError:
        return b"".join(pieces), ""


# -- a process for each job -----------------------------------------------------------------------


class Single(Worker):
    """A process started ahead for each job; the next one starts while one reads the verdict."""

    def __init__(self, seconds: float, left_out: tuple[str, ...]) -> None:
        self.seconds = seconds
        self.left_out = left_out
        self._spare: tuple[subprocess.Popen[bytes], str] | None = self._start()

    def _start(self) -> tuple[subprocess.Popen[bytes], str]:
        folder = _new_folder()
        environment = dict(ENVIRONMENT)
        if "SYSTEMROOT" in os.environ:  # Windows starts nothing without it
            environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
        try:
            process = subprocess.Popen(
                _command("once", 0, self.seconds, self.left_out, ""),
                env=environment,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise CannotStart(f"{sys.executable}: {error.strerror}") from None
        return process, folder

    def run(self, job: bytes) -> Reply:
        """Run one job in the spare process, and start the next. Raises CannotStart."""
        process, folder = self._spare or self._start()
        self._spare = None
        try:
            data, stopped = self._talk(process, job)
        finally:
            _end(process)
            shutil.rmtree(folder, ignore_errors=True)
        self._spare = self._start()
        return _reply(data, stopped)

    def _talk(self, process: subprocess.Popen[bytes], job: bytes) -> tuple[bytes, str]:
        """Everything that comes back within the time and the cap."""
        from threading import Thread

        pieces: list[bytes] = []

        def gather() -> None:
            size = 0
            assert process.stdin is not None and process.stdout is not None
            with suppress(OSError), process.stdout as told, process.stdin as given:
                given.write(job)
                given.flush()
                while size <= MAX_OUTPUT:
                    piece = os.read(told.fileno(), 1 << 18)
                    if not piece:
                        break
                    pieces.append(piece)
                    size += len(piece)

        reader = Thread(target=gather, daemon=True)
        reader.start()
        # The answer's time counts from when the worker is there: from its first frame.
        started = time.monotonic()
        while not pieces and reader.is_alive() and time.monotonic() < started + PATIENCE:
            time.sleep(0.002)
        deadline = time.monotonic() + self.seconds
        while reader.is_alive() and time.monotonic() < deadline:
            reader.join(min(TURN, self.seconds))
        late = reader.is_alive()
        _end(process)
        # What has left the worker's group may hold its pipe open for ever.
        reader.join(LAST_WORDS)
        too_much = sum(map(len, pieces)) > MAX_OUTPUT
        return b"".join(pieces), "output" if too_much else "time" if late else ""

    def close(self) -> None:
        """End the spare process."""
        if self._spare is not None:
            process, folder = self._spare
            _end(process)
            process.communicate()
            shutil.rmtree(folder, ignore_errors=True)
            self._spare = None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker and what it has started."""
    if hasattr(os, "killpg") and process.returncode is None:
        with suppress(OSError):
            os.killpg(process.pid, 9)
    process.kill()
    process.wait()


def _reply(data: bytes, stopped: str) -> Reply:
    return Reply(tuple(_whole(data)), stopped)


def _whole(data: bytes) -> Iterator[wire.Packet]:
    """The frames up to the first that is damaged: somebody's code may have written them."""
    with suppress(wire.Damaged):
        yield from wire.packets(data)
