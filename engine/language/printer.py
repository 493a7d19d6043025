"""Trees as one line of text that reads back to the same tree, and values as short text."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor, log10
from typing import NamedTuple, TypeAlias

from engine.language.names import GREEK, SHORT, is_simple
from engine.language.tree import (
    Binary,
    Call,
    Constant,
    Name,
    Node,
    Number,
    Sequence,
    Unary,
    each,
)

Shown: TypeAlias = "Fraction | complex | str | Node | tuple[Shown, ...] | list[Shown]"
"""What ``format_value`` writes: a number, truth value, word, tree or array of these."""

# How tightly a text holds together, loosest first.
OR, AND, RELATION, SUM, PRODUCT, SIGN, POWER, POSTFIX, ATOM = range(9)


class Operator(NamedTuple):
    """A sign between two operands, and how tight each operand must be to go without brackets."""

    sign: str
    ascii: str
    level: int
    left: int
    right: int


OPERATORS = {
    "or": Operator(" or ", " or ", OR, OR, AND),
    "and": Operator(" and ", " and ", AND, AND, RELATION),
    "=": Operator(" = ", " = ", RELATION, SUM, SUM),
    "!=": Operator(" ≠ ", " != ", RELATION, SUM, SUM),
    "<": Operator(" < ", " < ", RELATION, SUM, SUM),
    "<=": Operator(" ≤ ", " <= ", RELATION, SUM, SUM),
    ">": Operator(" > ", " > ", RELATION, SUM, SUM),
    ">=": Operator(" ≥ ", " >= ", RELATION, SUM, SUM),
    "+": Operator(" + ", " + ", SUM, SUM, PRODUCT),
    "-": Operator(" − ", " - ", SUM, SUM, PRODUCT),
    "*": Operator("·", "*", PRODUCT, PRODUCT, SIGN),
    "×": Operator(" × ", "*", PRODUCT, PRODUCT, SIGN),
    "/": Operator("/", "/", PRODUCT, PRODUCT, SIGN),
    "@": Operator(" @ ", " @ ", PRODUCT, PRODUCT, SIGN),
    "⊙": Operator(" ⊙ ", " .* ", PRODUCT, PRODUCT, SIGN),
    "^": Operator("^", "^", POWER, ATOM, ATOM),
}
CONSTANTS = {"pi": "π", "inf": "∞"}
_BEHIND = {"T": ("ᵀ", "^T"), "%": ("%", "%"), "!": ("!", "!")}
_BEFORE = {"-": ("−", "-"), "+": ("+", "+")}
_BARS = {"abs": ("|", "|"), "norm": ("‖", "||")}
_FULL_WORDS = {
    **{letter: word for word, letter in GREEK.items()},
    **{short: word for word, short in SHORT.items()},
}
_HAT = "\N{COMBINING CIRCUMFLEX ACCENT}"
_MOST_BARRED = 20
_SHORT_DECIMAL = 6
_LONG = 10**40
"""Whole numbers from here on are rounded; Python refuses to write out the very longest."""
_MAX_BITS = 3_321
"""What 1,000 digits take, the most that are read."""


class _Text(NamedTuple):
    text: str
    level: int


class _Style(NamedTuple):
    ascii: bool
    bars: bool


def one_line(node: Node, *, ascii: bool = False) -> str:
    """The tree as text that parses back to it: ``(28 + 2·1 − 5)/2 + 1``, ``2·x·y``, ``Xᵀ``.

    ``ascii`` keeps to plain characters: ``lambda``, ``yhat``, ``X^T``, ``2*x``.
    """
    barred = sum(call.function in _BARS for call in each(Call, node))
    return _write(node, _Style(ascii, barred <= _MOST_BARRED)).text


@lru_cache(maxsize=1024)
def display(name: str, *, ascii: bool = False) -> str:
    """A declared name as it is shown: ``lam_1`` is λ_1, ``yhat`` is ŷ, ``dJ/dw_i`` stays.

    ``ascii`` gives the full words: ``lambda_1``, ``yhat``.
    """
    if not is_simple(name):
        return name
    show = _spelled_out if ascii else _letter
    return "".join(map(show, re.split(r"(_(?!hat)|\d+)", name)))


def exact_decimal(value: Fraction) -> str:
    """A fraction as a finite decimal of at most six significant digits, or ``""``."""
    digits = value.denominator
    for prime in (2, 5):
        while digits % prime == 0:
            digits //= prime
    if digits != 1 or value.denominator > 10**_SHORT_DECIMAL:
        return ""
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    text = format(decimal.normalize(), "f")
    significant = text.lstrip("-0.").replace(".", "")
    return text if len(significant) <= _SHORT_DECIMAL and Fraction(text) == value else ""


# -- nodes -----------------------------------------------------------------------------------


def _write(node: Node, style: _Style) -> _Text:
    return _WRITERS[type(node)](node, style)


def _tight(node: Node, level: int, style: _Style) -> str:
    """The text of a node, in brackets unless it holds together at least as tightly."""
    text = _write(node, style)
    return text.text if text.level >= level else f"({text.text})"


def _number(node: Number, style: _Style) -> _Text:
    text = node.text.rstrip(".")
    if not text or (style.ascii and not text.isascii()):
        return _exactly(node.value, style)
    return _Text(text, SIGN if text[0] in "-−+" else ATOM)


def _exactly(value: Fraction, style: _Style) -> _Text:
    if value < 0:
        positive = _exactly(-value, style)
        return _Text(_BEFORE["-"][style.ascii] + positive.text, min(positive.level, SIGN))
    if max(value.numerator, value.denominator).bit_length() > _MAX_BITS:
        return _Text(_scientific(value, 12), ATOM)
    if value.denominator == 1:
        return _Text(str(value.numerator), ATOM)
    decimal = exact_decimal(value)
    return _Text(decimal, ATOM) if decimal else _Text(str(value), PRODUCT)


def _name(node: Name, style: _Style) -> _Text:
    return _Text(display(node.name, ascii=style.ascii), POWER if "/" in node.name else ATOM)


def _constant(node: Constant, style: _Style) -> _Text:
    return _Text(node.name if style.ascii else CONSTANTS.get(node.name, node.name), ATOM)


def _unary(node: Unary, style: _Style) -> _Text:
    if node.op in _BEFORE:
        return _Text(_BEFORE[node.op][style.ascii] + _tight(node.operand, POWER, style), SIGN)
    return _Text(_tight(node.operand, ATOM, style) + _BEHIND[node.op][style.ascii], POSTFIX)


def _binary(node: Binary, style: _Style) -> _Text:
    operator = operator_of(node)
    left = _tight(node.left, operator.left, style)
    right = _tight(node.right, operator.right, style)
    signed = operator.level >= SUM and right[0] in "-−+"
    if signed or (node.op == "/" and _is_derivative(node.right)):
        right = f"({right})"
    return _Text(left + (operator.ascii if style.ascii else operator.sign) + right, operator.level)


def operator_of(node: Binary) -> Operator:
    """The sign of an operation; a product keeps a ``×`` that was typed."""
    return OPERATORS["×" if node.op == "*" and node.written == "×" else node.op]


def _is_derivative(node: Node) -> bool:
    return isinstance(node, Name) and "/" in node.name


def _call(node: Call, style: _Style) -> _Text:
    if node.function in _BARS and style.bars and len(node.arguments) == 1:
        bar = _BARS[node.function][style.ascii]
        inside = _tight(node.arguments[0], SUM, style)
        if not any(sign in inside for sign in "|‖") and inside[0] not in "+-−":
            return _Text(bar + inside + bar, ATOM)
    arguments = [_argument(argument, style) for argument in node.arguments]
    index = dict(node.options).get("over")
    if isinstance(index, Name):
        return _Text(f"{node.function}_{index.name}({', '.join(arguments)})", SUM)
    options = [f"{name}={_write(value, style).text}" for name, value in node.options]
    return _Text(f"{node.function}({', '.join(arguments + options)})", ATOM)


def _argument(node: Node, style: _Style) -> str:
    """``axis = 1`` as a condition stands in brackets: without, it would be an option."""
    text = _write(node, style).text
    return f"({text})" if re.match(r"(axis|keepdims) = ", text) else text


def _sequence(node: Sequence, style: _Style) -> _Text:
    items = [_write(item, style).text for item in node.items]
    if node.brackets == "[]":
        return _Text(f"[{', '.join(items)}]", ATOM)
    return _Text(f"({', '.join(items)}{',' * (len(items) == 1)})", ATOM)


_WRITERS: dict[type, Callable[..., _Text]] = {
    Number: _number,
    Name: _name,
    Constant: _constant,
    Unary: _unary,
    Binary: _binary,
    Call: _call,
    Sequence: _sequence,
}


# -- names -----------------------------------------------------------------------------------


def _letter(word: str) -> str:
    base, hat = _without_hat(word)
    letter = GREEK.get(_FULL_WORDS.get(base, base), base)
    if not hat:
        return letter
    return _composed(letter + _HAT) if len(letter) == 1 else word


def _spelled_out(word: str) -> str:
    base, hat = _without_hat(word if word.isascii() else _decomposed(word))
    return _FULL_WORDS.get(base, base) + ("hat" if hat else "")


def _without_hat(word: str) -> tuple[str, bool]:
    for ending in ("_hat", "hat", _HAT):
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending), True
    return word, False


def _composed(text: str) -> str:
    from unicodedata import normalize

    return normalize("NFC", text)


def _decomposed(text: str) -> str:
    from unicodedata import normalize

    return normalize("NFD", text)


# -- values ----------------------------------------------------------------------------------


def format_value(value: Shown, digits: int = 4, *, ascii: bool = False) -> str:
    """A value as a person writes it: ``13.5``, ``0.3333``, ``1.670e-5``, ``[[1, 2], [3, 4]]``.

    Whole numbers of at most 40 digits are written out, short decimals (six significant digits)
    exactly, and everything else is rounded to ``digits`` significant digits, never before the
    point. What a float holds beyond 13 significant digits is rounding error.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(format_value(item, digits, ascii=ascii) for item in value)}]"
    if isinstance(value, Node):
        return one_line(value, ascii=ascii)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, complex):
        return _complex(value, digits, ascii)
    text = _real(value, digits)
    sign = "-" if ascii else "−"
    text = text if ascii else text.replace("inf", "∞")
    return sign + text[1:] if text.startswith("-") else text


