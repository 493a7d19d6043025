"""What can still be read of a store that was set aside, as a store of its own in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tutor.store.checks import fault_of
from tutor.store.faults import StoreUnavailable
from tutor.store.migrations import APPLICATION_ID, MAX_VERSION, MIGRATIONS, tables_of
from tutor.store.pages import (
    MAGIC,
    SIZES,
    Cell,
    Pages,
    Value,
    hidden_cells,
    pages_of,
    sound_cells,
    tables_by_page,
)
from tutor.store.rows import insert
from tutor.store.scratch import Found, begun, finished
from tutor.store.tables import Table

Rows = dict[str, dict[int, tuple[Table, tuple[Value, ...]]]]


def salvaged(path: Path) -> Found:
    """What a file and its journal hold; by gaps in their numbers, how many answers are missing.

    Raises StoreUnavailable where they can't be read.
    """
    try:
        pages = pages_of(path)
        version = _version(pages, path)
        rows = _rows(pages, version)
        if not pages.told:
            others = (_rows(pages_of(path, size), version) for size in SIZES if size != pages.size)
            rows = max(rows, *others, key=_count)
    except OSError as error:
        if isinstance(error, StoreUnavailable):
            raise
        raise StoreUnavailable(f"{path} can't be read: {error.strerror or error}") from error
    numbers = rows.get("attempts", {})
    missing = max(numbers, default=0) - len(numbers)
    return Found(_store_of(version, rows), missing)


def _count(rows: Rows) -> int:
    return sum(map(len, rows.values()))


def _version(pages: Pages, path: Path) -> int:
    """The schema's version by the file's header; the present one if that is lost."""
    first = pages.by_number.get(1, (b"",))[0]
    version = int.from_bytes(first[60:64], "big")
    if not first.startswith(MAGIC) or first[68:72] != APPLICATION_ID.to_bytes(4, "big"):
        return len(MIGRATIONS)
    if len(MIGRATIONS) < version <= MAX_VERSION:
        raise StoreUnavailable(f"{path} was written by a newer exam-tutor: update exam-tutor")
    return version if 0 < version <= len(MIGRATIONS) else len(MIGRATIONS)


def _rows(pages: Pages, version: int) -> Rows:
    """The rows by table and id. Whatever a page claims, only what may stand in a table counts."""
    known = _known_tables(version)
    owners = tables_by_page(pages)
    widths = frozenset(len(table.columns) + 1 for table in known)
    rows: Rows = {}
    for cell in _cells(pages, widths):
        owner = owners.get(cell.page, "")
        table = next((one for one in known if _may_stand(one, cell, owner)), None)
        if table is not None:
            rows.setdefault(table.name, {}).setdefault(cell.rowid, (table, cell.values[1:]))
    return rows


def _cells(pages: Pages, widths: frozenset[int]) -> Iterator[Cell]:
    yield from sound_cells(pages)
    yield from hidden_cells(pages, widths)


def _known_tables(version: int) -> list[Table]:
    """The tables in all forms that they had up to a version, the latest first."""
    forms = [table for number in range(version, 0, -1) for table in tables_of(number)]
    return list({(table.name, table.names): table for table in forms}.values())


def _may_stand(table: Table, cell: Cell, owner: str) -> bool:
    id, *values = cell.values or (0,)
    if id is not None or cell.rowid < 1 or len(values) != len(table.columns):
        return False
    if owner not in ("", table.name):
        return False
    return not fault_of(table, dict(zip(table.names, values, strict=True)))


def _store_of(version: int, rows: Rows) -> sqlite3.Connection:
    connection = begun(version)
    for by_id in rows.values():
        for id, (table, values) in sorted(by_id.items()):
            connection.execute(insert(table, id=True, otherwise="OR IGNORE"), (id, *values))
    return finished(connection, version)
