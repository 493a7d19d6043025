"""All that is wrong with one problem file, each finding at its place."""

from __future__ import annotations

from collections.abc import Sequence

from engine.lint import CHECKS, INFO, MEASURES, Check, Remark, drawn, review
from tutor.bank.bank import MAX_READ, read_file, shown_path
from tutor.bank.findings import Finding, Findings
from tutor.bank.reader import Places, place_of, places
from tutor.linting.screens import screens_are_wide_enough
from tutor.linting.targets import Target
from tutor.sandbox.runner import Sandbox


def check_file(target: Target, seeds: int, *, measures: bool = False) -> list[Finding]:
    """The findings of a file in the order of its lines; with ``measures`` also remarks."""
    reading = read_file(target.path, target.id)
    if isinstance(reading, Findings):
        return list(reading)
    checks: Sequence[Check] = (*CHECKS, screens_are_wide_enough)
    with Sandbox(timed=False) as run:
        remarks = review(drawn(reading, seeds, run), (*checks, *(MEASURES if measures else ())))
    if not remarks:
        return []
    known = _places(target.path)
    found = [_finding(remark, target.path, known) for remark in remarks]
    return sorted(found, key=lambda finding: (finding.line, finding.column))


def counts(findings: Sequence[Finding]) -> int:
    """How many of them are to mend."""
    return sum(finding.severity != INFO for finding in findings)


def _places(path: str) -> Places:
    with open(path, "rb") as file:
        return places(file.read(MAX_READ).decode("utf-8", "replace"))


def _finding(remark: Remark, path: str, known: Places) -> Finding:
    line, column = place_of(remark.trail, known)
    file = shown_path(path)
    return Finding(file, line, column, remark.trail, remark.message, remark.severity, remark.check)
