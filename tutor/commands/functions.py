"""``tutor functions``: what expressions may call by name, beside the answer language's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.reference import FUNCTIONS
from tutor.authoring.functions import Described, describe, describe_all
from tutor.documents import Document, dump
from tutor.problems import declare_functions
from tutor.refusal import Refusal

if TYPE_CHECKING:
    from tutor.render import Screen


def run(name: str | None, json: bool, plain: bool) -> int:
    """Print one function, or all of them. Raises Refusal."""
    declare_functions()
    if name in FUNCTIONS:
        return _tell([describe(name)], json, plain, whole=True)
    return _tell(describe_all() if name is None else _about(name), json, plain, whole=False)


def _tell(found: Sequence[Described], json: bool, plain: bool, *, whole: bool) -> int:
    if json:
        documents = [_document(function) for function in found]
        print(dump(documents[0] if whole else documents, indent=2))
        return 0
    from tutor.render import Screen

    screen = Screen(plain=plain)
    for number, function in enumerate(found):
        screen.gap(number > 0)
        _show(screen, function, whole=whole)
    return 0


def _about(word: str) -> list[Described]:
    """The functions that have a word in their name or their summary. Raises Refusal."""
    sought = word.casefold().replace(" ", "_")
    found = [describe(name) for name in sorted(FUNCTIONS) if sought in name]
    found = found or [one for one in describe_all() if word.casefold() in one.summary.casefold()]
    if not found or not word.strip():
        from engine.language.names import nearest

        near = nearest(word[:60], FUNCTIONS)
        hint = f"; did you mean {near}?" if near else "; `tutor functions` lists them"
        raise Refusal(f"there is no reference function '{word[:60]}'{hint}")
    return found


def _document(function: Described) -> Document:
    return {
        "name": function.name,
        "signature": function.signature,
        "summary": function.summary,
        "description": function.text,
        "source": function.source,
        "example": function.example,
        "value": function.value,
    }


def _show(screen: Screen, function: Described, *, whole: bool) -> None:
    from tutor.render_page import ACCENT

    screen.line(function.signature, ACCENT)
    screen.lines(function.text.split("\n") if whole else [function.summary])
    if function.example:
        screen.line(f"{function.example} = {function.value}", hang=2)
    if whole and function.source:
        screen.line(f"Source: {function.source}", hang=2)
