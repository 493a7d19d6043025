"""The reference changed by one step: programs that a single slip would have made of it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.verdict import Diagnosis

MOST = 150
REDUCTIONS = frozenset(
    "sum mean max min prod any all argmax argmin std var cumsum amax amin norm count_nonzero "
    "median argsort sort nansum nanmean concatenate stack take squeeze expand_dims repeat".split()
)


class Changed(NamedTuple):
    """A changed program: what kind of slip it is, and what to tell."""

    kind: str
    text: str
    source: str


def changed(source: str) -> list[Changed]:
    """All programs that differ by one slip, each once."""
    tree = ast.parse(source)
    found: dict[str, Changed] = {}
    for at, node in enumerate(ast.walk(tree)):
        for kind, text, new in _changes(node):
            other = ast.unparse(_replaced(tree, at, new))
            if other != ast.unparse(tree):
                found.setdefault(other, Changed(kind, text, other))
    return list(found.values())[:MOST]


def single(fitting: list[Changed]) -> Diagnosis | None:
    """The slip, if all that give the answer are of one kind."""
    if len({one.kind for one in fitting}) != 1:
        return None
    return Diagnosis(fitting[0].kind, fitting[0].text)


def _replaced(tree: ast.Module, at: int, new: ast.AST) -> ast.Module:
    """A copy of the tree with the node that ``ast.walk`` meets at a place replaced."""
    whole = copy.deepcopy(tree)
    target = list(ast.walk(whole))[at]

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is target else self.generic_visit(node)

    result = Put().visit(whole)
    assert isinstance(result, ast.Module)
    return result


Change = tuple[str, str, ast.AST]


def _changes(node: ast.AST) -> Iterator[Change]:
    for way in _WAYS:
        yield from way(node)


def _callee(node: ast.AST) -> str:
    """The name of what is called, without ``np.``."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            return node.func.attr
        if isinstance(node.func, ast.Name):
            return node.func.id
    return ""


def _edited(node: ast.AST, edit: Callable[[ast.Call], object]) -> ast.Call:
    new = copy.deepcopy(node)
    assert isinstance(new, ast.Call)
    edit(new)
    return new


def _axes(node: ast.AST) -> Iterator[Change]:
    if not isinstance(node, ast.Call):
        return
    name = _callee(node)
    for at, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            yield from _other_axes(node, name, at, keyword.value)
        elif keyword.arg == "keepdims":
            text = (
                "Without keepdims=True the axis is gone. It has to stay here, with length 1, so "
                "that the shapes line up."
            )
            yield "keepdims", text, _edited(node, lambda new, at=at: new.keywords.pop(at))  # type: ignore[misc]
    has_axis = any(keyword.arg == "axis" for keyword in node.keywords)
    kept = any(keyword.arg == "keepdims" for keyword in node.keywords)
    if has_axis and not kept and name in REDUCTIONS and not name.startswith("arg"):
        keyword = ast.keyword("keepdims", ast.Constant(True))
        text = "An axis of length 1 is left, by keepdims=True for one, which isn't asked here."
        yield "keepdims", text, _edited(node, lambda new: new.keywords.append(keyword))


def _other_axes(node: ast.Call, name: str, at: int, value: ast.expr) -> Iterator[Change]:
    if not (isinstance(value, ast.Constant) and isinstance(value.value, int)):
        return
    axis = value.value
    kind = "axis"
    for other in {0, 1} - {axis, axis + 2 if axis < 0 else axis}:
        text = (
            f"You went along axis {other}; {name} belongs along axis {axis} here. The axis that "
            "is named is the one that disappears."
        )

        def moved(new: ast.Call, other: int = other) -> None:
            new.keywords[at].value = ast.Constant(other)

        yield kind, text, _edited(node, moved)
    text = f"Without an axis {name} goes over the whole array; axis {axis} is wanted."
    yield "no-axis", text, _edited(node, lambda new: new.keywords.pop(at))


def _operators(node: ast.AST) -> Iterator[Change]:
    if not isinstance(node, ast.BinOp):
        return
    for old, new, kind, text in _SWAPS:
        if isinstance(node.op, old):
            yield kind, text, ast.BinOp(node.left, new(), node.right)
    if isinstance(node.op, ast.MatMult | ast.Sub | ast.Div):
        text = "The two operands of one operation are the wrong way round."
        yield "swapped-operands", text, ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        text = f"A part is missing: {ast.unparse(node.right)[:60]} isn't applied."
        yield "part-missing", text, node.left
    if isinstance(node.op, ast.Add | ast.Mult):
        text = f"A part is missing: {ast.unparse(node.left)[:60]} isn't applied."
        yield "part-missing", text, node.right


