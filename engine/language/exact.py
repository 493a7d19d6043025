"""Values of expressions in exact arithmetic: rationals stay rationals, without NumPy.

Draws, conditions and most reference answers need no more than this, so a first question is
on the screen before NumPy is imported. Only irrational functions return floats; arrays are
nested tuples, and arithmetic on them is handed to NumPy when it is first met.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, TypeAlias, TypeGuard

from engine.language.errors import Undefined
from engine.language.rationals import FUNCTIONS, arithmetic, factorial, finite, int_or_none, whole
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Sequence, Unary

Value: TypeAlias = "Fraction | float | str | bool | tuple[Value, ...] | Node"
"""A rational, an irrational float, a word, a truth value, an array or tuple, or maths."""

MAX_ENTRIES = 100_000
MAX_PAIRS = 10**7
"""Entries of an array, and of what may be computed on the way to one."""
NOISE = 1e-14
_STEP = Fraction(1, 2**17)

_CONSTANTS = {"e": math.e, "pi": math.pi, "inf": math.inf}


def evaluate(
    node: Node,
    values: Mapping[str, Value],
    functions: Mapping[str, Callable[..., object]] | None = None,
) -> Value:
    """The value of a tree.

    ``values``: what the declared names stand for. ``functions``: reference functions by name,
    called with values. Raises Undefined where there is no finite value.
    """
    return Evaluation(values, functions or {}).of(node)


class Evaluation:
    """Evaluates trees where the declared names stand for ``values``."""

    def __init__(
        self, values: Mapping[str, Value], functions: Mapping[str, Callable[..., object]]
    ) -> None:
        self.values = values
        self.functions = functions

    def of(self, node: Node) -> Value:
        """The value of a tree. Raises Undefined."""
        try:
            return self.value(node)
        except OverflowError:
            raise Undefined("this number is too large to compute") from None

    def value(self, node: Node) -> Value:
        return _READERS[type(node)](self, node)

    def number(self, node: Number) -> Value:
        return node.value

    def name(self, node: Name) -> Value:
        if node.name not in self.values:
            raise Undefined(f"{node.name} has no value here")
        value = self.values[node.name]
        return self.value(value) if is_node(value) else value

    def constant(self, node: Constant) -> Value:
        if node.name not in _CONSTANTS:
            raise Undefined("the imaginary unit is no real number")
        return _CONSTANTS[node.name]

    def sequence(self, node: Sequence) -> Value:
        return tuple(self.value(item) for item in node.items)

    def unary(self, node: Unary) -> Value:
        operand = self.value(node.operand)
        if isinstance(operand, tuple):
            return _on_arrays(Unary(node.op, Name("a")), a=operand)
        number = as_number(operand)
        if node.op == "-":
            return -number
        if node.op == "%":
            return number / 100
        if node.op == "!":
            return factorial(number)
        return number

    def binary(self, node: Binary) -> Value:
        if node.op in ("and", "or"):
            holds = self.truth(node.left)
            return self.truth(node.right) if holds == (node.op == "and") else holds
        left, right = self.value(node.left), self.value(node.right)
        if node.op in _RELATIONS:
            return _compare(node.op, left, right)
        if isinstance(left, tuple) or isinstance(right, tuple):
            return _on_arrays(Binary(node.op, Name("a"), Name("b")), a=left, b=right)
        return arithmetic(node.op, as_number(left), as_number(right))

    def truth(self, node: Node) -> bool:
        value = self.value(node)
        return value if isinstance(value, bool) else value != 0

    def call(self, node: Call) -> Value:
        if node.function == "if":
            return self.conditional(node.arguments)
        if node.function == "diff":
            return self.slope(*node.arguments)
        options = {name: self.value(value) for name, value in node.options}
        arguments = [self.value(argument) for argument in node.arguments]
        if node.function in self.functions:
            return self.reference(node.function, arguments, options)
        if node.function in _ON_SEQUENCES:
            return _ON_SEQUENCES[node.function](*arguments)
        if any(isinstance(a, tuple) for a in arguments) or node.function not in FUNCTIONS:
            return _array_call(node.function, arguments, options)
        return finite(FUNCTIONS[node.function](*map(as_number, arguments)))

    def conditional(self, arguments: tuple[Node, ...]) -> Value:
        """``if(condition, value, condition, value, …, otherwise)``."""
        for at in range(0, len(arguments) - 1, 2):
            if self.truth(arguments[at]):
                return self.value(arguments[at + 1])
        if len(arguments) % 2 == 0:
            raise Undefined("no condition of this if(…) holds")
        return self.value(arguments[-1])

    def slope(self, of: Node, variable: Node) -> Value:
        """``diff(f, x)`` as a number: the central difference, good to about nine digits."""
        if not isinstance(variable, Name):
            raise Undefined("diff(f, x) needs a symbol as its second argument")
        at = as_number(self.name(variable))
        sides = [
            as_number(evaluate(of, {**self.values, variable.name: at + step}, self.functions))
            for step in (_STEP, -_STEP)
        ]
        return (sides[0] - sides[1]) / (2 * _STEP)

    def reference(self, name: str, arguments: list[Value], options: dict[str, Value]) -> Value:
        plain = {key: _plain(value) for key, value in options.items()}
        try:
            return from_python(self.functions[name](*map(_plain, arguments), **plain))
        except Exception as error:  # also of functions that packages brought
            raise Undefined(f"{name}: {str(error) or type(error).__name__}") from error


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
    """Evaluates trees that share parts and outlive it, each part once."""

    def __init__(
        self, values: Mapping[str, Value], functions: Mapping[str, Callable[..., object]]
    ) -> None:
        super().__init__(values, functions)
        self.known: dict[int, Value] = {}

    def value(self, node: Node) -> Value:
        found = self.known.get(id(node))
        if found is None:
            found = self.known[id(node)] = _READERS[type(node)](self, node)
        return found


def is_node(value: object) -> TypeGuard[Node]:
    """Whether a value is maths (a tree) rather than a number, word or array."""
    return type(value) in _READERS


def as_number(value: Value) -> Fraction | float:
    """The value as one number. Raises Undefined for words, arrays and maths."""
    if type(value) is Fraction or type(value) is float:
        return value
    if isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, Fraction | float):
        return value
    raise Undefined("one number is needed here")


def as_integer(value: Value) -> int:
    """The value as a whole number. Raises Undefined when it isn't one."""
    return whole(as_number(value))


