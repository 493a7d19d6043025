"""One slip made in every place where it can be made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from engine.diagnosis.change import (
    MINUS_ONE,
    ONE,
    RARE,
    Change,
    added,
    factors,
    is_power,
    is_product,
    is_sum,
    multiplied,
    put,
    terms,
)
from engine.diagnosis.functions import is_exponential
from engine.diagnosis.matrices import other_axes
from engine.diagnosis.sums import is_correction
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Node, Number, Unary, children, rebuild

MAX_FACTORS = 12
_BASES = tuple(Number(Fraction(base), str(base)) for base in (2, 10))


def everywhere(tree: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A function, an exponent, a factor, a transpose lost throughout; the other axis throughout."""
    nodes = list(_whole(tree))
    yield from _functions(tree, nodes)
    yield from _exponents(tree, nodes)
    yield from _factors(tree, nodes)
    yield from _bases(tree, nodes)
    yield from _corrections(tree, nodes)
    yield from _axes(tree, nodes)


def _whole(node: Node) -> Iterator[Node]:
    """The nodes of a tree, a sum or product of many operands counted as one."""
    yield node
    if is_sum(node):
        for _, term in terms(node):
            yield from _whole(term)
    elif is_product(node) or (isinstance(node, Unary) and node.op == "-"):
        for _, factor in factors(node):
            if factor != MINUS_ONE:
                yield from _whole(factor)
    else:
        for child in children(node):
            yield from _whole(child)


def _mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """The tree with ``change`` applied to each node of ``_whole``, innermost first."""
    if is_sum(node):
        return change(added([(sign, _mapped(term, change)) for sign, term in terms(node)]))
    if is_product(node):
        inside = [(d, f if f == MINUS_ONE else _mapped(f, change)) for d, f in factors(node)]
        return change(multiplied(inside))
    return change(rebuild(node, lambda child: _mapped(child, change)))


def _functions(tree: Node, nodes: list[Node]) -> Iterator[Change]:
    called = Counter(n.function for n in nodes if isinstance(n, Call) and len(n.arguments) == 1)
    for function, count in called.items():
        if count < 2 or function in ("sum", "mean", "norm", "diag", "transpose"):
            continue

        def bare(node: Node, function: str = function) -> Node:
            lost = isinstance(node, Call) and node.function == function
            return node.arguments[0] if lost and isinstance(node, Call) else node

        kind = {"sqrt": "root", "floor": "rounding"}.get(function, "function")
        yield Change(
            kind, f"{function}(…) is missing throughout.", (), _mapped(tree, bare), level=RARE
        )
    if sum(map(is_exponential, nodes)) > 1:
        say = "The exponentials are missing."

        def exponent(node: Node) -> Node:
            return node.right if is_exponential(node) and isinstance(node, Binary) else node

        yield Change("function", say, (), _mapped(tree, exponent))


def _exponents(tree: Node, nodes: list[Node]) -> Iterator[Change]:
    found = Counter(
        n.right for n in nodes if isinstance(n, Binary) and is_power(n) and not is_exponential(n)
    )
    for exponent, count in found.items():
        if count > 1:

            def bare(node: Node, exponent: Node = exponent) -> Node:
                if isinstance(node, Binary) and is_power(node) and node.right == exponent:
                    return node.left
                return node

            say = "The exponent {} is missing throughout."
            yield Change("exponent", say, (exponent,), _mapped(tree, bare))


def _factors(tree: Node, nodes: list[Node]) -> Iterator[Change]:
    found = Counter(
        part
        for node in nodes
        if is_product(node)
        for part in set(factors(node))
        if part[1] not in (ONE, MINUS_ONE)
    )
    for part, count in found.most_common(MAX_FACTORS):
        if count > 1:

            def lost(node: Node, part: tuple[int, Node] = part) -> Node:
                parts = factors(node)
                if not is_product(node) or part not in parts or len(parts) < 2:
                    return node
                return multiplied(put(parts, parts.index(part)))

            what = "The factor {}" if part[0] > 0 else "The division by {}"
            say = f"{what} is missing throughout."
            yield Change("factor", say, (part[1],), _mapped(tree, lost))
            if part[0] < 0:

                def turned(node: Node, part: tuple[int, Node] = part) -> Node:
                    parts = factors(node)
                    if not is_product(node) or part not in parts:
                        return node
                    return multiplied(put(parts, parts.index(part), (1, part[1])))

                say = "{} multiplies throughout in yours; it should divide."
                yield Change("reciprocal", say, (part[1],), _mapped(tree, turned))


def _bases(tree: Node, nodes: list[Node]) -> Iterator[Change]:
    """Another base of all logarithms."""
    found = Counter(n.arguments[1:] for n in nodes if isinstance(n, Call) and n.function == "log")
    for base, count in found.items():
        for other in (None, *_BASES) if count > 1 else ():
            wanted = () if other is None else (other,)
            if wanted == base:
                continue

            def moved(
                node: Node, base: tuple[Node, ...] = base, wanted: tuple[Node, ...] = wanted
            ) -> Node:
                if isinstance(node, Call) and node.function == "log" and node.arguments[1:] == base:
                    return replace(node, arguments=(node.arguments[0], *wanted))
                return node

            given = "with base {}" if wanted else "natural ones"
            asked = "with base {} are asked" if base else "natural ones are asked"
            say = f"The logarithms are {given} in yours; {asked}."
            yield Change("function", say, (*wanted, *base), _mapped(tree, moved))


def _corrections(tree: Node, nodes: list[Node]) -> Iterator[Change]:
    def uncorrected(node: Node) -> Node:
        parts = factors(node)
        kept = [part for part in parts if not is_correction(*part)]
        return multiplied(kept) if is_product(node) and len(kept) < len(parts) else node

    if (
        sum(is_correction(*part) for node in nodes if is_product(node) for part in factors(node))
        > 1
    ):
        say = "The bias corrections, the divisions by 1 − β^t, are missing."
        yield Change("bias-correction", say, (), _mapped(tree, uncorrected))


def _axes(tree: Node, nodes: list[Node]) -> Iterator[Change]:
    if sum(isinstance(node, Call) and bool(other_axes(node)) for node in nodes) > 1:
        for at, where in enumerate(("along the wrong axis", "over all axes, not along one axis,")):

            def moved(node: Node, at: int = at) -> Node:
                others = other_axes(node) if isinstance(node, Call) else []
                return others[at] if others else node

            say = f"The sums and means run {where} in yours."
            yield Change("axis", say, (), _mapped(tree, moved))
