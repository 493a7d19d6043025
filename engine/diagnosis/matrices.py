"""Slips with matrices: order, transposes, kinds of product, sums along an axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from engine.diagnosis.change import (
    Change,
    Parts,
    factors,
    is_product,
    is_sum,
    multiplied,
    put,
    wise,
)
from engine.language.axes import is_scalar
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Number, Unary, names

MAX_MATRICES = 5


def has_axes(node: Node, symbols: Mapping[str, Symbol]) -> bool:
    """Whether a matrix occurs in an expression."""
    return any(
        symbols[name].axes is not None and not is_scalar(symbols[name].axes or ())
        for name in names(node)
        if name in symbols
    )


def orders(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """Neighbours in a matrix product exchanged, or multiplied element by element."""
    if not is_product(node) or not has_axes(node, symbols):
        return
    parts = factors(node)
    matrices = [at for at, part in enumerate(parts) if part[0] > 0 and has_axes(part[1], symbols)]
    for left, right in pairwise(matrices):
        a, b = parts[left], parts[right]
        turned = put(put(parts, left, b), right, a)
        pair = multiplied([b, a])
        yield Change(
            "order", "{} has its operands the other way round.", (pair,), multiplied(turned)
        )
        joined = Binary("⊙", a[1], b[1], written="⊙")
        say = "{} is element by element; a matrix product belongs there."
        tree = multiplied(put(put(parts, right), left, (1, joined)))
        yield Change("product", say, (joined,), tree)


def element_by_element(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A matrix product for the element-wise one, here or along the whole chain."""
    operands = wise(node)
    if len(operands) < 2:
        return
    say = "The product is element by element (⊙), not a matrix product."
    if isinstance(node, Binary):
        yield Change("product", say, (), replace(node, op="*", written="·"))
    if len(operands) > 2:
        yield Change("product", say, (), multiplied([(1, one) for one in operands]))


def transposes(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A transpose lost, or one too many; a product transposed without turning its order."""
    if isinstance(node, Unary) and node.op == "T":
        yield Change("transpose", "The transpose of {} is missing.", (node.operand,), node.operand)
        yield from _of_products(node.operand)
        return
    plain = isinstance(node, Name) or is_sum(node) or isinstance(node, Call)
    if plain and has_axes(node, symbols):
        say = "{} is transposed in yours; it shouldn't be."
        yield Change("transpose", say, (node,), Unary("T", node))


def _of_products(product: Node) -> Iterator[Change]:
    """``(A B)ᵀ`` as ``Aᵀ Bᵀ``, ``Bᵀ A`` or ``B Aᵀ``."""
    parts: Parts = factors(product)
    if len(parts) != 2:
        return
    (_, a), (_, b) = parts
    say = "The transpose of a product turns the order round."
    yield Change("order", say, (), multiplied([(1, Unary("T", a)), (1, Unary("T", b))]))
    say = "The transpose of {} is missing."
    yield Change("transpose", say, (a,), multiplied([(1, Unary("T", b)), (1, a)]))
    yield Change("transpose", say, (b,), multiplied([(1, b), (1, Unary("T", a))]))


def totals(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A sum lost, a mean for a sum, the wrong axis or none."""
    if not isinstance(node, Call) or node.function not in ("sum", "mean"):
        return
    first = node.arguments[0]
    if node.function == "sum":
        yield Change("sum", "The sum over {} is missing.", (first,), first, first)
        yield Change("mean", "mean stands where sum belongs.", (), replace(node, function="mean"))
    else:
        yield Change("mean", "sum stands where mean belongs.", (), replace(node, function="sum"))
        yield Change("mean", "The mean of {} is missing.", (first,), first, first)
    for axis in other_axes(node):
        say = f"{node.function} runs {_along(axis)} in yours."
        yield Change("axis", say, (), axis)


def _along(axis: Call) -> str:
    return "along the wrong axis" if axis.options else "over all axes, not along one axis,"


def other_axes(node: Call) -> list[Call]:
    """The same sum over the other axis, and over all."""
    axis = dict(node.options).get("axis")
    if axis is None:
        return []
    other = Fraction(0) if isinstance(axis, Number) and axis.value == 1 else Fraction(1)
    options = tuple((k, v) for k, v in node.options if k != "axis")
    swapped = (*options, ("axis", Number(other, str(other))))
    return [replace(node, options=swapped), replace(node, options=())]
