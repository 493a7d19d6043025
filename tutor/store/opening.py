"""Opening a store: made if need be, migrated, examined, replaced where it isn't sound."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

from tutor.store.damage import (
    find_damage_inside,
    find_damage_outside,
    is_damage,
    set_aside,
)
from tutor.store.faults import StoreUnavailable, code_of
from tutor.store.migrations import migrate
from tutor.store.places import alone, exists, keep_names, make_file, make_folder


def opened(path: Path, today: date, wait: float) -> tuple[sqlite3.Connection, str]:
    """The connection, and a line for the user or nothing. ``wait``: seconds.

    Raises OSError, StoreUnavailable and what SQLite raises.
    """
    make_folder(path)
    if exists(path) and not path.exists():
        raise StoreUnavailable(f"{path} leads to {os.path.realpath(path)}, which isn't there")
    try:
        find_damage_outside(path)
        if exists(path):
            return _connected(path, wait), ""
    except sqlite3.DatabaseError as error:
        just_set_aside = not exists(path)
        if not (is_damage(error) or just_set_aside):
            raise
    return _begun(path, today, wait)


def _begun(path: Path, today: date, wait: float) -> tuple[sqlite3.Connection, str]:
    """Set aside what isn't sound and begin a new store; of two programs at once, one does it."""
    notice = ""
    with alone(path, wait):
        try:
            find_damage_outside(path)
            if exists(path):
                return _connected(path, wait), ""
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            notice = set_aside(path, error, today)
        _make(path, wait)
        return _connected(path, wait), notice


def _make(path: Path, wait: float) -> None:
    """Make a store under another name first: nobody ever meets one that is half made."""
    new = path.with_name(path.name + ".new")
    try:
        for left in (new, Path(f"{new}-journal")):
            left.unlink(missing_ok=True)
        make_file(new)
        _connected(new, wait).close()
        os.rename(new, path)
    except BaseException:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    keep_names(path.parent)
    keep_names(path.parent.parent)


def _connected(path: Path, wait: float) -> sqlite3.Connection:
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
    place = f"{path.absolute().as_uri()}?mode=rw"  # never make one here
    connection = sqlite3.connect(place, uri=True, timeout=wait, isolation_level=None)
    try:
        connection.text_factory = _text
        connection.execute("PRAGMA fullfsync = ON")  # macOS: the disk's own cache too
        # Before what reads the schema: a file that is too new, or not ours, must stay as it is,
        # and SQLite may call its schema damaged.
        migrate(connection, path)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_mode = WAL")
        # What was committed is in the store itself too, in case it is copied without its journal.
        connection.execute("PRAGMA wal_autocheckpoint = 1")
        find_damage_inside(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _text(stored: bytes) -> str:
    """Bytes that are no text any more don't keep the rest from being read."""
    return stored.decode("utf-8", "replace")
