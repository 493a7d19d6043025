"""Why a command can't run. Apart from all else, so that starting the program imports no more."""

from __future__ import annotations


class Refusal(Exception):
    """The command can't run; the text is the one line that says why."""
