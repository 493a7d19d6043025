"""The rows that the pages of a damaged SQLite file still hold, read without SQLite.

SQLite refuses a file in which it meets a page that can't be. Here each page is read by itself, as
the file format describes it (https://www.sqlite.org/fileformat2.html): the cells of the leaves of
tables, and where a page's own header is lost, whatever in it has the form of a cell. Nothing of a
file is trusted: every length is checked, and what doesn't fit is left out.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

MAGIC = b"SQLite format 3\0"
PAGE_SIZE = 4096  # of the files that the program makes
SIZES = tuple(1 << power for power in range(9, 17))
LEAF, INTERIOR, INDEX = 0x0D, 0x05, (0x02, 0x0A)
MAX_PAYLOAD = 16_000_000  # bytes of a row
_ID = re.compile(rb"[\x03-\x7f](?=\x00)")  # the length of a row's header, then an id's type
_WAL_HEADER, _FRAME_HEADER = 32, 24

Value = None | int | float | str | bytes


class Cell(NamedTuple):
    """A row as it lies in the file: its page, its number in the table, its values."""

    page: int
    rowid: int
    values: tuple[Value, ...]


class Unsound(ValueError):
    """Bytes that are no cell."""


class Pages(NamedTuple):
    """Pages by number, the latest first where the journal has later ones.

    ``told``: whether the file says itself how long its pages are.
    """

    size: int
    told: bool
    usable: int
    by_number: Mapping[int, tuple[bytes, ...]]


def pages_of(path: Path, size: int = 0) -> Pages:
    """The pages of a file and its journal, in memory. ``size``: of a page; 0 where the file knows.

    Raises OSError.
    """
    main = path.read_bytes() if path.is_file() else b""
    journal = Path(f"{path}-wal")
    wal = journal.read_bytes() if journal.is_file() else b""
    told = _told_size(main, wal)
    size = size or told or PAGE_SIZE
    reserved = main[20] if main.startswith(MAGIC) and size == told else 0
    latest, stale = _frames(wal, size)
    by_number: dict[int, tuple[bytes, ...]] = {}
    for number in {*range(1, -(-len(main) // size) + 1), *latest, *stale}:
        own = main[(number - 1) * size : number * size]
        versions = [*latest.get(number, ())[::-1], own, *stale.get(number, ())[::-1]]
        by_number[number] = tuple(page.ljust(size, b"\0") for page in versions if page)
    return Pages(size, size == told, size - min(reserved, size - 480), by_number)


def _told_size(main: bytes, wal: bytes) -> int:
    """The page size by the file's own header, by the journal's, or 0."""
    size = int.from_bytes(main[16:18], "big") if main.startswith(MAGIC) else 0
    size = 65_536 if size == 1 else size
    return size if size in SIZES else _wal_size(wal)


def _wal_size(wal: bytes) -> int:
    size = int.from_bytes(wal[8:12], "big") if len(wal) >= _WAL_HEADER else 0
    return size if size in SIZES else 0


def _frames(wal: bytes, size: int) -> tuple[dict[int, list[bytes]], dict[int, list[bytes]]]:
    """Pages of a journal by number: those of its present round, and those left of earlier ones."""
    latest: dict[int, list[bytes]] = {}
    stale: dict[int, list[bytes]] = {}
    for at in range(_WAL_HEADER, len(wal) - _FRAME_HEADER + 1, size + _FRAME_HEADER):
        number = int.from_bytes(wal[at : at + 4], "big")
        of_this_round = wal[at + 8 : at + 16] == wal[16:24]
        page = wal[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        if 0 < number < 2**31:
            (latest if of_this_round else stale).setdefault(number, []).append(page)
    return latest, stale


def sound_cells(pages: Pages) -> Iterator[Cell]:
    """The rows of pages that say themselves that they are leaves of a table."""
    for number, page in _each(pages):
        start = _header(number)
        if page[start] == LEAF:
            yield from _listed(pages, number, page, start)


def _each(pages: Pages) -> Iterator[tuple[int, bytes]]:
    """The latest version of every page first, then the next."""
    deepest = max(map(len, pages.by_number.values()), default=0)
    for depth in range(deepest):
        for number, versions in sorted(pages.by_number.items()):
            if depth < len(versions):
                yield number, versions[depth]


def _header(number: int) -> int:
    """Where a page's header begins: the first one has the file's before it."""
    return 100 if number == 1 else 0


def _listed(pages: Pages, number: int, page: bytes, start: int) -> Iterator[Cell]:
    """The cells that a leaf's list points at."""
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for at in range(start + 8, min(start + 8 + 2 * count, pages.usable - 1), 2):
        place = int.from_bytes(page[at : at + 2], "big")
        try:
            yield _cell(pages, number, page, place)
        except Unsound:
            continue


