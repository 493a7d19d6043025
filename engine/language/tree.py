"""The tree of an expression: what every reader (values, SymPy, shapes, printers) walks.

Nodes compare by meaning: where a node was typed (``start``, ``end``) and how it was
written (``text``, ``written``, ``implicit``) do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True)
class Number:
    """A decimal or whole number, held exactly: ``0.5`` is 1/2."""

    value: Fraction
    text: str = field(default="", compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Name:
    """A declared symbol, under its canonical name (``lam`` for ``λ`` and ``lambda``)."""

    name: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Constant:
    """``e``, ``pi``, ``inf`` or the imaginary unit ``i``."""

    name: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Unary:
    """``-`` and ``+`` in front; ``%`` (hundredths), ``!`` and ``T`` (transpose) behind."""

    op: str
    operand: Node
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Binary:
    """An operation on two operands.

    ``op`` is one of ``+ - * / ^``, ``@`` (matrix product), ``⊙`` (element-wise product),
    the relations ``= != < <= > >=``, and ``and``/``or``. Juxtaposition is ``*`` with
    ``implicit`` set; ``written`` keeps the sign as typed (``×``, ``·``).
    """

    op: str
    left: Node
    right: Node
    implicit: bool = field(default=False, compare=False)
    written: str = field(default="", compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    """A function by its canonical name; ``options`` are keyword arguments (``axis=1``)."""

    function: str
    arguments: tuple[Node, ...]
    options: tuple[tuple[str, Node], ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Sequence:
    """A shape or tuple ``(6, 6, 32)``, or an array or list ``[[1, 2], [3, 4]]``."""

    items: tuple[Node, ...]
    brackets: str = field(default="()", compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


Node: TypeAlias = Number | Name | Constant | Unary | Binary | Call | Sequence


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, left to right."""
    if isinstance(node, Unary):
        return (node.operand,)
    if isinstance(node, Binary):
        return (node.left, node.right)
    if isinstance(node, Call):
        return (*node.arguments, *(value for _, value in node.options))
    if isinstance(node, Sequence):
        return node.items
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything under it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Node) -> frozenset[str]:
    """The declared symbols that occur in the tree."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Name))


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same node with ``change`` applied to each operand."""
    if isinstance(node, Unary):
        return replace(node, operand=change(node.operand))
    if isinstance(node, Binary):
        return replace(node, left=change(node.left), right=change(node.right))
    if isinstance(node, Call):
        options = tuple((name, change(value)) for name, value in node.options)
        return replace(node, arguments=tuple(map(change, node.arguments)), options=options)
    if isinstance(node, Sequence):
        return replace(node, items=tuple(map(change, node.items)))
    return node


def substitute(node: Node, values: dict[str, Node]) -> Node:
    """The tree with declared symbols replaced by trees."""
    if isinstance(node, Name):
        return values.get(node.name, node)
    return rebuild(node, lambda child: substitute(child, values))
