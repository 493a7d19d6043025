"""Shapes with named axes: which product is meant, and where shapes don't fit.

X is (F, m), w is (1, F): then w X is (1, m), and X w doesn't multiply. Juxtaposition, ``·`` and
``@`` are the matrix product; ``⊙`` is element by element; ``*`` is whatever the shapes allow
(element by element where both have one shape). A 1 × 1 matrix counts as a scalar. Sums and
element-wise operations broadcast an axis of length 1, as in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, TypeGuard

from engine.language.indicators import CONNECTIVES, RELATIONS
from engine.language.printer import one_line
from engine.language.symbols import Symbol
from engine.language.tree import (
    Binary,
    Call,
    Constant,
    Name,
    Node,
    Number,
    Unary,
    names,
    rebuild,
)

Shape = tuple[str, ...]
SCALAR: Shape = ()
EXTREMES = {"min", "max"}
MAX_ONES = 100
_LOOSE = {"+", "-"} | RELATIONS | CONNECTIVES


class Mismatch(Exception):
    """Shapes that don't fit one another; the text names the operands, shapes and axes."""

    def __init__(self, message: str, node: Node) -> None:
        super().__init__(message)
        self.message = message
        self.start = node.start
        self.end = node.end


class Unclear(Mismatch):
    """A sum over indices of which it can't be told what it sums: no fault in the shapes."""


class Typed(NamedTuple):
    """A tree in which every product is decided, and its shape.

    ``*`` scales or works element by element; ``@`` is the matrix product; sums along an axis
    carry its number and, as NumPy says it, keep it.
    """

    node: Node
    shape: Shape


def typed(node: Node, symbols: Mapping[str, Symbol]) -> Typed:
    """The shape of an expression and its products decided. Raises Mismatch."""
    return _Typing(symbols).of(node)


def without_keepdims(node: Node) -> Node:
    """The tree with ``sum(X, axis=1)`` for ``sum(X, axis=1, keepdims=True)``: here they are one."""
    node = rebuild(node, without_keepdims)
    if not isinstance(node, Call):
        return node
    return replace(node, options=tuple(pair for pair in node.options if pair[0] != "keepdims"))


def is_scalar(shape: Shape) -> bool:
    """Whether a shape is that of one number; 1 × 1 is."""
    return all(axis == "1" for axis in shape)


def written(shape: Shape) -> str:
    """``(1, m)``; a scalar is said in words."""
    return f"({', '.join(shape)})" if shape else "a scalar"


