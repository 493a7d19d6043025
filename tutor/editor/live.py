"""What is read of an answer while it is typed; never whether it is right."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from engine.grading import read_response
from engine.kinds import Asked
from engine.kinds.base import start_of_answer
from engine.language.errors import Undefined, Unreadable

MAX_LIVE = 2_000
"""Characters: a longer text is read when it is handed in."""


class Live(NamedTuple):
    """What stands under the line: the reading, or why it stops making sense at ``place``."""

    told: str
    place: int | None = None


NOTHING = Live("")


@lru_cache(maxsize=64)
def live_reading(text: str, asked: Asked) -> Live:
    """How the text would be read if it were handed in now."""
    if not text.strip() or text.lstrip().startswith(":") or len(text) > MAX_LIVE:
        return NOTHING
    try:
        reading = read_response(text, asked)
    except Unreadable as error:
        return Live(error.message, min(error.start, len(text)))
    except Undefined:
        return NOTHING
    if asked.kind == "code":
        return NOTHING
    if asked.kind == "matrix":
        return Live(_joined(reading.read_as, _shapes(text, asked)))
    return Live(reading.read_as)


def _joined(reading: str, shapes: str) -> str:
    return f"{reading}   {shapes}" if shapes else reading


def _shapes(text: str, asked: Asked) -> str:
    """``(1, m) @ (m, F) → (1, F)`` of the last matrix product; else the shape of the whole."""
    from engine.kinds.symbolic import scope_of
    from engine.language.axes import Mismatch, typed, written
    from engine.language.parser import read
    from engine.language.tree import Binary, walk

    declared = {symbol.name: symbol for symbol in asked.symbols}
    tree = read(text, scope_of(asked.symbols), start=start_of_answer(text, asked))
    try:
        whole = typed(tree, declared)
        products = [
            node for node in walk(whole.node) if isinstance(node, Binary) and node.op == "@"
        ]
        if not products:
            return written(whole.shape) if whole.shape else ""
        outer = products[0]
        left, right = (typed(side, declared).shape for side in (outer.left, outer.right))
        return f"{written(left)} @ {written(right)} → {written(typed(outer, declared).shape)}"
    except Mismatch:
        return ""
