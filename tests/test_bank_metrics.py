"""The metrics problems: the course's answers, known slips, and keys worked out anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from sklearn import metrics

import engine.variant
from engine.grading import grade
from engine.kinds import kind_of
from engine.text import linear
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, bank_folders

CONFUSION, COSTS = "metrics/confusion", "metrics/costly-errors"
SEEDS = range(40)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(bank_folders())


def variants(bank: Bank, id: str, seeds: range = SEEDS) -> Iterator[Variant]:
    problem = bank.load(id)
    return (make_variant(problem, seed) for seed in seeds)


# -- confusion -------------------------------------------------------------------------------

SCORES = {"accuracy": "0.895", "precision": "0.296", "recall": "0.8", "f1": "0.432"}


@pytest.mark.parametrize(
    "answers",
    [
        SCORES,
        {"accuracy": "89.5%", "precision": "29.6 %", "recall": "80%", "f1": "43.2%"},
        {"accuracy": "895/1000", "precision": "40/135", "recall": "4/5", "f1": "16/37"},
        {
            "accuracy": "accuracy = (40 + 855)/(40 + 95 + 10 + 855)",
            "precision": "8/27",
            "recall": "40/(40+10)",
            "f1": "2*(8/27)*(4/5)/(8/27 + 4/5)",
        },
        {"accuracy": ".895", "precision": "0.2963", "recall": "0.80", "f1": "40/(40 + (95+10)/2)"},
    ],
)
def test_scores_of_the_original(bank: Bank, answers: dict[str, str]) -> None:
    assert grade(make_variant(bank.load(CONFUSION), None), answers).verdict == "correct"


@pytest.mark.parametrize(
    ("part", "answer", "note", "words"),
    [
        ("f1", "0.548", "arithmetic-mean", "ordinary mean"),
        ("f1", "0.276", "forgot-the-half", "Jaccard"),
        ("f1", "40/(40 + 95 + 10)", "forgot-the-half", "Jaccard"),
        ("precision", "40/(40 + 10)", "swapped-with-recall", "called positive"),
        ("recall", "0.296", "swapped-with-precision", "that are positive"),
        ("f1", "0.895", "quoted-accuracy", "855 true negatives"),
        ("precision", "0.895", "quoted-accuracy", "accuracy"),
        ("recall", "0.895", "quoted-accuracy", "accuracy"),
        ("accuracy", "10.5%", "error-rate", "error rate"),
        ("f1", "0.216", "lost-the-two", "factor 2"),
    ],
)
def test_slips_in_the_scores(bank: Bank, part: str, answer: str, note: str, words: str) -> None:
    verdict = grade(make_variant(bank.load(CONFUSION), None), {**SCORES, part: answer})
    marked = next(p for p in verdict.parts if p.id == part)
    assert (marked.verdict, marked.note) == ("incorrect", f"{CONFUSION}:{part}:{note}")
    assert words in marked.feedback[0]


def test_f1_follows_from_the_students_own_precision_and_recall(bank: Bank) -> None:
    variant = make_variant(bank.load(CONFUSION), None)
    own = {"accuracy": "0.895", "precision": "0.5", "recall": "0.8", "f1": "8/13"}
    f1 = grade(variant, own).parts[3]
    assert (f1.verdict, f1.follow_through, f1.score) == ("correct", True, f1.max_score)
    mean = grade(variant, {**own, "f1": "0.65"}).parts[3]
    assert mean.note.endswith(":arithmetic-mean")


def test_scores_agree_with_scikit_learn(bank: Bank) -> None:
    for variant in variants(bank, CONFUSION):
        question = linear(variant.question)
        pattern = r"(\d+) (?:true|false) (?:positive|negative)s"
        tp, fp, fn, tn = map(int, re.findall(pattern, question))
        truth = np.repeat([1, 0, 1, 0], [tp, fp, fn, tn])
        called = np.repeat([1, 1, 0, 0], [tp, fp, fn, tn])
        assert f"Of {len(truth)} cases" in question
        answers = {
            "accuracy": f"{metrics.accuracy_score(truth, called):.3g}",
            "precision": f"{metrics.precision_score(truth, called):.5g}",
            "recall": f"{100 * metrics.recall_score(truth, called):.4g} %",
            "f1": f"{metrics.f1_score(truth, called):.3g}",
        }
        assert grade(variant, answers).verdict == "correct", variant.code


# -- costly errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "threshold"),
    [
        ("precision", "1000/1001"),
        ("Precision", "0.999001"),
        ("PRECISION", "10000000/10010000"),
        ("precision", "10,000,000/10,010,000"),
        ("precision", "threshold = 1 - 1/1001"),
        ("precision", "99.9001%"),
    ],
)
def test_bet_of_the_original(bank: Bank, metric: str, threshold: str) -> None:
    variant = make_variant(bank.load(COSTS), None)
    assert grade(variant, {"metric": metric, "threshold": threshold}).verdict == "correct"


@pytest.mark.parametrize(
    ("part", "answer", "note", "words"),
    [
        ("metric", "recall", "confused-which-error-costs", "only forgoes 10"),
        ("metric", "accuracy", "all-errors-counted-alike", "both kinds of error alike"),
        ("metric", "F1", "f1-weighs-both", "same weight"),
        ("threshold", "0.5", "ignored-costs", "weighed alike"),
        ("threshold", "0.999", "rounded-to-three-decimals", "fraction"),
        ("threshold", "1/1001", "swapped-gain-and-cost", "wrong way round"),
        ("threshold", "1000", "odds-for-probability", "odds"),
    ],
)
def test_slips_in_the_bet(bank: Bank, part: str, answer: str, note: str, words: str) -> None:
    right = {"metric": "precision", "threshold": "1000/1001"}
    verdict = grade(make_variant(bank.load(COSTS), None), {**right, part: answer})
    marked = next(p for p in verdict.parts if p.id == part)
    assert (marked.verdict, marked.note) == ("incorrect", f"{COSTS}:{part}:{note}")
    assert words in marked.feedback[0]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("0.999", "incorrect"), ("0.9990", "incorrect"), ("0.999001", "correct")],
)
def test_six_decimals_will_do_for_the_bet(bank: Bank, answer: str, verdict: str) -> None:
    assert grade(make_variant(bank.load(COSTS), None), {"threshold": answer}).parts[1].verdict == (
        verdict
    )


def test_thresholds_cut_off_after_six_decimals_are_right(bank: Bank) -> None:
    for variant in variants(bank, COSTS):
        gain, loss = payoffs(variant)
        millionths = 10**6 * loss // (loss + gain)
        cut = f"{millionths // 10**6}.{millionths % 10**6:06}"
        assert grade(variant, {"threshold": cut}).parts[1].verdict == "correct", variant.code


def payoffs(variant: Variant) -> tuple[int, int]:
    """Gain and loss of the question's text."""
    question = linear(variant.question)
    gain, loss = re.search(r": \+(\d+)", question), re.search(r": −(\d+)", question)
    assert gain is not None
    assert loss is not None
    return int(gain[1]), int(loss[1])


