"""Trees modulo a prime: rational functions are compared exactly, and so are unknown ones.

A nonzero rational function vanishes at a random point modulo p with probability at most degree/p
(Schwartz 1980, Zippel 1979), unless all of it is a multiple of p. The value of a function such as
log is an unknown of its own for each argument. Two trees that agree so are equal wherever both are
defined, whatever the functions are; two that don't differ for certain only if there are no
unknowns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from flint import fmpz, fmpz_mod, fmpz_mod_ctx

from engine.equality.evaluation import Remembering, entries
from engine.equality.fields import MAX_POWER, Field, NotComparable, whole_number
from engine.equality.points import Setting, hashed
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Constant, Itself, Node, Number, each, kept

PRIME = 2**127 - 1
_DEFINED_EVERYWHERE = {
    *("exp", "pi", "sin", "cos", "atan", "sinh", "cosh", "tanh", "sech", "asinh", "sinc"),
    *("abs", "sign", "floor", "ceil", "trunc", "round", "min", "max", "relu", "cbrt"),
}
_IN_ANY_ORDER = {"min", "max", "gcd", "lcm"}
Unknown = tuple[str | int, ...]
"""A function and its arguments."""


class Residues(Field[fmpz_mod]):
    """Whole numbers modulo a prime. Raises ZeroDivisionError at a pole."""

    def __init__(self, prime: int) -> None:
        self.prime = prime
        self.numbers = _numbers_modulo(prime)
        self.one = self.numbers(1)
        self.unknowns: dict[Unknown, fmpz_mod] = {}

    def number(self, value: Fraction) -> fmpz_mod:
        top = self.numbers(value.numerator)
        return top if value.denominator == 1 else top / self.numbers(value.denominator)

    def constant(self, name: str) -> fmpz_mod:
        if name not in ("e", "pi"):
            raise NotComparable(name)
        return self._exponential(self.one) if name == "e" else self._unknown("pi")

    def power(self, base: fmpz_mod, exponent: Node, value: Callable[[Node], fmpz_mod]) -> fmpz_mod:
        whole = whole_number(exponent)
        if whole is None:
            given = value(exponent)
            is_e = ("exp", 1) in self.unknowns and base == self.unknowns["exp", 1]
            return self._exponential(given) if is_e else self._unknown("^", base, given)
        if abs(whole) > MAX_POWER:
            raise NotComparable("power")
        return base**whole if whole >= 0 else (self.one / base) ** -whole

    def function(self, name: str, arguments: Sequence[fmpz_mod]) -> fmpz_mod:
        if name == "exp":
            return self._exponential(arguments[0])
        if name == "sqrt":
            return self._unknown("^", arguments[0], self.number(Fraction(1, 2)))
        if name == "sigmoid":
            return self.one / (self.one + self._exponential(-arguments[0]))
        ordered = sorted(arguments, key=int) if name in _IN_ANY_ORDER else arguments
        return self._unknown(name, *ordered)

    def _exponential(self, exponent: fmpz_mod) -> fmpz_mod:
        """e^−x as 1/e^x."""
        if int(exponent) > self.prime // 2:
            return self.one / self._unknown("exp", -exponent)
        return self._unknown("exp", exponent)

    def _unknown(self, name: str, *arguments: fmpz_mod) -> fmpz_mod:
        key: Unknown = (name, *map(int, arguments))
        if key not in self.unknowns:
            self.unknowns[key] = self.numbers(hashed(repr(key), self.prime))
        return self.unknowns[key]


class Fingerprint(NamedTuple):
    """The entries of a tree at a point.

    ``unknowns``: whether there are any. ``gaps``: what may be undefined somewhere, and so where
    the tree is.
    """

    entries: list[fmpz_mod]
    unknowns: bool
    gaps: frozenset[Unknown]


@lru_cache(maxsize=1024)
def fingerprint(tree: Itself, setting: Setting, at: int, prime: int) -> Fingerprint:
    """The tree at one of the points. Raises NotComparable, and ZeroDivisionError at a pole."""
    field = Residues(prime)
    evaluation = Remembering(field, _values(setting, at, prime), setting.sizes(at))
    found = entries(evaluation.of(tree.tree))
    if not field.unknowns:
        return Fingerprint(found, False, frozenset())
    gaps = {unknown for unknown in field.unknowns if unknown[0] not in _DEFINED_EVERYWHERE}
    for divisor in _divisors(tree.tree):
        gaps.add(("/", *map(int, entries(evaluation.of(divisor)))))
    return Fingerprint(found, True, frozenset(gaps))


def unforeseen(*trees: Node) -> int:
    """A prime that depends on the trees, which so can't hold multiples of it on purpose."""
    number = fmpz(hashed("\0".join(tree.exactly for tree in trees), PRIME // 2) + PRIME // 2)
    while not number.is_probable_prime():
        number += 1
    return int(number)


_numbers_modulo = lru_cache(maxsize=64)(fmpz_mod_ctx)


@lru_cache(maxsize=256)
def _values(setting: Setting, at: int, prime: int) -> Mapping[str, Any]:
    """What every symbol is at a point."""
    sizes, numbers = setting.sizes(at), _numbers_modulo(prime)

    def draw(symbol: Symbol, key: str) -> fmpz_mod:
        drawn = sizes[symbol.name] if symbol.name in sizes else hashed(f"{key}\0{at}", prime)
        return numbers(drawn)

    return setting.values(sizes, draw)


@kept
def _divisors(tree: Node) -> tuple[Node, ...]:
    """What a tree divides by that may be 0: the factors, each by itself."""
    found: list[Node] = []
    for node in each(Binary, tree):
        if node.op == "/":
            found += _factors(node.right)
        elif node.op == "^" and (whole_number(node.right) or 0) < 0:
            found += _factors(node.left)
    return tuple(found)


def _factors(node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.op == "*":
        return _factors(node.left) + _factors(node.right)
    if isinstance(node, Binary) and node.op == "^" and (whole_number(node.right) or 0) > 0:
        return _factors(node.left)
    return [] if _is_positive(node) else [node]


def _is_positive(node: Node) -> bool:
    """Whether a part is positive wherever it is defined, as ``1 + e^x`` is."""
    if isinstance(node, Number):
        return node.value > 0
    if isinstance(node, Constant):
        return node.name in ("e", "pi")
    if isinstance(node, Call):
        return node.function in ("exp", "sigmoid", "cosh")
    if isinstance(node, Binary):
        if node.op == "^":
            return _is_positive(node.left)
        return node.op in ("+", "*", "/") and _is_positive(node.left) and _is_positive(node.right)
    return False
