"""Metrics of a binary classifier from its counts, and the threshold of a costly bet.

tp, fp, fn, tn are counts (or shares) of true positives, false positives, false negatives and
true negatives. Whole numbers and Fractions give a Fraction, floats a float. Every function
raises ValueError for an argument that is negative or not a finite number, and for 0/0.
"""

from __future__ import annotations

from engine.reference.exact import Number, positive, ratio, real


def accuracy(tp: Number, fp: Number, fn: Number, tn: Number) -> Number:
    """The share of right predictions: (tp + tn)/(tp + fp + fn + tn).

    Source: scikit-learn's ``accuracy_score``.

    >>> accuracy(8, 19, 2, 71)
    Fraction(79, 100)
    """
    tp, fp, fn, tn = _counts(tp=tp, fp=fp, fn=fn, tn=tn)
    return ratio(tp + tn, tp + fp + fn + tn, "the accuracy of no examples is 0/0.")


def precision(tp: Number, fp: Number) -> Number:
    """The share of positive predictions that are right: tp/(tp + fp).

    Source: scikit-learn user guide, "Precision, recall and F-measures"; 0/0 is refused here,
    where scikit-learn warns and gives 0.

    >>> precision(8, 19)
    Fraction(8, 27)
    """
    tp, fp = _counts(tp=tp, fp=fp)
    return ratio(tp, tp + fp, "the precision without a positive prediction is 0/0.")


def recall(tp: Number, fn: Number) -> Number:
    """The share of positive examples that are found: tp/(tp + fn), also called sensitivity.

    Source: scikit-learn user guide, "Precision, recall and F-measures".

    >>> recall(8, 2)
    Fraction(4, 5)
    """
    tp, fn = _counts(tp=tp, fn=fn)
    return ratio(tp, tp + fn, "the recall without a positive example is 0/0.")


def specificity(tn: Number, fp: Number) -> Number:
    """The share of negative examples that are left alone: tn/(tn + fp).

    Source: Altman & Bland, Sensitivity and specificity, BMJ 308 (1994).

    >>> specificity(71, 19)
    Fraction(71, 90)
    """
    tn, fp = _counts(tn=tn, fp=fp)
    return ratio(tn, tn + fp, "the specificity without a negative example is 0/0.")


def f1(tp: Number, fp: Number, fn: Number) -> Number:
    """The harmonic mean of precision and recall, from counts: 2 tp/(2 tp + fp + fn).

    0 where tp is 0 but there are errors, though precision or recall is then 0/0.
    Source: van Rijsbergen, Information Retrieval (1979), chapter 7, with both weighted alike.

    >>> f1(8, 19, 2)
    Fraction(16, 37)
    """
    return f_beta(tp, fp, fn, 1)


def f_beta(tp: Number, fp: Number, fn: Number, beta: Number) -> Number:
    """(1 + β²) tp/((1 + β²) tp + β² fn + fp): recall counts β times as much as precision.

    ValueError unless beta is above 0.
    Source: scikit-learn's ``fbeta_score``.

    >>> f_beta(8, 19, 2, 2)
    Fraction(40, 67)
    """
    tp, fp, fn = _counts(tp=tp, fp=fp, fn=fn)
    square = positive(beta, "beta") ** 2
    hits = (1 + square) * tp
    return ratio(hits, hits + square * fn + fp, "F without a positive example is 0/0.")


def harmonic_mean(a: Number, b: Number) -> Number:
    """2ab/(a + b): F1 when a and b are the precision and the recall.

    ValueError where both are 0.
    Source: the course's deck; the same number as ``f1``.

    >>> harmonic_mean(1/2, 1/4)
    0.333333...
    """
    a, b = _counts(a=a, b=b)
    return ratio(2 * a * b, a + b, "the harmonic mean of 0 and 0 is 0/0.")


def jaccard(tp: Number, fp: Number, fn: Number) -> Number:
    """The overlap of predicted and real positives: tp/(tp + fp + fn), never above F1.

    Source: scikit-learn's ``jaccard_score``; intersection over union.

    >>> jaccard(8, 19, 2)
    Fraction(8, 29)
    """
    tp, fp, fn = _counts(tp=tp, fp=fp, fn=fn)
    return ratio(tp, tp + fp + fn, "the overlap without any positive is 0/0.")


def break_even(cost: Number, gain: Number) -> Number:
    """The probability above which a bet pays: cost/(cost + gain).

    A right bet earns ``gain``, a wrong one loses ``cost``, no bet is worth 0; both are given
    as positive amounts. At p: p · gain − (1 − p) · cost = 0.
    Source: Elkan, The Foundations of Cost-Sensitive Learning (2001), eq. 2.

    >>> break_even(1, 3)
    Fraction(1, 4)
    """
    cost, gain = _counts(cost=cost, gain=gain)
    return ratio(cost, cost + gain, "a bet without cost and gain breaks even at 0/0.")


def _counts(**values: Number) -> tuple[Number, ...]:
    return tuple(real(value, name, least=0) for name, value in values.items())
