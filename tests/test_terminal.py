"""The quiz on real terminals: what stands on the screen, and where the cursor is."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import unicodedata
from pathlib import Path

import pytest
from program import Terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")

SIDE = "shown/side@original"


def test_a_quiz_from_question_to_summary(tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, "shown/kinds@original", home=tmp_path) as terminal:
        page = terminal.wait_at("side")
        assert re.match(r"shown/side@original +Output size .* · 2 points · 1 of 2\n─{80}\n", page)
        assert page.endswith(f"How wide is the output?{':hint  :skip  :help':>57}\nside ›")
        assert terminal.screen.cursor.x == len("side › ")
        terminal.type("15 - 5")
        page = terminal.wait_for("1 try left")
        assert "side › 15 - 5\n       read as  15 − 5 = 10\n✗ incorrect   That counts " in page
        terminal.type("11")
        terminal.wait_for("✓ correct")
        terminal.wait_at("slope")
        terminal.type(":quit")
        assert terminal.end() == 0
        assert terminal.shown.endswith(
            "shown/side@original shown/kinds@original   1 question · 2 of 2 points\n  second try 1"
        )


STRANGE = [
    ("2*(3+", "+"),
    ("   2 $ 3", "$"),
    ("2 + ŷ", "ŷ"),
    ("2 + e\u0301 3 ŷ", "e\u0301"),
    ("日本 2", "日"),
    ("2 + 日本", "日"),
]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_caret_stands_under_what_was_typed(columns: int, tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, home=tmp_path, columns=columns, lines=80) as terminal:
        for number, (typed, at) in enumerate(STRANGE):
            terminal.wait_at("side")
            terminal.type(typed)
            terminal.wait_for("? invalid", number + 1)
            terminal.wait_at("side")
            verdict = max(y for y, row in enumerate(terminal.rows) if row.startswith("? invalid"))
            # In cells, not characters: a wide one takes two, a combining one none.
            answer, caret = (terminal.screen.buffer[verdict - up] for up in (2, 1))
            (column,) = (x for x in range(columns) if caret[x].data != " ")
            assert caret[column].data == "╵"
            assert answer[column].data == unicodedata.normalize("NFC", at)


def test_a_line_that_wrapped_is_shown_once_more(tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, home=tmp_path, columns=60) as terminal:
        terminal.wait_at("side")
        terminal.type("1 + " * 18 + "$")
        terminal.wait_for("? invalid")
        rows = terminal.wait_at("side").split("\n")
        at = next(number for number, row in enumerate(rows) if row.strip() == "╵")
        assert rows[at - 1].startswith("  …") and rows[at - 1][rows[at].index("╵")] == "$"


def test_an_answer_on_several_lines(tmp_path: Path) -> None:
    with Terminal("quiz", "shown/kinds@original", home=tmp_path) as terminal:
        for part in ("slope", "rule", "right"):
            terminal.wait_at(part)
            terminal.type(":skip")
        terminal.wait_at("mask")
        terminal.type("[[1, 0],")
        terminal.wait_for("mask › [[1, 0],\n     ›")
        terminal.type(":help")
        terminal.wait_at("mask")
        terminal.type("[[1, 0],")
        terminal.wait_for("mask › [[1, 0],\n     ›")
        terminal.type("[0, 3]]")
        assert terminal.end() == 0
        assert "✓ correct" in terminal.shown


def test_rows_on_lines(tmp_path: Path) -> None:
    with Terminal("quiz", "shown/kinds@original", home=tmp_path) as terminal:
        for part in ("slope", "rule", "right"):
            terminal.wait_at(part)
            terminal.type(":skip")
        terminal.wait_at("mask")
        terminal.type("1 0")
        terminal.wait_for("mask › 1 0\n     ›")
        terminal.type("0 4")
        terminal.wait_for("     › 0 4\n     ›")
        terminal.type("")
        terminal.wait_for("1 try left")
        terminal.wait_at("mask")
        terminal.type("1 0")
        terminal.wait_for("mask › 1 0\n     ›", times=2)
        terminal.type("0 3")
        terminal.type("")
        assert terminal.end() == 0
        assert "✓ correct" in terminal.shown


@pytest.mark.parametrize(("key", "code"), [("c", 130), ("d", 0)])
def test_control_c_and_d_end_with_the_summary(key: str, code: int, tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, "shown/side@3", home=tmp_path) as terminal:
        terminal.wait_at("side")
        terminal.type("11")
        terminal.wait_for("✓ correct")
        terminal.wait_for("2 of 2\n")
        terminal.wait_at("side")
        assert terminal.end_by(key) == code
        assert "1 question · 2 of 2 points\n  first try 1" in terminal.shown
        assert "Traceback" not in terminal.shown


@pytest.mark.parametrize("key", ["c", "d"])
def test_leaving_at_once(key: str, tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, home=tmp_path) as terminal:
        terminal.wait_at("side")
        assert terminal.end_by(key) == (130 if key == "c" else 0)
        assert terminal.rows[-1] == "No question was answered."
        assert terminal.rows[-3].startswith("side ›")


def test_what_has_feedback_survives_a_kill(tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, home=tmp_path) as terminal:
        terminal.wait_at("side")
        terminal.type("2 * (")
        terminal.wait_for("? invalid")
        terminal.type("10")
        terminal.wait_for("✗ incorrect")
        os.kill(terminal.child.pid, signal.SIGKILL)
        terminal.child.wait()
    with sqlite3.connect(tmp_path / "attempts.db") as store:
        rows = list(store.execute("SELECT response, verdict, try_number FROM attempts"))
    store.close()
    assert rows == [("10", "incorrect", 1)], "and nothing that couldn't be read"


def test_plain_moves_no_cursor_and_draws_no_lines(tmp_path: Path) -> None:
    with Terminal("quiz", "--plain", "shown/table@original", home=tmp_path) as terminal:
        terminal.wait_for("CONV-3-8: activation map ›")
        terminal.type("29x29x8")
        terminal.wait_for("1 try left")
        terminal.type(":quit")
        assert terminal.end() == 0
        assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", terminal.raw)
        assert "CONV-3-8. activation map: to fill in; weights: to fill in\n" in terminal.shown
        assert "CONV-3-8. activation map: 29 × 29 × 8 ✗; weights: to fill in\n" in terminal.shown
        assert "─" not in terminal.shown


def test_no_color_and_a_dumb_terminal(tmp_path: Path) -> None:
    with Terminal("quiz", SIDE, home=tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_at("side")
        terminal.type("11")
        assert terminal.end() == 0
        assert not re.search(rb"\x1b\[[\d;]*3[0-7]m", terminal.raw), "no colour"
    with Terminal("quiz", SIDE, home=tmp_path, TERM="dumb", COLUMNS="60") as terminal:
        terminal.wait_for("side ›")
        terminal.type("11")
        assert terminal.end() == 0
        assert b"\x1b" not in terminal.raw
        assert "─" * 60 in terminal.rows


def test_a_list_on_a_narrow_terminal(tmp_path: Path) -> None:
    with Terminal("list", "cnn/maxpool-forward", home=tmp_path, columns=40) as terminal:
        assert terminal.end() == 0
        assert terminal.rows == ["cnn/maxpool-forward", "  Max pooling, forward · 2 points"]


def test_text_is_never_markup(tmp_path: Path) -> None:
    with Terminal("quiz", "shown/odd@original", home=tmp_path) as terminal:
        page = terminal.wait_at("n")
        assert "[bold]Odd[/bold] :smile: · 1 point" in page
        assert "[red]3[/red] :warning: \\[x] costs ŷ ≤ ⊙ α" in page
        assert "[link=x]n[/link]?" in page
        terminal.type("[bold]4[/bold]")
        terminal.wait_for("? invalid")
        terminal.type(":hint")
        assert "Hint 1 of 1: :bomb: [/]" in terminal.wait_for("Hint 1")
        terminal.type(":solution")
        assert terminal.end() == 0
        assert "  [b]3[/b]" in terminal.shown


def test_a_solution_step_by_step(tmp_path: Path) -> None:
    with Terminal("quiz", "cnn/shape-table@original", home=tmp_path, lines=60) as terminal:
        terminal.wait_for("CONV-9-32, activation map ›")
        terminal.type(":solution")
        page = terminal.wait_at("solution")
        assert "With stride 1 and padding 0" in page and "In all" not in page
        assert "Enter or :next for the next step" in page
        terminal.type(":next")
        page = terminal.wait_for("In all")
        assert "solution ›" not in page and ":next" not in page, "nothing of it stays"
        assert terminal.end() == 0


def test_the_rest_of_a_solution_at_once(tmp_path: Path) -> None:
    with Terminal("quiz", "--plain", "cnn/shape-table@original", home=tmp_path) as terminal:
        terminal.wait_for("›")
        terminal.type(":solution")
        assert "Enter or :next" in terminal.wait_for("solution ›")
        terminal.type(":all")
        terminal.wait_for("In all")
        assert terminal.end() == 0
