"""How far a long command is: a bar on a terminal's stderr, lines now and then with --plain."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tutor.console import complain

EVERY = 10.0
"""Seconds between two lines."""
WHOLE = 1_000_000


class Meter(Protocol):
    """Is told how far it is."""

    def at(self, done: int, share: float) -> None:
        """So many are done; ``share`` of the whole, 0 where that isn't known."""


class _Silent:
    def at(self, done: int, share: float) -> None:
        """Nobody looks."""


class _Lines:
    def __init__(self, what: str) -> None:
        self._what = what
        self._started = self._told = time.monotonic()
        self._first = 1.0

    def at(self, done: int, share: float) -> None:
        """A line every ten seconds."""
        now = time.monotonic()
        self._first = min(self._first, share)  # not 0 where a run goes on with another
        if now - self._told >= EVERY:
            self._told = now
            took = now - self._started
            ours = share - self._first
            left = f", about {took * (1 - share) / ours:.0f} s to go" if ours > 0 else ""
            complain(f"{done:,} {self._what}, {done / took:,.0f} a second{left}")


@contextmanager
def meter(what: str, *, plain: bool) -> Iterator[Meter]:
    """What shows on stderr how many, as ``rows``, are done, if that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield _Silent()
    elif plain:
        yield _Lines(what)
    else:
        with _bar(what) as bar:
            yield bar


@contextmanager
def _bar(what: str) -> Iterator[Meter]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        TextColumn("{task.fields[reached]}", justify="right"),
        TextColumn("{task.fields[done]:,} {task.description}"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(compact=True),
    )
    progress = Progress(*columns, console=Console(stderr=True), transient=True)

    class Bar:
        def __init__(self) -> None:
            self._task = progress.add_task(what, total=None, done=0, rate=0.0, reached="")
            self._started = time.monotonic()
            self._going = False

        def at(self, done: int, share: float) -> None:
            rate = done / max(time.monotonic() - self._started, 1e-3)
            total, reached = WHOLE if share else None, int(WHOLE * share)
            if not self._going:  # where a run goes on with another, that was no work of ours
                self._going = True
                progress.reset(self._task, total=total, completed=reached)
            progress.update(
                self._task,
                total=total,
                completed=reached,
                done=done,
                rate=rate,
                reached=f"{share:4.0%}" if share else "",
            )

    with progress:
        yield Bar()
