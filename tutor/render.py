"""What a person sees: questions, verdicts, tables and summaries on a terminal or in a pipe.

Everything shown passes through here. A student's or author's text is never markup, control
characters never reach the terminal, and each verdict is a word and a sign beside its colour.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import IO, TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.text import Text as Line

from engine.text import Display, Prose, Text, linear
from engine.verdict import CORRECT, INCORRECT, INVALID, PARTIAL, PartVerdict, Verdict
from tutor.console import clean
from tutor.layout import cells, column_widths, excerpt, marks, paragraphs, points, wrap

if TYPE_CHECKING:
    from engine.problem import Problem
    from engine.variant import Layout, Variant, VariantPart

MAX_WIDTH = 92
MIN_WIDTH = 32
PIPE_WIDTH = 80
GAP = 3
REASON = 14
"""Where the reason begins, behind the verdict's word."""
ACCENT = "bold cyan"
QUIET = "dim"
MARKS = {CORRECT: "✓", PARTIAL: "◐", INCORRECT: "✗", INVALID: "?"}
STYLES = {CORRECT: "bold green", PARTIAL: "bold yellow", INCORRECT: "bold red", INVALID: "bold"}
FOLLOWED = "⤷"
TO_FILL_IN = "·"


class Tally(NamedTuple):
    """How a quiz went: its title, questions and marks, and lines that say more."""

    title: str
    questions: int
    earned: Fraction
    possible: Fraction
    minutes: int
    lines: Sequence[str] = ()


class _Output(Console):
    """Rich's console without its own idea of how a program ends when nobody reads on."""

    def on_broken_pipe(self) -> None:
        raise


