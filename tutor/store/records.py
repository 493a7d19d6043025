"""What the store keeps of an answer."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LEVEL = 4  # of confidence


@dataclass(frozen=True)
class Attempt:
    """One answer to one part, as it was given and graded."""

    session: str
    at: str  # ISO 8601, UTC, whole seconds
    code: str
    problem: str
    seed: str
    revision: str
    generator: int
    parameters: str  # JSON
    part: str
    response: str
    read_as: str
    verdict: str
    note: str
    score: float
    max_score: float
    try_number: int
    hints: int


@dataclass(frozen=True)
class Confidence:
    """How sure the student was of an attempt: a level from 1, a guess, to ``MAX_LEVEL``, sure."""

    attempt: int
    at: str
    level: int


@dataclass(frozen=True)
class Regrade:
    """A later verdict on an attempt, which keeps its first one."""

    attempt: int
    at: str
    revision: str
    verdict: str
    note: str
    score: float
    max_score: float
