"""All that is wrong with one problem file, each finding at its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.lint import CHECKS, INFO, MEASURES, Check, Remark, drawn, review
from tutor.bank.bank import MAX_READ, read_file, shown_path
from tutor.bank.findings import Finding, Findings
from tutor.bank.reader import place_of, places
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
    source = _Source(_text(target.path))
    found = [source.finding(remark, shown_path(target.path)) for remark in remarks]
    return sorted(found, key=lambda finding: (finding.line, finding.column))


def counts(findings: Sequence[Finding]) -> int:
    """How many of them are to mend."""
    return sum(finding.severity != INFO for finding in findings)


def _text(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(MAX_READ).decode("utf-8", "replace")


class _Source:
    """A file's text, in which remarks find their places."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.known = places(text)

    def finding(self, remark: Remark, file: str) -> Finding:
        """A remark with its line and column."""
        line, column = self._narrowed(place_of(remark.trail, self.known), remark.field)
        return Finding(
            file, line, column, remark.trail, remark.message, remark.severity, remark.check
        )

    def _narrowed(self, start: tuple[int, int], field: str) -> tuple[int, int]:
        """The place of ``{{field}}`` in the text that begins at ``start``, if it is there."""
        if not field:
            return start
        end = min((place for place in self.known.values() if place > start), default=(10**6, 1))
        sought = re.compile(r"\{\{\s*" + re.escape(field))
        for line in range(start[0], min(end[0], len(self.lines)) + 1):
            found = sought.search(self.lines[line - 1], start[1] - 1 if line == start[0] else 0)
            if found and (line, found.end()) < end:
                return line, found.end() - len(field) + 1
        return start
