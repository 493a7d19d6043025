"""A clock that runs out while answers are typed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class TimeUp(Exception):
    """The time ran out; ``text`` is what stood on the line just then."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class Watch(NamedTuple):
    """``left`` tells the seconds that are left."""

    left: Callable[[], float]

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.left() <= 0

    @property
    def told(self) -> str:
        """``62 min left``; the last two minutes in seconds."""
        return f"{duration(self.left())} left"


def running(
    since: float, wall: Callable[[], float], steady: Callable[[], float] = time.monotonic
) -> Callable[[], float]:
    """The time, in seconds since 1970, from ``since`` on, which was reached before.

    Setting the clock on the ``wall`` back neither gives time nor stops it: it goes on by the
    ``steady`` one, which doesn't run while a laptop is closed.
    """
    latest = max(since, wall())
    begun = latest - steady()

    def now() -> float:
        nonlocal latest
        latest = max(latest, wall(), begun + steady())
        return latest

    return now


def duration(seconds: float) -> str:
    """``62 min``, ``95 s``: minutes are rounded up, as nobody has more than is said."""
    whole = max(int(seconds), 0)
    return f"{-(-whole // 60)} min" if whole > 120 else f"{whole} s"


def stamp(seconds: float) -> str:
    """ISO 8601, UTC, whole seconds."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
