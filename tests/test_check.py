"""``tutor check``: verdicts as documents, and files of responses row by row."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from program import SHOWN

from tutor.batch.rows import MAX_LINE
from tutor.cli import run

ORIGINAL = "shown/side@original"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TUTOR_BANK", SHOWN)
    monkeypatch.delenv("COLUMNS", raising=False)


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(["check", *arguments, "--json"])
    out, err = capsys.readouterr()
    assert err == "" and out.isascii()
    document = json.loads(out)
    assert isinstance(document, dict)
    return code, document


# one response


def test_a_correct_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, ORIGINAL, "11") == (
        0,
        {
            "code": ORIGINAL,
            "verdict": "correct",
            "score": 2.0,
            "max_score": 2.0,
            "parts": [
                {
                    "id": "side",
                    "response": "11",
                    "read_as": "11",
                    "verdict": "correct",
                    "score": 2.0,
                    "max_score": 2.0,
                    "note": "shown/side:side:correct",
                    "follow_through": False,
                    "feedback": [],
                    "diagnosis": None,
                    "decided_by": "exact",
                    "warnings": [],
                }
            ],
        },
    )


def test_a_slip_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = checked(capsys, ORIGINAL, "10")
    (part,) = document["parts"]
    assert (code, document["verdict"], document["score"]) == (1, "incorrect", 0.0)
    assert part["note"] == "shown/side:side:forgot-plus-one"
    assert part["diagnosis"]["kind"] == "forgot-plus-one"
    assert part["feedback"] == [part["diagnosis"]["text"]]
    assert "error" not in part


def test_an_invalid_answer_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = checked(capsys, ORIGINAL, " 2*(3+ŷ")
    (part,) = document["parts"]
    assert (code, document["verdict"]) == (3, "invalid")
    assert list(part["error"]) == ["start", "end", "message"]
    assert part["response"][part["error"]["start"] : part["error"]["end"]] == "ŷ"
    assert part["feedback"] == [part["error"]["message"]]
    assert (part["note"], part["read_as"]) == ("shown/side:side:invalid", "")


def test_one_invalid_part_makes_the_response_invalid_and_the_others_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, document = checked(capsys, "shown/kinds@original", "-a", "slope=2z", "-a", "rule=power")
    assert (code, document["verdict"], document["score"]) == (3, "invalid", 1.0)
    assert [part["verdict"] for part in document["parts"]] == [
        "invalid", "correct", "incorrect", "incorrect",
    ]  # fmt: skip
    assert document["parts"][2]["note"] == "shown/kinds:right:unanswered"


def test_some_marks_are_partial(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = checked(
        capsys, "shown/kinds@original", "-a", "right=One; THREE", "-a", "mask=[[1,0],[0,4]]"
    )
    assert (code, document["verdict"], document["score"]) == (1, "partial", 0.75)
    assert [part["verdict"] for part in document["parts"]] == [
        "incorrect", "incorrect", "incorrect", "partial",
    ]  # fmt: skip


def test_an_answer_follows_from_the_student_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    _, document = checked(
        capsys, "shown/table@original", "-a", "conv.shape=29x29x8", "-a", "pool.shape=14x14x8"
    )
    wrong, _, followed, _ = document["parts"]
    assert (wrong["verdict"], wrong["follow_through"]) == ("incorrect", False)
    assert (followed["verdict"], followed["follow_through"]) == ("correct", True)
    assert followed["score"] == followed["max_score"] == 0.5


def test_two_expressions(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = checked(capsys, "--reference", "2x", "--symbols", "x", "x + x")
    (part,) = document["parts"]
    assert (code, document["code"], document["verdict"]) == (0, None, "correct")
    assert (document["score"], document["max_score"]) == (1.0, 1.0)
    assert (part["id"], part["read_as"]) == ("answer", "x + x")
    assert list(part) == [
        "id", "response", "read_as", "verdict", "score", "max_score", "note", "follow_through",
        "feedback", "diagnosis", "decided_by", "warnings",
    ]  # fmt: skip


def test_an_answer_from_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answer = tmp_path / "mask.txt"
    answer.write_text("[[1, 0],\n [0, 3]]\n", encoding="utf-8")
    _, document = checked(capsys, "shown/kinds@original", "-a", f"mask=@{answer}")
    assert document["parts"][3]["verdict"] == "correct"


def test_a_seed_is_drawn_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    codes = {checked(capsys, "shown/side", "1")[1]["code"] for _ in range(3)}
    assert len(codes) > 1
    assert all(code.startswith("shown/side@") for code in codes)


# files

ROWS: list[tuple[bytes, Mapping[str, object], str]] = [
    (
        b'{"student": "s1", "problem": "shown/side@original", "answers": {"side": "11"}, "x": [1]}',
        {"student": "s1", "x": [1], "verdict": "correct", "score": 2.0, "code": ORIGINAL},
        "other fields are carried through",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": 11}}',
        {"verdict": "correct"},
        "a number will do",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": null}}',
        {"verdict": "incorrect", "score": 0.0},
        "unanswered",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": "6)"}}',
        {"verdict": "invalid", "score": 0.0, "max_score": 2.0},
        "graded: invalid has parts",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": "\xff"}}',
        {"verdict": "invalid", "max_score": 2.0},
        "bytes that aren't UTF-8",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": "\\ud800"}}',
        {"verdict": "invalid", "max_score": 2.0},
        "half a character",
    ),
    (
        b'{"id": "r1", "reference": "2x", "symbols": "x", "response": "x+x"}',
        {"id": "r1", "verdict": "correct", "code": None},
        "no problem",
    ),
    (
        b'{"id": "r2", "reference": "2x+", "symbols": "x", "response": "x"}',
        {"id": "r2", "verdict": "invalid", "error": "reference or symbols: *"},
        "an author's error",
    ),
    (
        b'{"reference": "2x", "response": 5}',
        {"verdict": "invalid", "error": "response must be a text"},
        "",
    ),
    (b"not JSON", {"verdict": "invalid", "error": "line 10 is not JSON: *"}, ""),
    (b'{"a": 1', {"verdict": "invalid", "error": "line 11 is not JSON: *"}, "a torn line"),
    (b"[1]", {"verdict": "invalid", "error": "line 12 is not a JSON object"}, ""),
    (b'{"x": NaN}', {"verdict": "invalid", "error": "line 13 is not JSON: *"}, "not in JSON"),
    (b"[" * 100_000, {"verdict": "invalid", "error": "line 14 nests more than 100 deep"}, ""),
    (
        b'{"x": "' + b"x" * 3 * MAX_LINE + b'"}',
        {"verdict": "invalid", "error": "line 15 is longer than 1,000,000 bytes"},
        "huge",
    ),
    (b'{"student": "s2"}', {"student": "s2", "error": "problem is missing"}, ""),
    (b'{"problem": 5}', {"problem": 5, "error": "problem must be a text"}, ""),
    (
        b'{"problem": "shown/side@original"}',
        {"error": "answers must be an object of texts by part"},
        "",
    ),
    (
        b'{"problem": "shown/nope@3", "answers": {}}',
        {"verdict": "invalid", "error": "there is no problem or topic 'shown/nope'*"},
        "",
    ),
    (
        b'{"problem": "shown/side", "answers": {}}',
        {"verdict": "invalid", "error": "shown/side names no variant: *"},
        "",
    ),
    (
        b'{"problem": "shown/side@-1", "answers": {}}',
        {"verdict": "invalid", "error": "shown/side@-1: *"},
        "",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"sid": "6"}}',
        {"verdict": "invalid", "error": "shown/side@original has no part 'sid'"},
        "",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": [6]}}',
        {"verdict": "invalid", "error": "the answer to side must be a text"},
        "",
    ),
    (
        b'{"student": "s3", "problem": "shown/side@original", "answers": {"side": 1, "side": 2}}',
        {"verdict": "invalid", "error": "line 24 is not JSON: 'side' is there twice"},
        "nobody could say which counts",
    ),
    *(
        (
            b'{"student": "s4", "x": ' + b"[" * depth + b"]" * depth + b"}",
            {"verdict": "invalid", "error": "line * nests more than 100 deep"},
            "read in a thread where more fits on the stack than where it is written",
        )
        for depth in (100, 900, 970, 5_000)
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": "11"}, "error": "", "code": 1}',
        {"verdict": "correct", "code": "shown/side@original"},
        "of an earlier run",
    ),
    (
        b'{"problem": "shown/nope@3", "answers": {}, "score": "2", "parts": 7, "code": "a@1"}',
        {"verdict": "invalid", "error": "there is no problem or topic 'shown/nope'*"},
        "of an earlier run, when there was one",
    ),
    (
        b'{"id": "r3", "problem": null, "reference": "2x", "symbols": "x", "response": "x+x"}',
        {"id": "r3", "verdict": "correct"},
        "as tables are written that hold rows of both kinds",
    ),
    (
        b'{"id": "r4", "reference": "2", "symbols": null, "response": "2"}',
        {"id": "r4", "verdict": "correct"},
        "the same",
    ),
    (
        b'{"problem": "shown/side@original", "answers": {"side": ' + b"1" * 5_000 + b"}}",
        {"verdict": "invalid", "error": "line * is not JSON: a number has more than 4,000 digits"},
        "longer than Python reads",
    ),
    (
        b'{"student": "last", "problem": "shown/side@original", "answers": {"side": "11"}}',
        {"student": "last", "verdict": "correct"},
        "the last row needs no line end",
    ),
]


def matches(row: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    """Whether a row has the wanted fields; ``*`` stands for any text."""

    def fits(value: object, pattern: object) -> bool:
        if isinstance(pattern, str) and "*" in pattern:
            start, _, end = pattern.partition("*")
            return isinstance(value, str) and value.startswith(start) and value.endswith(end)
        return value == pattern

    return all(fits(row.get(name), value) for name, value in wanted.items())


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    path = tmp_path / "responses.jsonl"
    path.write_bytes(b"\n".join(line for line, _, _ in ROWS))
    return path


def graded(text: str) -> list[dict[str, object]]:
    assert text.isascii() and text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_each_row_gets_its_line_in_order(
    responses: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(responses)]) == 0
    out, err = capsys.readouterr()
    rows = graded(out)
    assert len(rows) == len(ROWS)
    for row, (line, wanted, why) in zip(rows, ROWS, strict=True):
        assert matches(row, wanted), (line[:80], row, why)
        assert ("error" in row) == ("parts" not in row)
    assert err.splitlines() == [
        "shown/side   50% of the marks  8 rows: 4 correct, 1 incorrect, 3 invalid",
        f"tutor: {responses}: some bytes are not UTF-8, and are read as �",
        "tutor: 34 rows: 7 correct, 1 incorrect, 26 invalid",
    ]


def test_out_holds_the_same_bytes_every_time(
    responses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["check", str(responses)])
    shown = capsys.readouterr().out
    for _ in range(2):
        assert run(["check", str(responses), "-o", str(tmp_path / "out.jsonl")]) == 0
        assert (tmp_path / "out.jsonl").read_bytes() == shown.encode()
        assert capsys.readouterr().out == ""


def test_stdin_is_utf_8_json_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = '\ufeff{"student": "Ŷ", "problem": "shown/side@original", "answers": {"side": "11"}}\n\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(row.encode()), encoding="ascii"))
    assert run(["check", "-"]) == 0
    (only,) = graded(capsys.readouterr().out)
    assert (only["student"], only["verdict"]) == ("Ŷ", "correct")


def test_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "responses.csv"
    path.write_bytes(
        b"\xef\xbb\xbfstudent,problem,side,rule\r\n"
        b"s1,shown/side@original,11,\r\n"
        b'"s2, the second",shown/kinds@original,,power\r\n'
        b"s3,shown/side@original,10,chain\r\n"
        b"s4,shown/side@original,10,,\r\n"
        b"s5\r\n"
        b's6,shown/side@original,"' + b"9" * 200_000 + b'"\r\n'
        b"s7,shown/side@original,11\r\n"
    )
    assert run(["check", str(path)]) == 0
    out, err = capsys.readouterr()
    rows = graded(out)
    wanted: list[Mapping[str, object]] = [
        {"student": "s1", "answers": {"side": "11"}, "verdict": "correct"},
        {"student": "s2, the second", "answers": {"rule": "power"}, "verdict": "partial"},
        {"student": "s3", "rule": "chain", "answers": {"side": "10"}, "verdict": "incorrect"},
        {"student": "s4", "error": "line 5 has more cells than there are columns"},
        {"student": "s5", "verdict": "invalid", "error": "problem is missing"},
        {"verdict": "invalid", "error": "line 7 is not CSV: *"},
        {"student": "s7", "verdict": "correct"},
    ]
    assert [matches(*pair) for pair in zip(rows, wanted, strict=True)] == [True] * 7, rows
    assert err.splitlines() == [
        "shown/kinds   25% of the marks  1 row: 1 partial",
        "shown/side    67% of the marks  3 rows: 2 correct, 1 incorrect",
        "tutor: 7 rows: 2 correct, 1 incorrect, 3 invalid, 1 partial",
    ]


TASK = """title: A task
question: What?
parts:
  problem: {kind: integer, answer: 11}
  side: {kind: integer, answer: 11}
