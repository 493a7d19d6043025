"""The process that runs code, started as ``python -I -S``: it sees one answer, then it is gone.

On Linux a server imports NumPy, and each worker is a copy of it: the server never sees an answer,
so there is none in the memory that the next worker starts with. Elsewhere a worker is a process
that was started ahead, for one answer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from time import perf_counter, process_time
from types import CodeType, FrameType
from typing import Any, NamedTuple

from tutor.sandbox import layers, wire

FILE = "<answer>"
MAX_REPLY = 6_000_000
"""Bytes of one program's results."""
MAX_VARIABLE = 200_000
"""Bytes of a variable or a step that is sent beside the results."""
MAX_VARIABLES = 40
PROBE_WITHIN = 0.25
"""Seconds of the processor: the steps of code that took longer aren't computed once more."""
MAX_MESSAGE = 400
READY, START, KILL = b"r", b"s", b"k"


# -- running -------------------------------------------------------------------------------------


def serve(job: bytes, send: Callable[[bytes], object]) -> None:
    """Run the programs of a job on its cases, and send a frame after each program."""
    packet = next(wire.packets(job))
    cases = [
        {name: _given(value, packet.body) for name, value in case.items()}
        for case in packet.head["cases"]
    ]
    for program in packet.head["programs"]:
        packer = wire.Packer()
        outcomes = [_outcome(program, case, packer) for case in cases]
        if packer.size > MAX_REPLY:
            packer = wire.Packer()
            outcomes = [{"stopped": "output"} for _ in cases]
        send(packer.frame({"outcomes": outcomes}))


def _given(value: Any, body: bytes) -> Any:
    return wire.unpacked(value, body) if isinstance(value, dict) else value


def _outcome(program: wire.Json, given: Mapping[str, Any], packer: wire.Packer) -> wire.Json:
    """What one program does with one case: its results or what it raised, steps and times."""
    import numpy as np

    arguments = {
        name: value.copy() if isinstance(value, np.ndarray) else value
        for name, value in given.items()
    }
    found: wire.Json = {}
    space: dict[str, Any] = {}
    started, busy = perf_counter(), process_time()
    try:
        results = _results(program, arguments, space)
        found["seconds"] = perf_counter() - started
        found["values"] = [_packed(result, packer) for result in results]
    except BaseException as error:
        found["seconds"] = perf_counter() - started
        found["raised"] = _raised(error)
    if program["probes"] and process_time() - busy < PROBE_WITHIN:
        found["probes"] = [_probe(text, space, packer) for text in program["probes"]]
        found["variables"] = _variables(space, given, packer)
    found["changed"] = [
        name
        for name, value in given.items()
        if isinstance(value, np.ndarray) and not _same(value, arguments[name])
    ]
    return found


@lru_cache(maxsize=64)
def _compiled(source: str, mode: str) -> CodeType:
    """The code of one program or probe, once for all cases."""
    return compile(source, FILE, mode)


def _results(program: wire.Json, arguments: dict[str, Any], space: dict[str, Any]) -> list[Any]:
    """The results of a program; ``space`` is filled with the names that it works with."""
    import numpy as np

    space.update(np=np, numpy=np, **arguments)
    source, mode, names = program["source"], program["mode"], program["returns"]
    if mode == "expression":
        return _several(eval(_compiled(source, "eval"), space), names)
    exec(_compiled(source, "exec"), space)
    if mode == "statements":
        also = [name for name in program["also"] if name in space]
        return [_named(space, [name, *also]) for name in names]
    function = space[program["entry"]]
    values = [arguments[name] for name in program["parameters"]]
    return _several(_call(function, values, space), names)


def _named(space: Mapping[str, Any], names: list[str]) -> Any:
    """What the first of the names that has a value stands for."""
    for name in names:
        if name in space:
            return space[name]
    raise NameError(f"{names[0]} has no value at the end")


