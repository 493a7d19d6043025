"""A list of what may stand in code: nodes, names and attributes, with what to tell of the others.

The list is for friendly messages. What keeps code from doing harm is where it is run.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

from engine.language.names import nearest

BUILTINS = frozenset(
    "abs all any bool dict divmod enumerate filter float int isinstance len list map max min pow "
    "iter next print range reversed round set slice sorted str sum tuple zip Exception "
    "ValueError TypeError ZeroDivisionError IndexError AssertionError RuntimeError".split()
)
NUMPY = ("np", "numpy")
_FILES = "files can't be read or written here"
_RANDOM = "random numbers are given as an array here, so that the result can be checked"
_SETTINGS = "NumPy's settings stay as they are here"
_AWAY = "this is out of reach here"
_ALSO_FUNCTIONS = ("array", "copy", "trace", "select")
"""Names that NumPy shares with modules of Python."""
_INSIDES = (
    "gi_frame gi_code gi_yieldfrom cr_frame cr_code cr_await cr_origin ag_frame ag_code ag_await "
    "tb_frame tb_next f_back f_builtins f_code f_globals f_locals f_trace co_code co_consts mro"
)
OUT_OF_REACH = {
    **dict.fromkeys(sys.stdlib_module_names - {*_ALSO_FUNCTIONS}, _AWAY),
    **dict.fromkeys(_INSIDES.split(), _AWAY),
    **dict.fromkeys(("format", "format_map"), "a text isn't asked here"),
    **dict.fromkeys("load loadtxt genfromtxt fromfile fromregex memmap open_memmap save savetxt "
                    "savez savez_compressed DataSource tofile dump dumps".split(), _FILES),
    "random": _RANDOM,
    **dict.fromkeys("seterr seterrcall setbufsize set_printoptions".split(), _SETTINGS),
    **dict.fromkeys("test ctypeslib ctypes f2py testing distutils core rec npyio show_config "
                    "get_include info source lookfor exec_command bmat".split(), _AWAY),
}  # fmt: skip
MODULES = ("linalg", "fft", "lib", "lib.stride_tricks", "polynomial", "ma", "emath")
"""The modules of NumPy that code may name."""
_WORDS: tuple[tuple[tuple[type[ast.AST], ...], str], ...] = (
    ((ast.Import, ast.ImportFrom), "nothing but NumPy is here, and it is np already"),
    ((ast.ClassDef,), "no class is needed here: an expression, statements or a def"),
    ((ast.Global, ast.Nonlocal), "a function's values come in as its parameters"),
    ((ast.With, ast.AsyncWith), "with opens things, and there are none here (but np.errstate)"),
    ((ast.Try, ast.TryStar), "exceptions are told to you, so leave try out"),
    ((ast.AsyncFunctionDef, ast.AsyncFor, ast.Await, ast.Yield, ast.YieldFrom),
     "a result is asked at once: an expression, statements or a def"),
    ((ast.Match,), "write if and elif here"),
)  # fmt: skip
MAX_BITS = 10_000
"""Of a whole number that is written out."""
TOO_LONG = "a number here is too long to be read"


def objections(tree: ast.Module, names: Sequence[str]) -> Iterator[tuple[ast.AST, str]]:
    """What may not stand in code that is given arrays called ``names``, and why."""
    known = {*names, *NUMPY, *BUILTINS, *_bound(tree)}
    for node in ast.walk(tree):
        if _is_numpy_import(node) or _is_errstate(node):
            continue
        message = _to_node(node) or _to_name(node, known, names)
        if message:
            yield node, message
    for statement in tree.body:
        for node in outside_functions(statement):
            if isinstance(node, ast.Return):
                yield node, "return stands inside a def: write the expression alone"


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is in it, but for the insides of functions."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from outside_functions(child)


def _to_node(node: ast.AST) -> str:
    for kinds, message in _WORDS:
        if isinstance(node, kinds):
            return message
    if isinstance(node, ast.Attribute):
        return _to_attribute(node)
    if isinstance(node, ast.Constant) and _bits(node.value) > MAX_BITS:
        return TOO_LONG
    return ""


def _to_name(node: ast.AST, known: set[str], names: Sequence[str]) -> str:
    if not isinstance(node, ast.Name):
        return ""
    if node.id.startswith("__"):
        return "names that begin with two underscores are out of reach here"
    if isinstance(node.ctx, ast.Load) and node.id not in known:
        return _unknown(node.id, known, names)
    if isinstance(node.ctx, ast.Store) and node.id in NUMPY:
        return f"{node.id} is NumPy: choose another name"
    return ""


def _to_attribute(node: ast.Attribute) -> str:
    path = _numpy_path(node)
    for name in path or [node.attr]:
        if name.startswith("_"):
            return "names that begin with an underscore are out of reach here"
        if name in OUT_OF_REACH:
            return OUT_OF_REACH[name]
    if not path:
        return ""
    if not isinstance(node.ctx, ast.Load):
        return "NumPy itself stays as it is"
    import numpy as np

    found: object = np
    for name in path:
        # hasattr would ask NumPy for names that it had once, and it would warn.
        if name not in dir(found):
            meant = nearest(node.attr, dir(np)) if len(path) == 1 else None
            hint = f"; did you mean np.{meant}?" if meant else ""
            return f"NumPy has no {'.'.join(path)}{hint}"
        found = getattr(found, name)
    return _AWAY if isinstance(found, ModuleType) and ".".join(path) not in MODULES else ""


def _numpy_path(node: ast.AST) -> list[str]:
    """``linalg``, ``norm`` for np.linalg.norm; nothing for what doesn't begin with np."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return names if isinstance(node, ast.Name) and node.id in NUMPY else []


def _is_numpy_import(node: ast.AST) -> bool:
    """``import numpy as np``, which is harmless and done already."""
    return isinstance(node, ast.Import) and all(
        alias.name == "numpy" and (alias.asname or "numpy") in NUMPY for alias in node.names
    )


def _is_errstate(node: ast.AST) -> bool:
    """``with np.errstate(over="ignore"):``, which opens nothing."""
    return isinstance(node, ast.With) and all(
        isinstance(item.context_expr, ast.Call)
        and _numpy_path(item.context_expr.func) == ["errstate"]
        and item.optional_vars is None
        for item in node.items
    )


def _bits(value: object) -> int:
    return value.bit_length() if isinstance(value, int) else 0


def _unknown(name: str, known: set[str], names: Sequence[str]) -> str:
    shown = name[:40]
    if name in ("math", "scipy", "torch", "sp", "tf"):
        return f"{shown} is not here: NumPy alone is, as np"
    meant = nearest(name, sorted(known))
    if meant:
        return f"{shown} is not known here; did you mean {meant}?"
    import numpy as np

    if name in dir(np):
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