def pays_above(gain: int, loss: int) -> Fraction:
    """Where expected earnings change their sign, by halving the interval."""
    low, high = Fraction(0), Fraction(1)
    for _ in range(50):
        middle = (low + high) / 2
        if middle * gain - (1 - middle) * loss > 0:
            high = middle
        else:
            low = middle
    return high


def dearest(gain: int, loss: int) -> str:
    """The metric that reacts to the error that costs most; accuracy where all cost the same."""
    truth = np.repeat([1, 1, 0, 0], 20)
    called = np.repeat([1, 0, 1, 0], 20)

    def earned(called: np.ndarray) -> int:
        return int(gain * (truth & called).sum() - loss * ((1 - truth) & called).sum())

    fewer_alarms, more_finds = called.copy(), called.copy()
    fewer_alarms[40:45], more_finds[20:25] = 0, 1
    worth = [earned(better) - earned(called) for better in (fewer_alarms, more_finds)]
    if worth[0] == worth[1]:
        return "accuracy"
    assert max(worth) > 10 * min(worth), "no clear-cut case"
    better = fewer_alarms if worth[0] > worth[1] else more_finds
    reacts = {
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
    }
    moved = {name: score(truth, better) - score(truth, called) for name, score in reacts.items()}
    return max(moved, key=lambda name: moved[name])


