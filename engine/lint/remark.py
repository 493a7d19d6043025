"""One thing to say about a problem, and how often it was seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.template import Trail
from engine.variant import Variant

ERROR, WARNING, INFO = "error", "warning", "info"
MOST_SHOWN = 60


def shortened(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return f"{line[:MOST_SHOWN]}…" if len(line) > MOST_SHOWN else line


class Remark(NamedTuple):
    """``trail`` leads to the place; ``check`` is the name of the check that found it.

    ``field``: the expression in ``{{…}}`` of a text that it is about.
    """

    trail: Trail
    message: str
    severity: str = ERROR
    check: str = ""
    field: str = ""


class Tally:
    """What was seen on several variants, told once with the first of them."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        self._variants = variants
        self._seen: dict[tuple[Trail, str, str], list[str]] = {}
        self._details: dict[tuple[Trail, str, str], str] = {}

    def add(
        self,
        variant: Variant,
        trail: Trail,
        message: str,
        severity: str = ERROR,
        *,
        detail: str = "",
    ) -> None:
        """Something seen on a variant: what doesn't depend on its numbers, and what does."""
        key = (trail, message, severity)
        codes = self._seen.setdefault(key, [])
        self._details.setdefault(key, detail)
        if not codes or codes[-1] != variant.code:
            codes.append(variant.code)

    def remarks(self) -> Iterator[Remark]:
        """Each once, with the details of the first variant and how many there are."""
        for key, codes in self._seen.items():
            trail, message, severity = key
            told = f"{message}{self._details[key]} ({self._where(codes)})"
            yield Remark(trail, told, severity)

    def _where(self, codes: Sequence[str]) -> str:
        first = codes[0].rpartition("@")[2]
        if len(self._variants) == 1:
            return f"@{first}"
        return f"on {len(codes)} of {len(self._variants)} variants, first @{first}"
