"""What a person sees: questions, verdicts, tables and summaries on a terminal or in a pipe.

Everything shown passes through here. A student's or author's text is never markup, control
characters never reach the terminal, and each verdict is a word and a sign beside its colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text as Line

from engine.text import HARD_SPACE, Display, Prose, Text, linear
from engine.verdict import CORRECT, INCORRECT, INVALID, PARTIAL, PartVerdict, Verdict
from tutor.console import clean

if TYPE_CHECKING:
    from engine.problem import Problem
    from engine.variant import Layout, Variant, VariantPart

MAX_WIDTH = 92
PLAIN_WIDTH = 80
ACCENT = "bold cyan"
MARKS = {CORRECT: "✓", PARTIAL: "◐", INCORRECT: "✗", INVALID: "?"}
STYLES = {CORRECT: "bold green", PARTIAL: "bold yellow", INCORRECT: "bold red", INVALID: "bold"}
FOLLOWED = "⤷"


class Screen:
    """Draws on stdout; ``plain`` leaves out colour, lines and two-dimensional maths."""

    def __init__(self, *, plain: bool = False, console: Console | None = None) -> None:
        self.plain = plain
        self.console = console or Console(
            highlight=False,
            emoji=False,
            markup=False,
            no_color=True if plain else None,
            width=PLAIN_WIDTH if plain else None,
        )
        self.width = min(self.console.width, MAX_WIDTH)

    # -- building blocks ------------------------------------------------------------------

    def line(self, text: str = "", style: str = "", *, indent: int = 0) -> None:
        """A paragraph, wrapped to the width, every line of it indented."""
        for piece in clean(text).split("\n") or [""]:
            wrapped = Line(piece, style=style).wrap(self.console, max(self.width - indent, 20))
            for part in wrapped or [Line("")]:
                shown = " " * indent + part.plain.rstrip().replace(HARD_SPACE, " ")
                self.console.print(Line(shown, style=style), soft_wrap=True)

    def gap(self, wanted: bool = True) -> None:
        """An empty line."""
        if wanted:
            self.console.print()

    def rule(self) -> None:
        """A line across the page."""
        if not self.plain:
            self.console.print("─" * self.width, style="dim", soft_wrap=True)

    def notice(self, text: str) -> None:
        """Something to know that isn't part of the quiz."""
        self.line(text, "dim" if not self.plain else "")

    def text(self, text: Text, *, indent: int = 0) -> None:
        """A text with its displayed maths on lines of its own."""
        for number, block in enumerate(text):
            self.gap(number > 0)
            if isinstance(block, Prose):
                for number_, paragraph in enumerate(_paragraphs(block.text)):
                    self.gap(number_ > 0)
                    self.line(paragraph, indent=indent)
            else:
                self._display(block, indent)

    def _display(self, block: Display, indent: int) -> None:
        lines = [linear((block,)).strip()]
        if not self.plain:
            from engine.language.layout import two_dimensional

            drawn = two_dimensional(block.maths)
            if max(map(len, drawn)) + indent + 4 <= self.width:
                lines = drawn
        for line in lines:
            self.console.print(" " * (indent + 4) + clean(line), soft_wrap=True)

    # -- a question -----------------------------------------------------------------------

    def question(self, variant: Variant, place: str = "") -> None:
        """The head line (code, title, points, place in the quiz) and the question."""
        points = _points(variant.problem.points)
        right = " · ".join(filter(None, (variant.problem.title, points, place)))
        left = variant.code
        space = self.width - len(left) - len(right)
        if self.plain or space < 2:
            self.line(left, ACCENT)
            self.line(right, "dim" if not self.plain else "")
        else:
            head = Line(left, style=ACCENT).append(" " * space).append(clean(right), style="dim")
            self.console.print(head, soft_wrap=True)
        self.rule()
        self.text(variant.question)
        self.gap()
        if variant.table is not None:
            self.table(variant.table, {})
            self.gap()

    def parts(self, variant: Variant) -> None:
        """Every part of a question, for reading without answering."""
        if variant.table is not None:
            return
        for part in variant.parts:
            self.ask(part)

    def ask(self, part: VariantPart) -> None:
        """What one part asks, with its options."""
        asked = linear(part.asked.ask) or part.id
        self.line(asked if len(asked) > 20 or part.asked.choices else f"{asked}:")
        for choice in part.asked.choices:
            same = choice.text.casefold() == choice.id.replace("-", " ")
            self.line(choice.id if same else f"{choice.id}  {choice.text}", indent=2)

    def answers(self, variant: Variant) -> None:
        """The right answer of every part."""
        from engine.kinds import kind_of

        self.gap()
        for part in variant.parts:
            key = kind_of(part.asked.kind).write(part.reference, part.asked)
            self.line(f"{part.id} = {key}")

    def solution(self, variant: Variant) -> None:
        """The worked solution."""
        solution = variant.solution
        if solution:
            self.gap()
            self.line("Solution", ACCENT)
            self.text(solution, indent=2)

    def table(self, layout: Layout, cells: Mapping[str, str]) -> None:
        """A table with the cells that are filled in."""
        rows = layout.rows(cells)
        if self.plain:
            for row in rows[1:]:
                filled = zip(rows[0][1:], row[1:], strict=True)
                told = "; ".join(f"{head}: {cell or 'to fill in'}" for head, cell in filled)
                self.line(f"{row[0]}. {told}")
            return
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
        for heading in rows[0]:
            table.add_column(Line(clean(heading)), overflow="fold")
        for row in rows[1:]:
            table.add_row(*(Line(clean(cell)) if cell else Line("·", style="dim") for cell in row))
        self.console.print(table, width=self.width)

    # -- verdicts -------------------------------------------------------------------------

    def part_verdict(self, verdict: PartVerdict, *, echo: bool = True, after: str = "") -> None:
        """How an answer was read, the verdict by its word, and why."""
        if verdict.error is not None:
            self.fault(verdict)
            return
        if echo and verdict.read_as and verdict.read_as.strip() != verdict.response.strip():
            self.line(f"read as  {verdict.read_as}", "dim" if not self.plain else "", indent=2)
        word = Line(f"{_mark(verdict)} {verdict.verdict}", style=STYLES[verdict.verdict])
        if verdict.verdict == PARTIAL:
            word.append(f"  {_number(verdict.score)} of {_points(verdict.max_score)}")
        feedback = list(verdict.feedback)
        if after:
            word.append(f"  {after}", style="dim" if not self.plain else "")
        self.console.print(word, soft_wrap=True)
        for paragraph in feedback:
            self.line(paragraph, indent=2)

    def fault(self, verdict: PartVerdict, column: int | None = None) -> None:
        """Why an answer can't be read, the caret under the place that was typed."""
        fault = verdict.error
        assert fault is not None
        if column is None:
            self.line(verdict.response.split("\n")[0], indent=2)
            column = 2
        first = verdict.response[: fault.start]
        inline = "\n" not in first and column + len(first) < self.width - 4
        if inline and verdict.response.strip():
            caret = " " * (column + cell_width(clean(first))) + "╵"
            room = self.width - len(caret) - 1
            if len(fault.message) <= room:
                self.console.print(f"{caret} {clean(fault.message)}", soft_wrap=True)
            else:
                self.console.print(caret, soft_wrap=True)
                self.line(fault.message, indent=2)
        else:
            self.line(fault.message, indent=2)
        self.line("? invalid  no try used", STYLES[INVALID])

    def verdict(self, verdict: Verdict, variant: Variant | None) -> None:
        """A whole response, as ``tutor check`` shows it."""
        several = len(verdict.parts) > 1
        if verdict.code is not None:
            self.line(verdict.code, ACCENT)
        for part in verdict.parts:
            if several:
                self.line(f"{part.id}: {part.response.strip() or '(no answer)'}")
            self.part_verdict(part)
        if several:
            self.gap()
            marks = f"{_number(verdict.score)} of {_points(verdict.max_score)}"
            self.line(f"{verdict.verdict} · {marks}", STYLES[verdict.verdict])

    def marks(self, verdict: Verdict) -> None:
        """What a question earned, in one line."""
        earned = f"{_number(verdict.score)} of {_points(verdict.max_score)}"
        if len(verdict.parts) > 1:
            right = sum(part.verdict == CORRECT for part in verdict.parts)
            earned = f"{right} of {len(verdict.parts)} parts · {earned}"
        self.line(earned, "dim" if not self.plain else "")

    def marked_table(self, variant: Variant, verdicts: Mapping[str, PartVerdict]) -> None:
        """The table as filled in, each cell with its mark, and why the wrong ones are wrong."""
        if variant.table is None:
            return
        filled = {id: f"{verdict.read_as} {_mark(verdict)}" for id, verdict in verdicts.items()}
        self.table(variant.table, filled)
        if any(verdict.follow_through for verdict in verdicts.values()):
            self.line(f"{FOLLOWED} right from your own earlier answer")

    def summary(
        self, title: str, questions: int, earned: Fraction, possible: Fraction, minutes: int
    ) -> None:
        """The head line of a quiz's end."""
        self.gap()
        self.rule()
        told = f"{questions} question" + ("" if questions == 1 else "s")
        marks = f"{_number(earned)} of {_points(possible)}"
        parts = [told, marks, *([f"{minutes} min"] if minutes else [])]
        self.line(f"{title}   " + " · ".join(parts), ACCENT)

    # -- lists ----------------------------------------------------------------------------

    def listing(self, problems: Sequence[Problem]) -> None:
        """Problems with their titles and points, by topic."""
        width = max((len(problem.id) for problem in problems), default=0) + 2
        for problem in problems:
            line = Line(problem.id.ljust(width), style=ACCENT)
            line.append(clean(problem.title)).append(f"  {_points(problem.points)}", style="dim")
            self.console.print(line, soft_wrap=True)

    def lines(self, lines: Iterable[str]) -> None:
        """Several paragraphs."""
        for line in lines:
            self.line(line)