def test_threshold_and_metric_agree_with_brute_force(bank: Bank) -> None:
    winners = set()
    for variant in variants(bank, COSTS):
        gain, loss = payoffs(variant)
        metric = dearest(gain, loss)
        winners.add(metric)
        for threshold in (f"{float(pays_above(gain, loss)):.7f}", f"{loss}/({loss} + {gain})"):
            answers = {"metric": metric, "threshold": threshold}
            assert grade(variant, answers).verdict == "correct", variant.code
        if gain != loss:
            coarse = f"{float(pays_above(gain, loss)):.3f}"
            assert grade(variant, {"threshold": coarse}).parts[1].verdict == "incorrect"
    assert winners == {"precision", "recall", "accuracy"}


def test_equal_stakes_are_earned_by_accuracy() -> None:
    """The reason behind the key: with equal stakes earnings are a line over accuracy."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 60)
    called = random.integers(0, 2, (30, 60))
    earned = 7 * ((called & truth).sum(axis=1) - (called & (1 - truth)).sum(axis=1))
    accuracy = [metrics.accuracy_score(truth, row) for row in called]
    assert np.allclose(earned, 7 * (60 * np.array(accuracy) - (truth == 0).sum()))


# -- both ------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", [CONFUSION, COSTS])
def test_slips_are_recognised_on_variants(bank: Bank, id: str) -> None:
    typed = recognised = 0
    for variant in variants(bank, id):
        keys = {p.id: kind_of(p.asked.kind).write(p.reference, p.asked) for p in variant.parts}
        references = {part.id: part.reference for part in variant.parts}
        for part in variant.parts:
            for slip in variant.slips(part, references):
                answer = kind_of(part.asked.kind).write(slip.value, part.asked)
                verdict = grade(variant, {**keys, part.id: answer})
                marked = next(p for p in verdict.parts if p.id == part.id)
                assert marked.verdict == "incorrect", (variant.code, slip.id)
                assert marked.diagnosis is not None, (variant.code, slip.id)
                typed += 1
                recognised += marked.note.endswith(f":{slip.id}")
    assert recognised >= 0.93 * typed


@pytest.mark.parametrize("id", [CONFUSION, COSTS])
def test_two_slips_of_a_part_rarely_have_the_same_value(bank: Bank, id: str) -> None:
    coinciding = 0
    for variant in variants(bank, id, range(200)):
        references = {part.id: part.reference for part in variant.parts}
        coinciding += any(
            kind_of(part.asked.kind).same(one.value, other.value, part.asked)
            for part in variant.parts
            for one, other in combinations(variant.slips(part, references), 2)
        )
    assert coinciding < 10


@pytest.mark.parametrize(("id", "least", "most"), [(CONFUSION, 200, 350), (COSTS, 180, 200)])
def test_variants_differ_and_few_draws_are_rejected(
    bank: Bank, id: str, least: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = set()
    plain = engine.variant.Stream

    def counting(problem: str, seed: int, name: str, attempt: int) -> object:
        attempts.add((seed, attempt))
        return plain(problem, seed, name, attempt)

    monkeypatch.setattr(engine.variant, "Stream", counting)
    asked = {linear(variant.question) for variant in variants(bank, id, range(200))}
    assert len(asked) >= least
    assert len(attempts) <= most


@pytest.mark.parametrize("id", [CONFUSION, COSTS])
def test_hints_and_solution(bank: Bank, id: str) -> None:
    for variant in variants(bank, id, range(10)):
        assert len(variant.hints) >= 2
        solution = linear(variant.solution)
        assert "{{" not in solution
        numbers = payoffs(variant) if id == COSTS else map(int, _counts(variant))
        assert all(str(number) in solution for number in numbers)


def _counts(variant: Variant) -> list[str]:
    return re.findall(r"(\d+) (?:true|false)", linear(variant.question))
