"""``tutor gradescope-zip`` and the autograder that it makes, laid out as Gradescope does it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from autograder import earned, laid_out, metadata, results_of
from test_packaging import build

from engine.kinds import kind_of
from tutor.cli import run
from tutor.gradescope import autograder
from tutor.gradescope.config import Config, read
from tutor.gradescope.papers import Paper, Papers
from tutor.gradescope.roster import write_papers
from tutor.gradescope.wheel import packed, wheel
from tutor.problems import open_bank
from tutor.refusal import Refusal
from tutor.render_progress import meter
from tutor.sandbox.runner import Layers, Sandbox

SECRET = "0123456789abcdef0123456789abcdef"
ANA, BO = "ana@uni.edu", "bo@uni.edu"
POOLED = """
title: Output size of max pooling
points: 1
parameters: {n: 8..32, k: 2..4}
require: mod(n, k) > 0
question: Max pooling with {{k}} × {{k}} windows and stride {{k}} runs over {{n}} × {{n}} cells.
parts:
  side:
    ask: How wide is the output?
    kind: integer
    answer: floor(n/k)
    misconceptions:
      rounded-up: {answer: ceil(n/k), say: The last window must lie inside the input.}
"""
TINY = """
title: A tiny exam
minutes: 20
sections:
  cnn: {title: Networks, points: 4, questions: 2, from: [mine, cnn/conv-output]}
  metrics: {title: Metrics, points: 3, questions: 1, from: [metrics/confusion]}
  choices: {title: Choices, points: 2, questions: 1, from: [batchnorm/facts]}
  code: {title: Code, points: 3, questions: 1, from: [broadcasting/means]}
