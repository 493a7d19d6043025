"""What a sitting came to: every answer graded, points by section."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from engine.grading import grade
from engine.problem import BrokenProblem
from engine.variant import Variant
from engine.verdict import CORRECT, Verdict
from tutor.console import complain
from tutor.layout import marks

if TYPE_CHECKING:
    from engine.coding.runs import Runner
    from tutor.exam.sheet import Sheet
    from tutor.render import Screen


class Graded(NamedTuple):
    """A question, its number from 1, the verdict, and what it is worth in the exam."""

    number: int
    variant: Variant
    verdict: Verdict
    points: Fraction

    @property
    def earned(self) -> Fraction:
        """The question's points in proportion to the marks of the problem."""
        score = sum((part.score for part in self.verdict.parts), Fraction(0))
        return self.points * score / self.variant.problem.points

    @property
    def missed(self) -> bool:
        """Whether a part isn't right."""
        return any(part.verdict != CORRECT for part in self.verdict.parts)


class Section(NamedTuple):
    """A section's title and its questions."""

    title: str
    questions: tuple[Graded, ...]

    @property
    def earned(self) -> Fraction:
        """Points earned."""
        return sum((one.earned for one in self.questions), Fraction(0))

    @property
    def points(self) -> Fraction:
        """Points that could be earned."""
        return sum((one.points for one in self.questions), Fraction(0))


class Report(NamedTuple):
    """The exam's title, when it ended, the minutes taken, and its sections."""

    title: str
    ended: datetime
    minutes: int
    sections: tuple[Section, ...]

    @property
    def earned(self) -> Fraction:
        """Points earned."""
        return sum((one.earned for one in self.sections), Fraction(0))

    @property
    def points(self) -> Fraction:
        """Points that could be earned."""
        return sum((one.points for one in self.sections), Fraction(0))

    @property
    def questions(self) -> tuple[Graded, ...]:
        """All questions in their order."""
        return tuple(one for section in self.sections for one in section.questions)


def graded(sheet: Sheet, ended: float, run: Runner | None) -> Report:
    """Grade the sheet that was ended then (seconds since 1970).

    Slips that no author named aren't looked for in an exam. A question that can't be graded, by
    its author's mistake, is told on stderr and left out.
    """
    sections: dict[str, list[Graded]] = {}
    for number, (variant, asked) in enumerate(zip(sheet.variants, sheet.asked, strict=True)):
        responses = sheet.responses(number)
        try:
            verdict = grade(variant, responses, diagnose=False, run=run)
        except BrokenProblem as error:
            complain(f"question {number + 1}, {variant.code}, can't be graded: {error}")
            continue
        one = Graded(number + 1, variant, verdict, Fraction(asked.points))
        sections.setdefault(asked.section, []).append(one)
    found = (Section(title, tuple(questions)) for title, questions in sections.items())
    minutes = round((ended - sheet.sitting.began) / 60)
    return Report(sheet.sitting.title, datetime.fromtimestamp(ended, UTC), minutes, tuple(found))


def show(screen: Screen, report: Report) -> None:
    """Each answer with its verdict, the solution where it was missed; then the points."""
    for section in report.sections:
        screen.gap()
        screen.section(section.title, marks(section.earned, section.points))
        for one in section.questions:
            screen.gap()
            screen.graded(f"{one.number}", one.variant, marks(one.earned, one.points), one.verdict)
            if one.missed:
                screen.solution(one.variant.solution)
    screen.gap()
    screen.rule()
    rows = [[one.title, marks(one.earned, one.points)] for one in report.sections]
    rows.append([report.title, marks(report.earned, report.points)])
    screen.columns([[screen.clean(cell) for cell in row] for row in rows])
