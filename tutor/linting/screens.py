"""What doesn't fit a screen of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.kinds import kind_of
from engine.lint import WARNING, Drawn, Remark
from engine.lint.remark import Tally
from engine.template import Trail
from engine.text import Display, Prose, Text
from engine.variant import Variant
from tutor.layout import cells, paragraphs

WIDTH = 80
VARIANTS = 12
MATHS_INDENT = 4
SOLUTION_INDENT = 2
GAP = 3
MARK = 2
_BULLETS = ("-", "•")


class _Shown(NamedTuple):
    """A text as it is shown: where it stands in the file, and how far in it begins."""

    trail: Trail
    text: Text
    indent: int = 0


def screens_are_wide_enough(seen: Drawn) -> Iterator[Remark]:
    """Formulas, lines that keep their spaces, and tables fit 80 columns without being broken."""
    variants = seen.first(VARIANTS)
    tally = Tally(variants)
    for variant in variants:
        for shown in _texts(variant):
            for message, width in _too_wide(shown):
                tally.add(variant, shown.trail, message, WARNING, detail=f": {width} columns")
        width = _table_width(variant)
        if width > WIDTH:
            message = f"the table is wider than {WIDTH} columns once it is filled in"
            tally.add(variant, ("table", "columns"), message, WARNING, detail=f": {width}")
    yield from tally.remarks()


def _texts(variant: Variant) -> Iterator[_Shown]:
    yield _Shown(("question",), variant.question)
    yield _Shown(("solution",), variant.solution, SOLUTION_INDENT)
    for number, hint in enumerate(variant.hints, 1):
        yield _Shown(("hints", str(number)), hint)
    for part in variant.parts:
        yield _Shown((*part.plan.trail, "ask"), part.asked.ask)


def _too_wide(shown: _Shown) -> Iterator[tuple[str, int]]:
    """What is too wide in a text, and how wide it is."""
    room = WIDTH - shown.indent
    for block in shown.text:
        if isinstance(block, Display):
            width = _drawn_width(block) + MATHS_INDENT
            if width > room:
                yield f"a formula is wider than {WIDTH} columns: break it up", width
        elif isinstance(block, Prose):
            for line in "\n".join(paragraphs(block.text)).split("\n"):
                kept = line.startswith(" ") and not line.lstrip().startswith(_BULLETS)
                widest = max(map(cells, line.split(" ")))
                if kept and cells(line) > room:
                    yield f"an indented line is longer than {room} columns", cells(line)
                elif widest > room:
                    yield f"a formula or word within a line is longer than {room} columns", widest


def _drawn_width(block: Display) -> int:
    from engine.language.layout import two_dimensional

    return max(map(cells, two_dimensional(block.maths)))


def _table_width(variant: Variant) -> int:
    """How wide the table is with the right answers and their marks in it; 0 without one."""
    if variant.table is None:
        return 0
    keys = {
        part.id: kind_of(part.asked.kind).tell(part.reference, part.asked) + " " * MARK
        for part in variant.parts
    }
    columns = zip(*variant.table.rows(keys), strict=True)
    widths = [max(map(cells, column)) for column in columns]
    return sum(widths) + GAP * (len(widths) - 1)