"""


class Made(NamedTuple):
    """What the command made: the archive, the papers' folder, the bank, what was printed."""

    archive: Path
    papers: Path
    bank: Path
    printed: str

    @property
    def drawn(self) -> Papers:
        """The papers as objects, with their answers."""
        return Papers(open_bank([str(self.bank)]), Config("tiny", SECRET))

    def sheet(self, email: str) -> str:
        return (self.papers / email / "answers.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    place = tmp_path_factory.mktemp("course")
    bank = place / "bank"
    for name, text in (("mine/pooled.yaml", POOLED), ("exams/tiny.yaml", TINY)):
        (bank / name).parent.mkdir(parents=True)
        (bank / name).write_text(text, encoding="utf-8")
    (bank / "notes.txt").write_text("not a problem")
    (place / "roster.csv").write_text(f"Name,Email\nAna,{ANA.upper()}\nBo,{BO}\n")
    ended = subprocess.run(
        [sys.executable, "-m", "tutor", "gradescope-zip", "tiny", "--bank", str(bank),
         "--secret", SECRET, "--roster", "roster.csv", "--papers", "papers"],
        cwd=place, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    return Made(place / "tiny.zip", place / "papers", bank, ended.stdout)


@pytest.fixture
def root(made: Made, tmp_path: Path) -> Path:
    return laid_out(tmp_path / "autograder", made.archive, ANA.title())


def filled(sheet: str, answers: Mapping[str, str]) -> str:
    """The sheet with answers behind their labels."""
    for label, answer in answers.items():
        assert f"\n{label}:\n" in sheet, label
        sheet = sheet.replace(f"\n{label}:\n", f"\n{label}: {answer}\n")
    return sheet


def keys(paper: Paper) -> dict[str, str]:
    """The right answers by label."""
    return {
        one.label(part.id): kind_of(part.asked.kind).write(part.reference, part.asked)
        for one in paper.questions
        for part in one.variant.parts
    }


def hand_in(root: Path, sheet: str | bytes, name: str = "answers.txt") -> dict[str, Any]:
    """Grade it in this process, as ``run_autograder`` does in one of its own."""
    data = sheet.encode() if isinstance(sheet, str) else sheet
    (root / "submission" / name).write_bytes(data)
    assert autograder.run(str(root)) == 0
    return results_of(root)


@pytest.fixture
def here(same_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are graded in this process, without the start of another that some tests wait for."""

    def check(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            code = run(command[command.index("check") :])
        return subprocess.CompletedProcess(command, code, told.getvalue().encode())

    own = SimpleNamespace(**{**vars(subprocess), "run": check})
    monkeypatch.setattr(autograder, "subprocess", own)


def graded(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [test for test in results["tests"] if "score" in test]


def notices(results: Mapping[str, Any]) -> dict[str, str]:
    return {test["name"]: test["output"] for test in results["tests"] if "score" not in test}


# what is made


def test_the_archive_holds_what_gradescope_needs_at_its_root(made: Made) -> None:
    with zipfile.ZipFile(made.archive) as archive:
        entries = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        config = read(archive.read("config.json").decode())
    name = wheel()[0]
    assert set(entries) == {
        "setup.sh", "run_autograder", "config.json", name, "bank/mine/pooled.yaml",
        "bank/exams/tiny.yaml",
    }  # fmt: skip
    assert entries["run_autograder"] & 0o111 and entries["setup.sh"] & 0o111
    assert config == Config("tiny", SECRET, None, "verdict", "after_due_date", False)
    assert made.archive.stat().st_mode & 0o077 == 0, "it holds the secret"


def test_the_command_tells_what_it_made(made: Made) -> None:
    lines = made.printed.splitlines()
    assert lines[0] == "tiny.zip: A tiny exam, 5 questions, 12 points, a paper for each student"
    assert SECRET in lines[1]
    assert lines[2] == "papers: 2 papers with answer sheets"
    assert {p.name for p in made.papers.iterdir()} == {ANA, BO}


def test_a_paper_says_what_is_asked_and_how_to_answer(made: Made) -> None:
    paper = made.drawn.of(ANA)
    text = (made.papers / ANA / "paper.txt").read_text(encoding="utf-8")
    assert text.startswith(f"A tiny exam · paper {paper.id}\n5 questions, 12 points, 20 minutes\n")
    for label in paper.labels:
        assert f"\n{label}: " in text
        assert f"\n{label}:\n" in made.sheet(ANA)
    for one in paper.questions:
        assert f"{one.number}. {one.variant.problem.title}" in text
        for part in one.variant.parts:
            for choice in part.asked.choices:
                assert choice.text in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 78
    assert f"\npaper: {paper.id}\n" in made.sheet(ANA)


def test_the_same_secret_makes_the_same_again_and_another_does_not(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = str(made.archive.with_name("roster.csv"))
    for name, secret in (("same", SECRET), ("other", SECRET[::-1])):
        target = tmp_path / name
        target.mkdir()
        options = ["--secret", secret, "--roster", roster, "--papers", str(target / "papers")]
        command = ["gradescope-zip", "tiny", "--bank", str(made.bank), "-o", str(target / "a.zip")]
        assert run([*command, *options]) == 0
        same = (target / "a.zip").read_bytes() == made.archive.read_bytes()
        sheet = (target / "papers" / BO / "answers.txt").read_text(encoding="utf-8")
        assert (same, sheet == made.sheet(BO)) == (name == "same", name == "same")
    assert made.sheet(ANA) != made.sheet(BO)
    assert SECRET[::-1] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nothing"], "there is no problem or topic 'nothing'"),
        (["--feedback", "all"], "--feedback all: it is verdict or full"),
        (["--show", "never"], "--show never: it is at-once, after-due-date, after-published"),
        (["--seed", "-1"], "--seed -1: a seed is a whole number from 0 to 2^63-1"),
        (["--secret", "abc"], "--secret: it is the one that an earlier call printed"),
        (["--secret", "abcd"], "--secret: it is the one that an earlier call printed"),
        (["--roster", "r.csv"], "--roster goes with --papers"),
        (["--papers", "p"], "--papers needs --roster FILE, or --seed S"),
        (["--seed", "1", "--roster", "r.csv"], "--roster is for papers of each student's own"),
        (["--roster", "r.csv", "--papers", "p"], "r.csv: no such file or directory"),
        (["--seed", "1", "--papers", "."], ". is not empty"),
        (["-o", "exists.txt"], "exists.txt exists and is no archive"),
        (["-o", "."], ". exists and is no archive"),
        (["-o", "other.zip", "--secret", SECRET], "other.zip exists and is no archive of an exam"),
        (["-o", "old.zip", "--secret", SECRET[::-1]], "old.zip exists, and papers drawn with its"),
        (["-o", "old.zip"], "old.zip exists, and papers drawn with its secret may be out"),
        (["-o", "old.zip", "--seed", "1"], "old.zip exists, and papers drawn with its secret"),
        (["-o", "nowhere/a.zip", "--seed", "1", "--papers", "p"], "nowhere/a.zip can't be written"),
        (["-o", "nowhere/a.zip"], "nowhere/a.zip can't be written: No such file or directory"),
    ],
)
def test_what_does_not_fit_is_refused(
    options: list[str],
    message: str,
    made: Made,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exists.txt").write_text("mine")
    Path("old.zip").write_bytes(made.archive.read_bytes())
    Path("other.zip").write_bytes(packed({"holiday.jpg": b"mine"}))
    exam = [] if options[0] == "nothing" else ["tiny"]
    assert run(["gradescope-zip", *exam, *options, "--bank", str(made.bank)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and message in err and err.count("\n") == 1
    assert Path("exists.txt").read_text() == "mine" and not Path("tiny.zip").exists()
    assert Path("old.zip").read_bytes() == made.archive.read_bytes()
    assert not list(Path().glob("p/*")), "no papers without an archive"


def test_the_secret_is_told_before_papers_are_written(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the disk is full, the others can be made with it, and the archive as it is."""

    def stopped(*_: object) -> int:
        raise Refusal("no space left")

    monkeypatch.setattr("tutor.commands.gradescope_zip.write_papers", stopped)
    archive, papers = tmp_path / "a.zip", tmp_path / "papers"
    command = ["gradescope-zip", "tiny", "--bank", str(made.bank), "-o", str(archive)]
    roster = str(made.archive.with_name("roster.csv"))
    assert run([*command, "--roster", roster, "--papers", str(papers)]) == 2
    before = archive.read_bytes()
    (secret,) = re.findall("^secret ([0-9a-f]{32}):", capsys.readouterr().out, re.MULTILINE)
    assert run([*command, "--secret", secret]) == 0
    assert archive.read_bytes() == before


def test_papers_are_counted_as_they_are_written(made: Made, tmp_path: Path) -> None:
    class Seen(list[tuple[int, float]]):
        def at(self, done: int, share: float) -> None:
            assert len(list(tmp_path.glob("*/answers.txt"))) == done
            self.append((done, share))

    seen = Seen()
    assert write_papers(made.drawn, [ANA, BO], str(tmp_path), seen) == 2
    assert seen == [(1, 0.5), (2, 1.0)]


def test_no_paper_takes_the_place_of_another(made: Made, tmp_path: Path) -> None:
    """Two addresses that a system of files can't tell apart."""
    with meter("papers", plain=True) as shown, pytest.raises(Refusal, match="File exists"):
        write_papers(made.drawn, ["a?b@uni.edu", "a_b@uni.edu"], str(tmp_path), shown)


def test_a_function_of_an_installed_package_is_refused(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """``floor`` stands in for it: the archive could not bring it along."""
    from tutor.gradescope import archive

    command = ["gradescope-zip", "tiny", "-o", str(tmp_path / "a.zip"), "--bank", str(made.bank)]
    monkeypatch.setattr(archive, "installed_functions", lambda: {"floor": "theirs:floor"})
    assert run(command) == 2
    assert "pooled.yaml calls theirs:floor, which an archive can't hold" in capsys.readouterr().err
    monkeypatch.setattr(archive, "installed_functions", lambda: {"oor": "theirs:oor"})
    assert run(command) == 0, "the end of another's name is not its name"


# the wheel


def test_the_wheel_is_the_one_that_a_build_makes(tmp_path: Path) -> None:
    """Byte by byte, but for the builder's name and the record, which holds its digest."""
    name, data = wheel()
    (tmp_path / "ours").mkdir()
    ours = tmp_path / "ours" / name
    ours.write_bytes(data)
    theirs = build("build_wheel", tmp_path)
    assert theirs.name == name
    with zipfile.ZipFile(ours) as mine, zipfile.ZipFile(theirs) as built:
        assert sorted(mine.namelist()) == sorted(built.namelist())
        for entry in mine.namelist():
            if entry.endswith(".dist-info/METADATA"):
                # Below its head stands the README of the day when this checkout was installed.
                assert mine.read(entry).split(b"\n\n")[0] == built.read(entry).split(b"\n\n")[0]
            elif not entry.endswith((".dist-info/WHEEL", ".dist-info/RECORD")):
                assert mine.read(entry) == built.read(entry), entry


# grading


def test_the_right_answers_earn_all(made: Made, root: Path) -> None:
    paper = made.drawn.of(ANA)
    results = hand_in(root, filled(made.sheet(ANA), keys(paper)))
    assert earned(results) == 12
    assert {test["status"] for test in graded(results)} == {"passed"}
    assert {test["visibility"] for test in graded(results)} == {"after_due_date"}
    numbers = [test["number"] for test in graded(results)]
    assert numbers == [
        f"{one.number}.{at}"
        for one in paper.questions
        for at in range(1, len(one.variant.parts) + 1)
    ]
    asked = len(paper.labels)
    assert results["output"] == f"Paper {paper.id}: {asked} of {asked} answers are given."
    assert [*notices(results)] == ["How your answers were read"]


@pytest.mark.usefixtures("here")
def test_partly_right_answers_earn_their_share(
    made: Made, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = keys(made.drawn.of(ANA))
    wrong = next(label for label in answers if label.endswith(".recall"))
    unread = next(label for label in answers if label.endswith(".precision"))
    answers |= {wrong: "17", unread: "2(x"}
    results = hand_in(root, filled(made.sheet(ANA), answers))
    assert earned(results) == 12 - 2 * 3 / 4, "of four parts that share three points two are lost"
    told = {test["name"].rpartition(": ")[2]: test for test in graded(results)}
    assert told["recall"]["output"] == "incorrect\nyour answer: 17"
    assert told["precision"]["output"].startswith("invalid\nyour answer: 2(x\n")
    assert told["f1"]["status"] == "passed"
    read = notices(results)["How your answers were read"]
    assert f"{unread}\n    your answer: 2(x\n" in read
    assert "incorrect" not in read and "correct" not in read, "no verdict before the due date"
    assert "paper" in capsys.readouterr().out


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (None, "There is no file in this submission."),
        ("", "0 of"),
        ("Dear grader, 6.", "Line 1 stands behind no label and was not read."),
        (b"PK\x03\x04", "answers.txt is an archive or a document of a word processor."),
        ("x" * 2_000_000, "answers.txt is longer than 1,000,000 bytes."),
    ],
)
def test_a_submission_without_answers_is_given_the_paper(
    sheet: str | bytes | None, said: str, made: Made, root: Path
) -> None:
    if sheet is None:
        autograder.run(str(root))
        results = results_of(root)
    else:
        results = hand_in(root, sheet)
    assert earned(results) == 0 and said in results["output"]
    paper = (made.papers / ANA / "paper.txt").read_text(encoding="utf-8")
    assert notices(results) == {"Your paper": paper, "Your answer sheet": made.sheet(ANA)}
    assert round(sum(test["max_score"] for test in graded(results)), 4) == 12
    assert {test["status"] for test in graded(results)} == {"failed"}


def test_somebody_elses_paper_is_not_graded(made: Made, root: Path) -> None:
    papers = made.drawn
    results = hand_in(root, filled(made.sheet(BO), keys(papers.of(BO))))
    assert earned(results) == 0
    theirs = papers.of(BO).id.replace("-", "")
    assert f"another paper ({theirs}); yours is {papers.of(ANA).id}." in results["output"]
    assert made.sheet(ANA) == notices(results)["Your answer sheet"]


@pytest.mark.usefixtures("here")
def test_a_sheet_that_names_no_paper_is_graded_as_the_students_own(made: Made, root: Path) -> None:
    papers = made.drawn
    sheet = filled(made.sheet(ANA), keys(papers.of(ANA)))
    results = hand_in(root, sheet.replace("paper:", "# paper:"))
    assert earned(results) == 12 and "names no paper" in results["output"]


@pytest.mark.usefixtures("here")
def test_a_group_may_answer_the_paper_of_any_of_them(made: Made, root: Path) -> None:
    (root / "submission_metadata.json").write_text(metadata([ANA, BO]))
    papers = made.drawn
    assert earned(hand_in(root, filled(made.sheet(BO), keys(papers.of(BO))))) == 12


def test_hostile_answers_cost_their_own_marks_only(made: Made, root: Path) -> None:
    """Code that looks for the configuration gets nowhere, and the rest is graded."""
    answers = keys(made.drawn.of(ANA))
    secret = f"open({str(root / 'source' / 'config.json')!r}).read()"
    hostile = {
        ".rows": f"np.array([float({secret}[0])])",
        ".cols": "np.array([1.0])\n    while True: pass",
        ".recall": "<script>alert(1)</script>\x1b]0;x\x07",
        ".precision": "__import__('os').system('kill 0')",
        ".f1": "9**9**9**9",
        ".accuracy": "[" * 20_000,
    }
    for end, text in hostile.items():
        answers[next(label for label in answers if label.endswith(end))] = text
    results = hand_in(root, filled(made.sheet(ANA), answers))
    assert earned(results) == 6, "the four points of the networks, the two of the choices"
    assert SECRET not in json.dumps(results)
    assert len(json.dumps(results)) < 60_000


@pytest.mark.usefixtures("here")
def test_code_that_nothing_would_confine_is_not_run(
    made: Made, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Sandbox, "layers", Layers((), {"seccomp": "not here"}))
    results = hand_in(root, filled(made.sheet(ANA), keys(made.drawn.of(ANA))))
    assert earned(results) == 9, "all but the three points for code"
    said = "This question could not be graded; your instructor has a note."
    assert sum(said in test["output"] for test in graded(results)) == 1
    assert "code answers are not run" in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_rows_that_end_the_grader_are_left_out(
    made: Made, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grader that dies at the second question, as one that runs out of memory does."""
    whole = autograder._check

    def dies(rows: list[autograder.Row], *more: Any) -> list[autograder.Row]:
        before = [row["number"] for row in rows].index(2) if any(
            row["number"] == 2 for row in rows
        ) else len(rows)  # fmt: skip
        return whole(rows[:before], *more) if before else []

    monkeypatch.setattr(autograder, "_check", dies)
    results = hand_in(root, filled(made.sheet(ANA), keys(made.drawn.of(ANA))))
    lost = [test["max_score"] for test in graded(results) if test["status"] == "failed"]
    assert len(lost) == 1 and earned(results) == 12 - lost[0]


def test_a_grader_that_hangs_is_ended(
    made: Made, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(autograder, "SECONDS", 0.2)  # less than Python needs to start
    results = hand_in(root, filled(made.sheet(ANA), keys(made.drawn.of(ANA))))
    assert earned(results) == 0
    assert "tutor check was ended after" in capsys.readouterr().out


@pytest.mark.parametrize(
    "broken",
    [
        lambda root: (root / "source" / "config.json").write_text("{"),
        lambda root: (root / "source" / "config.json").unlink(),
        lambda root: (root / "source" / "bank" / "exams" / "tiny.yaml").write_text("title: ["),
    ],
)
def test_a_mistake_of_ours_is_the_instructors_to_read(
    broken: Callable[[Path], object], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(root)
    results = hand_in(root, "1.side: 6")
    assert results["score"] == 0 and results["tests"] == []
    assert results["output"].startswith("Something went wrong in grading, and it is not your fault")
    assert "Traceback" in capsys.readouterr().out


@pytest.mark.parametrize(
    "broken",
    [
        lambda root: (root / "submission_metadata.json").unlink(),
        lambda root: (root / "submission_metadata.json").write_text('{"users": [1, {"email": 2}]}'),
        lambda root: (root / "submission_metadata.json").write_bytes(b"\xff\xfe\x00"),
        lambda root: (root / "submission_metadata.json").write_text('{"users": []}'),
        lambda root: (root / "submission_metadata.json").write_text(
            '{"users": [{"email": " "}, {"email": null}, {}]}'
        ),
    ],
)
def test_nobodys_submission_is_not_graded(
    broken: Callable[[Path], object], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(root)
    results = hand_in(root, "1.side: 6")
    assert results["score"] == 0 and results["tests"] == []
    assert results["output"].startswith("Gradescope has not said whose submission this is")
    assert "submission_metadata.json names no e-mail address" in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_one_paper_for_all_needs_to_know_nobody(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, papers = tmp_path / "a.zip", tmp_path / "papers"
    options = ["--seed", "20302", "--papers", str(papers)]
    options += ["--show", "at-once", "--feedback", "full"]
    command = ["gradescope-zip", "tiny", "--bank", str(made.bank), "-o", str(archive)]
    assert run([*command, *options]) == 0
    assert "one paper for all" in capsys.readouterr().out
    with zipfile.ZipFile(archive) as packed:
        config = read(packed.read("config.json").decode())
    paper = Papers(open_bank([str(made.bank)]), config).of("anybody@uni.edu")
    root = laid_out(tmp_path / "autograder", archive)
    answers = keys(paper)
    tick = next(label for label in answers if label.endswith(".holding"))
    side = next(label for label in answers if label.endswith(".side"))
    sheet = (papers / "answers.txt").read_text(encoding="utf-8")
    wrong = ", ".join({*"abcd"} - {*answers[tick].split(", ")})
    results = hand_in(root, filled(sheet, {**answers, tick: wrong, side: "1"}))
    assert wrong and 12 - 2 - 3 <= earned(results) <= 12 - 2 - 1
    assert {test.get("visibility") for test in graded(results)} == {None}, "shown at once"
    told = next(test["output"] for test in graded(results) if ": holding" in test["name"])
    assert "is not right." in told and "is missing" not in told


# the scripts, in an image that is built


class Image(NamedTuple):
    """An autograder's folder after ``setup.sh``."""

    folder: Path
    setup: str


@pytest.fixture(scope="module")
def image(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """``setup.sh`` without a network: what the wheel asks for is found installed beside."""
    place = tmp_path_factory.mktemp("image")
    root = laid_out(place / "autograder", made.archive)
    beside = place / "beside"
    beside.mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "exam_tutor" not in package.name:
            (beside / package.name).symlink_to(package)
    packages = root / "tutor" / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "beside.pth").write_text(str(beside))
    ended = subprocess.run(
        ["bash", str(root / "source" / "setup.sh")],
        env={
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "HOME": str(place),
            "AUTOGRADER_ROOT": str(root),
            "PIP_NO_INDEX": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    shutil.copy(root / "source" / "run_autograder", root)
    return Image(root, ended.stdout)


def submitted(image: Image, place: Path, sheet: str) -> Path:
    """Gradescope's folder for one submission, as ``/autograder`` in a container of its own."""
    for name in ("submission", "results"):
        (place / name).mkdir(parents=True)
    (place / "submission" / "answers.txt").write_text(sheet, encoding="utf-8")
    (place / "submission_metadata.json").write_text(metadata([ANA]))
    for name in ("source", "tutor", "run_autograder"):
        (place / name).symlink_to(image.folder / name)
    return place


def test_setup_installs_what_the_archive_brings(image: Image) -> None:
    python = image.folder / "tutor" / "bin" / "python"
    code = "import tutor, engine; print(tutor.__file__); print(engine.__file__)"
    found = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert all(Path(line).is_relative_to(image.folder / "tutor") for line in found.stdout.split())
    assert "exam-tutor  0." in image.setup, "tutor doctor tells what was installed"
    assert (image.folder / "source" / "config.json").stat().st_mode & 0o077 == 0


def test_the_installed_program_makes_the_same_wheel(image: Image) -> None:
    """Whoever builds the archive from a wheel install ships what they run."""
    python = image.folder / "tutor" / "bin" / "python"
    code = (
        "from tutor.gradescope.wheel import wheel; import sys; sys.stdout.buffer.write(wheel()[1])"
    )
    ended = subprocess.run([python, "-I", "-c", code], capture_output=True, check=True)
    assert ended.stdout == wheel()[1]


STUB = """#!/bin/bash
echo "$(basename "$0") $*" >>"$LOG"
case "$(basename "$0") $*" in
  "python3 -c "*) exit 1 ;;
  "apt-get "*) [ "$DEBIAN_FRONTEND" = noninteractive ] || exit 2 ;;&
  "apt-get install -y python3.12 "*) cp "$0" "$(dirname "$0")/python3.12" ;;
  "apt-get install"*) exit 100 ;;
  "python3.12 -m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$0" "$3/bin/tutor" ;;
esac
"""


@pytest.mark.parametrize("offered", [True, False])
def test_setup_fetches_a_python_that_is_new_enough(
    offered: bool, made: Made, tmp_path: Path
) -> None:
    """On an image whose own is too old, and whose packages hold 3.12 at best, or none."""
    root = laid_out(tmp_path / "autograder", made.archive)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("basename", "bash", "chmod", "cp", "dirname", "mkdir"):
        (programs / name).symlink_to(str(shutil.which(name)))
    for name in ("python3", "apt-get"):
        (programs / name).write_text(STUB if offered else STUB.replace("y python3.12", "y none"))
        (programs / name).chmod(0o755)
    ended = subprocess.run(
        [str(programs / "bash"), str(root / "source" / "setup.sh")],
        env={"PATH": str(programs), "AUTOGRADER_ROOT": str(root), "LOG": str(tmp_path / "log")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    calls = (tmp_path / "log").read_text()
    assert "apt-get update\napt-get install -y python3.14 python3.14-venv\n" in calls
    assert (ended.returncode == 0) == offered
    if offered:
        assert f"python -m pip install --no-input {root}/source/{wheel()[0]}\ntutor doctor" in calls
    else:
        assert (
            ended.stderr == "Python 3.11 or later can't be installed: choose a newer base image.\n"
        )


def test_run_autograder_grades_and_says_nothing_else(
    image: Image, made: Made, tmp_path: Path
) -> None:
    sheet = filled(made.sheet(ANA), keys(made.drawn.of(ANA)))
    root = submitted(image, tmp_path / "autograder", sheet)
    ended = subprocess.run(
        [str(root / "run_autograder")],
        env={"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(root), "TUTOR_BANK": "/nowhere",
             "PYTHONPATH": "/nowhere"},
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    told = ended.stdout.splitlines()
    assert (told[0], told[-1]) == (
        f"{ANA}: paper {made.drawn.of(ANA).id}",
        "tutor: 5 rows: 5 correct",
    )
    assert earned(results_of(root)) == 12


def test_run_autograder_leaves_a_result_where_nothing_runs(tmp_path: Path, made: Made) -> None:
    """No environment was made: the script's own result stands."""
    root = laid_out(tmp_path / "autograder", made.archive, ANA)
    ended = subprocess.run(
        ["bash", str(root / "source" / "run_autograder")],
        env={"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(root)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0 and "exam-tutor ended with the code 127" in ended.stdout
    assert results_of(root)["output"].startswith("Something went wrong in grading")


def test_where_gradescope_puts_it_without_a_network(
    image: Image, made: Made, tmp_path: Path
) -> None:
    """At /autograder itself, in namespaces of its own."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    binds = [
        word
        for top in sorted(Path("/").iterdir())
        if top.name not in ("proc", "dev", "autograder") and top.is_dir()
        for word in ("--bind", str(top), str(top))
    ]
    inside = ["bwrap", *binds, "--proc", "/proc", "--dev", "/dev", "--unshare-net"]
    probe = subprocess.run([*inside, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"bubblewrap can't be used: {probe.stderr.strip()}")
    root = submitted(image, tmp_path / "autograder", made.sheet(ANA).replace(".side:", ".side: 2("))
    ended = subprocess.run(
        [*inside, "--bind", str(root), "/autograder", "--chdir", "/autograder",
         "/autograder/run_autograder"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    results = results_of(root)
    assert earned(results) == 0
    assert "your answer: 2(" in notices(results)["How your answers were read"]
