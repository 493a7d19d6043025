"""``tutor list``: what is in the bank."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine.problem import BrokenProblem, Problem
from engine.variant import make_variant
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.console import clean
from tutor.documents import dump, listing_document
from tutor.problems import Refusal, finding, open_bank


def run(topics: Sequence[str], json: bool, banks: Sequence[str], plain: bool) -> int:
    """Print the problems of some topics, or of all. Raises Refusal.

    Broken files are told on stderr, and the others are listed.
    """
    bank = open_bank(banks)
    try:
        ids = bank.resolve(topics)
    except UnknownName as error:
        raise Refusal(str(error)) from None
    rows = [row for row in (_row(bank, id) for id in ids) if row is not None]
    if json:
        print(dump([listing_document(problem, parts) for problem, parts in rows], indent=2))
        return 0
    from tutor.render import Screen

    Screen(plain=plain).listing([problem for problem, _ in rows])
    return 0


def _row(bank: Bank, id: str) -> tuple[Problem, list[tuple[str, str]]] | None:
    try:
        problem = bank.load(id)
        variant = make_variant(problem, None if problem.original is not None else 0)
    except BrokenProblemFile as error:
        print(f"tutor: {clean(str(error))}", file=sys.stderr)
        return None
    except BrokenProblem as error:
        print(f"tutor: {clean(str(finding(bank, id, error)))}", file=sys.stderr)
        return None
    return problem, [(part.id, part.asked.kind) for part in variant.parts]
