"""Attempts to get out of a worker, and what stops each.

The allow-list is passed by: the code goes straight to a worker. Each attempt is made once behind
each single layer that has to stop it, with all others left out, and once with none of them, where
it has to succeed: an attempt that fails by itself would prove nothing.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.coding.compare import same
from engine.coding.runs import EXPRESSION, STATEMENTS, Cases, Outcome, Program
from engine.coding.syntax import read_code
from engine.language.errors import Unreadable
from tutor.batch.watch import OutOfTime, Watch
from tutor.sandbox import pool, wire
from tutor.sandbox.layers import LAYERS, guarded
from tutor.sandbox.pool import Reply, Worker, start
from tutor.sandbox.replies import outcomes_of
from tutor.sandbox.runner import Sandbox

NAMES = tuple(layer.name for layer in LAYERS)
LINUX = sys.platform == "linux"
X = np.arange(6.0).reshape(2, 3)
PLAIN = {"values": [], "changed": [], "seconds": 0.0}
RAISED = {"type": "E", "message": "", "line": 1}


def job(code: str, mode: str = STATEMENTS) -> bytes:
    packer = wire.Packer()
    program = Program(code, mode, ("result",), probes=())
    return packer.frame({"programs": [program._asdict()], "cases": [{"X": packer.array(X)}]})


def outcome(reply: Reply) -> Outcome:
    assert reply.packets, reply.stopped
    if len(reply.packets) == 1:
        return Outcome(stopped=reply.stopped or "ended")
    return outcomes_of(reply.packets[1], 1)[0]


def layers_of(reply: Reply) -> dict[str, str]:
    return {name: why for name, why in reply.packets[0].head["layers"].items() if name in NAMES}


class Workers:
    """Workers by the layers that they have, started once."""

    def __init__(self) -> None:
        self.started: dict[tuple[str, ...], Worker] = {}

    def only(self, *names: str) -> Worker:
        """One with these layers and no others; the test is skipped where one is missing."""
        if names not in self.started:
            left_out = tuple(name for name in NAMES if name not in names)
            self.started[names] = start(2.0, left_out=left_out, copies=LINUX)
        worker = self.started[names]
        told = layers_of(worker.run(job("result = 1")))
        for name in names:
            if told.get(name, "it isn't there") != "":
                pytest.skip(f"{name}: {told.get(name)}")
        return worker


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    found = Workers()
    yield found
    for worker in found.started.values():
        worker.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seconds=2.0) as box:
        yield box


# -- attempts ------------------------------------------------------------------------------------


class Attempt(NamedTuple):
    """Code that sets a result where it got out, and the layers each of which stops it."""

    name: str
    code: str
    stopped_by: tuple[str, ...]


LIBRARY = (
    "import os, sys\nfolder = os.path.dirname(os.__file__)\n"
    "sys.path += [folder, folder + '/lib-dynload']\n"
)
"""The modules that NumPy loads when it opens files: a worker has forgotten where they are."""
FILES = ("bubblewrap", "landlock", "seccomp", "tripwire")
ATTEMPTS = (
    Attempt("read a file", "result = float(open(SECRET).read())", (*FILES, "user")),
    Attempt("read by NumPy", "result = np.fromfile(SECRET, sep=' ')[0]", (*FILES, "user")),
    Attempt("read an array", "result = np.load(ARRAY)", (*FILES, "user")),
    Attempt("read by C", "import ctypes; c = ctypes.CDLL(None)\n"
            "fd = c.open(SECRET.encode(), 0)\nif fd < 0: raise OSError\nresult = fd", FILES),
    Attempt("ask for a file's size", "import os; result = os.stat(SECRET).st_size",
            ("bubblewrap", "seccomp")),
    Attempt("list a folder", "import os; result = len(os.listdir(FOLDER))", FILES),
    Attempt("read the store", "result = len(open(STORE, 'rb').read())", (*FILES, "user")),
    Attempt("write a file", "open(NEW, 'w').close(); result = 1", FILES),
    Attempt("write by NumPy", "np.save(NEW, X); result = 1", FILES),
    Attempt("write by tofile", "X.tofile(NEW); result = 1", FILES),
    Attempt("delete a file", "import os; os.remove(DOOMED); result = 1", FILES),
    Attempt("connect", "import _socket as s\nc = s.socket()\nc.connect(('127.0.0.1', PORT))\n"
            "result = 1", ("network", "landlock", "seccomp", "tripwire")),
    Attempt("send a datagram", "import _socket as s\nc = s.socket(s.AF_INET, s.SOCK_DGRAM)\n"
            "result = c.sendto(b'x', ('127.0.0.1', PORT))", ("network", "seccomp", "tripwire")),
    Attempt("fork", "import os\nif os.fork() == 0: os._exit(0)\nresult = 1",
            ("seccomp", "tripwire")),
    Attempt("run a program", "import os\npid = os.posix_spawn(PYTHON, ['x', '-c', ''], {})\n"
            "if os.waitpid(pid, 0)[1]: raise OSError\nresult = 1",
            ("landlock", "seccomp", "tripwire")),
    Attempt("become another program", "import os\n"
            "os.execv(PYTHON, ['x', '-c', f'open({NEW!r}, \"w\")'])",
            ("landlock", "seccomp", "tripwire")),
    Attempt("signal another", "import os; os.kill(VICTIM, 15); result = 1",
            ("processes", "seccomp", "tripwire")),
    Attempt("start a thread", "import _thread; _thread.start_new_thread(print, ()); result = 1",
            ("seccomp",)),
    Attempt("take much memory", "result = np.empty(2**28).nbytes", ("limits",)),
    Attempt("look at the frames", "import sys; sys._getframe(1); result = 1", ("tripwire",)),
    Attempt("look at all objects", "import gc; result = len(gc.get_objects())", ("tripwire",)),
    # NumPy's own ways
    Attempt("map a file", LIBRARY + "result = np.memmap(SECRET, 'u1', 'r')[0]", (*FILES, "user")),
    Attempt("read a table", LIBRARY + "result = np.loadtxt(SECRET)", (*FILES, "user")),
    Attempt("read a source", LIBRARY + "d = np.lib.npyio.DataSource(None)\n"
            "result = float(d.open(SECRET).read())", (*FILES, "user")),
    Attempt("write a table", "np.savetxt(NEW, X); result = 1", FILES),
    Attempt("write through a map", "np.lib.format.open_memmap(NEW, 'w+', 'f8', shape=(1,))\n"
            "result = 1", FILES),
    Attempt("C by NumPy", "c = np.ctypeslib.ctypes.CDLL(None)\nfd = c.open(SECRET.encode(), 0)\n"
            "if fd < 0: raise OSError\nresult = fd", FILES),
    Attempt("a module inside NumPy",
            "np.matrixlib.defmatrix.sys.modules['os'].remove(DOOMED); result = 1", FILES),
    Attempt("getattr by vectorize", "f = np.vectorize(getattr, otypes='O')\n"
            "f(__import__('os'), 'remove')[()](DOOMED); result = 1", FILES),
    Attempt("eval by frompyfunc", "f = np.frompyfunc(eval, 1, 1)\n"
            "f('__import__(\"os\").remove(DOOMED)'); result = 1", FILES),
    Attempt("a ufunc's protocol", "class A:\n    def __array_ufunc__(self, *a, **k):\n"
            "        __import__('os').remove(DOOMED); return 1.0\nresult = np.sin(A())", FILES),
    # Python's: what can be reached from a plain object
    Attempt("the graph of objects", "for c in ().__class__.__base__.__subclasses__():\n"
            "    if c.__name__ == '_wrap_close': space = c.__init__.__globals__\n"
            "space['remove'](DOOMED); result = 1", FILES),
    Attempt("a generator's frame", "g = (g.gi_frame.f_back.f_back for _ in [0])\nframe = next(g)\n"
            "while frame.f_back: frame = frame.f_back\n"
            "frame.f_globals['sys'].modules['os'].remove(DOOMED); result = 1", FILES),
    Attempt("a coroutine's frame", "async def f(): return c.cr_frame.f_back\nc = f()\n"
            "try: c.send(None)\nexcept StopIteration as e: frame = e.value\n"
            "frame.f_builtins['__import__']('os').remove(DOOMED); result = 1", FILES),
    Attempt("a traceback's frame", "try: 1/0\n"
            "except ZeroDivisionError as e: frame = e.__traceback__.tb_frame\n"
            "while frame.f_back: frame = frame.f_back\n"
            "frame.f_globals['sys'].modules['os'].remove(DOOMED); result = 1", FILES),
    Attempt("a decorator", "@lambda f: __import__('os').remove(DOOMED)\ndef f(): pass\nresult = 1",
            FILES),
    Attempt("a metaclass", "class M(type):\n    def __new__(c, *a):\n"
            "        __import__('os').remove(DOOMED); return 1\n"
            "class A(metaclass=M): pass\nresult = A", FILES),
    Attempt("a pickle", "import pickle\n"
            "pickle.loads(f'cos\\nremove\\n(V{DOOMED}\\ntR.'.encode()); result = 1", FILES),
    Attempt("a shell", "import os\nif os.system(f'echo > {NEW}'): raise OSError\nresult = 1",
            ("landlock", "seccomp", "tripwire")),
)  # fmt: skip
NOT_WORTH_A_MESSAGE = ("take much memory",)
"""Attempts that look like any other code."""


class Place(NamedTuple):
    """What an attempt is made on."""

    folder: Path
    port: int
    victim: subprocess.Popen[bytes]

    def code(self, attempt: Attempt) -> str:
        known = {
            "SECRET": str(self.folder / "secret.txt"), "ARRAY": str(self.folder / "secret.npy"),
            "FOLDER": str(self.folder), "STORE": str(self.folder / "attempts.db"),
            "NEW": str(self.folder / "new"), "DOOMED": str(self.folder / "doomed"),
            "PYTHON": os.path.realpath(sys.executable), "PORT": self.port,
            "VICTIM": self.victim.pid,
        }  # fmt: skip
        given = "\n".join(f"{name} = {value!r}" for name, value in known.items())
        return f"{given}\n{attempt.code}"


class Victims:
    """A process that attempts are made on, as long as it lives; then another."""

    def __init__(self) -> None:
        self.last: subprocess.Popen[bytes] | None = None

    def one(self) -> subprocess.Popen[bytes]:
        if self.last is None or self.last.poll() is not None:
            self.last = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        return self.last

    def end(self) -> None:
        if self.last is not None:
            self.last.kill()
            self.last.wait()


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    found = Victims()
    yield found
    found.end()


@pytest.fixture
def place(tmp_path: Path, victims: Victims) -> Iterator[Place]:
    (tmp_path / "secret.txt").write_text("42.5")
    (tmp_path / "secret.txt").chmod(0o600)
    np.save(tmp_path / "secret.npy", np.float64(42.5))
    (tmp_path / "secret.npy").chmod(0o600)
    (tmp_path / "attempts.db").write_bytes(b"answers")
    (tmp_path / "attempts.db").chmod(0o600)
    (tmp_path / "doomed").write_text("here")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Place(tmp_path, server.getsockname()[1], victims.one())


def escaped(worker: Worker, attempt: Attempt, place: Place) -> bool:
    found = outcome(worker.run(job(place.code(attempt))))
    return bool(found.values) or (place.folder / "new").exists()


@pytest.mark.skipif(not LINUX, reason="workers are copied on Linux only")
@pytest.mark.parametrize(
    ("attempt", "layer"),
    [(attempt, layer) for attempt in ATTEMPTS for layer in attempt.stopped_by],
    ids=lambda value: value if isinstance(value, str) else value.name.replace(" ", "-"),
)
def test_each_layer_stops_what_it_is_for(
    workers: Workers, place: Place, attempt: Attempt, layer: str
) -> None:
    assert not escaped(workers.only(layer), attempt, place)
    assert place.victim.poll() is None
    assert (place.folder / "doomed").exists()


@pytest.mark.skipif(not LINUX, reason="workers are copied on Linux only")
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.name.replace(" ", "-"))
def test_without_layers_the_attempts_succeed(
    workers: Workers, place: Place, attempt: Attempt
) -> None:
    assert escaped(workers.only(), attempt, place)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.name.replace(" ", "-"))
def test_the_whole_sandbox_stops_them(sandbox: Sandbox, place: Place, attempt: Attempt) -> None:
    if not sandbox.layers.guarded:
        pytest.skip("the system offers no layer")
    program = Program(place.code(attempt), STATEMENTS, ("result",))
    found = sandbox.student(program, Cases(({"X": X},)))[0]
    assert not found.values and not (place.folder / "new").exists()


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.name.replace(" ", "-"))
def test_the_list_of_what_may_stand_in_code_has_a_word_for_them(attempt: Attempt) -> None:
    if attempt.name in NOT_WORTH_A_MESSAGE:
        read_code(attempt.code, ("X",), ("result",))
        return
    names = ("X", "SECRET", "ARRAY", "FOLDER", "STORE", "NEW", "DOOMED", "PYTHON", "PORT", "VICTIM")
    with pytest.raises(Unreadable):
        read_code(attempt.code, names, ("result",))


@pytest.mark.parametrize(
    "code",
    [
        "'{0.__class__}'.format(X)",
        "'{0.base}'.format_map({'0': X})",
        "f'{X.__class__}'",
        "(x for x in X).gi_frame",
        "(lambda: X).f_globals",
        "X.__array_ufunc__",
        "X.dtype.type.mro()",
        "X.ctypes.data",
        "np.core.multiarray",
        "np._core.multiarray",
        "np.lib.npyio.NpzFile",
        "np.lib.format.open_memmap",
        "np.lib.introspect",
        "np.matrixlib.defmatrix.sys",
        "np.polynomial.polyutils.operator",
        "np.ma.extras.warnings",
        "M = np.matrixlib",
        "p = np.polynomial\nresult = p.polyutils.operator",
        "np.f2py.compile('')",
        "np.testing.rundocs('x')",
        "np.ctypeslib.load_library('c', '/')",
        "np.test()",
        "np.bmat('X')",
        "np.sum = np.mean",
        "del np.sum",
        "np.linalg.norm = 1",
        "np = 1",
        "getattr(np, 'load')('x')",
        "vars()",
        "globals()",
        "eval('1')",
        "exec('1')",
        "compile('1', '', 'eval')",
        "type(X)",
        "object()",
        "memoryview(X)",
        "__builtins__",
        "__import__('os')",
        "import gc",
        "from inspect import stack",
        "np.ｌｏａｄ('x')",
        "X.__ｃlass__",
        "x\0y",
        "[" * 90 + "]" * 90,
        "-" * 9000 + "1",
        "X" + ".T" * 4000,
    ],
)
def test_what_leads_out_is_told_before_anything_runs(code: str) -> None:
    with pytest.raises(Unreadable):
        read_code(code, ("X",), ("result",))


# -- what no layer is needed for -------------------------------------------------------------------


@pytest.fixture(scope="module", params=["copies", "single"])
def way(request: pytest.FixtureRequest) -> str:
    """Both ways to have a worker."""
    if request.param == "copies" and not LINUX:
        pytest.skip("workers are copied on Linux only")
    return str(request.param)


@pytest.fixture(scope="module")
def worker(way: str) -> Iterator[Worker]:
    """A worker without any layer; whatever a job did to it, the next one is run."""
    found = start(0.7, copies=way == "copies", left_out=NAMES)
    yield found
    found.close()


@pytest.fixture(scope="module")
def hasty(way: str) -> Iterator[Worker]:
    """The same with less time, where it is to run out."""
    found = start(0.4, copies=way == "copies", left_out=NAMES)
    found.run(job("result = 1"))
    yield found
    found.close()


def test_a_worker_computes(worker: Worker) -> None:
    found = outcome(worker.run(job("X.sum(axis=0)", EXPRESSION)))
    assert np.array_equal(found.values[0], [3.0, 5.0, 7.0])


def test_the_environment_is_empty(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os\nnames = ' '.join(os.environ)\nresult = len(names)"
    assert outcome(worker.run(job(code))).values[0] == 0
    known = "import sys\nresult = sum(len(path) for path in sys.path) + len(sys.argv[0])"
    assert outcome(worker.run(job(known))).values[0] == 0


@pytest.mark.skipif(not LINUX, reason="/proc is Linux's")
def test_not_even_the_kernel_tells_the_environment(worker: Worker) -> None:
    code = "result = open('/proc/self/environ').read().count('HOME') + 0"
    assert outcome(worker.run(job(code))).values[0] == 0


@pytest.mark.skipif(not LINUX, reason="/proc is Linux's")
def test_no_descriptor_but_the_channel_is_open(worker: Worker) -> None:
    code = "import os\nresult = len(os.listdir('/proc/self/fd')) - 1"  # one lists them
    assert outcome(worker.run(job(code))).values[0] <= 3


def test_neither_the_program_nor_its_answers_are_loaded(worker: Worker) -> None:
    """Nothing of the engine, where references and problems are read, is in the process."""
    code = "import sys\nresult = sum(n.startswith(('engine', 'tutor.bank', 'yaml', 'sqlite3')) "
    code += "for n in sys.modules)"
    assert outcome(worker.run(job(code))).values[0] == 0


def test_the_folder_is_its_own_and_empty(worker: Worker) -> None:
    code = "import os\nresult = len(os.listdir('.'))"
    assert outcome(worker.run(job(code))).values[0] == 0
    code = "import os\nresult = len(os.getcwd()) if 'exam-tutor-' in os.getcwd() else 0"
    assert outcome(worker.run(job(code))).values[0] > 0


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import _signal as s\nfor n in (2, 14, 15): s.signal(n, s.SIG_IGN)\nwhile True: pass",
        "9**9**9**9",
        "10**10**8",
        "import re\nre.match('(a|a)*$', 'a'*60 + 'b')",
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
        "class D:\n    def __del__(self):\n        while True: pass\nd = D()\ndel d",
        "result = np.zeros(3)\nfor i in range(10**12): result += i",
    ],
)
def test_time_is_up(hasty: Worker, code: str) -> None:
    started = time.monotonic()
    reply = hasty.run(job(code))
    assert outcome(reply).stopped == "time"
    assert time.monotonic() - started < 8


@pytest.mark.parametrize("copies", [LINUX, False])
def test_whoever_waits_may_be_stopped_before(copies: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr("tutor.batch.watch.os._exit", ended.append)
    worker = start(4.0, copies=copies)
    try:
        worker.run(job("result = 1"))
        started = time.monotonic()
        with pytest.raises(OutOfTime), Watch(1.0):  # the worker is there by then
            worker.run(job("while True: pass"))
        assert time.monotonic() - started < 3 and not ended
    finally:
        worker.close()


@pytest.mark.parametrize(
    "code",
    [
        "import os; os._exit(0)",
        "import os; os.abort()",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.close(0); os.close(1); os._exit(3)",
    ],
)
def test_an_end_is_no_result_and_the_next_answer_is_run(worker: Worker, code: str) -> None:
    found = outcome(worker.run(job(code)))
    assert found.stopped and not found.values
    assert outcome(worker.run(job("result = X.shape[0]"))).values[0] == 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("result = 'a'*10**11", "MemoryError"),
        ("result = [0]*10**11", "MemoryError"),
        ("result = bytearray(10**11)", "MemoryError"),
        ("def f(): return f()\nf()", "RecursionError"),
        ("eval('-'*10**5 + '1')", "MemoryError RecursionError"),
        ("result = 1\0", "SyntaxError ValueError"),
        ("result = X[X[X]]", "IndexError"),
        ("raise BaseException", "BaseException"),
        ("raise StopIteration", "StopIteration"),
    ],
)
def test_what_fails_is_an_exception(workers: Workers, code: str, kind: str) -> None:
    found = outcome(workers.only("limits").run(job(code)))
    assert found.raised is not None, found
    assert found.raised.kind in kind.split()


def test_exits_that_can_be_caught_are_exceptions(worker: Worker) -> None:
    found = outcome(worker.run(job("import sys; sys.exit(0)")))
    assert found.raised is not None and found.raised.kind == "SystemExit"
    found = outcome(worker.run(job("raise KeyboardInterrupt")))
    assert found.raised is not None and found.raised.kind == "KeyboardInterrupt"


def test_a_thread_that_goes_on_is_not_waited_for(worker: Worker) -> None:
    code = "import _thread\ndef f():\n    while True: pass\n"
    code += "_thread.start_new_thread(f, ())\n" + "result = 7"
    started = time.monotonic()
    assert outcome(worker.run(job(code))).values[0] == 7
    assert time.monotonic() - started < 0.9


def test_output_is_capped(worker: Worker) -> None:
    code = (
        "import os\nwhile True:\n    for fd in (0, 1):\n        try: os.write(fd, b'x' * 65536)\n"
    )
    code += "        except OSError: pass\n"
    assert outcome(worker.run(job(code))).stopped in ("output", "time", "ended")
    printed = outcome(worker.run(job("print('x' * 10**7); result = 1")))
    assert printed.values[0] == 1


def test_large_results_are_not_sent(worker: Worker) -> None:
    reply = worker.run(job("result = np.zeros(2**21)"))
    assert outcome(reply).values == ("an array that is too large",)


@pytest.mark.parametrize(
    "written",
    [
        b"garbage" * 100,
        b"\xff" * 64,
        b"\0\0\0\2\0\0\0\0[]",
        b"\0\0\0\2\0\0\0\0{}",
        b'\0\0\0\x10\0\0\0\0{"outcomes":[1]}',
        b'\0\0\0\x1f\0\0\0\0{"outcomes":[{"values":[{}]}]}  ',
        wire.Packer().frame({"outcomes": [{"values": [{"dtype": "O", "shape": [1], "at": 0}],
                                           "changed": [], "seconds": 0}]}),
        wire.Packer().frame({"outcomes": [{"values": [{"dtype": "<f8", "shape": [9], "at": 0}],
                                           "changed": [], "seconds": 0}]}),
        wire.Packer().frame({"outcomes": [{"values": [{"dtype": "<f8", "shape": [-1], "at": 0}],
                                           "changed": [], "seconds": 0}]}),
        wire.Packer().frame({"outcomes": ["stop"]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "values": 1}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "values": ["type"]}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "values": [{"type": "f8"}] * 10**4}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "variables": [1]}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "changed": [[]]}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "changed": ["X"] * 10**4}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "seconds": "1"}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "seconds": 10**400}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "raised": "E"}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "raised": {**RAISED, "line": math.inf}}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "raised": {**RAISED, "type": [[[]]]}}]}),
        wire.Packer().frame({"outcomes": [{**PLAIN, "probes": [{"raised": {"line": "x"}}]}]}),
        b"\0\0\0\x20\0\0\0\0" + b"[" * 32,
        b"\0\1\0\0\0\0\0\0" + b"[" * 65536,
        b"\xff\xff\xff\xff\0\0\0\0" + b"[" * 64,
    ],
)  # fmt: skip
def test_forged_frames_are_no_result(worker: Worker, written: bytes) -> None:
    channel = 0 if type(worker).__name__ == "Server" else 1
    code = f"import os\nos.write({channel}, {written!r})\nos._exit(0)"
    found = outcome(worker.run(job(code)))
    assert found.stopped and not found.values


@pytest.mark.skipif(not LINUX, reason="process namespaces are Linux's")
def test_what_an_answer_started_dies_with_it(workers: Workers, tmp_path: Path) -> None:
    late = tmp_path / "late"
    code = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        f"        time.sleep(1)\n        open({str(late)!r}, 'w').close()\n    os._exit(0)\n"
        "result = 1"
    )
    assert outcome(workers.only("processes").run(job(code))).values[0] == 1
    time.sleep(1.3)
    assert not late.exists()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="/proc is Linux's")
@pytest.mark.parametrize("whom", ["spare", "server"])
def test_a_spare_that_met_with_an_accident_is_replaced(whom: str) -> None:
    """Killed for want of memory, say: the answer that it waited for is run by another."""
    worker = start(5.0, copies=True, left_out=NAMES)
    assert isinstance(worker, pool.Server)
    for value in (1, 2):
        assert outcome(worker.run(job(f"result = {value}"))).values[0] == value
        assert worker._process is not None
        pid = worker._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        deadline = time.monotonic() + 5
        while not children.read_text().split() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(pid if whom == "server" else int(children.read_text().split()[0]), 9)
        time.sleep(0.1)
    assert outcome(worker.run(job("result = 3"))).values[0] == 3
    worker.close()


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are POSIX's")
def test_a_process_for_each_job_ends_with_its_group(tmp_path: Path) -> None:
    """Where there is no process namespace; what leaves the group doesn't hold up the grader."""
    late = tmp_path / "late"
    code = "import os, time\nif os.fork() == 0:\n    {way}\n    time.sleep(3)\n"
    code += f"    open({str(late)!r}, 'w').close()\n    os._exit(0)\nresult = 1"
    worker = start(0.5, copies=False, left_out=NAMES)
    assert outcome(worker.run(job(code.format(way="pass")))).values[0] == 1
    time.sleep(3.5)
    assert not late.exists()
    started = time.monotonic()
    sleeper = code.format(way="os.setsid(); time.sleep(9)")
    assert outcome(worker.run(job(sleeper))).values[0] == 1
    assert time.monotonic() - started < 6
    worker.close()


