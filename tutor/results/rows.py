"""Reading the rows that ``tutor check FILE`` writes: what each says, or why it says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import IO, Any, NamedTuple, TypeAlias

MAX_LINE = 16_000_000
MAX_TEXT = 10_000
MAX_NAME = 120
"""Characters that are read of a text, and of what names a problem, a part or a slip."""
CUT_SHORT = "the last line is cut short"
SECONDS = {"seconds": 1, "time": 1, "duration": 1, "minutes": 60}
"""Fields that may say how long a student took, the first that is there, and their unit."""


class PartRow(NamedTuple):
    """A part's verdict as written; ``said`` is the diagnosis, or the first line of feedback."""

    id: str
    response: str
    read_as: str
    verdict: str
    score: float
    possible: float
    note: str
    diagnosis: str
    said: str


class Graded(NamedTuple):
    """A response that was graded. ``seconds`` is None where no time is given."""

    code: str
    student: str | None
    seconds: float | None
    parts: tuple[PartRow, ...]
    bad_time: bool = False


class Compared(NamedTuple):
    """A response that was held against an expression, with no problem behind it."""

    verdict: str


class Ungraded(NamedTuple):
    """A row that could not be graded, and why."""

    reason: str


class Skipped(NamedTuple):
    """A line that is no row of verdicts, and why. ``bare``: a response without a verdict."""

    line: int
    reason: str
    bare: bool = False


Row: TypeAlias = Graded | Compared | Ungraded | Skipped


class _Foreign(Exception):
    """A row that ``tutor check`` can't have written; the text says what is wrong."""


def read_rows(lines: IO[str]) -> Iterator[Row]:
    """Every line that isn't empty, in order."""
    for number, (line, whole) in enumerate(_lines(lines), 1):
        if line is None:
            yield Skipped(number, f"it is longer than {MAX_LINE:,} characters")
        elif line.strip():
            yield _row(line, number, whole)


def _lines(lines: IO[str]) -> Iterator[tuple[str | None, bool]]:
    """The lines, None for one too long to be kept, and whether they are ended."""
    while line := lines.readline(MAX_LINE):
        ended = line.endswith("\n")
        if len(line) < MAX_LINE or ended:
            yield line, ended
            continue
        while line and not line.endswith("\n"):
            line = lines.readline(MAX_LINE)
        yield None, True


def _row(line: str, number: int, ended: bool) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return Skipped(number, "it is not JSON" if ended else CUT_SHORT)
    if not isinstance(row, dict):
        return Skipped(number, "it is not a JSON object")
    if not isinstance(row.get("verdict"), str):
        bare = "answers" in row or "response" in row
        return Skipped(number, "it has no verdict", bare)
    try:
        return _said(row)
    except _Foreign as error:
        return Skipped(number, str(error))


def _said(row: Mapping[str, Any]) -> Row:
    """Raises _Foreign."""
    if isinstance(row.get("error"), str) and "parts" not in row:
        return Ungraded(_short(row["error"]))
    if row.get("code") is None and "reference" in row:
        return Compared(row["verdict"])
    code, parts = _text(row, "code"), row.get("parts")
    if not isinstance(parts, list) or not parts:
        raise _Foreign("it has no parts")
    seconds, bad_time = _seconds(row)
    return Graded(code, _student(row), seconds, tuple(map(_part, parts)), bad_time)


def _part(part: object) -> PartRow:
    if not isinstance(part, dict):
        raise _Foreign("a part of it is not a JSON object")
    score, possible = _number(part, "score"), _number(part, "max_score")
    if not 0 <= score <= possible + 1e-9:
        raise _Foreign("a part of it earns more than there is to earn, or less than nothing")
    diagnosis = part.get("diagnosis")
    if not isinstance(diagnosis, dict):
        diagnosis = {}
    return PartRow(
        _text(part, "id"),
        _short(part.get("response")),
        _short(part.get("read_as")),
        _text(part, "verdict"),
        score,
        possible,
        _text(part, "note").rpartition(":")[2],
        _short(diagnosis.get("kind"))[:MAX_NAME],
        _short(diagnosis.get("text")) or _first(part.get("feedback")),
    )


def _first(feedback: object) -> str:
    return _short(feedback[0]) if isinstance(feedback, list) and feedback else ""


def _short(value: object) -> str:
    """A text without its end if it is very long; anything else is no text."""
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise _Foreign(f"{key} is missing")
    return value[:MAX_NAME]


def _number(row: Mapping[str, Any], key: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Foreign(f"{key} is missing")
    if not isfinite(value) or abs(value) > 1e9:
        raise _Foreign(f"{key} is not a number of points")
    return float(value)


def _student(row: Mapping[str, Any]) -> str | None:
    """The name as a text: 7, 7.0 and " 7 " are one student, as different tools write it."""
    value = row.get("student")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def _seconds(row: Mapping[str, Any]) -> tuple[float | None, bool]:
    """The time taken, and whether one is given that can't be read as a number."""
    name = next((name for name in SECONDS if row.get(name) not in (None, "")), None)
    if name is None:
        return None, False
    value = row[name]
    try:
        seconds = float(value) * SECONDS[name]
    except (TypeError, ValueError, OverflowError):
        return None, True
    if isinstance(value, bool) or not (isfinite(seconds) and 0 <= seconds < 1e9):
        return None, True
    return seconds, False
