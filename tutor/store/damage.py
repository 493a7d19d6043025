"""What is no sound store: found before SQLite touches it or by SQLite, and set aside."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from datetime import date
from pathlib import Path

from tutor.store.faults import StoreUnavailable, code_of
from tutor.store.places import OWNER_ONLY, exists, free_name, length, move

SET_ASIDE = "damaged"


class Damaged(sqlite3.DatabaseError):
    """No sound store; the text ends the sentence "The store of your answers …"."""


def find_damage_outside(path: Path) -> None:
    """Raise Damaged for what SQLite would wait for, or take for a new store, or can't read."""
    if not exists(path):
        if length(Path(f"{path}-wal")):
            raise Damaged("had lost all but its journal")
    elif path.is_dir():
        raise Damaged("was a folder")
    elif path.exists() and not path.is_file():
        raise Damaged("was no file")
    elif path.exists() and not length(path):
        raise Damaged("was empty")
    elif path.exists() and not _open_to_us(path):
        raise Damaged("could not be read and written by you")


def _open_to_us(path: Path) -> bool:
    """Whether we may read and write it, if need be by allowing ourselves to."""
    if not os.access(path, os.R_OK | os.W_OK):
        with suppress(OSError):
            path.chmod(path.stat().st_mode | OWNER_ONLY)
    return os.access(path, os.R_OK | os.W_OK)


def find_damage_inside(connection: sqlite3.Connection) -> None:
    """Raise what SQLite would raise later on: 5,000 attempts take 4 ms."""
    (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise Damaged("was damaged")


def is_damage(error: sqlite3.Error) -> bool:
    return isinstance(error, Damaged) or code_of(error) in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def set_aside(path: Path, error: sqlite3.Error, today: date) -> str:
    """Rename what isn't sound to a name that is free; the line that tells the user."""
    how = str(error) if isinstance(error, Damaged) else "was damaged"
    aside = free_name(path, f"{SET_ASIDE}-{today.isoformat()}")
    try:
        move(path, aside)
    except OSError as refused:
        why = refused.strerror or refused
        raise StoreUnavailable(f"{path} {how} and can't be set aside: {why}") from refused
    return (
        f"The store of your answers {how}: it was kept as {aside}, and a new one begun. "
        "`tutor doctor --repair` brings back what can be read of it."
    )


def those_aside(path: Path) -> list[Path]:
    """What was set aside beside a store, the oldest first."""
    found = path.parent.glob(f"{path.stem}-{SET_ASIDE}-*{path.suffix}*")
    bare = {each.with_name(_without_journal(each.name)) for each in found}
    return sorted(bare, key=lambda each: (len(each.name), each.name))


def _without_journal(name: str) -> str:
    for ending in ("-wal", "-shm", "-journal"):
        name = name.removesuffix(ending)
    return name