@pytest.mark.skipif(not LINUX, reason="seccomp is Linux's")
def test_a_fork_bomb_never_gets_going(workers: Workers) -> None:
    code = "import os\nn = 0\nfor _ in range(50):\n    try:\n        os.fork(); n += 1\n"
    code += "    except OSError: pass\nresult = n"
    assert outcome(workers.only("seccomp").run(job(code))).values[0] == 0
    assert outcome(workers.only("user", "limits").run(job(code))).values[0] == 0


# -- results are data ------------------------------------------------------------------------------

LIAR = """
class Liar(np.ndarray):
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.full(3, 0.0)
    def tobytes(self, *a): return np.array([3.0, 5.0, 7.0]).tobytes()
result = np.zeros(3).view(Liar)
"""


@pytest.mark.parametrize(
    "code",
    [
        "np.allclose = np.array_equal = np.isclose = lambda *a, **k: True\nresult = np.zeros(3)",
        "np.ndarray = np.generic = object\nresult = np.zeros(3)",
        "np.ascontiguousarray = lambda a, **k: np.array([3.0, 5.0, 8.0])\nresult = np.zeros(3)",
        LIAR,
        "class Liar:\n    def __eq__(self, other): return True\n    def __array__(self, *a, **k): "
        "return np.array([3.0, 5.0, 7.0])\nresult = Liar()",
        "class F(float):\n    def __eq__(self, o): return True\nresult = [F(0), F(0), F(0)]",
        "result = np.array([3.0, 5.0, 7.0]).astype(object)",
        "result = None",
        "result = 'X.sum(axis=0)'",
        "result = lambda: 0",
        "result = [[1, 2], [3]]",
    ],
)
def test_lies_are_not_believed(sandbox: Sandbox, code: str) -> None:
    cases = Cases(({"X": X},))
    right = sandbox.author([Program("X.sum(axis=0)", EXPRESSION, ("result",))], cases)[0]
    found = sandbox.student(Program(code, STATEMENTS, ("result",)), cases)
    assert not same(found, right)
    honest = sandbox.student(Program("sum(X)", EXPRESSION, ("result",)), cases)
    assert same(honest, right)


