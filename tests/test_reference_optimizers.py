"""Optimiser steps against their written-out sums and the course's figures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import lfilter

from engine.reference.exact import Number
from engine.reference.optimizers import (
    adam_step,
    bias_corrected,
    exponential_average,
    gd_step,
    heavy_ball_step,
    momentum_step,
    moving_average,
    rmsprop_step,
)

TENTH = Fraction(1, 10)
NINE = Fraction(9, 10)
EPSILON = Fraction(1, 10**8)


def test_the_first_steps_of_the_deck() -> None:
    """000-15: W = 1, dW = 2, alpha = 0.1, beta = 0.9, beta2 = 0.999, eps = 1e-8, t = 1."""
    assert gd_step(1, 2, TENTH) == Fraction(4, 5)
    assert momentum_step(1, 2, TENTH, NINE) == Fraction(49, 50)
    assert rmsprop_step(1, 2, TENTH, NINE, EPSILON) == pytest.approx(0.6838, abs=5e-5)
    assert adam_step(1, 2, TENTH, NINE, Fraction(999, 1000), EPSILON) == pytest.approx(0.9)


def test_the_second_steps_of_the_deck() -> None:
    """Momentum with 1 − beta: 0.98, 0.942; without: 0.8, 0.42."""
    first = momentum_step(1, 2, TENTH, NINE)
    velocity = moving_average(0, 2, NINE)
    assert momentum_step(first, 2, TENTH, NINE, velocity) == Fraction(942, 1000)
    assert heavy_ball_step(1, 2, TENTH, NINE) == Fraction(4, 5)
    assert heavy_ball_step(Fraction(4, 5), 2, TENTH, NINE, 2) == Fraction(42, 100)


def test_epsilon_stands_outside_the_root() -> None:
    """Inside it would give 0.7172."""
    assert rmsprop_step(1, 2, TENTH, NINE, TENTH) == pytest.approx(0.7269, abs=5e-5)


def test_exponential_average_is_the_written_out_sum() -> None:
    values = (Fraction(3), Fraction(-1), Fraction(1, 2), Fraction(4))
    beta = Fraction(3, 4)
    expected = sum((1 - beta) * beta ** (3 - i) * value for i, value in enumerate(values))
    assert exponential_average(values, beta) == expected
    filtered = lfilter([0.25], [1, -0.75], [float(v) for v in values])
    assert float(expected) == pytest.approx(filtered[-1])
    assert exponential_average(2, beta) == Fraction(1, 2)


def test_a_long_exact_average_is_not_refused() -> None:
    assert exponential_average((1,) * 100, Fraction(999, 1000)) == 1 - Fraction(999, 1000) ** 100


def test_bias_correction_makes_a_constant_its_own_average() -> None:
    for t in range(1, 6):
        assert bias_corrected(exponential_average((7,) * t, NINE), NINE, t) == 7


def test_adam_keeps_its_averages() -> None:
    """Kingma & Ba's algorithm 1, run through with NumPy floats."""
    w, m, v = 0.5, 0.0, 0.0
    gradients = np.array([0.3, -0.7, 0.2, 1.1])
    expected = w
    ours: Number = w
    for t, g in enumerate(gradients.tolist(), start=1):
        ours = adam_step(ours, g, 0.01, 0.9, 0.999, 1e-8, t, m, v)
        past = gradients[:t][::-1]
        m = float(0.1 * np.sum(0.9 ** np.arange(t) * past))
        v = float(0.001 * np.sum(0.999 ** np.arange(t) * past**2))
        expected -= 0.01 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
    assert ours == pytest.approx(expected, rel=1e-12)


def test_rmsprop_keeps_its_average() -> None:
    expected = 2 - 0.1 * -3 / (math.sqrt(0.9 * 4 + 0.1 * 9) + 1e-8)
    assert rmsprop_step(2, -3, 0.1, 0.9, 1e-8, 4) == pytest.approx(expected)


def test_steps_without_a_root_stay_exact() -> None:
    assert isinstance(gd_step(1, Fraction(1, 3), TENTH), Fraction)
    assert isinstance(momentum_step(1, 2, TENTH, NINE), Fraction)
    assert isinstance(momentum_step(1, 2, 0.1, NINE), float)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: momentum_step(1, 2, 0.1, 1), "beta must be below 1, not 1."),
        (lambda: momentum_step(1, 2, 0.1, -0.1), "beta must be at least 0, not -0.1."),
        (lambda: gd_step(1, float("nan"), 0.1), "the gradient must be finite, not nan."),
        (lambda: rmsprop_step(1, 0, 0.1, 0.9), "the step divides by 0:"),
        (lambda: rmsprop_step(1, 1, 0.1, 0.9, -1), "epsilon must be at least 0, not -1."),
        (lambda: rmsprop_step(1, 1, 0.1, 0.9, 0, -1), "the square must be at least 0, not -1."),
        (lambda: adam_step(1, 1, 0.1, 0.9, 0.9, t=0), "t must be at least 1, not 0."),
        (lambda: adam_step(1, 1, 0.1, 0.9, 0.9, t=10**6), "t is larger than the limit of 1,000."),
        (lambda: adam_step(1, 1, 0.1, 0.9, 0.9, v=-1), "v must be at least 0, not -1."),
        (lambda: exponential_average((), NINE), "an average takes 1 to 100 values, not 0."),
        (lambda: bias_corrected(1, 1 - 1e-17, 1), "beta must be below 1"),
        (lambda: gd_step("1", 2, 3), "w must be a number."),  # type: ignore[arg-type]
        (lambda: gd_step(1, 2, 1e101), "alpha is larger than the limit of 1e100."),
        (lambda: rmsprop_step(1, 1e60, 0.1, 0.9), "the value is larger than the limit of 1e100."),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
