"""The number systems that expressions are evaluated in: real and complex balls.

Balls (Arb: Johansson 2017, doi:10.1109/TC.2017.2690633) enclose a value by a midpoint and a bound
on its error: where two enclosures don't overlap, the values differ for certain. ``residues`` has
another system.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Generic, TypeVar

from flint import acb, arb, fmpq

from engine.language.errors import Undefined
from engine.language.exact import evaluate as exact_value
from engine.language.tree import Node, Number, names

S = TypeVar("S")
MAX_POWER = 10**6


class NotComparable(Exception):
    """The expression holds something that this number system has no value for."""


class Field(ABC, Generic[S]):
    """Numbers with the functions of the answer language."""

    @abstractmethod
    def number(self, value: Fraction) -> S:
        """A rational."""

    @abstractmethod
    def constant(self, name: str) -> S:
        """``e``, ``pi`` or ``i``."""

    @abstractmethod
    def power(self, base: S, exponent: Node, value: Callable[[Node], S]) -> S:
        """A power; ``value`` evaluates the exponent where it isn't a whole number."""

    @abstractmethod
    def function(self, name: str, arguments: Sequence[S]) -> S:
        """A function by its canonical name. Raises NotComparable."""

    def holds(self, op: str, left: S, right: S) -> bool | None:
        """Whether a relation holds; None where that can't be told."""
        raise NotComparable(op)


def whole_number(node: Node) -> int | None:
    """The whole number that a constant expression is; None if it isn't one."""
    if isinstance(node, Number):
        return int(node.value) if node.value.denominator == 1 else None
    if names(node):
        return None
    try:
        value = exact_value(node, {})
    except Undefined:
        return None
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    return None


class Balls(Field[arb]):
    """Real numbers, enclosed at the current precision; nan where something is undefined."""

    def number(self, value: Fraction) -> arb:
        return arb(fmpq(value.numerator, value.denominator))

    def constant(self, name: str) -> arb:
        return _CONSTANTS[name]() if name in _CONSTANTS else arb.nan()

    def power(self, base: arb, exponent: Node, value: Callable[[Node], arb]) -> arb:
        return power(base, value(exponent))

    def function(self, name: str, arguments: Sequence[arb]) -> arb:
        if name not in _REAL:
            raise NotComparable(name)
        return _REAL[name](*arguments)

    def holds(self, op: str, left: arb, right: arb) -> bool | None:
        difference = left - right
        if not difference.is_finite():
            return None
        if difference.contains(0) and not difference.is_zero():
            return None
        return _SIGNS[op](difference)


class ComplexBalls(Field[acb]):
    """Complex numbers, enclosed; logarithms, roots and powers take their principal values."""

    def number(self, value: Fraction) -> acb:
        return acb(arb(fmpq(value.numerator, value.denominator)))

    def constant(self, name: str) -> acb:
        return acb(0, 1) if name == "i" else acb(Balls().constant(name))

    def power(self, base: acb, exponent: Node, value: Callable[[Node], acb]) -> acb:
        whole = whole_number(exponent)
        if whole is not None and abs(whole) <= MAX_POWER:
            return base**whole
        return base ** value(exponent)

    def function(self, name: str, arguments: Sequence[acb]) -> acb:
        if name not in _COMPLEX:
            raise NotComparable(name)
        return _COMPLEX[name](*arguments)


_SIGNS: dict[str, Callable[[arb], bool]] = {
    "<": lambda d: d < 0,
    "<=": lambda d: d <= 0,
    ">": lambda d: d > 0,
    ">=": lambda d: d >= 0,
    "=": lambda d: bool(d.is_zero()),
    "!=": lambda d: not d.is_zero(),
}
_CONSTANTS: dict[str, Callable[[], arb]] = {"e": arb.const_e, "pi": arb.pi}


def power(base: arb, exponent: arb) -> arb:
    """base^exponent over the reals: whole exponents for any base, others for bases ≥ 0."""
    whole = _small_integer(exponent)
    if whole is not None:
        return base ** arb(whole)
    if base.is_zero():
        return arb(0) if exponent > 0 else arb.nan()
    return base**exponent if base > 0 else arb.nan()


def _small_integer(value: arb) -> int | None:
    """The whole number that an enclosure is; written out, 2^(2^40) would fill the memory."""
    if not abs(value) <= MAX_POWER or not value.is_integer():
        return None
    whole = value.unique_fmpz()
    return None if whole is None else int(whole)


def _root(x: arb, degree: arb) -> arb:
    whole = _small_integer(degree)
    odd = whole is not None and whole % 2 == 1
    return -power(-x, 1 / degree) if odd and x < 0 else power(x, 1 / degree)


def _half_up(x: arb, digits: arb | None = None) -> arb:
    scale = arb(10) ** digits if digits is not None else arb(1)
    return (x * scale + arb(0.5)).floor() / scale


def _log(x: arb, base: arb | None = None) -> arb:
    if not x > 0:
        return arb.nan()
    return x.log() if base is None else x.log() / _log(base)


def _fold(function: Callable[[arb, arb], arb], values: Sequence[arb]) -> arb:
    result = values[0]
    for value in values[1:]:
        result = function(result, value)
    return result


def _of_whole(function: Callable[..., int]) -> Callable[..., arb]:
    """A function of whole numbers; nan between them."""

    def of_balls(*numbers: arb) -> arb:
        whole = [_small_integer(number) for number in numbers]
        return arb.nan() if None in whole else arb(function(*whole))

    return of_balls


_ANALYTIC = (
    *("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh"),
)
_REAL: dict[str, Callable[..., arb]] = {
    "exp": arb.exp,
    "log": _log,
    "sqrt": arb.sqrt,
    "cbrt": lambda x: _root(x, arb(3)),
    "root": _root,
    "abs": abs,
    "sign": arb.sgn,
    "floor": arb.floor,
    "ceil": arb.ceil,
    "trunc": lambda x: x.floor() if x >= 0 else x.ceil() if x < 0 else arb.nan(),
    "round": _half_up,
    "perm": lambda n, k: n.fac() * (n - k + 1).rgamma(),
    "gcd": _of_whole(math.gcd),
    "lcm": _of_whole(math.lcm),
    "factorial": arb.fac,
    "binomial": lambda n, k: n.fac() / k.fac() * (n - k + 1).rgamma(),
    "atan2": arb.atan2,
    "sinc": arb.sinc,
    "mod": lambda x, y: x - y * (x / y).floor(),
    "min": lambda *xs: _fold(arb.min, xs),
    "max": lambda *xs: _fold(arb.max, xs),
    "relu": lambda x: x.max(arb(0)),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    **{name: getattr(arb, name) for name in _ANALYTIC},
}
_COMPLEX: dict[str, Callable[..., acb]] = {
    "exp": acb.exp,
    "log": lambda x, base=None: x.log() if base is None else x.log() / base.log(),
    "sqrt": acb.sqrt,
    "root": lambda x, degree: x ** (1 / degree),
    "cbrt": lambda x: x ** (acb(1) / 3),
    "abs": lambda x: acb(abs(x)),
    "re": lambda x: acb(x.real),
    "im": lambda x: acb(x.imag),
    "conj": lambda x: acb(x.real, -x.imag),
    "arg": lambda x: acb(x.arg()),
    "sinc": acb.sinc,
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    **{name: getattr(acb, name) for name in _ANALYTIC},
}
