"""Asking how sure somebody is of an answer, before its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.calibration import LEVELS
from tutor.terminal import WAYS_OUT

if TYPE_CHECKING:
    from tutor.terminal import Prompt

LABEL = "how sure, or Enter"
OFFERED = "  ".join(
    f"{number} {level.word} {level.chance:.0%}" for number, level in enumerate(LEVELS, 1)
)
HELP = "Type 1 to 4 for the chance you give your answer; Enter leaves it open."


def how_sure(prompt: Prompt) -> int:
    """The level that is stated, from 1; 0 if it is left open.

    Raises EOFError, also for ``:quit``, and KeyboardInterrupt.
    """
    told = OFFERED
    while True:
        typed = prompt.pause(told, LABEL).strip().casefold()
        if typed in WAYS_OUT:
            raise EOFError
        if typed in ("", ":skip", ":s"):
            return 0
        for number, level in enumerate(LEVELS, 1):
            if typed in (str(number), level.word):
                return number
        told = f"{HELP}\n{OFFERED}"
