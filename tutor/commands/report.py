"""``tutor report``: what a class got wrong, from the verdicts of ``tutor check FILE``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, NamedTuple

from tutor.console import complain, counted
from tutor.documents import dump
from tutor.html import DOCTYPE
from tutor.problems import open_bank
from tutor.refusal import Refusal
from tutor.render_progress import Meter, meter
from tutor.results.document import report_document
from tutor.results.drawn import Source
from tutor.results.gathering import Tally
from tutor.results.rows import Row, Skipped, read_rows
from tutor.results.summary import report

if TYPE_CHECKING:
    from tutor.results.figures import Report

TOLD = 1_000
"""Rows after which progress is told again."""


class Request(NamedTuple):
    """What was asked for on the command line: verdicts, and where a page goes if one is wanted."""

    source: str
    html: str | None
    json: bool


def run(request: Request, banks: Sequence[str], plain: bool) -> int:
    """Sum up the verdicts, and print or write what they come to. Raises Refusal."""
    _refuse_to_overwrite(request.html)
    source = Source(open_bank(banks))
    tally = Tally(source.is_choice)
    with _reading(request.source) as lines, meter("rows", plain=plain) as shown:
        tally.add_all(_told(read_rows(lines), lines, shown))
    if not tally.problems:
        raise Refusal(f"{request.source}: {_why_nothing(tally)}")
    found = report(tally, source)
    if request.html is not None:
        _write_page(request.html, found)
    if request.json:
        print(dump(report_document(found), indent=2))
    elif request.html is None:
        from tutor.render import Screen
        from tutor.results.screen import show

        show(Screen(plain=plain), found)
    return 0


def _told(rows: Iterable[Row], lines: IO[str], shown: Meter) -> Iterator[Row]:
    """The rows, and how far they are read on the screen."""
    for done, row in enumerate(rows, 1):
        if done % TOLD == 0:
            shown.at(done, _share(lines))
        yield row


def _share(lines: IO[str]) -> float:
    """How much of a file is read; 0 for what has no end in sight."""
    if isinstance(lines, TextIOWrapper):
        with suppress(OSError):
            size = os.fstat(lines.fileno()).st_size
            return lines.buffer.tell() / size if size else 0.0
    return 0.0


def _why_nothing(tally: Tally) -> str:
    """Why there is nothing to report, in one line."""
    if not tally.rows:
        return "there are no rows in it"
    if tally.skipped_rows == tally.rows:
        first = tally.skipped[0]
        if first.bare:
            return (
                "these responses have no verdicts yet: "
                "tutor check RESPONSES.jsonl -o OUT.jsonl grades them"
            )
        return f"{_wrong(first)}; tutor report reads what tutor check FILE -o OUT.jsonl writes"
    if tally.ungraded:
        return f"no row could be graded: {tally.ungraded.most_common(1)[0][0]}"
    return "no row of it belongs to a problem"


def _wrong(line: Skipped) -> str:
    return f"line {line.line}: {line.reason}"


def _write_page(path: str, found: Report) -> None:
    from tutor.results.page import page

    text = page(found)
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise Refusal(f"{path}: {(error.strerror or 'not usable').lower()}") from None
    complain(
        f"{path}: {counted(len(found.problems), 'problem')}, {counted(found.students, 'student')}"
    )


def _refuse_to_overwrite(html: str | None) -> None:
    """Raise Refusal for anything but an earlier page, be it the verdicts themselves."""
    if html in ("", "-"):
        raise Refusal(f"--html {html}: name a file for the page")
    if html is None or not os.path.isfile(html):
        return
    with _opened(html) as file:
        start = file.read(len(DOCTYPE))
    if start not in ("", DOCTYPE):
        raise Refusal(f"{html} exists and is no page: name another file")


@contextmanager
def _reading(source: str) -> Iterator[IO[str]]:
    if source == "-":
        if sys.stdin is None:
            raise Refusal("-: there is no standard input")
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
        yield sys.stdin
        return
    with _opened(source) as file:
        yield file


def _opened(source: str) -> IO[str]:
    try:
        return open(source, encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise Refusal(f"{source}: {(error.strerror or 'not usable').lower()}") from None
