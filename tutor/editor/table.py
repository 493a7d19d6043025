"""A table as it is being filled in: the cell that the cursor is in stands out."""

from __future__ import annotations

from collections.abc import Mapping

from engine.parts import Layout
from tutor.console import clean
from tutor.layout import cells, column_widths, cut

GAP = 3
EMPTY = "·"
ROOM = 8


def fits(layout: Layout, width: int) -> bool:
    """Whether the table has room with each row in one line, and for something in each cell."""
    rows = layout.rows(dict.fromkeys(_ids(layout), "x" * ROOM))
    needed = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return sum(needed) + GAP * (len(needed) - 1) <= width


def drawn(
    layout: Layout, shown: Mapping[str, str], here: str, width: int, encoding: str
) -> list[tuple[str, str]]:
    """The rows as styled text; what is too long for its column is cut."""
    filled = {id: shown.get(id) or EMPTY for id in _ids(layout)}
    rows = [[clean(cell, encoding) for cell in row] for row in layout.rows(filled)]
    widths = column_widths(rows, width, GAP)
    ids = [("",) * len(widths), *layout.lines]
    pieces: list[tuple[str, str]] = []
    for number, (row, names) in enumerate(zip(rows, ids, strict=True)):
        for at, (cell, name, wide) in enumerate(zip(row, names, widths, strict=True)):
            text = cell if cells(cell) <= wide else cut(cell, wide - 1) + clean("…", encoding)[:1]
            style = "class:here" if name == here and at else "class:quiet" if not number else ""
            pieces.append((style, text + " " * (wide - cells(text))))
            pieces.append(("", " " * GAP if at + 1 < len(widths) else "\n"))
    pieces[-1] = ("", "")
    return pieces


def _ids(layout: Layout) -> list[str]:
    return [cell for line in layout.lines for cell in line[1:] if cell and cell[0] != "="]