class Screen:
    """Draws on stdout; ``plain`` leaves out colour, lines and two-dimensional maths."""

    def __init__(
        self, *, plain: bool = False, file: IO[str] | None = None, width: int | None = None
    ) -> None:
        output = file or sys.stdout
        self.plain = plain
        self.terminal = output is not None and output.isatty()
        self.width = max(min(width or _terminal_width(output), MAX_WIDTH), MIN_WIDTH)
        self.encoding = _encoding(output)
        self._console = _Output(
            file=file,
            width=self.width,
            color_system=None if plain or not self.terminal else "auto",
            force_terminal=self.terminal,
            force_interactive=False,
            highlight=False,
            emoji=False,
            markup=False,
        )

    # -- building blocks ------------------------------------------------------------------

    def line(self, text: str = "", style: str = "", *, indent: int = 0, hang: int = 0) -> None:
        """A paragraph, wrapped to the width; ``hang`` indents the lines it goes on in."""
        for row in wrap(self._clean(text), self.width - indent, hang):
            self._print(" " * indent + row if row else "", style)

    def gap(self, wanted: bool = True) -> None:
        """An empty line."""
        if wanted:
            self._print("")

    def rule(self) -> None:
        """A line across the page."""
        if not self.plain:
            self._print(self._clean("─" * self.width), QUIET)

    def notice(self, text: str) -> None:
        """Something to know that isn't part of the quiz."""
        self.line(text, QUIET)

    def aside(self, text: str) -> None:
        """Something small at the right edge."""
        if text:
            self._beside([], text)

    def _beside(self, lines: Sequence[Line], remark: str) -> None:
        """Lines, and a remark at the right edge of the last one, or of one more."""
        rows, remark = list(lines), self._clean(remark)
        if remark and (not rows or rows[-1].cell_len + 2 + cells(remark) > self.width):
            rows.append(Line())
        if remark:
            space = self.width - rows[-1].cell_len - cells(remark)
            narrow = GAP if rows[-1] else 0
            rows[-1].append(" " * (min(space, narrow) if self.plain else space))
            rows[-1].append(remark, style=QUIET)
        for row in rows:
            self._print(row)

    def text(self, text: Text, *, indent: int = 0) -> None:
        """A text with its displayed maths on lines of its own."""
        for number, block in enumerate(text):
            self.gap(number > 0)
            if isinstance(block, Prose):
                for number_, paragraph in enumerate(paragraphs(block.text)):
                    self.gap(number_ > 0)
                    self.line(paragraph, indent=indent)
            else:
                self._display(block, indent + 4)

    def _display(self, block: Display, indent: int) -> None:
        drawn = [] if self.plain else self._drawn(block)
        if drawn and max(map(cells, drawn)) + indent <= self.width:
            for row in drawn:
                self._print(" " * indent + row)
        else:
            self.line(linear((block,)).strip(), indent=indent)

    def _drawn(self, block: Display) -> list[str]:
        """Two-dimensional maths; nothing where the terminal lacks characters for it."""
        from engine.language.layout import two_dimensional

        rows = two_dimensional(block.maths)
        return rows if all(self._clean(row) == row for row in rows) else []

    def _clean(self, text: str) -> str:
        return clean(text, self.encoding)

    def _print(self, row: str | Line, style: str = "") -> None:
        line = Line(row, style=style) if isinstance(row, str) else row
        self._console.print(line, soft_wrap=True)

    # -- a question -----------------------------------------------------------------------

    def question(self, variant: Variant, place: str = "", *, apart: bool = False) -> None:
        """The head line (code, title, points, place in the quiz) and the question.

        Raises BrokenProblem before anything is shown.
        """
        asked, table = variant.question, variant.table
        self.gap(apart)
        left = self._clean(variant.code)
        worth = " · ".join(filter(None, (points(variant.problem.points), place)))
        right = self._clean(f"{variant.problem.title} · {worth}")
        space = self.width - cells(left) - cells(right)
        if self.plain or space < 2:
            fits = cells(right) <= self.width
            self.line(left, ACCENT)
            self.lines([right] if fits else [variant.problem.title, worth], QUIET)
        else:
            self._print(Line(left, style=ACCENT).append(" " * space + right, style=QUIET))
        self.rule()
        self.text(asked)
        self.gap()
        if table is not None:
            self.table(table, {})
            self.gap()

    def parts(self, variant: Variant) -> None:
        """Every part of a question by its id, for reading without answering."""
        if variant.table is not None:
            return
        for part in variant.parts:
            self.line(f"{part.id} › {_asked(part)}".rstrip(), hang=len(part.id) + 3)
            self.options(part)

    def ask(self, part: VariantPart, remark: str = "") -> None:
        """What one part asks, a remark at the right edge, and the options."""
        asked = self._clean(_asked(part))
        asked += ":" if asked and asked[-1] not in ".:?!" else ""
        rows = wrap(asked, self.width) if asked else []
        self._beside([Line(row) for row in rows], remark)
        self.options(part)

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
            self.line(f"{name} = {key}", hang=cells(name) + 3)

    def solution(self, variant: Variant) -> None:
        """The worked solution."""
        solution = variant.solution
        if solution:
            self.gap()
            self.line("Solution", ACCENT)
            self.text(solution, indent=2)

    # -- tables ---------------------------------------------------------------------------

    def table(self, layout: Layout, filled: Mapping[str, str]) -> None:
        """A table with the cells that are filled in."""
        if self.plain:
            self._told_rows(layout, filled)
            return
        body = [[label, *(_cell(cell, filled) for cell in row)] for label, *row in layout.lines]
        rows = [[self._clean(cell) for cell in row] for row in (layout.headings, *body)]
        self.columns(rows, (QUIET,))

    def _told_rows(self, layout: Layout, filled: Mapping[str, str]) -> None:
        """A table for reading aloud: a line a row, each cell behind its heading."""
        for label, *row in layout.lines:
            named = zip(layout.headings[1:], row, strict=True)
            told = [f"{name}: {_cell(cell, filled, 'to fill in')}" for name, cell in named if cell]
            self.line(f"{label}. {'; '.join(told)}", hang=2)

    def columns(
        self, rows: Sequence[Sequence[str]], styles: Sequence[str] = (), room: int | None = None
    ) -> None:
        """Rows in columns, narrowed to the room; ``styles`` are those of the first rows."""
        widths = column_widths(rows, room or self.width, GAP)
        for number, row in enumerate(rows):
            style = styles[number] if number < len(styles) else ""
            wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
            for at in range(max(map(len, wrapped))):
                pieces = [lines[at] if at < len(lines) else "" for lines in wrapped]
                padded = (p + " " * (w - cells(p)) for p, w in zip(pieces, widths, strict=True))
                self._print((" " * GAP).join(padded).rstrip(), style)

    # -- verdicts -------------------------------------------------------------------------

    def read_as(self, verdict: PartVerdict, indent: int = 2) -> None:
        """How an answer was read, unless that is plain to see."""
        if verdict.read_as and verdict.read_as.strip() != verdict.response.strip():
            told = f"read as  {verdict.read_as}"
            fits = indent + cells(told) <= self.width
            self.line(told, QUIET, indent=indent if fits else 2, hang=9)

    def part_verdict(self, verdict: PartVerdict, *, indent: int = 2, after: str = "") -> None:
        """How an answer was read, the verdict by its word, and why.

        ``indent`` is where the answer was typed; ``after`` stands at the right edge.
        """
        self.read_as(verdict, indent)
        if verdict.verdict == PARTIAL:
            earned = marks(verdict.score, verdict.max_score)
            after = f"{earned} · {after}" if after else earned
        self._outcome(verdict, verdict.feedback, after)

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
            self._print(" " * column + self._clean("╵"))
        self._outcome(verdict, (fault.message,), after)

    def _show_place(self, response: str, at: int) -> int | None:
        """Show the line of a response that holds a place; the column of the place on it."""
        first = response.rfind("\n", 0, at) + 1
        line = response[first:].split("\n")[0]
        if not line.strip():
            return None
        before, after = self._clean(line[: at - first]), self._clean(line[at - first :])
        shown, column = excerpt(before + after, len(before), self.width - 3)
        self._print("  " + shown)
        return column + 2

    def _outcome(self, verdict: PartVerdict, reasons: Sequence[str], after: str) -> None:
        """The verdict's sign and word, the reasons beside it, a remark at the right edge."""
        word = self._clean(f"{_mark(verdict)} {verdict.verdict}")
        told = self._clean("\n".join(reasons))
        rows = wrap(told, self.width - REASON) if told else [""]
        lines = [" " * REASON + row if row else "" for row in rows]
        lines[0] = word.ljust(REASON) + rows[0] if rows[0] else word
        head = Line(lines[0][: len(word)], style=STYLES[verdict.verdict])
        first = Line().append(head).append(lines[0][len(word) :])
        self._beside([first, *map(Line, lines[1:])], after)

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
        self.line(f"{verdict.verdict} · {_marks(variant, verdict.parts)}", STYLES[verdict.verdict])

    def _echo(self, part: PartVerdict) -> int | None:
        """Show a part's answer behind its id; where it begins, if it is one line that fits."""
        prompt, answer = self.prompt(part.id), self._clean(part.response.rstrip())
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
            self.fault(part, start + cells(self._clean(part.response[: part.error.start])))

    def marks(self, variant: Variant, verdicts: Iterable[PartVerdict]) -> None:
        """What a question of several parts earned, in one line."""
        self.line(_marks(variant, verdicts), QUIET)

    def marked_table(self, variant: Variant, verdicts: Mapping[str, PartVerdict]) -> None:
        """The table as filled in, each cell with its mark."""
        if variant.table is None:
            return
        filled = {id: f"{_value(verdict)} {_mark(verdict)}" for id, verdict in verdicts.items()}
        self.table(variant.table, filled)
        if any(verdict.follow_through for verdict in verdicts.values()):
            self.line(f"{FOLLOWED} right from your own earlier answer", QUIET)

    def summary(self, tally: Tally) -> None:
        """The end of a quiz."""
        self.gap()
        self.rule()
        told = f"{tally.questions} question" + ("" if tally.questions == 1 else "s")
        total = marks(tally.earned, tally.possible)
        took = [f"{tally.minutes} min"] if tally.minutes else []
        indent = cells(tally.title) + GAP if len(tally.title) < 20 else 2
        self.line(f"{tally.title}   " + " · ".join([told, total, *took]), ACCENT)
        for line in tally.lines:
            self.line(line, indent=indent)

    # -- lists ----------------------------------------------------------------------------

    def listing(self, problems: Sequence[Problem]) -> None:
        """Problems with their titles and points; a line a problem for programs to read."""
        rows = [
            [self._clean(text) for text in (problem.id, problem.title, points(problem.points))]
            for problem in problems
        ]
        if rows:
            self.columns(rows, room=None if self.terminal else sys.maxsize)

    def lines(self, lines: Iterable[str], style: str = "") -> None:
        """Several paragraphs."""
        for line in lines:
            self.line(line, style)

    # -- a prompt -------------------------------------------------------------------------

    def prompt(self, label: str) -> str:
        """What stands before an answer that is typed."""
        return f"{self._clean(label)} {self._clean('›')} "

    def styled_prompt(self, label: str) -> str:
        """The same as a line editor needs it: escape sequences marked as taking no room."""
        text = self.prompt(label)
        with self._console.capture() as captured:
            self._console.print(Line(text, style=ACCENT), end="")
        before, _, after = captured.get().partition(text)
        return f"\x01{before}\x02{text}\x01{after}\x02" if before else text


