"""A problem's page for its author: the question, what wrong answers are told, the solution.

What may fail is computed before anything is shown, so a page is whole or isn't there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.grading import grade
from engine.kinds import kind_of
from engine.language.errors import Undefined
from engine.parts import VariantPart
from engine.problem import BrokenProblem, Problem
from engine.text import linear
from engine.variant import Variant, make_variant
from engine.verdict import CORRECT, PartVerdict
from tutor.bank.bank import MAX_READ, read_file, shown_path
from tutor.bank.findings import Finding, Findings
from tutor.bank.reader import place_of, places
from tutor.layout import cells, excerpt
from tutor.linting.targets import Target
from tutor.render import Screen
from tutor.render_page import ACCENT, QUIET
from tutor.sandbox.runner import Sandbox

MOST_FINDINGS = 8


class Wish(NamedTuple):
    """Which variant to show: a seed, None for the original; and whether with the solution."""

    seed: int | None
    solution: bool


class Shown(NamedTuple):
    """All that a page holds. ``silent``: misconceptions that don't apply to these numbers."""

    variant: Variant
    hints: tuple[str, ...]
    told: tuple[PartVerdict, ...]
    silent: tuple[str, ...]


class Page(NamedTuple):
    """A file as it is now: a page, or what is wrong, with the lines where it is."""

    shown: Shown | None
    findings: tuple[Finding, ...]
    lines: tuple[str, ...]


def look(target: Target, wish: Wish) -> Page:
    """Read a file and compute its page. Raises nothing."""
    reading = read_file(target.path, target.id)
    if isinstance(reading, Findings):
        return Page(None, reading, _lines(target.path))
    try:
        return Page(_compute(reading, wish), (), ())
    except BrokenProblem as error:
        lines = _lines(target.path)
        line, column = place_of(error.trail, places("\n".join(lines)))
        file = shown_path(target.path)
        return Page(None, (Finding(file, line, column, error.trail, error.message),), lines)


def _lines(path: str) -> tuple[str, ...]:
    try:
        with open(path, "rb") as file:
            return tuple(file.read(MAX_READ).decode("utf-8", "replace").split("\n"))
    except OSError:
        return ()


def _compute(problem: Problem, wish: Wish) -> Shown:
    """All texts filled in and all misconceptions answered. Raises BrokenProblem."""
    seed = wish.seed
    if seed is None and problem.original is None:
        seed = 0
    variant = make_variant(problem, seed)
    hints = [*(linear(hint) for hint in variant.hints)]
    own = [f"{part.id}: {hint}" for part in variant.parts for hint in part.hints]
    _fill_in(variant)
    told, silent = [], []
    with Sandbox(timed=False) as run:
        for part in variant.parts:
            names = [misconception.id for misconception in part.plan.part.misconceptions]
            for name, text in _wrong_answers(variant, part):
                verdict = _graded(variant, part, text, run) if text else None
                note = verdict.note.rpartition(":")[2] if verdict is not None else ""
                if verdict is None:
                    silent.append(f"{part.id}: {name}")
                elif note != name and note in names:
                    silent.append(f"{part.id}: {name} (the same as {note})")
                else:
                    told.append(verdict)
    return Shown(variant, (*own, *hints), tuple(told), tuple(silent))


def _fill_in(variant: Variant) -> tuple[object, ...]:
    """What the page will show besides, for the errors in it. Raises BrokenProblem."""
    return variant.question, variant.solution, variant.table


def _wrong_answers(variant: Variant, part: VariantPart) -> list[tuple[str, str]]:
    """Each misconception with its value as it is typed; "" where it doesn't apply."""
    kind = kind_of(part.asked.kind)
    answers = {part.id: part.reference for part in variant.parts}
    values = {slip.id: slip.value for slip in variant.slips(part, answers)}
    found = []
    for misconception in part.plan.part.misconceptions:
        try:
            value = values.get(misconception.id)
            found.append((misconception.id, "" if value is None else kind.write(value, part.asked)))
        except Undefined:
            found.append((misconception.id, ""))
    if part.asked.kind == "choice":
        known = {text for _, text in found}
        found += [
            (choice.id, choice.id)
            for choice in part.asked.choices
            if choice.say and not choice.right and choice.id not in known
        ]
    if part.asked.kind == "choices":
        found += [
            (choice.id, _without_or_with(choice.id, part))
            for choice in part.asked.choices
            if choice.say
        ]
    return found


def _without_or_with(id: str, part: VariantPart) -> str:
    """The right options but for one: left out if it is right, ticked beside them if not."""
    ids = [choice.id for choice in part.asked.choices if choice.right != (choice.id == id)]
    return ", ".join(ids)


def _graded(variant: Variant, part: VariantPart, text: str, run: Sandbox) -> PartVerdict:
    try:
        verdicts = grade(variant, {part.id: text}, diagnose=False, run=run).parts
    except Undefined as error:
        raise BrokenProblem((*part.plan.trail, "answer"), str(error)) from None
    return next(verdict for verdict in verdicts if verdict.id == part.id)


# -- showing -------------------------------------------------------------------------------


def show(screen: Screen, shown: Shown, *, solution: bool) -> None:
    """The page, from the question to the solution."""
    screen.question(shown.variant)
    screen.parts(shown.variant)
    apart = shown.variant.table is None
    for number, hint in enumerate(shown.hints, 1):
        screen.gap(number == 1 and apart)
        screen.line(f"Hint {number} of {len(shown.hints)}: {hint}", indent=2)
    for number, verdict in enumerate(shown.told):
        screen.gap(number == 0)
        if number == 0:
            screen.line("Misconceptions", ACCENT)
        _show_wrong(screen, verdict)
    if shown.silent:
        screen.gap()
        screen.line(f"not with these numbers: {', '.join(shown.silent)}", QUIET, hang=2)
    if solution:
        screen.gap(not apart)
        screen.answers(shown.variant)
        screen.solution(shown.variant.solution)


def _show_wrong(screen: Screen, verdict: PartVerdict) -> None:
    """A wrong answer and what it is told, with the note for statistics at the right edge."""
    screen.line(f"{screen.prompt(verdict.id)}{verdict.response}", hang=2)
    note = verdict.note.rpartition(":")[2]
    if verdict.error is not None:
        screen.fault(verdict, after=note)
        return
    screen.part_verdict(verdict._replace(read_as=""), after="" if note == CORRECT else note)


def complain(screen: Screen, page: Page) -> None:
    """What is wrong, each with the line that it is in and a caret below."""
    for finding in page.findings[:MOST_FINDINGS]:
        screen.line(str(finding), "bold red", hang=2)
        _excerpt(screen, page.lines, finding)
    more = len(page.findings) - MOST_FINDINGS
    if more > 0:
        screen.line(f"and {more} more: tutor lint {page.findings[0].file}")


def _excerpt(screen: Screen, lines: Sequence[str], finding: Finding) -> None:
    if not finding.line <= len(lines) or not lines[finding.line - 1].strip():
        return
    line = lines[finding.line - 1].rstrip("\r")
    head = f"{finding.line:>5} "
    before = screen.clean(line[: finding.column - 1])
    whole = before + screen.clean(line[finding.column - 1 :])
    shown, column = excerpt(whole, len(before), screen.width - cells(head))
    screen.print_line(head + shown, QUIET)
    screen.print_line(" " * (cells(head) + column) + screen.clean("╵"))
