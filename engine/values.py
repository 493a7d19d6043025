"""Values and trees: putting drawn numbers into maths, comparing within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from engine.language.errors import Undefined
from engine.language.exact import Value, as_number, evaluate, is_node
from engine.language.tree import Call, Name, Node, Number, Sequence, Unary, names, rebuild

SIGNIFICANT = Fraction(5, 1000)
"""Relative slack of a number: what rounding to three significant digits can cost."""
_ROUNDING = Fraction(1, 10**12)
Reach: TypeAlias = "tuple[float, float]"
"""Two numbers, and all between them."""
_ROOM, _LEAST, _TINY, _WIDEST = 1.1, 1e-9, 1e-300, 0.5


def bind(node: Node, values: Mapping[str, Value]) -> Node:
    """The tree with the names that have values replaced by them; conditions on them decided."""
    if isinstance(node, Name):
        if node.name not in values:
            return node
        value = values[node.name]
        return bind(as_tree(value), values) if is_node(value) else as_tree(value)
    if isinstance(node, Call) and node.function == "if":
        return _decided(node, values)
    return rebuild(node, lambda child: bind(child, values))


def _decided(node: Call, values: Mapping[str, Value]) -> Node:
    condition, chosen, *others = node.arguments
    if names(condition) <= values.keys() and len(others) % 2 == 1:
        if evaluate(condition, values):
            return bind(chosen, values)
        if len(others) == 1:
            return bind(others[0], values)
        return _decided(Call("if", tuple(others), node.options), values)
    return rebuild(node, lambda child: bind(child, values))


def as_tree(value: Value) -> Node:
    """A value as a tree. Raises Undefined for words and for floats without a finite value."""
    if is_node(value):
        return value
    if isinstance(value, tuple):
        return Sequence(tuple(map(as_tree, value)), "[]")
    try:
        number = Fraction(as_number(value))
    except (OverflowError, ValueError):
        raise Undefined("this has no finite value") from None
    return Unary("-", Number(-number)) if number < 0 else Number(number)


def close(
    value: Fraction | float,
    reference: Fraction | float,
    relative: Fraction | None = None,
    absolute: Fraction | None = None,
) -> bool:
    """Whether a number is the reference within the tolerance.

    Without a tolerance: within 0.5 % of the reference, no absolute slack (0 is only 0).
    """
    low, high = reach(value, relative, absolute)
    if not low <= nearly(reference) <= high:
        return False
    if relative is None and absolute is None:
        relative = SIGNIFICANT
    try:
        wanted, given = Fraction(reference), Fraction(value)
    except (OverflowError, ValueError):
        return value == reference
    slack = max((relative or 0) * abs(wanted), absolute or 0)
    if isinstance(value, float) or isinstance(reference, float):
        slack += _ROUNDING * max(abs(wanted), abs(given))
    return abs(given - wanted) <= slack


def reach(value: Fraction | float, relative: Fraction | None, absolute: Fraction | None) -> Reach:
    """Between which numbers all references lie that a number is close to, with room to spare."""
    if relative is None and absolute is None:
        relative = SIGNIFICANT
    share, slack, given = float(relative or 0), float(absolute or 0), nearly(value)
    if share > _WIDEST or math.isinf(given):
        return -math.inf, math.inf
    size = abs(given)
    slack = _ROOM * max(share * size / (1 - share), slack, _LEAST * size) + _TINY
    return given - slack, given + slack


def nearly(value: Fraction | float) -> float:
    """The float next to a number; infinite beyond all floats."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def shape_of(value: Value) -> tuple[int, ...] | None:
    """The shape of nested tuples; None when rows differ in length."""
    if not isinstance(value, tuple):
        return ()
    inner = {shape_of(item) for item in value}
    if len(inner) > 1 or None in inner:
        return None
    rest = inner.pop() if inner else ()
    return (len(value), *(rest or ()))


def flatten(value: Value) -> list[Fraction | float]:
    """The numbers of nested tuples, row by row."""
    if isinstance(value, tuple):
        return [number for item in value for number in flatten(item)]
    if isinstance(value, Fraction | float):
        return [value]
    raise Undefined("an array holds numbers only")
