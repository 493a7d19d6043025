"""Sittings in the store: what is asked, since when, and the answers as they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tutor.clock import stamp
from tutor.store import Attempt, Store
from tutor.store.rows import storable
from tutor.store.store import insert

_COLUMNS = "sitting, exam, title, seed, began, minutes, questions, place"
_OPEN = "FROM sittings WHERE sitting = ?1 AND ended = ''"
_WRITE = f"""
    INSERT INTO sheets (sitting, question, part, at, response) SELECT ?1, ?2, ?3, ?4, ?5 {_OPEN}
    ON CONFLICT (sitting, question, part)
    DO UPDATE SET response = excluded.response, at = excluded.at
"""
_FLAG = f"""
    INSERT INTO flags (sitting, question, at, flagged) SELECT ?1, ?2, ?3, ?4 {_OPEN}
    ON CONFLICT (sitting, question) DO UPDATE SET flagged = excluded.flagged, at = excluded.at
"""
_MOVE = "UPDATE sittings SET place = ?2, at = ?3 WHERE sitting = ?1 AND ended = ''"
_END = "UPDATE sittings SET ended = ?2, at = ?2 WHERE sitting = ?1 AND ended = ''"
_TABLES = ("sittings", "sheets", "flags")


class Asked(NamedTuple):
    """A question of a sitting: the variant's code, its section, what it is worth there.

    ``revision`` and ``parameters`` (JSON) tell later whether the code still means the same.
    """

    code: str
    section: str
    points: int
    revision: str
    parameters: str


class Sitting(NamedTuple):
    """An exam being taken. Times are seconds since 1970; ``place`` is the question last seen."""

    name: str
    exam: str
    title: str
    seed: str
    began: float
    minutes: int
    questions: tuple[Asked, ...]
    place: int = 0

    @property
    def ends(self) -> float:
        """When the time is up."""
        return self.began + 60 * self.minutes


class HandedIn(Exception):
    """The sitting is over: another terminal handed it in."""


class Outdated(Exception):
    """The answers that were graded don't stand any more."""


Key = tuple[int, str]
"""A question's number from 0, and a part's id."""


class Sittings:
    """The sittings of a store. Everything written is on the disk. Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, sitting: Sitting) -> bool:
        """A new one; False where another terminal began one, which isn't handed in."""
        questions = json.dumps([list(one) for one in sitting.questions])
        began = stamp(sitting.began)
        name, exam, title, seed = sitting[:4]
        with self.store.changing() as connection:
            done = connection.execute(
                f"INSERT INTO sittings ({_COLUMNS}, at, ended) SELECT ?,?,?,?,?,?,?,?,?,'' "
                "WHERE NOT EXISTS (SELECT 1 FROM sittings WHERE ended = '')",
                (name, exam, title, seed, began, sitting.minutes, questions, sitting.place, began),
            )
            return done.rowcount == 1

    def unfinished(self) -> Sitting | None:
        """The latest one that wasn't handed in."""
        query = f"SELECT {_COLUMNS} FROM sittings WHERE ended = '' ORDER BY began DESC, id DESC"
        found = self.store.rows(f"{query} LIMIT 1")
        if not found:
            return None
        name, exam, title, seed, began, minutes, questions, place = found[0]
        asked = tuple(Asked(*one) for one in json.loads(questions))
        return Sitting(name, exam, title, seed, _seconds(began), minutes, asked, place)

    def sheet(self, sitting: Sitting) -> dict[Key, str]:
        """The answers that stand."""
        query = "SELECT question, part, response FROM sheets WHERE sitting = ?"
        found = self.store.rows(query, (sitting.name,))
        return {(question, part): text for question, part, text in found if text}

    def flags(self, sitting: Sitting) -> set[int]:
        """The questions that are marked to be looked at again."""
        query = "SELECT question FROM flags WHERE sitting = ? AND flagged = 1"
        return {question for (question,) in self.store.rows(query, (sitting.name,))}

    def last_written(self, sitting: Sitting) -> float:
        """When something was last written: a clock that was set back doesn't give time."""
        each = (f"SELECT at FROM {table} WHERE sitting = ?1" for table in _TABLES)
        query = f"SELECT max(at) FROM ({' UNION ALL '.join(each)})"
        ((latest,),) = self.store.rows(query, (sitting.name,))
        return _seconds(latest) if latest else sitting.began

    def write(self, sitting: Sitting, key: Key, text: str, now: float) -> None:
        """An answer, in place of the one before; "" takes it back. Raises HandedIn."""
        self._change(_WRITE, storable((sitting.name, *key, stamp(now), text)))

    def flag(self, sitting: Sitting, question: int, flagged: bool, now: float) -> None:
        """Mark a question to be looked at again, or no longer. Raises HandedIn."""
        self._change(_FLAG, (sitting.name, question, stamp(now), int(flagged)))

    def move(self, sitting: Sitting, place: int, now: float) -> None:
        """Where to go on after an interruption. Raises HandedIn."""
        self._change(_MOVE, (sitting.name, place, stamp(now)))

    def _change(self, statement: str, values: Sequence[object]) -> None:
        with self.store.changing() as connection:
            if not connection.execute(statement, values).rowcount:
                raise HandedIn

    def end(
        self, sitting: Sitting, graded: Mapping[Key, str], attempts: Sequence[Attempt], now: float
    ) -> None:
        """Hand in: the answers, as they were stored when they were ``graded``, become attempts.

        Raises HandedIn, and Outdated where another terminal has changed one of them since.
        """
        with self.store.changing() as connection:
            if not connection.execute(_END, (sitting.name, stamp(now))).rowcount:
                raise HandedIn
            if self.sheet(sitting) != graded:
                raise Outdated
            insert(connection, attempts)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
