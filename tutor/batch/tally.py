"""How the rows of a class came out, by problem."""

from __future__ import annotations

from collections import Counter

from tutor.batch.grader import Graded
from tutor.console import counted

SHOWN = 30


class Tally:
    """Counts of verdicts, and marks by problem."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self._problems: dict[str, tuple[Counter[str], list[float]]] = {}

    def add(self, graded: Graded) -> None:
        """Count a row."""
        self.verdicts[graded.verdict] += 1
        if graded.code:
            id = graded.code.partition("@")[0]
            verdicts, marks = self._problems.setdefault(id, (Counter(), [0.0, 0.0]))
            verdicts[graded.verdict] += 1
            marks[0] += graded.score
            marks[1] += graded.max_score

    def problems(self) -> list[str]:
        """The ids of those that had rows."""
        return sorted(self._problems)

    def lines(self) -> list[str]:
        """A line a problem, hardest first."""
        problems = sorted(self._problems.items(), key=lambda one: (_share(one[1][1]), one[0]))
        width = max((len(id) for id, _ in problems[:SHOWN]), default=0)
        lines = [
            f"{id:{width}}  {_share(marks):4.0%} of the marks  "
            f"{counted(verdicts.total(), 'row')}: {_told(verdicts)}"
            for id, (verdicts, marks) in problems[:SHOWN]
        ]
        if len(problems) > SHOWN:
            lines.append(f"and {len(problems) - SHOWN} more problems")
        return lines

    def summary(self) -> str:
        """The one line for all."""
        told = _told(self.verdicts)
        return f"{counted(self.verdicts.total(), 'row')}{': ' if told else ''}{told}"


def _told(verdicts: Counter[str]) -> str:
    return ", ".join(f"{verdicts[verdict]:,} {verdict}" for verdict in sorted(verdicts))


def _share(marks: list[float]) -> float:
    return marks[0] / marks[1] if marks[1] else 0.0
