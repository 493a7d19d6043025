"""Batch normalisation.

Examples lie along ``axis``: the last one unless said, since the course stores examples as columns,
Z (units, m). A unit is normalised over its m examples; z (m,) is a single unit. gamma, beta
and running statistics are one number, or one a unit. Another axis normalises an example over
its units instead: layer normalisation.

Every function raises ValueError for an axis that z has not got and for shapes that don't fit.
Source, unless said otherwise: Ioffe & Szegedy, Batch Normalization (2015), algorithm 1.
"""

from __future__ import annotations

import numpy as np

from engine.reference.arrays import Cells, Floats, array, axis_of, plain, same_shape

TINY = 1e-100  # a variance that counts as 0: dividing by its root could overflow


def batch_mean(z: Cells, axis: int = -1) -> Floats | float:
    """μ = (1/m) Σ z over the examples: (units, m) -> (units,).

    >>> batch_mean([[1, 2, 6], [0, 0, 3]])
    array([3., 1.])
    """
    cells = array(z, "z")
    return plain(cells.mean(axis=axis_of(cells, axis)))


def batch_variance(z: Cells, axis: int = -1) -> Floats | float:
    """σ² = (1/m) Σ (z − μ)², the biased variance: (units, m) -> (units,).

    >>> batch_variance([[1, 2, 6], [0, 0, 3]])
    array([4.66666667, 2.        ])
    """
    cells = array(z, "z")
    return plain(cells.var(axis=axis_of(cells, axis)))


def sample_variance(z: Cells, axis: int = -1) -> Floats | float:
    """(1/(m − 1)) Σ (z − μ)², the unbiased variance: (units, m) -> (units,).

    Not what normalises a batch; PyTorch keeps it in ``running_var``. ValueError for m = 1.
    Source: Ioffe & Szegedy (2015), algorithm 2, line 10.

    >>> sample_variance([[1, 2, 6], [0, 0, 3]])
    array([7., 3.])
    """
    cells = array(z, "z")
    over = axis_of(cells, axis)
    if cells.shape[over] == 1:
        raise ValueError("the unbiased variance needs two examples or more.")
    return plain(cells.var(axis=over, ddof=1))


def batchnorm_normalize(z: Cells, epsilon: float = 0, axis: int = -1) -> Floats:
    """(z − μ)/√(σ² + ε), of z's shape; ValueError where σ² + ε is 0.

    >>> batchnorm_normalize([[1, 3], [2, 6]])
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    cells = array(z, "z")
    over = axis_of(cells, axis)
    return _centred(cells, over) / _spread(cells, epsilon, over)


def batchnorm(
    z: Cells,
    gamma: Cells = 1,
    beta: Cells = 0,
    epsilon: float = 0,
    axis: int = -1,
) -> Floats:
    """γ · (z − μ)/√(σ² + ε) + β, of z's shape; ValueError where σ² + ε is 0.

    >>> batchnorm([[1, 3], [2, 6]], 2, 1)
    array([[-1.,  3.],
           [-1.,  3.]])
    """
    normalized = batchnorm_normalize(z, epsilon, axis)
    return _per_unit(gamma, normalized, axis, "gamma") * normalized + _per_unit(
        beta, normalized, axis, "beta"
    )


def batchnorm_inference(
    z: Cells,
    gamma: Cells,
    beta: Cells,
    running_mean: Cells,
    running_variance: Cells,
    epsilon: float = 0,
    axis: int = -1,
) -> Floats:
    """At test time: γ · (z − running mean)/√(running variance + ε) + β, of z's shape.

    ValueError where running variance + ε is not above 0.
    Source: Ioffe & Szegedy (2015), algorithm 2, line 11.

    >>> batchnorm_inference([[1, 3]], 2, 1, 1, 4)
    array([[1., 3.]])
    """
    cells = array(z, "z")
    square = _per_unit(running_variance, cells, axis, "the running variance") + _small(epsilon)
    if np.any(square < TINY):
        raise ValueError("the running variance plus epsilon must be above 0.")
    normalized = (cells - _per_unit(running_mean, cells, axis, "the running mean")) / np.sqrt(
        square
    )
    return np.asarray(
        _per_unit(gamma, cells, axis, "gamma") * normalized + _per_unit(beta, cells, axis, "beta")
    )


def batchnorm_backward(
    z: Cells,
    upstream: Cells,
    gamma: Cells = 1,
    epsilon: float = 0,
    axis: int = -1,
) -> Floats:
    """dL/dz of ``batchnorm`` from upstream g = dL/doutput, both of z's shape.

    γ/√(σ² + ε) · (g − mean(g) − ẑ · mean(g · ẑ)), means over the examples, since μ and σ² depend
    on every z as well. ValueError where σ² + ε is 0. (dL/dγ = Σ g · ẑ and dL/dβ = Σ g.)
    Source: Ioffe & Szegedy (2015), section 3, collected into one line.

    >>> batchnorm_backward([[1, 2, 6]], [[1, 0, 0]])
    array([[ 0.17634669, -0.22043336,  0.04408667]])
    """
    cells = array(z, "z")
    over = axis_of(cells, axis)
    g = same_shape(array(upstream, "upstream"), cells.shape, "upstream")
    spread = _spread(cells, epsilon, over)
    normalized = _centred(cells, over) / spread
    through = normalized * (g * normalized).mean(axis=over, keepdims=True)
    scale = _per_unit(gamma, cells, axis, "gamma") / spread
    return np.asarray(scale * (g - g.mean(axis=over, keepdims=True) - through))


def _centred(cells: Floats, over: int) -> Floats:
    return np.asarray(cells - cells.mean(axis=over, keepdims=True))


def _spread(cells: Floats, epsilon: float, over: int) -> Floats:
    """√(σ² + ε); equal entries have variance 0, even where their mean is rounded."""
    small = _small(epsilon)
    equal = np.ptp(cells, axis=over, keepdims=True) == 0
    square = np.where(equal, 0, cells.var(axis=over, keepdims=True)) + small
    if np.any(square < TINY):
        raise ValueError("the variance is 0, and so is epsilon.")
    return np.asarray(np.sqrt(square))


def _small(epsilon: float) -> float:
    value = array(epsilon, "epsilon")
    if value.ndim or value < 0:
        raise ValueError("epsilon must be one number, at least 0.")
    return float(value)


def _per_unit(value: Cells, cells: Floats, axis: int, what: str) -> Floats:
    """One number, or one a unit, ready to broadcast against ``cells``."""
    numbers = array(value, what)
    if numbers.ndim == 0:
        return numbers
    over = axis_of(cells, axis) % cells.ndim
    units = cells.shape[:over] + cells.shape[over + 1 :]
    return np.expand_dims(same_shape(numbers, units, what), over)
