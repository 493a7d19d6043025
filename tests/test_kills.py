"""A dozen kills of a quiz; ``make kills`` does 200. Two quizzes at once, and a full disk."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from threading import Thread

import kills
import pytest
from program import Terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")


def test_nothing_that_had_feedback_is_lost_by_a_kill() -> None:
    tally = kills.run(range(12))
    assert tally.faults == (), "\n".join(map(str, tally.faults))
    assert tally.runs == 12
    assert tally.seen >= 6, "most runs get as far as a verdict"


def test_the_moments_cover_a_quiz() -> None:
    moments = [kills.moment_of(number) for number in range(200)]
    assert Counter(moment.answers for moment in moments).keys() == {0, 1, 2, 3, 4, 5}
    for answers, longest in ((0, 0.9), (1, 0.2), (2, 0.04), (5, 0.04)):
        delays = sorted(one.delay for one in moments if one.answers == answers)
        gaps = [b - a for a, b in zip([0.0, *delays], [*delays, longest], strict=True)]
        assert max(gaps) < longest / 8, "no stretch is left out"


def test_a_loss_is_reported(tmp_path: Path) -> None:
    with Terminal("quiz", kills.CODES[0], home=tmp_path) as terminal:
        terminal.wait_at("side")
        terminal.type("10000")
        terminal.wait_for(kills.VERDICT)
    sent = ["10000"]
    assert kills.fault_of(tmp_path, sent, 1, list(kills.stored(tmp_path))) == ""
    with closing(sqlite3.connect(tmp_path / "attempts.db")) as store, store:
        store.execute("DELETE FROM attempts")
    stored = list(kills.stored(tmp_path))
    assert "lost" in kills.fault_of(tmp_path, sent, 1, stored)
    assert "other answers" in kills.fault_of(tmp_path, sent, 0, ["10001"])
    (tmp_path / "attempts.db").write_bytes(b"")
    assert "does not go on" in kills.fault_of(tmp_path, sent, 0, [])


def test_two_terminals_at_once_lose_nothing(tmp_path: Path) -> None:
    sent: tuple[list[str], list[str]] = ([], [])
    terminals = [
        Thread(target=kills.answer_all, args=(tmp_path, first, answers))
        for first, answers in zip("12", sent, strict=True)
    ]
    for terminal in terminals:
        terminal.start()
    for terminal in terminals:
        terminal.join()
    stored = list(kills.stored(tmp_path))
    for first, answers in zip("12", sent, strict=True):
        assert len(answers) == kills.TRIES * len(kills.CODES)
        assert [one for one in stored if one.startswith(first)] == answers
    assert len(stored) == sum(map(len, sent))
