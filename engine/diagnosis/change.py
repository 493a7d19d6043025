"""What one slip makes of an expression, and sums and products taken apart and put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Number, Unary, children, walk

ONE = Number(Fraction(1), "1")
TWO = Number(Fraction(2), "2")
MINUS_ONE = Unary("-", ONE)
MAX_NODES, MAX_DEPTH = 100, 40
SLIP, RARE, FACT = range(3)
"""What people often do, what they seldom do, and what is true but explains nothing."""


class Change(NamedTuple):
    """An expression after one slip.

    ``kind`` names the slip; ``say`` tells it, with ``{}`` for each expression in ``about``.
    ``place`` is what stands there after the slip, to be found in the student's answer.
    ``level`` says how readily it is told, where others fit as well.
    """

    kind: str
    say: str
    about: tuple[Node, ...]
    tree: Node
    place: Node | None = None
    level: int = 0


Parts: TypeAlias = list[tuple[int, Node]]
"""Terms with their signs, or factors with 1 for multiplied and −1 for divided by."""

Rule = Callable[[Node, Mapping[str, Symbol]], Iterator[Change]]


def size(tree: Node) -> int:
    """How many nodes a tree has."""
    return len(walk(tree))


def is_long(tree: Node) -> bool:
    """Whether a tree is too large to be changed in all its places."""
    nodes = size(tree)  # which no tree is deeper than
    return nodes > MAX_NODES or (nodes > MAX_DEPTH and _depth(tree) > MAX_DEPTH)


def _depth(tree: Node) -> int:
    """How deep a tree is; a sum or product of many operands counts once."""
    below = children(tree)
    if is_sum(tree):
        below = tuple(term for _, term in terms(tree) if term != tree)
    elif is_product(tree):
        below = tuple(factor for _, factor in factors(tree))
    return 1 + max(map(_depth, below), default=0)


def with_child(node: Node, at: int, child: Node) -> Node:
    """The node with its operand number ``at`` exchanged."""
    if isinstance(node, Unary):
        return replace(node, operand=child)
    if isinstance(node, Binary):
        return replace(node, left=child) if at == 0 else replace(node, right=child)
    if isinstance(node, Call) and at < len(node.arguments):
        arguments = (*node.arguments[:at], child, *node.arguments[at + 1 :])
        return replace(node, arguments=arguments)
    return node


def put(parts: Sequence[tuple[int, Node]], at: int, *new: tuple[int, Node]) -> Parts:
    """The parts with others in place of number ``at``."""
    return [*parts[:at], *new, *parts[at + 1 :]]


# -- sums --------------------------------------------------------------------------------------


def is_sum(node: Node) -> bool:
    """Whether a node adds or subtracts two operands."""
    return isinstance(node, Binary) and node.op in "+-"


def terms(node: Node) -> Parts:
    """The terms of a sum with their signs; ``−2·x`` is the term ``2·x`` with a minus."""
    if isinstance(node, Binary) and node.op in "+-":
        sign = 1 if node.op == "+" else -1
        return [*terms(node.left), *((sign * s, term) for s, term in terms(node.right))]
    if isinstance(node, Unary) and node.op in "+-":
        sign = 1 if node.op == "+" else -1
        return [(sign * s, term) for s, term in terms(node.operand)]
    if is_product(node):
        parts = factors(node)
        bare = [part for part in parts if part[1] != MINUS_ONE]
        if len(bare) < len(parts) and bare:
            return [((-1) ** (len(parts) - len(bare)), multiplied(bare))]
    return [(1, node)]


def added(parts: Sequence[tuple[int, Node]]) -> Node:
    """A sum from terms with signs."""
    sign, first = parts[0]
    result: Node = first if sign > 0 else Unary("-", first)
    for sign, term in parts[1:]:
        op = "+" if sign > 0 else "-"
        result = Binary(op, result, term, written=op)
    return result


# -- products ----------------------------------------------------------------------------------


def is_product(node: Node) -> bool:
    """Whether a node multiplies or divides; element-wise products are another matter."""
    return isinstance(node, Binary) and node.op in ("*", "/", "@")


def factors(node: Node) -> Parts:
    """The factors of a product in their order; −1 marks those that divide."""
    if isinstance(node, Binary) and node.op in ("*", "/", "@"):
        direction = -1 if node.op == "/" else 1
        right = factors(node.right)
        if direction < 0 and isinstance(node.right, Binary) and node.right.op == "@":
            right = [(1, node.right)]
        return [*factors(node.left), *((direction * d, f) for d, f in right)]
    if isinstance(node, Unary) and node.op == "-":
        return [(1, MINUS_ONE), *factors(node.operand)]
    return [(1, node)]


def multiplied(parts: Sequence[tuple[int, Node]]) -> Node:
    """A product from factors with directions; typing decides which are matrix products."""
    first = next((at for at, (direction, _) in enumerate(parts) if direction > 0), None)
    if not parts:
        return ONE
    if len(parts) > 1 and parts[0] == (1, MINUS_ONE):
        return Unary("-", multiplied(parts[1:]))
    if first is None:
        bottom = multiplied([(-direction, factor) for direction, factor in parts])
        return Binary("/", ONE, bottom, written="/")
    if parts[0][0] < 0:
        parts = [parts[first], *parts[:first], *parts[first + 1 :]]
    result = parts[0][1]
    for direction, factor in parts[1:]:
        op, written = ("*", "·") if direction > 0 else ("/", "/")
        result = Binary(op, result, factor, written=written)
    return result


def wise(node: Node) -> list[Node]:
    """The operands of a chain of element-wise products."""
    if isinstance(node, Binary) and node.op == "⊙":
        return [*wise(node.left), *wise(node.right)]
    return [node]


def wise_product(operands: Sequence[Node]) -> Node:
    """An element-wise product of some operands."""
    result = operands[0]
    for operand in operands[1:]:
        result = Binary("⊙", result, operand, written="⊙")
    return result


# -- looking at nodes --------------------------------------------------------------------------


def is_number(node: Node) -> bool:
    """Whether a node is a plain number, with or without a sign."""
    return isinstance(node, Number) or (isinstance(node, Unary) and is_number(node.operand))


def is_power(node: Node) -> bool:
    """Whether a node is a power."""
    return isinstance(node, Binary) and node.op == "^"


def is_atom(node: Node) -> bool:
    """Whether a node is a symbol or a number."""
    return isinstance(node, Name) or is_number(node)
