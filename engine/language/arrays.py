"""Values of expressions with NumPy: many points at a time, and matrices.

Functions work element by element in float64 (complex128 if a value is complex). What has no
value is nan or inf there; nothing is raised or warned about for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.language.tree import (
    Binary,
    Call,
    Constant,
    Name,
    Node,
    Number,
    Sequence,
    Unary,
)

Array: TypeAlias = NDArray[Any]
Values: TypeAlias = Mapping[str, "Array | complex"]

_CONSTANTS = {"e": math.e, "pi": math.pi, "inf": math.inf, "i": 1j}
_LARGEST_FACTORIAL = 170


class NotNumeric(ValueError):
    """An expression that has no array for a value: shapes that don't fit, an unknown name."""


def evaluate(node: Node, values: Values) -> Array:
    """The value of a tree, of the shape that broadcasting gives; a condition gives booleans.

    ``values``: what each name stands for, a number or an array. ``*`` is element-wise, ``@`` the
    matrix product; ``sum``, ``mean`` and ``norm`` run over the whole array unless an axis is
    given. Roots of an odd degree are real, other powers of negative numbers nan.
    Raises NotNumeric for names without a value, for shapes that don't fit, and for functions
    that have no meaning here.
    """
    with np.errstate(all="ignore"):
        value = _value(node, values)
    is_condition = isinstance(node, Binary) and node.op in _CONDITIONS
    return value == 1 if is_condition else value


def _value(node: Node, values: Values) -> Array:
    return _READERS[type(node)](node, values)


def _number(node: Number, values: Values) -> Array:
    return np.asarray(_as_float(node.value))


def _as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return -math.inf if value < 0 else math.inf


def _name(node: Name, values: Values) -> Array:
    if node.name not in values:
        raise NotNumeric(f"{node.name} has no value here")
    value = np.asarray(values[node.name])
    return value if value.dtype.kind in "fc" else value.astype(float)


def _constant(node: Constant, values: Values) -> Array:
    return np.asarray(_CONSTANTS[node.name])


def _sequence(node: Sequence, values: Values) -> Array:
    lengths = {len(part.items) if isinstance(part, Sequence) else None for part in node.items}
    if len(lengths) > 1:
        raise NotNumeric("the rows of this array differ in length")
    items = [_value(item, values) for item in node.items]
    if not items:
        return np.zeros(0)
    return _fitting(lambda *parts: np.stack(np.broadcast_arrays(*parts)), *items)


def _unary(node: Unary, values: Values) -> Array:
    return np.asarray(_UNARY[node.op](_value(node.operand, values)))


def _binary(node: Binary, values: Values) -> Array:
    if node.op == "^" and node.left == Constant("e"):
        return np.asarray(np.exp(_value(node.right, values)))
    operation = _BINARY.get(node.op) or _CONDITIONS[node.op]
    return _fitting(operation, _value(node.left, values), _value(node.right, values))


def _call(node: Call, values: Values) -> Array:
    arguments = [_value(argument, values) for argument in node.arguments]
    if node.function in _OVER_AXES or (node.function in _EXTREMES and node.options):
        return _over_axes(node, arguments[0], values)
    if node.function not in _FUNCTIONS:
        raise NotNumeric(f"{node.function}(…) has no numeric value")
    return _fitting(_FUNCTIONS[node.function], *arguments)


def _fitting(function: Callable[..., Any], *operands: Array) -> Array:
    """The function's array, or NotNumeric where the shapes of the operands don't fit."""
    try:
        return np.asarray(function(*operands))
    except ValueError as error:
        shapes = " and ".join(str(operand.shape) for operand in operands)
        raise NotNumeric(f"the shapes {shapes} don't fit together") from error


_READERS: dict[type, Callable[..., Array]] = {
    Number: _number,
    Name: _name,
    Constant: _constant,
    Unary: _unary,
    Binary: _binary,
    Call: _call,
    Sequence: _sequence,
}


# -- along axes ------------------------------------------------------------------------------


def _over_axes(node: Call, x: Array, values: Values) -> Array:
    """``sum(x)``, ``sum(x, axis)``, ``sum(x, axis=1, keepdims=True)``; ``mean`` likewise."""
    options = dict(node.options)
    axis = node.arguments[1] if len(node.arguments) > 1 else options.get("axis")
    kept = options.get("keepdims")
    keepdims = kept is not None and bool(_value(kept, values).all())
    try:
        over = {**_OVER_AXES, **_EXTREMES}[node.function]
        return np.asarray(over(x, _axis(axis, values), keepdims))
    except np.exceptions.AxisError as error:
        raise NotNumeric(f"an array of shape {x.shape} has no axis {error.axis}") from error


