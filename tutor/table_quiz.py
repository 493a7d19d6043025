"""A question's table in the quiz: filled in in any order, checked when the student says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from engine.grading import grade
from engine.text import linear
from engine.verdict import CORRECT, INVALID, PartVerdict
from tutor.entry import Entry, Grid

if TYPE_CHECKING:
    from engine.parts import VariantPart
    from engine.variant import Variant
    from tutor.progress import Progress
    from tutor.record import Record
    from tutor.render import Screen
    from tutor.sandbox.runner import Sandbox
    from tutor.terminal import Prompt

TRIES = 2
GUIDE = "Tab and arrows move  :hint  :solution  :help"
CHECK = ("check", "done")


class Quiz(Protocol):
    """What a table needs of the quiz that asks it."""

    screen: Screen
    prompt: Prompt
    record: Record
    run: Sandbox | None
    guided: bool

    def command(self, progress: Progress, part: VariantPart, text: str) -> bool:
        """Do what was asked. True when the part is done with."""

    def tell_notice(self) -> None:
        """What is worth knowing of the store, once."""


def fill_in(quiz: Quiz, progress: Progress) -> None:
    """Ask for the table until no cell is open; a check with nothing new ends it, too.

    Raises GiveUp, Leave, EOFError and KeyboardInterrupt, as the quiz itself.
    """
    texts: dict[str, str] = {}
    at = ""
    if not quiz.guided:
        quiz.screen.aside(GUIDE)
        quiz.guided = True
    while _open(progress):
        quiz.screen.gap(bool(progress.verdicts))
        _fill(quiz, progress, texts, at)
        fresh = _fresh(progress, texts)
        if not fresh:
            break
        graded = _graded(quiz, progress, texts)
        faulty = next((graded[part.id] for part in fresh if _is_invalid(graded[part.id])), None)
        if faulty is not None:
            at = faulty.id
            quiz.screen.line(f"{_name(progress.variant, at)} › {texts[at]}")
            quiz.screen.fault(faulty, after="no try used")
            continue
        for part in fresh:
            progress.answered(part, texts[part.id], graded[part.id])
            quiz.record.add(progress, graded[part.id])
        at = _tell(quiz, progress)
    if progress.missed:
        quiz.screen.line("The right answers are", indent=2)
        quiz.screen.answers(progress.variant)


def _open(progress: Progress) -> dict[str, VariantPart]:
    """The cells that aren't right and have a try left."""
    return {
        part.id: part
        for part in progress.variant.parts
        if not _is_right(progress, part) and progress.tries[part.id] < TRIES
    }


def _fresh(progress: Progress, texts: Mapping[str, str]) -> list[VariantPart]:
    """The open cells with an answer that wasn't graded yet."""
    before = progress.responses
    return [
        part
        for id, part in _open(progress).items()
        if texts.get(id) and texts[id] != before.get(id)
    ]


def _fill(quiz: Quiz, progress: Progress, texts: dict[str, str], at: str) -> None:
    """Let the open cells be filled in; commands are obeyed on the way."""
    variant, parts = progress.variant, _open(progress)
    assert variant.table is not None

    def redraw() -> None:
        quiz.screen.anew()
        quiz.screen.question(variant, table=False)
        quiz.screen.aside(GUIDE)

    def last() -> str:
        return "check" if _fresh(progress, texts) else "end"

    settled = {id: one for id, one in progress.verdicts.items() if id not in parts}
    asked = {id: part.asked for id, part in parts.items()}
    grid = Grid(
        variant.table, asked, quiz.screen.filled(settled), last, lambda id, text: None, redraw
    )
    entry = Entry(grid, quiz.prompt, texts)
    if at in parts:
        entry.go_to(at)
    while command := entry.fill():
        if command[1:].strip().casefold() in CHECK:
            return
        part = list(parts.values())[min(entry.at, len(parts) - 1)]
        if quiz.command(progress, part, command):
            entry.go_on()


def _graded(quiz: Quiz, progress: Progress, texts: Mapping[str, str]) -> dict[str, PartVerdict]:
    responses = {**progress.responses, **{id: text for id, text in texts.items() if text}}
    return {one.id: one for one in grade(progress.variant, responses, run=quiz.run).parts}


def _tell(quiz: Quiz, progress: Progress) -> str:
    """Every cell's mark, and the first wrong one explained; its id, or "" where all is right."""
    variant = progress.variant
    quiz.tell_notice()
    wrong = [part for part in variant.parts if not _is_right(progress, part)]
    if not wrong:
        return ""
    quiz.screen.marked_table(variant, progress.verdicts)
    first = next((part.id for part in wrong if part.id in progress.verdicts), "")
    if first:
        left = TRIES - progress.tries[first]
        quiz.screen.line(f"{_name(variant, first)} › {progress.responses[first]}")
        remark = f"{left} try left" if left else ""
        quiz.screen.part_verdict(progress.verdicts[first], after=remark)
    else:
        quiz.screen.notice(f"So far all is right; {len(wrong)} cells are empty.")
    return first


def _is_right(progress: Progress, part: VariantPart) -> bool:
    verdict = progress.verdicts.get(part.id)
    return verdict is not None and verdict.verdict == CORRECT


def _is_invalid(verdict: PartVerdict) -> bool:
    return verdict.verdict == INVALID


def _name(variant: Variant, id: str) -> str:
    return linear(variant.part(id).asked.ask) or id
