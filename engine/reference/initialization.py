"""Variances of initial weights, whose mean is 0. The standard deviation is the root.

n_in and n_out are the units before and behind the weights, n^[l−1] and n^[l]. Results are exact.
Every function raises ValueError for numbers of units that are not positive whole numbers.
"""

from __future__ import annotations

from fractions import Fraction

from engine.reference.checks import whole


def xavier_variance(n_in: int) -> Fraction:
    """1/n_in: keeps the variance of the activations where g(z) ≈ z, as tanh near 0.

    Source: the course's "Xavier"; LeCun et al., Efficient BackProp (1998), section 4.6. Glorot
    and Bengio's own formula is ``glorot_variance``.

    >>> xavier_variance(50)
    Fraction(1, 50)
    """
    return Fraction(1, whole(n_in, "the number of inputs"))


def he_variance(n_in: int) -> Fraction:
    """2/n_in: makes up for the half of the second moment that a ReLU removes.

    Source: He et al., Delving Deep into Rectifiers (2015), eq. 10.

    >>> he_variance(50)
    Fraction(1, 25)
    """
    return Fraction(2, whole(n_in, "the number of inputs"))


def glorot_variance(n_in: int, n_out: int) -> Fraction:
    """2/(n_in + n_out): a compromise between the forward and the backward pass.

    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010), eq. 12.

    >>> glorot_variance(300, 100)
    Fraction(1, 200)
    """
    units = whole(n_in, "the number of inputs") + whole(n_out, "the number of outputs")
    return Fraction(2, units)
