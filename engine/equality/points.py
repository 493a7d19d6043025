"""The points at which expressions are compared: always the same, inside the declared domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from hashlib import blake2b
from math import ceil, floor
from typing import Any, NamedTuple

from engine.equality.evaluation import Matrix
from engine.language.errors import Undefined
from engine.language.exact import as_number, evaluate
from engine.language.functions import ELEMENTWISE
from engine.language.symbols import Symbol
from engine.language.tree import (
    Binary,
    Call,
    Constant,
    Node,
    Number,
    Unary,
    children,
    each,
    kept,
    names,
    walk,
)

_SCALES = (*map(Fraction, (1, 3)), Fraction(1, 3), *map(Fraction, (10, 2, 30, 100)))
_STEPPED = {
    "floor",
    "ceil",
    "trunc",
    "gcd",
    "lcm",
    "round",
    "mod",
    "sign",
    "abs",
    "min",
    "max",
    "relu",
    "if",
    "norm",
}
_BRANCHED = {"sqrt", "cbrt", "root", "log", "asin", "acos", "atan", "atan2", "acosh", "atanh"}
_SIDES = ("between", "between", "above", "aside", "below")
_OF_GAMMA = {"factorial", "binomial", "perm"}
_CALL_WORK, _POWER_WORK, _FACTORIAL_WORK, _MATRIX_WORK = 4, 10, 20, 20
_GRAIN = 99_991
MAX_LANDMARKS, MAX_LANDMARK, FAR = 16, 10**12, 20
_NUMERIC = {function.name for function in ELEMENTWISE} - {"if"}

Draw = Callable[[Symbol, str], Any]
"""A number for a symbol, or for the entry of a matrix that the key names."""


class _Facts(NamedTuple):
    """What a tree says of the points at which it has to be compared."""

    stepped: bool
    branched: bool
    work: int


@kept
def _facts(tree: Node) -> _Facts:
    called = {call.function for call in each(Call, tree)}
    power = any(map(_is_power, each(Binary, tree)))
    return _Facts(
        stepped=not called.isdisjoint(_STEPPED),
        branched=power or not called.isdisjoint(_BRANCHED),
        work=sum(map(_work, walk(tree))),
    )


class Setting:
    """What the numbers of a point depend on: free symbols, named axes, landmarks.

    Comparisons in one setting share it, and so what was drawn and evaluated in it.
    """

    def __init__(
        self, symbols: tuple[Symbol, ...], axes: tuple[str, ...], landmarks: tuple[Fraction, ...]
    ) -> None:
        self.symbols = symbols
        self.axes = axes
        self.landmarks = landmarks
        self._places = {symbol.name: at for at, symbol in enumerate(symbols)}

    def sizes(self, index: int) -> dict[str, int]:
        """How long each named axis is at a point: at most points all lengths differ."""
        lengths = max(3, len(self.axes))
        return {axis: 2 + (at + index) % lengths for at, axis in enumerate(self.axes)}

    def values(self, sizes: Mapping[str, int], draw: Draw) -> dict[str, Any]:
        """What every symbol stands for, numbers supplied by ``draw``; axes are their lengths."""
        values: dict[str, Any] = {}
        for symbol in self.symbols:
            if symbol.axes is None:
                values[symbol.name] = draw(symbol, symbol.name)
                continue
            lengths = [int(axis) if axis.isdigit() else sizes[axis] for axis in symbol.axes]
            rows, columns = (1, *lengths)[-2:]
            values[symbol.name] = Matrix(
                tuple(
                    tuple(draw(symbol, f"{symbol.name}\0{i}\0{j}") for j in range(columns))
                    for i in range(rows)
                )
            )
        return values

    def number(self, symbol: Symbol, key: str, index: int) -> Fraction:
        """A rational at one of several scales, of either sign where the symbol allows it."""
        landmarks = self.landmarks if counts_landmarks(index) else ()
        return _number(symbol, key, index, self._places.get(key), landmarks)


_setting = lru_cache(maxsize=256)(Setting)


class Points:
    """The points for some expressions over declared symbols."""

    def __init__(self, trees: Sequence[Node], symbols: Iterable[Symbol]) -> None:
        declared = {symbol.name: symbol for symbol in symbols}
        free = sorted(frozenset[str]().union(*map(names, trees)))
        self.trees = trees
        self.symbols = tuple(declared.get(name) or Symbol(name) for name in free)
        self.anywhere = _setting(self.symbols, self._axes(declared.values()), ())

    def _axes(self, declared: Iterable[Symbol]) -> tuple[str, ...]:
        """The named axes; without matrices a length is a number like any other."""
        if not self.matrices:
            return ()
        return tuple(sorted({a for s in declared for a in s.axes or () if not a.isdigit()}))

    @property
    def matrices(self) -> bool:
        """Whether a matrix stands in the expressions."""
        return any(symbol.axes is not None for symbol in self.symbols) or any(
            call.function == "ones" for tree in self.trees for call in each(Call, tree)
        )

    @cached_property
    def setting(self) -> Setting:
        """The setting of points that are drawn by landmarks."""
        return _setting(self.symbols, self.anywhere.axes, _landmarks(self.trees))

    def setting_of(self, indices: Iterable[int]) -> Setting:
        """The setting of some points, the same for more expressions where no landmark counts."""
        return self.setting if any(map(counts_landmarks, indices)) else self.anywhere

    @property
    def between(self) -> int:
        """Points at which a symbol has been between any two landmarks, and above each."""
        return 9 * (len(self.setting.landmarks) + 1)

    @cached_property
    def stepped(self) -> bool:
        """Whether a function may jump or turn somewhere."""
        return any(_facts(tree).stepped for tree in self.trees)

    @cached_property
    def branched(self) -> bool:
        """Whether a function may be undefined on one side of a point."""
        return any(_facts(tree).branched for tree in self.trees)

    @cached_property
    def work(self) -> int:
        """What evaluating all costs, in about a microsecond."""
        each = _MATRIX_WORK if self.anywhere.axes else 1
        return sum(_facts(tree).work for tree in self.trees) * each

    @property
    def constant(self) -> bool:
        """Whether no symbol occurs, so that one point is all there is."""
        return not self.symbols


def counts_landmarks(index: int) -> bool:
    """Whether a point is one of those that are drawn by the landmarks."""
    return index % 3 == 2


@lru_cache(maxsize=8192)
def _number(
    symbol: Symbol, key: str, index: int, place: int | None, landmarks: tuple[Fraction, ...]
) -> Fraction:
    """The number of a point; ``place``: where the key stands among the free symbols."""
    drawn = hashed(f"{key}\0{index}", 2**64)
    if symbol.kind == "integer":
        size = Fraction(drawn % (7 if index % 4 < 2 else 40) + 1)
    else:
        size = _SCALES[index // 2 % len(_SCALES)] * Fraction(drawn % _GRAIN + 1, _GRAIN)
    negative = _is_negative(index, drawn, place)
    if landmarks:
        own = drawn % 97 if place is None else place
        size, negative = _near_landmark(size, index, own, landmarks)
    if symbol.kind == "integer":
        size = Fraction(max(round(size), 1))
    if symbol.side:
        return within(symbol, size)
    return -size if negative else size


def _near_landmark(
    size: Fraction, index: int, place: int, landmarks: tuple[Fraction, ...]
) -> tuple[Fraction, bool]:
    """A size between two landmarks, above one, below one or aside, by turns, and whether negative.

    First all that lies between is tried, with either sign, from 0 to beyond the last landmark.
    Aside, for a symbol may be small where another is near a landmark (``max(x, y/1000)``).
    Never at a round number, where two functions that are equal elsewhere may differ.
    """
    edges = (Fraction(0), *landmarks, 4 * landmarks[-1])
    turn, at = divmod(index // 3 + place, len(landmarks) + 1)
    low, high = edges[at], edges[at + 1]
    near = size
    side = _SIDES[(turn + 2 * place) % len(_SIDES)]
    if side == "between":
        near = low + (high - low) * Fraction(size.numerator % _GRAIN + 1, _GRAIN + 1)
    elif side == "above":
        near = low + size
    elif side == "below":
        near = abs(high - size) or high + size
    return near, turn >> place % 3 & 1 == 1


def _is_negative(index: int, drawn: int, place: int | None) -> bool:
    """Every other point has no negative symbol; the rest run through all mixtures of signs."""
    if index % 2 == 0:
        return False
    return (drawn >> 40) % 2 == 1 if place is None else (index // 2 + 1) >> place % 6 & 1 == 1


def within(symbol: Symbol, size: Fraction) -> Fraction:
    """A number of some size beyond the limit of a bounded symbol."""
    limit = symbol.limit
    if symbol.side == "<":
        return (floor(limit) if symbol.kind == "integer" else limit) - size
    return (ceil(limit) if symbol.kind == "integer" else limit) + size


def hashed(key: str, bound: int) -> int:
    """A number from 0 to bound − 1 that depends on the key alone."""
    digest = blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()
    return int.from_bytes(digest, "big") % bound


def _is_power(node: Binary) -> bool:
    """Whether a power may be a root: its exponent isn't a plain whole number."""
    if node.op != "^":
        return False
    return not isinstance(node.right, Number) or node.right.value.denominator != 1


