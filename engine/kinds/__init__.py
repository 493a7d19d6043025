"""The kinds of part, by the name that a problem file gives them."""

from __future__ import annotations

from functools import cache

from engine.kinds.base import Asked, Choice, Judgement, Kind, Reading

__all__ = ["Asked", "Choice", "Judgement", "Kind", "Reading", "kind_of"]


@cache
def kind_of(name: str) -> Kind:
    """The kind of that name; each is loaded when a part first needs it. Raises KeyError."""
    from engine.kinds import choices, numbers, shapes

    plain: dict[str, type[Kind]] = {
        "number": numbers.NumberKind,
        "integer": numbers.IntegerKind,
        "shape": shapes.ShapeKind,
        "choice": choices.ChoiceKind,
        "choices": choices.ChoicesKind,
    }
    if name == "symbolic":
        from engine.kinds.symbolic import SymbolicKind

        return SymbolicKind()
    if name == "array":
        from engine.kinds.arrays import ArrayKind

        return ArrayKind()
    return plain[name]()
