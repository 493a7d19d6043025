"""A disk that takes no more, and files that aren't ours to write: told in a line, and got over."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from program import PATIENCE, TUTOR, surroundings
from test_store import ATTEMPT, DAY, fill

from tutor.store import Store, StoreUnavailable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits and owners of POSIX")
NOBODY = 65_534
SIDE = "shown/side@original"

# A disk of 200 kB in a name space of our own: answers, fills it, answers, makes room, answers.
# The first few still find room in pages that the store has already.
SMALL_DISK = """
set -e
mkdir "$TUTOR_HOME/small" && mount -t tmpfs -o size=200k tmpfs "$TUTOR_HOME/small"
page="$TUTOR_HOME/page"; touch "$page"
export TUTOR_HOME="$TUTOR_HOME/small"
fill() { head -c 1000000 /dev/zero > "$TUTOR_HOME/holiday.mp4" 2>/dev/null || true; }
seen() { until [ "$(grep -o incorrect "$page" | wc -l)" -ge "$1" ]; do sleep 0.05; done; }
{ echo 101; seen 1; fill; for number in {201..230}; do echo $number; done; seen 31
  rm -f "$TUTOR_HOME/holiday.mp4"; echo 301; seen 32; echo 302; } |
  tutor quiz shown/side@original -n 17 --plain > "$page"
cat "$page"; echo "exit code $?"
tutor export
"""


def small_disk_is_possible() -> bool:
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", tempfile.gettempdir()]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not small_disk_is_possible(), reason="no name spaces")
@pytest.mark.parametrize("full", ["on the way", "from the start"])
def test_a_full_disk_is_told_once_and_what_it_refused_is_stored_once_there_is_room(
    tmp_path: Path, full: str
) -> None:
    environment = surroundings(tmp_path, PYTHONUTF8="1")
    environment["PATH"] = f"{Path(TUTOR).parent}{os.pathsep}{environment['PATH']}"
    from_start = full == "from the start"
    script = SMALL_DISK.replace("{ echo 101", "fill; { echo 101") if from_start else SMALL_DISK
    run = subprocess.run(
        ["unshare", "-rm", "bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert "Traceback" not in run.stdout + run.stderr
    assert run.returncode == 0, run.stderr
    page, _, export = run.stdout.partition("exit code 0\n")
    words = " ".join(page.split())
    beginning = (
        "Your answers can't be stored now" if from_start else "This answer is not stored yet"
    )
    assert words.count(beginning) == 1
    assert words.count("the disk is full") == 1
    assert words.count("It is tried again with each answer.") == 1
    assert words.count("All your answers are stored now.") == 1
    rows = [json.loads(line) for line in export.splitlines()[1:]]
    answers = ["101", *map(str, range(201, 231)), "301", "302"]
    assert [row["response"] for row in rows] == answers


def limited(home: Path, size: int, lines: str) -> subprocess.CompletedProcess[str]:
    """A quiz that may write no file beyond so many bytes, as where a quota is used up."""
    return subprocess.run(
        [TUTOR, "quiz", SIDE, "-n", "9", "--plain"],
        input=lines,
        capture_output=True,
        text=True,
        env=surroundings(home, PYTHONUTF8="1", TMPDIR=str(home / "tmp")),
        timeout=PATIENCE,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.parametrize("size", [0, 3_000, 9_000, 12_500, 20_000])
def test_a_quota_stops_no_quiz_and_loses_no_answer(tmp_path: Path, size: int) -> None:
    """Wherever the writing stops: in the store's making, its journal's, or a commit."""
    (tmp_path / "tmp").mkdir()
    answers = [str(number) for number in range(100, 118)]
    run = limited(tmp_path, size, "".join(f"{answer}\n" for answer in answers))
    assert "Traceback" not in run.stdout + run.stderr
    assert run.returncode == 0, run.stderr
    words = " ".join(run.stdout.split())
    assert words.count("It is tried again with each answer.") == 1
    assert "quota" in words
    stored = responses(tmp_path / "attempts.db")
    left = answers[len(stored) :]
    assert stored == answers[: len(stored)]
    assert left, "the limit was met"
    if size < 9_000:
        assert f"{len(left)} answers could not be stored, nor written to a file." in words
        return
    (kept,) = (tmp_path / "tmp").glob("exam-tutor-*.jsonl")
    assert f"{len(left)} answers could not be stored: kept as " in words
    done = subprocess.run(
        [TUTOR, "import", str(kept)],
        capture_output=True,
        text=True,
        env=surroundings(tmp_path),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert responses(tmp_path / "attempts.db") == answers


def responses(path: Path) -> list[str]:
    if not path.exists():
        return []
    with Store.open(path) as store:
        assert store.notice == ""
        return [attempt.response for attempt in store.attempts()]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nobody may write: pytest's own lie below one of root's."""
    found = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(found, NOBODY, NOBODY)
    yield found
    shutil.rmtree(found)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions stop everybody but root."""
    if os.geteuid() != 0 or sys.platform == "darwin":
        yield
        return
    os.setresgid(NOBODY, NOBODY, 0)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o400, 0o444])
def test_a_store_of_ours_that_we_may_not_use_is_used_all_the_same(folder: Path, mode: int) -> None:
    path = folder / "attempts.db"
    with as_nobody():
        fill(path)
        path.chmod(mode)
        with Store.open(path) as store:
            assert store.notice == ""
            assert store.add(ATTEMPT) == 51


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another owner")
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_store_of_another_owner_is_set_aside(folder: Path, mode: int) -> None:
    """As where the program was once run with sudo."""
    path = folder / "attempts.db"
    fill(path)
    for each in folder.iterdir():
        each.chmod(mode)
    (folder / "attempts.db.lock").unlink()
    with as_nobody(), Store.open(path, today=DAY) as store:
        aside = folder / "attempts-damaged-2026-03-14.db"
        assert store.notice.startswith(
            "The store of your answers could not be read and written by you: "
            f"it was kept as {aside}"
        )
        assert store.add(replace(ATTEMPT, response="6")) == 1


def test_a_folder_that_may_not_be_written(folder: Path) -> None:
    path = folder / "attempts.db"
    with as_nobody():
        folder.chmod(0o500)
        with pytest.raises(StoreUnavailable, match="can't be written: Permission denied"):
            Store.open(path)
        folder.chmod(0o700)
        fill(path)
        path.unlink()
        path.mkdir()
        folder.chmod(0o500)
        with pytest.raises(StoreUnavailable, match="can't be written: it is read-only"):
            Store.open(path)
        folder.chmod(0o700)
