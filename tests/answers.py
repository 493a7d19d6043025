"""What may be typed: the table in answer_cases.txt, and the page that is made from it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from engine.grading import fault_of, read_response
from engine.kinds import Asked
from engine.language.axes import Mismatch, typed, written
from engine.language.errors import Unreadable
from engine.language.exact import is_node
from engine.language.symbols import parse_symbols

CASES = Path(__file__).with_name("answer_cases.txt")
REFUSED, MISFIT = "? ", "× "
INTRODUCTION = """\
# What you can type

One language for answers, for the expressions in problem files and for the maths in questions: what
a question shows can be typed. Each row below is a test.

A reading is shown with every verdict; typed back, it means the same. A row with **?** is refused,
which costs no try, and **×** says why shapes don't fit. Length is limited to 10,000 characters,
nesting to 200, a number to 1,000 digits, and powers and factorials by the size of their result.
"""
SUMMARY = "Made by `make screens` from `tests/answer_cases.txt`, which tests read row by row.\n"


class Case(NamedTuple):
    """What is typed, what must come of it, and a note."""

    typed: str
    read_as: str
    note: str
    line: int


class Section(NamedTuple):
    """Cases that share a kind of part and the symbols that it declares."""

    title: str
    kind: str
    symbols: str
    intro: str
    cases: tuple[Case, ...]

    @property
    def warns(self) -> bool:
        """Whether the notes are the warnings."""
        return "warn" in self.title


def sections() -> list[Section]:
    """The table, section by section."""
    found: list[Section] = []
    for number, line in enumerate(CASES.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("== "):
            title, kind, symbols = (field.strip() for field in line[3:].split(";"))
            found.append(Section(title, kind, symbols, "", ()))
        elif line.startswith("> "):
            found[-1] = found[-1]._replace(intro=f"{found[-1].intro}{line[2:]}\n")
        elif line and not line.startswith("#"):
            what, read_as, note = (field.strip() for field in line.split(";;"))
            case = Case(what, read_as, note, number)
            found[-1] = found[-1]._replace(cases=(*found[-1].cases, case))
    return found


def reading(section: Section, what: str) -> tuple[str, tuple[str, ...]]:
    """How a text is read in a section, or why it isn't, and the warnings."""
    symbols = parse_symbols(section.symbols)
    try:
        read = read_response(what, Asked("answer", section.kind, symbols))
    except Unreadable as error:
        fault = fault_of(error, what)
        assert 0 <= fault.start <= fault.end <= len(what)
        return REFUSED + fault.message, ()
    if section.kind != "matrix" or not is_node(read.value):
        return read.read_as, read.warnings
    try:
        shape = typed(read.value, {symbol.name: symbol for symbol in symbols}).shape
    except Mismatch as error:
        return MISFIT + error.message, read.warnings
    return f"{read.read_as} : {written(shape)}", read.warnings


# -- the page --------------------------------------------------------------------------------


def page() -> str:
    """The table in Markdown."""
    parts = [INTRODUCTION, *map(_section, sections()), SUMMARY]
    return "\n".join(parts)


def _section(section: Section) -> str:
    symbols = f"Symbols: `{section.symbols}`\n" if section.symbols else ""
    prose = "\n".join(part for part in (section.intro, symbols) if part)
    last = "warning" if section.warns else "note"
    rows = [f"| typed | read as | {last} |", "| --- | --- | --- |", *map(_row, section.cases)]
    return "\n".join([f"## {section.title}", "", *([prose] if prose else []), *rows, ""])


def _row(case: Case) -> str:
    mark = case.read_as[0] if case.read_as.startswith((REFUSED, MISFIT)) else ""
    if mark:
        read_as = f"**{mark}** {_plain(case.read_as[2:])}"
    else:
        tree, _, shape = case.read_as.partition(" : ")
        read_as = _code(tree) + (f" {shape}" if shape else "")
    return f"| {_code(case.typed)} | {read_as} | {_plain(case.note)} |"


def _code(text: str) -> str:
    """Text in a cell, letter for letter; ``|`` would end the cell."""
    return "`" + text.replace("|", "\\|") + "`"


def _plain(text: str) -> str:
    """Words in a cell, in which nothing is markup."""
    for sign in "\\*_|<>$[]~`":
        text = text.replace(sign, "\\" + sign)
    return text
