"""Metrics against scikit-learn on spelled-out predictions, and against the course's figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
import sklearn.metrics as judge

from engine.reference.exact import Number
from engine.reference.metrics import (
    accuracy,
    break_even,
    f1,
    f_beta,
    harmonic_mean,
    jaccard,
    precision,
    recall,
    specificity,
)


@pytest.mark.parametrize(
    ("tp", "fp", "fn", "tn"),
    [(40, 95, 10, 855), (3, 1, 2, 4), (1, 0, 0, 1), (0, 2, 3, 4), (5, 1, 0, 0), (2, 7, 1, 1)],
)
def test_metrics_agree_with_scikit_learn(tp: int, fp: int, fn: int, tn: int) -> None:
    truth = [1] * tp + [0] * fp + [1] * fn + [0] * tn
    guess = [1] * tp + [1] * fp + [0] * fn + [0] * tn
    table = [
        (accuracy(tp, fp, fn, tn), judge.accuracy_score(truth, guess)),
        (precision(tp, fp), judge.precision_score(truth, guess)),
        (recall(tp, fn), judge.recall_score(truth, guess)),
        (specificity(tn, fp), judge.recall_score(truth, guess, pos_label=0)) if tn + fp else (0, 0),
        (f1(tp, fp, fn), judge.f1_score(truth, guess)),
        (f_beta(tp, fp, fn, 2), judge.fbeta_score(truth, guess, beta=2)),
        (f_beta(tp, fp, fn, Fraction(1, 2)), judge.fbeta_score(truth, guess, beta=0.5)),
        (jaccard(tp, fp, fn), judge.jaccard_score(truth, guess)),
    ]
    for ours, theirs in table:
        assert float(ours) == pytest.approx(float(theirs), abs=1e-12)


def test_the_confusion_matrix_of_the_deck() -> None:
    """000-12: TP 40, FP 95, FN 10, TN 855."""
    p, r = precision(40, 95), recall(40, 10)
    assert (p, r) == (Fraction(8, 27), Fraction(4, 5))
    assert f1(40, 95, 10) == harmonic_mean(p, r) == Fraction(16, 37)
    assert float(f1(40, 95, 10)) == pytest.approx(0.432, abs=5e-4)
    assert accuracy(40, 95, 10, 855) == Fraction(895, 1000)
    assert float(jaccard(40, 95, 10)) == pytest.approx(0.276, abs=5e-4)
    assert (p + r) / 2 == pytest.approx(0.548, abs=5e-4)


def test_harmonic_mean_has_the_mean_reciprocal() -> None:
    for a, b in product((Fraction(1, 3), Fraction(1), Fraction(5, 7)), repeat=2):
        assert 1 / Fraction(harmonic_mean(a, b)) == (1 / a + 1 / b) / 2
    assert harmonic_mean(0, 1) == 0


def test_the_bet_of_the_deck_breaks_even_at_1000_1001() -> None:
    threshold = break_even(10_000_000, 10_000)
    assert threshold == Fraction(1000, 1001)
    assert threshold * 10_000 - (1 - threshold) * 10_000_000 == 0
    assert break_even(1, 1) == Fraction(1, 2)


@pytest.mark.parametrize("values", [(40, 95), (Fraction(2, 3), Fraction(1, 7)), (0, 4)])
def test_exact_arguments_give_exact_results(values: tuple[Number, Number]) -> None:
    assert isinstance(precision(*values), int | Fraction)


def test_float_arguments_give_floats() -> None:
    assert precision(0.25, 0.75) == 0.25
    assert isinstance(precision(0.25, 1), float)
    assert isinstance(f1(1, 2, 0.5), float)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision(0, 0), "the precision without a positive prediction is 0/0."),
        (lambda: recall(0, 0), "the recall without a positive example is 0/0."),
        (lambda: specificity(0, 0), "the specificity without a negative example is 0/0."),
        (lambda: accuracy(0, 0, 0, 0), "the accuracy of no examples is 0/0."),
        (lambda: f1(0, 0, 0), "F without a positive example is 0/0."),
        (lambda: jaccard(0, 0, 0), "the overlap without any positive is 0/0."),
        (lambda: harmonic_mean(0, 0), "the harmonic mean of 0 and 0 is 0/0."),
        (lambda: break_even(0, 0), "a bet without cost and gain breaks even at 0/0."),
        (lambda: precision(-1, 3), "tp must be at least 0, not -1."),
        (lambda: recall(1, float("nan")), "fn must be finite, not nan."),
        (lambda: recall(1, float("inf")), "fn must be finite, not inf."),
        (lambda: recall(1, "2"), "fn must be a number."),  # type: ignore[arg-type]
        (lambda: recall(1, True), "fn must be a number."),
        (lambda: recall(1, 10**101), "fn is larger than the limit of 1e100."),
        (lambda: recall(1, Fraction(1, 10**101)), "fn has a denominator beyond the limit of"),
        (lambda: f_beta(1, 2, 3, 0), "beta must be above 0, not 0."),
        (lambda: break_even(-1, 1), "cost must be at least 0, not -1."),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()


def test_no_hits_is_f1_of_zero_while_there_are_errors() -> None:
    assert f1(0, 3, 0) == 0
