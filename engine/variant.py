"""Variants: a problem with its numbers drawn, its texts filled in and its answers computed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from engine.draws import MAX_SEED, Stream, draw
from engine.evaluator import NO_WORDS, Unfit, unfit
from engine.kinds import kind_of
from engine.language.errors import Undefined
from engine.language.exact import Value, as_integer, as_number
from engine.language.tree import Node, names
from engine.parts import Fits, Layout, PartEvaluator, Slip, VariantPart
from engine.problem import BrokenProblem, Entry, Problem
from engine.template import Trail, prepare, words_of
from engine.text import Text
from engine.values import as_tree, reach
from engine.verdict import Diagnosis

if TYPE_CHECKING:
    from engine.coding.runs import Runner

MAX_ATTEMPTS = 2_000
ORIGINAL = "original"


class Variant(NamedTuple):
    """A problem with its numbers. ``seed`` is None for the original."""

    problem: Problem
    seed: int | None
    parameters: Mapping[str, Entry]
    values: Mapping[str, Value]
    parts: tuple[VariantPart, ...] = ()

    @property
    def code(self) -> str:
        """What a person can paste: ``cnn/conv-output@7``."""
        return f"{self.problem.id}@{ORIGINAL if self.seed is None else self.seed}"

    @property
    def question(self) -> Text:
        """The question with the drawn numbers in it."""
        return self.text(self.problem.question, ("question",))

    @property
    def solution(self) -> Text:
        """The worked solution with the drawn numbers and the answers in it, options by text."""
        chosen = {
            part.id: kind_of(part.asked.kind).tell(part.reference, part.asked)
            for part in self.parts
            if part.asked.choices
        }
        return self.text(self.problem.solution, ("solution",), chosen)

    @property
    def table(self) -> Layout | None:
        """The table over the parts, if the problem has one."""
        return self._evaluator.layout(self.parts)

    @property
    def hints(self) -> tuple[Text, ...]:
        """The problem's hints, in order."""
        return tuple(self.text(hint, ("hints",)) for hint in self.problem.hints)

    def text(self, template: str, trail: Trail, words: Mapping[str, str] = NO_WORDS) -> Text:
        """A text of the problem filled in, some names by ``words``. Raises BrokenProblem."""
        answers = self._references
        try:
            return self._evaluator.text(template, trail, answers, words)
        except Undefined as error:
            raise BrokenProblem(trail, str(error)) from None

    def filled(self, template: str, trail: Trail, part: VariantPart | None = None) -> str:
        """A text with its values in it, its maths still as written. Raises BrokenProblem.

        ``part``: the part whose text it is, which knows the parts before it and its row.
        """
        answers = self._references
        evaluator = self._evaluator
        try:
            local = answers if part is None else evaluator.local(part.plan, answers)
            return evaluator.written(template, trail, local)
        except Undefined as error:
            raise BrokenProblem(trail, str(error)) from None

    def part(self, name: str) -> VariantPart:
        """The part of that id. Raises KeyError."""
        for part in self.parts:
            if part.id == name:
                return part
        raise KeyError(name)

    def recompute(self, part: VariantPart, answers: Mapping[str, Value]) -> Value | None:
        """The part's reference from given answers to earlier parts; None where it has none."""
        evaluator = self._evaluator
        try:
            return evaluator.reference(part.plan, answers)
        except (Undefined, BrokenProblem):  # a wrong earlier answer may leave no answer here
            return None

    def diagnose(
        self,
        part: VariantPart,
        value: Value,
        answers: Mapping[str, Value],
        run: Runner | None = None,
    ) -> Diagnosis | None:
        """The slip behind a wrong value that no author foresaw, if just one kind gives it."""
        kind = kind_of(part.asked.kind, run)
        if part.asked.kind not in ("number", "integer") or not part.plan.part.answer:
            return kind.slip(value, part.reference, part.asked)
        from engine.diagnosis import diagnose_number

        evaluator = self._evaluator
        trail = (*part.plan.trail, "answer")
        tree = evaluator.template.tree(part.plan.part.answer, trail, words_of(part.plan))
        try:
            values = {**evaluator.values, **evaluator.local(part.plan, answers)}
        except Undefined:
            return None

        def agrees(changed: Fraction) -> bool:
            return kind.same(value, changed, part.asked)

        asked = part.asked
        room = reach(as_number(value), asked.relative, asked.absolute)
        return diagnose_number(tree, values, agrees, room)

    def expression(self, part: VariantPart) -> tuple[Node, Mapping[str, Value]]:
        """The tree of a part's answer, and what the names in it stand for.

        Raises BrokenProblem, and Undefined where a row's value has none.
        """
        evaluator = self._evaluator
        trail = (*part.plan.trail, "answer")
        tree = evaluator.template.tree(part.plan.part.answer, trail, words_of(part.plan))
        answers = self._references
        known = {**evaluator.values, **evaluator.local(part.plan, answers)}
        return tree, {name: known[name] for name in sorted(names(tree)) if name in known}

    def bound(self, part: VariantPart, text: str, trail: Trail) -> Node:
        """An expression in a part's symbols with the drawn numbers in it. Raises BrokenProblem."""
        evaluator = self._evaluator
        answers = self._references
        try:
            return as_tree(
                evaluator.answer(part.plan, text, trail, evaluator.local(part.plan, answers))
            )
        except Undefined as error:
            raise BrokenProblem(trail, str(error)) from None

    def slips(self, part: VariantPart, answers: Mapping[str, Value]) -> tuple[Slip, ...]:
        """The part's misconceptions that have a value, from given answers to earlier parts."""
        return tuple(self._evaluator.slips(part.plan, answers))

    def slip(self, part: VariantPart, answers: Mapping[str, Value], fits: Fits) -> Slip | None:
        """The first of the part's misconceptions whose value fits, or None."""
        return next(self._evaluator.slips(part.plan, answers, fits), None)

    @property
    def _evaluator(self) -> PartEvaluator:
        return PartEvaluator(prepare(self.problem), self.values)

    @property
    def _references(self) -> dict[str, Value]:
        return {part.id: part.reference for part in self.parts}


