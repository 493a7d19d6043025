"""Gradescope without Gradescope: results from rows, sheets, submissions, rosters, seeds."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from autograder import valid
from hypothesis import given
from hypothesis import strategies as st

from tutor.gradescope import config as configs
from tutor.gradescope.config import BadConfig, Config
from tutor.gradescope.results import FEEDBACK, results_document
from tutor.gradescope.roster import students
from tutor.gradescope.sheet import names_a_paper, read_sheet
from tutor.gradescope.submission import MAX_BYTES, NoSheet, sheet_of
from tutor.refusal import Refusal

SECRET = "0123456789abcdef0123456789abcdef"


# results


def part(**more: Any) -> dict[str, Any]:
    """A part as ``tutor check --json`` tells it."""
    return {
        "id": "side",
        "response": "11",
        "read_as": "11",
        "verdict": "incorrect",
        "score": 0.0,
        "max_score": 2.0,
        "note": "cnn/conv-output:side:forgot-stride",
        "follow_through": False,
        "feedback": ["So many places there are at stride 1."],
        "diagnosis": {"kind": "forgot-stride", "text": "So many places there are at stride 1."},
        "decided_by": "exact",
        "warnings": [],
        **more,
    }


def row(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"problem": "cnn/conv-output@7", "code": "cnn/conv-output@7", "parts": [*parts], **more}


def listed(*rows: dict[str, Any], **more: str) -> list[dict[str, Any]]:
    tests = valid(results_document(rows, **more))["tests"]
    assert isinstance(tests, list)
    return tests


def test_a_test_for_each_part_with_its_marks() -> None:
    right = part(id="b", verdict="correct", score=1.5, max_score=1.5, feedback=[], diagnosis=None)
    first, second = listed(row(part(), right, student="s1"))
    assert first == {
        "score": 0.0,
        "max_score": 2.0,
        "status": "failed",
        "name": "cnn/conv-output@7: side",
        "output": "incorrect\nyour answer: 11\nSo many places there are at stride 1.",
        "output_format": "text",
    }
    assert (second["name"], second["status"], second["score"]) == (
        "cnn/conv-output@7: b",
        "passed",
        1.5,
    )


@pytest.mark.parametrize(
    ("told", "full", "verdict"),
    [
        # nothing was typed
        ({"response": " ", "read_as": "", "feedback": []}, "no answer", "no answer"),
        # read as something else than what was typed
        (
            {"response": "33/3", "read_as": "33/3 = 11", "feedback": ["Why."], "diagnosis": None},
            "incorrect\nyour answer: 33/3\nread as: 33/3 = 11\nWhy.",
            "incorrect\nyour answer: 33/3\nread as: 33/3 = 11",
        ),
        # the slip is told once, or beside other reasons
        (
            {"feedback": ["Why."], "diagnosis": {"kind": "sign", "text": "A sign is lost."}},
            "incorrect\nyour answer: 11\nWhy.\nA sign is lost.",
            "incorrect\nyour answer: 11",
        ),
        # what can't be read says so in both, with the place
        (
            {
                "response": "2(x",
                "read_as": "",
                "verdict": "invalid",
                "feedback": ["this bracket is never closed"],
                "diagnosis": None,
                "error": {"start": 1, "end": 2, "message": "this bracket is never closed"},
            },
            "invalid\nyour answer: 2(x\n              ^\nthis bracket is never closed",
            "invalid\nyour answer: 2(x\n              ^\nthis bracket is never closed",
        ),
        # code keeps its lines
        (
            {"response": "a = 1\nb = 2", "read_as": "a = 1\nb = 2", "feedback": []}
            | {"diagnosis": None},
            "incorrect\nyour answer:\n    a = 1\n    b = 2",
            "incorrect\nyour answer:\n    a = 1\n    b = 2",
        ),
        # of a select-all question, the option that was missed is not named
        (
            {
                "response": "b",
                "read_as": "b",
                "note": "batchnorm/facts:holding:wrong-tick",
                "feedback": ["a is missing. It holds.", "b is not right. It doesn't."],
                "diagnosis": None,
            },
            "incorrect\nyour answer: b\nb is not right. It doesn't.",
            "incorrect\nyour answer: b",
        ),
        # elsewhere the same words stay
        (
            {"feedback": ["a is missing."], "diagnosis": None},
            "incorrect\nyour answer: 11\na is missing.",
            "incorrect\nyour answer: 11",
        ),
        # a warning about the reading is part of the reading
        (
            {"warnings": ["e is the constant"], "feedback": [], "diagnosis": None},
            "incorrect\nyour answer: 11\nnote: e is the constant",
            "incorrect\nyour answer: 11\nnote: e is the constant",
        ),
    ],
)
def test_what_a_student_reads(told: dict[str, Any], full: str, verdict: str) -> None:
    for feedback, wanted in zip(("full", "verdict"), (full, verdict), strict=True):
        assert listed(row(part(**told)), feedback=feedback)[0]["output"] == wanted
    assert FEEDBACK == ("verdict", "full")


@pytest.mark.parametrize(
    ("ungraded", "name", "told"),
    [
        (
            {"problem": "cnn/nothing@1", "verdict": "invalid", "error": "there is no problem"},
            "cnn/nothing@1",
            "invalid\nthere is no problem",
        ),
        ({"verdict": "invalid", "error": "not JSON"}, "row 1", "invalid\nnot JSON"),
        ({"id": "r1", "verdict": "invalid", "error": "no"}, "r1", "invalid\nno"),
        ({"title": "T", "problem": "a/b@1"}, "T", "invalid\nthis could not be graded"),
    ],
)  # fmt: skip
def test_a_row_that_was_not_graded_fails(ungraded: dict[str, Any], name: str, told: str) -> None:
    (test,) = listed({**ungraded, "max_score": 3})
    assert (test["name"], test["output"], test["status"]) == (name, told, "failed")
    assert (test["score"], test["max_score"]) == (0, 3)
    assert "max_score" not in listed(ungraded)[0]


def test_a_comparison_is_named_by_its_id() -> None:
    compared = {"id": "r1", "reference": "2x", "code": None, "parts": [part(id="answer")]}
    assert listed(compared)[0]["name"] == "r1"


def test_titles_and_numbers_where_there_are_any() -> None:
    tests = listed(row(part(), part(id="b"), title="Output size", number=4))
    assert [test["number"] for test in tests] == ["4.1", "4.2"]
    assert tests[1]["name"] == "Output size: b"


def test_hostile_texts_are_plain_and_bounded() -> None:
    hostile = "\x1b[31m<b>x</b>\u202e\x00\ue000\ud800" + "y" * 50_000
    told = part(response=hostile, read_as=hostile, feedback=[hostile] * 3, id=hostile[:20])
    (test,) = listed(row(told, title=hostile, student="s"))
    assert len(test["output"]) <= 4_000 and len(test["name"]) <= 200
    assert "<b>" in test["output"], "shown as text, for it is never markup"


def test_rows_of_several_students_are_refused() -> None:
    rows = [row(part(), student=name) for name in ("ana", "ana", "bo")]
    with pytest.raises(Refusal, match="one student, and row 3 is another's: ana and bo"):
        results_document(rows)
    assert len(listed(row(part(), student="ana"), row(part()))) == 2


def test_visibility_and_the_sum_are_gradescopes_business() -> None:
    results = valid(results_document([row(part())], visibility="after_due_date"))
    assert results["tests"][0]["visibility"] == "after_due_date"
    assert "score" not in results, "a sum of our own might be shown before the tests are"
    assert valid(results_document([]))["score"] == 0


# answer sheets

LABELS = ["1.side", "2.p", "2.f-beta", "3.conv1.shape", "4.step", "5.W", "5.w"]


@pytest.mark.parametrize(
    ("sheet", "answers", "remark"),
    [
        ("1.side: 6\n2.p: 8/27\n", {"1.side": "6", "2.p": "8/27"}, ""),
        ("1.side:\n2.p:\n", {}, ""),
        ("1.side:6\r\n2.p :0,5\r\n", {"1.side": "6", "2.p": "0,5"}, ""),  # Windows
        ("1.side: 6\r2.p: 5", {"1.side": "6", "2.p": "5"}, ""),  # an old Mac
        ("1. SIDE : 6\nQ2.F-Beta = 0.5", {"1.side": "6", "2.f-beta": "0.5"}, ""),  # as typed
        ("  - 1) side: 6\n* 2 p: 5", {"1.side": "6", "2.p": "5"}, ""),  # made a list by an editor
        ("1.side\uff1a6", {"1.side": "6"}, ""),  # the colon of a Chinese keyboard
        ("3.conv1.shape: 6x6x32", {"3.conv1.shape": "6x6x32"}, ""),
        ("5.W: 1\n5.w: 2\n5 . W: 1", {"5.W": "1", "5.w": "2"}, ""),  # case counts where it must
        ("# 1. Title\n1.side: 6\n\n# 2. Next\n2.p: 5", {"1.side": "6", "2.p": "5"}, ""),
        ("2.p: [[1, 2],\n      [3, 4]]\n", {"2.p": "[[1, 2],\n[3, 4]]"}, ""),
        (
            "4.step:\n    v = 0.9*v\n    for i in x:\n        v = v + i\n1.side: 2",
            {"4.step": "v = 0.9*v\nfor i in x:\n    v = v + i", "1.side": "2"},
            "",
        ),
        ("4.step: def f(x):\n\treturn x\n", {"4.step": "def f(x):\n    return x"}, ""),
        ("4.step: a = 1\n        b = 2\n", {"4.step": "a = 1\nb = 2"}, ""),  # aligned
        ("4.step: x[1:2]\n2: 3", {"4.step": "x[1:2]\n2: 3"}, ""),  # a number is no label
        ("1.side: 5\n1.side: 6", {"1.side": "6"}, "several answers to 1.side; the last counts"),
        ("1.side: 6\n1.side:", {"1.side": "6"}, ""),  # the sheet pasted below a filled one
        ("1.side: 6\n2.q: 7\n", {"1.side": "6"}, "Line 2: nothing is asked under 2.q. Is it 2.p?"),
        ("9.side: 6\nmore", {}, "Line 1: nothing is asked under 9.side. Is it 1.side?"),
        ("Hello,\n1.side: 6", {"1.side": "6"}, "Line 1 stands behind no label and was not read."),
        ("x\n" * 30, {}, "And 22 more such remarks."),
        ("", {}, ""),
        ("\x00\ud800\n1.side: \x1b[0m", {"1.side": "\x1b[0m"}, "Line 1 stands"),
        ("1.side: " + "9" * 50_000, {"1.side": "9" * 10_001}, ""),  # too long is told when read
    ],
)
def test_sheets_as_students_hand_them_in(sheet: str, answers: dict[str, str], remark: str) -> None:
    filled = read_sheet(sheet, LABELS)
    assert filled.answers == answers
    assert any(remark in told for told in filled.remarks) if remark else not filled.remarks


@pytest.mark.parametrize(
    "sheet",
    [
        " " * MAX_BYTES,
        "1" + " " * MAX_BYTES,
        "paper" + " " * MAX_BYTES,
        "- Q1 " + "a " * (MAX_BYTES // 2),
        "9.side:\n" * (MAX_BYTES // 8),
        "1.side: 6\n" * (MAX_BYTES // 10),
        "1.side:\n" + "  x\n" * (MAX_BYTES // 4),
        "1.side: :" + "# :" * (MAX_BYTES // 3),
        "\n" * MAX_BYTES,
    ],
    ids=lambda sheet: repr(sheet[:12]),
)
def test_a_sheet_of_a_megabyte_takes_no_time(sheet: str) -> None:
    before = process_time()
    filled = read_sheet(sheet, LABELS)
    assert names_a_paper(sheet) is False
    assert process_time() - before < 5
    assert len("".join(filled.remarks)) < 1_000


@given(st.text(st.sampled_from("12.side :=\n\r#pQ-*)\t\x00é") | st.characters(), max_size=80))
def test_any_text_can_be_read_as_a_sheet(sheet: str) -> None:
    filled = read_sheet(sheet, LABELS)
    assert set(filled.answers) <= set(LABELS) and all(filled.answers.values())


@pytest.mark.parametrize(
    ("line", "paper"),
    [
        ("paper: K7QF-2M9P", "K7QF2M9P"),
        ("Paper = k7qf 2m9p", "K7QF2M9P"),
        ("  paper no.: K7QF-2M9P  ", "K7QF2M9P"),
        ("paper:", ""),
        ("# paper: K7QF-2M9P", ""),
        ("wallpaper: K7QF-2M9P", ""),
    ],
)
def test_the_paper_that_a_sheet_names(line: str, paper: str) -> None:
    assert read_sheet(f"{line}\n1.side: 6", LABELS).paper == paper
    assert names_a_paper(line) == (line.lower().lstrip()[:5] == "paper")


# submissions

SHEET = "paper: A\n1.side: 6 × 6\n"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"answers.txt": SHEET}, ""),
        ({"Answers.TXT": SHEET, "notes.txt": "6"}, ""),  # other files don't matter
        ({"my answers (1).txt": SHEET}, ""),  # renamed by a browser
        ({"hand-in/deeper/answers.txt": SHEET}, ""),  # a zipped folder
        ({"answers.txt": SHEET, "__MACOSX/._answers.txt": b"\0\5", ".DS_Store": b"\0"}, ""),
        ({"answers.txt": SHEET, "copy/answers.txt": SHEET}, ""),  # twice the same
        ({"answers.txt": SHEET.encode("utf-8-sig")}, ""),  # Notepad's UTF-8
        ({"answers.txt": SHEET.encode("utf-16")}, ""),  # Notepad's "Unicode"
        ({"answers.txt": SHEET.encode("cp1252")}, ""),  # Notepad's "ANSI"
        ({}, "There is no file in this submission. Hand in your answer sheet, answers.txt."),
        ({"answers.txt": SHEET, "b/answers.txt": "paper: B"}, "several answer sheets"),
        ({"notes.txt": "6"}, "no answer sheet in this submission, which holds notes.txt. Hand in"),
        ({"answers.docx": b"PK\x03\x04\x14"}, "answers.docx is an archive or a document of a word"),
        ({"answers.zip": b"PK\x03\x04\x14"}, "answers.zip is an archive"),
        ({"answers.txt": r"{\rtf1\ansi paper: A}"}, "answers.txt is rich text (RTF)"),
        ({"answers.pdf": b"%PDF-1.7"}, "answers.pdf is a PDF"),
        ({"answers.txt": b"paper\0: A"}, "answers.txt is not plain text"),
        ({"answers.txt": "x" * (MAX_BYTES + 1)}, "answers.txt is longer than 1,000,000 bytes"),
        ({f"{n}.py": "" for n in range(700)}, "and 492 more"),
        ({"\x1b[31m\ud800.py": ""}, "no answer sheet"),
    ],
)  # fmt: skip
def test_the_sheet_is_found_or_the_student_told(
    files: dict[str, str | bytes], reason: str, tmp_path: Path
) -> None:
    for name, content in files.items():
        path = tmp_path / os.fsdecode(name.encode("utf-8", "surrogatepass"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    if reason:
        with pytest.raises(NoSheet) as told:
            sheet_of(str(tmp_path))
        assert reason in str(told.value) and len(str(told.value)) < 1_500
    else:
        assert sheet_of(str(tmp_path)).strip() == SHEET.strip()


def test_a_large_submission_is_not_read_whole(tmp_path: Path) -> None:
    """Memory is bounded; the sheet goes first."""
    for number in range(20):
        (tmp_path / f"a{number:02}.txt").write_bytes(b"x" * MAX_BYTES)
    with pytest.raises(
        NoSheet, match=r"a08\.txt was not read: there is too much in this submission"
    ):
        sheet_of(str(tmp_path))
    (tmp_path / "answers.txt").write_text(SHEET, encoding="utf-8")
    assert sheet_of(str(tmp_path)) == SHEET


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    """Each would show the configuration, or hang."""
    source, handed = tmp_path / "source", tmp_path / "submission"
    source.mkdir()
    handed.mkdir()
    (source / "answers.txt").write_text("paper: A\n1.side: secret")
    (handed / "answers.txt").symlink_to(source / "answers.txt")
    (handed / "folder").symlink_to(source)
    (handed / "loop").symlink_to(handed)
    os.mkfifo(handed / "answers.fifo")
    with pytest.raises(NoSheet) as told:
        sheet_of(str(handed))
    assert "answers.txt is a link, which is not followed" in str(told.value)
    assert "answers.fifo is not a file that can be read" in str(told.value)
    assert "folder is a link" in str(told.value) and "secret" not in str(told.value)


# rosters


@pytest.mark.parametrize(
    ("roster", "found"),
    [
        # as Gradescope writes one
        ("First Name,Last Name,SID,Email,Sections\nAna,B,1,Ana@Uni.edu,\nBo,C,2,bo@uni.edu,\n",
         ["ana@uni.edu", "bo@uni.edu"]),
        ("\ufeffemail\r\nana@uni.edu\r\n\r\n", ["ana@uni.edu"]),
        ("Name;E-Mail\n\"B; Ana\";ana@uni.edu\n", ["ana@uni.edu"]),
        # a name of two lines, and one with a separator that ends lines elsewhere
        ("name,email\n\"Ana\nMaria\",ana@uni.edu\nB\u2028o,bo@uni.edu\n",
         ["ana@uni.edu", "bo@uni.edu"]),
        ("name,email\r\"ana\r\",ana@uni.edu\r", ["ana@uni.edu"]),  # an old Mac's
        ("name,email\n" + "x" * 200_000 + ",ana@uni.edu\n", ":2: field larger than field limit"),
        ("x" * 200_000, ":1: field larger than field limit"),
        ("email\n" + "ana@uni.edu\n" * 900_000, "is longer than 10,000,000 characters"),
        # not UTF-8: whose paper would it be?
        ("email\nm\ufffdller@uni.edu\n", ":2: 'm\ufffdller@uni.edu' is no e-mail address"),
        ("name,sid\nana,1\n", "the first line names no column Email"),
        ("", "the first line names no column Email"),
        ("email\n", "names no student"),
        ("email\nana\n", ":2: 'ana' is no e-mail address"),
        ("name,email\nana\n", ":2: '' is no e-mail address"),
        ("email\n../../x@y\n", ":2: '../../x@y' is no e-mail address"),
        ("email\nana@uni.edu\nbo@uni.edu\nANA@uni.edu\n", ":4: ana@uni.edu stands in line 2"),
    ],
)  # fmt: skip
def test_rosters(roster: str, found: list[str] | str, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(roster, encoding="utf-8", newline="")
    if isinstance(found, list):
        assert students(str(file)) == found
    else:
        with pytest.raises(Refusal) as told:
            students(str(file))
        assert found in str(told.value)


def test_a_roster_that_is_not_there() -> None:
    with pytest.raises(Refusal, match="no such file"):
        students("nowhere.csv")


# seeds and configurations


def test_a_students_seed_is_a_keyed_hash_of_the_address() -> None:
    config = Config("midterm", SECRET)
    content, key = b"midterm\0ana@uni.edu", bytes.fromhex(SECRET)
    digest = blake2b(content, key=key, person=b"exam-tutor seed", digest_size=8).digest()
    wanted = int.from_bytes(digest, "big") % 2**63
    assert config.seed_of(" Ana@UNI.edu ") == wanted
    others = [
        config.seed_of("bo@uni.edu"),
        config._replace(exam="final").seed_of("ana@uni.edu"),
        config._replace(secret=SECRET[::-1]).seed_of("ana@uni.edu"),
    ]
    assert len({wanted, *others}) == 4
    assert config._replace(seed=7).seed_of("ana@uni.edu") == 7


def test_secrets_are_drawn_and_long_enough() -> None:
    assert configs.is_secret(configs.new_secret()) and configs.new_secret() != configs.new_secret()
    assert [configs.is_secret(t) for t in ("", "ab", SECRET[:-2], "x" * 32, SECRET * 9)] == [
        False
    ] * 5


def test_a_configuration_survives_the_archive() -> None:
    config = Config("midterm", SECRET, 7, "full", "visible", True)
    assert configs.read(configs.written(config)) == config


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 1}', '{"version": 1, "exam": "a", "secret": "1"}',
     json.dumps({"version": 2, "exam": "a", "secret": SECRET}),
     json.dumps({"version": 1, "exam": "a", "secret": SECRET, "more": 1})],
)  # fmt: skip
def test_a_broken_configuration_is_told(text: str) -> None:
    with pytest.raises(BadConfig, match=r"config\.json"):
        configs.read(text)
