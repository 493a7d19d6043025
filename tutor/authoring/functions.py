"""The reference functions as an author needs them: read from their signatures and docstrings."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any, NamedTuple

from engine.kinds.shapes import show as show_shape
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value, evaluate
from engine.language.parser import read
from engine.language.printer import format_value
from engine.language.scope import Scope
from engine.language.tree import Call, Node
from engine.reference import FUNCTIONS, load
from engine.template import REFERENCES, authors_functions

_SOURCE = re.compile(r"Source(?:, unless said otherwise)?:\s*(.+?)(?=\n\s*\n|\Z)", re.DOTALL)
_EXAMPLE = re.compile(r"^>>> (.+)$", re.MULTILINE)


class Described(NamedTuple):
    """A function: how it is called, what it does, where that comes from, an example."""

    name: str
    signature: str
    summary: str
    text: str
    source: str
    example: str
    value: str


def describe(name: str) -> Described:
    """What there is to know of a reference function. Raises KeyError for any other name."""
    try:
        function: Any = load(name)
    except ValueError as error:  # a package declares what it doesn't have
        return Described(name, name, str(error), str(error), "", "", "")
    doc = inspect.cleandoc(function.__doc__ or "")
    about, _, _ = doc.partition(">>>")
    module = inspect.cleandoc(sys.modules[function.__module__].__doc__ or "")
    source = _SOURCE.search(about) or _SOURCE.search(module)
    text = _joined(_SOURCE.sub("", about).strip())
    call = _EXAMPLE.search(doc)
    example = call[1] if call else ""
    return Described(
        name,
        _signature(name, function),
        text.partition("\n\n")[0],
        text,
        " ".join(source[1].split()) if source else "",
        example,
        value_of(example) if example else "",
    )


def describe_all() -> list[Described]:
    """All reference functions, by name."""
    return [describe(name) for name in sorted(FUNCTIONS)]


def value_of(example: str) -> str:
    """What a call gives in the answer language, as students would read it; "" for nothing."""
    try:
        tree = read(example, Scope(functions=authors_functions(), calls=True), relations=True)
        value = evaluate(tree, {}, REFERENCES)
        return show_shape(value) if _is_shape(tree, value) else format_value(value)
    except (Unreadable, Undefined):
        return ""


def _is_shape(tree: Node, value: Value) -> bool:
    """Whether a call gives a shape, which is shown as ``6 × 6``."""
    called = FUNCTIONS.get(tree.function, "") if isinstance(tree, Call) else ""
    return called.startswith("engine.reference.shapes:") and isinstance(value, tuple)


def _joined(text: str) -> str:
    """Lines joined to paragraphs, but for those that say shapes; backticks left out."""
    rows: list[str] = []
    for line in text.replace("``", "").split("\n"):
        alone = not line.strip() or "->" in line or not rows or not rows[-1] or "->" in rows[-1]
        if alone:
            rows.append(line.strip())
        else:
            rows[-1] += f" {line.strip()}"
    return "\n".join(rows)


def _signature(name: str, function: Any) -> str:
    """``conv_side(n, f, s=1, p=0)``."""
    told = [
        parameter.name if parameter.default is parameter.empty
        else f"{parameter.name}={parameter.default}"
        for parameter in inspect.signature(function).parameters.values()
    ]  # fmt: skip
    return f"{name}({', '.join(told)})"
