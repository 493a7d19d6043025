"""Numbers that a person can compute with, and variants that don't look the same.

What "a size a person can compute with" means stands in problems/README.md.
"""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from engine.language.exact import is_node
from engine.text import linear
from engine.values import flatten
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, bank_folders

BANK = Bank(bank_folders())
NUMERIC = {"number", "integer", "array"}
DIGITS = 4
LARGEST_SHOWN = 1_000_000
MOST_CELLS = 36
LARGEST, SMALLEST = 10**7, Fraction(1, 10**7)
LARGEST_PRODUCT = 10**12  # integers may be left as products

_NUMBER = re.compile(r"(?<![\w.^])\d+(?:\.\d+)?(?![\w.])")


def asks_numbers(variant: Variant) -> bool:
    return any(part.asked.kind in NUMERIC for part in variant.parts)


@pytest.mark.parametrize("id", BANK.ids())
def test_numbers_have_a_size_to_compute_with(id: str) -> None:
    for seed in range(6):
        variant = make_variant(BANK.load(id), seed)
        if not asks_numbers(variant):
            continue
        question = linear(variant.question)
        for found in _NUMBER.findall(question):
            significant = found.replace(".", "").strip("0")
            assert len(significant) <= DIGITS, (variant.code, found)
            assert float(found) <= LARGEST_SHOWN, (variant.code, found)
        for part in variant.parts:
            if part.asked.kind not in NUMERIC:
                continue
            cells = [cell for cell in flatten(part.reference) if not is_node(cell)]
            assert len(cells) <= MOST_CELLS, (variant.code, part.id)
            most = LARGEST_PRODUCT if part.asked.kind == "integer" else LARGEST
            for cell in cells:
                assert isinstance(cell, Fraction | float)
                assert cell == 0 or SMALLEST <= abs(cell) <= most, (variant.code, part.id, cell)


@pytest.mark.parametrize("id", BANK.ids())
def test_no_two_of_twenty_variants_look_the_same(id: str) -> None:
    variants = [make_variant(BANK.load(id), seed) for seed in range(20)]
    if not asks_numbers(variants[0]):
        return
    faces = {
        (linear(one.question), tuple(linear(part.asked.ask) for part in one.parts))
        for one in variants
    }
    assert len(faces) == len(variants)
