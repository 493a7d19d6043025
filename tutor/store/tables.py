"""What tables a store has, told by SQLite itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple


class Column(NamedTuple):
    """``type``: TEXT, INTEGER or REAL. ``refers``: the table whose id it holds, or nothing."""

    name: str
    type: str
    required: bool
    refers: str = ""


class Table(NamedTuple):
    """``columns``: all but the id. ``key``: names of those that no two rows share, if any."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def tables(connection: sqlite3.Connection) -> tuple[Table, ...]:
    """The tables in the order in which they were made: those referred to come first."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' "
    names = [name for (name,) in connection.execute(query + "ESCAPE '!' ORDER BY rowid")]
    return tuple(_table(connection, name) for name in names)


def _table(connection: sqlite3.Connection, name: str) -> Table:
    refers = {row[3]: row[2] for row in _pragma(connection, "foreign_key_list", name)}
    columns = tuple(
        Column(column, type, bool(required), refers.get(column, ""))
        for _, column, type, required, _, primary in _pragma(connection, "table_info", name)
        if not primary
    )
    unique = [row[1] for row in _pragma(connection, "index_list", name) if row[2]]
    key = [row[2] for row in _pragma(connection, "index_info", unique[0])] if unique else []
    return Table(name, columns, tuple(key))


def _pragma(connection: sqlite3.Connection, pragma: str, of: str) -> list[tuple[Any, ...]]:
    quoted = of.replace('"', '""')
    return connection.execute(f'PRAGMA {pragma}("{quoted}")').fetchall()


def fits(found: Iterable[Table], wanted: Iterable[Table]) -> bool:
    """Whether all that is wanted is there; more may be."""
    columns = {table.name: set(table.names) for table in found}
    return all(set(table.names) <= columns.get(table.name, set()) for table in wanted)
