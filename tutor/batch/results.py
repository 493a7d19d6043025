"""Writing results as JSON Lines, as CSV, or for Gradescope; and going on where writing stopped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Protocol

from tutor.batch.grader import Graded
from tutor.batch.rows import Cells, Given, Row, Unusable
from tutor.console import clean
from tutor.documents import dump
from tutor.gradescope.results import one_student, results_document

VERDICT = ("code", "verdict", "score", "max_score", "parts", "error")
JSON_COLUMNS = ("student", "problem", "answers", "id", "reference", "symbols", "response")
OTHER = "other"
CSV_COLUMNS = ("code", "verdict", "score", "max_score", "error", "scores", "notes", "feedback")
MAX_RECORD = 64_000_000
"""Bytes of a row that is read again; none that was written has as many."""
FORMULA = ("=", "+", "-", "@")


class Format(Protocol):
    """How results are written, a text a row."""

    def head(self) -> str:
        """What stands above the rows."""

    def text(self, given: Given, graded: Graded) -> str:
        """A row, with its line end."""

    def tail(self) -> str:
        """What stands below the rows. Raises Refusal."""


class RowFormat(Format, Protocol):
    """One whose rows can be read again. ``lines``: a row may have several, between quotes."""

    lines: bool

    def read(self, text: str, given: Given) -> Graded | None:
        """What was written for a row; None where the text is of another row."""


def fields(given: Given, parts: Sequence[str]) -> Row:
    """What is carried through of a row; ``parts`` of the variant, if there is one."""
    if isinstance(given, Cells):
        return given.row(parts or None)
    return dict(given.naming) if isinstance(given, Unusable) else given


class JsonLines:
    """The input's fields and the verdict's, an object a line."""

    lines = False

    def head(self) -> str:
        """Nothing."""
        return ""

    def text(self, given: Given, graded: Graded) -> str:
        """One line."""
        return merged(fields(given, graded.parts), graded.text) + "\n"

    def tail(self) -> str:
        """Nothing."""
        return ""

    def read(self, text: str, given: Given) -> Graded | None:
        """What was written for a row; None where the text is of another row."""
        row = json.loads(text)
        if not isinstance(row, dict) or "verdict" not in row:
            return None
        graded = _graded(row)
        carried = fields(given, graded.parts)
        same = all(name in VERDICT or row.get(name) == carried[name] for name in carried)
        return graded if same and ("error" in row or not isinstance(given, Unusable)) else None


def merged(row: Row, result: str) -> str:
    """A row's fields, but for those of an earlier result, with those of its result."""
    carried = {name: value for name, value in row.items() if name not in VERDICT}
    return f"{dump(carried)[:-1]}, {result[1:]}" if carried else result


def _graded(row: Mapping[str, Any]) -> Graded:
    code = row.get("code") or ""
    parts = tuple(part["id"] for part in row.get("parts", ())) if code else ()
    score, most = float(row.get("score", 0)), float(row.get("max_score", 0))
    return Graded("", str(row["verdict"]), code, score, most, parts)


class Gradescope:
    """One document for one student's rows, which is written when all are graded."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._students: dict[str, None] = {}

    def head(self) -> str:
        """Nothing."""
        return ""

    def text(self, given: Given, graded: Graded) -> str:
        """Nothing yet. Raises Refusal for another student's row."""
        row = json.loads(merged(fields(given, graded.parts), graded.text))
        if row.get("student") is not None:
            self._students[str(row["student"])] = None
        one_student(self._students, len(self._rows) + 1)
        self._rows.append(row)
        return ""

    def tail(self) -> str:
        """The document."""
        return dump(results_document(self._rows), indent=2) + "\n"


class Table:
    """The input's columns and the verdict's as CSV.

    No cell holds control characters, which a terminal would obey, and one that a spreadsheet would
    take for a formula gets an apostrophe before it.
    """

    lines = True

    def __init__(self, columns: Sequence[str]) -> None:
        given = columns or (*JSON_COLUMNS, OTHER)
        self.carried = tuple(name for name in given if name not in CSV_COLUMNS)

    def head(self) -> str:
        """The names of the columns."""
        return _line([*map(_cell, self.carried), *CSV_COLUMNS])

    def text(self, given: Given, graded: Graded) -> str:
        """One record, whose cells may hold line ends."""
        row = json.loads(graded.text)
        parts = row.get("parts", ())
        told = {
            **row,
            "scores": "; ".join(f"{part['id']}={part['score']:g}" for part in parts),
            "notes": "; ".join(part["note"] for part in parts),
            "feedback": "\n".join(
                f"{part['id']}: {line}" for part in parts for line in part["feedback"]
            ),
        }
        return _line([*self._cells(given), *(_cell(_text(told.get(name))) for name in CSV_COLUMNS)])

    def _cells(self, given: Given) -> list[str]:
        if isinstance(given, Cells | Unusable):
            known = given.texts if isinstance(given, Cells) else dict(given.naming)
            return [_cell(known.get(name, "")) for name in self.carried]
        other = {name: value for name, value in given.items() if name not in JSON_COLUMNS}
        row = {**given, OTHER: other or None}
        return [_cell(_text(row.get(name))) for name in self.carried]

    def tail(self) -> str:
        """Nothing."""
        return ""

    def read(self, text: str, given: Given) -> Graded | None:
        """What was written for a row; None where the text is of another row."""
        cells = _cells_of(text)
        names = (*self.carried, *CSV_COLUMNS)
        if len(cells) != len(names) or cells[: len(self.carried)] != self._cells(given):
            return None
        row = dict(zip(names, cells, strict=True))
        parts = tuple(one.partition("=")[0] for one in row["scores"].split("; ") if one)
        score, most = float(row["score"] or 0), float(row["max_score"] or 0)
        return Graded("", row["verdict"], row["code"], score, most, parts if row["code"] else ())


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cells_of(text: str) -> list[str]:
    """The cells of a record, which may be longer than those that are taken from others."""
    limit = csv.field_size_limit(MAX_RECORD)
    try:
        return next(csv.reader(io.StringIO(text, newline="")), [])
    finally:
        csv.field_size_limit(limit)


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:g}" if isinstance(value, float) else dump(value)


def _cell(text: str) -> str:
    text = clean(text)
    if not text.startswith(FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def records(file: IO[bytes], format: RowFormat) -> Iterator[tuple[str, int]]:
    """Each complete record of a file of results, and where it ends (bytes from the start)."""
    record: list[bytes] = []
    length = quotes = end = 0
    while line := file.readline(MAX_RECORD):
        record.append(line)
        length, end = length + len(line), end + len(line)
        quotes += line.count(b'"') if format.lines else 0
        # What is too long is of somebody else, and won't be read.
        if (line.endswith(b"\n") and quotes % 2 == 0) or length >= MAX_RECORD:
            yield b"".join(record).decode("utf-8", "replace"), end
            record, length, quotes = [], 0, 0
