"""The file that results go to, and going on with one that a run has left behind."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from stat import S_ISREG
from typing import IO, Any

from tutor.bank.bank import Bank
from tutor.batch.files import open_file
from tutor.batch.results import Format, RowFormat, records
from tutor.batch.rows import Given, Wait
from tutor.batch.tally import Tally
from tutor.console import complain
from tutor.refusal import Refusal


@contextmanager
def output(out: str | None, source: str, format: Format) -> Iterator[IO[str]]:
    """A new file of that name, or stdout. Raises Refusal."""
    _keep_apart(out, source)
    if out is None:
        if sys.stdout is None:
            raise Refusal("there is no standard output: name a file with -o OUT")
        sys.stdout.write(format.head())
        yield sys.stdout
        return
    with _held(out), open_file(out, "w", encoding="utf-8", newline="") as file:
        file.write(format.head())
        yield file


@contextmanager
def continued(
    out: str, source: str, format: RowFormat, rows: Iterator[Given | Wait], tally: Tally, bank: Bank
) -> Iterator[IO[str]]:
    """The file behind its last complete row; the rows that it holds are counted and passed over.

    Raises Refusal where it holds other rows than the source.
    """
    _keep_apart(out, source)
    with _held(out):
        with open_file(out, "r+b") as written:
            end = _pass_over(out, source, written, format, rows, tally)
            _tell_newer(out, os.fstat(written.fileno()).st_mtime, tally.problems(), bank)
            written.truncate(end)
        with open_file(out, "a", encoding="utf-8", newline="") as file:
            if not end:
                file.write(format.head())
            yield file


def _pass_over(
    out: str,
    source: str,
    written: IO[Any],
    format: RowFormat,
    rows: Iterator[Given | Wait],
    tally: Tally,
) -> int:
    """Where the last complete row ends (bytes)."""
    end = 0
    head = format.head()
    for number, (text, after) in enumerate(records(written, format), 0 if head else 1):
        if number:
            given = next((row for row in rows if not isinstance(row, Wait)), None)
            try:
                found = None if given is None else format.read(text, given)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error):
                found = None
            if found is None:
                raise Refusal(
                    f"{out}: row {number} is not of {source}; name another file, or leave out "
                    "--resume to write it anew"
                )
            tally.add(found)
        elif text != head:
            raise Refusal(f"{out}: the columns aren't those of {source}; name another file")
        end = after
    return end


def _tell_newer(out: str, written: float, ids: Iterable[str], bank: Bank) -> None:
    """A line on stderr where a file of the bank is newer than the rows that it was used for."""
    newer = [id for id in ids if id in bank and os.stat(bank.path(id)).st_mtime > written]
    if newer:
        more = f" and {len(newer) - 1} more" if newer[1:] else ""
        complain(
            f"{out}: {newer[0]}{more} changed since rows there were graded; "
            "leave out --resume to grade all anew"
        )


@contextmanager
def _held(out: str) -> Iterator[None]:
    """The file, which is made if need be, is this run's alone. Raises Refusal."""
    with open_file(out, "ab") as file:
        with suppress(ImportError):  # a system that locks otherwise
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refusal(f"{out}: another run is writing there") from None
            except OSError:
                pass  # a file system without locks
        yield


def _keep_apart(out: str | None, source: str) -> None:
    """Raise Refusal where the rows would be written over, or what is written read again."""
    with suppress(OSError):
        written = os.stat(1 if out is None else out)
        read = os.stat(0 if source == "-" else source)
        if S_ISREG(read.st_mode) and os.path.samestat(written, read):
            raise Refusal(
                f"{out or 'the output'}: the verdicts can't replace the responses; "
                "name another file"
            )
