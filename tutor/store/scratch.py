"""A store in memory, in which rows from elsewhere are brought up to date before they are merged."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from tutor.store.migrations import MIGRATIONS


class Found(NamedTuple):
    """``connection``: the rows that were found. ``missing``: how many are known to be lost."""

    connection: sqlite3.Connection
    missing: int


def begun(version: int) -> sqlite3.Connection:
    """An empty one, as a version of the schema had it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migration in MIGRATIONS[:version]:
        migration(connection)
    return connection


def finished(connection: sqlite3.Connection, version: int) -> sqlite3.Connection:
    """The same with the present schema."""
    for migration in MIGRATIONS[version:]:
        migration(connection)
    return connection
