"""Marks as arrays: on a problem, on a part, and of everybody on all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.statistics.items import Discrimination, Floats, discrimination, rest_shares
from tutor.results.gathering import Answers


class Marks(NamedTuple):
    """Marks on a problem or part: all (responses,), students by number, −1 for nobody."""

    students: np.ndarray[tuple[int], np.dtype[np.int64]]
    earned: Floats
    possible: Floats

    @property
    def named(self) -> Marks:
        """Those of students, without nobody's."""
        known = self.students >= 0
        return Marks(self.students[known], self.earned[known], self.possible[known])

    @property
    def shares(self) -> Floats:
        """Each response's share of its marks."""
        return np.divide(
            self.earned, self.possible, out=np.zeros(len(self.earned)), where=self.possible > 0
        )

    @property
    def facility(self) -> float | None:
        """The share of the marks that were earned; None where there are none."""
        possible = float(self.possible.sum())
        return float(self.earned.sum()) / possible if possible else None


class Class(NamedTuple):
    """Every student's marks over all problems: both (students,)."""

    earned: Floats
    possible: Floats

    def rests(self, marks: Marks) -> Floats:
        """Each response's student's share of all other marks; NaN for nobody's."""
        who, earned, possible = marks.named
        rests = np.full(len(marks.students), np.nan)
        rests[marks.students >= 0] = rest_shares(
            earned, possible, self.earned[who], self.possible[who]
        )
        return rests

    def discrimination(self, marks: Marks) -> Discrimination:
        """How marks go with those on all else."""
        return discrimination(marks.named.shares, self.rests(marks.named))


def whole(answers: Answers) -> Marks:
    """The marks on a problem as a whole."""
    rows = [
        (
            -1 if student is None else student,
            sum(one.score for one in answer.outcomes),
            sum(one.possible for one in answer.outcomes),
        )
        for student, answer in answers.all()
    ]
    return marks_of(rows)


def marks_of(rows: Sequence[tuple[int, float, float]]) -> Marks:
    """Marks from rows of a student's number, points earned and points possible."""
    students, earned, possible = zip(*rows, strict=True)
    return Marks(np.array(students), np.array(earned, float), np.array(possible, float))


def class_of(marks: Mapping[str, Marks], students: int) -> Class:
    """Everybody's totals over the problems."""
    totals = Class(np.zeros(students), np.zeros(students))
    for one in marks.values():
        who, earned, possible = one.named
        np.add.at(totals.earned, who, earned)
        np.add.at(totals.possible, who, possible)
    return totals
