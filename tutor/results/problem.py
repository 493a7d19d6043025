"""One problem's answers on the way to its figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from engine.grading import UNANSWERED
from engine.language.printer import format_value
from engine.statistics.groups import SMALLEST, Comparison, kruskal_wallis, quarters
from engine.statistics.items import Floats, quartiles
from engine.statistics.options import choosers
from engine.verdict import CORRECT, INVALID
from tutor.results.drawn import Drawn, Label, Option, Source
from tutor.results.figures import (
    Group,
    OptionFigures,
    ParameterFigures,
    PartFigures,
    ProblemFigures,
    SlipFigures,
    Trust,
)
from tutor.results.gathering import Answer, Answers, Slip
from tutor.results.marks import Class, Marks, marks_of

HANDFUL = 12
"""Variants of a problem up to which they are compared themselves, and not their parameters."""


class Compared(NamedTuple):
    """A parameter's groups, not yet corrected."""

    name: str
    groups: tuple[Group, ...]
    left_out: int
    test: Comparison


class ProblemResults:
    """One problem's answers on the way to its figures."""

    def __init__(
        self, answers: Answers, marks: Marks, everybody: Class, source: Source, most: int
    ) -> None:
        self.answers = answers
        self.marks = marks
        self.everybody = everybody
        self.problem = source.problem(answers.problem)
        self.rows = list(answers.all())
        self.variants = {answer.variant for _, answer in self.rows}
        self.drawn: list[Drawn | None] = [None] * len(self.rows)
        if self.problem is not None:
            drawn = source.draw(answers.problem, self.variants, most)
            self.drawn = [_fitting(drawn.get(one.variant), one) for _, one in self.rows]
        self.known = sum(one is not None for one in self.drawn)
        self.compared = list(self._compare()) if len(self.variants) > 1 else []

    def figures(self, corrected: Iterator[float], trust: Trust) -> ProblemFigures:
        """``corrected``: what Holm's method leaves of the tests' chances, in their order."""
        times = np.array([one.seconds for _, one in self.rows if one.seconds is not None], float)
        return ProblemFigures(
            self.answers.problem,
            self.problem.title if self.problem is not None else "",
            len(self.rows),
            self.marks.facility,
            self.everybody.discrimination(self.marks),
            trust.without(self.answers.problem),
            quartiles(times),
            tuple(self._parts()),
            tuple(ParameterFigures(*one, next(corrected)) for one in self.compared),
            self.known,
            len(self.variants),
            self._notice(),
        )

    def _notice(self) -> str:
        if self.problem is None:
            return "The bank has no such problem: its options and variants can't be told."
        if not self.known:
            return "The problem has changed since: its options and variants can't be told."
        return ""

    # -- parts -------------------------------------------------------------------------------------

    def _parts(self) -> Iterator[PartFigures]:
        rows: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
        places: dict[str, list[int]] = defaultdict(list)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        slips: dict[str, Counter[Slip]] = defaultdict(Counter)
        for at, (student, answer) in enumerate(self.rows):
            for one in answer.outcomes:
                who = -1 if student is None else student
                rows[one.part].append((who, one.score, one.possible))
                places[one.part].append(at)
                if one.slip is not None:
                    slips[one.part][one.slip] += 1
                blank = one.slip is None and one.verdict != CORRECT
                counts[one.part][UNANSWERED if blank else one.verdict] += 1
        for id, found in rows.items():
            marks = marks_of(found)
            yield PartFigures(
                id,
                len(found),
                marks.facility,
                counts[id][CORRECT],
                counts[id][INVALID],
                counts[id][UNANSWERED],
                self.everybody.discrimination(marks),
                tuple(self._slips(id, slips[id])),
                tuple(self._options(id, places[id], self.everybody.rests(marks))),
            )

    def _slips(self, part: str, counts: Counter[Slip]) -> Iterator[SlipFigures]:
        """Those that are recognised before the others, the commonest first."""
        for slip, times in sorted(
            counts.items(), key=lambda one: (not one[0].recognised, -one[1], one[0])
        ):
            yield SlipFigures(slip, times, self.answers.examples[part, slip])

    def _options(self, part: str, places: Sequence[int], rests: Floats) -> Iterator[OptionFigures]:
        """Every option that was shown: where it was right, then where not, the most taken first."""
        shown: dict[tuple[str, bool], list[tuple[bool, float]]] = defaultdict(list)
        first: dict[str, Option] = {}
        for at, rest in zip(places, rests, strict=True):
            drawn = self.drawn[at]
            if drawn is None or part not in drawn.options:
                continue
            ticked = _ticked(self.rows[at][1], part)
            for option in drawn.options[part]:
                shown[option.key, option.right].append((option.id in ticked, float(rest)))
                first.setdefault(option.key, option)
        found = []
        for (key, right), pairs in shown.items():
            taken, by = zip(*pairs, strict=True)
            who = choosers(np.array(taken, bool), np.array(by, float))
            id = first[key].id if first[key].id == key else ""
            found.append(OptionFigures(id, first[key].text, right, who))
        yield from sorted(found, key=lambda one: (not one.right, -one.who.share, one.id, one.text))

    # -- parameters --------------------------------------------------------------------------------

    def _compare(self) -> Iterator[Compared]:
        """Every parameter of which two values or more were given to enough students.

        Where a class got a handful of variants, their parameters change together, and the variants
        are compared themselves.
        """
        shares = self.marks.shares.tolist()
        values: dict[str, list[tuple[Label, float]]] = defaultdict(list)
        for (_, answer), drawn, share in zip(self.rows, self.drawn, shares, strict=True):
            if len(self.variants) <= HANDFUL:
                values["variant"].append((f"@{answer.variant}", share))
            elif drawn is not None:
                for name, label in drawn.parameters.items():
                    values[name].append((label, share))
        for name, pairs in values.items():
            groups = {k: v for k, v in _grouped(pairs).items() if len(v) >= SMALLEST}
            test = kruskal_wallis([np.array(one) for one in groups.values()])
            if test is not None:
                told = tuple(Group(k, len(v), sum(v) / len(v)) for k, v in groups.items())
                left_out = len(pairs) - sum(one.responses for one in told)
                yield Compared(name, told, left_out, test)


