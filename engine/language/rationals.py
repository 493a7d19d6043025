"""Operations and functions of numbers: exact where the result is rational, floats elsewhere.

All raise Undefined where there is no real value, or one that is too large.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from engine.language.errors import Undefined

MAX_BITS = 40_000
MAX_FACTORIAL = 2_000
MAX_DECIMALS = 1_000
MAX_SHOWN_BITS = 200
MAX_FLOAT_BITS = 1_000


def whole(number: Fraction | float) -> int:
    """A number as a whole one. Raises Undefined when it isn't one."""
    if number != number or number in (math.inf, -math.inf) or number != int(number):
        short = isinstance(number, float) or _bits(number) <= MAX_SHOWN_BITS
        raise Undefined(f"{number if short else 'this'} is not a whole number")
    return int(number)


def int_or_none(value: float) -> int | None:
    """The whole number that a float is, small enough to be exact; otherwise None."""
    return int(value) if abs(value) < 2**53 and value == math.floor(value) else None


def arithmetic(op: str, left: Fraction | float, right: Fraction | float) -> Fraction | float:
    """One operation on two numbers, exact where both are. Raises Undefined."""
    if op == "/":
        if right == 0:
            raise Undefined("division by zero")
        try:
            return finite(left / right)
        except ZeroDivisionError:  # beside a float, a small enough fraction is 0
            raise Undefined("division by zero") from None
    if op == "^":
        return power(left, right)
    if op == "+":
        return finite(left + right)
    if op == "-":
        return finite(left - right)
    return finite(left * right)


def power(base: Fraction | float, exponent: Fraction | float) -> Fraction | float:
    """base^exponent: exact for rationals where the result is rational and not huge."""
    if base == 0 and exponent < 0:
        raise Undefined("division by zero")
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        if exponent.denominator == 1:
            return _whole_power(base, int(exponent))
        exact = _exact_root(base, exponent.denominator)
        if exact is not None:
            return _whole_power(exact, exponent.numerator)
    if base < 0 and exponent != int_or_none(float(exponent)):
        raise Undefined("a negative number to a broken power")
    return _real(math.pow, float(base), float(exponent))


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    if _bits(base) > 1 and _bits(base) * abs(exponent) > MAX_BITS:
        raise Undefined("this power is too large to compute")
    return Fraction(base**exponent)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _exact_root(base: Fraction, degree: int) -> Fraction | None:
    if base < 0 or degree > 60:
        return None
    top = _integer_root(base.numerator, degree)
    bottom = _integer_root(base.denominator, degree)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _integer_root(number: int, degree: int) -> int | None:
    if number < 2 or degree == 1:
        return number
    root = math.isqrt(number) if degree == 2 else _root_below(number, degree)
    return root if root**degree == number else None


