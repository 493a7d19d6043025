"""Activations, their derivatives, and the losses on top of them.

Element-wise functions keep the shape of their argument (a number gives a float). Nothing
overflows: exponents are never positive. Every function raises ValueError for entries that are
not finite numbers of at most 1e100.
"""

from __future__ import annotations

import numpy as np

from engine.reference.arrays import Cells, Floats, array, axis_of, plain, same_shape


def sigmoid(z: Cells) -> Floats | float:
    """1/(1 + e^(−z)).

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 3.30.
    """
    cells = array(z, "z")
    power = np.exp(-np.abs(cells))
    return plain(np.where(cells >= 0, 1, power) / (1 + power))


def sigmoid_gradient(z: Cells) -> Floats | float:
    """σ(z) · (1 − σ(z)), the derivative of the sigmoid at z: not from an activation.

    Source: the course's deck.

    >>> sigmoid_gradient(0)
    0.25
    """
    power = np.exp(-np.abs(array(z, "z")))
    return plain(power / (1 + power) ** 2)


def tanh_gradient(z: Cells) -> Floats | float:
    """1 − tanh²(z), the derivative of tanh at z: not from an activation.

    Source: the course's deck.

    >>> tanh_gradient(0)
    1.0
    """
    power = np.exp(-2 * np.abs(array(z, "z")))
    return plain(4 * power / (1 + power) ** 2)


def relu(z: Cells) -> Floats | float:
    """max(0, z).

    Source: Nair & Hinton, Rectified Linear Units (2010).
    """
    return plain(np.maximum(array(z, "z"), 0))


def relu_gradient(z: Cells) -> Floats | float:
    """1 for z > 0, 0 for z < 0; 0 at 0, where there is no derivative.

    Source: PyTorch's convention at 0; the course's slide has 1 there. Don't ask at 0.

    >>> relu_gradient((-2, 3))
    array([0., 1.])
    """
    return plain(np.where(array(z, "z") > 0, 1.0, 0.0))


def softmax(z: Cells, axis: int = -1) -> Floats:
    """e^z/Σ e^z over ``axis``, of z's shape. Axis 0 makes every column add up to 1.

    ValueError for an axis that z has not got.
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 6.29, with the largest
    entry taken away first (section 4.1).

    >>> softmax([[1, 2], [1, 2]], 0)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    return np.exp(log_softmax(z, axis))


def log_softmax(z: Cells, axis: int = -1) -> Floats:
    """The logarithm of softmax, z − log Σ e^z over ``axis``, of z's shape.

    ValueError for an axis that z has not got.
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 6.30.

    >>> log_softmax((0, 0))
    array([-0.69314718, -0.69314718])
    """
    cells = array(z, "z")
    over = axis_of(cells, axis)
    shifted = cells - cells.max(axis=over, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=over, keepdims=True)))


def cross_entropy(probabilities: Cells, labels: Cells, axis: int = -1) -> float:
    """−Σ_k y_k log p_k over the classes along ``axis``, averaged over the examples.

    Both (..., K), or with the K classes on another axis; labels one-hot or shares. Natural
    logarithm; 0 · log 0 is 0. ValueError where the shapes differ, a probability is outside 0 to
    1, or is 0 for a true class (the loss is infinite).
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3; averaged as
    in PyTorch.

    >>> cross_entropy((0.5, 0.25, 0.25), (1, 0, 0))
    0.693147...
    """
    p, y = _prediction(probabilities, labels)
    losses = _terms(y, p).sum(axis=axis_of(p, axis))
    return float(np.mean(losses))


def binary_cross_entropy(probabilities: Cells, labels: Cells) -> float:
    """−y log p − (1 − y) log(1 − p), averaged over all entries.

    Both of one shape, p the probability of label 1. Natural logarithm; 0 · log 0 is 0.
    ValueError as for ``cross_entropy``, and for labels above 1.
    Source: the course's deck, averaged as in PyTorch's BCELoss.

    >>> binary_cross_entropy((0.5, 0.25), (1, 0))
    0.490414...
    """
    p, y = _prediction(probabilities, labels)
    return float(np.mean(_terms(y, p) + _terms(1 - y, 1 - p)))


def _prediction(probabilities: Cells, labels: Cells) -> tuple[Floats, Floats]:
    p = array(probabilities, "the probabilities")
    y = same_shape(array(labels, "the labels"), p.shape, "the labels")
    for cells, what in ((p, "each probability"), (y, "each label")):
        if np.any(cells < 0) or np.any(cells > 1):
            raise ValueError(f"{what} must be from 0 to 1.")
    return p, y


def _terms(weights: Floats, p: Floats) -> Floats:
    """−weights · log p, entry by entry."""
    if np.any((weights > 0) & (p == 0)):
        raise ValueError("the loss is infinite: a true class has probability 0.")
    return -weights * np.log(np.where(weights > 0, p, 1))
