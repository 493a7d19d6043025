"""Workers of a Dask cluster: the same executor, on machines that somebody else has set up.

Every worker needs this version of exam-tutor with its libraries, and the bank's folders under the
same paths. Start workers with ``--nthreads 1``: one grades one row at a time, whatever it has.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar, cast

from tutor.batch.grader import Setup, mismatch
from tutor.batch.workers import WorkerDied
from tutor.console import complain
from tutor.refusal import Refusal

ADDRESS = re.compile(r"[a-z]+://[^/\s]+:\d{1,5}/?")
PATIENCE = 10.0
"""Seconds until a scheduler has to answer."""

P = ParamSpec("P")
T = TypeVar("T")


class Cluster(Executor):
    """An executor of a Dask client, whose futures raise WorkerDied as those of the local pool do.

    Dask gives a task to another worker when its own dies, three times; only then it gives up.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As Executor.submit; the future may raise WorkerDied, and Refusal without a scheduler."""
        outer: Future[T] = Future()
        self._executor.submit(fn, *args, **kwargs).add_done_callback(lambda one: _hand(one, outer))
        return outer


def _hand(inner: Future[T], outer: Future[T]) -> None:
    """Give what came of a task to the future that is waited for."""
    from distributed import KilledWorker

    if inner.cancelled():
        outer.set_exception(Refusal("the scheduler is gone: go on with --resume"))
        return
    error = inner.exception()
    if isinstance(error, KilledWorker):
        outer.set_exception(WorkerDied())
    elif error is not None:
        outer.set_exception(error)
    else:
        outer.set_result(inner.result())


@contextmanager
def cluster(address: str, setup: Setup) -> Iterator[tuple[Executor, int]]:
    """The executor of a running cluster, and how many threads its workers have.

    Raises Refusal where none answers, has no workers, or has one that would grade otherwise.
    """
    try:
        from distributed import Client
    except ImportError:
        raise Refusal("--scheduler needs Dask: pip install 'exam-tutor[dask]'") from None
    if not ADDRESS.fullmatch(address):
        raise Refusal(f"--scheduler {address}: write an address such as tcp://127.0.0.1:8786")
    # What goes wrong is told in our own words.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            client: Any = cast("Any", Client)(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Refusal(f"--scheduler {address}: no answer ({error})") from None
    with client:
        threads = client.nthreads()
        if not threads:
            raise Refusal(f"--scheduler {address}: it has no workers; start some with dask worker")
        for worker, why in sorted(client.run(mismatch, setup, on_error="return").items()):
            if not isinstance(why, str):
                raise Refusal(f"the worker {worker} can't grade: is exam-tutor there? ({why})")
            if why:
                raise Refusal(f"the worker {worker} would grade otherwise: {why}")
        if max(threads.values()) > 1:
            complain("a worker grades one row at a time: start workers with --nthreads 1")
        yield Cluster(client.get_executor(pure=False)), sum(threads.values())
