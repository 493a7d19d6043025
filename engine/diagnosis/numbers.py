"""Slips behind a number that is given by an expression in parameters.

Numbers coincide where expressions don't. What people often do goes before what they seldom do;
two slips that differ for other values of the parameters are two, even if of one kind; and where
the slips' values stand so close together that a random number would hit one, nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import log
from typing import NamedTuple

from engine.diagnosis.change import FACT, RARE, SLIP, Change, is_long
from engine.diagnosis.changes import changes
from engine.diagnosis.choice import of_one_kind, told
from engine.language.errors import Undefined
from engine.language.exact import Value, as_number, evaluate
from engine.language.printer import one_line
from engine.language.symbols import Symbol
from engine.language.tree import Node, names
from engine.values import as_tree, bind, close
from engine.verdict import Diagnosis

MAX_NAMES = 8
CROWDED = {SLIP: 0.6, RARE: 0.1, FACT: 0.1}
"""The share of the numbers around an answer that slips of a level may give."""
UNLIKE = 0.01
SLACK = 0.01
"""How much of a number a tolerance covers, to both sides together."""
_NEARLY_WHOLE = Fraction(1, 10**12)
_SAME = Fraction(1, 10**6)
_SHIFT = Fraction(3, 7)


class _Slip(NamedTuple):
    """A change with its value, and its value for other parameters (None where it has none)."""

    change: Change
    value: Fraction
    shifted: Fraction | None


class _Group(NamedTuple):
    """The slips that give one number."""

    number: Node
    slips: tuple[_Slip, ...]


def diagnose_number(
    reference: Node, values: Mapping[str, Value], agrees: Callable[[Node], bool]
) -> Diagnosis | None:
    """The slip for a number given by an expression in parameters that have values.

    ``agrees`` tells whether a changed expression has the student's value.
    """
    if is_long(reference):
        return None
    free = names(reference)
    others = sorted(n for n, value in values.items() if n not in free and _is_strange(value))
    kept = (*sorted(free & values.keys()), *others[:MAX_NAMES])
    groups = _groups(reference, tuple((name, values[name]) for name in kept))
    fitting = [slip for group in groups if _holds(agrees, group.number) for slip in group.slips]
    for level in (SLIP, RARE, FACT):
        some = [slip for slip in fitting if slip.change.level == level]
        if some:
            change = _one_slip(some, values)
            if change is None or _crowded(some[0].value, groups, level):
                return None
            if _value(reference, values) in [_value(node, values) for node in change.about]:
                return None  # its words would hold the right answer
            return told(change, lambda node: one_line(bind(node, values)))
    return None


def _is_strange(value: Value) -> bool:
    """Whether a number that isn't in the reference can be told from 0 and from 1."""
    if not isinstance(value, Fraction | float) or value in (math.inf, -math.inf):
        return False
    far = abs(Fraction(value))
    return far > UNLIKE and abs(far - 1) > UNLIKE


@lru_cache(maxsize=256)
def _groups(reference: Node, values: tuple[tuple[str, Value], ...]) -> tuple[_Group, ...]:
    """The changes of a reference by the number that they give."""
    known = dict(values)
    scalars = {n: Symbol(n) for n, value in known.items() if isinstance(value, Fraction | float)}
    shifted = {
        n: _moved(value, at) if n in scalars else value for at, (n, value) in enumerate(values)
    }
    key = _value(reference, known)
    found: dict[Fraction, list[_Slip]] = {}
    free = names(reference)
    for change in changes(reference, scalars):
        if change.level == RARE and change.kind == "symbol" and names(change.about[0]) <= free:
            continue
        value = _value(change.tree, known)
        if change.level == FACT and change.kind == "factor":
            continue
        if value is not None and value not in (0, key) and _is_sizeable(change, known):
            slip = _Slip(change, value, _value(change.tree, shifted))
            found.setdefault(value, []).append(slip)
    return tuple(_Group(as_tree(value), tuple(some)) for value, some in found.items())


def _is_sizeable(change: Change, known: Mapping[str, Value]) -> bool:
    """Whether what a change is about is more than a parameter that is 0."""
    return all(_value(node, known) != 0 for node in change.about)


def _moved(value: Value, at: int) -> Value:
    """Another value of a parameter; what lies between −1 and 1 stays there."""
    number, step = Fraction(as_number(value)), _SHIFT / (at + 2)
    return number * (1 + step if abs(number) >= 1 else 1 - step) or step


def _value(tree: Node, known: Mapping[str, Value]) -> Fraction | None:
    """The value of an expression, exact but for what only rounding keeps from being whole."""
    from engine.template import REFERENCES

    try:
        exact = Fraction(as_number(evaluate(tree, known, REFERENCES)))
    except (Undefined, OverflowError, ValueError, TypeError):
        return None
    near = abs(exact - round(exact)) <= _NEARLY_WHOLE * abs(exact)
    return Fraction(round(exact)) if near else exact


def _one_slip(fitting: list[_Slip], values: Mapping[str, Value]) -> Change | None:
    """The one slip that fits; None for slips that differ elsewhere and are told differently."""
    chosen = of_one_kind(slip.change for slip in fitting)
    if chosen is None:
        return None
    alike = [slip for slip in fitting if slip.change.kind == chosen.kind]
    first = alike[0]
    if all(_same(first, slip, values) for slip in alike[1:]):
        return chosen
    return None


def _same(one: _Slip, other: _Slip, values: Mapping[str, Value]) -> bool:
    """Whether two slips are one for other parameters too, or are told with the same numbers."""
    both = one.shifted is not None and other.shifted is not None
    if both and close(one.shifted or 0, other.shifted or 0, _SAME):
        return True
    about = [[_value(node, values) for node in slip.change.about] for slip in (one, other)]
    return one.change.say == other.change.say and about[0] == about[1]


def _crowded(value: Fraction, groups: Iterable[_Group], level: int) -> bool:
    """Whether slips up to a level give so many of the numbers around one that chance would."""
    around = {
        slip.value
        for group in groups
        for slip in group.slips
        if slip.change.level <= level and abs(value) <= 2 * abs(slip.value) <= 4 * abs(value)
    }
    room = log(4) / SLACK
    if value.denominator == 1:
        around = {near for near in around if near.denominator == 1}
        room = min(room, float(abs(value)) * 1.5 + 1)
    return len(around) > CROWDED[level] * room


def _holds(agrees: Callable[[Node], bool], tree: Node) -> bool:
    try:
        return agrees(tree)
    except Undefined:
        return False
