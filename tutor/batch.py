"""Grading a file of responses, row by row: a row in, a row out, in the same order."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from io import TextIOWrapper
from itertools import chain
from typing import IO, Any, NamedTuple, cast

from engine.comparison import compare
from engine.grading import grade
from engine.language.errors import Unreadable
from engine.variant import Variant
from engine.verdict import INVALID, Verdict
from tutor.bank.bank import Bank
from tutor.console import complain, readable
from tutor.documents import dump, verdict_document
from tutor.problems import authors_errors, parse_code, variant_of
from tutor.refusal import Refusal
from tutor.sandbox.runner import Sandbox

KEPT_VARIANTS = 4_096
MAX_LINE = 1_000_000
SEPARATORS = ",;\t"
Row = dict[str, Any]


class Cells(NamedTuple):
    """A row of a CSV file: every column with its text, which may be empty."""

    texts: dict[str, str]

    def row(self, parts: Collection[str] | None = None) -> Row:
        """Columns named as parts are answers, the others fields; if unknown, all are answers."""
        filled = {name: text for name, text in self.texts.items() if text}
        named = {"student", "problem"} if parts is None else filled.keys() - set(parts)
        fields = {name: text for name, text in filled.items() if name in named}
        return {**fields, "answers": {n: text for n, text in filled.items() if n not in named}}


class BadRow(Exception):
    """A row that can't be graded; the text says why."""


def grade_file(source: str, out: str | None, bank: Bank, *, trust_code: bool = False) -> int:
    """Grade every row of a ``.jsonl`` or ``.csv`` file (``-``: JSON Lines on stdin).

    Writes JSON Lines to ``out`` or stdout, a row an input row, and a summary to stderr.
    ``trust_code``: run code even where the system doesn't confine it. Raises Refusal when a file
    can't be opened, and for code that nothing would confine.
    """
    counts: dict[str, int] = {}
    with (
        Sandbox(timed=False) as run,
        _reading(source) as lines,
        _writing(out, source) as results,
    ):
        grader = Grader(bank, run, trust_code=trust_code)
        rows: Iterator[Row | Cells | BadRow]
        rows = _csv_rows(lines) if source.endswith(".csv") else _json_rows(lines)
        for row in rows:
            try:
                result = grader.result(row)
            except Unconfined as error:
                raise Refusal(str(error)) from None
            results.write(dump(result) + "\n")
            results.flush()
            counts[result["verdict"]] = counts.get(result["verdict"], 0) + 1
    _sum_up(counts)
    return 0


def _sum_up(counts: Mapping[str, int]) -> None:
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts))
    total = sum(counts.values())
    complain(f"{total} row{'' if total == 1 else 's'}{': ' if told else ''}{told}")


class Unconfined(Exception):
    """Code of others that isn't run; the text says why."""


class Grader:
    """Grades rows against a bank; variants met before are kept."""

    def __init__(self, bank: Bank, run: Sandbox, *, trust_code: bool = False) -> None:
        self.bank = bank
        self.run = run
        self.trusting = trust_code
        self._variant = lru_cache(maxsize=KEPT_VARIANTS)(self._draw)

    def result(self, given: Row | Cells | BadRow) -> Row:
        """The row's fields with its verdict; ``error`` and ``invalid`` if it can't be graded."""
        if isinstance(given, BadRow):
            return {"verdict": INVALID, "error": str(given)}
        row = given.row() if isinstance(given, Cells) else given
        try:
            if isinstance(given, Cells):
                row = self._sorted_out(given)
            return {**row, **verdict_document(self._grade(row))}
        except (BadRow, Refusal) as error:
            return {**row, "verdict": INVALID, "error": str(error)}

    def _sorted_out(self, cells: Cells) -> Row:
        """Which columns are answers. Raises BadRow if none can be, as where a name is mistyped."""
        variant = self._variant(_text(cells.row(), "problem"))
        parts = [part.id for part in variant.parts]
        if cells.texts.keys().isdisjoint(parts):
            raise BadRow(f"no column is a part of {variant.code}: {', '.join(parts)}")
        return cells.row(parts)

    def _grade(self, row: Row) -> Verdict:
        if "problem" not in row and "reference" in row:
            return _compared(row)
        code = _text(row, "problem")
        answers = row.get("answers")
        if not isinstance(answers, dict):
            raise BadRow("answers must be an object of texts by part")
        variant = self._variant(code)
        known = {part.id for part in variant.parts}
        strangers = [name for name in answers if name not in known]
        if strangers:
            raise BadRow(f"{code} has no part {strangers[0]!r}")
        responses = {name: _response(name, text) for name, text in answers.items()}
        self._refuse_to_run(variant, responses)
        with authors_errors(self.bank, variant.problem.id):
            return grade(variant, responses, run=self.run)

    def _refuse_to_run(self, variant: Variant, responses: Mapping[str, str]) -> None:
        """Raise Unconfined for code of others that could reach this machine."""
        if self.trusting or all(variant.part(name).asked.kind != "code" for name in responses):
            return
        if not self.run.layers.guarded:
            raise Unconfined(
                "the responses hold code, and nothing here keeps it from your files: "
                "`tutor doctor` tells more, --trust-code runs it all the same"
            )
        self.trusting = True

    def _draw(self, code: str) -> Variant:
        asked = parse_code(code)
        if asked.seed is None:
            raise BadRow(f"{code} names no variant: write {code}@SEED")
        return variant_of(self.bank, asked)


