"""The author's code: the answer and its steps give numbers, and no misconception does the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.coding.compare import same
from engine.coding.inputs import COUNT, cases
from engine.coding.runs import Outcome, Runner
from engine.coding.syntax import read_code
from engine.coding.task import Task
from engine.kinds.code import STEP
from engine.language.errors import Unreadable
from engine.lint.remark import WARNING, Remark, Tally
from engine.parts import VariantPart
from engine.template import Trail
from engine.variant import Variant

STOPPED = {
    "time": "this runs too long",
    "memory": "this takes too much memory",
    "output": "this gives too much",
}
"""Why code had to be stopped."""


def remarks_on_code(variants: Sequence[Variant], run: Runner | None) -> Iterator[Remark]:
    """Every code of the author's runs, the answer to finite numbers, and all differ.

    What takes for ever is waited for once.
    """
    tally, stopped = Tally(variants), set[Trail]()
    for variant in variants:
        for part in variant.parts:
            task = part.asked.task
            if task is None or part.plan.trail in stopped:
                continue
            if _look(variant, part, task, run, tally):
                stopped.add(part.plan.trail)
    yield from tally.remarks()


class _Written(NamedTuple):
    """Code of the author's and where it stands; ``slip``: the id of a misconception's."""

    place: Trail
    code: str
    returns: tuple[str, ...]
    slip: str = ""


def _written(part: VariantPart, task: Task) -> Iterator[_Written]:
    """All code of a part, its answer first. Of a line to mend there are the steps alone."""
    trail = part.plan.trail
    if task.mend is None:
        yield _Written((*trail, "answer"), task.reference, task.returns)
    for step in task.steps:
        yield _Written((*trail, "steps", step.id), step.code, STEP)
    if task.mend is None:
        for one in task.slips:
            place = (*part.plan.misconception_trail(one.id), "answer")
            yield _Written(place, one.code, task.returns, one.id)


def _look(
    variant: Variant, part: VariantPart, task: Task, run: Runner | None, tally: Tally
) -> bool:
    """Run all code of a part, and tell what is wrong; whether some had to be stopped."""
    written = list(_written(part, task))
    programs = []
    for one in written:
        try:
            programs.append(read_code(one.code, task.names, one.returns).program)
        except Unreadable as error:
            tally.add(variant, one.place, f"this code can't be read: {error.message}")
            return False
    if run is None or not programs:
        return False
    found = [outcomes[:COUNT] for outcomes in run.author(programs, cases(task))]
    told: list[tuple[_Written, Sequence[Outcome]]] = []
    for one, outcomes in zip(written, found, strict=True):
        if not one.slip:
            message = _flaw(outcomes)
            if message:
                tally.add(variant, one.place, message)
            continue
        if same(outcomes, found[0]):
            tally.add(variant, one.place, "this gives the right answer on every test")
        for earlier, other in told:
            if same(outcomes, other):
                message = f"this does the same as '{earlier.slip}', which is told first"
                tally.add(variant, one.place, message, WARNING)
        told.append((one, outcomes))
    return any(outcome.stopped for outcomes in found for outcome in outcomes)


def _flaw(outcomes: Sequence[Outcome]) -> str:
    """Why outcomes can't be a reference; "" if they can."""
    import numpy as np

    for outcome in outcomes:
        if outcome.raised is not None:
            return f"this raises {outcome.raised.kind}: {outcome.raised.message}"
        if outcome.stopped:
            return STOPPED.get(outcome.stopped, "this gives nothing")
        for value in outcome.values:
            if isinstance(value, str):
                return f"this gives {value} and no array of numbers"
            if not np.isfinite(value).all():
                return "this gives nan or infinity on a test"
    return ""
