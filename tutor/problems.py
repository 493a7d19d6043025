"""From what is asked for on the command line to variants: ids, seeds, and what goes wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from engine.draws import MAX_SEED
from engine.language.functions import AUTHOR_FUNCTIONS
from engine.language.functions import spellings as function_spellings
from engine.problem import BrokenProblem, Problem
from engine.reference import declare
from engine.variant import Variant, make_variant
from tutor.bank.bank import (
    Bank,
    BrokenProblemFile,
    NoSuchBank,
    UnknownName,
    bank_folders,
    shown_path,
)
from tutor.bank.findings import Finding
from tutor.bank.installed import installed_functions
from tutor.console import complain
from tutor.refusal import Refusal

MAX_DRAWN = 1_000_000
"""Seeds that nobody chose lie below: short enough to read out."""


class Asked(NamedTuple):
    """A problem by id, with the seed that was named: a number, ``original``, or none."""

    id: str
    seed: int | str | None


def open_bank(extra: Sequence[str]) -> Bank:
    """The bundled bank and those that were named. Raises Refusal."""
    declare_functions()
    try:
        return Bank(bank_folders(extra))
    except NoSuchBank as error:
        raise Refusal(str(error)) from None


def declare_functions(*, tell: bool = True) -> None:
    """Let expressions call the functions of installed packages; a taken name may be told."""
    for name, target in installed_functions().items():
        taken = name in function_spellings(AUTHOR_FUNCTIONS) or not declare(name, target)
        if taken and tell:
            complain(f"{target} is not used: there is a function {name} already; rename it")


def tell_hidden(bank: Bank, ids: Sequence[str] | None = None) -> None:
    """A line on stderr for each file that isn't used because an earlier one has its id."""
    for notice in bank.notices(ids):
        complain(f"{notice.file} is not used: {notice.message}; rename it")


def parse_code(text: str) -> Asked:
    """``cnn/conv-output``, ``cnn/conv-output@7`` or ``…@original``. Raises Refusal."""
    name, at, seed = text.strip().partition("@")
    if not at:
        return Asked(name, None)
    if seed == "original":
        return Asked(name, seed)
    if not (seed.isascii() and seed.isdigit() and len(seed) < 30 and int(seed) <= MAX_SEED):
        raise Refusal(f"{text}: behind @ stands a whole number from 0 to 2^63-1, or original")
    return Asked(name, int(seed))


def load(bank: Bank, name: str) -> Problem:
    """The problem of that id. Raises Refusal."""
    try:
        return bank.load(name)
    except UnknownName as error:
        if name in bank.topics():
            one = bank.resolve([name])[0]
            raise Refusal(f"{name} is a topic; name a problem, such as {one}") from None
        raise Refusal(str(error)) from None
    except BrokenProblemFile as error:
        raise Refusal(str(error)) from None


def points_of(bank: Bank, ids: Iterable[str]) -> dict[str, float]:
    """What problems are worth; those that the bank has no more, or broken, are left out."""
    points = {}
    for id in ids:
        with suppress(UnknownName, BrokenProblemFile):
            points[id] = float(bank.load(id).points)
    return points


def fresh_seed() -> int:
    """A seed nobody chose."""
    return int.from_bytes(os.urandom(4), "big") % MAX_DRAWN


def variant_of(bank: Bank, asked: Asked) -> Variant:
    """The variant that was asked for; without a seed, one is drawn. Raises Refusal."""
    problem = load(bank, asked.id)
    seed = fresh_seed() if asked.seed is None else asked.seed
    if seed == "original" and problem.original is None:
        raise Refusal(f"{problem.id} has no original; leave out @original")
    with authors_errors(bank, problem.id):
        return make_variant(problem, None if isinstance(seed, str) else seed)


@contextmanager
def authors_errors(bank: Bank, id: str) -> Iterator[None]:
    """Turn an author's error met while drawing or grading into a Refusal with its place."""
    try:
        yield
    except BrokenProblem as error:
        raise Refusal(str(finding(bank, id, error))) from None


def finding(bank: Bank, id: str, error: BrokenProblem) -> Finding:
    """The place in the problem's file where the trail of an error leads, as far as it goes."""
    from tutor.bank.reader import place_of, places

    path = bank.path(id)
    with open(path, encoding="utf-8") as file:
        known = places(file.read())
    line, column = place_of(error.trail, known)
    return Finding(shown_path(path), line, column, error.trail, error.message)
