"""Readings that may surprise: ``1/2x`` is (1/2)·x, ``e^2x`` is e²·x, ``-x^2`` is −(x²)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.language.printer import one_line
from engine.language.tree import Binary, Call, Name, Node, Number, Unary, walk

MOST = 3


def surprises(text: str, tree: Node) -> tuple[str, ...]:
    """One sentence for each reading that people often mean otherwise, at most three."""
    found = (
        say
        for node in walk(tree)
        for rule in _RULES.get(type(node), ())
        if (say := rule(text, node))
    )
    return tuple(dict.fromkeys(found))[:MOST]


def _glued(text: str, left: Node, right: Node) -> bool:
    """Whether two operands stand side by side with nothing between, not even a bracket."""
    return left.end == right.start and text[right.start : right.start + 1] not in ("(", "[", "|")


def _half_x(text: str, node: Binary) -> str:
    if not (node.op == "*" and node.implicit):
        return ""
    left, right = node.left, node.right
    if not (isinstance(left, Binary) and left.op == "/" and not left.implicit):
        return ""
    if not isinstance(left.right, Number | Name) or not _glued(text, left, right):
        return ""
    top, bottom, last = one_line(left.left), one_line(left.right), one_line(right)
    other = f"{top}/({bottom}·{last})"
    return f"{top}/{bottom}{last} reads as ({top}/{bottom})·{last}; for {other} write brackets."


def _power_x(text: str, node: Binary) -> str:
    if not (node.op == "*" and node.implicit):
        return ""
    left, right = node.left, node.right
    if not (isinstance(left, Binary) and left.op == "^" and _glued(text, left, right)):
        return ""
    if text[left.right.start : left.end].isdigit() and text[left.start : left.end].count("^") == 1:
        base, power, last = one_line(left.left), one_line(left.right), one_line(right)
        other = f"{base}^({power}·{last})"
        return f"{base}^{power}{last} reads as {base}^{power}·{last}; for {other} write brackets."
    return ""


def _minus_power(text: str, node: Unary) -> str:
    if node.op == "-" and isinstance(node.operand, Binary):
        power = node.operand
        if power.op == "^" and node.start + 1 == power.start:
            return f"−{one_line(power)} reads as −({one_line(power)})."
    return ""


def _glued_function(text: str, node: Call) -> str:
    if len(node.arguments) != 1:
        return ""
    argument = node.arguments[0]
    typed = text[node.start : argument.start]
    if typed.isalpha() and argument.start > node.start and argument.end == node.end:
        return f"{text[node.start : node.end]} reads as {one_line(node)}."
    return ""


def _glued_names(text: str, node: Binary) -> str:
    if not (node.op == "*" and node.implicit):
        return ""
    left, right = node.left, node.right
    both = isinstance(left, Name) and isinstance(right, Name)
    if both and left.start < left.end == right.start < right.end and text[left.end - 1] not in ")]":
        return f"{text[left.start : right.end]} reads as {one_line(node)}."
    return ""


_RULES: dict[type[Node], tuple[Callable[[str, Any], str], ...]] = {
    Binary: (_half_x, _power_x, _glued_names),
    Unary: (_minus_power,),
    Call: (_glued_function,),
}
