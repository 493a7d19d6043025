"""Slips with powers, roots, logarithms and other functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from engine.diagnosis.change import (
    MINUS_ONE,
    ONE,
    RARE,
    TWO,
    Change,
    Parts,
    added,
    factors,
    is_number,
    is_product,
    is_sum,
    multiplied,
    put,
    terms,
)
from engine.language.errors import Undefined
from engine.language.exact import evaluate
from engine.language.functions import STUDENT_FUNCTIONS
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Unary, names


def powers(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """An exponent lost, off by one, turned round, taken for a factor, exchanged with its base."""
    if not (isinstance(node, Binary) and node.op == "^"):
        return
    base, exponent = node.left, node.right
    if is_exponential(node):
        yield from _exponentials(node, exponent)
        return
    if abs(_constant(exponent)) == Fraction(1, 2):
        tree = base if _constant(exponent) > 0 else Binary("/", ONE, base, written="/")
        yield Change("root", "The square root of {} is missing.", (base,), tree)
    elif exponent == TWO and isinstance(base, Call) and base.function == "norm":
        yield Change("root", "{} is the norm, a root; its square belongs there.", (base,), base)
    elif exponent == TWO:
        yield Change("exponent", "The square of {} is missing.", (base,), base)
        say = "The absolute value stands where the square belongs (L1 for L2)."
        yield Change("norm", say, (), Call("abs", (base,)))
    else:
        yield Change("exponent", "The exponent of {} is missing.", (base,), base)
    for step, word in ((1, "one too high"), (-1, "one too low"), (2, "raised, not lowered")):
        moved = stepped(exponent, step)
        if moved is not None:
            tree = replace(node, right=moved)
            say = f"The exponent of {{}} is {word}."
            yield Change("exponent", say, (base,), tree, level=RARE)
    if isinstance(exponent, Unary) and exponent.op == "-":
        say = "The exponent of {} has lost its minus: it should divide."
        yield Change("reciprocal", say, (base,), replace(node, right=exponent.operand))
    if not is_number(exponent):
        product = Binary("*", exponent, base, written="·")
        yield Change("exponent", "{} is a product; a power belongs there.", (product,), product)
        turned = replace(node, left=exponent, right=base)
        yield Change("order", "Base and exponent of {} are exchanged.", (turned,), turned)


def _constant(exponent: Node) -> Fraction:
    """The rational that an exponent is; 0 where it is none."""
    try:
        value = evaluate(exponent, {}) if not names(exponent) else None
    except Undefined:
        value = None
    return value if isinstance(value, Fraction) else Fraction(0)


def stepped(exponent: Node, step: int) -> Node | None:
    """An exponent one higher or lower; None where that leaves no power."""
    if isinstance(exponent, Unary) and isinstance(exponent.operand, Number) and exponent.op == "-":
        value = step - exponent.operand.value
        return Unary("-", Number(-value)) if value < 0 else None
    if step > 1 and not isinstance(exponent, Number):
        return None
    if isinstance(exponent, Number):
        value = exponent.value + step
        return Number(value) if value > 0 and value != 1 else None
    if is_sum(exponent):
        parts = terms(exponent)
        ones = [at for at, part in enumerate(parts) if part == (-step, ONE)]
        if ones:
            return added(put(parts, ones[0]))
    sign = "+" if step > 0 else "-"
    return Binary(sign, exponent, ONE, written=sign)


def is_exponential(node: Node) -> bool:
    """Whether a node is a power of e."""
    return isinstance(node, Binary) and node.op == "^" and node.left == Constant("e")


def _exponentials(node: Binary, exponent: Node) -> Iterator[Change]:
    """The exponential lost, or the sign of its exponent turned."""
    say = "The exponential is missing around {}."
    yield Change("function", say, (exponent,), exponent, exponent)
    if not (isinstance(exponent, Unary) or is_sum(exponent)):
        tree = replace(node, right=Unary("-", exponent))
        yield Change(
            "sign", "The sign of the exponent {} is the other way round.", (exponent,), tree
        )


def signs(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A minus in front lost."""
    if isinstance(node, Unary) and node.op == "-" and len(terms(node.operand)) == 1:
        yield Change("sign", "The minus in front of {} is missing.", (node.operand,), node.operand)


