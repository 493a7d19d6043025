"""Comparing two expressions point by point in ball arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import acb, arb, ctx

from engine.equality.evaluation import Evaluation, entries
from engine.equality.fields import Balls, ComplexBalls
from engine.equality.points import Points
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


class Comparison:
    """Two expressions and the points at which they are compared.

    ``bits``: how far two values must be known and agree. ``one_sided``: at some point so far
    one side was defined and the other was not; ``nowhere``: so far neither was defined at a
    point that decided nothing. ``work``: what was spent so far, in the units of ``Points.work``.
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

    def at(self, index: int) -> bool | None:
        """Whether both sides agree there; None where a side is undefined or stays unclear."""
        for step, work in STEPS.items():
            precision = (self.bits + GUARD) * step
            if step > 1 and precision > MAX_PRECISION:
                break
            self.work += work * self.points.work * (1 + (precision // LARGE) ** 2)
            with ctx.workprec(precision):
                left, right = self._sides(index)
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

    def _sides(self, index: int, fixed: Mapping[str, Fraction] = {}) -> Sides:
        """Both sides' entries at a point, some symbols fixed."""
        evaluation = self.evaluation(index, fixed)
        return entries(evaluation.of(self.left)), entries(evaluation.of(self.right))

    def evaluation(self, index: int, fixed: Mapping[str, Fraction] = {}) -> Evaluation:
        """What every symbol is at a point, some of them fixed."""
        sizes = self.points.sizes(index)

        def draw(symbol: Symbol, key: str) -> Any:
            if symbol.name in fixed:
                return self.field.number(fixed[symbol.name])
            return self._number(symbol, key, index, sizes)

        return Evaluation(self.field, self.points.values(sizes, draw), sizes)

    def _number(self, symbol: Symbol, key: str, index: int, sizes: dict[str, int]) -> Any:
        if symbol.name in self.unit:
            return self.field.constant("i")
        if symbol.name in sizes:
            return self.field.number(Fraction(sizes[symbol.name]))
        value = self.field.number(self.points.number(symbol, key, index))
        if symbol.kind == "complex":
            other = self.field.number(self.points.number(symbol, key + "\0i", index))
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
        for special in SPECIAL:
            for symbol in self.points.symbols:
                if symbol.axes is None and symbol.kind == "real" and not symbol.bound:
                    with ctx.workprec(self.bits):
                        left, right = self._sides(0, {symbol.name: special})
                        if _defined(left) != _defined(right):
                            return True
        return False


def _defined(values: list[Any]) -> bool:
    return all(value.is_finite() for value in values)


def _known(value: arb | acb, bits: int) -> bool:
    """Whether a value is known to that many bits, or no number typed here could tell it from 0."""
    if value.is_zero() or value.rel_accuracy_bits() >= bits:
        return True
    return bool(value.abs_upper() < arb(2) ** (-3 * bits))
