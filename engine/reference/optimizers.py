"""One step of an optimiser on one parameter, and the moving averages behind it.

Scalars only: parameter w, gradient dJ/dw, learning rate alpha. What involves no root stays
exact for exact arguments. Every function raises ValueError for arguments that are not finite
numbers, for a beta outside 0 <= beta < 1, and for a step that divides by 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.reference.checks import whole
from engine.reference.exact import Number, ratio, real

MOST_VALUES = 100  # exact fractions grow with every value
MOST_STEPS = 1_000


def gd_step(w: Number, gradient: Number, alpha: Number) -> Number:
    """Gradient descent: w − α · gradient.

    Source: the course's deck.

    >>> gd_step(1, 2, 0.25)
    0.5
    """
    return real(w, "w") - real(alpha, "alpha") * real(gradient, "the gradient")


def moving_average(previous: Number, value: Number, beta: Number) -> Number:
    """β · previous + (1 − β) · value: V of momentum, and S of RMSProp when value is squared.

    Source: the course's deck.

    >>> moving_average(4, 8, 0.75)
    5.0
    """
    beta = _decay(beta, "beta")
    return beta * real(previous, "the previous average") + (1 - beta) * real(value, "the value")


def exponential_average(values: Number | Sequence[Number], beta: Number) -> Number:
    """``moving_average`` over values (t,) in order, from V_0 = 0, without bias correction.

    V_t = (1 − β) Σ_i β^(t−i) value_i. A lone number is one value.
    ValueError for no values, or more than 100.
    Source: Kingma & Ba, Adam (2015), eq. 1.

    >>> exponential_average((4, 8), 0.5)
    5.0
    """
    series = values if isinstance(values, Sequence) else (values,)
    if not 1 <= len(series) <= MOST_VALUES:
        raise ValueError(f"an average takes 1 to {MOST_VALUES} values, not {len(series)}.")
    kept = _decay(beta, "beta")
    average: Number = 0
    for value in series:
        average = kept * average + (1 - kept) * real(value, "each value")
    return average


def bias_corrected(average: Number, beta: Number, t: int) -> Number:
    """average/(1 − β^t), for an average of t values that started at 0.

    Source: Kingma & Ba, Adam (2015), section 3.

    >>> bias_corrected(1, 0.5, 1)
    2.0
    """
    beta = _decay(beta, "beta")
    weight = 1 - beta ** _step_number(t)
    return ratio(real(average, "the average"), weight, "1 − β^t is 0 to a float's precision.")


def momentum_step(
    w: Number, gradient: Number, alpha: Number, beta: Number, velocity: Number = 0
) -> Number:
    """Momentum: V = β · velocity + (1 − β) · gradient, then w − α · V.

    ``velocity`` is V before the step. V_t over several gradients is ``exponential_average``.
    Source: the course's deck, whose V carries 1 − β; ``heavy_ball_step`` does not.

    >>> momentum_step(1, 2, 0.25, 0.5, 4)
    0.25
    """
    return gd_step(w, moving_average(velocity, gradient, beta), alpha)


def heavy_ball_step(
    w: Number, gradient: Number, alpha: Number, beta: Number, velocity: Number = 0
) -> Number:
    """Momentum without 1 − β: V = β · velocity + gradient, then w − α · V.

    Source: PyTorch's SGD with ``dampening=0``; Polyak (1964).

    >>> heavy_ball_step(1, 2, 0.25, 0.5, 4)
    0.0
    """
    kept = _decay(beta, "beta") * real(velocity, "the velocity")
    return gd_step(w, kept + real(gradient, "the gradient"), alpha)


def rmsprop_step(
    w: Number,
    gradient: Number,
    alpha: Number,
    beta: Number,
    epsilon: Number = 0,
    square: Number = 0,
) -> float:
    """RMSProp: S = β · square + (1 − β) · gradient², then w − α · gradient/(√S + ε).

    ``square`` is S before the step. ε stands outside the root, as in PyTorch; Keras has it inside.
    ValueError where √S + ε is 0.
    Source: the course's deck; Hinton, Neural Networks for Machine Learning (2012), lecture 6e.

    >>> rmsprop_step(1, 2, 0.25, 0.75, 0, 4)
    0.75
    """
    gradient = real(gradient, "the gradient")
    average = moving_average(real(square, "the square", least=0), gradient**2, beta)
    return _scaled_step(w, gradient, average, alpha, epsilon)


def adam_step(
    w: Number,
    gradient: Number,
    alpha: Number,
    beta1: Number,
    beta2: Number,
    epsilon: Number = 0,
    t: int = 1,
    m: Number = 0,
    v: Number = 0,
) -> float:
    """Adam's step t: w − α · m̂/(√v̂ + ε), with m̂ = m/(1 − β₁^t) and v̂ = v/(1 − β₂^t).

    The arguments m and v are the averages before the step; the step first sets
    m = β₁ m + (1 − β₁) · gradient and v = β₂ v + (1 − β₂) · gradient². t counts from 1.
    ValueError where √v̂ + ε is 0.
    Source: Kingma & Ba, Adam (2015), algorithm 1.

    >>> adam_step(1, 2, 0.5, 0.5, 0.75)
    0.5
    """
    gradient = real(gradient, "the gradient")
    first = bias_corrected(moving_average(m, gradient, beta1), beta1, t)
    second = moving_average(real(v, "v", least=0), gradient**2, beta2)
    return _scaled_step(w, first, bias_corrected(second, beta2, t), alpha, epsilon)


def _step_number(t: object) -> int:
    """A step's number: whole, from 1 to 1,000, since exact powers grow with it."""
    step = whole(t, "t")
    if step > MOST_STEPS:
        raise ValueError(f"t is larger than the limit of {MOST_STEPS:,}.")
    return step


def _scaled_step(
    w: Number, direction: Number, square: Number, alpha: Number, epsilon: Number
) -> float:
    root = math.sqrt(square) + float(real(epsilon, "epsilon", least=0))
    if root == 0:
        raise ValueError("the step divides by 0: neither the gradients nor epsilon are above 0.")
    result = float(real(w, "w")) - float(real(alpha, "alpha")) * float(direction) / root
    if not math.isfinite(result):
        raise ValueError("the step is too large for a float.")
    return result


def _decay(beta: object, what: str) -> Number:
    number = real(beta, what, least=0)
    if number >= 1:
        raise ValueError(f"{what} must be below 1, not {number}.")
    return number
