"""The store of attempts, on real files, with real processes that are really killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import astuple, replace
from datetime import date
from pathlib import Path

import pytest

from tutor.store import Attempt, Confidence, Store, StoreUnavailable
from tutor.store.migrations import APPLICATION_ID, MIGRATIONS

CHECKOUT = Path(__file__).resolve().parent.parent
DAY = date(2026, 3, 14)
ATTEMPT = Attempt(
    session="s1",
    at="2026-03-14T09:26:53+00:00",
    code="cnn/conv-output@7",
    problem="cnn/conv-output",
    seed="7",
    revision="0f3a",
    generator=1,
    parameters='{"n": 15}',
    part="side",
    response="(15 − 5)/2 + 1",
    read_as="(15 - 5)/2 + 1",
    verdict="correct",
    note="cnn/conv-output:side:correct",
    score=2.0,
    max_score=2.0,
    try_number=1,
    hints=0,
)

# Writes attempts and prints each id once `add` has acknowledged it.
WRITER = """
import json, sys
from dataclasses import replace
from pathlib import Path
from tutor.store import Attempt, Store

path, session, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
attempt = Attempt(*json.loads(sys.argv[4]))
with Store.open(path) as store:
    for number in range(times):
        store.add(replace(attempt, session=session, response=str(number)))
        print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "attempts.db"


def start_writer(path: Path, session: str, times: int) -> subprocess.Popen[str]:
    attempt = json.dumps(astuple(ATTEMPT))
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), session, str(times), attempt],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )


def responses(path: Path, session: str) -> list[int]:
    with Store.open(path) as store:
        return [int(each.response) for each in store.attempts() if each.session == session]


def test_what_is_added_is_read_back_in_order(path: Path) -> None:
    second = replace(ATTEMPT, response="6", verdict="incorrect", score=0.0, try_number=2, hints=1)
    with Store.open(path) as store:
        assert store.notice == ""
        assert store.count() == 0
        assert [store.add(ATTEMPT), store.add(second)] == [1, 2]
    with Store.open(path) as store:
        assert store.count() == 2
        assert list(store.attempts()) == [ATTEMPT, second]
        assert list(store.attempts(since_id=1)) == [second]
        assert list(store.attempts(since_id=2)) == []


def test_how_sure_one_was(path: Path) -> None:
    with Store.open(path) as store:
        first, second = store.add(ATTEMPT), store.add(ATTEMPT)
        store.state(Confidence(second, ATTEMPT.at, 3), ATTEMPT.session)
        store.state(Confidence(second, ATTEMPT.at, 1), ATTEMPT.session)
        store.state(Confidence(first, ATTEMPT.at, 1), "of a store that was there before")
        store.state(Confidence(7, ATTEMPT.at, 1), ATTEMPT.session)
    with Store.open(path) as store:
        assert store.confidences() == {second: 3}


@pytest.mark.parametrize("name", ["a b", "100%25", "what?mode=ro", "#1", "é ŷ", "'; --", "a&b=c"])
def test_any_folder_may_be_the_home(tmp_path: Path, name: str) -> None:
    for count in (1, 2):
        with Store.open(tmp_path / name / "attempts.db") as store:
            assert store.add(ATTEMPT) == count
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("ŷ − y ⊙ 𝛁", "ŷ − y ⊙ 𝛁"),
        ("a\nb\tc\r\n", "a\nb\tc\r\n"),
        ("nul \0 inside", "nul \0 inside"),
        ("'); DROP TABLE attempts; --", "'); DROP TABLE attempts; --"),
        ("x" * 1_000_000, "x" * 1_000_000),
        # A byte that isn't UTF-8 reaches Python as a lone surrogate.
        ("caf\udce9", "caf\\udce9"),
    ],
)
def test_any_text_can_be_an_answer(path: Path, typed: str, stored: str) -> None:
    with Store.open(path) as store:
        store.add(replace(ATTEMPT, response=typed))
        assert [attempt.response for attempt in store.attempts()] == [stored]


def test_attempts_can_be_added_while_others_are_read(path: Path) -> None:
    with Store.open(path) as store:
        store.add(ATTEMPT)
        store.add(ATTEMPT)
        for attempt in store.attempts(since_id=1):
            assert attempt == ATTEMPT
            if store.count() < 3:
                store.add(ATTEMPT)
        assert store.count() == 3


@pytest.mark.skipif(os.name != "posix", reason="permissions of a POSIX file system")
def test_only_the_owner_may_read(path: Path) -> None:
    before = os.umask(0)
    try:
        with Store.open(path) as store:
            store.add(ATTEMPT)
            made = [path.parent, *path.parent.iterdir()]
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in made}
    finally:
        os.umask(before)
    assert modes.pop("home") == 0o700
    names = ("attempts.db", "attempts.db-wal", "attempts.db-shm", "attempts.db.lock")
    assert modes == dict.fromkeys(names, 0o600)


def test_every_commit_reaches_the_disk(path: Path) -> None:
    with Store.open(path) as store:
        ask = store._connection.execute
        assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
        assert ask("PRAGMA synchronous").fetchone() == (2,), "FULL"
        store.add(ATTEMPT)
        assert not store._connection.in_transaction


