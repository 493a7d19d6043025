"""What is due and what is to be gained: reviews out of attempts, and the commands that ask them."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Rating
from program import Terminal, tutor_here
from test_exam import problem

from engine.exam import Blueprint, Section, draw_exam
from tutor.bank.bank import Bank, bank_folders
from tutor.gains import expected_points, to_gain
from tutor.schedule import BREAK, USUAL, due, known, pace, reviews
from tutor.store import Attempt, Store

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
RIGHT = Attempt(
    "s", "2026-03-01T10:00:00Z", "cnn/a@1", "cnn/a", "1", "r", 1, "{}", "side", "6", "6",
    "correct", "cnn/a:side:correct", 2.0, 2.0, 1, 0,
)  # fmt: skip
WRONG = replace(RIGHT, verdict="incorrect", score=0.0)


def at(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("attempts", "points", "rating"),
    [
        ([RIGHT], {}, Rating.Good),
        ([WRONG], {}, Rating.Again),
        ([WRONG, replace(RIGHT, try_number=2)], {}, Rating.Hard),
        ([replace(RIGHT, hints=1)], {}, Rating.Hard),
        ([RIGHT, replace(WRONG, part="depth")], {}, Rating.Again),  # all parts have to be right
        ([replace(RIGHT, verdict="partial")], {}, Rating.Again),
        ([RIGHT], {"cnn/a": 2.0}, Rating.Good),
        ([RIGHT], {"cnn/a": 5.0}, Rating.Again),  # parts worth 3 points were skipped
    ],
)
def test_how_a_review_went(
    attempts: list[Attempt], points: dict[str, float], rating: Rating
) -> None:
    (review,) = reviews(attempts, points)
    assert (review.problem, review.rating) == ("cnn/a", rating)


def test_a_review_is_a_variant_in_a_session() -> None:
    attempts = [RIGHT, replace(RIGHT, code="cnn/a@2"), replace(RIGHT, session="t")]
    assert len(reviews(attempts, {})) == 3


def test_what_was_missed_comes_again_tomorrow_and_what_was_known_later() -> None:
    attempts = [WRONG, replace(RIGHT, problem="cnn/b", code="cnn/b@1")]
    cards = known(reviews(attempts, {}))
    assert cards["cnn/a"].due - START == timedelta(days=1)
    assert cards["cnn/b"].due - START >= timedelta(days=2)


def test_each_success_lengthens_the_interval_and_a_miss_shortens_it() -> None:
    attempts, when, intervals = [], START, []
    for number in range(5):
        attempts.append(replace(RIGHT, at=at(when), code=f"cnn/a@{number}"))
        card = known(reviews(attempts, {}))["cnn/a"]
        intervals.append(card.due - when)
        when = card.due
    assert intervals == sorted(intervals) and intervals[0] < intervals[-1]
    missed = known(reviews([*attempts, replace(WRONG, at=at(when), code="cnn/a@9")], {}))["cnn/a"]
    assert missed.due - when < intervals[-1]


def test_the_least_likely_to_be_known_is_first() -> None:
    names = ("cnn/a", "cnn/b", "cnn/c")
    days = (3, 9, 0)
    attempts = [
        replace(WRONG, problem=name, code=f"{name}@1", at=at(START - timedelta(days=day)))
        for name, day in zip(names, days, strict=True)
    ]
    found = due(known(reviews(attempts, {})), START)
    assert [one.problem for one in found] == ["cnn/b", "cnn/a"], "cnn/c is due tomorrow"


def test_the_pace() -> None:
    gaps = (60, 90, 100_000, 200)
    when, attempts = START, [RIGHT]
    for number, gap in enumerate(gaps):
        when += timedelta(seconds=gap)
        attempts.append(replace(RIGHT, at=at(when), code=f"cnn/a@{number + 2}"))
    assert pace(attempts) == 90, f"the median; more than {BREAK} s is a break"
    assert pace([]) == pace([RIGHT]) == USUAL


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(bank_folders())


def test_the_points_that_a_problem_brings_on_average(bank: Bank) -> None:
    """Drawing exams and counting is another way to the same numbers, with some noise."""
    midterm = bank.exam("midterm")
    problems = {id: bank.load(id) for id in bank.ids()}
    points = expected_points(midterm, {one.id: float(one.points) for one in problems.values()})
    assert sum(points.values()) == pytest.approx(midterm.points, rel=0.02)
    seen: Counter[str] = Counter()
    for seed in range(60):
        for question in draw_exam(midterm, problems, problems.__getitem__, seed):
            seen[question.problem.topic] += question.points
    by_topic: Counter[str] = Counter()
    for id, worth in points.items():
        by_topic[id.partition("/")[0]] += worth  # type: ignore[assignment]
    for topic in ("cnn", "gradients", "metrics", "bias-variance"):
        assert seen[topic] / 60 == pytest.approx(by_topic[topic], abs=3.5), topic


@pytest.mark.parametrize("asked", [1, 2, 3, 6])
def test_what_is_worth_more_brings_more(asked: int) -> None:
    """Of six problems worth 1 to 6 points, against the mean over 600 drawn exams."""
    section = Section("s", "S", 40, asked, ("t",))
    blueprint = Blueprint("b", "B", 10, (section,))
    problems = {f"t/{worth}": problem(f"t/{worth}", worth) for worth in range(1, 7)}
    seen: Counter[str] = Counter()
    for seed in range(600):
        for question in draw_exam(blueprint, problems, problems.__getitem__, seed):
            seen[question.problem.id] += question.points
    points = expected_points(blueprint, {one.id: float(one.points) for one in problems.values()})
    for id, worth in points.items():
        assert seen[id] / 600 == pytest.approx(worth, rel=0.2), id


def test_what_is_known_leaves_less_to_gain() -> None:
    points = {"cnn/a": 4.0, "cnn/b": 4.0, "cnn/c": 1.0}
    cards = known(reviews([RIGHT], {}))
    gains = dict(to_gain(points, {"cnn/a": 1.0}, cards, START + timedelta(days=1)))
    assert gains["cnn/b"] == 4.0 and 0 < gains["cnn/a"] < 1
    later = dict(to_gain(points, {"cnn/a": 1.0}, cards, START + timedelta(days=30)))
    assert later["cnn/a"] > gains["cnn/a"], "more is forgotten by then"
    assert next(iter(gains)) == "cnn/b"


# -- the commands ----------------------------------------------------------------------------------


def keep(home: Path, *attempts: Attempt) -> None:
    with Store.open(home / "attempts.db") as store:
        for attempt in attempts:
            store.add(attempt)


def of(name: str, when: datetime, **more: object) -> Attempt:
    return replace(RIGHT, problem=name, code=f"{name}@1", at=at(when), **more)  # type: ignore[arg-type]


def test_review_asks_what_is_due_with_fresh_numbers(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    keep(
        tmp_path,
        of("shown/side", now - timedelta(days=5), verdict="incorrect", score=0.0),
        of("shown/odd", now, max_score=1.0, score=1.0),
    )
    done = tutor_here("review", home=tmp_path, stdin=b":quit\n")
    page = done.stdout.decode()
    assert done.returncode == 0 and "1 due, about 2 min." in page
    assert re.search(r"^shown/side@\d+$", page.split("due", 1)[1].split()[4], re.MULTILINE)


def test_review_with_nothing_due_tells_what_comes(tmp_path: Path) -> None:
    assert b"Nothing was answered yet" in tutor_here("review", home=tmp_path).stdout
    keep(tmp_path, of("shown/side", datetime.now(UTC), verdict="incorrect", score=0.0))
    page = tutor_here("review", home=tmp_path).stdout.decode()
    assert "Nothing is due. Next comes shown/side, tomorrow" in " ".join(page.split())


def test_before_an_exam_the_heaviest_weakness_is_first(tmp_path: Path) -> None:
    day = datetime.now().astimezone().date() + timedelta(days=3)
    done = tutor_here("review", "--exam-date", f"{day}", "-n", "3", home=tmp_path, stdin=b":quit\n")
    page = " ".join(done.stdout.decode().split())
    assert "The exam is in 3 days" in page and "0% of it is safe" in page
    assert "3 questions where most is to be gained, about 6 min." in page


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--exam-date", "soon"), "write the day as 2026-12-31"),
        (("--exam-date", "2001-01-01"), "that day is over"),
        (("--exam-date", "0001-01-01"), "that day is over"),  # no clock can tell its noon
        (("--exam-date", "9999-12-31"), "more than 36,525 days away"),
        (("-n", "0"), "from 1 to 1,000"),
    ],
)
def test_review_refuses(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = tutor_here("review", *arguments, home=tmp_path)
    assert done.returncode == 2 and told in done.stderr.decode()


def test_once_more_what_went_wrong_last_time(tmp_path: Path) -> None:
    assert b"Nothing was answered yet" in tutor_here("quiz", "--again", home=tmp_path).stdout
    tutor_here("quiz", "shown/odd", "shown/side", home=tmp_path, stdin=b"3000\n3000\n3000\n3000\n")
    page = tutor_here("quiz", "--again", home=tmp_path, stdin=b":quit\n").stdout.decode()
    assert re.search(r"shown/odd@\d+", page) and "1 of 2" in page
    # of a table half of the cells are filled in; another problem is deleted by now
    keep(
        tmp_path,
        of("shown/table", datetime.now(UTC), session="u", max_score=1.0, score=1.0),
        of("shown/gone", datetime.now(UTC), session="u", verdict="incorrect", score=0.0),
    )
    page = tutor_here("quiz", "--again", home=tmp_path, stdin=b":quit\n").stdout.decode()
    assert re.search(r"shown/table@\d+", page) and "2 points · 1 of" not in page
    tutor_here("quiz", "shown/side@original", home=tmp_path, stdin=b"11\n")
    assert b"Nothing went wrong last time" in tutor_here("quiz", "--again", home=tmp_path).stdout


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_topics_are_offered_with_their_mastery(tmp_path: Path) -> None:
    keep(tmp_path, of("shown/side", datetime.now(UTC)))
    with Terminal("quiz", "-n", "1", home=tmp_path) as terminal:
        page = terminal.wait_at("topics")
        shown = re.search(r"^(\d+) +shown +4 problems +100% +█{20}$", page, re.MULTILINE)
        assert shown is not None
        terminal.type("nothing-such")
        assert "no problem or topic" in terminal.wait_for("nothing-such'")
        terminal.type(shown[1])
        terminal.wait(lambda shown: re.search(r"^shown/\w+@\d+", shown, re.MULTILINE) is not None)
    with Terminal("quiz", home=tmp_path) as terminal:
        terminal.wait_at("topics")
        terminal.type(":quit")
        assert terminal.end() == 0
        assert "no problem or topic" not in terminal.shown
