"""Rules for values: what may stand under a key, how much of it, and how it is read.

A rule is called with a spot. It returns what it read and adds findings for the rest, so that
one pass collects them all; a value with findings is replaced by an empty one. Rules are objects
whose limits can be looked at, since docs and schema are made from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Generic, TypeVar

from tutor.bank.figures import NAME, number
from tutor.bank.findings import shown
from tutor.bank.nodes import ListNode, MapNode, Scalar
from tutor.bank.spots import Spot, meant

T = TypeVar("T")
MAX_NAME = 60

ID = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
PART_ID = re.compile("[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
PART = re.compile(rf"{PART_ID.pattern}(?:[.]{PART_ID.pattern})?")
_NAMING = {
    ID: "small letters, digits and single hyphens only, as in forgot-padding",
    NAME: "a letter, then letters, digits and _ only, as in n_in",
    PART_ID: "letters, digits and single hyphens only, as in dX or forgot-padding",
    PART: "the id of a part, or row.column of a table's cell",
}


TRAPS = re.compile(r"[-+]?0[0-9_]+|[0-9]+(?::[0-9]+)+")
"""What YAML reads as an octal or a base-60 number (``010`` is 8, ``12:30`` is 750)."""


class Text:
    """Words for a reader, or an expression; ``refuse``: plain texts that YAML takes for others."""

    def __init__(
        self, limit: int, *, empty: bool = False, refuse: re.Pattern[str] | None = None
    ) -> None:
        self.limit = limit
        self.empty = empty
        self.refuse = refuse

    def __call__(self, spot: Spot) -> str:
        node = spot.node
        if not isinstance(node, Scalar):
            advice = ""
            if isinstance(node, ListNode | MapNode) and node.flow:
                bracket = "[" if isinstance(node, ListNode) else "{"
                advice = f": put quotes around text that begins with {bracket}"
            elif isinstance(node, MapNode):
                advice = ': put quotes around text with a ": " in it'
            spot.wrong("text", advice)
            return ""
        text = node.text.strip()
        if not text and not (self.empty and node.quoted):
            spot.fail("this text is empty")
        elif text == "~" and not node.quoted:
            spot.fail('~ stands for nothing in YAML: write "~" for the character')
        elif len(text) > self.limit:
            spot.fail(f"{len(text):,} characters: at most {self.limit:,} are allowed")
        elif self.refuse is not None and not node.quoted and self.refuse.fullmatch(text):
            spot.fail(f"{text} is another number in YAML: write it without leading zeros or colons")
        else:
            return text
        return ""


ALWAYS, NEVER = "1 = 1", "1 = 0"


class Condition(Text):
    """A condition, or a plain ``true`` or ``false`` in place of one."""

    def __call__(self, spot: Spot) -> str:
        node = spot.node
        word = node.text if isinstance(node, Scalar) and node.plain else ""
        if word in ("true", "false"):
            return ALWAYS if word == "true" else NEVER
        if word.lower() in ("true", "false", "yes", "no", "on", "off", "y", "n", "1", "0"):
            spot.wrong("true or false, or a condition such as n > 3")
            return NEVER
        return super().__call__(spot)


class Word:
    """One word out of a fixed list."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices

    def __call__(self, spot: Spot) -> str:
        node = spot.node
        if isinstance(node, Scalar) and node.text in self.choices:
            return node.text
        near = meant(node.text, self.choices) if isinstance(node, Scalar) else ""
        spot.wrong(f"one of {', '.join(self.choices)}", near)
        return ""


class Flag:
    """``true`` or ``false``; ``yes`` and ``on`` are words like any other."""

    def __call__(self, spot: Spot) -> bool:
        node = spot.node
        if isinstance(node, Scalar) and not node.quoted and node.text in ("true", "false"):
            return node.text == "true"
        spot.wrong("true or false")
        return False


class Number:
    """An exact number with a lower bound."""

    def __init__(self, low: int = 0, *, above: bool = False, whole: bool = False) -> None:
        self.low = low
        self.above = above
        self.whole = whole

    def __call__(self, spot: Spot) -> Fraction | None:
        value = number(spot)
        if value is None:
            return None
        if value < self.low or (self.above and value == self.low):
            spot.fail(f"must be {'greater than' if self.above else 'at least'} {self.low}")
        elif self.whole and value.denominator != 1:
            spot.fail(f"expected a whole number, found {shown(str(value))}")
        else:
            return value
        return None