# Two terminals


def test_two_terminals_at_once_lose_nothing(path: Path) -> None:
    """Both also find no store yet, so one must wait while the other makes it."""
    writers = {session: start_writer(path, session, 200) for session in ("left", "right")}
    for writer in writers.values():
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    for session in writers:
        assert responses(path, session) == list(range(200))


def test_many_programs_may_make_the_store_at_once(path: Path) -> None:
    for round_ in range(5):
        place = path.with_name(f"{round_}.db")
        writers = [start_writer(place, str(number), 1) for number in range(6)]
        for writer in writers:
            _, errors = writer.communicate(timeout=120)
            assert writer.returncode == 0, errors
        with Store.open(place) as store:
            assert store.count() == len(writers)


def test_a_locked_store_is_reported(path: Path) -> None:
    Store.open(path).close()
    with Store.open(path, wait=0.05) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked by another program"):
            store.add(ATTEMPT)
        other.rollback()
        assert store.add(ATTEMPT) == 1, "the store goes on working"


def test_a_second_store_in_one_program_does_not_drop_the_locks_of_the_first(path: Path) -> None:
    """Else the other program would think that it is the last, and remove the journal."""
    with Store.open(path) as first:
        Store.open(path).close()
        start_writer(path, "other", 1).communicate(timeout=60)
        first.add(ATTEMPT)
        with Store.open(path) as second:
            assert second.count() == 2


# A kill


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_writer_loses_no_acknowledged_answer(path: Path) -> None:
    for acknowledged_before_kill in (1, 2, 7, 30, 101):
        session = f"killed after {acknowledged_before_kill}"
        with start_writer(path, session, 100_000) as writer:
            assert writer.stdout is not None
            acknowledged = [int(writer.stdout.readline()) for _ in range(acknowledged_before_kill)]
            writer.send_signal(signal.SIGKILL)
            acknowledged += map(int, writer.stdout.read().split())
        assert writer.returncode == -signal.SIGKILL
        stored = responses(path, session)
        assert stored[: len(acknowledged)] == acknowledged
        # One more may have been committed but not yet acknowledged.
        assert len(stored) - len(acknowledged) in (0, 1)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize(
    "harm",
    [
        lambda wal: wal.unlink(),
        lambda wal: os.truncate(wal, wal.stat().st_size // 2),
        lambda wal: os.truncate(wal, 0),
        lambda wal: overwrite(wal, 0, wal.stat().st_size),
        lambda wal: overwrite(wal, 40, 100),
    ],
)
def test_a_journal_that_is_lost_takes_no_answer_with_it(
    path: Path, harm: Callable[[Path], None]
) -> None:
    """As where a killed program's store is copied to another machine without its journal."""
    with start_writer(path, "s", 100_000) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += map(int, writer.stdout.read().split())
    harm(Path(f"{path}-wal"))
    assert responses(path, "s")[: len(acknowledged)] == acknowledged


# Unusable places


def test_a_home_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    for place in (tmp_path / "file" / "attempts.db", tmp_path / "file" / "home" / "attempts.db"):
        with pytest.raises(StoreUnavailable) as caught:
            Store.open(place)
        assert str(caught.value).startswith(f"{place} can't be written: ")
        assert "\n" not in str(caught.value)


def test_an_unavailable_store_is_an_oserror(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path.parent / "not" / "plugged" / "in.db")
    with pytest.raises(OSError, match=r"in\.db, which isn't there"):
        Store.open(path)
    assert path.is_symlink(), "it is not replaced: what it leads to may come back"


def test_a_full_disk_is_reported_and_keeps_what_was_stored(path: Path) -> None:
    with Store.open(path) as store:
        store.add(ATTEMPT)
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreUnavailable, match="the disk is full"):
            store.add(replace(ATTEMPT, response="x" * 100_000))
        assert list(store.attempts()) == [ATTEMPT]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_file_or_folder(path: Path) -> None:
    Store.open(path).close()
    path.chmod(0o400)
    with pytest.raises(StoreUnavailable, match="it is read-only"):
        Store.open(path)
    path.unlink()
    path.parent.chmod(0o500)
    with pytest.raises(StoreUnavailable, match="can't be written: "):
        Store.open(path)
    path.parent.chmod(0o700)


# Damage


def overwrite(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def fill(path: Path) -> None:
    with Store.open(path) as store:
        for _ in range(50):
            store.add(ATTEMPT)


def diary(path: Path) -> None:
    path.write_text("Dear diary,\n" * 1000, encoding="utf-8")


def lose_all_but_the_journal(path: Path) -> None:
    path.rename(f"{path}-wal")


def replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "holiday.jpg").write_bytes(b"a picture")


def replace_by_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def set_pragma(name: str, value: int) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA {name} = {value}")

    return change


def drop_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE regrades")


