"""Comparing two expressions with no problem behind them."""

from __future__ import annotations

from fractions import Fraction

from engine.grading import fault_of, read_response
from engine.kinds import Asked, kind_of
from engine.language.errors import Unreadable
from engine.language.symbols import parse_symbols
from engine.verdict import CORRECT, INCORRECT, INVALID, Diagnosis, Fault, PartVerdict, Verdict

PART = "answer"


def compare(reference: str, symbols: str, response: str) -> Verdict:
    """The verdict on a response against a reference, both in the answer language.

    ``symbols`` declares what both may use: ``x, y>0, n:integer``. Raises Unreadable when the
    reference or the symbols can't be read; an unreadable response is an invalid verdict.
    """
    declared = parse_symbols(symbols)
    matrices = any(symbol.axes is not None for symbol in declared)
    asked = Asked(PART, "matrix" if matrices else "symbolic", declared)
    kind = kind_of(asked.kind)
    wanted = kind.read(reference, asked).value
    try:
        reading = read_response(response, asked)
        judgement = kind.judge(reading.value, wanted, asked)
    except Unreadable as error:
        fault = fault_of(error, response)
        return _single(response, "", INVALID, "", feedback=(error.message,), error=fault)
    if judgement.share == 1:
        return _single(response, reading.read_as, CORRECT, judgement.decided_by)
    slip = kind.slip(reading.value, wanted, asked)
    said = (*judgement.feedback, *((slip.text,) if slip is not None else ()))
    return _single(
        response, reading.read_as, INCORRECT, judgement.decided_by, feedback=said, diagnosis=slip
    )


def _single(
    response: str,
    read_as: str,
    verdict: str,
    decided_by: str,
    *,
    feedback: tuple[str, ...] = (),
    error: Fault | None = None,
    diagnosis: Diagnosis | None = None,
) -> Verdict:
    part = PartVerdict(
        PART,
        response,
        read_as,
        verdict,
        Fraction(verdict == CORRECT),
        Fraction(1),
        f"{PART}:{verdict}",
        feedback=feedback,
        diagnosis=diagnosis,
        decided_by=decided_by,
        error=error,
    )
    return Verdict(None, (part,))
