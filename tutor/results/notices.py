"""What the figures leave out, in sentences: rows that don't count, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tutor.console import counted
from tutor.results.figures import ProblemFigures, Trust
from tutor.results.gathering import Tally, short
from tutor.results.rows import CUT_SHORT

MOST = 3
"""Reasons that are told of each sort."""


def notices(tally: Tally, problems: Sequence[ProblemFigures], trust: Trust) -> Iterator[str]:
    """A sentence each."""
    replaced = sum(answers.replaced for answers in tally.problems.values())
    if replaced:
        yield (
            f"{counted(replaced, 'row')} gave way to a later one of the same student and problem: "
            "the last one counts."
        )
    if tally.nameless:
        yield (
            f"{counted(tally.nameless, 'row')} without a student: in facilities and slips, but not "
            "in totals, discrimination and reliability."
        )
    yield from _outside(trust, problems, len(tally.students))
    if tally.ungraded:
        rows = counted(tally.ungraded.total(), "row")
        yield f"{rows} could not be graded: {_told(tally.ungraded)}."
    yield from _skipped(tally)
    if tally.bad_times:
        yield f"{counted(tally.bad_times, 'time')} can't be read as a number of seconds."
    sampled = [one for one in problems if one.drawn < one.responses and not one.notice]
    if sampled:
        drawn, all_of = sum(one.drawn for one in sampled), sum(one.responses for one in sampled)
        yield (
            f"Options and parameters of {counted(len(sampled), 'problem')} are told from {drawn:,} "
            f"of {all_of:,} responses: the others' variants were not drawn anew."
        )
    if tally.compared:
        verdicts = ", ".join(f"{count:,} {short(what)}" for what, count in tally.compared.items())
        yield f"{counted(tally.compared.total(), 'comparison')} with no problem behind: {verdicts}."


def _outside(trust: Trust, problems: Sequence[ProblemFigures], students: int) -> Iterator[str]:
    """Whom and what the reliability leaves out."""
    if trust.reliability.value is None:
        return
    rare = [one.id for one in problems if one.id not in trust.problems]
    if rare:
        named = ", ".join(map(short, rare[:MOST])) + (", …" if len(rare) > MOST else "")
        yield (
            f"The reliability leaves out {counted(len(rare), 'problem')} that more than a tenth of "
            f"the students lack: {named}."
        )
    if students > trust.students:
        yield (
            f"The reliability leaves out {counted(students - trust.students, 'student')} without "
            "a row for one of the problems. A part left blank counts as 0."
        )


def _told(reasons: Counter[str]) -> str:
    """The commonest reasons, each with how often it was given if that was more than once."""
    told = [
        short(reason) + (f" ({times:,} times)" if times > 1 else "")
        for reason, times in reasons.most_common(MOST)
    ]
    more = len(reasons) - MOST
    return "; ".join(told) + (f"; and {more:,} other reasons" if more > 0 else "")


def _skipped(tally: Tally) -> Iterator[str]:
    lines = [one for one in tally.skipped if one.reason != CUT_SHORT]
    others = tally.skipped_rows - (len(tally.skipped) - len(lines))
    if others:
        told = "; ".join(f"line {one.line:,}: {one.reason}" for one in lines[:MOST])
        more = "; …" if others > MOST else ""
        yield f"{counted(others, 'line')} skipped: {told}{more}."
    if others != tally.skipped_rows:
        yield "The last line is cut short and was skipped: was `tutor check` still at work?"
