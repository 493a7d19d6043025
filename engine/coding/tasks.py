"""From a code part as it was written to the task of one variant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.coding.task import Input, Mend, Step, Task
from engine.evaluator import Evaluator
from engine.language.errors import Undefined
from engine.language.exact import Value, as_integer
from engine.problem import BrokenProblem, CodeInput, Coding, Part
from engine.template import AXIS, PartPlan, Trail

NAME = re.compile(r"\W+")


def task_of(
    evaluator: Evaluator,
    plan: PartPlan,
    code: str,
    reference: str,
    local: Mapping[str, Value],
    slips: Sequence[tuple[str, str]],
) -> Task:
    """The task; ``code`` names the variant, ``slips`` are misconceptions with their code.

    Raises Undefined and BrokenProblem.
    """
    coding = plan.part.coding
    assert coding is not None
    trail = plan.trail
    inputs = tuple(
        _input(evaluator, one, (*trail, "inputs", one.name), local) for one in coding.inputs
    )
    steps = tuple(
        Step(id, evaluator.written(text, (*trail, "steps", id), local))
        for id, text in coding.steps.items()
    )
    return Task(
        code,
        plan.id,
        inputs,
        returned(plan.part),
        steps,
        tuple((name, int(times)) for name, times in coding.overflow.items()),
        coding.vectorised,
        reference,
        tuple(Step(id, text) for id, text in slips),
        trail,
        mend_of(evaluator, plan, local),
    )


def returned(part: Part) -> tuple[str, ...]:
    """The names of a code part's results: its id, if nothing else is said."""
    own = part.coding.returns if part.coding is not None else ()
    return own or (NAME.sub("_", part.id),)


def _input(evaluator: Evaluator, one: CodeInput, trail: Trail, local: Mapping[str, Value]) -> Input:
    if one.given:
        return Input(one.name, "", given=evaluator.value(one.given, trail, local))
    shape = tuple(_length(evaluator, text, trail, local) for text in one.shape)
    below: int | str = _length(evaluator, one.below, trail, local) if one.below else 2
    low, high = (int(one.of.low), int(one.of.high)) if one.of is not None else (1, 9)
    return Input(one.name, one.values, shape, low, high, below)


def _length(evaluator: Evaluator, text: str, trail: Trail, local: Mapping[str, Value]) -> int | str:
    """A length; the name of an axis stays a name unless it has a value, which may be a name too."""
    if AXIS.fullmatch(text) and text not in evaluator.values and text not in local:
        return text
    value = evaluator.value(text, trail, local)
    if isinstance(value, str):
        return as_integer(evaluator.values[value]) if value in evaluator.values else value
    return as_integer(value)


# -- a program to mend ---------------------------------------------------------------------------


def mend_of(evaluator: Evaluator, plan: PartPlan, local: Mapping[str, Value]) -> Mend | None:
    """The function with its wrong line, if one is to be mended."""
    coding = plan.part.coding
    if coding is None or not coding.program:
        return None
    lines = right_lines(evaluator, plan, coding, local)
    line = as_integer(evaluator.values[f"{coding.bug}.line"])
    if not 1 <= line <= len(lines):
        raise BrokenProblem((*plan.trail, "program"), f"the program has no line {line}")
    old = lines[line - 1]
    wrong = str(evaluator.values[f"{coding.bug}.wrong"])
    lines[line - 1] = old[: len(old) - len(old.lstrip())] + wrong
    return Mend(tuple(lines), line)


def right_lines(
    evaluator: Evaluator, plan: PartPlan, coding: Coding, local: Mapping[str, Value]
) -> list[str]:
    """The lines of the function as it should be."""
    written = evaluator.written(coding.program, (*plan.trail, "program"), local)
    return written.strip("\n").split("\n")


def mended_line(evaluator: Evaluator, plan: PartPlan, local: Mapping[str, Value]) -> str:
    """The reference answer of a part that mends: ``3: x = y``."""
    coding = plan.part.coding
    assert coding is not None
    if f"{coding.bug}.line" not in evaluator.values:
        raise BrokenProblem((*plan.trail, "bug"), f"{coding.bug} has no field `line`")
    lines = right_lines(evaluator, plan, coding, local)
    line = as_integer(evaluator.values[f"{coding.bug}.line"])
    if not 1 <= line <= len(lines):
        raise Undefined(f"the program has no line {line}")
    return f"{line}: {lines[line - 1].strip()}"


def listing(mend: Mend) -> str:
    """The lines with their numbers."""
    return "\n".join(f"{number:>2}  {line}" for number, line in enumerate(mend.lines, 1))
