"""What a person sees: questions, verdicts, tables and summaries on a terminal or in a pipe.

Everything shown passes through here. A student's or author's text is never markup, control
characters never reach the terminal, and each verdict is a word and a sign beside its colour.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text as Line

from engine.text import Text, linear
from engine.verdict import CORRECT, INCORRECT, INVALID, PARTIAL, PartVerdict, Verdict
from tutor.layout import base, cells, excerpt, marks, points, wrap
from tutor.render_page import ACCENT, GAP, QUIET, Page

if TYPE_CHECKING:
    from engine.parts import Layout, VariantPart
    from engine.problem import Problem
    from engine.variant import Variant
    from tutor.picking import Picking

REASON = 14
"""Where the reason begins, behind the verdict's word."""
MARKS = {CORRECT: "✓", PARTIAL: "◐", INCORRECT: "✗", INVALID: "?"}
STYLES = {CORRECT: "bold green", PARTIAL: "bold yellow", INCORRECT: "bold red", INVALID: "bold"}
FOLLOWED = "⤷"
FOLLOWS = "right from your own earlier answer"
TO_FILL_IN = "·"


class Tally(NamedTuple):
    """How a quiz went: its title, questions and marks, and lines that say more.

    ``again`` holds a command and stays on one line, to be pasted.
    """

    title: str
    questions: int
    earned: Fraction
    possible: Fraction
    minutes: int
    lines: Sequence[str] = ()
    again: str = ""


