"""Sittings in the store: what is asked, since when, and the answers as they stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tutor.clock import stamp
from tutor.store import Attempt, Store
from tutor.store.rows import storable

_COLUMNS = "sitting, exam, title, seed, began, minutes, questions, place"
_WRITE = """
    INSERT INTO sheets (sitting, question, part, at, response) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (sitting, question, part)
    DO UPDATE SET response = excluded.response, at = excluded.at
"""
_FLAG = """
    INSERT INTO flags (sitting, question, at, flagged) VALUES (?, ?, ?, ?)
    ON CONFLICT (sitting, question) DO UPDATE SET flagged = excluded.flagged, at = excluded.at
"""


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


Key = tuple[int, str]
"""A question's number from 0, and a part's id."""


class Sittings:
    """The sittings of a store. Everything written is on the disk. Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, sitting: Sitting) -> None:
        """A new one."""
        questions = json.dumps([list(one) for one in sitting.questions])
        began = stamp(sitting.began)
        name, exam, title, seed = sitting[:4]
        with self.store.changing() as connection:
            connection.execute(
                f"INSERT INTO sittings ({_COLUMNS}, at, ended) VALUES (?,?,?,?,?,?,?,?,?,'')",
                (name, exam, title, seed, began, sitting.minutes, questions, sitting.place, began),
            )

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
        query = "SELECT max(at) FROM (SELECT at FROM sheets WHERE sitting = ?1 UNION ALL "
        query += "SELECT at FROM sittings WHERE sitting = ?1)"
        ((latest,),) = self.store.rows(query, (sitting.name,))
        return _seconds(latest) if latest else sitting.began

    def write(self, sitting: Sitting, key: Key, text: str, now: float) -> None:
        """An answer, in place of the one before; "" takes it back."""
        with self.store.changing() as connection:
            connection.execute(_WRITE, storable((sitting.name, *key, stamp(now), text)))

    def flag(self, sitting: Sitting, question: int, flagged: bool, now: float) -> None:
        """Mark a question to be looked at again, or no longer."""
        with self.store.changing() as connection:
            connection.execute(_FLAG, (sitting.name, question, stamp(now), int(flagged)))

    def move(self, sitting: Sitting, place: int, now: float) -> None:
        """Where to go on after an interruption."""
        with self.store.changing() as connection:
            connection.execute(
                "UPDATE sittings SET place = ?, at = ? WHERE sitting = ?",
                (place, stamp(now), sitting.name),
            )

    def end(self, sitting: Sitting, attempts: Sequence[Attempt], now: float) -> None:
        """Hand in: the graded answers become attempts, once."""
        from tutor.store.store import insert

        with self.store.changing() as connection:
            done = connection.execute(
                "UPDATE sittings SET ended = ?1, at = ?1 WHERE sitting = ?2 AND ended = ''",
                (stamp(now), sitting.name),
            )
            if done.rowcount:
                insert(connection, attempts)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
