"""Evaluating a typed tree, scalars and matrices alike, in any of the number systems."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from engine.equality.fields import Field, NotComparable
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Sequence, Unary, walk

MAX_ONES = 100
"""How long an axis of ones may be, where it is given by a number."""


class Matrix(NamedTuple):
    """Rows of numbers of one system."""

    rows: tuple[tuple[Any, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])


Value = Any
"""A number of the system in use, or a Matrix of them."""


class Evaluation:
    """One point: what the symbols stand for, and how long each named axis is."""

    def __init__(
        self, field: Field[Any], values: Mapping[str, Value], sizes: Mapping[str, int]
    ) -> None:
        self.field = field
        self.values = values
        self.sizes = sizes
        self.known: dict[int, Value] = {}
        self.matrices = any(isinstance(value, Matrix) for value in values.values())

    def remember(self, tree: Node) -> None:
        """Keep the value of every part of a tree, which must outlive this."""
        for part in reversed(list(walk(tree))):
            try:
                self.known[id(part)] = self.of(part)
            except NotComparable:
                continue

    def of(self, node: Node) -> Value:
        """The value of a tree. Raises NotComparable, and ZeroDivisionError for residues."""
        if self.known and id(node) in self.known:
            return self.known[id(node)]
        return _READERS[type(node)](self, node)

    def number(self, node: Number) -> Value:
        return self.field.number(node.value)

    def name(self, node: Name) -> Value:
        if node.name not in self.values:
            raise NotComparable(node.name)
        return self.values[node.name]

    def constant(self, node: Constant) -> Value:
        return self.field.constant(node.name)

    def sequence(self, node: Sequence) -> Value:
        raise NotComparable("a list")

    def unary(self, node: Unary) -> Value:
        operand = self.of(node.operand)
        if node.op == "T":
            return transposed(operand)
        if node.op == "-":
            return entrywise(lambda x: -x, operand)
        if node.op == "%":
            return entrywise(lambda x: x / 100, operand)
        if node.op == "!":
            return entrywise(lambda x: self.field.function("factorial", [x]), operand)
        return operand

    def binary(self, node: Binary) -> Value:
        left = self.of(node.left)
        if node.op == "^":
            base = _scalar(left)
            if isinstance(base, Matrix):
                return entrywise(lambda x: self.power(x, node.right), base)
            return self.power(base, node.right)
        right = self.of(node.right)
        if node.op == "@":
            return product(left, right)
        operate = _ARITHMETIC.get(node.op)
        if operate is None:
            raise NotComparable(node.op)
        if type(left) is not Matrix and type(right) is not Matrix:
            return operate(left, right)
        return entrywise(operate, left, right)

    def power(self, base: Value, exponent: Node) -> Value:
        return self.field.power(base, exponent, lambda node: _scalar(self.of(node)))

    def call(self, node: Call) -> Value:
        if node.function == "if":
            return self.conditional(node.arguments)
        if node.function == "ones":
            rows, columns = (self.size(size) for size in node.arguments)
            return Matrix(((self.field.number(Fraction(1)),) * columns,) * rows)
        arguments = [self.of(argument) for argument in node.arguments]
        if node.function in _REDUCING or (node.function in _EXTREMES and len(arguments) == 1):
            return self.reduced(node, arguments[0])
        if not any(isinstance(argument, Matrix) for argument in arguments):
            return self.field.function(_PLAIN.get(node.function, node.function), arguments)
        return entrywise(lambda *xs: self.field.function(node.function, xs), *arguments)

    def size(self, node: Node) -> int:
        if isinstance(node, Number):
            if not 1 <= node.value <= MAX_ONES:
                raise NotComparable("ones")
            return int(node.value)
        return self.sizes[node.name] if isinstance(node, Name) else 1

    def reduced(self, node: Call, operand: Value) -> Value:
        """Sums, means, norms and diagonals; of a scalar they are the scalar, or its size."""
        if not isinstance(operand, Matrix):
            return self.field.function("abs", [operand]) if node.function == "norm" else operand
        if node.function == "trace":
            return total(diagonal(operand, self.field.number(Fraction(0))))
        if node.function == "diag":
            return diagonal(operand, self.field.number(Fraction(0)))
        if node.function == "norm":
            squares = total(entrywise(lambda x: x * x, operand))
            return self.field.function("sqrt", [squares])
        axis = next((_axis(value) for name, value in node.options if name == "axis"), None)
        if node.function in _EXTREMES:
            extreme = partial(self.extreme, node.function)
            return extreme(operand) if axis is None else along(operand, axis, extreme)
        added = total(operand) if axis is None else along(operand, axis)
        if node.function == "sum":
            return added
        rows, columns = operand.shape
        count = rows * columns if axis is None else operand.shape[axis]
        return entrywise(lambda x: x / self.field.number(Fraction(count)), added)

    def extreme(self, function: str, operand: Value) -> Value:
        """The least or the greatest entry."""
        return self.field.function(function, entries(operand))

    def conditional(self, arguments: tuple[Node, ...]) -> Value:
        if self.matrices:
            pairs = len(arguments) // 2 * 2
            parts = [
                self.holds(part) if at % 2 == 0 and at < pairs else self.of(part)
                for at, part in enumerate(arguments)
            ]
            return entrywise(lambda *xs: self.chosen(xs), *parts)
        for at in range(0, len(arguments) - 1, 2):
            holds = self.holds(arguments[at])
            if holds is None:
                break
            if holds:
                return self.of(arguments[at + 1])
        else:
            if len(arguments) % 2:
                return self.of(arguments[-1])
        return self.nowhere()

    def chosen(self, parts: tuple[Any, ...]) -> Value:
        """The value behind the first condition that holds, all of them known."""
        for at in range(0, len(parts) - 1, 2):
            if parts[at] is None:
                return self.nowhere()
            if parts[at]:
                return parts[at + 1]
        return parts[-1] if len(parts) % 2 else self.nowhere()

    def nowhere(self) -> Value:
        """What has no value."""
        return self.field.function("log", [self.field.number(Fraction(0))])

    def holds(self, node: Node) -> Any:
        """Whether a condition holds, or a Matrix of that; None where enclosures can't tell."""
        if not isinstance(node, Binary):
            raise NotComparable("a condition")
        if node.op in ("and", "or"):
            left, right = self.holds(node.left), self.holds(node.right)
            return entrywise(_CONNECTIVES[node.op], left, right)
        left_value, right_value = _scalar(self.of(node.left)), _scalar(self.of(node.right))
        return entrywise(lambda a, b: self.field.holds(node.op, a, b), left_value, right_value)