"""


@pytest.mark.parametrize(
    ("text", "wanted", "why"),
    [
        (
            "student, problem, side\ns1, shown/side@original, 11\n",
            {"student": "s1", "answers": {"side": "11"}, "verdict": "correct"},
            "spaces behind the commas",
        ),
        (
            ' "student" , problem,"side"\n"s1" ,shown/side@original, "1 + 10" \n',
            {"student": "s1", "answers": {"side": "1 + 10"}, "verdict": "correct"},
            "and around quotes",
        ),
        (
            "student;problem;side\ns1;shown/side@original;11\n",
            {"student": "s1", "verdict": "correct"},
            "a spreadsheet's semicolons",
        ),
        (
            "student\tproblem\tconv.shape\ns, 1\tshown/table@original\t(30, 30, 8)\n",
            {"student": "s, 1", "answers": {"conv.shape": "(30, 30, 8)"}, "verdict": "partial"},
            "tabs, with commas in the cells",
        ),
        (
            "email,student,problem,side,time\na@b.c,s1,shown/side@original,11,12:30\n",
            {"email": "a@b.c", "time": "12:30", "answers": {"side": "11"}, "verdict": "correct"},
            "other columns are carried through",
        ),
        (
            "time,problem,side\n12:30,shown/side@original,\n",
            {"time": "12:30", "answers": {}, "verdict": "incorrect"},
            "unanswered",
        ),
        (
            "student,problem,sid,time\ns1,shown/side@original,11,12:30\n",
            {"verdict": "invalid", "error": "no column is a part of shown/side@original: side"},
            "a mistyped part isn't taken for one more column",
        ),
        (
            "\n\nproblem,side\nshown/side@original,11\n",
            {"verdict": "correct"},
            "empty lines above",
        ),
        (
            "student,problem,side\ns1,shown/nope@1,11\n",
            {"student": "s1", "answers": {"side": "11"}, "verdict": "invalid"},
            "no such problem",
        ),
        (
            'student,problem,side,"What; do; you; think"\ns1,shown/side@original,11,so\n',
            {"verdict": "correct", "What; do; you; think": "so"},
            "what stands in quotes separates nothing",
        ),
        (
            'student,problem,side\ns1,shown/side@original,"11\ns2,shown/side@original,11\n',
            {"verdict": "invalid", "error": "lines 2 to 3 are not CSV: unexpected end of data"},
            "a quote that isn't closed makes no answer of the rows behind it",
        ),
        (
            "student,problem,side\ns1,t/task@1,11\n",
            {"verdict": "invalid", "error": "a column problem is no answer to *"},
            "a part that no column can be named as",
        ),
    ],
)
def test_csv_as_people_write_it(
    text: str,
    wanted: Mapping[str, object],
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "responses.csv"
    path.write_text(text, encoding="utf-8")
    own = tmp_path / "bank" / "t"
    own.mkdir(parents=True)
    (own / "task.yaml").write_text(TASK, encoding="utf-8")
    assert run(["check", "--bank", str(own.parent), str(path)]) == 0
    (row,) = graded(capsys.readouterr().out)
    assert matches(row, wanted), (row, why)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"student,side\ns1,11\n", "there is no column problem"),
        ("student,problem,side\ns1,shown/side@1,11\n".encode("utf-16"), "it is not UTF-8"),
        (b"problem,side,side\nshown/side@1,11,12\n", "there are two columns side"),
        (b"problem," + b"x" * 200_000 + b"\nshown/side@1,11\n", "columns can't be read"),
    ],
)
def test_csv_of_which_no_row_could_be_graded(
    written: bytes, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "responses.csv"
    path.write_bytes(written)
    assert run(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and why in err and err.count("\n") == 1


def test_a_line_of_csv_that_is_too_long_is_one_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "responses.CSV"
    long = "s1,shown/side@original,11," + "x," * MAX_LINE
    path.write_text(f"student,problem,side\n{long}\ns2,shown/side@original,11\n")
    assert run(["check", str(path)]) == 0
    first, second = graded(capsys.readouterr().out)
    assert first["error"] == "line 2 is not CSV: it is longer than 1,000,000 characters"
    assert (second["student"], second["verdict"]) == ("s2", "correct")
    # Every line opens a quote that the next one closes.
    path.write_text('student,problem,side\ns1,"' + f'{"x" * 100_000}\n","' * 11)
    assert run(["check", str(path)]) == 0
    first, *_ = graded(capsys.readouterr().out)
    assert first["error"] == "lines 2 to 11 are not CSV: it is longer than 1,000,000 characters"


def test_bytes_that_are_not_utf_8_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "responses.csv"
    path.write_text("student,problem,side\nJosé,shown/side@original,11\n", encoding="cp1252")
    assert run(["check", str(path)]) == 0
    out, err = capsys.readouterr()
    assert graded(out)[0]["student"] == "Jos\N{REPLACEMENT CHARACTER}"
    assert "some bytes are not UTF-8" in err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_csv_from_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "responses.csv"
    os.mkfifo(path)
    text = "student,problem,side\ns1,shown/side@original,11\n"
    writer = threading.Thread(target=path.write_text, args=(text,))
    writer.start()
    assert run(["check", str(path)]) == 0
    writer.join()
    assert graded(capsys.readouterr().out)[0]["verdict"] == "correct"


def test_an_empty_csv_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none.csv").write_text("\n")
    assert run(["check", str(tmp_path / "none.csv")]) == 0
    assert capsys.readouterr() == ("", "tutor: 0 rows\n")


def test_the_responses_are_never_overwritten(
    responses: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = responses.read_bytes()
    other = responses.with_name("same.jsonl")
    other.symlink_to(responses)
    for out in (responses, other):
        assert run(["check", str(responses), "-o", str(out)]) == 2
        assert "can't replace the responses" in capsys.readouterr().err
    assert responses.read_bytes() == before


def test_no_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none.jsonl").write_text("")
    assert run(["check", str(tmp_path / "none.jsonl")]) == 0
    assert capsys.readouterr() == ("", "tutor: 0 rows\n")


def test_a_folder_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    assert run(["check", str(tmp_path / "folder.jsonl")]) == 2
    assert capsys.readouterr().err.endswith("folder.jsonl: is a directory\n")