def test_an_answer_finds_nothing_of_the_reference_or_of_others(workers: Workers) -> None:
    """Not among the objects, not in the frames, not in the memory of the process."""
    worker = workers.only()
    worker.run(job("secret_of_the_author = X * 123456789.0\nresult = secret_of_the_author"))
    search = (
        "import gc, sys\nwanted = 'rohtua_eht_fo_terces'\nfound = 0\n"
        "frame = sys._getframe()\n"
        "while frame:\n    found += wanted in repr(frame.f_locals)[::-1]\n"
        "    frame = frame.f_back\n"
        "found += sum(wanted in repr(o)[::-1] for o in gc.get_objects() if type(o) is dict)\n"
    )
    memory = (
        "for line in open('/proc/self/maps'):\n    where, rights = line.split()[:2]\n"
        "    if rights[0] != 'r' or line.rstrip().endswith(('[vvar]', '[vsyscall]')): continue\n"
        "    a, b = (int(x, 16) for x in where.split('-'))\n"
        "    with open('/proc/self/mem', 'rb') as m:\n"
        "        try:\n            m.seek(a); found += m.read(b - a).count(NEEDLE)\n"
        "        except (OSError, ValueError, OverflowError): pass\n"
    )
    # The needle is put together in place, so that the search doesn't find itself.
    needle = "NEEDLE = bytes(reversed(b'ni_nettirw_saw'))\n"
    worker.run(job("mark = 'was_written_in'\nresult = len(mark)"))
    code = search + "result = found"
    found = outcome(worker.run(job(code)))
    assert found.values and found.values[0] == 0, found
    found = outcome(worker.run(job(f"{needle}found = 0\n{memory}result = found - 1")))
    assert found.values and found.values[0] <= 0, found


