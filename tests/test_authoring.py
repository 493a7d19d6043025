"""``tutor new``, ``schema``, ``preview`` and ``functions``; banks of one's own, packed ones too."""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from generated import AUTHORS, SCHEMA, blocks, file_of
from jsonschema import Draft202012Validator
from program import Terminal, tutor

from engine.reference import FUNCTIONS
from engine.variant import make_variant
from tutor.authoring.functions import describe, describe_all
from tutor.authoring.starter import schema_text
from tutor.bank.about import About, read_about
from tutor.bank.bank import Bank, bank_folders
from tutor.bank.findings import Findings
from tutor.bank.installed import installed_banks
from tutor.bank.nodes import ListNode, MapNode, Node, Scalar, read_nodes
from tutor.bank.reader import read_problem
from tutor.bank.schema import bank_schema, problem_schema
from tutor.cli import run
from tutor.layout import cells

BANK = Bank(bank_folders())
SIDE = "cnn/conv-output"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TUTOR_BANK", raising=False)
    return tmp_path


# -- the schema ----------------------------------------------------------------------------


def plain(node: Node) -> Any:
    """A node as an editor reads it: by the core schema of YAML 1.2."""
    if isinstance(node, MapNode):
        return {name: plain(value) for name, (_, value) in node.entries.items()}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    if node.quoted:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    if re.fullmatch(r"[-+]?[0-9]+", node.text):
        return int(node.text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", node.text):
        return float(node.text)
    return node.text or None


def complaints(text: str, schema: dict[str, Any]) -> list[str]:
    root, found = read_nodes(text.encode(), "")
    assert root is not None
    assert not found
    errors = Draft202012Validator(schema).iter_errors(plain(root))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def test_the_schemas_are_schemas() -> None:
    for schema in (problem_schema(), bank_schema()):
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$schema"]


@pytest.mark.parametrize("id", BANK.ids())
def test_the_bank_is_valid(id: str) -> None:
    text = Path(BANK.path(id)).read_text(encoding="utf-8")
    assert complaints(text, problem_schema()) == []


def test_a_file_that_uses_every_key_is_valid() -> None:
    text = (Path(__file__).parent / "banks" / "whole.yaml").read_text(encoding="utf-8")
    assert complaints(text, problem_schema()) == []


@pytest.mark.parametrize(
    "text",
    [
        "title: T\nquestion: Q\n",
        "title: T\nquestion: Q\nparts: {}\n",
        "title: T\nquestion: Q\nparts: {a: {kind: numbr, answer: 1}}\n",
        "title: T\nquestion: Q\nparts: {a: {kind: number, anwser: 1}}\n",
        "title: T\nquestion: Q\nparts: {A b: {kind: number, answer: 1}}\n",
        "title: T\nquestion: Q\nparameters: {n: 5}\nparts: {a: {kind: number, answer: 1}}\n",
        "title: T\nquestion: Q\npoints: 0\nparts: {a: {kind: number, answer: 1}}\n",
        "title: [T]\nquestion: Q\nparts: {a: {kind: number, answer: 1}}\n",
        "title: T\nquestion: Q\nhint: x\nparts: {a: {kind: number, answer: 1}}\n",
        "title: T\nquestion: Q\nparts: {a: {kind: choice, options: {x: X}}}\n",
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(text: str) -> None:
    assert complaints(text, problem_schema()) != []
    assert isinstance(read_problem(text.encode(), "a/b", "f"), Findings)


def keys_in(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for value in schema.values():
            yield from keys_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys_in(value)


def test_every_key_has_a_description() -> None:
    keys = [*keys_in(problem_schema()), *keys_in(bank_schema())]
    assert len(keys) > 60
    assert [name for name, schema in keys if len(schema.get("description", "")) < 10] == []


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == problem_schema()
    assert run(["schema", "--of-bank"]) == 0
    assert json.loads(capsys.readouterr().out) == bank_schema()


def test_the_one_in_the_bank_is_todays() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "`make screens` writes it anew"


# -- new -----------------------------------------------------------------------------------


def test_the_starter_passes_lint(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "cnn/my-problem", "--bank", "mine"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "mine/cnn/my-problem.yaml"
    for line in told[1:]:
        assert run(line.replace(" --watch", "").split()[1:]) == 0
    capsys.readouterr()
    assert run(["lint", "--json", "mine"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    text = (place / "mine/cnn/my-problem.yaml").read_text(encoding="utf-8")
    assert "title: My problem\n" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("id", ["a/b", "nlp/word-vectors", "x9/y-1", "optimizers/warm-up"])
def test_the_starter_passes_lint_by_any_name(id: str, place: Path) -> None:
    assert run(["new", id]) == 0
    assert run(["lint", f"{id}.yaml"]) == 0


def test_the_first_line_leads_an_editor_to_the_schema(place: Path) -> None:
    run(["new", "cnn/my-problem", "--bank", "mine"])
    path = place / "mine/cnn/my-problem.yaml"
    text = path.read_text(encoding="utf-8")
    first, _, _ = text.partition("\n")
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    schema = json.loads((path.parent / found[1]).read_text(encoding="utf-8"))
    assert complaints(text, schema) == []


def test_a_copy_of_another_problem(place: Path) -> None:
    assert run(["new", "cnn/mine", "--bank", "one", "--from", "gradients/l1-cost"]) == 0
    assert run(["new", "cnn/again", "--bank", "one", "--from", "cnn/mine"]) == 0
    first = (place / "one/cnn/mine.yaml").read_text(encoding="utf-8")
    again = (place / "one/cnn/again.yaml").read_text(encoding="utf-8")
    original = Path(BANK.path("gradients/l1-cost")).read_text(encoding="utf-8")
    assert first.endswith(f"# From gradients/l1-cost.\n{original}")
    assert again.count("yaml-language-server") == 1
    assert again.endswith(original)
    assert run(["lint", "--seeds", "12", "one"]) == 0


def test_nothing_is_written_over(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place / "cnn" / "mine.yaml"
    path.parent.mkdir()
    path.write_text("mine\n")
    (place / "schema.json").write_text('{"title": "somebody else\'s"}\n')
    assert run(["new", "cnn/mine"]) == 2
    assert capsys.readouterr().err == "tutor: cnn/mine.yaml exists already\n"
    assert path.read_text() == "mine\n"
    assert run(["new", "cnn/other"]) == 0
    assert (place / "schema.json").read_text() == '{"title": "somebody else\'s"}\n'


def test_an_old_schema_is_written_anew(place: Path) -> None:
    (place / "schema.json").write_text(json.dumps({"title": problem_schema()["title"]}))
    assert run(["new", "cnn/other"]) == 0
    assert (place / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize(
    ("id", "complaint"),
    [
        ("mine", "an id is topic/slug"),
        ("../mine", "an id is topic/slug"),
        ("cnn/../../mine", "an id is topic/slug"),
        ("/cnn/mine", "an id is topic/slug"),
        ("cnn/My", "an id is topic/slug"),
        ("cnn/a/b", "an id is topic/slug"),
        ("cnn/\x1b[1m", r"cnn/\x1b[1m: an id is topic/slug"),
        (SIDE, f"there is a problem {SIDE} already"),
    ],
)
def test_names_that_wont_do(
    id: str, complaint: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", id]) == 2
    assert complaint in capsys.readouterr().err
    assert list(place.iterdir()) == []


def test_nothing_is_written_outside_the_bank(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "outside").mkdir()
    (place / "bank").mkdir()
    (place / "bank" / "cnn").symlink_to(place / "outside")
    assert run(["new", "cnn/mine", "--bank", "bank"]) == 2
    assert "leads out of the bank" in capsys.readouterr().err
    assert list((place / "outside").iterdir()) == []


def test_a_bank_of_ones_own_by_a_variable(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "own").mkdir()
    monkeypatch.setenv("TUTOR_BANK", "own")
    assert run(["new", "cnn/mine"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["own/cnn/mine.yaml", "  tutor preview cnn/mine --watch"]


# -- preview -------------------------------------------------------------------------------


def page(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["preview", *arguments]) == 0
    return capsys.readouterr().out


def test_a_page_has_all_that_students_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(SIDE, capsys=capsys)
    variant = make_variant(BANK.load(SIDE), None)
    slips = variant.slips(variant.parts[0], {})
    assert shown.startswith(f"{SIDE}@original")
    joined = " ".join(shown.split())
    for slip in slips:
        assert slip.id in joined
        assert slip.say.split(".")[0] in joined
    assert "Hint 1 of 3" in shown
    assert "Solution" in shown
    assert "side = 6" in shown
    assert "not with these numbers: side: " in shown


def test_seeds_and_no_solution(capsys: pytest.CaptureFixture[str]) -> None:
    assert page(SIDE, "--seed", "7", capsys=capsys) == page(f"{SIDE}@7", capsys=capsys)
    assert page(SIDE, "--no-solution", capsys=capsys) in page(SIDE, "--solution", capsys=capsys)
    assert "Solution" not in page(SIDE, "--no-solution", capsys=capsys)


@pytest.mark.parametrize("id", BANK.ids())
def test_every_problem_has_a_page(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(id, "--plain", capsys=capsys)
    assert "\x1b" not in shown
    assert max(map(cells, shown.splitlines())) <= 80


def broken(place: Path, old: str, new: str) -> Path:
    path = place / "mine" / "cnn" / "side.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = Path(BANK.path(SIDE)).read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message", "below"),
    [
        ("kind: ", "kimd: ", "unknown key 'kimd'; did you mean kind?", "kimd: integer"),
        ("solution: |\n", "solution: |\n  {{zz}}\n", "'zz': zz isn't known here", "solution: |"),
        ("title: ", "title: [", "this list lacks its ]", "title: ["),
    ],
)
def test_errors_stand_in_their_place(
    old: str, new: str, message: str, below: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = broken(place, old, new)
    assert run(["preview", str(path)]) == 2
    shown = capsys.readouterr().out
    assert re.search(r"^mine/cnn/side\.yaml:\d+:\d+: ", shown, re.MULTILINE)
    assert message in " ".join(shown.split())
    assert below in shown
    assert "╵" in shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["cnn/none"], "there is no problem or topic 'cnn/none'"),
        ([SIDE, "--seed", "-1"], "a seed is a whole number"),
        ([f"{SIDE}@x"], "behind @ stands a whole number"),
    ],
)
def test_what_cant_be_shown(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["preview", *arguments]) == 2
    assert complaint in capsys.readouterr().err


SOON = 0.3
WAITS = "Ctrl-C ends."


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_the_page_follows_the_file(place: Path) -> None:
    path = place / "mine" / "cnn" / "side.yaml"
    path.parent.mkdir(parents=True)
    text = Path(BANK.path(SIDE)).read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")

    def saved(new: str, times: int = 1) -> float:
        time.sleep(0.2)
        # As editors save: a new file that takes the place of the old one.
        other = path.with_suffix(".new")
        other.write_text(new, encoding="utf-8")
        begun = time.perf_counter()
        other.replace(path)
        return begun

    took = []
    with Terminal("preview", str(path), "--watch", home=place, lines=70) as terminal:
        terminal.wait_for(WAITS)
        for number in range(4):
            begun = saved(text.replace("title: ", f"title: Change {number}: ", 1))
            terminal.wait_for(f"Change {number}: ")
            took.append(time.perf_counter() - begun)
            terminal.wait_for(WAITS)
        saved(text.replace("kind: integer", "kind: intger", 1))
        shown = terminal.wait_for("found the text 'intger'")
        assert "Output size of" in shown, "the last whole page is still there"
        assert "mine/cnn/side.yaml:" in shown
        path.unlink()
        terminal.wait_for("the file can't be read")
        saved(text)
        terminal.wait(lambda shown: "can't be read" not in shown and WAITS in shown)
        assert terminal.end_by("c") == 130
        assert "Traceback" not in terminal.shown
    assert min(took) < SOON, took


def test_watching_in_a_pipe_moves_no_cursor(place: Path) -> None:
    path = broken(place, "kind: ", "kind: ")
    program = subprocess.Popen(
        [sys.executable, "-u", "-c", "from tutor.cli import main; main()",
         "preview", str(path), "--watch", "--plain"],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert program.stdout is not None
    told: list[str] = []

    def read_until(text: str) -> None:
        assert program.stdout is not None
        for line in program.stdout:
            told.append(line)
            if text in line:
                return
        raise AssertionError("".join(told))

    read_until(WAITS)
    path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title: New ", 1))
    read_until("New Output size")
    read_until(WAITS)
    program.send_signal(2)
    told.append(program.communicate(timeout=30)[0])
    assert program.returncode == 130
    assert "\x1b" not in "".join(told)


# -- functions -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_each_function_says_what_it_does_and_shows_it(name: str) -> None:
    function = describe(name)
    assert function.signature.startswith(f"{name}(")
    assert function.summary
    assert len(function.source) > 10
    assert function.example.startswith(f"{name}(")
    assert function.value
    assert ">>>" not in function.text and "``" not in function.text


@pytest.mark.parametrize("module", sorted({target.split(":")[0] for target in FUNCTIONS.values()}))
def test_the_examples_hold_in_python_too(module: str) -> None:
    done = doctest.testmod(import_module(module), optionflags=doctest.ELLIPSIS)
    assert done.failed == 0
    assert done.attempted >= len([t for t in FUNCTIONS.values() if t.startswith(f"{module}:")])


def test_functions_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["functions", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == sorted(FUNCTIONS)
    assert run(["functions", "conv_side", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "name": "conv_side",
        "signature": "conv_side(n, f, s=1, p=0)",
        "summary": "The side of a convolution's output: floor((n + 2p − f)/s) + 1.",
        "description": describe("conv_side").text,
        "source": describe("conv_side").source,
        "example": "conv_side(28, 5, 1, 2)",
        "value": "28",
    }
    assert run(["functions"]) == 0
    shown = capsys.readouterr().out
    assert all(function.signature.split("(")[0] in shown for function in describe_all())


def test_a_function_that_isnt_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["functions", "conv_shpe"]) == 2
    assert "did you mean conv_shape?" in capsys.readouterr().err


def test_a_topic_is_no_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", "cnn"]) == 2
    assert "'cnn' is a topic: name one of its problems, such as cnn/" in capsys.readouterr().err


def test_a_page_that_cant_be_drawn_says_why(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "cnn").mkdir(exist_ok=True)
    (place / "cnn" / "never.yaml").write_text(
        "title: T\nquestion: Q {{n}}\nparameters: {n: 2..9}\n"
        "parts: {a: {kind: number, answer: log(-n)}}\n"
    )
    assert run(["preview", str(place / "cnn" / "never.yaml")]) == 2
    told = " ".join((lambda read: read.out + read.err)(capsys.readouterr()).split())
    assert "never.yaml:4:35: this has no value on 2,000 of 2,000 draws" in told


def test_what_is_said_of_each_option(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "cnn").mkdir(exist_ok=True)
    (place / "cnn" / "ticks.yaml").write_text(
        "title: T\nquestion: Q {{n}}\nparameters: {n: 2..9}\nparts:\n"
        "  a: {kind: choices, options: {\n"
        "    p: {text: P, right: true, say: Needed.}, q: {text: Q, right: true},\n"
        "    r: {text: R, right: false, say: Too much.}}}\n"
    )
    shown = page(str(place / "cnn" / "ticks.yaml"), capsys=capsys)
    assert "a › q\n" in shown
    assert "p is missing. Needed." in shown
    assert "a › p, q, r\n" in shown
    assert "r is not right. Too much." in shown


@pytest.mark.parametrize(
    ("word", "among", "not_among"),
    [
        ("conv", "conv_side(", "maxpool("),
        ("Receptive", "receptive_field(", "conv_side("),
        ("batch", "batchnorm_backward(", "conv_side("),
        ("positive predictions", "precision(", "recall("),  # in its summary only
    ],
)
def test_functions_about_a_word(
    word: str, among: str, not_among: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["functions", word]) == 0
    shown = capsys.readouterr().out
    assert among in shown
    assert not_among not in shown


def test_a_misconception_that_hides_is_named_and_not_told_twice(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "cnn").mkdir(exist_ok=True)
    (place / "cnn" / "two.yaml").write_text(
        "title: T\nquestion: Q {{n}}\nparameters: {n: 2..9}\n"
        "parts: {a: {kind: integer, answer: n, misconceptions: {\n"
        "  one: {answer: n + 1, say: First.}, two: {answer: 1 + n, say: Second.}}}}\n"
    )
    shown = page(str(place / "cnn" / "two.yaml"), capsys=capsys)
    assert shown.count("First.") == 1
    assert "Second." not in shown
    assert "not with these numbers: a: two (the same as one)" in shown


# -- banks ---------------------------------------------------------------------------------


def bank_block() -> str:
    page = AUTHORS.read_text(encoding="utf-8")
    return next(block.text for block in blocks(page) if file_of(block) == "mine/bank.yaml")


def test_what_a_bank_says_of_itself(place: Path) -> None:
    assert read_about(str(place), "bank.yaml") == About("")
    (place / "bank.yaml").write_text(bank_block(), encoding="utf-8")
    said = read_about(str(place), "bank.yaml")
    assert said == About("Deep learning, spring term", "CC-BY-4.0", ("Ada Example", "Ben Example"))
    assert complaints(bank_block(), bank_schema()) == []
    (place / "bank.yaml").write_text("name: Mine\nauthors: Me\n")
    assert read_about(str(place), "bank.yaml") == About("Mine", "", ("Me",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("licence: MIT\n", "bank.yaml:1:1: missing key 'name'"),
        ("name: A\nlicense: MIT\n", "bank.yaml:2:1: unknown key 'license'; did you mean licence?"),
        ("name: A\nname: B\n", "bank.yaml:2:1: duplicate key 'name': the first is on line 1"),
        ("name: [A]\n", "bank.yaml:1:7: expected text, found a list: put quotes around text "),
        ("name: &a A\n", "bank.yaml:1:7: anchors aren't allowed"),
        ("", "bank.yaml:1:1: the file is empty"),
    ],
)
def test_bank_yaml_is_read_strictly(
    text: str, told: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "bank.yaml").write_text(text)
    assert run(["lint", "."]) == 1
    assert capsys.readouterr().out.startswith(told)


def test_bank_yaml_may_be_no_link_or_folder(place: Path) -> None:
    (place / "bank.yaml").mkdir()
    assert isinstance(read_about(str(place), "bank.yaml"), Findings)


def test_listing_says_whose_problem_it_is_and_what_it_hides(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("one", "two"):
        (place / folder / "own").mkdir(parents=True)
        shutil.copy(BANK.path(SIDE), place / folder / "own" / "side.yaml")
    (place / "one" / "bank.yaml").write_text("name: The first\n")
    assert run(["list", "own", "--bank", "one", "--bank", "two", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["bank"] == "The first"
    assert row["hides"] == ["two/own/side.yaml"]
    assert run(["list", "own", "--bank", "one", "--bank", "two"]) == 0
    assert "'own/side' is hidden by one/own/side.yaml" in capsys.readouterr().err


def packed(folder: Path) -> Path:
    """A wheel with a bank in a package whose code must not run."""
    wheel = folder / "spring_term-1.0-py3-none-any.whl"
    info = "spring_term-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("spring_term/__init__.py", "raise SystemExit('this ran')\n")
        archive.writestr("spring_term/problems/bank.yaml", "name: Spring\n")
        archive.write(BANK.path(SIDE), "spring_term/problems/spring/side.yaml")
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: spring-term\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(
            f"{info}/entry_points.txt",
            "[console_scripts]\nother = other:main\n\n"
            "[exam_tutor.banks]\nspring = spring_term.problems\nnone = spring_term.nothing\n"
            "gone = not_installed.at_all\nodd = ../../etc\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def test_a_bank_in_a_package(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = place / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command = [*pip, "--no-index", "--no-deps", "--target", str(site), str(packed(place))]
    subprocess.run(command, check=True, capture_output=True)
    done = tutor("list", "spring", "--json", home=place, PYTHONPATH=str(site))
    assert done.stderr == b""
    (row,) = json.loads(done.stdout)
    assert (row["id"], row["bank"]) == ("spring/side", "Spring")
    shown = tutor("check", "spring/side@original", "6", home=place, PYTHONPATH=str(site))
    assert shown.returncode == 0
    monkeypatch.syspath_prepend(str(site))
    assert installed_banks([str(site)]) == [str(site / "spring_term" / "problems")]
    assert "spring_term" not in sys.modules


def test_no_package_no_bank(place: Path) -> None:
    (place / "x-1.0.dist-info").mkdir()
    (place / "y-1.0.dist-info").mkdir()
    (place / "y-1.0.dist-info" / "entry_points.txt").write_bytes(b"\xff[exam_tutor.banks]\n=\n")
    assert installed_banks([str(place), str(place / "none"), "/dev/null"]) == []


FUNCTIONS_OF_A_PACKAGE = '''
"""Functions of a course."""


def seventh(x: int) -> int:
    """A seventh of a number.

    Source: the course.

    >>> seventh(14)
    2
    """
    if x % 7:
        raise KeyError(x)
    return x // 7
'''


def own_functions(folder: Path) -> Path:
    """A folder on the path in which a package has reference functions."""
    site = folder / "site"
    (site / "course").mkdir(parents=True)
    (site / "course" / "__init__.py").write_text("")
    (site / "course" / "functions.py").write_text(FUNCTIONS_OF_A_PACKAGE)
    info = site / "course-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(
        "[exam_tutor.functions]\nseventh = course.functions:seventh\n"
        "gone = course.functions:gone\nconv_side = course.functions:seventh\n"
        "relu = course.functions:seventh\nodd = course/functions\n"
    )
    return site


def test_functions_of_a_package(place: Path) -> None:
    site = own_functions(place)
    bank = place / "own"
    (bank / "t").mkdir(parents=True)
    (bank / "t" / "a.yaml").write_text(
        "title: A seventh\nparameters: {n: [7, 14, 21]}\noriginal: {n: 14}\n"
        "question: What is a seventh of {{n}}?\n"
        "parts:\n  it: {kind: integer, answer: seventh(n)}\n"
    )
    (bank / "t" / "broken.yaml").write_text(
        "title: B\nparameters: {n: 1..3}\nquestion: q\n"
        "parts:\n  it: {kind: integer, answer: seventh(7n)}\n"
        "  no: {kind: integer, answer: gone(n)}\n"
    )
    said = {"home": place, "PYTHONPATH": str(site)}
    done = tutor("check", "--bank", str(bank), "t/a@original", "2", **said)  # type: ignore[arg-type]
    assert done.returncode == 0
    told = done.stderr.decode()
    assert "there is a function conv_side already" in told and "function relu already" in told
    shown = tutor("functions", "seventh", **said)  # type: ignore[arg-type]
    text = shown.stdout.decode()
    assert text == "seventh(x)\nA seventh of a number.\nseventh(14) = 2\nSource: the course.\n"
    for name in ("gone", "one"):  # one that its package lacks spoils no list
        listed = tutor("functions", name, **said)  # type: ignore[arg-type]
        assert listed.returncode == 0
    everything = tutor("functions", **said)  # type: ignore[arg-type]
    assert everything.returncode == 0
    assert "course.functions:gone can't be imported" in " ".join(everything.stdout.decode().split())
    lint = tutor("lint", str(bank / "t" / "broken.yaml"), **said)  # type: ignore[arg-type]
    assert lint.returncode == 1 and "Traceback" not in lint.stderr.decode()
    assert "broken.yaml:6:31: " in lint.stdout.decode()
    assert "course.functions:gone can't be imported" in lint.stdout.decode()
    without = tutor("check", "--bank", str(bank), "t/a@original", "2", home=place)
    assert without.returncode == 2 and b"seventh isn't known here" in without.stderr
