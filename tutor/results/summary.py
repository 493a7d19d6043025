"""From the rows of a class to its report."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.statistics.groups import holm
from engine.statistics.items import Reliability, quartiles, reliability
from tutor.results.drawn import MOST_DRAWN, Source
from tutor.results.figures import Report, Scores, Trust
from tutor.results.gathering import Tally
from tutor.results.marks import Class, Marks, class_of, whole
from tutor.results.notices import notices
from tutor.results.problem import ProblemResults

BINS = 10
COMMON = 0.9
"""The share of students who must have a problem, and all such problems, for a reliability."""


def report(tally: Tally, source: Source) -> Report:
    """Everything there is to tell of the rows."""
    marks = {id: whole(answers) for id, answers in tally.problems.items()}
    everybody = class_of(marks, len(tally.students))
    trust = _trust(marks, len(tally.students))
    most = max(MOST_DRAWN // max(len(marks), 1), 1)
    found = [
        ProblemResults(answers, marks[id], everybody, source, most)
        for id, answers in tally.problems.items()
    ]
    corrected = iter(holm([one.test.p for problem in found for one in problem.compared]))
    problems = [problem.figures(corrected, trust) for problem in found]
    problems.sort(key=lambda one: (one.facility is None, one.facility, one.id))
    return Report(
        tally.rows,
        sum(one.responses for one in problems),
        len(tally.students),
        _scores(everybody),
        trust,
        tuple(problems),
        tuple(notices(tally, problems, trust)),
    )


def _scores(everybody: Class) -> Scores | None:
    known = everybody.possible > 0
    shares = everybody.earned[known] / everybody.possible[known]
    found = quartiles(shares)
    if found is None:
        return None
    tenths = np.bincount(np.minimum((shares * BINS + 1e-9).astype(int), BINS - 1), minlength=BINS)
    deviation = float(shares.std(ddof=1)) if len(shares) > 1 else None
    return Scores(tuple(map(int, tenths)), float(shares.mean()), deviation, found)


def _trust(marks: Mapping[str, Marks], students: int) -> Trust:
    """Cronbach's α over the problems that nearly all students got, if nearly all got all of these.

    A problem of a few, as a question of choice or a row to try things out, is left out.
    """
    most = COMMON * students
    named = {id: one.named for id, one in marks.items()}
    common = {id: one for id, one in named.items() if len(one.students) >= most}
    table = np.full((students, len(common)), np.nan)
    for column, one in enumerate(common.values()):
        table[one.students, column] = one.earned
    complete = table[~np.isnan(table).any(axis=1)]
    found = _refused(common, len(marks), len(complete), students) or reliability(complete)
    return Trust(found, tuple(common), len(complete))


def _refused(
    common: Mapping[str, Marks], problems: int, complete: int, students: int
) -> Reliability | None:
    """No reliability, and why, where rows of points would not stand for the same problems."""
    reason = ""
    if len(common) < 2 <= problems:
        reason = "the students got different problems"
    elif complete < COMMON * students:
        reason = f"only {complete:,} of {students:,} students have a row for every problem"
    elif any(len(np.unique(one.possible.round(6))) > 1 for one in common.values()):
        reason = "a problem was worth more to some than to others"
    return Reliability(None, None, (), reason) if reason else None