class Screen(Page):
    """Questions, verdicts, tables and summaries."""

    # -- a question -----------------------------------------------------------------------

    def question(
        self,
        variant: Variant,
        place: str = "",
        *,
        worth: str = "",
        apart: bool = False,
        table: bool = True,
    ) -> None:
        """The head line (code, title, what it is worth, place in the quiz) and the question.

        ``table``: whether its table stands below, to be filled in.

        Raises BrokenProblem before anything is shown.
        """
        asked, layout = variant.question, variant.table
        self.gap(apart)
        left = self.clean(variant.code)
        worth = worth or points(variant.problem.points)
        worth = self.dot.join(filter(None, (worth, place)))
        right = self.clean(f"{variant.problem.title}{self.dot}{worth}")
        space = self.width - cells(left) - cells(right)
        if self.plain or space < 2:
            fits = cells(right) <= self.width
            self.line(left, ACCENT)
            self.lines([right] if fits else [variant.problem.title, worth], QUIET)
        else:
            self.print_line(Line(left, style=ACCENT).append(" " * space + right, style=QUIET))
        self.rule()
        self.text(asked)
        self.gap()
        if table and layout is not None:
            self.table(layout, {})
            self.gap()

    def parts(self, variant: Variant) -> None:
        """Every part of a question by its id, for reading without answering."""
        if variant.table is not None:
            return
        for part in variant.parts:
            self.line(f"{part.id} › {_asked(part)}".rstrip(), hang=len(part.id) + 3)
            self.options(part)

    def ask(self, part: VariantPart, remark: str = "", picking: Picking | None = None) -> None:
        """What one part asks, a remark at the right edge, and the options with their letters."""
        asked = self.clean(_asked(part))
        asked += ":" if asked and asked[-1] not in ".:?!" else ""
        rows = wrap(asked, self.width) if asked else []
        self.beside([Line(row) for row in rows], remark)
        for row in picking.rows("", self.width, boxes=False) if picking is not None else ():
            self.print_line(self.clean(row.text))

    def options(self, part: VariantPart) -> None:
        """The options of a choice, the ids in a column."""
        wide = max((cells(choice.id) for choice in part.asked.choices), default=0) + 2
        for choice in part.asked.choices:
            same = choice.text.casefold() == choice.id.replace("-", " ")
            told = choice.id if same else choice.id.ljust(wide) + choice.text
            self.line(told, indent=2, hang=0 if same else wide)

    def answers(self, variant: Variant) -> None:
        """The right answer of every part."""
        keys = {part.id: _key(part) for part in variant.parts}
        if variant.table is not None:
            self.table(variant.table, keys)
            return
        self.gap()
        for name, key in keys.items():
            if "\n" in key:
                self.line(f"{name} =")
                self.line(key, indent=2)
            else:
                self.line(f"{name} = {key}", hang=cells(name) + 3)

    def solution(self, solution: Text) -> None:
        """The worked solution."""
        if solution:
            self.gap()
            self.line("Solution", ACCENT)
            self.text(solution, indent=2)

    # -- tables ---------------------------------------------------------------------------

    def table(self, layout: Layout, filled: Mapping[str, str]) -> None:
        """A table with the cells that are filled in; told row by row where it has no room."""
        body = [[label, *(_cell(cell, filled) for cell in row)] for label, *row in layout.lines]
        rows = [[self.clean(cell) for cell in row] for row in (layout.headings, *body)]
        if self.plain or not self.fits(rows):
            self._told_rows(layout, filled)
        else:
            self.columns(rows, (QUIET,))

    def _told_rows(self, layout: Layout, filled: Mapping[str, str]) -> None:
        """A table for reading aloud: a line a row, each cell behind its heading."""
        for label, *row in layout.lines:
            named = zip(layout.headings[1:], row, strict=True)
            told = [f"{name}: {_cell(cell, filled, 'to fill in')}" for name, cell in named if cell]
            self.line(f"{label}. {'; '.join(told)}", hang=2)

    # -- verdicts -------------------------------------------------------------------------

    def read_as(self, verdict: PartVerdict, indent: int = 2) -> None:
        """How an answer was read, unless that is plain to see, and what may surprise in it."""
        if verdict.read_as and verdict.read_as.strip() != verdict.response.strip():
            self.remark(f"read as  {verdict.read_as}", indent, 9)
        for warning in verdict.warnings:
            self.remark(f"note  {warning}", indent, 6)

    def remark(self, told: str, indent: int = 2, hang: int = 9) -> None:
        """Something small below an answer that was typed from the column ``indent`` on."""
        fits = indent + cells(told) <= self.width
        self.line(told, QUIET, indent=indent if fits else 2, hang=hang)

    def part_verdict(self, verdict: PartVerdict, *, indent: int = 2, after: str = "") -> None:
        """How an answer was read, the verdict by its word, and why.

        ``indent`` is where the answer was typed; ``after`` stands at the right edge.
        """
        self._point_at_slip(verdict, indent)
        self.read_as(verdict, indent)
        if verdict.verdict == PARTIAL:
            earned = marks(verdict.score, verdict.max_score)
            after = self.dot.join(dict.fromkeys(filter(None, (earned, after))))
        nothing = () if verdict.response.strip() else ("no answer",)
        self._outcome(verdict, verdict.feedback or nothing, after)

    def _point_at_slip(self, verdict: PartVerdict, indent: int) -> None:
        """A line under the stretch of the answer, typed from ``indent`` on, that the slip is in."""
        diagnosis, typed = verdict.diagnosis, verdict.response
        if diagnosis is None or diagnosis.place is None or indent <= 2 or "\n" in typed:
            return
        start, end = (cells(self.clean(typed[:at])) for at in diagnosis.place)
        if indent + end < self.width:
            self.print_line(" " * (indent + start) + self.clean("‾" * max(end - start, 1)), QUIET)

    def fault(self, verdict: PartVerdict, column: int | None = None, *, after: str = "") -> None:
        """Why an answer can't be read, the caret under the place in it.

        ``column``: where that place stands on the screen, in the line just above; None shows
        the line once more.
        """
        fault = verdict.error
        assert fault is not None
        if column is None:
            column = self._show_place(verdict.response, fault.start)
        if column is not None:
            self.print_line(" " * column + self.clean("╵"))
        self._outcome(verdict, (fault.message,), after)

    def unreadable(self, message: str, column: int | None) -> None:
        """Why an answer can't be read, where no verdict is told."""
        if column is not None:
            self.print_line(" " * column + self.clean("╵"))
        self.line(message, indent=2)

    def _show_place(self, response: str, at: int) -> int | None:
        """Show the line of a response that holds a place; the column of the place on it."""
        first = response.rfind("\n", 0, at) + 1
        line = response[first:].split("\n")[0]
        if not line.strip():
            return None
        at = base(line, at - first)
        before, after = self.clean(line[:at]), self.clean(line[at:])
        shown, column = excerpt(before + after, len(before), self.width - 3)
        self.print_line("  " + shown)
        return column + 2

    def _outcome(self, verdict: PartVerdict, reasons: Sequence[str], after: str) -> None:
        """The verdict's sign and word, the reasons beside it, a remark at the right edge."""
        word = self.clean(f"{sign(verdict)} {verdict.verdict}")
        told = self.clean("\n".join(reasons))
        rows = wrap(told, self.width - REASON) if told else [""]
        lines = [" " * REASON + row if row else "" for row in rows]
        lines[0] = word.ljust(REASON) + rows[0] if rows[0] else word
        head = Line(lines[0][: len(word)], style=STYLES[verdict.verdict])
        first = Line().append(head).append(lines[0][len(word) :])
        self.beside([first, *map(Line, lines[1:])], after)

    def verdict(self, verdict: Verdict, variant: Variant | None) -> None:
        """A whole response, as ``tutor check`` shows it."""
        if verdict.code is not None:
            self.line(verdict.code, ACCENT)
        if variant is None or len(verdict.parts) == 1:
            self._answer(verdict.parts[0])
            return
        answered = [part for part in verdict.parts if part.response.strip()]
        if variant.table is not None:
            self.marked_table(variant, {part.id: part for part in answered})
            answered = [part for part in answered if part.verdict != CORRECT]
        for part in answered:
            self._answer(part, self._echo(part))
        left = [part.id for part in verdict.parts if not part.response.strip()]
        if left:
            self.line(f"no answer: {', '.join(left)}", hang=2)
        self.gap()
        told = f"{verdict.verdict}{self.dot}{self._marks(variant, verdict.parts)}"
        self.line(told, STYLES[verdict.verdict])

    def section(self, title: str, remark: str) -> None:
        """A heading, and a remark at the right edge."""
        self.beside([Line(self.clean(title), style=ACCENT)], remark)
        self.rule()

    def graded(self, number: str, variant: Variant, remark: str, verdict: Verdict) -> None:
        """The answers with their verdicts, and the right ones where they were missed.

        Of a table, the wrong cells only.
        """
        self.beside([Line(self.clean(f"{number}  {variant.problem.title}"))], remark)
        self.notice(variant.code)
        missed = [part for part in verdict.parts if part.verdict != CORRECT]
        table = variant.table is not None
        self.marked_table(variant, {p.id: p for p in verdict.parts if p.response.strip()})
        for part in missed if table else verdict.parts:
            if part.response.strip():
                self._answer(part, self._echo(part))
            elif not table:
                self.line(f"{self.prompt(part.id)}no answer")
            if part in missed and not table:
                self.answer_to(variant.part(part.id))
        if table and missed:
            self.line("The right answers are", indent=2)
            self.answers(variant)

    def answer_to(self, part: VariantPart) -> None:
        """What a part's right answer is."""
        key = _key(part)
        if "\n" not in key:
            self.line(f"The answer is {key}", indent=2)
        else:
            self.line("The answer is", indent=2)
            self.line(key, indent=4)

    def _echo(self, part: PartVerdict) -> int | None:
        """Show a part's answer behind its id; where it begins, if it is one line that fits."""
        prompt, answer = self.prompt(part.id), self.clean(part.response.rstrip())
        fits = "\n" not in answer and cells(prompt + answer) <= self.width
        self.line(prompt + (answer if fits else ""))
        return cells(prompt) if fits else None

    def _answer(self, part: PartVerdict, start: int | None = None) -> None:
        """The verdict on an answer that was typed, or echoed, from the column ``start``."""
        if part.error is None:
            self.part_verdict(part, indent=start or 2)
        elif start is None:
            self.fault(part)
        else:
            at = base(part.response, part.error.start)
            self.fault(part, start + cells(self.clean(part.response[:at])))

    def marks(self, variant: Variant, verdicts: Iterable[PartVerdict]) -> None:
        """What a question of several parts earned, in one line."""
        self.line(self._marks(variant, verdicts), QUIET)

    def _marks(self, variant: Variant, verdicts: Iterable[PartVerdict]) -> str:
        """``18 of 21 cells · 5.4 of 6 points``."""
        found = list(verdicts)
        right = sum(verdict.verdict == CORRECT for verdict in found)
        earned = sum((verdict.score for verdict in found), Fraction(0))
        what = "cells" if variant.table is not None else "parts"
        total = marks(earned, variant.problem.points)
        return f"{right} of {len(variant.parts)} {what}{self.dot}{total}"

    def marked_table(self, variant: Variant, verdicts: Mapping[str, PartVerdict]) -> None:
        """The table as filled in, each cell with its mark."""
        if variant.table is None:
            return
        self.table(variant.table, self.filled(verdicts))
        if any(verdict.follow_through for verdict in verdicts.values()):
            self.line(f"{FOLLOWED} {FOLLOWS}", QUIET)

    def filled(self, verdicts: Mapping[str, PartVerdict]) -> dict[str, str]:
        """The cells of a table with their marks."""
        return {id: f"{value(verdict)} {sign(verdict)}" for id, verdict in verdicts.items()}

    def summary(self, tally: Tally) -> None:
        """The end of a quiz."""
        self.gap()
        self.rule()
        told = f"{tally.questions} question" + ("" if tally.questions == 1 else "s")
        total = marks(tally.earned, tally.possible)
        took = [f"{tally.minutes} min"] if tally.minutes else []
        score = self.dot.join([told, total, *took])
        head = f"{tally.title}{' ' * GAP}{score}"
        fits = cells(head) <= self.width
        self.line(head if fits else tally.title, ACCENT)
        indent = cells(tally.title) + GAP if len(tally.title) < 20 else 2
        for line in tally.lines if fits else (score, *tally.lines):
            self.line(line, indent=indent)
        if tally.again:
            self.print_line(" " * indent + self.clean(tally.again))

    # -- lists ----------------------------------------------------------------------------

    def listing(self, problems: Sequence[Problem]) -> None:
        """Problems with their titles and points; a line a problem for programs to read."""
        rows = [
            [self.clean(text) for text in (problem.id, problem.title, points(problem.points))]
            for problem in problems
        ]
        if rows and self.terminal and not self.fits(rows):
            for id, title, worth in rows:
                self.line(id)
                self.line(f"{title}{self.dot}{worth}", indent=2)
        elif rows:
            self.columns(rows, room=None if self.terminal else sys.maxsize)


def _asked(part: VariantPart) -> str:
    """What a part asks; nothing if its id says as much."""
    asked = linear(part.asked.ask)
    return "" if asked.casefold() == part.id.casefold() else asked


def _key(part: VariantPart) -> str:
    from engine.kinds import kind_of

    return kind_of(part.asked.kind).tell(part.reference, part.asked)


def _cell(cell: str, filled: Mapping[str, str], empty: str = TO_FILL_IN) -> str:
    """The text of a table's cell, which is given behind ``=``, a part's id, or nothing."""
    if not cell or cell.startswith("="):
        return cell[1:]
    return filled.get(cell, empty)


def value(verdict: PartVerdict) -> str:
    """An answer as a table shows it: the value of a product, or what was typed."""
    return verdict.read_as.rpartition(" = ")[2] or verdict.response.strip()


def sign(verdict: PartVerdict) -> str:
    """The verdict's sign, which stands beside its word or in a cell."""
    return FOLLOWED if verdict.follow_through else MARKS[verdict.verdict]