def from_python(value: object) -> Value:
    """What a reference function returned, as a value: NumPy arrays become nested tuples.

    An entry of an array that is nothing but rounding error beside the others is 0.
    """
    if hasattr(value, "tolist"):
        return _without_noise(from_python(value.tolist()))
    if isinstance(value, bool | str | Fraction):
        return value
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float):
        return finite(Fraction(int(value)) if value == int_or_none(value) else value)
    if isinstance(value, list | tuple):
        return tuple(from_python(item) for item in value)
    raise Undefined(f"{type(value).__name__} is not a value of the answer language")


def _without_noise(value: Value) -> Value:
    """A nested tuple in which entries below 10^−14 of the largest (or of 1/10) are 0."""
    if not isinstance(value, tuple):
        return value
    least = NOISE * max((0.1, *(abs(x) for x in _entries(value))))

    def settled(item: Value) -> Value:
        if isinstance(item, tuple):
            return tuple(map(settled, item))
        return Fraction(0) if isinstance(item, float) and abs(item) < least else item

    return settled(value)


def _entries(value: Value) -> Iterator[float]:
    if isinstance(value, tuple):
        for item in value:
            yield from _entries(item)
    elif isinstance(value, Fraction | float):
        yield float(value)


def _plain(value: Value) -> object:
    """An argument for a reference function: whole numbers as int."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value


_RELATIONS: dict[str, Callable[[Fraction | float, Fraction | float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _compare(op: str, left: Value, right: Value) -> bool:
    if isinstance(left, Fraction | float) and isinstance(right, Fraction | float):
        return _RELATIONS[op](left, right)
    if op in ("=", "!="):
        return (left == right) == (op == "=")
    raise Undefined(f"{op} compares numbers only")


def _item(sequence: Value, *places: Value) -> Value:
    """Entry of an array, counted from 0."""
    for place in places:
        at = as_integer(place)
        if not isinstance(sequence, tuple) or not 0 <= at < len(sequence):
            raise Undefined("there is no such entry")
        sequence = sequence[at]
    return sequence


def _length(sequence: Value) -> Value:
    if not isinstance(sequence, tuple):
        raise Undefined("length(…) needs a list")
    return Fraction(len(sequence))


_ON_SEQUENCES: dict[str, Callable[..., Value]] = {
    "item": _item,
    "length": _length,
    "array": lambda items: items,
}


def _on_arrays(node: Node, **operands: Value) -> Value:
    """Array arithmetic through NumPy, which is imported here when first needed."""
    import numpy as np

    from engine.language import arrays

    try:
        values = {name: np.asarray(operand, dtype=float) for name, operand in operands.items()}
        _check_room(node, operands, [value.size for value in values.values()])
        result = arrays.evaluate(node, values)
    except OverflowError:
        raise Undefined("this number is too large to compute") from None
    except ValueError as error:
        raise Undefined(str(error)) from error
    if result.size > MAX_ENTRIES:
        raise Undefined("this array is too large to compute")
    if not np.isfinite(result).all():
        raise Undefined("this has no finite value")
    return from_python(result)


def _check_room(node: Node, operands: Mapping[str, Value], sizes: list[int]) -> None:
    """Raise Undefined for what would fill the memory: ``ones(7, 1e9)``, a huge diagonal."""
    function = node.function if isinstance(node, Call) else ""
    entries, most = math.prod(sizes) ** (2 if function == "diag" else 1), MAX_PAIRS
    if function == "ones":
        lengths = [as_number(operand) for operand in operands.values()]
        if any(length == math.inf or length < 1 or length % 1 for length in lengths):
            raise Undefined("ones(…) takes whole numbers from 1 up")
        entries, most = int(math.prod(lengths)), MAX_ENTRIES
    if entries > most:
        raise Undefined("this array is too large to compute")


def _array_call(function: str, arguments: list[Value], options: dict[str, Value]) -> Value:
    names = [f"a{at}" for at in range(len(arguments))]
    given = tuple((name, _literal(value)) for name, value in options.items())
    call = Call(function, tuple(map(Name, names)), given)
    return _on_arrays(call, **dict(zip(names, arguments, strict=True)))


def _literal(value: Value) -> Node:
    number = as_number(value)
    return Number(Fraction(number))
