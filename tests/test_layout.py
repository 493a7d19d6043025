"""Trees drawn in two dimensions, against drawings written out here."""

from __future__ import annotations

from fractions import Fraction
from textwrap import dedent

import pytest

from engine.language.layout import (
    Box,
    beside,
    enclosed,
    fraction,
    plain,
    radical,
    raised,
    text,
    text_width,
    two_dimensional,
)
from engine.language.parser import read
from engine.language.scope import Scope
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Number

WORDS = "a b c m n w x y X F yhat lam alpha w_i dJ/dw_i".split()
SCOPE = Scope(map(Symbol, WORDS))


def drawn(typed: str) -> str:
    return "\n".join(two_dimensional(read(typed, SCOPE, relations=True)))


# typed, drawn
DRAWINGS = [
    (
        "floor((28 + 2*1 - 5)/2) + 1",
        """
        ⎢ 28 + 2·1 − 5 ⎥
        ⎢──────────────⎥ + 1
        ⎣      2       ⎦
        """,
    ),
    (
        "2/m (yhat - y) X^T",
        """
         2
        ───·(ŷ − y)·Xᵀ
         m
        """,
    ),
    (
        "1/(1 + e^-x)",
        """
            1
        ─────────
         1 + e⁻ˣ
        """,
    ),
    (
        "a/b/c",
        """
          a
         ───
          b
        ─────
          c
        """,
    ),
    (
        "-(a/b) - x",
        """
           a
        − ─── − x
           b
        """,
    ),
    (
        "(a/b)^2 (a/b)^c",
        """
        ⎛ a ⎞² ⎛ a ⎞c
        ⎜───⎟ ·⎜───⎟
        ⎝ b ⎠  ⎝ b ⎠
        """,
    ),
    (
        "e^(-x/2) + x^(n + 1)",
        """
         −x/2    n + 1
        e     + x
        """,
    ),
    (
        "e^(-(x - a)^2/(2 b^2))/sqrt(2 pi b)",
        """
           −(x − a)²
          ───────────
             2·b²
         e
        ──────────────
             _____
            √2·π·b
        """,
    ),
    (
        "sqrt(x) + sqrt(x/2)",
        """
                ___
               ╱ x
        √x +  ╱ ───
             √   2
        """,
    ),
    (
        "root(x + 1, 3) + cbrt(x)",
        """
          _____
        ³√x + 1 + ³√x
        """,
    ),
    (
        "|a/b| + ||w/2||^2 + ⌈x/y⌉",
        """
        │ a │   ║ w ║²   ⎡ x ⎤
        │───│ + ║───║  + ⎢───⎥
        │ b │   ║ 2 ║    ⎢ y ⎥
        """,
    ),
    (
        "sum((yhat - y)^2)/m + sum(X/2, axis=1)",
        """
         Σ((ŷ − y)²)     ⎛ X         ⎞
        ───────────── + Σ⎜───, axis=1⎟
              m          ⎝ 2         ⎠
        """,
    ),
    (
        "[[1, -20], [300, 4]] [[x], [y/2]]",
        """
                   ⎡ x ⎤
        ⎡  1  −20⎤·⎢ y ⎥
        ⎣300    4⎦ ⎢───⎥
                   ⎣ 2 ⎦
        """,
    ),
    (
        "[[1, 2], [3, 4]]^T",
        """
        ⎡1  2⎤ᵀ
        ⎣3  4⎦
        """,
    ),
    (
        "if(x > 0, x, alpha x)",
        """
        ⎧ x     if x > 0
        ⎨
        ⎩ α·x   otherwise
        """,
    ),
    (
        "2 if(x > 0, x, x < -1, x/2, 0)",
        """
          ⎛⎧ x     if x > 0 ⎞
          ⎜⎪  x             ⎟
        2·⎜⎨ ───   if x < −1⎟
          ⎜⎪  2             ⎟
          ⎝⎩ 0     otherwise⎠
        """,
    ),
    (
        "log(x/2, 2)!",
        """
           ⎛ x    ⎞
        log⎜───, 2⎟!
           ⎝ 2    ⎠
        """,
    ),
]


