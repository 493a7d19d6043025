"""What a row asks to be graded, apart from the fields that are only carried through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from tutor.batch.rows import NAMING, Cells, Given, Row, Unusable
from tutor.console import readable

MAX_KEPT = 2_000
"""Characters of a response that is remembered."""


class Response(NamedTuple):
    """Answers by part to a variant; ``of_cells``: columns, of which some may be no answers."""

    code: str
    answers: tuple[tuple[str, str], ...]
    of_cells: bool = False

    @property
    def length(self) -> int:
        """Characters in all."""
        return len(self.code) + sum(len(name) + len(text) for name, text in self.answers)

    def of(self, parts: Collection[str]) -> Response:
        """The answers alone, where only some columns are parts."""
        return Response(self.code, tuple(pair for pair in self.answers if pair[0] in parts))


class Comparison(NamedTuple):
    """Two expressions with no problem behind them."""

    reference: str
    symbols: str
    response: str

    @property
    def length(self) -> int:
        """Characters in all."""
        return len(self.reference) + len(self.symbols) + len(self.response)


Task = Response | Comparison


class BadRow(Exception):
    """A row that can't be graded; the text says why."""


def task_of(given: Given) -> Task:
    """What to grade. Raises BadRow."""
    if isinstance(given, Unusable):
        raise BadRow(given.why)
    if isinstance(given, Cells):
        columns = tuple((n, t) for n, t in given.texts.items() if n not in NAMING)
        return Response(_text(given.row(), "problem"), columns, of_cells=True)
    if given.get("problem") is None and given.get("reference") is not None:
        symbols = "" if given.get("symbols") is None else _text(given, "symbols")
        return Comparison(_text(given, "reference"), symbols, _text(given, "response"))
    code = _text(given, "problem")
    answers = given.get("answers")
    if not isinstance(answers, dict):
        raise BadRow("answers must be an object of texts by part")
    return Response(code, _texts(answers.items()))


def _texts(answers: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _response(name, value)) for name, value in answers)


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    if value is None:
        raise BadRow(f"{key} is missing")
    if not isinstance(value, str):
        raise BadRow(f"{key} must be a text")
    return readable(value)


def _response(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadRow(f"the answer to {name} must be a text")
    return readable(str(value))
