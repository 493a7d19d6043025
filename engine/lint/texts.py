"""The texts of a problem: every brace filled in, every formula readable."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.lint.drawn import Drawn
from engine.lint.remark import WARNING, Remark, Tally, shortened
from engine.template import Trail, prepare
from engine.text import formulas
from engine.variant import Variant

_SINGLE = re.compile(r"(?<!\{)\{\s*([A-Za-z]\w*)\s*\}(?!\})")
_MONEY = re.compile(r"\d[\d.,]*\s+[a-z]|[,.;)]?\s")
"""How text goes on after a dollar sign that stood for money."""


def texts_can_be_filled_in(seen: Drawn) -> Iterator[Remark]:
    """No text keeps its braces, and what stands between dollar signs is maths."""
    tally = Tally(seen.each())
    for variant in seen.each():
        for trail, filled in texts(variant):
            if "{{" in filled or "}}" in filled:
                tally.add(variant, trail, "braces are left over: a value stands in {{…}}")
            for name in dict.fromkeys(_SINGLE.findall(filled)):
                if name in variant.values:
                    message = f"{{{name}}} is shown as it stands: a value stands in {{{{…}}}}"
                    tally.add(variant, trail, message, WARNING)
            for written, tree in formulas(filled, prepare(variant.problem).bracketed):
                if tree is None:
                    message = "what stands between dollar signs can't be read as maths"
                    money = "; write money as in 5 dollars" if _MONEY.match(written) else ""
                    detail = f": {shortened(written)}{money}"
                    tally.add(variant, trail, message, detail=detail)
    yield from tally.remarks()


def texts(variant: Variant) -> Iterator[tuple[Trail, str]]:
    """Every longer text with its values in it, its maths not yet read. Raises BrokenProblem."""
    problem = variant.problem
    yield ("question",), variant.filled(problem.question, ("question",))
    yield ("solution",), variant.filled(problem.solution, ("solution",))
    for number, hint in enumerate(problem.hints, 1):
        yield ("hints", str(number)), variant.filled(hint, ("hints", str(number)))
    if problem.table is not None:
        assert variant.table is not None
    for part in variant.parts:
        trail = part.plan.trail
        if part.plan.part.ask:
            yield (*trail, "ask"), variant.filled(part.plan.part.ask, (*trail, "ask"), part)
        for number, hint in enumerate(part.plan.part.hints, 1):
            place = (*trail, "hints", str(number))
            yield place, variant.filled(hint, place, part)
