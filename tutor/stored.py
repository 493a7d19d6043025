"""Attempts as stored, graded anew: with the numbers that the student saw, not with new draws."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from engine.draws import entries as entries_of_range
from engine.grading import grade
from engine.problem import Array, BrokenProblem, Entry, Maths, OneOf, Parameter, Problem, Sample
from engine.variant import Variant, make_variant, variant_with
from engine.verdict import PartVerdict
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.documents import parameters_document
from tutor.store import Attempt

_RATIONAL = re.compile(r"-?\d{1,400}(/0*[1-9]\d{0,399})?")


class Regraded(NamedTuple):
    """An attempt and what it earns now; ``verdict`` is None where ``why`` says why not.

    ``redrawn``: the problem's parameters are others by now, so today's variant is taken.
    """

    id: int
    attempt: Attempt
    verdict: PartVerdict | None
    revision: str = ""
    why: str = ""
    redrawn: bool = False

    @property
    def changed(self) -> bool:
        """Whether the marks or the verdict differ from those stored."""
        before = (self.attempt.verdict, self.attempt.score)
        return self.verdict is not None and before != (
            self.verdict.verdict,
            float(self.verdict.score),
        )


ProblemOf = Callable[[str], "Problem | str"]
"""The problem of an id, or one line that says why there is none."""


def regraded(attempts: Iterable[tuple[int, Attempt]], problem_of: ProblemOf) -> Iterator[Regraded]:
    """Every attempt graded anew, with the student's earlier answers to the same question."""
    responses: dict[tuple[str, str], dict[str, str]] = {}
    for id, attempt in attempts:
        key = (attempt.session, attempt.code)
        given = responses.setdefault(key, {})
        if attempt.try_number == 1 and attempt.part in given:
            given.clear()  # the same question once more
        given[attempt.part] = attempt.response
        yield _regraded(id, attempt, given, problem_of)


def _regraded(
    id: int, attempt: Attempt, responses: Mapping[str, str], problem_of: ProblemOf
) -> Regraded:
    problem = problem_of(attempt.problem)
    if isinstance(problem, str):
        return Regraded(id, attempt, None, why=problem)
    try:
        variant, redrawn = stored_variant(problem, attempt.seed, attempt.parameters)
        known = {part.id for part in variant.parts}
        answers = {part: text for part, text in responses.items() if part in known}
        graded = {part.id: part for part in grade(variant, answers).parts}
    except BrokenProblem as error:
        return Regraded(id, attempt, None, why=error.message)
    if attempt.part not in graded:
        return Regraded(id, attempt, None, why=f"the problem has no part {attempt.part} any more")
    return Regraded(id, attempt, graded[attempt.part], problem.revision, redrawn=redrawn)


def problems_of(bank: Bank) -> ProblemOf:
    """The problems as they are in the bank now."""

    def problem_of(id: str) -> Problem | str:
        try:
            return bank.load(id)
        except (UnknownName, BrokenProblemFile) as error:
            return str(error)

    return problem_of


def stored_variant(problem: Problem, seed: str, parameters: str) -> tuple[Variant, bool]:
    """The variant with the stored numbers; a new draw (and True) where they don't fit any more.

    ``seed`` and ``parameters`` (JSON) are as in the store. Raises BrokenProblem.
    """
    number = int(seed) if seed.isdecimal() else None
    try:
        return variant_with(problem, number, entries_from(problem, json.loads(parameters))), False
    except (BrokenProblem, ValueError, KeyError, TypeError):
        return make_variant(problem, number), True


def entries_from(problem: Problem, document: Mapping[str, Any]) -> dict[str, Entry]:
    """Parameters as they were stored. Raises ValueError where they can't be this problem's."""
    if document.keys() != problem.parameters.keys():
        raise ValueError("other parameters")
    return {name: _entry(value, problem.parameters[name]) for name, value in document.items()}


def _entry(value: Any, parameter: Parameter) -> Entry:
    if isinstance(parameter, Maths):
        return str(value)
    if isinstance(parameter, OneOf | Sample):
        model = parameter.entries[0]
        of_sample = isinstance(parameter, Sample)
        return tuple(_like(item, model) for item in value) if of_sample else _like(value, model)
    model = entries_of_range(parameter.entries if isinstance(parameter, Array) else parameter)[0]
    return _like(value, model)


def _like(value: Any, model: Entry) -> Entry:
    """A value from JSON, of the type that a model has; an array's entries are numbers."""
    if isinstance(value, list):
        inner = model[0] if isinstance(model, tuple) else model
        return tuple(_like(item, inner) for item in value)
    if isinstance(model, Mapping):
        return {name: _number_or_word(value[name], model[name]) for name in model}
    if isinstance(model, tuple):
        raise ValueError("a list is missing")
    return _number_or_word(value, model)


def _number_or_word(value: Any, model: Fraction | str) -> Fraction | str:
    if isinstance(model, str):
        return str(value)
    if not _RATIONAL.fullmatch(str(value)):
        raise ValueError("not a number")
    return Fraction(value)


def changed_since(variant: Variant, before: tuple[str, str] | None) -> str:
    """A line for whoever asks for a code that meant other numbers when it was answered."""
    if before is None:
        return ""
    at, parameters = before
    now = parameters_document(variant.parameters)
    try:
        old = dict(json.loads(parameters))
    except (ValueError, TypeError):
        return ""
    names = [name for name in {**old, **now} if old.get(name) != now.get(name)]
    return (
        f"{variant.code} had other numbers when you answered it on {at[:10]} "
        f"({', '.join(names[:5])}): the problem was changed since"
    )
