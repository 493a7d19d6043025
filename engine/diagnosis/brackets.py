"""Slips with brackets: what belongs to a whole bracket reaches some of its terms, or too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.diagnosis.change import (
    MINUS_ONE,
    ONE,
    RARE,
    Change,
    Parts,
    added,
    factors,
    is_power,
    is_product,
    is_sum,
    multiplied,
    put,
    terms,
)
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Node

MAX_TERMS = 6
MAX_NESTED = 3
_OVER_ALL = {"sum", "mean", "norm", "diag", "transpose"}


class _Split(NamedTuple):
    """A node with terms of a bracket taken out: what stays, with its sign, and what comes out.

    ``say`` tells what belongs to the whole ``bracket``.
    """

    sign: int
    stays: Node
    out: Parts
    bracket: Node
    say: str = ""
    about: tuple[Node, ...] = ()


def left_out(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A bracket left out: ``a·b + c`` for ``a·(b + c)``, ``√a + b`` for ``√(a + b)``."""
    if not is_sum(node):
        for split in _splits(node, 0):
            about = (*split.about, split.bracket)
            tree = added([(split.sign, split.stays), *split.out])
            yield Change("bracket", split.say, about, tree, level=RARE)
        yield from _one_factor(factors(node))
        yield from _opened(factors(node))
        return
    parts = terms(node)
    for at, (sign, term) in enumerate(parts):
        if sign < 0 and at:
            for split in _splits(term, 0):
                say = "The minus belongs to all of {}, and so does what stands there."
                opened = put(parts, at, (-split.sign, split.stays), *split.out)
                yield Change("bracket", say, (split.bracket,), added(opened), level=RARE)


def _opened(parts: Parts) -> Iterator[Change]:
    """A bracket left out as it is written: ``a·b − c/d`` for ``a·(b − c)/d``."""
    for at, (direction, bracket) in enumerate(parts):
        inner = terms(bracket)
        before, after = parts[:at], parts[at + 1 :]
        if not before or not 1 < len(inner) <= MAX_TERMS:
            continue
        (first_sign, first), (last_sign, last) = inner[0], inner[-1]
        begin = factors(first)
        if not after and (direction > 0 or len(begin) == 1):
            continue
        begins = multiplied([*before, (direction * begin[0][0], begin[0][1]), *begin[1:]])
        ends = multiplied([*factors(last), *after])
        tree = added([(first_sign, begins), *inner[1:-1], (last_sign, ends)])
        yield Change("bracket", "The bracket around {} is missing.", (bracket,), tree, level=RARE)


def _one_factor(parts: Parts) -> Iterator[Change]:
    """One of several factors given to one term of a bracket, the others to all of it."""
    if not 2 < len(parts) <= MAX_TERMS:
        return
    for at, (direction, bracket) in enumerate(parts):
        inner = terms(bracket)
        if direction < 0 or not 1 < len(inner) <= MAX_TERMS:
            continue
        for i, part in enumerate(parts):
            if i == at or part[1] == MINUS_ONE:
                continue
            for k, (sign, term) in enumerate(inner):
                once = multiplied([(1, term), part])
                whole = put(parts, at, (1, added(put(inner, k, (sign, once)))))
                what = "The factor {}" if part[0] > 0 else "The division by {}"
                say = f"{what} belongs to all of {{}}."
                tree = multiplied(put(whole, i))
                yield Change("bracket", say, (part[1], bracket), tree, level=RARE)


def _splits(node: Node, depth: int) -> Iterator[_Split]:
    """Every way to take terms out of a bracket somewhere in a node."""
    if depth > MAX_NESTED:
        return
    if is_sum(node) and depth:
        yield from _parted(node)
    elif is_product(node):
        yield from _of_product(node, depth)
    elif isinstance(node, Binary) and is_power(node):
        for split in _splits(node.left, depth + 1):
            if split.stays != ONE:
                say = "The power belongs to the whole of {}."
                yield split._replace(stays=replace(node, left=split.stays), say=say, about=())
        for split in _splits(node.right, depth + 1):
            say = "The whole of {} stands in the exponent."
            whole = replace(node, right=added([(split.sign, split.stays)]))
            yield split._replace(sign=1, stays=whole, say=say, about=())
    elif isinstance(node, Call) and _is_of_one(node):
        for split in _splits(node.arguments[0], depth + 1):
            if split.stays == ONE:
                continue
            say = split.say or f"{node.function} belongs to the whole of {{}}."
            inside = (split.stays, *node.arguments[1:])
            yield split._replace(stays=replace(node, arguments=inside), say=say)


def _is_of_one(call: Call) -> bool:
    """Whether a function is of one number: of its argument, or to a base."""
    one = len(call.arguments) == 1 or call.function == "log"
    return one and call.function not in _OVER_ALL


