"""Names to complete: a problem's symbols in the way they are shown, and functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.language.functions import STUDENT_FUNCTIONS
from engine.language.names import is_simple, spellings
from engine.language.printer import display
from engine.language.symbols import Symbol

LEAST = 2
"""Letters of a function's name before it is offered."""


class Offer(NamedTuple):
    """A text in place of the last ``replaced`` characters."""

    text: str
    replaced: int


def shown_symbols(symbols: Sequence[Symbol]) -> list[str]:
    """The symbols for the bar under a line, matrices with their axes: ``X (F, m)``."""
    return [
        display(symbol.name) + (f" ({', '.join(symbol.axes)})" if symbol.axes else "")
        for symbol in symbols
    ]


def offers(before: str, symbols: Sequence[Symbol]) -> list[Offer]:
    """What the text before the cursor may go on as: every symbol where no name has begun.

    ``lambda`` and ``\\lambda`` become λ, ``yhat`` becomes ŷ; what is complete as it stands
    isn't offered.
    """
    found = dict.fromkeys(
        Offer(display(symbol.name), begun)
        for symbol in symbols
        if (begun := _begun(before, _forms(symbol.name))) is not None
    )
    longest = max((offer.replaced for offer in found), default=0)
    best = [one for one in found if one.replaced == longest and not before.endswith(one.text)]
    return best if longest or _at_start(before) else [*_functions(before)]


def _forms(name: str) -> set[str]:
    """The ways to type a name, with a backslash too if it is one word."""
    forms = spellings(name) if is_simple(name) else {name}
    return forms | {f"\\{form}" for form in forms} | {display(name)}


def _begun(before: str, forms: set[str]) -> int | None:
    """How many characters of one of the forms stand at the end; 0 where no name has begun."""
    for size in range(max(map(len, forms)), 0, -1):
        begins_word = not re.match(r"[^\W\d]|\\", before[-size - 1 : -size])
        if begins_word and any(before.endswith(form[:size]) for form in forms if len(form) >= size):
            return size
    return 0 if _at_start(before) else None


def _at_start(before: str) -> bool:
    return re.search(r"[\w\\]\Z", before) is None


def _functions(before: str) -> Iterator[Offer]:
    word = before[len(before.rstrip("abcdefghijklmnopqrstuvwxyz")) :]
    if len(word) < LEAST:
        return
    for name in sorted(STUDENT_FUNCTIONS):
        if name.startswith(word) and name != word:
            yield Offer(f"{name}(", len(word))
