"""No text is ever run as code: not a student's, not an author's, not a file's.

``eval`` runs what it reads, and so do SymPy's ``sympify`` and ``parse_expr``, pickles, YAML's full
loader and a shell. The rules read syntax trees, so a comment or a docstring may name them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    path for package in ("engine", "tutor") for path in (CHECKOUT / package).rglob("*.py")
)

# Not even to be named: `run = eval` is as bad as calling it.
BUILTINS = {"eval", "exec", "compile", "__import__"}
# Wherever they come from: `sympy.sympify`, `from sympy import sympify as s`.
ANYWHERE = {
    "sympify",
    "_sympify",
    "parse_expr",
    "eval_expr",
    "parse_latex",
    "parse_mathematica",
    "parse_maxima",
    "unsafe_load",
    "unsafe_load_all",
    "full_load",
    "full_load_all",
}
MODULES_FORBIDDEN = {"pickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve", "code"}
# A name in a module that is harmless elsewhere (`re.compile`, `json.load`).
OF_A_MODULE = {
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "compile"),
    ("yaml", "load"),
    ("yaml", "load_all"),
    ("yaml", "Loader"),
    ("yaml", "CLoader"),
    ("yaml", "FullLoader"),
    ("yaml", "UnsafeLoader"),
    ("os", "system"),
    ("os", "popen"),
    ("subprocess", "getoutput"),
    ("subprocess", "getstatusoutput"),
}


def findings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield a line and what stands there, for all that could run text as code."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in BUILTINS | ANYWHERE:
                yield node.lineno, name
            case ast.Attribute(value=ast.Name(id=module), attr=name) if (
                module,
                name,
            ) in OF_A_MODULE:
                yield node.lineno, f"{module}.{name}"
            case ast.Attribute(attr=name) if name in ANYWHERE | {"__import__"}:
                yield node.lineno, name
            case ast.Call(func=ast.Name(id="S") | ast.Attribute(attr="S")):
                yield node.lineno, "S(…)"
            case ast.Call(keywords=keywords) if any(map(_is_shell, keywords)):
                yield node.lineno, "shell=True"
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.partition(".")[0] in MODULES_FORBIDDEN:
                        yield node.lineno, alias.name
            case ast.ImportFrom(module=str(module), names=names):
                if module.partition(".")[0] in MODULES_FORBIDDEN:
                    yield node.lineno, module
                for alias in names:
                    if alias.name in ANYWHERE or (module, alias.name) in OF_A_MODULE:
                        yield node.lineno, alias.name


def _is_shell(keyword: ast.keyword) -> bool:
    """Anything but a plain ``shell=False``, which nobody need write."""
    return keyword.arg == "shell"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_no_text_is_run_as_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [f"{path.relative_to(CHECKOUT)}:{line} {what}" for line, what in findings(tree)] == []


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("eval(text)", "eval"),
        ("exec(text)", "exec"),
        ("run = eval", "eval"),
        ("compile(text, '', 'eval')", "compile"),
        ("builtins.exec(text)", "builtins.exec"),
        ("__import__(name)", "__import__"),
        ("importlib.__import__(name)", "__import__"),
        ("sympify(text)", "sympify"),
        ("sympy.sympify(text)", "sympify"),
        ("sympy.core.sympify.sympify", "sympify"),
        ("from sympy import sympify as s", "sympify"),
        ("from sympy.parsing.sympy_parser import parse_expr", "parse_expr"),
        ("S(text)", "S(…)"),
        ("sympy.S(text)", "S(…)"),
        ("import pickle", "pickle"),
        ("import yaml, pickle as p", "pickle"),
        ("from pickle import loads", "pickle"),
        ("yaml.load(file, Loader=loader)", "yaml.load"),
        ("yaml.unsafe_load(file)", "unsafe_load"),
        ("yaml.full_load(file)", "full_load"),
        ("from yaml import load", "load"),
        ("os.system(text)", "os.system"),
        ("from os import system", "system"),
        ("subprocess.run(text, shell=True)", "shell=True"),
        ("subprocess.run(text, shell=flag)", "shell=True"),
    ],
)
def test_what_runs_text_is_found(source: str, finding: str) -> None:
    assert {what for _, what in findings(ast.parse(source))} == {finding}


@pytest.mark.parametrize(
    "source",
    [
        "re.compile('x')",
        "'eval(text)'",
        "def f():\n    '''Never call eval or sympify.'''",
        "# eval(text)",
        "json.loads(text)",
        "yaml.compose(text, Loader=yaml.CSafeLoader)",
        "yaml.safe_load(text)",
        "sympy.S.One",
        "sympy.Integer(3)",
        "subprocess.run([program, text])",
        "model.eval()",
    ],
)
def test_what_is_harmless_is_left_alone(source: str) -> None:
    assert list(findings(ast.parse(source))) == []
