"""Reading code: its form, and a list of what may stand in it, with the place of what may not.

The list is for friendly messages. What keeps code from doing harm is where it is run.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from textwrap import dedent
from typing import NamedTuple

from engine.coding.runs import EXPRESSION, FUNCTION, STATEMENTS, Program
from engine.language.errors import Unreadable
from engine.language.names import nearest

RESULT = "result"
BUILTINS = frozenset(
    "abs all any bool dict divmod enumerate filter float int isinstance len list map max min pow "
    "print range reversed round set slice sorted str sum tuple zip "
    "ValueError TypeError ZeroDivisionError IndexError AssertionError".split()
)
NUMPY = ("np", "numpy")
_FILES = "files can't be read or written here"
_RANDOM = "random numbers are given as an array here, so that the result can be checked"
_SETTINGS = "NumPy's settings stay as they are here"
OUT_OF_REACH = {
    **dict.fromkeys("load loadtxt genfromtxt fromfile fromregex memmap open_memmap save savetxt "
                    "savez savez_compressed DataSource tofile dump dumps".split(), _FILES),
    "random": _RANDOM,
    **dict.fromkeys("seterr seterrcall setbufsize set_printoptions errstate".split(), _SETTINGS),
    **dict.fromkeys("ctypeslib ctypes f2py testing distutils core rec show_config get_include "
                    "info source lookfor exec_command".split(), "this is out of reach here"),
}  # fmt: skip
_WORDS: tuple[tuple[tuple[type[ast.AST], ...], str], ...] = (
    ((ast.Import, ast.ImportFrom), "nothing but NumPy is here, and it is np already"),
    ((ast.ClassDef,), "no class is needed here: an expression, statements or a def"),
    ((ast.Global, ast.Nonlocal), "a function's values come in as its parameters"),
    ((ast.With, ast.AsyncWith), "with opens things, and there are none here"),
    ((ast.Try, ast.TryStar), "exceptions are told to you, so leave try out"),
    ((ast.AsyncFunctionDef, ast.AsyncFor, ast.Await, ast.Yield, ast.YieldFrom),
     "a result is asked at once: an expression, statements or a def"),
    ((ast.Match,), "write if and elif here"),
)  # fmt: skip
LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_HIDDEN_LOOPS = ("vectorize", "apply_along_axis", "apply_over_axes", "frompyfunc", "fromiter")
MAX_PROBES = 24
_LINE = re.compile(r"\s*(?:line\s*)?(\d{1,3})\s*(?:[:.)]\s*(.*\S))?\s*", re.IGNORECASE)


class Code(NamedTuple):
    """Code that was read: the program for a worker, and its tree."""

    program: Program
    tree: ast.Module

    @property
    def loops(self) -> bool:
        """Whether Python itself goes through the elements."""
        for node in ast.walk(self.tree):
            if isinstance(node, LOOPS):
                return True
            if isinstance(node, ast.Attribute) and node.attr in _HIDDEN_LOOPS:
                return True
        return False


class Line(NamedTuple):
    """A mended line: its number, and what shall stand there ("" where only the line is named)."""

    number: int
    text: str


def read_code(text: str, names: Sequence[str], returns: Sequence[str]) -> Code:
    """Code that gives the results ``returns`` from arrays called ``names``. Raises Unreadable."""
    source = dedent(text.expandtabs(4)).strip()
    places = _Places(text, source)
    tree = _parsed(source, places)
    _check(tree, names, places)
    source = _without_imports(tree, source)
    body = [s for s in tree.body if not isinstance(s, ast.Import)]
    if not body:
        raise Unreadable("write an expression, statements or a def", 0, len(text))
    program = _program(body, source, tuple(names), tuple(returns), places)
    return Code(program._replace(probes=_probes(body)), tree)


def read_line(text: str) -> Line | None:
    """A mended line, ``4: x = y``; None if this is something else."""
    found = _LINE.fullmatch(text)
    return None if found is None else Line(int(found[1]), (found[2] or "").strip())


_ASSIGNS = re.compile(r"\s*([^\W\d]\w*)\s*(?:[-+*/@]|\*\*|//)?=(?!=)")
_OPENS = re.compile(r"\s*(?:def|for|if|while|import|@)\b")
_GOES_ON = (":", ",", "(", "[", "\\", "+", "-", "*", "/", "@", "=")


def goes_on(text: str, returns: Sequence[str]) -> bool:
    """Whether more lines follow what was typed; an empty line ends what has several."""
    line = text.rstrip()
    if "\n" in line or _OPENS.match(line) or line.endswith(_GOES_ON):
        return True
    if any(line.count(one) > line.count(other) for one, other in ("()", "[]", "{}")):
        return True
    assigned = _ASSIGNS.match(line)
    return assigned is not None and assigned[1] not in (*returns, RESULT)


class _Places:
    """From places in the dedented source to offsets in what was typed."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source.split("\n")
        self.typed = text.split("\n")
        first = next((at for at, line in enumerate(self.typed) if line.strip()), 0)
        self.starts = [sum(len(line) + 1 for line in self.typed[:at])
                       for at in range(len(self.typed) + 1)]  # fmt: skip
        self.first = first

    def offset(self, line: int, column: int) -> int:
        """``line`` from 1; ``column`` counts bytes of UTF-8, as Python does."""
        if not 1 <= line <= len(self.source):
            return len(self.text)
        row = self.source[line - 1]
        shown = self.typed[min(line - 1 + self.first, len(self.typed) - 1)]
        lost = len(shown.rstrip()) - len(row.rstrip())
        characters = len(row.encode()[: max(column, 0)].decode(errors="ignore"))
        start = self.starts[min(line - 1 + self.first, len(self.typed) - 1)]
        return min(start + max(lost, 0) + characters, len(self.text))

    def fail(self, node: ast.AST, message: str) -> Unreadable:
        start = self.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        last = getattr(node, "end_lineno", None)
        end = self.offset(last, getattr(node, "end_col_offset", 0)) if last else start + 1
        return Unreadable(message, start, max(end, start + 1))


