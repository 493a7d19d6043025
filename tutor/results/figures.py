"""What a report tells: plain figures, for the screen, the page and JSON alike."""

from __future__ import annotations

from typing import NamedTuple

from engine.statistics.groups import LEVEL, Comparison
from engine.statistics.items import Discrimination, Quartiles, Reliability
from engine.statistics.options import Choosers
from tutor.results.gathering import Example, Slip


class SlipFigures(NamedTuple):
    """How many made a slip, and one of them."""

    slip: Slip
    times: int
    example: Example


class OptionFigures(NamedTuple):
    """An option where it was right, or where it was wrong, and who took it there.

    ``id`` is "" for a pool's options, whose letters change from variant to variant.
    """

    id: str
    text: str
    right: bool
    who: Choosers


class PartFigures(NamedTuple):
    """A part: facility, the counts behind it, discrimination, slips, options if it has any."""

    id: str
    responses: int
    facility: float | None
    correct: int
    invalid: int
    unanswered: int
    discrimination: Discrimination
    slips: tuple[SlipFigures, ...]
    options: tuple[OptionFigures, ...]


class Group(NamedTuple):
    """Responses whose variants had a parameter at a value, or between two."""

    label: str
    responses: int
    facility: float


class ParameterFigures(NamedTuple):
    """Groups by a parameter's value; ``p`` and what is left of it after Holm's correction.

    ``left_out``: responses in groups that are too small.
    """

    name: str
    groups: tuple[Group, ...]
    left_out: int
    test: Comparison
    corrected: float

    @property
    def differs(self) -> bool:
        """Whether some values are harder than others, beyond chance."""
        return self.corrected < LEVEL


class ProblemFigures(NamedTuple):
    """A problem with its parts. ``drawn``: responses whose variants were drawn anew."""

    id: str
    title: str
    responses: int
    facility: float | None
    discrimination: Discrimination
    alpha_without: float | None
    time: Quartiles | None
    parts: tuple[PartFigures, ...]
    parameters: tuple[ParameterFigures, ...]
    drawn: int
    variants: int
    notice: str


class Scores(NamedTuple):
    """Students' shares of the marks: how many in each tenth, mean, spread, quartiles.

    ``deviation`` is None for a single student.
    """

    tenths: tuple[int, ...]
    mean: float
    deviation: float | None
    quartiles: Quartiles


class Trust(NamedTuple):
    """The reliability, the problems that nearly all got, and how many students got all of these."""

    reliability: Reliability
    problems: tuple[str, ...]
    students: int

    def without(self, problem: str) -> float | None:
        """Cronbach's α without a problem; None where that is undefined, or it isn't among them."""
        found = dict(zip(self.problems, self.reliability.without, strict=False))
        return found.get(problem)


class Report(NamedTuple):
    """A class's results, the hardest problem first."""

    rows: int
    responses: int
    students: int
    scores: Scores | None
    trust: Trust
    problems: tuple[ProblemFigures, ...]
    notices: tuple[str, ...]

    @property
    def slips(self) -> list[tuple[ProblemFigures, PartFigures, SlipFigures]]:
        """Every slip that was recognised, of all problems, the commonest first."""
        found = [
            (problem, part, slip)
            for problem in self.problems
            for part in problem.parts
            for slip in part.slips
            if slip.slip.recognised
        ]
        return sorted(found, key=lambda one: -one[2].times)