def make_variant(problem: Problem, seed: int | None) -> Variant:
    """The variant of a seed from 0 to 2^63 − 1, or the original for None.

    Draws in which a misconception gives the right answer, a condition fails, an answer has no
    value or a choice has no single right option are drawn anew. Raises BrokenProblem.
    """
    if seed is None:
        if problem.original is None:
            raise BrokenProblem((), f"{problem.id} has no original")
        return variant_with(problem, None, problem.original)
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"a seed is a whole number from 0 to {MAX_SEED}")
    for number in range(MAX_ATTEMPTS):
        try:
            return attempt(problem, seed, number)
        except Unfit:
            continue
    message = f"no draw in {MAX_ATTEMPTS:,} is fit for use: loosen `require` or the ranges"
    raise BrokenProblem(("parameters",), message)


def variant_with(problem: Problem, seed: int | None, parameters: Mapping[str, Entry]) -> Variant:
    """The variant with these parameters in place of drawn ones, as they are kept with an attempt.

    Raises BrokenProblem, also where the problem has other parameters.
    """
    if parameters.keys() != problem.parameters.keys():
        raise BrokenProblem(("parameters",), "the problem has other parameters")
    evaluator = PartEvaluator(prepare(problem), {})
    for name in problem.parameters:
        evaluator.declare(name, parameters[name])
    try:
        evaluator.define()
        parts = evaluator.parts(f"{problem.id}@{ORIGINAL}")
    except Unfit as error:
        where = "with the original's figures" if seed is None else "with these figures"
        raise BrokenProblem(error.trail, f"no value {where}: {error.reason}") from None
    except Undefined as error:
        trail = ("original",) if seed is None else ("parameters",)
        raise BrokenProblem(trail, str(error)) from None
    return Variant(problem, seed, parameters, evaluator.values, parts)


def attempt(problem: Problem, seed: int, number: int) -> Variant:
    """The draw of that number for a seed, counted from 0.

    Raises Unfit where it has to be thrown away, and BrokenProblem.
    """
    evaluator = PartEvaluator(prepare(problem), {})
    return _made(evaluator, seed, _draws(evaluator, seed, number))


def made_of(problem: Problem, seed: int, parameters: Mapping[str, Entry]) -> Variant:
    """The variant that a draw of these parameters would give.

    Raises Unfit where it would be thrown away, and BrokenProblem.
    """
    evaluator = PartEvaluator(prepare(problem), {})
    for name in problem.parameters:
        evaluator.declare(name, parameters[name])
    return _made(evaluator, seed, parameters)


def _made(evaluator: PartEvaluator, seed: int, parameters: Mapping[str, Entry]) -> Variant:
    problem = evaluator.template.problem
    try:
        evaluator.define()
    except Unfit:
        # Where a condition rules the draw out, nobody misses the value.
        evaluator.meet(problem.require, lenient=True)
        raise
    evaluator.meet(problem.require)
    code = f"{problem.id}@{seed}"
    variant = Variant(problem, seed, parameters, evaluator.values, evaluator.parts(code))
    _check_fit(variant)
    return variant


def _draws(evaluator: PartEvaluator, seed: int, attempt: int) -> Mapping[str, Entry]:
    """The parameters, each declared before the next is drawn. Raises Unfit."""
    problem, drawn = evaluator.template.problem, dict[str, Entry]()
    for name, parameter in problem.parameters.items():

        def size(text: str, name: str = name) -> int:
            return as_integer(evaluator.value(text, ("parameters", name, "array")))

        with unfit(("parameters", name)):
            drawn[name] = draw(parameter, Stream(problem.id, seed, name, attempt), size)
            evaluator.declare(name, drawn[name])
    return drawn


def _check_fit(variant: Variant) -> None:
    """Raise Unfit if a misconception gives the right answer, or no option is right."""
    answers = {part.id: part.reference for part in variant.parts}
    for part in variant.parts:
        right = sum(choice.right for choice in part.asked.choices)
        if part.asked.kind == "choices" and right == 0:
            raise Unfit((*part.plan.trail, "options"), "no option is right")
        slip = variant.slip(part, answers, partial(_clashes, part))
        if slip is not None:
            trail = part.plan.misconception_trail(slip.id)
            raise Unfit(trail, "the misconception gives the right answer")


def _clashes(part: VariantPart, id: str, value: Value) -> bool:
    try:
        return kind_of(part.asked.kind).clashes(value, part.reference, part.asked)
    except Undefined as error:
        raise BrokenProblem(part.plan.misconception_trail(id), str(error)) from None
