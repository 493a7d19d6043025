"""Texts of a problem with the drawn numbers in them: ``{{n + 1}}``, ``$x^2$``, ``$$…$$``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from engine.language.errors import Unreadable
from engine.language.parser import read
from engine.language.printer import one_line
from engine.language.scope import Scope
from engine.language.symbols import Symbol
from engine.language.tree import Node
from engine.spacing import HARD_SPACE

_FIELD = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)
_MATHS = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)


class Prose(NamedTuple):
    """Running text, its inline maths already in one line."""

    text: str


class Display(NamedTuple):
    """Maths on lines of its own."""

    maths: Node


Text: TypeAlias = tuple[Prose | Display, ...]


def fill(template: str, show: Callable[[str], str]) -> str:
    """The template with every ``{{expression}}`` replaced by ``show(expression)``.

    What has several lines is indented as the line that it stands on.
    """

    def put(found: re.Match[str]) -> str:
        shown = show(found[1])
        before = template[template.rfind("\n", 0, found.start()) + 1 : found.start()]
        return shown.replace("\n", "\n" + before) if before.isspace() else shown

    return _FIELD.sub(put, template)


def fields(template: str) -> list[str]:
    """The expressions that stand in ``{{…}}``."""
    return _FIELD.findall(template)


@lru_cache(maxsize=1024)
def compose(filled: str, names: tuple[str, ...] = ()) -> Text:
    """Filled text with its maths read. Maths that can't be read stays as it was written.

    ``names``: symbols that are more than a word, as ``Var(w)`` is.
    """
    blocks: list[Prose | Display] = []
    prose, at = "", 0
    for found in _MATHS.finditer(filled):
        prose += filled[at : found.start()]
        at = found.end()
        tree = maths(found[1] or found[2], names)
        if found[1] is not None and tree is not None:
            blocks += [Prose(prose.rstrip()), Display(tree)]
            prose = ""
        else:
            prose += _inline(found[1] or found[2], tree)
    blocks.append(Prose(prose + filled[at:]))
    kept = [b for b in blocks if isinstance(b, Display) or b.text.strip()]
    return tuple(Prose(b.text.strip()) if isinstance(b, Prose) else b for b in kept)


def steps(text: Text) -> list[Text]:
    """The steps of a text: each paragraph with the lists, maths and code that follow it."""
    found: list[list[Prose | Display]] = []
    for block in text:
        pieces = block.text.split("\n\n") if isinstance(block, Prose) else [block]
        for piece in pieces:
            if not found or (isinstance(piece, str) and piece[:1] not in (" ", "-", "•")):
                found.append([])
            found[-1].append(Prose(piece) if isinstance(piece, str) else piece)
    return [tuple(step) for step in found]


def formulas(filled: str, names: tuple[str, ...] = ()) -> list[tuple[str, Node | None]]:
    """What stands between dollar signs of a filled text, with its tree if it can be read."""
    written = [found[1] or found[2] for found in _MATHS.finditer(filled)]
    return [(text, maths(text, names)) for text in written]


def _inline(written: str, tree: Node | None) -> str:
    return written if tree is None else one_line(tree).replace(" ", HARD_SPACE)


def maths(written: str, names: tuple[str, ...] = ()) -> Node | None:
    """The tree of maths in a question, every word a symbol; None when it can't be read."""
    try:
        return read(written, _open(names), relations=True)
    except Unreadable:
        return None


@lru_cache(maxsize=64)
def _open(names: tuple[str, ...]) -> Scope:
    return Scope(map(Symbol, names), open=True)


def linear(text: Text) -> str:
    """The text on plain lines, displayed maths on a line of its own."""
    lines = (
        b.text.replace(HARD_SPACE, " ") if isinstance(b, Prose) else "    " + one_line(b.maths)
        for b in text
    )
    return "\n\n".join(lines)