class _Typing:
    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols
        self.axes = {axis for symbol in symbols.values() for axis in symbol.axes or ()}
        self.indexed = 0

    def of(self, node: Node) -> Typed:
        if isinstance(node, Name):
            symbol = self.symbols.get(node.name)
            return Typed(node, symbol.axes or SCALAR if symbol is not None else SCALAR)
        if isinstance(node, Number | Constant):
            return Typed(node, SCALAR)
        if isinstance(node, Unary):
            return self.unary(node)
        if isinstance(node, Binary):
            return self.binary(node)
        if isinstance(node, Call):
            return self.call(node)
        raise Mismatch("a list isn't a matrix expression: use the declared symbols", node)

    def unary(self, node: Unary) -> Typed:
        operand = self.of(node.operand)
        shape = tuple(reversed(operand.shape)) if node.op == "T" else operand.shape
        return Typed(replace(node, operand=operand.node), shape)

    def binary(self, node: Binary) -> Typed:
        if node.op in ("*", "@"):
            return self.product(node)
        if node.op in RELATIONS | CONNECTIVES:
            return self.mask(node)
        left, right = self.of(node.left), self.of(node.right)
        if node.op == "^" and not is_scalar(right.shape):
            return self.exponential(node, right)
        shape = self.broadcast(node, left, right)
        return Typed(replace(node, left=left.node, right=right.node), shape)

    def exponential(self, node: Binary, exponent: Typed) -> Typed:
        """``e^(-Z)`` is exp(−Z), element by element; other bases have no matrix above."""
        if node.left != Constant("e"):
            raise Mismatch(f"the exponent {one_line(node.right)} is a matrix", node)
        return Typed(Call("exp", (exponent.node,), (), node.start, node.end), exponent.shape)

    def mask(self, node: Binary) -> Typed:
        """``Z > 0`` outside a condition: 1 where it holds, 0 elsewhere."""
        condition = self.condition(node)
        choice = (condition.node, _number(1), _number(0))
        return Typed(Call("if", choice, (), node.start, node.end), condition.shape)

    def condition(self, node: Node) -> Typed:
        """A relation, or several joined by ``and`` and ``or``, element by element."""
        if not isinstance(node, Binary) or node.op not in RELATIONS | CONNECTIVES:
            raise Mismatch("a condition such as Z > 0 is needed here", node)
        side = self.condition if node.op in CONNECTIVES else self.of
        left, right = side(node.left), side(node.right)
        shape = self.broadcast(node, left, right)
        return Typed(replace(node, left=left.node, right=right.node), shape)

    def conditional(self, node: Call) -> Typed:
        """``if(Z > 0, dZ, 0)`` and ``np.where``: chosen element by element."""
        arguments = [
            self.condition(argument)
            if at % 2 == 0 and at + 1 < len(node.arguments)
            else self.of(argument)
            for at, argument in enumerate(node.arguments)
        ]
        return self.fitted(node, arguments)

    # -- products -------------------------------------------------------------------------

    def product(self, node: Binary) -> Typed:
        if _ends_in_ones(node.left) and is_scalar(self.of(node.left.left).shape):
            rest = replace(node, left=node.left.right, start=node.left.right.start)
            return self.product(replace(node.left, right=rest))
        left, right = self.ones(node)
        if is_scalar(left.shape) or is_scalar(right.shape):
            return self.scaled(node, left, right)
        if node.op == "*" and not node.implicit and node.written == "*":
            return self.starred(node, left, right)
        return self.matrix_product(node, left, right)

    def ones(self, node: Binary) -> tuple[Typed, Typed]:
        """The operands; in ``dZ 1`` and ``1ᵀ X`` the 1 is a vector of ones that fits."""
        if (node.implicit or node.op == "@") and _is_one(node.right):
            left = self.of(node.left)
            if not is_scalar(left.shape):
                return left, _ones(left.shape[-1], "1", node.right)
        if _is_row_of_ones(node.left):
            right = self.of(node.right)
            if not is_scalar(right.shape):
                return _ones("1", right.shape[0], node.left), right
        return self.of(node.left), self.of(node.right)

    def scaled(self, node: Binary, left: Typed, right: Typed) -> Typed:
        shape = right.shape if is_scalar(left.shape) else left.shape
        if is_scalar(left.shape) and is_scalar(right.shape):
            shape = left.shape or right.shape
        return Typed(replace(node, op="*", left=left.node, right=right.node), shape)

    def starred(self, node: Binary, left: Typed, right: Typed) -> Typed:
        """``*``: element by element for one shape, else the matrix product, else broadcast."""
        if left.shape != right.shape and left.shape[-1] == right.shape[0]:
            return self.matrix_product(node, left, right)
        try:
            shape = self.broadcast(node, left, right)
        except Mismatch:
            return self.matrix_product(node, left, right)
        return Typed(replace(node, op="⊙", left=left.node, right=right.node), shape)

    def matrix_product(self, node: Binary, left: Typed, right: Typed) -> Typed:
        if self.indexed and left.shape == right.shape:
            return Typed(replace(node, op="⊙", left=left.node, right=right.node), left.shape)
        if left.shape[-1] != right.shape[0]:
            raise Mismatch(_inner_axes(node, left.shape, right.shape), node)
        shape = (*left.shape[:-1], *right.shape[1:])
        return Typed(replace(node, op="@", left=left.node, right=right.node), shape)

    # -- element by element ---------------------------------------------------------------

    def broadcast(self, node: Binary, left: Typed, right: Typed) -> Shape:
        """The common shape of two operands. Raises Mismatch naming the axis that differs."""
        shape = common(left.shape, right.shape)
        if shape is None:
            sign = node.written or node.op
            raise Mismatch(
                f"{one_line(node.left)} {sign} {one_line(node.right)}: {written(left.shape)} "
                f"and {written(right.shape)} don't fit: {_differing(left.shape, right.shape)}",
                node,
            )
        return shape

    def call(self, node: Call) -> Typed:
        special = _SPECIAL.get(node.function)
        if special is not None:
            return special(self, node)
        if node.function in EXTREMES and (len(node.arguments) == 1 or node.options):
            return self.reduced(node)
        return self.fitted(node, [self.of(argument) for argument in node.arguments])

    def fitted(self, node: Call, arguments: Sequence[Typed]) -> Typed:
        """A function element by element, its arguments broadcast."""
        shape = SCALAR
        for argument in arguments:
            both = common(shape, argument.shape)
            if both is None:
                shapes = " and ".join(written(a.shape) for a in arguments)
                raise Mismatch(f"{node.function}(…) of {shapes}: the shapes differ", node)
            shape = both
        return Typed(replace(node, arguments=tuple(a.node for a in arguments)), shape)

    def reduced(self, node: Call) -> Typed:
        """``sum`` and ``mean``: of everything, or along one axis, which then has length 1."""
        if _indices(node) > 1:
            self.refuse_mixed(node)
        self.indexed += "over" in dict(node.options)
        operand = self.of(node.arguments[0])
        self.indexed -= "over" in dict(node.options)
        axis = self.axis(node, operand.shape)
        if axis is None or not operand.shape:
            return Typed(replace(node, arguments=(operand.node,), options=()), SCALAR)
        shape = tuple("1" if at == axis else size for at, size in enumerate(operand.shape))
        options = (("axis", _number(axis)), ("keepdims", Number(Fraction(1), "True")))
        return Typed(replace(node, arguments=(operand.node,), options=options), shape)

    def axis(self, node: Call, shape: Shape) -> int | None:
        """The axis that a sum runs along: by number, by name, or None for all of them."""
        options = dict(node.options)
        if "over" in options:
            if _indices(node) > 1:
                return None
            if sum(size != "1" for size in shape) > 1:
                message = f"which axis of {written(shape)} is summed? Write sum(…, axis=1)"
                raise Unclear(message, node)
            return None
        named = node.arguments[1] if len(node.arguments) == 2 else options.get("axis")
        if named is None:
            return None
        if isinstance(named, Name) and shape.count(named.name) == 1:
            return shape.index(named.name)
        at = whole_number(named)
        if at is None:
            raise Mismatch(f"{one_line(named)} is not an axis of {written(shape)}", node)
        if shape and not -len(shape) <= at < len(shape):
            raise Mismatch(f"{written(shape)} has no axis {one_line(named)}", node)
        return at % len(shape) if shape else None

    def refuse_mixed(self, node: Call) -> None:
        """A sum over two indices is one over all entries, of matrices of one shape only."""
        shapes = {
            symbol.axes
            for name in names(node.arguments[0])
            if (symbol := self.symbols.get(name)) is not None and symbol.axes is not None
        }
        if len(shapes) > 1:
            message = "entries of different shapes: write this sum with matrices"
            raise Unclear(message, node)

    def norm(self, node: Call) -> Typed:
        operand = self.of(node.arguments[0])
        return Typed(replace(node, arguments=(operand.node,)), SCALAR)

    def transpose(self, node: Call) -> Typed:
        return self.unary(Unary("T", node.arguments[0], node.start, node.end))

    def diagonal(self, node: Call) -> Typed:
        """A vector becomes a diagonal matrix, a square matrix its diagonal as a column."""
        operand = self.of(node.arguments[0])
        shape = operand.shape
        result = Typed(replace(node, arguments=(operand.node,)), SCALAR)
        if len(shape) == 2 and "1" in shape:
            size = shape[1] if shape[0] == "1" else shape[0]
            return result._replace(shape=(size, size))
        if len(shape) == 2 and shape[0] == shape[1]:
            return result._replace(shape=(shape[0], "1"))
        raise Mismatch(f"diag(…) of {written(shape)}: a vector or a square is needed", node)

    def trace(self, node: Call) -> Typed:
        """The sum of a square matrix's diagonal."""
        operand = self.of(node.arguments[0])
        if len(operand.shape) == 2 and operand.shape[0] != operand.shape[1]:
            message = f"trace(…) of {written(operand.shape)}: a square matrix is needed"
            raise Mismatch(message, node)
        return Typed(replace(node, arguments=(operand.node,)), SCALAR)

    def outer(self, node: Call) -> Typed:
        """``outer(a, b)`` of two vectors, rows or columns: a as a column times b as a row."""
        left, right = node.arguments
        shapes = [self.of(side).shape for side in node.arguments]
        if any(len(shape) != 2 or "1" not in shape for shape in shapes):
            said = " and ".join(map(written, shapes))
            raise Mismatch(f"outer(…) of {said}: two vectors are needed", node)
        if shapes[0][0] == "1":
            left = Unary("T", left, left.start, left.end)
        if shapes[1][1] == "1":
            right = Unary("T", right, right.start, right.end)
        return self.product(Binary("@", left, right, False, "@", node.start, node.end))

    def filled(self, node: Call) -> Typed:
        """``ones(m, 1)``: of axes, or of whole numbers."""
        return Typed(node, tuple(map(self.length, node.arguments)))

    def length(self, size: Node) -> str:
        """The name or the number of an axis of ones."""
        if isinstance(size, Name) and size.name in self.axes:
            return size.name
        number = whole_number(size)
        if number is None or not 1 <= number <= MAX_ONES:
            shown = one_line(size)
            raise Mismatch(f"{shown} is not an axis: ones(…) is of axes or whole numbers", size)
        return str(number)

    def dot(self, node: Call) -> Typed:
        """``dot(a, b)`` and ``matmul(a, b)`` are the matrix product."""
        left, right = node.arguments
        return self.product(Binary("@", left, right, False, "@", node.start, node.end))

    def elementwise(self, node: Call) -> Typed:
        """``multiply(a, b)``."""
        left, right = node.arguments
        return self.binary(Binary("⊙", left, right, False, "⊙", node.start, node.end))


