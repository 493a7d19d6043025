"""Which of the slips that fit is told, and in what words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.diagnosis.change import FACT, Change
from engine.language.tree import Node
from engine.verdict import Diagnosis

Show = Callable[[Node], str]

SURPLUS = {"extra-term", "extra-factor"}
_INCLUDED = {
    "chain-rule": {"factor"},
    "product-rule": {"term"},
    "quotient-rule": {"sign", "exponent", "factor", "bracket"},
    "bias-correction": {"factor"},
    "mean": {"factor", "exponent"},
    "exponent": {"norm"},
    "log-rule": {"term-by-term", "bracket", "exponent"},
    "bracket": {"exponent", "term-by-term"},
    "function": {"bracket"},
    "extra-factor": {"bracket"},
    "transpose": {"symbol"},
}
"""What a kind explains better: both fit, and there is still one slip to tell."""


def the_one_kind(fitting: Iterable[Change]) -> Change | None:
    """The slip to tell: of the one kind that fits, its first; facts only if no slip fits."""
    found = list(fitting)
    slips = [change for change in found if change.level < FACT]
    return of_one_kind(slips or found)


def of_one_kind(found: Iterable[Change]) -> Change | None:
    """The first of some changes if all are of one kind, as far as kinds exclude one another."""
    first: dict[str, Change] = {}
    for change in found:
        first.setdefault(change.kind, change)
    kinds = set(first)
    for kind in first:
        kinds -= _INCLUDED.get(kind, set())
    if kinds - SURPLUS:
        kinds -= SURPLUS
    return first[kinds.pop()] if len(kinds) == 1 else None


def told(change: Change, show: Show, place: Node | None = None) -> Diagnosis:
    """The diagnosis in words; ``place`` is the part of the answer that it is about."""
    text = change.say.format(*map(show, change.about))
    if place is None:
        return Diagnosis(change.kind, text)
    return Diagnosis(change.kind, f"{text[:-1]} in {show(place)}.", (place.start, place.end))
