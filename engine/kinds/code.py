"""NumPy code: read and checked here, run by whoever was given to ``grade``, judged by its results.

The value of a response is its text; that of the reference and of misconceptions too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.coding.compare import same, same_array, same_outcome
from engine.coding.explain import explained
from engine.coding.inputs import COUNT, cases, large_case
from engine.coding.runs import NoRunner, Outcome, Program, Runner
from engine.coding.syntax import Code, read_code, read_line
from engine.coding.task import Mend, Task
from engine.kinds.base import Asked, Judgement, Kind, Reading
from engine.language.errors import Unreadable
from engine.language.exact import Value
from engine.problem import BrokenProblem
from engine.verdict import Diagnosis

if TYPE_CHECKING:
    from engine.coding.slips import Changed

HALF = Fraction(1, 2)
SLOW = 5
"""How many times slower than the vectorised form is worth telling."""
STEP = ("step",)
"""A value on the way has no name of its own."""
DECIDED_BY = "tests"


class CodeKind(Kind):
    """An expression, statements or a function; each right result earns its share."""

    def __init__(self, run: Runner | None = None) -> None:
        self.run = run

    def read(self, text: str, part: Asked) -> Reading:
        """The code as it was typed. Raises Unreadable."""
        task = _task(part)
        if task.mend is None:
            read_code(text, task.names, task.returns)
        else:
            _read_mended(text, task, task.mend)
        return Reading(text.strip("\n"), text.strip())

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """The share that the results earn on the cases. Raises NoRunner."""
        task = _task(part)
        code = _code(str(value), task)
        if code is None:
            return _line_alone(str(value), task)
        right = self._known(str(reference), task)
        _check_reference(right[:COUNT], task)
        found = self._runner.student(code.program, cases(task))
        names_line = _names_line(str(value), task)
        if same(found[:COUNT], right[:COUNT]):
            return Judgement(Fraction(1), DECIDED_BY, "correct", tuple(self._notes(code, found, right, task)))  # fmt: skip  # noqa: E501
        if task.mend is not None:
            # Results that are right were so in the function as it was given.
            share = HALF * names_line
        else:
            share = max(_share(found, right), self._steps(code, found, task))
        return Judgement(
            share, DECIDED_BY, _slip(found), tuple(_reasons(code, found, right, task, names_line))
        )

    def write(self, reference: Value, part: Asked) -> str:
        """The code itself."""
        return str(reference)

    def same(self, value: Value, other: Value, part: Asked) -> bool:
        """Whether two codes do the same on every case; ``other`` is an author's."""
        task = _task(part)
        if str(value).strip() == str(other).strip():
            return True
        code = _code(str(value), task)
        if code is None:
            return False
        found = self._runner.student(code.program, cases(task))
        return same(found[:COUNT], self._known(str(other), task)[:COUNT])

    def slip(self, value: Value, reference: Value, part: Asked) -> Diagnosis | None:
        """The one-step change of the reference that does what the code does."""
        task = _task(part)
        code = _code(str(value), task)
        if code is None or task.mend is not None:
            return None
        from engine.coding.slips import single

        found = self._runner.student(code.program, cases(task))[:COUNT]
        candidates, programs = _changed(str(reference), task)
        outcomes = self._runner.author(programs, cases(task))
        fitting = [
            one
            for one, outcome in zip(candidates, outcomes, strict=True)
            if same(found, outcome[:COUNT])
        ]
        return single(fitting)

    def clashes(self, value: Value, reference: Value, part: Asked) -> bool:
        """Whether the texts are the same: nothing is run while a variant is drawn."""
        return value == reference

    # -- running ------------------------------------------------------------------------------

    @property
    def _runner(self) -> Runner:
        if self.run is None:
            raise NoRunner("a part of kind code is graded by running it: give grade a runner")
        return self.run

    def _known(self, source: str, task: Task) -> Sequence[Outcome]:
        """What an author's code does; all that the task knows is run at once."""
        known = _known_programs(task)
        programs = known if source in known else {source: _author_program(source, task)}
        outcomes = self._runner.author(tuple(programs.values()), cases(task))
        return outcomes[list(programs).index(source)]

    def _steps(self, code: Code, found: Sequence[Outcome], task: Task) -> Fraction:
        """The share for the furthest step that the code reached, in its result or on the way."""
        count = len(task.steps)
        programs = _step_programs(task)
        outcomes = self._runner.author(programs, cases(task)) if programs else ()
        for number in range(count, 0, -1):
            values = outcomes[number - 1][:COUNT]
            pairs = list(zip(found, values, strict=False))
            if pairs and all(_reached(outcome, step) for outcome, step in pairs):
                return Fraction(number, count + 1)
        return Fraction(0)

    def _notes(
        self, code: Code, found: Sequence[Outcome], right: Sequence[Outcome], task: Task
    ) -> list[str]:
        """What is worth telling of code that is right."""
        notes = _changed_arguments(found)
        if len(right) > COUNT and not same_outcome(found[COUNT], right[COUNT]):
            scaled = " and ".join(f"{name} {times} times as large" for name, times in task.overflow)
            notes.append(
                f"With {scaled} your result is no longer right: np.exp overflows beyond 709. "
                "Take the largest entry away first; that changes no share."
            )
        if task.vectorised and code.loops:
            notes.append(self._pace(code, task))
        return notes

    def _pace(self, code: Code, task: Task) -> str:
        told = "It loops in Python, where NumPy can take the whole array at once."
        case = large_case(task) if self._runner.timed else None
        if case is None:
            return told
        own = self._runner.student(code.program._replace(probes=()), case)[0]
        best = self._runner.author([_author_program(task.reference, task)], case)[0][0]
        shapes = ", ".join(
            f"{name} {value.shape}"
            for name, value in case.inputs[0].items()
            if not isinstance(value, float | int)
        )
        if own.stopped == "time":
            return f"{told} With {shapes} it isn't done after five seconds."
        if own.raised is not None or best.raised is not None or not best.seconds:
            return told
        times = own.seconds / best.seconds
        if times < SLOW:
            return told
        return (
            f"{told} With {shapes} your loop takes {1000 * own.seconds:.3g} ms, the vectorised "
            f"form {1000 * best.seconds:.2g} ms."
        )


