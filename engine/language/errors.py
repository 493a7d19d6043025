"""How reading and evaluating fail: small exceptions that carry what a person needs."""

from __future__ import annotations


class Unreadable(Exception):
    """A text that can't be read, with the place (offsets into the text) and what to do."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start)


class Undefined(Exception):
    """An expression without a value: a division by zero, a logarithm of −1, a huge power."""
