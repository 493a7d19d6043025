"""Rows from elsewhere, an import or a damaged page: may they stand in the store?"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tutor.store.records import MAX_LEVEL
from tutor.store.tables import Column, Table

MAX_TEXT = 1_000_000  # characters
MAX_INTEGER = 2**63 - 1
MAX_MINUTES = 24 * 60  # of an exam

# A clock may be wrong, as where a machine has none; but what reckons with days needs a bound.
_AT = re.compile(r"(19[7-9]\d|2[01]\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", re.ASCII)
_SEED = re.compile(r"original|\d{1,19}", re.ASCII)
_PROBLEM = re.compile(r"[\w-]+(/[\w-]+)+")
_CODE = re.compile(rf"{_PROBLEM.pattern}@({_SEED.pattern})")
_NOTE = re.compile(r"[^:]+:[^:]+:.*", re.DOTALL)
_VERDICTS = ("correct", "partial", "incorrect", "invalid")

Row = Mapping[str, Any]


def fault_of(table: Table, row: Row) -> str:
    """What is wrong with a row of a table, its id apart; nothing if it may stand there."""
    if row.keys() != set(table.names):
        odd = sorted(row.keys() ^ set(table.names))[0]
        return f"{odd[:40]!r} is {'missing' if odd in table.names else 'no column'}"
    for column in table.columns:
        if not _has_type(row[column.name], column):
            return f"{column.name} must be {_TYPES[column.type]}"
    return _CHECKS[table.name](row) if table.name in _CHECKS else ""


def _has_type(value: object, column: Column) -> bool:
    if value is None:
        return not column.required
    if isinstance(value, str):
        return column.type == "TEXT" and len(value) <= MAX_TEXT
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if column.type == "INTEGER":
        return isinstance(value, int) and abs(value) <= MAX_INTEGER
    return column.type == "REAL" and abs(value) <= MAX_INTEGER and math.isfinite(value)


_TYPES = {
    "TEXT": f"a text of at most {MAX_TEXT:,} characters",
    "INTEGER": "a whole number",
    "REAL": "a number",
}


def _of_attempt(row: Row) -> str:
    if not _PROBLEM.fullmatch(row["problem"]):
        return "problem must be topic/name"
    if row["code"] != f"{row['problem']}@{row['seed']}" or not _SEED.fullmatch(row["seed"]):
        return "code must be problem@seed"
    if row["try_number"] < 1 or row["hints"] < 0:
        return "try_number counts from 1, hints from 0"
    return _of_parameters(row["parameters"]) or _of_verdict(row)


def _of_parameters(text: str) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return "" if isinstance(found, dict) else "parameters must be a JSON object"


def _of_verdict(row: Row) -> str:
    """What an attempt and a regrade have in common."""
    if fault := _of_time(row, "at"):
        return fault
    if row["verdict"] not in _VERDICTS:
        return f"verdict must be one of {', '.join(_VERDICTS)}"
    if not _NOTE.fullmatch(row["note"]):
        return "note must be problem:part:name"
    return "" if 0 <= row["score"] <= row["max_score"] else "score must be from 0 to max_score"


def _of_time(row: Row, name: str) -> str:
    try:
        sound = _AT.fullmatch(row[name]) and datetime.fromisoformat(row[name])
    except ValueError:
        sound = None
    return "" if sound else f"{name} must be a time in UTC, as 2026-03-14T09:26:53Z"


def _of_sitting(row: Row) -> str:
    """An exam's clock and its questions: ``[[code, section, points, revision, parameters], …]``."""
    names = ("at", "began", "ended") if row["ended"] else ("at", "began")
    if fault := next(filter(None, (_of_time(row, name) for name in names)), ""):
        return fault
    if not 1 <= row["minutes"] <= MAX_MINUTES or row["place"] < 0:
        return f"minutes must be from 1 to {MAX_MINUTES:,}, place from 0"
    try:
        questions = json.loads(row["questions"])
    except (ValueError, RecursionError):
        questions = None
    if not (isinstance(questions, list) and questions and all(map(_is_question, questions))):
        return "questions must be a JSON list of code, section, points, revision and parameters"
    return ""


def _is_question(found: object) -> bool:
    match found:
        case [str(code), str(_), bool() | int() | float() as points, str(_), str(parameters)]:
            sound = not isinstance(points, bool) and 0 <= points <= MAX_INTEGER
            return bool(_CODE.fullmatch(code)) and sound and not _of_parameters(parameters)
    return False


def _of_sheet(row: Row) -> str:
    """What stands on a sheet, and what is marked there."""
    return _of_time(row, "at") or ("question counts from 0" if row["question"] < 0 else "")


def _of_confidence(row: Row) -> str:
    level = f"level must be from 1 to {MAX_LEVEL}"
    return _of_time(row, "at") or ("" if 1 <= row["level"] <= MAX_LEVEL else level)


_CHECKS: dict[str, Callable[[Row], str]] = {
    "attempts": _of_attempt,
    "regrades": _of_verdict,
    "sittings": _of_sitting,
    "sheets": _of_sheet,
    "flags": _of_sheet,
    "confidences": _of_confidence,
}
