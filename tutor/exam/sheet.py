"""The answer sheet of a sitting: what stands on it, and that all of it is on the disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from engine.variant import Variant
from tutor.clock import Watch
from tutor.console import counted
from tutor.exam.sittings import Asked, Key, Sitting, Sittings
from tutor.store import StoreUnavailable


class Sheet:
    """Answers by question and part. What can't be stored is tried again with the next change.

    ``variants`` by the numbers of the sitting's questions; those without one are left out, and the
    sheet counts the others from 0. ``clock`` tells the time and never runs back. ``notice`` is a
    line for the student, or empty; ``stored`` is what the store had at the last look. Whatever
    writes raises HandedIn once another terminal did that.
    """

    def __init__(
        self,
        sittings: Sittings,
        sitting: Sitting,
        variants: Mapping[int, Variant],
        clock: Callable[[], float],
    ) -> None:
        self.sitting = sitting
        self.numbers = tuple(variants)
        self.variants = tuple(variants.values())
        self.notice = ""
        self.now = clock
        self._sittings = sittings
        self._waiting: dict[Key, str] = {}
        self._lacked = False
        self.stored = sittings.sheet(sitting)
        self._answers = dict(self.stored)
        self._flagged = sittings.flags(sitting)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What the questions are worth, and where they belong."""
        return tuple(self.sitting.questions[number] for number in self.numbers)

    @property
    def place(self) -> int:
        """The question last seen; behind the last one, how many there are."""
        return sum(number < self.sitting.place for number in self.numbers)

    @property
    def watch(self) -> Watch:
        """The time that is left."""
        return Watch(lambda: self.sitting.ends - self.now())

    # -- what stands there ----------------------------------------------------------------

    def text(self, question: int, part: str) -> str:
        """The answer that stands, or ""."""
        return self._answers.get((self.numbers[question], part), "")

    def responses(self, question: int) -> dict[str, str]:
        """The answers to a question by part."""
        texts = {part.id: self.text(question, part.id) for part in self.variants[question].parts}
        return {part: text for part, text in texts.items() if text}

    def open_parts(self, question: int) -> int:
        """How many parts of a question have no answer."""
        return len(self.variants[question].parts) - len(self.responses(question))

    def is_flagged(self, question: int) -> bool:
        """Whether the question is marked to be looked at again."""
        return self.numbers[question] in self._flagged

    def look(self) -> None:
        """Take in what another terminal wrote meanwhile."""
        with suppress(StoreUnavailable):
            self.stored = self._sittings.sheet(self.sitting)
            standing = {**self.stored, **self._waiting}
            self._answers = {key: text for key, text in standing.items() if text}
            self._flagged = self._sittings.flags(self.sitting)

    # -- what is written ------------------------------------------------------------------

    def write(self, question: int, part: str, text: str) -> None:
        """An answer in place of the one before; "" takes it back."""
        key = (self.numbers[question], part)
        self._answers[key] = text
        if not text:
            del self._answers[key]
        self._waiting[key] = text
        lacking = self.settle()
        if lacking:
            self.notice = f"{lacking}. It is tried again with the next."
        elif self._lacked:
            self.notice = "All your answers are stored now."
        self._lacked = bool(lacking)

    def settle(self) -> str:
        """Store what is waiting; how many answers can't be stored and why, or ""."""
        try:
            for key, text in list(self._waiting.items()):
                self._sittings.write(self.sitting, key, text, self.now())
                del self._waiting[key]
        except StoreUnavailable as error:
            return f"{counted(len(self._waiting), 'answer')} not stored: {error}"
        return ""

    def flag(self, question: int) -> bool:
        """Mark a question to be looked at again, or no longer; whether it is marked now."""
        number = self.numbers[question]
        self._flagged ^= {number}
        try:
            self._sittings.flag(self.sitting, number, number in self._flagged, self.now())
        except StoreUnavailable as error:
            self.notice = f"The mark is not stored: {error}."
        return number in self._flagged

    def turn_to(self, question: int) -> None:
        """Come to a question, where it goes on after an interruption, or behind the last one."""
        numbers = (*self.numbers, len(self.sitting.questions))
        try:
            self._sittings.move(self.sitting, numbers[question], self.now())
        except StoreUnavailable as error:
            self.notice = f"Your place is not stored: {error}."
        self.look()
