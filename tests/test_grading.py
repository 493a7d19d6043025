"""Marking: invalid, correct, follow-through, misconception, incorrect, in this order."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hostile import HOSTILE, alarm

from engine.comparison import compare
from engine.grading import Known, grade
from engine.kinds import kind_of
from engine.language.errors import Unreadable
from engine.problem import BrokenProblem, Misconception, Option, Part, Problem, Row, Table
from engine.variant import Variant, make_variant
from engine.verdict import PartVerdict, Verdict
from tutor.problems import load, open_bank
from tutor.sandbox.runner import Sandbox

F = Fraction


def variant(*parts: Part, **given: Any) -> Variant:
    """The original of a problem with n = 4 and these parts."""
    base: dict[str, Any] = {
        "id": "test/marks",
        "title": "Marks",
        "question": "n is {{n}}.",
        "points": F(6),
        "parts": parts,
        "parameters": {},
        "define": {"n": "4"},
        "original": {},
        "symbols": "x, y",
    }
    return make_variant(Problem(**base | given), None)


FORGOT = Misconception("forgot", "a", "The factor {{n}} is missing.")
TWICE = Misconception("twice", "2 n a", "That is twice as much.")
CHAIN = variant(
    Part("a", "integer", "n + 1"),
    Part("b", "integer", "n a", misconceptions=(FORGOT, TWICE)),
    Part("c", "number", "(a + b)/2"),
)
OPTIONS = (Option("up", "up", "n > 3"), Option("down", "down", "n < 3", "It grows."))
MANY = (
    Option("two", "2", "mod(n, 2) = 0"),
    Option("four", "4", "mod(n, 4) = 0"),
    Option("three", "3", "mod(n, 3) = 0", "3 doesn't divide {{n}}."),
)


def marks(asked: Variant, **answers: str) -> Verdict:
    return grade(asked, answers)


def notes(verdict: Verdict) -> list[str]:
    return [part.note.rpartition(":")[2] for part in verdict.parts]


# Answers to a, b and c of the chain (5, 20 and 12.5), their notes, the score, why.
ORDER = [
    (("5", "20", "12.5"), ("correct", "correct", "correct"), 6, "all right"),
    (("6", "20", "12.5"), ("incorrect", "correct", "correct"), 4, "right in spite of a slip"),
    (("6", "24", "15"), ("incorrect", "follow-through", "follow-through"), 4, "one slip"),
    (("6", "24", "12.5"), ("incorrect", "follow-through", "correct"), 4, "both ways"),
    (("6", "20", "13"), ("incorrect", "correct", "follow-through"), 4, "from 6 and 20"),
    (("6", "20", "15"), ("incorrect", "correct", "incorrect"), 2, "not from 6 and 20"),
    (("6", "7", "6.5"), ("incorrect", "incorrect", "follow-through"), 2, "two slips"),
    (("6", "", "15"), ("incorrect", "unanswered", "follow-through"), 2, "a step left out"),
    (("6", "?", "15"), ("incorrect", "invalid", "follow-through"), 2, "a step that can't be read"),
    (("", "20", "12.5"), ("unanswered", "correct", "correct"), 4, "the first left out"),
    (("?", "20", "12.5"), ("invalid", "correct", "correct"), 4, "the first can't be read"),
    (("5", "5", "12.5"), ("correct", "forgot", "correct"), 4, "a misconception"),
    (("5", "5", "5"), ("correct", "forgot", "follow-through"), 4, "built on a misconception"),
    (("5", "40", ""), ("correct", "twice", "unanswered"), 2, "another misconception"),
    (("6", "6", ""), ("incorrect", "forgot", "unanswered"), 0, "a misconception on one's own a"),
    (("6", "5", ""), ("incorrect", "forgot", "unanswered"), 0, "a misconception on the true a"),
    (("10", "40", ""), ("incorrect", "follow-through", "unanswered"), 2, "right before wrong"),
    (("5", "20.0", "25/2"), ("correct", "correct", "correct"), 6, "other ways of writing"),
    (("5", "19.5", ""), ("correct", "not-whole", "unanswered"), 2, "half a number"),
    (("5.5", "22", ""), ("not-whole", "follow-through", "unanswered"), 2, "built on half a number"),
    (("0", "0", "0"), ("incorrect", "incorrect", "incorrect"), 0, "nothing follows from nought"),
    (("", "", ""), ("unanswered", "unanswered", "unanswered"), 0, "nothing"),
    ((" ", "\n", "\t"), ("unanswered", "unanswered", "unanswered"), 0, "spaces are nothing"),
    (
        ("1e9999", "4e9999", "2.5e9999"),
        ("incorrect", "follow-through", "follow-through"),
        4,
        "huge",
    ),
]


@pytest.mark.parametrize(("answers", "expected", "score", "why"), ORDER)
def test_the_order_of_marking(
    answers: tuple[str, str, str], expected: tuple[str, ...], score: int, why: str
) -> None:
    verdict = marks(CHAIN, **dict(zip("abc", answers, strict=True)))
    assert notes(verdict) == list(expected), why
    assert (verdict.score, verdict.max_score) == (score, 6), why


def part_of(verdict: Verdict, name: str) -> PartVerdict:
    return next(part for part in verdict.parts if part.id == name)


def test_a_part_right_by_follow_through_is_correct_with_full_marks() -> None:
    b = part_of(marks(CHAIN, a="6", b="24"), "b")
    assert (b.verdict, b.follow_through, b.score) == ("correct", True, 2)
    assert b.feedback == ("Right from your own earlier answer.",)
    a = part_of(marks(CHAIN, a="5"), "a")
    assert (a.verdict, a.follow_through) == ("correct", False)


def test_a_misconception_is_named_and_told() -> None:
    b = part_of(marks(CHAIN, a="5", b="5"), "b")
    assert (b.verdict, b.score) == ("incorrect", 0)
    assert b.note == "test/marks:b:forgot"
    assert b.diagnosis is not None
    assert tuple(b.diagnosis[:2]) == ("forgot", "The factor 4 is missing.")
    assert b.feedback == ("The factor 4 is missing.",)


def test_an_invalid_part_has_its_reason_and_its_place() -> None:
    verdict = marks(CHAIN, a="5 + q", b="20", c="12.5")
    a = part_of(verdict, "a")
    assert (a.verdict, a.score, a.read_as, a.decided_by) == ("invalid", 0, "", "")
    assert a.error is not None
    assert (a.error.start, a.error.end) == (4, 5)
    assert a.feedback == (a.error.message,)
    assert verdict.verdict == "invalid", "as a whole"
    assert verdict.score == 4, "its other parts are graded all the same"


WHOLE = [
    ({"a": "5", "b": "20", "c": "12.5"}, "correct"),
    ({"a": "5"}, "partial"),
    ({"a": "6", "b": "24", "c": "15"}, "partial"),
    ({"a": "6"}, "incorrect"),
    ({}, "incorrect"),
    ({"a": "5", "b": "("}, "invalid"),
    ({"a": "("}, "invalid"),
]


@pytest.mark.parametrize(("answers", "expected"), WHOLE)
def test_the_verdict_on_the_whole(answers: dict[str, str], expected: str) -> None:
    assert grade(CHAIN, answers).verdict == expected


def test_an_unknown_part_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        grade(CHAIN, {"z": "1"})


def test_every_part_has_its_verdict_in_order() -> None:
    verdict = grade(CHAIN, {"c": "12.5"})
    assert [part.id for part in verdict.parts] == ["a", "b", "c"]
    assert [part.response for part in verdict.parts] == ["", "", "12.5"]
    assert verdict.code == "test/marks@original"


def test_notes_do_not_hold_drawn_numbers() -> None:
    other = variant(
        Part("a", "integer", "n + 1"),
        Part("b", "integer", "n a", misconceptions=(FORGOT, TWICE)),
        define={"n": "7"},
    )
    first, second = marks(CHAIN, a="5", b="5"), marks(other, a="8", b="8")
    assert notes(first)[:2] == notes(second)
    assert first.parts[1].feedback != second.parts[1].feedback


def test_choices_follow_through_too() -> None:
    asked = variant(
        Part("a", "integer", "n + 1"),
        Part("more", "choice", "if(a > 5, up, down)", options=OPTIONS),
    )
    assert notes(marks(asked, a="5", more="down")) == ["correct", "correct"]
    assert notes(marks(asked, a="9", more="up")) == ["incorrect", "follow-through"]
    assert notes(marks(asked, a="5", more="up")) == ["correct", "up"]


def test_partial_credit_for_choices() -> None:
    asked = variant(Part("divides", "choices", options=MANY))
    for typed, note, verdict, score in [
        ("two, four", "correct", "correct", 6),
        ("two", "missed", "partial", 3),
        ("two, four, three", "wrong-tick", "partial", 3),
        ("two, three", "wrong-tick", "incorrect", 0),
        ("three", "wrong-tick", "incorrect", 0),
    ]:
        part = marks(asked, divides=typed).parts[0]
        assert (part.note, part.verdict, part.score) == (
            f"test/marks:divides:{note}",
            verdict,
            score,
        )
    told = marks(asked, divides="two, three").parts[0].feedback
    assert told == ("four is missing.", "three is not right. 3 doesn't divide 4.")


def test_partial_credit_for_arrays() -> None:
    asked = variant(Part("square", "array", "[[n, 1], [2, 3]]"))
    part = marks(asked, square="[[4, 1], [2, 9]]").parts[0]
    assert (part.verdict, part.score, part.note) == ("partial", F(9, 2), "test/marks:square:cells")
    assert marks(asked, square="[[4, 1], [2, 9]]").verdict == "partial"
    shape = marks(asked, square="[4, 1, 2, 3]").parts[0]
    assert (shape.verdict, shape.score) == ("incorrect", 0)


def test_arrays_follow_through() -> None:
    asked = variant(Part("v", "array", "[n, 1]"), Part("w", "array", "2 v"))
    assert notes(marks(asked, v="[5, 1]", w="[10, 2]")) == ["cells", "follow-through"]
    assert notes(marks(asked, v="[5, 1, 0]", w="[10, 2, 0]")) == ["wrong-shape", "follow-through"]


def test_symbols_follow_through() -> None:
    asked = variant(Part("f", "symbolic", "n x^2"), Part("slope", "symbolic", "f/x + y"))
    assert notes(marks(asked, f="4x^2", slope="4x + y")) == ["correct", "correct"]
    assert notes(marks(asked, f="3x^2", slope="y + 3x")) == ["incorrect", "follow-through"]
    assert notes(marks(asked, f="2x^2 + 2x x", slope="y + 3x")) == ["correct", "incorrect"]


LAYERS = Table(
    columns={"side": "Side", "weights": "Weights"},
    cells={"conv": {"side": Part("side", "integer", "previous.side - 2"),
                    "weights": Part("weights", "integer", "9 previous.side")}},
    rows=tuple(Row(name, name, "conv") for name in ("one", "two", "three")),
    first_label="INPUT",
    first={"side": "n + 6"},
)  # fmt: skip


def test_a_slip_in_a_table_costs_one_cell() -> None:
    """Ten, then eight, six, four: with nine for eight all below follows."""
    asked = variant(table=LAYERS)
    answers = {
        "one.side": "9", "one.weights": "90", "two.side": "7", "two.weights": "81",
        "three.side": "5", "three.weights": "63",
    }  # fmt: skip
    verdict = grade(asked, answers)
    follows = "follow-through"
    assert notes(verdict) == ["incorrect", "correct", follows, follows, follows, follows]
    assert verdict.score == 5
    skipped = grade(asked, {"one.side": "9", "three.side": "5"})
    assert part_of(skipped, "three.side").follow_through, "over a cell left out"


@pytest.mark.parametrize(("typed", "why"), HOSTILE, ids=[row[0][:30] for row in HOSTILE])
def test_nothing_typed_hangs_or_breaks_the_marking(typed: str, why: str) -> None:
    """Also where later parts are computed from it."""
    with alarm():
        verdict = grade(CHAIN, {"a": typed, "b": typed, "c": "1"})
    for part in verdict.parts:
        if part.error is not None:
            assert 0 <= part.error.start <= part.error.end <= len(part.response), why


NASTY = (
    "0 -1 1e9999 -1e9999 1e-9999 10^12 2000! 10^4000 1e300*pi sqrt(2) 0.5 1/3 inf error () "
    "(0,0) (-1,-1) (2.5,3) (1e9999,2) (10^9,10^9,10^9) [[1e9999]] [[0,0],[0,0]] [1,2,3] [[[1]]] "
    "x w x^x! 1/(x-x) if(x>0,1/0,2) none"
).split()
BANK = open_bank(())


@pytest.mark.parametrize("name", BANK.ids())
def test_no_answer_breaks_a_problem_of_the_bank(name: str, run: Sandbox) -> None:
    """The answers behind the bad one are right, and follow or don't follow from it."""
    asked = make_variant(load(BANK, name), None if load(BANK, name).original else 0)
    keys = {
        part.id: kind_of(part.asked.kind).write(part.reference, part.asked) for part in asked.parts
    }
    assert grade(asked, keys, run=run).verdict == "correct", "every key accepts itself"
    for at, part in enumerate(asked.parts[:6]):
        behind = {later.id: keys[later.id] for later in asked.parts[at + 1 :]}
        for typed in NASTY:
            with alarm():
                grade(asked, {part.id: typed} | behind, run=run)


