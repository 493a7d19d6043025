"""Comparing two expressions point by point in ball arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from flint import acb, arb, ctx

from engine.equality.evaluation import Evaluation
from engine.equality.fields import Balls, ComplexBalls, Field, NotComparable
from engine.equality.points import Points, Setting
from engine.equality.several import AtSeveral, Several, apart
from engine.language.symbols import Symbol
from engine.language.tree import Itself, Node

GUARD = 42
REAL: Field[Any] = Balls()
COMPLEX: Field[Any] = ComplexBalls()
Sides = tuple[list[Any], list[Any]]
STEPS = {1: 1, 4: 4, 16: 40}
"""The precision grows by these factors until a point is decided, the work by about these."""
MAX_PRECISION, LARGE = 30_000, 1_000
"""Bits beyond which no point is tried again, and from which on they cost more."""
SPECIAL = (0, 1, -1)


class Place(NamedTuple):
    """A point, where one symbol may be held at a value of its own."""

    at: int
    name: str = ""
    value: int = 0


class Comparison:
    """Two expressions and the points at which they are compared.

    ``bits``: how far two values must be known and agree. ``one_sided``: at some point so far
    one side was defined and the other was not; ``nowhere``: so far neither was defined at a
    point that decided nothing. ``work``: what was spent so far, in the units of ``Points.work``.
    ``ahead``: both sides at points still to come.
    """

    def __init__(
        self,
        left: Node,
        right: Node,
        points: Points,
        bits: int,
        complex_numbers: bool,
    ) -> None:
        self.left = left
        self.right = right
        self.points = points
        self.bits = bits
        self.field = COMPLEX if complex_numbers else REAL
        self.one_sided = False
        self.nowhere = True
        self.work = 0
        self.ahead: dict[int, Sides] = {}
        self._singly = False

    def at(self, index: int) -> bool | None:
        """Whether both sides agree there; None where a side is undefined or stays unclear."""
        for step, work in STEPS.items():
            precision = (self.bits + GUARD) * step
            if step > 1 and precision > MAX_PRECISION:
                break
            self.work += work * self.points.work * (1 + (precision // LARGE) ** 2)
            with ctx.workprec(precision):
                ahead = self.ahead.pop(index, None) if step == 1 else None
                left, right = ahead or self._sides([Place(index)], precision)[0]
                agree = self._agree(left, right)
                if agree is not None:
                    return agree
                if any(x.is_nan() for x in (*left, *right) if isinstance(x, arb)):
                    break
        self.one_sided |= _defined(left) != _defined(right)
        self.nowhere &= not (_defined(left) or _defined(right))
        return None

    def _agree(self, left: list[Any], right: list[Any]) -> bool | None:
        """Entry by entry: False if any pair surely differs, True if all that count agree."""
        agreed = unclear = 0
        for a, b in zip(left, right, strict=True):
            if not (a.is_finite() and b.is_finite()):
                continue
            if not a.overlaps(b):
                return False
            if _known(a, self.bits) and _known(b, self.bits):
                agreed += 1
            else:
                unclear += 1
        return True if agreed and not unclear else None

    def look_ahead(self, indices: Sequence[int]) -> None:
        """Evaluate both sides at points that come next, at all of them at once where that goes."""
        if self._singly:
            return
        sizes_at = self.points.anywhere.sizes
        alike = [Place(at) for at in indices if sizes_at(at) == sizes_at(indices[0])]
        try:
            sides = self._sides(alike, self.bits + GUARD)
        except NotComparable:
            self._singly = True
            return
        self.ahead |= {place.at: both for place, both in zip(alike, sides, strict=True)}

    def _sides(self, places: Sequence[Place], precision: int) -> list[Sides]:
        """Both sides' entries at places where the axes are as long as at the first."""
        with ctx.workprec(precision):
            setting = self.points.setting_of(place.at for place in places)
            evaluation = _evaluation(setting, tuple(places), precision, self.field)
            left = apart(evaluation.of(self.left), len(places))
            right = _entries(Itself(self.right), evaluation, len(places))
        return list(zip(left, right, strict=True))

    def evaluation(self, index: int) -> Evaluation:
        """What every symbol is at a point."""
        known = _evaluation(self.points.setting_of((index,)), (Place(index),), ctx.prec, self.field)
        return Evaluation(known.field, known.values, known.sizes)

    def scalars(self, index: int) -> dict[str, Fraction]:
        """The real scalars of a point, for showing as a counterexample."""
        setting = self.points.setting_of((index,))
        sizes = setting.sizes(index)
        return {
            symbol.name: Fraction(sizes[symbol.name])
            if symbol.name in sizes
            else setting.number(symbol, symbol.name, index)
            for symbol in self.points.symbols
            if symbol.axes is None and symbol.kind in ("real", "integer")
        }

    def differs_in_domain(self) -> bool:
        """Whether one side alone is undefined where a symbol is 0, 1 or −1 (``|x|/x`` at 0)."""
        places = [
            Place(0, symbol.name, special)
            for special in SPECIAL
            for symbol in self.points.symbols
            if symbol.axes is None and symbol.kind == "real" and not symbol.bound
        ]
        if not places:
            return False
        try:
            sides: Iterable[Sides] = self._sides(places, self.bits)
        except NotComparable:
            sides = (self._sides([place], self.bits)[0] for place in places)
        return any(_defined(left) != _defined(right) for left, right in sides)


@lru_cache(maxsize=512)
def _entries(tree: Itself, evaluation: Evaluation, count: int) -> list[list[Any]]:
    """The entries of a tree at each of so many places; of a reference they are asked for again."""
    return apart(evaluation.of(tree.tree), count)


@lru_cache(maxsize=256)
def _evaluation(
    setting: Setting, places: tuple[Place, ...], precision: int, field: Field[Any]
) -> Evaluation:
    """What every symbol is at some places, at one precision."""
    sizes = setting.sizes(places[0].at)

    def draw(symbol: Symbol, key: str) -> Any:
        numbers = [_number(symbol, key, place, setting, field) for place in places]
        return Several(numbers) if len(places) > 1 else numbers[0]

    with ctx.workprec(precision):
        values = setting.values(sizes, draw)
    several = AtSeveral(field, len(places)) if len(places) > 1 else field
    return Evaluation(several, values, sizes)


def _number(symbol: Symbol, key: str, place: Place, setting: Setting, field: Field[Any]) -> Any:
    """A number of a symbol at a place."""
    sizes = setting.sizes(place.at)
    if symbol.name == place.name:
        return field.number(Fraction(place.value))
    if symbol.kind == "unit":
        return field.constant("i")
    if symbol.name in sizes:
        return field.number(Fraction(sizes[symbol.name]))
    value = field.number(setting.number(symbol, key, place.at))
    if symbol.kind == "complex":
        other = field.number(setting.number(symbol, key + "\0i", place.at))
        return value + other * field.constant("i")
    return value


def _defined(values: list[Any]) -> bool:
    return all(value.is_finite() for value in values)


def _known(value: arb | acb, bits: int) -> bool:
    """Whether a value is known to that many bits, or no number typed here could tell it from 0."""
    if value.is_zero() or value.rel_accuracy_bits() >= bits:
        return True
    return bool(value.abs_upper() < arb(2) ** (-3 * bits))
