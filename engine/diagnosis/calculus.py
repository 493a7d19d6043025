"""Slips in the rules of differentiation, seen in a derivative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations

from engine.diagnosis.change import (
    ONE,
    TWO,
    Change,
    Parts,
    added,
    factors,
    is_atom,
    is_number,
    is_power,
    is_sum,
    multiplied,
    put,
    size,
    terms,
    wise,
    wise_product,
)
from engine.language.errors import Undefined
from engine.language.exact import Value, as_number, evaluate
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Unary, names
from engine.values import close

_SIX_DIGITS = Fraction(1, 10**6)
MAX_SIZE = 24
MAX_FACTORS = 4


def lies_within(direction: int, node: Node) -> tuple[Node, ...]:
    """What a function, a power or a division is applied to, if that is more than a symbol."""
    inner: tuple[Node, ...] = ()
    if isinstance(node, Call):
        inner = node.arguments[:1]
    elif isinstance(node, Binary) and node.op == "^":
        inner = (node.left, node.right)
    elif direction < 0 and is_sum(node):
        inner = (node,)
    return tuple(one for one in inner if not is_atom(one) and size(one) <= MAX_SIZE)


def is_slope(factor: Node, inner: Node) -> bool:
    """Whether a factor is the derivative of the inner expression by one of its symbols."""
    free = names(inner)
    if not names(factor) <= free or (not names(factor) and not _may_be_straight(inner)):
        return False
    return any(_agree(factor, Call("diff", (inner, Name(name)))) for name in sorted(free))


def _may_be_straight(inner: Node) -> bool:
    """Whether an expression may have a constant slope: a sum or product without functions."""
    if isinstance(inner, Call) or is_power(inner):
        return False
    return all(
        map(_may_be_straight, (f for _, t in terms(inner) for _, f in factors(t) if f != inner))
    )


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


def product_rule(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """``u'v + uv'`` with a half lost, or as ``u'v'``."""
    parts = terms(node)
    if len(parts) != 2 or size(node) > 2 * MAX_SIZE or any(s.axes for s in symbols.values()):
        return
    found = next(_halves(parts[0][1], parts[1][1]), None)
    if found is None or any(sign < 0 for sign, _ in parts) or any(map(is_atom, found)):
        return
    du, _, _, dv = found
    say = "The product rule has two terms; that of {} is missing."
    yield Change("product-rule", say, (dv,), parts[0][1])
    yield Change("product-rule", say, (du,), parts[1][1])
    say = "The derivative of a product is not the product of the derivatives."
    yield Change("product-rule", say, (), Binary("*", du, dv, written="·"))


def quotient_rule(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """``(u'v − uv')/v²`` with the terms exchanged, v not squared, or as ``u'/v'``."""
    if not (isinstance(node, Binary) and node.op == "/" and is_power(node.right)):
        return
    over, under = terms(node.left), node.right
    if not isinstance(under, Binary) or under.right != TWO or len(over) != 2:
        return
    if [sign for sign, _ in over] != [1, -1] or any(s.axes for s in symbols.values()):
        return
    bottom = under.left
    for du, v, _, dv in _halves(over[0][1], over[1][1]):
        if not _agree(v, bottom):
            continue
        say = "In the quotient rule the terms of the numerator are the other way round."
        yield Change("quotient-rule", say, (), Unary("-", node))
        say = "In the quotient rule the denominator is squared."
        yield Change("quotient-rule", say, (), Binary("/", node.left, bottom, written="/"))
        yield Change("quotient-rule", "The division by {} is missing.", (under,), node.left)
        say = "The derivative of a quotient is not the quotient of the derivatives."
        yield Change("quotient-rule", say, (), Binary("/", du, dv, written="/"))
        return


def _halves(left: Node, right: Node) -> Iterator[tuple[Node, Node, Node, Node]]:
    """``u'``, ``v``, ``u`` and ``v'`` where one term is u'·v and the other u·v'."""
    for du, v in _splits(left):
        for u, dv in _splits(right):
            if is_number(u) or is_number(v):
                continue
            for name in sorted(names(u) & names(v)):
                by = Name(name)
                if _agree(du, Call("diff", (u, by))) and _agree(dv, Call("diff", (v, by))):
                    yield du, v, u, dv


def _splits(term: Node) -> list[tuple[Node, Node]]:
    """Every way to take a term as a product of two."""
    parts: Parts = factors(term)
    if len(parts) > MAX_FACTORS:
        return []
    found = []
    for count in range(len(parts) + 1):
        for chosen in combinations(range(len(parts)), count):
            one = [parts[at] for at in chosen]
            other = [part for at, part in enumerate(parts) if at not in chosen]
            found.append((multiplied(one) if one else ONE, multiplied(other) if other else ONE))
    return found


def slopes(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """The derivative of tanh, ``1 − a²``, for that of the sigmoid, ``a(1 − a)``; and back."""
    parts = terms(node)
    if len(parts) == 2 and parts[0] == (1, ONE) and parts[1][0] < 0:
        square = parts[1][1]
        if isinstance(square, Binary) and is_power(square) and square.right == TWO:
            less = added([(1, ONE), (-1, square.left)])
            wide = any(symbols[name].axes for name in names(square) & symbols.keys())
            op, written = ("⊙", "⊙") if wide else ("*", "·")
            tree: Node = Binary(op, square.left, less, written=written)
            yield Change("function", "{} has the form of the sigmoid's derivative.", (tree,), tree)
    inside = wise(node) if isinstance(node, Binary) and node.op == "⊙" else []
    chain = multiplied if not inside else (lambda some: wise_product([f for _, f in some]))
    found = [(1, one) for one in inside] or factors(node)
    for at, (direction, factor) in enumerate(found):
        less = added([(1, ONE), (-1, factor)])
        if direction > 0 and (1, less) in found:
            whole = added([(1, ONE), (-1, Binary("^", factor, TWO, written="^"))])
            tree = chain([part for part in put(found, at, (1, whole)) if part != (1, less)])
            yield Change("function", "{} has the form of tanh's derivative.", (whole,), tree)