_SWAPS: tuple[tuple[type[ast.operator], type[ast.operator], str, str], ...] = (
    (ast.MatMult, ast.Mult, "elementwise", "* multiplies cell by cell; a matrix product (@) is "
     "needed."),
    (ast.Mult, ast.MatMult, "matrix-product", "@ is the matrix product; here cells are multiplied "
     "one by one, with *."),
    (ast.Sub, ast.Add, "sign", "One sign is wrong: a plus stands where a minus belongs."),
    (ast.Add, ast.Sub, "sign", "One sign is wrong: a minus stands where a plus belongs."),
    (ast.Div, ast.Mult, "multiplied", "You multiplied where a division is needed."),
)  # fmt: skip


def _transposes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        name = ast.unparse(node.value)[:40]
        yield "transpose", f"{name} has to be transposed.", node.value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for side in ("left", "right"):
            operand = getattr(node, side)
            if isinstance(operand, ast.Name | ast.Call | ast.BinOp):
                new = copy.deepcopy(node)
                setattr(new, side, ast.Attribute(copy.deepcopy(operand), "T", ast.Load()))
                text = f"{ast.unparse(operand)[:40]} must not be transposed."
                yield "transpose", text, new


def _functions(node: ast.AST) -> Iterator[Change]:
    if not isinstance(node, ast.Call) or not node.args:
        return
    name, inner = _callee(node), node.args[0]
    if name == "exp":
        text = "x**np.e is x to the power of e; e to the power of x is np.exp(x)."
        e = ast.Attribute(ast.Name("np", ast.Load()), "e", ast.Load())
        yield "power-of-e", text, ast.BinOp(inner, ast.Pow(), e)
    if name in ("exp", "log", "sqrt", "square", "abs"):
        text = f"np.{name} is missing in one place."
        yield f"no-{name}", text, inner
    if name == "square":
        absolute = ast.Call(_np("abs"), [inner], [])
        text = "You took the absolute value where the square is needed."
        yield "absolute", text, absolute
    for one, other in (("sum", "mean"), ("max", "min"), ("argmax", "argmin")):
        for old, new in ((one, other), (other, one)):
            if name == old and isinstance(node.func, ast.Attribute):
                func = ast.Attribute(node.func.value, new, ast.Load())
                text = f"You took the {_NOUNS[new]}; the {_NOUNS[old]} is asked."
                yield f"{new}-for-{old}", text, ast.Call(func, node.args, node.keywords)


_NOUNS = {"sum": "sum", "mean": "mean", "max": "maximum", "min": "minimum",
          "argmax": "place of the maximum", "argmin": "place of the minimum"}  # fmt: skip


def _methods(node: ast.AST) -> Iterator[Change]:
    """``X.sum(axis=0)``, where the function changes as well."""
    if not isinstance(node, ast.Call) or node.args or not isinstance(node.func, ast.Attribute):
        return
    for one, other in (("sum", "mean"), ("max", "min"), ("argmax", "argmin")):
        for old, new in ((one, other), (other, one)):
            if node.func.attr == old:
                func = ast.Attribute(node.func.value, new, ast.Load())
                text = f"You took the {_NOUNS[new]}; the {_NOUNS[old]} is asked."
                yield f"{new}-for-{old}", text, ast.Call(func, [], node.keywords)


def _np(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def _powers(node: ast.AST) -> Iterator[Change]:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Pow):
        return
    if isinstance(node.right, ast.Constant) and node.right.value == 2:
        yield "no-square", "A square is missing.", node.left
        text = "You took the absolute value where the square is needed."
        yield "absolute", text, ast.Call(_np("abs"), [node.left], [])


def _comparisons(node: ast.AST) -> Iterator[Change]:
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return
    turned = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE}
    new = turned.get(type(node.ops[0]))
    if new is not None:
        text = "One comparison is the wrong way round."
        yield "comparison", text, ast.Compare(node.left, [new()], node.comparators)


def _shapes(node: ast.AST) -> Iterator[Change]:
    """``X.shape[0]`` for ``X.shape[1]``, and the other way round."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Attribute):
        return
    if node.value.attr == "shape" and isinstance(node.slice, ast.Constant):
        axis = node.slice.value
        if axis in (0, 1) and isinstance(axis, int):
            text = f"The length of axis {1 - axis} stands where that of axis {axis} belongs."
            other = ast.Subscript(node.value, ast.Constant(1 - axis), ast.Load())
            yield "other-length", text, other


_WAYS: tuple[Callable[[ast.AST], Iterator[Change]], ...] = (
    _axes,
    _operators,
    _transposes,
    _functions,
    _methods,
    _powers,
    _comparisons,
    _shapes,
)