def _task(part: Asked) -> Task:
    assert part.task is not None, "a part of kind code has a task"
    return part.task


def _author_program(source: str, task: Task, returns: tuple[str, ...] = ()) -> Program:
    """A program of the author's, who is told of what is wrong with it. Raises BrokenProblem."""
    try:
        code = read_code(source, task.names, returns) if returns else _code(source, task)
    except Unreadable as error:
        raise BrokenProblem(task.trail, f"{source!r}: {error.message}") from None
    if code is None:
        raise BrokenProblem(task.trail, f"{source!r}: behind the number a line is needed")
    return code.program


@lru_cache(maxsize=256)
def _known_programs(task: Task) -> Mapping[str, Program]:
    """The reference and the misconceptions, by their code."""
    return {source: _author_program(source, task) for source in task.known}


@lru_cache(maxsize=256)
def _step_programs(task: Task) -> tuple[Program, ...]:
    return tuple(_author_program(step.code, task, STEP) for step in task.steps)


@lru_cache(maxsize=64)
def _changed(source: str, task: Task) -> tuple[Sequence[Changed], Sequence[Program]]:
    """The reference changed by one slip each, and the programs of it."""
    from engine.coding.slips import changed

    candidates = changed(source)
    return candidates, [_author_program(one.source, task) for one in candidates]


@lru_cache(maxsize=16)
def _code(text: str, task: Task) -> Code | None:
    """The code to run; None where only a line is named."""
    if task.mend is None:
        return read_code(text, task.names, task.returns)
    return _read_mended(text, task, task.mend)


def _check_reference(right: Sequence[Outcome], task: Task) -> None:
    """Raise BrokenProblem where the reference itself gives nothing."""
    for outcome in right:
        if outcome.raised is not None:
            what = f"{outcome.raised.kind}: {outcome.raised.message}"
            raise BrokenProblem(task.trail, f"the answer raises {what}")
        if outcome.stopped:
            raise BrokenProblem(task.trail, f"the answer gives nothing: {outcome.stopped}")
        for value in outcome.values:
            if isinstance(value, str):
                raise BrokenProblem(task.trail, f"the answer gives {value} and no array")


