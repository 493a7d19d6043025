"""``tutor lint``: what it finds in broken fragments, and that it finds nothing in the bank."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pytest
from generated import AUTHORS, blocks
from test_docs import completed as as_in_the_docs

from engine.lint import CHECKS, INFO, MEASURES, drawn, lint, review
from engine.problem import Problem
from tutor.bank.bank import Bank, bank_folders
from tutor.bank.findings import Finding
from tutor.bank.reader import read_problem
from tutor.cli import run
from tutor.linting.files import check_file
from tutor.linting.screens import screens_are_wide_enough
from tutor.linting.targets import Target

TESTS = Path(__file__).parent
BANK = Bank(bank_folders())
MISSING = {
    "title": "title: T\n",
    "question": "question: Q\n",
    "parameters": "parameters: {z: 1..100}\n",
    "parts": "parts: {z: {kind: integer, answer: n}}\n",
}


class Case(NamedTuple):
    line: int
    fragment: str
    expected: list[str]


def cases() -> Iterator[Case]:
    text = (TESTS / "lint_cases.txt").read_text(encoding="utf-8")
    line = 1
    for paragraph in re.split(r"\n\n(?=\S)", text):
        if "→" in paragraph:
            rows = paragraph.rstrip().split("\n")
            told = [row.removeprefix("→").strip() for row in rows if row.startswith("→")]
            fragment = [row for row in rows if not row.startswith("→")]
            yield Case(line, "\n".join(fragment) + "\n", [row for row in told if row])
        line += paragraph.count("\n") + 2


def completed(fragment: str) -> str:
    keys = {row.partition(":")[0] for row in fragment.splitlines() if row[:1].isalpha()}
    if "parts" in keys:
        keys.add("parameters")
    return fragment + "".join(row for key, row in MISSING.items() if key not in keys)


def found(text: str, folder: Path) -> list[Finding]:
    path = folder / "cnn" / "case.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return check_file(Target("cnn/case", str(path)), 40)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"line-{case.line}")
def test_fragments_get_their_findings(case: Case, tmp_path: Path) -> None:
    told = [
        f"{finding.line}:{finding.column}: {finding.check}: {finding.message}"
        for finding in found(completed(case.fragment), tmp_path)
    ]
    assert len(told) == len(case.expected), told
    for expected in case.expected:
        assert any(one.startswith(expected) for one in told), (expected, told)


def test_every_check_has_a_case() -> None:
    table = (TESTS / "lint_cases.txt").read_text(encoding="utf-8")
    checks = [check.__name__ for check in (*CHECKS, screens_are_wide_enough)]
    assert [name for name in checks if f": {name}: " not in table] == []


@pytest.mark.parametrize("id", BANK.ids())
def test_the_bank_has_nothing_to_mend(id: str) -> None:
    assert [str(f) for f in check_file(Target(id, BANK.path(id)), 12)] == []


@pytest.mark.slow
@pytest.mark.parametrize("id", BANK.ids())
def test_the_bank_has_nothing_to_mend_on_many_seeds(id: str) -> None:
    assert [str(f) for f in check_file(Target(id, BANK.path(id)), 200)] == []


def cookbook() -> list[str]:
    page = AUTHORS.read_text(encoding="utf-8")
    recipes = page.partition("## Cookbook")[2].partition("## A bank of your own")[0]
    return [block.text for block in blocks(recipes)]


@pytest.mark.parametrize("fragment", cookbook(), ids=lambda text: text.split("\n")[0][:30])
def test_the_cookbook_has_nothing_to_mend(fragment: str, tmp_path: Path) -> None:
    assert [str(f) for f in found(as_in_the_docs(fragment), tmp_path)] == []


def test_there_is_a_recipe_for_each_wish() -> None:
    assert len(cookbook()) == 8


# -- the mutation score --------------------------------------------------------------------


def problem(text: str) -> Problem:
    reading = read_problem(completed(text).encode(), "cnn/case", "case.yaml")
    assert isinstance(reading, Problem), [str(finding) for finding in reading]
    return reading


AREA = """\
parameters: {a: 3..99, b: 101..199}
parts: {area: {kind: number, answer: a (b + 1)}}
"""


def score(text: str) -> str:
    (remark,) = review(drawn(problem(text), 5), MEASURES)
    assert remark.severity == INFO
    assert remark.trail == ("parts", "area", "answer")
    return remark.message


def test_without_examples_no_slip_is_caught() -> None:
    assert re.match(r"0 of \d+ one-step changes .* are caught; not caught: ", score(AREA))


def test_an_example_on_every_seed_catches_them_all() -> None:
    told = score(
        AREA + 'examples: [{answers: {area: "{{a*b + a}}"}, verdict: correct}]\n',
    )
    caught, of = re.findall(r"\d+", told)[:2]
    assert caught == of
    assert int(of) > 5


def test_scores_are_told_on_demand_only() -> None:
    assert lint(problem(AREA), 20) == []


# -- the command ---------------------------------------------------------------------------


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TUTOR_BANK", raising=False)
    folder = tmp_path / "mine"
    for id, extra in (("cnn/good", ""), ("cnn/bad", "hint: x\n"), ("nlp/odd", "define: {d: 1}\n")):
        path = folder / f"{id}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(completed("parameters: {n: 1..100}\n" + extra), encoding="utf-8")
    return folder


UNKNOWN = "mine/cnn/bad.yaml:2:1: unknown key 'hint'; did you mean hints?"
UNUSED = "mine/nlp/odd.yaml:2:13: warning: 'd' is never used (define → d)"


@pytest.mark.parametrize(
    ("paths", "code", "told"),
    [
        (["mine"], 1, [UNKNOWN, UNUSED]),
        (["mine/cnn"], 1, [UNKNOWN]),
        (["mine/nlp/"], 1, [UNUSED]),
        (["mine/cnn/bad.yaml", "mine/cnn/good.yaml"], 1, [UNKNOWN]),
        (["mine/cnn/good.yaml"], 0, []),
        (["--bank", "mine", "cnn/good"], 0, []),
        (["--bank", "mine", "nlp"], 1, [UNUSED]),
        (["--bank", "mine", "nlp/odd", "mine/nlp/odd.yaml"], 1, [UNUSED]),
    ],
)
def test_paths_folders_ids_and_topics(
    paths: list[str], code: int, told: list[str], bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", "--seeds", "12", *paths]) == code
    assert capsys.readouterr().out.splitlines() == told


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere"], "there is no file, folder, problem or topic 'nowhere'"),
        (["cnn/conv-ouput"], "did you mean cnn/conv-output"),
        (["mine/none.yaml"], "there is no file, folder, problem or topic 'mine/none.yaml'"),
        (["mine", "--seeds", "0"], "--seeds 0: from 1 to 10,000"),
        (["mine", "--format", "xml"], "--format xml: one of text, json, sarif, github"),
    ],
)
def test_what_cant_be_checked(
    arguments: list[str], complaint: str, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert complaint in told.err


def test_a_file_that_no_bank_would_list(
    bank: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (bank / "cnn" / "Capital.yaml").write_text("title: x\n")
    (tmp_path / "notes.txt").write_text("x")
    assert run(["lint", "mine/cnn/Capital.yaml", "notes.txt"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "mine/cnn/Capital.yaml:1:1: rename the file: small letters, digits and hyphens only",
        "notes.txt:1:1: rename the file: its name must end in .yaml",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_the_bank(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = bank.parent / "else"
    outside.mkdir()
    (outside / "x.yaml").write_text((bank / "cnn" / "good.yaml").read_text())
    (bank / "cnn" / "link.yaml").symlink_to(outside / "x.yaml")
    (bank / "gan").symlink_to(outside)
    (bank / "cnn" / "inner.yaml").symlink_to(bank / "cnn" / "good.yaml")
    told = "this link leaves the bank's folder and isn't followed"
    for path in ("mine/cnn/link.yaml", "mine/gan/x.yaml"):
        assert run(["lint", path]) == 1
        assert capsys.readouterr().out == f"{path}:1:1: {told}\n"
        assert run(["preview", path]) == 2
        assert told in " ".join(capsys.readouterr().err.split())
    assert run(["lint", "mine/cnn/inner.yaml"]) == 0


def test_code_that_never_ends_is_waited_for_once(bank: Path) -> None:
    path = bank / "cnn" / "loop.yaml"
    code = "def f(X):\n        while True:\n          X = X + {{n}}\n"
    path.write_text(
        "title: T\nquestion: Q\nparameters: {n: 1..100}\nparts:\n  z:\n    kind: code\n"
        f"    inputs: {{X: {{floats: [m]}}}}\n    answer: |\n      {code}"
    )
    start = monotonic()
    (finding,) = check_file(Target("cnn/loop", str(path)), 40)
    assert (finding.line, finding.column, finding.check) == (8, 13, "code_gives_what_it_should")
    assert finding.message.startswith("this runs too long")
    assert monotonic() - start < 60


def test_json_is_the_contracts(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--json", "mine/nlp"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": "mine/nlp/odd.yaml",
            "line": 2,
            "column": 13,
            "trail": ["define", "d"],
            "message": "'d' is never used",
            "severity": "warning",
            "check": "names_are_used",
        }
    ]
    assert run(["lint", "--json", "mine/cnn/good.yaml"]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_scores_dont_change_the_exit_code(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = bank / "cnn" / "area.yaml"
    path.write_text(completed(AREA), encoding="utf-8")
    assert run(["lint", "--info", str(path)]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("mine/cnn/area.yaml:2:38: info: 0 of ")
    assert told.err == "tutor: 1 problem, 40 seeds each: 0 findings\n"


def test_sarif(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--format", "sarif", "mine"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    assert only["tool"]["driver"]["name"] == "tutor lint"
    told = only["tool"]["driver"]["rules"]
    assert told[1]["shortDescription"] == {"text": "Names are used."}
    rules = [rule["id"] for rule in told]
    assert rules == ["can_be_read", "names_are_used"]
    first, second = only["results"]
    assert (first["ruleId"], first["level"]) == ("can_be_read", "error")
    assert rules[second["ruleIndex"]] == second["ruleId"] == "names_are_used"
    assert second["level"] == "warning"
    place = second["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "mine/nlp/odd.yaml"},
        "region": {"startLine": 2, "startColumn": 13},
    }
    assert place["logicalLocations"] == [{"fullyQualifiedName": "define/d"}]


def test_a_file_elsewhere_has_a_whole_uri(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    odd = (bank / "nlp" / "odd.yaml").absolute()
    assert run(["lint", "--format", "sarif", str(odd)]) == 1
    (only,) = json.loads(capsys.readouterr().out)["runs"]
    place = only["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"].startswith("file:///") and place["uri"].endswith("/nlp/odd.yaml")


def test_annotations_escape_what_would_end_them(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bank / "cnn" / "share.yaml"
    path.write_text("title: T\nquestion: Q\nparts: {a: {kind: number, answer: 5%% x}}\n")
    assert run(["lint", "--format", "github", "mine"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"::error file=mine/cnn/bad.yaml,line=2,col=1,title=the file::{UNKNOWN[23:]}"
    assert lines[1].startswith("::error file=mine/cnn/share.yaml,line=3,col=")
    assert "%25" in lines[1]


def test_what_a_file_says_is_no_control_character(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bank / "cnn" / "bad.yaml").write_text('title: "\\e[31m"\n"\\e[2J": x\n')
    run(["lint", "mine/cnn/bad.yaml"])
    assert "\x1b" not in capsys.readouterr().out


def test_checking_starts_no_part_of_the_terminal() -> None:
    code = (
        "import sys, tutor.linting.files, tutor.commands.lint\n"
        "print([name for name in ('rich', 'sqlite3', 'typer') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
