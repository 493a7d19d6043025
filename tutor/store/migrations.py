"""The schema, as the ordered list of the steps that lead to it.

A step is a function that brings a store to the next version by ``connection.execute`` (never
``executescript``, which would commit halfway). Append to ``MIGRATIONS``; a step that was released
stays as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from tutor.store.faults import StoreUnavailable
from tutor.store.transactions import transaction

APPLICATION_ID = 0x45585455  # "EXTU": tells our files from other programs' databases


def attempts(connection: sqlite3.Connection) -> None:
    """Every answer to a part, as it was given and graded."""
    connection.execute(
        """
        CREATE TABLE attempts (
            id         INTEGER PRIMARY KEY,
            session    TEXT    NOT NULL,
            at         TEXT    NOT NULL,
            code       TEXT    NOT NULL,
            problem    TEXT    NOT NULL,
            seed       TEXT    NOT NULL,
            revision   TEXT    NOT NULL,
            generator  INTEGER NOT NULL,
            parameters TEXT    NOT NULL,
            part       TEXT    NOT NULL,
            response   TEXT    NOT NULL,
            read_as    TEXT    NOT NULL,
            verdict    TEXT    NOT NULL,
            note       TEXT    NOT NULL,
            score      REAL    NOT NULL,
            max_score  REAL    NOT NULL,
            try_number INTEGER NOT NULL,
            hints      INTEGER NOT NULL
        )
        """
    )


def regrades(connection: sqlite3.Connection) -> None:
    """Later verdicts on an attempt, which keeps its first one."""
    connection.execute(
        """
        CREATE TABLE regrades (
            id        INTEGER PRIMARY KEY,
            attempt   INTEGER NOT NULL REFERENCES attempts (id),
            at        TEXT    NOT NULL,
            revision  TEXT    NOT NULL,
            verdict   TEXT    NOT NULL,
            note      TEXT    NOT NULL,
            score     REAL    NOT NULL,
            max_score REAL    NOT NULL
        )
        """
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    attempts,
    regrades,
)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date; of two programs that start at once, one does it.

    Raises StoreUnavailable for a file that is too new, or not ours: it stays as it is.
    """
    with transaction(connection, "DEFERRED"):
        version = _known_version(connection, path)
    if version == len(MIGRATIONS):
        return
    with transaction(connection):
        for migration in MIGRATIONS[_known_version(connection, path) :]:
            migration(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _known_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the schema; refuse what this program doesn't know.

    Call it inside a transaction: another program may be making the store just now.
    """
    version: int
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == APPLICATION_ID:
        if version > len(MIGRATIONS):
            raise StoreUnavailable(
                f"{path} was written by a newer exam-tutor (its schema is {version}, this program"
                f" knows {len(MIGRATIONS)}): update exam-tutor, or set TUTOR_HOME to another folder"
            )
        return version
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables or application or version:
        raise StoreUnavailable(
            f"{path} is another program's database: set TUTOR_HOME to another folder"
        )
    return version