# -- mending a line --------------------------------------------------------------------------------


def _read_mended(text: str, task: Task, mend: Mend) -> Code | None:
    """The function with the mended line in it. Raises Unreadable."""
    line = read_line(text)
    if line is None:
        if "\n" in text and "def " in text:
            return read_code(text, task.names, task.returns)
        raise Unreadable("write the line's number and the mended line: 3: x = y", 0, len(text))
    if not 1 <= line.number <= len(mend.lines):
        raise Unreadable(f"the lines are numbered from 1 to {len(mend.lines)}", 0, len(text))
    if not line.text:
        return None
    old = mend.lines[line.number - 1]
    new = old[: len(old) - len(old.lstrip())] + line.text
    rows = [new if at == line.number else row for at, row in enumerate(mend.lines, 1)]
    try:
        return read_code("\n".join(rows), task.names, task.returns)
    except Unreadable as error:
        lead = sum(len(row) + 1 for row in rows[: line.number - 1]) + len(new) - len(line.text)
        shift = text.index(line.text) - lead
        start, end = error.start + shift, error.end + shift
        inside = 0 <= start <= len(text)
        raise Unreadable(error.message, start if inside else 0, end if inside else len(text)) from None  # fmt: skip  # noqa: E501


def _names_line(text: str, task: Task) -> bool:
    """Whether a response names the line that was spoiled."""
    line = read_line(text) if task.mend is not None else None
    return line is not None and task.mend is not None and line.number == task.mend.line


def _line_alone(text: str, task: Task) -> Judgement:
    if _names_line(text, task):
        say = "That is the line. Now write what should stand there, behind its number."
        return Judgement(HALF, DECIDED_BY, "line-only", (say,))
    return Judgement(Fraction(0), DECIDED_BY, "wrong-line", ("That line does what it should.",))


# -- judging ---------------------------------------------------------------------------------------


def _share(found: Sequence[Outcome], right: Sequence[Outcome]) -> Fraction:
    """The share of results that are right on every case, where there are several."""
    count = len(right[0].values)
    if count < 2:
        return Fraction(0)
    good = 0
    for at in range(count):
        pairs = zip(found[:COUNT], right[:COUNT], strict=True)
        good += all(
            len(one.values) == count and same_array(one.values[at], other.values[at])
            for one, other in pairs
        )
    return Fraction(good, count)


def _reached(outcome: Outcome, step: Outcome) -> bool:
    wanted = step.values[0] if step.values else ""
    if isinstance(wanted, str):
        return False
    shown = [*outcome.values, *outcome.probes, *(outcome.variables or {}).values()]
    return any(
        not isinstance(value, str | tuple) and value is not None and same_array(value, wanted)
        for value in shown
    )


def _slip(found: Sequence[Outcome]) -> str:
    first = next((one for one in found if one.stopped or one.raised), found[0])
    if first.stopped:
        return f"stopped-{first.stopped}"
    if first.raised is not None:
        return "raises"
    return "wrong-result"


def _reasons(
    code: Code, found: Sequence[Outcome], right: Sequence[Outcome], task: Task, names_line: bool
) -> list[str]:
    """What is wrong on the first case that isn't right, and what else is worth telling."""
    told = [*_changed_arguments(found)]
    for outcome, wanted, given in zip(found, right, cases(task).inputs, strict=False):
        reason = explained(code.program, outcome, wanted, given)
        if reason:
            told = [*reason, *told]
            break
    if task.mend is not None:
        named = "The line is the right one." if names_line else "Is that the line?"
        told.insert(0, f"The function is still wrong. {named}")
    return told


def _changed_arguments(found: Sequence[Outcome]) -> list[str]:
    names = list(dict.fromkeys(name for outcome in found for name in outcome.changed))
    if not names:
        return []
    own = f"argument{'s' if len(names) > 1 else ''} {' and '.join(names)}"
    return [f"Your code changes its {own}: whoever calls it loses theirs. Make a new array."]
