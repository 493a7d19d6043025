"""What is read back of damaged stores: never less than SQLite's own tool finds, never what wasn't.

Rows are known from before the damage, or read by SQLite from the sound file.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from program import tutor_here
from test_migrations import EARLIER, make
from test_store import ATTEMPT, overwrite, start_writer

from tutor.exam.sittings import Asked, Sitting, Sittings
from tutor.store import Attempt, Confidence, Regrade, Store, StoreUnavailable
from tutor.store.damage import those_aside
from tutor.store.migrations import MIGRATIONS
from tutor.store.pages import LEAF, PAGE_SIZE, hidden_cells, pages_of, record, sound_cells
from tutor.store.salvage import salvaged

ANSWERS = [
    replace(
        ATTEMPT,
        at=f"2026-03-14T{number // 60:02}:{number % 60:02}:00Z",
        # Some are longer than a page, some have characters of several bytes.
        response=f"{number}: " + "ŷ" * (number % 9) + "x" * (9_000 if number % 40 == 3 else 0),
        try_number=1 + number % 2,
    )
    for number in range(400)
]
REGRADES = [
    Regrade(id, "2026-04-01T00:00:00Z", "r2", "incorrect", "cnn/conv-output:side:wrong", 0.0, 2.0)
    for id in range(5, 400, 9)
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with all answers."""
    return filled(tmp_path_factory.mktemp("sound") / "attempts.db", ANSWERS, REGRADES)


def filled(path: Path, answers: Sequence[Attempt], regrades: Sequence[Regrade] = ()) -> Path:
    """A store with these answers, in one commit."""
    with Store.open(path) as store:
        with store.changing() as connection:
            places = ", ".join("?" * len(astuple(ATTEMPT)))
            for answer in answers:
                row = astuple(answer)
                connection.execute(f"INSERT INTO attempts VALUES (NULL, {places})", row)
        store.regrade(regrades)
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "attempts-damaged-2026-03-14.db"))


def read_back(path: Path) -> tuple[list[Attempt], list[Regrade], int]:
    connection, missing = salvaged(path)
    with closing(connection):
        attempts = connection.execute("SELECT * FROM attempts ORDER BY id").fetchall()
        regrades = connection.execute("SELECT * FROM regrades ORDER BY id").fetchall()
    return [Attempt(*row[1:]) for row in attempts], [Regrade(*row[1:]) for row in regrades], missing


def test_all_is_read_back_of_a_sound_store(path: Path) -> None:
    assert read_back(path) == (ANSWERS, REGRADES, 0)


@pytest.mark.parametrize("size", [512, 1024, 8192, 65536])
def test_any_page_size(path: Path, size: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("VACUUM")
    assert read_back(path) == (ANSWERS, REGRADES, 0)
    overwrite(path, 0, 100)  # now nothing tells the size
    found, _, _ = read_back(path)
    assert len(found) >= 0.99 * len(ANSWERS)


@pytest.mark.parametrize("version", EARLIER)
def test_any_schema(tmp_path: Path, version: int) -> None:
    make(tmp_path / "old.db", version)
    assert read_back(tmp_path / "old.db")[0] == [ATTEMPT] * 3


def header(path: Path) -> None:
    overwrite(path, 0, 100)


def first_page(path: Path) -> None:
    overwrite(path, 0, PAGE_SIZE)


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 + 1234)


def every_page_header(path: Path) -> None:
    """What lies in the pages stays, but none of them says where."""
    for start in range(PAGE_SIZE, path.stat().st_size, PAGE_SIZE):
        overwrite(path, start, 12)


