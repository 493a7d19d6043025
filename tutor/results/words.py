"""Figures in words, the same on the screen and on the page."""

from __future__ import annotations

from engine.statistics.items import Discrimination, Quartiles
from tutor.results.figures import ParameterFigures, Report, Scores
from tutor.results.gathering import Example, Slip

LOW = 0.2
"""Below it an item hardly tells better students from weaker ones (Ebel and Frisbie 1991)."""
FEW = 4
"""Values below which quartiles say no more than the median."""
ALIKE = "no difference beyond chance"
NAMES = {
    "incorrect": "no slip recognised",
    "partial": "partly right, no slip recognised",
    "cells": "some cells wrong",
    "steps": "got part of the way",
    "wrong-result": "runs, but gives something else",
    "missed": "not all that is right",
    "wrong-tick": "something that isn't right",
    "another-option": "another option",
    "invalid": "can't be read",
}


def percent(share: float | None) -> str:
    """``64 %``; a dash for none."""
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def decimals(value: float | None) -> str:
    """Two decimals, with a minus sign that is one."""
    return "–" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def discrimination(found: Discrimination) -> str:
    """``0.41``, ``0.12 low``, ``−0.20 negative?`` where it may be chance, or why there is none."""
    if found.value is None or found.high is None:
        return found.reason
    if found.value >= LOW:
        return decimals(found.value)
    remark = "negative" if found.value < 0 else "low"
    return f"{decimals(found.value)} {remark}{'?' if found.high >= LOW else ''}"


def time(seconds: float) -> str:
    """``45 s``, ``1:20 min``, ``2:05 h``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60}:{whole % 60:02} min"
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02} h"


def times(found: Quartiles) -> str:
    """The middle and the middle half."""
    told = f"median {time(found.median)}"
    if found.values < FEW:
        return told
    return f"{told}, half between {time(found.lower)} and {time(found.upper)}"


def middle(found: Quartiles) -> str:
    """``55 s (38 s to 1:18 min)``."""
    told = time(found.median)
    return told if found.values < FEW else f"{told} ({time(found.lower)} to {time(found.upper)})"


def marks(scores: Scores) -> str:
    """``mean 68 %, half of the students between 57 % and 81 %``."""
    told, half = f"mean {percent(scores.mean)}", scores.quartiles
    if half.values < FEW:
        return told
    return f"{told}, half of the students between {percent(half.lower)} and {percent(half.upper)}"


def slip(found: Slip) -> str:
    """A slip's name as it is read."""
    if not found.recognised and found.name in NAMES:
        return NAMES[found.name]
    return found.name.replace("-", " ")


def reliability(report: Report) -> str:
    """``0.81 (Cronbach's alpha, 12 problems, 312 students), standard error 1.4 points``."""
    (value, error, _, reason), problems, students = report.trust
    if value is None:
        return f"not computed: {reason}"
    sizes = f"{_of(len(problems), len(report.problems))} problems, {students:,} students"
    told = f"{decimals(value)} (Cronbach's alpha, {sizes})"
    if error is None:
        return f"{told}: below 0, so the problems don't measure the same thing"
    return f"{told}, standard error {error:.2g} points"


def _of(some: int, all: int) -> str:
    return f"{some:,}" if some == all else f"{some:,} of {all:,}"


def hardest(found: ParameterFigures) -> str:
    """``s: 52 % at 3, 81 % at 1``."""
    low = min(found.groups, key=lambda one: one.facility)
    high = max(found.groups, key=lambda one: one.facility)
    return (
        f"{found.name}: {percent(low.facility)} at {low.label}, "
        f"{percent(high.facility)} at {high.label}"
    )


def example(found: Example) -> str:
    """A response, how it was read if that looks different, and where."""
    read = read_as(found)
    told = f", read as {read}" if read else ""
    return f"{found.response}{told} ({found.code})"


def read_as(found: Example) -> str:
    """How a response was read, if that looks different."""
    read = found.read_as.strip()
    return "" if read == found.response.strip() else read


def with_interval(found: Discrimination) -> str:
    """``0.41 (0.25 to 0.55)``, or why there is none."""
    if found.value is None:
        return found.reason
    number, _, remark = discrimination(found).partition(" ")
    told = f"{number} ({decimals(found.low)} to {decimals(found.high)})"
    return f"{told} {remark}".rstrip()


def chance(found: ParameterFigures) -> str:
    """``0.03``, ``below 0.001``."""
    p = found.corrected
    return "below 0.001" if p < 0.001 else f"{p:.2g}"


READING = (
    "Facility is the share of the marks that were earned: 100 % is easy. Parts left blank or "
    "unreadable count as 0.",
    "Discrimination is the correlation of the marks on a problem or part with the same students' "
    "marks on all else, with its 95 % interval: below 0.2 it tells little, below 0 those who are "
    "good elsewhere did worse, which may be a wrong key. A question mark stands where the interval "
    "reaches 0.2: it may be chance. It takes 20 students.",
    "Reliability is Cronbach's alpha; the standard error is that of a student's total. “α without” "
    "is what it would be without the problem.",
    "Options are told apart by whether they were right in the variant at hand. Best and weakest "
    "third: the share of the students who did best or worst on all else that chose it; a dash "
    "where fewer than 20 were shown it, or all did equally well.",
    "Variants are compared by Kruskal and Wallis's test, corrected by Holm's method for the number "
    "of tests, in groups of ten responses and more. In a small class a difference may go "
    "unnoticed.",
)
LEGEND = (
    "facility: the share of the marks that was earned; discrimination: how far it goes with the "
    "marks on all else, from −1 to 1 (?: may be chance)"
)
