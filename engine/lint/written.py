"""What can't work whatever is drawn: told by the expressions alone, before anything is drawn."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from engine.language.functions import AUTHOR_FUNCTIONS
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Unary, names, walk
from engine.lint.drawn import Drawn
from engine.lint.names import Written, expressions
from engine.lint.remark import Remark
from engine.problem import Array, BrokenProblem, OneOf, Problem, Range
from engine.reference import FUNCTIONS, load
from engine.template import PartPlan, Template, Trail

RELATIONS = ("=", "!=", "<", "<=", ">", ">=", "and", "or")
CONDITIONS = ("when", "right")
COMPUTED = ("answer", "misconceptions", "options")


def expressions_can_have_values(seen: Drawn) -> Iterator[Remark]:
    """Calls get as many values as they take, names come first, conditions are conditions."""
    template = seen.template
    orders = _orders(seen.problem)
    for written in expressions(template):
        try:
            tree = template.tree(written.text, written.trail, written.own)
        except BrokenProblem:
            continue  # told by the check of names
        for message in _calls(tree):
            yield Remark(written.trail, message, field=written.text)
        yield from _too_early(written, tree, orders, seen.problem)
        if _is_condition(written.trail) and _is_number(tree, seen.problem):
            message = "this is a number and no condition: compare it, as in n > 3"
            yield Remark(written.trail, message)
    yield from _shared_names(template)


def _calls(tree: Node) -> Iterator[str]:
    """What is wrong with the calls of reference functions."""
    for node in walk(tree):
        if not isinstance(node, Call) or node.function not in FUNCTIONS:
            continue
        if node.function in AUTHOR_FUNCTIONS:
            continue
        try:
            signature = inspect.signature(load(node.function))
        except ValueError:
            continue
        try:
            signature.bind(*node.arguments, **dict(node.options))
        except TypeError:
            shown = ", ".join(_shown(one) for one in signature.parameters.values())
            yield f"{node.function}({shown}) can't be called with what stands in its brackets"


def _shown(parameter: inspect.Parameter) -> str:
    return parameter.name if parameter.default is parameter.empty else f"[{parameter.name}]"


# -- order ---------------------------------------------------------------------------------


def _orders(problem: Problem) -> Mapping[str, Sequence[str]]:
    """What is computed one after the other, by section of the file."""
    above = [*problem.parameters, *problem.define, *problem.maths]
    below = [part.id for part in problem.parts]
    return {"parameters": above, "define": above, "maths": above,
            "parts": [id if id not in above else "" for id in below]}  # fmt: skip


def _too_early(
    written: Written, tree: Node, orders: Mapping[str, Sequence[str]], problem: Problem
) -> Iterator[Remark]:
    """Names that get their value only further down."""
    section, *below = written.trail
    if section not in orders or (section == "parts" and below[1] not in COMPUTED):
        return
    order = orders[section]
    at = [part.id for part in problem.parts] if section == "parts" else order
    later = {*order[at.index(below[0]) + 1 :]} - {*written.own}
    for name in sorted(names(tree) & later):
        yield Remark(written.trail, f"'{name}' has no value yet: it stands further down")


# -- conditions ----------------------------------------------------------------------------


def _is_condition(trail: Trail) -> bool:
    inside = "misconceptions" in trail or "options" in trail
    return trail[0] == "require" or (inside and trail[-1] in CONDITIONS)


def _is_number(tree: Node, problem: Problem) -> bool:
    """Whether an expression is a number for sure."""
    if isinstance(tree, Name):
        drawn = problem.parameters.get(tree.name)
        numbers = isinstance(drawn, OneOf) and all(isinstance(x, Fraction) for x in drawn.entries)
        return numbers or isinstance(drawn, Range | Array)
    if isinstance(tree, Binary):
        return tree.op not in RELATIONS
    return isinstance(tree, Number | Constant | Unary)


# -- names that stand for two things -------------------------------------------------------


def _shared_names(template: Template) -> Iterator[Remark]:
    """A symbol that is drawn or computed too would be replaced by that value."""
    problem = template.problem
    computed = {**_owners(problem, "a parameter", "parameters"),
                **_owners(problem, "under define", "define"),
                **_owners(problem, "under maths", "maths")}  # fmt: skip
    for symbol in template.symbols:
        if symbol.name in computed:
            yield Remark(("symbols",), _shared(symbol.name, computed[symbol.name]))
    for part in problem.parts:
        plan = PartPlan(part.id, part, ("parts", part.id))
        for name in template.own_symbols(plan):
            if name in computed:
                yield Remark((*plan.trail, "symbols"), _shared(name, computed[name]))
        computed[part.id] = "a part above"


def _owners(problem: Problem, words: str, section: str) -> dict[str, str]:
    return dict.fromkeys(getattr(problem, section), words)


def _shared(name: str, owner: str) -> str:
    return f"the symbol '{name}' is {owner} too, whose value would take its place: rename one"