def middle(path: Path) -> None:
    overwrite(path, path.stat().st_size // 2 + 1000, 3 * PAGE_SIZE)


def scratches(path: Path) -> None:
    dice = random.Random(7)
    size = path.stat().st_size
    for _ in range(30):
        overwrite(path, dice.randrange(size), 40)


@pytest.mark.parametrize(
    ("damage", "at_least"),
    [
        (header, 1.0),
        (first_page, 1.0),
        # 12 bytes of a page's header also are the places of its first two cells
        (every_page_header, 0.97),
        (half, 0.35),
        (middle, 0.9),
        (scratches, 0.9),
    ],
)
def test_what_damage_leaves_is_read_back(
    path: Path, damage: Callable[[Path], None], at_least: float
) -> None:
    damage(path)
    found, regrades, missing = read_back(path)
    intact = [answer for answer in found if answer in ANSWERS]
    assert len(intact) >= at_least * len(ANSWERS)
    # Nothing in a page tells that a letter of an answer is another one now.
    assert len(found) - len(intact) <= 30
    assert len(found) <= len(ANSWERS) and missing <= len(ANSWERS) - len(found)
    assert [one for one in regrades if one not in REGRADES] == []
    assert [answer.response for answer in intact] == sorted(
        (answer.response for answer in intact), key=lambda text: int(text.partition(":")[0])
    )


def by_sqlite(path: Path, into: Path) -> set[str]:
    """The answers that SQLite's own tool recovers."""
    script = subprocess.run(
        ["sqlite3", str(path), ".recover"], capture_output=True, check=False
    ).stdout
    subprocess.run(["sqlite3", str(into)], input=script, capture_output=True, check=False)
    with closing(sqlite3.connect(into)) as connection:
        connection.text_factory = lambda stored: stored.decode("utf-8", "replace")
        try:
            return {text for (text,) in connection.execute("SELECT response FROM attempts")}
        except sqlite3.Error:
            return set()


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="SQLite's tool is not installed")
@pytest.mark.parametrize("damage", [header, first_page, every_page_header, half, middle, scratches])
def test_no_less_is_read_back_than_by_sqlites_own_tool(
    path: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(path)
    ours = {answer.response for answer in read_back(path)[0]}
    theirs = by_sqlite(path, tmp_path / "recovered.db") & {answer.response for answer in ANSWERS}
    assert theirs <= ours


@pytest.mark.parametrize("damage", [header, first_page, every_page_header])
def test_how_sure_one_was_is_read_back(damage: Callable[[Path], None], tmp_path: Path) -> None:
    levels = {id: id * 7 % 4 + 1 for id in range(1, 201)}
    path = filled(tmp_path / "attempts.db", ANSWERS[:200])
    with Store.open(path) as store:
        for id, level in levels.items():
            store.state(Confidence(id, "2026-03-14T10:00:00Z", level), ATTEMPT.session)
        assert store.confidences() == levels
    damage(path)
    connection, _ = salvaged(path)
    with closing(connection):
        found = connection.execute("SELECT attempt, level FROM confidences").fetchall()
    assert set(found) <= set(levels.items())
    assert len(found) >= 0.97 * len(levels)


def test_of_rows_that_change_the_latest_are_read_back(tmp_path: Path) -> None:
    """An exam's answers are written over: pages of the journal and of the file differ then."""
    path = tmp_path / "attempts.db"
    question = Asked("cnn/conv-output@7", "Convolution", 2, "0f3a", '{"n": 15}')
    sitting = Sitting("f00d", "midterm", "Midterm", "7", 1_773_478_800.0, 75, (question,) * 9)
    with Store.open(path) as store, closing(sqlite3.connect(path)) as reader:
        Sittings(store).begin(sitting)
        reader.execute("BEGIN")  # keeps the journal from going into the file
        reader.execute("SELECT count(*) FROM sheets").fetchone()
        for number in range(90):
            Sittings(store).write(sitting, (number % 9, "side"), str(number), sitting.began)
        assert Path(f"{path}-wal").stat().st_size > 90 * PAGE_SIZE
        for ending in ("", "-wal"):
            shutil.copy(f"{path}{ending}", tmp_path / f"copy.db{ending}")
    overwrite(tmp_path / "copy.db", 0, 100)
    connection, _ = salvaged(tmp_path / "copy.db")
    with closing(connection):
        rows = connection.execute("SELECT question, response FROM sheets ORDER BY question")
        assert rows.fetchall() == [(number, str(81 + number)) for number in range(9)]
        assert connection.execute("SELECT sitting FROM sittings").fetchall() == [("f00d",)]


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_answers_that_only_the_journal_has(tmp_path: Path) -> None:
    path = tmp_path / "attempts.db"
    with start_writer(path, "killed", 100_000) as writer:
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(40)]
        writer.send_signal(signal.SIGKILL)
        seen += map(int, writer.stdout.read().split())
    path.unlink()
    found, _, _ = read_back(path)
    numbers = {int(answer.response) for answer in found}
    assert seen[-1] in numbers, "the latest page of the journal holds the latest answer"
    assert numbers <= {*range(seen[-1] + 2)}


def test_answers_that_only_the_store_has(tmp_path: Path) -> None:
    """Every answer is in the store itself as soon as it was acknowledged, whoever is using it."""
    path = tmp_path / "attempts.db"
    with Store.open(path) as store:
        for answer in ANSWERS[:20]:
            store.add(answer)
            copy = tmp_path / "copy.db"
            shutil.copy(path, copy)
            with closing(sqlite3.connect(copy)) as connection:
                (count,) = connection.execute("SELECT count(*) FROM attempts").fetchone()
            assert count == store.count()


def test_nothing_is_made_of_what_never_was_a_store(tmp_path: Path) -> None:
    dice = random.Random(3)
    for number, content in enumerate(
        (
            b"",
            dice.randbytes(20_000),
            bytes(20_000),
            b"\x0d" * 20_000,
            b"SQLite format 3\0" + dice.randbytes(20_000),
            b"2026-03-14T09:26:53Z correct cnn/conv-output@7 \n" * 1_000,
        )
    ):
        path = tmp_path / str(number)
        path.write_bytes(content)
        assert read_back(path) == ([], [], 0)
    (tmp_path / "folder").mkdir()
    assert read_back(tmp_path / "folder") == ([], [], 0)
    assert read_back(tmp_path / "nothing") == ([], [], 0)


def test_the_store_of_a_newer_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreUnavailable, match="newer exam-tutor"):
        salvaged(path)


# -- the reader of pages ---------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.binary(max_size=200),
    st.builds(lambda size: "y" * size, st.integers(3_000, 20_000)),
)


