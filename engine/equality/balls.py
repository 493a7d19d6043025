"""Comparison in ball arithmetic: every value is enclosed, so a difference seen is proved.

Balls (Arb: Johansson 2017, doi:10.1109/TC.2017.2690633) carry a midpoint and a bound on the
error. Where the enclosures of two values don't overlap, the values differ. Where they overlap
though both are known to more than 50 digits, they agree as far as anyone can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from hashlib import blake2b
from typing import TYPE_CHECKING

from flint import arb, ctx, fmpq

from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Unary, names, walk

if TYPE_CHECKING:
    from engine.equality import Equality

PRECISIONS = (212, 848, 3_392)
AGREEMENT = 170
"""Bits to which two values must be known and agree: 51 decimal digits."""
MAX_POINTS = 240
SMOOTH, STEPPED = 10, 40
MAX_POWER = 10**6

_STEPS = {"floor", "ceil", "round", "mod", "sign", "abs", "min", "max", "relu", "if", "norm"}
_SCALES = (Fraction(1), Fraction(3), Fraction(1, 3), Fraction(10), Fraction(2), Fraction(30))


class NotScalar(Exception):
    """The expression has no value as one real number (arrays, relations)."""


def compare(left: Node, right: Node, symbols: Sequence[Symbol]) -> Equality:
    """Whether two expressions agree at deterministic points of their symbols' domains."""
    from engine.equality import Equality

    declared = {symbol.name: symbol for symbol in symbols}
    free = sorted(names(left) | names(right))
    stepped = any(isinstance(n, Call) and n.function in _STEPS for n in (*walk(left), *walk(right)))
    needed = (STEPPED if stepped else SMOOTH) if free else 1
    landmarks = _landmarks(left, right) if stepped else ()
    usable = 0
    for at in range(MAX_POINTS if free else 1):
        point = {
            name: _coordinate(declared.get(name, Symbol(name)), at, landmarks) for name in free
        }
        verdict = _agree(left, right, point)
        if verdict is False:
            return Equality(False, "counterexample", point)
        usable += verdict is True
        if usable >= needed:
            return Equality(True, "50 digits")
    return Equality(None, "undecided")


def _agree(left: Node, right: Node, point: Mapping[str, Fraction]) -> bool | None:
    """True or False where that is certain; None where a side is undefined or stays unclear."""
    for precision in PRECISIONS:
        with ctx.workprec(precision):
            values = {name: arb(fmpq(v.numerator, v.denominator)) for name, v in point.items()}
            a, b = value_of(left, values), value_of(right, values)
            if a.is_nan() or b.is_nan() or not (a.is_finite() and b.is_finite()):
                if _certainly_undefined(a) or _certainly_undefined(b):
                    return None
                continue
            if not a.overlaps(b):
                return False
            if _known(a) and _known(b):
                return True
    return None


def _known(value: arb) -> bool:
    return bool(value.is_zero()) or value.rel_accuracy_bits() >= AGREEMENT


def _certainly_undefined(value: arb) -> bool:
    """A value that is nan stays so at any precision in nearly every case."""
    return bool(value.is_nan())


def _coordinate(symbol: Symbol, at: int, landmarks: Sequence[Fraction]) -> Fraction:
    """The at-th value of a symbol: several scales, both signs, inside its domain."""
    digest = blake2b(f"{symbol.name}\0{at}".encode(), digest_size=8).digest()
    draw = int.from_bytes(digest, "big")
    if symbol.kind == "integer":
        value = Fraction(draw % (7 if at % 2 else 40) + 1)
    else:
        value = _SCALES[at % len(_SCALES)] * Fraction(draw % 99_991 + 1, 99_991)
    if landmarks and at % 3 == 2:
        value += landmarks[(draw >> 20) % len(landmarks)]
    negative = (draw >> 40) % 2 == 1
    if symbol.bound in (">0", ">=0"):
        return value
    if symbol.bound in ("<0", "<=0"):
        return -value
    return -value if negative else value


def _landmarks(*trees: Node) -> tuple[Fraction, ...]:
    """Where a stepped function may change: the numbers that the expressions mention."""
    found = {node.value for tree in trees for node in walk(tree) if isinstance(node, Number)}
    return tuple(sorted(value for value in found if 0 < abs(value) < 10**6))[:16]


def value_of(node: Node, values: Mapping[str, arb]) -> arb:
    """The enclosure of a value at the current precision; nan where it is undefined."""
    if isinstance(node, Number):
        return arb(fmpq(node.value.numerator, node.value.denominator))
    if isinstance(node, Name):
        if node.name not in values:
            raise NotScalar(node.name)
        return values[node.name]
    if isinstance(node, Constant):
        return _CONSTANTS[node.name]()
    if isinstance(node, Unary):
        return _unary(node.op, value_of(node.operand, values))
    if isinstance(node, Binary):
        return _binary(node, values)
    if isinstance(node, Call):
        return _call(node, values)
    raise NotScalar("a list")


