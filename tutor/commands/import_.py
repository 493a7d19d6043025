"""``tutor import``: what another store holds, from an export or from its file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from tutor.console import complain
from tutor.documents import Document, dump
from tutor.record import opened_store
from tutor.refusal import Refusal
from tutor.store import StoreUnavailable
from tutor.store.exchange import Unreadable, read
from tutor.store.merge import Merged
from tutor.store.pages import MAGIC
from tutor.store.salvage import salvaged
from tutor.store.scratch import Found

MAX_BYTES = 500_000_000  # of another store's file


def run(file: str, json: bool) -> int:
    """Bring it in and tell what came. Raises Refusal, with nothing written."""
    try:
        found = _found(file)
    except Unreadable as error:
        raise Refusal(f"{file}: {error}") from None
    with opened_store() as store:
        counts = store.merge(found.connection)
    if json:
        print(dump({**counts_document(counts), "missing": found.missing}, indent=2))
        return 0
    print(told(counts["attempts"]))
    if found.missing:
        complain(f"{file} breaks off: {found.missing} more rows are missing")
    return 0


def told(answers: Merged) -> str:
    """What became of the answers, for a person."""
    new = f"{answers.new} answer{'' if answers.new == 1 else 's'} came in"
    return f"{new}, {answers.known} {'was' if answers.known == 1 else 'were'} there already"


def counts_document(counts: Mapping[str, Merged]) -> Document:
    """The answers that came in or were there, and the rows of each table."""
    return {
        **counts["attempts"]._asdict(),
        "tables": {table: found._asdict() for table, found in counts.items()},
    }


def _found(file: str) -> Found:
    """What the file holds. Raises Refusal and Unreadable."""
    if file == "-":
        return read(_stdin())
    path = Path(file)
    try:
        with path.open("rb") as start:
            is_store = start.read(len(MAGIC)) == MAGIC
        if is_store:
            if path.stat().st_size > MAX_BYTES:
                raise Refusal(f"{file} is longer than {MAX_BYTES:,} bytes")
            return salvaged(path)
        with path.open(encoding="utf-8-sig") as lines:
            return read(lines)
    except StoreUnavailable as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(f"{file}: {(error.strerror or 'not usable').lower()}") from None


def _stdin() -> IO[str]:
    if sys.stdin is None:
        raise Refusal("-: there is no standard input")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")
    return sys.stdin
