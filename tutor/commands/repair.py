"""``tutor doctor --repair``: what stores that were set aside hold goes into the present one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tutor.commands.import_ import counts_document
from tutor.documents import Document, dump
from tutor.paths import store_path
from tutor.record import opened_store
from tutor.store import Store, StoreUnavailable
from tutor.store.damage import those_aside
from tutor.store.merge import Merged
from tutor.store.salvage import salvaged

FAILED = 1


class Repaired(NamedTuple):
    """What came of a store that was set aside; ``why``: it can't be read.

    ``missing``: answers that are known to have been there, by gaps in their numbers.
    """

    path: Path
    counts: dict[str, Merged]
    missing: int = 0
    why: str = ""


def run(json: bool, plain: bool) -> int:
    """Print what came back. Raises Refusal where the present store can't be used."""
    with opened_store() as store:
        found = [_repaired(path, store) for path in those_aside(store_path())]
        count = store.count()
    if json:
        print(dump({"repaired": [_document(one) for one in found], "attempts": count}, indent=2))
    else:
        _show(found, count, plain)
    return FAILED if any(one.why for one in found) else 0


def _repaired(path: Path, store: Store) -> Repaired:
    """Raises StoreUnavailable for the present store."""
    try:
        connection, missing = salvaged(path)
    except StoreUnavailable as error:
        return Repaired(path, {}, why=str(error))
    with closing(connection):
        return Repaired(path, store.merge(connection), missing)


def _document(one: Repaired) -> Document:
    if one.why:
        return {"path": str(one.path), "reason": one.why}
    return {"path": str(one.path), **counts_document(one.counts), "missing": one.missing}


def _show(found: Sequence[Repaired], count: int, plain: bool) -> None:
    from tutor.render import Screen

    screen = Screen(plain=plain)
    for one in found:
        screen.line(one.why or f"{one.path}: {_told(one)}", hang=2)
    if not found:
        screen.line("No store was set aside: there is nothing to repair.")
    screen.line(f"Your store holds {_answers(count)}.")


def _told(one: Repaired) -> str:
    new, known = one.counts["attempts"]
    told = [f"{_answers(new)} came back"]
    if known:
        told.append(f"{known} {'was' if known == 1 else 'were'} there already")
    if one.missing:
        told.append(f"{one.missing} {'is' if one.missing == 1 else 'are'} lost")
    return ", ".join(told)


def _answers(count: int) -> str:
    return f"{count} answer{'' if count == 1 else 's'}"
