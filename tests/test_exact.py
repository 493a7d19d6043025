"""Values in exact arithmetic, against Python's own fractions and mathematics; bounded."""

from __future__ import annotations

import math
import operator
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hostile import alarm
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.errors import Undefined
from engine.language.exact import Value, evaluate, from_python
from engine.language.functions import AUTHOR_FUNCTIONS
from engine.language.parser import read
from engine.language.scope import Scope
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Constant, Number

SCOPE = Scope(map(Symbol, "x y n word items".split()), AUTHOR_FUNCTIONS)


def value(text: str, **values: Any) -> Value:
    return evaluate(read(text, SCOPE, relations=True), values)


EXACT = [
    ("0.1 + 0.2", "3/10", "decimals are exact"),
    ("1/3 + 1/6", "1/2", "fractions"),
    ("1.3^2", "1.69", "a power of a decimal"),
    ("2^-2", "1/4", "a negative exponent"),
    ("(2/3)^3", "8/27", "a power of a fraction"),
    ("(-2)^3", "-8", "a negative base"),
    ("-2^2", "-4", "the sign is outside"),
    ("0^0", "1", "as in polynomials"),
    ("4^0.5", "2", "an exact root"),
    ("(9/4)^0.5", "3/2", "an exact root of a fraction"),
    ("8^(2/3)", "4", "an exact root, then a power"),
    ("sqrt(36)", "6", "an exact root"),
    ("sqrt(10^40)", "100000000000000000000", "beyond the accuracy of floats"),
    ("cbrt(27)", "3", "a cube root"),
    ("cbrt(-27)", "-3", "of a negative number"),
    ("cbrt(10^60)", "100000000000000000000", "beyond the accuracy of floats"),
    ("root(7^100, 100)", None, "a degree beyond 60 stays a float"),
    ("root(7^100, 50)", "49", "a high degree"),
    ("(10^400)^0.3", "1" + "0" * 120, "an exact root beyond floats"),
    ("root(-32, 5)", "-2", "an odd degree"),
    ("5%", "1/20", "percent"),
    ("5% * 200", "10", "percent of"),
    ("1e-2", "1/100", "scientific"),
    ("5!", "120", "a factorial"),
    ("0!", "1", "the empty product"),
    ("binomial(2, 3)", "0", "more drawn than there is"),
    ("perm(2, 3)", "0", "in an order too"),
    ("3!!", "720", "twice"),
    ("abs(-3/2)", "3/2", "a size"),
    ("||-3||", "3", "a norm of a number"),
    ("sign(-0.5)", "-1", "a sign"),
    ("sign(0)", "0", "no sign"),
    ("floor(-1.5)", "-2", "towards minus infinity"),
    ("ceil(-1.5)", "-1", "towards infinity"),
    ("⌊7/2⌋", "3", "floor signs"),
    ("round(2.5)", "3", "half up, as by hand"),
    ("round(-2.5)", "-2", "half up"),
    ("round(2.345, 2)", "2.35", "at two decimals"),
    ("round(1234, -2)", "1200", "at hundreds"),
    ("mod(7, 3)", "1", "a remainder"),
    ("mod(-7, 3)", "2", "of the sign of the divisor"),
    ("mod(7.5, 2)", "3/2", "of a decimal"),
    ("min(3, 1, 2)", "1", "several arguments"),
    ("max(3, 1, 2)", "3", "several arguments"),
    ("min(3)", "3", "one argument"),
    ("max(3)", "3", "one argument"),
    ("relu(-2)", "0", "below 0"),
    ("relu(2)", "2", "above 0"),
    ("exp(0)", "1", "exact where it is rational"),
    ("log(1)", "0", "exact where it is rational"),
    ("log(8, 2)", "3", "a whole logarithm"),
    ("log(243, 3)", "5", "a whole logarithm that floats miss"),
    ("log(125, 5)", "3", "a whole logarithm that floats miss"),
    ("log(1/8, 2)", "-3", "below 1"),
    ("floor(log(243, 3))", "5", "the floor of it"),
    ("log(10^400, 10)", "400", "beyond floats"),
    ("sum(5)", "5", "of one number"),
    ("mean(5)", "5", "of one number"),
    ("if(1 < 2, 3, 4)", "3", "a condition that holds"),
    ("if(1 > 2, 3, 4)", "4", "one that doesn't"),
    ("if(1 > 2, 3, 2 > 1, 4, 5)", "4", "the second"),
    ("if(1 = 1, 1, 1/0)", "1", "what isn't chosen isn't computed"),
    ("item([4, 5, 6], 1)", "5", "counted from 0"),
    ("item([[1, 2], [3, 4]], 1, 0)", "3", "row, column"),
    ("length([4, 5, 6])", "3", "a list"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "why"), EXACT, ids=[row[0] for row in EXACT])
