"""Marking: invalid → correct → follow-through → misconception → incorrect, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.kinds import Asked, Judgement, Reading, kind_of
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value
from engine.language.tokens import MAX_LENGTH
from engine.variant import Slip, Variant, VariantPart
from engine.verdict import (
    CORRECT,
    INCORRECT,
    INVALID,
    PARTIAL,
    Diagnosis,
    Fault,
    PartVerdict,
    Verdict,
)

UNANSWERED = "unanswered"
FOLLOW_THROUGH = "follow-through"


@dataclass(frozen=True)
class _Answers:
    """What later parts build on: the references, and the same with the student's own values."""

    true: Mapping[str, Value]
    own: Mapping[str, Value]


def grade(variant: Variant, responses: Mapping[str, str]) -> Verdict:
    """The verdict on a response: texts by part id. Parts left out earn nothing.

    Raises KeyError for an id that isn't a part of the variant.
    """
    for name in responses:
        variant.part(name)
    true = {part.id: part.reference for part in variant.parts}
    own: dict[str, Value] = {}
    verdicts = []
    for part in variant.parts:
        expected = variant.recompute(part, own)
        verdict, value = grade_part(variant, part, responses.get(part.id, ""), _Answers(true, own))
        verdicts.append(verdict)
        if value is not None:
            own[part.id] = value
        elif expected is not None:
            own[part.id] = expected
    return Verdict(variant.code, tuple(verdicts))


def grade_part(
    variant: Variant, part: VariantPart, response: str, answers: _Answers
) -> tuple[PartVerdict, Value | None]:
    """The verdict on one part, and the value that later parts may build on."""
    if not response.strip():
        return _verdict(variant, part, response, "", INCORRECT, UNANSWERED), None
    kind = kind_of(part.asked.kind)
    try:
        reading = read_response(response, part.asked)
        judgement = kind.judge(reading.value, part.reference, part.asked)
    except Unreadable as error:
        return _invalid(variant, part, response, error), None
    verdict = _mark(variant, part, response, reading, judgement, answers)
    return verdict, reading.value


def read_response(response: str, asked: Asked) -> Reading:
    """The response as its kind reads it, within the limit of length. Raises Unreadable."""
    if len(response) > MAX_LENGTH:
        message = f"this has {len(response):,} characters; at most {MAX_LENGTH:,} are read"
        raise Unreadable(message, MAX_LENGTH, len(response))
    if not response.strip():
        raise Unreadable("nothing was typed", 0, len(response))
    return kind_of(asked.kind).read(response, asked)


def _mark(
    variant: Variant,
    part: VariantPart,
    response: str,
    reading: Reading,
    judgement: Judgement,
    answers: _Answers,
) -> PartVerdict:
    decided, echo = judgement.decided_by, reading.read_as
    if judgement.share == 1:
        return _verdict(variant, part, response, echo, CORRECT, CORRECT, decided=decided)
    if _follows(variant, part, reading.value, answers):
        say = ("Right from your own earlier answer.",)
        return _verdict(
            variant, part, response, echo, CORRECT, FOLLOW_THROUGH, say, decided=decided
        )
    slip = _recognised(variant, part, reading.value, answers)
    verdict = PARTIAL if judgement.share > 0 else INCORRECT
    score = judgement.share * part.points
    if slip is not None:
        diagnosis = Diagnosis(slip.id, slip.say)
        say = (slip.say,)
        return _verdict(
            variant, part, response, echo, verdict, slip.id, say, score, diagnosis, decided
        )
    return _verdict(
        variant,
        part,
        response,
        echo,
        verdict,
        judgement.slip,
        judgement.feedback,
        score,
        decided=decided,
    )


def _follows(variant: Variant, part: VariantPart, value: Value, answers: _Answers) -> bool:
    """Whether the value is right from the student's own, partly wrong, earlier answers."""
    if answers.own == {name: answers.true[name] for name in answers.own}:
        return False
    expected = variant.recompute(part, answers.own)
    if expected is None or expected == part.reference:
        return False
    return _same(value, expected, part)


def _recognised(
    variant: Variant, part: VariantPart, value: Value, answers: _Answers
) -> Slip | None:
    """The authored misconception behind a value, from the student's own answers or the true."""
    for earlier in (answers.own, answers.true):
        for slip in variant.slips(part, earlier):
            if _same(value, slip.value, part):
                return slip
    return None


def _same(value: Value, other: Value, part: VariantPart) -> bool:
    try:
        return kind_of(part.asked.kind).same(value, other, part.asked)
    except (Unreadable, Undefined):
        return False


def _invalid(variant: Variant, part: VariantPart, response: str, error: Unreadable) -> PartVerdict:
    start, end = min(error.start, len(response)), min(error.end, len(response))
    return PartVerdict(
        part.id,
        response,
        "",
        INVALID,
        Fraction(0),
        part.points,
        _note(variant, part, INVALID),
        feedback=(error.message,),
        error=Fault(start, end, error.message),
    )


def _verdict(
    variant: Variant,
    part: VariantPart,
    response: str,
    read_as: str,
    verdict: str,
    note: str,
    feedback: tuple[str, ...] = (),
    score: Fraction | None = None,
    diagnosis: Diagnosis | None = None,
    decided: str = "",
) -> PartVerdict:
    earned = part.points if verdict == CORRECT else (score or Fraction(0))
    return PartVerdict(
        part.id,
        response,
        read_as,
        verdict,
        earned,
        part.points,
        _note(variant, part, note),
        note == FOLLOW_THROUGH,
        feedback,
        diagnosis,
        decided,
    )


def _note(variant: Variant, part: VariantPart, note: str) -> str:
    return f"{variant.problem.id}:{part.id}:{note}"
