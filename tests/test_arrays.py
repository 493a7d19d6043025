"""Values with NumPy, against Python's math, SciPy and values worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import special

from engine.language.arrays import Array, NotNumeric, evaluate
from engine.language.functions import ELEMENTWISE, OVER_AXES
from engine.language.parser import read
from engine.language.scope import Scope
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Number

SCOPE = Scope(map(Symbol, "a b x y z A B v w X".split()))
NAN, INF = math.nan, math.inf


def value(typed: str, **values: Any) -> Array:
    return evaluate(read(typed, SCOPE, relations=True), values)


POINTS = [-1000.0, -30.0, -2.5, -1.0, -0.5, -1e-8, 0.0, 1e-8, 0.3, 1.0, 2.5, 30.0, 1000.0]
ORACLES: dict[str, Callable[[float], float]] = {
    "exp(x)": math.exp,
    "e^x": math.exp,
    "log(x)": math.log,
    "log(x, 2)": math.log2,
    "sqrt(x)": math.sqrt,
    "cbrt(x)": special.cbrt,
    "root(x, 3)": special.cbrt,
    "root(x, 5)": lambda x: math.copysign(abs(x) ** 0.2, x),
    "root(x, 4)": lambda x: math.sqrt(math.sqrt(x)),
    "abs(x)": abs,
    "sign(x)": lambda x: (x > 0) - (x < 0),
    "floor(x)": math.floor,
    "ceil(x)": math.ceil,
    "sin(x)": math.sin,
    "cos(x)": math.cos,
    "tan(x)": math.tan,
    "cot(x)": lambda x: 1 / math.tan(x) if x else INF,
    "sec(x)": lambda x: 1 / math.cos(x),
    "csc(x)": lambda x: 1 / math.sin(x) if x else INF,
    "asin(x)": math.asin,
    "acos(x)": math.acos,
    "atan(x)": math.atan,
    "sinh(x)": math.sinh,
    "cosh(x)": math.cosh,
    "tanh(x)": math.tanh,
    "coth(x)": lambda x: 1 / math.tanh(x) if x else INF,
    "sech(x)": lambda x: 1 / math.cosh(x),
    "csch(x)": lambda x: 1 / math.sinh(x) if x else INF,
    "asinh(x)": math.asinh,
    "acosh(x)": math.acosh,
    "sigmoid(x)": special.expit,
    "relu(x)": lambda x: max(x, 0.0),
    "x!": lambda x: math.gamma(x + 1) if x > -1 or x % 1 else NAN,
    "mod(x, 3)": lambda x: x % 3,
    "mod(x, -3)": lambda x: x % -3,
    "round(x)": lambda x: math.floor(x + 0.5),
    "x^3": lambda x: x**3,
    "x^0.5": math.sqrt,
}  # fmt: skip
LIMITS = {("log(x)", 0.0): -INF, ("log(x, 2)", 0.0): -INF, ("sinh(x)", -1000.0): -INF}


def expected(typed: str, x: float) -> float:
    """What Python says; where it raises, the limit or nan."""
    if (typed, x) in LIMITS:
        return LIMITS[typed, x]
    try:
        return ORACLES[typed](x)
    except OverflowError:
        return INF
    except ValueError:
        return NAN


@pytest.mark.parametrize("typed", ORACLES)
def test_functions(typed: str) -> None:
    overflows = typed in ("sech(x)", "csch(x)")
    points = [x for x in POINTS if abs(x) < 700 or not overflows]
    wanted = [expected(typed, x) for x in points]
    found = value(typed, x=np.array(points))
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-300)


def test_atanh_reaches_its_limits() -> None:
    found = value("atanh(x)", x=np.array([-2.0, -1.0, 0.5, 1.0]))
    np.testing.assert_allclose(found, [NAN, -INF, math.atanh(0.5), INF])


# typed, value, why the row is here
NUMBERS = [
    ("0.1 + 0.2", 0.1 + 0.2, "float64"),
    ("5%", 0.05, "percent"),
    ("0^0", 1.0, "a convention"),
    ("0^-1", INF, "division by zero"),
    ("1/0", INF, "division by zero"),
    ("0/0", NAN, "no value"),
    ("(-8)^(1/3)", NAN, "a negative base and a broken exponent"),
    ("(-8)^3", -512.0, "a negative base and a whole exponent"),
    ("(-2)^-3", -0.125, "a negative base and a negative exponent"),
    ("3^30", 3.0**30, "whole powers are exact"),
    ("10^400", INF, "overflow"),
    ("log(-1)^0", NAN, "nothing comes of what has no value"),
    ("1^log(-1)", NAN, "nothing comes of what has no value"),
    ("20!", float(math.factorial(20)), "factorials are exact"),
    ("170!", float(math.factorial(170)), "the last finite factorial"),
    ("171!", INF, "overflow"),
    ("(-1)!", NAN, "a pole"),
    ("0.5!", math.sqrt(math.pi) / 2, "between whole numbers"),
    ("factorial(5)", 120.0, "by its name"),
    ("round(2.5)", 3.0, "half up"),
    ("round(-2.5)", -2.0, "half up"),
    ("round(1/3, 2)", 0.33, "two decimals"),
    ("mod(5, 0)", NAN, "no remainder"),
    ("mod(-1, 3)", 2.0, "the sign of the divisor"),
    ("min(3, 1, 2)", 1.0, "several arguments"),
    ("max([3, 1, 2])", 3.0, "the entries of one"),
    ("min(1, 0/0)", NAN, "nothing comes of what has no value"),
    ("sum([1, 2, 3])", 6.0, "over a list"),
    ("if(1 < 2, 5, 6)", 5.0, "the first case"),
    ("if(1 > 2, 5, 2 > 2, 6, 7)", 7.0, "otherwise"),
    ("if(log(-1) < 0, 5, 6)", NAN, "a condition without a value"),
    ("if(1 < 0 and log(-1) < 0, 5, 6)", 6.0, "false whatever follows"),
    ("if(1 > 0 or log(-1) < 0, 5, 6)", 5.0, "true whatever follows"),
    ("if(1 < 0, log(-1), 6)", 6.0, "the other case doesn't count"),
    ("pi e", math.pi * math.e, "constants"),
    ("-inf", -INF, "infinity"),
    ("(2 > 1) - 1", 0.0, "a truth value counts 1"),
    ("(2 > 1) + (3 > 1)", 2.0, "truth values add up"),
]


@pytest.mark.parametrize(("typed", "wanted", "why"), NUMBERS)
def test_numbers(typed: str, wanted: float, why: str) -> None:
    found = value(typed)
    assert found.shape == () and found.dtype == float
    np.testing.assert_allclose(found, wanted, rtol=1e-15, err_msg=why)


def test_a_number_too_large_for_a_float() -> None:
    assert evaluate(Number(Fraction(-(10**400))), {}) == -INF


X = np.arange(6.0).reshape(2, 3)
COLUMN = np.array([[10.0], [20.0]])
STACK = np.arange(24.0).reshape(2, 3, 4)
# typed, value with A = X (2, 3), B = COLUMN (2, 1), v (3,), why the row is here
ARRAYS = [
    ("A + B", X + COLUMN, "broadcasting"),
    ("A B", X * COLUMN, "* is element-wise"),
    ("A ⊙ A", X**2, "element-wise"),
    ("A @ A.T", np.array([[5.0, 14.0], [14.0, 50.0]]), "matrix product"),
    ("A @ v", np.array([8.0, 26.0]), "matrix times vector"),
    ("A^T", np.array([[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]), "transpose"),
    ("transpose(A)", X.T, "transpose by its name"),
    ("v'", np.array([1.0, 2.0, 3.0]), "a vector stays"),
    ("sum(A)", np.array(15.0), "everything"),
    ("sum(A, 0)", np.array([3.0, 5.0, 7.0]), "an axis as argument"),
    ("sum(A, axis=-1)", np.array([3.0, 12.0]), "an axis from the end"),
    ("sum(A, axis=1, keepdims=True)", np.array([[3.0], [12.0]]), "the axis stays"),
    ("mean(A, axis=0)", np.array([1.5, 2.5, 3.5]), "mean"),
    ("mean(A, axis=None)", np.array(2.5), "axis=None is everything"),
    ("sum(A > 2)", np.array(3.0), "counting"),
    ("norm(A)", np.array(math.sqrt(55)), "Frobenius"),
    ("||v||^2", np.array(14.0), "norm of a vector"),
    ("diag(v)", np.diag([1.0, 2.0, 3.0]), "vector to matrix"),
    ("diag(A @ A.T)", np.array([5.0, 50.0]), "matrix to vector"),
    ("max(A)", np.array(5.0), "over the entries"),
    ("max(A, 3)", np.maximum(X, 3), "element by element"),
    ("if(A > 2, A, -1)", np.where(X > 2, X, -1), "element by element"),
    ("A > 2", X > 2, "relations are booleans"),
    ("A > 1 and A < 4", (X > 1) & (X < 4), "element by element"),
    ("A = 2 or A != A", X == 2, "element by element"),
    ("[[1, 2], [3, 4]]", np.array([[1.0, 2.0], [3.0, 4.0]]), "written out"),
    ("[v, 0]", np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]), "entries are broadcast"),
    ("(6, 6, 32)", np.array([6.0, 6.0, 32.0]), "a shape"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "wanted", "why"), ARRAYS)
def test_arrays(typed: str, wanted: Array, why: str) -> None:
    found = value(typed, A=X, B=COLUMN, v=np.array([1, 2, 3]))
    assert found.shape == wanted.shape, why
    assert found.dtype == wanted.dtype, why
    np.testing.assert_allclose(found, wanted, rtol=1e-15, err_msg=why)


def test_transpose_of_a_stack_swaps_the_last_two_axes() -> None:
    assert value("X.T", X=STACK).shape == (2, 4, 3)
    assert value("X.T @ X", X=STACK).shape == (2, 4, 4)


def test_an_empty_list() -> None:
    assert value("[]").shape == (0,)


COMPLEX = [
    ("sqrt(z)", 1j, "a root of −1"),
    ("|3 + 4z^0.5|", 5.0, "the absolute value is real"),
    ("z < 1", True, "real values have an order"),
    ("z^0.5 < 1", False, "others have none"),
    ("floor(z^0.5)", NAN, "others have no whole part"),
    ("floor(z)", -1.0, "real values have one"),
    ("e^(pi z^0.5)", -1.0, "Euler"),
]


@pytest.mark.parametrize(("typed", "wanted", "why"), COMPLEX)
def test_complex_values(typed: str, wanted: complex, why: str) -> None:
    np.testing.assert_allclose(value(typed, z=-1 + 0j), wanted, atol=1e-15, err_msg=why)


REFUSED = [
    ("A @ B", "the shapes (2, 3) and (2, 1) don't fit together"),
    ("A + v", "the shapes (2, 3) and (2,) don't fit together"),
    ("x + 1", "x has no value here"),
    ("sum(A, 2)", "an array of shape (2, 3) has no axis 2"),
    ("sum(A, 0.5)", "an axis is a whole number"),
    ("[[1, 2], [3]]", "the rows of this array differ in length"),
    ("diag(5)", "the shapes () don't fit together"),
]


@pytest.mark.parametrize(("typed", "message"), REFUSED)
def test_what_has_no_array(typed: str, message: str) -> None:
    with pytest.raises(NotNumeric) as refused:
        value(typed, A=X, B=COLUMN, v=np.array([1.0, 2.0]))
    assert str(refused.value) == message


def test_author_functions_are_refused() -> None:
    with pytest.raises(NotNumeric, match="diff"):
        evaluate(Call("diff", (Name("x"), Name("x"))), {"x": 1.0})


def test_every_function_of_the_language_has_a_value() -> None:
    for function in (*ELEMENTWISE, *OVER_AXES):
        arguments = (Number(Fraction(1)),) * max(function.fewest, 1)
        tree = Call(function.name, arguments[:1] if function.name == "mean" else arguments)
        if function.name not in ("diag", "ones", "trace", "outer"):
            assert evaluate(tree, {}).shape == ()


def test_nothing_is_left_of_numpys_warnings() -> None:
    before = np.geterr()
    value("log(x)/0 + 0/0", x=np.array([-1.0]))
    assert np.geterr() == before


@pytest.mark.parametrize("op", ["+", "*", "^"])
def test_deep_trees(op: str) -> None:
    left: Node = Name("x")
    right: Node = Name("x")
    for _ in range(200):
        left, right = Binary(op, left, Name("x")), Binary(op, Name("x"), right)
    assert evaluate(left, {"x": 1.0}) == evaluate(right, {"x": 1.0})