def _mark(verdict: PartVerdict) -> str:
    return FOLLOWED if verdict.follow_through else MARKS[verdict.verdict]


def cell_width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return Line(text).cell_len


def _paragraphs(text: str) -> list[str]:
    """Paragraphs with their lines joined; lines that begin with a space or a dash stay apart."""
    paragraphs = []
    for block in text.split("\n\n"):
        joined = ""
        for line in block.split("\n"):
            apart = line.startswith((" ", "- ", "• ")) or not joined
            joined += line if apart and not joined else ("\n" if apart else " ") + line.rstrip()
        paragraphs.append(joined)
    return paragraphs


def _number(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def _points(value: Fraction) -> str:
    return f"{_number(value)} point" + ("" if value == 1 else "s")


def prompt_text(label: str, *, plain: bool) -> str:
    """The prompt as the line editor needs it: escape sequences marked as taking no room."""
    text = f"{clean(label)} › "
    console = Console(highlight=False, no_color=True if plain else None)
    if plain or not console.is_terminal or console.color_system is None:
        return text
    with console.capture() as captured:
        console.print(text, style=ACCENT, end="", markup=False, emoji=False)
    drawn = captured.get()
    before, _, after = drawn.partition(text)
    return f"\x01{before}\x02{text}\x01{after}\x02" if before else text
