"""Drawing an exam from its blueprint, and its variants once more when it goes on."""

from __future__ import annotations

import json
import os
import time
from functools import partial

from engine.exam import Blueprint, Question, Unfilled, draw_exam
from engine.problem import Problem
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.console import complain
from tutor.documents import parameters_document
from tutor.exam.sittings import Asked, Sitting
from tutor.problems import authors_errors, fresh_seed, load, parse_code, variant_of
from tutor.refusal import Refusal
from tutor.stored import stored_variant


def new_sitting(
    name: str, minutes: int | None, seed: int | None, bank: Bank
) -> tuple[Sitting, list[Variant]]:
    """Draw an exam that begins now; without a ``seed``, one is drawn.

    A problem that turns out to be broken is told on stderr and left out. Raises Refusal.
    """
    blueprint = blueprint_of(bank, name)
    seed = fresh_seed() if seed is None else seed
    drawn, variants = draw(bank, blueprint, seed)
    questions = tuple(
        Asked(
            variant.code,
            one.section.title,
            one.points,
            one.problem.revision,
            drawn_numbers(variant),
        )
        for one, variant in zip(drawn, variants, strict=True)
    )
    now = float(int(time.time()))
    sitting = Sitting(
        os.urandom(8).hex(),
        blueprint.id,
        blueprint.title,
        str(seed),
        now,
        minutes or blueprint.minutes,
        questions,
    )
    return sitting, variants


class _Broken(Exception):
    """A problem that can't be asked."""

    def __init__(self, id: str, why: str) -> None:
        super().__init__(f"{id} is left out: {why}")
        self.id = id


def blueprint_of(bank: Bank, name: str) -> Blueprint:
    """The blueprint of that name. Raises Refusal."""
    try:
        return bank.exam(name)
    except (UnknownName, BrokenProblemFile) as error:
        raise Refusal(str(error)) from None


def draw(bank: Bank, blueprint: Blueprint, seed: int) -> tuple[tuple[Question, ...], list[Variant]]:
    """The questions and their variants, drawn anew without the problems that are broken.

    Those are told on stderr. Raises Refusal.
    """
    names = {name for section in blueprint.sections for name in section.names}
    ids = set(bank.resolve(sorted(names)))
    while True:
        try:
            drawn = draw_exam(blueprint, ids, partial(_read, bank), seed)
            return drawn, [_variant(bank, one) for one in drawn]
        except Unfilled as error:
            raise Refusal(f"{blueprint.id}: {error}") from None
        except _Broken as broken:
            complain(str(broken))
            ids.remove(broken.id)


def _read(bank: Bank, id: str) -> Problem:
    """Raises _Broken."""
    try:
        return bank.load(id)
    except BrokenProblemFile as error:
        raise _Broken(id, str(error)) from None


def _variant(bank: Bank, question: Question) -> Variant:
    """Raises _Broken."""
    id = question.problem.id
    try:
        with authors_errors(bank, id):
            return _tried(make_variant(question.problem, question.seed))
    except Refusal as refusal:
        raise _Broken(id, str(refusal)) from None


def _tried(variant: Variant) -> Variant:
    """The variant, its texts filled in once. Raises BrokenProblem."""
    _ = variant.question, variant.solution, variant.table
    return variant


def variants_of(sitting: Sitting, bank: Bank) -> dict[int, Variant]:
    """The variants of a sitting that goes on, by the numbers of its questions.

    They keep the numbers that the student saw. Told on stderr: a problem that fits them no longer,
    and one that is gone or broken by now, whose question is left out.
    """
    variants = {}
    for number, asked in enumerate(sitting.questions):
        question = f"question {number + 1}, {asked.code}"
        try:
            variants[number], redrawn = _drawn_before(asked, bank)
        except Refusal as refusal:
            complain(f"{question}, is left out: {refusal}")
            continue
        if redrawn:
            complain(f"{question}, has other numbers now: its problem was changed")
    return variants


def _drawn_before(asked: Asked, bank: Bank) -> tuple[Variant, bool]:
    """The variant of a question, and whether its numbers are others now. Raises Refusal."""
    code = parse_code(asked.code)
    problem = load(bank, code.id)
    if problem.revision == asked.revision:
        variant = variant_of(bank, code)
        if drawn_numbers(variant) == asked.parameters:
            return variant, False
    with authors_errors(bank, code.id):
        variant, redrawn = stored_variant(problem, str(code.seed), asked.parameters)
        return _tried(variant), redrawn


def drawn_numbers(variant: Variant) -> str:
    """The drawn parameters as JSON: what tells whether a code still means the same."""
    return json.dumps(parameters_document(variant.parameters))
