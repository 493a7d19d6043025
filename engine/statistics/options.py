"""Distractor analysis: who ticked an option, by how they did on all else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.statistics.items import FEWEST, Floats


class Choosers(NamedTuple):
    """How many were shown an option and ticked it; ``rest``: their mean share on all else.

    ``best`` and ``weakest``: the shares of the best and the weakest third who ticked it; None
    where students are too few.
    """

    shown: int
    chosen: int
    rest: float | None
    best: float | None
    weakest: float | None

    @property
    def share(self) -> float:
        """The share of those who were shown it."""
        return self.chosen / self.shown if self.shown else 0.0


def choosers(ticked: NDArray[np.bool_], rests: Floats) -> Choosers:
    """Who ticked an option: both (students who were shown it,), unknown rests NaN.

    A third is cut by the rest alone, so that students who are level stay together.
    """
    known = ~np.isnan(rests)
    of_known, by = ticked[known], rests[known]
    rest = float(by[of_known].mean()) if of_known.any() else None
    best = weakest = None
    if len(by) >= FEWEST:
        low, high = np.quantile(by, [1 / 3, 2 / 3])
        if low < high:
            best = float(of_known[by >= high].mean())
            weakest = float(of_known[by <= low].mean())
    return Choosers(len(ticked), int(ticked.sum()), rest, best, weakest)
