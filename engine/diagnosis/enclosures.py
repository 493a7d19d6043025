"""Enclosures of the values of expressions in numbers: most can't be the one that is looked for.

An enclosure is rounded outwards to fewer bits than a float has, so that it holds what exact
arithmetic gives, and what floats give where a value is irrational.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from flint import arb, ctx

from engine.equality.evaluation import Remembering
from engine.equality.fields import Balls, NotComparable
from engine.language.exact import Value
from engine.language.tree import Node
from engine.values import Reach

BITS = 40


class Enclosures:
    """Encloses the values of trees that share parts and outlive this, each part once."""

    def __init__(self, known: Mapping[str, Value]) -> None:
        field = Balls()
        numbers: dict[str, arb] = {}
        with ctx.workprec(BITS):
            for name, value in known.items():
                if isinstance(value, Fraction | float):
                    numbers[name] = field.number(Fraction(value))
        self._evaluation = Remembering(field, numbers, {})

    def of(self, trees: Iterable[Node]) -> list[arb | None]:
        """What encloses the value of each tree; None where nothing can be said."""
        with ctx.workprec(BITS):
            return list(map(self._of, trees))

    def _of(self, tree: Node) -> arb | None:
        try:
            found = self._evaluation.of(tree)
        except (NotComparable, KeyError, TypeError, ValueError, ArithmeticError):
            return None
        return found if isinstance(found, arb) and found.is_finite() else None


def spanned(reach: Reach) -> arb:
    """An enclosure of all numbers between two."""
    low, high = map(arb, reach)
    return low.union(high)
