"""How sure one is of an answer: when it is asked, what is stored, and that nothing is lost."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from program import Terminal, tutor
from test_quiz import Typist, clock, variant

from tutor.confidence import LABEL
from tutor.quiz import Quiz
from tutor.record import Record
from tutor.render import Screen
from tutor.store import Confidence, Store, StoreUnavailable

SIDE = "shown/side@original"
OFFERED = "1 guess 25%  2 unsure 50%  3 fairly 75%  4 sure 95%"


def stored(home: Path) -> list[tuple[str, int]]:
    """The answers and the levels that were stated, read by SQLite alone."""
    query = "SELECT response, level FROM attempts LEFT JOIN confidences ON attempt = attempts.id"
    with closing(sqlite3.connect(home / "attempts.db")) as store:
        return [(response, level or 0) for response, level in store.execute(query)]


def quizzed(home: Path, typed: str, name: str = SIDE) -> str:
    done = tutor("quiz", name, "--confidence", home=home, stdin=typed.encode())
    assert done.stderr == b""
    return done.stdout.decode()


@pytest.mark.parametrize(
    ("typed", "expected", "why"),
    [
        ("11\n4\n", [("11", 4)], "a number"),
        ("11\n Fairly \n", [("11", 3)], "a word"),
        ("11\n\n", [("11", 0)], "left open"),
        ("11\n:skip\n", [("11", 0)], "left open"),
        ("11\n5\n0\nvery\n:hint\n2\n", [("11", 2)], "asked until it is a level"),
        ("10\n1\n11\n", [("10", 1), ("11", 0)], "not of the second try"),
        ("2(\n11\n3\n", [("11", 3)], "not of what can't be read"),
        ("11\n", [("11", 0)], "the end in place of a level"),
        ("11\n:quit\n", [("11", 0)], "the quiz ends"),
    ],
)
def test_what_is_stored(
    typed: str, expected: list[tuple[str, int]], why: str, tmp_path: Path
) -> None:
    page = quizzed(tmp_path, typed)
    assert stored(tmp_path) == expected, why
    assert "✓ correct" in page, "the answer has its verdict, whatever was said of it"


def test_it_stands_between_the_answer_and_its_verdict(tmp_path: Path) -> None:
    page = quizzed(tmp_path, "15-5\n4\n11\n")
    assert (
        f"\nside › 15-5\n{OFFERED}\nhow sure, or Enter › 4\n  read as  15 − 5 = 10\n✗ incorrect"
        in page
    )
    assert page.count("how sure") == 1
    plain = tutor("quiz", SIDE, "--confidence", "--plain", home=tmp_path, stdin=b"11\nvery\n3\n")
    assert (
        f"\nside › 11\n{OFFERED}\nhow sure, or Enter › very\n"
        "Type 1 to 4 for the chance you give your answer; Enter leaves it open.\n"
        f"{OFFERED}\nhow sure, or Enter › 3\n✓ correct"
    ) in plain.stdout.decode()


def test_help_tells_of_it(tmp_path: Path) -> None:
    line = "\nhow sure   the chance you give your answer, 1 to 4, before its verdict\n"
    assert line in quizzed(tmp_path, ":help\n")
    assert line not in tutor("quiz", SIDE, home=tmp_path, stdin=b":help\n").stdout.decode()


def test_nobody_is_asked_who_did_not_wish_it(tmp_path: Path) -> None:
    assert "how sure" not in tutor("quiz", SIDE, home=tmp_path, stdin=b"11\n").stdout.decode()


def test_tables_are_left_alone(tmp_path: Path) -> None:
    assert "how sure" not in quizzed(tmp_path, "30x30x8\n72\n", "shown/table@original")


def test_a_review_asks_as_well(tmp_path: Path) -> None:
    tutor("quiz", SIDE, home=tmp_path, stdin=b"11\n")
    with closing(sqlite3.connect(tmp_path / "attempts.db")) as store, store:
        store.execute("UPDATE attempts SET at = '2020-01-01T00:00:00Z'")
    done = tutor("review", "--confidence", home=tmp_path, stdin=b"11\n2\n")
    assert b"how sure" in done.stdout
    assert stored(tmp_path)[1][1] == 2


def test_what_a_full_disk_refuses_is_stored_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, full = Store.state, [True]

    def refused(self: Store, confidence: Confidence, session: str) -> None:
        if full:
            raise StoreUnavailable("the disk is full")
        state(self, confidence, session)

    monkeypatch.setattr(Store, "state", refused)
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path))
    page = io.StringIO()
    screen = Screen(file=page, width=80)
    typist = Typist(screen, page, ["10", "3", "11"])
    quiz = Quiz(screen, typist, Record(clock(0)), "shown", 2, confidence=True)  # type: ignore[arg-type]
    quiz.ask(variant("side"))
    assert stored(tmp_path) == [("10", 0)], "what comes later waits as well"
    full.clear()
    quiz.summary()
    assert stored(tmp_path) == [("10", 3), ("11", 0)]


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("columns", [60, 80])
def test_nothing_of_it_stays_on_a_terminal(columns: int, tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, "--confidence", home=tmp_path, columns=columns) as terminal:
        terminal.wait_at("side")
        terminal.type("15 - 5")
        page = terminal.wait_at(LABEL)
        assert page.endswith(f"side › 15 - 5\n{OFFERED}\n\nhow sure, or Enter ›")
        assert stored(tmp_path) == [("15 - 5", 0)], "it is on the disk by now"
        terminal.type("maybe")
        terminal.wait_for("Type 1 to 4")
        terminal.wait_at(LABEL)
        terminal.child.send("\x1b[A\t")  # leads nowhere
        terminal.type("4")
        page = terminal.wait_for("1 try left")
        assert "how sure" not in page and "guess" not in page
        assert "side › 15 - 5\n       read as  15 − 5 = 10\n✗ incorrect   That " in page
        assert stored(tmp_path) == [("15 - 5", 4)]
        terminal.wait_at("side")
        terminal.child.send("\x1b[A")
        terminal.wait(lambda _: terminal.line == "side › 15 - 5")  # not 4
        terminal.child.send("\x15")
        terminal.type("11")
        assert terminal.end() == 0
        assert "✓ correct" in terminal.shown


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("key", ["c", "d"])
def test_the_ways_out(key: str, tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, "--confidence", home=tmp_path) as terminal:
        terminal.wait_at("side")
        terminal.type("11")
        terminal.wait_at(LABEL)
        assert terminal.end_by(key) == (130 if key == "c" else 0)
        assert "✓ correct" in terminal.shown and "2 of 2 points" in terminal.shown
    assert stored(tmp_path) == [("11", 0)]


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_kill_at_the_prompt_loses_nothing(tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, "--confidence", home=tmp_path) as terminal:
        terminal.wait_at("side")
        terminal.type("11")
        terminal.wait_at(LABEL)
        os.kill(terminal.child.pid, signal.SIGKILL)
        terminal.end()
    with Store.open(tmp_path / "attempts.db") as store:
        assert store.notice == ""
        assert [attempt.response for attempt in store.attempts()] == ["11"]
