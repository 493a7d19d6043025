"""A problem drawn on many seeds: its variants, and the draws that were thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from engine.coding.runs import Runner
from engine.evaluator import Unfit
from engine.kinds import kind_of
from engine.language.tokens import MAX_LENGTH
from engine.lint.programs import remarks_on_code
from engine.lint.remark import Remark
from engine.problem import BrokenProblem, Problem
from engine.template import Template, Trail, prepare
from engine.variant import MAX_ATTEMPTS, Variant, attempt, make_variant

UNDRAWN = "can_be_drawn"
"""The name of the check that drawing itself is."""
CODE_VARIANTS = 40
CONDITION, CLASH = "the condition doesn't hold", "the misconception gives the right answer"


class Rejected(NamedTuple):
    """A draw that was thrown away: where it failed, and why."""

    trail: Trail
    reason: str


@dataclass(frozen=True, eq=False)
class Drawn:
    """What the checks look at.

    ``variants``: one a seed. ``original``: None if there is none, or it is broken.
    ``remarks``: what kept the problem from being drawn. ``run`` runs code; without it, code is
    read only.
    """

    problem: Problem
    seeds: int
    original: Variant | None
    variants: tuple[Variant, ...]
    rejected: tuple[Rejected, ...]
    remarks: tuple[Remark, ...]
    run: Runner | None = None

    @cached_property
    def runner(self) -> Runner | None:
        """What runs code, if all code of the author's is sound: else that is told first."""
        return None if self.told_of_code else self.run

    @cached_property
    def told_of_code(self) -> tuple[Remark, ...]:
        """What is to say of the author's code, found once."""
        return tuple(remarks_on_code(self.first(CODE_VARIANTS), self.run))

    @property
    def template(self) -> Template:
        """The problem made ready. Raises BrokenProblem."""
        return prepare(self.problem)

    @property
    def attempts(self) -> int:
        """How many draws there were, the fit ones and the others."""
        return len(self.variants) + len(self.rejected)

    def first(self, count: int) -> tuple[Variant, ...]:
        """The original, if there is one, and this many variants."""
        original = () if self.original is None else (self.original,)
        return (*original, *self.variants[:count])

    def each(self) -> tuple[Variant, ...]:
        """The original, if there is one, and all variants."""
        return self.first(len(self.variants))


Check: TypeAlias = Callable[[Drawn], Iterator[Remark]]


def drawn(problem: Problem, seeds: int, run: Runner | None = None) -> Drawn:
    """Draw the original and the seeds from 0 on. Raises nothing."""
    remarks: list[Remark] = []
    original = None
    if problem.original is not None:
        original = _guarded(lambda: make_variant(problem, None), remarks)
    rejected: list[Rejected] = []
    variants: list[Variant] = []
    for seed in range(seeds):
        if remarks and not variants:
            break
        variant = _guarded(lambda seed=seed: _draw(problem, seed, rejected), remarks)  # type: ignore[misc]
        if variant is None:
            break
        untypeable = _untypeable(variant)
        if untypeable:
            remarks += untypeable
            break
        variants.append(variant)
    if not variants and not remarks:
        remarks.append(_unsatisfiable(rejected))
    return Drawn(problem, seeds, original, tuple(variants), tuple(rejected), tuple(remarks), run)


def _draw(problem: Problem, seed: int, rejected: list[Rejected]) -> Variant | None:
    """The variant of a seed; None where no draw is fit. Raises BrokenProblem."""
    for number in range(MAX_ATTEMPTS if problem.parameters else 1):
        try:
            return attempt(problem, seed, number)
        except Unfit as unfit:
            rejected.append(Rejected(unfit.trail, unfit.reason))
    return None


def _untypeable(variant: Variant) -> list[Remark]:
    """Parts whose key is longer than an answer may be: too much to look at forty times."""
    found = []
    for part in variant.parts:
        if part.asked.kind == "array":
            length = len(kind_of("array").write(part.reference, part.asked))
            if length > MAX_LENGTH:
                message = (
                    f"the answer takes {length:,} characters to write, and at most "
                    f"{MAX_LENGTH:,} are read"
                )
                found.append(Remark((*part.plan.trail, "answer"), message, check=UNDRAWN))
    return found


def _guarded(draw: Callable[[], Variant | None], remarks: list[Remark]) -> Variant | None:
    try:
        return draw()
    except BrokenProblem as error:
        remarks.append(Remark(error.trail, error.message, check=UNDRAWN))
        return None


def _unsatisfiable(rejected: Iterable[Rejected]) -> Remark:
    found = list(rejected)
    worst = most_frequent(found)
    alike = sum(one.trail == worst.trail for one in found)
    draws = f"{alike:,} of {len(found):,} draws, of which none is fit for use"
    if worst.reason == CONDITION:
        message = f"this condition fails on {draws}; loosen it, or the ranges"
    elif worst.reason == CLASH:
        message = f"this gives the right answer on {draws}: say under `when` where it applies"
    else:
        message = f"this has no value on {draws}: {worst.reason.rstrip('.')}"
    return Remark(worst.trail, message, check=UNDRAWN)


def most_frequent(rejected: Iterable[Rejected]) -> Rejected:
    """What most draws failed at; the place counts, not the words."""
    counts: dict[Trail, list[Rejected]] = {}
    for one in rejected:
        counts.setdefault(one.trail, []).append(one)
    return max(counts.values(), key=len)[0]
