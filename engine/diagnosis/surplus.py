"""What an answer has too much: a term, a factor or a function that doesn't belong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, islice

from engine.diagnosis.change import (
    MINUS_ONE,
    ONE,
    Change,
    added,
    factors,
    is_power,
    is_product,
    is_sum,
    multiplied,
    put,
    terms,
    with_child,
)
from engine.language.tree import Call, Node, Unary, children

MAX_CHANGES = 80
MAX_FACTORS = 6


def without(answer: Node) -> list[Change]:
    """The answer with one thing less, each as the change that brought it in."""
    return list(islice(chain(_terms(answer), _inside(answer)), MAX_CHANGES))


def _terms(answer: Node) -> Iterator[Change]:
    parts = terms(answer)
    for at, (_, term) in enumerate(parts if len(parts) > 1 else ()):
        say = "The term {} doesn't belong there."
        yield Change("extra-term", say, (term,), added(put(parts, at)))


def _inside(node: Node) -> Iterator[Change]:
    if is_sum(node):
        parts = terms(node)
        for at, (sign, term) in enumerate(parts):
            for change in _inside(term):
                yield change._replace(tree=added(put(parts, at, (sign, change.tree))))
    elif is_product(node) or (isinstance(node, Unary) and node.op == "-"):
        yield from _factors(node)
    else:
        if isinstance(node, Call) and node.function == "sign":
            yield Change("function", "sign doesn't belong there.", (), node.arguments[0])
        for at, child in enumerate(children(node)[: 1 if is_power(node) else None]):
            for change in _inside(child):
                yield change._replace(tree=with_child(node, at, change.tree))


def _factors(node: Node) -> Iterator[Change]:
    parts = factors(node)
    for count in (1, 2):
        if len(parts) > (MAX_FACTORS if count > 1 else 2 * MAX_FACTORS):
            continue
        for chosen in combinations(range(len(parts)), count):
            extra = [parts[at] for at in chosen]
            kept = [part for at, part in enumerate(parts) if at not in chosen]
            if not kept or any(factor in (ONE, MINUS_ONE) for _, factor in extra):
                continue
            what, shown = "The factor {}", multiplied(extra)
            if all(direction < 0 for direction, _ in extra):
                what, shown = "The division by {}", multiplied([(1, f) for _, f in extra])
            yield Change(
                "extra-factor", f"{what} doesn't belong there.", (shown,), multiplied(kept)
            )
    for at, (direction, factor) in enumerate(parts):
        if factor != MINUS_ONE:
            for change in _inside(factor):
                yield change._replace(tree=multiplied(put(parts, at, (direction, change.tree))))
