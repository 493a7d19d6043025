"""SQLite's errors, told as reasons that a user can act on."""

from __future__ import annotations

import shutil
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
        raise StoreUnavailable(f"{path} {_reason(error, path)}") from error


def _reason(error: sqlite3.Error, path: Path) -> str:
    extended: int = getattr(error, "sqlite_errorcode", 0)
    if code_of(error) in _PERHAPS_FULL and _is_full(path.parent):
        extended = sqlite3.SQLITE_FULL
    return _REASONS.get(extended) or _REASONS.get(extended & 0xFF) or f"can't be used ({error})"


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < ROOM
    except OSError:
        return False


ROOM = 65_536  # bytes that a commit may need
_PERHAPS_FULL = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_REFUSED = "can't be written: the disk takes no more (is it full, or your quota used up?)"
_REASONS = {
    sqlite3.SQLITE_BUSY: "is locked by another program",
    sqlite3.SQLITE_LOCKED: "is locked by another program",
    sqlite3.SQLITE_FULL: "can't be written: the disk is full, make room on it",
    sqlite3.SQLITE_READONLY: "can't be written: it is read-only",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_IOERR: "can't be read or written: the disk reports an error",
    sqlite3.SQLITE_IOERR_WRITE: _REFUSED,
    sqlite3.SQLITE_IOERR_SHMSIZE: _REFUSED,
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not a database",
}


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, or 0 for an error of the Python module's own."""
    extended: int = getattr(error, "sqlite_errorcode", 0)
    return extended & 0xFF
