"""The form that a part may ask for: expanded, factored, simplified or exact."""

from __future__ import annotations

from collections.abc import Callable

from engine.language.tree import Binary, Node, Number, Unary, children, each, names, walk

ALLOWANCE = 1.5
"""How much longer than the reference a simplified answer may be."""


def fault_of_form(form: str, answer: Node, reference: Node) -> str:
    """What keeps an answer from having the asked form, or ``""``."""
    return _FORMS[form](answer, reference) if form else ""


def _is_sum(node: Node) -> bool:
    if isinstance(node, Unary):
        return _is_sum(node.operand)
    return isinstance(node, Binary) and node.op in "+-"


def _expanded(answer: Node, reference: Node) -> str:
    for node in each(Binary, answer):
        product = node.op == "*" and (_is_sum(node.left) or _is_sum(node.right))
        power = node.op == "^" and _is_sum(node.left) and not names(node.right)
        if product or power:
            return "The expanded form is asked: multiply the brackets out."
    return ""


def _factored(answer: Node, reference: Node) -> str:
    return "The factored form is asked: write it as a product." if _is_sum(answer) else ""


def _simplified(answer: Node, reference: Node) -> str:
    if _size(answer) > ALLOWANCE * _size(reference) + 2:
        return "The simplified form is asked: this can be written much shorter."
    for node in walk(answer):
        parts = children(node)
        both = isinstance(node, Binary) and node.op in ("+", "-", "*")
        if both and all(isinstance(part, Number) for part in parts):
            return "The simplified form is asked: work the numbers out."
    return ""


def _exact(answer: Node, reference: Node) -> str:
    if any("." in number.text for number in each(Number, answer)):
        return "An exact answer is asked: write fractions and roots, not decimals."
    return ""


def _size(node: Node) -> int:
    return len(walk(node))


_FORMS: dict[str, Callable[[Node, Node], str]] = {
    "expanded": _expanded,
    "factored": _factored,
    "simplified": _simplified,
    "exact": _exact,
}
