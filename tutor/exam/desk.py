"""Sitting an exam: answers in any order, a clock, and not a word of verdicts."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.grading import read_response
from engine.language.errors import Undefined, Unreadable
from engine.text import linear
from tutor.clock import TimeUp
from tutor.entry import Entry, Grid, by_cells
from tutor.layout import cells, points
from tutor.picking import picking_of

if TYPE_CHECKING:
    from engine.parts import VariantPart
    from engine.variant import Variant
    from tutor.exam.sheet import Sheet
    from tutor.picking import Picking
    from tutor.render import Screen
    from tutor.terminal import Prompt

HELP = (
    ":next      the next question; an empty line goes on to the next part",
    ":back      the question before",
    ":go 7      question 7",
    ":mark      mark this question to look at it again, or no longer",
    ":list      all questions: what is answered, what is marked",
    ":clear     take this answer back",
    ":question  the question once more",
    ":done      hand in",
    ":quit      leave; the clock runs on, and tutor exam goes on from here",
    ":help      this list",
)
COMMANDS = ":next  :back  :mark  :list  :done  :help"
WORDS = {
    "n": "next", "b": "back", "g": "go", "m": "mark", "l": "list", "c": "clear", "q": "quit",
    "exit": "quit", "?": "help", "skip": "next", "hand in": "done", "submit": "done",
}  # fmt: skip
NO_HELP = ("hint", "solution")
_GO = re.compile(r"(?:go\s*)?(\d{1,4})")


class Leave(Exception):
    """The student leaves, to come back."""


class HandIn(Exception):
    """The student hands in."""


class Desk:
    """Shows the questions of a sitting and takes the answers down."""

    def __init__(self, screen: Screen, prompt: Prompt, sheet: Sheet) -> None:
        self.screen = screen
        self.prompt = prompt
        self.sheet = sheet
        self.count = len(sheet.variants)
        self.interrupted = False
        self.begun = False
        self.guided = False

    def sit(self) -> bool:
        """Until the end; True when it is handed in or the time is up, False when it goes on.

        Raises HandedIn.
        """
        place = self.sheet.place
        try:
            while True:
                place = self._question(place) if place < self.count else self._look_over()
        except HandIn:
            return True
        except TimeUp:
            self.screen.gap()
            late = "" if self.prompt.editing else " What was typed since then doesn't count."
            self.screen.notice(f"The time is up.{late}")
            return True
        except (Leave, EOFError):
            return False
        except KeyboardInterrupt:
            self.interrupted = True
            return False

    # -- one question ---------------------------------------------------------------------

    def _question(self, number: int) -> int:
        """Ask its parts; the number of the question to go to."""
        self.sheet.turn_to(number)
        self._show(number)
        variant = self.sheet.variants[number]
        if by_cells(variant, self.screen, self.prompt):
            return self._table(number, variant)
        for part in variant.parts:
            to = self._part(number, part)
            if to is not None:
                return to
        return number + 1

    def _show(self, number: int) -> None:
        if self.prompt.editing and self.begun:
            self.screen.anew()  # what introduces the exam stays above its first question
        first, self.begun = not self.begun, True
        apart = first or not self.prompt.editing
        self.guided = self.guided and not self.prompt.editing
        variant = self.sheet.variants[number]
        place = f"{number + 1} of {self.count}{self.screen.dot}{self.sheet.watch.told}"
        worth = points(Fraction(self.sheet.asked[number].points))
        grid = by_cells(variant, self.screen, self.prompt)
        self.screen.question(variant, place, worth=worth, apart=apart, table=not grid)
        if self.sheet.is_flagged(number):
            self.screen.notice("You marked this question to look at it again.")
        self._tell_notice()
        if grid:
            self.screen.aside(self._guide())
        if self.prompt.interactive:
            self.prompt.loading.start(variant)  # while the student reads

    def _table(self, number: int, variant: Variant) -> int:
        """Take a table down cell by cell; the question to go to."""
        assert variant.table is not None
        parts = list(variant.parts)
        grid = Grid(
            variant.table,
            {part.id: part.asked for part in parts},
            {},
            lambda: "go on",
            lambda id, text: self._write(number, variant.part(id), text),
            lambda: self._show(number),
            self.sheet.watch,
        )
        entry = Entry(grid, self.prompt, self.sheet.responses(number))
        while command := entry.fill():
            part = parts[min(entry.at, len(parts) - 1)]
            to = self._command(number, part, command)
            if to is not None:
                return to
            entry.texts = self.sheet.responses(number)
        return number + 1

    def _part(self, number: int, part: VariantPart) -> int | None:
        """Take the answer to a part down; the question to go to, None for the next part."""
        variant = self.sheet.variants[number]
        label = self._ask(variant, part)
        before = self.sheet.text(number, part.id)
        if before and not self.prompt.editing:
            self.screen.notice(f"your answer: {before}")
        while True:
            typed = self._read(number, part, label, before)
            text = typed.strip()
            if text.startswith(":"):
                to = self._command(number, part, text)
                if to is not None:
                    return to
                before = self.sheet.text(number, part.id)
                continue
            if not text and not self.prompt.editing:
                return None
            if text == before:
                return None
            self._write(number, part, text)
            before = text
            if not text or self._reads(part, label, typed):
                return None

    def _ask(self, variant: Variant, part: VariantPart) -> str:
        """What the part asks; what stands before its answer."""
        remark = self._guide()
        if variant.table is not None:
            self.screen.aside(remark)
            return linear(part.asked.ask) or part.id
        self.screen.ask(part, remark, None if self.prompt.editing else picking_of(part.asked))
        return part.id

    def _guide(self) -> str:
        """The commands, once; where each question has the screen for itself, once in each."""
        told, self.guided = self.guided, True
        return "" if told else COMMANDS

    def _read(self, number: int, part: VariantPart, label: str, before: str) -> str:
        picking = picking_of(part.asked)

        def redraw() -> None:
            self._show(number)
            self._ask(self.sheet.variants[number], part)

        try:
            typed = self.prompt.ask(
                label,
                part.asked,
                rows=part.rows,
                picking=picking,
                redraw=redraw,
                text=self._standing(before, picking),
                watch=self.sheet.watch,
            )
        except TimeUp as up:
            text = up.text.strip()
            if text and not text.startswith(":"):
                self._write(number, part, picking.meant(text) if picking is not None else text)
            raise
        return picking.meant(typed) if picking is not None else typed

    def _standing(self, before: str, picking: Picking | None) -> str:
        """What stands on the line at first, where it can be edited."""
        if not self.prompt.editing:
            return ""
        return picking.lettered(before) if picking is not None else before

    def _write(self, number: int, part: VariantPart, text: str) -> None:
        self.sheet.write(number, part.id, text)
        self._tell_notice()

    def _tell_notice(self) -> None:
        if self.sheet.notice:
            self.screen.notice(self.sheet.notice)
            self.sheet.notice = ""

    def _reads(self, part: VariantPart, label: str, typed: str) -> bool:
        """Tell how the answer is read; False where it can't be, after telling the place."""
        text = typed.strip()
        try:
            reading = read_response(text, part.asked)
        except Unreadable as error:
            at = min(error.start, len(text)) + len(typed) - len(typed.lstrip())
            column = None if "\n" in typed else self.prompt.column(label, typed, at)
            self.screen.unreadable(error.message, column)
            self.screen.notice("Kept as it stands: mend it, or go on with Enter.")
            return False
        except Undefined:
            return True
        if part.asked.kind != "code" and reading.read_as.strip() != text:
            indent = cells(self.screen.prompt(label))
            self.screen.remark(f"read as  {reading.read_as}", indent)
        return True

    # -- commands -------------------------------------------------------------------------

    def _command(self, number: int, part: VariantPart, text: str) -> int | None:
        """Do what was asked: the question to go to, None to stay."""
        word = " ".join(text[1:].casefold().split())
        word = WORDS.get(word, word)
        if word == "next":
            return number + 1
        if word == "back":
            return max(number - 1, 0)
        if word == "clear":
            self._write(number, part, "")
            self.screen.notice("Taken back.")
        elif word == "mark":
            marked = self.sheet.flag(number)
            self._tell_notice()
            self.screen.notice("Marked to look at again." if marked else "No longer marked.")
        elif word == "question":
            self._show(number)
            self._ask(self.sheet.variants[number], part)
        elif word == "list":
            self._overview()
        else:
            return self._anywhere(word, text)
        return None

    def _anywhere(self, word: str, text: str) -> int | None:
        """Commands that need no question."""
        goes = _GO.fullmatch(word)
        if goes is not None and 1 <= int(goes[1]) <= self.count:
            return int(goes[1]) - 1
        if word == "quit":
            raise Leave
        if word == "done":
            self._hand_in()
        elif word == "help":
            for line in HELP:
                self.screen.line(line, hang=11)
        elif word in NO_HELP:
            self.screen.notice("There is none in an exam; the solutions come with the report.")
        elif goes is not None:
            self.screen.notice(f"There are questions 1 to {self.count}.")
        else:
            self.screen.notice(f"There is no command {text[:20]}; :help lists them.")
        return None

    def _hand_in(self) -> None:
        """Raises HandIn, unless the student thinks again."""
        self.sheet.look()
        left = sum(self.sheet.open_parts(number) > 0 for number in range(self.count))
        if left and self.prompt.interactive:
            questions = f"{left} question" + (" isn't" if left == 1 else "s aren't")
            self.screen.line(f"{questions} answered in full. Hand in all the same?")
            if self.prompt.ask("yes or no", watch=self.sheet.watch).strip().casefold() not in (
                "yes",
                "y",
            ):
                return
        raise HandIn

    # -- all of it ------------------------------------------------------------------------

    def _look_over(self) -> int:
        """Behind the last question: what is left, and where to go; raises HandIn."""
        self.sheet.turn_to(self.count)
        if self.prompt.editing and self.begun:
            self.screen.anew()
        self._overview()
        self._tell_notice()
        self.screen.line("A number goes to that question; :done hands in.")
        while True:
            try:
                text = self.prompt.ask("exam", watch=self.sheet.watch).strip()
            except EOFError:
                if self.prompt.interactive:
                    raise
                raise HandIn from None  # what is piped in ends behind the last question
            word = " ".join(text.casefold().lstrip(":").split())
            word = WORDS.get(word, word)
            if word == "back":
                return self.count - 1
            if word == "list":
                self._overview()
            elif text:
                to = self._anywhere(word, text)
                if to is not None:
                    return to

    def _overview(self) -> None:
        self.sheet.look()
        rows = [self._row(number) for number in range(self.count)]
        self.screen.gap()
        self.screen.columns([[self.screen.clean(cell) for cell in row] for row in rows])
        self.screen.notice(self.sheet.watch.told)

    def _row(self, number: int) -> list[str]:
        variant, asked = self.sheet.variants[number], self.sheet.asked[number]
        count = len(variant.parts)
        done = count - self.sheet.open_parts(number)
        told = "answered" if done == count else f"{done} of {count} answered" if done else "open"
        mark = "marked" if self.sheet.is_flagged(number) else ""
        return [f"{number + 1}", variant.problem.title, points(Fraction(asked.points)), told, mark]
