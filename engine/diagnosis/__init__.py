"""Naming the slip behind a wrong answer: which one change of the reference gives that answer?

If changes of exactly one kind do, the slip is told. If none does, or two kinds do, nothing is
said: a wrong diagnosis is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, NamedTuple

from engine.diagnosis.change import MINUS_ONE, ONE, RARE, Change, is_atom, is_long
from engine.diagnosis.changes import changes
from engine.diagnosis.choice import the_one_kind, told
from engine.diagnosis.numbers import diagnose_number
from engine.diagnosis.samples import Print, Prints, Sample, Samples, bounds, samples
from engine.diagnosis.surplus import anything, without
from engine.diagnosis.written import pieces, written
from engine.equality import equal
from engine.equality.fields import NotComparable
from engine.language.axes import Mismatch, Shape, is_scalar, typed, without_keepdims
from engine.language.printer import one_line
from engine.language.symbols import Symbol
from engine.language.tree import Node, Number, each, remembered
from engine.verdict import Diagnosis

__all__ = ["diagnose", "diagnose_number", "rounded"]

MAX_CONFIRMED = 12
NEAR = 0.005


def diagnose(reference: Node, answer: Node, symbols: Sequence[Symbol]) -> Diagnosis | None:
    """The slip that turns the reference into the answer; both are expressions, not yet typed."""
    if is_long(reference) or is_long(answer):
        return None
    try:
        key = _prepared(reference, tuple(symbols))
        fitting = list(_fitting(key, answer))
        change = _confirmed(fitting, key.symbols)
    except (Mismatch, NotComparable):
        return None
    if change is None:
        return None
    discreet = _discreet(change, fitting, key.tree)
    return None if discreet is None else told(discreet, _shown, _place(discreet, answer, key))


def _shown(node: Node) -> str:
    return one_line(without_keepdims(node))


def rounded(reference: Node, answer: Node, symbols: Sequence[Symbol]) -> Diagnosis | None:
    """Whether an answer misses the reference only because its decimals are rounded."""
    decimals = [number.text for number in each(Number, answer) if "." in number.text]
    declared = {symbol.name: symbol for symbol in symbols}
    if not decimals:
        return None
    try:
        key = typed(reference, declared).node
        given = typed(answer, declared).node
        points = samples(key, tuple(symbols)).each
        prints = [(s.print(key), s.print(given)) for s in points]
    except (Mismatch, NotComparable):
        return None
    pairs = [pair for a, b in prints if a and b for pair in zip(a, b, strict=False)]
    if not pairs or not all(abs(a - b) <= abs(a) * NEAR for a, b in pairs):
        return None
    shown = " and ".join(dict.fromkeys(decimals))
    are = "is" if len(set(decimals)) == 1 else "are"
    say = f"Nearly: {shown} {are} rounded. Decimals are exact here, so write a fraction or a root."
    return Diagnosis("rounded", say)


# -- expressions -------------------------------------------------------------------------------


class _Changed(NamedTuple):
    """A change with its typed tree, its shape and its values at the samples.

    ``shape`` is None where the change doesn't fit together. The only value at the first sample
    lies between ``low`` and ``high``.
    """

    change: Change
    tree: Node
    shape: Shape | None
    prints: Prints
    low: float = -inf
    high: float = inf

    @property
    def first(self) -> Print:
        return next(iter(self.prints), None)


class _Key(NamedTuple):
    """A reference with its changes. ``shape`` is that of the reference."""

    tree: Node
    shape: Shape
    symbols: tuple[Symbol, ...]
    declared: Mapping[str, Symbol]
    samples: Samples
    changed: tuple[_Changed, ...]

    @property
    def matrices(self) -> bool:
        """Whether shapes have a say."""
        return any(symbol.axes is not None for symbol in self.symbols)


@remembered(maxsize=256)
def _prepared(reference: Node, symbols: tuple[Symbol, ...]) -> _Key:
    """Raises Mismatch and NotComparable."""
    declared = {symbol.name: symbol for symbol in symbols}
    tree, shape = typed(reference, declared)
    points = samples(tree, symbols)
    key = _Key(tree, shape, symbols, declared, points, ())
    found = (_changed(change, key) for change in changes(tree, declared))
    return key._replace(changed=tuple(one for one in found if one is not None))


def _changed(change: Change, key: _Key) -> _Changed | None:
    tree, shape = change.tree, key.shape
    try:
        if key.matrices:
            tree, shape = typed(tree, key.declared)
        prints = Prints(tree, key.samples)
        low, high = bounds(next(iter(prints), None))
    except Mismatch:
        return _Changed(change, tree, None, Prints(tree, Samples()))
    except NotComparable:
        return None
    return _Changed(change, tree, shape, prints, low, high)


class _Fit(NamedTuple):
    """A change that fits as far as the samples tell, and the two trees that must be equal."""

    change: Change
    left: Node
    right: Node


def _fitting(key: _Key, answer: Node) -> Iterator[_Fit]:
    """The changes that give the answer, those first that are steps from the reference."""
    try:
        given, shape = typed(answer, key.declared) if key.matrices else (answer, key.shape)
    except Mismatch:
        yield from _written_alike(key, answer)
        return
    if not key.samples.each:
        yield from _written_alike(key, answer)
        return
    first = key.samples.each[0].knowing(given)
    prints = Prints(given, key.samples._replace(each=(first, *key.samples.each[1:])))
    if not any(prints):
        yield from _written_alike(key, answer)
        return
    if all(0 in value for print in prints for value in print or ()):
        return
    hollow = is_atom(given)
    low, high = bounds(prints[0])
    for one in key.changed:
        if one.low > high or one.high < low or (hollow and one.change.level == RARE):
            continue
        if one.shape is None or not _same_shape(one.shape, shape) or _unseen(one.change, answer):
            continue
        if _may_agree(one.first, prints[0]) and _agree(one.prints, prints):
            yield _Fit(one.change, one.tree, given)
    if _same_shape(shape, key.shape):
        yield from _surplus(key, given, first)


def _unseen(change: Change, answer: Node) -> bool:
    """Whether a 1 is said to be in a wrong bracket, and in the answer no 1 is to be seen."""
    moved = change.kind == "bracket" and change.about in ((ONE,), (MINUS_ONE,))
    return moved and not any(number == ONE for number in each(Number, answer))


def _surplus(key: _Key, given: Node, first: Sample) -> Iterator[_Fit]:
    """What is too much in the answer; ``first``: the first sample, which knows all its parts."""
    prints = Prints(key.tree, key.samples)
    wanted = prints[0]
    for change in without(given, first, anything if key.matrices else partial(_may_be, wanted)):
        tree, shape = change.tree, key.shape
        try:
            if key.matrices:
                tree, shape = typed(tree, key.declared)
            if not _same_shape(shape, key.shape) or not _may_agree(first.print(tree), wanted):
                continue
            if _agree(Prints(tree, key.samples), prints):
                yield _Fit(change, tree, key.tree)
        except (Mismatch, NotComparable):
            continue


def _written_alike(key: _Key, answer: Node) -> Iterator[_Fit]:
    """The changes written as the answer is; for what doesn't fit together, or has no value."""
    wanted = written(answer, key.declared)
    for one in key.changed:
        nowhere = one.shape is None or one.first is None
        if nowhere and written(one.change.tree, key.declared) == wanted:
            yield _Fit(one.change, answer, answer)


