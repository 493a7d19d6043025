"""Comparing two expressions with no problem behind them."""

from __future__ import annotations

from fractions import Fraction

from engine.grading import read_response
from engine.kinds import Asked, kind_of
from engine.language.errors import Unreadable
from engine.language.symbols import parse_symbols
from engine.verdict import CORRECT, INCORRECT, INVALID, Fault, PartVerdict, Verdict

PART = "answer"


def compare(reference: str, symbols: str, response: str) -> Verdict:
    """The verdict on a response against a reference, both in the answer language.

    ``symbols`` declares what both may use: ``x, y>0, n:integer``. Raises Unreadable when the
    reference or the symbols can't be read; an unreadable response is an invalid verdict.
    """
    asked = Asked(PART, "symbolic", parse_symbols(symbols))
    kind = kind_of(asked.kind)
    wanted = kind.read(reference, asked).value
    try:
        reading = read_response(response, asked)
        judgement = kind.judge(reading.value, wanted, asked)
    except Unreadable as error:
        start, end = min(error.start, len(response)), min(error.end, len(response))
        fault = Fault(start, end, error.message)
        return _single(response, "", INVALID, "", feedback=(error.message,), error=fault)
    verdict = CORRECT if judgement.share == 1 else INCORRECT
    return _single(
        response, reading.read_as, verdict, judgement.decided_by, feedback=judgement.feedback
    )


def _single(
    response: str,
    read_as: str,
    verdict: str,
    decided_by: str,
    *,
    feedback: tuple[str, ...] = (),
    error: Fault | None = None,
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
        decided_by=decided_by,
        error=error,
    )
    return Verdict(None, (part,))
