"""A damaged store: found, set aside under another name, and followed by a new one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tutor.store.faults import StoreUnavailable, code_of


def find_damage(connection: sqlite3.Connection) -> None:
    """Raise what SQLite would raise later on: 5,000 attempts take 4 ms."""
    (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise _Damaged(finding)


class _Damaged(sqlite3.DatabaseError):
    """``quick_check`` returns its findings instead of raising them."""


def is_damage(error: sqlite3.Error) -> bool:
    return isinstance(error, _Damaged) or code_of(error) in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


@contextmanager
def alone(guard: Path, wait: float) -> Iterator[None]:
    """Hold a lock that the system lets go of even if this process is killed."""
    connection = sqlite3.connect(guard, timeout=wait, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


def set_aside(path: Path, today: date) -> Path:
    """Rename the file, and the journals that belong to it, to a name that is free."""
    stem = f"{path.stem}-damaged-{today.isoformat()}"
    aside = path.with_name(stem + path.suffix)
    number = 2
    while aside.exists() or Path(f"{aside}-wal").exists():
        aside = path.with_name(f"{stem}-{number}{path.suffix}")
        number += 1
    try:
        # The journals first: a new file would swallow them.
        for ending in ("-wal", "-shm", "-journal", ""):
            if Path(f"{path}{ending}").exists():
                os.rename(f"{path}{ending}", f"{aside}{ending}")
    except OSError as error:
        raise StoreUnavailable(
            f"{path} is damaged and can't be set aside: {error.strerror or error}"
        ) from error
    return aside
