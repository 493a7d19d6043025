"""Marking: invalid → correct → follow-through → misconception → diagnosis → incorrect."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from engine.coding.runs import Runner
from engine.kinds import Asked, Judgement, Kind, Reading, kind_of
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value
from engine.language.tokens import MAX_LENGTH
from engine.parts import VariantPart
from engine.variant import Variant
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
WITH_REASONS = ("matrix", "code")
"""Kinds that say what the shapes are even where an author names the slip."""


class _Answers(NamedTuple):
    """What later parts build on: the references, and the same with the student's own values."""

    true: Mapping[str, Value]
    own: Mapping[str, Value]

    @property
    def differ(self) -> bool:
        """Whether any earlier answer of the student's is not the reference."""
        return any(value != self.true[name] for name, value in self.own.items())


def grade(
    variant: Variant,
    responses: Mapping[str, str],
    *,
    diagnose: bool = True,
    run: Runner | None = None,
) -> Verdict:
    """The verdict on a response: texts by part id. Parts left out earn nothing.

    ``diagnose``: look for the slip behind a wrong answer that no author foresaw; off in exams.
    ``run`` runs the answers to parts of kind code. Raises KeyError for an id that isn't a part of
    the variant, and NoRunner for code where there is no ``run``.
    """
    for name in responses:
        variant.part(name)
    true = {part.id: part.reference for part in variant.parts}
    own: dict[str, Value] = {}
    verdicts = []
    for part in variant.parts:
        answers = _Answers(true, dict(own))
        marking = _Marking(variant, part, responses.get(part.id, ""), answers, diagnose, run)
        verdict, value = marking.verdict()
        verdicts.append(verdict)
        value = variant.recompute(part, own) if value is None else value
        if value is not None:
            own[part.id] = value
    return Verdict(variant.code, tuple(verdicts))


def read_response(response: str, asked: Asked) -> Reading:
    """The response as its kind reads it, within the limit of length. Raises Unreadable."""
    if len(response) > MAX_LENGTH:
        message = f"this has {len(response):,} characters; at most {MAX_LENGTH:,} are read"
        raise Unreadable(message, MAX_LENGTH, len(response))
    if not response.strip():
        raise Unreadable("nothing was typed", 0, len(response))
    return kind_of(asked.kind).read(response, asked)


def is_hollow(value: Value) -> bool:
    """0, ``error`` or zeros only: what any formula makes of an earlier 0 or error."""
    if isinstance(value, tuple):
        return bool(value) and all(map(is_hollow, value))
    return value in (0, "error")


def explained(slip: Diagnosis, judgement: Judgement) -> tuple[str, ...]:
    """A slip and the reasons of the judgement; that an answer is transposed is told once."""
    if judgement.slip == "transposed" and slip.kind == "transpose":
        return judgement.feedback
    return (slip.text, *judgement.feedback)


def fault_of(error: Unreadable, response: str) -> Fault:
    """Where a response can't be read, inside the response."""
    end = len(response)
    return Fault(min(error.start, end), min(error.end, end), error.message)


class _Marking(NamedTuple):
    """One part's response on its way to a verdict."""

    variant: Variant
    part: VariantPart
    response: str
    answers: _Answers
    diagnose: bool
    run: Runner | None

    @property
    def kind(self) -> Kind:
        return kind_of(self.part.asked.kind, self.run)

    def verdict(self) -> tuple[PartVerdict, Value | None]:
        """The verdict, and the value that later parts may build on."""
        if not self.response.strip():
            return self.bare(INCORRECT, UNANSWERED), None
        try:
            reading = read_response(self.response, self.part.asked)
            judgement = self.kind.judge(reading.value, self.part.reference, self.part.asked)
        except Unreadable as error:
            invalid = self.bare(INVALID, INVALID)
            fault = fault_of(error, self.response)
            return invalid._replace(feedback=(error.message,), error=fault), None
        return self.marked(reading, judgement), reading.value

    def bare(self, verdict: str, note: str) -> PartVerdict:
        """A verdict that earns nothing and says nothing yet."""
        return PartVerdict(
            self.part.id,
            self.response,
            "",
            verdict,
            Fraction(0),
            self.part.points,
            f"{self.variant.problem.id}:{self.part.id}:{note}",
        )

    def marked(self, reading: Reading, judgement: Judgement) -> PartVerdict:
        """The verdict on a response that can be read."""
        if judgement.share == 1:
            verdict = self.bare(CORRECT, CORRECT)._replace(
                score=self.part.points, feedback=judgement.feedback
            )
        elif self.follows(reading.value):
            verdict = self.bare(CORRECT, FOLLOW_THROUGH)._replace(
                score=self.part.points,
                follow_through=True,
                feedback=("Right from your own earlier answer.",),
            )
        else:
            verdict = self.wrong(reading.value, judgement)
        return verdict._replace(
            read_as=reading.read_as,
            decided_by=judgement.decided_by,
            warnings=reading.warnings,
        )

    def follows(self, value: Value) -> bool:
        """Whether the value is right from the student's own, partly wrong, earlier answers."""
        if not self.answers.differ:
            return False
        expected = self.variant.recompute(self.part, self.answers.own)
        if expected is None or expected == self.part.reference or is_hollow(expected):
            return False
        return self.same(value, expected)

    def wrong(self, value: Value, judgement: Judgement) -> PartVerdict:
        """A partial or incorrect answer, with the slip behind it if one is recognised."""
        slip = self.misconception(value)
        note = slip.kind if slip is not None else judgement.slip
        if slip is None and self.diagnose:
            slip = self.variant.diagnose(self.part, value, self.answers.own, self.run)
        said = judgement.feedback
        if slip is not None and note == slip.kind and self.part.asked.kind not in WITH_REASONS:
            said = (slip.text,)
        elif slip is not None:
            said = explained(slip, judgement)
        return self.bare(PARTIAL if judgement.share > 0 else INCORRECT, note)._replace(
            score=judgement.share * self.part.points, feedback=said, diagnosis=slip
        )

    def misconception(self, value: Value) -> Diagnosis | None:
        """The authored slip behind a value, from the student's own answers or the true ones."""
        for earlier in (self.answers.own, self.answers.true):
            own = earlier is self.answers.own
            if own and self.variant.recompute(self.part, earlier) is None:
                continue

            def fits(_: str, other: Value, own: bool = own) -> bool:
                return not (own and is_hollow(other)) and self.same(value, other)

            slip = self.variant.slip(self.part, earlier, fits)
            if slip is not None:
                return Diagnosis(slip.id, slip.say)
        return None

    def same(self, value: Value, other: Value) -> bool:
        try:
            return self.kind.same(value, other, self.part.asked)
        except (Unreadable, Undefined):
            return False
