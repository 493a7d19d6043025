"""The store of attempts: one SQLite file, one commit an answer.

What ``Store.add`` has returned for is on the disk: a kill, a crash or a second terminal loses
nothing of it. Times are passed in by the caller.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

APPLICATION_ID = 0x45585455  # "EXTU": tells our files from other programs' databases
WAIT = 10.0  # seconds to wait for another terminal's commit

# Entry n brings a store from version n to n + 1. Only ever append.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
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
        """,
    ),
    (
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
        """,
    ),
)


class StoreUnavailable(OSError):
    """The store can't be used; the text is one line that says why."""


@dataclass(frozen=True)
class Attempt:
    """One answer to one part, as it was given and graded."""

    session: str
    at: str  # ISO 8601, UTC, whole seconds
    code: str
    problem: str
    seed: str
    revision: str
    generator: int
    parameters: str  # JSON
    part: str
    response: str
    read_as: str
    verdict: str
    note: str
    score: float
    max_score: float
    try_number: int
    hints: int


@dataclass(frozen=True)
class Regrade:
    """A later verdict on an attempt, which keeps its first one."""

    attempt: int
    at: str
    revision: str
    verdict: str
    note: str
    score: float
    max_score: float


_COLUMNS = ", ".join(field.name for field in fields(Attempt))
_PLACES = ", ".join("?" for _ in fields(Attempt))
_INSERT = f"INSERT INTO attempts ({_COLUMNS}) VALUES ({_PLACES})"
_SELECT = f"SELECT id, {_COLUMNS} FROM attempts WHERE id > ? ORDER BY id"
_REGRADED = ", ".join(field.name for field in fields(Regrade))
_REGRADE = f"INSERT INTO regrades ({_REGRADED}) VALUES ({', '.join('?' for _ in fields(Regrade))})"
_LATEST = """
    SELECT attempt, verdict, note, score, max_score FROM regrades
    WHERE id IN (SELECT max(id) FROM regrades GROUP BY attempt)
"""


class Store:
    """An open store. ``notice`` is a line for the user, or empty."""

    def __init__(self, path: Path, connection: sqlite3.Connection, notice: str = "") -> None:
        self.path = path
        self.notice = notice
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, today: date | None = None, wait: float = WAIT) -> Store:
        """Open the store at ``path``, making it and its folder if need be.

        A damaged file is set aside under a name with the date ``today`` (by default the
        machine's), a new one is begun, and ``notice`` says so. ``wait`` is in seconds.
        Raises StoreUnavailable.
        """
        _make_file(path)
        with _reasons(path):
            try:
                return cls(path, _connect_in_turn(path, wait))
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
            connection, notice = _replace_damaged(path, today or date.today(), wait)
            return cls(path, connection, notice)

    def add(self, attempt: Attempt) -> int:
        """Commit one attempt and return its id (1, 2, …). Raises StoreUnavailable."""
        with _reasons(self.path):
            cursor = self._connection.execute(_INSERT, tuple(map(_storable, astuple(attempt))))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def count(self) -> int:
        with _reasons(self.path):
            row: tuple[int] = self._connection.execute("SELECT count(*) FROM attempts").fetchone()
        return row[0]

    def attempts(self, since_id: int = 0) -> Iterator[Attempt]:
        """Yield the attempts with ids above ``since_id``, oldest first, as they were graded."""
        yield from (attempt for _, attempt in self.numbered(since_id))

    def numbered(self, since_id: int = 0) -> Iterator[tuple[int, Attempt]]:
        """The same with their ids."""
        with _reasons(self.path):
            for id, *row in self._connection.execute(_SELECT, (since_id,)):
                yield id, Attempt(*row)

    def current(self) -> Iterator[tuple[int, Attempt]]:
        """The attempts with their ids and the verdicts that they have by now."""
        with _reasons(self.path):
            latest = {id: row for id, *row in self._connection.execute(_LATEST)}
        for id, attempt in self.numbered():
            verdict, note, score, possible = latest.get(
                id, (attempt.verdict, attempt.note, attempt.score, attempt.max_score)
            )
            yield id, replace(attempt, verdict=verdict, note=note, score=score, max_score=possible)

    def regrade(self, regrades: Sequence[Regrade]) -> None:
        """Commit later verdicts, all or none. Raises StoreUnavailable."""
        with _reasons(self.path), _transaction(self._connection, "IMMEDIATE"):
            for one in regrades:
                self._connection.execute(_REGRADE, tuple(map(_storable, astuple(one))))

    def parameters_before(self, code: str, parameters: str) -> tuple[str, str] | None:
        """When a variant of that code was last answered with other parameters, and those."""
        query = "SELECT at, parameters FROM attempts WHERE code = ? AND parameters != ?"
        with _reasons(self.path):
            found = self._connection.execute(
                f"{query} ORDER BY id DESC LIMIT 1", (code, parameters)
            ).fetchone()
        return None if found is None else (found[0], found[1])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


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
        raise StoreUnavailable(f"{path} {_REASONS[sqlite3.SQLITE_READONLY]}")


