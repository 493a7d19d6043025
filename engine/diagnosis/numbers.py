"""Slips behind a number that is given by an expression in parameters.

Numbers coincide where expressions don't. What people often do goes before what they seldom do;
two slips that differ for other values of the parameters are two, even if of one kind; and where
the slips' values stand so close together that a random number would hit one, nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from math import log
from typing import NamedTuple

from flint import arb

from engine.diagnosis.change import FACT, RARE, SLIP, Change, is_long
from engine.diagnosis.changes import changes
from engine.diagnosis.choice import of_one_kind, told
from engine.diagnosis.enclosures import Enclosures, spanned
from engine.language.errors import Undefined
from engine.language.exact import Remembering, Value, as_number
from engine.language.printer import one_line
from engine.language.symbols import Symbol
from engine.language.tree import Node, Sharing, names, remembered
from engine.values import Reach, bind, close, nearly
from engine.verdict import Diagnosis

MAX_NAMES = 8
CROWDED = {SLIP: 0.6, RARE: 0.1, FACT: 0.1}
"""The share of the numbers around an answer that slips of a level may give."""
UNLIKE = 100
"""A number further than a hundredth from 0 and 1 can be told from them."""
SLACK = 0.01
"""How much of a number a tolerance covers, to both sides together."""
_NEARLY_WHOLE = Fraction(1, 10**12)
_NEAR_ENOUGH = 1e-9
_SAME = Fraction(1, 10**6)
_SHIFT = Fraction(3, 7)
_AROUND = 2.01


class _Reference(NamedTuple):
    """What is looked at before a reference is changed: its size, and the names in it."""

    long: bool
    names: frozenset[str]


class _Slip(NamedTuple):
    """A change with its value."""

    change: Change
    value: Fraction


def diagnose_number(
    reference: Node,
    values: Mapping[str, Value],
    agrees: Callable[[Fraction], bool],
    reach: Reach = (-math.inf, math.inf),
) -> Diagnosis | None:
    """The slip for a number given by an expression in parameters that have values.

    Numbers that aren't in the reference have a place instead of a name in its changes, which are
    the same then for all variants. ``agrees`` tells whether a changed expression's value is the
    student's. ``reach``: between which numbers all that agree lie.
    """
    long, free = _looked_at(reference)
    if long:
        return None
    own = sorted(free & values.keys())
    others = sorted(n for n, value in values.items() if n not in free and _is_strange(value))
    standing = (f"#{at}" for at in range(MAX_NAMES))
    known = dict(zip((*own, *standing), (values[n] for n in (*own, *others)), strict=False))
    slips = _slips(reference, tuple(known.items()))
    fitting = slips.fitting(agrees, reach)
    for level in (SLIP, RARE, FACT):
        some = [slip for slip in fitting if slip.change.level == level]
        if some:
            change = slips.one(some)
            if change is None or slips.crowded(some[0].value, level):
                return None
            if slips.tells_key(change):
                return None
            return told(change, lambda node: one_line(bind(node, known)))
    return None


@remembered(maxsize=1024)
def _looked_at(reference: Node) -> _Reference:
    return _Reference(is_long(reference), names(reference))


def _is_number(value: Value) -> bool:
    return isinstance(value, Fraction | float)


def _is_strange(value: Value) -> bool:
    """Whether a number that isn't in the reference can be told from 0 and from 1."""
    if not _is_number(value) or value in (math.inf, -math.inf):
        return False
    number = Fraction(as_number(value))
    top, bottom = abs(number.numerator), number.denominator
    return UNLIKE * top > bottom and UNLIKE * abs(top - bottom) > bottom


class _Changed(NamedTuple):
    """A reference with those of its changes that may explain a number.

    Equal parts of all their trees are one object.
    """

    reference: Node
    changes: tuple[Change, ...]


@remembered(maxsize=1024)
def _changed(reference: Node, scalars: tuple[str, ...]) -> _Changed:
    free, share = names(reference), Sharing()
    key = share.tree(reference)
    found = [
        change._replace(tree=share.tree(change.tree))
        for change in changes(key, {name: Symbol(name) for name in scalars})
        if not _explains_nothing(change, free)
    ]
    return _Changed(key, tuple(found))


def _explains_nothing(change: Change, free: frozenset[str]) -> bool:
    """One of the reference's own symbols for another; a multiple of the whole."""
    if change.kind == "symbol":
        return change.level == RARE and names(change.about[0]) <= free
    return change.kind == "factor" and change.level == FACT


@remembered(maxsize=1024)
def _slips(reference: Node, values: tuple[tuple[str, Value], ...]) -> _Slips:
    return _Slips(reference, values)


