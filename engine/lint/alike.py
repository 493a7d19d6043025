"""Whether two values of a part can't be told apart, decided fast."""

from __future__ import annotations

from engine.kinds import Asked, kind_of
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value, is_node
from engine.lint.numeric import agree
from engine.values import close, flatten, shape_of


def alike(value: Value, other: Value, asked: Asked) -> bool:
    """Whether a student who gives one is marked as if it were the other.

    Expressions are compared at a few points only; what differs there does differ.
    """
    if value == other:
        return True
    try:
        if asked.kind == "matrix":
            if not is_node(value) or not is_node(other):
                return False
            return agree(value, other, asked.symbols)
        if asked.kind == "array":
            return _same_cells(value, other, asked)
        return kind_of(asked.kind).clashes(value, other, asked)
    except (Undefined, Unreadable):
        return False


def _same_cells(value: Value, other: Value, asked: Asked) -> bool:
    """The same as judging, but it stops at the first cell that differs."""
    if shape_of(value) != shape_of(other):
        return False
    pairs = zip(flatten(value), flatten(other), strict=True)
    return all(close(a, b, asked.relative, asked.absolute) for a, b in pairs)
