"""Where tasks are graded: the seam is ``concurrent.futures.Executor``.

An executor of the local pool or of a cluster takes ``submit(grade_tasks, setup, tasks)``. A future
raises WorkerDied when these very tasks have ended their worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from tutor.batch.watch import end_with_parent, limit_memory

PRELOADED = ["tutor.cli", "tutor.batch.ready"]
P = ParamSpec("P")
T = TypeVar("T")


class WorkerDied(Exception):
    """A worker ended while it was at these tasks."""


class LocalPool(ThreadPoolExecutor):
    """Processes of this machine, each with a thread that hands it its tasks.

    A process of its own for each thread tells whose tasks ended it; another one takes its place.
    """

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs)
        # Workers share the processors already.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context("forkserver" if forks else "spawn")
        if forks:
            self._context.set_forkserver_preload(PRELOADED)
        self._mine = threading.local()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As Executor.submit; the future may raise WorkerDied."""
        return super().submit(self._run, fn, *args, **kwargs)

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        process = getattr(self._mine, "process", None)
        if process is None:
            process = self._mine.process = ProcessPoolExecutor(
                1, mp_context=self._context, initializer=_begin
            )
        try:
            return process.submit(fn, *args, **kwargs).result()
        except BrokenProcessPool:
            self._mine.process = None
            raise WorkerDied from None

    def stop(self) -> None:
        """End all at once, whatever they are at."""
        self.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()


def _begin() -> None:
    """In a new process: leave Ctrl-C to the parent, and keep to the limits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory()
    end_with_parent()
