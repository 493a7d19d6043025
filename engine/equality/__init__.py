"""Deciding whether two expressions are equal: exactly, or by proof to many digits.

Two answers are equal when they agree wherever both are defined, single points aside. Modulo a
large prime it is found which are one whatever the functions in them are, and which rational
functions differ. Everything else is evaluated in ball arithmetic, where a difference is proved by
enclosures that don't overlap, and agreement means more than 50 digits at every point. Nothing here
depends on the machine, the day or a seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, inf
from typing import NamedTuple

from engine.equality.points import Points
from engine.language.errors import Undefined
from engine.language.exact import as_number, evaluate
from engine.language.symbols import Symbol
from engine.language.tree import (
    Binary,
    Call,
    Constant,
    Itself,
    Node,
    Number,
    Unary,
    children,
    each,
    kept,
)

AGREEMENT = 170
"""Bits to which two values must be known and agree, 51 decimal digits; more where the
expressions themselves hold longer numbers."""
MAX_SHORT = 64
"""Bits of a number that asks for no more."""
MAX_BITS = 4_000
MAX_SPREAD = 20_000
"""Bits between the terms of a sum from which on agreement proves nothing."""
MAX_POINTS = 600
SMOOTH, BRANCHED, STEPPED = 10, 16, 40
FEWEST = 6
"""Points that are enough where nothing else is usable, as for ``sqrt(x − 100)``."""
TRIED, SIZES, FEWEST_SIZES = 4, 3, 2
"""Points where residues are compared; how many lengths of the axes do, and do beside poles."""
HEIGHT = 124
"""Bits that a multiple of the prime has at least; more than enough as an exponent."""
PERCENT = 7
MAX_WORK = 200_000
"""What a comparison may cost, in the units of ``Points.work``: about half a second."""


class Equality(NamedTuple):
    """``same`` is None where too few points are usable to tell.

    ``decided_by``: ``exact``, ``counterexample``, ``50 digits`` or ``undecided``.
    ``counterexample``: values of the scalars at which the two provably differ.
    ``partly``: one side was undefined at points where the other is defined.
    """

    same: bool | None
    decided_by: str
    counterexample: Mapping[str, Fraction] = {}
    partly: bool = False


def equal(left: Node, right: Node, symbols: Sequence[Symbol]) -> Equality:
    """Whether two expressions of one shape are equal over the domains of their symbols.

    Matrix expressions are typed trees (``engine.language.axes``). Raises NotComparable for
    what has no value as a number, such as a list.
    """
    if left == right:
        return Equality(True, "exact")
    infinite = _by_infinity(left, right)
    if infinite is not None:
        return Equality(infinite, "exact")
    points = Points((left, right), symbols)
    if any(symbol.kind in ("complex", "unit") for symbol in symbols):
        return _by_balls(left, right, points, symbols, complex_numbers=True)
    return _by_residues(left, right, points) or _by_balls(left, right, points, symbols)


def _by_infinity(left: Node, right: Node) -> bool | None:
    """Whether two constants, one of them infinite, are the same; else None."""
    if not (_holds_infinity(left) or _holds_infinity(right)):
        return None
    try:
        values = [as_number(evaluate(tree, {})) for tree in (left, right)]
    except Undefined:
        return None
    return values[0] == values[1] if any(abs(value) == inf for value in values) else None


@kept
def _holds_infinity(tree: Node) -> bool:
    return any(constant.name == "inf" for constant in each(Constant, tree))


def _by_residues(left: Node, right: Node, points: Points) -> Equality | None:
    """Whether two trees are one as far as residues tell; None where they don't.

    A false "equal" is rarer than 1 in 10^30; "different" is certain.
    """
    from engine.equality.residues import PRIME, unforeseen

    found = _modulo(PRIME, left, right, points, 1)
    if found is None or not found.same or not _may_hold_the_prime(left, right, points):
        return found
    sizes = SIZES if points.anywhere.axes else 1
    return _modulo(unforeseen(left, right), left, right, points, sizes)


def _modulo(prime: int, left: Node, right: Node, points: Points, enough: int) -> Equality | None:
    """What residues at so many points say; at fewer where the others are poles."""
    from engine.equality.fields import NotComparable
    from engine.equality.residues import fingerprint

    agreed = 0
    for at in range(TRIED):
        try:
            other = fingerprint(Itself(right), points.anywhere, at, prime)
            one = fingerprint(Itself(left), points.anywhere, at, prime)
        except ZeroDivisionError:
            continue
        except NotComparable:
            return None
        unknowns = one.unknowns or other.unknowns
        if one.entries != other.entries:
            return None if unknowns else Equality(False, "exact")
        if one.gaps != other.gaps:
            return None
        agreed += 1
        if agreed == enough:
            break
    return Equality(True, "exact") if agreed >= min(enough, FEWEST_SIZES) else None


def _may_hold_the_prime(left: Node, right: Node, points: Points) -> bool:
    """Whether two trees may differ by what is 0 modulo the prime; of matrices it isn't known."""
    return points.matrices or _height_of_all(left) + _height_of_all(right) >= HEIGHT