def _real(value: int | Fraction | float, digits: int) -> str:
    if isinstance(value, float):
        if value != value or abs(value) == float("inf"):
            return str(value)
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    exact = Fraction(str(float(f"{value:.13g}")) if isinstance(value, float) else value)
    short = not isinstance(value, float) or abs(exact) < 10**_SHORT_DECIMAL
    if exact.denominator == 1 and short and abs(exact) < _LONG:
        return str(exact.numerator)
    if Fraction(1, 10**4) <= abs(exact) < 10**_SHORT_DECIMAL:
        return exact_decimal(exact) or _rounded(exact, digits)
    return _scientific(exact, digits)


def _rounded(value: Fraction, digits: int) -> str:
    """Rounded to ``digits`` significant digits, zeros kept, but no digit before the point lost."""
    after_point = max(0, digits - 1 - Decimal(_scientific(value, digits)).adjusted())
    scaled = int(abs(value) * 10**after_point + Fraction(1, 2))
    text = format(Decimal(scaled).scaleb(-after_point), "f")
    return "-" + text if value < 0 else text


def _scientific(value: Fraction, digits: int) -> str:
    """``1.670e-5``: one digit before the point; halves are rounded away from zero."""
    if value == 0:
        return "0"
    size = abs(value)
    exponent = floor(log10(size.numerator) - log10(size.denominator)) + 1
    while size < Fraction(10) ** exponent:
        exponent -= 1
    scaled = int(size / Fraction(10) ** (exponent - digits + 1) + Fraction(1, 2))
    if scaled >= 10**digits:
        exponent, scaled = exponent + 1, scaled // 10
    figures = str(scaled)
    mantissa = figures[0] + ("." + figures[1:] if digits > 1 else "")
    return f"{'-' * (value < 0)}{mantissa}e{exponent}"


def _complex(value: complex, digits: int, ascii: bool) -> str:
    real = format_value(value.real, digits, ascii=ascii)
    if value.imag == 0:
        return real
    imaginary = format_value(abs(value.imag), digits, ascii=ascii) + "i"
    minus = "-" if ascii else "−"
    if value.real == 0:
        return (minus if value.imag < 0 else "") + imaginary
    return f"{real} {minus if value.imag < 0 else '+'} {imaginary}"
