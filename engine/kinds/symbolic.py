"""Scalar expressions in the part's symbols, compared as functions."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from engine.equality import Equality, equal
from engine.equality.fields import NotComparable
from engine.forms import fault_of_form
from engine.kinds.base import Asked, Judgement, Kind, Reading, start_of_answer
from engine.kinds.scalars import check_scalar
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value, as_number, evaluate
from engine.language.functions import COMPLEX_FUNCTIONS, STUDENT_FUNCTIONS
from engine.language.indicators import numeric
from engine.language.parser import read
from engine.language.printer import one_line
from engine.language.scope import Scope
from engine.language.surprises import surprises
from engine.language.symbols import Symbol
from engine.language.tree import Call, Name, Node, names, rebuild, remembered, substitute
from engine.values import as_tree, close
from engine.verdict import Diagnosis

_CLOSE = Fraction(1, 10**5)
_POINTS = ((3, 7), (5, 11), (13, 17))


class SymbolicKind(Kind):
    """An expression: right when it equals the reference wherever both are defined."""

    def read(self, text: str, part: Asked) -> Reading:
        """A tree in the part's symbols. Raises Unreadable."""
        scope, start = scope_of(part.symbols), start_of_answer(text, part)
        tree = numeric(read(text, scope, start=start))
        check_scalar(tree)
        return Reading(tree, one_line(tree), surprises(text, tree))

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """All or nothing. Raises Unreadable for a form that isn't asked, which uses no try."""
        answer, key = as_tree(value), resolved(as_tree(reference), part.symbols)
        check_form(answer, key, part)
        judged = decided(equality(answer, key, part.symbols))
        if judged.share == 1 or not part.meanings:
            return judged
        return self.spelled(answer, key, part) or judged

    def spelled(self, answer: Node, key: Node, part: Asked) -> Judgement | None:
        """Right once every symbol that stands for others is spelled out on both sides, or None."""
        left, right = spelled_out(answer, part), spelled_out(key, part)
        if (left, right) == (answer, key):
            return None
        try:
            found = equality(left, right, part.symbols)
        except Unreadable:
            return None
        return decided(found) if found.same else None

    def write(self, reference: Value, part: Asked) -> str:
        """The reference in one line, derivatives carried out."""
        return one_line(resolved(as_tree(reference), part.symbols))

    def slip(self, value: Value, reference: Value, part: Asked) -> Diagnosis | None:
        """The one-step change of the reference that the answer is."""
        from engine.diagnosis import diagnose, rounded

        answer, key = as_tree(value), resolved(as_tree(reference), part.symbols)
        return rounded(key, answer, part.symbols) or diagnose(key, answer, part.symbols)

    def clashes(self, value: Value, reference: Value, part: Asked) -> bool:
        """Whether two expressions agree at a few points, without SymPy or ball arithmetic."""
        left, right = as_tree(value), as_tree(reference)
        free = sorted(names(left) | names(right))
        compared = 0
        declared = {symbol.name: symbol for symbol in part.symbols}
        for round_, (numerator, denominator) in enumerate(_POINTS):
            point: dict[str, Value] = {
                name: _signed(
                    Fraction(numerator + 2 * at, denominator), round_, at, declared.get(name)
                )
                for at, name in enumerate(free)
            }
            try:
                a, b = as_number(evaluate(left, point)), as_number(evaluate(right, point))
            except Undefined:
                continue
            compared += 1
            if not close(a, b, _CLOSE):
                return False
        return compared > 0


def _signed(size: Fraction, round_: int, at: int, symbol: Symbol | None) -> Fraction:
    """All positive, all negative, then by turns, as far as the symbol's domain allows."""
    if symbol is not None and symbol.side:
        return symbol.limit + (size if symbol.side == ">" else -size)
    negative = (False, True, at % 2 == 1)[round_]
    return -size if negative else size


def spelled_out(node: Node, part: Asked) -> Node:
    """The tree without the symbols that stand for others."""
    for name, meaning in reversed(part.meanings):
        node = substitute(node, {name: meaning})
    return node


def check_form(answer: Node, reference: Node, part: Asked) -> None:
    """Refuse an answer that repeats the question or hasn't the asked form. Raises Unreadable."""
    if answer in part.forbidden:
        raise Unreadable("this repeats the question: work it out", answer.start, answer.end)
    fault = fault_of_form(part.form, answer, reference)
    if fault:
        raise Unreadable(fault, answer.start, answer.end)


def equality(left: Node, right: Node, symbols: tuple[Symbol, ...]) -> Equality:
    """Whether two expressions are equal. Raises Unreadable where nothing can be said."""
    try:
        verdict = equal(left, right, symbols)
    except NotComparable as error:
        raise Unreadable(f"{error} has no value as one number here", 0, 0) from None
    if verdict.same is None:
        raise _incomparable(left, right, symbols)
    return verdict


def _incomparable(answer: Node, reference: Node, symbols: tuple[Symbol, ...]) -> Unreadable:
    """Why nothing can be said of two expressions, and where in the answer."""
    from engine.equality.gaps import gap

    missing = gap(answer, symbols)
    if missing is not None:
        why, part = missing
        return Unreadable(why, part.start, part.end)
    if gap(reference, symbols) is not None:
        return Unreadable("the reference has no real value to compare this with", 0, 0)
    return Unreadable(
        "this can't be compared: it is too large, or has a real value almost nowhere", 0, 0
    )


def decided(verdict: Equality) -> Judgement:
    """All or nothing; that one side is undefined at some points is told, and does no harm."""
    say = ("Equal wherever both are defined; at some points only one of them is.",)
    return Judgement(
        Fraction(verdict.same is True), verdict.decided_by, feedback=say if verdict.partly else ()
    )


@lru_cache(maxsize=256)
def scope_of(symbols: tuple[Symbol, ...]) -> Scope:
    """What may be typed where these symbols are declared."""
    on_complex = any(symbol.kind in ("complex", "unit") for symbol in symbols)
    return Scope(symbols, COMPLEX_FUNCTIONS if on_complex else STUDENT_FUNCTIONS)


@remembered(maxsize=1024)
def resolved(node: Node, symbols: tuple[Symbol, ...]) -> Node:
    """The tree with every ``diff(f, x)`` replaced by the derivative that SymPy finds."""
    if isinstance(node, Call) and node.function == "diff":
        function, variable = node.arguments
        if not isinstance(variable, Name):
            raise Undefined("diff(f, x) needs a symbol as its second argument")
        from engine.language.algebra import NotAlgebraic, derivative

        declared = {symbol.name: symbol for symbol in symbols}
        try:
            return derivative(resolved(function, symbols), variable.name, declared)
        except NotAlgebraic as error:
            raise Undefined(f"diff: {error}") from None
    return rebuild(node, lambda child: resolved(child, symbols))
