"""Expressions over symbols with axes at a few fixed points, with NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.kinds.symbolic import resolved
from engine.language.arrays import NotNumeric, evaluate
from engine.language.axes import Mismatch, typed
from engine.language.symbols import Symbol
from engine.language.tree import Node

Array: TypeAlias = NDArray[np.float64]
Point: TypeAlias = Mapping[str, Array]
Symbols: TypeAlias = Sequence[Symbol]

POINTS = 4
NEAR = 1e-7
_SIZES = (3, 5, 2, 4, 6, 7)


def points(symbols: Symbols) -> Iterator[Point]:
    """Values of all symbols inside their domains: the same ones each time."""
    return iter(_points(tuple(symbols)))


@lru_cache(maxsize=64)
def _points(symbols: tuple[Symbol, ...]) -> tuple[Point, ...]:
    axes = [s.name for s in symbols if any(s.name in (t.axes or ()) for t in symbols)]
    found = []
    for at in range(POINTS):
        sizes = {name: _SIZES[(place + at) % len(_SIZES)] for place, name in enumerate(axes)}
        found.append(
            {symbol.name: _value(symbol, sizes, at, place) for place, symbol in enumerate(symbols)}
        )
    return tuple(found)


def _value(symbol: Symbol, sizes: Mapping[str, int], at: int, place: int) -> Array:
    if symbol.name in sizes:
        return np.asarray(float(sizes[symbol.name]))
    shape = [int(axis) if axis.isdigit() else sizes[axis] for axis in symbol.axes or ()]
    count = prod(shape)
    # Spread by the golden ratio: no two alike, none 0, and no chance in it.
    steps = (np.arange(1, count + 1) * 0.6180339887 + 0.37 * place + 0.23 * at) % 1
    spread = 0.15 + 1.7 * steps
    if symbol.kind == "integer":
        spread = np.ceil(spread * 2)
    if symbol.side:
        spread = float(symbol.limit) + (spread if symbol.side == ">" else -spread)
    else:
        spread = spread * np.where(np.floor(steps * 64) % 2 == 0, 1, -1)
    return np.asarray(spread.reshape(shape), dtype=np.float64)


def value_at(tree: Node, symbols: Symbols, point: Point) -> Array | None:
    """The expression's value at a point; None where it has none, or its shapes don't fit."""
    node = _prepared(tree, tuple(symbols))
    if node is None:
        return None
    try:
        value: Any = evaluate(node, point)
    except NotNumeric:
        return None
    result = np.asarray(value)
    if result.dtype.kind == "c" or not np.all(np.isfinite(result)):
        return None
    return result.astype(np.float64)


@lru_cache(maxsize=512)
def _prepared(tree: Node, symbols: tuple[Symbol, ...]) -> Node | None:
    """The tree as it is evaluated; None where its shapes don't fit."""
    try:
        return typed(resolved(tree, symbols), {symbol.name: symbol for symbol in symbols}).node
    except Mismatch:
        return None


def fault(tree: Node, symbols: Symbols) -> str:
    """Why an expression isn't one number, so far as its shapes tell; "" if they don't."""
    declared = {symbol.name: symbol for symbol in symbols}
    point = next(points(symbols))
    try:
        value: Any = evaluate(typed(resolved(tree, tuple(symbols)), declared).node, point)
    except (Mismatch, NotNumeric) as error:
        return str(error)
    shape = np.shape(value)
    return f"it has the shape {shape}" if np.size(value) != 1 else ""


def agree(left: Node, right: Node, symbols: Symbols) -> bool:
    """Whether two expressions have one shape and one value at each point where both have any."""
    compared = 0
    for at in range(POINTS):
        a, b = _value_there(left, tuple(symbols), at), _value_there(right, tuple(symbols), at)
        if a is None or b is None:
            continue
        if a.shape != b.shape or not np.allclose(a, b, rtol=NEAR, atol=NEAR):
            return False
        compared += 1
    return compared > 0


@lru_cache(maxsize=1024)
def _value_there(tree: Node, symbols: tuple[Symbol, ...], at: int) -> Array | None:
    """The value at one of the points: each expression is compared with many others."""
    return value_at(tree, symbols, _points(symbols)[at])
