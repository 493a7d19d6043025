"""How many one-step changes of an answer the problem's own checks catch.

A slip of the author's is just such a change: what no example, misconception or loss objects to
could stand in the file unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.coding.runs import Runner
from engine.diagnosis.changes import changes
from engine.evaluator import Unfit
from engine.language.axes import Mismatch
from engine.language.errors import Undefined, Unreadable
from engine.language.printer import one_line
from engine.language.symbols import Symbol
from engine.language.tree import names
from engine.lint.drawn import Drawn
from engine.lint.examples import fault
from engine.lint.keys import some
from engine.lint.losses import fault as loss_fault
from engine.lint.remark import INFO, Remark, shortened
from engine.problem import BrokenProblem, Part, Problem
from engine.template import PartPlan, Template, Trail, prepare, words_of
from engine.variant import Variant, attempt, make_variant

SEEDS = 2
ATTEMPTS = 20
MOST_NAMED = 3
UNCHANGED = ("choice", "choices", "code")
_BROKEN = (BrokenProblem, Undefined, Unreadable, Mismatch)


def mutants_are_caught(seen: Drawn) -> Iterator[Remark]:
    """The share of changed answers that something in the file objects to, by part."""
    if not seen.variants:
        return
    before = [_keys(variant) for variant in seen.first(SEEDS)]
    for plan in _plans(seen.template):
        found = [(text, _fate(seen, plan, text, before)) for text in _changed(seen, plan)]
        judged = [(text, caught) for text, caught in found if caught is not None]
        if not judged:
            continue
        missed = [text for text, caught in judged if not caught]
        named = (
            f"; not caught: {' and '.join(map(shortened, missed[:MOST_NAMED]))}" if missed else ""
        )
        share = f"{len(judged) - len(missed)} of {len(judged)}"
        message = f"{share} one-step changes of the answer are caught{named}"
        yield Remark((*plan.trail, "answer"), message, INFO)


def _plans(template: Template) -> Iterator[PartPlan]:
    problem = template.problem
    for part in problem.parts:
        yield PartPlan(part.id, part, ("parts", part.id))
    table = problem.table
    for kind, cells in table.cells.items() if table is not None else ():
        for column, part in cells.items():
            yield PartPlan(f"{kind}.{column}", part, ("table", "cells", kind, column))


def _changed(seen: Drawn, plan: PartPlan) -> list[str]:
    """What the answer of a part becomes by one slip."""
    if not plan.part.answer or plan.part.kind in UNCHANGED:
        return []
    template = seen.template
    own = (*template.own_symbols(plan), *words_of(plan))
    tree = template.tree(plan.part.answer, (*plan.trail, "answer"), own)
    declared = {symbol.name: symbol for symbol in template.symbols_of(plan)}
    known = {name: Symbol(name) for name in sorted(names(tree))} | declared
    return [one_line(change.tree, ascii=True) for change in some(changes(tree, known))]


def _fate(seen: Drawn, plan: PartPlan, text: str, before: list[dict[str, str]]) -> bool | None:
    """Whether a changed answer is caught; None where it changes no key."""
    problem = _with_answer(seen.problem, plan.trail, text)
    try:
        variants = list(_variants(problem, seen))
    except _BROKEN:
        return True
    if [_keys(variant) for variant in variants] == before:
        return None
    return any(_objections(variant, seen.runner) for variant in variants)


def _variants(problem: Problem, seen: Drawn) -> Iterator[Variant]:
    """The original and the first seeds. Raises BrokenProblem, and Unfit where no draw is fit."""
    prepare(problem)
    if seen.original is not None:
        yield make_variant(problem, None)
    for seed in range(min(SEEDS, len(seen.variants))):
        for number in range(ATTEMPTS):
            try:
                yield attempt(problem, seed, number)
                break
            except Unfit:
                if number == ATTEMPTS - 1:
                    raise


def _objections(variant: Variant, run: Runner | None) -> bool:
    """Whether an example or a loss objects."""
    try:
        for number, example in enumerate(variant.problem.examples, 1):
            meant = variant.seed is None or not example.original
            if meant and fault(variant, example, ("examples", str(number)), run)[1]:
                return True
        for part in variant.parts:
            loss = part.plan.part.loss
            if loss is not None and loss_fault(variant, part, loss)[1]:
                return True
    except _BROKEN:
        return True
    return False


def _keys(variant: Variant) -> dict[str, str]:
    return {part.id: str(part.reference) for part in variant.parts}


def _with_answer(problem: Problem, trail: Trail, answer: str) -> Problem:
    """The problem with another answer in one part or cell."""
    if trail[0] == "parts":
        parts = tuple(
            part._replace(answer=answer) if part.id == trail[1] else part for part in problem.parts
        )
        return replace(problem, parts=parts)
    assert problem.table is not None
    _, _, kind, column = trail
    changed: dict[str, Part] = dict(problem.table.cells[kind])
    changed[column] = changed[column]._replace(answer=answer)
    cells = {**problem.table.cells, kind: changed}
    return replace(problem, table=problem.table._replace(cells=cells))
