"""Why a text isn't YAML, said for the person who typed it.

The two parsers behind ``yaml`` word and place the same slip differently; both are mapped onto
one message at one place.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_QUOTE = "put quotes around the whole text"


class Said(NamedTuple):
    """The last text before the parser gave up: where it begins and ends, from 1, and its trail."""

    start: tuple[int, int] = (0, 0)
    end: tuple[int, int] = (0, 0)
    quoted: bool = False
    trail: tuple[str, ...] = ()


# A stretch of the parser's problem, whose place it is ("problem" or "context"), what to say.
# The first row that fits counts.
_MESSAGES = (
    ("mapping values are not allowed", "problem",
     'a ": " can\'t stand here: ' + _QUOTE + ", or mend the indentation"),
    ("expected ',' or ']'", "context",
     "this list lacks its ] or a comma, or holds text that needs quotes"),
    ("expected ',' or '}'", "context",
     "this mapping lacks its } or a comma, or holds text that needs quotes"),
    ("found unexpected end of stream", "context", "this quotation mark is never closed"),
    ("found unexpected document", "context", "this quotation mark is never closed"),
    ("unknown escape character", "context",
     'a backslash in "double quotes" begins an escape: use \'single quotes\''),
    ("Unicode character escape code", "context", "no such character: mend the escape"),
    ("hexadecimal number", "context", "no such character: mend the escape"),
    ("hexdecimal number", "context", "no such character: mend the escape"),
    ("'\\t' that cannot start", "problem", "indent with spaces, not with tabs"),
    ("found a tab", "problem", "indent with spaces, not with tabs"),
    ("cannot start any token", "problem", "text can't begin like this: " + _QUOTE),
    ("expected key", "problem",
     "this doesn't fit what is above: check the indentation and the quotes"),
    ("expected '-' indicator", "problem",
     "this doesn't fit what is above: check the indentation and the quotes"),
    ("expected <block end>", "problem",
     "this doesn't fit what is above: check the indentation and the quotes"),
    ("node content", "problem", "a value is missing here, or a bracket is too many"),
    ("<document start>", "problem",
     "this doesn't fit what is above: check the indentation and the quotes"),
    ("directive name", "problem", "remove this line: text can't begin with %"),
    ("expected ':'", "context", "this line lacks a colon after its key"),
    ("expected URI", "context", "tags aren't allowed: " + _QUOTE),
    ("tag URI", "context", "tags aren't allowed: " + _QUOTE),
    ("tag handle", "context", "tags aren't allowed: " + _QUOTE),
    ("alphabetic or numeric", "context", "text can't begin like this: " + _QUOTE),
    ("comment or line break", "context", "the text after | or > begins on the next line"),
    ("indentation indicators", "context", "the text after | or > begins on the next line"),
    ("incompatible YAML document", "problem", "remove this line: the files are plain YAML 1.1"),
)  # fmt: skip


def explain(error: Exception, text: str, last: Said) -> tuple[int, int, str, tuple[str, ...]]:
    """Line, column (both from 1), message and trail for what a YAML parser raised."""
    problem = str(getattr(error, "problem", None) or "Unicode character escape code")
    marks = {"problem": getattr(error, "problem_mark", None)}
    marks["context"] = getattr(error, "context_mark", None) or marks["problem"]
    lines = text.split("\n")
    if re.search("expected (',' or|'-'|key|<block end>)", problem):
        place, message = _broken_off(_place(marks["problem"], lines), lines, last)
        if message:
            return *place, message, last.trail
    otherwise = ("", "problem", f"this isn't YAML: {problem}")
    _, owner, message = next((row for row in _MESSAGES if row[0] in problem), otherwise)
    line, column = _place(marks[owner], lines)
    if "text can't begin" in message and lines[line - 1][column - 1 : column] == "\t":
        message = "indent with spaces, not with tabs"
    return line, column, message, ()


def _broken_off(at: tuple[int, int], lines: list[str], last: Said) -> tuple[tuple[int, int], str]:
    """Why a text ends where its author went on, and where to mend it; "" if it isn't that."""
    line, column = at
    rest = lines[line - 1][column - 1 :].rstrip()
    between = lines[line - 1][last.end[1] - 1 : column - 1]
    if last.end[0] != line or between.strip() or not rest or rest[0] in "}],#":
        return at, ""
    if last.quoted and last.start[0] != line:
        return last.start, f"this quotation mark is closed only on line {line}, by another one"
    if last.quoted:
        return at, (
            "the quotation marks end before this: a comma is missing, "
            "or the text needs the other kind of marks around it"
        )
    if last.start[0] != line:
        return at, ""
    if rest[0] == "{":
        return last.start, f"{{{{…}}}} within {{ }} or [ ]: {_QUOTE}"
    return last.start, f'a ": " can\'t stand here: {_QUOTE}' if rest[0] == ":" else ""


def _place(mark: Any, lines: list[str]) -> tuple[int, int]:
    """Count from 1. The end of a text without a last line feed lies on its last line."""
    if mark is None:
        return 1, 1
    if mark.line >= len(lines):
        return len(lines), len(lines[-1]) + 1
    return mark.line + 1, mark.column + 1
