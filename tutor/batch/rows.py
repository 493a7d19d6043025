"""Reading a file of responses: a row in, whatever it holds."""

from __future__ import annotations

import codecs
import csv
import json
import os
import re
import sys
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import FileIO
from itertools import chain
from math import isfinite
from typing import IO, Any, Final, NamedTuple, Protocol, Self, cast

from tutor.batch.files import open_file
from tutor.refusal import Refusal

MAX_LINE = 1_000_000  # bytes of a row; characters of one in CSV
PIECE = 1 << 16  # bytes read at once
MAX_DEPTH = 100  # what nests deeper may be too deep to be written again
MAX_DIGITS = 4_000  # of a whole number; Python reads a few more
SEPARATORS = ",;\t"
QUOTED = re.compile('"[^"]*"?')
NAMING = ("student", "problem")
"""Columns that are no answers in any case."""
FOREIGN = "\N{REPLACEMENT CHARACTER}"  # what bytes that aren't UTF-8 are read as
Row = dict[str, Any]


class Cells(NamedTuple):
    """A row of a CSV file: every column with its text, which may be empty."""

    texts: dict[str, str]

    def row(self, parts: Collection[str] | None = None) -> Row:
        """Columns named as parts are answers, the others fields; if unknown, all are answers."""
        filled = {name: text for name, text in self.texts.items() if text}
        named = set(NAMING) if parts is None else filled.keys() - set(parts)
        fields = {name: text for name, text in filled.items() if name in named}
        return {**fields, "answers": {n: text for n, text in filled.items() if n not in named}}


class Unusable(NamedTuple):
    """A row that can't be read, and why; whose it is, where that can be told."""

    why: str
    naming: tuple[tuple[str, str], ...] = ()


class Wait:
    """Stands among rows where the source has no more of them ready."""


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

    @property
    def foreign(self) -> bool:
        """Whether some of them were no UTF-8."""

    def rows(self) -> Iterator[Given | Wait]:
        """Every row in order, and WAIT before waiting for more."""


class JsonLines:
    """A row a line, each a JSON object."""

    columns: tuple[str, ...] = ()

    def __init__(self, file: FileIO, size: int) -> None:
        self.size = size
        self.taken = 0
        self.foreign = False
        self._file = file

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
                text = line.decode("utf-8", "replace")
                self.foreign = self.foreign or FOREIGN in text
                yield _json_row(text, number)

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
            if not self.size:
                yield WAIT
            piece = self._file.read(PIECE)
            if not piece:
                return
            self.taken += len(piece)
            yield piece.removeprefix(start)
            start = b""


class Csv:
    """Columns ``student, problem``, a column a part, and others; between them , ; or a tab."""

    def __init__(self, file: IO[str], size: int) -> None:
        """Reads the names of the columns. Raises Refusal where they are of no use."""
        self.size = size
        self._lines = _Lines(file)
        try:
            header = next((line for line in self._lines if line.strip()), "")
            separator = max(SEPARATORS, key=QUOTED.sub("", header).count)
            self._read = partial(csv.reader, delimiter=separator, skipinitialspace=True)
            self._reader = self._read(chain([header], self._lines))
            names = next(self._reader, [])
        except csv.Error as error:
            raise Refusal(f"{file.name}: the names of the columns can't be read: {error}") from None
        self.columns = tuple(name.strip() for name in names)
        if self.columns:
            _refuse_useless(file.name, self.columns)

    @property
    def taken(self) -> int:
        """Bytes read so far."""
        return self._lines.taken

    @property
    def foreign(self) -> bool:
        """Whether some of them were no UTF-8."""
        return self._lines.foreign

    def rows(self) -> Iterator[Given | Wait]:
        """Every row in order."""
        while True:
            number = self._lines.number + 1
            self._lines.begin()
            try:
                cells = next(self._reader, None)
                if len(self._lines.row) > 1:
                    # A quote that isn't closed would make one cell of the rows behind it.
                    deque(self._read(self._lines.row, strict=True), maxlen=0)
            except csv.Error as error:
                last = self._lines.number
                lines = f"line {number} is" if last == number else f"lines {number} to {last} are"
                yield Unusable(f"{lines} not CSV: {error}")
                continue
            if cells is None:
                return
            if cells:
                yield self._row(cells, number)

    def _row(self, cells: Sequence[str], number: int) -> Cells | Unusable:
        missing = len(self.columns) - len(cells)
        texts = [*map(str.strip, cells), *[""] * missing]
        row = Cells(dict(zip(self.columns, texts, strict=False)))
        if missing < 0:
            why = f"line {number} has more cells than there are columns"
            return Unusable(why, tuple((n, row.texts[n]) for n in NAMING if n in row.texts))
        return row