class _Slips:
    """The changes of a reference with the numbers that they give for some values."""

    def __init__(self, reference: Node, values: tuple[tuple[str, Value], ...]) -> None:
        self.values = values
        self.here = _Numbers(dict(values))
        scalars = tuple(name for name, value in values if _is_number(value))
        self.changed = _changed(reference, scalars)
        enclosed = Enclosures(self.here.known).of(one.tree for one in self.changed.changes)
        self.all = list(zip(self.changed.changes, enclosed, strict=True))

    @cached_property
    def elsewhere(self) -> _Numbers:
        """The same for other values of the parameters."""
        return _Numbers(
            {
                name: _moved(value, at) if _is_number(value) else value
                for at, (name, value) in enumerate(self.values)
            }
        )

    def fitting(self, agrees: Callable[[Fraction], bool], reach: Reach) -> list[_Slip]:
        """The slips whose value agrees with the student's, those of one value side by side."""
        found: dict[Fraction, list[_Slip]] = {}
        for slip in self.within(spanned(reach)):
            if _holds(agrees, slip.value) and self.sizeable(slip):
                found.setdefault(slip.value, []).append(slip)
        return [slip for some in found.values() for slip in some]

    def within(self, room: arb, level: int = FACT) -> Iterator[_Slip]:
        """The slips up to a level whose values may lie there, but for 0 and the reference's own."""
        key = self.here.of(self.changed.reference)
        for change, enclosed in self.all:
            if change.level <= level and (enclosed is None or enclosed.overlaps(room)):
                value = self.here.of(change.tree)
                if value is not None and value not in (0, key):
                    yield _Slip(change, value)

    def sizeable(self, slip: _Slip) -> bool:
        """Whether what a change is about is more than a parameter that is 0."""
        return all(self.here.of(node) != 0 for node in slip.change.about)

    def tells_key(self, change: Change) -> bool:
        """Whether the words of a change would hold the right answer."""
        return self.here.of(self.changed.reference) in map(self.here.of, change.about)

    def one(self, fitting: list[_Slip]) -> Change | None:
        """The one slip that fits; None for slips that differ elsewhere and are told differently."""
        chosen = of_one_kind(slip.change for slip in fitting)
        if chosen is None:
            return None
        alike = [slip.change for slip in fitting if slip.change.kind == chosen.kind]
        if all(self.same(alike[0], change) for change in alike[1:]):
            return chosen
        return None

    def same(self, one: Change, other: Change) -> bool:
        """Whether two slips are one for other parameters too, or are told with the same numbers."""
        there, too = self.elsewhere.of(one.tree), self.elsewhere.of(other.tree)
        if there is not None and too is not None and close(there, too, _SAME):
            return True
        about = [[self.here.of(node) for node in change.about] for change in (one, other)]
        return one.say == other.say and about[0] == about[1]

    def crowded(self, value: Fraction, level: int) -> bool:
        """Whether slips up to a level give so many of the numbers around one that chance would."""
        room = log(4) / SLACK
        if value.denominator == 1:
            room = min(room, nearly(abs(value)) * 1.5 + 1)
        most, size = CROWDED[level] * room, nearly(abs(value))
        if sum(change.level <= level for change, _ in self.all) <= most:
            return False
        around = {
            slip.value
            for slip in self.within(spanned((-_AROUND * size, _AROUND * size)), level)
            if abs(value) <= 2 * abs(slip.value) <= 4 * abs(value) and self.sizeable(slip)
        }
        if value.denominator == 1:
            around = {near for near in around if near.denominator == 1}
        return len(around) > most


def _moved(value: Value, at: int) -> Value:
    """Another value of a parameter; what lies between −1 and 1 stays there."""
    number, step = Fraction(as_number(value)), _SHIFT / (at + 2)
    return number * (1 + step if abs(number) >= 1 else 1 - step) or step


class _Numbers:
    """The values of expressions that share parts, where the parameters have some values."""

    def __init__(self, known: Mapping[str, Value]) -> None:
        from engine.template import REFERENCES

        self.known = known
        self._evaluation = Remembering(known, REFERENCES)

    def of(self, tree: Node) -> Fraction | None:
        """The value of an expression, exact but for what only rounding keeps from being whole."""
        try:
            exact = Fraction(as_number(self._evaluation.of(tree)))
        except (Undefined, OverflowError, ValueError, TypeError):
            return None
        if exact.denominator == 1 or not _seems_whole(exact):
            return exact
        near = abs(exact - round(exact)) <= _NEARLY_WHOLE * abs(exact)
        return Fraction(round(exact)) if near else exact


def _seems_whole(value: Fraction) -> bool:
    """Whether a number may be nearly whole, as far as a float tells."""
    near = nearly(value)
    return math.isinf(near) or abs(near - round(near)) <= _NEAR_ENOUGH * abs(near)


def _holds(agrees: Callable[[Fraction], bool], value: Fraction) -> bool:
    try:
        return agrees(value)
    except Undefined:
        return False
