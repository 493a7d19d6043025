"""Activations and losses against SciPy, scikit-learn and automatic derivatives."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad
from scipy import special
from sklearn.metrics import log_loss

from engine.reference.activations import (
    binary_cross_entropy,
    cross_entropy,
    log_softmax,
    relu,
    relu_gradient,
    sigmoid,
    sigmoid_gradient,
    softmax,
    tanh_gradient,
)

Z = np.array([[-31.0, -2.0, -0.5, 0.25], [0.0, 1.5, 3.0, 12.0]])
SCORES = ((20, 1), (3, 24), (31, 13))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_is_scipys(axis: int) -> None:
    np.testing.assert_allclose(softmax(Z, axis), special.softmax(Z, axis=axis), rtol=1e-12)
    np.testing.assert_allclose(log_softmax(Z, axis), special.log_softmax(Z, axis=axis), rtol=1e-12)


def test_softmax_of_the_deck() -> None:
    """001-2: each column adds up to 1; axis 1 is the slip."""
    right = softmax(SCORES, 0)
    np.testing.assert_allclose(
        right,
        [[1.670e-5, 1.026e-10], [6.914e-13, 0.99998], [0.99998, 1.670e-5]],
        rtol=5e-4,
    )
    np.testing.assert_allclose(right.sum(axis=0), [1, 1])
    slip = softmax(SCORES, 1)
    np.testing.assert_allclose(slip, [[1, 5.6e-9], [7.6e-10, 1], [1, 1.5e-8]], rtol=2e-2)


def test_sigmoid_and_relu() -> None:
    np.testing.assert_allclose(sigmoid(Z), special.expit(Z), rtol=1e-12)
    assert np.asarray(relu(Z)).tolist() == [[max(0, z) for z in row] for row in Z.tolist()]


@pytest.mark.parametrize(
    ("ours", "function"),
    [
        (sigmoid_gradient, lambda z: 1 / (1 + anp.exp(-z))),
        (tanh_gradient, anp.tanh),
        (relu_gradient, lambda z: anp.maximum(z, 0)),
    ],
)
def test_gradients_are_autograds(ours: Callable[..., Any], function: Callable[..., Any]) -> None:
    points = np.array([-6.0, -2.0, -0.5, 0.25, 3.0, 5.0])
    expected = elementwise_grad(function)(points)
    np.testing.assert_allclose(ours(points), expected, rtol=1e-9, atol=1e-15)


def test_relu_gradient_of_the_deck() -> None:
    """001-11: 0 at −2, 1 at 3; and 0 at 0, by PyTorch's convention."""
    assert (relu_gradient(-2), relu_gradient(3), relu_gradient(0)) == (0, 1, 0)
    assert type(relu_gradient(3)) is float


def test_nothing_overflows() -> None:
    huge = np.array([-1e100, -800.0, 800.0, 1e100])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.asarray(sigmoid(huge)).tolist() == [0, 0, 1, 1]
        assert np.asarray(sigmoid_gradient(huge)).tolist() == [0, 0, 0, 0]
        assert np.asarray(tanh_gradient(huge)).tolist() == [0, 0, 0, 0]
        assert softmax(huge).tolist() == [0, 0, 0, 1]
        assert np.all(np.isfinite(log_softmax(huge)))
    assert sigmoid(-745) > 0


def test_cross_entropy_is_scikit_learns_log_loss() -> None:
    probabilities = special.softmax(Z / 5, axis=1)
    labels = np.eye(4)[[2, 1]]
    expected = log_loss([2, 1], probabilities, labels=[0, 1, 2, 3])
    assert cross_entropy(probabilities, labels) == pytest.approx(expected)
    assert cross_entropy(probabilities.T, labels.T, axis=0) == pytest.approx(expected)
    assert cross_entropy((0.25, 0.75), (0, 1)) == pytest.approx(-np.log(0.75))


def test_shares_as_labels() -> None:
    p, y = (0.2, 0.3, 0.5), (0.5, 0.0, 0.5)
    assert cross_entropy(p, y) == pytest.approx(float(-special.xlogy(y, p).sum()))


def test_binary_cross_entropy_is_scikit_learns_log_loss() -> None:
    p, y = (0.9, 0.2, 0.6), (1, 0, 0)
    assert binary_cross_entropy(p, y) == pytest.approx(log_loss(y, p))
    assert binary_cross_entropy(1, 1) == 0
    assert binary_cross_entropy((0, 1), (0, 1)) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: softmax(Z, 2), "axis 2 does not exist in an array of shape (2, 4)."),
        (lambda: softmax(3), "the axis must be at least 0, not -1."),
        (lambda: sigmoid(float("inf")), "z must hold finite numbers of at most 1e100."),
        (lambda: cross_entropy((0.5, 0.5), (1, 0, 0)), "the labels must be (2,), not (3,)."),
        (lambda: cross_entropy((1.5, 0.5), (1, 0)), "each probability must be from 0 to 1."),
        (lambda: cross_entropy((0.5, 0.5), (-1, 0)), "each label must be from 0 to 1."),
        (lambda: cross_entropy((0, 1), (1, 0)), "the loss is infinite: a true class has"),
        (lambda: binary_cross_entropy(1, 0), "the loss is infinite: a true class has"),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
