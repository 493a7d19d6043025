"""Reading code: its form, and the place of what may not stand in it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from textwrap import dedent
from typing import NamedTuple

from engine.coding.allowed import TOO_LONG, objections, outside_functions
from engine.coding.runs import EXPRESSION, FUNCTION, STATEMENTS, Program
from engine.language.errors import Unreadable

RESULT = "result"
LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_HIDDEN_LOOPS = ("vectorize", "apply_along_axis", "apply_over_axes", "frompyfunc", "fromiter")
MAX_PROBES = 24
MAX_DEPTH = 80
"""Of the tree: what goes through it nests a few calls for each level."""
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
    return _read(text, tuple(names), tuple(returns))


@lru_cache(maxsize=256)
def _read(text: str, names: tuple[str, ...], returns: tuple[str, ...]) -> Code:
    """The same, kept: an answer is read, judged and held against misconceptions in turn."""
    source = dedent(text.lstrip("\ufeff").expandtabs(4)).strip()
    places = _Places(text, source)
    tree = _parsed(source, places)
    for node, message in objections(tree, names):
        raise places.fail(node, message)
    body = _that_counts(tree)
    if not body:
        what = _PRINTED if tree.body and _prints(tree.body[-1]) else _FORMS
        raise Unreadable(what, 0, len(text))
    program = _program(body, source, names, returns, places)
    return Code(program._replace(probes=_probes(body)), tree)


def read_line(text: str) -> Line | None:
    """A mended line, ``4: x = y``; None if this is something else."""
    found = _LINE.fullmatch(text)
    return None if found is None else Line(int(found[1]), (found[2] or "").strip())


_FORMS = "write an expression, statements or a def"
_PRINTED = "print shows a value, and gives none: leave it out"


def _that_counts(tree: ast.Module) -> list[ast.stmt]:
    """The statements but for imports of NumPy, which is there already, and prints at the end."""
    body = [statement for statement in tree.body if not isinstance(statement, ast.Import)]
    while body and _prints(body[-1]):
        body.pop()
    return body


def _prints(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
    )


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
            source.encode()
            tree = ast.parse(source)
        if _depth(tree) <= MAX_DEPTH:
            return tree
    except SyntaxError as error:
        at = places.offset(error.lineno or 1, len(_before(error).encode()))
        raise Unreadable(_told(error), at, at + 1) from None
    except ValueError:
        message = "there is a character in it that no text has"
        raise Unreadable(message, 0, len(places.text)) from None
    except (RecursionError, MemoryError):
        pass
    raise Unreadable("this nests too deep to be read", 0, len(places.text))


def _depth(tree: ast.AST) -> int:
    """How many nodes lie inside one another at most."""
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _before(error: SyntaxError) -> str:
    """What stands before the place of an error on its line."""
    line = (error.text or "").rstrip("\n")
    return line[: max((error.offset or 1) - 1, 0)]


def _told(error: SyntaxError) -> str:
    message = (error.msg or "this is not Python").split(". ")[0].rstrip("?.")
    if message.startswith("invalid syntax"):
        return "this is not Python from here on"
    if message.startswith("Exceeds the limit"):
        return TOO_LONG
    return f"this is not Python: {message}"


# -- its form ----------------------------------------------------------------------------------


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
        if isinstance(last.value, ast.Lambda):
            given = _parameters(last.value, names, places)
            return Program(f"{RESULT} = {text}", FUNCTION, returns, entry=RESULT, parameters=given)
        return Program(text, EXPRESSION, returns)
    functions = dict(one for statement in body for one in _function(statement))
    assigned = {name for statement in body for name in _targets(statement)} - functions.keys()
    if assigned >= set(returns) or (also and RESULT in assigned):
        return Program(source, STATEMENTS, returns, also)
    if functions and not isinstance(last, ast.Expr):
        entry, function = functions.popitem()
        given = _parameters(function, names, places)
        return Program(source, FUNCTION, returns, entry=entry, parameters=given)
    if isinstance(last, ast.Expr):
        lines = source.split("\n")
        row = lines[last.lineno - 1].encode()
        at = last.col_offset
        targets = ", ".join(returns)
        lines[last.lineno - 1] = (row[:at] + f"{targets} = ".encode() + row[at:]).decode()
        return Program("\n".join(lines), STATEMENTS, returns)
    wanted = " and ".join(returns) + (f" (or to {also[0]})" if also else "")
    message = f"assign what is asked to {wanted}, or end with an expression"
    raise places.fail(last, message)


def _function(statement: ast.stmt) -> Iterator[tuple[str, ast.FunctionDef | ast.Lambda]]:
    """A function that a statement gives a name: by def, or ``f = lambda x: …``."""
    if isinstance(statement, ast.FunctionDef):
        yield statement.name, statement
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, statement.value


def _targets(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement outside functions assigns."""
    for node in outside_functions(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _parameters(
    entry: ast.FunctionDef | ast.Lambda, names: tuple[str, ...], places: _Places
) -> tuple[str, ...]:
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
    if isinstance(node, ast.Call | ast.BinOp | ast.Subscript | ast.Compare) or (
        isinstance(node, ast.Attribute) and node.attr == "T"
    ):
        yield node
