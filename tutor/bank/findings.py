"""What is wrong with a problem file, and where."""

from __future__ import annotations

from typing import NamedTuple

from engine.problem import Problem


class Finding(NamedTuple):
    """One thing to mend. ``line`` and ``column`` count from 1; ``trail`` holds the keys to it.

    ``check`` names the check that found it.
    """

    file: str
    line: int
    column: int
    trail: tuple[str, ...]
    message: str
    severity: str = "error"
    check: str = "can_be_read"

    def __str__(self) -> str:
        severity = "" if self.severity == "error" else f"{self.severity}: "
        trail = f" ({' → '.join(map(clipped, self.trail))})" if self.trail else ""
        return f"{self.file}:{self.line}:{self.column}: {severity}{self.message}{trail}"


class Findings(tuple[Finding, ...]):
    """What a file has instead of a problem, by place. Never empty."""

    __slots__ = ()


Reading = Problem | Findings


def clipped(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return f"{line[:40]}…" if len(line) > 40 else line


def shown(text: str) -> str:
    """A text in a message: clipped and quoted."""
    return f"'{clipped(text)}'"
