"""Shapes: ``6x6``, ``6 × 6 × 32``, ``(50,)``, ``(1, m)``, ``3`` and ``error``."""

from __future__ import annotations

import re
from fractions import Fraction
from math import isfinite

from engine.kinds.base import Asked, Judgement, Kind, Reading, start_of_answer
from engine.kinds.scalars import check_scalar
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value, as_number, evaluate, is_node
from engine.language.parser import read_items
from engine.language.printer import format_value, one_line
from engine.language.scope import Scope
from engine.language.tree import Node, Sequence, names
from engine.values import close

ERROR = "error"
_ERROR_WORDS = {
    "error", "err", "valueerror", "value error", "none", "undefined", "invalid", "impossible",
}  # fmt: skip
_BY = re.compile(r"(?<=[\w)\s])(?:(?P<letter>[xX])|[×✕*]|\bby\b)(?=[\s(\w])", re.IGNORECASE)
_SCALAR = re.compile(r"\s*\(\s*\)\s*\Z")
_RUN = re.compile(r"\w+")


class ShapeKind(Kind):
    """The sizes along the axes, in order; ``error`` where there is no shape."""

    def read(self, text: str, part: Asked) -> Reading:
        """A tuple of whole numbers or expressions in the part's symbols. Raises Unreadable."""
        start = start_of_answer(text, part)
        if text[start:].strip().rstrip(".").casefold() in _ERROR_WORDS:
            return Reading(ERROR, ERROR)
        if _SCALAR.match(text, start):
            return Reading((), show(()))
        scope = Scope(part.symbols)
        tree = read_items(_separated(text, scope), scope, start=start)
        items = _sizes(tree)
        value = tuple(_size(item) for item in items)
        return Reading(value, show(value))

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """All or nothing; the number of axes and the first size that differs are told apart."""
        if value == reference:
            return Judgement(Fraction(1), "exact")
        if value == ERROR:
            return _wrong("no-error", "There is no error here: the shapes do fit.")
        if reference == ERROR:
            return _wrong("error-missed", "These shapes do not fit one another.")
        if not isinstance(value, tuple) or not isinstance(reference, tuple):
            return _wrong("incorrect", "A shape is asked here.")
        if len(value) != len(reference):
            return _wrong("wrong-axes", _axes_differ(len(value), len(reference)))
        if all(same_size(a, b, part) for a, b in zip(value, reference, strict=True)):
            return Judgement(Fraction(1), "exact")
        if sorted(map(_key, value)) == sorted(map(_key, reference)):
            return _wrong("wrong-order", "These sizes are right, but not in this order.")
        return Judgement(Fraction(0), "exact")

    def write(self, reference: Value, part: Asked) -> str:
        """``6 × 6 × 32``, ``(50,)`` or ``error``."""
        return show(reference)


def show(value: Value) -> str:
    """A shape for reading: ``6 × 6 × 32``; one axis as ``(50,)``, symbols as ``(1, m)``."""
    if not isinstance(value, tuple):
        return str(value)
    sizes = [one_line(v) if is_node(v) else format_value(v) for v in value]
    if len(sizes) == 1:
        return f"({sizes[0]},)"
    if not sizes or any(is_node(v) for v in value):
        return f"({', '.join(sizes)})"
    return " × ".join(sizes)


def same_size(value: Value, other: Value, part: Asked) -> bool:
    """Whether two sizes along an axis are equal, as numbers or as expressions.

    Sizes that aren't whole are only ever wrong; a slip's 55/3 may be typed as 18.3.
    """
    if is_node(value) or is_node(other):
        from engine.equality import equal
        from engine.values import as_tree

        return equal(as_tree(value), as_tree(other), part.symbols).same is True
    if isinstance(value, Fraction) and isinstance(other, Fraction) and value % 1 and other % 1:
        return close(value, other)
    return value == other


def _separated(text: str, scope: Scope) -> str:
    """``6x6x32`` with commas for its signs, place for place; a text with commas stays.

    The x of a name that may be used, as in ``n_x × m``, is no sign.
    """
    if "," in text:
        return text
    inside = {
        at
        for run in _RUN.finditer(text)
        if scope.knows(run[0])
        for at in range(run.start(), run.end())
    }

    def comma(found: re.Match[str]) -> str:
        kept = found["letter"] and found.start() in inside
        return found[0] if kept else ",".ljust(len(found[0]))

    return _BY.sub(comma, text)


def _sizes(tree: Node) -> tuple[Node, ...]:
    if not isinstance(tree, Sequence):
        return (tree,)
    nested = len(tree.items) == 1 and isinstance(tree.items[0], Sequence)
    return tree.items[0].items if nested else tree.items  # type: ignore[union-attr]


def _size(item: Node) -> Value:
    if isinstance(item, Sequence):
        raise Unreadable("a shape holds plain sizes", item.start, item.end)
    check_scalar(item, lists=not names(item))
    if names(item):
        return item
    try:
        number = as_number(evaluate(item, {}))
    except Undefined as error:
        raise Unreadable(str(error), item.start, item.end) from None
    if isinstance(number, float) and not isfinite(number):
        raise Unreadable("this size is not a finite number", item.start, item.end)
    return number


def _key(value: Value) -> tuple[str, Fraction | float]:
    """Numbers in their order, then expressions as they are written."""
    return (one_line(value), 0.0) if is_node(value) else ("", as_number(value))


def _wrong(slip: str, say: str) -> Judgement:
    return Judgement(Fraction(0), "exact", slip, (say,))


def _axes_differ(given: int, wanted: int) -> str:
    plural = "axis" if given == 1 else "axes"
    return f"Your shape has {given} {plural}; {'more' if wanted > given else 'fewer'} are needed."
