"""Files of the store's folder: made for their owner only, renamed so that it lasts."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

JOURNALS = ("-wal", "-shm", "-journal")
OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR


def make_folder(path: Path) -> None:
    """Make the folder of a file. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file that only its owner may read. Raises OSError, also if it exists.

    A store that exists is never opened so: closing it would drop the locks that SQLite holds on
    it for another Store of this process.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))


def exists(path: Path) -> bool:
    """Whether anything has that name, be it a link that leads nowhere."""
    return os.path.lexists(path)


def length(path: Path) -> int:
    """Its bytes; 0 if it isn't there."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


def free_name(path: Path, label: str) -> Path:
    """``attempts-LABEL.db``, or with ``-2``, ``-3`` … what neither file nor journal has as name."""
    found = path.with_name(f"{path.stem}-{label}{path.suffix}")
    number = 2
    while any(exists(Path(f"{found}{ending}")) for ending in ("", *JOURNALS)):
        found = path.with_name(f"{path.stem}-{label}-{number}{path.suffix}")
        number += 1
    return found


def move(path: Path, to: Path) -> None:
    """Rename a store and the journals that belong to it. Raises OSError.

    The journals first: a new file would swallow them.
    """
    for ending in (*JOURNALS, ""):
        if exists(Path(f"{path}{ending}")):
            os.rename(f"{path}{ending}", f"{to}{ending}")
    keep_names(path.parent)


def keep_names(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system offers that."""
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def alone(path: Path, wait: float) -> Iterator[None]:
    """Hold a lock beside a store, which the system lets go of even if this process is killed.

    ``wait``: seconds. Raises OSError and what SQLite raises.
    """
    guard = path.with_name(path.name + ".lock")
    with suppress(FileExistsError):
        make_file(guard)
    connection = sqlite3.connect(guard, timeout=wait, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()
