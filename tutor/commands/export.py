"""``tutor export``: all one's data as a file for ``tutor import``, or the answers as a table."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import asdict, fields
from pathlib import Path

from tutor.console import complain
from tutor.paths import store_path
from tutor.record import opened_store
from tutor.refusal import Refusal
from tutor.store import Attempt, Store, StoreUnavailable
from tutor.store.places import exists

FORMATS = ("jsonl", "csv")
COLUMNS = tuple(field.name for field in fields(Attempt))
STARTS = (b'{"format": "exam-tutor"', ",".join(COLUMNS[:3]).encode())


def run(file: str, format: str) -> int:
    """Write it. Raises Refusal."""
    if format not in FORMATS:
        raise Refusal(f"--format {format}: it is {' or '.join(FORMATS)}")
    if not exists(store_path()):
        raise Refusal("nothing was answered yet, so there is nothing to export")
    with (
        opened_store() as store,
        closing(store.lines() if format == "jsonl" else _table(store)) as lines,
    ):
        if file == "-":
            _print(lines)
        else:
            _write(Path(file), lines)
            count = store.count()
            complain(f"{file}: {count} answer{'' if count == 1 else 's'}")
    return 0


def _table(store: Store) -> Generator[str, None, None]:
    """The answers with the verdicts that they have by now, and how sure one was."""
    yield _cells((*COLUMNS, "confidence"))
    confidences = store.confidences()
    for id, attempt in store.current():
        yield _cells((*asdict(attempt).values(), confidences.get(id, "")))


def _cells(values: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def _write(path: Path, lines: Iterable[str]) -> None:
    """Replace an earlier export by the whole of this one, or leave it as it is. Raises Refusal."""
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="\n") as file:  # a pipe, /dev/null
                file.writelines(f"{line}\n" for line in lines)
            return
        if path.exists() and not _is_export(path):
            raise Refusal(f"{path} exists and is no export: name another file")
        _replace(path, lines)
    except StoreUnavailable:
        raise
    except OSError as error:
        raise Refusal(f"{path} can't be written: {error.strerror or error}") from None


def _is_export(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(100).startswith(STARTS) or not path.stat().st_size


def _replace(path: Path, lines: Iterable[str]) -> None:
    part = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(descriptor)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