def _connect_in_turn(path: Path, wait: float) -> sqlite3.Connection:
    """Connect again while SQLite, switching to WAL, says "busy" without waiting itself."""
    deadline = time.monotonic() + wait
    while True:
        try:
            return _connect(path, wait)
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _connect(path: Path, wait: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
    try:
        # First of all: a file that is too new, or not ours, must stay as it is, and SQLite
        # may call its schema damaged.
        _migrate(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _find_damage(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date; of two programs that start at once, one does it."""
    with _transaction(connection, "DEFERRED"):
        version = _known_version(connection, path)
    if version == len(MIGRATIONS):
        return
    with _transaction(connection, "IMMEDIATE"):
        for migration in MIGRATIONS[_known_version(connection, path) :]:
            for statement in migration:
                connection.execute(statement)
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


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _find_damage(connection: sqlite3.Connection) -> None:
    """Raise what SQLite would raise later on: 5,000 attempts take 4 ms."""
    (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise _Damaged(finding)


class _Damaged(sqlite3.DatabaseError):
    """``quick_check`` returns its findings instead of raising them."""


def _is_damage(error: sqlite3.Error) -> bool:
    return isinstance(error, _Damaged) or _code(error) in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def _replace_damaged(path: Path, today: date, wait: float) -> tuple[sqlite3.Connection, str]:
    """Set the damaged file aside and begin a new one; of two programs at once, one does it."""
    guard = path.with_name(path.name + ".lock")
    with _alone(guard, wait):
        try:
            return _connect_in_turn(path, wait), ""
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        aside = _set_aside(path, today)
        _make_file(path)
        connection = _connect_in_turn(path, wait)
    notice = f"The store of your answers was damaged: it was kept as {aside}, and a new one begun."
    return connection, notice


@contextmanager
def _alone(guard: Path, wait: float) -> Iterator[None]:
    """Hold a lock that the system lets go of even if this process is killed."""
    connection = sqlite3.connect(guard, timeout=wait, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


def _set_aside(path: Path, today: date) -> Path:
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


@contextmanager
def _reasons(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreUnavailable with a reason that a user can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise  # a mistake in the program
        reason = _REASONS.get(_code(error), f"can't be used ({error})")
        raise StoreUnavailable(f"{path} {reason}") from error


_REASONS = {
    sqlite3.SQLITE_BUSY: "is locked by another program",
    sqlite3.SQLITE_LOCKED: "is locked by another program",
    sqlite3.SQLITE_FULL: "can't be written: the disk is full",
    sqlite3.SQLITE_READONLY: "can't be written: it is read-only",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_IOERR: "can't be read or written: the disk reports an error",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not a database",
}


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, or 0 for an error of the Python module's own."""
    extended: int = getattr(error, "sqlite_errorcode", 0)
    return extended & 0xFF


def _storable(value: str | float) -> str | float:
    """Write bytes that weren't UTF-8 when they were typed as escapes: SQLite takes only text."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value