def _axis(node: Node | None, values: Values) -> int | None:
    if node is None or (isinstance(node, Number) and node.text == "None"):
        return None
    axis = _value(node, values)
    if axis.ndim or axis.dtype.kind == "c" or axis != np.floor(axis):
        raise NotNumeric("an axis is a whole number")
    return int(axis)


_OVER_AXES: dict[str, Callable[[Array, int | None, bool], Any]] = {
    "sum": lambda x, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims),
    "mean": lambda x, axis, keepdims: np.mean(x, axis=axis, keepdims=keepdims),
}
_EXTREMES: dict[str, Callable[[Array, int | None, bool], Any]] = {
    "min": lambda x, axis, keepdims: np.min(x, axis=axis, keepdims=keepdims),
    "max": lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims),
}


# -- operations ------------------------------------------------------------------------------


def _transpose(x: Array) -> Array:
    """(…, a, b) → (…, b, a); a number or a vector stays."""
    return np.swapaxes(x, -1, -2) if x.ndim > 1 else x


def _power(base: Array, exponent: Array) -> Any:
    """base^exponent with 0^0 = 1; nothing without a value has one when raised to 0."""
    undefined = np.isnan(base) | np.isnan(exponent)
    return np.where(undefined, np.nan, np.power(base, exponent))


def _comparing(compare: Callable[[Array, Array], Any], ordered: bool) -> Callable[..., Any]:
    """1 where the relation holds, 0 elsewhere; nan where a side has no value.

    An ``ordered`` relation doesn't hold between complex numbers.
    """

    def relation(left: Array, right: Array) -> Any:
        holds = compare(left, right)
        if ordered:
            real = (np.imag(left) == 0) & (np.imag(right) == 0)
            holds = compare(np.real(left), np.real(right)) & real
        return np.where(np.isnan(left) | np.isnan(right), np.nan, holds)

    return relation


def _truth(x: Array) -> Any:
    return np.where(np.isnan(x), np.nan, x != 0)


def _and(left: Array, right: Array) -> Any:
    """What is false on the left stays false, whatever stands on the right."""
    return np.where(_truth(left) == 1, _truth(right), _truth(left))


def _or(left: Array, right: Array) -> Any:
    return np.where(_truth(left) == 0, _truth(right), _truth(left))