def test_exact_values(text: str, expected: str | None, why: str) -> None:
    got = value(text)
    if expected is None:
        assert isinstance(got, float), why
    else:
        assert got == Fraction(expected) and isinstance(got, Fraction), why


FLOATS = [
    ("sqrt(2)", math.sqrt(2)),
    ("2^0.5", math.sqrt(2)),
    ("2^(1/3)", 2 ** (1 / 3)),
    ("e", math.e),
    ("pi/4", math.pi / 4),
    ("e^2", math.exp(2)),
    ("exp(1)", math.e),
    ("ln(10)", math.log(10)),
    ("ln(10^400)", 400 * math.log(10)),
    ("ln(10^-400)", -400 * math.log(10)),
    ("log(2, 10)", math.log10(2)),
    ("sigmoid(0.3)", 1 / (1 + math.exp(-0.3))),
    ("sigmoid(-800)", 0.0),
    ("sigmoid(800)", 1.0),
    ("cot(0.3)", 1 / math.tan(0.3)),
    ("sec(0.3)", 1 / math.cos(0.3)),
    ("csc(0.3)", 1 / math.sin(0.3)),
    ("coth(0.3)", 1 / math.tanh(0.3)),
    ("sech(0.3)", 1 / math.cosh(0.3)),
    ("csch(0.3)", 1 / math.sinh(0.3)),
    ("asinh(0.3)", math.asinh(0.3)),
    ("acosh(1.3)", math.acosh(1.3)),
    ("atanh(0.3)", math.atanh(0.3)),
    *[
        (f"{name}(0.3)", getattr(math, name)(0.3))
        for name in "sin cos tan asin acos atan sinh cosh tanh".split()
    ],
]


@pytest.mark.parametrize(("text", "expected"), FLOATS)
def test_irrational_values(text: str, expected: float) -> None:
    got = value(text)
    assert isinstance(got, float)
    assert got == pytest.approx(expected, rel=1e-13, abs=1e-300)


CONDITIONS = [
    ("1 < 2", True), ("2 <= 2", True), ("1/3 = 2/6", True), ("0.1 + 0.2 = 0.3", True),
    ("1 != 1", False), ("1 < 2 and 2 < 1", False), ("1 > 2 or 2 > 1", True),
    ("1 > 2 and 1/0 = 1", False), ("1 < 2 or 1/0 = 1", True), ("1 < 2 < 3", True),
    ("word = word", True), ("items = items", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "holds"), CONDITIONS)
def test_conditions(text: str, holds: bool) -> None:
    assert value(text, word="high", items=(Fraction(1),)) is holds


UNDEFINED = [
    ("1/0", "division by zero", "a pole"),
    ("0^-1", "division by zero", "a pole"),
    ("mod(1, 0)", "division by zero", "a pole"),
    ("log(0)", "no real value", "a pole"),
    ("log(-1)", "no real value", "outside the reals"),
    ("log(2, 1)", "no real value", "base 1"),
    ("sqrt(-1)", "negative number", "outside the reals"),
    ("(-8)^(1/3)", "negative number", "a power isn't a root"),
    ("asin(2)", "no real value", "outside the domain"),
    ("acosh(0)", "no real value", "outside the domain"),
    ("atanh(1)", "no real value", "a pole"),
    ("root(2, 0)", "degree 0", "no such root"),
    ("inf - inf", "no value", "no number"),
    ("floor(inf)", "whole part", "no number"),
    ("mod(inf, inf)", "whole part", "no number"),
    ("(-1)!", "whole number from 0", "no factorial"),
    ("(5/2)!", "5/2 is not a whole number", "no factorial"),
    ("2001!", "from 0 to 2,000", "too large a factorial"),
    ("(2000!/7^2)!", "whole number", "a huge number isn't written out"),
    ("10**10**10", "too large", "a tower"),
    ("9^9^9^9", "too large", "a tower"),
    ("2^40001", "too large", "more bits than are kept"),
    ("(2^39000)(2^39000)", "too large", "a product of large numbers"),
    ("(1/3)^(10^9)", "too large", "a small number with a long denominator"),
    ("exp(1000)", "too large", "beyond floats"),
    ("10^400 + 0.5^0.5", "too large", "a mixture beyond floats"),
    ("10^400 * pi", "too large", "a mixture beyond floats"),
    ("(10^4000 + 1)^0.3", "too large", "a root beyond floats"),
    ("sin(10^400)", "too large", "beyond floats"),
    ("round(1, 10^9)", "decimals", "a billion decimals"),
    ("round(1, -10^9)", "decimals", "a billion noughts"),
    ("round(1, 1/2)", "not a whole number", "half a decimal"),
    ("sum(5, 1)", "no axes", "an axis of a number"),
    ("mean(5, axis=1)" , None, "a setting of a number is passed over"),
    ("if(1 > 2, 3, 1 > 2, 4)", "no condition", "nothing holds"),
    ("item([1], 1)", "no such entry", "behind the end"),
    ("item([1], -1)", "no such entry", "before the beginning"),
    ("item(5, 0)", "no such entry", "no list"),
    ("length(5)", "needs a list", "no list"),
    ("y", "y has no value here", "an unknown value"),
    ("word + 1", "one number is needed", "a word"),
    ("sqrt(word)", "one number is needed", "a word"),
    ("word < 1", "compares numbers", "a word"),
    ("[1, 2] + [1, 2, 3]", "don't fit", "arrays of other lengths"),
    ("diff(x^2, 2)", "needs a symbol", "no variable"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "why"), UNDEFINED, ids=[row[0] for row in UNDEFINED])
