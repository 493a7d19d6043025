"""Stores of every earlier schema, made from the statements of their time, come up to date."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import pytest
from test_store import ATTEMPT, CHECKOUT

from tutor.store import Store, StoreUnavailable
from tutor.store.migrations import APPLICATION_ID, MIGRATIONS, tables_of
from tutor.store.tables import tables

ATTEMPTS = """
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
);
"""
REGRADES = """
CREATE TABLE regrades (
    id        INTEGER PRIMARY KEY,
    attempt   INTEGER NOT NULL REFERENCES attempts (id),
    at        TEXT    NOT NULL,
    revision  TEXT    NOT NULL,
    verdict   TEXT    NOT NULL,
    note      TEXT    NOT NULL,
    score     REAL    NOT NULL,
    max_score REAL    NOT NULL
);
"""
SITTINGS = """
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
);
CREATE TABLE sheets (
    id       INTEGER PRIMARY KEY,
    sitting  TEXT    NOT NULL,
    question INTEGER NOT NULL,
    part     TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    response TEXT    NOT NULL,
    UNIQUE (sitting, question, part)
);
CREATE TABLE flags (
    id       INTEGER PRIMARY KEY,
    sitting  TEXT    NOT NULL,
    question INTEGER NOT NULL,
    at       TEXT    NOT NULL,
    flagged  INTEGER NOT NULL,
    UNIQUE (sitting, question)
);
"""
CONFIDENCES = """
CREATE TABLE confidences (
    id      INTEGER PRIMARY KEY,
    attempt INTEGER NOT NULL UNIQUE REFERENCES attempts (id),
    at      TEXT    NOT NULL,
    level   INTEGER NOT NULL
);
"""
# What a store holds by each version of the schema; a new one gets its line here.
EARLIER = {
    1: ATTEMPTS,
    2: ATTEMPTS + REGRADES,
    3: ATTEMPTS + REGRADES + SITTINGS,
    4: ATTEMPTS + REGRADES + SITTINGS + CONFIDENCES,
}
NOW = len(MIGRATIONS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "attempts.db"


def make(path: Path, version: int, journal: str = "WAL") -> None:
    """A store as a program of that version left it, with three answers."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.executescript(EARLIER[version])
        places = ", ".join("?" * 18)
        for id in (1, 2, 3):
            connection.execute(f"INSERT INTO attempts VALUES ({places})", (id, *astuple(ATTEMPT)))
        if version >= 2:
            regrade = (1, 2, "2026-04-01T00:00:00Z", "r2", "incorrect", "a:b:wrong", 0.0, 2.0)
            connection.execute("INSERT INTO regrades VALUES (?, ?, ?, ?, ?, ?, ?, ?)", regrade)
        if version >= 4:
            confidence = (1, 3, "2026-03-14T09:27:00Z", 4)
            connection.execute("INSERT INTO confidences VALUES (?, ?, ?, ?)", confidence)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")


def contents(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return version


def test_every_earlier_version_is_listed() -> None:
    assert set(range(1, NOW)) <= EARLIER.keys()


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
@pytest.mark.parametrize("version", EARLIER)
def test_a_store_comes_up_to_date_with_all_that_it_held(
    path: Path, version: int, journal: str
) -> None:
    make(path, version, journal)
    before = contents(path)
    with Store.open(path) as store:
        assert store.notice == ""
        assert list(store.attempts()) == [ATTEMPT] * 3
        verdicts = [attempt.verdict for _, attempt in store.current()]
        assert verdicts == ["correct", "incorrect" if version >= 2 else "correct", "correct"]
        assert store.confidences() == ({3: 4} if version >= 4 else {})
        assert store.add(ATTEMPT) == 4
    assert version_of(path) == NOW
    with closing(sqlite3.connect(path)) as connection:
        assert tables(connection) == tables_of(NOW)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copies = list(path.parent.glob("attempts-before-*"))
    if version == NOW:
        assert copies == []
    else:
        (copy,) = copies
        assert copy.name == f"attempts-before-schema-{NOW}.db"
        assert contents(copy) == before
        assert version_of(copy) == version
        assert copy.stat().st_mode & 0o777 == 0o600 or sys.platform == "win32"


@pytest.mark.parametrize("version", EARLIER)
def test_the_statements_here_are_those_of_the_program(version: int) -> None:
    """Else these tests would be of stores that nobody has."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(EARLIER[version])
        assert tables(connection) == tables_of(version)


def test_programs_that_meet_an_earlier_store_at_once_migrate_it_once(path: Path) -> None:
    make(path, 1)
    code = "import sys; from pathlib import Path; from tutor.store import Store\n"
    code += "with Store.open(Path(sys.argv[1])) as store: print(store.count(), store.notice)"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    told = [program.communicate(timeout=60)[0].split() for program in programs]
    assert told == [["3"]] * 6
    assert len(list(path.parent.glob("attempts-before-*"))) == 1


def test_a_migration_that_fails_leaves_neither_a_change_nor_a_copy(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(path, 1)
    before = contents(path)

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE attempts ADD COLUMN extra")
        connection.execute("CREATE NONSENSE")

    monkeypatch.setattr("tutor.store.migrations.MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(StoreUnavailable):
        Store.open(path)
    assert contents(path) == before
    assert list(path.parent.glob("attempts-before-*")) == []


def test_a_copy_of_an_earlier_migration_is_kept(path: Path) -> None:
    """As where a copy was put back in place, and is migrated once more."""
    for _ in range(2):
        path.unlink(missing_ok=True)
        make(path, 1)
        Store.open(path).close()
    names = sorted(each.name for each in path.parent.glob("attempts-before-*"))
    assert names == [f"attempts-before-schema-{NOW}-2.db", f"attempts-before-schema-{NOW}.db"]
