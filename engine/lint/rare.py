"""Values that few seeds draw: each value of each parameter once, beside those of one variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.draws import entries, steps
from engine.evaluator import Unfit
from engine.language.printer import format_value
from engine.language.tree import names
from engine.lint.drawn import CLASH, CONDITION, Drawn
from engine.lint.remark import WARNING, Remark, shortened
from engine.lint.texts import texts
from engine.problem import Array, BrokenProblem, Entry, OneOf, Parameter, Problem, Range
from engine.template import Trail, prepare
from engine.variant import made_of

MOST = 200
"""Values of a parameter up to which all are tried; of more, the ends and those around 0."""


def rare_values_have_answers(seen: Drawn) -> Iterator[Remark]:
    """Answers and texts have values wherever the conditions hold, not on the seeds alone."""
    if not seen.variants or _flaw(seen.problem, seen.variants[0].parameters)[1]:
        return  # what never has a value is told by the other checks
    told = {one.trail for one in seen.rejected}
    drawn = seen.variants[0].parameters
    for name in _free(seen.problem):
        for value in _values(seen.problem.parameters[name]):
            trail, reason = _flaw(seen.problem, {**drawn, name: value})
            if reason and trail not in told:
                told.add(trail)
                why = reason.rstrip(".")
                message = f"this has no value where {name} is {_shown(value)}: {why}"
                yield Remark(trail, f"{message}; rule that out under `require`", WARNING)


def _free(problem: Problem) -> Iterator[str]:
    """Parameters that no array's shape depends on: those can be changed on their own."""
    template = prepare(problem)
    shapes = [
        template.tree(text, ("parameters", name, "array"))
        for name, drawn in problem.parameters.items()
        if isinstance(drawn, Array)
        for text in drawn.shape
    ]
    bound = {name.partition(".")[0] for shape in shapes for name in names(shape)}
    for name, drawn in problem.parameters.items():
        if isinstance(drawn, Range | OneOf) and name not in bound:
            yield name


def _values(drawn: Parameter) -> tuple[Entry, ...]:
    if isinstance(drawn, OneOf):
        return drawn.entries
    assert isinstance(drawn, Range)
    if steps(drawn) <= MOST:
        return entries(drawn)
    near = (drawn.low, drawn.high, -1, 0, 1)
    return tuple(
        drawn.low + (x - drawn.low) // drawn.step * drawn.step
        for x in near
        if drawn.low <= x <= drawn.high
    )


def _flaw(problem: Problem, parameters: Mapping[str, Entry]) -> tuple[Trail, str]:
    """Where a variant with these parameters has no value, and why; "" where it has all."""
    try:
        for _ in texts(made_of(problem, 0, parameters)):
            pass
    except Unfit as unfit:
        decided = unfit.reason in (CLASH, CONDITION) or unfit.trail[-1] == "options"
        return unfit.trail, "" if decided else unfit.reason
    except BrokenProblem as error:
        return error.trail, error.message
    return (), ""


def _shown(value: Entry) -> str:
    """A value in a message; a record by its fields."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(field)}" for name, field in value.items())
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))})"
    return shortened(format_value(value))
