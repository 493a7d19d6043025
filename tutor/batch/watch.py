"""Limits of time and memory for a row, and an end for a worker that nobody waits for."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import ClassVar, Self

MEMORY = 4 << 30
"""Bytes of addresses that a worker may use."""

TURN = 0.05  # seconds between two looks
GRACE = 1.0  # seconds for a row to notice that its time is over
GONE = 3  # exit code of a worker that had to be ended


class OutOfTime(BaseException):
    """The row's time is over. Not an Exception, which the code that is stopped may catch."""


class Watch:
    """``with watch:`` raises OutOfTime in this thread after that many seconds; None: never.

    What doesn't listen (a call into a C library, a sleep) ends the whole process ``GRACE``
    seconds later. One thread at a time may be inside; nothing runs while none is.
    """

    _lock = threading.Lock()
    _armed: ClassVar[Watch | None] = None  # whose end of the process it is: there is one for all

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._thread = 0
        self._started = 0.0
        self._thrown = False
        self._looking = False

    def __enter__(self) -> Self:
        if self.seconds is not None:
            with self._lock:
                self._thread, self._started = threading.get_ident(), time.monotonic()
                self._thrown = False
                if not self._looking:
                    self._looking = True
                    self._arm()
                    threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            with self._lock:
                thread, self._thread = self._thread, 0
                if self._thrown and kind is not OutOfTime:
                    _throw(thread, None)  # it came too late
        finally:
            self._thread = 0

    def _arm(self) -> None:
        """End the process even if a library holds the interpreter, so that nobody can look."""
        assert self.seconds is not None
        Watch._armed = self
        faulthandler.dump_traceback_later(self.seconds + 2 * GRACE, exit=True, file=_NOWHERE)

    def _look(self) -> None:
        assert self.seconds is not None
        armed = time.monotonic()
        while True:
            time.sleep(TURN)
            with self._lock:
                if not self._thread:
                    if Watch._armed is self:
                        faulthandler.cancel_dump_traceback_later()
                    self._looking = False
                    return
                now = time.monotonic()
                late = now - self._started - self.seconds
                if late > GRACE:
                    os._exit(GONE)
                if late > 0 and not self._thrown:
                    self._thrown = True
                    _throw(self._thread, OutOfTime)
                if now - armed > GRACE / 2:
                    self._arm()
                    armed = now


_NOWHERE = os.open(os.devnull, os.O_WRONLY)


def _throw(thread: int, what: type[BaseException] | None) -> None:
    """Raise in a thread at its next step, or take that back."""
    error = ctypes.py_object(what) if what is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)


def limit_memory() -> None:
    """Let what needs too much memory fail, where the system can say so."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def end_with_parent() -> None:
    """End this process when the one that started it ends, however that goes."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(GONE)

    threading.Thread(target=wait, daemon=True).start()
