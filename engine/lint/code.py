"""Code parts: what there is to say of the author's code."""

from __future__ import annotations

from collections.abc import Iterator

from engine.lint.drawn import Drawn
from engine.lint.remark import Remark


def code_gives_what_it_should(seen: Drawn) -> Iterator[Remark]:
    """Every code of the author's runs, the answer to finite numbers, and all differ."""
    yield from seen.told_of_code
