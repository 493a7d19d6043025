"""From the rows of a class to its report."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.statistics.groups import holm
from engine.statistics.items import Reliability, quartiles, reliability
from tutor.results.drawn import MOST_DRAWN, Source
from tutor.results.figures import Report, Scores
from tutor.results.gathering import Tally
from tutor.results.marks import Class, Marks, class_of, whole
from tutor.results.notices import notices
from tutor.results.problem import ProblemResults

BINS = 10
COMPLETE = 0.9
"""The share of students who must have answered every problem for a reliability."""


def report(tally: Tally, source: Source) -> Report:
    """Everything there is to tell of the rows."""
    marks = {id: whole(answers) for id, answers in tally.problems.items()}
    everybody = class_of(marks, len(tally.students))
    trust, complete = _reliability(marks, len(tally.students))
    most = max(MOST_DRAWN // max(len(marks), 1), 1)
    found = [
        ProblemResults(answers, marks[id], everybody, source, most)
        for id, answers in tally.problems.items()
    ]
    corrected = iter(holm([one.test.p for problem in found for one in problem.compared]))
    problems = [problem.figures(corrected, trust, at) for at, problem in enumerate(found)]
    problems.sort(key=lambda one: (one.facility is None, one.facility, one.id))
    return Report(
        tally.rows,
        sum(one.responses for one in problems),
        len(tally.students),
        _scores(everybody),
        trust,
        complete,
        tuple(problems),
        tuple(notices(tally, problems, complete)),
    )


def _scores(everybody: Class) -> Scores | None:
    known = everybody.possible > 0
    shares = everybody.earned[known] / everybody.possible[known]
    found = quartiles(shares)
    if found is None:
        return None
    tenths = np.bincount(np.minimum((shares * BINS + 1e-9).astype(int), BINS - 1), minlength=BINS)
    deviation = float(shares.std(ddof=1)) if len(shares) > 1 else 0.0
    return Scores(tuple(map(int, tenths)), float(shares.mean()), deviation, found)


def _reliability(marks: Mapping[str, Marks], students: int) -> tuple[Reliability, int]:
    """Cronbach's α over students who answered every problem, if nearly all did; their number."""
    if any(np.ptp(one.possible) > 1e-6 for one in marks.values()):
        return Reliability(None, None, (), "a problem was worth more to some than to others"), 0
    answered = np.zeros(students, int)
    for one in marks.values():
        answered[one.students[one.students >= 0]] += 1
    everything = answered == len(marks)
    complete = int(everything.sum())
    if complete < COMPLETE * students:
        reason = (
            f"the students got different problems, and {complete:,} of {students:,} all of them"
        )
        return Reliability(None, None, (), reason), complete
    rows = np.cumsum(everything) - 1
    table = np.zeros((complete, len(marks)))
    for column, one in enumerate(marks.values()):
        kept = (one.students >= 0) & everything[one.students]
        table[rows[one.students[kept]], column] = one.earned[kept]
    return reliability(table), complete
