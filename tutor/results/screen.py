"""The report on a terminal: what is worth a look first, and how much more there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tutor.console import counted
from tutor.layout import cells
from tutor.render_page import GAP
from tutor.results import words
from tutor.results.figures import (
    OptionFigures,
    PartFigures,
    ProblemFigures,
    Report,
    Scores,
    SlipFigures,
)

if TYPE_CHECKING:
    from tutor.render import Screen

LISTED, COMMONEST, DETAILED = 20, 5, 5
"""Problems in the table, slips of all problems, and problems told part by part."""
PARTS, SLIPS, OPTIONS = 6, 3, 6
BARS = (20, 14, 8, 0)
ALL = "--html FILE and --json tell all"
_NUMBER = re.compile(r"[\d,]+( %)?|–|-|")


def show(screen: Screen, report: Report) -> None:
    """Totals, the problems from the hardest on, and what went wrong in the hardest."""
    sizes = [
        counted(report.responses, "response"),
        counted(report.students, "student"),
        counted(len(report.problems), "problem"),
    ]
    screen.section("What the class got wrong", screen.dot.join(sizes))
    _totals(screen, report)
    screen.gap()
    _listing(screen, report)
    screen.gap()
    _commonest(screen, report)
    _variants(screen, report)
    for problem in report.problems[:DETAILED]:
        screen.gap()
        _problem(screen, problem)
    if len(report.problems) > DETAILED:
        screen.gap()
        screen.notice(f"and {counted(len(report.problems) - DETAILED, 'easier problem')}: {ALL}")
    screen.gap(bool(report.notices))
    screen.lines(report.notices, "dim")


Cell = str | float | None
"""A text, or a share that is drawn as a bar."""


def _table(screen: Screen, rows: Sequence[Sequence[Cell]], indent: int = 0) -> None:
    """Columns below their headings, with bars as long as there is room for."""
    for length in BARS:
        drawn = [[_cell(screen, cell, length) for cell in row] for row in rows]
        filled = [column for column in zip(*drawn, strict=True) if any(column[1:])]
        width = sum(max(map(cells, column)) for column in filled) + GAP * (len(filled) - 1)
        if width + indent <= screen.width:
            break
    lines = list(zip(*map(_aligned, filled), strict=True))
    screen.columns([[" " * indent + line[0], *line[1:]] for line in lines], ("dim",))


def _aligned(column: Sequence[str]) -> Sequence[str]:
    """Numbers below one another, by their last digit; texts as they are."""
    if not all(map(_NUMBER.fullmatch, column[1:])):
        return column
    return [cell.rjust(max(map(len, column))) for cell in column]


def _cell(screen: Screen, cell: Cell, length: int) -> str:
    if isinstance(cell, str) or cell is None:
        return screen.clean(cell or "")
    return screen.clean(screen.bar(cell, length))


def _totals(screen: Screen, report: Report) -> None:
    scores = report.scores
    if scores is not None:
        screen.line(f"marks: {words.marks(scores)}", hang=2)
    screen.line(f"reliability: {words.reliability(report)}", hang=2)
    if scores is not None:
        screen.gap()
        _table(screen, list(_tenths(screen, scores)))


def _tenths(screen: Screen, scores: Scores) -> Iterator[list[Cell]]:
    most = max(scores.tenths)
    yield ["marks", "students", ""]
    for at, count in enumerate(scores.tenths):
        yield [
            f"{10 * at} to {10 * at + 10} %",
            f"{count:,}",
            screen.bar(count / most).rstrip("░"),
        ]


def _listing(screen: Screen, report: Report) -> None:
    shown = report.problems[:LISTED]
    alike = all(one.responses == report.students for one in report.problems)
    rows: list[list[Cell]] = [["problem", "facility", "", "discrimination", "responses"]]
    rows += [
        [
            one.id,
            words.percent(one.facility),
            one.facility,
            words.discrimination(one.discrimination),
            "" if alike else f"{one.responses:,}",
        ]
        for one in shown
    ]
    _table(screen, rows)
    if len(report.problems) > len(shown):
        screen.notice(f"and {len(report.problems) - len(shown):,} more: {ALL}")
    screen.notice(words.LEGEND)


def _commonest(screen: Screen, report: Report) -> None:
    """The slips that most made, over all problems."""
    found = report.slips
    if not found:
        return
    rows: list[list[Cell]] = [["commonest slips", "times", "problem", "part"]]
    rows += [
        [words.slip(slip.slip), f"{slip.times:,}", problem.id, part.id]
        for problem, part, slip in found[:COMMONEST]
    ]
    _table(screen, rows)
    if len(found) > COMMONEST:
        screen.notice(f"and {len(found) - COMMONEST:,} more: {ALL}")
    screen.gap()


def _variants(screen: Screen, report: Report) -> None:
    """Which numbers made a problem harder; that none did, or that none could be compared."""
    compared = [(one, p) for one in report.problems for p in one.parameters]
    harder = [(one, p) for one, p in compared if p.differs]
    if not compared:
        screen.line("variants: too few to compare")
    elif not harder:
        screen.line(f"variants: {words.ALIKE}")
    else:
        screen.line("harder variants")
    for problem, parameter in harder[:LISTED]:
        screen.line(f"{problem.id}, {words.hardest(parameter)}", indent=2, hang=2)
    if len(harder) > LISTED:
        screen.notice(f"and {len(harder) - LISTED:,} more: {ALL}")


def _problem(screen: Screen, problem: ProblemFigures) -> None:
    told = [words.percent(problem.facility)]
    told += [words.times(problem.time)] if problem.time is not None else []
    screen.section(problem.id, screen.dot.join(told))
    if problem.title:
        screen.notice(problem.title)
    if problem.notice:
        screen.notice(problem.notice)
    parts = sorted(problem.parts, key=lambda one: 1.0 if one.facility is None else one.facility)[
        :PARTS
    ]
    rows: list[list[Cell]] = [["part", "facility", "", "discrimination", "blank"]]
    rows += [
        [
            part.id,
            words.percent(part.facility),
            part.facility,
            words.discrimination(part.discrimination),
            f"{part.unanswered:,}",
        ]
        for part in parts
    ]
    _table(screen, rows)
    if len(problem.parts) > len(parts):
        screen.notice(f"and {counted(len(problem.parts) - len(parts), 'easier part')}: {ALL}")
    for part in parts:
        _part(screen, part)


def _part(screen: Screen, part: PartFigures) -> None:
    if not part.slips and not part.options:
        return
    screen.gap()
    screen.line(part.id)
    for slip in part.slips[:SLIPS]:
        _slip(screen, slip, part)
    others = sum(slip.times for slip in part.slips[SLIPS:])
    if others:
        screen.line(f"and {counted(others, 'other wrong answer')}", "dim", indent=2)
    if part.options:
        _options(screen, part.options)


def _slip(screen: Screen, slip: SlipFigures, part: PartFigures) -> None:
    share = words.percent(slip.times / part.responses)
    screen.line(f"{words.slip(slip.slip)}: {slip.times:,} ({share})", indent=2, hang=2)
    screen.line(f"e.g. {words.example(slip.example)}", "dim", indent=4, hang=2)
    if slip.example.said:
        screen.line(slip.example.said, "dim", indent=4)


def _options(screen: Screen, options: Sequence[OptionFigures]) -> None:
    rows: list[list[Cell]] = [["option", "", "chosen", "", "best third", "weakest third"]]
    rows += [
        [
            one.id or one.text,
            "right" if one.right else "wrong",
            f"{one.who.chosen:,} of {one.who.shown:,}",
            one.who.share,
            words.percent(one.who.best),
            words.percent(one.who.weakest),
        ]
        for one in options[:OPTIONS]
    ]
    screen.gap()
    _table(screen, rows, indent=2)
    if len(options) > OPTIONS:
        screen.line(f"and {len(options) - OPTIONS:,} more: {ALL}", "dim", indent=2)
