"""What is said of code that gave no result, a result of another shape, or other numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.coding.compare import close, inner_lengths
from engine.coding.runs import Outcome, Program, Raised

if TYPE_CHECKING:
    from engine.coding.runs import Array, Given

_STOPPED = {
    "time": "It was stopped after five seconds: is there a loop that never ends?",
    "memory": "It was stopped because it needs too much memory.",
    "output": "It was stopped because its result is too large.",
    "ended": "It ended without a result.",
}
_TYPES = {
    "NoneType": "It gives None: a function ends with return, and methods such as sort() work in "
    "place.",
    "a ragged list": "It gives a list whose rows differ in length; an array is asked.",
}
_CALLABLE = ("function", "builtin_function_or_method", "method", "ufunc", "type")
MOST_SHOWN = 160


def explained(
    program: Program, outcome: Outcome, reference: Outcome, given: Mapping[str, Given]
) -> tuple[str, ...]:
    """Why the outcome of one case isn't the reference's; () where it is."""
    if outcome.stopped:
        return (_STOPPED.get(outcome.stopped, _STOPPED["ended"]),)
    if outcome.raised is not None:
        return tuple(_failed(program, outcome, outcome.raised))
    names = program.returns if len(program.returns) > 1 else ("",)
    for name, value, wanted in zip(names, outcome.values, reference.values, strict=False):
        if isinstance(wanted, str):
            continue
        told = _typed(value) if isinstance(value, str) else _compared(value, wanted)
        if told:
            return (f"{name}: {told}" if name else told, *_on(given)[:1])
    return ()


def _on(given: Mapping[str, Given]) -> tuple[str, ...]:
    """The shapes that the figures belong to."""
    shapes = [f"{name} {shape(value)}" for name, value in given.items() if _is_array(value)]
    return (f"Tried with {', '.join(shapes)}.",) if shapes else ()


def _typed(kind: str) -> str:
    if kind in _CALLABLE:
        return "It gives a function, not its value: the brackets of a call are missing."
    return _TYPES.get(kind, f"It gives {kind}; an array of numbers is asked.")


def _compared(value: Array, wanted: Array) -> str:
    """What differs between two arrays; "" if nothing does."""
    if value.shape != wanted.shape:
        return _shapes(value, wanted)
    right = close(value, wanted)
    if right.all():
        return ""
    import numpy as np

    if value.size == 1:
        got, asked = _told_apart(value.flat[0], wanted.flat[0])
        return f"It gives {got} where {asked} is right."
    place = tuple(int(at) for at in np.argwhere(~right)[0])
    got, asked = _told_apart(value[place], wanted[place])
    return (
        f"The shape {shape(value)} is right, and so are {int(right.sum())} of {value.size} cells. "
        f"The first that isn't is [{', '.join(map(str, place))}]: {got} instead of {asked}."
    )


def _shapes(value: Array, wanted: Array) -> str:
    told = f"The result has the shape {shape(value)}; {shape(wanted)} is asked."
    if not value.shape:
        return told + " Everything has become one number: an axis isn't named."
    squeezed = tuple(size for size in value.shape if size != 1)
    if squeezed == wanted.shape:
        axis = value.shape.index(1)
        return told + f" Axis {axis} of length 1 is too many: keepdims=True or a slice leaves it."
    if squeezed == tuple(size for size in wanted.shape if size != 1):
        axis = next(at for at, size in enumerate(wanted.shape) if size == 1)
        return told + f" Axis {axis} of length 1 is missing: keepdims=True keeps it."
    if value.ndim > 1 and value.shape == wanted.shape[::-1]:
        return told + " It is transposed."
    if value.ndim == wanted.ndim:
        axis = next(at for at in range(value.ndim) if value.shape[at] != wanted.shape[at])
        lengths = f"{value.shape[axis]} where {wanted.shape[axis]} belongs"
        return told + (f" Axis {axis} has length {lengths}." if value.ndim > 1 else "")
    for axis, length in enumerate(value.shape):
        if value.shape[:axis] + value.shape[axis + 1 :] == wanted.shape:
            return told + f" Axis {axis}, of length {length}, is too many."
    few = "too few" if value.ndim < wanted.ndim else "too many"
    return told + f" That is {few} axes."


# -- exceptions ----------------------------------------------------------------------------------


def _failed(program: Program, outcome: Outcome, raised: Raised) -> list[str]:
    """The exception with its line; where shapes don't fit, the operation and its shapes."""
    row = _row(program, raised.line)
    where = f"Line {raised.line}, {row}: " if row else ""
    message = " ".join(raised.message.split())[:MOST_SHOWN]
    told = [f"{where}{raised.kind}" + (f": {message}" if message else "")]
    arose = _where(program, outcome, raised)
    if arose and raised.shapes:
        reason = _misfit(arose, raised)
        return [reason] if reason else told
    return told