def _terminal_width(output: IO[str] | None) -> int:
    """COLUMNS if it is set, else the terminal's width, else 80."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:6]) > 0:
        return int(told[:6])
    try:
        return os.get_terminal_size(output.fileno()).columns or PIPE_WIDTH if output else PIPE_WIDTH
    except (OSError, ValueError):
        return PIPE_WIDTH


def _encoding(output: IO[str] | None) -> str:
    name = codecs.lookup(getattr(output, "encoding", None) or "utf-8").name
    return "utf-8" if name.startswith("utf") else name


def _asked(part: VariantPart) -> str:
    """What a part asks; nothing if its id says as much."""
    asked = linear(part.asked.ask)
    return "" if asked.casefold() == part.id.casefold() else asked


def _key(part: VariantPart) -> str:
    from engine.kinds import kind_of

    return kind_of(part.asked.kind).write(part.reference, part.asked)


def _cell(cell: str, filled: Mapping[str, str], empty: str = TO_FILL_IN) -> str:
    """The text of a table's cell, which is given behind ``=``, a part's id, or nothing."""
    if not cell or cell.startswith("="):
        return cell[1:]
    return filled.get(cell, empty)


def _value(verdict: PartVerdict) -> str:
    """An answer as a table shows it: the value of a product, or what was typed."""
    return verdict.read_as.rpartition(" = ")[2] or verdict.response.strip()


def _mark(verdict: PartVerdict) -> str:
    return FOLLOWED if verdict.follow_through else MARKS[verdict.verdict]


def _marks(variant: Variant, verdicts: Iterable[PartVerdict]) -> str:
    """``18 of 21 cells · 5.4 of 6 points``."""
    found = list(verdicts)
    right = sum(verdict.verdict == CORRECT for verdict in found)
    earned = sum((verdict.score for verdict in found), Fraction(0))
    what = "cells" if variant.table is not None else "parts"
    total = marks(earned, variant.problem.points)
    return f"{right} of {len(variant.parts)} {what} · {total}"
