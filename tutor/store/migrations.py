"""The schema, as the ordered list of the steps that lead to it.

A step is a function that brings a store to the next version by ``connection.execute`` (never
``executescript``, which would commit halfway). Append to ``MIGRATIONS``; a step that was released
stays as it is. Export, import and repair read from SQLite which tables and columns there are. A
table has an ``id INTEGER PRIMARY KEY``; one whose rows change has a UNIQUE key and a column ``at``
as well, and of two rows with the same key the one with the later ``at`` is kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from tutor.store.damage import Damaged
from tutor.store.faults import StoreUnavailable
from tutor.store.places import free_name, keep_names, make_file
from tutor.store.tables import Table, fits, tables
from tutor.store.transactions import transaction

APPLICATION_ID = 0x45585455  # "EXTU": tells our files from other programs' databases
MAX_VERSION = 1_000  # of a program to come; more is damage


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


def sittings(connection: sqlite3.Connection) -> None:
    """Mock exams: what is asked, since when, and what stands on the answer sheet by now."""
    connection.execute(
        """
        CREATE TABLE sittings (
            id        INTEGER PRIMARY KEY,
            sitting   TEXT    NOT NULL UNIQUE,
            at        TEXT    NOT NULL,
            exam      TEXT    NOT NULL,
            title     TEXT    NOT NULL,
            seed      TEXT    NOT NULL,
            began     TEXT    NOT NULL,
            minutes   INTEGER NOT NULL,
            questions TEXT    NOT NULL,
            place     INTEGER NOT NULL,
            ended     TEXT    NOT NULL
        )
        """
    )
    connection.execute(
        """
        CREATE TABLE sheets (
            id       INTEGER PRIMARY KEY,
            sitting  TEXT    NOT NULL,
            question INTEGER NOT NULL,
            part     TEXT    NOT NULL,
            at       TEXT    NOT NULL,
            response TEXT    NOT NULL,
            UNIQUE (sitting, question, part)
        )
        """
    )
    connection.execute(
        """
        CREATE TABLE flags (
            id       INTEGER PRIMARY KEY,
            sitting  TEXT    NOT NULL,
            question INTEGER NOT NULL,
            at       TEXT    NOT NULL,
            flagged  INTEGER NOT NULL,
            UNIQUE (sitting, question)
        )
        """
    )


def confidences(connection: sqlite3.Connection) -> None:
    """How sure the student was of an attempt, told when it was on the disk already."""
    connection.execute(
        """
        CREATE TABLE confidences (
            id      INTEGER PRIMARY KEY,
            attempt INTEGER NOT NULL UNIQUE REFERENCES attempts (id),
            at      TEXT    NOT NULL,
            level   INTEGER NOT NULL
        )
        """
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    attempts,
    regrades,
    sittings,
    confidences,
)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date; of two programs that start at once, one does it.

    A store that holds something is copied first. Raises StoreUnavailable for a file that is too
    new, or not ours: it stays as it is. Raises Damaged where its version can't be its own.
    """
    with transaction(connection, "DEFERRED"):
        version = _known_version(connection, path)
    if version == len(MIGRATIONS):
        return
    with transaction(connection):
        version = _known_version(connection, path)
        if version == len(MIGRATIONS):
            return
        copy = _copied(path, f"before-schema-{len(MIGRATIONS)}") if version else None
        try:
            for migration in MIGRATIONS[version:]:
                migration(connection)
        except BaseException:
            if copy is not None:
                copy.unlink()
            raise
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _copied(path: Path, label: str) -> Path:
    """A copy of the store beside it. Raises OSError and what SQLite raises."""
    copy = free_name(path, label)
    make_file(copy)
    try:
        # Connections of its own: SQLite copies nothing through one that is about to write.
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except BaseException:
        copy.unlink()
        raise
    keep_names(path.parent)
    return copy


def _known_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the schema; refuse what this program doesn't know.

    Call it inside a transaction: another program may be making the store just now.
    """
    version: int
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == APPLICATION_ID and len(MIGRATIONS) < version <= MAX_VERSION:
        raise StoreUnavailable(
            f"{path} was written by a newer exam-tutor (its schema is {version}, this program"
            f" knows {len(MIGRATIONS)}): update exam-tutor, or set TUTOR_HOME to another folder"
        )
    found = tables(connection)
    if not (found or application or version):
        return 0
    ours = fits(found, tables_of(1))
    if application != APPLICATION_ID and not ours:
        raise StoreUnavailable(
            f"{path} is another program's database: set TUTOR_HOME to another folder"
        )
    sound = application == APPLICATION_ID and 0 < version <= len(MIGRATIONS)
    if not sound or not fits(found, tables_of(version)):
        raise Damaged("was damaged")
    return version


@cache
def tables_of(version: int) -> tuple[Table, ...]:
    """The tables that a version of the schema has."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for migration in MIGRATIONS[:version]:
            migration(connection)
        return tables(connection)
