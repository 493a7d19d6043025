"""Choices by id or text, in any case; select-all earns by right less wrong ticks."""

from __future__ import annotations

import re
from fractions import Fraction

from engine.kinds.base import Asked, Choice, Judgement, Kind, Reading, start_of_answer
from engine.language.errors import Unreadable
from engine.language.exact import Value
from engine.language.names import nearest

_PIECE = re.compile(r"[^,;]+")
_WORD = re.compile(r"[^,;\s]+")
MAX_SHOWN = 40


class ChoiceKind(Kind):
    """One option."""

    def read(self, text: str, part: Asked) -> Reading:
        """The id of one option. Raises Unreadable."""
        start = start_of_answer(text, part)
        choice = _find(text[start:], part)
        if choice is None:
            chosen = _chosen(text, part, start)
            if len(chosen) > 1:
                raise Unreadable("choose one option only", start, len(text))
            choice = chosen[0]
        return Reading(choice.id, choice.id)

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """All or nothing, with what the author says of the option."""
        if value == reference:
            return Judgement(Fraction(1), "exact")
        said = tuple(c.say for c in part.choices if c.id == value and c.say)
        return Judgement(Fraction(0), "exact", str(value), said)

    def write(self, reference: Value, part: Asked) -> str:
        """The option's id."""
        return str(reference)

    def tell(self, reference: Value, part: Asked) -> str:
        """The option's text."""
        return _told(reference, part)


class ChoicesKind(Kind):
    """Every option that is right, at least one.

    Marks: (right ticks − wrong ticks) / right options, never below 0: ticking everything or
    guessing earns nothing, one slip costs one option.
    """

    def read(self, text: str, part: Asked) -> Reading:
        """The ids of the ticked options, in the question's order. Raises Unreadable."""
        start = start_of_answer(text, part)
        single = _find(text[start:], part)
        if single is None and text[start:].strip().casefold() == "none":
            message = "at least one option is right: name those you would tick"
            raise Unreadable(message, start, len(text))
        ticked = {single.id} if single else {c.id for c in _chosen(text, part, start)}
        ids = tuple(c.id for c in part.choices if c.id in ticked)
        return Reading(ids, ", ".join(ids))

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """The share by the rule above, with what is said of each option missed or wrong."""
        ticked, right = set(_ids(value)), set(_ids(reference))
        hits, wrong = len(ticked & right), len(ticked - right)
        share = max(Fraction(hits - wrong, len(right)), Fraction(0)) if right else Fraction(0)
        if ticked == right:
            return Judgement(Fraction(1), "exact")
        feedback = []
        for choice in part.choices:
            if (choice.id in ticked) != (choice.id in right):
                what = "is not right" if choice.id in ticked else "is missing"
                feedback.append(f"{choice.id} {what}. {choice.say}".strip())
        slip = "missed" if not wrong else "wrong-tick"
        return Judgement(share, "exact", slip, tuple(feedback))

    def write(self, reference: Value, part: Asked) -> str:
        """The ids of the right options."""
        return ", ".join(_ids(reference))

    def tell(self, reference: Value, part: Asked) -> str:
        """The texts of the right options."""
        return _told(reference, part)


def _told(value: Value, part: Asked) -> str:
    """The texts of options; their ids where those are the letters that stand before them."""
    ids = _ids(value)
    if all(len(choice.id) == 1 for choice in part.choices):
        return ", ".join(ids)
    return "; ".join(choice.text for choice in part.choices if choice.id in ids)


def _ids(value: Value) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, tuple) else (str(value),)


def _chosen(text: str, part: Asked, start: int) -> list[Choice]:
    """The options named, separated by commas or else by spaces. Raises Unreadable."""
    for pattern in (_PIECE, _WORD):
        chosen = _named(pattern, text, part, start)
        if chosen:
            return chosen
    unknown = next((f for f in _WORD.finditer(text, start) if _find(f[0], part) is None), None)
    if unknown is None:
        raise Unreadable(f"choose from {_listed(part)}", start, len(text))
    meant = nearest(unknown[0], [choice.id for choice in part.choices])
    hint = f"did you mean {meant}?" if meant else f"choose from {_listed(part)}"
    shown = unknown[0][:MAX_SHOWN]
    raise Unreadable(f"{shown} is not an option here; {hint}", unknown.start(), unknown.end())


def _named(pattern: re.Pattern[str], text: str, part: Asked, start: int) -> list[Choice]:
    """The options that the pieces name; [] if one of them names none."""
    chosen = []
    for piece in pattern.finditer(text, start):
        if not piece[0].strip(" \t.)([]"):
            continue
        choice = _find(piece[0], part)
        if choice is None:
            return []
        chosen.append(choice)
    return chosen


def _find(written: str, part: Asked) -> Choice | None:
    """The option meant: by its id, its very text, or the words of a text that no other shares.

    ``x < 0`` and ``x > 0`` have the same words: those must be typed with their signs.
    """
    key = _folded(written)
    for choice in part.choices:
        if key and key == _folded(choice.id):
            return choice
    for form in (_closed_up, _folded):
        found = [choice for choice in part.choices if form(choice.text) == form(written) != ""]
        if len(found) == 1:
            return found[0]
    return None


def _closed_up(text: str) -> str:
    return re.sub(r"\s+", "", text.casefold()).replace("−", "-")


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _listed(part: Asked) -> str:
    return ", ".join(choice.id for choice in part.choices)