_SPECIAL: dict[str, Callable[[_Typing, Call], Typed]] = {
    "if": _Typing.conditional,
    "sum": _Typing.reduced,
    "mean": _Typing.reduced,
    "norm": _Typing.norm,
    "transpose": _Typing.transpose,
    "diag": _Typing.diagonal,
    "trace": _Typing.trace,
    "outer": _Typing.outer,
    "ones": _Typing.filled,
    "dot": _Typing.dot,
    "multiply": _Typing.elementwise,
}


def common(left: Shape, right: Shape) -> Shape | None:
    """The shape two operands broadcast to; None where they don't."""
    if is_scalar(left) or is_scalar(right):
        return right if is_scalar(left) and right else left
    if len(left) != len(right):
        return None
    pairs = list(zip(left, right, strict=True))
    if any(a != b and "1" not in (a, b) for a, b in pairs):
        return None
    return tuple(b if a == "1" else a for a, b in pairs)


def whole_number(node: Node) -> int | None:
    """The number of an axis as it is typed, ``1`` or ``-1``."""
    sign, value = 1, node
    if isinstance(node, Unary) and node.op == "-":
        sign, value = -1, node.operand
    if isinstance(value, Number) and value.value.denominator == 1:
        return sign * int(value.value)
    return None


def _indices(node: Call) -> int:
    """How many indices a sum runs over: 2 for ``sum_ij``."""
    over = dict(node.options).get("over")
    return len(over.name) if isinstance(over, Name) else 0