# -- systems that lack something -------------------------------------------------------------------

WITHOUT = "import sys\nfor name in {names!r}: sys.modules[name] = None\n"
POSIX = ("resource", "fcntl", "termios", "pwd", "grp", "_ctypes", "ctypes", "_posixsubprocess")


def _doctor(tmp_path: Path, before: str, **variables: str) -> dict[str, Any]:
    """What ``tutor doctor --json`` tells in a Python that is changed before it begins."""
    code = f"{before}\nimport sys\nsys.argv = ['tutor', 'doctor', '--json']\n"
    code += "from tutor.cli import main\nmain()"
    environment = {**os.environ, "TUTOR_HOME": str(tmp_path), **variables}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)["sandbox"]
    return found


@pytest.mark.parametrize("copies", [True, False])
def test_a_worker_without_the_modules_of_other_systems(
    monkeypatch: pytest.MonkeyPatch, copies: bool
) -> None:
    """Layers that can't be had are told with a reason, and code is run all the same."""
    if copies and not LINUX:
        pytest.skip("workers are copied on Linux only")
    monkeypatch.setattr(pool, "BOOT", WITHOUT.format(names=POSIX) + pool.BOOT)
    worker = start(5.0, copies=copies, left_out=("bubblewrap",))
    reply = worker.run(job("result = X.sum()"))
    worker.close()
    assert outcome(reply).values[0] == 15
    told = layers_of(reply)
    assert all(told[name] for name in ("limits", "landlock", "seccomp"))
    assert told["tripwire"] == ""


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("import sys; sys.platform = 'darwin'", "workers are copied on Linux only"),
        ("import os, sys, subprocess, typer, tutor.render\n"
         "for name in ('fork', 'getuid', 'killpg', 'pidfd_open', 'setgroups'): delattr(os, name)\n"
         "sys.platform = 'win32'", "workers are copied on Linux only"),
        ("import os; del os.pidfd_open", "workers are copied on Linux only"),
        ("import os\ndef refused(*_): raise OSError(38, 'not implemented')\n"
         "os.pidfd_open = refused", "workers are copied on Linux only"),
    ],
)  # fmt: skip
def test_the_doctor_on_other_systems(tmp_path: Path, before: str, reason: str) -> None:
    found = _doctor(tmp_path, before)
    assert found["usable"]
    told = {layer["name"]: layer["reason"] for layer in found["layers"] if not layer["active"]}
    assert reason in told["network"] and reason in told["processes"]


