"""Importing what grading will need ahead of need, while somebody reads a question."""

from __future__ import annotations

from engine.language.exact import is_node
from engine.language.tree import Call, walk
from engine.variant import Variant


def load_libraries() -> None:
    """Import what reading and marking an answer need, what reading needs first."""
    import engine.grading
    from engine.kinds import kind_of, kinds

    for name in kinds():
        kind_of(name)
    import engine.equality.balls
    import engine.language.arrays  # noqa: F401


def load_algebra() -> None:
    """Import SymPy, which takes longer than all others and which derivatives alone need."""
    import engine.language.algebra  # noqa: F401


def needs_algebra(variant: Variant) -> bool:
    """Whether a key of the variant is written as a derivative."""
    return any(
        isinstance(node, Call) and node.function == "diff"
        for part in variant.parts
        if is_node(part.reference)
        for node in walk(part.reference)
    )
