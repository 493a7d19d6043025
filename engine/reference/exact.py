"""Arithmetic that stays exact while its arguments are exact. Pure Python."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TypeAlias

Number: TypeAlias = int | Fraction | float

LARGEST = int(1e100)  # far from a float's overflow, even squared


def real(value: object, what: str, least: int | None = None) -> Number:
    """``value`` where it is an int, Fraction or finite float; ``least`` is its lower bound."""
    if not isinstance(value, int | Fraction | float) or isinstance(value, bool):
        raise ValueError(f"{what} must be a number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{what} must be finite, not {value}.")
    if not -LARGEST <= value <= LARGEST:
        raise ValueError(f"{what} is larger than the limit of 1e100.")
    if isinstance(value, Fraction) and value.denominator > LARGEST:
        raise ValueError(f"{what} has a denominator beyond the limit of 1e100.")
    if least is not None and value < least:
        raise ValueError(f"{what} must be at least {least}, not {value}.")
    return value


def positive(value: object, what: str) -> Number:
    """``real``, and above 0."""
    number = real(value, what)
    if number <= 0:
        raise ValueError(f"{what} must be above 0, not {number}.")
    return number


def ratio(over: Number, under: Number, undefined: str) -> Number:
    """The quotient, a Fraction where both are exact; ``undefined`` is the message for under = 0."""
    if under == 0:
        raise ValueError(undefined)
    quotient = Fraction(over) / Fraction(under)
    if not isinstance(over, float) and not isinstance(under, float):
        return quotient
    try:
        return float(quotient)
    except OverflowError:
        raise ValueError("the quotient is too large for a float.") from None
