"""The points at which expressions are compared: always the same, inside the declared domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from engine.equality.evaluation import Matrix
from engine.language.symbols import Symbol
from engine.language.tree import Call, Node, Number, names, walk

_SCALES = (Fraction(1), Fraction(3), Fraction(1, 3), Fraction(10), Fraction(2), Fraction(30))
_STEPPED = {"floor", "ceil", "round", "mod", "sign", "abs", "min", "max", "relu", "if", "norm"}
_GRAIN = 99_991
MAX_LANDMARKS = 16

Draw = Callable[[Symbol, str], Any]
"""A number for a symbol, or for the entry of a matrix that the key names."""


class Points:
    """The points for some expressions over declared symbols."""

    def __init__(self, trees: Sequence[Node], symbols: Iterable[Symbol]) -> None:
        declared = {symbol.name: symbol for symbol in symbols}
        free = sorted(frozenset[str]().union(*map(names, trees)))
        self.symbols = [declared.get(name, Symbol(name)) for name in free]
        self.axes = sorted(
            {a for symbol in declared.values() for a in symbol.axes or () if not a.isdigit()}
        )
        self.stepped = any(
            isinstance(n, Call) and n.function in _STEPPED for tree in trees for n in walk(tree)
        )
        self.landmarks = _landmarks(trees) if self.stepped else ()

    @property
    def constant(self) -> bool:
        """Whether no symbol occurs, so that one point is all there is."""
        return not self.symbols

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
        drawn = hashed(f"{key}\0{index}", 2**64)
        if symbol.kind == "integer":
            value = Fraction(drawn % (7 if index % 2 else 40) + 1)
        else:
            value = _SCALES[index % len(_SCALES)] * Fraction(drawn % _GRAIN + 1, _GRAIN)
        if self.landmarks and index % 3 == 2:
            value += self.landmarks[(drawn >> 20) % len(self.landmarks)]
        if symbol.bound in (">0", ">=0"):
            return value
        if symbol.bound in ("<0", "<=0"):
            return -value
        return -value if (drawn >> 40) % 2 else value


def hashed(key: str, bound: int) -> int:
    """A number from 0 to bound − 1 that depends on the key alone."""
    digest = blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()
    return int.from_bytes(digest, "big") % bound


def _landmarks(trees: Sequence[Node]) -> tuple[Fraction, ...]:
    """Where a stepped function may change: the numbers that the expressions mention."""
    found = {node.value for tree in trees for node in walk(tree) if isinstance(node, Number)}
    return tuple(sorted(value for value in found if 0 < value < 10**6))[:MAX_LANDMARKS]
