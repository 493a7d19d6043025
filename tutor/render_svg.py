"""What a terminal shows, as a picture for the docs."""

from __future__ import annotations

import io
import re

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTH = 80
# Fonts that Rich's template would fetch from elsewhere, and its comment: a picture fetches nothing.
_REMOTE = re.compile(r"\s*(?:@font-face \{.*?\}|<!--.*?-->)", re.DOTALL)


def picture(shown: str, *, title: str) -> str:
    """An SVG of text with a terminal's colours in it: the same text gives the same bytes."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=WIDTH,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        legacy_windows=False,
    )
    console.print(Text.from_ansi(shown.strip()), soft_wrap=True)
    drawn = console.export_svg(title=title, theme=MONOKAI, unique_id="tutor")
    return "\n".join(line.rstrip() for line in _REMOTE.sub("", drawn).splitlines()) + "\n"
