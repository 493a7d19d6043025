"""Numbers at several points at once: a tree is walked once for all of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from engine.equality.evaluation import Value, entries
from engine.equality.fields import MAX_POWER, Field
from engine.language.tree import Node, Number


class Several:
    """The numbers that one part of an expression has at each of the points."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Iterable[Any]) -> None:
        self.numbers = tuple(numbers)

    def __add__(self, other: Several) -> Several:
        return Several(map(operator.add, self.numbers, other.numbers))

    def __sub__(self, other: Several) -> Several:
        return Several(map(operator.sub, self.numbers, other.numbers))

    def __mul__(self, other: Several) -> Several:
        return Several(map(operator.mul, self.numbers, other.numbers))

    def __truediv__(self, other: Several | int) -> Several:
        if isinstance(other, int):
            return Several(number / other for number in self.numbers)
        return Several(map(operator.truediv, self.numbers, other.numbers))

    def __neg__(self) -> Several:
        return Several(map(operator.neg, self.numbers))


class AtSeveral(Field[Several]):
    """A number system at so many points; conditions are left to points one by one."""

    def __init__(self, field: Field[Any], count: int) -> None:
        self.field = field
        self.count = count

    def number(self, value: Fraction) -> Several:
        return Several((self.field.number(value),) * self.count)

    def constant(self, name: str) -> Several:
        return Several((self.field.constant(name),) * self.count)

    def power(self, base: Several, exponent: Node, value: Callable[[Node], Several]) -> Several:
        if _is_plain(exponent):
            return Several(map(operator.pow, base.numbers, value(exponent).numbers))
        pairs = zip(base.numbers, value(exponent).numbers, strict=True)
        return Several(self.field.power(x, exponent, _always(y)) for x, y in pairs)

    def function(self, name: str, arguments: Sequence[Several]) -> Several:
        rows = zip(*(argument.numbers for argument in arguments), strict=True)
        return Several(self.field.function(name, row) for row in rows)


def _is_plain(exponent: Node) -> bool:
    """Whether a power is one of a number system's own, as ``x^2`` is."""
    if not isinstance(exponent, Number):
        return False
    return exponent.value.denominator == 1 and abs(exponent.value) <= MAX_POWER


def _always(number: Any) -> Callable[[Node], Any]:
    return lambda _: number


def apart(value: Value, count: int) -> list[list[Any]]:
    """The entries of a value at each of so many points, whether it was found at one or several."""
    if count == 1:
        return [entries(value)]
    numbers = [entry.numbers for entry in entries(value)]
    return [[entry[at] for entry in numbers] for at in range(count)]
