"""How well somebody knows what they know: the chance they gave their answers, and what came of it.

Each level that can be stated stands for a chance to be right. If the chances were true, the number
of right answers would scatter around their sum with the variance Σ p (1 − p) (Spiegelhalter 1986,
Statistics in Medicine 5:421, for the mean in place of the Brier score); a number further off than
twice the root of that is called over- or under-confident, from ``ENOUGH`` answers on.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

ENOUGH = 20
DEVIATIONS = 2.0
OVER, UNDER, FITS = "over-confident", "under-confident", "fits"


class Level(NamedTuple):
    """What can be stated, and the chance to be right that it stands for."""

    word: str
    chance: float


LEVELS = (Level("guess", 0.25), Level("unsure", 0.5), Level("fairly", 0.75), Level("sure", 0.95))
"""Levels 1, 2, 3 and 4."""


class Stated(NamedTuple):
    """A level that was stated: of how many answers, and how many of them were right."""

    level: str
    chance: float
    answers: int
    right: int

    @property
    def share(self) -> float:
        """The share that was right, from 0 to 1."""
        return self.right / self.answers


class Calibration(NamedTuple):
    """What was stated and what came of it.

    ``stated`` and ``right`` are the mean chance and the share of right answers, ``brier`` is the
    mean square of their differences (0 is perfect, 0.25 is what always saying 50 % earns).
    ``finding``: OVER, UNDER or FITS; nothing where the answers are too few to say.
    """

    answers: int
    stated: float
    right: float
    brier: float
    finding: str
    levels: tuple[Stated, ...]


def calibration(answers: Sequence[tuple[int, bool]]) -> Calibration | None:
    """Of answers with the level that was stated, from 1, and whether they were right."""
    if not answers:
        return None
    pairs = [(LEVELS[level - 1].chance, right) for level, right in answers]
    count = len(pairs)
    return Calibration(
        count,
        sum(chance for chance, _ in pairs) / count,
        sum(right for _, right in pairs) / count,
        sum((chance - right) ** 2 for chance, right in pairs) / count,
        _finding(pairs),
        tuple(_levels(answers)),
    )


def _finding(pairs: Sequence[tuple[float, bool]]) -> str:
    if len(pairs) < ENOUGH:
        return ""
    surplus = sum(chance - right for chance, right in pairs)
    scatter = sqrt(sum(chance * (1 - chance) for chance, _ in pairs))
    if abs(surplus) <= DEVIATIONS * scatter:
        return FITS
    return OVER if surplus > 0 else UNDER


def _levels(answers: Sequence[tuple[int, bool]]) -> list[Stated]:
    """The levels that were stated."""
    found = []
    for number, level in enumerate(LEVELS, 1):
        of_level = [right for stated, right in answers if stated == number]
        if of_level:
            found.append(Stated(*level, len(of_level), sum(of_level)))
    return found
