"""The file that results go to, and going on with one that a run has left behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from tutor.batch.files import open_file
from tutor.batch.results import Format, RowFormat, records
from tutor.batch.rows import Given, Wait
from tutor.batch.tally import Tally
from tutor.refusal import Refusal


@contextmanager
def output(out: str | None, source: str, format: Format) -> Iterator[IO[str]]:
    """A new file of that name, or stdout. Raises Refusal."""
    if out is None:
        sys.stdout.write(format.head())
        yield sys.stdout
        return
    _keep_apart(out, source)
    with open_file(out, "w", encoding="utf-8", newline="") as file:
        file.write(format.head())
        yield file


@contextmanager
def continued(
    out: str, source: str, format: RowFormat, rows: Iterator[Given | Wait], tally: Tally
) -> Iterator[IO[str]]:
    """The file behind its last complete row; the rows that it holds are counted and passed over.

    Raises Refusal where it holds other rows than the source.
    """
    _keep_apart(out, source)
    end = 0
    if os.path.exists(out):
        with open_file(out, "r+b") as written:
            end = _pass_over(out, source, written, format, rows, tally)
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
            except (ValueError, TypeError, KeyError, AttributeError):
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


def _keep_apart(out: str, source: str) -> None:
    if os.path.exists(out) and os.path.exists(source) and os.path.samefile(out, source):
        raise Refusal(f"{out}: the verdicts can't replace the responses; name another file")
