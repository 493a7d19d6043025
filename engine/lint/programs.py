"""The author's code: the answer and its steps give numbers, and no misconception does the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


def _look(
    variant: Variant, part: VariantPart, task: Task, run: Runner | None, tally: Tally
) -> bool:
    """Run all code of a part, and tell what is wrong; whether some had to be stopped."""
    trail = part.plan.trail
    written: list[tuple[Trail, str]] = []
    if task.mend is None:
        written.append(((*trail, "answer"), task.reference))
    written += [((*trail, "steps", step.id), step.code) for step in task.steps]
    if task.mend is None:
        written += [
            ((*part.plan.misconception_trail(one.id), "answer"), one.code) for one in task.slips
        ]
    programs = []
    for place, code in written:
        try:
            programs.append(
                read_code(code, task.names, STEP if "steps" in place else task.returns).program
            )
        except Unreadable as error:
            tally.add(variant, place, f"this code can't be read: {error.message}")
            return False
    if run is None or not programs:
        return False
    found = [outcomes[:COUNT] for outcomes in run.author(programs, cases(task))]
    for (place, _), outcomes in zip(written, found, strict=True):
        if place[-1] == "answer" and "misconceptions" in place:
            if same(outcomes, found[0]):
                tally.add(variant, place, "this gives the right answer on every test")
        else:
            message = _flaw(outcomes)
            if message:
                tally.add(variant, place, message)
    told = [(place, outcomes) for (place, _), outcomes in zip(written, found, strict=True)
            if "misconceptions" in place]  # fmt: skip
    for at, (place, outcomes) in enumerate(told):
        for earlier, other in told[:at]:
            if same(outcomes, other):
                message = f"this does the same as '{earlier[-2]}', which is told first"
                tally.add(variant, place, message, WARNING)
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
