"""Batch normalisation against the statistics module, scikit-learn and automatic derivatives."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from engine.reference.normalization import (
    batch_mean,
    batch_variance,
    batchnorm,
    batchnorm_backward,
    batchnorm_inference,
    batchnorm_normalize,
    sample_variance,
)

Floats = NDArray[np.float64]

Z = np.random.default_rng(11).normal(loc=3, scale=2, size=(3, 5))
GAMMA, BETA = np.array([2.0, 0.5, -1.0]), np.array([1.0, 0.0, 4.0])


def test_the_figures_of_the_deck() -> None:
    """001-15: z = 1, 2, 3, 4, gamma 2, beta 1, eps 0; and its wrong answers."""
    z = (1, 2, 3, 4)
    assert (batch_mean(z), batch_variance(z)) == (2.5, 1.25)
    normalized = batchnorm_normalize(z)
    np.testing.assert_allclose(normalized, [-1.3416, -0.4472, 0.4472, 1.3416], atol=5e-5)
    np.testing.assert_allclose(batchnorm(z, 2, 1), [-1.683, 0.106, 1.894, 3.683], atol=5e-4)
    centred = np.array(z) - batch_mean(z)
    assert sample_variance(z) == pytest.approx(5 / 3)
    unbiased = centred / np.sqrt(sample_variance(z))
    np.testing.assert_allclose(unbiased, [-1.1619, -0.3873, 0.3873, 1.1619], atol=5e-5)
    np.testing.assert_allclose(centred / batch_variance(z), [-1.2, -0.4, 0.4, 1.2])


def test_statistics_of_each_unit() -> None:
    rows = Z.tolist()
    np.testing.assert_allclose(batch_mean(Z), [statistics.fmean(row) for row in rows])
    np.testing.assert_allclose(batch_variance(Z), [statistics.pvariance(row) for row in rows])
    np.testing.assert_allclose(sample_variance(Z), [statistics.variance(row) for row in rows])


def test_normalising_is_scikit_learns_scaler() -> None:
    np.testing.assert_allclose(batchnorm_normalize(Z), StandardScaler().fit_transform(Z.T).T)
    np.testing.assert_allclose(batchnorm_normalize(Z, axis=0), StandardScaler().fit_transform(Z))


def test_output_has_the_mean_beta_and_the_spread_gamma() -> None:
    output = batchnorm(Z, GAMMA, BETA)
    np.testing.assert_allclose(output.mean(axis=1), BETA, atol=1e-12)
    np.testing.assert_allclose(output.std(axis=1), np.abs(GAMMA))
    np.testing.assert_allclose(batchnorm(Z.T, GAMMA, BETA, axis=0), output.T)


def test_epsilon_stands_inside_the_root() -> None:
    assert batchnorm_normalize((-1, 1), 3).tolist() == [-0.5, 0.5]
    assert batchnorm_normalize((2, 2), 1).tolist() == [0, 0]


def test_at_test_time_the_running_statistics_count() -> None:
    """(7 − 1)/√(3 + 1) = 3, times 2, minus 5."""
    assert batchnorm_inference((7,), 2, -5, 1, 3, 1).tolist() == [1]
    running_mean, running_variance = Z.mean(axis=1), Z.var(axis=1)
    np.testing.assert_allclose(
        batchnorm_inference(Z, GAMMA, BETA, running_mean, running_variance),
        batchnorm(Z, GAMMA, BETA),
    )


@pytest.mark.parametrize("axis", [0, 1])
def test_backward_is_autograds(axis: int) -> None:
    upstream = np.random.default_rng(12).normal(size=Z.shape)
    gamma = GAMMA if axis == 1 else np.array([1.0, -2.0, 0.5, 3.0, 1.5])

    def loss(z: Floats) -> object:
        centred = z - anp.mean(z, axis=axis, keepdims=True)
        square = anp.mean(centred**2, axis=axis, keepdims=True)
        return anp.sum(upstream * anp.expand_dims(gamma, axis) * centred / anp.sqrt(square + 0.1))

    expected = grad(loss)(Z)
    ours = batchnorm_backward(Z, upstream, gamma, 0.1, axis)
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batchnorm_normalize((2, 2, 2)), "the variance is 0, and so is epsilon."),
        (lambda: batchnorm_normalize((0.1, 0.1, 0.1)), "the variance is 0, and so is epsilon."),
        (lambda: batchnorm_backward((2, 2), (1, 1)), "the variance is 0, and so is epsilon."),
        (lambda: sample_variance((2,)), "the unbiased variance needs two examples or more."),
        (lambda: batchnorm(Z, (1, 2)), "gamma must be (3,), not (2,)."),
        (lambda: batchnorm(Z, 1, (1, 2)), "beta must be (3,), not (2,)."),
        (lambda: batchnorm(Z, 1, 0, -1), "epsilon must be one number, at least 0."),
        (lambda: batchnorm(Z, axis=2), "axis 2 does not exist in an array of shape (3, 5)."),
        (lambda: batchnorm_backward(Z, Z.T), "upstream must be 3 × 5, not 5 × 3."),
        (lambda: batchnorm_inference((1,), 1, 0, 0, -1), "the running variance plus epsilon must"),
        (lambda: batch_mean(3), "the axis must be at least 0, not -1."),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
