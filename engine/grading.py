"""Marking: invalid → correct → follow-through → misconception → diagnosis → incorrect."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

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

if TYPE_CHECKING:
    from engine.coding.runs import Runner

UNANSWERED = "unanswered"
MAX_KEPT = 2_000
"""Characters of responses whose verdict is remembered."""
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
    known: Known | None = None,
) -> Verdict:
    """The verdict on a response: texts by part id. Parts left out earn nothing.

    ``diagnose``: look for the slip behind a wrong answer that no author foresaw; off in exams.
    ``run`` runs the answers to parts of kind code. ``known``: what was met before, with the same
    problems and the same ``diagnose``; it is used and added to. Raises KeyError for an id that
    isn't a part of the variant, and NoRunner for code where there is no ``run``.
    """
    for name in responses:
        variant.part(name)
    true = {part.id: part.reference for part in variant.parts}
    own: dict[str, Value] = {}
    given: list[str] = []
    verdicts = []
    for part in variant.parts:
        given.append(responses.get(part.id, ""))
        marked = None if known is None else known.find(variant.code, part.id, given)
        if marked is None:
            answers = _Answers(true, dict(own))
            marked = _Marking(variant, part, given[-1], answers, diagnose, run).marked_part()
            if known is not None:
                known.keep(variant.code, part.id, given, marked)
        verdicts.append(marked.verdict)
        if marked.value is not None:
            own[part.id] = marked.value
    return Verdict(variant.code, tuple(verdicts))


class Marked(NamedTuple):
    """The verdict on a part, and the value that later parts build on, if there is one."""

    verdict: PartVerdict
    value: Value | None


class Known:
    """The latest verdicts on parts, by what was typed.

    A right answer is right whatever was typed before it; any other verdict is kept with the
    responses to earlier parts.
    """

    def __init__(self, most: int = 16_384) -> None:
        self._most = most
        self._marked: OrderedDict[tuple[str, ...], Marked] = OrderedDict()

    def find(self, code: str, part: str, given: Sequence[str]) -> Marked | None:
        """What is known of the last of the responses to a variant's parts."""
        for key in ((code, part, given[-1]), (code, part, *given)):
            if key in self._marked:
                self._marked.move_to_end(key)
                return self._marked[key]
        return None

    def keep(self, code: str, part: str, given: Sequence[str], marked: Marked) -> None:
        """Remember a verdict, unless it takes much room; the oldest one makes way."""
        right = marked.verdict.verdict == CORRECT and not marked.verdict.follow_through
        key = (code, part, given[-1]) if right else (code, part, *given)
        if sum(map(len, key)) <= MAX_KEPT:
            self._marked[key] = marked
            if len(self._marked) > self._most:
                self._marked.popitem(last=False)


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

    def marked_part(self) -> Marked:
        """The verdict with the student's value, or what follows where there is none."""
        verdict, value = self.verdict()
        if value is None:
            value = self.variant.recompute(self.part, self.answers.own)
        return Marked(verdict, value)

    def verdict(self) -> tuple[PartVerdict, Value | None]:
        """The verdict, and the student's value."""
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
