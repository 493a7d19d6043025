"""The command line: arguments → exit code, stdout, stderr, as other programs rely on them."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from program import SHOWN, TESTS, TUTOR, hear_ctrl_c, surroundings
from program import tutor as run_alone

import tutor
from tutor.cli import run

ORIGINAL = "shown/side@original"
SEVERAL = "shown/kinds@original"
TINY = str(TESTS / "banks" / "tiny")
NOWHERE = "no such file or directory"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TUTOR_BANK", SHOWN)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("TUTOR_PLAIN", raising=False)


# arguments, exit code, pattern of stdout, pattern of stderr
CONTRACT: list[tuple[Sequence[str], int, str, str]] = [
    # help
    (("--version",), 0, rf"exam-tutor {re.escape(tutor.__version__)}\n", ""),
    (("-h",), 0, "Usage: tutor .*quiz.*check.*show.*list.*", ""),
    (("--help",), 0, "Usage: tutor .*", ""),
    (("quiz", "-h"), 0, "Usage: tutor quiz .*-n N.*--seed S.*--bank DIR.*--plain.*", ""),
    (("check", "--help"), 0, "Usage: tutor check .*--reference EXPR.*--symbols SPEC.*-o OUT.*", ""),
    (("show", "-h"), 0, "Usage: tutor show .*PROBLEM.*--solution.*--json.*", ""),
    (("list", "--help"), 0, "Usage: tutor list .*", ""),
    # usage
    ((), 2, "Usage: tutor .*", "tutor: name a command, for example: tutor quiz cnn"),
    (("chek",), 2, "", "tutor: .*chek.*check.*"),
    (("--bogus",), 2, "", "tutor: No such option: --bogus.*"),
    (("quiz", "--bogus"), 2, "", "tutor: No such option: --bogus.*"),
    (("quiz", "-n", "0"), 2, "", "tutor: -n 0: from 1 to 1,000 questions can be asked"),
    (("quiz", "-n", "1001"), 2, "", "tutor: -n 1001: .*"),
    (("quiz", "-n", "x"), 2, "", "tutor: .*'-n'.*'x'.*"),
    (("quiz", "--seed", "-1"), 2, "", "tutor: --seed -1: a seed is a whole number .*"),
    (("quiz", "--seed", str(2**63)), 2, "", "tutor: --seed .*"),
    (("show",), 2, "", "tutor: .*PROBLEM.*"),
    (("list", "--bank"), 2, "", "tutor: .*--bank.*"),
    # names
    (("quiz", "nowhere"), 2, "", "tutor: there is no problem or topic 'nowhere'"),
    (("quiz", "shwn"), 2, "", "tutor: .*'shwn'; did you mean shown.*"),
    (("show", "shown/sid"), 2, "", "tutor: .*; did you mean shown/side.*"),
    (("show", "side"), 2, "", "tutor: .*; did you mean shown/side.*"),
    (("check", "", "6"), 2, "", "tutor: there is no problem or topic ''"),
    (("list", "shown/../shown"), 2, "", "tutor: there is no .*"),
    (("show", "a\nb\x1b[31m"), 2, "", r"tutor: there is no .*'a\\nb\\x1b\[31m'"),
    (("show", "shown"), 2, "", "tutor: shown is a topic; name a problem, such as shown/kinds"),
    (("check", "shown@3", "6"), 2, "", "tutor: shown is a topic; name a problem, such as .*"),
    (("quiz", "shown@3"), 2, "", "tutor: shown@3: a topic has no variants; name a problem"),
    (("list", "--bank", "/nowhere"), 2, "", f"tutor: the bank's folder /nowhere: {NOWHERE}"),
    # seeds
    (("show", "shown/side@7"), 0, "shown/side@7 .*", ""),
    (("show", f"shown/side@{2**63 - 1}"), 0, ".*", ""),
    *(
        (("show", f"shown/side@{seed}"), 2, "", "tutor: .*: behind @ stands a whole number .*")
        for seed in ("-1", str(2**63), "x", "", "1.5", "٣", "Original", " 7 x", "9" * 5_000)
    ),
    # one response
    (("check", ORIGINAL, "11"), 0, f"{ORIGINAL}\n✓ correct\n", ""),
    (("check", ORIGINAL, "15 - 5 + 1"), 0, ".*read as  15 − 5 \\+ 1 = 11\n✓ correct\n", ""),
    (
        ("check", "--reference", "1/(2x)", "--symbols", "x", "1/2x"),
        1, r"  read as  1/2·x\n  note  1/2x reads as \(1/2\)·x; .*\n✗ incorrect .*", "",
    ),
    (("check", ORIGINAL, "10"), 1, ".*✗ incorrect   That counts .*", ""),
    (("check", ORIGINAL, "11.5"), 1, ".*✗ incorrect   11.5 is not a whole number.*", ""),
    (("check", ORIGINAL, ""), 1, ".*✗ incorrect   no answer\n", ""),
    (("check", ORIGINAL, "2*(3+"), 3, r".*  2\*\(3\+\n *╵\n\? invalid     .*", ""),
    (("check", ORIGINAL, "--", "-6"), 1, ".*read as  −6\n✗ incorrect.*", ""),
    (("check", ORIGINAL, "-a", "side=11"), 0, ".*✓ correct.*", ""),
    (("check", "shown/side", "11", "--json"), (0, 1), '.*"code": "shown/side@\\d+".*', ""),  # type: ignore[list-item]
    (("check", SEVERAL, "-a", "rule=power"), 1, ".*rule › power\n✓ correct\nno answer:.*", ""),
    (
        ("check", SEVERAL, "-a", "slope=3x^2", "-a", "rule=POWER", "-a", "right=one two", "-a",
         "mask=[[1,0],[0,3]]"),
        0, ".*correct · 4 of 4 parts · 4 of 4 points\n", "",
    ),
    (("check", SEVERAL, "-a", "right=one"), 1, ".*◐ partial .* 0.5 of 1 point\n.*", ""),
    (("check", SEVERAL, "-a", "rule=power", "-a", "slope=2z"), 3, ".*invalid · 1 of 4 parts.*", ""),
    # what can't be run
    (("check",), 2, "", "tutor: name a problem and an answer: .*"),
    (("check", ORIGINAL), 2, "", f"tutor: an answer is missing: tutor check {ORIGINAL} ANSWER"),
    (("check", ORIGINAL, "6", "7"), 2, "", "tutor: .*7.*"),
    (("check", ORIGINAL, "-6"), 2, "", "tutor: No such option: -6.* behind --.*"),
    (("check", ORIGINAL, "6", "-a", "side=6"), 2, "", "tutor: there are two answers for side"),
    (("check", SEVERAL, "6"), 2, "", "tutor: .* has several parts .*: write -a PART=ANSWER"),
    (("check", SEVERAL, "-a", "rule=a", "-a", "rule=b"), 2, "", "tutor: .*two answers for rule"),
    (("check", SEVERAL, "-a", "rul=a"), 2, "", "tutor: .* has no part rul; its parts are slope,.*"),
    (("check", SEVERAL, "-a", "rule"), 2, "", "tutor: -a rule: write -a PART=ANSWER"),
    (("check", SEVERAL, "-a", "rule=@/nowhere"), 2, "", f"tutor: /nowhere: {NOWHERE}"),
    (("check", SEVERAL, "-a", "rule=@/"), 2, "", "tutor: /: is a directory"),
    (("check", "shown/nope@3", "6"), 2, "", "tutor: there is no .*"),
    # two expressions
    (("check", "--reference", "2x", "--symbols", "x", "x+x"), 0, ".*✓ correct\n", ""),
    (("check", "--reference", "2x", "--symbols", "x", "--", "-x"), 1, ".*✗ incorrect.*", ""),
    (("check", "--reference", "2x", "--symbols", "x", "2y"), 3, ".*? invalid .*", ""),
    (("check", "--reference", "7", "7"), 0, ".*correct.*", ""),
    (("check", "--reference", "2y", "--symbols", "x", "2x"), 2, "", "tutor: --reference .*y.*"),
    (("check", "--reference", "2x+", "--symbols", "x", "2x"), 2, "", "tutor: --reference .*"),
    (("check", "--reference", "2x", "--symbols", "x:whatever", "2x"), 2, "", "tutor: .*"),
    (("check", "--reference", "2x", "--symbols", "x"), 2, "", "tutor: write one answer: .*"),
    (("check", "--reference", "2x", "--symbols", "x", "a", "b"), 2, "", "tutor: write one .*"),
    (("check", "--symbols", "x", "2x"), 2, "", "tutor: --symbols goes with --reference"),
    # files
    (("check", "/nowhere.jsonl"), 2, "", f"tutor: /nowhere.jsonl: {NOWHERE}"),
    (("check", "/nowhere.csv"), 2, "", f"tutor: /nowhere.csv: {NOWHERE}"),
    (("check", "x.jsonl", "6"), 2, "", "tutor: a file is graded as it is: .*"),
    (("check", ORIGINAL, "6", "-o", "out"), 2, "", "tutor: -o goes with a file .*"),
    # show and list
    (("show", ORIGINAL), 0, f"{ORIGINAL} .*2 points\n─+\nA filter .*side › How wide.*", ""),
    (("show", ORIGINAL, "--solution"), 0, ".*side = 11\n\nSolution\n  The filter fits .*", ""),
    (("show", "--plain", "shown/table@original"), 0, ".*CONV-3-8. activation map: to .*", ""),
    (("show", ORIGINAL, "shown/nope@3"), 2, ".*", "tutor: there is no .*"),
    (("list", "shown"), 0, "shown/kinds .*shown/odd .*shown/side .*shown/table .*2 points\n", ""),
    (("list", "shown/side", "shown/side"), 0, "shown/side   Output size [^\n]*\n", ""),
    (("--plain", "list", "shown"), 0, "shown/kinds .*", ""),
    (("--bank", TINY, "list", "gradients/power-rule"), 0, "gradients/power-rule .*", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "stdout", "stderr"),
    CONTRACT,
    ids=[" ".join(row[0])[:60].encode("unicode_escape").decode() or "nothing" for row in CONTRACT],
)
def test_the_contract(
    arguments: Sequence[str],
    code: int | tuple[int, ...],
    stdout: str,
    stderr: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    codes = code if isinstance(code, tuple) else (code,)
    assert run(list(arguments)) in codes
    out, err = capsys.readouterr()
    assert re.fullmatch(stdout, out, re.DOTALL), out
    assert re.fullmatch(f"{stderr}\n" if stderr else "", err), err
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", out + err), "control characters"


# documents


def json_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    assert run(list(arguments)) == 0
    out, err = capsys.readouterr()
    assert out.isascii() and err == ""
    return json.loads(out)


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert json_of(capsys, "list", "shown/side", "shown/table", "--json") == [
        {
            "id": "shown/side",
            "title": "Output size of a convolution",
            "topic": "shown",
            "points": 2,
            "parts": [{"id": "side", "kind": "integer"}],
            "has_original": True,
        },
        {
            "id": "shown/table",
            "title": "A small network",
            "topic": "shown",
            "points": 2,
            "parts": [
                {"id": "conv.shape", "kind": "shape"},
                {"id": "conv.weights", "kind": "integer"},
                {"id": "pool.shape", "kind": "shape"},
                {"id": "pool.weights", "kind": "integer"},
            ],
            "has_original": True,
        },
    ]


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    document = json_of(capsys, "show", "shown/kinds@original", "--json", "--solution")
    assert isinstance(document, dict)
    revision, question = document.pop("revision"), document.pop("question")
    assert re.fullmatch("[0-9a-f]{12,}", revision)
    assert question == "Here is a formula,\n\n    f = x^3/(x + 1)\n\nand a matrix."
    parts = document.pop("parts")
    assert document == {
        "code": "shown/kinds@original",
        "problem": "shown/kinds",
        "seed": "original",
        "title": "One part of each kind",
        "points": 4,
        "parameters": {"a": 3},
        "solution": "",
    }
    assert [list(part) for part in parts] == [
        ["id", "ask", "kind", "points", "symbols", "choices", "reference"],
        ["id", "ask", "kind", "points", "symbols", "choices", "reference"],
        ["id", "ask", "kind", "points", "symbols", "choices", "reference"],
        ["id", "ask", "kind", "points", "symbols", "choices", "reference", "value"],
    ]
    slope, rule, _, mask = parts
    assert slope["symbols"] == {"x": "real", "y": "real"}
    assert rule["choices"][0] == {"id": "power", "text": "the power rule"}
    assert (mask["reference"], mask["value"]) == ("[[1, 0], [0, 3]]", [[1, 0], [0, 3]])


def test_a_table_in_json_has_its_rows_in_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    document = json_of(capsys, "show", "shown/table@original", "--json")
    assert isinstance(document, dict)
    assert document["question"].splitlines()[2:] == [
        "layer | activation map | weights",
        "INPUT | 32 × 32 × 3 | 0",
        "CONV-3-8 | ? | ?",
        "POOL-2 | ? | ?",
    ]


def test_answers_stay_hidden_without_solution(capsys: pytest.CaptureFixture[str]) -> None:
    document = json_of(capsys, "show", "shown/side@7", "--json")
    assert isinstance(document, dict)
    assert list(document) == [
        "code", "problem", "seed", "revision", "title", "points", "parameters", "question", "parts",
    ]  # fmt: skip
    assert document["seed"] == 7
    assert list(document["parts"][0]) == ["id", "ask", "kind", "points", "symbols", "choices"]


def test_several_variants_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "shown/side@1", "shown/side@2", "shown/table@original", "--json"]) == 0
    codes = [json.loads(line)["code"] for line in capsys.readouterr().out.splitlines()]
    assert codes == ["shown/side@1", "shown/side@2", "shown/table@original"]


@pytest.mark.parametrize("id", ["side", "kinds", "table", "odd"])
def test_every_reference_is_accepted_as_the_answer(
    id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in ("original", "1", "2"):
        document = json_of(capsys, "show", f"shown/{id}@{seed}", "--solution", "--json")
        assert isinstance(document, dict)
        answers = [f"-a{part['id']}={part['reference']}" for part in document["parts"]]
        verdict = json_of(capsys, "check", document["code"], *answers, "--json")
        assert isinstance(verdict, dict)
        assert verdict["verdict"] == "correct"
        assert verdict["score"] == verdict["max_score"] == document["points"]


# broken problems


def test_a_broken_file_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "file.yaml").write_text("title: 3\nquestion: [", encoding="utf-8")
    bank = ["--bank", str(tmp_path)]
    assert run(["list", "torn", "shown/side", *bank]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("shown/side ") and out.count("\n") == 1
    assert re.fullmatch(r"tutor: \S*torn/file\.yaml:\d+:\d+: .*\n", err)
    assert run(["list", "torn", "--json", *bank]) == 2
    assert run(["show", "torn/file@1", *bank]) == 2
    assert run(["check", "torn/file@1", "3", *bank]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3 and all("torn/file.yaml:" in line for line in errors)


def test_an_error_that_only_drawing_shows_has_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "late.yaml").write_text(
        "title: Late\nparameters: {n: 1..9}\nquestion: What is {{m}}?\n"
        "parts:\n  x: {kind: integer, answer: n}\n",
        encoding="utf-8",
    )
    assert run(["show", "torn/late@1", "--bank", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"tutor: \S*torn/late\.yaml:3:11: .*m isn't known here.*\n", err)


# files that an earlier bank hides


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list", "cnn"), True),
        (("list", "gradients"), False),
        (("list", "cnn", "--json"), False),
        (("show", "cnn/conv-output@original"), True),
        (("show", "cnn/conv-params@original"), False),
        (("show", "cnn/conv-output@original", "--json"), False),
        (("check", "cnn/conv-output@original", "6"), True),
        (("check", "cnn/conv-output@original", "6", "--json"), False),
        (("quiz", "cnn/conv-output@original", "cnn/conv-output"), True),
        (("quiz", "gradients", "-n", "1"), False),
    ],
)
def test_a_hidden_file_is_told_once(
    arguments: Sequence[str],
    told: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn" / "conv-output.yaml").write_text("title: Mine\n")
    assert run([*arguments, "--bank", str(tmp_path)]) == 0
    err = capsys.readouterr().err
    pattern = r"tutor: \S+/conv-output.yaml is not used: 'cnn/conv-output' is hidden by .*\n"
    assert re.fullmatch(pattern if told else "", err), err


# streams


def test_piped_output_holds_no_control_characters_even_if_colour_is_forced(tmp_path: Path) -> None:
    for name in ("side", "kinds", "table", "odd"):
        done = run_alone(
            "show", f"shown/{name}@original", "--solution", home=tmp_path, FORCE_COLOR="1"
        )
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stdout), name


@pytest.mark.parametrize(
    ("encoding", "signs"),
    [("ascii", "[red]3[/red] :warning: \\[x] costs yhat <= (.) alpha"),
     ("latin-1", "[red]3[/red] :warning: \\[x] costs yhat <= (.) alpha"),
     ("cp437", "[red]3[/red] :warning: \\[x] costs yhat ≤ (.) α"),
     ("utf-8", "[red]3[/red] :warning: \\[x] costs ŷ ≤ ⊙ α")],
)  # fmt: skip
def test_every_encoding_gets_a_spelling(encoding: str, signs: str, tmp_path: Path) -> None:
    done = run_alone(
        "show", "shown/odd@original", home=tmp_path, PYTHONUTF8="0", PYTHONIOENCODING=encoding
    )
    assert done.returncode == 0, done.stderr
    assert signs in done.stdout.decode(encoding)


def test_the_c_locale_reads_and_writes(tmp_path: Path) -> None:
    done = run_alone(
        "quiz", "shown/side@original", home=tmp_path, stdin="11 − ŷ\n11\n".encode(),
        PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="C",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"side > 11 - yhat\n            ^\n? invalid " in done.stdout
    assert b"+ correct" in done.stdout and b"2 of 2" in done.stdout


def in_bash(command: str, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    environment = surroundings(tmp_path, PYTHONUTF8="1", TUTOR=TUTOR)
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        env=environment,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "command",
    [
        "$TUTOR list shown >/dev/full",
        "$TUTOR show shown/side@3 --json >/dev/full",
        """echo '{"x": 1}' | $TUTOR check - >/dev/full""",
        """echo '{"x": 1}' | $TUTOR check - -o /dev/full""",
    ],
)
def test_a_full_disk_is_told_in_one_line(command: str, tmp_path: Path) -> None:
    done = in_bash(command, tmp_path)
    assert done.returncode == 2
    assert done.stderr == b"tutor: the output: No space left on device\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("yes 6 | $TUTOR quiz shown -n 1000 | head -1; exit ${PIPESTATUS[1]}", 141),
        ("$TUTOR list --json | true; exit ${PIPESTATUS[0]}", 141),
        ("$TUTOR check shown/side@original 10 >&-", 1),
        ("$TUTOR check shown/side@original 11 >&- 2>&-", 0),
        ("$TUTOR quiz shown/side@original -n 1 <&-", 0),
        ("$TUTOR check - <&-", 2),
        ("$TUTOR check nowhere 2>&-", 2),
    ],
)
def test_closed_streams_leave_no_traceback(command: str, code: int, tmp_path: Path) -> None:
    done = in_bash(command, tmp_path)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr
    assert done.stderr.count(b"\n") == (code == 2 and "2>&-" not in command)


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    done = in_bash(f"{sys.executable} -m tutor check {ORIGINAL} 10", tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{ORIGINAL}\n✗ incorrect ".encode())


def test_ctrl_c_while_a_file_is_graded(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [TUTOR, "check", "-"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(tmp_path),
        preexec_fn=hear_ctrl_c,
    )
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(b"[]\n" * 5_000)
    child.stdin.flush()
    assert child.stdout.readline()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert err == b""
    assert all(json.loads(line) for line in out.splitlines())


def test_ctrl_c_during_imports_leaves_no_traceback(tmp_path: Path) -> None:
    start = "print(flush=True); from tutor.cli import main; main()"
    for wait in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", start],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "TUTOR_HOME": str(tmp_path)}, preexec_fn=hear_ctrl_c,
        )  # fmt: skip
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.015 * (wait + 1))
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
        # On a busy machine the signal may come before our first line runs: Python's own affair.
        ours = child.returncode in (130, 2) or b"cli.py" in err
        assert not ours or (child.returncode in (130, 2) and b"Traceback" not in err)


def test_a_mistake_in_the_program_is_told_in_one_line(tmp_path: Path) -> None:
    code = (
        "import sys, tutor.cli\n"
        "def fall(arguments): raise KeyError('x')\n"
        "tutor.cli.run = fall\n"
        "tutor.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "tutor: this is a mistake in exam-tutor; TUTOR_DEBUG=1 tells more"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("problem", ["shown/side@original", "shown/table@7"])
def test_the_first_question_comes_before_the_heavy_libraries(problem: str, tmp_path: Path) -> None:
    code = (
        "import sys, tutor.cli\n"
        "code = tutor.cli.run(sys.argv[1:])\n"
        "heavy = {'numpy', 'sympy', 'mpmath', 'flint', 'platformdirs'} & set(sys.modules)\n"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "quiz", problem],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env=surroundings(tmp_path, PYTHONUTF8="1"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert " › \n" in done.stdout
