"""What a response earns: a verdict for each part and for the whole."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

CORRECT, PARTIAL, INCORRECT, INVALID = "correct", "partial", "incorrect", "invalid"


class Diagnosis(NamedTuple):
    """The slip behind a wrong answer: ``kind`` is its id, ``text`` what to tell the student.

    ``place``: where it is in what was typed (offsets), if it can be pointed at.
    """

    kind: str
    text: str
    place: tuple[int, int] | None = None


class Fault(NamedTuple):
    """Where a response can't be read: offsets into what was typed."""

    start: int
    end: int
    message: str


class PartVerdict(NamedTuple):
    """The verdict on one part.

    ``note``: a code for statistics that doesn't depend on the drawn numbers
    (``cnn/conv-output:side:forgot-padding``). ``decided_by``: how equality was decided.
    """

    id: str
    response: str
    read_as: str
    verdict: str
    score: Fraction
    max_score: Fraction
    note: str
    follow_through: bool = False
    feedback: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    decided_by: str = ""
    error: Fault | None = None
    warnings: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """The verdict on a whole response: invalid if any part is, else by the marks earned."""

    code: str | None
    parts: tuple[PartVerdict, ...]

    @property
    def score(self) -> Fraction:
        """The points earned."""
        return sum((part.score for part in self.parts), Fraction(0))

    @property
    def max_score(self) -> Fraction:
        """The points there were to earn."""
        return sum((part.max_score for part in self.parts), Fraction(0))

    @property
    def verdict(self) -> str:
        """correct, partial, incorrect or invalid."""
        if any(part.verdict == INVALID for part in self.parts):
            return INVALID
        if all(part.verdict == CORRECT for part in self.parts):
            return CORRECT
        return PARTIAL if self.score > 0 else INCORRECT
