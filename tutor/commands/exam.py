"""``tutor exam``: begin a mock exam or go on with one; grade it when it ends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from engine.draws import MAX_SEED
from engine.variant import Variant
from tutor.bank.bank import Bank
from tutor.clock import duration, running
from tutor.console import complain, counted
from tutor.exam.desk import Desk
from tutor.exam.drawing import new_sitting, variants_of
from tutor.exam.page import page
from tutor.exam.report import Report, graded, show
from tutor.exam.sheet import Sheet
from tutor.exam.sittings import HandedIn, Outdated, Sitting, Sittings
from tutor.paths import home
from tutor.problems import open_bank
from tutor.record import Given, attempt_of, opened_store, rescued
from tutor.refusal import Refusal
from tutor.render import Screen
from tutor.sandbox.runner import Sandbox
from tutor.store import StoreUnavailable
from tutor.terminal import Prompt

DEFAULT = "midterm"
MAX_MINUTES = 24 * 60
INTERRUPTED = 130
UNITS = ("question", "point", "minute")


class Request(NamedTuple):
    """What was asked for on the command line."""

    name: str | None
    minutes: int | None
    seed: int | None


def run(request: Request, banks: list[str], plain: bool) -> int:
    """Sit, and return the exit code. Raises Refusal."""
    if request.minutes is not None and not 1 <= request.minutes <= MAX_MINUTES:
        raise Refusal(f"--minutes {request.minutes}: from 1 to {MAX_MINUTES:,}")
    if request.seed is not None and not 0 <= request.seed <= MAX_SEED:
        raise Refusal(f"--seed {request.seed}: a seed is a whole number from 0 to 2^63-1")
    bank = open_bank(banks)
    screen = Screen(plain=plain)
    with opened_store() as store, Sandbox() as sandbox:
        sittings = Sittings(store)
        sheet = _sheet(sittings, request, bank, screen)
        desk = Desk(screen, Prompt(screen), sheet)
        if any(part.asked.kind == "code" for one in sheet.variants for part in one.parts):
            sandbox.ahead()
        try:
            if sheet.watch.over or desk.sit():
                _finish(sittings, sheet, screen, sandbox)
                return 0
            _leave(sheet, screen)
        except HandedIn:
            screen.notice("The exam was handed in from another terminal; its report is there.")
    return INTERRUPTED if desk.interrupted else 0


# -- to begin, or to go on -------------------------------------------------------------------------


def _sheet(sittings: Sittings, request: Request, bank: Bank, screen: Screen) -> Sheet:
    try:
        sitting = sittings.unfinished()
        if sitting is None:
            sitting, variants = new_sitting(
                request.name or DEFAULT, request.minutes, request.seed, bank
            )
            if sittings.begin(sitting):
                sheet = _sheet_of(sittings, sitting, dict(enumerate(variants)))
                _introduce(screen, sheet)
                return sheet
            sitting = sittings.unfinished() or sitting
        if request != (None, None, None) and request != (sitting.exam, None, None):
            raise Refusal(f"{sitting.title} is not handed in yet: tutor exam goes on with it")
        sheet = _sheet_of(sittings, sitting, variants_of(sitting, bank))
    except StoreUnavailable as error:
        raise Refusal(str(error)) from None
    if sheet.watch.over:
        screen.notice("The time ran out meanwhile. This is how it stands.")
    elif not sheet.variants:
        raise Refusal(f"{sitting.title}: none of its problems is in the bank; --bank adds a folder")
    else:
        screen.notice(f"You go on with {sitting.title}: {sheet.watch.told}, the clock ran on.")
    return sheet


def _sheet_of(sittings: Sittings, sitting: Sitting, variants: Mapping[int, Variant]) -> Sheet:
    return Sheet(sittings, sitting, variants, running(sittings.last_written(sitting), time.time))


def _introduce(screen: Screen, sheet: Sheet) -> None:
    sitting = sheet.sitting
    screen.line(sitting.title)
    points = sum(one.points for one in sitting.questions)
    pieces = zip((len(sitting.questions), points, sitting.minutes), UNITS, strict=True)
    told = ", ".join(counted(*piece) for piece in pieces)
    screen.notice(f"{told}. Drawn with --seed {sitting.seed}.")
    screen.notice("Answers can be changed until you hand in with :done; nothing is told before.")


# -- at the end ------------------------------------------------------------------------------------


def _finish(sittings: Sittings, sheet: Sheet, screen: Screen, sandbox: Sandbox) -> None:
    """Grade, hand in, and only then show the report. Raises HandedIn.

    What another terminal writes while it is graded is graded, too.
    """
    now = min(sheet.now(), sheet.sitting.ends)
    screen.notice("Grading …")
    while True:
        with suppress(Outdated):
            report, path = _handed_in(sittings, sheet, now, sandbox)
            break
    show(screen, report)
    if path is not None:
        screen.notice(f"{duration(now - sheet.sitting.began)}. The report:")
        screen.print_line(f"  {path}")


def _handed_in(
    sittings: Sittings, sheet: Sheet, now: float, sandbox: Sandbox
) -> tuple[Report, Path | None]:
    """Grade, save the report, and store the attempts. Raises HandedIn and Outdated."""
    sheet.look()
    report = graded(sheet, now, sandbox)
    attempts = [
        attempt_of(one.variant, part, sheet.sitting.name, now, 1, 0)
        for one in report.questions
        for part in one.verdict.parts
        if part.response.strip()
    ]
    path = _saved(report)
    try:
        sittings.end(sheet.sitting, sheet.stored, attempts, now)
    except StoreUnavailable as error:
        complain(f"the exam is not stored as handed in: {error}")
        complain(rescued([Given(one) for one in attempts]))
    except (HandedIn, Outdated):
        if path is not None:
            path.unlink(missing_ok=True)
        raise
    return report, path


def _saved(report: Report) -> Path | None:
    """The page's file beside the store; None where it can't be written, which is told."""
    folder = home() / "reports"
    stem = f"{report.ended:%Y-%m-%dT%H%M%S}"
    path, number = folder / f"{stem}.html", 2
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while path.exists():
            path, number = folder / f"{stem}-{number}.html", number + 1
        _write(path, page(report))
    except OSError as error:
        complain(f"the report can't be saved: {error.strerror or error}")
        return None
    return path


def _write(path: Path, text: str) -> None:
    """A new file, the whole of it or none. Raises OSError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise
    except OSError:
        path.unlink(missing_ok=True)
        raise


# -- before it is over -----------------------------------------------------------------------------


def _leave(sheet: Sheet, screen: Screen) -> None:
    """Tell how it goes on, and what of it is lost."""
    lost = sheet.settle()
    screen.gap()
    if lost:
        screen.notice(f"{lost}; that much is lost.")
    screen.notice(f"The exam is not handed in: {sheet.watch.told}. tutor exam goes on with it.")
