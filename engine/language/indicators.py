"""Square brackets and indicators as people write them: ``[x + 1] y``, ``x 1[x > 0]``."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

from engine.language.tree import Binary, Call, Node, Number, Sequence, Unary, each, rebuild

RELATIONS = {"=", "!=", "<", "<=", ">", ">="}
CONNECTIVES = {"and", "or"}
_CONDITIONS = RELATIONS | CONNECTIVES
_ARITHMETIC = {"+", "-", "*", "/", "@", "⊙", "^"}


def is_condition(node: Node) -> bool:
    """Whether a node is a relation, or some joined by ``and`` and ``or``."""
    return isinstance(node, Binary) and node.op in _CONDITIONS


def numeric(tree: Node) -> Node:
    """The tree ``unwrapped`` and ``counted``: itself if nothing like that stands in it."""
    if each(Sequence, tree) or any(map(is_condition, each(Binary, tree))):
        return counted(unwrapped(tree))
    return tree


def unwrapped(tree: Node) -> Node:
    """Square brackets around one operand are brackets; ``1[Z > 0]`` is ``(Z > 0)``."""
    tree = rebuild(tree, _unwrapped_operand)
    if not (isinstance(tree, Binary) and tree.implicit and is_condition(tree.right)):
        return tree
    if _is_one(tree.left):
        return tree.right
    if isinstance(tree.left, Binary) and _is_one(tree.left.right):
        return replace(tree.left, right=tree.right, end=tree.end)
    return tree


def _is_one(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 1


def _unwrapped_operand(node: Node) -> Node:
    if isinstance(node, Sequence) and node.brackets == "[]" and len(node.items) == 1:
        return unwrapped(node.items[0])
    return unwrapped(node)


def counted(tree: Node) -> Node:
    """A condition in a sum or product is 1 where it holds and 0 elsewhere.

    A single equals sign stays: it is a slip more often than a condition.
    """
    inside = partial(_counted_operand, arithmetic=_is_arithmetic(tree))
    return rebuild(tree, inside)


def _counted_operand(node: Node, arithmetic: bool) -> Node:
    equation = isinstance(node, Binary) and node.op == node.written == "="
    if arithmetic and is_condition(node) and not equation:
        choice = (node, Number(Fraction(1), "1"), Number(Fraction(0), "0"))
        return Call("if", choice, (), node.start, node.end)
    return counted(node)


def _is_arithmetic(node: Node) -> bool:
    return isinstance(node, Unary) or (isinstance(node, Binary) and node.op in _ARITHMETIC)