def located(program: Program, outcome: Outcome, given: Mapping[str, Given]) -> Outcome:
    """The outcome; an exception with the shapes of the operands that it arose from."""
    if outcome.raised is None:
        return outcome
    operands = _operands(_where(program, outcome, outcome.raised))
    values = zip(program.probes, outcome.probes, strict=False)
    computed = {text: value for text, value in values if not isinstance(value, Raised)}
    known = {**given, **(outcome.variables or {}), **computed}
    shapes = [getattr(known.get(one), "shape", None) for one in operands]
    if len(shapes) != 2 or None in shapes:
        return outcome
    found = tuple(tuple(map(int, sizes)) for sizes in shapes if sizes is not None)
    return replace(outcome, raised=outcome.raised._replace(shapes=found))


def _where(program: Program, outcome: Outcome, raised: Raised) -> str:
    """The innermost expression that raises the same; "" if none is known."""
    for text, value in zip(program.probes, outcome.probes, strict=False):
        if isinstance(value, Raised) and value.message == raised.message:
            return text
    return ""


def _row(program: Program, line: int) -> str:
    rows = program.source.split("\n")
    return rows[line - 1].strip()[:60] if len(rows) > 1 and 1 <= line <= len(rows) else ""


def _misfit(text: str, raised: Raised) -> str:
    """``A.T @ B: (100, 50) and (40, 100), the inner lengths 50 and 40 differ.``; "" if unclear."""
    left, right = raised.shapes
    head = f"{text[:MOST_SHOWN]}: {written(left)} and {written(right)}"
    if inner_lengths(raised.message) is not None:
        inner = right[-2] if len(right) > 1 else right[0]
        return f"{head}, the inner lengths {left[-1]} and {inner} differ."
    if "broadcast" not in raised.message:
        return ""
    pairs = zip(left[::-1], right[::-1], strict=False)
    one, other = next(((a, b) for a, b in pairs if a != b and 1 not in (a, b)), (0, 0))
    if one == other:
        return ""
    return f"{head} don't broadcast: compared from the right, {one} meets {other}."


def _operands(text: str) -> tuple[str, ...]:
    """The sources of the two operands of an operation or a call; () if there aren't two."""
    if not text:
        return ()
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.BinOp):
        pair: list[ast.expr] = [node.left, node.right]
    elif isinstance(node, ast.Compare):
        pair = [node.left, *node.comparators]
    elif isinstance(node, ast.Call):
        method = node.func.value if isinstance(node.func, ast.Attribute) else None
        is_method = method is not None and not (isinstance(method, ast.Name) and method.id == "np")
        pair = [*([method] if is_method and method is not None else []), *node.args]
    else:
        return ()
    if len(pair) != 2:
        return ()
    return ast.unparse(pair[0]), ast.unparse(pair[1])


# -- figures -------------------------------------------------------------------------------------


def written(sizes: Sequence[int]) -> str:
    """A shape as Python writes it."""
    return str(tuple(sizes))


def shape(array: Any) -> str:
    """The shape of an array as Python writes it."""
    return written(array.shape)


def _told_apart(one: Any, other: Any) -> tuple[str, str]:
    """Two numbers with so many digits that they differ."""
    for digits in (4, 8, 12, 17):
        shown = figure(one, digits), figure(other, digits)
        if shown[0] != shown[1]:
            break
    return shown


def figure(value: Any, digits: int = 4) -> str:
    """A number with so many significant digits."""
    text = str(value) if value.dtype.kind == "b" else f"{float(value):.{digits}g}"
    return re.sub(r"e([+-])0?", r"e\1", text)


def _is_array(value: Given) -> bool:
    return hasattr(value, "shape")
