"""Where in an expression a value is missing: ``x/0``, ``sqrt(−4)``, ``9^9^9^9``."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import ctx

from engine.equality.evaluation import Evaluation, entries
from engine.equality.fields import Balls
from engine.equality.points import Points, Setting
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Node, Unary, children

PRECISION = 212
TRIED = 8
_GROWING = {"exp", "sinh", "cosh", "factorial"}


def gap(tree: Node, symbols: Sequence[Symbol]) -> tuple[str, Node] | None:
    """Why an expression has no real value at any point tried, and the part that has none.

    None if it has one somewhere.
    """
    points = Points((tree,), symbols)
    found: tuple[str, Node] | None = None
    for index in range(TRIED):
        with ctx.workprec(PRECISION):
            evaluation = _evaluation(points.setting, index)
            evaluation.remember(tree)
            part = _part(tree, evaluation)
            if part is None:
                return None
            found = found or (_reason(part, evaluation), part)
    return found


def _evaluation(setting: Setting, index: int) -> Evaluation:
    field, sizes = Balls(), setting.sizes(index)

    def draw(symbol: Symbol, key: str) -> Any:
        if symbol.name in sizes:
            return field.number(Fraction(sizes[symbol.name]))
        return field.number(setting.number(symbol, key, index))

    return Evaluation(field, setting.values(sizes, draw), sizes)


def _part(tree: Node, evaluation: Evaluation) -> Node | None:
    """The first part without a value whose own parts have theirs."""
    if _has_value(tree, evaluation):
        return None
    for child in children(tree):
        part = _part(child, evaluation)
        if part is not None:
            return part
    return tree


def _has_value(node: Node, evaluation: Evaluation) -> bool:
    """Whether a part is finite; what is no number, such as a condition, counts as such."""
    if id(node) not in evaluation.known:
        return True
    return all(value.is_finite() for value in entries(evaluation.known[id(node)]))


def _reason(part: Node, evaluation: Evaluation) -> str:
    if isinstance(part, Binary) and part.op == "/":
        return "this divides by zero"
    if isinstance(part, Binary) and part.op == "^":
        base = entries(evaluation.known[id(part.left)])
        if all(value > 0 for value in base):
            return "this is too large to compute"
        if all(value < 0 for value in base):
            return "this has no real value; a real root of a negative number is root(x, 3)"
    grows = isinstance(part, Call) and part.function in _GROWING
    if grows or (isinstance(part, Unary) and part.op == "!"):
        return "this has no value, or is too large to compute"
    return "this has no real value"
