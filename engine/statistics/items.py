"""Item statistics by classical test theory: discrimination, reliability, quartiles.

Marks come as arrays with an entry a student. Nothing is said of too few students, and a reason
stands where a number would.
"""

from __future__ import annotations

from math import atanh, sqrt, tanh
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

FEWEST = 20
"""Students below which a correlation says next to nothing: at 20 its interval is ±0.4 wide."""
TOO_FEW = "too few"
ALIKE = "all scored alike"
REST_ALIKE = "all alike elsewhere"
NOTHING_ELSE = "no other answers"
Z95 = 1.959963984540054
_NOISE = 1e-9


class Discrimination(NamedTuple):
    """Pearson's r of an item with the rest, its 95 % interval, and how many students say so.

    ``value`` is None for a ``reason``.
    """

    value: float | None
    low: float | None
    high: float | None
    students: int
    reason: str = ""


class Reliability(NamedTuple):
    """Cronbach's α, and the standard error of measurement in the unit of the marks.

    ``without``: α with each item left out, None where that is undefined. ``value`` is None for a
    ``reason``; ``error`` also where α is below 0.
    """

    value: float | None
    error: float | None
    without: tuple[float | None, ...]
    reason: str = ""


class Quartiles(NamedTuple):
    """The values below which a quarter, a half and three quarters lie, of how many."""

    lower: float
    median: float
    upper: float
    values: int


def rest_shares(
    earned: Floats, possible: Floats, total_earned: Floats, total_possible: Floats
) -> Floats:
    """The share of the marks that each student earned on all but one item; NaN for no other.

    All (students,): marks on the item, what it is worth, and both over all items.
    """
    left = total_possible - possible
    shares = np.full(len(earned), np.nan)
    others = left > _NOISE
    shares[others] = (total_earned - earned)[others] / left[others]
    return shares


def discrimination(shares: Floats, rests: Floats) -> Discrimination:
    """The corrected item-total correlation: an item's shares with those of all other items.

    Both (students,). Students whose rest is NaN are left out.
    """
    known = ~np.isnan(rests)
    students = int(known.sum())
    x, y = shares[known], rests[known]
    if not students:
        return Discrimination(None, None, None, 0, NOTHING_ELSE)
    if students < FEWEST:
        return Discrimination(None, None, None, students, TOO_FEW)
    if np.ptp(x) < _NOISE or np.ptp(y) < _NOISE:
        reason = ALIKE if np.ptp(x) < _NOISE else REST_ALIKE
        return Discrimination(None, None, None, students, reason)
    dx, dy = x - x.mean(), y - y.mean()
    r = float(dx @ dy / sqrt(float(dx @ dx) * float(dy @ dy)))
    low, high = interval(r, students)
    return Discrimination(r, low, high, students)


def interval(r: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a correlation by Fisher's transformation; ``count`` is above 3."""
    if abs(r) > 1 - _NOISE:
        return r, r
    z, half = atanh(r), Z95 / sqrt(count - 3)
    return tanh(z - half), tanh(z + half)


def reliability(marks: Floats) -> Reliability:
    """Cronbach's α of marks (students, items), every one of them given."""
    students, items = marks.shape
    if items < 2:
        return Reliability(None, None, (), "it takes two problems")
    if students < FEWEST:
        return Reliability(None, None, (), f"{TOO_FEW} students: {students}, and it takes {FEWEST}")
    value = cronbach(marks)
    if value is None:
        return Reliability(None, None, (), ALIKE)
    spread = float(marks.sum(axis=1).std(ddof=1))
    error = spread * sqrt(max(1 - value, 0.0)) if value >= 0 else None
    without = tuple(
        cronbach(np.delete(marks, item, axis=1)) if items > 2 else None for item in range(items)
    )
    return Reliability(value, error, without)


def cronbach(marks: Floats) -> float | None:
    """k/(k − 1) (1 − Σ var(item)/var(total)) of marks (students, k); None if totals are alike."""
    items = marks.shape[1]
    totals = marks.sum(axis=1)
    if np.ptp(totals) < _NOISE:
        return None
    shares = float(marks.var(axis=0, ddof=1).sum() / totals.var(ddof=1))
    return float(items / (items - 1) * (1 - shares))


def quartiles(values: Floats) -> Quartiles | None:
    """By linear interpolation between the two nearest values; None for no values."""
    if not len(values):
        return None
    lower, median, upper = np.quantile(values, [0.25, 0.5, 0.75])
    return Quartiles(float(lower), float(median), float(upper), len(values))
