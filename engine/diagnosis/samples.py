"""The values of a reference and its changes at a few points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import inf, nextafter
from typing import Any, NamedTuple

from flint import arb, ctx

from engine.equality.evaluation import Evaluation, entries
from engine.equality.fields import Balls, ComplexBalls, Field, NotComparable
from engine.equality.points import Points, Setting
from engine.equality.several import AtSeveral, Several, apart
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
            return _print(entries(self.of(tree)))

    def knowing(self, tree: Node) -> Sample:
        """The same point, a tree and all its parts evaluated."""
        sample = Sample(self.field, self.values, self.sizes)
        sample.known, sample.kept = dict(self.known), (*self.kept, tree)
        with ctx.workprec(BITS):
            sample.remember(tree)
        return sample


def _print(found: list[Any]) -> Print:
    return found if all(entry.is_finite() for entry in found) else None


class Samples(NamedTuple):
    """Some points; ``rest`` is all but the first of them at once, where that goes."""

    each: tuple[Sample, ...] = ()
    rest: Sample | None = None


class Prints:
    """The prints of a tree at some samples: the first, and the rest once they are asked for."""

    def __init__(self, tree: Node, samples: Samples) -> None:
        self._tree = tree
        self._samples = samples
        self._taken: dict[int, Print] = {}

    def __iter__(self) -> Iterator[Print]:
        return (self[at] for at in range(len(self._samples.each)))

    def __getitem__(self, at: int) -> Print:
        """Raises NotComparable."""
        if at and at not in self._taken:
            self._taken |= enumerate(self._rest(), 1)
        if at not in self._taken:
            self._taken[at] = self._samples.each[at].print(self._tree)
        return self._taken[at]

    def _rest(self) -> Iterable[Print]:
        if self._samples.rest is None:
            return ()
        try:
            with ctx.workprec(BITS):
                value = self._samples.rest.of(self._tree)
        except NotComparable:
            return ()
        return map(_print, apart(value, len(self._samples.each) - 1))


def bounds(print: Print) -> tuple[float, float]:
    """Where the only entry of a print lies, in floats; anywhere if there is no such entry."""
    if print is None or len(print) != 1 or not isinstance(print[0], arb):
        return -inf, inf
    low, high = float(print[0].lower()), float(print[0].upper())
    return nextafter(low, -inf), nextafter(high, inf)


@remembered(maxsize=256)
def samples(reference: Node, symbols: tuple[Symbol, ...]) -> Samples:
    """Points at which a reference is defined. Raises NotComparable."""
    setting = Points([Name(symbol.name) for symbol in symbols], symbols).anywhere
    wanted = STEPPED if Points((reference,), symbols).stepped else POINTS
    found: list[Sample] = []
    for at in range(MAX_TRIED):
        sample = _sample(setting, symbols, at).knowing(reference)
        if sample.print(reference) is not None:
            found.append(sample)
        if len(found) == wanted:
            break
    return Samples(tuple(found), _at_once(found[1:], reference))


def _at_once(found: Sequence[Sample], reference: Node) -> Sample | None:
    """Samples as one; None for fewer than two, and where the reference has no value there."""
    if len(found) < 2 or any(sample.matrices for sample in found):
        return None
    values = {name: Several(sample.values[name] for sample in found) for name in found[0].values}
    sample = Sample(AtSeveral(found[0].field, len(found)), values, {}).knowing(reference)
    return sample if id(reference) in sample.known else None


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
