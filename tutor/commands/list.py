"""``tutor list``: what is in the bank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.problem import BrokenProblem, Problem
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName, shown_path
from tutor.console import complain
from tutor.documents import Document, dump, listing_document
from tutor.problems import finding, open_bank, tell_hidden
from tutor.refusal import Refusal

COULD_NOT_RUN = 2


def run(topics: Sequence[str], json: bool, banks: Sequence[str], plain: bool) -> int:
    """Print the problems of some topics, or of all. Raises Refusal.

    Broken files are told on stderr, and the others are listed.
    """
    bank = open_bank(banks)
    try:
        ids = bank.resolve(topics)
    except UnknownName as error:
        raise Refusal(str(error)) from None
    if not json:
        tell_hidden(bank, ids)
    problems = list(_sound(bank, ids))
    if json:
        rows = list(_rows(bank, problems))
        print(dump(rows, indent=2))
        return 0 if rows or not ids else COULD_NOT_RUN
    from tutor.render import Screen

    Screen(plain=plain).listing(problems)
    return 0 if problems or not ids else COULD_NOT_RUN


def _sound(bank: Bank, ids: Sequence[str]) -> Iterator[Problem]:
    """The problems whose files can be read."""
    for id in ids:
        try:
            yield bank.load(id)
        except BrokenProblemFile as error:
            complain(str(error))


def _rows(bank: Bank, problems: Sequence[Problem]) -> Iterator[Document]:
    """A row a problem, with the parts of its original, or of the variant 0 without one."""
    from engine.variant import make_variant

    for problem in problems:
        try:
            variant = make_variant(problem, None if problem.original is not None else 0)
        except BrokenProblem as error:
            complain(str(finding(bank, problem.id, error)))
            continue
        parts = [(part.id, part.asked.kind) for part in variant.parts]
        hides = [shown_path(path) for path in bank.hidden_by(problem.id)]
        yield listing_document(problem, parts, bank.about(problem.id).name, hides)
