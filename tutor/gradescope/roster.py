"""The students of a class, and a folder with a paper for each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from tutor.gradescope.config import address
from tutor.gradescope.papers import PAPER, SHEET, Paper, Papers, paper_text, sheet_text
from tutor.refusal import Refusal
from tutor.render_progress import Meter

MAX_LENGTH = 10_000_000
SEPARATORS = ",;\t"
_COLUMNS = ("email", "e-mail", "email address", "e-mail address", "mail")
_ADDRESS = re.compile(r"[^\s@,;/\\\ufffd]+@[^\s@,;/\\\ufffd]+")


def students(file: str) -> list[str]:
    """The addresses in a roster as Gradescope gives it: a CSV file with a column Email.

    Raises Refusal, with the line, for what is missing, no address, or there twice.
    """
    try:
        with open(file, encoding="utf-8-sig", errors="replace", newline="") as stream:
            text = stream.read(MAX_LENGTH + 1)
    except OSError as error:
        raise Refusal(f"{file}: {(error.strerror or 'unreadable').lower()}") from None
    if len(text) > MAX_LENGTH:
        raise Refusal(f"{file} is longer than {MAX_LENGTH:,} characters")
    found: dict[str, int] = {}
    for number, email in _emails(file, text):
        if not _ADDRESS.fullmatch(email):
            raise Refusal(f"{file}:{number}: '{email[:60]}' is no e-mail address")
        if email in found:
            raise Refusal(f"{file}:{number}: {email} stands in line {found[email]} already")
        found[email] = number
    if not found:
        raise Refusal(f"{file} names no student")
    return list(found)


def _emails(file: str, text: str) -> Iterator[tuple[int, str]]:
    """Lines and addresses; rows that are empty are passed over. Raises Refusal."""
    head = text.partition("\n")[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(SEPARATORS, key=head.count))
    try:
        names = [name.strip().casefold() for name in next(rows, [])]
        column = next((names.index(name) for name in _COLUMNS if name in names), None)
        if column is None:
            raise Refusal(f"{file}: the first line names no column Email")
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, address(row[column] if column < len(row) else "")
    except csv.Error as error:
        raise Refusal(f"{file}:{rows.line_num}: {error}") from None


def empty_folder(folder: str) -> None:
    """Make a folder for papers. Raises Refusal where it holds something already."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise Refusal(f"{folder} is not empty: name a new folder for the papers")
    except OSError as error:
        raise Refusal(f"{folder} can't be written: {error.strerror or error}") from None


def write_papers(papers: Papers, emails: list[str], folder: str, shown: Meter) -> int:
    """Write ``paper.txt`` and ``answers.txt``, in a folder for each address if there are any.

    Returns how many papers there are. Raises Refusal.
    """
    place = Path(folder)
    try:
        for done, email in enumerate(emails, 1):
            own = place / _folder(email)
            own.mkdir()
            _write(papers.of(email), own)
            shown.at(done, done / len(emails))
        if not emails:
            _write(papers.of(""), place)
    except OSError as error:
        raise Refusal(f"{folder} can't be written: {error.strerror or error}") from None
    return len(emails) or 1


def _folder(email: str) -> str:
    """The address itself, which holds no separator of paths; a name that starts with no dot."""
    return re.sub(r'^\.|[<>:"|?*\x00-\x1f]', "_", email)


def _write(paper: Paper, folder: Path) -> None:
    for name, text in ((PAPER, paper_text(paper)), (SHEET, sheet_text(paper))):
        (folder / name).write_text(text, encoding="utf-8")
