"""Where tasks are graded: the seam is ``concurrent.futures.Executor``.

An executor of the local pool or of a cluster takes ``submit(grade_tasks, setup, tasks)``. A future
raises WorkerDied when these very tasks have ended their worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import ParamSpec, TypeVar

from tutor.batch.watch import TURN, end_with_parent, limit_memory
from tutor.refusal import Refusal

PRELOADED = ["tutor.cli", "tutor.batch.ready"]
P = ParamSpec("P")
T = TypeVar("T")
PAUSES = (0.01, 0.1, 0.5, 0.0)
"""Seconds between attempts to start a worker."""


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
        started = time.monotonic()
        try:
            future = self._handed(fn, *args, **kwargs)
            started = time.monotonic()  # without the time that a new process took to start
            return future.result()
        except BrokenProcessPool:
            self._lose_process()
            raise WorkerDied(time.monotonic() - started) from None

    def _handed(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """A task in this thread's process, which is started if need be. Raises Refusal."""
        for pause in PAUSES:
            try:
                return self._process().submit(fn, *args, **kwargs)
            except (OSError, EOFError) as error:
                # What forks may have ended; another one takes its place once that is known.
                self._lose_process()
                why = f"no worker can be started ({error}): go on with --resume when one can"
                time.sleep(pause)
        raise Refusal(why)

    def _process(self) -> ProcessPoolExecutor:
        process: ProcessPoolExecutor | None = getattr(self._mine, "process", None)
        if process is None:
            process = self._mine.process = ProcessPoolExecutor(1, self._context, _begin)
            self._processes.append(process)
        return process

    def _lose_process(self) -> None:
        process, self._mine.process = self._mine.process, None
        self._processes.remove(process)
        process.shutdown()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As Executor.shutdown."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        for process in list(self._processes):
            process.shutdown(wait, cancel_futures=cancel_futures)

    def stop(self) -> None:
        """End all at once, whatever they are at. A second Ctrl-C would leave some behind."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        ending = threading.Thread(target=self.shutdown, kwargs={"cancel_futures": True})
        ending.start()
        while ending.is_alive():  # a thread may have been about to start another process
            for process in multiprocessing.active_children():
                process.kill()
            ending.join(TURN)
        signal.signal(signal.SIGINT, before)


def _context() -> BaseContext:
    """How processes are started: forked off one that has imported all, where that can be."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver, resource_tracker

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # Ctrl-C is for this process alone: a helper that hears it would print a traceback. The tracker
    # keeps to that by itself, and lets the signal through again once it runs. It cleans up behind
    # a run that was killed, which is nothing to warn of.
    options = list(sys.warnoptions)
    sys.warnoptions.append("ignore:resource_tracker")
    resource_tracker.ensure_running()
    sys.warnoptions[:] = options
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
