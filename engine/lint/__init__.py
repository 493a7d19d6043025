"""What a careful reviewer would say of a problem: draw it many times, and look.

Each check takes a problem as drawn and yields remarks; joined, they are a new list. A remark
bears the trail of keys to its place, for the program around the engine knows files and lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from engine.coding.runs import Runner
from engine.language.axes import Mismatch
from engine.language.errors import Undefined, Unreadable
from engine.lint.code import code_gives_what_it_should
from engine.lint.drawn import UNDRAWN, Check, Drawn, drawn
from engine.lint.draws import conditions_leave_enough, values_are_of_a_size, variants_differ
from engine.lint.examples import examples_hold
from engine.lint.keys import keys_are_accepted, near_misses_are_rejected
from engine.lint.losses import gradients_are_those_of_the_loss
from engine.lint.mutations import mutants_are_caught
from engine.lint.names import names_are_used, symbols_are_declared
from engine.lint.options import options_differ
from engine.lint.rare import rare_values_have_answers
from engine.lint.remark import ERROR, INFO, WARNING, Remark
from engine.lint.slips import misconceptions_are_told_apart
from engine.lint.texts import texts_can_be_filled_in
from engine.lint.written import expressions_can_have_values
from engine.problem import BrokenProblem, Problem
from engine.template import Trail

__all__ = [
    "CHECKS", "ERROR", "INFO", "MEASURES", "SEEDS", "WARNING", "Check", "Drawn", "Remark", "drawn",
    "lint", "review",
]  # fmt: skip

SEEDS = 40
Checks: TypeAlias = Iterable[Check]

CHECKS: tuple[Check, ...] = (
    conditions_leave_enough,
    rare_values_have_answers,
    variants_differ,
    values_are_of_a_size,
    names_are_used,
    expressions_can_have_values,
    symbols_are_declared,
    texts_can_be_filled_in,
    options_differ,
    keys_are_accepted,
    near_misses_are_rejected,
    misconceptions_are_told_apart,
    examples_hold,
    gradients_are_those_of_the_loss,
    code_gives_what_it_should,
)
MEASURES: tuple[Check, ...] = (mutants_are_caught,)
"""What is told on demand, and is nothing to mend."""


def lint(problem: Problem, seeds: int = SEEDS, run: Runner | None = None) -> list[Remark]:
    """All that is to mend about a problem, by drawing this many seeds. Raises nothing.

    ``run`` runs code; without it, parts of kind code are read only.
    """
    return review(drawn(problem, seeds, run), CHECKS)


def review(seen: Drawn, checks: Checks) -> list[Remark]:
    """The remarks of some checks, each once. Raises nothing."""
    found = [*seen.remarks]
    for check in checks:
        try:
            found += [remark._replace(check=check.__name__) for remark in check(seen)]
        except BrokenProblem as error:
            found.append(Remark(error.trail, error.message, check=UNDRAWN))
        except (Undefined, Unreadable, Mismatch) as error:
            found.append(Remark((), str(error), check=UNDRAWN))
    return _once(_explained(found))


def _explained(found: Sequence[Remark]) -> list[Remark]:
    """Without what a draw failed at where another check says why."""
    told = {one.trail for one in found if one.severity == ERROR and one.check != UNDRAWN}
    return [one for one in found if one.check != UNDRAWN or one.trail not in told]


def _once(found: Sequence[Remark]) -> list[Remark]:
    """Each remark once; of one that several checks met, the one with the longest trail."""
    kept: list[Remark] = []
    for remark in found:
        alike = [other for other in kept if other.message == remark.message]
        if any(
            _leads_to(remark.trail, other.trail) and (other.field or not remark.field)
            for other in alike
        ):
            continue
        kept = [
            other
            for other in kept
            if other not in alike or not _leads_to(other.trail, remark.trail)
        ]
        kept.append(remark)
    return kept


def _leads_to(trail: Trail, further: Trail) -> bool:
    return further[: len(trail)] == trail
