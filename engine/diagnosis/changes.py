"""One-step changes of an expression: the slips that people make in a calculation.

Each rule takes a node and yields what it could have become by one slip, with the kind of slip
and a sentence in the symbols of the problem. Two rules that describe one slip share a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, combinations, islice
from typing import NamedTuple

from engine.language.axes import is_scalar
from engine.language.errors import Undefined
from engine.language.exact import Value, as_number, evaluate
from engine.language.functions import STUDENT_FUNCTIONS
from engine.language.printer import display, one_line
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Number, Unary, children, names, walk
from engine.values import close

MAX_CHANGES = 600
MAX_DROPPED = 3
MAX_FACTORS = 8
ONE = Number(Fraction(1), "1")
_SIX_DIGITS = Fraction(1, 10**6)
TWO = Number(Fraction(2), "2")


class Change(NamedTuple):
    """An expression after one slip. ``kind`` names the slip, ``text`` tells it."""

    kind: str
    text: str
    tree: Node


Rule = Callable[[Node, Mapping[str, Symbol]], Iterator[Change]]


def changes(tree: Node, symbols: Mapping[str, Symbol]) -> list[Change]:
    """Every one-step change of a tree: of the whole, then of each node in its place."""
    every = chain(_of_the_whole(tree, symbols), _inside(tree, symbols))
    return list(islice(every, MAX_CHANGES))


def _inside(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    for rule in _RULES:
        yield from rule(node, symbols)
    for at, child in enumerate(children(node)):
        for change in _inside(child, symbols):
            yield change._replace(tree=_with_child(node, at, change.tree))


def _with_child(node: Node, at: int, child: Node) -> Node:
    if isinstance(node, Unary):
        return replace(node, operand=child)
    if isinstance(node, Binary):
        return replace(node, left=child) if at == 0 else replace(node, right=child)
    if isinstance(node, Call) and at < len(node.arguments):
        arguments = (*node.arguments[:at], child, *node.arguments[at + 1 :])
        return replace(node, arguments=arguments)
    return node


# -- of the whole ------------------------------------------------------------------------------


def _of_the_whole(tree: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    yield Change("sign", "The sign is the other way round.", Unary("-", tree))
    yield Change("factor", "Yours is twice the answer.", Binary("*", TWO, tree))
    yield Change("factor", "Yours is half the answer.", Binary("/", tree, TWO))
    yield Change("reciprocal", "Yours is the reciprocal of the answer.", Binary("/", ONE, tree))
    yield Change("square", "Yours is the square of the answer.", Binary("^", tree, TWO))
    yield Change("root", "Yours is the square root of the answer.", Call("sqrt", (tree,)))


# -- sums --------------------------------------------------------------------------------------


def terms(node: Node) -> list[tuple[int, Node]]:
    """The terms of a sum with their signs."""
    if isinstance(node, Binary) and node.op in "+-":
        right = terms(node.right)
        sign = 1 if node.op == "+" else -1
        return [*terms(node.left), *((sign * s, term) for s, term in right)]
    if isinstance(node, Unary) and node.op in "+-":
        sign = 1 if node.op == "+" else -1
        return [(sign * s, term) for s, term in terms(node.operand)]
    return [(1, node)]


def added(parts: Sequence[tuple[int, Node]]) -> Node:
    """A sum from terms with signs."""
    sign, first = parts[0]
    result: Node = first if sign > 0 else Unary("-", first)
    for sign, term in parts[1:]:
        result = Binary("+" if sign > 0 else "-", result, term, written="+" if sign > 0 else "-")
    return result


def _sums(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    parts = terms(node)
    if len(parts) < 2:
        return
    for at, (sign, term) in enumerate(parts):
        shown = one_line(term)
        others = parts[:at] + parts[at + 1 :]
        if term == ONE:
            yield Change("one", f"{'+' if sign > 0 else '−'} 1 is forgotten.", added(others))
        else:
            yield Change("term", f"The term {shown} is missing.", added(others))
        flipped = [*parts[:at], (-sign, term), *parts[at + 1 :]]
        yield Change("sign", f"The sign of {shown} is the other way round.", added(flipped))
        for word, scaled in (("doubled", Binary("*", TWO, term)), ("halved", _half(term))):
            other = [*parts[:at], (sign, scaled), *parts[at + 1 :]]
            yield Change("factor", f"The term {shown} is {word} in yours.", added(other))
        if isinstance(term, Binary) and term.op == "^":
            bare = added([*parts[:at], (sign, term.left), *parts[at + 1 :]])
            say = f"The power in {shown} belongs to that term alone, not to the bracket."
            yield Change("power-of-sum", say, replace(term, left=bare))


def _half(term: Node) -> Node:
    return Binary("/", term, TWO, written="/")


# -- products ----------------------------------------------------------------------------------


def factors(node: Node) -> list[tuple[int, Node]]:
    """The scalar factors of a product; −1 marks those that divide."""
    if isinstance(node, Binary) and node.op in ("*", "/"):
        direction = 1 if node.op == "*" else -1
        return [*factors(node.left), *((direction * d, f) for d, f in factors(node.right))]
    if isinstance(node, Unary) and node.op == "-":
        return [(1, Unary("-", ONE)), *factors(node.operand)]
    return [(1, node)]


def multiplied(parts: list[tuple[int, Node]]) -> Node:
    """A product from factors with directions."""
    result: Node | None = None
    for direction, factor in parts:
        if result is None:
            result = factor if direction > 0 else Binary("/", ONE, factor, written="/")
        else:
            op = "*" if direction > 0 else "/"
            result = Binary(op, result, factor, written="·" if op == "*" else "/")
    return ONE if result is None else result


def _products(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    parts = factors(node)
    if len(parts) < 2:
        return
    most = MAX_DROPPED if len(parts) <= MAX_FACTORS else 1
    for count in range(1, min(most, len(parts) - 1) + 1):
        for dropped in combinations(range(len(parts)), count):
            lost = [parts[at] for at in dropped]
            kept = [part for at, part in enumerate(parts) if at not in dropped]
            yield _lost(lost, kept)
    for at, (direction, factor) in enumerate(parts):
        if factor == ONE or factor == Unary("-", ONE):
            continue
        turned = [*parts[:at], (-direction, factor), *parts[at + 1 :]]
        does = "divides" if direction > 0 else "multiplies"
        should = "multiply" if direction > 0 else "divide"
        say = f"{one_line(factor)} {does} in yours; it should {should}."
        yield Change("turned", say, multiplied(turned))
    yield from _doubled(parts)


def _lost(lost: list[tuple[int, Node]], kept: list[tuple[int, Node]]) -> Change:
    without, factor = multiplied(kept), multiplied(lost)
    if [one for _, one in lost] == [Unary("-", ONE)]:
        return Change("sign", "The sign is the other way round.", without)
    shown = one_line(factor)
    if any(_is_slope(factor, inner) for _, other in kept for inner in _inner(other)):
        say = f"The inner derivative {shown} is missing (chain rule)."
        return Change("chain-rule", say, without)
    return Change("factor", f"The factor {shown} is missing.", without)


def _inner(node: Node) -> tuple[Node, ...]:
    """What a function or a power is applied to, if that is more than a symbol."""
    inner: tuple[Node, ...] = ()
    if isinstance(node, Call):
        inner = node.arguments[:1]
    elif isinstance(node, Binary) and node.op == "^":
        inner = (node.left, node.right)
    return tuple(one for one in inner if not isinstance(one, Name | Number))


def _is_slope(factor: Node, inner: Node) -> bool:
    """Whether a factor is the derivative of the inner expression by one of its symbols."""
    return any(_agree(factor, Call("diff", (inner, Name(name)))) for name in names(inner))


def _agree(left: Node, right: Node) -> bool:
    """Whether two scalar expressions agree to six digits at two points."""
    free = sorted(names(left) | names(right))
    for at in (3, 5):
        point: dict[str, Value] = {
            name: Fraction(at + 2 * place, 7) for place, name in enumerate(free)
        }
        try:
            a, b = (as_number(evaluate(tree, point)) for tree in (left, right))
        except Undefined:
            return False
        if not close(a, b, _SIX_DIGITS):
            return False
    return True


def _doubled(parts: list[tuple[int, Node]]) -> Iterator[Change]:
    for direction, factor in parts:
        if isinstance(factor, Number | Unary):
            continue
        say = f"The factor {one_line(multiplied([(direction, factor)]))} is there once too often."
        yield Change("doubled", say, multiplied([*parts, (direction, factor)]))


def _brackets(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """``a (b + c)`` taken for ``a b + c``; ``a/(b + c)`` for ``a/b + c``."""
    if not (isinstance(node, Binary) and node.op in ("*", "/")):
        return
    say = "It reaches only the first term of the bracket; it belongs to all of them."
    for factor, bracket, first in (
        (node.left, node.right, False),
        (node.right, node.left, True),
    ):
        parts = terms(bracket)
        if len(parts) < 2 or (node.op == "/" and first):
            continue
        sign, term = parts[0]
        joined = replace(node, left=factor, right=term)
        shown = f"{one_line(factor)}: {say}"
        yield Change("bracket", shown, added([(sign, joined), *parts[1:]]))
    if node.op == "/":
        parts = terms(node.left)
        if len(parts) > 1:
            sign, term = parts[-1]
            under = replace(node, left=term)
            say = f"Only the last term is divided by {one_line(node.right)}; all of them are."
            yield Change("bracket", say, added([*parts[:-1], (sign, under)]))


# -- powers and functions ----------------------------------------------------------------------


def _powers(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    if not (isinstance(node, Binary) and node.op == "^"):
        return
    base, exponent = node.left, node.right
    shown = one_line(node)
    yield Change("exponent", f"The exponent of {shown} is missing.", base)
    for step, word in ((1, "one too high"), (-1, "one too low")):
        moved = Binary("+" if step > 0 else "-", exponent, ONE, written="+")
        yield Change(
            "exponent", f"The exponent of {shown} is {word} in yours.", replace(node, right=moved)
        )
    yield Change("exponent", f"{shown} is a power, not a product.", Binary("*", base, exponent))
    yield Change(
        "exponent",
        f"The exponent of {shown} has the wrong sign.",
        replace(node, right=Unary("-", exponent)),
    )
    parts = terms(base)
    if len(parts) > 1:
        spread = [(sign, replace(node, left=term)) for sign, term in parts]
        say = "A power of a sum is not the sum of the powers."
        yield Change("power-of-sum", say, added(spread))
    inner = factors(base)
    if len(inner) > 1:
        first, *rest = inner
        partly = [*[first], *rest[:-1], (rest[-1][0], replace(node, left=rest[-1][1]))]
        yield Change(
            "power-of-product", f"The power in {shown} belongs to every factor.", multiplied(partly)
        )


_EXCHANGED = {
    "sin": ("cos",), "cos": ("sin",), "tan": ("cot", "tanh"), "sinh": ("cosh",), "cosh": ("sinh",),
    "tanh": ("tan", "sigmoid"), "floor": ("ceil", "round"), "ceil": ("floor", "round"),
    "round": ("floor", "ceil"), "min": ("max",), "max": ("min",), "exp": ("log",), "log": ("exp",),
    "sign": ("abs",), "abs": ("sign",), "sigmoid": ("tanh",), "sum": ("mean",), "mean": ("sum",),
}  # fmt: skip
_TERMWISE = {"sqrt", "log", "exp", "abs", "sin", "cos", "tanh", "sigmoid"}


def _functions(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    if not isinstance(node, Call):
        return
    for other in _EXCHANGED.get(node.function, ()):
        if not STUDENT_FUNCTIONS[other].takes(len(node.arguments)):
            continue
        say = f"{other} stands where {node.function} belongs."
        yield Change("function", say, replace(node, function=other))
    first = node.arguments[0] if node.arguments else ONE
    if node.function in ("floor", "ceil", "round"):
        yield Change("rounding", f"{node.function} is missing: the result is not rounded.", first)
    elif node.function == "sum":
        yield Change("sum", "The sum is missing.", first)
    elif node.function == "sign":
        yield Change("function", "sign(…) is missing.", ONE)
        yield Change("function", "sign(…) is missing.", first)
    elif node.function not in ("ones", "if"):
        yield Change("function", f"{node.function}(…) is missing.", first)
    if node.function == "log" and len(node.arguments) == 2:
        say = f"The base {one_line(node.arguments[1])} of the logarithm is missing."
        yield Change("function", say, Call("log", (first,)))
    if node.function in _TERMWISE and len(terms(first)) > 1:
        spread = [(sign, replace(node, arguments=(term,))) for sign, term in terms(first)]
        yield Change(
            "term-by-term", f"{node.function} of a sum doesn't go term by term.", added(spread)
        )


def _operands(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """Operands the wrong way round."""
    if not isinstance(node, Binary):
        return
    turned = replace(node, left=node.right, right=node.left)
    shown = one_line(node)
    if node.op == "-":
        yield Change("sign", f"{shown} is the other way round in yours.", turned)
    elif node.op == "/":
        yield Change("turned", f"{shown} is upside down in yours.", turned)
    elif node.op == "^":
        yield Change("order", f"Base and exponent of {shown} are exchanged.", turned)
    elif node.op == "@":
        yield Change("order", f"The operands of {shown} are the other way round.", turned)
        wise = replace(node, op="⊙")
        yield Change("product", f"{shown} is a matrix product, not element by element.", wise)
    elif node.op == "⊙":
        matrix = replace(node, op="@")
        yield Change("product", f"{shown} is element by element, not a matrix product.", matrix)


def _transposes(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    if isinstance(node, Unary) and node.op == "T":
        shown = one_line(node.operand)
        yield Change("transpose", f"The transpose of {shown} is missing.", node.operand)
    elif isinstance(node, Name):
        symbol = symbols.get(node.name)
        if symbol is not None and symbol.axes is not None and not is_scalar(symbol.axes):
            say = f"{display(node.name)} is transposed in yours; it shouldn't be."
            yield Change("transpose", say, Unary("T", node))


def _exchanged_symbols(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    if not isinstance(node, Name) or node.name not in symbols:
        return
    for other in symbols.values():
        if other.name != node.name and other.axes == symbols[node.name].axes:
            say = f"{display(other.name)} stands where {display(node.name)} belongs."
            yield Change("symbol", say, Name(other.name))


_RULES: tuple[Rule, ...] = (
    _sums,
    _products,
    _brackets,
    _powers,
    _functions,
    _operands,
    _transposes,
    _exchanged_symbols,
)


def size(tree: Node) -> int:
    """How many nodes a tree has."""
    return sum(1 for _ in walk(tree))