def tables_by_page(pages: Pages) -> dict[int, str]:
    """The tables that pages belong to, as far as the schema and the pages above them tell."""
    owners: dict[int, str] = {}
    for cell in _schema(pages):
        name, root = cell.values[1], cell.values[3]
        if cell.values[0] != "table" or not isinstance(name, str) or not isinstance(root, int):
            continue
        below = [root]
        while below:
            number = below.pop()
            if number in pages.by_number and number not in owners:
                owners[number] = name
                below += _children(pages.by_number[number][0], number)
    return owners


def _schema(pages: Pages) -> Iterator[Cell]:
    page = pages.by_number.get(1, (b"",))[0]
    if page[100:101] == bytes([LEAF]):
        yield from (c for c in _listed(pages, 1, page, 100) if len(c.values) == 5)


def _children(page: bytes, number: int) -> list[int]:
    start = _header(number)
    if page[start] != INTERIOR:
        return []
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    places = [
        int.from_bytes(page[at : at + 2], "big")
        for at in range(start + 12, min(start + 12 + 2 * count, len(page) - 1), 2)
    ]
    return [int.from_bytes(page[at : at + 4], "big") for at in (start + 8, *places)]


def hidden_cells(pages: Pages, columns: frozenset[int]) -> Iterator[Cell]:
    """What has the form of a row with so many columns, at any place of any page.

    A row begins with its length, its number, the length of its header, and, as the program's
    tables do, with an id that is kept as the row's number: a type of 0.
    """
    for number, page in _each(pages):
        if not _says_all(pages, number, page):
            for at in _ID.finditer(page):
                yield from _around(pages, number, page, at.start() + 1, columns)


def _says_all(pages: Pages, number: int, page: bytes) -> bool:
    """Whether a page is sound, or of a kind that holds no rows."""
    start = _header(number)
    if page[start] != LEAF:
        return page[start] in (INTERIOR, *INDEX)
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    return 0 < count == sum(1 for _ in _listed(pages, number, page, start))


def _around(
    pages: Pages, number: int, page: bytes, id_at: int, columns: frozenset[int]
) -> Iterator[Cell]:
    for place in range(max(id_at - 14, 0), id_at - 2):
        try:
            cell = _cell(pages, number, page, place, id_at=id_at)
        except Unsound:
            continue
        if len(cell.values) in columns:
            yield cell


def _cell(pages: Pages, number: int, page: bytes, place: int, id_at: int = 0) -> Cell:
    """The cell at a place. ``id_at``: where the type of its id must stand. Raises Unsound."""
    length, at = _varint(page, place)
    rowid, at = _varint(page, at)
    if not 2 <= length <= MAX_PAYLOAD:
        raise Unsound
    if id_at:
        _, first = _varint(page, at)
        if first != id_at:
            raise Unsound
    payload = _payload(pages, page, at, length)
    return Cell(number, rowid - (1 << 64) if rowid >> 63 else rowid, record(payload))


def _payload(pages: Pages, page: bytes, at: int, length: int) -> bytes:
    """The bytes of a row, the most of a long one on pages of their own. Raises Unsound."""
    usable = pages.usable
    if length <= usable - 35:
        return _exactly(page[at : at + length], length)
    least = (usable - 12) * 32 // 255 - 23
    here = least + (length - least) % (usable - 4)
    here = here if here <= usable - 35 else least
    pieces = [_exactly(page[at : at + here], here)]
    following = int.from_bytes(_exactly(page[at + here : at + here + 4], 4), "big")
    left = length - here
    while left > 0:
        versions = pages.by_number.get(following)
        if not versions or len(pieces) > len(pages.by_number):
            raise Unsound
        piece = versions[0][4 : min(usable, 4 + left)]
        following = int.from_bytes(versions[0][:4], "big")
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _exactly(piece: bytes, length: int) -> bytes:
    if len(piece) != length:
        raise Unsound
    return piece


_FLOAT = struct.Struct(">d")
_WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)


def record(payload: bytes) -> tuple[Value, ...]:
    """The values of a row. Raises Unsound."""
    header, at = _varint(payload, 0)
    if not at <= header <= len(payload):
        raise Unsound
    types = []
    while at < header:
        type, at = _varint(payload, at)
        types.append(type)
    widths = [_WIDTHS[type] if type < 10 else (type - 12) // 2 for type in types]
    if at != header or min(widths, default=-1) < 0 or header + sum(widths) != len(payload):
        raise Unsound
    values: list[Value] = []
    for type, width in zip(types, widths, strict=True):
        values.append(_value(type, payload[at : at + width]))
        at += width
    return tuple(values)


def _value(type: int, stored: bytes) -> Value:
    if type == 0:
        return None
    if type == 7:
        found: float = _FLOAT.unpack(stored)[0]
        return found
    if type in (8, 9):
        return type - 8
    if type < 7:
        return int.from_bytes(stored, "big", signed=True)
    return stored.decode("utf-8", "replace") if type % 2 else stored


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine bytes, and where the next one begins. Raises Unsound."""
    if at < 0:
        raise Unsound
    value = 0
    for place in range(at, min(at + 8, len(data))):
        value = value << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return value, place + 1
    if at + 8 >= len(data):
        raise Unsound
    return value << 8 | data[at + 8], at + 9
