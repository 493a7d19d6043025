"""Deciding whether two expressions are equal: exactly, or by proof to many digits.

Two answers are equal when they agree wherever both are defined, single points aside.
Rational functions are compared exactly (``modular``); everything else in ball arithmetic
(``balls``), where a difference is proved by an enclosure without 0 and agreement means more
than 50 digits at every point. Nothing here depends on the machine, the day or a random seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from engine.equality import modular
from engine.language.symbols import Symbol
from engine.language.tree import Node


@dataclass(frozen=True)
class Equality:
    """``same`` is None where too few points are usable to tell.

    ``decided_by``: ``exact``, ``counterexample``, ``50 digits`` or ``undecided``.
    ``counterexample``: values of the symbols at which the two provably differ.
    """

    same: bool | None
    decided_by: str
    counterexample: Mapping[str, Fraction] = field(default_factory=dict)


def equal(left: Node, right: Node, symbols: Sequence[Symbol]) -> Equality:
    """Whether two scalar expressions are equal over the domains of their symbols."""
    if left == right:
        return Equality(True, "exact")
    exact = modular.identical(left, right)
    if exact is not None:
        return Equality(exact, "exact")
    from engine.equality import balls

    return balls.compare(left, right, symbols)
