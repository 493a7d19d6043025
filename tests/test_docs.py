"""The pages keep what they promise: commands run, outputs are today's, links lead somewhere."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from bank_checks import failures, variants_of
from generated import (
    AUTHORS,
    CHECKOUT,
    PAGES,
    Block,
    blocks,
    commands,
    environment,
    file_of,
    key_table,
    with_keys,
    with_outputs,
)

from engine.problem import Problem
from tutor.bank import parts
from tutor.bank.reader import read_problem
from tutor.sandbox.runner import Sandbox

LANGUAGES = {"console", "sh", "yaml", "python"}
LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# Built from pieces, so that this file may be looked through too.
MACHINE_PATH = re.compile("/(?:ho" + "me|ro" + "ot|wo" + "rk|Us" + r"ers)/[a-z]", re.IGNORECASE)
REGISTRY = re.compile("py" + r"pi\.org|python" + "hosted|index" + "-url", re.IGNORECASE)
CACHES = {"__pycache__", ".git", ".venv", "build", "dist", ".hypothesis"}
COMPLETION = {
    "title": "title: A fragment",
    "question": "question: What is it?",
    "parts": "parts: {whole: {kind: number, answer: 1}}",
}


def named(page: Path) -> str:
    return page.relative_to(CHECKOUT).as_posix()


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def all_blocks(language: str) -> list[tuple[Path, Block]]:
    return [(p, b) for p in PAGES for b in blocks(text(p)) if b.language == language]


def place(item: object) -> str:
    if isinstance(item, Path):
        return named(item)
    return f"line-{item.line}" if isinstance(item, Block) else str(item)


# -- what is shown is what happens -----------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_consoles_print_what_the_page_shows(page: Path) -> None:
    assert text(page) == with_outputs(page), "`make screens` writes what is printed today"


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_every_block_is_of_a_kind_that_is_tested(page: Path) -> None:
    assert {block.language for block in blocks(text(page))} <= LANGUAGES
    assert text(page).count("```") == 2 * len(list(blocks(text(page))))


@pytest.mark.parametrize(("page", "block"), all_blocks("sh"), ids=place)
def test_commands_in_scripts_run(page: Path, block: Block, tmp_path: Path) -> None:
    for command in commands(block):
        words = command.split()
        if words[0] in ("pip", "pipx"):
            assert words[1:] == ["install", "."]
        elif words[0] == "make":
            _dry(["make", "--dry-run", "--always-make", *words[1:2]])
        elif words[0] == "dask" or "--scheduler" in words:
            continue  # tests/test_cluster.py runs these
        elif "pytest" in command:
            # Of one file with tests of each sort: gathering all takes as long as running many.
            some = "tests/test_problems.py"
            _dry([sys.executable, "-m", "pytest", "--collect-only", *words[3:], some])
        else:
            _run(command, tmp_path)


def _dry(command: list[str]) -> None:
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def _run(command: str, home: Path) -> None:
    """The command with nobody at the keyboard, which ends a quiz in good order."""
    run = subprocess.run(
        ["bash", "-c", command],
        cwd=CHECKOUT,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{command}: {run.stderr}"
    assert run.stderr == ""


@pytest.mark.parametrize(("page", "block"), all_blocks("python"), ids=place)
def test_python_examples_hold(page: Path, block: Block) -> None:
    example = doctest.DocTestParser().get_doctest(block.text, {}, named(page), None, block.line)
    report: list[str] = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)


# -- problem files ---------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "block"), all_blocks("yaml"), ids=place)
def test_problems_and_fragments_can_be_drawn(page: Path, block: Block, run: Sandbox) -> None:
    if "anwser" in block.text:
        return  # the page shows its findings
    if file_of(block).endswith("/bank.yaml"):
        return  # tests/test_authoring.py reads it
    whole = block.text if file_of(block) else completed(block.text)
    problem = read_problem(whole.encode(), "docs/example", named(page))
    assert isinstance(problem, Problem), [str(finding) for finding in problem]
    variants = variants_of(problem, range(30))
    assert failures(variants, run) == []
    assert len({str(variant.values) for variant in variants if variant.seed is not None}) > 5


def completed(fragment: str) -> str:
    """A problem that has these keys and what else a problem needs."""
    lines = [line for key, line in COMPLETION.items() if f"{key}:" not in top_keys(fragment)]
    return "\n".join([fragment.rstrip(), *lines, ""])


def top_keys(fragment: str) -> set[str]:
    return {line.split(" ")[0] for line in fragment.splitlines() if line[:1].isalpha()}


def test_the_table_of_keys_is_what_the_reader_knows() -> None:
    assert key_table() in text(AUTHORS), "`make screens` writes it anew"
    assert text(AUTHORS) == with_keys(text(AUTHORS))


def test_every_kind_of_part_has_its_row() -> None:
    for kind in parts.KINDS:
        assert f"\n| `{kind}` |" in text(AUTHORS)


# -- the engine's page -----------------------------------------------------------------------


def test_every_module_of_the_engine_is_on_its_page() -> None:
    """The reference functions have a table of their own, in the package."""
    page = text(CHECKOUT / "engine" / "README.md")
    modules = (p.relative_to(CHECKOUT / "engine") for p in (CHECKOUT / "engine").rglob("*.py"))
    wanted = {
        f"`{module.stem}`" if module.stem != "__init__" else f"`{module.parent}/`"
        for module in modules
        if module.parts[0] != "reference" and module.as_posix() != "__init__.py"
    }
    assert [name for name in sorted(wanted) if name not in page] == []


def test_the_files_that_recipes_name_exist() -> None:
    for page in PAGES[1:]:
        for name in re.findall(r"`((?:\.\./)?[\w/]+\.(?:py|md))`", text(page)):
            places = (page.parent / name, CHECKOUT / name)
            assert any(path.exists() for path in places), f"{named(page)}: {name}"


def test_the_public_face_is_whole() -> None:
    import engine

    assert sorted(engine._MODULES) == engine.__all__ == sorted(engine.__all__)
    for name in engine.__all__:
        assert getattr(engine, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        engine.nothing  # noqa: B018
    source = text(CHECKOUT / "engine" / "__init__.py")
    typed = re.findall(r"^    from ([\w.]+) import (.+)$", source, re.MULTILINE)
    declared = {name: module for module, names in typed for name in names.split(", ")}
    declared.pop("import_module")
    assert declared == engine._MODULES


def test_importing_the_engine_imports_next_to_nothing() -> None:
    code = "import sys; known = set(sys.modules); import engine; print(set(sys.modules) - known)"
    run = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True)
    assert run.stdout.strip() == "{'engine'}"


# -- commands and their help -----------------------------------------------------------------


@cache
def help_of(*command: str) -> str:
    code = "from tutor.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *command, "--help"],
        cwd=CHECKOUT,
        env=environment(CHECKOUT),
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def known_commands() -> list[str]:
    listed = help_of().partition("Commands:")[2]
    return re.findall(r"^  ([\w-]+) ", listed, re.MULTILINE)


def calls() -> Iterator[tuple[str, list[str]]]:
    """Every call of the program on the pages: its command and its words."""
    for page in PAGES:
        inline = re.findall(r"`(tutor [^`]+)`", text(page))
        scripts = [b for b in blocks(text(page)) if b.language in ("sh", "console")]
        for call in (*inline, *(command for block in scripts for command in commands(block))):
            if call.startswith("tutor "):
                yield call.split()[1], call.split()[2:]


def test_every_call_on_the_pages_is_in_the_help() -> None:
    for command, words in calls():
        assert command in known_commands(), command
        for word in words:
            if re.fullmatch(r"-{1,2}[a-z]+", word):
                assert re.search(rf"^ +{word}\b", help_of(command), re.MULTILINE), (command, word)


def test_every_command_is_on_the_first_page_and_says_what_it_does() -> None:
    for command in known_commands():
        assert f"tutor {command}" in text(PAGES[0]) or command in text(AUTHORS), command
        assert len(help_of(command).splitlines()[2].strip()) > 20


# -- links and places ------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*PAGES, CHECKOUT / "CHANGELOG.md"], ids=place)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(text(page)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path) if path else page
        assert aim.exists(), f"{named(page)}: {target}"
        assert not anchor or anchor in anchors(aim), f"{named(page)}: {target}"


def anchors(page: Path) -> set[str]:
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(text(page))
    }


def files() -> Iterator[Path]:
    for path in CHECKOUT.rglob("*"):
        inside = path.relative_to(CHECKOUT).parts
        if path.is_file() and not any(p in CACHES or p.endswith("_cache") for p in inside):
            yield path


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in files():
        try:
            content = text(path)
        except UnicodeDecodeError:
            continue
        for pattern in (MACHINE_PATH, REGISTRY):
            found += [f"{named(path)}: {hit[0]}" for hit in pattern.finditer(content)]
    assert found == []
