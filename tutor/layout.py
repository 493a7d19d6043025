"""Text fitted to a width in terminal cells: paragraphs, columns, places in a line, marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction

from engine.spacing import HARD_SPACE

NARROWEST = 16
TAB = 8
_BULLET = re.compile(r" *[-•] ")
_LEAD = re.compile(r" *(?:[-•] )?")
_WORDS = re.compile(r" +|[^ ]+")


def cells(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def base(text: str, at: int) -> int:
    """Where the character begins that a place is in: a mark stands on the one before it."""
    while 0 < at < len(text) and not cells(text[at]):
        at -= 1
    return at


def column(text: str, start: int) -> int:
    """The column behind a text that was typed from the column ``start``: tabs jump."""
    for piece in re.split("(\t)", text):
        start = (start // TAB + 1) * TAB if piece == "\t" else start + cells(piece)
    return start


def wrap(text: str, width: int, hang: int = 0) -> list[str]:
    """The lines of a text; those that go on are indented as its first one, behind a bullet.

    ``hang`` indents them further.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        lead = _LEAD.match(line)[0]  # type: ignore[index]
        room = max(width - len(lead), NARROWEST)
        rows = list(_filled(line[len(lead) :], room, max(room - hang, NARROWEST))) or [""]
        lines.append((lead + rows[0]).rstrip())
        lines += [" " * (len(lead) + hang) + row for row in rows[1:]]
    return [line.replace(HARD_SPACE, " ") for line in lines]


def _filled(text: str, first: int, others: int) -> Iterator[str]:
    """Rows of words, as many as fit; a word longer than a row is broken."""
    row, taken, width = "", 0, first
    words = [piece for word in _WORDS.findall(text) for piece in _pieces(word, others)]
    for word in words:
        needed = cells(word)
        if row and taken + needed > width:
            yield row.rstrip()
            row, taken, width = "", 0, others
        if row or not word.isspace():
            row, taken = row + word, taken + needed
    if row.strip():
        yield row.rstrip()


def _pieces(word: str, width: int) -> Iterator[str]:
    """The word; if it is wider than a row, its parts between hard spaces, or cut anywhere."""
    if cells(word) <= width:
        yield word
    elif HARD_SPACE in word:
        for piece in _WORDS.findall(word.replace(HARD_SPACE, " ")):
            yield from _pieces(piece, width)
    else:
        head = cut(word, width)
        yield head
        yield from _pieces(word[len(head) :], width)


def cut(text: str, width: int) -> str:
    """As much of the beginning as fits, at least one character."""
    taken = 0
    for at, character in enumerate(text):
        taken += _cells(character)
        if taken > width and at:
            return text[:at]
    return text


def paragraphs(text: str) -> list[str]:
    """Paragraphs with their lines joined; bullets and indented lines stay lines of their own.

    A line that is indented as far as the text behind a bullet belongs to the bullet.
    """
    return ["\n".join(_joined(block.split("\n"))) for block in text.split("\n\n")]


def _joined(lines: Sequence[str]) -> list[str]:
    rows: list[str] = []
    for line in lines:
        bullet = _BULLET.match(rows[-1]) if rows else None
        inside = bullet is not None and line.startswith(" " * bullet.end())
        apart = line.startswith(" ") or _BULLET.match(line) is not None
        if rows and (inside or not apart):
            rows[-1] += " " + line.strip()
        else:
            rows.append(line.rstrip())
    return rows


def column_widths(rows: Sequence[Sequence[str]], width: int, gap: int) -> list[int]:
    """The width of each column, the widest ones narrowed until the table fits."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    room = width - gap * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROWEST // 2:
        widths[widths.index(max(widths))] -= 1
    return widths


def excerpt(line: str, at: int, room: int) -> tuple[str, int]:
    """What fits of a line around the place ``at``, and the column of that place in it."""
    if cells(line) <= room:
        return line, cells(line[:at])
    before, after = line[:at], line[at:]
    if cells(before) > room // 2:
        kept = cut(before[::-1], room // 2 - 1)[::-1]
        before = "…" + kept
    rest = room - cells(before)
    if cells(after) > rest:
        after = cut(after, rest - 1) + "…"
    return before + after, cells(before)


def number(value: Fraction) -> str:
    """At most two decimals, none if they are zero."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def points(value: Fraction) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{number(value)} point" + ("" if value == 1 else "s")


def marks(earned: Fraction, possible: Fraction) -> str:
    """``5.4 of 6 points``."""
    return f"{number(earned)} of {points(possible)}"