def _unary(op: str, operand: arb) -> arb:
    if op == "-":
        return -operand
    if op == "%":
        return operand / 100
    if op == "!":
        return operand.fac()
    return operand


def _binary(node: Binary, values: Mapping[str, arb]) -> arb:
    left = value_of(node.left, values)
    if node.op == "^":
        return power(left, value_of(node.right, values))
    right = value_of(node.right, values)
    if node.op in ("*", "⊙", "@"):
        return left * right
    if node.op not in _ARITHMETIC:
        raise NotScalar(node.op)
    return _ARITHMETIC[node.op](left, right)


_ARITHMETIC: dict[str, Callable[[arb, arb], arb]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "/": lambda a, b: a / b,
}


def power(base: arb, exponent: arb) -> arb:
    """base^exponent over the reals: whole exponents for any base, others for bases ≥ 0."""
    whole = exponent.unique_fmpz() if exponent.is_integer() else None
    if whole is not None and abs(whole) <= MAX_POWER:
        return base ** arb(whole)
    if base.is_zero():
        return arb(0) if exponent > 0 else arb.nan()
    return base**exponent if base > 0 else arb.nan()


def _call(node: Call, values: Mapping[str, arb]) -> arb:
    if node.options:
        raise NotScalar(node.function)
    if node.function == "if":
        return _conditional(node.arguments, values)
    if node.function not in _FUNCTIONS:
        raise NotScalar(node.function)
    return _FUNCTIONS[node.function](*(value_of(a, values) for a in node.arguments))


def _conditional(arguments: Sequence[Node], values: Mapping[str, arb]) -> arb:
    for at in range(0, len(arguments) - 1, 2):
        holds = _holds(arguments[at], values)
        if holds is None:
            return arb.nan()
        if holds:
            return value_of(arguments[at + 1], values)
    return value_of(arguments[-1], values) if len(arguments) % 2 else arb.nan()


def _holds(node: Node, values: Mapping[str, arb]) -> bool | None:
    """Whether a condition holds; None where the enclosures can't tell."""
    if not isinstance(node, Binary):
        raise NotScalar("a condition")
    if node.op in ("and", "or"):
        left, right = _holds(node.left, values), _holds(node.right, values)
        if None in (left, right):
            return None
        return (left and right) if node.op == "and" else (left or right)
    difference = value_of(node.left, values) - value_of(node.right, values)
    if difference.contains(0) and not difference.is_zero():
        return None
    return _SIGNS[node.op](difference)


_SIGNS: dict[str, Callable[[arb], bool]] = {
    "<": lambda d: d < 0,
    "<=": lambda d: d <= 0,
    ">": lambda d: d > 0,
    ">=": lambda d: d >= 0,
    "=": lambda d: bool(d.is_zero()),
    "!=": lambda d: not d.is_zero(),
}


def _root(x: arb, degree: arb) -> arb:
    whole = degree.unique_fmpz() if degree.is_integer() else None
    odd = whole is not None and int(whole) % 2 == 1
    return -power(-x, 1 / degree) if odd and x < 0 else power(x, 1 / degree)


def _half_up(x: arb, digits: arb | None = None) -> arb:
    scale = arb(10) ** (digits if digits is not None else arb(0))
    return (x * scale + arb(0.5)).floor() / scale


def _log(x: arb, base: arb | None = None) -> arb:
    if not x > 0:
        return arb.nan()
    return x.log() if base is None else x.log() / _log(base)


_CONSTANTS: dict[str, Callable[[], arb]] = {
    "e": arb.const_e,
    "pi": arb.pi,
    "inf": arb.nan,
}
_FUNCTIONS: dict[str, Callable[..., arb]] = {
    "exp": arb.exp,
    "log": _log,
    "sqrt": arb.sqrt,
    "cbrt": lambda x: _root(x, arb(3)),
    "root": _root,
    "abs": abs,
    "norm": abs,
    "sign": arb.sgn,
    "floor": arb.floor,
    "ceil": arb.ceil,
    "round": _half_up,
    "factorial": arb.fac,
    "mod": lambda x, y: x - y * (x / y).floor(),
    "min": lambda *xs: _fold(arb.min, xs),
    "max": lambda *xs: _fold(arb.max, xs),
    "relu": lambda x: x.max(arb(0)),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    **{
        name: getattr(arb, name)
        for name in (
            *("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan"),
            *("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh"),
        )
    },
}


def _fold(function: Callable[[arb, arb], arb], values: Sequence[arb]) -> arb:
    result = values[0]
    for value in values[1:]:
        result = function(result, value)
    return result
