"""All one's data out and in again: nothing is lost or doubled, and no file can do harm."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from program import PATIENCE, TUTOR, surroundings, tutor_here
from test_migrations import EARLIER, make
from test_salvage import filled
from test_store import ATTEMPT, CHECKOUT

from tutor.cli import run as run_here
from tutor.exam.sittings import Asked, Sitting, Sittings
from tutor.store import Attempt, Confidence, Regrade, Store
from tutor.store.exchange import Unreadable, read, rescue
from tutor.store.migrations import MIGRATIONS, tables_of

NOW = len(MIGRATIONS)
FIRST = replace(ATTEMPT, session="a", response="5")
SECOND = replace(ATTEMPT, session="a", response="6", try_number=2, at="2026-03-14T09:27:10Z")
ODD = replace(ATTEMPT, session="b", response='ŷ ⊙ "x"\n\0\t,;', at="2026-03-15T00:00:00Z")
SURE = Confidence(3, "2026-03-15T00:00:04Z", 4)
WRONG = Regrade(2, "2026-04-01T00:00:00Z", "r2", "incorrect", "a/b:side:wrong", 0.0, 2.0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with three answers: the second was regraded, of the third one was sure."""
    home = tmp_path / "home"
    with Store.open(home / "attempts.db") as store:
        for attempt in (FIRST, SECOND, ODD):
            store.add(attempt)
        store.regrade([WRONG])
        store.state(SURE, ODD.session)
    return home


