"""Naming the slip behind a wrong answer: which one change of the reference gives that answer?

If changes of exactly one kind do, the slip is told. If none does, or two kinds do, nothing is
said: a wrong diagnosis is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from engine.diagnosis.changes import Change, changes, size
from engine.equality import equal
from engine.equality.balls import fingerprinter
from engine.equality.fields import NotComparable
from engine.language.axes import Mismatch, typed
from engine.language.errors import Undefined
from engine.language.exact import Value
from engine.language.printer import format_value
from engine.language.symbols import Symbol
from engine.language.tree import Node, names
from engine.values import bind
from engine.verdict import Diagnosis

MAX_NODES = 120
MAX_CONFIRMED = 12
Print = list[list[Any] | None]


def diagnose(reference: Node, answer: Node, symbols: Sequence[Symbol]) -> Diagnosis | None:
    """The slip that turns the reference into the answer; both are expressions, not yet typed."""
    declared = {symbol.name: symbol for symbol in symbols}
    try:
        given = typed(answer, declared).node
        base = fingerprinter(typed(reference, declared).node, tuple(symbols))
        seen = base.of(given)
    except (Mismatch, NotComparable):
        return None
    near = [change for change, print in _prints(reference, tuple(symbols)) if _alike(print, seen)]
    confirmed = [change for change in near[:MAX_CONFIRMED] if _equal(change.tree, given, symbols)]
    return _one_kind(confirmed)


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
    return _one_kind(c for c in (*changes(bound, {}), *exchanged) if _holds(agrees, c.tree))


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


def _one_kind(found: Iterable[Change]) -> Diagnosis | None:
    by_kind: dict[str, str] = {}
    for change in found:
        by_kind.setdefault(change.kind, change.text)
    if len(by_kind) != 1:
        return None
    kind, text = by_kind.popitem()
    return Diagnosis(kind, text)


@lru_cache(maxsize=256)
def _prints(reference: Node, symbols: tuple[Symbol, ...]) -> list[tuple[Change, Print]]:
    """The changes of a reference that are expressions with a value, each with its values."""
    if size(reference) > MAX_NODES:
        return []
    declared = {symbol.name: symbol for symbol in symbols}
    base = fingerprinter(typed(reference, declared).node, symbols)
    found = []
    for change in changes(reference, declared):
        try:
            tree = typed(change.tree, declared).node
            found.append((change._replace(tree=tree), base.of(tree)))
        except (Mismatch, NotComparable):
            continue
    return found


def _alike(one: Print, other: Print) -> bool:
    """Whether two expressions agree at every point where both are defined."""
    compared = 0
    for a, b in zip(one, other, strict=True):
        if a is None or b is None:
            continue
        if len(a) != len(b) or not all(x.overlaps(y) for x, y in zip(a, b, strict=True)):
            return False
        compared += 1
    return compared > 0


def _equal(left: Node, right: Node, symbols: Sequence[Symbol]) -> bool:
    try:
        return equal(left, right, symbols).same is True
    except NotComparable:
        return False