@pytest.mark.parametrize(("typed", "drawing"), DRAWINGS)
def test_drawings(typed: str, drawing: str) -> None:
    assert drawn(typed) == dedent(drawing).strip("\n")


# typed, drawn on one line, why the row is here
ONE_LINE = [
    ("-x^2", "−x²", "a raised digit"),
    ("(x^2)^3", "(x²)³", "a power of a power"),
    ("x^-12", "x⁻¹²", "a signed exponent"),
    ("x^n + x^2y", "xⁿ + x²·y", "letters that exist raised"),
    ("(x + 1)^2", "(x + 1)²", "a sum as base"),
    ("sqrt(2)^2", "(√2)²", "a root as base"),
    ("sin(x)^2", "sin(x)²", "a function as base"),
    ("(X^T)^2", "(Xᵀ)²", "a transpose as base"),
    ("a - (b - c)", "a − (b − c)", "brackets that matter"),
    ("dJ/dw_i^2", "(dJ/dw_i)²", "a derivative is one symbol"),
    ("5% x!", "5%·x!", "signs behind"),
    ("6×6×32", "6 × 6 × 32", "a typed ×"),
    ("(6, 6, 32)", "(6, 6, 32)", "a shape"),
    ("(50,)", "(50,)", "a shape of one axis"),
    ("[1, 2, 3]", "[1, 2, 3]", "a list"),
    ("[[1, 2]]", "[1  2]", "a matrix of one row"),
    ("[[1, 2], [3]]", "[[1, 2], [3]]", "rows that differ in length"),
    ("|w| + ||w|| + ⌊x⌋", "|w| + ‖w‖ + ⌊x⌋", "bars of one line"),
    ("x >= 1 and y != 2", "x ≥ 1 and y ≠ 2", "relations"),
    ("lam w_i", "λ·w_i", "a subscript stays"),
    ("root(x, 2.5)", "root(x, 2.5)", "no raised 2.5"),
]


@pytest.mark.parametrize(("typed", "line", "why"), ONE_LINE)
def test_what_fits_on_one_line(typed: str, line: str, why: str) -> None:
    assert drawn(typed) == line, why


def test_fractions_without_a_decimal() -> None:
    third = Number(Fraction(-1, 3))
    assert two_dimensional(third) == ["   1", "− ───", "   3"]
    assert two_dimensional(Binary("^", Name("x"), third)) == [" −1/3", "x"]


def test_plain_is_the_printed_line() -> None:
    assert plain(Binary("/", Name("x"), Name("y"))) == ["x/y"]


def test_width_counts_columns() -> None:
    assert text_width("ŷ") == text_width("μ\N{COMBINING CIRCUMFLEX ACCENT}") == 1
    assert text_width("深い") == 4
    assert two_dimensional(Binary("/", Name("muhat"), Name("深い")))[1] == "──────"


def test_boxes_join_on_their_baselines() -> None:
    half = fraction(text("1"), text("2"))
    assert half == Box((" 1 ", "───", " 2 "), 1)
    assert beside(text("x"), half) == Box(("  1 ", "x───", "  2 "), 1)
    assert enclosed(half, "[", "]").lines == ("⎡ 1 ⎤", "⎢───⎥", "⎣ 2 ⎦")
    assert radical(half).baseline == 2
    assert raised(text("x"), half) == Box((*(" " + line for line in half.lines), "x   "), 3)
    assert raised(half, text("n")) == Box((" 1 n", "─── ", " 2  "), 1)


@pytest.mark.parametrize("op", ["+", "-", "*", "/", "^"])
def test_deep_trees(op: str) -> None:
    left: Node = Name("x")
    right: Node = Name("x")
    for _ in range(200):
        left, right = Binary(op, left, Name("x")), Binary(op, Name("x"), right)
    for tree in (left, right):
        assert sum("".join(two_dimensional(tree)).count(x) for x in "xˣ") == 201


@pytest.mark.parametrize("function", ["sqrt", "abs", "sin", "floor"])
def test_deep_calls(function: str) -> None:
    tree: Node = Name("x")
    for _ in range(200):
        tree = Call(function, (tree,))
    assert "x" in "".join(two_dimensional(tree))
