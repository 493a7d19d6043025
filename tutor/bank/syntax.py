"""Why a text isn't YAML, said for the person who typed it.

The two parsers behind ``yaml`` word and place the same slip differently; both are mapped onto
one message at one place.
"""

from __future__ import annotations

from typing import Any

_QUOTE = "put quotes around the whole text"

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


def explain(error: Exception, text: str) -> tuple[int, int, str]:
    """Line, column (both from 1) and message for what a YAML parser raised."""
    problem = str(getattr(error, "problem", None) or "Unicode character escape code")
    marks = {"problem": getattr(error, "problem_mark", None)}
    marks["context"] = getattr(error, "context_mark", None) or marks["problem"]
    otherwise = ("", "problem", f"this isn't YAML: {problem}")
    _, owner, message = next((row for row in _MESSAGES if row[0] in problem), otherwise)
    line, column = _place(marks[owner], text.split("\n"))
    if "text can't begin" in message and text.split("\n")[line - 1][column - 1 : column] == "\t":
        message = "indent with spaces, not with tabs"
    return line, column, message


def _place(mark: Any, lines: list[str]) -> tuple[int, int]:
    """Count from 1. The end of a text without a last line feed lies on its last line."""
    if mark is None:
        return 1, 1
    if mark.line >= len(lines):
        return len(lines), len(lines[-1]) + 1
    return mark.line + 1, mark.column + 1
