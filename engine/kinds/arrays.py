"""Numeric arrays: ``[[1, 2], [3, 4]]``, rows by ``;`` or on lines, as NumPy prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from engine.kinds.base import Asked, Judgement, Kind, Reading, start_of_answer
from engine.kinds.bracketing import squared
from engine.kinds.numbers import TOLD_DIGITS, format_exact, format_float
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value, as_number, evaluate
from engine.language.parser import read
from engine.language.printer import format_value
from engine.language.scope import Scope
from engine.values import close, flatten, shape_of

MAX_CELLS = 2_500
MAX_NESTING = 6
_NUMBERS_ONLY = Scope()
_WRAPPER = re.compile(r"\s*(?:np\.|numpy\.|torch\.)?(?:array|tensor|matrix|asarray)\s*\(", re.I)
_DTYPE = re.compile(r",\s*dtype\s*=\s*[\w.'\"]+\s*\Z")
_SPACE_BETWEEN = re.compile(r"(?<=[^\s,+\-−–*/·×^(])\s+(?=[^\s,+\-−–*/·×^)]|[-−–+][^\s])")


class ArrayKind(Kind):
    """An array of numbers; each right cell earns its share of the marks."""

    def read(self, text: str, part: Asked) -> Reading:
        """Nested tuples of numbers, or one number. Raises Unreadable."""
        text = squared(text)
        start, end = _unwrapped(text, start_of_answer(text, part))
        value = _group(text, start, end, 0)
        if isinstance(value, tuple) and len(value) == 1 and _BRACKET.match(text, start):
            value = value[0]
        if shape_of(value) is None:
            raise Unreadable(_ragged(value), start, end)
        return Reading(value, format_value(value, 6))

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """The share of right cells; a wrong shape earns nothing.

        One row may be typed for a matrix that has only one, as ``1, 2, 3`` for (1, 3).
        """
        given, wanted = shape_of(value), shape_of(reference)
        if given and wanted == (1, *given) and len(given) == 1:
            value, given = (value,), wanted
        if given != wanted:
            return Judgement(Fraction(0), "exact", "wrong-shape", (_shapes(value, reference),))
        places = list(_places(wanted or ()))
        cells = list(zip(places, flatten(value), flatten(reference), strict=True))
        wrong = [
            (place, cell)
            for place, cell, key in cells
            if not close(cell, key, part.relative, part.absolute)
        ]
        if not wrong:
            return Judgement(Fraction(1), "tolerance")
        share = Fraction(len(cells) - len(wrong), len(cells))
        place, cell = wrong[0]
        count = f"{len(cells) - len(wrong)} of {len(cells)} cells are right; "
        first = f"the first that isn't: {format_value(cell)} {_where(place)}."
        return Judgement(share, "tolerance", "cells", (count + first,))

    def write(self, reference: Value, part: Asked) -> str:
        """Nested lists with 12 significant digits."""
        return _written(reference, part, 12)

    def tell(self, reference: Value, part: Asked) -> str:
        """The same with 6 significant digits."""
        return _written(reference, part, TOLD_DIGITS)


def _written(value: Value, part: Asked, digits: int) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_written(item, part, digits) for item in value)}]"
    number = as_number(value)
    if isinstance(number, Fraction):
        return format_exact(number)
    return format_float(number, part, digits)


_BRACKET = re.compile(r"\s*\[")


def _unwrapped(text: str, start: int) -> tuple[int, int]:
    """Where the brackets begin and end inside ``np.array(…, dtype=float)``."""
    end = len(text.rstrip())
    found = _WRAPPER.match(text, start)
    if found is None:
        return start, end
    if not text.rstrip().endswith(")"):
        raise Unreadable("this bracket is never closed", found.end() - 1, found.end())
    inside = text[: end - 1]
    dtype = _DTYPE.search(inside, found.end())
    return found.end(), dtype.start() if dtype else end - 1


def _group(text: str, start: int, end: int, depth: int) -> Value:
    """What stands between two offsets: nested brackets, rows, or the cells of one row."""
    if depth > MAX_NESTING:
        raise Unreadable(f"brackets nest more than {MAX_NESTING} deep", start, end)
    lists = list(_lists(text, start, end))
    if lists:
        return tuple(_inside(text, first, last, depth) for first, last in lists)
    rows = [(a, b) for a, b in _split(text, start, end, ";\n") if text[a:b].strip()]
    if len(rows) > 1:
        return tuple(_cells(text, a, b) for a, b in rows)
    cells = _cells(text, start, end)
    in_brackets = depth > 0 or "," in text[start:end] or len(cells) > 1
    return cells if in_brackets else cells[0]


def _inside(text: str, start: int, end: int, depth: int) -> Value:
    value = _group(text, start + 1, end - 1, depth + 1)
    return value if isinstance(value, tuple) else (value,)


def _lists(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The ``[…]`` groups at the top, which only commas, spaces and lines may separate."""
    at = start
    while at < end:
        if text[at] == "[":
            last = _closing(text, at, end)
            yield at, last
            at = last
            continue
        if text[at] == "]":
            raise Unreadable("this bracket was never opened", at, at + 1)
        if text[at] not in " \t\n\r,;" and "[" in text[start:end]:
            raise Unreadable("this stands between rows", at, at + 1)
        at += 1


