"""Naming the slip behind a wrong answer: which one change of the reference gives that answer?

If changes of exactly one kind do, the slip is told. If none does, or two kinds do, nothing is
said: a wrong diagnosis is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from engine.diagnosis.changes import Change, changes, size
from engine.equality import equal
from engine.equality.balls import FIRST, fingerprinter
from engine.equality.fields import NotComparable
from engine.language.axes import Mismatch, typed
from engine.language.errors import Undefined
from engine.language.exact import Value
from engine.language.printer import format_value
from engine.language.symbols import Symbol
from engine.language.tree import Node, Number, names, walk
from engine.values import bind
from engine.verdict import Diagnosis

MAX_NODES = 120
MAX_CONFIRMED = 12
NEAR = 0.005
Print = list[list[Any] | None]


def diagnose(reference: Node, answer: Node, symbols: Sequence[Symbol]) -> Diagnosis | None:
    """The slip that turns the reference into the answer; both are expressions, not yet typed."""
    try:
        given = _decided(answer, symbols)
        base = fingerprinter(_decided(reference, symbols), tuple(symbols))
        seen = base.of(given)
    except (Mismatch, NotComparable):
        return None
    first = (c for c, print in _prints(reference, tuple(symbols)) if not _apart(print, seen[FIRST]))
    near = (change for change in first if _alike(base.of(change.tree), seen))
    return _one_kind(islice(near, MAX_CONFIRMED), lambda tree: _equal(tree, given, symbols))


def _decided(tree: Node, symbols: Sequence[Symbol]) -> Node:
    """The tree with its products decided; without matrices they are. Raises Mismatch."""
    if all(symbol.axes is None for symbol in symbols):
        return tree
    return typed(tree, {symbol.name: symbol for symbol in symbols}).node


def rounded(reference: Node, answer: Node, symbols: Sequence[Symbol]) -> Diagnosis | None:
    """Whether an answer misses the reference only because its decimals are rounded."""
    decimals = [node.text for node in walk(answer) if isinstance(node, Number) and "." in node.text]
    if not decimals:
        return None
    try:
        key = _decided(reference, symbols)
        base = fingerprinter(key, tuple(symbols))
        prints = zip(base.of(key), base.of(_decided(answer, symbols)), strict=True)
    except (Mismatch, NotComparable):
        return None
    pairs = [pair for a, b in prints if a and b for pair in zip(a, b, strict=False)]
    if not pairs or not all(abs(a - b) <= abs(a) * NEAR for a, b in pairs):
        return None
    shown = " and ".join(dict.fromkeys(decimals))
    are = "is" if len(set(decimals)) == 1 else "are"
    say = f"Nearly: {shown} {are} rounded. Decimals are exact here, so write a fraction or a root."
    return Diagnosis("rounded", say)


def diagnose_number(
    reference: Node, values: Mapping[str, Value], agrees: Callable[[Node], bool]
) -> Diagnosis | None:
    """The slip for a number given by an expression in parameters that have values.

    ``agrees`` tells whether a changed expression has the student's value.
    """
    known = {name: Symbol(name) for name in sorted(names(reference)) if name in values}
    try:
        bound = bind(reference, values)
        exchanged = [
            change._replace(tree=bind(change.tree, values), text=_in_numbers(change.text, values))
            for change in changes(reference, known)
            if change.kind == "symbol"
        ]
    except Undefined:
        return None
    if size(bound) > MAX_NODES:
        return None
    return _one_kind((*changes(bound, {}), *exchanged), lambda tree: _holds(agrees, tree))


def _holds(agrees: Callable[[Node], bool], tree: Node) -> bool:
    try:
        return agrees(tree)
    except Undefined:
        return False


def _in_numbers(text: str, values: Mapping[str, Value]) -> str:
    """``10 stands where 95 belongs.`` for ``fn stands where fp belongs.``"""
    other, _, rest = text.partition(" stands where ")
    name = rest.removesuffix(" belongs.")
    if other not in values or name not in values:
        return "One number stands where another belongs."
    return f"{format_value(values[other])} stands where {format_value(values[name])} belongs."


def _one_kind(found: Iterable[Change], holds: Callable[[Node], bool]) -> Diagnosis | None:
    """The slip, if the changes that hold are of one kind."""
    one: Change | None = None
    for change in found:
        if (one is None or change.kind != one.kind) and holds(change.tree):
            if one is not None:
                return None
            one = change
    return None if one is None else Diagnosis(one.kind, one.text)


@lru_cache(maxsize=256)
def _prints(reference: Node, symbols: tuple[Symbol, ...]) -> list[tuple[Change, Print]]:
    """The changes of a reference, each with its value at the first point."""
    if size(reference) > MAX_NODES:
        return []
    declared = {symbol.name: symbol for symbol in symbols}
    base = fingerprinter(_decided(reference, symbols), symbols)
    found = []
    for change in changes(reference, declared):
        try:
            tree = _decided(change.tree, symbols)
            found.append((change._replace(tree=tree), base.of(tree, FIRST)))
        except (Mismatch, NotComparable):
            continue
    return found


def _alike(one: Print, other: Print) -> bool:
    """Whether two expressions agree at every point where both are defined."""
    compared = any(a is not None and b is not None for a, b in zip(one, other, strict=True))
    return compared and not _apart(one, other)


def _apart(one: Print, other: Print) -> bool:
    """Whether two expressions surely differ at one of the points."""
    pairs = ((a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None)
    return any(
        len(a) != len(b) or not all(x.overlaps(y) for x, y in zip(a, b, strict=True))
        for a, b in pairs
    )


def _equal(left: Node, right: Node, symbols: Sequence[Symbol]) -> bool:
    try:
        return equal(left, right, symbols).same is True
    except NotComparable:
        return False