class ListOf(Generic[T]):
    """A list of one kind of value; ``lone`` also lets a single value stand without brackets."""

    def __init__(
        self, item: Callable[[Spot], T], *, least: int = 1, most: int = 200, lone: bool = False
    ) -> None:
        self.item = item
        self.least = least
        self.most = most
        self.lone = lone

    def __call__(self, spot: Spot) -> list[T]:
        if self.lone and isinstance(spot.node, Scalar):
            return [self.item(spot)]
        if not isinstance(spot.node, ListNode):
            spot.wrong("a list")
            return []
        _count(spot, len(spot.node.items), self.least, self.most, "entries")
        return [self.item(item) for item in spot.items()]


class MapOf(Generic[T]):
    """A mapping whose keys the author chooses."""

    def __init__(
        self,
        item: Callable[[Spot], T],
        naming: re.Pattern[str] = ID,
        *,
        least: int = 1,
        most: int = 60,
    ) -> None:
        self.item = item
        self.naming = naming
        self.least = least
        self.most = most

    def __call__(self, spot: Spot) -> dict[str, T]:
        if not isinstance(spot.node, MapNode):
            spot.wrong("a mapping")
            return {}
        if not spot.node.reported:
            _count(spot, len(spot.node.entries), self.least, self.most, "keys")
        values = {}
        for key, value in spot.entries():
            check_name(spot, key, self.naming)
            values[key.text] = self.item(value)
        return values


class Key:
    """A key of the grammar: the rule for its value, and a line about it for the docs."""

    __slots__ = ("about", "required", "rule")

    def __init__(self, rule: Callable[[Spot], Any], about: str, *, required: bool = False) -> None:
        self.rule = rule
        self.about = about
        self.required = required


class Keys:
    """A mapping with ``least`` known keys, and perhaps ``others`` that the author names."""

    def __init__(
        self, keys: Mapping[str, Key], others: Key | None = None, *, least: int = 0
    ) -> None:
        self.keys = keys
        self.others = others
        self.least = least

    def __call__(self, spot: Spot) -> dict[str, Any]:
        """What was read, by key. Keys that are absent from the file are absent here."""
        if not isinstance(spot.node, MapNode):
            needed = [name for name, key in self.keys.items() if key.required]
            spot.wrong(f"a mapping with {', '.join(needed or self.keys)}")
            return {}
        values: dict[str, Any] = {}
        for key, value in spot.entries():
            known = self.keys.get(key.text)
            if known is not None:
                values[key.text] = known.rule(value)
            elif self.others is not None:
                check_name(spot, key, NAME)
                values[key.text] = self.others.rule(value)
            else:
                self._unknown(spot, key)
                values.update(self._as_meant(key, value, spot.node.entries))
        for name, key_ in self.keys.items():
            if key_.required and name not in values and not spot.node.reported:
                spot.fail(f"missing key '{name}'")
        if len(spot.node.entries) < self.least:
            spot.fail(f"at least {self.least} of {', '.join(self.keys)} is needed")
        return values

    def _as_meant(self, key: Scalar, value: Spot, entries: Mapping[str, object]) -> dict[str, Any]:
        """What a misspelt key holds, so that the key that is meant isn't missed as well."""
        from engine.language.names import nearest

        likely = nearest(key.text[:100], self.keys)
        if not likely or likely in entries:
            return {}
        told = len(value.findings)
        read = self.keys[likely].rule(value)
        del value.findings[told:]  # its own findings come once the key has its name
        return {likely: read}

    def _unknown(self, spot: Spot, key: Scalar) -> None:
        assert isinstance(spot.node, MapNode)
        near = meant(key.text, self.keys)
        if near:
            advice = near
        elif spot.node.flow and " " in key.text:
            advice = ": a comma ends a value inside { }, so put quotes around the whole value"
        else:
            advice = f"; known are {', '.join(self.keys)}"
        spot.fail(f"unknown key {shown(key.text)}{advice}", key)


def check_name(spot: Spot, key: Scalar, naming: re.Pattern[str]) -> None:
    """Add a finding if a key that the author chose is no good name."""
    if not naming.fullmatch(key.text):
        spot.fail(f"{shown(key.text)} can't be a name: {_NAMING[naming]}", key)
    elif len(key.text) > MAX_NAME:
        spot.fail(f"{shown(key.text)} has more than {MAX_NAME} characters", key)


def _count(spot: Spot, count: int, least: int, most: int, what: str) -> None:
    if count < least:
        spot.fail(f"at least {least} {what} are needed" if count else f"there are no {what} here")
    elif count > most:
        spot.fail(f"{count} {what}: at most {most} are allowed")
