"""Arrays as people paste them, rewritten place for place into square brackets.

``((1, 2), (3, 4))``, ``{{1, 2}, {3, 4}}`` and LaTeX's ``\\begin{bmatrix} 1 & 2 \\\\ 3 & 4``
keep their length, so that a place in one is the same place in the other.
"""

from __future__ import annotations

import re

_LATEX = re.compile(r"\\(begin|end)\s*\{[A-Za-z]*(?:matrix|array)\*?\}(?:\{[lcr| ]*\})?")


def squared(text: str) -> str:
    """The text with every list in square brackets."""
    text = _LATEX.sub(
        lambda found: ("[" if found[1] == "begin" else "]").ljust(len(found[0])), text
    )
    if "&" in text or "\\\\" in text:
        text = text.replace("\\\\", "; ").replace("&", ",")
    if "{" in text and "\\" not in text:
        text = text.replace("{", "[").replace("}", "]")
    return _with_tuples(text) if "[" not in text and "(" in text else text


def _bracket(found: re.Match[str]) -> str:
    return ("[" if found[1] == "begin" else "]").ljust(len(found[0]))


def _with_tuples(text: str) -> str:
    """Round brackets that hold a comma of their own, outside any call, are lists."""
    characters = list(text)
    opened: list[tuple[int, bool]] = []
    for at, character in enumerate(text):
        if character == "(":
            called = at > 0 and (text[at - 1].isalnum() or text[at - 1] in "_)")
            opened.append((at, called))
        elif character == "," and opened:
            start, called = opened[-1]
            if not called:
                characters[start] = "["
        elif character == ")" and opened:
            start, _ = opened.pop()
            if characters[start] == "[":
                characters[at] = "]"
    return "".join(characters)
