"""Workers of a Dask cluster: the same executor, on machines that somebody else has set up.

Every worker needs this version of exam-tutor with its libraries, and the bank's folders under the
same paths. Start workers with ``--nthreads 1``: one grades one row at a time, whatever it has.
"""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread, Timer
from typing import Any, ParamSpec, TypeVar

from tutor.batch.grader import Setup, mismatch
from tutor.batch.workers import WorkerDied
from tutor.console import complain
from tutor.refusal import Refusal

ADDRESS = re.compile(r"[a-z]+://[^/\s]+:\d{1,5}")
PATIENCE = 10.0
"""Seconds until a scheduler has to answer."""
LOOK = 2.0
"""Seconds between two looks at whether there are a scheduler and workers."""
GONE = "the scheduler is gone: go on with --resume"

P = ParamSpec("P")
T = TypeVar("T")


class Cluster(Executor):
    """An executor of a Dask client, whose futures raise WorkerDied as those of the local pool do.

    Dask gives a task to another worker when its own dies, three times; only then it gives up.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._waited: set[Future[Any]] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As Executor.submit; the future may raise WorkerDied, and Refusal without a scheduler."""
        outer: Future[T] = Future()
        self._waited.add(outer)
        outer.add_done_callback(self._waited.discard)
        self._executor.submit(fn, *args, **kwargs).add_done_callback(lambda one: _hand(one, outer))
        return outer

    def give_up(self) -> None:
        """Let all that is waited for end: Dask forgets tasks that were under way to it."""
        for future in list(self._waited):
            _fail(future, Refusal(GONE))


def _fail(future: Future[Any], error: BaseException) -> None:
    with suppress(InvalidStateError):  # it has been given up
        future.set_exception(error)


def _hand(inner: Future[T], outer: Future[T]) -> None:
    """Give what came of a task to the future that is waited for."""
    from distributed import KilledWorker

    if inner.cancelled():
        _fail(outer, Refusal(GONE))
        return
    error = inner.exception()
    if isinstance(error, KilledWorker):
        _fail(outer, WorkerDied())
    elif error is not None:
        _fail(outer, error)
    else:
        with suppress(InvalidStateError):
            outer.set_result(inner.result())


@contextmanager
def cluster(address: str, setup: Setup) -> Iterator[tuple[Executor, int]]:
    """The executor of a running cluster, and how many threads its workers have.

    Raises Refusal where none answers, has no workers, or has one that would grade otherwise.
    """
    try:
        from distributed import Client, Security
        from distributed.core import rpc
    except ImportError:
        raise Refusal("--scheduler needs Dask: pip install 'exam-tutor[dask]'") from None
    if not ADDRESS.fullmatch(address):
        raise Refusal(f"--scheduler {address}: write an address such as tcp://127.0.0.1:8786")
    with ExitStack() as stack:
        # What goes wrong is told in our own words. Each of Dask's loggers has a level of its own.
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, logging.NOTSET)
        _ask(rpc, Security, address)
        client = stack.enter_context(_client(Client, address))
        threads = fit(client, address, setup)
        executor = Cluster(client.get_executor(pure=False))
        stack.enter_context(watched(client, executor))
        yield executor, sum(threads.values())


def _ask(rpc: Any, security: Any, address: str) -> None:
    """Raise Refusal where no scheduler says that it is one.

    A client would wait for ever for what takes its connection and is silent, as a web server does.
    """

    async def ask() -> str:
        certificates = security().get_connection_args("client")
        async with rpc(address, connection_args=certificates) as there:
            return str((await there.identity())["type"])

    try:
        kind = asyncio.run(asyncio.wait_for(ask(), PATIENCE))
    except TimeoutError:
        raise Refusal(f"--scheduler {address}: no answer within {PATIENCE:g} s") from None
    except Exception as error:  # what is there may say anything
        raise Refusal(f"--scheduler {address}: no answer ({_line(error)})") from None
    if kind != "Scheduler":
        raise Refusal(f"--scheduler {address}: a {kind.lower()} answers there")


def _line(error: Exception) -> str:
    """The first line of what was said, or the kind of error where nothing was."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def _client(of: Any, address: str) -> Any:
    """A client of the scheduler. Raises Refusal."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return of(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError, ImportError) as error:
        raise Refusal(f"--scheduler {address}: no answer ({_line(error)})") from None


def fit(client: Any, address: str, setup: Setup) -> dict[str, int]:
    """Threads by worker. Raises Refusal where there is none, or one that would grade otherwise."""
    threads: dict[str, int] = client.nthreads()
    if not threads:
        raise Refusal(f"--scheduler {address}: it has no workers; start some with dask worker")
    late = Timer(PATIENCE, complain, (f"--scheduler {address}: not all workers answer yet",))
    late.daemon = True
    late.start()
    try:
        told = client.run(mismatch, setup, on_error="return")
    finally:
        late.cancel()
    for worker, why in sorted(told.items()):
        if not isinstance(why, str):
            raise Refusal(f"the worker {worker} can't grade: is exam-tutor there? ({why})")
        if why:
            raise Refusal(f"the worker {worker} would grade otherwise: {why}")
    if max(threads.values()) > 1:
        complain("a worker grades one row at a time: start workers with --nthreads 1")
    return threads


@contextmanager
def watched(client: Any, executor: Cluster) -> Iterator[None]:
    """Give up when the scheduler has gone, and say so when the last worker has.

    Dask waits for another one in silence.
    """
    over = Event()

    def look() -> None:
        before = True
        while not over.wait(LOOK):
            if client.status != "running":
                executor.give_up()
                continue
            with suppress(Exception):  # the scheduler goes at this moment
                now = bool(client.nthreads())
                if before and not now:
                    complain("no worker is left; grading goes on as soon as one is started")
                before = now

    Thread(target=look, daemon=True).start()
    try:
        yield
    finally:
        over.set()
