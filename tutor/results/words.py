"""Figures in words, the same on the screen and on the page."""

from __future__ import annotations

from engine.statistics.items import Discrimination, Quartiles
from tutor.results.figures import ParameterFigures, Report
from tutor.results.gathering import Example, Slip

LOW = 0.2
"""Below it an item hardly tells the better students from the weaker ones (Ebel 1972)."""
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
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def discrimination(found: Discrimination) -> str:
    """``0.41``, ``0.12 low``, ``−0.20 negative``, or why there is none."""
    if found.value is None:
        return found.reason
    remark = " negative" if found.value < 0 else " low" if found.value < LOW else ""
    return decimals(found.value) + remark


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
    return f"median {time(found.median)}, half between {time(found.lower)} and {time(found.upper)}"


def slip(found: Slip) -> str:
    """A slip's name as it is read."""
    if not found.recognised and found.name in NAMES:
        return NAMES[found.name]
    return found.name.replace("-", " ")


def reliability(report: Report) -> str:
    """``0.81 (Cronbach's alpha, 12 problems, 312 students), standard error 1.4 points``."""
    trust = report.reliability
    if trust.value is None:
        return f"not computed: {trust.reason}"
    return (
        f"{decimals(trust.value)} (Cronbach's alpha, {len(report.problems):,} problems, "
        f"{report.complete:,} students), standard error {trust.error:.2g} points"
    )


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
    read = found.read_as.strip()
    told = f", read as {read}" if read not in ("", found.response.strip()) else ""
    return f"{found.response}{told} ({found.code})"
