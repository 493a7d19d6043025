"""Finding the answer sheet in what a student handed in, without going where a link leads."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from tutor.gradescope.papers import SHEET
from tutor.gradescope.results import short
from tutor.gradescope.sheet import names_a_paper

MAX_BYTES = 1_000_000
MAX_TOGETHER = 8 * MAX_BYTES
MAX_FILES = 500
MAX_DEPTH = 6
MAX_LISTED = 8
_FORMATS = (
    (b"PK\x03\x04", "is an archive or a document of a word processor"),
    (b"{\\rtf", "is rich text (RTF)"),
    (b"%PDF", "is a PDF"),
    (b"\xd0\xcf\x11\xe0", "is a document of a word processor"),
    (b"\x1f\x8b", "is an archive"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class NoSheet(Exception):
    """There is nothing to grade; the text tells the student why, and what to do."""


class Handed(NamedTuple):
    """A file of a submission: its path below the folder, and its bytes or why it isn't read."""

    name: str
    data: bytes
    flaw: str = ""


def sheet_of(folder: str) -> str:
    """The text of the one answer sheet in a submission. Raises NoSheet.

    It is the file that has the sheet's name, or looks like one; in a folder if need be.
    """
    handed = list(_files(folder))
    if not handed:
        raise NoSheet(f"There is no file in this submission. Hand in your answer sheet, {SHEET}.")
    texts = {one.name: text for one in handed if (text := _text(one)) is not None}
    named = [name for name in texts if os.path.basename(name).casefold() == SHEET]
    sheets = named or [name for name in texts if names_a_paper(texts[name])]
    if len({texts[name] for name in sheets}) > 1:
        raise NoSheet(f"There are several answer sheets: {_listed(sheets)}. Hand in one of them.")
    if sheets:
        return texts[sheets[0]]
    flaws = [f"{short(one.name, 60)} {flaw}" for one in handed if (flaw := _flaw(one))]
    told = f" {'; '.join(flaws[:MAX_LISTED])}." if flaws else ""
    others = _listed([one.name for one in handed])
    raise NoSheet(
        f"There is no answer sheet in this submission, which holds {others}.{told} "
        f"Hand in {SHEET} as plain text."
    )


def _listed(names: list[str]) -> str:
    shown = [short(name, 60) for name in sorted(names)[:MAX_LISTED]]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left > 0 else "")


def _files(folder: str) -> Iterator[Handed]:
    """The files, without those that systems add by themselves."""
    files, room = MAX_FILES, MAX_TOGETHER
    for path, folders, names in os.walk(folder):
        inside = os.path.relpath(path, folder)
        if inside.count(os.sep) >= MAX_DEPTH:
            folders.clear()
        folders[:] = sorted(name for name in folders if not _is_noise(name))
        links = [name for name in folders if os.path.islink(os.path.join(path, name))]
        for name in sorted([*names, *links], key=lambda name: (name.casefold() != SHEET, name)):
            if not _is_noise(name) and files > 0:
                shown = name if inside == "." else os.path.join(inside, name)
                one = _handed(os.path.join(path, name), shown, room)
                files, room = files - 1, room - len(one.data)
                yield one


def _is_noise(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _handed(path: str, name: str, room: int) -> Handed:
    """A file's bytes, if there is room. No link is followed: it might lead to the answers."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if os.path.islink(path):
            return Handed(name, b"", "is a link, which is not followed")
        descriptor = os.open(path, flags)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Handed(name, b"", "is not a file that can be read")
            data = file.read(MAX_BYTES + 1)
    except OSError:
        return Handed(name, b"", "can't be read")
    if len(data) > room:
        return Handed(name, b"", "was not read: there is too much in this submission")
    if len(data) > MAX_BYTES:
        return Handed(name, b"", f"is longer than {MAX_BYTES:,} bytes")
    return Handed(name, data)


def _text(one: Handed) -> str | None:
    """A file as text; None where it is none."""
    if _flaw(one):
        return None
    for mark, encoding in _MARKS:
        if one.data.startswith(mark):
            return one.data.decode(encoding, "replace")
    try:
        return one.data.decode("utf-8")
    except UnicodeDecodeError:
        return one.data.decode("cp1252", "replace")


def _flaw(one: Handed) -> str:
    """Why a file is no text; nothing if it is one."""
    if one.flaw:
        return one.flaw
    for start, flaw in _FORMATS:
        if one.data.startswith(start):
            return flaw
    wide = one.data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "is not plain text" if b"\0" in one.data and not wide else ""
