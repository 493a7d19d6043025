"""Opening a store: made if need be, migrated, examined, replaced where it is damaged."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

from tutor.store.damage import alone, find_damage, is_damage, set_aside
from tutor.store.faults import REASONS, StoreUnavailable, code_of
from tutor.store.migrations import migrate


def opened(path: Path, today: date, wait: float) -> tuple[sqlite3.Connection, str]:
    """The connection, and a line for the user or nothing.

    Raises StoreUnavailable and what SQLite raises.
    """
    _make_file(path)
    try:
        return _connect_in_turn(path, wait), ""
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    return _replace_damaged(path, today, wait)


def _make_file(path: Path) -> None:
    """Make the folder and an empty file, for their owner only, unless they exist.

    A file that exists is never opened here: closing it would drop the locks that SQLite holds
    on it for another Store of this process.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{path} can't be written: {error.strerror or error}") from error
    if not os.access(path, os.W_OK):
        raise StoreUnavailable(f"{path} {REASONS[sqlite3.SQLITE_READONLY]}")


def _connect_in_turn(path: Path, wait: float) -> sqlite3.Connection:
    """Connect again while SQLite, switching to WAL, says "busy" without waiting itself."""
    deadline = time.monotonic() + wait
    while True:
        try:
            return _connect(path, wait)
        except sqlite3.OperationalError as error:
            if code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _connect(path: Path, wait: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
    try:
        # First of all: a file that is too new, or not ours, must stay as it is, and SQLite
        # may call its schema damaged.
        migrate(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        find_damage(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _replace_damaged(path: Path, today: date, wait: float) -> tuple[sqlite3.Connection, str]:
    """Set the damaged file aside and begin a new one; of two programs at once, one does it."""
    guard = path.with_name(path.name + ".lock")
    with alone(guard, wait):
        try:
            return _connect_in_turn(path, wait), ""
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        aside = set_aside(path, today)
        _make_file(path)
        connection = _connect_in_turn(path, wait)
    notice = f"The store of your answers was damaged: it was kept as {aside}, and a new one begun."
    return connection, notice
