"""A mock exam drawn from a blueprint: which problems, which variants, for how many points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from engine.draws import MAX_SEED, Stream
from engine.problem import Problem


class Section(NamedTuple):
    """``questions`` problems out of ``names`` (topics and ids), ``points`` together."""

    id: str
    title: str
    points: int
    questions: int
    names: tuple[str, ...]


class Blueprint(NamedTuple):
    """An exam as written. Of the problems in a group of ``alike`` at most one is drawn."""

    id: str
    title: str
    minutes: int
    sections: tuple[Section, ...]
    alike: tuple[frozenset[str], ...] = ()

    @property
    def points(self) -> int:
        """The points of the whole exam."""
        return sum(section.points for section in self.sections)


class Question(NamedTuple):
    """A variant in an exam: its section, the problem, the seed, and what it is worth there."""

    section: Section
    problem: Problem
    seed: int
    points: int


class Unfilled(Exception):
    """A section for which too few problems that differ are left; the text says which."""


def draw_exam(
    blueprint: Blueprint, ids: Iterable[str], problem_of: Callable[[str], Problem], seed: int
) -> tuple[Question, ...]:
    """The questions in the blueprint's order: the same for the same seed and ids.

    ``problem_of`` is asked for those that are drawn, no others. No problem comes twice, and no two
    that are ``alike``. Sections with fewer problems to choose from are filled first, so that none
    is left without. Raises Unfilled.
    """
    known = sorted(ids)
    pools = {section.id: pool(section, known) for section in blueprint.sections}
    taken: set[str] = set()
    drawn: dict[str, list[str]] = {}
    scarce_first = sorted(
        blueprint.sections, key=lambda one: len(pools[one.id]) - 2 * one.questions
    )
    for section in scarce_first:
        stream = Stream(f"exam/{blueprint.id}", seed, section.id, 0)
        chosen: list[str] = []
        for id in stream.sample(pools[section.id], len(pools[section.id])):
            if len(chosen) < section.questions and id not in taken:
                chosen.append(id)
                taken |= _kin(id, blueprint)
        if len(chosen) < section.questions:
            message = f"{section.title}: {section.questions} different problems are needed"
            raise Unfilled(f"{message}, and only {len(chosen)} can be drawn")
        drawn[section.id] = chosen
    return tuple(
        Question(section, problem, _seed(blueprint, problem, seed), points)
        for section in blueprint.sections
        for problem, points in _shared(section, [*map(problem_of, drawn[section.id])])
    )


def pool(section: Section, ids: Iterable[str]) -> list[str]:
    """The problems that a section may draw."""
    names = set(section.names)
    return [id for id in ids if id in names or id.partition("/")[0] in names]


def _kin(id: str, blueprint: Blueprint) -> set[str]:
    """The problem and all that are alike."""
    return {id}.union(*(group for group in blueprint.alike if id in group))


def _seed(blueprint: Blueprint, problem: Problem, seed: int) -> int:
    return Stream(f"exam/{blueprint.id}", seed, problem.id, 1).below(MAX_SEED)


def _shared(section: Section, chosen: Sequence[Problem]) -> list[tuple[Problem, int]]:
    """The section's points in whole numbers, in proportion to what the problems are worth.

    What rounding down leaves goes to the largest remainders (Hamilton's method); every question
    is worth a point at least.
    """
    total = sum((problem.points for problem in chosen), Fraction(0))
    spare = section.points - len(chosen)
    exact = [spare * problem.points / total for problem in chosen]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(chosen)), key=lambda at: (whole[at] - exact[at], at))
    for at in by_remainder[: spare - sum(whole)]:
        whole[at] += 1
    return [(problem, 1 + points) for problem, points in zip(chosen, whole, strict=True)]