def _parted(bracket: Node) -> Iterator[_Split]:
    """One term out, or one term kept."""
    parts = terms(bracket)
    if len(parts) > MAX_TERMS:
        return
    for at, part in enumerate(parts):
        rest = put(parts, at)
        if len(rest) == 1:
            yield _Split(*rest[0], [part], bracket)
        else:
            yield _Split(1, added(rest), [part], bracket)
            yield _Split(*part, rest, bracket)


def _of_product(node: Node, depth: int) -> Iterator[_Split]:
    parts = factors(node)
    for at, (direction, factor) in enumerate(parts):
        others = put(parts, at)
        for split in _splits(factor, depth + 1):
            stays = multiplied(put(parts, at, (direction, split.stays)))
            if stays == Binary("/", ONE, ONE):
                continue
            if split.say:
                yield split._replace(stays=stays)
            elif direction < 0:
                yield split._replace(stays=stays, say="The division is by all of {}.")
            elif all(side < 0 for side, _ in others):
                shown = (multiplied([(1, other) for _, other in others]),)
                say = "The division by {} belongs to all of {}."
                yield split._replace(stays=stays, say=say, about=shown)
            else:
                say = "The factor {} belongs to all of {}."
                yield split._replace(stays=stays, say=say, about=(multiplied(others),))


# -- too many terms in the bracket -----------------------------------------------------------


def drawn_in(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A bracket drawn too wide: ``a·(b + c)`` for ``a·b + c``, ``√(a + b)`` for ``√a + b``."""
    parts = terms(node)
    if len(parts) < 2:
        return
    for at, (sign, term) in enumerate(parts):
        for others in _neighbours(parts, at):
            drawn = [parts[i] for i in others]
            left = [part for i, part in enumerate(parts) if i not in others]
            place = left.index((sign, term))
            inside = _Drawn([(sign * s, t) for s, t in drawn], 1, first=min(others) < at)
            ways = [(sign, whole) for whole in inside.into(term)]
            if sign < 0:
                inside = _Drawn(drawn, -1, first=min(others) < at)
                ways += [(1, whole) for whole in inside.into(term)]
            for outer, whole in ways:
                say = "{} stands by itself, outside of that bracket."
                tree = added(put(left, place, (outer, whole)))
                yield Change("bracket", say, (added(drawn),), tree, level=RARE)


def _neighbours(parts: Parts, at: int) -> list[tuple[int, ...]]:
    """The terms beside one, and all the others together."""
    beside: list[tuple[int, ...]] = [(i,) for i in (at - 1, at + 1) if 0 <= i < len(parts)]
    others = tuple(i for i in range(len(parts)) if i != at)
    return beside if len(others) == 1 or len(parts) > MAX_TERMS else [*beside, others]


class _Drawn(NamedTuple):
    """Terms drawn in beside something of a sign, in front of it or behind."""

    more: Sequence[tuple[int, Node]]
    sign: int
    first: bool

    def beside(self, node: Node) -> list[Node]:
        """The node and the terms in one bracket; nothing where one cancels another."""
        own = [(self.sign * s, t) for s, t in terms(node)]
        if any((-s, t) in own for s, t in self.more):
            return []
        return [added([*self.more, *own] if self.first else [*own, *self.more])]

    def into(self, node: Node, depth: int = 0) -> Iterator[Node]:
        """A term with the others drawn into it somewhere."""
        if depth > MAX_NESTED:
            return
        if depth:
            yield from self.beside(node)
        if is_product(node):
            yield from self.into_product(factors(node), depth)
        elif isinstance(node, Call) and _is_of_one(node):
            for whole in self.into(node.arguments[0], depth + 1):
                yield replace(node, arguments=(whole, *node.arguments[1:]))
        elif isinstance(node, Binary) and is_power(node):
            for whole in self.into(node.left, depth + 1):
                yield replace(node, left=whole)

    def into_product(self, parts: Parts, depth: int) -> Iterator[Node]:
        above = [part for part in parts if part[0] > 0]
        below = [part for part in parts if part[0] < 0]
        if len(above) > 1 and below:
            for whole in self.beside(multiplied(above)):
                yield multiplied([(1, whole), *below])
        for at, (direction, factor) in enumerate(parts):
            for whole in self.into(factor, depth + 1):
                yield multiplied(put(parts, at, (direction, whole)))
        for at, part in enumerate(parts):
            for whole in self.beside(multiplied(put(parts, at))) if part[1] != MINUS_ONE else ():
                joined = (1, whole)
                yield multiplied([part, joined] if at == 0 and part[0] > 0 else [joined, part])
