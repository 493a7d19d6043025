"""What every kind of part can do: read a response, judge it, compare values, write a key."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from engine.language.exact import Value
from engine.language.symbols import Symbol
from engine.language.tree import Node
from engine.text import Text, linear
from engine.verdict import Diagnosis

if TYPE_CHECKING:
    from engine.coding.task import Task

_SIGN = re.compile(r"[=≈≃<>!]")
_OF_COST = re.compile(r"d[a-z](d\w+)")
"""``dL/dw`` is what a part named dw asks."""
MAX_LEFT_SIDE = 40
RIGHT, WRONG = Fraction(1), Fraction(0)


class Choice(NamedTuple):
    """An option as drawn: ``right`` is decided, ``say`` has the numbers filled in."""

    id: str
    text: str
    right: bool
    say: str = ""


class Asked(NamedTuple):
    """What reading and judging a part needs to know of it.

    ``meanings``: symbols and what they stand for, each in the symbols before it.
    """

    id: str
    kind: str
    symbols: tuple[Symbol, ...] = ()
    choices: tuple[Choice, ...] = ()
    relative: Fraction | None = None
    absolute: Fraction | None = None
    ask: Text = ()
    form: str = ""
    forbidden: tuple[Node, ...] = ()
    meanings: tuple[tuple[str, Node], ...] = ()
    task: Task | None = None


class Reading(NamedTuple):
    """A response as it was read: its value, the echo that shows how, readings that surprise."""

    value: Value
    read_as: str
    warnings: tuple[str, ...] = ()


class Judgement(NamedTuple):
    """The share of a part's marks (0 to 1), why, and how it was decided.

    ``slip`` names what is wrong in a word for the note; ``feedback`` says it in a sentence.
    """

    share: Fraction
    decided_by: str
    slip: str = "incorrect"
    feedback: tuple[str, ...] = ()


class Kind(ABC):
    """One kind of part. Values are what ``read`` returns and what references evaluate to."""

    @abstractmethod
    def read(self, text: str, part: Asked) -> Reading:
        """The response as a value. Raises Unreadable."""

    @abstractmethod
    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """How much of the part the value earns against a reference."""

    @abstractmethod
    def write(self, reference: Value, part: Asked) -> str:
        """The reference as a response that is read and judged correct."""

    def tell(self, reference: Value, part: Asked) -> str:
        """The reference for people: shorter, or in words, where they don't need all of it."""
        return self.write(reference, part)

    def same(self, value: Value, other: Value, part: Asked) -> bool:
        """Whether a value would be marked correct if ``other`` were the reference."""
        return self.judge(value, other, part).share == RIGHT

    def slip(self, value: Value, reference: Value, part: Asked) -> Diagnosis | None:
        """The slip behind a wrong value, found by changing the reference; None if unclear."""
        return None

    def clashes(self, value: Value, reference: Value, part: Asked) -> bool:
        """Whether a misconception's value can't be told from the key; asked of every draw."""
        return self.same(value, reference, part)


def start_of_answer(text: str, part: Asked) -> int:
    """Where the answer begins: behind ``side =`` when the left side names the part."""
    found = _SIGN.search(text)
    if found is None or found[0] in "<>!" or text.startswith("==", found.start()):
        return 0
    left = text[: found.start()].strip()
    if len(left) > MAX_LEFT_SIDE:
        return 0
    asked = linear(part.ask).rstrip(" :=?.")
    names = {part.id, part.id.rpartition(".")[2], asked}
    named = _letters(left)
    of_cost = _OF_COST.fullmatch(named)
    if not left or (
        named and {named, of_cost[1] if of_cost else named} & set(map(_letters, names))
    ):
        return found.end()
    return 0


def _letters(name: str) -> str:
    """A name's letters and digits alone, ŷ as yhat; ``\\frac{∂f}{∂x}`` is df/dx."""
    name = re.sub(r"\\(?:[dt]?frac|left|right)|\\partial\s*|∂", _derivative_sign, name)
    name = normalize("NFD", name).replace("\N{COMBINING CIRCUMFLEX ACCENT}", "hat")
    return re.sub(r"\W|_", "", name).casefold()


def _derivative_sign(found: re.Match[str]) -> str:
    return "d" if found[0][-1] == "∂" or "partial" in found[0] else ""
