"""Drawing an exam from its blueprint, and its variants once more when it goes on."""

from __future__ import annotations

import json
import os
import time

from engine.exam import Blueprint, Question, Unfilled, draw_exam
from engine.problem import Problem
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.console import complain
from tutor.documents import parameters_document
from tutor.exam.sittings import Asked, Sitting
from tutor.problems import authors_errors, fresh_seed, parse_code, variant_of
from tutor.refusal import Refusal


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
    problems = _problems(bank, blueprint)
    while True:
        try:
            drawn = draw_exam(blueprint, problems.values(), seed)
        except Unfilled as error:
            raise Refusal(f"{blueprint.id}: {error}") from None
        variants = []
        for one in drawn:
            try:
                with authors_errors(bank, one.problem.id):
                    variants.append(_tried(make_variant(one.problem, one.seed)))
            except Refusal as refusal:
                complain(f"{one.problem.id} is left out: {refusal}")
                del problems[one.problem.id]
        if len(variants) == len(drawn):
            return drawn, variants


def _tried(variant: Variant) -> Variant:
    """The variant, its texts filled in once. Raises BrokenProblem."""
    _ = variant.question, variant.solution, variant.table
    return variant


def _problems(bank: Bank, blueprint: Blueprint) -> dict[str, Problem]:
    names = {name for section in blueprint.sections for name in section.names}
    problems = {}
    for id in bank.resolve(sorted(names)):
        try:
            problems[id] = bank.load(id)
        except BrokenProblemFile as error:
            complain(f"{id} is left out: {error}")
    return problems


def variants_of(sitting: Sitting, bank: Bank) -> list[Variant]:
    """The variants of a sitting that goes on; what has changed is told. Raises Refusal."""
    variants = []
    for number, asked in enumerate(sitting.questions, 1):
        variant = variant_of(bank, parse_code(asked.code))
        if drawn_numbers(variant) != asked.parameters:
            complain(f"question {number}, {asked.code}, was changed since the exam began")
        variants.append(variant)
    return variants


def drawn_numbers(variant: Variant) -> str:
    """The drawn parameters as JSON: what tells whether a code still means the same."""
    return json.dumps(parameters_document(variant.parameters))