def test_what_has_no_value(text: str, message: str | None, why: str) -> None:
    with alarm():
        if message is None:
            assert value(text) == 5, why
            return
        with pytest.raises(Undefined, match=message):
            value(text, word="high", x=Fraction(2))


def test_arrays_are_handed_to_numpy() -> None:
    assert value("[1, 2] + 1") == (2, 3)
    assert value("2 [[1, 2], [3, 4]]") == ((2, 4), (6, 8))
    assert value("sum([[1, 2], [3, 4]], axis=1)") == (3, 7)
    assert value("mean([1, 2, 4])") == pytest.approx(7 / 3)
    assert value("max([3, 1])") == 3


def test_a_derivative_is_a_number() -> None:
    assert float(value("diff(x^3, x)", x=Fraction(2))) == pytest.approx(12, rel=1e-9)  # type: ignore[arg-type]


def test_plain_numbers_need_no_numpy() -> None:
    code = (
        "import sys; from engine.language.exact import evaluate;"
        "from engine.language.parser import read; from engine.language.scope import Scope;"
        "evaluate(read('floor((15 - 5)/2) + sqrt(2)', Scope()), {});"
        "print([name for name in ('numpy', 'sympy', 'flint') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


OPERATIONS: dict[str, Any] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
FRACTIONS = st.fractions(-100, 100, max_denominator=50)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(FRACTIONS, FRACTIONS, st.sampled_from(sorted(OPERATIONS)))
def test_arithmetic_is_that_of_fractions(left: Fraction, right: Fraction, op: str) -> None:
    if op == "/" and right == 0:
        with pytest.raises(Undefined):
            value(f"x {op} y", x=left, y=right)
    else:
        assert value(f"x {op} y", x=left, y=right) == OPERATIONS[op](left, right)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(FRACTIONS, st.integers(-9, 9))
def test_whole_powers_are_those_of_fractions(base: Fraction, exponent: int) -> None:
    if base == 0 and exponent < 0:
        with pytest.raises(Undefined):
            value("x^n", x=base, n=Fraction(exponent))
    else:
        assert value("x^n", x=base, n=Fraction(exponent)) == base**exponent


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 10**12), st.integers(2, 12))
def test_roots_of_powers_are_exact(root: int, degree: int) -> None:
    assert value(f"root({root}^{degree}, {degree})") == root
    assert value(f"({root}^{degree} + 1)^(1/{degree})") == pytest.approx(
        (root**degree + 1) ** (1 / degree)
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(FRACTIONS, st.integers(-3, 3))
def test_rounding_is_half_up(number: Fraction, digits: int) -> None:
    got = value("round(x, n)", x=number, n=Fraction(digits))
    assert isinstance(got, Fraction)
    unit = Fraction(1, 10) ** digits
    assert (got / unit).denominator == 1
    assert -unit / 2 < got - number <= unit / 2


@settings(max_examples=200, deadline=None, derandomize=True)
@given(FRACTIONS, FRACTIONS)
def test_remainders(number: Fraction, divisor: Fraction) -> None:
    if divisor != 0:
        assert value("mod(x, y)", x=number, y=divisor) == number % divisor


def test_rounding_errors_of_an_array_are_zero() -> None:
    import numpy as np

    noise = 0.1 + 0.2 - 0.3
    assert from_python(np.array([[1.5, noise], [-noise, 2.5]])) == (
        (Fraction(3, 2), 0),
        (0, Fraction(5, 2)),
    )
    assert from_python(np.array([noise / 1000, 0.0])) == (0, 0)
    assert from_python(np.array([1e-9, 1.0])) == (1e-9, 1)


def test_the_imaginary_unit_has_no_exact_value() -> None:
    """SymPy brings it in where it rewrites a power of a negative number."""
    with pytest.raises(Undefined, match="imaginary"):
        evaluate(Binary("^", Number(Fraction(2)), Constant("i")), {})