def _parsed(source: str, places: _Places) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        at = places.offset(error.lineno or 1, len(_before(error).encode()))
        raise Unreadable(_told(error), at, at + 1) from None
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable("this nests too deep to be read", 0, len(places.text)) from None


def _before(error: SyntaxError) -> str:
    """What stands before the place of an error on its line."""
    line = (error.text or "").rstrip("\n")
    return line[: max((error.offset or 1) - 1, 0)]


def _told(error: SyntaxError) -> str:
    message = (error.msg or "this is not Python").split(". ")[0].rstrip("?.")
    if message.startswith("invalid syntax"):
        return "this is not Python from here on"
    return f"this is not Python: {message}"


# -- what may stand in it ----------------------------------------------------------------------


def _check(tree: ast.Module, names: Sequence[str], places: _Places) -> None:
    known = {*names, *NUMPY, *BUILTINS, *_bound(tree)}
    for node in ast.walk(tree):
        _check_node(node, known, names, places)
    for statement in tree.body:
        for node in _outside_functions(statement):
            if isinstance(node, ast.Return):
                raise places.fail(node, "return stands inside a def: write the expression alone")


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_functions(child)


def _check_node(node: ast.AST, known: set[str], names: Sequence[str], places: _Places) -> None:
    if _is_numpy_import(node):
        return
    for kinds, message in _WORDS:
        if isinstance(node, kinds):
            raise places.fail(node, message)
    if isinstance(node, ast.Attribute):
        _check_attribute(node, places)
    elif isinstance(node, ast.Name):
        if node.id.startswith("__"):
            raise places.fail(node, "names that begin with two underscores are out of reach here")
        if isinstance(node.ctx, ast.Load) and node.id not in known:
            raise places.fail(node, _unknown(node.id, known, names))
        if isinstance(node.ctx, ast.Store) and node.id in NUMPY:
            raise places.fail(node, f"{node.id} is NumPy: choose another name")


def _is_numpy_import(node: ast.AST) -> bool:
    """``import numpy as np``, which is harmless and done already."""
    return isinstance(node, ast.Import) and all(
        alias.name == "numpy" and (alias.asname or "numpy") in NUMPY for alias in node.names
    )


def _check_attribute(node: ast.Attribute, places: _Places) -> None:
    name = node.attr
    if name.startswith("_"):
        raise places.fail(node, "names that begin with an underscore are out of reach here")
    if name in OUT_OF_REACH:
        raise places.fail(node, OUT_OF_REACH[name])
    if isinstance(node.value, ast.Name) and node.value.id in NUMPY:
        import numpy as np

        if not hasattr(np, name):
            meant = nearest(name, dir(np))
            hint = f"; did you mean np.{meant}?" if meant else ""
            raise places.fail(node, f"NumPy has no {name}{hint}")


