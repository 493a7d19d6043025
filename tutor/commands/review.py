"""``tutor review``: what is due, and before an exam what brings most points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from engine.draws import Stream
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.commands.quiz import MAX_COUNT, ask_items
from tutor.gains import expected_points, to_gain
from tutor.mastery import summary
from tutor.problems import Asked, fresh_seed, open_bank, points_of
from tutor.record import opened_store
from tutor.refusal import Refusal
from tutor.render import Screen
from tutor.schedule import Known, due, known, pace, reviews
from tutor.store import Attempt
from tutor.terminal import Prompt

EXAM = "midterm"
DEFAULT_COUNT = 10
SOON = timedelta(days=7)
FARTHEST = timedelta(days=36_525)


class Past(NamedTuple):
    """The attempts by now, the cards of the bank's problems, and the seconds a question takes."""

    attempts: Sequence[Attempt]
    cards: dict[str, Known]
    pace: float


def run(
    exam_date: str | None,
    count: int | None,
    confidence: bool,
    banks: Sequence[str],
    plain: bool,
) -> int:
    """Review, and return the exit code. Raises Refusal."""
    if count is not None and not 1 <= count <= MAX_COUNT:
        raise Refusal(f"-n {count}: from 1 to {MAX_COUNT:,} questions can be asked")
    now = datetime.now(UTC)
    day = _day(exam_date, now) if exam_date is not None else None
    bank = open_bank(banks)
    screen = Screen(plain=plain)
    past = _past(bank)
    most = count or DEFAULT_COUNT
    if day is not None:
        ids = _before_exam(screen, bank, past, day, now, most)
    else:
        ids = _due(screen, past, now, most)
    if not ids:
        return 0
    items = [Asked(id, None) for id in ids]
    dice = Stream("review", fresh_seed(), "order", 0)
    return ask_items(bank, items, dice, "review", screen, Prompt(screen), confidence)


def _day(text: str, now: datetime) -> datetime:
    """Noon of the day, by the local clock. Raises Refusal."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"--exam-date {text}: write the day as 2026-12-31") from None
    today = now.astimezone().date()
    if day < today:
        raise Refusal(f"--exam-date {text}: that day is over")
    if day > today + FARTHEST:
        raise Refusal(f"--exam-date {text}: that is more than {FARTHEST.days:,} days away")
    return max(datetime(day.year, day.month, day.day, 12).astimezone(), now)


def _past(bank: Bank) -> Past:
    with opened_store() as store:
        attempts = [attempt for _, attempt in store.current()]
    points = points_of(bank, {attempt.problem for attempt in attempts})
    attempts = [attempt for attempt in attempts if attempt.problem in points]
    return Past(attempts, known(reviews(attempts, points)), pace(attempts))


def _due(screen: Screen, past: Past, now: datetime, most: int) -> list[str]:
    """What is asked now; tells how much is due, or when something will be."""
    found = due(past.cards, now)
    if found:
        asked = found[:most]
        told = "" if len(found) == len(asked) else f"{len(asked)} of "
        screen.notice(f"{told}{len(found)} due, about {_minutes(past, len(asked))} min.")
        screen.gap()
        return [one.problem for one in asked]
    if not past.cards:
        screen.line("Nothing was answered yet: tutor quiz cnn")
        return []
    soonest = min(past.cards.values(), key=lambda one: (one.due, one.problem))
    week = sum(one.due <= now + SOON for one in past.cards.values())
    screen.line(
        f"Nothing is due. Next comes {soonest.problem}, {_when(soonest.due, now)};"
        f" {week} within a week. tutor quiz practises all the same."
    )
    return []


def _before_exam(
    screen: Screen, bank: Bank, past: Past, day: datetime, now: datetime, most: int
) -> list[str]:
    """The problems that bring most points on the day; tells so. Raises Refusal."""
    try:
        blueprint = bank.exam(EXAM)
    except (UnknownName, BrokenProblemFile) as error:
        raise Refusal(str(error)) from None
    mastery = {one.name: one.mastery for one in summary(past.attempts).problems}
    worth = expected_points(blueprint, points_of(bank, bank.ids()))
    gains = to_gain(worth, mastery, past.cards, day)
    asked = [id for id, _ in gains[:most]]
    ready = 1 - sum(gain for _, gain in gains) / sum(worth.values())
    screen.notice(
        f"The exam is {_when(day, now)}; by what you showed, {ready:.0%} of it is safe on that day."
    )
    questions = f"{len(asked)} question" + ("" if len(asked) == 1 else "s")
    took = _minutes(past, len(asked))
    screen.notice(f"{questions} where most is to be gained, about {took} min.")
    screen.gap()
    return asked


def _minutes(past: Past, questions: int) -> int:
    return max(round(past.pace * questions / 60), 1)


def _when(then: datetime, now: datetime) -> str:
    """``today``, ``tomorrow``, ``in 12 days``, by the local calendar."""
    days = (then.astimezone().date() - now.astimezone().date()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