@pytest.mark.parametrize(
    "name", ["cnn/shape-table", "metrics/confusion", "networks/computation-graph", "shapes/batches"]
)
def test_what_is_known_changes_no_verdict(name: str) -> None:
    """Of a few answers to each part, some right, any may stand with any: all are told alike."""
    chance, known = random.Random(3), Known(most=60)
    drawn = [make_variant(load(BANK, name), seed) for seed in (1, 2)]
    for _ in range(60):
        asked = chance.choice(drawn)
        keys = [kind_of(part.asked.kind).write(part.reference, part.asked) for part in asked.parts]
        wrong = [*keys, "7", "(3, 3, 3)", "", "2(", "0", "error"]
        responses = {
            part.id: chance.choice([key, key, key, chance.choice(wrong)])
            for part, key in zip(asked.parts, keys, strict=True)
        }
        assert grade(asked, responses, known=known) == grade(asked, responses)


# -- two expressions with no problem behind them ---------------------------------------------

COMPARISONS = [
    ("2x", "x", "x + x", "correct", "exact"),
    ("2x", "x", "x^2", "incorrect", "exact"),
    ("sin(2x)", "x", "2 sin(x) cos(x)", "correct", "50 digits"),
    ("|x|", "x", "x", "incorrect", "counterexample"),
    ("|x|", "x>0", "x", "correct", "50 digits"),
    ("2 (a - b)/m", "a, b, m", "2/m (a - b)", "correct", "exact"),
    ("x", "x", "y", "invalid", ""),
    ("x", "x", "(x", "invalid", ""),
    ("x", "x", "", "invalid", ""),
    ("x", "x", "1/(x - x)", "invalid", ""),
    ("x", "x", "sum(x)", "invalid", ""),
    ("x", "x", "x < 1", "invalid", ""),
    ("x", "x", "x" * 10_001, "invalid", ""),
]


