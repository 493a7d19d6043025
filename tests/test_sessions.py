"""Whole sessions on real terminals show what they showed; nothing is wider than the screen."""

from __future__ import annotations

import os

import pytest
from sessions import COLUMNS, FOLDER, SESSIONS, played

from tutor.layout import cells

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", SESSIONS)
def test_the_screens_of_a_session(name: str, columns: int) -> None:
    expected = (FOLDER / f"{name}-{columns}.txt").read_text(encoding="utf-8")
    assert played(name, columns, expected) == expected, "`make screens` writes it anew"
    assert max(map(cells, expected.splitlines())) <= columns
