"""Drawing parameters: a counter-based generator over BLAKE2b, integers and rationals only.

A draw depends on the generator's version, the problem, the seed, the parameter's name and a
counter, on nothing else: the same code gives the same numbers on any machine, for ever, and
a new parameter doesn't change the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from hashlib import blake2b
from itertools import count
from math import prod
from typing import TypeVar

from engine.language.errors import Undefined
from engine.problem import Array, Entry, Maths, OneOf, Parameter, Range, Sample

GENERATOR = 1
MAX_SEED = 2**63 - 1
MAX_CELLS = 10_000

T = TypeVar("T")


class Stream:
    """The random numbers of one parameter in one attempt at a variant."""

    def __init__(self, problem: str, seed: int, name: str, attempt: int) -> None:
        fields = (str(GENERATOR), problem, str(seed), name, str(attempt))
        self._key = b"".join(
            len(part).to_bytes(4, "big") + part for part in (f.encode() for f in fields)
        )
        self._words = self._generate()

    def _generate(self) -> Iterator[int]:
        for block in count():
            digest = blake2b(self._key + block.to_bytes(8, "big")).digest()
            for at in range(0, 64, 8):
                yield int.from_bytes(digest[at : at + 8], "big")

    def below(self, bound: int) -> int:
        """A whole number from 0 to bound − 1, each equally likely (words beyond are dropped).

        Raises Undefined when there is nothing to choose from, or too much.
        """
        if not 0 < bound <= 2**64:
            raise Undefined(f"{bound} values can't be drawn from")
        limit = 2**64 - 2**64 % bound
        for word in self._words:
            if word < limit:
                return word % bound
        raise AssertionError("the stream has no end")

    def choice(self, entries: Sequence[T]) -> T:
        """One of the entries."""
        return entries[self.below(len(entries))]

    def sample(self, entries: Sequence[T], size: int) -> tuple[T, ...]:
        """``size`` different entries in random order (the first steps of Fisher–Yates).

        Raises Undefined when there are fewer.
        """
        return tuple(entries[place] for place in self.places(len(entries), size))

    def places(self, count: int, size: int) -> Iterator[int]:
        """``size`` different numbers below ``count``, however large that is."""
        moved: dict[int, int] = {}
        for at in range(size):
            other = at + self.below(count - at)
            yield moved.get(other, other)
            moved[other] = moved.get(at, at)


def draw(parameter: Parameter, stream: Stream, size_of: Callable[[str], int]) -> Entry:
    """A value of the parameter; ``size_of`` evaluates the expressions of an array's shape.

    Raises Undefined where the parameter has no such value.
    """
    if isinstance(parameter, Range):
        return _at(parameter, stream.below(steps(parameter)))
    if isinstance(parameter, OneOf | Maths):
        return stream.choice(parameter.entries)
    if isinstance(parameter, Sample):
        return stream.sample(parameter.entries, parameter.size)
    return _array(parameter, stream, [size_of(text) for text in parameter.shape])


def steps(parameter: Range) -> int:
    """How many values a range holds."""
    return int((parameter.high - parameter.low) / parameter.step) + 1


def entries(parameter: Range | OneOf) -> tuple[Entry, ...]:
    """All values of a range or list."""
    if isinstance(parameter, OneOf):
        return parameter.entries
    return tuple(_at(parameter, at) for at in range(steps(parameter)))


def _at(parameter: Range, place: int) -> Fraction:
    return parameter.low + place * parameter.step


def _array(parameter: Array, stream: Stream, shape: Sequence[int]) -> Entry:
    cells = prod(shape)
    if min(shape) < 1 or cells > MAX_CELLS:
        raise Undefined(f"an array of shape {tuple(shape)} can't be drawn")
    pool = parameter.entries
    count = steps(pool) if isinstance(pool, Range) else len(pool.entries)
    if parameter.distinct:
        places = stream.places(count, cells)
    else:
        places = (stream.below(count) for _ in range(cells))
    flat = [_at(pool, at) if isinstance(pool, Range) else pool.entries[at] for at in places]
    return _nest(flat, shape)


def _nest(flat: list[Entry], shape: Sequence[int]) -> Entry:
    if len(shape) == 1:
        return tuple(flat)
    width = len(flat) // shape[0]
    return tuple(_nest(flat[at : at + width], shape[1:]) for at in range(0, len(flat), width))
