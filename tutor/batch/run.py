"""``tutor check FILE`` from the first row to the summary."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import NamedTuple

from tutor.bank.bank import Bank
from tutor.batch.dispatch import Dispatcher
from tutor.batch.grader import Setup, mismatch
from tutor.batch.machine import cores, versions
from tutor.batch.output import continued, output
from tutor.batch.results import Gradescope, JsonLines, Table
from tutor.batch.rows import FOREIGN, Source, opened
from tutor.batch.tally import Tally
from tutor.batch.workers import LocalPool
from tutor.console import clean, complain
from tutor.refusal import Refusal
from tutor.render_progress import meter

SECONDS = 30.0
"""For one row, unless something else is said."""

MAX_SECONDS = 86_400.0
FORMATS = ("jsonl", "csv", "gradescope")
MAX_JOBS = 512
TOLD = 100
"""Rows after which progress is told again."""


class ClassRequest(NamedTuple):
    """A file of responses, and how it is to be graded. ``format``: empty for that of ``out``."""

    source: str
    out: str | None = None
    format: str = ""
    jobs: int | None = None
    seconds: float = SECONDS
    resume: bool = False
    trust_code: bool = False
    scheduler: str | None = None
    plain: bool = False


def grade_file(request: ClassRequest, bank: Bank) -> int:
    """Grade every row of a ``.jsonl`` or ``.csv`` file (``-``: JSON Lines on stdin).

    A row an input row in the same order, in the file or on stdout; what came of it on stderr.
    Raises Refusal when a file can't be opened, and for code that nothing would confine.
    """
    kind = _checked(request)
    setup = Setup(bank.folders, request.trust_code, request.seconds, versions(bank))
    tally = Tally()
    with opened(request.source) as source:
        rows = source.rows()
        format = _format(kind, source)
        if request.resume:
            assert request.out is not None and not isinstance(format, Gradescope)
            writing = continued(request.out, request.source, format, rows, tally, bank)
        else:
            writing = output(request.out, request.source, format)
        # Workers first: a file is not emptied for a cluster that isn't there.
        with _workers(request, setup) as (executor, width), writing as results:
            dispatcher = Dispatcher(source, executor, setup, width)
            with meter("rows", plain=request.plain) as shown:
                for done, result in enumerate(dispatcher.results(rows), 1):
                    results.write(format.text(result.given, result.graded))
                    results.flush()
                    tally.add(result.graded)
                    if done % TOLD == 0:
                        shown.at(done, result.read / source.size if source.size else 0.0)
            results.write(format.tail())
        foreign = source.foreign
    if sys.stderr is not None:
        for line in tally.lines():
            print(clean(line), file=sys.stderr)
    if mismatch(setup):
        complain("the bank has changed meanwhile, and some verdicts may be by the new one")
    if foreign:
        complain(f"{request.source}: some bytes are not UTF-8, and are read as {FOREIGN}")
    complain(tally.summary())
    return 0


def _format(kind: str, source: Source) -> JsonLines | Table | Gradescope:
    if kind == "csv":
        return Table(source.columns)
    return Gradescope() if kind == "gradescope" else JsonLines()


def _checked(request: ClassRequest) -> str:
    """The format. Raises Refusal for what doesn't fit together."""
    kind = request.format or ("csv" if (request.out or "").lower().endswith(".csv") else "jsonl")
    if kind not in FORMATS:
        raise Refusal(f"--format {kind}: there are {', '.join(FORMATS)}")
    if request.resume and request.out is None:
        raise Refusal("--resume goes on with a file: name it with -o OUT")
    if request.resume and request.source == "-":
        raise Refusal("--resume needs the file of responses, and - can't be read again")
    if request.resume and kind == "gradescope":
        raise Refusal("--resume goes with rows: results.json is written as a whole")
    if request.jobs is not None and request.scheduler is not None:
        raise Refusal("-j is for this machine: a cluster has the workers that it has")
    if request.jobs is not None and not 1 <= request.jobs <= MAX_JOBS:
        raise Refusal(f"-j {request.jobs}: from 1 to {MAX_JOBS} processes")
    if not 0 < request.seconds <= MAX_SECONDS:
        raise Refusal(
            f"--timeout {request.seconds:g}: seconds for a row, more than 0 and at most a day"
        )
    return kind


@contextmanager
def _workers(request: ClassRequest, setup: Setup) -> Iterator[tuple[Executor, int]]:
    """An executor, and how many batches keep it busy."""
    if request.scheduler is not None:
        from tutor.batch.cluster import cluster

        with cluster(request.scheduler, setup) as (executor, threads):
            yield executor, 2 * threads + 2
        return
    jobs = request.jobs or cores()
    pool = LocalPool(jobs)
    try:
        yield pool, 2 * jobs + 2
    except BaseException:
        pool.stop()
        raise
    pool.shutdown()
