"""``tutor show``: variants as a student sees them, with answers on demand."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.documents import dump, variant_document
from tutor.problems import authors_errors, open_bank, parse_code, tell_hidden, variant_of
from tutor.record import tell_changed


def run(names: Sequence[str], solution: bool, json: bool, banks: Sequence[str], plain: bool) -> int:
    """Print each variant; JSON Lines for several. Raises Refusal."""
    bank = open_bank(banks)
    asked = [parse_code(name) for name in names]
    if not json:
        tell_hidden(bank, [one.id for one in asked])
    for number, one in enumerate(asked):
        variant = variant_of(bank, one)
        with authors_errors(bank, one.id):
            if json:
                document = variant_document(variant, solution=solution)
                print(dump(document, indent=2 if len(asked) == 1 else None))
                continue
            from tutor.render import Screen

            tell_changed(variant)
            screen = Screen(plain=plain)
            screen.gap(number > 0)
            screen.question(variant)
            screen.parts(variant)
            if solution:
                screen.answers(variant)
                screen.solution(variant.solution)
    return 0