def _compared(row: Row) -> Verdict:
    reference, response = _text(row, "reference"), _text(row, "response")
    symbols = _text(row, "symbols") if "symbols" in row else ""
    try:
        return compare(reference, symbols, response)
    except Unreadable as error:
        raise BadRow(f"reference or symbols: {error.message}") from None


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


def _json_rows(lines: IO[str]) -> Iterator[Row | BadRow]:
    for number, line in enumerate(_lines(lines), 1):
        if line is None:
            yield BadRow(f"line {number} is longer than {MAX_LINE:,} characters")
        elif line.strip():
            yield _json_row(line, number)


def _lines(lines: IO[str]) -> Iterator[str | None]:
    """The lines; None for one that is too long to be kept."""
    while line := lines.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith("\n"):
            yield line
            continue
        while line and not line.endswith("\n"):
            line = lines.readline(MAX_LINE)
        yield None


def _json_row(line: str, number: int) -> Row | BadRow:
    try:
        row = json.loads(line)
        json.dumps(row, allow_nan=False)
    except json.JSONDecodeError as error:
        return BadRow(f"line {number} is not JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError) as error:
        return BadRow(f"line {number} is not JSON: {error}")
    return row if isinstance(row, dict) else BadRow(f"line {number} is not a JSON object")


def _csv_rows(lines: IO[str]) -> Iterator[Cells | BadRow]:
    """Columns ``student, problem``, a column a part, and others; between them , ; or a tab."""
    header = next((line for line in lines if line.strip()), "")
    separator = max(SEPARATORS, key=header.count)
    reader = csv.DictReader(chain([header], lines), delimiter=separator, skipinitialspace=True)
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield BadRow(f"line {reader.line_num + 1} is not CSV: {error}")
            continue
        if cells is None:
            return
        yield _csv_row(cells, reader.line_num)


def _csv_row(cells: dict[str | Any, str | Any], number: int) -> Cells | BadRow:
    if None in cells:
        return BadRow(f"line {number} has more cells than there are columns")
    return Cells({name: (text or "").strip() for name, text in cells.items()})


@contextmanager
def _reading(source: str) -> Iterator[IO[str]]:
    if source != "-":
        with _opened(source, "r", encoding="utf-8-sig", errors="replace", newline="") as file:
            yield file
        return
    if sys.stdin is None:
        raise Refusal("-: there is no standard input")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
    yield sys.stdin


@contextmanager
def _writing(out: str | None, source: str) -> Iterator[IO[str]]:
    if out is None:
        yield sys.stdout
        return
    if os.path.exists(out) and os.path.exists(source) and os.path.samefile(out, source):
        raise Refusal(f"{out}: the verdicts can't replace the responses; name another file")
    with _opened(out, "w", encoding="utf-8", newline="\n") as file:
        yield file


def _opened(path: str, mode: str, **options: str) -> IO[str]:
    try:
        return cast("IO[str]", open(path, mode, **options))  # type: ignore[call-overload]
    except OSError as error:
        raise Refusal(f"{path}: {(error.strerror or 'not usable').lower()}") from None
