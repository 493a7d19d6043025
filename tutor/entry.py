"""Filling in a table: cells in any order, going back allowed, nothing judged on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from engine.parts import Layout
from tutor.clock import TimeUp, Watch

if TYPE_CHECKING:
    from engine.kinds import Asked
    from engine.variant import Variant
    from tutor.render import Screen
    from tutor.terminal import Prompt


def by_cells(variant: Variant, screen: Screen, prompt: Prompt) -> bool:
    """Whether its table can be filled in on the screen, in any order."""
    if variant.table is None or not prompt.editing:
        return False
    from tutor.editor.table import fits

    return fits(variant.table, screen.width)


class Grid(NamedTuple):
    """A table to fill in: the parts that are open by id, and the cells that are settled.

    ``last`` tells what Enter does behind the last cell. ``keep`` is told every cell that changes,
    ``redraw`` shows the question anew.
    """

    layout: Layout
    open: Mapping[str, Asked]
    settled: Mapping[str, str]
    last: Callable[[], str]
    keep: Callable[[str, str], None]
    redraw: Callable[[], None]
    watch: Watch | None = None


class Entry:
    """The table and where one is in it; ``texts`` by cell outlive the commands in between."""

    def __init__(self, grid: Grid, prompt: Prompt, texts: dict[str, str]) -> None:
        self.grid = grid
        self.prompt = prompt
        self.texts = texts
        self.cells = list(grid.open)
        self.at = next((at for at, id in enumerate(self.cells) if not texts.get(id)), 0)

    def go_to(self, id: str) -> None:
        """Stand in a cell."""
        self.at = self.cells.index(id)

    def go_on(self) -> None:
        """Leave the cell as it is."""
        self.at = min(self.at + 1, len(self.cells))

    def fill(self) -> str:
        """Until the student is done: "", or the command that was typed.

        Raises EOFError, KeyboardInterrupt and TimeUp.
        """
        while True:
            if self.at == len(self.cells):
                typed, move = self._ask("", self._last(), None)
                if move == "enter" and not typed.strip():
                    return ""
            else:
                typed, move = self._cell(self.cells[self.at])
            if typed.lstrip().startswith(":"):
                return typed.strip()
            self.at = self._moved(move)

    def _last(self) -> str:
        left = sum(not self.texts.get(id) for id in self.cells)
        cells = f"{left} cell{'' if left == 1 else 's'} empty, " if left else ""
        return f"{cells}Enter to {self.grid.last()}"

    def _cell(self, id: str) -> tuple[str, str]:
        asked = self.grid.open[id]
        try:
            typed, move = self._ask(id, self._label(id), asked)
        except TimeUp as up:
            self._keep(id, up.text.strip())
            raise
        self._keep(id, typed.strip())
        return typed, move

    def _keep(self, id: str, text: str) -> None:
        if text != self.texts.get(id, "") and not text.startswith(":"):
            self.texts[id] = text
            self.grid.keep(id, text)

    def _ask(self, id: str, label: str, asked: Asked | None) -> tuple[str, str]:
        from tutor.editor.table import drawn

        def above(text: str, width: int, encoding: str) -> list[tuple[str, str]]:
            shown = {**self.texts, **self.grid.settled, **({id: text.strip()} if id else {})}
            return drawn(self.grid.layout, shown, id, width, encoding)

        return self.prompt.cell(
            label, asked, self.texts.get(id, ""), above, self.grid.redraw, self.grid.watch
        )

    def _label(self, id: str) -> str:
        """``CONV-3-8, weights``."""
        row, column = self._place(id)
        return f"{self.grid.layout.lines[row][0]}, {self.grid.layout.headings[column]}"

    def _place(self, id: str) -> tuple[int, int]:
        lines = self.grid.layout.lines
        return next((row, line.index(id, 1)) for row, line in enumerate(lines) if id in line[1:])

    def _moved(self, move: str) -> int:
        """Where to go on: an index of ``cells``, or behind the last one."""
        end = len(self.cells)
        if move == "enter":
            later = [*range(self.at + 1, end), *range(self.at)]
            return next((at for at in later if not self.texts.get(self.cells[at])), end)
        if move in ("next", "back"):
            return (self.at + (1 if move == "next" else -1)) % (end + 1)
        if self.at == end:
            return end - 1 if move == "up" else end
        row, column = self._place(self.cells[self.at])
        same = [at for at, id in enumerate(self.cells) if self._place(id)[1] == column]
        if move == "up":
            return max((at for at in same if self._place(self.cells[at])[0] < row), default=self.at)
        return min((at for at in same if self._place(self.cells[at])[0] > row), default=end)
