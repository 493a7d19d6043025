"""What is shown, line by line: tests/screens holds a page for each width.

``python tests/test_render.py`` writes the pages anew; look at what changed before committing.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import pytest
from program import SHOWN

from engine.grading import grade
from engine.parts import Layout
from engine.text import HARD_SPACE, compose
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank
from tutor.layout import base, cells, column, column_widths, cut, excerpt, marks, paragraphs, wrap
from tutor.render import Screen, Tally

SCREENS = Path(__file__).resolve().parent / "screens"
PAGES = ("60", "80", "120", "plain", "ascii", "latin-1")
BANK = Bank([SHOWN])


def original(id: str) -> Variant:
    return make_variant(BANK.load(f"shown/{id}"), None)


def screen(page: str) -> tuple[Screen, io.TextIOWrapper]:
    """A screen of that width or encoding, and the file it draws on."""
    encoding = page if page in ("ascii", "latin-1") else "utf-8"
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="tutor", newline="\n")
    width = int(page) if page.isdigit() else 80
    return Screen(plain=page == "plain", file=file, width=width), file


def drawn(page: str) -> str:
    """Everything there is to show, one after the other."""
    shown, file = screen(page)
    side, kinds, table = map(original, ("side", "kinds", "table"))
    shown.question(side, "3 of 10")
    shown.ask(side.parts[0], ":hint  :skip  :help")
    for answer in ("11", "15 - 5", "11.5", "", "2*(3+", "1 + " * 30 + "$", "2 + ŷ\n + 日本 $"):
        shown.verdict(grade(side, {"side": answer}), side)
    shown.solution(side.solution)
    shown.gap()
    shown.question(kinds)
    shown.parts(kinds)
    shown.answers(kinds)
    given = {"slope": "2z", "rule": "chain", "right": "one", "mask": "[[1, 0], [0, 4]]"}
    shown.verdict(grade(kinds, given), kinds)
    shown.question(table)
    given = {"conv.shape": "29x29x8", "conv.weights": "9*8", "pool.shape": "14x14x8"}
    shown.verdict(grade(table, given), table)
    shown.answers(table)
    shown.solution(table.solution)
    shown.notice("Type an answer, or :skip to leave this one, :help for more.")
    lines = ("first try 6 · missed 1", "slip seen twice: forgot plus one")
    shown.summary(Tally("shown", 7, Fraction(33, 2), Fraction(20), 14, lines))
    shown.listing([side.problem, kinds.problem, original("odd").problem])
    file.flush()
    data: bytes = file.buffer.getvalue()  # type: ignore[attr-defined]
    return data.decode(file.encoding)


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_stay_as_they_are(page: str) -> None:
    wanted = (SCREENS / f"{page}.txt").read_text(encoding="utf-8")
    assert drawn(page) == wanted, "python tests/test_render.py writes it anew"


@pytest.mark.parametrize("page", PAGES)
def test_every_line_fits_and_ends_where_it_ends(page: str) -> None:
    width = min(int(page), 92) if page.isdigit() else 80
    listed = {f"shown/{id}" for id in ("side", "kinds", "odd")}
    for row in drawn(page).splitlines():
        assert cells(row) <= width or row.split(" ")[0] in listed, row
        assert row == row.rstrip()


def shown(width: int, encoding: str = "utf-8", plain: bool = False) -> tuple[Screen, io.BytesIO]:
    file = io.BytesIO()
    text = io.TextIOWrapper(file, encoding=encoding, errors="tutor", write_through=True)
    return Screen(plain=plain, file=text, width=width), file


@pytest.mark.parametrize(
    ("columns", "width", "rows"),
    [
        ("map weights", 40, ["layer       map   weights", "CONV-5-32   ·     ·"]),
        (
            "activation-map weights",
            32,
            ["CONV-5-32. activation-map: to", "  fill in; weights: to fill in"],
        ),
        (
            "map weights biases sums",
            32,
            ["CONV-5-32. map: to fill in;", "  weights: to fill in; biases:"],
        ),
    ],
)
def test_a_table_without_room_is_told_row_by_row(columns: str, width: int, rows: list[str]) -> None:
    screen, file = shown(width)
    names = tuple(columns.split())
    screen.table(Layout(("layer", *names), (("CONV-5-32", *names),)), {})
    assert file.getvalue().decode().splitlines()[:2] == rows


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(
    ("maths", "rows"),
    [
        ("X = [[1, 3], [4, 10]]", ["X = [[1, 3],", " [4, 10]]"]),
        ("[[1], [2]] + [[3], [4]]", ["[[1],", " [2]] + [[3],", " [4]]"]),
        ("[[[1, 2], [3, 4]], [[5, 6]]]", ["[[[1, 2],", "  [3, 4]],", " [[5, 6]]]"]),
        ("f = g([1, 2], [3, 4])", ["f = g*([1, 2], [3, 4])"]),
    ],
)  # fmt: skip
def test_a_matrix_without_drawing_has_a_row_a_line(
    maths: str, rows: list[str], plain: bool
) -> None:
    screen, file = shown(60, "ascii", plain)
    screen.text(compose(f"$${maths}$$"))
    assert file.getvalue().decode().splitlines() == [f"    {row}" for row in rows]


def test_a_dot_between_words_is_spelled_apart_from_one_between_factors() -> None:
    screen, file = shown(60, "ascii")
    side = original("side")
    screen.verdict(grade(side, {"side": "2 · 5"}), side)
    screen.summary(Tally("shown", 1, Fraction(1), Fraction(2), 0))
    text = file.getvalue().decode()
    assert "read as  2*5 = 10" in text
    assert "shown   1 question - 1 of 2 points" in text


# Fitting text


@pytest.mark.parametrize(
    ("text", "lines", "why"),
    [
        ("one two three four five", ["one two three four", "five"], "words"),
        ("  one two three four five", ["  one two three", "  four five"], "keeps its indent"),
        ("- one two three four five", ["- one two three", "  four five"], "behind a bullet"),
        ("ab\n\ncd", ["ab", "", "cd"], "line ends"),
        ("", [""], "nothing"),
        ("a" * 40, ["a" * 18, "a" * 18, "a" * 4], "a word that is too long"),
        ("日本" * 10, ["日本" * 4 + "日", "本日" * 4 + "本", "日本"], "cells, not characters"),
        (f"see 12{HARD_SPACE}×{HARD_SPACE}12{HARD_SPACE}× 3 now", ["see 12 × 12 × 3", "now"], ""),
        (
            f"so that those 6{HARD_SPACE}×{HARD_SPACE}6",
            ["so that those", "6 × 6"],
            "hard spaces hold",
        ),
        (HARD_SPACE.join("abcdef" * 2 for _ in range(3)), ["abcdefabcdef"] * 3, "unless too long"),
    ],
)
def test_wrap(text: str, lines: list[str], why: str) -> None:
    assert wrap(text, 18) == lines, why


def test_wrap_hangs() -> None:
    assert wrap("side = 1 2 3 4 5 6 7 8 9", 20, 7) == ["side = 1 2 3 4 5 6 7", "       8 9"]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("one\ntwo", ["one two"]),
        ("one\n\ntwo", ["one", "two"]),
        ("- a\n- b\n  more of b\nc", ["- a\n- b more of b c"]),
        ("so\n    10 right\n    20 wrong\nand", ["so\n    10 right\n    20 wrong and"]),
    ],
)
def test_paragraphs(text: str, blocks: list[str]) -> None:
    assert paragraphs(text) == blocks


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("ŷ", 1), ("⊙×−", 3), ("", 0)]
)
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width


def test_tabs_jump_and_marks_stand_on_what_carries_them() -> None:
    assert column("2\t+", 7) == 17
    assert column("2\t", 6) == 8
    assert column("\t", 8) == 16
    assert [base("ae\u0301b", at) for at in range(5)] == [0, 1, 1, 3, 4]


def test_cut_takes_at_least_one_character() -> None:
    assert (cut("日本", 3), cut("日本", 1), cut("ab", 5)) == ("日", "日", "ab")


def test_excerpt_keeps_the_place_in_sight() -> None:
    line = "a" * 50 + "$" + "b" * 50
    shown, at = excerpt(line, 50, 20)
    assert shown[at] == "$" and len(shown) <= 20
    assert shown.startswith("…a") and shown.endswith("b…")
    assert excerpt("short $", 6, 20) == ("short $", 6)


def test_columns_are_narrowed_from_the_widest() -> None:
    rows = [["a" * 40, "b" * 20, "c"]]
    assert column_widths(rows, 80, 3) == [40, 20, 1]
    assert column_widths(rows, 40, 3) == [16, 17, 1]
    assert column_widths(rows, 5, 3) == [8, 8, 1], "not narrower than can be read"


def test_marks() -> None:
    assert marks(Fraction(27, 5), Fraction(6)) == "5.4 of 6 points"
    assert marks(Fraction(1, 3), Fraction(1)) == "0.33 of 1 point"
    assert marks(Fraction(100), Fraction(100)) == "100 of 100 points"


@pytest.mark.parametrize(
    ("columns", "width"),
    [("60", 60), ("120", 92), ("5", 32), ("0", 80), ("abc", 80), ("-3", 80), ("9" * 99, 92)],
)
def test_columns_sets_the_width(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert Screen(file=io.StringIO()).width == width


if __name__ == "__main__":
    import tutor.console  # noqa: F401  (knows how to spell)

    for name in PAGES:
        (SCREENS / f"{name}.txt").write_text(drawn(name), encoding="utf-8")