_READERS: dict[type[Node], Callable[[Evaluation, Any], Value]] = {
    Number: Evaluation.number,
    Name: Evaluation.name,
    Constant: Evaluation.constant,
    Unary: Evaluation.unary,
    Binary: Evaluation.binary,
    Sequence: Evaluation.sequence,
    Call: Evaluation.call,
}


class Remembering(Evaluation):
    """One point, for trees that share parts and outlive this: each part is evaluated once."""

    def of(self, node: Node) -> Value:
        """The value of a tree. Raises NotComparable, and ZeroDivisionError for residues."""
        found = self.known.get(id(node))
        if found is None:
            found = self.known[id(node)] = _READERS[type(node)](self, node)
        return found


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "⊙": operator.mul,
    "/": operator.truediv,
}
_CONNECTIVES: dict[str, Callable[[Any, Any], bool | None]] = {
    "and": lambda a, b: None if None in (a, b) else a and b,
    "or": lambda a, b: None if None in (a, b) else a or b,
}
_REDUCING = {"sum", "mean", "norm", "diag", "trace"}
_EXTREMES = {"min", "max"}
_PLAIN = {"norm": "abs"}


def entries(value: Value) -> list[Any]:
    """The numbers of a value, row by row."""
    return [x for row in value.rows for x in row] if isinstance(value, Matrix) else [value]


def entrywise(function: Callable[..., Any], *values: Value) -> Value:
    """A function of entries, axes of length 1 repeated to fit."""
    matrices = [value for value in values if isinstance(value, Matrix)]
    if not matrices:
        return function(*values)
    rows = max(matrix.shape[0] for matrix in matrices)
    columns = max(matrix.shape[1] for matrix in matrices)
    return Matrix(
        tuple(
            tuple(function(*(_entry(value, i, j) for value in values)) for j in range(columns))
            for i in range(rows)
        )
    )


def _entry(value: Value, row: int, column: int) -> Any:
    if not isinstance(value, Matrix):
        return value
    height, width = value.shape
    return value.rows[row if height > 1 else 0][column if width > 1 else 0]


def _scalar(value: Value) -> Value:
    """A 1 × 1 matrix as its number."""
    return value.rows[0][0] if isinstance(value, Matrix) and value.shape == (1, 1) else value


def transposed(value: Value) -> Value:
    """Rows as columns; a scalar is its own transpose."""
    return Matrix(tuple(zip(*value.rows, strict=True))) if isinstance(value, Matrix) else value


def product(left: Value, right: Value) -> Value:
    """The matrix product; a scalar scales."""
    if not isinstance(left, Matrix) or not isinstance(right, Matrix):
        return entrywise(_ARITHMETIC["*"], left, right)
    columns = list(zip(*right.rows, strict=True))
    return Matrix(tuple(tuple(_dot(row, column) for column in columns) for row in left.rows))


def _dot(row: tuple[Any, ...], column: tuple[Any, ...]) -> Any:
    result = row[0] * column[0]
    for a, b in zip(row[1:], column[1:], strict=True):
        result = result + a * b
    return result


def total(value: Value) -> Any:
    """The sum of all entries."""
    numbers = entries(value)
    result = numbers[0]
    for number in numbers[1:]:
        result = result + number
    return result


def along(value: Matrix, axis: int, fold: Callable[[Value], Value] = total) -> Matrix:
    """Sums (or another fold) along an axis, which keeps length 1."""
    if axis == 1:
        return Matrix(tuple((fold(Matrix((row,))),) for row in value.rows))
    columns = zip(*value.rows, strict=True)
    return Matrix((tuple(fold(Matrix((column,))) for column in columns),))


def diagonal(value: Matrix, zero: Any) -> Matrix:
    """A vector as a diagonal matrix; the diagonal of a square matrix as a column."""
    numbers = entries(value)
    if 1 not in value.shape:
        return Matrix(tuple((row[at],) for at, row in enumerate(value.rows)))
    size = len(numbers)
    return Matrix(
        tuple(tuple(numbers[i] if i == j else zero for j in range(size)) for i in range(size))
    )


def _axis(node: Node) -> int:
    return int(node.value) if isinstance(node, Number) else 0
