"""What the page "What you can type" promises, row by row."""

from __future__ import annotations

import answers
import pytest
from answers import MISFIT, REFUSED, Case, Section
from generated import ANSWERS

ROWS = [(section, case) for section in answers.sections() for case in section.cases]


def named(item: object) -> str:
    return item.title if isinstance(item, Section) else str(getattr(item, "typed", item))


@pytest.mark.parametrize(("section", "case"), ROWS, ids=named)
def test_every_row_is_read_as_the_page_says(section: Section, case: Case) -> None:
    read_as, warnings = answers.reading(section, case.typed)
    assert read_as == case.read_as, f"{answers.CASES.name}:{case.line}"
    assert case.note, "every row says why it is there"
    assert " ".join(warnings) == (case.note if section.warns else ""), case.typed


@pytest.mark.parametrize(("section", "case"), ROWS, ids=named)
def test_what_is_echoed_can_be_typed(section: Section, case: Case) -> None:
    if case.read_as.startswith((REFUSED, MISFIT)) or section.kind == "number":
        return
    echo = case.read_as.partition(" : ")[0]
    if section.kind != "array" or "." not in echo:
        assert answers.reading(section, echo)[0] == case.read_as


def test_there_is_enough_to_look_up() -> None:
    assert len(ROWS) >= 150
    assert sum(section.kind == "matrix" for section, _ in ROWS) >= 40
    assert len({(section.title, case.typed) for section, case in ROWS}) == len(ROWS)


def test_the_page_is_made_from_the_table() -> None:
    page = ANSWERS.read_text(encoding="utf-8")
    assert page == answers.page(), "`make screens` writes it anew"
    assert page.count("\n## ") == len(answers.sections())