def _call(function: Any, values: list[Any], space: dict[str, Any]) -> Any:
    """Call a function, and keep what its names stood for when it returned."""
    code: CodeType | None = getattr(function, "__code__", None)

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "return" and frame.f_code is code:
            space.update(frame.f_locals)

    sys.setprofile(note)
    try:
        return function(*values)
    finally:
        sys.setprofile(None)


def _several(value: Any, names: list[str]) -> list[Any]:
    if len(names) == 1:
        return [value]
    if type(value) not in (tuple, list) or len(value) != len(names):
        raise TypeError(f"{len(names)} results are asked: {', '.join(names)}")
    return list(value)


def _packed(value: Any, packer: wire.Packer) -> wire.Json:
    """Plain numbers and arrays of them, by their exact types; nothing asks an object itself."""
    import numpy as np

    if type(value) in (list, tuple):
        try:
            value = np.array(value)
        except ValueError:
            return {"type": "a ragged list"}
    if type(value) in (bool, int, float) or isinstance(value, np.generic):
        value = np.asarray(value)
    if type(value) is not np.ndarray:
        return {"type": type(value).__name__[:40]}
    kind = value.dtype.kind
    if kind not in "biuf":
        return {"type": f"an array of {value.dtype.name[:40]}"}
    wanted = {"b": "|b1", "f": "<f8"}.get(kind, "<i8")
    if value.nbytes > MAX_REPLY:
        return {"type": "an array that is too large"}
    return packer.array(np.ascontiguousarray(value, dtype=wanted).reshape(value.shape))


def _small(value: Any, packer: wire.Packer) -> wire.Json | None:
    import numpy as np

    if type(value) is np.ndarray and value.nbytes > MAX_VARIABLE:
        return None
    if packer.size > MAX_REPLY // 2:
        return None
    if type(value) not in (np.ndarray, float, int, bool) and not isinstance(value, np.generic):
        return None
    packed = _packed(value, packer)
    return None if "type" in packed else packed


def _probe(text: str, space: dict[str, Any], packer: wire.Packer) -> wire.Json | None:
    """The value of a part of an expression, or what it raises."""
    try:
        return _small(eval(_compiled(text, "eval"), space), packer)
    except BaseException as error:
        return {"raised": _raised(error)}


def _variables(
    space: Mapping[str, Any], given: Mapping[str, Any], packer: wire.Packer
) -> wire.Json:
    own = [name for name in space if name not in given and not name.startswith("_")]
    packed = {name: _small(space[name], packer) for name in own[:MAX_VARIABLES]}
    return {name: value for name, value in packed.items() if value is not None}


def _raised(error: BaseException) -> wire.Json:
    """The class, the words and the line of the answer in which it was raised."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        message = str(error)[:MAX_MESSAGE]
    except BaseException:
        message = ""
    return {"type": type(error).__name__[:60], "message": message, "line": line}


def _same(before: Any, after: Any) -> bool:
    import numpy as np

    if type(after) is not np.ndarray or before.dtype != after.dtype:
        return False
    same: bool = before.shape == after.shape and before.tobytes() == after.tobytes()
    return same


class Plan(NamedTuple):
    """How long a worker has, and the names of the layers that it leaves out."""

    seconds: float
    left_out: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        return name not in self.left_out


# -- the process ---------------------------------------------------------------------------------


def prepare() -> None:
    """NumPy as far as answers may need it, and nothing left of the environment."""
    import numpy as np

    for name in ("linalg", "fft", "ma", "polynomial", "random", "strings"):
        getattr(np, name, None)
    np.linalg.inv(np.eye(2))
    # Whatever NumPy imports when it is first used has to be there before files are out of reach.
    np.einsum("ij,jk->ik", np.eye(2), np.eye(2))
    np.median(np.eye(3), axis=0)
    np.nanmean(np.eye(2))
    np.array2string(np.eye(2))
    np.random.default_rng(0).random(2)
    compile("é = 1", FILE, "exec")
    with suppress(ImportError):  # Windows
        import resource  # noqa: F401
    os.environ.clear()
    sys.path.clear()
    sys.argv = [""]


def quieted() -> None:
    """Nothing is printed, and no warning looks for the line of a file."""
    import warnings

    warnings.simplefilter("ignore")
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        setattr(sys, name, _Nowhere() if "in" not in name else None)


class _Nowhere:
    """Takes what is printed."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def confined(plan: Plan) -> dict[str, str]:
    """Put on every layer that the worker itself puts on, but those that are left out."""
    known: dict[str, Callable[[], None]] = {
        "user": layers.as_nobody,
        "parent": layers.die_with_parent,  # behind it: another user's wish is forgotten
        "limits": lambda: layers.limits(plan.seconds),
        "landlock": layers.landlock,
        "seccomp": layers.seccomp,
        "tripwire": layers.tripwire,
    }
    return layers.applied({name: layer for name, layer in known.items() if plan.has(name)})


