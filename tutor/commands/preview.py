"""``tutor preview``: a problem's page, drawn again whenever its file is saved."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from engine.draws import MAX_SEED
from tutor.authoring.preview import Page, Wish, complain, look, show
from tutor.bank.bank import Bank, UnknownName
from tutor.linting.targets import Target, target_of
from tutor.problems import open_bank, parse_code
from tutor.refusal import Refusal
from tutor.render import Screen
from tutor.render_page import QUIET

COULD_NOT_RUN = 2
EVERY = 0.05
"""Seconds between two looks at the file: a person sees no delay, and it costs no power."""
CLEAR = "\x1b[H\x1b[2J\x1b[3J"
Stamp = tuple[int, int, int] | None


class Request(NamedTuple):
    """What was asked for on the command line."""

    problem: str
    seed: int | None
    watch: bool
    solution: bool


def run(request: Request, banks: Sequence[str], plain: bool) -> int:
    """Show the page; with ``--watch`` until Ctrl-C. Raises Refusal, and KeyboardInterrupt."""
    target, seed = _chosen(request, open_bank(banks))
    wish = Wish(seed, request.solution)
    if request.watch:
        _watch(target, wish, plain)
    page = look(target, wish)
    _draw(Screen(plain=plain), page, None, wish)
    return COULD_NOT_RUN if page.findings else 0


def _chosen(request: Request, bank: Bank) -> tuple[Target, int | None]:
    """The file and the seed, None for the original. Raises Refusal."""
    if request.seed is not None and not 0 <= request.seed <= MAX_SEED:
        raise Refusal(f"--seed {request.seed}: a seed is a whole number from 0 to 2^63-1")
    if os.path.isfile(request.problem):
        return target_of(request.problem), request.seed
    asked = parse_code(request.problem)
    try:
        target = Target(asked.id, bank.path(asked.id))
    except UnknownName as error:
        raise Refusal(str(error)) from None
    named = asked.seed if isinstance(asked.seed, int) else None
    return target, request.seed if request.seed is not None else named


def _watch(target: Target, wish: Wish, plain: bool) -> None:
    """Draw at once and after every save, until Ctrl-C. Raises KeyboardInterrupt."""
    good: Page | None = None
    stamp: Stamp = (-1, -1, -1)
    first = True
    try:
        while True:
            stamp = _next(target.path, stamp)
            page = look(target, wish)
            screen = Screen(plain=plain)
            _clear(screen, first)
            _draw(screen, page, good, wish)
            screen.gap()
            screen.line("Drawn anew whenever the file is saved; Ctrl-C ends.", QUIET)
            sys.stdout.flush()
            good, first = page if page.shown is not None else good, False
    except KeyboardInterrupt:
        print(flush=True)
        raise


def _next(path: str, seen: Stamp) -> Stamp:
    """Wait until a file isn't as it was. Between a deletion and a renaming it isn't there."""
    while True:
        stamp = _stamp(path)
        if stamp is None:
            time.sleep(2 * EVERY)
            stamp = _stamp(path)
        if stamp != seen:
            return stamp
        time.sleep(EVERY)


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _clear(screen: Screen, first: bool) -> None:
    """An empty terminal; where the cursor may not move, a line between the pages."""
    if screen.terminal and not screen.plain and os.environ.get("TERM", "dumb") != "dumb":
        sys.stdout.write(CLEAR)
        sys.stdout.flush()
    elif not first:
        screen.gap()
        screen.line("Saved:")
        screen.gap()


def _draw(screen: Screen, page: Page, good: Page | None, wish: Wish) -> None:
    """The page; or the last one that was whole, and below it what is wrong now."""
    if page.shown is not None:
        show(screen, page.shown, solution=wish.solution)
        return
    if good is not None and good.shown is not None:
        show(screen, good.shown, solution=wish.solution)
        screen.gap()
        screen.rule()
        screen.line("That is how it was before. Now:", QUIET)
    complain(screen, page)
