"""What can't stand in an answer that is one number: lists, transposes, comparisons."""

from __future__ import annotations

from engine.language.errors import Unreadable
from engine.language.functions import OVER_AXES
from engine.language.indicators import CONNECTIVES, is_condition
from engine.language.tree import Binary, Call, Node, Sequence, Unary, children

_OF_ARRAYS = {function.name for function in OVER_AXES} - {"norm"}


def check_scalar(tree: Node, *, lists: bool = False) -> None:
    """Raise Unreadable at the first part of a tree that has no value as one number.

    ``lists``: functions of lists (``sum([1, 2])``) may stand in it.
    """
    message = _fault(tree, lists)
    if message:
        raise Unreadable(message, tree.start, tree.end)
    if isinstance(tree, Call) and tree.function == "if":
        for at, argument in enumerate(tree.arguments):
            if at % 2 == 0 and at + 1 < len(tree.arguments):
                _check_condition(argument, lists)
            else:
                check_scalar(argument, lists=lists)
        return
    for child in children(tree):
        check_scalar(child, lists=lists)


def _check_condition(tree: Node, lists: bool) -> None:
    if not isinstance(tree, Binary) or not is_condition(tree):
        raise Unreadable("a condition such as x > 0 is needed here", tree.start, tree.end)
    for side in (tree.left, tree.right):
        if tree.op in CONNECTIVES:
            _check_condition(side, lists)
        else:
            check_scalar(side, lists=lists)


def _fault(node: Node, lists: bool) -> str:
    """Why a node itself, whatever it is made of, is no number; ``""`` if nothing is wrong."""
    if is_condition(node):
        return "a comparison isn't a number: write if(x > 0, a, b), or a product such as a (x > 0)"
    if isinstance(node, Unary) and node.op == "T":
        return "this is a transpose, but one number is asked here"
    if lists:
        return ""
    if isinstance(node, Sequence):
        return "one expression is asked here"
    if isinstance(node, Call) and node.function in _OF_ARRAYS:
        return f"{node.function}(…) is for arrays, and all symbols here are single numbers"
    return ""
