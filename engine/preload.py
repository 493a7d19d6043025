"""Importing what grading will need ahead of need, while somebody reads a question."""

from __future__ import annotations


def load_libraries() -> None:
    """Import what reading an answer needs first; SymPy last, since it takes longest."""
    import engine.grading
    from engine.kinds import kind_of, kinds

    for name in kinds():
        kind_of(name)
    import engine.equality.balls
    import engine.language.arrays
    import engine.language.algebra  # noqa: F401  # isort: skip