def run(home: Path, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    done = tutor_here(*arguments, home=home, stdin=stdin)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def exported(home: Path) -> list[str]:
    code, out, err = run(home, "export")
    assert (code, err) == (0, "")
    return out.splitlines()


def stored(home: Path) -> list[tuple[Attempt, str]]:
    """Every answer as it was given, and its verdict by now."""
    with Store.open(home / "attempts.db") as store:
        current = {id: attempt.verdict for id, attempt in store.current()}
        return [(attempt, current[id]) for id, attempt in store.numbered()]


ALL = [(FIRST, "correct"), (SECOND, "incorrect"), (ODD, "correct")]


def test_an_export_says_what_it_is_and_holds_every_column(home: Path) -> None:
    head, *rows = map(json.loads, exported(home))
    assert head == {"format": "exam-tutor", "version": 1, "schema": NOW, "rows": 5}
    assert rows[:3] == [
        {"table": "attempts", "id": id, **asdict(one)}
        for id, one in enumerate((FIRST, SECOND, ODD), 1)
    ]
    assert rows[3] == {"table": "regrades", "id": 1, **asdict(WRONG)}
    assert rows[4] == {"table": "confidences", "id": 1, **asdict(SURE)}
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert json.dumps({**head, "rows": 2}) in page


def test_a_file_comes_in_whole_and_once_only(home: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "mine.jsonl", tmp_path / "other"
    code, out, err = run(home, "export", str(file))
    assert (code, out, err) == (0, "", f"tutor: {file}: 3 answers\n")
    assert os.name != "posix" or stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run(other, "import", str(file)) == (
        0,
        "3 answers came in, 0 were there already\n",
        "",
    )
    assert stored(other) == ALL
    assert run(other, "import", str(file))[1] == "0 answers came in, 3 were there already\n"
    assert run(home, "import", str(file))[1] == "0 answers came in, 3 were there already\n"
    assert stored(other) == stored(home) == ALL
    assert exported(other) == exported(home)


def test_how_sure_one_was_comes_to_an_answer_that_is_there(home: Path, tmp_path: Path) -> None:
    """As from what was rescued: the answer came into the store, and then the disk was full."""
    path = rescue([SECOND, FIRST], [replace(SURE, attempt=1, level=2)])
    assert path is not None
    lines = path.read_bytes()
    path.unlink()
    for _ in range(2):
        told = run(home, "import", "-", stdin=lines)
        assert told == (0, "0 answers came in, 2 were there already\n", "")
        with Store.open(home / "attempts.db") as store:
            assert store.confidences() == {2: 2, 3: 4}


def test_two_machines_come_to_hold_the_same(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    earlier = replace(ATTEMPT, session="c", at="2026-03-01T00:00:00Z")
    with Store.open(other / "attempts.db") as store:
        for attempt in (earlier, FIRST):  # FIRST came over on a stick once
            store.add(attempt)
        store.regrade([replace(WRONG, attempt=1), replace(WRONG, attempt=2)])
    lines = "\n".join(exported(other)).encode()
    assert "1 answer came in, 1 was there already" in run(home, "import", "-", stdin=lines)[1]
    lines = "\n".join(exported(home)).encode()
    assert "2 answers came in, 2 were there already" in run(other, "import", "-", stdin=lines)[1]
    both = [(earlier, "incorrect"), (FIRST, "incorrect"), *ALL[1:]]
    assert stored(home) == stored(other) == both, "in the order in which they were given"


def test_answers_that_are_alike_are_as_many_as_they_were(home: Path, tmp_path: Path) -> None:
    """A question may be asked twice within a second, as by a script."""
    other = tmp_path / "other"
    with Store.open(home / "attempts.db") as store:
        store.add(FIRST)
    lines = "\n".join(exported(home)).encode()
    for _ in range(2):
        run(other, "import", "-", stdin=lines)
        assert [attempt for attempt, _ in stored(other)].count(FIRST) == 2


def test_another_store_comes_in_as_it_is(home: Path, tmp_path: Path) -> None:
    done = run(tmp_path / "other", "import", str(home / "attempts.db"))
    assert done == (0, "3 answers came in, 0 were there already\n", "")
    assert stored(tmp_path / "other") == ALL


def test_the_document(home: Path, tmp_path: Path) -> None:
    lines = "\n".join(exported(home)).encode()
    code, out, _ = run(tmp_path / "other", "import", "-", "--json", stdin=lines)
    document = json.loads(out)
    assert code == 0
    assert (document["new"], document["known"], document["missing"]) == (3, 0, 0)
    assert document["tables"]["regrades"] == {"new": 1, "known": 0}


@pytest.mark.parametrize("version", EARLIER)
def test_an_export_of_every_earlier_schema_comes_in(tmp_path: Path, version: int) -> None:
    """What it held is read from a store of that time by SQLite."""
    make(tmp_path / "old.db", version)
    lines: list[dict[str, Any]] = []
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.row_factory = sqlite3.Row
        for table in tables_of(version):
            rows = connection.execute(f"SELECT * FROM {table.name}")
            lines += [{"table": table.name, **dict(row)} for row in rows]
    head = {"format": "exam-tutor", "version": 1, "schema": version, "rows": len(lines)}
    text = "\n".join(map(json.dumps, [head, *lines])).encode()
    assert run(tmp_path / "home", "import", "-", stdin=text)[0] == 0
    verdicts = [verdict for _, verdict in stored(tmp_path / "home")]
    assert verdicts == ["correct", "incorrect" if version >= 2 else "correct", "correct"]
    with Store.open(tmp_path / "home" / "attempts.db") as store:
        assert store.confidences() == ({3: 4} if version >= 4 else {})


def test_a_file_that_breaks_off_comes_in_as_far_as_it_goes(home: Path, tmp_path: Path) -> None:
    text = "\n".join(exported(home)).encode()
    cut = text[: text.index(b'"b"') + 40]  # in the middle of the third answer
    code, out, err = run(tmp_path / "other", "import", "-", stdin=cut)
    assert (code, out) == (0, "2 answers came in, 0 were there already\n")
    assert err == "tutor: - breaks off: 3 more rows are missing\n"
    assert run(tmp_path / "other", "import", "-", stdin=text)[1].startswith("1 answer came in, 2")


def test_answers_as_a_table_have_the_verdicts_of_today(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    assert run(home, "export", str(file), "--format", "csv")[0] == 0
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["response"] for row in rows] == ["5", "6", ODD.response]
    assert [row["verdict"] for row in rows] == ["correct", "incorrect", "correct"]
    assert [row["confidence"] for row in rows] == ["", "", "4"]
    assert rows[1]["score"] == "0.0" and rows[1]["note"] == "a/b:side:wrong"


SITTING = Sitting(
    "f00d", "midterm", "Midterm", "7", 1_773_478_800.0, 75,
    (Asked("cnn/conv-output@7", "Convolution", 2, "0f3a", '{"n": 15}'),),
)  # fmt: skip


def test_an_exam_goes_on_on_another_machine_and_the_latest_answer_stands(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    key, now = (0, "side"), SITTING.began
    with Store.open(one / "attempts.db") as store:
        Sittings(store).begin(SITTING)
        Sittings(store).write(SITTING, key, "5", now + 10)
        Sittings(store).write(SITTING, (0, "depth"), "3", now + 12)
        Sittings(store).flag(SITTING, 0, True, now + 15)
    carry(one, other)
    with Store.open(other / "attempts.db") as store:
        assert Sittings(store).unfinished() == SITTING
        assert Sittings(store).flags(SITTING) == {0}
        Sittings(store).write(SITTING, key, "6", now + 60)
        Sittings(store).flag(SITTING, 0, False, now + 61)
        Sittings(store).move(SITTING, 1, now + 62)
    carry(one, other)  # the earlier ones change nothing
    carry(other, one)
    for home in (one, other):
        with Store.open(home / "attempts.db") as store:
            assert Sittings(store).sheet(SITTING) == {key: "6", (0, "depth"): "3"}
            assert Sittings(store).flags(SITTING) == set()
            assert Sittings(store).unfinished() == SITTING._replace(place=1)


def carry(home: Path, to: Path) -> None:
    text = "\n".join(exported(home)).encode()
    assert run(to, "import", "-", stdin=text)[0] == 0


# -- where it goes ---------------------------------------------------------------------------


def test_nothing_is_exported_where_nothing_was_answered(tmp_path: Path) -> None:
    code, out, err = run(tmp_path / "home", "export")
    assert (code, out) == (2, "") and "nothing was answered yet" in err
    assert not (tmp_path / "home").exists(), "looking writes nothing"


def test_an_export_replaces_an_earlier_one_and_nothing_else(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    for _ in range(2):
        assert run(home, "export", str(file))[0] == 0
    diary = tmp_path / "diary.txt"
    diary.write_text("Dear diary", encoding="utf-8")
    for name in (diary, home / "attempts.db"):
        code, _, err = run(home, "export", str(name))
        assert code == 2 and "exists and is no export: name another file" in err
    assert diary.read_text(encoding="utf-8") == "Dear diary"
    for name in (tmp_path, tmp_path / "no" / "where.jsonl"):
        code, _, err = run(home, "export", str(name))
        assert code == 2 and "can't be written: " in err
    assert stored(home) == ALL
    assert sorted(each.name for each in tmp_path.iterdir()) == ["diary.txt", "home", "mine.jsonl"]


def test_a_format_that_there_is_not(home: Path) -> None:
    assert run(home, "export", "--format", "xml")[::2] == (
        2,
        "tutor: --format xml: it is jsonl or csv\n",
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_an_export_to_a_full_disk(home: Path) -> None:
    code, _, err = run(home, "export", "/dev/full")
    assert code == 2 and err == "tutor: /dev/full can't be written: No space left on device\n"
    assert Path("/dev/full").is_char_device()
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [TUTOR, "export"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=surroundings(home),
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_a_reader_that_has_seen_enough(home: Path, format: str) -> None:
    many = [replace(FIRST, response=str(number)) for number in range(900)]
    filled(home / "attempts.db", many)  # more than a pipe holds
    script = f"'{TUTOR}' export --format {format} | head -c 10; echo ' ' ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env=surroundings(home),
        timeout=PATIENCE,
        check=False,
    )
    assert (done.stdout.split()[-1], done.stderr) == ("141", "")


# -- files that are no exports, or hostile ---------------------------------------------------


def head(**changed: object) -> str:
    whole = {"format": "exam-tutor", "version": 1, "schema": NOW, "rows": 1}
    return json.dumps({**whole, **changed})


def row(**changed: object) -> str:
    whole = {"table": "attempts", "id": 1, **asdict(FIRST), **changed}
    return json.dumps({name: value for name, value in whole.items() if value != "left out"})


def a(**changed: object) -> str:
    """An export whose one row is changed so."""
    return f"{head()}\n{row(**changed)}\n"


def sitting(**changed: object) -> str:
    """An export of one exam, changed so."""
    questions = json.dumps([list(one) for one in SITTING.questions])
    at = "2026-03-14T09:00:00Z"
    whole = {"table": "sittings", "id": 1, "sitting": "f00d", "at": at, "exam": "midterm"}
    whole |= {"title": "Midterm", "seed": "7", "began": at, "minutes": 75}
    whole |= {"questions": questions, "place": 0, "ended": "", **changed}
    return f"{head()}\n{json.dumps(whole)}\n"


REGRADE = {"table": "regrades", "id": 1, **asdict(WRONG)}
STATED = {"table": "confidences", "id": 1, **asdict(replace(SURE, attempt=1))}
SHEET = {"table": "sheets", "id": 1, "sitting": "f00d", "question": 0, "part": "side"}
SHEET |= {"at": "2026-03-14T09:00:00Z", "response": "6"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no export of exam-tutor"),
        ("Dear diary\n", "it is no export of exam-tutor"),
        ("{}\n", "it is no export of exam-tutor"),
        ("[]\n", "it is no export of exam-tutor"),
        ("\0\0\0", "it is no export of exam-tutor"),
        ("[" * 100_000, "line 1 is nested too deeply"),
        ('{"a":' * 100_000, "line 1 is nested too deeply"),
        (head(format="anki"), "it is no export of exam-tutor"),
        (head(version=2), "it was written by a newer exam-tutor: update exam-tutor"),
        (head(schema=NOW + 1), "it was written by a newer exam-tutor: update exam-tutor"),
        (head(version=0), "line 1: version must be a whole number from 1"),
        (head(version=True), "line 1: version must be a whole number from 1"),
        (head(version="1"), "line 1: version must be a whole number from 1"),
        (head(schema=None), "line 1: schema must be a whole number from 1"),
        (head(schema=-1), "line 1: schema must be a whole number from 1"),
        (head(schema=1.0), "line 1: schema must be a whole number from 1"),
        (head(rows=-1), "line 1: rows must be a whole number from 0"),
        (head(rows=10**15), "it has more than 1,000,000 rows"),
        ('{"format": "exam-tutor", "version": ' + "9" * 5000 + "}", "it is no export"),
        (head(rows=0) + "\n" + row(), "line 2: there are more rows than the first line says"),
        (head() + "\n[1, 2]\n", "line 2 is no JSON object"),
        (head() + "\nnothing\n", "line 2 is no JSON object"),
        (head() + "\n" + "[" * 100_000 + "\n", "line 2 is nested too deeply"),
        (a(table="users"), "line 2: table must be one of attempts, regrades"),
        (a(table=["attempts"]), "line 2: table must be one of"),
        (a(table="sqlite_schema"), "line 2: table must be one of"),
        (a(table='attempts" --'), "line 2: table must be one of"),
        (a(id=0), "line 2: id must be a whole number from 1"),
        (a(id="1"), "line 2: id must be a whole number from 1"),
        (a(id=2**63), "line 2: id must be a whole number from 1"),
        (a(session="left out"), "line 2: 'session' is missing"),
        (a(evil=1), "line 2: 'evil' is no column"),
        (a(**{"session) VALUES (1); --": 1}), "line 2: 'session) VALUES (1); --' is no column"),
        (a(response=5), "line 2: response must be a text of at most 1,000,000 characters"),
        (a(response=None), "line 2: response must be a text"),
        (a(response=["5"]), "line 2: response must be a text"),
        (a(response="x" * 1_000_001), "line 2: response must be a text of at most"),
        (a(score="2"), "line 2: score must be a number"),
        (a(score=True), "line 2: score must be a number"),
        (a(score=float("nan")), "line 2: score must be a number"),
        (a(score=float("inf")), "line 2: score must be a number"),
        (a(score=3.0), "line 2: score must be from 0 to max_score"),
        (a(score=-1.0), "line 2: score must be from 0 to max_score"),
        (a(try_number=1.5), "line 2: try_number must be a whole number"),
        (a(try_number=2**70), "line 2: try_number must be a whole number"),
        (a(try_number=0), "line 2: try_number counts from 1, hints from 0"),
        (a(hints=-1), "line 2: try_number counts from 1, hints from 0"),
        (a(at="yesterday"), "line 2: at must be a time in UTC, as 2026-03-14T09:26:53Z"),
        (a(at="2026-13-45T29:61:69Z"), "line 2: at must be a time in UTC"),
        (a(at="9999-12-31T23:59:59Z"), "line 2: at must be a time in UTC"),
        (sitting(began="soon"), "line 2: began must be a time in UTC"),
        (sitting(ended="0"), "line 2: ended must be a time in UTC"),
        (sitting(minutes=0), "line 2: minutes must be from 1 to 1,440, place from 0"),
        (sitting(minutes=10**9), "line 2: minutes must be from 1 to 1,440, place from 0"),
        (sitting(place=-1), "line 2: minutes must be from 1 to 1,440, place from 0"),
        (sitting(questions="["), "line 2: questions must be a JSON list of code, section"),
        (sitting(questions="[]"), "line 2: questions must be a JSON list of code, section"),
        (sitting(questions="[[1, 2, 3, 4, 5]]"), "line 2: questions must be a JSON list"),
        (sitting(questions='[["../x@1", "", 1, "", "{}"]]'), "line 2: questions must be a JSON"),
        (sitting(questions='[["a/b@1", "", NaN, "", "{}"]]'), "line 2: questions must be a JSON"),
        (
            head(rows=2) + "\n" + f"{json.dumps(SHEET)}\n{json.dumps({**SHEET, 'id': 2})}\n",
            "line 3: sheets has such a row already",
        ),
        (
            head(rows=2) + f"\n{row()}\n{json.dumps({**STATED, 'level': 5})}\n",
            "line 3: level must be from 1 to 4",
        ),
        (
            head(rows=2) + f"\n{row()}\n{json.dumps({**STATED, 'attempt': 2})}\n",
            "line 3: refers to a row that isn't there",
        ),
        (
            head(rows=3) + f"\n{row()}\n{json.dumps(STATED)}\n{json.dumps({**STATED, 'id': 2})}\n",
            "line 4: confidences has such a row already",
        ),
        (a(verdict="brilliant"), "line 2: verdict must be one of correct, partial, incorrect"),
        (a(note="none"), "line 2: note must be problem:part:name"),
        (a(problem="../../etc/passwd"), "line 2: problem must be topic/name"),
        (a(problem="conv"), "line 2: problem must be topic/name"),
        (a(seed="-1"), "line 2: code must be problem@seed"),
        (a(seed="9" * 400, code="cnn/conv-output@" + "9" * 400), "line 2: code must be"),
        (a(parameters="{"), "line 2: parameters must be a JSON object"),
        (a(parameters="[1]"), "line 2: parameters must be a JSON object"),
        (a(parameters="[" * 100_000), "line 2: parameters must be a JSON object"),
        (head(rows=2) + f"\n{row()}\n{row()}\n", "line 3: attempts has such a row already"),
        (
            head() + "\n" + json.dumps(REGRADE) + "\n",
            "line 2: refers to a row that isn't there",
        ),
        (
            head() + "\n" + json.dumps({**REGRADE, "attempt": "1"}) + "\n",
            "line 2: attempt must be a whole number",
        ),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_a_line_and_nothing_comes_in(
    home: Path,
    tmp_path: Path,
    text: str,
    why: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(home))
    file = tmp_path / "hostile.jsonl"
    file.write_text(text, encoding="utf-8")
    assert run_here(["import", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"tutor: {file}: {why}") and err.count("\n") == 1
    assert len(err) < 400
    assert stored(home) == ALL


PIECES = ["", "\n", "{", "[", '"', "null", "-1", "1e400", "\\ud800", "\0", "é", "NaN", "9" * 5000]


@given(seed=st.integers(0, 100_000))
@settings(max_examples=300)
def test_a_file_that_was_changed_anywhere_is_read_or_refused(seed: int) -> None:
    dice = random.Random(seed)
    text = list(f"{head(rows=3)}\n{row()}\n{row(id=2)}\n{json.dumps(REGRADE)}\n")
    for _ in range(dice.randrange(1, 6)):
        at, length = dice.randrange(len(text)), dice.choice((0, 1, 1, 2, 30))
        text[at : at + length] = dice.choice((*PIECES, chr(dice.randrange(32, 127))))
    try:
        connection, missing = read(io.StringIO("".join(text)))
    except Unreadable:
        return
    with closing(connection):
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("attempts", "regrades")
        ]
    assert sum(counts) + missing >= 0 and counts[0] <= 3


def latin(file: Path) -> None:
    file.write_bytes(head().encode() + b'\n{"caf\xe9": 1}\n')


def endless_line(file: Path) -> None:
    with file.open("wb") as out:
        out.truncate(40_000_000)  # of zeros, which take no room


def folder(file: Path) -> None:
    file.mkdir()


def nothing(file: Path) -> None:
    pass


def picture(file: Path) -> None:
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def false_store(file: Path) -> None:
    with file.open("wb") as out:
        out.write(b"SQLite format 3\0")
        out.truncate(600_000_000)


def newer_store(file: Path) -> None:
    Store.open(file).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {NOW + 1}")


@pytest.mark.parametrize(
    ("make_file", "why"),
    [
        (latin, "it is not UTF-8 text"),
        (picture, "it is not UTF-8 text"),
        (endless_line, "line 1 is longer than 16,000,000 characters"),
        (folder, "is a directory"),
        (nothing, "no such file or directory"),
        (false_store, "is longer than 500,000,000 bytes"),
        (newer_store, "was written by a newer exam-tutor: update exam-tutor"),
    ],
)
def test_other_files_are_refused_too(
    home: Path, tmp_path: Path, make_file: Callable[[Path], None], why: str
) -> None:
    make_file(tmp_path / "other")
    code, out, err = run(home, "import", str(tmp_path / "other"))
    assert (code, out) == (2, "")
    assert why in err and err.count("\n") == 1
    assert stored(home) == ALL


def test_a_bad_line_far_down_leaves_nothing_of_the_lines_before(home: Path) -> None:
    rows = [row(id=id, response=str(id)) for id in range(1, 1001)]
    text = "\n".join([head(rows=1001), *rows, row(id=1001, score="x")]) + "\n"
    code, _, err = run(home, "import", "-", stdin=text.encode())
    assert code == 2 and err == "tutor: -: line 1002: score must be a number\n"
    assert stored(home) == ALL


def test_a_file_from_windows_with_blank_lines(home: Path) -> None:
    text = "\ufeff" + f"{head()}\r\n\r\n{row(response='7')}\r\n\r\n"
    assert run(home, "import", "-", stdin=text.encode())[:2] == (
        0,
        "1 answer came in, 0 were there already\n",
    )


@pytest.mark.parametrize("value", ["1e999999999", "1/0", "9" * 100_000, {"deep": []}, None, True])
def test_hostile_parameters_stop_no_command(home: Path, value: object) -> None:
    """They may come in, as any JSON object may; what reads them takes no harm."""
    code = "shown/side@5"
    text = a(
        code=code,
        problem="shown/side",
        seed="5",
        parameters=json.dumps({"n": value, "f": value}),
        note="shown/side:side:correct",
    )
    assert run(home, "import", "-", stdin=text.encode())[0] == 0
    for arguments in (["regrade", "--write"], ["stats"], ["show", code], ["export"]):
        exit_code, _, err = run(home, *arguments)
        assert exit_code == 0, err
        assert "mistake in exam-tutor" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_import_brings_in_all_or_nothing(tmp_path: Path) -> None:
    rows = [row(id=id, response=str(id)) for id in range(1, 20_001)]
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join([head(rows=len(rows)), *rows]), encoding="utf-8")
    counts = []
    for number in range(6):
        home = tmp_path / str(number)
        Store.open(home / "attempts.db").close()
        program = subprocess.Popen([TUTOR, "import", str(file)], env=surroundings(home))
        try:
            program.wait(timeout=0.3 + 0.25 * number)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
        with Store.open(home / "attempts.db") as store:
            assert store.notice == ""
            counts.append(store.count())
    assert set(counts) <= {0, 20_000}