@pytest.mark.parametrize(("reference", "symbols", "response", "verdict", "decided"), COMPARISONS)
def test_comparisons(
    reference: str, symbols: str, response: str, verdict: str, decided: str
) -> None:
    whole = compare(reference, symbols, response)
    (part,) = whole.parts
    assert (whole.code, whole.verdict, part.verdict) == (None, verdict, verdict)
    assert part.decided_by == decided
    assert part.score == (verdict == "correct")
    if part.error is not None:
        assert 0 <= part.error.start <= part.error.end <= len(response)


@pytest.mark.parametrize(("reference", "symbols"), [("x +", "x"), ("x", "x:"), ("q", "x")])
def test_a_reference_that_cannot_be_read_is_the_callers_mistake(
    reference: str, symbols: str
) -> None:
    with pytest.raises(Unreadable):
        compare(reference, symbols, "x")


SPELLED = variant(
    Part("dw", "matrix", "2/m (yhat - y) X^T"),
    Part("slope", "symbolic", "1 - tanh(z)^2", symbols="z, a"),
    symbols="w:(1,F), X:(F,m), y:(1,m), yhat:(1,m), a, z",
    where={"yhat": "w X", "a": "tanh(z)"},
)


@pytest.mark.parametrize(
    ("part", "answer", "verdict"),
    [
        ("dw", "2/m (yhat - y) X^T", "correct"),
        ("dw", "2/m (w X - y) X^T", "correct"),  # the symbol is spelled out
        ("dw", "2/m (w X X^T - y X^T)", "correct"),
        ("dw", "2/m (yhat X^T - y X^T + 0 w)", "correct"),
        ("dw", "2/m (w X + y) X^T", "incorrect"),
        ("dw", "2/m (w X - yhat) X^T", "incorrect"),  # that is zero
        ("dw", "2/m (w X^T - y) X^T", "incorrect"),  # a product that doesn't fit
        ("dw", "2/m (w X - y)", "incorrect"),
        ("slope", "1 - a^2", "correct"),  # the symbol stands for what the key holds
        ("slope", "(1 - a) (1 + tanh(z))", "correct"),
        ("slope", "1 - a", "incorrect"),
        ("slope", "1 - z^2", "incorrect"),
    ],
)
def test_a_symbol_may_be_spelled_out(part: str, answer: str, verdict: str) -> None:
    graded = {one.id: one.verdict for one in marks(SPELLED, **{part: answer}).parts}
    assert graded[part] == verdict


def test_a_symbol_for_the_answer_itself_stays_a_symbol() -> None:
    asked = variant(Part("out", "matrix", "w X"), symbols=SPELLED.problem.symbols,
                    where={"yhat": "w X"})  # fmt: skip
    assert marks(asked, out="yhat").verdict == "incorrect"
    assert marks(asked, out="w X").verdict == "correct"


def test_what_a_symbol_stands_for_needs_the_symbol() -> None:
    with pytest.raises(BrokenProblem, match="'q' isn't declared"):
        variant(Part("dy", "symbolic", "x"), where={"q": "x"})