def _work(node: Node) -> int:
    """What evaluating a node costs, in about a microsecond."""
    if isinstance(node, Binary):
        return _POWER_WORK if _is_power(node) else 1
    if isinstance(node, Call):
        return _FACTORIAL_WORK if node.function in _OF_GAMMA else _CALL_WORK
    return _FACTORIAL_WORK if isinstance(node, Unary) and node.op == "!" else 1


def _landmarks(trees: Iterable[Node]) -> tuple[Fraction, ...]:
    """Where a function may change or begin: the constants that the expressions mention.

    Where one is far from 1, its reciprocal too: ``σ(1000·x)`` begins at 1/1000.
    """
    found = {abs(value) for value in frozenset[Fraction]().union(*map(_constants, trees)) if value}
    found |= {1 / size for size in found if not Fraction(1, FAR) < size < FAR}
    return tuple(sorted(size for size in found if size < MAX_LANDMARK))[:MAX_LANDMARKS]


@kept
def _constants(tree: Node) -> frozenset[Fraction]:
    found = {number.value for number in each(Number, tree)}
    _collect(tree, found)
    return frozenset(found)


def _collect(node: Node, found: set[Fraction]) -> bool:
    """Add the largest constants in a tree to those found; whether all of it is one."""
    parts = children(node)
    if not parts:
        return _combines(node)
    constant = [_collect(part, found) for part in parts]
    if _combines(node) and all(constant):
        return True
    for part, whole in zip(parts, constant, strict=True):
        if whole:
            found.update(_exactly(part))
    return False


def _combines(node: Node) -> bool:
    """Whether a node is a constant where its operands are."""
    if isinstance(node, Binary):
        return True
    if isinstance(node, Call):
        return node.function in _NUMERIC
    if isinstance(node, Constant):
        return node.name in ("e", "pi")
    return isinstance(node, Number | Unary)


def _exactly(node: Node) -> list[Fraction]:
    if isinstance(node, Number):
        return [node.value]
    try:
        return [Fraction(as_number(evaluate(node, {})))]
    except (Undefined, OverflowError, ValueError):
        return []