def read_all(descriptor: int, size: int) -> bytes:
    """So many bytes, or as many as come."""
    pieces = []
    while size > 0:
        piece = os.read(descriptor, min(size, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def read_frame(descriptor: int) -> bytes:
    head = read_all(descriptor, wire.HEAD.size)
    if len(head) < wire.HEAD.size:
        raise EOFError
    return head + read_all(descriptor, sum(wire.HEAD.unpack(head)))


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def once(plan: Plan) -> None:
    """A worker on its standard streams, for one answer: where workers can't be copied."""
    prepare()
    quieted()
    report = {**_absent(), **confined(plan)}
    write_all(1, wire.Packer().frame({"layers": report}))
    serve(read_frame(0), lambda frame: write_all(1, frame))
    os._exit(0)


def _absent() -> dict[str, str]:
    why = "workers are copied on Linux only"
    return {"network": why, "processes": why}


def server(control: int, plan: Plan, report: Mapping[str, str]) -> None:
    """Copy this process for each answer; end when nobody is at the other end of ``control``.

    A message START bears the channel of one answer. When its worker is gone, its exit status is
    sent back; KILL ends it.
    """
    import socket

    layers.applied({"parent": layers.die_with_parent})
    prepare()
    quieted()
    wanted = {"network": layers.apart_from_network} if plan.has("network") else {}
    network = layers.applied(wanted)
    channel = socket.socket(fileno=control)
    channel.sendall(READY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not message:
            os._exit(0)
        if not descriptors:
            continue
        pid, alone = layers.copied(alone=plan.has("processes"))
        if pid == 0:
            told = "" if alone else "there is no right to a process namespace"
            _become_worker(descriptors[0], plan, {**report, **network, "processes": told})
        os.close(descriptors[0])
        channel.sendall(str(_ended(pid, channel)).encode().ljust(8))


def _ended(pid: int, channel: Any) -> int:
    """Wait for a worker, and kill it when that is asked; its exit code, negative for a signal."""
    import select

    watch = os.pidfd_open(pid)
    try:
        while True:
            ready, _, _ = select.select([watch, channel], [], [])
            if watch in ready:
                break
            channel.recv(1)
            os.kill(pid, 9)
    finally:
        os.close(watch)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _become_worker(channel: int, plan: Plan, report: Mapping[str, str]) -> None:
    """In the copy: nothing open but the channel, all layers on, one answer, and the end."""
    try:
        os.dup2(channel, 0)
        os.closerange(1, 1024)
        report = {**report, **confined(plan)}
        job = read_frame(0)
        write_all(0, wire.Packer().frame({"layers": report}))
        serve(job, lambda frame: write_all(0, frame))
    finally:
        os._exit(0)


def main() -> None:
    """``worker MODE CONTROL SECONDS LEFT_OUT BUBBLEWRAP``, MODE once or server."""
    mode, control, seconds, left_out, wrapped = sys.argv[1:6]
    plan = Plan(float(seconds), tuple(left_out.split(",")))
    if mode == "once":
        once(plan)
    server(int(control), plan, {"bubblewrap": wrapped})