def _root_below(number: int, degree: int) -> int:
    """The largest whole number whose power doesn't exceed ``number`` (Newton's method)."""
    root = 1 << -(-number.bit_length() // degree)
    while True:
        lower = ((degree - 1) * root + number // root ** (degree - 1)) // degree
        if lower >= root:
            return root
        root = lower


def factorial(number: Fraction | float) -> Fraction:
    """n! of a whole number up to 2,000. Raises Undefined otherwise."""
    count = whole(number)
    if not 0 <= count <= MAX_FACTORIAL:
        raise Undefined("a factorial needs a whole number from 0 to 2,000")
    return Fraction(math.factorial(count))


def _binomial(n: Fraction | float, k: Fraction | float) -> Fraction | float:
    return _perm(n, k) / factorial(k)


def _perm(n: Fraction | float, k: Fraction | float) -> Fraction | float:
    """0 where more is drawn than there is."""
    drawn, all_of_them = whole(k), factorial(n)
    return Fraction(0) if drawn > n else all_of_them / factorial(n - drawn)


def _of_whole(function: Callable[..., int]) -> Callable[..., Fraction]:
    return lambda *numbers: Fraction(function(*map(whole, numbers)))


def finite(value: Fraction | float) -> Fraction | float:
    """The number itself. Raises Undefined for nan, and for a rational that is too long."""
    if isinstance(value, float):
        if math.isnan(value):
            raise Undefined("this has no value")
        return value
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise Undefined("this number is too large to compute")
    return value


def _real(function: Callable[..., float], *arguments: Fraction | float) -> float:
    try:
        return function(*(float(a) for a in arguments))
    except ValueError:
        raise Undefined("this has no real value") from None
    except OverflowError:
        raise Undefined("this number is too large to compute") from None


def _elementary(function: Callable[..., float]) -> Callable[..., Fraction | float]:
    return lambda *arguments: _real(function, *arguments)


def _log(x: Fraction | float, base: Fraction | float | None = None) -> Fraction | float:
    if x <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise Undefined("this logarithm has no real value")
    if x == 1:
        return Fraction(0)
    if base is None:
        return _natural_log(x)
    quotient = _natural_log(x) / _natural_log(base)
    nearest = round(quotient)
    return Fraction(nearest) if _is_power(x, base, nearest) else quotient


def _natural_log(x: Fraction | float) -> float:
    """Also of rationals beyond the range of floats."""
    if isinstance(x, Fraction) and _bits(x) > MAX_FLOAT_BITS:
        return math.log(x.numerator) - math.log(x.denominator)
    return _real(math.log, x)


def _is_power(x: Fraction | float, base: Fraction | float, exponent: int) -> bool:
    """Whether two rationals are exactly a power and its base: log(243, 3) is 5."""
    if not (isinstance(x, Fraction) and isinstance(base, Fraction)):
        return False
    return _bits(base) * abs(exponent) <= 2 * MAX_BITS and base**exponent == x


def _round(x: Fraction | float, digits: Fraction | float = Fraction(0)) -> Fraction:
    """Rounded half up at that many decimals, as people do by hand."""
    decimals = whole(digits)
    if abs(decimals) > MAX_DECIMALS:
        raise Undefined(f"at most {MAX_DECIMALS:,} decimals are kept")
    scale = Fraction(10) ** decimals
    return Fraction(math.floor(Fraction(x) * scale + Fraction(1, 2))) / scale


def _mod(x: Fraction | float, divisor: Fraction | float) -> Fraction | float:
    if divisor == 0:
        raise Undefined("division by zero")
    return x - divisor * _real_integer(math.floor, x / divisor)


def _exp(x: Fraction | float) -> Fraction | float:
    return Fraction(1) if x == 0 else _real(math.exp, x)


def _sigmoid(x: Fraction | float) -> float:
    return 1 / (1 + _real(math.exp, -x)) if x >= 0 else 1 - _sigmoid(-x)


def _floor(x: Fraction | float) -> Fraction:
    return Fraction(_real_integer(math.floor, x))


def _real_integer(function: Callable[..., int], x: Fraction | float) -> int:
    try:
        return function(x)
    except (ValueError, OverflowError):
        raise Undefined("this has no whole part") from None


def _root(x: Fraction | float, degree: Fraction | float) -> Fraction | float:
    if degree == 0:
        raise Undefined("a root of degree 0")
    if x < 0 and degree == int_or_none(float(degree)) and int(degree) % 2 == 1:
        return -power(-x, 1 / degree)
    return power(x, 1 / degree)


def _over_all(x: Fraction | float, axis: Fraction | float | None = None) -> Fraction | float:
    """The sum and the mean of one number."""
    if axis is not None:
        raise Undefined("one number has no axes")
    return x


def _reciprocal(function: Callable[[float], float]) -> Callable[..., Fraction | float]:
    return lambda x: arithmetic("/", Fraction(1), _real(function, x))


FUNCTIONS: dict[str, Callable[..., Fraction | float]] = {
    "exp": _exp,
    "log": _log,
    "sqrt": lambda x: _root(x, Fraction(2)),
    "cbrt": lambda x: _root(x, Fraction(3)),
    "root": _root,
    "abs": abs,
    "norm": abs,
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
    "floor": _floor,
    "ceil": lambda x: Fraction(_real_integer(math.ceil, x)),
    "trunc": lambda x: Fraction(_real_integer(math.trunc, x)),
    "round": _round,
    "perm": _perm,
    "gcd": _of_whole(math.gcd),
    "lcm": _of_whole(math.lcm),
    "factorial": factorial,
    "binomial": _binomial,
    "sinc": lambda x: Fraction(1) if x == 0 else _real(math.sin, x) / x,
    "mod": _mod,
    "min": lambda *xs: min(xs),
    "max": lambda *xs: max(xs),
    "relu": lambda x: max(x, Fraction(0)),
    "sigmoid": _sigmoid,
    "sum": _over_all,
    "mean": _over_all,
    **{
        name: _elementary(getattr(math, name))
        for name in "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh atan2".split()
    },
    "cot": _reciprocal(math.tan),
    "sec": _reciprocal(math.cos),
    "csc": _reciprocal(math.sin),
    "coth": _reciprocal(math.tanh),
    "sech": _reciprocal(math.cosh),
    "csch": _reciprocal(math.sinh),
}
