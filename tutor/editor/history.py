"""What was typed before at prompts of the same kind, for Up and Down."""

from __future__ import annotations

from functools import cache

from prompt_toolkit.history import DummyHistory, FileHistory, History, InMemoryHistory

from tutor.paths import home


@cache
def history_of(kind: str) -> History:
    """The history of a kind of part; in memory alone where the folder can't be written.

    Without a kind nothing is kept.
    """
    if not kind:
        return DummyHistory()
    folder = home() / "history"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / kind
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)
