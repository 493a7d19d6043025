"""Comparing two expressions with no problem behind them."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from engine.grading import explained, fault_of, read_response
from engine.kinds import Asked, kind_of
from engine.language.errors import Unreadable
from engine.language.exact import Value, is_node
from engine.language.symbols import parse_symbols
from engine.language.tree import Node
from engine.verdict import CORRECT, INCORRECT, INVALID, PartVerdict, Verdict

PART = "answer"


def compare(reference: str, symbols: str, response: str) -> Verdict:
    """The verdict on a response against a reference, both in the answer language.

    ``symbols`` declares what both may use: ``x, y>0, n:integer``. Raises Unreadable when the
    reference or the symbols can't be read; an unreadable response is an invalid verdict.
    """
    asked, wanted = _asked(reference, symbols)
    kind = kind_of(asked.kind)
    blank = PartVerdict(PART, response, "", INVALID, Fraction(0), Fraction(1), f"{PART}:{INVALID}")
    try:
        reading = read_response(response, asked)
        judgement = kind.judge(reading.value, wanted, asked)
    except Unreadable as error:
        fault = fault_of(error, response)
        return Verdict(None, (blank._replace(feedback=(error.message,), error=fault),))
    right = judgement.share == 1
    slip = None if right else kind.slip(reading.value, wanted, asked)
    verdict = CORRECT if right else INCORRECT
    part = blank._replace(
        read_as=reading.read_as,
        verdict=verdict,
        score=judgement.share,
        note=f"{PART}:{verdict}",
        feedback=judgement.feedback if slip is None else explained(slip, judgement),
        diagnosis=slip,
        decided_by=judgement.decided_by,
        warnings=reading.warnings,
    )
    return Verdict(None, (part,))


@lru_cache(maxsize=512)
def _asked(reference: str, symbols: str) -> tuple[Asked, Value]:
    """What is asked and the reference as a tree, read once for many responses."""
    declared = parse_symbols(symbols)
    matrices = any(symbol.axes is not None for symbol in declared)
    asked = Asked(PART, "matrix" if matrices else "symbolic", declared)
    wanted = kind_of(asked.kind).read(reference, asked).value
    if matrices and is_node(wanted):
        _check_shapes(wanted, asked)
    return asked, wanted


def _check_shapes(reference: Node, asked: Asked) -> None:
    """Raise Unreadable for a reference whose own shapes don't fit."""
    from engine.language.axes import Mismatch, typed

    try:
        typed(reference, {symbol.name: symbol for symbol in asked.symbols})
    except Mismatch as error:
        raise Unreadable(error.message, error.start, error.end) from None
