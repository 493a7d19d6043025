"""Classes made up for tests: students of different ability, who make the bank's own slips.

A response is the reference, a misconception's answer, something else, nothing, or what
can't be read. All is decided by the class's number, so the same class answers the same.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from math import exp
from pathlib import Path
from typing import Any

from engine.kinds import kind_of
from engine.parts import VariantPart
from engine.variant import Variant, make_variant
from tutor.cli import run
from tutor.problems import open_bank

PROBLEMS = (
    "cnn/conv-output",
    "metrics/confusion",
    "bias-variance/diagnose",
    "activations/facts",
    "batchnorm/inputs",
    "cnn/conv-params",
)
BLANK, UNREADABLE = 0.04, 0.03
WRONG = {
    "number": "17/1000", "integer": "1001", "symbolic": "0", "shape": "1 x 1",
    "array": "[[1, 1], [1, 1]]",
}  # fmt: skip
Row = dict[str, Any]
Harder = Callable[[Variant], float]


def responses(
    students: int,
    problems: Sequence[str] = PROBLEMS,
    number: int = 1,
    harder: Harder = lambda _: 0.0,
    banks: Sequence[str] = (),
) -> Iterator[Row]:
    """The rows of a class, student by student, each with variants of their own.

    ``harder``: what a variant takes from everybody's ability.
    """
    chance = random.Random(number)
    bank = open_bank(banks)
    for student in range(students):
        ability = chance.gauss(0, 1.2)
        for at, id in enumerate(problems):
            variant = make_variant(bank.load(id), chance.randrange(1_000_000))
            odds = ability + 1.4 - 0.45 * (at % 7) - harder(variant)
            answers = {part.id: _answer(variant, part, odds, chance) for part in variant.parts}
            yield {
                "student": f"student-{student:04}",
                "problem": variant.code,
                "answers": answers,
                "seconds": round(30 * len(answers) * chance.lognormvariate(0, 0.5)),
            }


def _answer(variant: Variant, part: VariantPart, odds: float, chance: random.Random) -> str:
    luck, kind = chance.random(), kind_of(part.asked.kind)
    if luck < BLANK:
        return ""
    if luck < BLANK + UNREADABLE:
        return "(see my notes"
    if chance.random() < 1 / (1 + exp(-odds)):
        return kind.write(part.reference, part.asked)
    if part.asked.choices:
        options = [choice.id for choice in part.asked.choices]
        # The first wrong option draws more than the others, as a good distractor does.
        return options[min(int(chance.expovariate(1.2)), len(options) - 1)]
    slips = variant.slips(part, {one.id: one.reference for one in variant.parts})
    if slips and chance.random() < 0.8:
        return kind.write(chance.choice(slips).value, part.asked)
    return WRONG.get(part.asked.kind, "0")


def write(path: Path, rows: Iterator[Row] | Sequence[Row]) -> Path:
    """The rows as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def graded(folder: Path, rows: Iterator[Row] | Sequence[Row], banks: Sequence[str] = ()) -> Path:
    """The verdicts on rows, as ``tutor check FILE -o OUT`` writes them."""
    out = folder / "verdicts.jsonl"
    named = [word for bank in banks for word in ("--bank", bank)]
    source = write(folder / "class.jsonl", rows)
    assert run(["check", str(source), "-o", str(out), "-j", "1", *named]) == 0
    return out
