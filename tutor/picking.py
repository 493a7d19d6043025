"""Choosing by letter: options with letters before them, ticked by what stands on the line."""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import NamedTuple

from engine.kinds import Asked
from tutor.layout import cells, wrap

TICKED = {True: "[x]", False: "[ ]"}
CHOSEN = {True: "(•)", False: "( )"}


class Row(NamedTuple):
    """A row of the list; ``here`` where the arrow keys are."""

    text: str
    here: bool


class Picking:
    """The options of a choice, and the one that the arrow keys have come to."""

    def __init__(self, asked: Asked) -> None:
        self.options = asked.choices
        self.several = asked.kind == "choices"
        self.at = 0
        self.moved = False

    @property
    def letters(self) -> dict[str, str]:
        """The ids by letter: a, b, c, or the ids themselves where some are letters already."""
        ids = [option.id for option in self.options]
        if len(ids) > len(ascii_lowercase) or any(len(id) == 1 for id in ids):
            return {id: id for id in ids}
        return dict(zip(ascii_lowercase, ids, strict=False))

    def meant(self, text: str) -> str:
        """The text with letters read as the ids they stand for: ``a, c`` or ``ac``."""
        letters = self._letters(text)
        return ", ".join(self.letters[letter] for letter in letters) if letters else text

    def _letters(self, text: str) -> list[str]:
        """The letters, if the text is nothing but letters of options."""
        pieces = re.findall(r"[^\s,;.)(]+", text.casefold())
        if len(pieces) == 1 and self.several and pieces[0] not in self.letters:
            pieces = list(pieces[0])
        known = bool(pieces) and all(piece in self.letters for piece in pieces)
        return list(dict.fromkeys(pieces)) if known else []

    def lettered(self, text: str) -> str:
        """The other way round: ids as the letters that stand for them."""
        by_id = {id: letter for letter, id in self.letters.items()}
        ids = re.findall(r"[^\s,;]+", text)
        return ", ".join(by_id[id] for id in ids) if all(id in by_id for id in ids) else text

    # -- by the keys ------------------------------------------------------------------------

    def move(self, step: int) -> None:
        """One option up or down, around at the ends."""
        self.at = (self.at + step) % len(self.options) if self.moved else self.at
        self.moved = True

    def toggles(self, text: str) -> bool:
        """Whether the space bar ticks: where nothing but letters stands on the line."""
        return self.moved and (not text.strip() or bool(self._letters(text)))

    def toggled(self, text: str) -> str:
        """The line with the option ticked, or no longer ticked, that the keys have come to."""
        name = list(self.letters)[self.at]
        ticked = self._letters(text) if self.several else []
        if name in ticked:
            ticked.remove(name)
        else:
            ticked.append(name)
        return ", ".join(letter for letter in self.letters if letter in ticked)

    # -- as shown ---------------------------------------------------------------------------

    def rows(self, text: str, width: int, *, boxes: bool = True) -> list[Row]:
        """The options, those ticked that the text names; without ``boxes`` for plain output."""
        ticked = {self.letters[letter] for letter in self._letters(text)}
        told = list(zip(self.letters, self.options, strict=True))
        head = max(map(len, self.letters))
        wide = max(cells(option.id) for option in self.options) + 2
        rows = []
        for at, (letter, option) in enumerate(told):
            box = (TICKED if self.several else CHOSEN)[option.id in ticked] + " " if boxes else ""
            lead = f"  {box}{letter.ljust(head)}  "
            same = letter == option.id or option.text.casefold() == option.id.replace("-", " ")
            line = option.text if same else option.id.ljust(wide) + option.text
            hang = 0 if same else wide
            lines = wrap(line, width - cells(lead), hang)
            rows += [
                Row(
                    (lead if number == 0 else " " * cells(lead)) + row, self.moved and at == self.at
                )
                for number, row in enumerate(lines)
            ]
        return rows


def picking_of(asked: Asked) -> Picking | None:
    """How to pick, where options are asked."""
    return Picking(asked) if asked.kind in ("choice", "choices") else None