def _is_one(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 1


def _is_row_of_ones(node: Node) -> bool:
    return isinstance(node, Unary) and node.op == "T" and _is_one(node.operand)


def _ends_in_ones(node: Node) -> TypeGuard[Binary]:
    """``2/m 1ᵀ``, in front of what is summed."""
    return isinstance(node, Binary) and node.op == "*" and _is_row_of_ones(node.right)


def _ones(rows: str, columns: str, place: Node) -> Typed:
    sizes = tuple(_size(axis) for axis in (rows, columns))
    return Typed(Call("ones", sizes, (), place.start, place.end), (rows, columns))


def _size(axis: str) -> Node:
    return _number(int(axis)) if axis.isdigit() else Name(axis)


def _number(value: int) -> Number:
    return Number(Fraction(value), str(value))


def _inner_axes(node: Binary, left: Shape, right: Shape) -> str:
    said = (
        f"{_factor(node.left)} {_factor(node.right)}: {written(left)} · {written(right)}, "
        f"the inner axes {left[-1]} and {right[0]} differ."
    )
    if left == right:
        said += f" Both are {written(left)}: ⊙ multiplies element by element."
    if left == right and right[-1] == "1":
        return f"{said} {_transposed(node.left)} is {written(tuple(reversed(left)))}."
    if left[-1] == right[-1]:
        return f"{said} {_transposed(node.right)} is {written(tuple(reversed(right)))}."
    if left[0] == right[0]:
        return f"{said} {_transposed(node.left)} is {written(tuple(reversed(left)))}."
    return said


def _factor(node: Node) -> str:
    shown = one_line(node)
    return f"({shown})" if isinstance(node, Binary) and node.op in _LOOSE else shown


def _transposed(node: Node) -> str:
    if isinstance(node, Unary) and node.op == "T":
        return one_line(node.operand)
    return one_line(Unary("T", node))


def _differing(left: Shape, right: Shape) -> str:
    if len(left) != len(right):
        return f"one has {len(left)} axes, the other {len(right)}"
    pairs = [f"{a} and {b}" for a, b in zip(left, right, strict=True) if common((a,), (b,)) is None]
    return f"the axes {', '.join(pairs)} differ"
