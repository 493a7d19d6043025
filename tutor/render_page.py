"""A page of text on a terminal or in a pipe: what all that is shown is made of.

A student's or author's text is never markup, and control characters never reach the terminal.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO

from rich.console import Console
from rich.text import Text as Line

from engine.text import Display, Prose, Text, linear
from tutor.console import clean
from tutor.layout import cells, column_widths, paragraphs, wrap

MAX_WIDTH = 92
MIN_WIDTH = 32
PIPE_WIDTH = 80
GAP = 3
BAR = 20
ACCENT = "bold cyan"
QUIET = "dim"


class _Output(Console):
    """Rich's console without its own idea of how a program ends when nobody reads on."""

    def on_broken_pipe(self) -> None:
        raise


class Page:
    """Lines, texts and columns on stdout; ``plain`` leaves out colour, lines and drawn maths."""

    def __init__(
        self, *, plain: bool = False, file: IO[str] | None = None, width: int | None = None
    ) -> None:
        output = file or sys.stdout
        self.plain = plain
        self._output = output
        self.terminal = output is not None and output.isatty()
        self.width = max(min(width or _terminal_width(output), MAX_WIDTH), MIN_WIDTH)
        self.encoding = _encoding(output)
        self.dot = " · " if self.clean("·") == "·" else " - "
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

    @property
    def colour(self) -> bool:
        """Whether anything is shown in colour."""
        return self._console.color_system is not None and not self._console.no_color

    def line(self, text: str = "", style: str = "", *, indent: int = 0, hang: int = 0) -> None:
        """A paragraph, wrapped to the width; ``hang`` indents the lines it goes on in."""
        for row in wrap(self.clean(text), self.width - indent, hang):
            self.print_line(" " * indent + row if row else "", style)

    def anew(self) -> None:
        """An empty screen of the width that the terminal has by now."""
        self.width = max(min(_terminal_width(self._output), MAX_WIDTH), MIN_WIDTH)
        self._console.width = self.width
        self._console.clear()

    def bar(self, share: float, length: int | None = None) -> str:
        """A bar as full as the share, shorter on a narrow screen unless its length is given.

        Nothing in plain output, where a number says it.
        """
        if length is None:
            length = BAR if self.width >= PIPE_WIDTH else BAR // 2
        full = round(length * share)
        return "" if self.plain else "█" * full + "░" * (length - full)

    def gap(self, wanted: bool = True) -> None:
        """An empty line."""
        if wanted:
            self.print_line("")

    def rule(self) -> None:
        """A line across the page."""
        if not self.plain:
            self.print_line(self.clean("─" * self.width), QUIET)

    def notice(self, text: str) -> None:
        """Something to know that isn't part of the quiz."""
        self.line(text, QUIET)

    def aside(self, text: str) -> None:
        """Something small at the right edge."""
        if text:
            self.beside([], text)

    def beside(self, lines: Sequence[Line], remark: str) -> None:
        """Lines, and a remark at the right edge of the last one, or of one more."""
        rows, remark = list(lines), self.clean(remark)
        if remark and (not rows or rows[-1].cell_len + 2 + cells(remark) > self.width):
            rows.append(Line())
        if remark:
            space = self.width - rows[-1].cell_len - cells(remark)
            narrow = GAP if rows[-1] else 0
            rows[-1].append(" " * (min(space, narrow) if self.plain else space))
            rows[-1].append(remark, style=QUIET)
        for row in rows:
            self.print_line(row)

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
                self.print_line(" " * indent + row)
        else:
            self.line(_by_rows(linear((block,)).strip()), indent=indent)

    def _drawn(self, block: Display) -> list[str]:
        """Two-dimensional maths; nothing where the terminal lacks characters for it."""
        from engine.language.layout import two_dimensional

        rows = two_dimensional(block.maths)
        return rows if all(self.clean(row) == row for row in rows) else []

    def clean(self, text: str) -> str:
        return clean(text, self.encoding)

    def print_line(self, row: str | Line, style: str = "") -> None:
        line = Line(row, style=style) if isinstance(row, str) else row
        self._console.print(line, soft_wrap=True)

    def lines(self, lines: Iterable[str], style: str = "") -> None:
        """Several paragraphs."""
        for line in lines:
            self.line(line, style)

    def columns(
        self, rows: Sequence[Sequence[str]], styles: Sequence[str] = (), room: int | None = None
    ) -> None:
        """Rows in columns, narrowed to the room; ``styles`` are those of the first rows.

        A column with nothing in it is left out.
        """
        filled = [at for at, column in enumerate(zip(*rows, strict=True)) if any(column)]
        rows = [[row[at] for at in filled] for row in rows]
        widths = column_widths(rows, room or self.width, GAP)
        for number, row in enumerate(rows):
            style = styles[number] if number < len(styles) else ""
            wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
            for at in range(max(map(len, wrapped))):
                pieces = [lines[at] if at < len(lines) else "" for lines in wrapped]
                padded = (p + " " * (w - cells(p)) for p, w in zip(pieces, widths, strict=True))
                self.print_line((" " * GAP).join(padded).rstrip(), style)

    def fits(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether columns have room without a word of the first row or column being broken."""
        widths = column_widths(rows, self.width, GAP)
        if sum(widths) + GAP * (len(widths) - 1) > self.width:
            return False
        heads = [*zip(rows[0], widths, strict=True), *((row[0], widths[0]) for row in rows)]
        return all(cells(word) <= width for head, width in heads for word in head.split())

    def prompt(self, label: str) -> str:
        """What stands before an answer that is typed."""
        return f"{self.clean(label)} {self.clean('›')} "


def _terminal_width(output: IO[str] | None) -> int:
    """COLUMNS if it is set, else the terminal's width, else 80."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:6]) > 0:
        return int(told[:6])
    try:
        return os.get_terminal_size(output.fileno()).columns or PIPE_WIDTH if output else PIPE_WIDTH
    except (OSError, ValueError):
        return PIPE_WIDTH


def _by_rows(maths: str) -> str:
    """Maths of one line, but every row of a matrix on a line of its own."""
    told, *others = maths.split("], [")
    for piece in others:
        depth = told.count("[") - told.count("]") - 1
        told += (f"],\n{' ' * depth}[" if depth else "], [") + piece
    return told


def _encoding(output: IO[str] | None) -> str:
    name = codecs.lookup(getattr(output, "encoding", None) or "utf-8").name
    return "utf-8" if name.startswith("utf") else name
