"""The picture in the README is what the program shows today."""

from __future__ import annotations

import re
import sys
from xml.etree import ElementTree

import pytest
from generated import SCREEN, screen

from tutor.render_svg import picture

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_the_picture_is_todays() -> None:
    assert SCREEN.read_text(encoding="utf-8") == screen(), "`make screens` draws it anew"


def test_a_picture_is_the_same_each_time_and_fetches_nothing() -> None:
    typed = "\x1b[1;36mside › \x1b[0m6\n\x1b[1;32m✓ correct\x1b[0m <b> & [bold]\n"
    drawn = picture(typed, title="a title")
    assert drawn == picture(typed, title="a title")
    assert re.findall('https?://[^"]*', drawn) == ["http://www.w3.org/2000/svg"]
    shown = "".join(node.text or "" for node in ElementTree.fromstring(drawn).iter(f"{SVG}text"))
    assert "✓\xa0correct" in shown
    assert "<b>\xa0&\xa0[bold]" in shown
