"""The kinds of part, by the name that a problem file gives them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from engine.kinds.base import Asked, Choice, Judgement, Kind, Reading

__all__ = ["Asked", "Choice", "Judgement", "Kind", "Reading", "kind_of"]

_CLASSES = {
    "number": ("numbers", "NumberKind"),
    "integer": ("numbers", "IntegerKind"),
    "shape": ("shapes", "ShapeKind"),
    "choice": ("choices", "ChoiceKind"),
    "choices": ("choices", "ChoicesKind"),
    "symbolic": ("symbolic", "SymbolicKind"),
    "matrix": ("matrices", "MatrixKind"),
    "array": ("arrays", "ArrayKind"),
}


@cache
def kind_of(name: str) -> Kind:
    """The kind of that name, imported when a part first needs it. Raises KeyError."""
    module, kind = _CLASSES[name]
    found: type[Kind] = getattr(import_module(f"engine.kinds.{module}"), kind)
    return found()