@given(rows=st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=20))
@settings(max_examples=60)
def test_cells_are_what_sqlite_wrote(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]]
) -> None:
    path = tmp_path_factory.mktemp("cells") / "any.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c)")
        connection.executemany("INSERT INTO t (a, b, c) VALUES (?, ?, ?)", rows)
    written = {(id, (None, *row)) for id, row in enumerate(map(tuple, rows), 1)}
    pages = pages_of(path)
    found = {(cell.rowid, cell.values) for cell in sound_cells(pages) if cell.page != 1}
    assert found == written
    content = path.read_bytes()
    for start in range(PAGE_SIZE, len(content), PAGE_SIZE):
        if content[start] == LEAF:  # other pages hold the ends of long rows
            overwrite(path, start, 1)
    hidden = {(cell.rowid, cell.values) for cell in hidden_cells(pages_of(path), frozenset({4}))}
    assert written <= hidden


@given(st.binary(max_size=300))
def test_any_bytes_are_a_record_or_refused(payload: bytes) -> None:
    try:
        record(payload)
    except ValueError:
        return


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40)
def test_any_damage_is_read_around(
    tmp_path_factory: pytest.TempPathFactory, sound: Path, seed: int
) -> None:
    path = tmp_path_factory.mktemp("damage") / "attempts.db"
    dice = random.Random(seed)
    content = bytearray(sound.read_bytes())
    for _ in range(dice.randrange(1, 20)):
        start, length = dice.randrange(len(content)), dice.choice((1, 2, 8, 100, 5_000))
        content[start : start + length] = dice.randbytes(len(content[start : start + length]))
    path.write_bytes(content[: dice.randrange(len(content)) if dice.random() < 0.3 else None])
    found, _, missing = read_back(path)
    assert len(found) <= len(ANSWERS) and missing >= 0


# -- doctor --repair -------------------------------------------------------------------------


def doctor(home: Path, *arguments: str) -> dict[str, object]:
    run = tutor_here("doctor", "--json", *arguments, home=home)
    assert run.returncode == 0, run.stderr
    document: dict[str, object] = json.loads(run.stdout)
    return document


def test_doctor_brings_back_what_damage_left_and_once_only(tmp_path: Path) -> None:
    path = filled(tmp_path / "attempts.db", ANSWERS, REGRADES)
    overwrite(path, 0, 100)
    told = tutor_here("quiz", "shown/side@original", "--plain", home=tmp_path, stdin=b"11\n")
    words = " ".join(told.stdout.decode().split())
    assert "was damaged" in words and "`tutor doctor --repair` brings back" in words
    assert told.returncode == 0 and "correct" in words
    (aside,) = those_aside(path)
    assert doctor(tmp_path)["set_aside"] == [str(aside)]
    assert "set aside" in tutor_here("doctor", "--plain", home=tmp_path).stdout.decode()

    run = tutor_here("doctor", "--repair", "--plain", home=tmp_path)
    words = " ".join(run.stdout.decode().split())
    assert words.endswith(": 400 answers came back Your store holds 401 answers.")
    assert (run.returncode, run.stderr) == (0, b"")
    with Store.open(path) as store:
        assert sorted(store.attempts(), key=lambda one: one.at)[:400] == ANSWERS
        verdicts = [attempt.verdict for _, attempt in store.current()]
    assert verdicts.count("incorrect") == len(REGRADES)
    assert verdicts[-1] == "correct", "today's answer comes after those of the past"

    document = doctor(tmp_path, "--repair")
    (repaired,) = document["repaired"]  # type: ignore[misc]
    assert (repaired["new"], repaired["known"], repaired["missing"]) == (0, 400, 0)
    assert document["attempts"] == 401
    assert aside.exists(), "nothing is thrown away"


def test_doctor_sets_the_present_store_aside_if_need_be_and_tells_what_is_lost(
    tmp_path: Path,
) -> None:
    path = filled(tmp_path / "attempts.db", ANSWERS)
    middle(path)
    run = tutor_here("doctor", "--repair", "--plain", home=tmp_path)
    assert run.returncode == 0 and b"was damaged" in run.stderr
    page = " ".join(run.stdout.decode().split())
    with Store.open(path) as store:
        count = store.count()
    assert f"{count} answers came back, {400 - count} are lost" in page


def test_there_may_be_nothing_to_repair(tmp_path: Path) -> None:
    run = tutor_here("doctor", "--repair", home=tmp_path)
    assert run.returncode == 0
    assert "there is nothing to repair" in run.stdout.decode()


def test_stores_of_several_damages_come_together(tmp_path: Path) -> None:
    path = tmp_path / "attempts.db"
    for part in (ANSWERS[:10], ANSWERS[5:20], ANSWERS[20:30]):
        filled(path, part)
        os.rename(path, path.with_name(f"attempts-damaged-{part[0].response[:1]}{len(part)}.db"))
    assert doctor(tmp_path, "--repair")["attempts"] == 30
    with Store.open(path) as store:
        assert list(store.attempts()) == ANSWERS[:30]
