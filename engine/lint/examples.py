"""The author's examples, held against every seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.coding.runs import Runner
from engine.grading import grade
from engine.lint.drawn import Drawn
from engine.lint.remark import Remark, Tally
from engine.problem import Example
from engine.text import linear
from engine.variant import Variant
from engine.verdict import CORRECT, INVALID


def examples_hold(seen: Drawn) -> Iterator[Remark]:
    """Each example gets its verdict and its note on each seed that it is meant for."""
    for number, example in enumerate(seen.problem.examples, 1):
        variants = seen.first(0) if example.original else seen.each()
        tally = Tally(variants)
        for variant in variants:
            trail = ("examples", str(number))
            key, message, detail = fault(variant, example, trail, seen.runner)
            if message:
                tally.add(variant, (*trail, key), message, detail=detail)
        yield from tally.remarks()


def fault(
    variant: Variant, example: Example, trail: tuple[str, ...], run: Runner | None = None
) -> tuple[str, str, str]:
    """Which key of an example doesn't hold, what holds, and details; "" three times if all do."""
    known = {part.id for part in variant.parts}
    if not known.issuperset(example.answers):
        message = "not every variant has these parts: give it `original: true`"
        return "answers", message, ""
    given = responses(variant, example.answers, trail)
    if run is None and any(variant.part(name).asked.task is not None for name in given):
        return "", "", ""
    verdict = grade(variant, given, diagnose=False, run=run)
    notes = [part.note.rpartition(":")[2] for part in verdict.parts]
    if verdict.verdict != example.verdict:
        wrong = [part for part in verdict.parts if part.verdict == INVALID] or [
            part for part in verdict.parts if part.verdict != CORRECT and part.response.strip()
        ]
        told = [f" ({part.id}: {part.response!r})" for part in wrong]
        message = f"the verdict is {verdict.verdict}, not {example.verdict}"
        return "verdict", message, "".join(told[:1])
    if example.note and example.note not in notes:
        answered = [note for note in notes if note not in ("unanswered", "correct")]
        listed = ", ".join(dict.fromkeys(answered or notes))
        return "note", f"the note is {listed}, not {example.note}", ""
    return "", "", ""


def responses(
    variant: Variant, answers: Mapping[str, str], trail: tuple[str, ...]
) -> dict[str, str]:
    """The example's answers with the drawn numbers filled in. Raises BrokenProblem."""
    return {
        part: linear(variant.text(text, (*trail, "answers", part)))
        for part, text in answers.items()
    }
