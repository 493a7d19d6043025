"""The values of a reference and its changes at a few points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import inf, nextafter
from typing import Any

from flint import arb, ctx

from engine.equality.evaluation import Evaluation, entries
from engine.equality.fields import Balls, ComplexBalls, Field
from engine.equality.points import Points, Setting
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


class Prints:
    """The prints of a tree at some samples, each taken when it is asked for."""

    def __init__(self, tree: Node, points: Sequence[Sample]) -> None:
        self._tree = tree
        self._points = points
        self._taken: dict[int, Print] = {}

    def __iter__(self) -> Iterator[Print]:
        return (self[at] for at in range(len(self._points)))

    def __getitem__(self, at: int) -> Print:
        """Raises NotComparable."""
        if at not in self._taken:
            self._taken[at] = self._points[at].print(self._tree)
        return self._taken[at]


def bounds(print: Print) -> tuple[float, float]:
    """Where the only entry of a print lies, in floats; anywhere if there is no such entry."""
    if print is None or len(print) != 1 or not isinstance(print[0], arb):
        return -inf, inf
    low, high = float(print[0].lower()), float(print[0].upper())
    return nextafter(low, -inf), nextafter(high, inf)


@remembered(maxsize=256)
def samples(reference: Node, symbols: tuple[Symbol, ...]) -> tuple[Sample, ...]:
    """Points at which a reference is defined. Raises NotComparable."""
    setting = Points([Name(symbol.name) for symbol in symbols], symbols).setting
    wanted = STEPPED if Points((reference,), symbols).stepped else POINTS
    found: list[Sample] = []
    for at in range(MAX_TRIED):
        sample = _sample(setting, symbols, at).knowing(reference)
        if sample.print(reference) is not None:
            found.append(sample)
        if len(found) == wanted:
            break
    return tuple(found)


def _sample(setting: Setting, symbols: Sequence[Symbol], at: int) -> Sample:
    unreal = {symbol.kind for symbol in symbols} & {"complex", "unit"}
    field: Field[Any] = ComplexBalls() if unreal else Balls()
    sizes = setting.sizes(at)

    def draw(symbol: Symbol, key: str) -> Any:
        if symbol.kind == "unit":
            return field.constant("i")
        if symbol.name in sizes:
            return field.number(Fraction(sizes[symbol.name]))
        value = field.number(setting.number(symbol, key, at))
        if symbol.kind == "complex":
            value += field.number(setting.number(symbol, key + "\0i", at)) * field.constant("i")
        return value

    with ctx.workprec(BITS):
        return Sample(field, setting.values(sizes, draw), sizes)
