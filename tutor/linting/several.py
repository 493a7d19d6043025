"""Many problem files at a time, in as many processes as there are processors."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tutor.bank.findings import Finding
from tutor.linting.files import check_file
from tutor.linting.targets import Target

WORTH_IT = 6
"""Files a process has to get for its start to pay."""


def check_files(
    targets: Sequence[Target], seeds: int, *, measures: bool = False
) -> Iterator[list[Finding]]:
    """The findings of each file, in the order of the files."""
    check = partial(check_file, seeds=seeds, measures=measures)
    processes = min(os.cpu_count() or 1, len(targets) // WORTH_IT)
    if processes < 2:
        yield from map(check, targets)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    pool = ProcessPoolExecutor(processes, get_context("spawn"))
    try:
        with _unheard_by_others():
            found = pool.map(check, targets)
        yield from found
    except BaseException:
        for process in active_children():
            process.terminate()  # what they are at is of no use to anybody
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _unheard_by_others() -> Iterator[None]:
    """Ctrl-C is for this process: those that are started meanwhile don't hear it."""
    import signal

    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)
