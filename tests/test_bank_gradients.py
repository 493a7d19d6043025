"""The gradients problems: the course's answers, known slips, and keys worked out anew."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import engine.variant
from engine.grading import grade
from engine.kinds import kind_of
from engine.language.layout import text_width, two_dimensional
from engine.problem import Problem
from engine.text import Display, linear
from engine.variant import Variant, make_variant
from engine.verdict import PartVerdict
from tutor.bank.bank import Bank

BANK = Bank([Path(__file__).parent.parent / "problems"])
# Each problem with the least number of different variants among 200 seeds.
VARIED = {"gradients/partials": 195, "gradients/l1-cost": 90, "gradients/relu": 150}
IDS = sorted(VARIED)
SEEDS = range(40)


@cache
def problem(id: str) -> Problem:
    return BANK.load(id)


@cache
def variant(id: str, seed: int | None = None) -> Variant:
    return make_variant(problem(id), seed)


def marked(drawn: Variant, part: str, answer: str) -> PartVerdict:
    return next(p for p in grade(drawn, {part: answer}).parts if p.id == part)


# -- the originals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "answers"),
    [
        (
            "partials",
            {
                "fx": "2xy + yz + e^x y^3 z^2",
                "fy": "x^2 + xz + 3e^x y^2 z^2",
                "fz": "xy + 1 + 2e^x y^3 z",
            },
        ),
        (
            "partials",
            {
                "fx": "2*x*y + y*z + exp(x)*y**3*z**2",
                "fy": "fy = x² + x·z + 3·eˣ·y²·z²",
                "fz": "1 + y(x + 2 y^2 z e^x)",
            },
        ),
        ("l1-cost", {"dw": "dJ/dw_i + lam sign(w_i)"}),
        ("l1-cost", {"dw": "∂J/∂w_i + λ sgn(w_i)"}),
        ("l1-cost", {"dw": "dJ/dw_i + lambda*w_i/|w_i|"}),
        ("l1-cost", {"dw": "lambda |w_i|/w_i + dJ/dw_i"}),
        ("relu", {"negative": "0", "positive": "1"}),
        ("relu", {"negative": "0.0", "positive": "3/3"}),
    ],
)
def test_right_answers_of_the_originals(slug: str, answers: dict[str, str]) -> None:
    verdict = grade(variant(f"gradients/{slug}"), answers)
    assert verdict.verdict == "correct", [p for p in verdict.parts if p.verdict != "correct"]


@pytest.mark.parametrize(
    ("slug", "part", "answer", "note", "words"),
    [
        ("partials", "fx", "2xy + yz", "exp-constant", "treated as a constant"),
        ("partials", "fx", "2xy + yz + x e^(x-1) y^3 z^2", "exp-power-rule", "power rule"),
        ("partials", "fy", "x^2 + xz + e^x y^2 z^2", "power-factor", "exponent is missing"),
        ("partials", "fy", "x^2 + xz + 3e^x y^3 z^2", "power-kept", "stayed as it was"),
        ("partials", "fz", "xy + 2e^x y^3 z", "linear-lost", "left nothing behind"),
        ("partials", "fz", "xy + z + 2e^x y^3 z", "linear-kept", "undifferentiated"),
        ("partials", "fx", "2xy + yz + z + e^x y^3 z^2", "constant-kept", "no x in it"),
        ("l1-cost", "dw", "dJ/dw_i + lam", "forgot-sign", "positive weights"),
        ("l1-cost", "dw", "dJ/dw_i + lam w_i", "squared", "L2"),
        ("l1-cost", "dw", "dJ/dw_i + 2 lam w_i", "squared-twice", "as if it were w_i²"),
        ("l1-cost", "dw", "dJ/dw_i + λ|w_i|", "not-differentiated", "not differentiated"),
        ("l1-cost", "dw", "dJ/dw_i + sign(w_i)", "lost-lambda", "is lost"),
        ("l1-cost", "dw", "lam sign(w_i)", "lost-cost", "J depends on w_i"),
        ("relu", "positive", "3", "value", "value of the function"),
        ("relu", "negative", "1", "one-everywhere", "doesn't follow x"),
        ("relu", "negative", "-2", "argument", "x itself"),
        ("relu", "positive", "0", "other-side", "other side of 0"),
    ],
)
def test_slips_in_the_originals(slug: str, part: str, answer: str, note: str, words: str) -> None:
    id = f"gradients/{slug}"
    verdict = marked(variant(id), part, answer)
    assert (verdict.verdict, verdict.note) == ("incorrect", f"{id}:{part}:{note}")
    assert words in verdict.feedback[0]


# -- the keys, worked out from what the question says ------------------------------------------


class Term(NamedTuple):
    """coefficient · x^a y^b z^c · e^(rate · of)"""

    coefficient: int
    powers: dict[str, int]
    rate: int = 0
    of: str = ""

    def at(self, point: dict[str, float]) -> float:
        value = float(self.coefficient)
        for name, power in self.powers.items():
            value *= point[name] ** power
        return value * math.exp(self.rate * point[self.of]) if self.of else value

    def derivative(self, x: str) -> list[Term]:
        power, terms = self.powers.get(x, 0), []
        if power:
            lowered = {**self.powers, x: power - 1}
            terms.append(self._replace(coefficient=self.coefficient * power, powers=lowered))
        if self.of == x:
            terms.append(self._replace(coefficient=self.coefficient * self.rate))
        return terms

    def typed(self) -> str:
        powers = " ".join(f"{name}^{power}" for name, power in self.powers.items())
        exponential = f"e^({self.rate}{self.of})" if self.of else ""
        return f"{self.coefficient} {powers} {exponential}"


def read_term(text: str) -> Term:
    """A term as printed: ``2·x^2·y``, ``e^(3·z)·x^4``."""
    term = Term(1, {})
    exponential = re.search(r"e\^(?:\((\d+)·)?([xyz])\)?", text)
    if exponential:
        term = term._replace(rate=int(exponential[1] or 1), of=exponential[2])
        text = text.replace(exponential[0], "1")
    for factor in text.split("·"):
        name, _, power = factor.partition("^")
        if name.isdigit():
            term = term._replace(coefficient=term.coefficient * int(name))
        else:
            term.powers[name] = int(power or 1)
    return term


def slope(f: Callable[[float], float], at: float) -> float:
    """The central difference."""
    return (f(at + 1e-5) - f(at - 1e-5)) / 2e-5


@pytest.mark.parametrize("seed", SEEDS)
def test_partial_derivatives_agree_with_finite_differences(seed: int) -> None:
    drawn = variant("gradients/partials", seed)
    printed = linear(drawn.question).partition("f = ")[2]
    terms = [read_term(text) for text in printed.split(" + ")]
    assert sum(bool(term.of) for term in terms) == 1
    point = {"x": 0.7, "y": -1.2, "z": 0.4}
    answers = {}
    for x in "xyz":
        found = [part for term in terms for part in term.derivative(x)]

        def f(value: float, x: str = x) -> float:
            return sum(term.at({**point, x: value}) for term in terms)

        assert sum(t.at(point) for t in found) == pytest.approx(slope(f, point[x]), rel=1e-6)
        answers[f"f{x}"] = " + ".join(term.typed() for term in found)
    assert grade(drawn, answers).verdict == "correct", answers


def factor(text: str) -> Fraction:
    """``λ``, ``2λ``, ``λ/4`` or ``3λ/2`` in multiples of λ."""
    found = re.fullmatch(r"(\d*)λ(?:/(\d+))?", text)
    assert found is not None
    return Fraction(int(found[1] or 1), int(found[2] or 1))


@pytest.mark.parametrize("seed", SEEDS)
def test_penalties_agree_with_finite_differences(seed: int) -> None:
    drawn = variant("gradients/l1-cost", seed)
    printed = next(
        line for line in linear(drawn.question).split("\n") if line.strip().startswith("J_reg =")
    )
    a = factor(re.search(r"(\S+) Σ_i \|w_i\|", printed)[1])  # type: ignore[index]
    squares = re.search(r"(\S+) Σ_i w_i²", printed)
    b = factor(squares[1]) if squares else Fraction(0)
    assert printed.count("Σ") == 1 + (squares is not None)

    def penalty(w: float) -> float:
        weights = (w, -0.3, 2.0)
        return 0.2 * (float(a) * sum(map(abs, weights)) + float(b) * sum(v * v for v in weights))

    for w in (0.9, -1.7):
        expected = 0.2 * (float(a) * math.copysign(1, w) + 2 * float(b) * w)
        assert slope(penalty, w) == pytest.approx(expected)
    answer = f"dJ/dw_i + {a} lam sign(w_i) + {2 * b} w_i lam"
    assert marked(drawn, "dw", answer).verdict == "correct", answer
    assert marked(drawn, "dw", answer + " + lam").verdict == "incorrect"


@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_the_solution_has_the_factors_and_terms_of_the_question(seed: int | None) -> None:
    drawn = variant("gradients/l1-cost", seed)
    question, solution = linear(drawn.question), linear(drawn.solution)
    assert ("w_i²" in solution) == ("w_i²" in question)
    assert not re.search(r"\d\.\d", solution)
    printed = re.search(r"J \+ (\S+) Σ_i \|w_i\|", question)
    assert printed is not None
    assert f"{printed[1].replace('λ', '·λ').lstrip('·')}·sign(w_i)" in solution


@pytest.mark.parametrize("seed", SEEDS)
def test_slopes_of_relu_agree_with_finite_differences(seed: int) -> None:
    drawn = variant("gradients/relu", seed)
    question = linear(drawn.question).replace("−", "-")
    shown = re.search(r"derivative of [^,]+, (.*),\s+at", question)
    assert shown is not None
    printed = shown[1].replace("·", "*").replace("^", "**")

    def f(x: float) -> float:
        return float(eval(printed, {"max": max, "min": min, "e": math.e}, {"x": x}))

    below, above = map(float, re.findall(r"at x = (-?[\d.]*\d)", question))
    assert below < 0 < above
    answers = {"negative": f"{slope(f, below):.6f}", "positive": f"{slope(f, above):.6f}"}
    assert grade(drawn, answers).verdict == "correct"


# -- the problems as a whole -----------------------------------------------------------------


@pytest.mark.parametrize("id", IDS)
def test_examples_get_their_verdicts(id: str) -> None:
    for example in problem(id).examples:
        for seed in (None,) if example.original else range(5):
            drawn = variant(id, seed)
            filled = {
                part: linear(drawn.text(text, ("examples",)))
                for part, text in example.answers.items()
            }
            verdict = grade(drawn, filled)
            notes = {part.note.rpartition(":")[2] for part in verdict.parts if part.response}
            assert verdict.verdict == example.verdict, (drawn.code, filled)
            assert not example.note or example.note in notes, (drawn.code, filled, notes)


@pytest.mark.parametrize("id", IDS)
def test_slips_are_recognised_on_variants(id: str) -> None:
    """The value of every misconception, typed, gets its note and its words."""
    met = Counter[str]()
    for seed in (None, *range(30)):
        drawn = variant(id, seed)
        answers = {part.id: part.reference for part in drawn.parts}
        for part in drawn.parts:
            for slip in drawn.slips(part, answers):
                met[f"{part.id}:{slip.id}"] += 1
                if met[f"{part.id}:{slip.id}"] > 3:
                    continue
                typed = kind_of(part.asked.kind).write(slip.value, part.asked)
                verdict = marked(drawn, part.id, typed)
                assert verdict.note == f"{id}:{part.id}:{slip.id}", (drawn.code, typed)
                assert verdict.feedback == (slip.say,)
    parts = variant(id).parts
    assert met.keys() == {f"{p.id}:{m.id}" for p in parts for m in p.plan.part.misconceptions}


@pytest.mark.parametrize("id", IDS)
def test_each_slip_of_a_part_has_words_of_its_own(id: str) -> None:
    for part in variant(id).parts:
        said = [slip.say for slip in part.plan.part.misconceptions]
        assert len(set(said)) == len(said) > 0


@pytest.mark.parametrize("id", IDS)
def test_many_variants_and_few_rejected_draws(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No draw takes 10 attempts, so far fewer than half are rejected."""
    monkeypatch.setattr(engine.variant, "MAX_ATTEMPTS", 10)
    drawn = {str(variant(id, seed).parameters) for seed in range(200)}
    assert len(drawn) >= VARIED[id]


def test_the_exponential_moves_and_the_penalties_differ() -> None:
    drawn = [variant("gradients/partials", seed).parameters for seed in SEEDS]
    assert {p["u"] for p in drawn} == {p["v"] for p in drawn} == {1, 2, 3}
    penalties = [linear(variant("gradients/l1-cost", seed).question) for seed in SEEDS]
    assert any("w_i²" in text for text in penalties)
    assert any("w_i²" not in text for text in penalties)
    units = {linear(variant("gradients/relu", seed).question).split(",")[0] for seed in SEEDS}
    assert len(units) == 6


@pytest.mark.parametrize("id", IDS)
def test_texts_are_filled_in_and_fit_a_terminal(id: str) -> None:
    assert len(problem(id).hints) >= 2
    for seed in (None, *range(10)):
        drawn = variant(id, seed)
        for text in (drawn.question, drawn.solution, *drawn.hints):
            assert not re.search(r"[{}$]", linear(text)), drawn.code
            for block in text:
                lines = two_dimensional(block.maths) if isinstance(block, Display) else []
                words = [] if isinstance(block, Display) else block.text.split()
                assert all(text_width(line) <= 72 for line in (*lines, *words))
