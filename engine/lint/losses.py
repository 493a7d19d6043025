"""A declared loss: its finite differences are the gradient that the answer says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.kinds.symbolic import resolved
from engine.language.printer import format_value
from engine.language.symbols import Symbol
from engine.language.tree import Node, substitute
from engine.lint import numeric
from engine.lint.drawn import Drawn
from engine.lint.numeric import Array, Point, points, value_at
from engine.lint.remark import Remark, Tally
from engine.parts import VariantPart
from engine.problem import Loss
from engine.values import as_tree
from engine.variant import Variant

VARIANTS = 4
STEP = 1e-5
RELATIVE, ABSOLUTE = 1e-3, 1e-6
BENT = 1e-2
"""How far the differences to the left and to the right may be apart: beyond, it has a corner."""


def gradients_are_those_of_the_loss(seen: Drawn) -> Iterator[Remark]:
    """The answer has the shape of the variable, and the loss rises as it says."""
    variants = seen.first(VARIANTS)
    tally = Tally(variants)
    for variant in variants:
        for part in variant.parts:
            if part.plan.part.loss is not None:
                key, message, detail = fault(variant, part, part.plan.part.loss)
                if message:
                    tally.add(variant, (*part.plan.trail, *key), message, detail=detail)
    yield from tally.remarks()


class _Case(NamedTuple):
    """A loss and a gradient in the symbols that don't depend on others."""

    loss: Node
    gradient: Node
    by: str
    symbols: tuple[Symbol, ...]


def fault(variant: Variant, part: VariantPart, loss: Loss) -> tuple[tuple[str, ...], str, str]:
    """Which key is wrong, what, and details; all empty where the gradient is right."""
    known = {symbol.name for symbol in part.asked.symbols}
    for key, name in (("by", loss.by), *(("where", name) for name in loss.where)):
        if name not in known:
            place = ("loss", key) if key == "by" else ("loss", key, name)
            return place, f"'{name}' isn't declared under the part's `symbols`", ""
    case = _case(variant, part, loss)
    compared = 0
    for point in points(case.symbols):
        numbers = _differences(case, point)
        said = value_at(case.gradient, case.symbols, point)
        if numbers is None or said is None:
            continue
        if np.squeeze(said).shape != np.squeeze(numbers).shape or (
            said.ndim == numbers.ndim == 2 and said.shape != numbers.shape
        ):
            message = f"the answer hasn't the shape of {loss.by}"
            return ("answer",), message, f": {said.shape} for {numbers.shape}"
        said = said.reshape(numbers.shape)
        rising = np.isfinite(numbers)
        off = np.abs(said - numbers) > ABSOLUTE + RELATIVE * np.abs(numbers)
        if np.any(off & rising):
            first = int(np.argmax(off & rising))
            detail = f": {_shown(said.flat[first])} for {_shown(numbers.flat[first])} at one point"
            return ("answer",), f"the loss doesn't rise with {loss.by} as the answer says", detail
        compared += 1
    if not compared:
        why = numeric.fault(case.loss, case.symbols)
        message = "the loss isn't one number at any point that was tried"
        return ("loss", "value"), message, why and f": {why}"
    return (), "", ""


def _shown(number: np.float64) -> str:
    return format_value(float(number))


def _case(variant: Variant, part: VariantPart, loss: Loss) -> _Case:
    """The loss and the answer with all that depends on other symbols put in."""
    trail = (*part.plan.trail, "loss")
    value = variant.bound(part, loss.value, (*trail, "value"))
    gradient = resolved(as_tree(part.reference), part.asked.symbols)
    for name, text in reversed(list(loss.where.items())):
        inner = variant.bound(part, text, (*trail, "where", name))
        value, gradient = substitute(value, {name: inner}), substitute(gradient, {name: inner})
    return _Case(value, gradient, loss.by, part.asked.symbols)


def _differences(case: _Case, point: Point) -> Array | None:
    """The slope of the loss by each entry; nan at a corner, None where there is no loss."""
    at = np.asarray(point[case.by], dtype=np.float64)
    middle = _loss(case, point)
    if middle is None:
        return None
    slopes = np.full(at.shape, np.nan)
    for place in np.ndindex(at.shape):
        sides = []
        for sign in (1, -1):
            moved = at.copy()
            moved[place] += sign * STEP
            sides.append(_loss(case, {**point, case.by: moved}))
        above, below = sides
        if above is None or below is None:
            continue
        right, left = (above - middle) / STEP, (middle - below) / STEP
        if abs(right - left) <= BENT * (1 + abs(right) + abs(left)):
            slopes[place] = (above - below) / (2 * STEP)
    return slopes


def _loss(case: _Case, point: Point) -> float | None:
    value = value_at(case.loss, case.symbols, point)
    return float(value.reshape(())) if value is not None and value.size == 1 else None
