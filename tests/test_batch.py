"""A class is graded: in order, on several processes, whatever ends in the middle."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, cast

import pytest
from hazards import hazards
from program import SHOWN, TUTOR, Terminal, surroundings, tutor

from engine.grading import grade
from tutor.batch import dispatch, grader
from tutor.batch.grader import Batch, Graded, Refused, failed
from tutor.batch.tasks import MAX_KEPT
from tutor.batch.watch import OutOfTime, Watch
from tutor.batch.workers import LocalPool, WorkerDied
from tutor.cli import run
from tutor.refusal import Refusal
from tutor.render_progress import meter

SIDES = [str(side) for side in range(-2, 40)]
FORMS = ("{}", "{} + 0", "1*{}", "what", "", "{}/0")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TUTOR_BANK", SHOWN)


def rows_of_a_class(count: int) -> Iterator[dict[str, Any]]:
    """Rows of several kinds: shared and single variants, comparisons, rows that can't be graded."""
    for number in range(count):
        side = FORMS[number % len(FORMS)].format(SIDES[number % len(SIDES)])
        student = {"student": f"s{number}"}
        if number % 7 == 3:
            yield {**student, "reference": "2x", "symbols": "x", "response": f"x + x + {number}"}
        elif number % 11 == 5:
            yield {**student, "problem": "shown/nope@1", "answers": {}}
        elif number % 5 == 2:
            answers = {"rule": "power", "right": ["one", "one two"][number % 2]}
            yield {**student, "problem": f"shown/kinds@{number}", "answers": answers}
        else:
            yield {**student, "problem": f"shown/side@{number % 9}", "answers": {"side": side}}


def json_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    return json_lines(tmp_path / "class.jsonl", list(rows_of_a_class(300)))


