"""Matrix expressions over named axes: shapes first, with reasons, then values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from engine.kinds.base import Asked, Judgement, Reading, start_of_answer
from engine.kinds.symbolic import SymbolicKind, decided, equality, resolved, scope_of, spelled_out
from engine.language.axes import (
    Mismatch,
    Shape,
    Typed,
    Unclear,
    is_scalar,
    typed,
    without_keepdims,
    written,
)
from engine.language.errors import Unreadable
from engine.language.exact import Value
from engine.language.indicators import unwrapped
from engine.language.parser import read
from engine.language.printer import display, one_line
from engine.language.surprises import surprises
from engine.language.symbols import Symbol
from engine.language.tree import (
    Binary,
    Call,
    Name,
    Node,
    Sequence,
    Unary,
    children,
    each,
    remembered,
)
from engine.values import as_tree

_INDEX = re.compile(r"(?:_\{?|(?=[ᵢⱼₖ]))([ijkᵢⱼₖ][ijkᵢⱼₖ\s,]*)\}?\Z")
_LETTERS = str.maketrans("ᵢⱼₖ", "ijk", ", ")


class MatrixKind(SymbolicKind):
    """A matrix expression: right when its shape is the reference's and all entries agree."""

    def read(self, text: str, part: Asked) -> Reading:
        """A tree in the part's symbols; the echo shows which products were read."""
        tree = unwrapped(read(text, scope_of(part.symbols), start=start_of_answer(text, part)))
        for node in each(Sequence, tree):
            raise Unreadable("one expression in the symbols is asked here", node.start, node.end)
        if any("over" in dict(call.options) for call in each(Call, tree)):
            _check_indices(text, tree)
        declared = _declared(part.symbols)
        try:
            shown = typed(tree, declared).node
        except Unclear as error:
            raise Unreadable(error.message, error.start, error.end) from None
        except Mismatch:
            return Reading(tree, one_line(tree), surprises(text, tree))
        warnings = (*surprises(text, tree), *_powers_of_squares(shown, declared))
        return Reading(tree, one_line(without_keepdims(shown)), warnings)

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """All or nothing. Shapes that don't fit are told with the operands and axes."""
        wanted = _reference(resolved(as_tree(reference), part.symbols), part.symbols)
        try:
            given = typed(as_tree(value), _declared(part.symbols))
        except Mismatch as error:
            return Judgement(Fraction(0), "exact", "shapes-differ", (error.message,))
        if not _same_shape(given.shape, wanted.shape):
            return _wrong_shape(given, wanted, part)
        judged = decided(equality(given.node, wanted.node, part.symbols))
        if judged.share == 1 or not part.meanings:
            return judged
        return self.spelled(as_tree(value), as_tree(reference), part) or judged

    def spelled(self, answer: Node, key: Node, part: Asked) -> Judgement | None:
        """The same with named axes; a meaning that doesn't fit its symbol tells nothing."""
        declared = _declared(part.symbols)
        try:
            left = typed(spelled_out(answer, part), declared).node
            right = typed(spelled_out(resolved(key, part.symbols), part), declared).node
            found = equality(left, right, part.symbols)
        except (Mismatch, Unclear, Unreadable):
            return None
        return decided(found) if found.same else None

    def same(self, value: Value, other: Value, part: Asked) -> bool:
        """Whether two answers are equal; where shapes don't fit, whether they are written alike."""
        try:
            return super().same(value, other, part)
        except Mismatch:
            from engine.diagnosis.written import written as spelled

            declared = _declared(part.symbols)
            return spelled(as_tree(value), declared) == spelled(as_tree(other), declared)

    def clashes(self, value: Value, reference: Value, part: Asked) -> bool:
        """Whether a misconception is written exactly as the key; the rest lint finds out."""
        return value == reference


@lru_cache(maxsize=256)
def _declared(symbols: tuple[Symbol, ...]) -> Mapping[str, Symbol]:
    return {symbol.name: symbol for symbol in symbols}


@remembered(maxsize=1024)
def _reference(node: Node, symbols: tuple[Symbol, ...]) -> Typed:
    return typed(node, _declared(symbols))


def _check_indices(text: str, tree: Node, over: str = "") -> None:
    """Refuse an entry ``y_i`` outside of the sum over i: the sum lacks brackets.

    Raises Unreadable.
    """
    if isinstance(tree, Name):
        typed_as = text[tree.start : tree.end]
        found = None if _INDEX.search(tree.name) else _INDEX.search(typed_as)
        free = [i for i in found[1].translate(_LETTERS) if i not in over] if found else []
        if free:
            say = f"{typed_as} is one entry, but no sum over {free[0]} is around it"
            raise Unreadable(say, tree.start, tree.end)
    if isinstance(tree, Call):
        over += "".join(v.name for k, v in tree.options if k == "over" and isinstance(v, Name))
    for child in children(tree):
        _check_indices(text, child, over)


def _powers_of_squares(tree: Node, declared: Mapping[str, Symbol]) -> Iterator[str]:
    """What ``A^2`` and ``A^-1`` of a square matrix are: powers of its entries."""
    for node in each(Binary, tree):
        if node.op == "^":
            shape = typed(node.left, declared).shape
            if len(shape) == 2 and shape[0] == shape[1] != "1":
                yield f"{one_line(node)} is element by element, not a power of the matrix."


def _same_shape(given: Shape, wanted: Shape) -> bool:
    return given == wanted or (is_scalar(given) and is_scalar(wanted))


def _wrong_shape(given: Typed, wanted: Typed, part: Asked) -> Judgement:
    """The two shapes, whose shape is asked, and whether transposing would do."""
    told = f"{_subject(wanted.shape, part)}; yours is {written(given.shape)}"
    if given.shape == tuple(reversed(wanted.shape)):
        flipped = Unary("T", given.node)
        if equality(flipped, wanted.node, part.symbols).same:
            say = f"{told}: transpose it."
            return Judgement(Fraction(0), "exact", "transposed", (say,))
    return Judgement(Fraction(0), "exact", "wrong-shape", (f"{told}.",))


def _subject(shape: Shape, part: Asked) -> str:
    """``The gradient has the shape of w, (1, F)`` for a part dw; plainer for others."""
    name = part.id.rpartition(".")[2]
    variable = _declared(part.symbols).get(name[1:]) if name.startswith("d") else None
    if variable is not None and variable.axes and _same_shape(variable.axes, shape):
        return f"The gradient has the shape of {display(variable.name)}, {written(variable.axes)}"
    return f"The answer is {written(shape)}" if shape else "The answer is a scalar"
