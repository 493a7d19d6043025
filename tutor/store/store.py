"""The store itself: attempts in, attempts out."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tutor.store.faults import StoreUnavailable, reasons
from tutor.store.merge import Merged, merge
from tutor.store.opening import opened
from tutor.store.records import Attempt, Confidence, Regrade
from tutor.store.rows import storable
from tutor.store.transactions import transaction

WAIT = 10.0  # seconds to wait for another terminal's commit

_COLUMNS = ", ".join(field.name for field in fields(Attempt))
_PLACES = ", ".join("?" for _ in fields(Attempt))
_INSERT = f"INSERT INTO attempts ({_COLUMNS}) VALUES ({_PLACES})"
# Not by id: answers of another machine come in later than they were given.
_SELECT = f"SELECT id, {_COLUMNS} FROM attempts WHERE id > ? ORDER BY at, id"
# An id alone could be another answer's, where the store was replaced meanwhile.
_STATE = """
    INSERT OR IGNORE INTO confidences (attempt, at, level)
    SELECT id, ?, ? FROM attempts WHERE id = ? AND session = ?
"""
_REGRADED = ", ".join(field.name for field in fields(Regrade))
_REGRADE = f"INSERT INTO regrades ({_REGRADED}) VALUES ({', '.join('?' for _ in fields(Regrade))})"
_REGRADES = "SELECT attempt, verdict, note, score, max_score FROM regrades ORDER BY at, id"


class Store:
    """An open store. ``notice`` is a line for the user, or empty."""

    def __init__(self, path: Path, connection: sqlite3.Connection, notice: str = "") -> None:
        self.path = path
        self.notice = notice
        self._connection = connection
        self._file = _identity(path)

    @classmethod
    def open(cls, path: Path, *, today: date | None = None, wait: float = WAIT) -> Store:
        """Open the store at ``path``, making it and its folder if need be.

        A damaged file is set aside under a name with the date ``today`` (by default the
        machine's), a new one is begun, and ``notice`` says so. ``wait`` is in seconds.
        Raises StoreUnavailable.
        """
        try:
            with reasons(path):
                return cls(path, *opened(path, today or date.today(), wait))
        except StoreUnavailable:
            raise
        except OSError as error:
            why = error.strerror or error
            raise StoreUnavailable(f"{path} can't be written: {why}") from error

    def add(self, attempt: Attempt) -> int:
        """Commit one attempt and return its id (1, 2, …). Raises StoreUnavailable."""
        self._find_it_in_place()
        with reasons(self.path):
            (cursor,) = insert(self._connection, [attempt])
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def state(self, confidence: Confidence, session: str) -> None:
        """Commit how sure the student was of an attempt of that session; the first word counts.

        Raises StoreUnavailable.
        """
        self._find_it_in_place()
        values = (confidence.at, confidence.level, confidence.attempt, session)
        with reasons(self.path):
            self._connection.execute(_STATE, values)

    def confidences(self) -> dict[int, int]:
        """The levels that were stated, by the ids of their attempts."""
        return dict(self.rows("SELECT attempt, level FROM confidences"))

    def count(self) -> int:
        count: int
        ((count,),) = self.rows("SELECT count(*) FROM attempts")
        return count

    def attempts(self, since_id: int = 0) -> Iterator[Attempt]:
        """Yield the attempts with ids above ``since_id``, oldest first, as they were graded."""
        yield from (attempt for _, attempt in self.numbered(since_id))

    def numbered(self, since_id: int = 0) -> Iterator[tuple[int, Attempt]]:
        """The same with their ids."""
        for id, *row in self.rows(_SELECT, (since_id,)):
            yield id, Attempt(*row)

    def current(self) -> Iterator[tuple[int, Attempt]]:
        """The attempts with their ids and the verdicts that they have by now."""
        latest = {id: row for id, *row in self.rows(_REGRADES)}
        for id, attempt in self.numbered():
            verdict, note, score, possible = latest.get(
                id, (attempt.verdict, attempt.note, attempt.score, attempt.max_score)
            )
            yield id, replace(attempt, verdict=verdict, note=note, score=score, max_score=possible)

    def regrade(self, regrades: Sequence[Regrade]) -> None:
        """Commit later verdicts, all or none. Raises StoreUnavailable."""
        with self.changing() as connection:
            for one in regrades:
                connection.execute(_REGRADE, storable(astuple(one)))

    def parameters_before(self, code: str, parameters: str) -> tuple[str, str] | None:
        """When a variant of that code was last answered with other parameters, and those."""
        query = "SELECT at, parameters FROM attempts WHERE code = ? AND parameters != ?"
        found = self.rows(f"{query} ORDER BY at DESC, id DESC LIMIT 1", (code, parameters))
        return (found[0][0], found[0][1]) if found else None

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query finds. Raises StoreUnavailable.

        All at once: a query that is left half read may keep this store from writing.
        """
        with reasons(self.path):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all that is done inside is on the disk afterwards, or none of it.

        Raises StoreUnavailable.
        """
        self._find_it_in_place()
        with reasons(self.path), transaction(self._connection):
            yield self._connection

    def lines(self) -> Generator[str, None, None]:
        """All that it holds at this moment, as lines of an export. Raises StoreUnavailable.

        To be closed before the store is, if it isn't read to the end.
        """
        from tutor.store.exchange import lines_of

        with reasons(self.path), transaction(self._connection, "DEFERRED"):
            yield from lines_of(self._connection)

    def merge(self, source: sqlite3.Connection) -> dict[str, Merged]:
        """Bring in what another store has, all or nothing. Raises StoreUnavailable."""
        with self.changing() as connection:
            return merge(source, connection)

    def _find_it_in_place(self) -> None:
        """What is written to a file that was deleted or set aside would be lost."""
        if _identity(self.path) != self._file:
            raise StoreUnavailable(f"{self.path} was moved, replaced or deleted meanwhile")

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


def insert(connection: sqlite3.Connection, attempts: Sequence[Attempt]) -> list[sqlite3.Cursor]:
    """Write attempts in whatever transaction there is."""
    return [connection.execute(_INSERT, storable(astuple(attempt))) for attempt in attempts]


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another that bears its name."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
