"""How far the terms of sums lie apart: e^200 + 1 differs from e^200 only in the 88th digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import e, log, log2

from flint import ctx

from engine.equality.evaluation import Evaluation, entries
from engine.language.tree import Binary, Call, Node, Unary, kept, names, walk

ROUGHLY = 64
_BITS_OF_E = log2(e)
_GROWING = {"exp", "factorial", "binomial", "perm"}
_OF_EXPONENTIALS = {"sinh", "cosh", "tanh", "coth", "sech", "csch", "sigmoid"}
_SATURATING = {"atan", "atan2"}


def has_large_constants(trees: Sequence[Node]) -> bool:
    """Whether a constant such as e^200, 50! or tanh(200) stands in the trees."""
    return any(map(_has_large_constant, trees))


@kept
def _has_large_constant(tree: Node) -> bool:
    return any(_grows(node) and not names(node) for node in walk(tree))


def _grows(node: Node) -> bool:
    if isinstance(node, Binary):
        return node.op == "^"
    if isinstance(node, Call):
        return node.function in _GROWING | _OF_EXPONENTIALS
    return isinstance(node, Unary) and node.op == "!"


def spread(evaluation: Evaluation, trees: Sequence[Node]) -> float:
    """The bits between the largest and the smallest term of any sum, at one point."""
    with ctx.workprec(ROUGHLY):
        for tree in trees:
            evaluation.remember(tree)
        gaps = (_gap(evaluation, node) for tree in trees for node in walk(tree))
        return max(gaps, default=0.0)


def _gap(evaluation: Evaluation, node: Node) -> float:
    if isinstance(node, Binary) and node.op in ("+", "-"):
        sizes = [*_sizes(evaluation, node.left), *_sizes(evaluation, node.right)]
        return max(sizes, default=0.0) - min(sizes, default=0.0)
    if isinstance(node, Call) and node.function in _OF_EXPONENTIALS:
        largest = max(_sizes(evaluation, node.arguments[0]), default=0.0)
        return 2 * _BITS_OF_E * 2 ** min(largest, ROUGHLY)
    if isinstance(node, Call) and node.function in _SATURATING:
        sizes = [abs(x) for part in node.arguments for x in _sizes(evaluation, part)]
        return 2 * max(sizes, default=0.0)
    return 0.0


def _sizes(evaluation: Evaluation, node: Node) -> Iterator[float]:
    """The logarithms to base 2 of a part's values, as far as they are surely not 0."""
    if id(node) not in evaluation.known:
        return
    for value in entries(evaluation.known[id(node)]):
        size = value.abs_lower()
        if size.is_finite() and size > 0:
            yield float(size.log()) / log(2)
