"""What is due when: FSRS over problems, told by the stored attempts alone.

A review is all that was answered of one variant in one session. It was forgotten where a part was
missed, hard where it took a second try or a hint, and good otherwise.

Between reviews the chance to still know it falls as in the Free Spaced Repetition Scheduler,
version 6: t days after a review, R(t) = (1 + f·t/S)^(−d) with f = 0.9^(−1/d) − 1, so that R(S) is
0.9. Each review sets the stability S (days) and the difficulty anew. The package ``fsrs`` reckons,
with the 21 default parameters of its authors (d is the last one). A problem is due when its chance
is down to 0.9. Source: open-spaced-repetition, "The Algorithm", FSRS-6 (the wiki of ``fsrs4anki``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median
from typing import NamedTuple

from fsrs import Card, Rating, Scheduler

from tutor.store import Attempt

LONGEST = 365  # days
USUAL = 120.0  # seconds for a question, as long as nothing is known
BREAK = 900.0  # seconds: a longer gap is not time spent on a question

_SCHEDULER = Scheduler(
    learning_steps=(), relearning_steps=(), maximum_interval=LONGEST, enable_fuzzing=False
)


class Review(NamedTuple):
    """One variant answered in one session: when it ended, and how it went."""

    problem: str
    at: datetime
    rating: Rating

    @property
    def missed(self) -> bool:
        """Whether a part was wrong or skipped."""
        return self.rating == Rating.Again


class Known(NamedTuple):
    """A problem: when it is due, and its card."""

    problem: str
    card: Card

    @property
    def due(self) -> datetime:
        """When it should come again."""
        return self.card.due

    def chance(self, when: datetime) -> float:
        """The chance that it would be known then, from 0 to 1."""
        return _SCHEDULER.get_card_retrievability(self.card, when)


def reviews(attempts: Iterable[Attempt], points: Mapping[str, float]) -> list[Review]:
    """The reviews in the order in which they ended.

    ``points``: what problems are worth; where the answered parts are worth less, some were skipped.
    """
    groups: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.session, attempt.code].append(attempt)
    found = [
        Review(those[0].problem, _time(those[-1]), _rating(those, points.get(those[0].problem)))
        for those in groups.values()
    ]
    return sorted(found, key=lambda review: review.at)


def known(found: Iterable[Review]) -> dict[str, Known]:
    """The problems that were ever asked, by id."""
    cards: dict[str, Card] = {}
    for review in found:
        card = cards.get(review.problem) or Card(card_id=len(cards), due=review.at)
        cards[review.problem], _ = _SCHEDULER.review_card(card, review.rating, review.at)
    return {problem: Known(problem, card) for problem, card in cards.items()}


def due(problems: Mapping[str, Known], now: datetime) -> list[Known]:
    """What is due, that which is least likely to be known first."""
    found = [one for one in problems.values() if one.due <= now]
    return sorted(found, key=lambda one: (one.chance(now), one.problem))


def pace(attempts: Iterable[Attempt]) -> float:
    """The usual number of seconds from one answered question to the next."""
    gaps: list[float] = []
    before: Attempt | None = None
    for attempt in attempts:
        if before is not None and before.code != attempt.code:
            gap = (_time(attempt) - _time(before)).total_seconds()
            if before.session == attempt.session and 0 < gap <= BREAK:
                gaps.append(gap)
        before = attempt
    return median(gaps) if gaps else USUAL


def _rating(attempts: list[Attempt], points: float | None) -> Rating:
    last = {attempt.part: attempt for attempt in attempts}
    worth = sum(attempt.max_score for attempt in last.values())
    skipped = points is not None and worth < 0.999 * points
    if skipped or any(attempt.verdict != "correct" for attempt in last.values()):
        return Rating.Again
    hard = any(attempt.hints or attempt.try_number > 1 for attempt in attempts)
    return Rating.Hard if hard else Rating.Good


def _time(attempt: Attempt) -> datetime:
    return datetime.fromisoformat(attempt.at)