def results(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# the same bytes, whoever grades


def test_the_number_of_processes_changes_no_byte(
    responses: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for jobs in (1, 3):
        assert (
            run(["check", str(responses), "-j", str(jobs), "-o", f"{tmp_path}/{jobs}.jsonl"]) == 0
        )
    request.getfixturevalue("same_process")
    assert run(["check", str(responses), "-o", f"{tmp_path}/here.jsonl"]) == 0
    graded = (tmp_path / "here.jsonl").read_bytes()
    assert graded == (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "3.jsonl").read_bytes()
    given = list(rows_of_a_class(300))
    for row, wanted in zip(results(tmp_path / "here.jsonl"), given, strict=True):
        assert {name: row[name] for name in wanted} == wanted


@pytest.mark.usefixtures("same_process")
def test_identical_responses_are_graded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counting(variant: Any, responses: Mapping[str, str], **more: Any) -> Any:
        asked.append((variant.code, *responses.items()))
        return grade(variant, responses, **more)

    monkeypatch.setattr(grader, "grade", counting)
    long = "1 + " * MAX_KEPT + "1"
    answers = ["11", "10", "11", "11", long, long, "10"] * 20
    rows = [
        {"student": f"s{at}", "problem": "shown/side@original", "answers": {"side": text}}
        for at, text in enumerate(answers)
    ]
    path = json_lines(tmp_path / "class.jsonl", rows)
    assert run(["check", str(path), "-o", str(tmp_path / "out.jsonl")]) == 0
    short = [one for one in asked if one[1][1] != long]
    assert sorted(short) == sorted({*short}), "what is short enough to be kept, once"
    by_answer: dict[str, set[str]] = {}
    for row, text in zip(results(tmp_path / "out.jsonl"), answers, strict=True):
        by_answer.setdefault(text, set()).add(json.dumps(row["parts"]))
    assert [len(told) for told in by_answer.values()] == [1, 1, 1]


@pytest.mark.usefixtures("same_process")
def test_columns_that_are_no_parts_keep_no_responses_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counting(variant: Any, responses: Mapping[str, str], **more: Any) -> Any:
        asked.append(variant.code)
        return grade(variant, responses, **more)

    monkeypatch.setattr(grader, "grade", counting)
    monkeypatch.setattr(dispatch, "MAX_ROWS", 10)
    path = tmp_path / "class.csv"
    lines = [f"s{at},shown/side@original,{at},11" for at in range(2_000)]
    path.write_text("\n".join(["student,problem,seconds,side", *lines]))
    assert run(["check", str(path), "-o", str(tmp_path / "out.jsonl")]) == 0
    assert len(asked) < 400, "those that were under way before the first result"


# going on


def cut(whole: bytes) -> Iterator[bytes]:
    """What a kill may leave: nothing, whole rows, rows cut anywhere."""
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 10]
    for end in (
        0,
        1,
        ends[0] - 1,
        *ends[:4],
        ends[5] + 7,
        ends[-2] + 1,
        len(whole) - 1,
        len(whole),
    ):
        yield whole[:end]


MULTILINE = [
    {"student": 's"1', "problem": "shown/side@original", "answers": {"side": "11\n"}},
    {"student": "=1+1", "problem": "shown/side@original", "answers": {"side": '"\n"'}},
    {"student": "ŷ, z", "problem": "shown/side@1", "answers": {"side": "-6"}, "note": [1, None]},
]


@pytest.mark.usefixtures("same_process")
@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_going_on_gives_the_same_bytes(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = json_lines(tmp_path / "class.jsonl", [*MULTILINE, *rows_of_a_class(20)])
    out = tmp_path / f"out.{ending}"
    assert run(["check", str(path), "-o", str(out)]) == 0
    whole, summary = out.read_bytes(), capsys.readouterr().err
    for left in cut(whole):
        out.write_bytes(left)
        assert run(["check", str(path), "-o", str(out), "--resume"]) == 0
        assert out.read_bytes() == whole, left[-80:]
        assert capsys.readouterr().err == summary
    out.unlink()
    assert run(["check", str(path), "-o", str(out), "--resume"]) == 0
    assert out.read_bytes() == whole


@pytest.mark.usefixtures("same_process")
def test_going_on_with_csv_given(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    lines = ['s1,shown/side@original,"1,\n2",11,x', "s2,shown/side@1,a,,y", "s3,,,,", "a,b,c,d,e,f"]
    path.write_text("\n".join(["student,problem,score,side,time", *lines]))
    for ending in ("jsonl", "csv"):
        out = tmp_path / f"out.{ending}"
        assert run(["check", str(path), "-o", str(out)]) == 0
        whole = out.read_bytes()
        for end in range(0, len(whole) + 1, 31):
            out.write_bytes(whole[:end])
            assert run(["check", str(path), "-o", str(out), "--resume"]) == 0
            assert out.read_bytes() == whole


@pytest.mark.usefixtures("same_process")
@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_going_on_with_odd_fields(ending: str, tmp_path: Path) -> None:
    right: dict[str, Any] = {"problem": "shown/side@original", "answers": {"side": "11"}}
    rows = [
        {**right, "student": "a carriage\rreturn"},
        {**right, "student": "half a character \ud800"},
        {**right, "student": "\x1b[31mred\x07\x00"},
        {**right, "student": '"a cell larger than Python reads\n' * 10_000},
        {**right, "verdict": "incorrect", "score": "two", "parts": 3, "error": "of old"},
        {"problem": "shown/nope@1", "code": "shown/side@1", "score": "two", "parts": {}},
    ]
    path, out = json_lines(tmp_path / "class.jsonl", rows), tmp_path / f"out.{ending}"
    assert run(["check", str(path), "-o", str(out)]) == 0
    whole = out.read_bytes()
    assert set(whole) & {*range(32), 127} == {10}, "no control characters"
    for end in (len(whole), len(whole) - 1):
        out.write_bytes(whole[:end])
        assert run(["check", str(path), "-o", str(out), "--resume"]) == 0
        assert out.read_bytes() == whole


@pytest.mark.usefixtures("same_process")
def test_a_bank_that_changes_meanwhile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = tmp_path / "bank" / "t" / "one.yaml"
    problem.parent.mkdir(parents=True)
    text = "title: one\nquestion: What?\nparts:\n  it: {kind: integer, answer: 4}\n"
    problem.write_text(text)

    def changing(variant: Any, responses: Mapping[str, str], **more: Any) -> Any:
        problem.write_text(text.replace("4", "5"))
        return grade(variant, responses, **more)

    path = json_lines(tmp_path / "class.jsonl", [{"problem": "t/one@1", "answers": {"it": "4"}}])
    command = ["check", str(path), "--bank", str(problem.parents[1])]
    assert run(command) == 0
    assert "changed" not in capsys.readouterr().err
    monkeypatch.setattr(grader, "grade", changing)
    assert run(command) == 0
    assert "the bank has changed meanwhile" in capsys.readouterr().err


@pytest.mark.usefixtures("same_process")
def test_a_bank_that_changed_since_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank, out = tmp_path / "bank", tmp_path / "out.jsonl"
    problems = {name: bank / "t" / f"{name}.yaml" for name in ("one", "two", "other")}
    problems["one"].parent.mkdir(parents=True)
    for path in problems.values():
        path.write_text("title: it\nquestion: What?\nparts:\n  it: {kind: integer, answer: 4}\n")
    rows = [{"problem": f"t/{name}@1", "answers": {"it": "4"}} for name in ("one", "two", "two")]
    path = json_lines(tmp_path / "class.jsonl", rows)
    command = ["check", "--bank", str(bank), str(path), "-o", str(out)]
    assert run(command) == 0
    whole = out.read_bytes()
    for newer, told in (
        ((), ""),
        (("two", "other"), "t/two changed"),
        (("one", "two"), "t/one and 1 more"),
    ):
        capsys.readouterr()
        out.write_bytes(whole[:-9])
        written = time.time_ns()
        os.utime(out, ns=(written, written))
        for name, problem in problems.items():
            at = written + (10**9 if name in newer else -(10**9))
            os.utime(problem, ns=(at, at))
        assert run([*command, "--resume"]) == 0 and out.read_bytes() == whole
        err = capsys.readouterr().err
        assert told in err and ("since rows there were graded" in err) == bool(told)


@pytest.mark.usefixtures("same_process")
def test_two_runs_do_not_write_one_file(
    responses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fcntl = pytest.importorskip("fcntl")
    out = tmp_path / "out.jsonl"
    with out.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for more in ([], ["--resume"]):
            assert run(["check", str(responses), "-o", str(out), *more]) == 2
            assert "another run is writing there" in capsys.readouterr().err
    assert run(["check", str(responses), "-o", str(out)]) == 0


@pytest.mark.usefixtures("same_process")
@pytest.mark.parametrize(
    ("left", "why"),
    [
        ('{"student": "other", "verdict": "correct"}\n', "row 1 is not of"),
        ("notes of mine\n", "row 1 is not of"),
        ("[]\n", "row 1 is not of"),
        ("[" * 100_000 + "\n", "row 1 is not of"),
        ('{"verdict": "invalid", "error": "x", "parts": 3}\n', "row 1 is not of"),
    ],
)
def test_another_file_is_not_gone_on_with(
    left: str, why: str, responses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text(left)
    assert run(["check", str(responses), "-o", str(out), "--resume"]) == 2
    assert why in capsys.readouterr().err
    assert out.read_text() == left


@pytest.mark.usefixtures("same_process")
def test_more_rows_than_were_given_are_of_another_file(
    responses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert run(["check", str(responses), "-o", str(out)]) == 0
    short = json_lines(tmp_path / "short.jsonl", list(rows_of_a_class(299)))
    assert run(["check", str(short), "-o", str(out), "--resume"]) == 2
    assert "row 300 is not of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["-", "--resume", "-o", "x"], "- can't be read again"),
        (["class.jsonl", "--resume"], "name it with -o"),
        (["class.jsonl", "-j", "0"], "from 1 to"),
        (["class.jsonl", "--timeout", "0"], "more than 0"),
        (["class.jsonl", "--timeout", "nan"], "more than 0"),
        (["class.jsonl", "--timeout", "1e10"], "at most a day"),
        (["class.jsonl", "--resume", "-o", "-"], "name it with -o"),
        (["class.jsonl", "--format", "xml"], "jsonl, csv, gradescope"),
        (["class.jsonl", "-j", "2", "--scheduler", "tcp://127.0.0.1:1"], "-j is for this machine"),
        (["shown/side@1", "11", "-j", "2"], "-j goes with a file"),
        (["shown/side@1", "11", "--resume"], "--resume goes with a file"),
        (["--reference", "x", "--symbols", "x", "x", "--timeout", "3"], "--timeout goes with"),
    ],
)
def test_what_does_not_fit(
    arguments: Sequence[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    json_lines(tmp_path / "class.jsonl", [])
    assert run(["check", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and why in err and err.count("\n") == 1


def test_a_killed_run_goes_on(responses: Path, tmp_path: Path) -> None:
    rows = [row for _ in range(4) for row in rows_of_a_class(300)]
    rows = [{**row, "student": f"t{at}"} for at, row in enumerate(rows)]
    # Every response another one, so that there is something to be killed at.
    for at, row in enumerate(rows):
        if "response" in row:
            row["response"] = f"x + x + {at}"
    path = json_lines(tmp_path / "class.jsonl", rows)
    out = tmp_path / "out.jsonl"
    command = [TUTOR, "check", str(path), "-j", "2", "-o", str(out)]
    environment = surroundings(tmp_path / "home")
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    while not out.exists() or out.stat().st_size < 20_000:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    left = out.read_bytes()
    done = subprocess.run([*command, "--resume"], env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(left[: left.rfind(b"\n") + 1])
    again = tmp_path / "again.jsonl"
    subprocess.run([*command[:-1], str(again)], env=environment, check=True, stderr=subprocess.PIPE)
    assert out.read_bytes() == again.read_bytes()


def test_ctrl_c_ends_it_in_silence(tmp_path: Path) -> None:
    rows = [
        {"reference": "x", "symbols": "x", "response": f"x + {at} - {at}"} for at in range(20_000)
    ]
    path = json_lines(tmp_path / "class.jsonl", rows)
    with Terminal("check", str(path), "-o", str(tmp_path / "o"), home=tmp_path / "home") as screen:
        screen.wait(lambda shown: "rows" in shown and "/s" in shown)
        assert screen.end_by("c") == 130
        assert b"Traceback" not in screen.raw and b"Error" not in screen.raw


def test_all_is_killed_though_a_task_waits() -> None:
    pool = LocalPool(1)
    futures = [pool.submit(time.sleep, 60) for _ in range(3)]
    while not multiprocessing.active_children():
        time.sleep(0.01)
    started = time.monotonic()
    pool.stop()
    assert time.monotonic() - started < 20 and all(future.done() for future in futures)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")
def test_what_forks_may_end() -> None:
    from multiprocessing import forkserver

    pool = LocalPool(1)
    os.kill(cast("Any", forkserver)._forkserver._forkserver_pid, signal.SIGKILL)
    assert pool.submit(abs, -3).result(timeout=60) == 3
    pool.shutdown()


def test_where_no_worker_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise BlockingIOError("too many processes")

    pool = LocalPool(1)
    monkeypatch.setattr("tutor.batch.workers.ProcessPoolExecutor.submit", refuse)
    with pytest.raises(Refusal, match=r"too many processes.*--resume"):
        pool.submit(abs, -3).result(timeout=60)
    pool.shutdown()


class Dying(Executor):
    """Whose workers end after that many seconds, whatever they are at."""

    def __init__(self, after: float) -> None:
        self.after = after
        self.tried = 0

    def submit(self, fn: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(WorkerDied(self.after))
        self.tried += 1
        return future


@pytest.mark.parametrize(
    ("after", "tried", "why"),
    [(0.5, 3, "ended the program"), (2.5, 2, "longer than 1 s")],
    ids=["by whose hand isn't known: tried again", "by its own clock: that is known"],
)
def test_a_row_at_which_workers_end(
    after: float,
    tried: int,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pool = Dying(after)
    monkeypatch.setattr("tutor.batch.run.LocalPool", lambda jobs: pool)
    path = json_lines(tmp_path / "class.jsonl", [{"reference": "x", "response": "x"}])
    assert run(["check", str(path), "--timeout", "1"]) == 0
    assert why in json.loads(capsys.readouterr().out)["error"] and pool.tried == tried


class Paced(Executor):
    """Whose tasks take so many seconds each, by its own account."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.given: list[int] = []

    def submit(self, fn: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        self.given.append(len(arguments[1]))
        future: Future[Any] = Future()
        found: list[Graded | Refused] = [failed("")] * self.given[-1]
        future.set_result(Batch(found, self.seconds * self.given[-1]))
        return future


@pytest.mark.parametrize(("seconds", "batch"), [(0.0001, 64), (0.02, 10), (0.1, 2), (3.0, 1)])
def test_slow_rows_are_given_to_workers_a_few_at_a_time(
    seconds: float, batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Paced(seconds)
    monkeypatch.setattr("tutor.batch.run.LocalPool", lambda jobs: pool)
    rows = [{"reference": "x", "symbols": "x", "response": f"{at}x"} for at in range(2_000)]
    path = json_lines(tmp_path / "class.jsonl", rows)
    assert run(["check", str(path), "-o", str(tmp_path / "out.jsonl"), "-j", "1"]) == 0
    assert sum(pool.given) == 2_000 and max(pool.given[:5]) <= 5, "nothing is known at first"
    assert batch <= max(pool.given) <= batch + 5 and pool.given[-2] == pytest.approx(batch, abs=1)


IMPORTS = """
import sys
import tutor.cli, tutor.batch.ready
before = set(sys.modules)
from tutor.bank.bank import Bank
from tutor.batch.grader import Grader
from tutor.batch.tasks import Response
from tutor.sandbox.runner import Sandbox
grader = Grader(Bank(sys.argv[1:]), Sandbox(timed=False), trust_code=True)
for code, part, answer in [
    ("cnn/formulas@3", "padded", "n - f + 2"),
    ("networks/batch-backprop@3", "db2", "sum(dZ2)"),
    ("coding/one-hot@3", "targets", "np.eye(K)[y - 1]"),
    ("batchnorm/axes@3", "batch", "[1, 2]"),
    ("cnn/conv-output@3", "side", "5"),
    ("shapes/products@3", "first", "(3, 3)"),
    ("dropout/facts@3", "holding", "a, b"),
]:
    assert grader.graded(Response(code, ((part, answer),))).code == code
grader.run.close()
ours = ("engine", "tutor", "numpy", "flint", "yaml", "sympy")
print(sorted(name for name in set(sys.modules) - before if name.split(".")[0] in ours))
"""


def test_a_worker_imports_nothing_that_all_need() -> None:
    folder = Path(__file__).parents[1] / "problems"
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, str(folder)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


# rows that harm


def test_a_row_that_harms_costs_that_row_only(tmp_path: Path) -> None:
    site, bank = hazards(tmp_path)
    wanted = {
        "fine": "",
        "fails": "on purpose",
        "kills": "ended the program that graded it",
        "loops": "longer than 1 s",
        "sleeps": "longer than 1 s",
        "holds": "longer than 1 s",
        "eats": "MemoryError",
        "quits": "SystemExit",
    }
    order = [*wanted, "fine"]
    rows = [
        {"student": f"s{at}", "problem": f"t/{name}@original", "answers": {"it": str(at)}}
        for at, name in enumerate(order)
    ]
    path = json_lines(tmp_path / "class.jsonl", rows)
    out = tmp_path / "out.jsonl"
    arguments = ["check", "--bank", str(bank), str(path), "-o", str(out), "-j", "2"]
    done = subprocess.run(
        [TUTOR, *arguments, "--timeout", "1"],
        env=surroundings(tmp_path / "home", PYTHONPATH=str(site)),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    for row, name in zip(results(out), order, strict=True):
        assert wanted[name] in row.get("error", ""), row
        assert (row["verdict"] == "invalid") == (name != "fine")


def loop() -> None:
    while True:
        time.sleep(0.001)


def test_late_rows_are_stopped_and_the_next_is_not() -> None:
    watch = Watch(0.2)
    for _ in range(2):
        with pytest.raises(OutOfTime), watch:
            loop()
        with watch:
            time.sleep(0.1)
    with pytest.raises(ZeroDivisionError), watch:
        raise ZeroDivisionError
    time.sleep(0.4)  # nothing comes when nobody is inside


AFTER_A_LATE_ROW = """
import time
from tutor.batch import watch
from tutor.batch.watch import OutOfTime, Watch

watch.GRACE = 0.5
try:
    with Watch(0.1):
        while True:
            time.sleep(0.001)
except OutOfTime:
    pass
with Watch(0.1):
    time.sleep(0.08)  # what looked after the late row has seen that it is over
    sum(range(10**12))
"""


def test_what_holds_the_interpreter_ends_also_after_a_late_row() -> None:
    command = [sys.executable, "-c", AFTER_A_LATE_ROW]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert done.returncode != 0


# formats


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.usefixtures("same_process")
def test_a_table_holds_what_was_given_and_what_it_earned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "class.csv"
    path.write_text(
        "student,problem,side,time\ns1,shown/side@original,10,12:30\n=s2,shown/side@original,-6,\n"
    )
    assert run(["check", str(path), "--format", "csv"]) == 0
    first, second = table(capsys.readouterr().out)
    assert first == {
        "student": "s1",
        "problem": "shown/side@original",
        "side": "10",
        "time": "12:30",
        "code": "shown/side@original",
        "verdict": "incorrect",
        "score": "0",
        "max_score": "2",
        "error": "",
        "scores": "side=0",
        "notes": "shown/side:side:forgot-plus-one",
        "feedback": first["feedback"],
    }
    assert first["feedback"].startswith("side: ")
    assert (second["student"], second["side"]) == ("'=s2", "-6"), "a formula, and a number"


@pytest.mark.usefixtures("same_process")
def test_a_table_of_json_lines(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "class.jsonl", [*MULTILINE, {"reference": "x", "response": "y"}])
    out = tmp_path / "out.csv"
    assert run(["check", str(path), "-o", str(out)]) == 0
    rows = table(out.read_text(encoding="utf-8"))
    assert [row["student"] for row in rows] == ['s"1', "'=1+1", "ŷ, z", ""]
    assert json.loads(rows[1]["answers"]) == {"side": '"\n"'}
    assert json.loads(rows[2]["other"]) == {"note": [1, None]}
    assert (rows[3]["verdict"], rows[3]["reference"]) == ("invalid", "x")


@pytest.mark.usefixtures("same_process")
def test_one_student_s_results_for_gradescope(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"student": "s1", "problem": "shown/side@original", "answers": {"side": side}}
        for side in ("11", "10", "11 +")
    ]
    path = json_lines(tmp_path / "one.jsonl", rows)
    out = tmp_path / "results.json"
    assert run(["check", str(path), "--format", "gradescope", "-o", str(out)]) == 0
    tests = json.loads(out.read_text())["tests"]
    assert [(test["score"], test["max_score"]) for test in tests] == [(2, 2), (0, 2), (0, 2)]
    assert [test["status"] for test in tests] == ["passed", "failed", "failed"]
    path = json_lines(path, [*rows, {**rows[0], "student": "s2"}])
    capsys.readouterr()
    assert run(["check", str(path), "--format", "gradescope", "-o", str(out)]) == 2
    assert "row 4 is another's" in capsys.readouterr().err


@pytest.mark.usefixtures("same_process")
def test_the_summary_is_by_problem(responses: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(responses)]) == 0
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    of_side = [row for row in rows if str(row.get("code")).startswith("shown/side@")]
    share = sum(row["score"] for row in of_side) / sum(row["max_score"] for row in of_side)
    line = next(line for line in err.splitlines() if line.startswith("shown/side"))
    assert f"{share:.0%} of the marks" in line and f"{len(of_side)} rows" in line
    assert err.splitlines()[-1].startswith("tutor: 300 rows: ")


# streams


def test_a_stream_that_is_closed(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "class.jsonl", list(rows_of_a_class(3)))
    for closed, code, rows in (("1", 2, 0), ("2", 0, 3)):
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" "$@" {closed}>&-', TUTOR, "check", str(path), "-j", "1"],
            env=surroundings(tmp_path / "home"),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout.count(b"\n")) == (code, rows)
        assert done.stderr.count(b"\n") == (closed == "1")


def test_rows_are_answered_as_they_come(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [TUTOR, "check", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(tmp_path / "home"),
    )
    assert process.stdin is not None and process.stdout is not None
    for side, verdict in (("11", "correct"), ("10", "incorrect"), ("11", "correct")):
        row = {"problem": "shown/side@original", "answers": {"side": side}}
        process.stdin.write(json.dumps(row).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["verdict"] == verdict
    assert process.communicate()[0] == b"" and process.returncode == 0


def test_a_bar_on_a_terminal_and_nothing_in_a_pipe(tmp_path: Path) -> None:
    responses = json_lines(tmp_path / "class.jsonl", list(rows_of_a_class(40)))
    out = str(tmp_path / "out.jsonl")
    with Terminal("check", str(responses), "-o", out, home=tmp_path / "home") as screen:
        assert screen.end() == 0
        assert b"rows" in screen.raw and "40 rows: " in screen.shown
    with Terminal("check", "--plain", str(responses), "-o", out, home=tmp_path / "home") as screen:
        assert screen.end() == 0
        assert b"\x1b" not in screen.raw
    done = tutor("check", str(responses), "-o", out, home=tmp_path / "home")
    assert b"\x1b" not in done.stderr and b"\r" not in done.stderr


def test_the_time_to_go_leaves_out_what_an_earlier_run_did(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = iter([0.0, 1.0, 11.0])
    monkeypatch.setattr("tutor.render_progress.time.monotonic", lambda: next(now))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with meter("rows", plain=True) as shown:
        shown.at(100, 0.90)
        shown.at(1_100, 0.95)
    # 0.05 of the whole in 11 s, and as much is left.
    assert capsys.readouterr().err == "tutor: 1,100 rows, 100 a second, about 11 s to go\n"


def most_memory(path: Path, tmp_path: Path) -> int:
    """Kilobytes that the program used at most, without its workers."""
    process = subprocess.Popen(
        [TUTOR, "check", str(path), "-j", "1", "-o", str(tmp_path / "out.jsonl")],
        env=surroundings(tmp_path / "home"),
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only")
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    few, many = (
        json_lines(
            tmp_path / f"{count}.jsonl",
            [
                {"student": f"s{at}", "problem": "shown/side@1", "answers": {"side": str(at % 5)}}
                for at in range(count)
            ],
        )
        for count in (5_000, 50_000)
    )
    assert most_memory(many, tmp_path) < most_memory(few, tmp_path) + 8_000


def test_no_worker_outlives_its_master(tmp_path: Path) -> None:
    site, bank = hazards(tmp_path)
    row = {"problem": "t/sleeps@original", "answers": {"it": "3"}}
    path = json_lines(tmp_path / "class.jsonl", [row])
    mark = f"worker-of-{tmp_path.name}"
    process = subprocess.Popen(
        [TUTOR, "check", "--bank", str(bank), str(path)],
        env=surroundings(tmp_path / "home", PYTHONPATH=str(site), MARK=mark),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def marked() -> list[str]:
        found = []
        for place in Path("/proc").glob("[0-9]*/environ"):
            try:
                if f"MARK={mark}".encode() in place.read_bytes():
                    found.append(place.parent.name)
            except OSError:
                continue
        return found

    if not Path("/proc/self/environ").exists():
        process.kill()
        pytest.skip("there is no /proc")
    while len(marked()) < 3:  # the program, what forks, and a worker
        time.sleep(0.05)
    time.sleep(1)  # long enough for the row to begin
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 20
    while marked():
        assert time.monotonic() < deadline, marked()
        time.sleep(0.05)
