"""How the NumPy functions read their arguments and hand back their results.

Entries are finite and at most 1e100 in size, so sums and products of two never overflow; an
array has at most 10^6 of them. Every refusal is a ValueError with one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.reference.checks import MOST_CELLS, printed, whole

Floats: TypeAlias = NDArray[np.float64]
Cells: TypeAlias = "ArrayLike | Fraction | Sequence[Cells]"

LARGEST = 1e100


def array(value: Cells, what: str = "the array") -> Floats:
    """``value`` as floats: numbers, nested tuples of numbers (Fractions too), or an array."""
    try:
        cells = np.asarray(value)
        if cells.dtype.kind not in "biufO":
            raise TypeError(cells.dtype)
        result = cells.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{what} must hold numbers, in rows of equal length.") from None
    if result.size == 0:
        raise ValueError(f"{what} has no entries.")
    if result.size > MOST_CELLS:
        raise ValueError(f"{what} has more entries than the limit of {MOST_CELLS:,}.")
    if not np.all(np.abs(result) <= LARGEST):
        raise ValueError(f"{what} must hold finite numbers of at most 1e100.")
    return result


def matrix(value: Cells, what: str = "the array") -> Floats:
    """``array``, of two axes."""
    result = array(value, what)
    if result.ndim != 2:
        raise ValueError(f"{what} must have rows and columns, not the shape {result.shape}.")
    return result


def axis_of(cells: Floats, axis: object) -> int:
    """A single axis that ``cells`` has; negative ones count from the end."""
    number = whole(axis, "the axis", least=-cells.ndim)
    if number >= cells.ndim:
        raise ValueError(f"axis {number} does not exist in an array of shape {cells.shape}.")
    return number


def same_shape(cells: Floats, shape: tuple[int, ...], what: str) -> Floats:
    """``cells``, refused unless it has this shape."""
    if cells.shape != shape:
        raise ValueError(f"{what} must be {printed(shape)}, not {printed(cells.shape)}.")
    return cells


def plain(result: Floats | np.float64) -> Floats | float:
    """A float where there are no axes, else the array."""
    return float(result) if np.ndim(result) == 0 else np.asarray(result)
