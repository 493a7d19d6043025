"""The tree of an expression: what every reader (values, SymPy, shapes, printers) walks.

Nodes compare by meaning: where a node was typed (``start``, ``end``) and how it was
written (``text``, ``written``, ``implicit``) do not count.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar, TypeVarTuple

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


class _Node:
    @cached_property
    def exactly(self) -> str:
        """The tree with all that its equality leaves out, as a key to keep things by."""
        return repr(self)


@dataclass(frozen=True)
class Number(_Node):
    """A decimal or whole number, held exactly: ``0.5`` is 1/2."""

    value: Fraction
    text: str = field(default="", compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Name(_Node):
    """A declared symbol, under its canonical name (``lam`` for ``λ`` and ``lambda``)."""

    name: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Constant(_Node):
    """``e``, ``pi``, ``inf`` or the imaginary unit ``i``."""

    name: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Unary(_Node):
    """``-`` and ``+`` in front; ``%`` (hundredths), ``!`` and ``T`` (transpose) behind."""

    op: str
    operand: Node
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Binary(_Node):
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
class Call(_Node):
    """A function by its canonical name; ``options`` are keyword arguments (``axis=1``)."""

    function: str
    arguments: tuple[Node, ...]
    options: tuple[tuple[str, Node], ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Sequence(_Node):
    """A shape or tuple ``(6, 6, 32)``, or an array or list ``[[1, 2], [3, 4]]``."""

    items: tuple[Node, ...]
    brackets: str = field(default="()", compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


Node: TypeAlias = Number | Name | Constant | Unary | Binary | Call | Sequence
N = TypeVar("N", bound=_Node)


class Itself:
    """A tree as a key, the same only as itself: quicker than by how it is written."""

    __slots__ = ("tree",)

    def __init__(self, tree: Node) -> None:
        self.tree = tree

    def __hash__(self) -> int:
        return id(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.tree is other.tree


class _Key(NamedTuple):
    tree: Node

    def __hash__(self) -> int:
        return hash(self.tree.exactly)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.tree.exactly == other.tree.exactly


def remembered(
    maxsize: int,
) -> Callable[[Callable[[Node, *Ts], R]], Callable[[Node, *Ts], R]]:
    """Keep so many results of a function of a tree, by how the tree is written as well.

    Equality alone won't do: of matrices ``A*B`` and ``A·B`` are different products.
    """

    def decorate(function: Callable[[Node, *Ts], R]) -> Callable[[Node, *Ts], R]:
        @lru_cache(maxsize)
        def found(key: _Key, rest: tuple[*Ts]) -> R:
            return function(key.tree, *rest)

        def of(tree: Node, *rest: *Ts) -> R:
            return found(_Key(tree), rest)

        return of

    return decorate


def kept(function: Callable[[Node], R]) -> Callable[[Node], R]:
    """Keep what a function says of a tree with the tree itself, which never changes."""
    name = f"{function.__module__}.{function.__qualname__}"

    def of(tree: Node) -> R:
        own = tree.__dict__
        if name not in own:
            own[name] = function(tree)
        found: R = own[name]
        return found

    return of


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, left to right."""
    return _OPERANDS[type(node)](node)


def _no_operands(_: Node) -> tuple[Node, ...]:
    return ()


def _operands_of_call(node: Call) -> tuple[Node, ...]:
    if not node.options:
        return node.arguments
    return (*node.arguments, *(value for _, value in node.options))


_OPERANDS: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Number: _no_operands,
    Name: _no_operands,
    Constant: _no_operands,
    Unary: lambda node: (node.operand,),
    Binary: operator.attrgetter("left", "right"),
    Call: _operands_of_call,
    Sequence: operator.attrgetter("items"),
}


def walk(node: Node) -> tuple[Node, ...]:
    """The node and everything under it, in the order of the text."""
    return (node, *_under(node))


def each(kind: type[N], tree: Node) -> Collection[N]:
    """The nodes of one type in a tree, in the order of the text."""
    below: Collection[N] = _by_type(tree).get(kind, ())
    return (tree, *below) if isinstance(tree, kind) else below


@kept
def _under(node: Node) -> tuple[Node, ...]:
    """Without the node itself, which would be kept with itself and so in memory."""
    found: list[Node] = []
    ahead = list(reversed(children(node)))
    while ahead:
        part = ahead.pop()
        found.append(part)
        below = children(part)
        if below:
            ahead.extend(reversed(below))
    return tuple(found)


@kept
def _by_type(node: Node) -> Mapping[type[Any], Collection[Any]]:
    found: dict[type[Any], list[Node]] = {}
    for part in _under(node):
        found.setdefault(type(part), []).append(part)
    return found


@kept
def names(node: Node) -> frozenset[str]:
    """The declared symbols that occur in the tree."""
    return frozenset(name.name for name in each(Name, node))


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same node with ``change`` applied to each operand; itself where none changes."""
    before = children(node)
    if not before:
        return node
    after = tuple(map(change, before))
    if all(map(operator.is_, before, after)):
        return node
    if isinstance(node, Unary):
        return replace(node, operand=after[0])
    if isinstance(node, Binary):
        return replace(node, left=after[0], right=after[1])
    if isinstance(node, Call):
        count = len(node.arguments)
        settings = zip((name for name, _ in node.options), after[count:], strict=True)
        return replace(node, arguments=after[:count], options=tuple(settings))
    return replace(node, items=after) if isinstance(node, Sequence) else node


def substitute(node: Node, values: dict[str, Node]) -> Node:
    """The tree with declared symbols replaced by trees."""
    if isinstance(node, Name):
        return values.get(node.name, node)
    return rebuild(node, lambda child: substitute(child, values))


class Sharing:
    """Makes equal parts of trees one object, the first that was met."""

    def __init__(self) -> None:
        self._met: dict[int, tuple[Node, Node]] = {}
        self._first: dict[tuple[object, ...], Node] = {}

    def tree(self, node: Node) -> Node:
        """The tree, built of parts met before as far as it holds them."""
        if id(node) not in self._met:
            self._met[id(node)] = node, self._shared(node)
        return self._met[id(node)][1]

    def _shared(self, node: Node) -> Node:
        own = children(node)
        parts = tuple(map(self.tree, own))
        key = (type(node), _head(node), *map(id, parts))
        if key not in self._first:
            same = all(part is child for part, child in zip(parts, own, strict=True))
            self._first[key] = node if same else rebuild(node, self.tree)
        return self._first[key]


def _head(node: Node) -> object:
    """What a node is, whatever it is made of."""
    if isinstance(node, Unary | Binary):
        return node.op
    if isinstance(node, Call):
        return (node.function, *(name for name, _ in node.options))
    return None if isinstance(node, Sequence) else node
