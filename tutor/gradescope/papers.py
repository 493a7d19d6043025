"""A student's paper: the questions to read, and the answer sheet to fill in, as plain text.

No code of a variant stands on either: ``tutor show CODE --solution`` would give the answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import NamedTuple

from engine.exam import Blueprint
from engine.parts import VariantPart
from engine.spacing import HARD_SPACE
from engine.text import linear
from engine.variant import Variant
from tutor.bank.bank import Bank
from tutor.console import clean
from tutor.documents import describe
from tutor.exam.drawing import blueprint_of, draw, drawn_numbers
from tutor.gradescope.config import Config, address
from tutor.layout import paragraphs, points, wrap

WIDTH = 78
SHEET = "answers.txt"
PAPER = "paper.txt"
_HOW = {
    "number": "a number",
    "integer": "a whole number",
    "shape": "a shape, such as 6x6x32 or (50,), or error where there is none",
    "choice": "one of the options, by the word before it",
    "choices": "all options that apply, with commas between them",
    "symbolic": "an expression",
    "matrix": "an expression",
    "array": "an array, such as [1, 2, 3] or [[1, 2], [3, 4]]",
    "code": "NumPy code; it may go on on the next lines",
}


class Question(NamedTuple):
    """A question of a paper: its number from 1, and what it is worth there."""

    number: int
    variant: Variant
    points: int

    def label(self, part: str) -> str:
        """What stands before the answer to a part on the sheet: ``3.side``."""
        return f"{self.number}.{part}"

    @property
    def worths(self) -> list[float]:
        """What each part is worth, in hundredths that add up to the question's points."""
        total = self.variant.problem.points
        ends = accumulate(part.points for part in self.variant.parts)
        upto = [0, *(round(100 * self.points * end / total) for end in ends)]
        return [(end - start) / 100 for start, end in pairwise(upto)]


class Paper(NamedTuple):
    """The questions that one student gets; ``id`` tells papers apart and nothing else."""

    id: str
    title: str
    minutes: int
    questions: tuple[Question, ...]

    @property
    def labels(self) -> list[str]:
        """What is asked, in order."""
        return [one.label(part.id) for one in self.questions for part in one.variant.parts]


class Papers:
    """Draws papers of one exam. Raises Refusal where the exam can't be drawn."""

    def __init__(self, bank: Bank, config: Config) -> None:
        self.bank = bank
        self.config = config
        self.blueprint: Blueprint = blueprint_of(bank, config.exam)

    def of(self, email: str) -> Paper:
        """The paper of the student with that address; the same for all where there is a seed."""
        drawn, variants = draw(self.bank, self.blueprint, self.config.seed_of(email))
        questions = tuple(
            Question(number, variant, one.points)
            for number, (one, variant) in enumerate(zip(drawn, variants, strict=True), 1)
        )
        content = [
            [one.variant.code, drawn_numbers(one.variant), [part.id for part in one.variant.parts]]
            for one in questions
        ]
        whose = address(email) if self.config.seed is None else ""
        id = self.config.paper_id(json.dumps([self.blueprint.id, whose, content]))
        return Paper(id, self.blueprint.title, self.blueprint.minutes, questions)


def paper_text(paper: Paper) -> str:
    """The questions, and how each part is answered."""
    total = points(Fraction(sum(one.points for one in paper.questions)))
    lines = [
        f"{paper.title} · paper {paper.id}",
        f"{len(paper.questions)} questions, {total}, {paper.minutes} minutes",
        "",
        *wrap(f"Write your answers into {SHEET}, behind the labels that stand here too.", WIDTH),
    ]
    for one in paper.questions:
        lines += ["", "", *_question(one)]
    return _plain(lines)


def _question(one: Question) -> Iterator[str]:
    title = f"{one.number}. {one.variant.problem.title} ({points(Fraction(one.points))})"
    yield title
    yield "-" * len(title)
    for paragraph in paragraphs(linear(one.variant.question)):
        yield ""
        yield from wrap(paragraph, WIDTH)
    if one.variant.table is not None:
        yield ""
        yield from _table(one)
        return
    for part in one.variant.parts:
        yield ""
        yield from wrap(f"{one.label(part.id)}: {linear(part.asked.ask)}".rstrip(" :"), WIDTH, 4)
        wide = max((len(choice.id) for choice in part.asked.choices), default=0) + 2
        for choice in part.asked.choices:
            same = choice.text.casefold() == choice.id.replace("-", " ")
            told = choice.id if same else choice.id.ljust(wide) + choice.text
            yield from wrap(f"    {told}", WIDTH, wide)
        yield from wrap(f"    Answer: {_how(part)}", WIDTH, 4)


def _table(one: Question) -> Iterator[str]:
    """A row a line, each cell behind its heading; a cell that is asked shows its label."""
    assert one.variant.table is not None
    layout = one.variant.table
    for label, *row in layout.lines:
        cells = zip(layout.headings[1:], row, strict=True)
        told = [
            f"{name}: {cell[1:] if cell.startswith('=') else f'[{one.label(cell)}]'}"
            for name, cell in cells
            if cell
        ]
        yield from wrap(f"{label}. {'; '.join(told)}", WIDTH, 4)
    kinds = {_how(part) for part in one.variant.parts}
    yield from wrap(f"Answer: {'; '.join(sorted(kinds))}", WIDTH, 4)


def _how(part: VariantPart) -> str:
    """How a part is answered, with the symbols that may be used."""
    asked = part.asked
    if asked.task is not None and asked.task.mend is not None:
        return "the number of the line, a colon and the mended line"
    symbols = ", ".join(f"{one.name} ({describe(one).strip('()')})" for one in asked.symbols)
    return f"{_HOW[asked.kind]} in {symbols}" if symbols else _HOW[asked.kind]


def sheet_text(paper: Paper) -> str:
    """The answer sheet, empty: a label a part."""
    lines = [
        f"# Answer sheet: {paper.title}",
        "#",
        "# Write each answer behind its colon, as you would type it in a quiz; it may go on on",
        "# the next lines. Leave empty what you don't answer. Lines that begin with # are not",
        f"# read. Hand in this file, as plain text and under its name: {SHEET}",
        "",
        f"paper: {paper.id}",
    ]
    for one in paper.questions:
        title = f"{one.number}. {one.variant.problem.title}"
        lines += ["", f"# {title} ({points(Fraction(one.points))})"]
        lines += [f"{one.label(part.id)}:" for part in one.variant.parts]
    return _plain(lines)


def _plain(lines: list[str]) -> str:
    return clean("\n".join(lines)).replace(HARD_SPACE, " ") + "\n"
