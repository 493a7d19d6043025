"""What the reference functions accept: whole numbers and shapes of bounded size.

An author's expression can ask for anything; these limits keep it from hanging the program
or filling its memory. Every refusal is a ValueError with one sentence. Pure Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

MOST = 10**9  # entries that a shape may promise
MOST_CELLS = 10**6  # entries of an array that is really computed
MOST_WORK = 10**7  # multiplications or comparisons of one call
MOST_AXES = 32  # NumPy before 2.0 stops here

Shape: TypeAlias = "int | Sequence[int]"


def whole(value: object, what: str, least: int = 1) -> int:
    """``value`` as an int: 6, Fraction(6) and 6.0 are 6; 5.5, True and "6" are refused."""
    try:
        number = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or isinstance(value, bool) or number != value:
        raise ValueError(f"{what} must be a whole number, not {_short(value)}.")
    if number < least:
        raise ValueError(f"{what} must be at least {least}, not {number}.")
    if number > MOST:
        raise ValueError(f"{what} is larger than the limit of {MOST:,}.")
    return int(number)


def sizes(shape: object, what: str = "the shape", least: int = 1) -> tuple[int, ...]:
    """The axes of a shape; a lone whole number n is (n,), as in ``np.zeros(n)``."""
    if isinstance(shape, str | bytes) or not isinstance(shape, Iterable):
        return (whole(shape, what, least),)
    axes = tuple(shape)
    if len(axes) > MOST_AXES:
        raise ValueError(f"{what} has {len(axes)} axes, more than the limit of {MOST_AXES}.")
    result = tuple(whole(axis, f"each axis of {what}", least) for axis in axes)
    product(result, what)
    return result


def image_sizes(shape: object) -> tuple[int, int, int]:
    """A shape (height, width, channels)."""
    axes = sizes(shape)
    if len(axes) != 3:
        raise ValueError(f"the shape must be (height, width, channels), not {printed(axes)}.")
    return axes[0], axes[1], axes[2]


def product(factors: Iterable[int], what: str = "the product", most: int = MOST) -> int:
    """The product of whole numbers, refused where it passes ``most``."""
    result = math.prod(factors)
    if result > most:
        raise ValueError(f"{what} counts more than the limit of {most:,}.")
    return result


def printed(shape: Sequence[int]) -> str:
    """A shape as an error shows it: ``3 × 4``, ``(3,)``, ``()``."""
    return " × ".join(map(str, shape)) if len(shape) > 1 else str(tuple(shape))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
