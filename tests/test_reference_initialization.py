"""Initial variances against simulated layers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from engine.reference.initialization import glorot_variance, he_variance, xavier_variance


def test_the_figures_of_the_deck() -> None:
    """000-6: n^[l−1] = 100, and Glorot's own formula for 100 → 50."""
    assert xavier_variance(100) == Fraction(1, 100)
    assert float(xavier_variance(100)) ** 0.5 == pytest.approx(0.1)
    assert he_variance(100) == Fraction(1, 50)
    assert float(he_variance(100)) ** 0.5 == pytest.approx(0.1414, abs=5e-5)
    assert glorot_variance(100, 50) == pytest.approx(0.01333, abs=5e-6)


def test_xavier_keeps_the_variance_of_a_linear_layer() -> None:
    draw = np.random.default_rng(1)
    a = draw.normal(size=(400, 500))
    w = draw.normal(scale=float(xavier_variance(400)) ** 0.5, size=(300, 400))
    assert np.var(w @ a) == pytest.approx(1, rel=0.05)


def test_he_keeps_the_variance_behind_a_relu() -> None:
    draw = np.random.default_rng(2)
    a = np.maximum(draw.normal(size=(400, 500)), 0)
    w = draw.normal(scale=float(he_variance(400)) ** 0.5, size=(300, 400))
    assert np.var(w @ a) == pytest.approx(1, rel=0.05)


def test_glorot_balances_the_two_directions() -> None:
    """n_in · Var = 1 forward, n_out · Var = 1 backward: their mean is held."""
    assert (300 * glorot_variance(300, 100) + 100 * glorot_variance(300, 100)) / 2 == 1


@pytest.mark.parametrize("units", [0, -3, 2.5, "10", None])
def test_refusals(units: int) -> None:
    with pytest.raises(ValueError, match="the number of inputs must be"):
        xavier_variance(units)
    with pytest.raises(ValueError, match="the number of inputs must be"):
        he_variance(units)
    with pytest.raises(ValueError, match="the number of outputs must be"):
        glorot_variance(3, units)
