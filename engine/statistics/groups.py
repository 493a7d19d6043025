"""Whether groups differ by more than chance: Kruskal and Wallis, corrected by Holm's method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import erfc, exp, sqrt
from typing import NamedTuple

import numpy as np

from engine.statistics.items import Floats

LEVEL = 0.05
"""How often a report on problems without any difference may tell one."""
SMALLEST = 10
"""Responses below which a group is left out."""
MOST_GROUPS = 6
"""Numbers that take more values are put into quarters."""


class Comparison(NamedTuple):
    """H with its degrees of freedom, and the chance of such an H where groups are alike."""

    statistic: float
    freedom: int
    p: float


def kruskal_wallis(groups: Sequence[Floats]) -> Comparison | None:
    """Kruskal and Wallis's H, corrected for ties; None for fewer than two groups, or no spread.

    ``groups`` (n_1,), (n_2,) … are not empty; p is from the χ² distribution, which is near enough
    from 5 values a group on.
    """
    values = np.concatenate(groups) if len(groups) > 1 else np.zeros(0)
    count = len(values)
    _, places, ties = np.unique(values, return_inverse=True, return_counts=True)
    if len(ties) < 2:
        return None
    last = np.cumsum(ties)
    ranks = (last - (ties - 1) / 2)[places]
    ends = np.cumsum([len(group) for group in groups])[:-1]
    between = sum(float(part.sum()) ** 2 / len(part) for part in np.split(ranks, ends))
    h = 12 / (count * (count + 1)) * between - 3 * (count + 1)
    h /= 1 - float((ties.astype(float) ** 3 - ties).sum()) / (float(count) ** 3 - count)
    freedom = len(groups) - 1
    return Comparison(h, freedom, chi_square_tail(h, freedom))


def chi_square_tail(x: float, freedom: int) -> float:
    """The chance that χ² with so many degrees of freedom (a whole number) is above x."""
    if x <= 0:
        return 1.0
    half = x / 2
    if freedom % 2:
        tail, term, at = erfc(sqrt(half)), exp(-half) * sqrt(half) * 2 / sqrt(np.pi), 1.5
    else:
        tail, term, at = 0.0, exp(-half), 1.0
    for _ in range(freedom // 2):
        tail += term
        term *= half / at
        at += 1
    return float(min(tail, 1.0))


def holm(chances: Sequence[float]) -> list[float]:
    """The chances of several tests, corrected so that they may be read together."""
    corrected, largest = [0.0] * len(chances), 0.0
    for rank, at in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        largest = max(largest, min(1.0, (len(chances) - rank) * chances[at]))
        corrected[at] = largest
    return corrected


def quarters(values: Sequence[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """For each number the least and the largest one of its group; up to six are groups themselves.

    Otherwise a group takes numbers in order until it holds a quarter of the values.
    """
    counts = sorted(Counter(values).items())
    if len(counts) <= MOST_GROUPS:
        return [(value, value) for value in values]
    spans: dict[Fraction, tuple[Fraction, Fraction]] = {}
    inside: list[Fraction] = []
    held = 0
    for value, count in counts:
        inside.append(value)
        held += count
        if 4 * held >= len(values) or value == counts[-1][0]:
            spans |= dict.fromkeys(inside, (inside[0], value))
            inside, held = [], 0
    return [spans[value] for value in values]
