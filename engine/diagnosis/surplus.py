"""What an answer has too much: a term, a factor or a function that doesn't belong.

Most of what could be taken away is found not to fit by the values of the answer's parts at one
point, before a tree without it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, combinations, islice
from typing import Any

from engine.diagnosis.change import (
    MINUS_ONE,
    ONE,
    Change,
    Parts,
    added,
    factors,
    is_atom,
    is_power,
    is_product,
    is_sum,
    multiplied,
    put,
    terms,
    with_child,
)
from engine.diagnosis.samples import Sample
from engine.equality.fields import NotComparable
from engine.language.tree import Call, Name, Node, Unary, children

MAX_CHANGES = 80
MAX_FACTORS = 6
HOLE = Name("")

Fits = Callable[[Any], bool]
"""Whether the answer may be right if a part of it had some value."""


def anything(_: object) -> bool:
    """Where nothing is known of the values."""
    return True


def without(answer: Node, sample: Sample, fits: Fits) -> Iterator[Change]:
    """The answer with one thing less, each as the change that brought it in.

    ``sample``: a point that knows all parts of the answer.
    """
    surplus = _Surplus(sample)
    return islice(chain(surplus.terms(answer, fits), surplus.inside(answer, fits)), MAX_CHANGES)


class _Surplus:
    def __init__(self, sample: Sample) -> None:
        self.sample = sample

    def terms(self, answer: Node, fits: Fits) -> Iterator[Change]:
        parts = terms(answer)
        for at, (sign, term) in enumerate(parts if len(parts) > 1 else ()):
            if fits is anything or fits(self.value(answer) - sign * self.value(term)):
                say = "The term {} doesn't belong there."
                yield Change("extra-term", say, (term,), added(put(parts, at)))

    def inside(self, node: Node, fits: Fits) -> Iterator[Change]:
        if is_sum(node):
            parts = terms(node)
            for at, (_, term) in enumerate(parts):
                yield from self.deeper(term, partial(_exchanged, added, parts, at), fits)
        elif is_product(node) or (isinstance(node, Unary) and node.op == "-"):
            yield from self.factors(node, fits)
        else:
            if isinstance(node, Call) and node.function == "sign":
                yield Change("function", "sign doesn't belong there.", (), node.arguments[0])
            for at, child in enumerate(children(node)[: 1 if is_power(node) else None]):
                yield from self.deeper(child, partial(with_child, node, at), fits)

    def factors(self, node: Node, fits: Fits) -> Iterator[Change]:
        parts = factors(node)
        extras = [at for at, (_, factor) in enumerate(parts) if factor not in (ONE, MINUS_ONE)]
        for count in (1, 2):
            if not count < len(parts) <= (MAX_FACTORS if count > 1 else 2 * MAX_FACTORS):
                continue
            for chosen in combinations(extras, count):
                extra = [parts[at] for at in chosen]
                if fits is anything or fits(self.divided(node, extra)):
                    kept = [part for at, part in enumerate(parts) if at not in chosen]
                    yield _extra_factor(extra, kept)
        for at, (_, factor) in enumerate(parts):
            yield from self.deeper(factor, partial(_exchanged, multiplied, parts, at), fits)

    def deeper(self, part: Node, around: Callable[[Node], Node], fits: Fits) -> Iterator[Change]:
        """What is too much in a part; ``around``: the whole with something in the part's place."""
        if is_atom(part):
            return
        within = self.through(around(HOLE), fits)
        for change in self.inside(part, within):
            yield change._replace(tree=around(change.tree))

    def through(self, tree: Node, fits: Fits) -> Fits:
        """Whether a value for the hole in a tree gives one that fits."""
        if fits is anything:
            return fits

        def within(value: Any) -> bool:
            self.sample.known[id(HOLE)] = value
            return fits(self.value(tree))

        return within

    def divided(self, node: Node, extra: Parts) -> Any:
        """The value of a product without some of its factors."""
        value = self.value(node)
        for direction, factor in extra:
            by = self.value(factor)
            value = value / by if direction > 0 else value * by
        return value

    def value(self, tree: Node) -> Any:
        try:
            return self.sample.of(tree)
        except NotComparable:
            return self.sample.nowhere()


def _exchanged(join: Callable[[Parts], Node], parts: Parts, at: int, new: Node) -> Node:
    direction, _ = parts[at]
    return join(put(parts, at, (direction, new)))


def _extra_factor(extra: Parts, kept: Parts) -> Change:
    what, shown = "The factor {}", multiplied(extra)
    if all(direction < 0 for direction, _ in extra):
        what, shown = "The division by {}", multiplied([(1, factor) for _, factor in extra])
    return Change("extra-factor", f"{what} doesn't belong there.", (shown,), multiplied(kept))