@pytest.mark.parametrize(
    ("damage", "how"),
    [
        (diary, "was damaged"),
        (lambda path: overwrite(path, 0, 100), "was damaged"),  # the header
        (lambda path: overwrite(path, 4096, 3 * 4096), "was damaged"),  # pages
        (truncate, "was damaged"),
        (lambda path: os.truncate(path, 0), "was empty"),
        (lambda path: os.truncate(path, 50), "was damaged"),  # half a header
        # SQLite would begin a new store and delete the journal.
        (lose_all_but_the_journal, "had lost all but its journal"),
        (replace_by_a_folder, "was a folder"),
        (replace_by_a_pipe, "was no file"),  # to open it would wait for ever
        # Bytes of the header that SQLite leaves to the program
        (set_pragma("application_id", 7), "was damaged"),
        (set_pragma("user_version", 0), "was damaged"),
        (set_pragma("user_version", -7), "was damaged"),
        (set_pragma("user_version", 0x25A5A5A5), "was damaged"),
        (drop_a_table, "was damaged"),
    ],
)
def test_a_damaged_store_is_set_aside_and_a_new_one_begun(
    path: Path, damage: Callable[[Path], None], how: str
) -> None:
    fill(path)
    damage(path)
    aside = path.with_name("attempts-damaged-2026-03-14.db")
    before = contents(path)
    with Store.open(path, today=DAY) as store:
        assert store.notice == (
            f"The store of your answers {how}: it was kept as {aside}, and a new one begun. "
            "`tutor doctor --repair` brings back what can be read of it."
        )
        assert store.add(ATTEMPT) == 1
        assert contents(aside) == before
    with Store.open(path, today=DAY) as store:
        assert store.notice == ""
        assert store.count() == 1


def contents(path: Path) -> dict[str, bytes | str]:
    """What lies under a name and under its journal's."""
    found: dict[str, bytes | str] = {}
    for ending in ("", "-wal"):
        place = Path(f"{path}{ending}")
        if place.is_file():
            found[ending] = place.read_bytes()
        elif place.exists():
            found[ending] = "folder" if place.is_dir() else "pipe"
    return found


def test_an_earlier_damaged_file_is_not_overwritten(path: Path) -> None:
    path.parent.mkdir()
    for text in ("first", "second", "third"):
        path.write_text(text * 500, encoding="utf-8")
        Store.open(path, today=DAY).close()
    kept = sorted(each.name for each in path.parent.glob("*damaged*.db"))
    assert kept == [
        "attempts-damaged-2026-03-14-2.db",
        "attempts-damaged-2026-03-14-3.db",
        "attempts-damaged-2026-03-14.db",
    ]


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_answers_in_the_journal_of_a_damaged_file_are_kept_with_it(path: Path) -> None:
    """A kill leaves the latest answers in the journal; the file itself is damaged later."""
    fill(path)
    with start_writer(path, "the latest answers", 100_000) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.kill()
    assert Path(f"{path}-wal").stat().st_size > 0
    overwrite(path, 0, 100)
    with Store.open(path, today=DAY) as store:
        assert store.notice
    kept = path.parent.glob("attempts-damaged-2026-03-14*")
    assert any(b"the latest answers" in each.read_bytes() for each in kept)


def test_programs_that_find_the_damage_together_set_aside_one_file(path: Path) -> None:
    fill(path)
    overwrite(path, 0, 100)
    writers = [start_writer(path, str(number), 1) for number in range(6)]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    assert len(list(path.parent.glob("*damaged*.db"))) == 1
    with Store.open(path) as store:
        assert store.count() == len(writers)


# Other versions, other programs


def test_a_newer_schema_is_refused_and_left_untouched(path: Path) -> None:
    fill(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    with pytest.raises(StoreUnavailable, match="written by a newer exam-tutor"):
        Store.open(path)
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


def test_a_newer_schema_that_this_sqlite_cannot_read_is_not_taken_for_damage(path: Path) -> None:
    fill(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = 'CREATE FROM THE FUTURE'")
        connection.commit()
    with pytest.raises(StoreUnavailable, match="written by a newer exam-tutor"):
        Store.open(path)


def test_the_database_of_another_program_is_refused_and_left_untouched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE attempts (climber, summit)")
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="another program's database"):
        Store.open(path)
    assert path.read_bytes() == before


def test_the_file_says_whose_it_is_and_which_schema_it_has(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_migration_that_fails_leaves_the_older_store_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE attempts ADD COLUMN extra")
        connection.execute("CREATE NONSENSE")

    with monkeypatch.context() as patch:
        patch.setattr("tutor.store.migrations.MIGRATIONS", (*MIGRATIONS, broken))
        with pytest.raises(StoreUnavailable):
            Store.open(path)
    with Store.open(path) as store:
        assert store.count() == 50


def test_an_older_store_is_migrated_and_keeps_its_attempts(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)

    def newer(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE attempts ADD COLUMN extra TEXT NOT NULL DEFAULT ''")

    monkeypatch.setattr("tutor.store.migrations.MIGRATIONS", (*MIGRATIONS, newer))
    with Store.open(path) as store:
        assert store.count() == 50
        assert store.add(ATTEMPT) == 51
        assert list(store.attempts(since_id=50)) == [ATTEMPT]
