"""What may import what. The table in the design is kept true here.

Every rule reads the syntax tree of every module, so an import inside a function counts too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
ENGINE = sorted((CHECKOUT / "engine").rglob("*.py"))
TUTOR = sorted((CHECKOUT / "tutor").rglob("*.py"))

# Files, the clock, chance, other programs, the outside: the engine has none of them.
NOT_FOR_THE_ENGINE = {
    "asyncio",
    "calendar",
    "configparser",
    "csv",
    "ctypes",
    "datetime",
    "fileinput",
    "getpass",
    "glob",
    "http",
    "io",
    "locale",
    "logging",
    "mmap",
    "os",
    "pathlib",
    "random",
    "secrets",
    "select",
    "shelve",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "time",
    "urllib",
    "uuid",
    "zipfile",
}
ENGINE_MAY_IMPORT = (sys.stdlib_module_names - NOT_FOR_THE_ENGINE) | {
    "engine",
    "numpy",
    "sympy",
    "mpmath",
    "flint",
}
ENGINE_MUST_NOT_CALL = {"print", "open", "input", "breakpoint"}

# NumPy's global state and its files.
NUMPY_MUST_NOT_USE = {
    "fromfile",
    "genfromtxt",
    "load",
    "loadtxt",
    "memmap",
    "random",
    "save",
    "savetxt",
    "savez",
    "savez_compressed",
    "set_printoptions",
    "setbufsize",
    "seterr",
    "seterrcall",
}

# Each package has one owner in tutor/ (patterns of paths below tutor/, where * crosses folders):
# a new package gets its line here.
OWNERS: dict[str, tuple[str, ...]] = {
    "distributed": ("batch/cluster.py",),
    "fsrs": ("schedule.py",),
    "platformdirs": ("paths.py",),
    "prompt_toolkit": ("editor/*.py",),
    "pygments": ("editor/*.py",),
    "rich": ("render*.py",),
    "sqlite3": ("store/*.py",),
    "typer": ("cli*.py", "commands/*.py"),
    "yaml": ("bank.py", "bank/*.py"),
}
# What the engine computes with; the program around it may hand such values on.
TUTOR_MAY_IMPORT = {"engine", "tutor", "numpy", "sympy"}

# Imported where first needed: the first question is on the screen before them.
HEAVY = ("numpy", "sympy", "mpmath", "flint", "yaml", "prompt_toolkit")


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of each absolute import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""


def engine_findings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for line, name in imports(tree):
        if name.partition(".")[0] not in ENGINE_MAY_IMPORT or name.startswith("numpy.random"):
            yield line, f"imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ENGINE_MUST_NOT_CALL:
                yield node.lineno, f"calls {node.func.id}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("np", "numpy") and node.attr in NUMPY_MUST_NOT_USE:
                yield node.lineno, f"uses {node.value.id}.{node.attr}"
            if node.value.id == "sys" and node.attr in ("stdin", "stdout", "stderr"):
                yield node.lineno, f"uses sys.{node.attr}"


def tutor_findings(tree: ast.AST, module: Path) -> Iterator[tuple[int, str]]:
    """``module`` is the path below tutor/."""
    for line, name in imports(tree):
        top = name.partition(".")[0]
        if top in OWNERS:
            if not any(fnmatch(module.as_posix(), owner) for owner in OWNERS[top]):
                yield line, f"imports {name}, which belongs in {' or '.join(OWNERS[top])}"
        elif top not in TUTOR_MAY_IMPORT and top not in sys.stdlib_module_names:
            yield line, f"imports {name}, which has no owner in tests/test_layers.py"


def place(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=place(path))


@pytest.mark.parametrize("path", ENGINE, ids=place)
def test_the_engine_runs_without_a_terminal_a_disk_or_a_clock(path: Path) -> None:
    findings = [f"{place(path)}:{line} {what}" for line, what in engine_findings(parse(path))]
    assert findings == []


@pytest.mark.parametrize("path", TUTOR, ids=place)
def test_each_package_is_imported_by_its_owner_only(path: Path) -> None:
    module = path.relative_to(CHECKOUT / "tutor")
    findings = [
        f"{place(path)}:{line} {what}" for line, what in tutor_findings(parse(path), module)
    ]
    assert findings == []


def test_the_bank_is_data_only() -> None:
    """One README tells authors how, one schema tells their editors; all else is problems."""
    bank = CHECKOUT / "problems"
    strangers = [
        place(path)
        for path in bank.rglob("*")
        if path.is_file()
        and path.suffix != ".yaml"
        and path not in (bank / "README.md", bank / "schema.json")
    ]
    assert strangers == []


def test_starting_the_program_imports_nothing_heavy() -> None:
    assert (CHECKOUT / "tutor" / "cli.py").exists(), "the program starts in tutor/cli.py"
    code = f"import sys, tutor.cli; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]", (
        "imported at start, see `python -X importtime -c 'import tutor.cli'`"
    )


def test_help_needs_none_of_the_answer_language() -> None:
    code = (
        "import sys\n"
        "from tutor.cli import run\n"
        "import tutor.console\n"
        "run(['--help'])\n"
        "print([n for n in sys.modules if n.startswith(('engine.language', 'rich', 'sqlite3'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


# The rules themselves


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("import numpy as np", None),
        ("from fractions import Fraction", None),
        ("from engine.language.tree import Node", None),
        ("import flint", None),
        ("x.open()", None),
        ("with np.errstate(all='ignore'): pass", None),
        ("import tutor.store", "imports tutor.store"),
        ("import rich", "imports rich"),
        ("from os import path", "imports os"),
        ("import os.path", "imports os.path"),
        ("def f():\n    import time", "imports time"),
        ("print(1)", "calls print"),
        ("open('x')", "calls open"),
        ("np.random.seed(0)", "uses np.random"),
        ("from numpy.random import default_rng", "imports numpy.random"),
        ("np.seterr(all='ignore')", "uses np.seterr"),
        ("sys.stderr.write('x')", "uses sys.stderr"),
    ],
)
def test_the_rules_of_the_engine(source: str, finding: str | None) -> None:
    assert [what for _, what in engine_findings(ast.parse(source))] == ([finding] * bool(finding))


@pytest.mark.parametrize(
    ("module", "source", "allowed"),
    [
        ("cli.py", "import typer", True),
        ("cli_check.py", "import typer", True),
        ("commands/quiz.py", "from typer import Exit", True),
        ("quiz.py", "import typer", False),
        ("quiz/cli.py", "import typer", False),
        ("render.py", "from rich.console import Console", True),
        ("render_text.py", "import rich", True),
        ("render/screen.py", "import rich", True),
        ("cli.py", "import rich", False),
        ("store/store.py", "import sqlite3", True),
        ("other.py", "import sqlite3", False),
        ("bank/read.py", "import yaml", True),
        ("lint.py", "def f():\n    import yaml", False),
        ("grade.py", "import json, numpy, engine.grade, tutor.store", True),
        ("grade.py", "import requests", False),
        ("grade.py", "import tests.helpers", False),
    ],
)
def test_the_rules_of_the_program(module: str, source: str, allowed: bool) -> None:
    assert (list(tutor_findings(ast.parse(source), Path(module))) == []) is allowed