def _fitting(drawn: Drawn | None, answer: Answer) -> Drawn | None:
    """The variant, if the answer was given to one with the same parts and points."""
    given = {one.part: one.possible for one in answer.outcomes}
    if drawn is None or drawn.points.keys() != given.keys():
        return None
    same = all(abs(points - given[part]) < 1e-6 for part, points in drawn.points.items())
    return drawn if same else None


def _ticked(answer: Answer, part: str) -> set[str]:
    return {id for one in answer.outcomes if one.part == part for id in one.ticked.split(", ")}


def _grouped(pairs: Sequence[tuple[Label, float]]) -> dict[str, list[float]]:
    """Shares by a parameter's value, in order; numbers that take many values by quarters."""
    numbers = [label for label, _ in pairs if isinstance(label, Fraction)]
    spans = iter(quarters(numbers)) if len(numbers) == len(pairs) else None
    groups: dict[tuple[Fraction, Fraction] | str, list[float]] = defaultdict(list)
    for label, share in pairs:
        groups[next(spans) if spans is not None else _told(label)].append(share)
    return {_spanned(key): groups[key] for key in sorted(groups, key=_order)}


def _order(key: tuple[Fraction, Fraction] | str) -> tuple[Fraction, str]:
    return (Fraction(0), key) if isinstance(key, str) else (key[0], "")


def _spanned(key: tuple[Fraction, Fraction] | str) -> str:
    if isinstance(key, str):
        return key
    low, high = map(format_value, key)
    return low if low == high else f"{low} to {high}"


def _told(label: Label) -> str:
    return format_value(label) if isinstance(label, Fraction) else label
