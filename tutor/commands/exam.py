"""``tutor exam``: begin a mock exam or go on with one; grade it when it ends."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from engine.draws import MAX_SEED
from engine.problem import BrokenProblem
from tutor.bank.bank import Bank
from tutor.clock import duration, stamp
from tutor.console import complain
from tutor.exam.desk import Desk
from tutor.exam.drawing import new_sitting, variants_of
from tutor.exam.page import page
from tutor.exam.report import Report, graded, show
from tutor.exam.sheet import Sheet
from tutor.exam.sittings import Sittings
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
        if sheet.watch.over or desk.sit():
            _finish(sittings, sheet, screen, sandbox)
            return 0
    left = sheet.watch.told
    screen.gap()
    screen.notice(f"The exam is not handed in: {left}. tutor exam goes on with it.")
    return INTERRUPTED if desk.interrupted else 0


# -- to begin, or to go on -------------------------------------------------------------------------


def _sheet(sittings: Sittings, request: Request, bank: Bank, screen: Screen) -> Sheet:
    try:
        sitting = sittings.unfinished()
        if sitting is None:
            sitting, variants = new_sitting(
                request.name or DEFAULT, request.minutes, request.seed, bank
            )
            sittings.begin(sitting)
            sheet = Sheet(sittings, sitting, variants, time.time)
            _introduce(screen, sheet)
            return sheet
        if request != (None, None, None) and request != (sitting.exam, None, None):
            raise Refusal(f"{sitting.title} is not handed in yet: tutor exam goes on with it")
        sheet = Sheet(sittings, sitting, variants_of(sitting, bank), time.time)
    except StoreUnavailable as error:
        raise Refusal(str(error)) from None
    if sheet.watch.over:
        screen.notice("The time ran out meanwhile. This is how it stands.")
    else:
        screen.notice(f"You go on with {sitting.title}: {sheet.watch.told}, the clock ran on.")
    return sheet


def _introduce(screen: Screen, sheet: Sheet) -> None:
    sitting = sheet.sitting
    screen.line(sitting.title)
    points = sum(one.points for one in sitting.questions)
    told = f"{len(sitting.questions)} questions, {points} points, {sitting.minutes} minutes"
    screen.notice(f"{told}. Drawn with --seed {sitting.seed}.")
    screen.notice("Answers can be changed until you hand in with :done; nothing is told before.")


# -- at the end ------------------------------------------------------------------------------------


def _finish(sittings: Sittings, sheet: Sheet, screen: Screen, sandbox: Sandbox) -> None:
    """Grade, store the attempts, show the report and save it. Raises Refusal."""
    sitting = sheet.sitting
    now = min(sheet.now, sitting.ends)
    screen.notice("Grading …")
    try:
        report = graded(sheet, stamp(now), round((now - sitting.began) / 60), sandbox)
    except BrokenProblem as error:
        raise Refusal(f"an answer can't be graded, and the exam stays as it is: {error}") from None
    attempts = [
        attempt_of(one.variant, part, sitting.name, now, 1, 0)
        for one in report.questions
        for part in one.verdict.parts
        if part.response.strip()
    ]
    try:
        sittings.end(sitting, attempts, now)
    except StoreUnavailable as error:
        complain(f"the exam is not stored as handed in: {error}")
        complain(rescued([Given(one) for one in attempts]))
    show(screen, report)
    try:
        path = _save(report)
    except OSError as error:
        complain(f"the report can't be saved: {error.strerror or error}")
    else:
        screen.notice(f"{duration(now - sitting.began)}. The report:")
        screen.print_line(f"  {path}")


def _save(report: Report) -> Path:
    """Write the page beside the store. Raises OSError."""
    folder = home() / "reports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = report.ended.replace(":", "").replace("Z", "")
    path, number = folder / f"{stem}.html", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.html", number + 1
    path.write_text(page(report), encoding="utf-8")
    return path
