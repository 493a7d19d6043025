"""The values of a reference and its changes at a few points."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import ctx

from engine.equality.evaluation import Evaluation, entries
from engine.equality.fields import Balls, ComplexBalls, Field
from engine.equality.points import Points
from engine.language.symbols import Symbol
from engine.language.tree import Name, Node, remembered

BITS = 128
POINTS, STEPPED = 5, 12
MAX_TRIED = 60
Print = list[Any] | None
"""The entries of an expression at a point; None where it isn't defined."""


class Sample(Evaluation):
    """One point, where the parts of some trees have been evaluated already."""

    kept: tuple[Node, ...] = ()

    def print(self, tree: Node) -> Print:
        """The entries of a tree there. Raises NotComparable."""
        with ctx.workprec(BITS):
            found = entries(self.of(tree))
        return found if all(entry.is_finite() for entry in found) else None

    def knowing(self, tree: Node) -> Sample:
        """The same point, a tree and all its parts evaluated."""
        sample = Sample(self.field, self.values, self.sizes)
        sample.known, sample.kept = dict(self.known), (*self.kept, tree)
        with ctx.workprec(BITS):
            sample.remember(tree)
        return sample


@remembered(maxsize=256)
def samples(reference: Node, symbols: tuple[Symbol, ...]) -> tuple[Sample, ...]:
    """Points at which a reference is defined. Raises NotComparable."""
    points = Points([Name(symbol.name) for symbol in symbols], symbols)
    wanted = STEPPED if Points((reference,), symbols).stepped else POINTS
    found: list[Sample] = []
    for at in range(MAX_TRIED):
        sample = _sample(points, symbols, at).knowing(reference)
        if sample.print(reference) is not None:
            found.append(sample)
        if len(found) == wanted:
            break
    return tuple(found)


def _sample(points: Points, symbols: Sequence[Symbol], at: int) -> Sample:
    unreal = {symbol.kind for symbol in symbols} & {"complex", "unit"}
    field: Field[Any] = ComplexBalls() if unreal else Balls()
    sizes = points.sizes(at)

    def draw(symbol: Symbol, key: str) -> Any:
        if symbol.kind == "unit":
            return field.constant("i")
        if symbol.name in sizes:
            return field.number(Fraction(sizes[symbol.name]))
        value = field.number(points.number(symbol, key, at))
        if symbol.kind == "complex":
            value += field.number(points.number(symbol, key + "\0i", at)) * field.constant("i")
        return value

    with ctx.workprec(BITS):
        return Sample(field, points.values(sizes, draw), sizes)
