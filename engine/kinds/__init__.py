"""The kinds of part, by the name that a problem file gives them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from engine.kinds.base import Asked, Choice, Judgement, Kind, Reading

if TYPE_CHECKING:
    from engine.coding.runs import Runner

__all__ = ["Asked", "Choice", "Judgement", "Kind", "Reading", "kind_of", "kinds"]

_CLASSES = {
    "number": ("numbers", "NumberKind"),
    "integer": ("numbers", "IntegerKind"),
    "shape": ("shapes", "ShapeKind"),
    "choice": ("choices", "ChoiceKind"),
    "choices": ("choices", "ChoicesKind"),
    "symbolic": ("symbolic", "SymbolicKind"),
    "matrix": ("matrices", "MatrixKind"),
    "array": ("arrays", "ArrayKind"),
    "code": ("code", "CodeKind"),
}


def kinds() -> tuple[str, ...]:
    """The names of all kinds."""
    return tuple(_CLASSES)


def kind_of(name: str, run: Runner | None = None) -> Kind:
    """The kind of that name, imported when a part first needs it. Raises KeyError.

    ``run`` runs code; without it, code can be read and not judged.
    """
    if name == "code" and run is not None:
        from engine.kinds.code import CodeKind

        return CodeKind(run)
    return _kind(name)


@cache
def _kind(name: str) -> Kind:
    module, kind = _CLASSES[name]
    found: type[Kind] = getattr(import_module(f"engine.kinds.{module}"), kind)
    return found()
