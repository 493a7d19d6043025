"""The layers that a worker puts between the code that it runs and the machine.

Each is a function that takes effect or raises OSError (or AttributeError, ImportError) where the
system lacks it. Only the standard library is imported: a worker has nothing else.

Sources: landlock(7), seccomp(2), namespaces(7), prctl(2), getrlimit(2) of the Linux manual.
"""

from __future__ import annotations

import os
import platform
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ctypes

GIB = 2**30
NOBODY = 65534

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
SIGCHLD = 17

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446


class Layer(NamedTuple):
    """A layer by name, and what it stops."""

    name: str
    stops: str


LAYERS = (
    Layer("bubblewrap", "files of the user: only Python's own are there"),
    Layer("network", "the network"),
    Layer("processes", "signals to others, and processes that outlive the answer"),
    Layer("user", "the user's rights"),
    Layer("limits", "more than 1 GiB of memory, files, runaway processor time"),
    Layer("landlock", "reading and writing files, connections, running programs"),
    Layer("seccomp", "every call to the system but those for computing"),
    Layer("tripwire", "the same as far as Python's own functions go"),
)


def guarded(active: set[str]) -> bool:
    """Whether the operating system itself keeps the code from files and network."""
    return "seccomp" in active or {"landlock", "network"} <= active or "bubblewrap" in active


# -- for the server that workers are copied from -------------------------------------------------


def apart_from_network() -> None:
    """An empty network; without the right to make one, as the root of a user namespace."""
    _linux()
    wanted = CLONE_NEWNET | CLONE_NEWIPC
    user, group = os.getuid(), os.getgid()
    try:
        _unshare(wanted)
    except OSError:
        _unshare(wanted | CLONE_NEWUSER)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")


def copied(*, alone: bool = True) -> tuple[int, bool]:
    """A copy of this process: 0 in the copy, else its id; and whether it is alone with itself.

    In a process namespace of its own it sees no others, and all that it started dies with it.
    """
    clone = {"x86_64": 56, "aarch64": 220}.get(platform.machine())
    if alone and sys.platform == "linux" and clone is not None:
        with suppress(ImportError):
            import ctypes

            # PyDLL keeps the interpreter's lock, so that the copy holds it too.
            libc = ctypes.PyDLL(None, use_errno=True)
            pid = libc.syscall(clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0)
            if pid >= 0:
                return pid, True
    return os.fork(), False


def die_with_parent() -> None:
    """No worker is left behind when the program is killed."""
    _prctl(PR_SET_PDEATHSIG, 9)


# -- for the worker itself -----------------------------------------------------------------------


def as_nobody() -> None:
    """From root to a user who owns nothing."""
    if os.getuid() != 0:
        raise OSError("only root can become somebody else")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def limits(seconds: float) -> None:
    """Memory, processor time, files and processes."""
    import resource

    for name, limit in (
        ("RLIMIT_AS", GIB),
        ("RLIMIT_CPU", int(seconds) + 2),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
    ):
        if hasattr(resource, name):
            _lower(resource, getattr(resource, name), limit)


def _lower(resource: Any, which: int, limit: int) -> None:
    """Set both limits; a system that knows one and refuses it (macOS: memory) leaves it out."""
    try:
        resource.setrlimit(which, (limit, limit))
    except (ValueError, OSError):
        if sys.platform == "linux":
            raise


def landlock() -> None:
    """No file, no connection, no signal and no abstract socket beyond this process."""
    _linux()
    libc = _libc()
    version = libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
    _check(version)
    files = (1 << (13 + (version >= 2) + (version >= 3) + (version >= 5))) - 1
    network = 0b11 if version >= 4 else 0
    scoped = 0b11 if version >= 6 else 0
    attributes = struct.pack("=QQQ", files, network, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = libc.syscall(LANDLOCK_CREATE_RULESET, attributes, size, 0)
    _check(rules)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    try:
        _check(libc.syscall(LANDLOCK_RESTRICT_SELF, rules, 0))
    finally:
        os.close(rules)


# Calls to the system that computing needs, by their numbers on x86_64 and aarch64.
_ALLOWED = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62),
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "mremap": (25, 216), "madvise": (28, 233), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "sched_yield": (24, 124), "futex": (202, 98), "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115), "clock_gettime": (228, 113), "gettimeofday": (96, 169),
    "getrusage": (98, 165), "getrandom": (318, 278), "getpid": (39, 172), "gettid": (186, 178),
    "restart_syscall": (219, 128), "rseq": (334, 293), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050001, 0x7FFF0000


def seccomp() -> None:
    """Every other call to the system is refused (EPERM); this can't be undone."""
    _linux()
    import ctypes

    if platform.machine() not in _ARCHITECTURES or sys.maxsize < 2**32:
        raise OSError(f"no table of calls for {platform.machine()}")
    column, architecture = _ARCHITECTURES[platform.machine()]
    numbers = sorted(numbers[column] for numbers in _ALLOWED.values())
    program = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
    ]
    # x32 calls bear numbers from 2^30 on, and would pass by another table.
    program.append((_AT_LEAST, len(numbers), 0, 0x40000000))
    for at, number in enumerate(numbers):
        program.append((_EQUAL, len(numbers) - at, 0, number))
    program += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code)
    filter = struct.pack("HL", len(program), ctypes.addressof(buffer))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    # Not dumpable: nobody may attach, and nothing of it is written to disk.
    _prctl(PR_SET_DUMPABLE, 0)
    _prctl(PR_SET_SECCOMP, 2, ctypes.c_char_p(filter))


_TRIPPED = (
    "open", "os.", "shutil.", "pathlib.", "glob.", "tempfile.", "subprocess.", "pty.", "socket.",
    "urllib.", "http.", "ftplib.", "smtplib.", "sqlite3.", "mmap.", "fcntl.", "signal.",
    "resource.", "syslog.", "webbrowser.", "winreg.", "_winapi.", "msvcrt.", "ctypes.", "import",
    "gc.", "sys._getframe", "sys._current", "sys.settrace", "sys.addaudithook", "pickle.",
    "marshal.", "code.__new__", "cpython.", "_thread.",
)  # fmt: skip


def tripwire() -> None:
    """Python's own ways out raise PermissionError; a hook can't be removed."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_TRIPPED):
            raise PermissionError(f"{event} is out of reach here")

    sys.addaudithook(hook)


def applied(layers: dict[str, Callable[[], None]]) -> dict[str, str]:
    """Put on each layer in order: "" by the name of those that hold, else why it doesn't."""
    found = {}
    for name, layer in layers.items():
        try:
            layer()
            found[name] = ""
        except (OSError, ImportError, AttributeError, ValueError) as error:
            found[name] = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return found


# -- calls to the system -------------------------------------------------------------------------


def _linux() -> None:
    if sys.platform != "linux":
        raise OSError("only Linux has it")


def _libc() -> ctypes.CDLL:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result < 0:
        import ctypes

        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _prctl(*arguments: Any) -> None:
    _linux()
    import ctypes

    words = [a if isinstance(a, ctypes.c_char_p) else ctypes.c_ulong(a) for a in arguments]
    _check(_libc().prctl(*words, *([ctypes.c_ulong(0)] * (5 - len(words)))))


def _unshare(flags: int) -> None:
    _check(_libc().unshare(flags))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
