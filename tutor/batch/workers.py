"""Where tasks are graded: the seam is ``concurrent.futures.Executor``.

An executor of the local pool or of a cluster takes ``submit(grade_tasks, setup, tasks)``. A future
raises WorkerDied when these very tasks have ended their worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import ParamSpec, TypeVar

from tutor.batch.watch import end_with_parent, limit_memory

PRELOADED = ["tutor.cli", "tutor.batch.ready"]
P = ParamSpec("P")
T = TypeVar("T")


class WorkerDied(Exception):
    """A worker ended while it was at these tasks; ``after`` seconds, if that is known."""

    def __init__(self, after: float = 0.0) -> None:
        super().__init__()
        self.after = after


class LocalPool(ThreadPoolExecutor):
    """Processes of this machine, each with a thread that hands it its tasks.

    A process of its own for each thread tells whose tasks ended it; another one takes its place.
    """

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs)
        # Workers share the processors already.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._context = _context()
        self._mine = threading.local()
        self._processes: list[ProcessPoolExecutor] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As Executor.submit; the future may raise WorkerDied."""
        return super().submit(self._run, fn, *args, **kwargs)

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        process = getattr(self._mine, "process", None)
        if process is None:
            process = self._mine.process = ProcessPoolExecutor(1, self._context, _begin)
            self._processes.append(process)
        started = time.monotonic()
        try:
            return process.submit(fn, *args, **kwargs).result()
        except BrokenProcessPool:
            self._mine.process = None
            self._processes.remove(process)
            process.shutdown()
            raise WorkerDied(time.monotonic() - started) from None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As Executor.shutdown."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        for process in list(self._processes):
            process.shutdown(wait, cancel_futures=cancel_futures)

    def stop(self) -> None:
        """End all at once, whatever they are at. A second Ctrl-C would leave some behind."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in multiprocessing.active_children():
            process.kill()
        self.shutdown(cancel_futures=True)
        signal.signal(signal.SIGINT, before)


def _context() -> BaseContext:
    """How processes are started: forked off one that has imported all, where that can be."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver, resource_tracker

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # Ctrl-C is for this process alone: a helper that hears it would print a traceback. The tracker
    # keeps to that by itself, and lets the signal through again once it runs.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


def _begin() -> None:
    """In a new process: leave Ctrl-C to the parent, and keep to the limits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory()
    end_with_parent()
