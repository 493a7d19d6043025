"""Slips in sums, products and brackets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

from engine.diagnosis.calculus import is_slope, lies_within
from engine.diagnosis.change import (
    FACT,
    MINUS_ONE,
    ONE,
    RARE,
    SLIP,
    TWO,
    Change,
    Parts,
    added,
    factors,
    is_atom,
    is_number,
    is_power,
    multiplied,
    put,
    terms,
    wise,
    wise_product,
)
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Unary, names

MAX_DROPPED = 3
MAX_FACTORS = 8


def sums(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """A term lost, its sign turned, 1 in its place; a difference the other way round."""
    parts = terms(node)
    if len(parts) < 2:
        return
    for at, (sign, term) in enumerate(parts):
        others = added(put(parts, at))
        if term == ONE:
            yield Change("one", f"{'+' if sign > 0 else '−'} 1 is forgotten.", (), others, others)
        else:
            yield Change("term", "The term {} is missing.", (term,), others, others)
            yield from _scaled(parts, at)
    for at, (sign, term) in reversed(list(enumerate(parts))):
        flipped = added(put(parts, at, (-sign, term)))
        level = RARE if term == ONE else SLIP
        say = "The sign of {} is the other way round."
        yield Change("sign", say, (term,), flipped, level=level)
    if not any(is_number(term) for _, term in parts):
        for at, (sign, term) in enumerate(parts):
            if isinstance(term, Name):
                bare = added(put(parts, at, (sign, ONE)))
                yield Change("factor", "1 stands where {} belongs.", (term,), bare, level=RARE)
    yield from _turned(parts)


def _scaled(parts: Parts, at: int) -> Iterator[Change]:
    sign, term = parts[at]
    for word, scaled in (("doubled", _twice(term)), ("halved", _half(term))):
        tree = added(put(parts, at, (sign, scaled)))
        yield Change("factor", f"The term {{}} is {word} in yours.", (term,), tree, level=FACT)


def _turned(parts: Parts) -> Iterator[Change]:
    """The whole sum, or two of its terms, the other way round."""
    say = "{} is the other way round."
    turned = added(sorted(((-s, term) for s, term in parts), key=lambda part: -part[0]))
    yield Change("sign", say, (turned,), turned)
    for at, ((s, a), (r, b)) in enumerate(pairwise(parts)):
        if s != r and len(parts) > 2:
            pair = sorted([(r, a), (s, b)], key=lambda part: -part[0])
            tree = added([*parts[:at], *pair, *parts[at + 2 :]])
            yield Change("sign", say, (added(pair),), tree, level=RARE)


def _twice(term: Node) -> Node:
    return Binary("*", TWO, term, written="·")


def _half(term: Node) -> Node:
    return Binary("/", term, TWO, written="/")


def products(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """Factors lost, or on the wrong side of the fraction."""
    parts = factors(node)
    if len(parts) < 2:
        return
    yield from _lost_factors(parts)
    for at, (direction, factor) in enumerate(parts):
        if is_number(factor) and factor in (ONE, MINUS_ONE):
            continue
        if _has_minus_above(factor):
            continue
        tree = multiplied(put(parts, at, (-direction, factor)))
        does = "divide" if direction < 0 else "multiply"
        wrong = "multiplies" if direction < 0 else "divides"
        say = f"{{}} {wrong} in yours; it should {does}."
        level = SLIP if direction < 0 else RARE
        yield Change("reciprocal", say, (factor,), tree, level=level)
    below = [(1, factor) for direction, factor in parts if direction < 0]
    if len(below) > 1:
        say = "{} multiplies in yours; it should divide."
        tree = multiplied([(1, factor) for _, factor in parts])
        yield Change("reciprocal", say, (multiplied(below),), tree)
    if below:
        yield from _upside_down(parts)


def _upside_down(parts: Parts) -> Iterator[Change]:
    """A fraction turned over: all of it, all but its numbers, its numbers, or two factors."""
    signs = [part for part in parts if part[1] == MINUS_ONE]
    bare = [part for part in parts if part[1] != MINUS_ONE]
    numbers = {at for at, (_, factor) in enumerate(bare) if is_number(factor)}
    constants = {at for at, (_, factor) in enumerate(bare) if not names(factor)}
    others = set(range(len(bare))) - numbers
    below = {at for at, (direction, _) in enumerate(bare) if direction < 0}
    pairs = (
        [{min(numbers - below), min(others & below)}] if numbers - below and others & below else []
    )
    for turned in (numbers | others, others, numbers, constants, *pairs):
        if not turned & below or len(bare) == 1:
            continue
        over = [(-d, f) if at in turned else (d, f) for at, (d, f) in enumerate(bare)]
        shown = multiplied([over[at] for at in sorted(turned)])
        say = "The fraction {} is upside down."
        yield Change("reciprocal", say, (shown,), multiplied([*signs, *over]))


def _has_minus_above(node: Node) -> bool:
    """Whether a node is a power with a minus in its exponent, which divides as it stands."""
    return isinstance(node, Binary) and is_power(node) and _is_negative(node.right)


def _is_negative(node: Node) -> bool:
    return isinstance(node, Unary) and node.op == "-"


def _lost_factors(parts: Parts) -> Iterator[Change]:
    most = MAX_DROPPED if len(parts) <= MAX_FACTORS else 1
    for count in range(1, min(most, len(parts) - 1) + 1):
        for dropped in combinations(range(len(parts)), count):
            lost = [parts[at] for at in dropped]
            kept = [part for at, part in enumerate(parts) if at not in dropped]
            yield from _lost(lost, kept)


def _lost(lost: Parts, kept: Parts) -> Iterator[Change]:
    without = multiplied(kept)
    signs = sum(factor == MINUS_ONE for _, factor in lost)
    if signs and len(lost) == 1:
        yield Change("sign", "The minus in front of {} is missing.", (without,), without)
        return
    factor = multiplied(lost)
    if _is_inner_derivative(factor, kept):
        say = "The inner derivative {} is missing (chain rule)."
        yield Change("chain-rule", say, (factor,), without, without)
        return
    if signs or (len(lost) > 1 and not _often_lost_together(lost, kept)):
        return
    above = any(direction > 0 for direction, _ in kept)
    level = SLIP if len(lost) == 1 and above else RARE
    if all(is_correction(*part) for part in lost):
        say = "The bias correction, the division by {}, is missing."
        yield Change("bias-correction", say, (lost[0][1],), without, without)
    elif any(isinstance(one, Call) and one.function == "ones" for _, one in lost):
        yield Change("sum", "The sum over the examples is missing.", (), without)
    elif all(direction < 0 for direction, _ in lost):
        below = multiplied([(1, one) for _, one in lost])
        yield Change("factor", "The division by {} is missing.", (below,), without, without, level)
    else:
        yield Change("factor", "The factor {} is missing.", (factor,), without, without, level)


def _is_inner_derivative(factor: Node, kept: Parts) -> bool:
    """Whether a factor is the inner derivative of another: the 2 of ``2·cos(2x)``.

    A number isn't where its symbols stand beside it too, as in ``2x/(2x + y)``.
    """
    for at, part in enumerate(kept):
        for inner in lies_within(*part):
            beside = {name for _, other in put(kept, at) for name in names(other)}
            if is_slope(factor, inner) and (names(factor) or not names(inner) & beside):
                return True
    return False


def _often_lost_together(lost: Parts, kept: Parts) -> bool:
    """Whether two factors go as one: ``2λ``, ``2/m``, ``ŷ(1 − ŷ)``."""
    simple = any(is_atom(factor) for _, factor in lost)
    return len(lost) == 2 and simple and not all(is_number(factor) for _, factor in kept)


def is_correction(direction: int, factor: Node) -> bool:
    """Whether a factor divides by ``1 − β^t``."""
    parts = terms(factor)
    return (
        direction < 0 and len(parts) == 2 and parts[0] == (1, ONE)
        and parts[1][0] < 0 and is_power(parts[1][1])
    )  # fmt: skip


def wise_products(node: Node, symbols: Mapping[str, Symbol]) -> Iterator[Change]:
    """An operand of an element-wise product lost."""
    operands = wise(node)
    if len(operands) < 2:
        return
    for count in range(1, len(operands)):
        for dropped in combinations(range(len(operands)), count):
            lost = wise_product([operands[at] for at in dropped])
            kept = wise_product([o for at, o in enumerate(operands) if at not in dropped])
            yield Change("factor", "The factor {} is missing.", (lost,), kept, kept)
