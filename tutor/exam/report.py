"""What a sitting came to: every answer graded, points by section."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from engine.grading import grade
from engine.variant import Variant
from engine.verdict import CORRECT, Verdict
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
    """The exam's title, when it ended (ISO 8601), the minutes taken, and its sections."""

    title: str
    ended: str
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


def graded(sheet: Sheet, ended: str, minutes: int, run: Runner | None) -> Report:
    """Grade the sheet. Slips that no author named aren't looked for in an exam."""
    questions = [
        Graded(
            number + 1,
            variant,
            grade(variant, sheet.responses(number), diagnose=False, run=run),
            Fraction(sheet.sitting.questions[number].points),
        )
        for number, variant in enumerate(sheet.variants)
    ]
    titles = dict.fromkeys(asked.section for asked in sheet.sitting.questions)
    sections = tuple(Section(title, _of(title, sheet, questions)) for title in titles)
    return Report(sheet.sitting.title, ended, minutes, sections)


def _of(title: str, sheet: Sheet, questions: Sequence[Graded]) -> tuple[Graded, ...]:
    asked = sheet.sitting.questions
    return tuple(one for one in questions if asked[one.number - 1].section == title)


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
