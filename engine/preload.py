"""Importing the heavy libraries ahead of need, while somebody reads a question."""

from __future__ import annotations


def load_libraries() -> None:
    """Import what grading may need; SymPy last, since it takes longest and is needed least."""
    import engine.equality.balls
    import engine.language.arrays
    import engine.language.algebra  # noqa: F401  # isort: skip
