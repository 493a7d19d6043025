"""Functions that are read as others: ``lg x`` as log(x, 10), ``root(x)`` as sqrt(x).

Only the reader knows them; in the tree, the echo and every comparison their meaning stands.
No meaning holds an argument twice: nested, the tree would grow without bound.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from engine.language.functions import Function
from engine.language.tree import Binary, Call, Constant, Node, Number


def _of_reciprocal(function: str) -> Callable[[Node], Node]:
    return lambda x: Call(function, (Binary("/", Number(Fraction(1), "1"), x, written="/"),))


def _to_base_ten(x: Node, base: Node | None = None) -> Node:
    return Call("log", (x, Number(Fraction(10), "10") if base is None else base))


def _times(numerator: Node, denominator: Node) -> Callable[[Node], Node]:
    factor = Binary("/", numerator, denominator, written="/")
    return lambda x: Binary("*", x, factor, written="*")


def _root(x: Node, degree: Node | None = None) -> Node:
    return Call("sqrt", (x,)) if degree is None else Call("root", (x, degree))


_HALF_TURN = Number(Fraction(180), "180")
FUNCTIONS = (
    Function("lg", 1, 2, bare=True),
    Function("power", 2, 2, aliases=("pow",)),
    Function("square"),
    Function("nthroot", 1, 2, aliases=("root", "surd")),
    Function("radians", aliases=("deg2rad",)),
    Function("degrees", aliases=("rad2deg",)),
    Function("acot", aliases=("arccot", "arcctg"), bare=True),
    Function("asec", aliases=("arcsec",), bare=True),
    Function("acsc", aliases=("arccsc", "arccosec"), bare=True),
    Function("acoth", aliases=("arccoth", "arcoth"), bare=True),
    Function("asech", aliases=("arcsech", "arsech"), bare=True),
    Function("acsch", aliases=("arccsch", "arcsch"), bare=True),
)
MEANINGS: dict[str, Callable[..., Node]] = {
    "lg": _to_base_ten,
    "power": lambda x, exponent: Binary("^", x, exponent, written="^"),
    "square": lambda x: Binary("^", x, Number(Fraction(2), "2"), written="^"),
    "nthroot": _root,
    "radians": _times(Constant("pi"), _HALF_TURN),
    "degrees": _times(_HALF_TURN, Constant("pi")),
    "acot": _of_reciprocal("atan"),
    "asec": _of_reciprocal("acos"),
    "acsc": _of_reciprocal("asin"),
    "acoth": _of_reciprocal("atanh"),
    "asech": _of_reciprocal("acosh"),
    "acsch": _of_reciprocal("asinh"),
}
SHORTHANDS = {function.name: function for function in FUNCTIONS}
