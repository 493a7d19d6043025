"""How well one does: means checked by hand, and what the command tells of stored answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from program import tutor, tutor_here

from tutor.mastery import success, summary, weighted
from tutor.store import Attempt, Store

RIGHT = Attempt(
    "s", "2026-03-01T10:00:00Z", "cnn/a@1", "cnn/a", "1", "r", 1, "{}", "side", "6", "6",
    "correct", "cnn/a:side:correct", 2.0, 2.0, 1, 0,
)  # fmt: skip
WRONG = replace(RIGHT, verdict="incorrect", note="cnn/a:side:forgot-padding", score=0.0)


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (RIGHT, 1.0),
        (WRONG, 0.0),
        (replace(RIGHT, try_number=2), 0.5),
        (replace(RIGHT, hints=1), 0.5),
        (replace(RIGHT, try_number=2, hints=3), 0.25),
        (replace(RIGHT, score=1.0), 0.5),
    ],
)
def test_success(attempt: Attempt, expected: float) -> None:
    assert success(attempt) == expected


def test_later_successes_weigh_more() -> None:
    # weights 4/9, 2/3 and 1
    assert weighted([0, 0, 1]) == pytest.approx(1 / (4 / 9 + 2 / 3 + 1))
    assert weighted([1, 0, 0]) == pytest.approx((4 / 9) / (4 / 9 + 2 / 3 + 1))
    assert weighted([0.3]) == 0.3


def test_topics_days_and_slips() -> None:
    other = replace(RIGHT, problem="cnn/b", at="2026-03-02T10:00:00Z")
    found = summary([WRONG, RIGHT, WRONG, other])
    assert found.attempts == 4
    (topic,) = found.topics
    assert (topic.name, topic.attempts) == ("cnn", 4)
    of_a = weighted([0, 1, 0])
    assert topic.mastery == pytest.approx((of_a + 1) / 2)
    assert [(day.day, day.attempts, day.share) for day in found.days] == [
        ("2026-03-01", 3, pytest.approx(1 / 3)),
        ("2026-03-02", 1, 1.0),
    ]
    assert found.slips == (("cnn/a:side:forgot-padding", 2),)


def test_the_command(tmp_path: Path) -> None:
    empty = tutor_here("stats", "--json", home=tmp_path)
    assert json.loads(empty.stdout)["attempts"] == 0
    assert not (tmp_path / "attempts.db").exists(), "looking writes nothing"
    assert b"Nothing was answered yet" in tutor_here("stats", home=tmp_path).stdout
    tutor_here("quiz", "shown/side@original", home=tmp_path, stdin=b"10\n11\n")
    found = json.loads(tutor_here("stats", "--json", home=tmp_path).stdout)
    assert found["attempts"] == 2
    assert found["topics"][0]["name"] == "shown"
    assert found["slips"] == [{"note": "shown/side:side:forgot-plus-one", "times": 1}]
    page = tutor_here("stats", "--plain", home=tmp_path).stdout.decode()
    assert "shown   30%" in page and "forgot plus one: shown/side, side" in page


def test_the_table_for_other_programs(tmp_path: Path) -> None:
    tutor_here("quiz", "shown/side@original", home=tmp_path, stdin=b"11\n")
    assert tutor_here("stats", "--csv", home=tmp_path).stdout.decode().split("\n") == [
        "kind,name,mastery,attempts", "topic,shown,1.0,1", "problem,shown/side,1.0,1", ""
    ]  # fmt: skip
    assert tutor_here("stats", "--csv", "--json", home=tmp_path).returncode == 2


def test_the_days_as_a_plot(tmp_path: Path) -> None:
    with Store.open(tmp_path / "attempts.db") as store:
        for day, answers in (("2026-03-01", 1), ("2026-03-02", 4)):
            for _ in range(answers):
                store.add(replace(RIGHT, at=f"{day}T10:00:00Z"))
    page = tutor("stats", home=tmp_path, TZ="UTC").stdout.decode()
    assert f"2026-03-01   1         {'█' * 5}                  100%" in page
    assert f"2026-03-02   4         {'█' * 20}   100%" in page
    narrow = tutor("stats", home=tmp_path, TZ="UTC", COLUMNS="60").stdout.decode()
    assert f"2026-03-02   4         {'█' * 10}   100%" in narrow
    away = tutor("stats", "--plain", home=tmp_path, TZ="Pacific/Kiritimati").stdout.decode()
    assert "2026-03-02   1         100%" in away, "a day is one by the local calendar"
