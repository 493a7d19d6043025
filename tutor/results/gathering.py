"""Rows put together by problem and student. What is kept grows with students times problems only.

A problem's outcomes are few, however many students meet them: each is kept once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from sys import intern
from typing import NamedTuple, TypeVar, cast

from engine.grading import UNANSWERED
from engine.verdict import CORRECT
from tutor.results.rows import Compared, Graded, PartRow, Row, Skipped, Ungraded

MAX_REASONS = 50
MAX_EXAMPLE = 200
PLAIN = (
    "incorrect", "partial", "invalid", "missed", "wrong-tick", "cells", "steps", "wrong-result",
)  # fmt: skip
"""Notes of wrong answers that name no slip."""
OTHER_OPTION = "another-option"

T = TypeVar("T", bound=Hashable)


class Slip(NamedTuple):
    """What went wrong: the note's last word, or the diagnosis where that says more."""

    name: str
    recognised: bool


class Outcome(NamedTuple):
    """How a part went. ``slip`` is None for a right answer; ``ticked``: a choice as it was read."""

    part: str
    score: float
    possible: float
    verdict: str
    slip: Slip | None
    ticked: str


class Answer(NamedTuple):
    """A student's response to a problem; ``variant`` is what stands behind the @ of its code."""

    variant: str
    seconds: float | None
    outcomes: tuple[Outcome, ...]


class Example(NamedTuple):
    """A response with a slip: how it was read, in which variant, and what was said of it."""

    response: str
    read_as: str
    code: str
    said: str


class Answers:
    """The answers to one problem: by student, and those of nobody in particular."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        self.by_student: dict[int, Answer] = {}
        self.others: list[Answer] = []
        self.replaced = 0
        self.examples: dict[tuple[str, Slip], Example] = {}

    def all(self) -> Iterable[tuple[int | None, Answer]]:
        """Every answer that counts, with its student."""
        yield from self.by_student.items()
        yield from ((None, answer) for answer in self.others)


class Tally:
    """All rows of a file. Of several rows of a student to a problem the last one counts."""

    def __init__(self, is_choice: Callable[[str, str], bool]) -> None:
        """``is_choice``: whether a problem's part asks for options."""
        self.rows = 0
        self.students: dict[str, int] = {}
        self.problems: dict[str, Answers] = {}
        self.nameless = 0
        self.bad_times = 0
        self.compared: Counter[str] = Counter()
        self.ungraded: Counter[str] = Counter()
        self.skipped: list[Skipped] = []
        self.skipped_rows = 0
        self._is_choice = is_choice
        self._known: dict[Hashable, Hashable] = {}

    def add_all(self, rows: Iterable[Row]) -> None:
        """Add rows in the order in which they stand."""
        for row in rows:
            self.rows += 1
            if isinstance(row, Graded):
                self._add(row)
            elif isinstance(row, Compared):
                self.compared[row.verdict] += 1
            elif isinstance(row, Ungraded):
                known = row.reason in self.ungraded or len(self.ungraded) < MAX_REASONS
                self.ungraded[row.reason if known else "other reasons"] += 1
            else:
                self.skipped_rows += 1
                if len(self.skipped) < MAX_REASONS:
                    self.skipped.append(row)

    def _add(self, row: Graded) -> None:
        problem, _, variant = row.code.rpartition("@")
        if not problem:
            problem, variant = row.code, ""
        answers = self.problems.get(problem)
        if answers is None:
            answers = self.problems[problem] = Answers(problem)
        outcomes = tuple(self._outcome(answers, row.code, part) for part in row.parts)
        answer = Answer(intern(variant), row.seconds, self._once(outcomes))
        self.bad_times += row.bad_time
        if row.student is None:
            self.nameless += 1
            answers.others.append(answer)
            return
        student = self.students.setdefault(row.student, len(self.students))
        # Taken out first, so that the last row's place in the file is the one that is kept.
        answers.replaced += answers.by_student.pop(student, None) is not None
        answers.by_student[student] = answer

    def _outcome(self, answers: Answers, code: str, part: PartRow) -> Outcome:
        choice = self._is_choice(answers.problem, part.id)
        slip = _slip(part, choice)
        if slip is not None and (part.id, slip) not in answers.examples:
            example = Example(short(part.response), short(part.read_as), code, short(part.said))
            answers.examples[part.id, slip] = example
        ticked = part.read_as if choice else ""
        outcome = Outcome(part.id, part.score, part.possible, part.verdict, slip, ticked)
        return self._once(outcome)

    def _once(self, value: T) -> T:
        """The value, or an equal one that was kept before."""
        return cast("T", self._known.setdefault(value, value))


def _slip(part: PartRow, choice: bool) -> Slip | None:
    """None for what is right or wasn't answered.

    The note of a wrong ``choice`` is the option's id, which the options' own table tells.
    """
    if part.verdict == CORRECT or part.note == UNANSWERED:
        return None
    if part.note in PLAIN:
        return Slip(part.diagnosis or part.note, bool(part.diagnosis))
    if choice and not part.diagnosis:
        return Slip(OTHER_OPTION, False)
    return Slip(part.note, True)


def short(text: str) -> str:
    """A text of a length that fits an example: what is behind is left out."""
    text = " ".join(text.split())
    return text if len(text) <= MAX_EXAMPLE else text[: MAX_EXAMPLE - 2] + " …"
