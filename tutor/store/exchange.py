"""All that a store holds as lines of JSON, and back.

The first line tells the form, the others are rows, each with its table and its id, those that are
referred to before those that refer to them:

    {"format": "exam-tutor", "version": 1, "schema": 2, "rows": 1}
    {"table": "attempts", "id": 1, "session": "…", "at": "2026-03-14T09:26:53Z", …}

``schema`` is the version of the tables' form, so that later programs read earlier files.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import IO, Any

from tutor.store.checks import MAX_INTEGER, fault_of
from tutor.store.migrations import MIGRATIONS, tables_of
from tutor.store.records import Attempt, Confidence
from tutor.store.rows import insert, select, storable
from tutor.store.scratch import Found, begun, finished
from tutor.store.tables import Table, tables

FORMAT = "exam-tutor"
VERSION = 1
MAX_LINE = 16_000_000  # characters
MAX_ROWS = 1_000_000
MAX_CHARACTERS = 250_000_000


class Unreadable(ValueError):
    """A file that can't be read as an export; the text is one line that says why."""


def lines_of(connection: sqlite3.Connection) -> Iterator[str]:
    """The lines of an export, without their ends. Call it inside a transaction."""
    found = tables(connection)
    yield _head(sum(_count(connection, table) for table in found))
    for table in found:
        for row in connection.execute(select(table)):
            yield _line(table, row)


def _count(connection: sqlite3.Connection, table: Table) -> int:
    count: int
    (count,) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
    return count


def _head(rows: int) -> str:
    head = {"format": FORMAT, "version": VERSION, "schema": len(MIGRATIONS), "rows": rows}
    return json.dumps(head)


def _line(table: Table, row: Sequence[Any]) -> str:
    named = zip(("id", *table.names), row, strict=True)
    return json.dumps({"table": table.name, **dict(named)})


def rescue(attempts: Sequence[Attempt], confidences: Sequence[Confidence]) -> Path | None:
    """Write what no store takes to a file among the temporary ones; None if that fails.

    ``confidences`` refer to the attempts by their numbers, 1, 2, …
    """
    known = {table.name: table for table in tables_of(len(MIGRATIONS))}
    lines = [
        _head(len(attempts) + len(confidences)),
        *_numbered(known["attempts"], attempts),
        *_numbered(known["confidences"], confidences),
    ]
    path = None
    try:
        descriptor, name = tempfile.mkstemp(prefix="exam-tutor-", suffix=".jsonl")
        path = Path(name)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError:
        if path is not None:
            path.unlink(missing_ok=True)
        return None
    return path


def _numbered(table: Table, rows: Sequence[Attempt | Confidence]) -> list[str]:
    return [_line(table, (id, *storable(astuple(one)))) for id, one in enumerate(rows, 1)]


def read(lines: IO[str]) -> Found:
    """The rows of an export; how many of its end are missing. Raises Unreadable."""
    texts = _texts(lines)
    schema, promised = _read_head(next(texts, (1, "")))
    known = {table.name: table for table in tables_of(schema)}
    connection = begun(schema)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN")
    count = 0
    for number, text in texts:
        document = _document(number, text)
        if document is None and not text.endswith("\n"):
            break  # the end is cut off
        if document is None:
            raise Unreadable(f"line {number} is no JSON object")
        count += 1
        if count > promised:
            raise Unreadable(f"line {number}: there are more rows than the first line says")
        _insert(connection, number, document, known)
    connection.execute("COMMIT")
    connection.execute("PRAGMA foreign_keys = OFF")
    return Found(finished(connection, schema), promised - count)


def _insert(
    connection: sqlite3.Connection,
    number: int,
    document: dict[str, Any],
    known: dict[str, Table],
) -> None:
    table, row = _row(number, document, known)
    try:
        connection.execute(insert(table, id=True), row)
    except sqlite3.IntegrityError as error:
        what = "refers to a row that isn't there"
        if "UNIQUE" in str(error):
            what = f"{table.name} has such a row already"
        raise Unreadable(f"line {number}: {what}") from None


def _texts(lines: IO[str]) -> Iterator[tuple[int, str]]:
    """The lines that aren't blank, with their numbers."""
    total = number = 0
    while text := _line_of(lines, number + 1):
        number += 1
        total += len(text)
        if total > MAX_CHARACTERS:
            raise Unreadable(f"it is longer than {MAX_CHARACTERS:,} characters")
        if text.strip():
            yield number, text


def _line_of(lines: IO[str], number: int) -> str:
    try:
        text = lines.readline(MAX_LINE)
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8 text") from None
    if len(text) >= MAX_LINE:
        raise Unreadable(f"line {number} is longer than {MAX_LINE:,} characters")
    return text


def _document(number: int, text: str) -> dict[str, Any] | None:
    """The object of a line, None if it is none. Raises Unreadable for what is too deep or big."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise Unreadable(f"line {number} is nested too deeply") from None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _read_head(first: tuple[int, str]) -> tuple[int, int]:
    """The schema's version, and how many rows there should be."""
    document = _document(*first) or {}
    if document.get("format") != FORMAT:
        raise Unreadable("it is no export of exam-tutor")
    version, schema = _count_of(document, "version", 1), _count_of(document, "schema", 1)
    if version > VERSION or schema > len(MIGRATIONS):
        raise Unreadable("it was written by a newer exam-tutor: update exam-tutor")
    rows = _count_of(document, "rows", 0)
    if rows > MAX_ROWS:
        raise Unreadable(f"it has more than {MAX_ROWS:,} rows")
    return schema, rows


def _count_of(document: dict[str, Any], key: str, least: int) -> int:
    value = document.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= MAX_INTEGER:
        return value
    raise Unreadable(f"line 1: {key} must be a whole number from {least}")


def _row(
    number: int, document: dict[str, Any], known: dict[str, Table]
) -> tuple[Table, tuple[Any, ...]]:
    """The table that a line belongs to, and its row with the id."""
    name, id = document.pop("table", None), document.pop("id", None)
    table = known.get(name) if isinstance(name, str) else None
    if table is None:
        raise Unreadable(f"line {number}: table must be one of {', '.join(known)}")
    if isinstance(id, bool) or not isinstance(id, int) or not 1 <= id <= MAX_INTEGER:
        raise Unreadable(f"line {number}: id must be a whole number from 1")
    if fault := fault_of(table, document):
        raise Unreadable(f"line {number}: {fault}")
    return table, (id, *storable(document[column] for column in table.names))
