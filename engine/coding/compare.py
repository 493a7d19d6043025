"""Whether results are the reference's: the shape first, then the values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.coding.runs import Outcome

if TYPE_CHECKING:
    from engine.coding.runs import Array

RELATIVE = 1e-7
"""Of each value: sums in another order differ by far less."""
ABSOLUTE = 1e-10
"""Of 1, or of the largest value if that is smaller: what cancelling leaves of 0."""


def same_array(value: Array | str, reference: Array | str) -> bool:
    """Whether two results have one shape and the same numbers in it."""
    import numpy as np

    if isinstance(value, str) or isinstance(reference, str):
        return isinstance(value, str) and isinstance(reference, str) and value == reference
    return value.shape == reference.shape and bool(np.all(close(value, reference)))


def close(value: Array, reference: Array) -> Array:
    """Cell by cell; both have one shape. Infinite and undefined values are their own likes."""
    import numpy as np

    left, right = value.astype("f8"), reference.astype("f8")
    largest = np.max(np.abs(right), where=np.isfinite(right), initial=0.0)
    slack = ABSOLUTE * (min(1.0, float(largest)) or 1.0)
    with np.errstate(invalid="ignore"):
        found: Array = np.isclose(left, right, rtol=RELATIVE, atol=slack, equal_nan=True)
    return found


def same_outcome(one: Outcome, other: Outcome) -> bool:
    """Whether two programs did the same with one case: the same results, or the same failure."""
    if one.stopped or other.stopped:
        return False
    if one.raised is not None or other.raised is not None:
        return failure(one) is not None and failure(one) == failure(other)
    return len(one.values) == len(other.values) and all(
        same_array(a, b) for a, b in zip(one.values, other.values, strict=True)
    )


def same(one: Sequence[Outcome], other: Sequence[Outcome]) -> bool:
    """The same on every case."""
    return len(one) == len(other) and all(map(same_outcome, one, other))


_INNER = (
    re.compile(r": (\d+) \(dim \d+\) != (\d+) \(dim \d+\)"),
    re.compile(r"\(size (\d+) is different from (\d+)\)"),
)
"""How np.dot and @ tell of inner lengths that differ."""


def inner_lengths(message: str) -> tuple[int, int] | None:
    """The lengths that a matrix product failed at, the smaller first."""
    for pattern in _INNER:
        found = pattern.search(message)
        if found is not None:
            one, other = sorted((int(found[1]), int(found[2])))
            return one, other
    return None


def failure(outcome: Outcome) -> tuple[object, ...] | None:
    """What a program that raised failed at; the same for ``np.dot(A, B)`` and ``A @ B``."""
    if outcome.raised is None:
        return None
    lengths = inner_lengths(outcome.raised.message)
    if lengths is not None:
        return ("product", *(outcome.raised.shapes or lengths))
    return outcome.raised.kind, outcome.raised.message.replace(" ", "")
