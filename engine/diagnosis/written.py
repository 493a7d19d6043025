"""How an expression is written, the order of terms and of scalar factors aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from engine.diagnosis.change import MINUS_ONE, factors, is_product, is_sum, terms
from engine.language.axes import Mismatch, is_scalar, typed
from engine.language.errors import Undefined
from engine.language.exact import evaluate
from engine.language.printer import one_line
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Node, Unary, children, names

MAX_BITS = 200
"""Of a constant that is written out; a longer one stays as it is typed."""
_PRODUCTS = {"dot": "*", "multiply": "⊙"}


def written(node: Node, symbols: Mapping[str, Symbol]) -> str:
    """A text that two expressions share where only the order of their parts differs."""
    if is_sum(node) or (isinstance(node, Unary) and node.op == "-"):
        parts = terms(node)
        if len(parts) > 1 or parts[0][0] < 0:
            return f"({' '.join(sorted(f'{s:+d}{written(t, symbols)}' for s, t in parts))})"
        node = parts[0][1]
    if isinstance(node, Call) and node.function in _PRODUCTS:
        left, right = node.arguments
        return written(Binary(_PRODUCTS[node.function], left, right), symbols)
    if isinstance(node, Call) and node.function == "transpose":
        node = Unary("T", node.arguments[0])
    if is_product(node) and names(node):
        return _product(node, symbols)
    constant = _constant(node)
    if constant is not None:
        return str(constant)
    below = children(node)
    if not below:
        return one_line(node)
    head = node.function if isinstance(node, Call) else getattr(node, "op", "")
    options = dict(node.options) if isinstance(node, Call) else {}
    shown = [written(child, symbols) for child in below]
    return f"{head}[{', '.join(shown)} {' '.join(options)}]"


def _constant(node: Node) -> Fraction | None:
    """The rational that a part without symbols is: 3/2, 1.5 and (3/2) are written alike."""
    if names(node):
        return None
    try:
        value = evaluate(node, {})
    except Undefined:
        return None
    short = isinstance(value, Fraction) and _bits(value) <= MAX_BITS
    return value if short and isinstance(value, Fraction) else None


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _product(node: Node, symbols: Mapping[str, Symbol]) -> str:
    scalars, matrices, sign = [], [], 1
    for direction, factor in factors(node):
        if factor == MINUS_ONE:
            sign = -sign
        elif _is_scalar(factor, symbols):
            scalars.append(f"{'*/'[direction < 0]}{written(factor, symbols)}")
        else:
            matrices.append(f"{'@/'[direction < 0]}{written(factor, symbols)}")
    text = "".join(sorted(scalars) + matrices)
    return text if sign > 0 else f"(-1{text})"


def _is_scalar(node: Node, symbols: Mapping[str, Symbol]) -> bool:
    try:
        return is_scalar(typed(node, symbols).shape)
    except Mismatch:
        return False


def pieces(node: Node) -> Iterator[Node]:
    """The parts of an answer that a student would point at: terms, factors, operands."""
    yield node
    if is_sum(node):
        below = tuple(term for _, term in terms(node))
    elif is_product(node):
        below = tuple(factor for _, factor in factors(node))
    else:
        below = children(node)
    for part in below:
        if part != node:
            yield from pieces(part)
