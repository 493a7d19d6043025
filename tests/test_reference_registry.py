"""The table of reference functions: complete, lazy, and closed."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import engine.reference
from engine.language.functions import AUTHOR_FUNCTIONS, spellings
from engine.reference import FUNCTIONS, load, needs_arrays

FOLDER = Path(engine.reference.__file__).parent
HELPERS = {"__init__", "arrays", "checks", "exact"}
BUILT_IN = {"mean", "relu", "sigmoid"}  # the answer language has them
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in HELPERS)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_is_listed_once(module: str) -> None:
    name = f"engine.reference.{module}"
    public = {
        function
        for function, value in vars(import_module(name)).items()
        if inspect.isfunction(value) and value.__module__ == name and function[0] != "_"
    }
    listed = {f for f, target in FUNCTIONS.items() if target == f"{name}:{f}"}
    assert public - BUILT_IN == listed


def test_no_name_has_a_second_meaning_in_the_answer_language() -> None:
    built_in = spellings(AUTHOR_FUNCTIONS)
    assert not built_in.keys() & FUNCTIONS.keys()
    assert built_in.keys() >= BUILT_IN


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_each_function_is_loaded_and_documented(name: str) -> None:
    function = load(name)
    assert function is load(name)
    assert function.__name__ == name
    assert function.__doc__
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not p.empty for p in signature.parameters.values())


def fresh(code: str) -> str:
    """What a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = ("numpy", "sympy", "fractions", "decimal", "dataclasses", "inspect", "typing")
    code = f"import sys, engine.reference; print([m for m in {heavy} if m in sys.modules])"
    assert fresh(code) == "[]"


def test_needs_arrays_tells_which_functions_import_numpy() -> None:
    code = (
        "import sys\n"
        "from engine.reference import FUNCTIONS, load, needs_arrays\n"
        "pure = [n for n in FUNCTIONS if not needs_arrays(n)]\n"
        "for name in pure: load(name)\n"
        "print('numpy' in sys.modules)\n"
    )
    assert fresh(code) == "False"
    for name in FUNCTIONS:
        module = import_module(FUNCTIONS[name].split(":")[0])
        assert needs_arrays(name) == hasattr(module, "np")


@pytest.mark.parametrize("name", ["", "os", "os:system", "engine.reference.shapes:size", "Size"])
def test_a_name_outside_the_table_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        load(name)
    with pytest.raises(KeyError):
        needs_arrays(name)
