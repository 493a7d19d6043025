"""Texts of a problem: numbers filled in, maths read, what can't be read left as it is."""

from __future__ import annotations

import pytest
from hostile import HOSTILE, alarm
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.printer import one_line
from engine.spacing import HARD_SPACE
from engine.text import Display, Prose, compose, fields, fill, linear, maths, steps

FILLED = [
    ("no fields", "no fields", "plain text"),
    ("{{n}}", "<n>", "a field"),
    ("{{ n + 1 }}", "< n + 1 >", "an expression with spaces"),
    ("{{n}}{{m}}", "<n><m>", "side by side"),
    ("a {{n}} b {{m}} c", "a <n> b <m> c", "among words"),
    ("{{a\n+ b}}", "<a\n+ b>", "over two lines"),
    ("{n} {{n}", "{n} {{n}", "too few braces"),
    ("{{}}", "<>", "an empty field"),
    ("${{n}} × {{n}}$", "$<n> × <n>$", "inside maths"),
]


@pytest.mark.parametrize(("template", "expected", "why"), FILLED)
def test_fields_are_filled_in(template: str, expected: str, why: str) -> None:
    assert fill(template, lambda expression: f"<{expression}>") == expected, why
    assert fields(template) == [part.partition(">")[0] for part in expected.split("<")[1:]], why


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert fill("{{a}}", lambda _: "{{b}}") == "{{b}}"


COMPOSED = [
    ("Plain words.", "Plain words.", "no maths"),
    ("Let $x^2$ be.", "Let x^2 be.", "inline"),
    ("$a*b$ and $c/d$", "a·b and c/d", "two inline"),
    ("$lambda w_1 yhat$", "λ·w_1·ŷ", "words of maths"),
    ("$J = x^2 + y$", "J = x^2 + y", "an equation"),
    ("$0 < x <= 1$", "0 < x and x ≤ 1", "a chain"),
    ("$128 × 128 × 3$", "128 × 128 × 3", "a size"),
    ("$f(x)$", "f·x", "an unknown word is a symbol"),
    ("$dJ/dw$", "dJ/dw", "a quotient of words"),
    ("$x +$", "x +", "maths that can't be read stays"),
    ("$", "$", "one dollar"),
    ("It costs 5 $.", "It costs 5 $.", "one dollar in a sentence"),
    ("$$x^2$$", "    x^2", "displayed"),
    ("Given\n\n$$x^2$$\n\nfind it.", "Given\n\n    x^2\n\nfind it.", "displayed among words"),
    ("Given $$x^2$$ find it.", "Given\n\n    x^2\n\nfind it.", "displayed in a line"),
    ("$$x +$$", "x +", "displayed maths that can't be read stays"),
    ("", "", "nothing"),
    ("  \n ", "", "spaces"),
]


@pytest.mark.parametrize(("written", "expected", "why"), COMPOSED)
def test_maths_is_read(written: str, expected: str, why: str) -> None:
    assert linear(compose(written)) == expected, why


def test_names_with_brackets_are_read_where_they_are_declared() -> None:
    written = "$2 Var(w)E[a]^2$ and $V(w)$"
    assert linear(compose(written, ("Var(w)", "E[a]"))) == "2·Var(w)·E[a]^2 and V·w"
    assert linear(compose("$$n Var(w)$$", ("Var(w)",))) == "    n·Var(w)"
    assert linear(compose("$Var(w)$")) == "Var·w"


def test_displayed_maths_is_a_block_of_its_own() -> None:
    text = compose("Given $a$ and\n\n$$x/2$$\n\nfind $x$.")
    assert [type(block) for block in text] == [Prose, Display, Prose]
    assert isinstance(text[1], Display) and one_line(text[1].maths) == "x/2"


def test_inline_maths_is_not_broken_over_lines() -> None:
    (block,) = compose("Let $x + y$ be.")
    assert isinstance(block, Prose)
    assert block.text == f"Let x{HARD_SPACE}+{HARD_SPACE}y be."
    assert HARD_SPACE not in linear((block,))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", []),
        ("One.", ["One."]),
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("One:\n\n- a\n- b\n\nTwo.", ["One:\n\n- a\n- b", "Two."]),  # a list belongs to it
        ("One:\n\n    x = 1\n\nTwo.", ["One:\n\n    x = 1", "Two."]),  # so does code
        ("One:\n\n$$x/2$$\n\nTwo.", ["One:\n\n    x/2", "Two."]),  # and maths
        ("$$x/2$$\n\nTwo.", ["    x/2", "Two."]),
    ],
)
def test_steps_are_paragraphs_with_what_belongs_to_them(written: str, expected: list[str]) -> None:
    shown = [
        "\n\n".join(linear((block,)).strip("\n") for block in step)
        for step in steps(compose(written))
    ]
    assert shown == expected


def test_maths_that_cannot_be_read_is_none() -> None:
    assert maths("x +") is None
    assert maths("") is None
    assert maths("(" * 500) is None


@pytest.mark.parametrize(("typed", "why"), HOSTILE, ids=[row[0][:30] for row in HOSTILE])
def test_nothing_hangs_or_breaks_a_text(typed: str, why: str) -> None:
    with alarm():
        for written in (typed, f"${typed}$", f"$${typed}$$", "{{" + typed + "}}"):
            assert isinstance(linear(compose(fill(written, str))), str), why


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([*"ab{}$ \n^+x2", "{{", "}}", "$$"]), max_size=40).map("".join))
def test_any_text_can_be_shown(written: str) -> None:
    assert isinstance(linear(compose(fill(written, str))), str)
