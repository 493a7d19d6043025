"""Comparing two expressions point by point in ball arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from flint import acb, arb, ctx

from engine.equality.evaluation import Evaluation, entries
from engine.equality.fields import Balls, ComplexBalls, NotComparable
from engine.equality.points import Points
from engine.equality.several import AtSeveral, Several, apart
from engine.language.symbols import Symbol
from engine.language.tree import Node

GUARD = 42
Sides = tuple[list[Any], list[Any]]
STEPS = {1: 1, 4: 4, 16: 40}
"""The precision grows by these factors until a point is decided, the work by about these."""
MAX_PRECISION, LARGE = 30_000, 1_000
"""Bits beyond which no point is tried again, and from which on they cost more."""
EVERYWHERE, FIRST = slice(None), slice(1)
SPECIAL = (Fraction(0), Fraction(1), Fraction(-1))


class Place(NamedTuple):
    """A point, with some symbols held at numbers of their own."""

    at: int
    fixed: Mapping[str, Fraction] = {}


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
        symbols: Sequence[Symbol],
        bits: int,
        complex_numbers: bool,
    ) -> None:
        self.left = left
        self.right = right
        self.points = points
        self.bits = bits
        self.field: Balls | ComplexBalls = ComplexBalls() if complex_numbers else Balls()
        self.unit = {symbol.name for symbol in symbols if symbol.kind == "unit"}
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
                left, right = ahead or self._sides([Place(index)])[0]
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
        sizes = self.points.sizes(indices[0])
        alike = [Place(at) for at in indices if self.points.sizes(at) == sizes]
        if self._singly:
            return
        try:
            with ctx.workprec(self.bits + GUARD):
                sides = self._sides(alike)
        except NotComparable:
            self._singly = True
            return
        self.ahead |= {place.at: both for place, both in zip(alike, sides, strict=True)}

    def _sides(self, places: Sequence[Place]) -> list[Sides]:
        """Both sides' entries at places where the axes are as long as at the first."""
        sizes = self.points.sizes(places[0].at)
        if len(places) == 1:
            evaluation = self.evaluation(places[0])
            return [(entries(evaluation.of(self.left)), entries(evaluation.of(self.right)))]

        def draw(symbol: Symbol, key: str) -> Several:
            return Several(self._number(symbol, key, place, sizes) for place in places)

        field = AtSeveral(self.field, len(places))
        evaluation = Evaluation(field, self.points.values(sizes, draw), sizes)
        left, right = evaluation.of(self.left), evaluation.of(self.right)
        return list(zip(apart(left, len(places)), apart(right, len(places)), strict=True))

    def evaluation(self, place: Place) -> Evaluation:
        """What every symbol is at a place."""
        sizes = self.points.sizes(place.at)

        def draw(symbol: Symbol, key: str) -> Any:
            return self._number(symbol, key, place, sizes)

        return Evaluation(self.field, self.points.values(sizes, draw), sizes)

    def _number(self, symbol: Symbol, key: str, place: Place, sizes: dict[str, int]) -> Any:
        if symbol.name in place.fixed:
            return self.field.number(place.fixed[symbol.name])
        if symbol.name in self.unit:
            return self.field.constant("i")
        if symbol.name in sizes:
            return self.field.number(Fraction(sizes[symbol.name]))
        value = self.field.number(self.points.number(symbol, key, place.at))
        if symbol.kind == "complex":
            other = self.field.number(self.points.number(symbol, key + "\0i", place.at))
            return value + other * self.field.constant("i")
        return value

    def scalars(self, index: int) -> dict[str, Fraction]:
        """The real scalars of a point, for showing as a counterexample."""
        sizes = self.points.sizes(index)
        return {
            symbol.name: Fraction(sizes[symbol.name])
            if symbol.name in sizes
            else self.points.number(symbol, symbol.name, index)
            for symbol in self.points.symbols
            if symbol.axes is None and symbol.kind in ("real", "integer")
        }

    def differs_in_domain(self) -> bool:
        """Whether one side alone is undefined where a symbol is 0, 1 or −1 (``|x|/x`` at 0)."""
        places = [
            Place(0, {symbol.name: special})
            for special in SPECIAL
            for symbol in self.points.symbols
            if symbol.axes is None and symbol.kind == "real" and not symbol.bound
        ]
        if not places:
            return False
        with ctx.workprec(self.bits):
            try:
                sides: Iterable[Sides] = self._sides(places)
            except NotComparable:
                sides = (self._sides([place])[0] for place in places)
            return any(_defined(left) != _defined(right) for left, right in sides)


def _defined(values: list[Any]) -> bool:
    return all(value.is_finite() for value in values)


def _known(value: arb | acb, bits: int) -> bool:
    """Whether a value is known to that many bits, or no number typed here could tell it from 0."""
    if value.is_zero() or value.rel_accuracy_bits() >= bits:
        return True
    return bool(value.abs_upper() < arb(2) ** (-3 * bits))
