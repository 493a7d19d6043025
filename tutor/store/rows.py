"""Rows in and out of a table, whatever its columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tutor.store.tables import Table


def select(table: Table) -> str:
    """The query for all rows, each its id and then its columns."""
    return f"SELECT id, {', '.join(table.names)} FROM {table.name} ORDER BY id"


def insert(table: Table, *, id: bool = False, otherwise: str = "") -> str:
    """The statement that inserts a row, with or without its id."""
    names = ("id", *table.names) if id else table.names
    places = ", ".join("?" for _ in names)
    return f"INSERT {otherwise} INTO {table.name} ({', '.join(names)}) VALUES ({places})"


def storable(values: Iterable[Any]) -> tuple[Any, ...]:
    """A row that SQLite takes: bytes that weren't UTF-8 when they were typed are escapes."""
    return tuple(
        value.encode("utf-8", "backslashreplace").decode("utf-8")
        if isinstance(value, str)
        else value
        for value in values
    )
