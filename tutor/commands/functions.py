"""``tutor functions``: what expressions may call by name, beside the answer language's own."""

from __future__ import annotations

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
    found = describe_all() if name is None else [_one(name)]
    if json:
        documents = [_document(function) for function in found]
        print(dump(documents if name is None else documents[0], indent=2))
        return 0
    from tutor.render import Screen

    screen = Screen(plain=plain)
    for number, function in enumerate(found):
        screen.gap(number > 0 and name is None)
        _show(screen, function, whole=name is not None)
    return 0


def _one(name: str) -> Described:
    if name not in FUNCTIONS:
        from engine.language.names import nearest

        near = nearest(name[:60], FUNCTIONS)
        hint = f"; did you mean {near}?" if near else "; `tutor functions` lists them"
        raise Refusal(f"there is no reference function '{name[:60]}'{hint}")
    return describe(name)


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
    screen.line(f"{function.example} = {function.value}", hang=2)
    if whole and function.source:
        screen.line(f"Source: {function.source}", hang=2)