@kept
def _height_of_all(tree: Node) -> int:
    return _height(tree)


def _height(node: Node) -> int:
    """Bits of the coefficients of the fraction that a scalar tree is, at most, and of its degree.

    The sum of a polynomial's absolute coefficients is at most added up in a sum, and multiplied
    in a product. A power counts by its exponent, whatever its base: modulo a prime p, x^p is x.
    """
    from engine.equality.fields import whole_number

    if isinstance(node, Number):
        return _length(node.value)
    if isinstance(node, Binary) and node.op == "^":
        whole = whole_number(node.right)
        if whole is not None:
            return min(max(abs(whole), 1), HEIGHT) * max(_height(node.left), 1)
    below = sum(map(_height, children(node)))
    if isinstance(node, Unary):
        return below + (PERCENT if node.op == "%" else 0)
    return below + (isinstance(node, Call) or (isinstance(node, Binary) and node.op in ("+", "-")))


def _by_balls(
    left: Node,
    right: Node,
    points: Points,
    symbols: Sequence[Symbol],
    *,
    complex_numbers: bool = False,
) -> Equality:
    """Whether two expressions agree at deterministic points, each value enclosed."""
    from engine.equality.balls import Comparison
    from engine.equality.sizes import has_large_constants, spread

    comparison = Comparison(left, right, points, _bits(left, right), complex_numbers)
    if comparison.at(0) is False:
        return Equality(False, "counterexample", comparison.scalars(0))
    apart = 0.0
    if has_large_constants((left, right)):
        apart = spread(comparison.evaluation(0), (left, right))
        comparison.bits += ceil(apart) if apart <= MAX_SPREAD else 0
    needed = BRANCHED if points.branched else SMOOTH
    needed = max(STEPPED, points.between) if points.stepped else needed
    needed = 1 if points.constant else needed
    usable = 0
    for at in range(1 if points.constant else MAX_POINTS):
        if at and at not in comparison.ahead and comparison.work * needed <= MAX_WORK:
            comparison.look_ahead(range(at, at + needed - usable))
        agree = comparison.at(at)
        if agree is False:
            return Equality(False, "counterexample", comparison.scalars(at))
        usable += agree is True
        if comparison.work > MAX_WORK or usable >= needed:
            break
    if not usable and comparison.nowhere and not complex_numbers:
        return _beyond_the_reals(left, right, points, symbols)
    if usable < min(needed, FEWEST) or apart > MAX_SPREAD:
        return Equality(None, "undecided")
    partly = comparison.one_sided or comparison.differs_in_domain()
    return Equality(True, "50 digits", partly=partly)


def _beyond_the_reals(
    left: Node, right: Node, points: Points, symbols: Sequence[Symbol]
) -> Equality:
    """Of two expressions without any real value: the same if they are as complex numbers.

    Different complex values say nothing, for a root of a negative number may be meant as the
    real one: (−1)^(1/3) and (−1)^(1/5).
    """
    from engine.equality.fields import NotComparable

    try:
        verdict = _by_balls(left, right, points, symbols, complex_numbers=True)
    except NotComparable:
        return Equality(None, "undecided")
    return verdict if verdict.same else Equality(None, "undecided")


def _bits(*trees: Node) -> int:
    """Bits to which values must agree: more than any number that the expressions hold."""
    return AGREEMENT + min(max(map(_weight, trees)), MAX_BITS)


@kept
def _weight(tree: Node) -> int:
    longest = max((_length(number.value) for number in each(Number, tree)), default=0)
    powers = sum(_power_bits(power) for power in each(Binary, tree) if power.op == "^")
    return powers + (longest if longest > MAX_SHORT else 0)


def _length(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _power_bits(node: Binary) -> int:
    """The bits of ``10^-70``."""
    from engine.equality.fields import whole_number

    exponent = whole_number(node.right)
    if not isinstance(node.left, Number) or exponent is None or abs(exponent) < 8:
        return 0
    return min(_length(node.left.value) * abs(exponent), MAX_BITS)
