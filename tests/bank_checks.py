"""What every problem must keep, whoever wrote it: used on the bank and on what the docs show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.grading import grade
from engine.kinds import kind_of
from engine.problem import Problem
from engine.text import linear
from engine.variant import Variant, make_variant
from tutor.sandbox.runner import Sandbox


def failures(variants: Iterable[Variant], run: Sandbox) -> list[str]:
    """What is wrong with these variants, in words."""
    return [
        f"{variant.code}: {failure}"
        for variant in variants
        for failure in _of_variant(variant, run)
    ]


def variants_of(problem: Problem, seeds: Iterable[int]) -> list[Variant]:
    """The original, if there is one, and the variants of these seeds."""
    drawn: list[int | None] = [*seeds]
    if problem.original is not None:
        drawn.insert(0, None)
    return [make_variant(problem, seed) for seed in drawn]


def _of_variant(variant: Variant, run: Sandbox) -> Iterator[str]:
    """All texts can be filled in, the key accepts itself, the examples get their verdicts."""
    texts = [variant.question, variant.solution, *variant.hints]
    if any("{{" in linear(text) for text in texts):
        yield "a text has unfilled braces"
    key = {part.id: _key(variant, part.id) for part in variant.parts}
    verdict = grade(variant, key, run=run)
    if verdict.verdict != "correct":
        yield f"the key {key} is graded as {verdict.verdict}"
    for number, example in enumerate(variant.problem.examples, 1):
        if example.original and variant.seed is not None:
            continue
        answers = {part: _filled(variant, text) for part, text in example.answers.items()}
        verdict = grade(variant, answers, run=run)
        notes = {part.note.rpartition(":")[2] for part in verdict.parts}
        if verdict.verdict != example.verdict:
            yield f"example {number} is {verdict.verdict}, not {example.verdict}"
        elif example.note and example.note not in notes:
            yield f"example {number} gets {sorted(notes)}, not {example.note}"


def _key(variant: Variant, id: str) -> str:
    part = variant.part(id)
    return kind_of(part.asked.kind).write(part.reference, part.asked)


def _filled(variant: Variant, text: str) -> str:
    return linear(variant.text(text, ("examples",)))
