"""Tables filled in on one screen: cells in any order, checked when the student says so."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from program import Terminal, tutor_here

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")

TABLE = "shown/table@original"
# conv.shape 30 × 30 × 8, conv.weights 3·3·8, pool.shape 15 × 15 × 8, pool.weights 0
UP, DOWN, RIGHT, LEFT, BACK = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[Z"


def cell(terminal: Terminal, name: str) -> None:
    """Wait until the cursor is in a cell."""
    terminal.wait(lambda shown: terminal.line.startswith(f"{name} ›"))


def press(terminal: Terminal, *keys: str) -> None:
    terminal.child.send("".join(keys).encode())


def stored(home: Path) -> list[tuple[str, str, int]]:
    with closing(sqlite3.connect(home / "attempts.db")) as connection:
        return connection.execute("SELECT part, verdict, try_number FROM attempts").fetchall()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_table_from_the_first_cell_to_the_check(columns: int, tmp_path: Path) -> None:
    with Terminal("quiz", TABLE, home=tmp_path, columns=columns) as terminal:
        cell(terminal, "CONV-3-8, activation map")
        terminal.type("30x30x8")
        cell(terminal, "CONV-3-8, weights")
        page = terminal.wait_for("30x30x8")
        assert page.count("CONV-3-8") == 2, "the row and the prompt: the table stands there once"
        terminal.type("3*3*8")
        cell(terminal, "POOL-2, activation map")
        terminal.type("15x15x8")
        cell(terminal, "POOL-2, weights")
        assert stored_nothing(tmp_path), "nothing is graded on the way"
        terminal.type("0")
        cell(terminal, "Enter to check")
        terminal.type("")
        page = terminal.wait_for("2 of 2 points")
        assert "30 × 30 × 8 ✓" in page and "4 of 4 cells" in page
        assert terminal.end() == 0
    assert {(part, verdict) for part, verdict, _ in stored(tmp_path)} == {
        ("conv.shape", "correct"), ("conv.weights", "correct"),
        ("pool.shape", "correct"), ("pool.weights", "correct"),
    }  # fmt: skip


def stored_nothing(home: Path) -> bool:
    return not stored(home)


def test_keys_lead_from_cell_to_cell(tmp_path: Path) -> None:
    with Terminal("quiz", TABLE, home=tmp_path) as terminal:
        cell(terminal, "CONV-3-8, activation map")
        for key, there in (
            ("\t", "CONV-3-8, weights"),
            (DOWN, "POOL-2, weights"),
            (BACK, "POOL-2, activation map"),
            (UP, "CONV-3-8, activation map"),
            (UP, "CONV-3-8, activation map"),
            (RIGHT, "CONV-3-8, weights"),
            (LEFT, "CONV-3-8, activation map"),
            (BACK, "4 cells empty, Enter to end"),
            (UP, "POOL-2, weights"),
            (DOWN, "4 cells empty, Enter to end"),
            ("\t", "CONV-3-8, activation map"),
        ):
            press(terminal, key)
            cell(terminal, there)
        press(terminal, "12", LEFT, "3", LEFT, LEFT, LEFT)  # inside the text first
        cell(terminal, "3 cells empty, Enter to check")
        assert "132" in terminal.shown


def test_a_wrong_cell_is_explained_and_what_follows_from_it_counts(tmp_path: Path) -> None:
    with Terminal("quiz", TABLE, home=tmp_path) as terminal:
        cell(terminal, "CONV-3-8, activation map")
        for typed in ("29x29x8", "72", "14x14x8", "0"):
            terminal.type(typed)
        cell(terminal, "Enter to check")
        terminal.type("")
        page = terminal.wait_for("1 try left")
        assert "29 × 29 × 8 ✗" in page and "14 × 14 × 8 ⤷" in page
        assert "right from your own earlier answer" in page and "The first place counts." in page
        cell(terminal, "CONV-3-8, activation map")
        press(terminal, "\x15")  # Ctrl-U
        terminal.type("28x28x8")
        cell(terminal, "Enter to check")
        terminal.type("")
        page = terminal.wait_for("The right answers are")
        assert "missed 1" in terminal.wait_for("missed 1")
        assert terminal.end() == 0
    assert [row for row in stored(tmp_path) if row[0] == "conv.shape"] == [
        ("conv.shape", "incorrect", 1), ("conv.shape", "incorrect", 2)
    ]  # fmt: skip


def test_a_cell_that_cannot_be_read_costs_nothing(tmp_path: Path) -> None:
    with Terminal("quiz", TABLE, home=tmp_path) as terminal:
        cell(terminal, "CONV-3-8, activation map")
        terminal.type("(30, 30")
        cell(terminal, "CONV-3-8, weights")
        terminal.type(":check")
        assert "? invalid" in terminal.wait_for("no try used")
        cell(terminal, "CONV-3-8, activation map")
        assert not stored(tmp_path)
        terminal.type(":hint")  # in place of the text that stands there
        terminal.wait_for("There is no hint here")
        cell(terminal, "CONV-3-8, activation map")
        terminal.type(":solution")
        assert terminal.end() == 0


def test_what_was_typed_survives_another_width(tmp_path: Path) -> None:
    with Terminal("quiz", TABLE, home=tmp_path) as terminal:
        cell(terminal, "CONV-3-8, activation map")
        terminal.type("30x30x8")
        cell(terminal, "CONV-3-8, weights")
        terminal.resize(50, 100)
        press(terminal, "7")
        page = terminal.wait(lambda shown: "─" * 92 in shown and "30x30x8" in shown)
        assert "Tab and arrows move" in page
        assert page.count("Fill in the table") == 1


def test_a_table_in_an_exam(tmp_path: Path) -> None:
    begun = tutor_here("exam", "short", "--seed", "5", home=tmp_path, stdin=b":list\n:quit\n")
    rows = begun.stdout.decode().split("\n")
    number = next(row.split()[0] for row in rows if "A small network" in row and row[0].isdigit())
    with Terminal("exam", home=tmp_path, lines=60) as terminal:
        terminal.wait_for("min left")
        terminal.type(f":go {number}")
        cell(terminal, "CONV-3-8, activation map")
        press(terminal, "\t")
        cell(terminal, "CONV-3-8, weights")
        terminal.type("72")
        cell(terminal, "POOL-2, activation map")
        terminal.type(":quit")
        assert terminal.end() == 0
    page = tutor_here(
        "exam", home=tmp_path, stdin=f":go {number}\n:done\n".encode()
    ).stdout.decode()
    assert "your answer: 72" not in page.split("Grading")[0].split("CONV-3-8: weights")[0]
    assert "72 ✓" in page
