"""Slips behind a number that is given by an expression in parameters.

Numbers coincide where expressions don't. What people often do goes before what they seldom do;
two slips that differ for other values of the parameters are two, even if of one kind; and where
the slips' values stand so close together that a random number would hit one, nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property
from math import log
from typing import NamedTuple

from engine.diagnosis.change import FACT, RARE, SLIP, Change, is_long
from engine.diagnosis.changes import MAX_CHANGES, changes
from engine.diagnosis.choice import of_one_kind, told
from engine.diagnosis.symbols import MAX_OTHERS
from engine.language.errors import Undefined
from engine.language.exact import Remembering, Value, as_number
from engine.language.printer import one_line
from engine.language.symbols import Symbol
from engine.language.tree import Node, Sharing, names, remembered
from engine.values import bind, close, nearly
from engine.verdict import Diagnosis

MAX_NAMES = 8
CROWDED = {SLIP: 0.6, RARE: 0.1, FACT: 0.1}
"""The share of the numbers around an answer that slips of a level may give."""
UNLIKE = 0.01
SLACK = 0.01
"""How much of a number a tolerance covers, to both sides together."""
_NEARLY_WHOLE = Fraction(1, 10**12)
_NEAR_ENOUGH = 1e-9
_SAME = Fraction(1, 10**6)
_SHIFT = Fraction(3, 7)


class _Reference(NamedTuple):
    """What is looked at before a reference is changed: its size, and the names in it."""

    long: bool
    names: frozenset[str]


class _Slip(NamedTuple):
    """A change with its value; ``near`` is about that value, for looking over many of them."""

    change: Change
    value: Fraction
    near: float


def diagnose_number(
    reference: Node,
    values: Mapping[str, Value],
    agrees: Callable[[Fraction], bool],
    reach: tuple[float, float] = (-math.inf, math.inf),
) -> Diagnosis | None:
    """The slip for a number given by an expression in parameters that have values.

    ``agrees`` tells whether a changed expression's value is the student's. ``reach``: between
    which numbers all that agree lie.
    """
    long, free = _looked_at(reference)
    if long:
        return None
    own = sorted(free & values.keys())
    others = sorted(n for n, value in values.items() if n not in free and _is_number(value))
    strange = [n for n in others if _is_strange(values[n])][:MAX_NAMES]
    known = tuple((n, values[n]) for n in (*own, *strange))
    candidates = tuple(n for n in (*own, *others) if _is_number(values[n]))[:MAX_OTHERS]
    slips = _slips(reference, known, candidates)
    fitting = slips.fitting(agrees, reach)
    for level in (SLIP, RARE, FACT):
        some = [slip for slip in fitting if slip.change.level == level]
        if some:
            change = slips.one(some)
            if change is None or slips.crowded(some[0].value, level):
                return None
            return told(change, lambda node: one_line(bind(node, values)))
    return None


@remembered(maxsize=1024)
def _looked_at(reference: Node) -> _Reference:
    return _Reference(is_long(reference), names(reference))


def _is_number(value: Value) -> bool:
    return isinstance(value, Fraction | float)


def _is_strange(value: Value) -> bool:
    """Whether a number that isn't in the reference can be told from 0 and from 1."""
    if value in (math.inf, -math.inf):
        return False
    far = abs(Fraction(as_number(value)))
    return far > UNLIKE and abs(far - 1) > UNLIKE


class _Changed(NamedTuple):
    """A reference with those of its changes that may explain a number.

    Equal parts of all their trees are one object. ``cut``: there are more changes than were made.
    """

    reference: Node
    changes: tuple[Change, ...]
    cut: bool


@remembered(maxsize=256)
def _changed(reference: Node, scalars: tuple[str, ...]) -> _Changed:
    free, share = names(reference), Sharing()
    key = share.tree(reference)
    every = changes(key, {name: Symbol(name) for name in scalars})
    found = [
        change._replace(tree=share.tree(change.tree))
        for change in every
        if not _explains_nothing(change, free)
    ]
    return _Changed(key, tuple(found), len(every) == MAX_CHANGES)


def _explains_nothing(change: Change, free: frozenset[str]) -> bool:
    """One of the reference's own symbols for another; a multiple of the whole."""
    if change.kind == "symbol":
        return change.level == RARE and names(change.about[0]) <= free
    return change.kind == "factor" and change.level == FACT


@remembered(maxsize=256)
def _slips(
    reference: Node, values: tuple[tuple[str, Value], ...], candidates: tuple[str, ...]
) -> _Slips:
    return _Slips(reference, values, candidates)


class _Slips:
    """The changes of a reference with the numbers that they give for some values.

    Which numbers may stand for others differs from variant to variant, so changes are made for all
    ``candidates``, once for many variants.
    """

    def __init__(
        self,
        reference: Node,
        values: tuple[tuple[str, Value], ...],
        candidates: tuple[str, ...],
    ) -> None:
        self.values = values
        self.scalars = tuple(n for n, value in values if _is_number(value))
        self.here = _Numbers(dict(values))
        self.changed = _changed(reference, candidates)
        if self.changed.cut or not set(self.scalars).issubset(candidates):
            self.changed = _changed(reference, self.scalars)
        key = self.here.of(self.changed.reference)
        self.all: list[_Slip] = []
        for change in self.changed.changes:
            if change.kind == "symbol" and not names(change.about[0]) <= self.here.known.keys():
                continue
            value = self.here.of(change.tree)
            if value is not None and value not in (0, key):
                self.all.append(_Slip(change, value, nearly(value)))

    @cached_property
    def elsewhere(self) -> _Numbers:
        """The same for other values of the parameters."""
        return _Numbers(
            {
                name: _moved(value, at) if name in self.scalars else value
                for at, (name, value) in enumerate(self.values)
            }
        )

    def fitting(
        self, agrees: Callable[[Fraction], bool], reach: tuple[float, float]
    ) -> list[_Slip]:
        """The slips whose value agrees with the student's, those of one value side by side."""
        low, high = reach
        found: dict[Fraction, list[_Slip]] = {}
        for slip in self.all:
            if low <= slip.near <= high and _holds(agrees, slip.value) and self.sizeable(slip):
                found.setdefault(slip.value, []).append(slip)
        return [slip for some in found.values() for slip in some]

    def sizeable(self, slip: _Slip) -> bool:
        """Whether what a change is about is more than a parameter that is 0."""
        return all(self.here.of(node) != 0 for node in slip.change.about)

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
        whole = value.denominator == 1
        if whole:
            room = min(room, float(abs(value)) * 1.5 + 1)
        around = [
            slip
            for slip in self.all
            if slip.change.level <= level and (slip.value.denominator == 1 or not whole)
        ]
        most = CROWDED[level] * room
        if len(around) <= most:
            return False
        given = {slip.value for slip in around if _is_around(value, slip) and self.sizeable(slip)}
        return len(given) > most


def _is_around(value: Fraction, slip: _Slip) -> bool:
    return abs(value) <= 2 * abs(slip.value) <= 4 * abs(value)


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
