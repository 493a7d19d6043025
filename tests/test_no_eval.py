"""No text is ever run as code: not a student's, not an author's, not a file's.

``eval`` runs what it reads, and so do SymPy's ``sympify`` and ``parse_expr``, pickles, YAML's full
loader and a shell. The rules read syntax trees, so a comment or a docstring may name them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    path for package in ("engine", "tutor") for path in (CHECKOUT / package).rglob("*.py")
)

# The one place where code is run: in a process of its own, behind the layers of the sandbox.
WORKER = CHECKOUT / "tutor" / "sandbox" / "worker.py"

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
    found = [f"{path.relative_to(CHECKOUT)}:{line} {what}" for line, what in findings(tree)]
    if path == WORKER:
        assert {what.split()[1] for what in found} == {"eval", "exec", "compile"}
    else:
        assert found == []


def test_nothing_but_workers_imports_what_runs_code() -> None:
    """Its constants are known to the module that starts workers; nobody calls its functions."""
    named = {
        path.relative_to(CHECKOUT).as_posix(): {alias.name for alias in node.names}
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "tutor.sandbox.worker"
    }
    assert named == {"tutor/sandbox/pool.py": {"KILL", "READY", "START"}}


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


# -- and so it behaves -----------------------------------------------------------------------

PART_KINDS = ("number", "integer", "shape", "choice", "choices", "array", "symbolic")
TYPED = [
    "__import__('os').system('x')", "().__class__", "exec('1')", "x.__class__", "lambda: 0",
    "2x + 1", "sin(x)^2", "sqrt(x y)", "[[1, 2], [3, 4]]", "np.array([1, 2])", "6x6", "(1, m)",
    "1/3", "5%", "|x|", "if(x > 0, 1, 0)", "x!", "error", "a", "E", "I", "S", "zoo",
    "\\frac{1}{2}x", "sum(x)", "diff(x^2, x)", "10^400", "eval(x)",
]  # fmt: skip


def _never(*given: Any, **options: Any) -> NoReturn:
    raise AssertionError(f"text is run as code: {given!r}")


@pytest.fixture
def no_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that runs text is out of order; what is needed was imported before."""
    import builtins
    from importlib import import_module

    import sympy
    from sympy.parsing import sympy_parser

    from engine import comparison, grading, preload

    preload.load_libraries()
    # One round with the built-ins as they are: imports, and the classes that Python itself
    # writes with exec, are done by then.
    grade_and_compare(grading, comparison)

    sympify_module = import_module("sympy.core.sympify")
    real = sympify_module.sympify

    def without_text(value: Any, *given: Any, **options: Any) -> Any:
        return _never(value) if isinstance(value, str) else real(value, *given, **options)

    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, _never)
    for module in (sympy, sympify_module):
        monkeypatch.setattr(module, "sympify", without_text)
    for name in ("parse_expr", "eval_expr", "stringify_expr"):
        monkeypatch.setattr(sympy_parser, name, _never)
    monkeypatch.setattr(sympy, "parse_expr", _never)


def grade_and_compare(grading: Any, comparison: Any) -> list[str]:
    """The verdicts on a spread of answers, by every kind of part and by themselves."""
    from fractions import Fraction

    from engine.problem import Option, Part, Problem
    from engine.variant import make_variant

    def part(kind: str) -> Part:
        keys = {
            "shape": "(6, 6)", "choice": "", "choices": "", "array": "[1, 2]",
            "symbolic": "diff(sin(x) x^2 abs(y), x)",
        }  # fmt: skip
        options = (Option("a", "yes", "1 = 1"), Option("b", "no", "1 = 2"))
        chosen = options if kind.startswith("choice") else ()
        return Part(f"part-{kind}", kind, keys.get(kind, "2"), options=chosen)

    parts = tuple(map(part, PART_KINDS))
    problem = Problem("t/p", "T", "", Fraction(7), parts, symbols="x, y")
    found = []
    for seed, typed in enumerate(TYPED):
        variant = make_variant(problem, seed)
        found.append(grading.grade(variant, {p.id: typed for p in parts}).verdict)
        found.append(comparison.compare("2 x + sqrt(x)", "x, y, m", typed).verdict)
    return found


@pytest.mark.usefixtures("no_evaluation")
def test_nothing_typed_is_evaluated() -> None:
    from engine import comparison, grading

    found = grade_and_compare(grading, comparison)
    assert {"invalid", "incorrect"} <= set(found)
    key = "2 x sin(x) abs(y) + x^2 cos(x) abs(y)"
    assert comparison.compare(key, "x, y", key.replace("abs(y)", "|y|")).verdict == "correct"


@pytest.mark.usefixtures("no_evaluation")
def test_the_guard_itself_works() -> None:
    with pytest.raises(AssertionError, match="run as code"):
        eval("1 + 1")
    import sympy

    with pytest.raises(AssertionError, match="run as code"):
        sympy.sympify("x + 1")
    assert sympy.sympify(1) == 1
