"""Options of a choice that can't be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.lint.drawn import Drawn
from engine.lint.remark import Remark, Tally


def options_differ(seen: Drawn) -> Iterator[Remark]:
    """No two options of a part read alike, and none reads as the id of another."""
    tally = Tally(seen.each())
    for variant in seen.each():
        for part in variant.parts:
            texts: dict[str, str] = {}
            ids = {_folded(choice.id): choice.id for choice in part.asked.choices}
            for choice in part.asked.choices:
                trail = (*part.plan.trail, "options", choice.id)
                same = texts.setdefault(_folded(choice.text), choice.id)
                if same != choice.id:
                    tally.add(variant, trail, f"this option reads like '{same}'")
                other = ids.get(_folded(choice.text), choice.id)
                if other != choice.id:
                    tally.add(variant, trail, f"this option reads like the id of '{other}'")
    yield from tally.remarks()


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.casefold()).strip(" .")