# -- functions -------------------------------------------------------------------------------


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of real numbers: nan where an argument is complex."""

    def of_reals(*arguments: Array) -> Any:
        result = function(*map(np.real, arguments))
        for argument in arguments:
            if argument.dtype.kind == "c":
                result = np.where(np.imag(argument) == 0, result, np.nan)
        return result

    return of_reals


def _log(x: Array, base: Array | None = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _root(x: Array, degree: Array) -> Any:
    """x^(1/degree), real also for negative x where the degree is odd."""
    root = np.power(x, 1 / degree)
    if x.dtype.kind == "c" or degree.dtype.kind == "c":
        return root
    exact = np.where(degree == 3, np.cbrt(x), np.where(degree == 2, np.sqrt(x), root))
    return np.where((np.mod(degree, 2) == 1) & (x < 0), -_root_of_size(x, degree), exact)


def _root_of_size(x: Array, degree: Array) -> Any:
    return np.where(degree == 3, np.cbrt(np.abs(x)), np.power(np.abs(x), 1 / degree))


def _factorial_of(x: float) -> float:
    """x! for whole numbers, Γ(x + 1) between them; nan at −1, −2, …"""
    if not math.isfinite(x):
        return math.inf if x == math.inf else math.nan
    if x == math.floor(x):
        if x < 0:
            return math.nan
        return float(math.factorial(int(x))) if x <= _LARGEST_FACTORIAL else math.inf
    try:
        return math.gamma(x + 1)
    except OverflowError:
        return math.inf


def _binomial_of(n: float, k: float) -> float:
    return _factorial_of(n) / (_factorial_of(k) * _factorial_of(n - k))


def _perm_of(n: float, k: float) -> float:
    return _factorial_of(n) / _factorial_of(n - k)


def _of_whole(function: Callable[..., int]) -> Callable[..., Any]:
    """A function of whole numbers; nan between them."""

    def of_numbers(*numbers: float) -> float:
        whole = all(math.isfinite(x) and x == math.floor(x) for x in numbers)
        return float(function(*map(int, numbers))) if whole else math.nan

    return np.vectorize(of_numbers, otypes=[float])


def _round(x: Array, digits: Array | float = 0.0) -> Any:
    """Rounded half up at that many decimals."""
    scale = np.power(10.0, digits)
    return np.floor(x * scale + 0.5) / scale


def _mod(x: Array, divisor: Array) -> Any:
    return np.where(divisor == 0, np.nan, np.mod(x, divisor))


def _extreme(over_all: Callable[..., Any], of_two: Callable[..., Any]) -> Callable[..., Any]:
    """The least or greatest of several arguments, or of the entries of one."""

    def extreme(*arguments: Array) -> Any:
        if len(arguments) == 1:
            return over_all(arguments[0])
        result = arguments[0]
        for argument in arguments[1:]:
            result = of_two(result, argument)
        return result

    return extreme


def _conditional(*arguments: Array) -> Any:
    """``if(condition, value, …, otherwise)``; nan where no condition holds or one has no value."""
    result: Any = arguments[-1] if len(arguments) % 2 else np.asarray(np.nan)
    for at in reversed(range(0, len(arguments) - 1, 2)):
        condition, value = _truth(arguments[at]), arguments[at + 1]
        chosen = np.where(condition == 1, value, result)
        result = np.where(np.isnan(condition), np.nan, chosen)
    return result


def _diagonal(x: Array) -> Any:
    """(n,), (n, 1) or (1, n) → (n, n) with x on the diagonal; (n, n) → (n,)."""
    if x.ndim not in (1, 2):
        raise ValueError("a vector or a matrix is needed")
    return np.diag(x.ravel() if 1 in x.shape and x.size > 1 else x)


_ELEMENTARY: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": _log,
    "sqrt": np.sqrt,
    "cbrt": lambda x: _root(x, np.asarray(3.0)),
    "root": _root,
    "abs": np.abs,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "cot": lambda x: np.cos(x) / np.sin(x),
    "sec": lambda x: 1 / np.cos(x),
    "csc": lambda x: 1 / np.sin(x),
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "sinc": lambda x: np.sinc(x / np.pi),
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "coth": lambda x: 1 / np.tanh(x),
    "sech": lambda x: 1 / np.cosh(x),
    "csch": lambda x: 1 / np.sinh(x),
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "ones": lambda rows, columns: np.ones((int(rows), int(columns))),
    "dot": np.dot,
    "multiply": np.multiply,
    "norm": lambda x: np.sqrt(np.sum(np.abs(x) ** 2)),
    "diag": _diagonal,
    "trace": np.trace,
    "outer": np.outer,
    "transpose": _transpose,
}
_OF_REALS: dict[str, Callable[..., Any]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "round": _round,
    "perm": np.vectorize(_perm_of, otypes=[float]),
    "gcd": _of_whole(math.gcd),
    "lcm": _of_whole(math.lcm),
    "factorial": np.vectorize(_factorial_of, otypes=[float]),
    "binomial": np.vectorize(_binomial_of, otypes=[float]),
    "relu": lambda x: np.maximum(0.0, x),
    "mod": _mod,
    "min": _extreme(np.min, np.minimum),
    "max": _extreme(np.max, np.maximum),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **_ELEMENTARY,
    **{name: _real(function) for name, function in _OF_REALS.items()},
    "if": _conditional,
}
_UNARY: dict[str, Callable[[Array], Any]] = {
    "-": np.negative,
    "+": np.positive,
    "%": lambda x: x / 100,
    "T": _transpose,
    "!": _FUNCTIONS["factorial"],
}
_BINARY: dict[str, Callable[[Array, Array], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "⊙": np.multiply,
    "/": np.divide,
    "@": np.matmul,
    "^": _power,
}
_CONDITIONS: dict[str, Callable[[Array, Array], Any]] = {
    "=": _comparing(np.equal, ordered=False),
    "!=": _comparing(np.not_equal, ordered=False),
    "<": _comparing(np.less, ordered=True),
    "<=": _comparing(np.less_equal, ordered=True),
    ">": _comparing(np.greater, ordered=True),
    ">=": _comparing(np.greater_equal, ordered=True),
    "and": _and,
    "or": _or,
}
