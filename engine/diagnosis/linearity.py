"""Slips that take functions for linear: term by term, factor by factor, logarithms multiplied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from engine.diagnosis.change import (
    MINUS_ONE,
    Change,
    added,
    factors,
    is_number,
    is_power,
    is_product,
    multiplied,
    put,
    terms,
)
from engine.diagnosis.functions import DRAWN_IN, is_exponential
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Constant, Node

_TERMWISE = {"sqrt", "log", "exp", "abs", "sin", "cos", "tanh", "sigmoid"}


def termwise(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A function, power or division of a sum taken term by term, and sums drawn together."""
    if isinstance(node, Call) and node.function in _TERMWISE:
        spread = _spread(node.arguments[0], lambda t: replace(node, arguments=(t,)))
        say = f"{node.function} of a sum doesn't go term by term."
    elif is_exponential(node) and isinstance(node, Binary):
        spread = _spread(node.right, lambda t: replace(node, right=t))
        say = "e to a sum is a product, not a sum of terms."
    elif is_power(node) and isinstance(node, Binary):
        spread = _spread(node.left, lambda t: replace(node, left=t))
        say = "A power of a sum doesn't go term by term."
    elif isinstance(node, Binary) and node.op == "/":
        spread = _spread(node.right, lambda t: replace(node, right=t))
        say = "Dividing by a sum doesn't go term by term."
    else:
        yield from _together(node)
        return
    if spread is not None:
        yield Change("term-by-term", say, (), spread)


def _spread(inside: Node, apply: Callable[[Node], Node]) -> Node | None:
    parts = terms(inside)
    if len(parts) < 2:
        return None
    return added([(sign, apply(term)) for sign, term in parts])


def _together(node: Node) -> Iterator[Change]:
    """``f(a) + f(b)`` as ``f(a + b)``."""
    parts = terms(node)
    if len(parts) < 2 or any(sign < 0 for sign, _ in parts):
        return
    nodes = [term for _, term in parts]
    if all(map(is_exponential, nodes)):
        whole = added([(1, n.right) for n in nodes if isinstance(n, Binary)])
        tree: Node = Binary("^", Constant("e"), whole, written="^")
        yield Change("term-by-term", "The exponentials are added, not the exponents.", (), tree)
    elif all(isinstance(n, Call) and n.function in _TERMWISE for n in nodes):
        calls = [n for n in nodes if isinstance(n, Call)]
        if len({call.function for call in calls}) == 1:
            tree = replace(calls[0], arguments=(added([(1, c.arguments[0]) for c in calls]),))
            say = f"A sum of {calls[0].function}s is not the {calls[0].function} of the sum."
            yield Change("term-by-term", say, (), tree)


def factorwise(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A function or power of a product given to one factor only, or to one more."""
    if isinstance(node, Call) and node.function in ("sqrt", "log", "abs", "sum"):
        yield from _of_function(node)
    elif is_power(node) and isinstance(node, Binary) and not is_exponential(node):
        inside = factors(node.left)
        for at, (direction, factor) in enumerate(inside if len(inside) > 1 else ()):
            only = multiplied(put(inside, at, (direction, replace(node, left=factor))))
            yield Change("bracket", "The power belongs to every factor.", (), only)
        yield from _square_of_sum(node)
    if is_product(node):
        yield from _to_one_more(node)


def _of_function(node: Call) -> Iterator[Change]:
    inside = factors(node.arguments[0])
    if len(inside) > 1 and node.function in ("sqrt", "log"):
        for at, (direction, factor) in enumerate(inside):
            only = put(inside, at, (direction, replace(node, arguments=(factor,))))
            say = f"{node.function} belongs to the whole, not to one factor."
            yield Change("bracket", say, (), multiplied(only))
    squared = node.arguments[0]
    if node.function == "sum" and is_power(squared) and isinstance(squared, Binary):
        tree = replace(squared, left=replace(node, arguments=(squared.left,)))
        yield Change(
            "bracket", "That is the square of the sum, not the sum of the squares.", (), tree
        )


def _square_of_sum(node: Binary) -> Iterator[Change]:
    if isinstance(node.left, Call) and node.left.function == "sum":
        inside = replace(node, left=node.left.arguments[0])
        tree = replace(node.left, arguments=(inside,))
        yield Change(
            "bracket", "That is the sum of the squares, not the square of the sum.", (), tree
        )


def _to_one_more(node: Node) -> Iterator[Change]:
    """``a b²`` as ``(a b)²``, ``n ln a`` as ``ln(n a)``."""
    parts = factors(node)
    pairs = [(j, i) for j in range(len(parts)) for i in (j - 1, j + 1) if 0 <= i < len(parts)]
    for at, i in pairs:
        if parts[i][1] == MINUS_ONE:
            continue
        (direction, factor), (side, other) = parts[at], parts[i]
        rest = [part for j, part in enumerate(parts) if j not in (at, i)]
        more = (1 if side == direction else -1, other)
        if isinstance(factor, Binary) and is_power(factor) and not is_exponential(factor):
            joined = [more, (1, factor.left)] if i < at else [(1, factor.left), more]
            whole: Node = replace(factor, left=multiplied(joined))
            say, about = "The power of {} belongs to it alone.", factor.left
        elif isinstance(factor, Call) and factor.function in DRAWN_IN:
            about = factor.arguments[0]
            joined = [more, (1, about)] if i < at else [(1, about), more]
            whole = replace(factor, arguments=(multiplied(joined),))
            say = f"{factor.function} belongs to {{}} alone."
        else:
            continue
        yield Change("bracket", say, (about,), multiplied([*rest, (direction, whole)]))


def log_rules(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A sum of logarithms multiplied; a factor of a logarithm made its power."""
    parts = terms(node)
    if len(parts) > 1 and all(_is_log(term) for _, term in parts):
        tree = multiplied([(sign, term) for sign, term in parts])
        yield Change("log-rule", "It is a sum of logarithms, not a product.", (), tree)
    inside = factors(node)
    logs = [at for at, (direction, factor) in enumerate(inside) if _is_log(factor)]
    if len(inside) == len(logs) == 2 and inside[0][0] > 0 > inside[1][0]:
        top, bottom = (factor.arguments for _, factor in inside if isinstance(factor, Call))
        say = "A quotient of logarithms is not the logarithm of the quotient."
        within = Binary("/", top[0], bottom[0], written="/")
        yield Change("log-rule", say, (), Call("log", (within, *top[1:])))
        say = "A quotient of logarithms is not their difference."
        apart = added([(1, inside[0][1]), (-1, inside[1][1])])
        yield Change("log-rule", say, (), apart)
    if len(inside) == 2 and len(logs) == 1 and all(direction > 0 for direction, _ in inside):
        log, other = inside[logs[0]][1], inside[1 - logs[0]][1]
        if not is_number(other):
            say = "A factor of a logarithm is no power of the logarithm."
            yield Change("log-rule", say, (), Binary("^", log, other, written="^"))


def _is_log(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "log"
