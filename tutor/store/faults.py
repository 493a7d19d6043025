"""SQLite's errors, told as reasons that a user can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StoreUnavailable(OSError):
    """The store can't be used; the text is one line that says why."""


@contextmanager
def reasons(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreUnavailable with a reason that a user can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise  # a mistake in the program
        reason = REASONS.get(code_of(error), f"can't be used ({error})")
        raise StoreUnavailable(f"{path} {reason}") from error


REASONS = {
    sqlite3.SQLITE_BUSY: "is locked by another program",
    sqlite3.SQLITE_LOCKED: "is locked by another program",
    sqlite3.SQLITE_FULL: "can't be written: the disk is full",
    sqlite3.SQLITE_READONLY: "can't be written: it is read-only",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_IOERR: "can't be read or written: the disk reports an error",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not a database",
}


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, or 0 for an error of the Python module's own."""
    extended: int = getattr(error, "sqlite_errorcode", 0)
    return extended & 0xFF
