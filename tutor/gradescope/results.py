"""``results.json`` by Gradescope's autograder schema, from graded rows: what a student may read.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/ (2024).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from engine.spacing import HARD_SPACE
from engine.verdict import CORRECT, INVALID
from tutor.console import clean
from tutor.layout import cells
from tutor.refusal import Refusal

Row: TypeAlias = Mapping[str, Any]
Document: TypeAlias = dict[str, Any]

FEEDBACK = ("verdict", "full")
VISIBILITIES = {
    "at-once": "visible",
    "after-due-date": "after_due_date",
    "after-published": "after_published",
}
OF_TICKS = ("missed", "wrong-tick")
MISSING = re.compile(r"[\w-]+ is missing\.")
MAX_NAME = 200
MAX_SHOWN = 500
MAX_OUTPUT = 4_000
PRECISION = 10
"""Decimals of a score: thirds of a point still add up."""


def results_document(
    rows: Iterable[Row], *, feedback: str = "full", visibility: str = "visible"
) -> Document:
    """The results of one student: a test for each part of each row.

    A row has the fields of the input and those of ``verdict_document``, or ``error`` where it
    could not be graded; ``title`` and ``number`` (of the question) name the tests where given.
    ``feedback``: ``full`` adds the reasons to reading and verdict. Raises Refusal for rows of
    several students.
    """
    students: dict[str, None] = {}
    tests: list[Document] = []
    for place, row in enumerate(rows, 1):
        if row.get("student") is not None:
            students[str(row["student"])] = None
        one_student(students, place)
        tests += _tests(row, place, feedback)
    if visibility != "visible":
        tests = [{**test, "visibility": visibility} for test in tests]
    return document(tests)


def one_student(students: Collection[str], place: int) -> None:
    """Raise Refusal where the row at that place is another student's."""
    if len(students) > 1:
        named = " and ".join(short(name, 40) for name in students)
        raise Refusal(f"results.json is for one student, and row {place} is another's: {named}")


def document(tests: list[Document], output: str = "") -> Document:
    """The whole document; ``output`` concerns all tests.

    Gradescope adds up their scores, and shows no sum while they are hidden: only where no test
    bears one, it is told the 0.
    """
    whole: Document = {} if any("score" in test for test in tests) else {"score": 0.0}
    if output:
        whole |= {"output": text(output), "output_format": "text"}
    formats = {"test_output_format": "text", "test_name_format": "text"}
    return {**whole, **formats, "stdout_visibility": "hidden", "tests": tests}


def notice(name: str, output: str, *, passed: bool = True, most: int = MAX_OUTPUT) -> Document:
    """Something to read that bears no marks, and is always shown."""
    return {
        "name": short(name),
        "status": "passed" if passed else "failed",
        "output": text(output, most),
        "output_format": "text",
        "visibility": "visible",
    }


def _tests(row: Row, place: int, feedback: str) -> Iterator[Document]:
    parts = row.get("parts")
    name = _name(row, place)
    if not isinstance(parts, list) or not parts:
        why = str(row.get("error") or "this could not be graded")
        yield _test(row, 1, name, 0.0, row.get("max_score"), False, f"invalid\n{why}")
        return
    for number, part in enumerate(parts, 1):
        id = str(part.get("id") or "")
        named = f"{name}: {id}" if id and row.get("code", "") is not None else name
        right = part.get("verdict") == CORRECT
        told = "\n".join(part_lines(part, feedback))
        yield _test(row, number, named, part.get("score"), part.get("max_score"), right, told)


def _name(row: Row, place: int) -> str:
    """A row's title or code; the id of a comparison."""
    for key in ("title", "code", "problem", "id"):
        if row.get(key):
            return str(row[key])
    return f"row {place}"


def _test(
    row: Row, number: int, name: str, score: object, most: object, passed: bool, told: str
) -> Document:
    test: Document = {"score": _rounded(score) if isinstance(score, int | float) else 0.0}
    if isinstance(most, int | float):
        test["max_score"] = _rounded(most)
    if row.get("number") is not None:
        test["number"] = f"{row['number']}.{number}"
    return {
        **test,
        "status": "passed" if passed else "failed",
        "name": short(name),
        "output": text(told),
        "output_format": "text",
    }


def part_lines(part: Row, feedback: str) -> Iterator[str]:
    """What a student reads about one part: the verdict's word, the reading, and the reasons."""
    response = str(part.get("response") or "")
    if not response.strip():
        yield "no answer"
        return
    yield str(part.get("verdict"))
    yield from reading_lines(part)
    if part.get("verdict") == INVALID or feedback != "full":
        return
    said = [str(line) for line in part.get("feedback") or () if not _names_the_missing(part, line)]
    yield from said
    slip = part.get("diagnosis")
    if isinstance(slip, Mapping) and str(slip.get("text")) not in said:
        yield str(slip.get("text"))


def _names_the_missing(part: Row, line: object) -> bool:
    """Whether a line names a right option that was not ticked: that would be the key."""
    ticks = str(part.get("note")).rpartition(":")[2] in OF_TICKS
    return ticks and MISSING.match(str(line)) is not None


def reading_lines(part: Row) -> Iterator[str]:
    """The answer, how it was read and what may surprise in that; or why it can't be read."""
    response = str(part.get("response") or "").rstrip("\n")
    yield from _labelled("your answer", response)
    read = str(part.get("read_as") or "")
    if read.strip() not in ("", response.strip()):
        yield from _labelled("read as", read)
    for warning in part.get("warnings") or ():
        yield f"note: {warning}"
    error = part.get("error")
    if isinstance(error, Mapping):
        yield from _pointed(response, int(error.get("start") or 0))
        yield str(error.get("message"))


def _labelled(label: str, shown: str) -> Iterator[str]:
    shown = short(shown, MAX_SHOWN, lines=True)
    if "\n" in shown:
        yield f"{label}:"
        yield from (f"    {line}" for line in shown.split("\n"))
    else:
        yield f"{label}: {shown}"


def _pointed(response: str, at: int) -> Iterator[str]:
    """A caret under the place; nothing where the answer is long or has several lines."""
    indent = len("your answer: ")
    if "\n" not in response and len(response) <= MAX_SHOWN:
        yield " " * (indent + cells(clean(response[:at]))) + "^"


def text(told: str, most: int = MAX_OUTPUT) -> str:
    """Plain text without control characters, cut where it is long."""
    shown = clean(told).replace(HARD_SPACE, " ")
    return shown if len(shown) <= most else shown[: most - 2].rstrip() + " …"


def short(told: str, most: int = MAX_NAME, *, lines: bool = False) -> str:
    """The same for a name: on one line, unless ``lines``."""
    return text(told if lines else " ".join(told.split()), most)


def _rounded(score: float) -> float:
    return round(float(score), PRECISION)
