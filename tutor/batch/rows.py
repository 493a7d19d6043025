"""Reading a file of responses: a row in, whatever it holds."""

from __future__ import annotations

import codecs
import csv
import json
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader, FileIO, TextIOWrapper
from itertools import chain
from math import isfinite
from typing import IO, Any, Final, NamedTuple, Protocol, cast

from tutor.batch.files import open_file
from tutor.refusal import Refusal

MAX_LINE = 1_000_000  # bytes
PIECE = 1 << 16  # bytes read at once
DEEP = 100  # brackets that may nest too deeply to be written again
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


class Unusable(NamedTuple):
    """A row that can't be read, and why."""

    why: str


class Wait:
    """Stands where the rows that came so far are all there is for now."""


WAIT: Final = Wait()
Given = Row | Cells | Unusable


class Source(Protocol):
    """An open file of responses, read once.

    ``columns``: those of a CSV file. ``size`` in bytes; 0 for what has no end in sight.
    """

    columns: tuple[str, ...]
    size: int

    @property
    def taken(self) -> int:
        """Bytes read so far."""

    def rows(self) -> Iterator[Given | Wait]:
        """Every row in order, and WAIT before waiting for more."""


class JsonLines:
    """A row a line, each a JSON object."""

    columns: tuple[str, ...] = ()

    def __init__(self, file: FileIO, size: int) -> None:
        self.size = size
        self._file = file

    @property
    def taken(self) -> int:
        """Bytes read so far."""
        return self._file.tell() if self.size else 0

    def rows(self) -> Iterator[Given | Wait]:
        """Every row in order, and WAIT before waiting for more."""
        number = 0
        for line in self._lines():
            if isinstance(line, Wait):
                yield line
                continue
            number += 1
            if line is None:
                yield Unusable(f"line {number} is longer than {MAX_LINE:,} bytes")
            elif line.strip():
                yield _json_row(line, number)

    def _lines(self) -> Iterator[bytes | Wait | None]:
        """The lines; None for one that is too long to be kept."""
        rest, overlong = b"", False
        for piece in self._pieces():
            if isinstance(piece, Wait):
                yield piece
                continue
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield None if overlong or len(line) > MAX_LINE else line
                overlong = False
            if len(rest) > MAX_LINE:
                rest, overlong = b"", True
        if rest or overlong:
            yield None if overlong else rest

    def _pieces(self) -> Iterator[bytes | Wait]:
        start = codecs.BOM_UTF8
        while True:
            yield WAIT
            piece = self._file.read(PIECE)
            if not piece:
                return
            yield piece.removeprefix(start)
            start = b""


class Csv:
    """Columns ``student, problem``, a column a part, and others; between them , ; or a tab."""

    def __init__(self, file: TextIOWrapper, size: int) -> None:
        self.size = size
        self._file = file
        # A line that is too long comes in pieces.
        lines = iter(partial(file.readline, MAX_LINE), "")
        header = next((line for line in lines if line.strip()), "")
        separator = max(SEPARATORS, key=header.count)
        self._reader = csv.DictReader(
            chain([header], lines), delimiter=separator, skipinitialspace=True
        )
        self._reader.fieldnames = [name.strip() for name in self._reader.fieldnames or ()]
        self.columns = tuple(self._reader.fieldnames)

    @property
    def taken(self) -> int:
        """Bytes read so far."""
        return cast("BufferedReader", self._file.buffer).tell()

    def rows(self) -> Iterator[Given | Wait]:
        """Every row in order."""
        while True:
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                yield Unusable(f"line {self._reader.line_num + 1} is not CSV: {error}")
                continue
            if cells is None:
                return
            yield _csv_row(cells, self._reader.line_num)


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """The source of that name; ``-`` is JSON Lines on stdin. Raises Refusal."""
    if name == "-":
        if sys.stdin is None:
            raise Refusal("-: there is no standard input")
        # No buffer: a thread that waits for more must not hold its lock when the program ends.
        buffer = sys.stdin.buffer
        yield JsonLines(cast("FileIO", getattr(buffer, "raw", buffer)), 0)
        return
    if name.endswith(".csv"):
        with open_file(name, "r", encoding="utf-8-sig", errors="replace", newline="") as text:
            yield Csv(cast("TextIOWrapper", text), _size(text))
        return
    with open_file(name, "rb", buffering=0) as file:
        yield JsonLines(cast("FileIO", file), _size(file))


def _size(file: IO[Any]) -> int:
    return os.fstat(file.fileno()).st_size


def _json_row(line: bytes, number: int) -> Row | Unusable:
    try:
        row = _JSON.decode(line.decode("utf-8", "replace"))
        if line.count(b"[") + line.count(b"{") > DEEP:
            json.dumps(row)
    except json.JSONDecodeError as error:
        return Unusable(f"line {number} is not JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError) as error:
        return Unusable(f"line {number} is not JSON: {error}")
    return row if isinstance(row, dict) else Unusable(f"line {number} is not a JSON object")


def _finite(text: str) -> float:
    """Raises ValueError for what JSON has no number for."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:20]} is no number there")
    return value


_JSON = json.JSONDecoder(parse_constant=_finite, parse_float=_finite)


def _csv_row(cells: dict[str | Any, str | Any], number: int) -> Cells | Unusable:
    if None in cells:
        return Unusable(f"line {number} has more cells than there are columns")
    return Cells({name: (text or "").strip() for name, text in cells.items()})