def _confirmed(fitting: Sequence[_Fit], symbols: Sequence[Symbol]) -> Change | None:
    """The change to tell, if the answer is the changed reference at more than the samples.

    Functions with steps agree at the samples now and then, so if the first choice fails, all
    that fit are looked at more closely; of several kinds the one written as the answer is told.
    """
    change = the_one_kind(fit.change for fit in fitting)
    if any(fit.change is change and _is_equal(fit, symbols) for fit in fitting):
        return change
    equal_ones = [fit for fit in fitting[:MAX_CONFIRMED] if _is_equal(fit, symbols)]
    change = the_one_kind(fit.change for fit in equal_ones)
    if change is not None:
        return change
    declared = {symbol.name: symbol for symbol in symbols}
    alike = (f for f in equal_ones if written(f.left, declared) == written(f.right, declared))
    return the_one_kind(fit.change for fit in alike)


def _discreet(change: Change, fitting: Sequence[_Fit], key: Node) -> Change | None:
    """The change told in words that don't hold the whole right answer; None without such."""
    if key not in change.about:
        return change
    others = (
        f.change for f in fitting if f.change.kind == change.kind and key not in f.change.about
    )
    return next(others, None)


def _is_equal(fit: _Fit, symbols: Sequence[Symbol]) -> bool:
    return fit.left == fit.right or equal(fit.left, fit.right, symbols).same is True


def _same_shape(one: Shape, other: Shape) -> bool:
    return one == other or (is_scalar(one) and is_scalar(other))


def _may_agree(one: Print, other: Print) -> bool:
    """Whether two expressions may be equal as far as one point tells."""
    if one is None or other is None:
        return True
    return len(one) == len(other) and all(x.overlaps(y) for x, y in zip(one, other, strict=True))


def _may_be(wanted: Print, value: Any) -> bool:
    """Whether a value may be the only one that is wanted."""
    return wanted is None or not value.is_finite() or value.overlaps(wanted[0])


def _agree(one: Prints, another: Prints) -> bool:
    """Whether two have the same values wherever both are defined, at one sample at least."""
    compared = 0
    for print, other in zip(one, another, strict=True):
        if not _may_agree(print, other):
            return False
        compared += print is not None and other is not None
    return compared > 0


def _place(change: Change, answer: Node, key: _Key) -> Node | None:
    """The part of the answer that a change is about, as the student wrote it."""
    if change.place is None or is_atom(change.place):
        return None
    wanted = written(change.place, key.declared)
    for piece in pieces(answer):
        if piece is not answer and written(piece, key.declared) == wanted:
            return piece
    return None