def _unknown(name: str, known: set[str], names: Sequence[str]) -> str:
    shown = name[:40]
    if name in ("math", "scipy", "torch", "sp", "tf"):
        return f"{shown} is not here: NumPy alone is, as np"
    meant = nearest(name, sorted(known))
    if meant:
        return f"{shown} is not known here; did you mean {meant}?"
    import numpy as np

    if hasattr(np, name):
        return f"{shown} is not known here; did you mean np.{shown}?"
    return f"{shown} is not known here; given are {', '.join(names)} and np"


def _bound(tree: ast.AST) -> Iterator[str]:
    """Every name that the code itself gives a meaning."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef):
            yield node.name


# -- its form ----------------------------------------------------------------------------------


def _without_imports(tree: ast.Module, source: str) -> str:
    """The same lines, with ``pass`` for the imports of NumPy."""
    lines = source.split("\n")
    for statement in tree.body:
        if isinstance(statement, ast.Import) and statement.end_lineno == statement.lineno:
            row = lines[statement.lineno - 1].encode()
            kept = row[: statement.col_offset] + b"pass" + row[statement.end_col_offset :]
            lines[statement.lineno - 1] = kept.decode()
    return "\n".join(lines)


def _program(
    body: list[ast.stmt],
    source: str,
    names: tuple[str, ...],
    returns: tuple[str, ...],
    places: _Places,
) -> Program:
    also = () if len(returns) > 1 or RESULT in returns else (RESULT,)
    last = body[-1]
    if len(body) == 1 and isinstance(last, ast.Expr):
        whole = ast.get_source_segment(source, last.value) or source
        text = f"({whole})" if "\n" in whole else whole
        return Program(text, EXPRESSION, returns)
    assigned = {name for statement in body for name in _targets(statement)}
    if assigned >= set(returns) or (also and RESULT in assigned):
        return Program(source, STATEMENTS, returns, also)
    functions = [one for one in body if isinstance(one, ast.FunctionDef)]
    if functions and not isinstance(last, ast.Expr):
        entry = functions[-1]
        return Program(
            source,
            FUNCTION,
            returns,
            entry=entry.name,
            parameters=_parameters(entry, names, places),
        )
    if isinstance(last, ast.Expr):
        lines = source.split("\n")
        row = lines[last.lineno - 1].encode()
        at = last.col_offset
        targets = ", ".join(returns)
        lines[last.lineno - 1] = (row[:at] + f"{targets} = ".encode() + row[at:]).decode()
        return Program("\n".join(lines), STATEMENTS, returns)
    wanted = " and ".join(returns) if len(returns) > 1 else f"{returns[0]} (or to {RESULT})"
    message = f"assign what is asked to {wanted}, or end with an expression"
    raise places.fail(last, message)


def _targets(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement outside functions assigns."""
    for node in _outside_functions(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _parameters(entry: ast.FunctionDef, names: tuple[str, ...], places: _Places) -> tuple[str, ...]:
    """Which argument goes to which parameter: by their names, else in the asked order."""
    given = entry.args
    own = [arg.arg for arg in (*given.posonlyargs, *given.args)]
    # Parameters with a default may come behind: def f(X, eps=0.01).
    first, needed = own[: len(names)], len(own) - len(given.defaults)
    if needed <= len(names) == len(first) and None not in given.kw_defaults:
        return tuple(first) if set(first) == set(names) else names
    wanted = ", ".join(names)
    message = f"the function has the parameters ({', '.join(own)}); ({wanted}) are asked"
    raise places.fail(entry, message)


# -- its parts ---------------------------------------------------------------------------------


def _probes(body: Sequence[ast.stmt]) -> tuple[str, ...]:
    """The expressions inside that can be computed once more at the end, inner ones first."""
    found: dict[str, None] = {}
    for statement in body:
        for node in _computed(statement):
            found.setdefault(ast.unparse(node))
    return tuple(found)[:MAX_PROBES]


def _computed(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, (ast.Lambda, *LOOPS, ast.arguments)):
        return
    for child in ast.iter_child_nodes(node):
        yield from _computed(child)
    if isinstance(node, ast.Call | ast.BinOp | ast.Subscript) or (
        isinstance(node, ast.Attribute) and node.attr == "T"
    ):
        yield node
