"""Variants of the bank's problems for its tests: what was drawn, and how answers are marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy

from engine.grading import grade
from engine.kinds import kind_of
from engine.text import linear
from engine.variant import Variant, make_variant
from engine.verdict import PartVerdict
from tutor.bank.bank import Bank, bank_folders

BANK = Bank(bank_folders())


@cache
def drawn(id: str, seed: int | None = None) -> Variant:
    """The variant of a seed, or the original."""
    return make_variant(BANK.load(id), seed)


def figures(variant: Variant) -> Any:
    """The drawn parameters by name: numbers as floats, lists of numbers as arrays."""
    return SimpleNamespace(**{name: _plain(v) for name, v in variant.parameters.items()})


def _plain(value: object) -> Any:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, Mapping):
        return SimpleNamespace(**{name: _plain(v) for name, v in value.items()})
    if isinstance(value, tuple):
        items = [_plain(item) for item in value]
        return items if isinstance(items[0], str | SimpleNamespace) else np.array(items)
    return value


def question(variant: Variant) -> str:
    """The question's text with the minus of the keyboard."""
    return linear(variant.question).replace("−", "-")


def choices(variant: Variant, part: str) -> dict[str, str]:
    """The options of a part: id and text."""
    return {choice.id: choice.text for choice in variant.part(part).asked.choices}


def typed(answer: object) -> str:
    """A computed answer as a student would type it; many digits, lists as in Python."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, float | np.floating):
        return f"{answer:.12f}"
    if isinstance(answer, np.ndarray):
        return str(answer.tolist())
    return str(answer)


def marked(variant: Variant, part: str, answer: object) -> PartVerdict:
    """How one part is marked with the others unanswered."""
    verdict = grade(variant, {part: typed(answer)})
    return next(found for found in verdict.parts if found.id == part)


def wrong_keys(variant: Variant, answers: Mapping[str, object]) -> list[str]:
    """The parts whose answer, worked out anew by a test, isn't marked correct."""
    verdict = grade(variant, {part: typed(answer) for part, answer in answers.items()})
    return [
        f"{variant.code}:{part.id}: {part.response} is {part.verdict}"
        for part in verdict.parts
        if part.id in answers and part.verdict != "correct"
    ]


def key_at(variant: Variant, part: str, values: Mapping[str, object]) -> Fraction:
    """A symbolic key with numbers for its symbols, worked out by SymPy."""
    found = variant.part(part)
    text = kind_of("symbolic").write(found.reference, found.asked)
    for name, value in values.items():
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f"({value})", text)
    python = text.replace("^", "**").replace("·", "*").replace("−", "-")
    number = sympy.nsimplify(sympy.sympify(python))
    return Fraction(int(number.p), int(number.q))


def assert_slip(id: str, part: str, answer: str, note: str, words: str) -> None:
    """The original's wrong answer is recognised, in words that fit."""
    found = marked(drawn(id), part, answer)
    assert (found.verdict, found.note) == ("incorrect", f"{id}:{part}:{note}"), found.feedback
    assert words in found.feedback[0]


def assert_pool(id: str, part: str) -> None:
    """On some seeds: an option is right, and whoever ticks all is told of each that isn't."""
    for seed in range(6):
        options = drawn(id, seed).part(part).asked.choices
        assert any(option.right for option in options)
        ticked = ", ".join(option.id for option in options)
        told = " ".join(marked(drawn(id, seed), part, ticked).feedback)
        assert all(option.say in told for option in options if not option.right)
