"""The sets that `make bench` measures on, and how it counts."""

from __future__ import annotations

import json
import time

import bench_class
import bench_code
import bench_equality
import pytest
from bench_code import Measured
from bench_equality import Given, Pair, Result, line, measured

from tutor.bank.bank import Bank, bank_folders


def test_the_pairs_are_many_and_mixed() -> None:
    rows = bench_equality.prepared()
    assert len(rows) >= 200
    assert 60 <= sum(given.pair.same for given in rows) <= len(rows) - 60
    assert len({given.pair for given in rows}) == len(rows)


def test_every_verdict_of_ours_is_right() -> None:
    wrong = [
        given.pair
        for given in bench_equality.prepared()
        if bench_equality.ours(given) is not given.pair.same
    ]
    assert wrong == []


def test_what_is_wrong_slow_or_broken_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_equality, "SECONDS", 0.05)
    rows = [
        Given(Pair("x", text, "x", True), (0, 0), ("", "")) for text in ("x", "y", "slow", "bad")
    ]

    def way(given: Given) -> bool | None:
        if given.pair.right == "slow":
            end = time.process_time() + 1
            while time.process_time() < end:
                pass
        if given.pair.right == "bad":
            raise ValueError
        return given.pair.right == "x"

    result = measured("this", way, rows)
    assert (result.right, result.hangs) == (1, 1)
    assert len(result.seconds) == 4 and max(result.seconds) < 0.5


def test_a_row_shows_times_verdicts_and_the_ratio() -> None:
    shown = line(Result("this", (0.002,) * 99 + (1.0,), 99, 1), 0.001, 100)
    assert shown.split() == [
        "this",
        "2.00",
        "ms",
        "12.0",
        "ms",
        "1000",
        "ms",
        "99.0",
        "%",
        "1",
        "2.0",
    ]


def test_no_two_code_answers_are_the_same() -> None:
    given = list(bench_code.answers(50))
    assert len(set(given)) == 50


def test_each_code_answer_is_measured() -> None:
    found = bench_code.verdicts(3), bench_code.a_class(blocks=2, rows=4)
    assert [len(one.seconds) for one in found] == [3, 2]
    assert all(0 < seconds < 5 for one in found for seconds in (*one.seconds, *one.starts))


def test_a_row_of_code_shows_times_and_their_ratio() -> None:
    shown = bench_code.line("this", Measured((0.01, 0.02, 0.03), (0.08,)), "20 ms")
    assert shown.split() == ["this", "20.0", "ms", "80", "ms", "0.25", "20", "ms"]


def test_a_class_is_of_answers_that_are_right_and_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_class, "CLASS", 60)
    monkeypatch.setattr(bench_class, "DIFFERENT", 60)
    monkeypatch.setattr(bench_class, "SHARED", 1)
    made = list(bench_class.classes(Bank(bank_folders())))
    assert [kind for _, kind, _ in made] == ["numbers"] * 4 + ["symbolic"] * 2
    for name, kind, rows in made:
        rate, out = bench_class.graded(rows, 2)
        verdicts = [json.loads(row)["verdict"] for row in out.splitlines()]
        assert rate > 0 and len(verdicts) == 60
        assert 8 <= verdicts.count("correct") <= 52, name
        assert verdicts.count("invalid") <= 3, name
        if kind == "symbolic":
            assert len(bench_class.theirs(rows)) >= 50, name