def squares(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """Something squared that shouldn't be; the absolute value squared instead."""
    if isinstance(node, Name) or is_sum(node) or _may_be_squared(node):
        squared = Binary("^", node, TWO, written="^")
        say = "{} is squared in yours; it shouldn't be."
        yield Change("exponent", say, (node,), squared, level=RARE)
    if isinstance(node, Call) and node.function == "abs":
        squared = Binary("^", node.arguments[0], TWO, written="^")
        say = "The square stands where the absolute value belongs (L2 for L1)."
        yield Change("norm", say, (), squared)


def _may_be_squared(node: Node) -> bool:
    """Whether the square of a function is something new."""
    return isinstance(node, Call) and node.function not in ("sqrt", "sign", "abs")


def roots(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A root lost, or one too many over a sum, a norm or a denominator."""
    if isinstance(node, Call) and node.function == "sqrt":
        yield Change("root", "The square root of {} is missing.", node.arguments, node.arguments[0])
    elif isinstance(node, Call) and node.function in ("sum", "mean"):
        yield Change(
            "root",
            "There is a square root of {} too many.",
            (node,),
            Call("sqrt", (node,)),
            level=RARE,
        )
    elif is_product(node):
        parts = factors(node)
        yield from _wider_roots(parts)
        for at, (direction, factor) in enumerate(parts):
            if direction < 0 and not is_number(factor):
                tree = multiplied(put(parts, at, (-1, Call("sqrt", (factor,)))))
                say = "There is a square root of {} too many."
                yield Change("root", say, (factor,), tree, level=RARE)


def _wider_roots(parts: Parts) -> Iterator[Change]:
    """The root of one factor over all of the product: ``√(a/d)`` for ``a/√d``."""
    for at, (direction, factor) in enumerate(parts):
        if isinstance(factor, Call) and factor.function == "sqrt" and parts[0][1] != MINUS_ONE:
            say = "The root is only of {}."
            inside = multiplied(put(parts, at, (direction, factor.arguments[0])))
            tree = Call("sqrt", (inside,))
            yield Change("bracket", say, factor.arguments, tree, level=RARE)


_EXCHANGED = {
    "sin": ("cos",), "cos": ("sin",), "tan": ("cot", "tanh"), "sinh": ("cosh",), "cosh": ("sinh",),
    "tanh": ("tan", "sigmoid"), "min": ("max",), "max": ("min",), "exp": ("log",), "log": ("exp",),
    "sign": ("abs",), "abs": ("sign",), "sigmoid": ("tanh",),
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ROUNDED = {"floor": "down", "ceil": "up", "round": "to the nearest"}
_KNOWN = {
    "exp", "log", "abs", "sin", "cos", "tan", "cot", "sinh", "cosh", "tanh", "sigmoid", "relu",
    "sign",
}  # fmt: skip


DRAWN_IN = {*_KNOWN, "sqrt"} - {"sign"}
"""Functions that a factor may be drawn into."""


def functions(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A function lost or exchanged, not rounded or the wrong way, another base of a logarithm."""
    if not isinstance(node, Call) or not node.arguments:
        return
    if node.function == "if":
        yield from _conditions(node)
        return
    name, first = node.function, node.arguments[0]
    if name in _ROUNDED:
        yield Change("rounding", f"{name} is missing: the result is rounded.", (), first)
        for other in _ROUNDED:
            if other != name and STUDENT_FUNCTIONS[other].takes(len(node.arguments)):
                say = f"It is rounded {_ROUNDED[name]} ({name}); yours is rounded otherwise."
                yield Change("rounding", say, (), replace(node, function=other))
        return
    for other in _EXCHANGED.get(name, ()):
        if not STUDENT_FUNCTIONS[other].takes(len(node.arguments)):
            continue
        say = f"{other} stands where {name} belongs."
        yield Change("function", say, (), replace(node, function=other))
    if name in _KNOWN:
        yield Change("function", f"{name}(…) is missing around {{}}.", (first,), first, first)
    if name in ("max", "min") and len(node.arguments) > 1:
        for argument in node.arguments:
            yield Change("function", f"{name}(…) is missing.", (), argument)
    if name == "sign":
        yield Change("factor", "The factor {} is missing.", (node,), ONE)
    if name == "log":
        yield from _logarithms(node, first)


def _conditions(node: Call) -> Iterator[Change]:
    """A condition turned round; ``relu(z)`` for its derivative, 1 where z > 0."""
    condition, *cases = node.arguments
    if not isinstance(condition, Binary) or condition.op not in _TURNED:
        return
    turned = replace(condition, op=_TURNED[condition.op], written=_TURNED[condition.op])
    tree = replace(node, arguments=(turned, *cases))
    yield Change("condition", "The condition {} is the other way round.", (turned,), tree)
    if condition.op in (">", ">=") and condition.right == cases[1] and cases[0] == ONE:
        relu = Call("relu", (condition.left,))
        say = "{} stands where its derivative, 1 or 0, belongs."
        yield Change("function", say, (relu,), relu)


def _logarithms(node: Call, first: Node) -> Iterator[Change]:
    """Another base; a product or power of logarithms for the logarithm of one."""
    if len(node.arguments) == 2:
        asked = node.arguments[1]
        say = "The base {} of the logarithm is missing."
        yield Change("function", say, (asked,), Call("log", (first,)))
        for other in (Number(Fraction(10), "10"), TWO):
            if other != asked:
                say = "The base of the logarithm is {}; yours has base {}."
                tree = replace(node, arguments=(first, other))
                yield Change("function", say, (asked, other), tree)
        return
    for base in (10, 2):
        tree = Call("log", (first, Number(Fraction(base), str(base))))
        say = f"That is the logarithm with base {base}; the natural one is asked."
        yield Change("function", say, (), tree)
    inside = factors(first)
    if len(inside) > 1:
        apart = multiplied([(d, Call("log", (f,))) for d, f in inside])
        word = "quotient is the difference" if inside[-1][0] < 0 else "product is the sum"
        yield Change("log-rule", f"The logarithm of a {word} of the logarithms.", (), apart)
