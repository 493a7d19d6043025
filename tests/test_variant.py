"""Variants: what is drawn, what is thrown away, what is computed, and that it stays so."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pytest
from hostile import alarm

from engine.draws import MAX_SEED
from engine.language.printer import one_line
from engine.language.tree import Node
from engine.problem import (
    Array,
    BrokenProblem,
    Maths,
    Misconception,
    OneOf,
    Option,
    Part,
    Problem,
    Range,
    Row,
    Sample,
    Table,
)
from engine.text import linear
from engine.variant import Variant, make_variant

F = Fraction
SEEDS = range(40)


def whole(low: int, high: int) -> Range:
    return Range(F(low), F(high))


def problem(**given: Any) -> Problem:
    """A problem of one part; what is given replaces it."""
    base: dict[str, Any] = {
        "id": "test/problem",
        "title": "A problem",
        "question": "What is {{n}} + 1?",
        "points": F(2),
        "parts": (Part("sum", "integer", "n + 1"),),
        "parameters": {"n": whole(1, 9)},
        "original": {"n": F(4)},
    }
    return Problem(**base | given)


def variants(asked: Problem) -> list[Variant]:
    return [make_variant(asked, seed) for seed in SEEDS]


def drawn(asked: Problem, name: str) -> set[Any]:
    return {variant.values[name] for variant in variants(asked)}


# -- what a variant is -----------------------------------------------------------------------


def test_a_variant_is_named_and_filled_in() -> None:
    variant = make_variant(problem(), 7)
    n = variant.parameters["n"]
    assert variant.code == "test/problem@7"
    assert linear(variant.question) == f"What is {n} + 1?"
    assert isinstance(n, Fraction)
    assert variant.part("sum").reference == n + 1
    with pytest.raises(KeyError):
        variant.part("product")


def test_the_original_keeps_its_figures() -> None:
    variant = make_variant(problem(), None)
    assert (variant.code, variant.seed) == ("test/problem@original", None)
    assert variant.parameters == {"n": 4}
    assert variant.part("sum").reference == 5


def test_a_problem_without_an_original_says_so() -> None:
    with pytest.raises(BrokenProblem, match="has no original"):
        make_variant(problem(original=None), None)


@pytest.mark.parametrize("seed", [0, 1, MAX_SEED])
def test_seeds_from_the_first_to_the_last(seed: int) -> None:
    assert make_variant(problem(), seed).code == f"test/problem@{seed}"


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_other_seeds_are_no_seeds(seed: int) -> None:
    with pytest.raises(ValueError, match="a seed is a whole number from 0"):
        make_variant(problem(), seed)


def test_the_same_seed_gives_the_same_variant() -> None:
    for seed in SEEDS:
        first, again = make_variant(problem(), seed), make_variant(problem(), seed)
        assert first.parameters == again.parameters
        assert first.parts == again.parts


def test_a_new_parameter_leaves_the_others_alone() -> None:
    more = problem(parameters={"m": whole(1, 9), "n": whole(1, 9), "k": whole(1, 9)})
    for seed in SEEDS:
        before, after = make_variant(problem(), seed), make_variant(more, seed)
        assert after.parameters["n"] == before.parameters["n"]


# -- what is thrown away ---------------------------------------------------------------------


def test_conditions_hold() -> None:
    asked = problem(parameters={"n": whole(1, 20)}, require=("mod(n, 3) = 0", "n > 6"))
    assert drawn(asked, "n") == {9, 12, 15, 18}


def test_conditions_may_use_what_is_defined() -> None:
    asked = problem(define={"square": "n^2"}, require=("square > 50",))
    assert drawn(asked, "n") == {8, 9}


def test_a_draw_whose_misconception_gives_the_key_is_thrown_away() -> None:
    """2 n is n^2 for n = 2."""
    slip = Misconception("doubled", "2 n", "Doubled, not squared.")
    part = Part("square", "integer", "n^2", misconceptions=(slip,))
    asked = problem(parameters={"n": whole(1, 3)}, parts=(part,))
    assert drawn(asked, "n") == {1, 3}


def test_a_misconception_that_does_not_apply_throws_nothing_away() -> None:
    slip = Misconception("doubled", "2 n", "Doubled, not squared.", when="n != 2")
    part = Part("square", "integer", "n^2", misconceptions=(slip,))
    asked = problem(parameters={"n": whole(1, 3)}, parts=(part,))
    assert drawn(asked, "n") == {1, 2, 3}


def test_a_misconception_without_a_value_throws_nothing_away() -> None:
    slip = Misconception("divided", "1/(n - 2)", "Divided.")
    part = Part("square", "integer", "n^2", misconceptions=(slip,))
    asked = problem(parameters={"n": whole(1, 3)}, parts=(part,))
    assert drawn(asked, "n") == {1, 2, 3}


def test_a_misconception_within_the_tolerance_is_the_key_too() -> None:
    slip = Misconception("rounded", "n + 0.01", "Rounded.")
    part = Part("side", "number", "n", misconceptions=(slip,))
    asked = problem(parameters={"n": whole(1, 9)}, parts=(part,))
    assert drawn(asked, "n") == {1}, "half a percent of 2 is 0.01"


def test_a_misconception_of_a_formula_is_compared_as_one() -> None:
    slip = Misconception("forgot", "x^n", "The factor is missing.")
    part = Part("slope", "symbolic", "a x^n", misconceptions=(slip,))
    asked = problem(parameters={"a": whole(1, 3), "n": whole(1, 3)}, parts=(part,), symbols="x")
    assert drawn(asked, "a") == {2, 3}


def test_the_original_is_exempt() -> None:
    slip = Misconception("doubled", "2 n", "Doubled, not squared.")
    part = Part("square", "integer", "n^2", misconceptions=(slip,))
    asked = problem(parts=(part,), original={"n": F(2)}, require=("n > 5",))
    assert make_variant(asked, None).part("square").reference == 4


def test_a_draw_whose_answer_has_no_value_is_thrown_away() -> None:
    part = Part("quotient", "number", "1/(n - 2)")
    asked = problem(parameters={"n": whole(1, 3)}, parts=(part,))
    assert drawn(asked, "n") == {1, 3}


def test_a_draw_whose_definition_has_no_value_is_thrown_away() -> None:
    asked = problem(parameters={"n": whole(1, 3)}, define={"q": "1/(n - 2)"})
    assert drawn(asked, "n") == {1, 3}


OPTIONS = (Option("low", "n < 4", "n < 4"), Option("high", "n > 2", "n > 2"))


def test_a_choice_has_one_right_option() -> None:
    part = Part("size", "choice", options=OPTIONS)
    asked = problem(parameters={"n": whole(1, 5)}, parts=(part,))
    assert drawn(asked, "n") == {1, 2, 4, 5}, "for 3 both are right"


def test_several_choices_have_at_least_one() -> None:
    options = (Option("three", "3", "mod(n, 3) = 0"), Option("two", "2", "mod(n, 2) = 0"))
    part = Part("factors", "choices", options=options)
    asked = problem(parameters={"n": whole(1, 6)}, parts=(part,))
    assert drawn(asked, "n") == {2, 3, 4, 6}
    for variant in variants(asked):
        right = {c.id for c in variant.part("factors").asked.choices if c.right}
        assert right == set(variant.part("factors").reference)  # type: ignore[arg-type]


def test_an_array_of_no_size_is_drawn_anew() -> None:
    asked = problem(
        parameters={"n": whole(0, 2), "X": Array(("n", "2"), whole(0, 9))},
        parts=(Part("total", "integer", "sum(X)"),),
    )
    assert drawn(asked, "n") == {1, 2}
    halves = problem(
        parameters={"n": whole(1, 4), "X": Array(("n/2",), whole(0, 9))},
        parts=(Part("total", "integer", "sum(X)"),),
    )
    assert drawn(halves, "n") == {2, 4}


# -- what is broken --------------------------------------------------------------------------

BROKEN: list[tuple[dict[str, Any], tuple[str, ...], str, str]] = [
    ({"require": ("n > 9",)}, ("parameters",), "no draw in 2,000", "no draw is fit"),
    (
        {"parts": (Part("sum", "integer", "n", misconceptions=(Misconception("m", "n", "!"),)),)},
        ("parameters",),
        "no draw in 2,000",
        "a misconception is the key",
    ),
    ({"parts": (Part("sum", "integer", "1/0"),)}, ("parameters",), "no draw", "no answer"),
    ({"parts": (Part("sum", "integer", "n +"),)}, ("parts", "sum", "answer"), "missing after", ""),
    ({"parts": (Part("sum", "integer", "k"),)}, ("parts", "sum", "answer"), "k isn't known", ""),
    ({"require": ("n >",)}, ("require",), "missing after", "an unfinished condition"),
    ({"define": {"m": "n ("}}, ("define", "m"), "something is missing", "an open bracket"),
    ({"symbols": "x, x"}, ("symbols",), "declared twice", "a symbol twice"),
    (
        {"symbols": "x", "parts": (Part("x", "symbolic", "x^2"),)},
        ("parts", "x"),
        "x is a symbol too",
        "an answer would stand for itself",
    ),
    (
        {"parts": (Part("m", "shape", "(1, m)", symbols="m"),)},
        ("parts", "m"),
        "m is a symbol too",
        "an answer would stand for itself",
    ),
    (
        {"parts": (Part("a", "integer", "1", points=F(1)),)},
        ("points",),
        "points do not make up",
        "points are left over",
    ),
    (
        {"parts": (Part("a", "integer", "1", points=F(2)), Part("b", "integer", "2"))},
        ("points",),
        "points do not make up",
        "no points are left",
    ),
    (
        {"parts": (Part("a", "choice", "maybe", options=(Option("yes", "y"), Option("no", "n"))),)},
        ("parts", "a", "answer"),
        "maybe",
        "a key that isn't an option",
    ),
    (
        {"parts": (Part("a", "number", "n", misconceptions=(Misconception("m", "[1, 2]", "!"),)),)},
        ("parts", "a", "misconceptions", "m"),
        "one number is needed",
        "a list for a number",
    ),
    ({"question": "{{1/0}}"}, ("question",), "division by zero", "a text without a value"),
    ({"question": "{{n +}}"}, ("question",), "missing after", "a text that can't be read"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "trail", "message", "why"), BROKEN)
def test_broken_problems_say_where(
    given: Mapping[str, Any], trail: tuple[str, ...], message: str, why: str
) -> None:
    with alarm(), pytest.raises(BrokenProblem, match=message) as broken:
        assert linear(make_variant(problem(**given), 7).question)
    assert broken.value.trail[: len(trail)] == trail, why


@pytest.mark.parametrize(
    "given", [{"parts": (Part("a", "integer", "1/0"),)}, {"define": {"m": "1/0"}}]
)
def test_an_original_without_an_answer_is_broken(given: Mapping[str, Any]) -> None:
    with pytest.raises(BrokenProblem, match="division by zero"):
        make_variant(problem(**given), None)


# -- points ----------------------------------------------------------------------------------

POINTS = [
    ((None,), (2,), "one part has all"),
    ((None, None), (1, 1), "two share"),
    ((None, None, None), ("2/3", "2/3", "2/3"), "three share"),
    ((F(1, 2), None), ("1/2", "3/2"), "the rest"),
    ((F(1, 2), None, None), ("1/2", "3/4", "3/4"), "the rest, shared"),
    ((F(2), F(0)), (2, 0), "a part for no points"),
    ((F(0), None), (0, 2), "a part for no points and the rest"),
    ((F(1, 2), F(3, 2)), ("1/2", "3/2"), "all stated"),
]


@pytest.mark.parametrize(("stated", "expected", "why"), POINTS)
def test_points(stated: tuple[Any, ...], expected: tuple[Any, ...], why: str) -> None:
    parts = tuple(Part(f"p{at}", "integer", "n", points=p) for at, p in enumerate(stated))
    variant = make_variant(problem(parts=parts), 7)
    assert [part.points for part in variant.parts] == list(map(Fraction, expected)), why


# -- parts, tables, records, maths -----------------------------------------------------------


def test_later_parts_build_on_earlier_answers() -> None:
    parts = (
        Part("a", "integer", "n + 1"),
        Part("b", "integer", "2 a"),
        Part("c", "integer", "a b"),
    )
    variant = make_variant(problem(parts=parts), None)
    assert [part.reference for part in variant.parts] == [5, 10, 50]
    c = variant.part("c")
    assert variant.recompute(c, {"a": F(1), "b": F(3)}) == 3
    assert variant.recompute(variant.part("b"), {"a": F(7)}) == 14


def test_an_answer_that_can_no_longer_be_computed_is_none() -> None:
    parts = (Part("a", "integer", "n"), Part("b", "number", "1/a"))
    variant = make_variant(problem(parts=parts), None)
    assert variant.recompute(variant.part("b"), {"a": F(0)}) is None


def test_slips_have_values_from_given_answers() -> None:
    slip = Misconception("forgot", "a", "The factor {{n}} is missing.")
    parts = (Part("a", "integer", "n + 1"), Part("b", "integer", "2 a", misconceptions=(slip,)))
    variant = make_variant(problem(parts=parts), None)
    (found,) = variant.slips(variant.part("b"), {"a": F(9)})
    assert (found.id, found.value, found.say) == ("forgot", 9, "The factor 4 is missing.")


TABLE = Table(
    columns={"shape": "Shape", "weights": "Weights"},
    cells={
        "conv": {
            "shape": Part("shape", "number", "previous.shape - row.k + 1"),
            "weights": Part("weights", "number", "row.k^2"),
        },
        "pool": {"shape": Part("shape", "number", "previous.shape/2")},
    },
    rows=(
        Row("conv1", "CONV", "conv", {"k": "n"}),
        Row("pool1", "POOL", "pool"),
        Row("conv2", "CONV again", "conv", {"k": "3"}),
    ),
    show="layers",
    corner="Layer",
    first_label="INPUT",
    first={"shape": "2n + 19"},
)


def table(rows: tuple[str, ...]) -> Variant:
    asked = problem(
        parts=(),
        table=TABLE,
        parameters={"n": OneOf((F(3), F(5))), "layers": OneOf((rows,))},
        original={"n": F(3), "layers": rows},
    )
    return make_variant(asked, None)


def test_a_table_lays_out_parts() -> None:
    variant = table(("conv1", "pool1", "conv2"))
    answers = {part.id: part.reference for part in variant.parts}
    assert answers == {
        "conv1.shape": 23,
        "conv1.weights": 9,
        "pool1.shape": F(23, 2),
        "conv2.shape": F(19, 2),
        "conv2.weights": 9,
    }
    layout = variant.table
    assert layout is not None
    assert layout.rows({"conv1.shape": "23"}) == [
        ["Layer", "Shape", "Weights"],
        ["INPUT", "25", ""],
        ["CONV", "23", ""],
        ["POOL", "", ""],
        ["CONV again", "", ""],
    ]
    assert sum(part.points for part in variant.parts) == 2


def test_the_rows_of_a_table_may_be_drawn() -> None:
    ids = [part.id for part in table(("conv2", "conv1")).parts]
    assert ids == ["conv2.shape", "conv2.weights", "conv1.shape", "conv1.weights"]
    assert table(("conv1", "conv2")).part("conv2.shape").reference == 21


def test_an_unknown_row_is_broken() -> None:
    with pytest.raises(BrokenProblem, match="there is no row conv9"):
        table(("conv9",))


def test_records_have_fields() -> None:
    nets = ({"name": "small", "k": F(3)}, {"name": "large", "k": F(5)})
    asked = problem(
        parameters={"net": OneOf(nets)},
        question="The {{net.name}} net",
        parts=(Part("k", "integer", "net.k^2"),),
        original={"net": nets[1]},
    )
    assert make_variant(asked, None).part("k").reference == 25
    assert {linear(v.question) for v in variants(asked)} == {"The small net", "The large net"}
    for variant in variants(asked):
        small = variant.values["net.name"] == "small"
        assert variant.part("k").reference == (9 if small else 25)


def test_maths_as_a_parameter() -> None:
    asked = problem(
        parameters={"a": whole(2, 5), "f": Maths(("a x^2", "x^a", "e^(a x)"))},
        symbols="x",
        question="Differentiate $f$ = {{f}}.",
        parts=(Part("slope", "symbolic", "diff(f, x)"),),
        original={"a": F(3), "f": "a x^2"},
    )
    variant = make_variant(asked, None)
    assert linear(variant.question) == "Differentiate f = 3·x^2."
    assert linear(variant.text("{{diff(f, x)}}", ("solution",))) == "6·x"
    shown = {one_line(v.values["f"]) for v in variants(asked) if isinstance(v.values["f"], Node)}
    assert {"x^2", "x^5"} & shown and len(shown) > 6


def test_maths_of_a_problem_is_bound_to_the_draw() -> None:
    asked = problem(
        parameters={"a": whole(2, 5)},
        symbols="x, y",
        maths={"J": "a x^2 y", "slope": "diff(J, x)"},
        parts=(Part("dx", "symbolic", "slope"), Part("dy", "symbolic", "diff(J, y)")),
        original={"a": F(3)},
    )
    variant = make_variant(asked, None)
    assert linear(variant.text("$J = {{J}}$", ("question",))) == "J = 3·x^2·y"


def test_samples_and_arrays_as_parameters() -> None:
    asked = problem(
        parameters={
            "names": Sample(2, ("ann", "bob", "cy")),
            "X": Array(("2", "2"), whole(1, 9), distinct=True),
        },
        question="{{item(names, 0)}} and {{item(names, 1)}}: {{X}}",
        parts=(Part("sum", "array", "X + X"),),
        original={"names": ("ann", "bob"), "X": ((F(1), F(2)), (F(3), F(4)))},
    )
    variant = make_variant(asked, None)
    assert linear(variant.question) == "ann and bob: [[1, 2], [3, 4]]"
    assert variant.part("sum").reference == ((2, 4), (6, 8))


def test_texts_that_hold_no_numbers_stay() -> None:
    asked = problem(question="50 % of what? {x}, ${{n}}$, {{n}}", hints=("Add {{1}}.",))
    variant = make_variant(asked, None)
    assert linear(variant.question) == "50 % of what? {x}, 4, 4"
    assert [linear(hint) for hint in variant.hints] == ["Add 1."]


# -- golden vectors --------------------------------------------------------------------------

GOLDEN = Problem(
    id="cnn/golden",
    title="All kinds of parameters",
    question="",
    points=F(1),
    parts=(Part("a", "integer", "floor((n + 2p - f)/s) + 1"),),
    parameters={
        "n": whole(8, 64),
        "f": OneOf((F(3), F(5), F(7))),
        "s": whole(1, 3),
        "p": whole(0, 3),
        "rate": Range(F("0.01"), F("0.09"), F("0.01")),
        "words": Sample(2, ("bias", "variance", "noise")),
        "X": Array(("s", "2"), whole(-9, 9)),
        "g": Maths(("x^2", "p x", "e^x")),
    },
    require=("f <= n", "p <= (f - 1)/2", "mod(n + 2p - f, s) = 0"),
    symbols="x",
)
DIGEST = "190b02b3b3cd2a9b30794f48d53f52ac8df0ac43743a716ab3b36e38a3c6ce08"


def written(parameters: Mapping[str, Any]) -> str:
    return ";".join(f"{name}={plain(value)}" for name, value in parameters.items())


def plain(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({','.join(map(plain, value))})"
    return str(value)


def test_golden_variants() -> None:
    """These never change: a code that a student wrote down names these numbers for ever."""
    lines = [written(make_variant(GOLDEN, seed).parameters) for seed in range(20)]
    assert lines[0] == "n=44;f=7;s=1;p=2;rate=7/100;words=(variance,bias);X=((2,-1));g=p x"
    assert lines[7] == (
        "n=19;f=7;s=3;p=3;rate=1/100;words=(noise,bias);X=((8,7),(1,-7),(3,-8));g=p x"
    )
    assert sha256("\n".join(lines).encode()).hexdigest() == DIGEST


def test_a_solution_names_options_by_their_texts() -> None:
    """An example's answer keeps the id, and so do expressions."""
    options = (Option("odd", "no, it is odd", ""), Option("even", "yes, {{n}} is even", ""))
    variant = make_variant(
        problem(
            parts=(Part("parity", "choice", "if(mod(n, 2) = 0, even, odd)", options=options),),
            solution="Even? {{parity}}. {{ parity }}. {{if(n > 3, 1, 2)}}",
        ),
        None,
    )
    assert linear(variant.solution) == "Even? yes, 4 is even. yes, 4 is even. 1"
    assert linear(variant.text("{{parity}}", ("examples", "1"))) == "even"
