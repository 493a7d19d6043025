"""Two stores become one: what is in both stands there once.

Rows have no names of their own that two machines agree on. The same row is one with the same
values, its id apart; of rows that are alike in one store, as where a question was answered twice in
a second, as many stay as the store with more of them has. So a second merge changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from tutor.store.rows import insert, select
from tutor.store.tables import Table, tables

Ids = dict[int, int]
Values = tuple[object, ...]


class Merged(NamedTuple):
    """How many rows of a table came in, and how many were there already."""

    new: int
    known: int


def merge(source: sqlite3.Connection, target: sqlite3.Connection) -> dict[str, Merged]:
    """Bring in what the source has. Both have the same schema; call it inside a transaction."""
    ids: dict[str, Ids] = {}
    counts: dict[str, Merged] = {}
    for table in tables(source):
        counts[table.name] = _merge_table(table, source, target, ids)
    return counts


def _merge_table(
    table: Table, source: sqlite3.Connection, target: sqlite3.Connection, ids: dict[str, Ids]
) -> Merged:
    ours: defaultdict[bytes, list[int]] = defaultdict(list)
    for id, *values in target.execute(select(table) + " DESC"):
        ours[_mark(values)].append(id)
    found: Ids = {}
    new = known = 0
    for id, *values in source.execute(select(table)):
        row = _with_our_ids(table, values, ids)
        if row is None:
            continue
        if alike := ours[_mark(row)]:
            found[id] = alike.pop()
            known += 1
        else:
            found[id], inserted = _insert(table, row, target)
            new += inserted
            known += not inserted
    ids[table.name] = found
    return Merged(new, known)


def _mark(values: Sequence[object]) -> bytes:
    """What stands for a row's values: the same for the same, and shorter."""
    return blake2b(repr(tuple(values)).encode("utf-8"), digest_size=16).digest()


def _with_our_ids(table: Table, values: Sequence[object], ids: Mapping[str, Ids]) -> Values | None:
    """The row as it refers to rows of ours; None where it refers to one that is lost."""
    row = list(values)
    for at, column in enumerate(table.columns):
        if column.refers and row[at] is not None:
            row[at] = ids[column.refers].get(row[at])  # type: ignore[call-overload]
            if row[at] is None:
                return None
    return tuple(row)


def _insert(table: Table, row: Values, target: sqlite3.Connection) -> tuple[int, bool]:
    """The row's id in the target, and whether that changed. The later of two with one key stays."""
    names = table.names
    if table.key:
        values = dict(zip(names, row, strict=True))
        where = " AND ".join(f"{name} IS ?" for name in table.key)
        key = [values[name] for name in table.key]
        at = "at" if "at" in names else "NULL"
        there = target.execute(f"SELECT id, {at} FROM {table.name} WHERE {where}", key).fetchone()
        if there is not None:
            later = "at" in names and str(values["at"]) > str(there[1])
            if later:
                change = ", ".join(f"{name} = ?" for name in names)
                target.execute(f"UPDATE {table.name} SET {change} WHERE id = ?", (*row, there[0]))
            return there[0], later
    cursor = target.execute(insert(table), row)
    assert cursor.lastrowid is not None
    return cursor.lastrowid, True