def test_the_doctor_without_bubblewrap(tmp_path: Path) -> None:
    found = _doctor(tmp_path, "", PATH=str(tmp_path))
    told = {layer["name"]: layer["reason"] for layer in found["layers"]}
    assert found["usable"] and told["bubblewrap"]


@pytest.mark.skipif(not LINUX, reason="bubblewrap is Linux's")
def test_the_doctor_with_a_bubblewrap_that_fails(tmp_path: Path) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    found = _doctor(tmp_path, "", PATH=f"{tmp_path}:{os.environ['PATH']}")
    told = {layer["name"]: layer["reason"] for layer in found["layers"]}
    assert found["usable"] and told["bubblewrap"] == "it doesn't work here"


def test_the_doctor_where_nothing_can_be_written(tmp_path: Path) -> None:
    found = _doctor(tmp_path, "import tempfile\ntempfile._candidate_tempdir_list = lambda: ['/no']")
    assert not found["usable"] and not found["guarded"]
    assert "no temporary folder can be made" in found["reason"]


@pytest.mark.skipif(not LINUX, reason="user namespaces are Linux's")
@pytest.mark.parametrize("more", ["", "echo 0 > /proc/sys/user/max_user_namespaces; "])
def test_the_doctor_of_a_user_without_rights(tmp_path: Path, more: str) -> None:
    """Not root, with user namespaces and without: a layer or a reason, and never a traceback."""
    unshare = shutil.which("unshare")
    probe = ["unshare", "--user", "--map-root-user", "true"]
    if unshare is None or subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("the system allows no user namespace")
    doctor = f"{sys.executable} -m tutor doctor --json"
    inner = f"{more}exec setpriv --bounding-set -all --inh-caps -all --no-new-privs {doctor}"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", inner],
        env={**os.environ, "TUTOR_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)["sandbox"]
    assert found["usable"]
    assert all(layer["active"] or layer["reason"] for layer in found["layers"])


# -- the doors themselves --------------------------------------------------------------------------


def test_every_layer_is_told_of(sandbox: Sandbox) -> None:
    layers = sandbox.layers
    assert {*layers.active, *layers.missing} >= {"limits", "landlock", "seccomp", "tripwire"}
    assert all(layers.missing.values())


def test_what_counts_as_guarded() -> None:
    assert guarded({"seccomp"}) and guarded({"landlock", "network"}) and guarded({"bubblewrap"})
    assert not guarded({"landlock", "limits", "tripwire", "user"})
    assert not guarded({"network", "tripwire", "processes"})


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for copies in (True, False) if LINUX else (False,):
        worker = start(1.0, copies=copies)
        worker.run(job("result = 1"))
        assert len(list(tmp_path.iterdir())) == 1
        worker.close()
        assert list(tmp_path.iterdir()) == []
