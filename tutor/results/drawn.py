"""The variants behind the rows, drawn anew from their codes: parameters, and options as shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from engine.language.printer import format_value
from engine.parts import VariantPart
from engine.problem import Entry, Maths, OneOf, Parameter, Part, Problem, Range, Sample
from engine.text import compose, linear
from engine.variant import Variant
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.problems import parse_code, variant_of
from tutor.refusal import Refusal

CHOICES = ("choice", "choices")
MOST_DRAWN = 4_000
"""Variants that are drawn for a report, shared among its problems: a few seconds' work."""
MAX_LABEL = 60
_OF_POOL = re.compile(r"\{\{item\((\w+)\.\w+, \d+\)\}\}")

Label: TypeAlias = "Fraction | str"


class Option(NamedTuple):
    """An option as shown: ``key`` tells the same one in other variants."""

    id: str
    key: str
    text: str
    right: bool


class Drawn(NamedTuple):
    """A variant's parameters, those that can be compared, its options, and points by part."""

    parameters: Mapping[str, Label]
    options: Mapping[str, Sequence[Option]]
    points: Mapping[str, float]


class Source:
    """The bank's problems, as far as a report asks for them."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.problem = cache(self._problem)
        self.is_choice = cache(self._is_choice)

    def _problem(self, id: str) -> Problem | None:
        """None where the bank has no such problem, or a broken one."""
        try:
            return self._bank.load(id)
        except (UnknownName, BrokenProblemFile):
            return None

    def _is_choice(self, id: str, part: str) -> bool:
        """Whether a part of a problem asks for options."""
        problem = self.problem(id)
        return problem is not None and part in _choice_parts(problem)

    def draw(self, id: str, variants: Iterable[str], most: int) -> dict[str, Drawn]:
        """Variants by what stands behind their @: all, or ``most`` of them that chance picks.

        What can't be drawn is left out.
        """
        codes = sorted(set(variants))
        if len(codes) > most:
            codes = sorted(codes, key=lambda one: blake2b(f"{id}@{one}".encode()).digest())[:most]
        found = {}
        for code in codes:
            try:
                asked = parse_code(f"{id}@{code}")
                if asked.seed is not None:
                    found[code] = _drawn(variant_of(self._bank, asked))
            except (Refusal, UnicodeEncodeError):
                continue
        return found


def _choice_parts(problem: Problem) -> set[str]:
    parts = {part.id: part for part in problem.parts}
    if problem.table is not None:
        for row in problem.table.rows:
            for column, part in problem.table.cells[row.kind].items():
                parts[f"{row.id}.{column}"] = part
    return {id for id, part in parts.items() if part.kind in CHOICES}


def _drawn(variant: Variant) -> Drawn:
    problem = variant.problem
    labels = {
        name: label
        for name, parameter in problem.parameters.items()
        if (label := _label(parameter, variant.parameters[name])) is not None
    }
    choices = [part for part in variant.parts if part.asked.kind in CHOICES]
    options = {part.id: _options(problem, part) for part in choices}
    return Drawn(labels, options, {part.id: float(part.points) for part in variant.parts})


def _options(problem: Problem, part: VariantPart) -> tuple[Option, ...]:
    """A pool's options are told by what they say, all others by their ids."""
    from_pool = _is_from_pool(problem, part.plan.part)
    return tuple(
        Option(one.id, one.text if from_pool else one.id, linear(compose(one.text)), one.right)
        for one in part.asked.choices
    )


def _is_from_pool(problem: Problem, part: Part) -> bool:
    """Whether all options are records that are drawn, as ``{{item(pool.text, 0)}}``."""
    found = [_OF_POOL.fullmatch(option.text) for option in part.options]
    return all(
        one is not None and isinstance(problem.parameters.get(one[1]), Sample) for one in found
    )


def _label(parameter: Parameter, value: Entry) -> Label | None:
    """A drawn value in short; None for samples and arrays, whose values hardly ever come twice."""
    if isinstance(parameter, Range | Maths):
        return value if isinstance(value, Fraction | str) else None
    if not isinstance(parameter, OneOf):
        return None
    if isinstance(value, Mapping):
        return _cut(_named(value, _telling(parameter)))
    return value if isinstance(value, Fraction) else _cut(_words(value))


def _telling(parameter: OneOf) -> str:
    """The field that tells a list's records apart in fewest words; "" if none does."""
    records = [entry for entry in parameter.entries if isinstance(entry, Mapping)]
    sizes = {}
    for name in records[0] if records else ():
        texts = [_words(record[name]) for record in records if name in record]
        if len(set(texts)) == len(records):
            sizes[name] = sum(map(len, texts))
    return min(sizes, key=lambda name: (sizes[name], name)) if sizes else ""


def _named(record: Mapping[str, Fraction | str], field: str) -> str:
    if field in record:
        value = record[field]
        return value if isinstance(value, str) else f"{field} {_words(value)}"
    return ", ".join(f"{name} {_words(value)}" for name, value in record.items())


def _words(value: Entry) -> str:
    if isinstance(value, Fraction):
        return format_value(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return _named(value, "")
    return ", ".join(map(_words, value))


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 2] + " …"
