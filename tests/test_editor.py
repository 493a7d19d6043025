"""The editor at the prompt: what is read while one types, names on Tab, options by letter."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from program import Terminal

from engine.kinds import Asked, Choice
from engine.language.symbols import parse_symbols
from tutor.editor.completion import Offer, offers, shown_symbols
from tutor.editor.live import MAX_LIVE, live_reading
from tutor.picking import Picking

SCALARS = Asked("f", "symbolic", parse_symbols("x, y, lam, yhat, dJ/dw_i"))
MATRICES = Asked("dw", "matrix", parse_symbols("X:(F,m), y:(1,m), yhat:(1,m)"))
NUMBER = Asked("side", "integer")


@pytest.mark.parametrize(
    ("asked", "typed", "told", "place"),
    [
        (SCALARS, "2xy + lambda", "2·x·y + λ", None),
        (SCALARS, "2x + (y", "this bracket is never closed", 5),
        (SCALARS, "2x + q", "q isn't known here", 5),
        (SCALARS, "", "", None),
        (SCALARS, ":hint", "", None),
        (SCALARS, "x + " * MAX_LIVE, "", None),  # read when it is handed in
        (NUMBER, "(28 + 2*1 - 5)/2 + 1", "(28 + 2·1 − 5)/2 + 1 = 13.5", None),
        (MATRICES, "yhat - y", "ŷ − y   (1, m)", None),
        (MATRICES, "(yhat - y) X^T", "(ŷ − y) @ Xᵀ   (1, m) @ (m, F) → (1, F)", None),
        (MATRICES, "(yhat - y) X", "(ŷ − y)·X", None),  # whether it fits is told by the verdict
        (MATRICES, "(yhat - y) X^", "something is missing after ^", 12),
    ],
)
def test_what_is_read_while_one_types(
    asked: Asked, typed: str, told: str, place: int | None
) -> None:
    live = live_reading(typed, asked)
    assert live.told.startswith(told) and bool(live.told) == bool(told)
    assert live.place == place


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("2 lambda", [Offer("λ", 6)]),
        ("2 \\lam", [Offer("λ", 4)]),
        ("yha", [Offer("ŷ", 3)]),
        ("x + y", [Offer("ŷ", 1)]),  # y is complete as it stands; ŷ may be meant
        ("dJ/", [Offer("dJ/dw_i", 3)]),
        ("sig", [Offer("sigmoid(", 3), Offer("sign(", 3)][:1]),
        ("zq", []),
    ],
)
def test_names_to_complete(before: str, expected: list[Offer]) -> None:
    found = offers(before, SCALARS.symbols)
    assert found[: len(expected)] == expected and bool(found) == bool(expected)


def test_every_symbol_is_offered_where_no_name_has_begun() -> None:
    assert [offer.text for offer in offers("x + ", SCALARS.symbols)] == [
        "x", "y", "λ", "ŷ", "dJ/dw_i"
    ]  # fmt: skip
    assert shown_symbols(MATRICES.symbols)[:2] == ["X (F, m)", "y (1, m)"]


def choices(*ids: str, kind: str = "choices") -> Picking:
    options = tuple(Choice(id, f"the option {id}", False) for id in ids)
    return Picking(Asked("part", kind, choices=options))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a, c", "bias, both"),
        ("ac", "bias, both"),
        ("A) C)", "bias, both"),
        ("c a", "both, bias"),
        ("bias", "bias"),  # words stay as they are
        ("a, variance", "a, variance"),
        ("d", "d"),  # no such letter
        ("", ""),
    ],
)
def test_letters_stand_for_options(typed: str, meant: str) -> None:
    assert choices("bias", "variance", "both").meant(typed) == meant


def test_one_option_is_one_letter() -> None:
    assert choices("bias", "variance", kind="choice").meant("b") == "variance"
    assert choices("bias", "variance", kind="choice").meant("ab") == "ab"


def test_options_are_ticked_by_the_line_and_the_line_by_the_keys() -> None:
    picking = choices("bias", "variance", "both")
    assert not picking.toggles(""), "the space bar types a space until an arrow key is pressed"
    picking.move(1)
    picking.move(1)
    assert (picking.at, picking.toggles("a")) == (1, True)
    line = picking.toggled("a")
    assert line == "a, b" and picking.toggled(line) == "a"
    assert [row.text[:7] for row in picking.rows(line, 60)] == ["  [x] a", "  [x] b", "  [ ] c"]
    assert [row.here for row in picking.rows(line, 60)] == [False, True, False]
    assert not picking.toggles("bias"), "words are typed with spaces"


def test_ids_that_are_letters_are_their_own() -> None:
    picking = choices("a", "b")
    assert picking.meant("b") == "b"
    assert [row.text for row in picking.rows("b", 60)] == [
        "  [ ] a  the option a",
        "  [x] b  the option b",
    ]


def test_ids_of_which_some_are_letters_stay_as_they_are() -> None:
    picking = choices("i", "ii", "iv", "v")
    assert picking.meant("i, iv") == "i, iv" and picking.meant("ii") == "ii"
    picking.move(1)
    picking.move(1)
    line = picking.toggled("i")
    assert line == "i, ii" and picking.toggles(line) and picking.toggled(line) == "i"
    assert [row.text for row in picking.rows("ii, v", 60)][1:3] == [
        "  [x] ii  the option ii",
        "  [ ] iv  the option iv",
    ]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_reading_stands_under_the_line(columns: int, tmp_path: Path) -> None:
    with Terminal("quiz", "shown/side@original", home=tmp_path, columns=columns) as terminal:
        terminal.wait_at("side")
        terminal.child.send(b"15 - ")
        terminal.wait_for("something is missing after")
        assert terminal.line.strip() == "side › 15 -"
        terminal.child.send(b"5 + 1")
        terminal.wait_for("reads as  15 − 5 + 1 = 11")
        terminal.child.send(b"\r")
        terminal.wait_for("✓ correct")
        assert "reads as" not in terminal.shown, "it goes when the answer is handed in"


def test_tab_completes_a_symbol(tmp_path: Path) -> None:
    with Terminal("quiz", "gradients/l1-cost@original", home=tmp_path) as terminal:
        terminal.wait_at("dw")
        terminal.child.send(b"2 lambda\t")
        terminal.wait_for("dw › 2 λ")
        terminal.child.send(b" dJ/\t")
        terminal.wait_for("dw › 2 λ dJ/dw_i")


def test_options_are_picked_with_the_keys(tmp_path: Path) -> None:
    with Terminal("quiz", "shown/kinds@original", home=tmp_path) as terminal:
        for part in ("slope", "rule"):
            terminal.wait_at(part)
            terminal.type(":skip")
        terminal.wait_at("right")
        terminal.child.send(b"\x1b[B")
        terminal.child.send(b" ")
        terminal.wait_for("[x] a")
        terminal.child.send(b"\x1b[B")
        terminal.child.send(b" ")
        terminal.wait_for("right › a, b")


def test_a_resized_terminal_shows_the_question_anew(tmp_path: Path) -> None:
    with Terminal("quiz", "shown/side@original", home=tmp_path, columns=80) as terminal:
        terminal.wait_at("side")
        terminal.child.send(b"15 - 5")
        terminal.wait_for("= 10")
        terminal.resize(50, 60)
        terminal.wait(lambda shown: "side › 15 - 5" in shown and "─" * 61 not in shown)
        assert "screen" in terminal.shown


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}])
def test_code_is_highlighted(environment: dict[str, str], tmp_path: Path) -> None:
    """Rows that go on bear the style of their tokens; without colours none does."""
    means = "broadcasting/means@original"
    with Terminal("quiz", means, home=tmp_path, **environment) as terminal:
        terminal.wait_at("rows")
        terminal.child.send(b"lambda M: 7 # 3")
        terminal.wait_for("# 3")
        row = terminal.screen.buffer[terminal.screen.cursor.y]
        colours = [row[len("rows › ") + at].fg for at in (0, 7, 10, 12)]
    expected = ["magenta", "default", "green", "brightblack"]
    assert colours == (["default"] * 4 if environment else expected)
