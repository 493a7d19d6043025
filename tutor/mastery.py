"""How well one does by now, from the stored attempts: by problem, by topic, by slip and by day.

An attempt's success is its share of the marks, halved for a second try and again where hints were
taken. The mastery of a problem is the mean of its successes, each later one weighing 1.5 times the
one before it; that of a topic is the mean over the problems that were tried.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from tutor.store import Attempt

GROWTH = 1.5
RIGHT = ("correct", "follow-through", "incorrect", "partial", "unanswered", "cells", "missed")
"""Notes that name no slip."""


class Mastery(NamedTuple):
    """A topic or problem: its name, how well it goes (0 to 1), and how many attempts say so."""

    name: str
    mastery: float
    attempts: int


class Day(NamedTuple):
    """What was answered on a day by the local calendar: attempts, and their share of the marks."""

    day: str
    attempts: int
    share: float


class Slip(NamedTuple):
    """A slip by its note, and how often it was made."""

    note: str
    times: int


class Summary(NamedTuple):
    """All that ``tutor stats`` tells."""

    attempts: int
    topics: tuple[Mastery, ...]
    problems: tuple[Mastery, ...]
    days: tuple[Day, ...]
    slips: tuple[Slip, ...]


def summary(attempts: Sequence[Attempt]) -> Summary:
    """The summary of attempts in the order in which they were made."""
    problems = _problems(attempts)
    by_topic: dict[str, list[Mastery]] = defaultdict(list)
    for one in problems:
        by_topic[one.name.partition("/")[0]].append(one)
    topics = tuple(
        Mastery(
            topic,
            sum(one.mastery for one in found) / len(found),
            sum(one.attempts for one in found),
        )
        for topic, found in sorted(by_topic.items())
    )
    return Summary(len(attempts), topics, problems, _days(attempts), _slips(attempts))


def success(attempt: Attempt) -> float:
    """How far an attempt shows that the student can do it, from 0 to 1."""
    share = attempt.score / attempt.max_score if attempt.max_score else 0.0
    return share * 0.5 ** ((attempt.try_number > 1) + (attempt.hints > 0))


def _problems(attempts: Iterable[Attempt]) -> tuple[Mastery, ...]:
    successes: dict[str, list[float]] = defaultdict(list)
    for attempt in attempts:
        successes[attempt.problem].append(success(attempt))
    return tuple(
        Mastery(name, weighted(values), len(values)) for name, values in sorted(successes.items())
    )


def weighted(successes: Sequence[float]) -> float:
    """Their mean, each weighing ``GROWTH`` times the one before it."""
    total, weight = 0.0, 0.0
    for value in successes:
        total, weight = total / GROWTH + value, weight / GROWTH + 1
    return total / weight


def _days(attempts: Iterable[Attempt]) -> tuple[Day, ...]:
    found: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        found[datetime.fromisoformat(attempt.at).astimezone().date().isoformat()].append(attempt)
    return tuple(Day(day, len(those), _share(those)) for day, those in sorted(found.items()))


def _share(attempts: Sequence[Attempt]) -> float:
    possible = sum(attempt.max_score for attempt in attempts)
    return sum(attempt.score for attempt in attempts) / possible if possible else 0.0


def _slips(attempts: Iterable[Attempt]) -> tuple[Slip, ...]:
    """Notes of wrong answers whose last piece names a slip, the commonest first."""
    notes = Counter(
        attempt.note
        for attempt in attempts
        if attempt.verdict != "correct" and attempt.note.rpartition(":")[2] not in RIGHT
    )
    return tuple(Slip(note, count) for note, count in notes.most_common())
