"""What was stated beside what was right: checked by hand, by scikit-learn and by chance itself."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from program import tutor
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from test_stats import RIGHT, WRONG

from tutor.calibration import FITS, LEVELS, OVER, UNDER, calibration
from tutor.store import Confidence, Regrade, Store
from tutor.store.records import MAX_LEVEL

GUESS, UNSURE, FAIRLY, SURE = range(1, 5)


def some(level: int, right: int, wrong: int) -> list[tuple[int, bool]]:
    return [(level, True)] * right + [(level, False)] * wrong


@pytest.mark.parametrize(
    ("answers", "finding", "why"),
    [
        (some(SURE, 17, 3), OVER, "19 expected, 2 · √(20 · 0.95 · 0.05) = 1.95"),
        (some(SURE, 18, 2), FITS, "one less than expected"),
        (some(SURE, 20, 0), FITS, "one more than expected"),
        (some(GUESS, 11, 14), UNDER, "6.25 expected, 2 · √(25 · 0.25 · 0.75) = 4.33"),
        (some(GUESS, 10, 15), FITS, "3.75 more than expected"),
        (some(UNSURE, 5, 15), OVER, "10 expected, 2 · √(20 · 0.25) = 4.47"),
        (some(UNSURE, 6, 14), FITS, "4 less than expected"),
        (some(FAIRLY, 20, 0) + some(SURE, 15, 5), FITS, "5 too many here, 4 too few there"),
        (some(SURE, 0, 19), "", "too few to say"),
        (some(SURE, 0, 20), OVER, "enough"),
    ],
)
def test_what_is_found(answers: list[tuple[int, bool]], finding: str, why: str) -> None:
    found = calibration(answers)
    assert found is not None and found.finding == finding, why


def test_by_hand() -> None:
    found = calibration(some(GUESS, 1, 1) + some(SURE, 2, 0))
    assert found is not None
    assert found.stated == pytest.approx((0.25 + 0.25 + 0.95 + 0.95) / 4)
    assert found.right == 0.75
    assert found.brier == pytest.approx((0.75**2 + 0.25**2 + 2 * 0.05**2) / 4)
    assert found.levels == (("guess", 0.25, 2, 1), ("sure", 0.95, 2, 2))
    assert calibration([]) is None


@pytest.mark.parametrize("seed", range(5))
def test_by_scikit_learn(seed: int) -> None:
    dice = random.Random(seed)
    answers = [(dice.choice((GUESS, UNSURE, FAIRLY, SURE)), dice.random() < 0.6) for _ in range(80)]
    found = calibration(answers)
    assert found is not None
    right = [right for _, right in answers]
    chances = [{1: 0.25, 2: 0.5, 3: 0.75, 4: 0.95}[level] for level, _ in answers]
    assert found.brier == pytest.approx(brier_score_loss(right, chances))
    shares, stated = calibration_curve(right, chances, n_bins=4)
    assert [level.share for level in found.levels] == pytest.approx(list(shares))
    assert [level.chance for level in found.levels] == pytest.approx(list(stated))


def test_whoever_is_calibrated_is_seldom_told_otherwise() -> None:
    """Two deviations leave about one in twenty."""
    dice = random.Random(11)
    told = 0
    for _ in range(2_000):
        levels = dice.choices((GUESS, UNSURE, FAIRLY, SURE), k=40)
        found = calibration([(level, dice.random() < LEVELS[level - 1].chance) for level in levels])
        assert found is not None
        told += found.finding != FITS
    assert 0.02 < told / 2_000 < 0.07


def test_the_store_takes_every_level() -> None:
    assert len(LEVELS) == MAX_LEVEL


def filled(home: Path, answers: Iterable[tuple[int, bool]], try_number: int = 1) -> None:
    with Store.open(home / "attempts.db") as store:
        for level, right in answers:
            id = store.add(replace(RIGHT if right else WRONG, try_number=try_number))
            if level:
                store.state(Confidence(id, RIGHT.at, level), RIGHT.session)


def test_the_command(tmp_path: Path) -> None:
    filled(tmp_path, some(SURE, 12, 8) + some(UNSURE, 3, 2))
    page = tutor("stats", home=tmp_path).stdout.decode()
    assert page.endswith(
        "how sure   stated   right                          answers\n"
        "unsure     50%      60%     ████████████░░░░░░░░   3 of 5\n"
        "sure       95%      60%     ████████████░░░░░░░░   12 of 20\n"
        "Over-confident: you are surer than your answers bear out. Stated 86% on average,\n"
        "right 60%, Brier score 0.34.\n"
    )
    plain = tutor("stats", "--plain", home=tmp_path).stdout.decode()
    assert "sure       95%      60%     12 of 20\n" in plain
    found = json.loads(tutor("stats", "--json", home=tmp_path).stdout)["calibration"]
    assert (found["answers"], found["finding"]) == (25, "over-confident")
    assert found["levels"][1] == {"level": "sure", "chance": 0.95, "answers": 20, "right": 12}
    rows = csv.reader(io.StringIO(tutor("stats", "--csv", home=tmp_path).stdout.decode()))
    assert [row for row in rows if row[0] == "confidence"] == [
        ["confidence", "unsure", "0.6", "5"], ["confidence", "sure", "0.6", "20"]
    ]  # fmt: skip


def test_few_answers_are_counted_and_not_judged(tmp_path: Path) -> None:
    filled(tmp_path, some(GUESS, 0, 1))
    page = tutor("stats", home=tmp_path).stdout.decode()
    assert page.endswith("guess      25%      0%      ░░░░░░░░░░░░░░░░░░░░   0 of 1\n")
    found = json.loads(tutor("stats", "--json", home=tmp_path).stdout)["calibration"]
    assert found["finding"] is None


def test_what_does_not_count(tmp_path: Path) -> None:
    """Answers of which nothing was stated, and second tries."""
    filled(tmp_path, some(0, 3, 3))
    filled(tmp_path, some(SURE, 2, 0), try_number=2)
    assert "how sure" not in tutor("stats", home=tmp_path).stdout.decode()
    assert json.loads(tutor("stats", "--json", home=tmp_path).stdout)["calibration"] is None


def test_a_regraded_answer_counts_as_it_is_now(tmp_path: Path) -> None:
    filled(tmp_path, some(SURE, 0, 1))
    with Store.open(tmp_path / "attempts.db") as store:
        store.regrade([Regrade(1, RIGHT.at, "r2", "correct", RIGHT.note, 2.0, 2.0)])
    found = json.loads(tutor("stats", "--json", home=tmp_path).stdout)["calibration"]
    assert found["right"] == 1.0
