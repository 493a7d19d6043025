"""One symbol for another, and well-known formulas mistaken for their neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.diagnosis.change import (
    FACT,
    ONE,
    RARE,
    TWO,
    Change,
    added,
    factors,
    is_number,
    is_product,
    multiplied,
    put,
    terms,
)
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, children, each, substitute

MAX_OTHERS = 16


def other_symbols(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """Another symbol of the same shape in this place."""
    if not isinstance(node, Name) or node.name not in symbols:
        return
    for other in list(symbols.values())[:MAX_OTHERS]:
        if other.name != node.name and other.axes == symbols[node.name].axes:
            yield _stands(node, Name(other.name), Name(other.name))


def _stands(wanted: Node, found: Node, tree: Node) -> Change:
    return Change("symbol", "{} stands where {} belongs.", (found, wanted), tree, level=RARE)


def throughout(tree: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """One symbol for another in every place; two symbols exchanged."""
    present = sorted(_plain_names(tree) & symbols.keys())
    for name in present:
        for other in list(symbols)[:MAX_OTHERS]:
            if other == name or symbols[other].axes != symbols[name].axes:
                continue
            if not _beside(name, other, tree):
                yield _stands(Name(name), Name(other), substitute(tree, {name: Name(other)}))
            if name < other and other in present:
                both: dict[str, Node] = {name: Name(other), other: Name(name)}
                say = "{} and {} are exchanged in yours."
                exchanged = substitute(tree, both)
                about = (Name(name), Name(other))
                yield Change("symbol", say, about, exchanged, level=FACT)


def _beside(name: str, other: str, tree: Node) -> bool:
    """Whether two symbols are terms of one sum: as one symbol they would merge."""
    pair = {Name(name), Name(other)}
    return any(pair.issubset(term for _, term in terms(node)) for node in each(Binary, tree))


def _plain_names(node: Node) -> frozenset[str]:
    """The symbols of which more than the sign counts."""
    if isinstance(node, Name):
        return frozenset((node.name,))
    if isinstance(node, Call) and node.function == "sign":
        return frozenset()
    return frozenset[str]().union(*map(_plain_names, children(node)))


def means(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """The arithmetic or geometric mean for the harmonic one, ``2·P·R/(P + R)``."""
    parts = factors(node)
    above = [factor for direction, factor in parts if direction > 0]
    below = [factor for direction, factor in parts if direction < 0]
    if len(above) != 3 or len(below) != 1 or TWO not in above:
        return
    pair = [factor for factor in above if factor != TWO]
    if len(pair) != 2 or sorted(terms(below[0]), key=repr) != sorted(
        ((1, p) for p in pair), key=repr
    ):
        return
    say = "That is the arithmetic mean; the harmonic one is asked."
    half = Binary("/", added([(1, one) for one in pair]), TWO, written="/")
    yield Change("mean", say, (), half)
    say = "That is the geometric mean; the harmonic one is asked."
    yield Change("mean", say, (), Call("sqrt", (multiplied([(1, one) for one in pair]),)))


def counts(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """``n − 1`` for n in a denominator."""
    if not is_product(node):
        return
    parts = factors(node)
    for at, (direction, factor) in enumerate(parts):
        inside = (
            factor.arguments[0]
            if isinstance(factor, Call) and factor.function == "sqrt"
            else factor
        )
        if direction > 0 or not isinstance(inside, Name) or is_number(inside):
            continue
        less: Node = added([(1, inside), (-1, ONE)])
        new = Call("sqrt", (less,)) if isinstance(factor, Call) else less
        tree = multiplied(put(parts, at, (-1, new)))
        yield Change("one", "{} stands where {} belongs.", (less, inside), tree, level=RARE)
