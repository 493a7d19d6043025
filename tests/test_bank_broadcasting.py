"""The broadcasting problems: the course's answers, known slips, and keys worked out anew."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import pytest
from scipy.special import softmax

import engine.variant
from engine.grading import grade
from engine.kinds import kind_of
from engine.problem import Problem
from engine.text import linear
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, bank_folders

MEANS, SOFTMAX = "broadcasting/means-by-hand", "broadcasting/softmax-by-hand"
SHAPE = "broadcasting/result-shape"
SEEDS = range(40)
Sizes: TypeAlias = "tuple[int, ...]"


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(bank_folders())


def variants(bank: Bank, id: str, seeds: range = SEEDS) -> Iterator[Variant]:
    problem = bank.load(id)
    return (make_variant(problem, seed) for seed in seeds)


def printed_array(variant: Variant) -> np.ndarray:
    """The M of the question: numbers, and log(k) for ln k."""
    found = re.search(r"M = \[(.*)\]", linear(variant.question))
    assert found is not None
    rows = re.findall(r"\[([^\]]*)\]", found[1])
    return np.array([[_entry(cell) for cell in row.split(", ")] for row in rows])


def _entry(text: str) -> float:
    found = re.fullmatch(r"log\((\d+)\)", text)
    return math.log(int(found[1])) if found else float(text)


def typed(array: np.ndarray, digits: int = 5) -> str:
    return str(np.vectorize(lambda x: float(f"{x:.{digits}g}"))(array).tolist())


# -- right answers and slips of the originals ------------------------------------------------


@pytest.mark.parametrize(
    ("id", "answers"),
    [
        (MEANS, {"rows": "[17, 5.6667]", "cols": "[9, 10, 15]"}),
        (MEANS, {"rows": "17, 17/3", "cols": "9 10 15"}),
        (MEANS, {"rows": "np.array([17., 5.67])", "cols": "[9. 10. 15.]"}),
        (MEANS, {"rows": "rows = [(13 + 9 + 29)/3, 17/3]", "cols": "[18/2, 20/2, 30/2]"}),
        (
            SOFTMAX,
            {"softmax": "[[1.670e-5, 1.026e-10], [6.914e-13, 0.99998], [0.99998, 1.670e-5]]"},
        ),
        (SOFTMAX, {"softmax": "[[1.67e-05 1.03e-10]\n [6.91e-13 1.]\n [1. 1.67e-05]]"}),
        (SOFTMAX, {"softmax": "[[e^-11, e^-23], [e^-28, 1], [1, e^-11]]"}),
        (SHAPE, {"shape": "(3, 3)"}),
        (SHAPE, {"shape": "3x3"}),
        (SHAPE, {"shape": "3 × 3"}),
        (SHAPE, {"shape": "3 by 3"}),
    ],
)
def test_originals(bank: Bank, id: str, answers: dict[str, str]) -> None:
    assert grade(make_variant(bank.load(id), None), answers).verdict == "correct"


@pytest.mark.parametrize(
    ("id", "part", "answer", "note", "words"),
    [
        (MEANS, "rows", "[9, 10, 15]", "swapped-axis", "down the columns"),
        (MEANS, "rows", "[25.5, 8.5]", "divided-by-number-of-rows", "How many entries"),
        (MEANS, "cols", "[6, 6.667, 10]", "divided-by-number-of-columns", "How many entries"),
        (MEANS, "rows", "11.333", "no-axis", "all 6 entries"),
        (MEANS, "cols", "34/3", "no-axis", "all 6 entries"),
        (MEANS, "cols", "[17, 5.67]", "swapped-axis", "along the rows"),
        (MEANS, "rows", "[51, 17]", "forgot-to-divide", "sums of the rows"),
        (
            SOFTMAX, "softmax", "[[1, 5.60e-9], [7.58e-10, 1], [1, 1.52e-8]]",
            "other-axis", "normalised along the rows",
        ),
        (
            SOFTMAX, "softmax", "[[1.669e-5, 9.35e-14], [6.91e-13, 9.11e-4], [0.99907, 1.52e-8]]",
            "no-axis", "whole array",
        ),
        (
            SOFTMAX, "softmax", "[[0.370, 0.0263], [0.0556, 0.632], [0.574, 0.342]]",
            "no-exponential", "exponential of every entry",
        ),
        (SHAPE, "shape", "error", "shapes-must-be-equal", "Equal shapes"),
        (SHAPE, "shape", "(3, 1)", "shape-of-v", "shape of V"),
    ],
)  # fmt: skip
def test_slips_of_the_originals(
    bank: Bank, id: str, part: str, answer: str, note: str, words: str
) -> None:
    verdict = grade(make_variant(bank.load(id), None), {part: answer})
    marked = next(p for p in verdict.parts if p.id == part)
    assert marked.verdict in ("incorrect", "partial")
    assert marked.note == f"{id}:{part}:{note}"
    assert words in marked.feedback[0]


# -- keys by NumPy and SciPy -----------------------------------------------------------------


def test_means_agree_with_numpy(bank: Bank) -> None:
    shapes = set()
    for variant in variants(bank, MEANS):
        m = printed_array(variant)
        shapes.add(m.shape)
        answers = {"rows": typed(m.mean(axis=1)), "cols": typed(m.mean(axis=0))}
        assert grade(variant, answers).verdict == "correct", variant.code
    assert len(shapes) >= 5


def test_softmax_agrees_with_scipy(bank: Bank) -> None:
    axes = set()
    for variant in variants(bank, SOFTMAX):
        m = printed_array(variant)
        found = re.search(r"\(axis=(\d)\)", linear(variant.question))
        assert found is not None
        axis = int(found[1])
        axes.add((axis, m.shape))
        assert np.all(np.exp(m) < 9.5), "exponentials for a person"
        answers = {"softmax": typed(softmax(m, axis=axis))}
        assert grade(variant, answers).verdict == "correct", variant.code
        powers = np.exp(m).round().astype(int)
        sums = np.broadcast_to(powers.sum(axis=axis, keepdims=True), m.shape)
        rows = zip(powers, sums, strict=True)
        fractions = [", ".join(f"{k}/{n}" for k, n in zip(*row, strict=True)) for row in rows]
        assert grade(variant, {"softmax": f"[[{'], ['.join(fractions)}]]"}).verdict == "correct"
    assert len(axes) == 4


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "X + V": np.add,
    "X - V": np.subtract,
    "X * V": np.multiply,
    "X / V": np.divide,
    "np.maximum(X, V)": np.maximum,
}


def run(variant: Variant) -> tuple[str, int]:
    """The shape that NumPy gives, or error, and the most axes of an operand."""
    question = linear(variant.question)
    left, right = (
        tuple(map(int, re.findall(r"\d+", shape)))
        for shape in re.findall(r"of shape (\([\d, ]+\))", question)
    )
    call = next(call for call in OPERATIONS if f"shape of {call}?" in question)
    axes = max(len(left), len(right))
    try:
        return str(OPERATIONS[call](np.ones(left), np.ones(right)).shape), axes
    except ValueError:
        return "error", axes


def test_shapes_agree_with_numpy(bank: Bank) -> None:
    results = []
    for variant in variants(bank, SHAPE, range(100)):
        result, axes = run(variant)
        results.append((result == "error", axes))
        assert grade(variant, {"shape": result}).verdict == "correct", variant.code
        wrong = "error" if result != "error" else "(2, 2)"
        assert grade(variant, {"shape": wrong}).verdict == "incorrect", variant.code
    assert {axes for _, axes in results} == {1, 2, 3}
    assert 0.1 < np.mean([failed for failed, _ in results]) < 0.5


def asking(problem: Problem, left: Sizes, right: Sizes, call: str) -> Variant:
    """The variant with these two shapes."""
    sizes = list(dict.fromkeys(size for size in (*left, *right) if size > 1))
    drawn = dict(zip("abc", [Fraction(size) for size in (*sizes, 2, 2, 2)], strict=False))
    codes = {1: 1, **{size: place + 2 for place, size in enumerate(sizes)}}
    pattern = {}
    for side, shape in (("l", left), ("r", right)):
        places = [0] * (3 - len(shape)) + [codes[size] for size in shape]
        pattern |= {f"{side}{at}": Fraction(code) for at, code in enumerate(places, 1)}
    op = {"call": call, "star": Fraction(call == "X * V")}
    original = {**drawn, "pattern": pattern, "swap": Fraction(0), "op": op}
    variant = make_variant(replace(problem, original=original), None)
    assert f"X of shape {left} and V of shape {right}" in linear(variant.question)
    return variant


@pytest.mark.parametrize(
    ("left", "right", "call", "answer", "note"),
    [
        ((8, 3), (8,), "X - V", "(8, 3)", "aligned-from-the-left"),
        ((4, 2, 3), (4,), "X - V", "(4, 2, 3)", "aligned-from-the-left"),
        ((5, 1), (5,), "X - V", "(5, 1)", "aligned-from-the-left"),
        ((3,), (2,), "X + V", "(3,)", "larger-or-kept"),
        ((2, 3), (3, 2), "X * V", "(3, 3)", "larger-of-each-size"),
        ((2,), (3,), "X + V", "(2, 3)", "outer-product"),
        ((2, 3), (2, 1), "X - V", "(2, 1)", "shape-of-v"),
        ((2, 1), (2, 3), "X - V", "(2, 1)", "shape-of-x"),
        ((4, 1, 3), (2, 1), "X / V", "(4, 1, 3)", "shape-of-x"),
        ((8, 3), (3,), "X * V", "(8,)", "matrix-product"),
        ((2, 3), (3, 2), "X * V", "(2, 2)", "matrix-product"),
        ((2, 3), (3, 2), "X - V", "(2, 3)", "kept-x-despite-misfit"),
        ((2, 3), (3, 2), "X - V", "(3, 2)", "kept-v-despite-misfit"),
        ((2, 1), (3,), "X - V", "error", "shapes-must-be-equal"),
    ],
)
def test_slips_in_shapes(
    bank: Bank, left: Sizes, right: Sizes, call: str, answer: str, note: str
) -> None:
    part = grade(asking(bank.load(SHAPE), left, right, call), {"shape": answer}).parts[0]
    assert (part.verdict, part.note) == ("incorrect", f"{SHAPE}:shape:{note}")


# -- all three -------------------------------------------------------------------------------


@pytest.mark.parametrize("id", [MEANS, SOFTMAX, SHAPE])
def test_slips_are_recognised_on_variants(bank: Bank, id: str) -> None:
    made = recognised = 0
    for variant in variants(bank, id):
        references = {part.id: part.reference for part in variant.parts}
        for part in variant.parts:
            kind = kind_of(part.asked.kind)
            for slip in variant.slips(part, references):
                verdict = grade(variant, {part.id: kind.write(slip.value, part.asked)})
                marked = next(p for p in verdict.parts if p.id == part.id)
                assert marked.verdict in ("incorrect", "partial"), (variant.code, slip.id)
                assert marked.diagnosis is not None, (variant.code, slip.id)
                made += 1
                recognised += marked.note.endswith(f":{slip.id}")
    assert recognised >= 0.99 * made


@pytest.mark.parametrize(("id", "least"), [(MEANS, 200), (SOFTMAX, 200), (SHAPE, 180)])
def test_variants_differ_and_few_draws_are_rejected(
    bank: Bank, id: str, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = set()
    plain = engine.variant.Stream

    def counting(problem: str, seed: int, name: str, attempt: int) -> object:
        attempts.add((seed, attempt))
        return plain(problem, seed, name, attempt)

    monkeypatch.setattr(engine.variant, "Stream", counting)
    asked = {linear(variant.question) for variant in variants(bank, id, range(200))}
    assert len(asked) >= least
    assert len(attempts) <= 210


@pytest.mark.parametrize("id", [MEANS, SOFTMAX, SHAPE])
def test_hints_and_solution(bank: Bank, id: str) -> None:
    for variant in variants(bank, id, range(10)):
        assert len(variant.hints) >= 2
        assert "{{" not in linear(variant.solution)