class _Lines:
    """The lines of a file; ``row``: those since the last row began, which has room for so many.

    Raises csv.Error for one more.
    """

    def __init__(self, file: IO[str]) -> None:
        self.begin()
        self.number = 0
        self.taken = 0
        self.foreign = False
        self._file = file

    def begin(self) -> None:
        """A row begins with the next line."""
        self.row: list[str] = []
        self._room = MAX_LINE

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._piece()
        if not line:
            raise StopIteration
        self.number += 1
        self._room -= len(line)
        if self._room > 0:
            self.row.append(line)
            return line
        while line and not line.endswith(("\n", "\r")):
            line = self._piece()
        raise csv.Error(f"it is longer than {MAX_LINE:,} characters")

    def _piece(self) -> str:
        piece = self._file.readline(MAX_LINE)
        self.taken += len(piece.encode("utf-8", "replace"))
        self.foreign = self.foreign or FOREIGN in piece
        return piece


def _refuse_useless(file: str, columns: Sequence[str]) -> None:
    """Raise Refusal where not one row could be graded, or a column would hide another."""
    if "problem" not in columns:
        if any("\0" in name or FOREIGN in name for name in columns):
            raise Refusal(f"{file}: it is not UTF-8; save it as CSV in UTF-8")
        raise Refusal(f"{file}: there is no column problem (the first line names the columns)")
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice is not None:
        raise Refusal(f"{file}: there are two columns {twice}")


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
    if name.lower().endswith(".csv"):
        with open_file(name, "r", encoding="utf-8-sig", errors="replace", newline="") as text:
            yield Csv(text, _size(text))
        return
    with open_file(name, "rb", buffering=0) as file:
        yield JsonLines(cast("FileIO", file), _size(file))


def _size(file: IO[Any]) -> int:
    return os.fstat(file.fileno()).st_size


def _json_row(text: str, number: int) -> Row | Unusable:
    try:
        row = _JSON.decode(text)
    except json.JSONDecodeError as error:
        return Unusable(f"line {number} is not JSON: {error.msg} (column {error.colno})")
    except ValueError as error:
        return Unusable(f"line {number} is not JSON: {error}")
    except RecursionError:
        return _too_deep(number)
    if text.count("[") + text.count("{") > MAX_DEPTH and _deep(row):
        return _too_deep(number)
    return row if isinstance(row, dict) else Unusable(f"line {number} is not a JSON object")


def _too_deep(number: int) -> Unusable:
    return Unusable(f"line {number} nests more than {MAX_DEPTH} deep")


def _deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _inner(one)]
    return bool(level)


def _inner(value: object) -> Collection[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _object(pairs: list[tuple[str, Any]]) -> Row:
    """Raises ValueError for two values of one name, of which nobody could say which counts."""
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:40]!r} is there twice")
    return row


def _finite(text: str) -> float:
    """Raises ValueError for what JSON has no number for."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:20]} is no number there")
    return value


def _whole(text: str) -> int:
    """Raises ValueError for a number that is longer than Python reads."""
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS:,} digits")
    return int(text)


_JSON = json.JSONDecoder(
    parse_constant=_finite, parse_float=_finite, parse_int=_whole, object_pairs_hook=_object
)
