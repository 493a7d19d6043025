"""Names: what is drawn is used, and what students read they may type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, names, walk
from engine.lint.drawn import Drawn
from engine.lint.remark import WARNING, Remark, Tally
from engine.problem import Array, BrokenProblem, Coding, Maths, OneOf, Part, Problem, Sample
from engine.template import PartPlan, Template, Trail, fields_of, prepare, words_of
from engine.text import fields, formulas
from engine.variant import Variant

WITH_SYMBOLS = ("symbolic", "matrix", "shape")


class Written(NamedTuple):
    """An expression where it stands, with the names that only its part knows."""

    trail: Trail
    text: str
    own: tuple[str, ...] = ()


def names_are_used(seen: Drawn) -> Iterator[Remark]:
    """Every expression can be read; every parameter, definition and formula is used."""
    try:
        template = seen.template
    except BrokenProblem as error:
        yield Remark(error.trail, error.message)
        return
    used, asked, broken = set[str](), set[str](), False
    for written in expressions(template):
        try:
            found = names(template.tree(written.text, written.trail, written.own))
        except BrokenProblem as error:
            broken = True
            yield Remark(error.trail, error.message, field=written.text)
            continue
        if written.trail[0] == "require":
            asked |= found
        elif written.trail[0] != "examples":
            used |= found
    if not broken:
        yield from _unused(seen.problem, used, asked)


def _unused(problem: Problem, used: set[str], asked: set[str]) -> Iterator[Remark]:
    """What neither changes what is shown (``used``) nor is ``asked`` for in a condition."""
    shown = problem.table.show if problem.table is not None else ""
    for name, parameter in problem.parameters.items():
        entries = parameter.entries if isinstance(parameter, OneOf | Sample) else ()
        parts = [f"{name}.{field}" for field in fields_of(entries)]
        if name != shown and name not in used and used.isdisjoint(parts):
            message = f"the parameter '{name}' is never used: it changes nothing that is shown"
            yield Remark(("parameters", name), message, WARNING)
            continue
        for part in parts:
            if part not in used | asked and isinstance(parameter, OneOf):
                yield Remark(("parameters", name), f"'{part}' is never used", WARNING)
    for section in ("define", "maths"):
        for name in getattr(problem, section):
            if name not in used | asked:
                yield Remark((section, name), f"'{name}' is never used", WARNING)


def expressions(template: Template) -> Iterator[Written]:
    """Every expression of a problem, those in its texts too. Raises BrokenProblem."""
    problem = template.problem
    for name, parameter in problem.parameters.items():
        if isinstance(parameter, Array):
            yield from (Written(("parameters", name, "array"), text) for text in parameter.shape)
        elif isinstance(parameter, Maths):
            yield from (Written(("parameters", name), text) for text in parameter.entries)
    for section in ("define", "maths"):
        for name, text in getattr(problem, section).items():
            yield Written((section, name), text)
    for number, text in enumerate(problem.require, 1):
        yield Written(("require", str(number)), text)
    yield from _in_text(("question",), problem.question)
    yield from _in_text(("solution",), problem.solution)
    yield from _in_texts(("hints",), problem.hints)
    for part in problem.parts:
        yield from _in_part(template, PartPlan(part.id, part, ("parts", part.id)))
    yield from _in_table(template)
    for number, example in enumerate(problem.examples, 1):
        for id, text in example.answers.items():
            yield from _in_text(("examples", str(number), "answers", id), text)


def _in_table(template: Template) -> Iterator[Written]:
    table = template.problem.table
    if table is None:
        return
    for kind, cells in table.cells.items():
        for column, part in cells.items():
            trail = ("table", "cells", kind, column)
            yield from _in_part(template, PartPlan(f"{kind}.{column}", part, trail))
    yield from _in_text(("table", "first", "label"), table.first_label)
    for column, text in table.first.items():
        yield Written(("table", "first", column), text)
    for row in table.rows:
        here = ("table", "rows", row.id)
        yield from _in_text((*here, "label"), row.label)
        cells = table.cells.get(row.kind, {})
        words = tuple(word for cell in cells.values() for word in _words(cell))
        yield from (Written((*here, name), text, words) for name, text in row.values.items())
        for column, own in row.misconceptions.items():
            if column in cells:
                part = cells[column]._replace(misconceptions=own, hints=(), ask="", options=())
                place = (*here, "misconceptions", column)
                yield from _in_misconceptions(part, place, _words(cells[column]))


def _words(part: Part) -> tuple[str, ...]:
    return words_of(PartPlan(part.id, part, ()))


def _in_part(template: Template, plan: PartPlan) -> Iterator[Written]:
    part, trail = plan.part, plan.trail
    own = (*template.own_symbols(plan), *words_of(plan))
    if part.coding is not None:
        yield from _in_coding(part, part.coding, trail, template)
    elif part.answer:
        yield Written((*trail, "answer"), part.answer, own)
    for number, text in enumerate(part.forbid, 1):
        yield Written((*trail, "forbid", str(number)), text, own)
    if part.loss is not None:
        yield Written((*trail, "loss", "value"), part.loss.value, own)
        for name, text in part.loss.where.items():
            yield Written((*trail, "loss", "where", name), text, own)
    yield from _in_text((*trail, "ask"), part.ask)
    yield from _in_texts((*trail, "hints"), part.hints)
    for option in part.options:
        place = (*trail, "options", option.id)
        if option.right:
            yield Written((*place, "right"), option.right, own)
        yield from _in_text(place, option.text)
        yield from _in_text((*place, "say"), option.say)
    yield from _in_misconceptions(part, (*trail, "misconceptions"), own)


def _in_coding(part: Part, coding: Coding, trail: Trail, template: Template) -> Iterator[Written]:
    yield from _in_text((*trail, "answer"), part.answer)
    yield from _in_text((*trail, "program"), coding.program)
    for id, text in coding.steps.items():
        yield from _in_text((*trail, "steps", id), text)
    for one in coding.inputs:
        place = (*trail, "inputs", one.name)
        texts = (*one.shape, *filter(None, (one.below, one.given)))
        # The name of an axis that each test draws is no expression.
        yield from (Written(place, text) for text in texts if template.knows(text))
    if coding.bug:
        yield from (
            Written((*trail, "bug"), f"{coding.bug}.{field}") for field in ("line", "wrong")
        )


def _in_misconceptions(part: Part, trail: Trail, own: tuple[str, ...]) -> Iterator[Written]:
    for found in part.misconceptions:
        place = (*trail, found.id)
        if part.kind == "code":
            yield from _in_text((*place, "answer"), found.answer)
        else:
            yield Written((*place, "answer"), found.answer, own)
        if found.when:
            yield Written((*place, "when"), found.when, own)
        yield from _in_text((*place, "say"), found.say)


def _in_texts(trail: Trail, texts: tuple[str, ...]) -> Iterator[Written]:
    for number, text in enumerate(texts, 1):
        yield from _in_text((*trail, str(number)), text)


def _in_text(trail: Trail, text: str) -> Iterator[Written]:
    for expression in fields(text):
        yield Written(trail, expression.strip())


# -- symbols that students read ------------------------------------------------------------


def symbols_are_declared(seen: Drawn) -> Iterator[Remark]:
    """Where an answer holds symbols, the question's maths has none that can't be typed."""
    variants = seen.each()
    tally = Tally(variants)
    for variant in variants:
        declared = _declared(variant)
        if not declared:
            continue
        known = prepare(variant.problem).bracketed
        for trail, template in _asked(variant):
            trees = [tree for _, tree in formulas(variant.filled(template, trail), known) if tree]
            given = {name for tree in trees for name in _left_sides(tree)}
            for tree in trees:
                for name in sorted(names(tree) - given - declared.keys()):
                    message = f"'{name}' stands in the text but isn't declared under `symbols`"
                    tally.add(variant, trail, message, WARNING)
    yield from tally.remarks()


def _declared(variant: Variant) -> Mapping[str, Symbol]:
    """The symbols of all parts that ask for expressions; none where no part does."""
    return {
        symbol.name: symbol
        for part in variant.parts
        if part.asked.kind in WITH_SYMBOLS
        for symbol in (*part.asked.symbols, *_of_problem(variant))
        if part.asked.symbols
    }


def _of_problem(variant: Variant) -> tuple[Symbol, ...]:
    return prepare(variant.problem).symbols


def _asked(variant: Variant) -> Iterator[tuple[Trail, str]]:
    yield ("question",), variant.problem.question
    for part in variant.problem.parts:
        yield ("parts", part.id, "ask"), part.ask


def _left_sides(tree: Node) -> Iterator[str]:
    """Names that a formula defines: f in ``f = …``, and f and x in ``f(x) = …``."""
    for node in walk(tree):
        if isinstance(node, Binary) and node.op == "=":
            if isinstance(node.left, Name):
                yield node.left.name
            elif isinstance(node.left, Call | Binary):
                yield from names(node.left)
