"""Running the program in tests: in this process, in one of its own, and on a terminal."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from unittest import mock

import pexpect
import pyte

from tutor.cli import run
from tutor.console import prepare_streams

TESTS = Path(__file__).resolve().parent
SHOWN = str(TESTS / "banks" / "shown")
TUTOR = str(Path(sys.executable).with_name("tutor"))
PATIENCE = 30


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing but the test decides."""
    names = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "TUTOR_HOME": str(home), "TUTOR_BANK": SHOWN, **more}


def hear_ctrl_c() -> None:
    """For a child: a shell lets what it runs in the background ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def tutor(
    *arguments: str, home: Path, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program to its end."""
    return subprocess.run(
        [TUTOR, *arguments],
        input=stdin,
        capture_output=True,
        env=surroundings(home, **{"PYTHONUTF8": "1", **more}),
        timeout=PATIENCE,
        check=False,
    )


def tutor_here(
    *arguments: str, home: Path, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[bytes]:
    """The same in this process, which has all libraries: for what no process of its own decides."""
    environment = surroundings(home, **{"PYTHONUTF8": "1", **more})
    given, out, err = (
        io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") for data in (stdin, b"", b"")
    )
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.multiple(sys, stdin=given, stdout=out, stderr=err),
    ):
        prepare_streams()
        code = run(list(arguments))
        out.flush()
        err.flush()
    assert isinstance(out.buffer, io.BytesIO) and isinstance(err.buffer, io.BytesIO)
    return subprocess.CompletedProcess(
        arguments, code, out.buffer.getvalue(), err.buffer.getvalue()
    )


class Terminal:
    """The program on a terminal of its own; ``shown`` is what stands on the screen."""

    def __init__(
        self, *arguments: str, home: Path, columns: int = 80, lines: int = 50, **more: str
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._shown: str | None = None
        environment = surroundings(home, **{"TERM": "xterm-256color", "PYTHONUTF8": "1", **more})
        with warnings.catch_warnings():
            # Python 3.12 warns of forks beside threads, of which NumPy may have some.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.child = pexpect.spawn(
                TUTOR,
                list(arguments),
                env={**environment, "LC_ALL": "C.UTF-8"},
                dimensions=(lines, columns),
                timeout=PATIENCE,
                preexec_fn=hear_ctrl_c,
            )
        self.child.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.child.close(force=True)

    @property
    def rows(self) -> list[str]:
        """The rows of the screen, down to the last one that isn't empty."""
        return self.shown.split("\n")

    @property
    def shown(self) -> str:
        if self._shown is None:
            self._shown = "\n".join(map(self._row, range(self.screen.lines))).rstrip()
        return self._shown

    def _row(self, number: int) -> str:
        """A row without the cells behind the last that was written.

        Pyte's own `display` measures every cell of the screen anew: more work than the program's.
        """
        cells = self.screen.buffer[number]
        return "".join(cells[at].data for at in range(max(cells, default=-1) + 1)).rstrip()

    def wait(self, done: Callable[[str], bool]) -> str:
        """Read until the screen is as it should be."""
        deadline = time.monotonic() + PATIENCE
        while not done(self.shown):
            assert time.monotonic() < deadline, f"in vain, the screen shows:\n{self.shown}"
            try:
                self._take(self.child.read_nonblocking(65_536, timeout=0.5))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                assert done(self.shown), f"the program ended with:\n{self.shown}"
        return self.shown

    def wait_for(self, text: str, times: int = 1) -> str:
        """Read until a text stands on the screen so many times."""
        return self.wait(lambda shown: shown.count(text) >= times)

    def wait_at(self, prompt: str) -> str:
        """Read until the cursor stands behind a prompt."""
        return self.wait(lambda shown: self.line.strip() == f"{prompt} ›")

    @property
    def line(self) -> str:
        """The row that the cursor stands on."""
        return self._row(self.screen.cursor.y)

    def wait_a_while(self, done: Callable[[str], bool], seconds: float = 10) -> None:
        """Read until the screen is as it should be, or for so many seconds."""
        deadline = time.monotonic() + seconds
        while not done(self.shown) and time.monotonic() < deadline:
            with suppress(pexpect.TIMEOUT, pexpect.EOF):
                self._take(self.child.read_nonblocking(65_536, timeout=0.2))

    def settle(self, quiet: float) -> None:
        """Read until nothing has come for so many seconds, twice as long where a clock runs."""
        deadline = time.monotonic() + 2 * quiet
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            while time.monotonic() < deadline:
                self._take(self.child.read_nonblocking(65_536, timeout=quiet))

    def resize(self, lines: int, columns: int) -> None:
        self.screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)
        self._shown = None

    def type(self, text: str) -> None:
        self.child.send(f"{text}\r".encode())

    def end(self) -> int | None:
        """Read to the end; the exit code."""
        return self.end_by("")

    def end_by(self, key: str) -> int | None:
        """Press Ctrl and a key, read to the end; the exit code.

        Once in many times Ctrl-C comes between readline's prompt and its wait for a key, and is
        heard with the next key only: it is pressed again.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if key:
                self.child.sendcontrol(key)
            try:
                while True:
                    self._take(self.child.read_nonblocking(65_536, timeout=2))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                self.child.close()
                code: int | None = self.child.exitstatus
                return code
        raise AssertionError(f"the program goes on:\n{self.shown}")

    def _take(self, data: bytes) -> None:
        self.raw += data
        self.stream.feed(data)
        self._shown = None
