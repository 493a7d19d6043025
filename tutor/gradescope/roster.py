"""The students of a class, and a folder with a paper for each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from tutor.gradescope.config import address
from tutor.gradescope.papers import PAPER, SHEET, Paper, Papers, paper_text, sheet_text
from tutor.refusal import Refusal

MAX_BYTES = 10_000_000
SEPARATORS = ",;\t"
_COLUMNS = ("email", "e-mail", "email address", "e-mail address", "mail")
_ADDRESS = re.compile(r"[^\s@,;/\\]+@[^\s@,;/\\]+")


def students(file: str) -> list[str]:
    """The addresses in a roster as Gradescope gives it: a CSV file with a column Email.

    Raises Refusal, with the line, for what is missing, no address, or there twice.
    """
    try:
        with open(file, encoding="utf-8-sig", errors="replace", newline="") as stream:
            lines = stream.read(MAX_BYTES).splitlines()
    except OSError as error:
        raise Refusal(f"{file}: {(error.strerror or 'unreadable').lower()}") from None
    found: dict[str, int] = {}
    for number, email in _emails(file, lines):
        if not _ADDRESS.fullmatch(email):
            raise Refusal(f"{file}:{number}: '{email[:60]}' is no e-mail address")
        if email in found:
            raise Refusal(f"{file}:{number}: {email} stands in line {found[email]} already")
        found[email] = number
    if not found:
        raise Refusal(f"{file} names no student")
    return list(found)


def _emails(file: str, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines and addresses; rows that are empty are passed over."""
    head = lines[0] if lines else ""
    rows = csv.reader(lines, delimiter=max(SEPARATORS, key=head.count))
    names = [name.strip().casefold() for name in next(rows, [])]
    column = next((names.index(name) for name in _COLUMNS if name in names), None)
    if column is None:
        raise Refusal(f"{file}: the first line names no column Email")
    for row in rows:
        if any(cell.strip() for cell in row):
            yield rows.line_num, address(row[column] if column < len(row) else "")


def write_papers(papers: Papers, emails: list[str], folder: str) -> int:
    """Write ``paper.txt`` and ``answers.txt``, in a folder for each address if there are any.

    Returns how many papers there are. Raises Refusal where the folder holds something already.
    """
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise Refusal(f"{folder} is not empty: name a new folder for the papers")
        for email in emails:
            _write(papers.of(email), place / _folder(email))
        if not emails:
            _write(papers.of(""), place)
    except OSError as error:
        raise Refusal(f"{folder} can't be written: {error.strerror or error}") from None
    return len(emails) or 1


def _folder(email: str) -> str:
    """The address itself, which holds no separator of paths; a name that starts with no dot."""
    return re.sub(r'^\.|[<>:"|?*\x00-\x1f]', "_", email)


def _write(paper: Paper, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in ((PAPER, paper_text(paper)), (SHEET, sheet_text(paper))):
        (folder / name).write_text(text, encoding="utf-8")
