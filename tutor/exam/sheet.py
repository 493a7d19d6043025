"""The answer sheet of a sitting: what stands on it, and that all of it is on the disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.variant import Variant
from tutor.clock import Watch
from tutor.exam.sittings import Key, Sitting, Sittings
from tutor.store import StoreUnavailable


class Sheet:
    """Answers by question and part. What can't be stored is tried again with the next change.

    ``notice`` is a line for the student, or empty.
    """

    def __init__(
        self,
        sittings: Sittings,
        sitting: Sitting,
        variants: Sequence[Variant],
        clock: Callable[[], float],
    ) -> None:
        self.sitting = sitting
        self.variants = variants
        self.notice = ""
        self._sittings = sittings
        self._clock = clock
        self._latest = sittings.last_written(sitting)
        self._answers = sittings.sheet(sitting)
        self._waiting: dict[Key, str] = {}
        self.flagged = sittings.flags(sitting)

    @property
    def now(self) -> float:
        """The time, which never runs back."""
        self._latest = max(self._latest, self._clock())
        return self._latest

    @property
    def watch(self) -> Watch:
        """The time that is left."""
        return Watch(lambda: self.sitting.ends - self.now)

    def text(self, question: int, part: str) -> str:
        """The answer that stands, or ""."""
        return self._answers.get((question, part), "")

    def responses(self, question: int) -> dict[str, str]:
        """The answers to a question by part."""
        return {part: text for (number, part), text in self._answers.items() if number == question}

    def open_parts(self, question: int) -> int:
        """How many parts of a question have no answer."""
        parts = self.variants[question].parts
        return sum(not self.text(question, part.id) for part in parts)

    def write(self, question: int, part: str, text: str) -> None:
        """An answer in place of the one before; "" takes it back."""
        key = (question, part)
        self._answers[key] = text
        if not text:
            del self._answers[key]
        self._waiting[key] = text
        try:
            for waiting, latest in list(self._waiting.items()):
                self._sittings.write(self.sitting, waiting, latest, self.now)
                del self._waiting[waiting]
        except StoreUnavailable as error:
            self.notice = f"This answer is not stored yet: {error}. It is tried again with the next"

    def flag(self, question: int) -> bool:
        """Mark a question to be looked at again, or no longer; whether it is marked now."""
        self.flagged ^= {question}
        try:
            self._sittings.flag(self.sitting, question, question in self.flagged, self.now)
        except StoreUnavailable as error:
            self.notice = f"The mark is not stored: {error}"
        return question in self.flagged

    def move(self, question: int) -> None:
        """Where to go on after an interruption."""
        try:
            self._sittings.move(self.sitting, question, self.now)
        except StoreUnavailable as error:
            self.notice = f"Your place is not stored: {error}"