def _closing(text: str, start: int, end: int) -> int:
    depth = 0
    for at in range(start, end):
        depth += (text[at] == "[") - (text[at] == "]")
        if depth == 0:
            return at + 1
    raise Unreadable("this bracket is never closed", start, start + 1)


def _split(text: str, start: int, end: int, separators: str) -> Iterator[tuple[int, int]]:
    """Stretches between separators that stand outside round brackets."""
    depth, first = 0, start
    for at in range(start, end):
        depth += (text[at] == "(") - (text[at] == ")")
        if text[at] in separators and depth <= 0:
            yield first, at
            first = at + 1
    yield first, end


def _cells(text: str, start: int, end: int) -> tuple[Value, ...]:
    pieces = list(_split(text, start, end, ","))
    if len(pieces) > 1 and not text[pieces[-1][0] : pieces[-1][1]].strip():
        pieces.pop()
    if len(pieces) == 1:
        pieces = list(_by_spaces(text, start, end))
    if len(pieces) > MAX_CELLS:
        raise Unreadable(f"at most {MAX_CELLS:,} cells are read", start, end)
    return tuple(_cell(text, a, b) for a, b in pieces)


def _by_spaces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """``4 −1 2`` is three cells; ``4 − 1`` and ``2 * 3`` are one each."""
    body = text[start:end]
    offset = start + len(body) - len(body.lstrip())
    end = start + len(body.rstrip())
    depth, first = 0, offset
    for found in _SPACE_BETWEEN.finditer(text, offset, end):
        depth = text.count("(", first, found.start()) - text.count(")", first, found.start())
        if depth == 0:
            yield first, found.start()
            first = found.end()
    yield first, max(end, first)


def _cell(text: str, start: int, end: int) -> Value:
    if not text[start:end].strip():
        raise Unreadable("a cell is empty here", max(start - 1, 0), max(end, start))
    tree = read(text[:end], _NUMBERS_ONLY, start=start)
    try:
        value = as_number(evaluate(tree, {}))
        Fraction(value)
    except Undefined as error:
        raise Unreadable(str(error), tree.start, tree.end) from None
    except (OverflowError, ValueError):
        raise Unreadable("this is not a finite number", tree.start, tree.end) from None
    return value


def _ragged(value: Value) -> str:
    rows = [len(row) if isinstance(row, tuple) else 1 for row in value]  # type: ignore[union-attr]
    if len(set(rows)) > 1:
        return f"the rows differ in length: {', '.join(map(str, rows[:8]))}"
    return "the rows differ in shape"


def _places(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if not shape:
        yield ()
        return
    for at in range(shape[0]):
        for rest in _places(shape[1:]):
            yield (at, *rest)


def _where(place: tuple[int, ...]) -> str:
    if len(place) == 1:
        return f"at position {place[0] + 1}"
    if len(place) == 2:
        return f"in row {place[0] + 1}, column {place[1] + 1}"
    return f"at {', '.join(str(at + 1) for at in place)}"


def _shapes(value: Value, reference: Value) -> str:
    given, wanted = shape_of(value), shape_of(reference)
    if given == ():
        return f"An array of shape {_tuple(wanted)} is asked; this is one number."
    say = f"Your array has shape {_tuple(given)}; shape {_tuple(wanted)} is asked."
    if given is not None and wanted is not None and given == tuple(reversed(wanted)):
        return say + " Rows and columns are swapped."
    return say


def _tuple(shape: tuple[int, ...] | None) -> str:
    return str(shape).replace(",)", ",)")
