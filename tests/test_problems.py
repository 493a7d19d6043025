"""Every problem of the bank: many variants, texts without holes, keys and examples that hold.

What "a size a person can compute with" means stands in problems/README.md.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from bank_checks import failures, variants_of

from engine.language.exact import is_node
from engine.text import linear
from engine.values import flatten
from engine.variant import Variant
from tutor.bank.bank import Bank, bank_folders
from tutor.sandbox.runner import Sandbox

BANK = Bank(bank_folders())
HELD = 4
"""Seeds here, beside the original: tests/test_lint.py grades keys and examples on a dozen more."""
NUMERIC = {"number", "integer", "array"}
DIGITS = 4
LARGEST_SHOWN = 1_000_000
MOST_CELLS = 36
LARGEST, SMALLEST = 10**7, Fraction(1, 10**7)
LARGEST_PRODUCT = 10**12  # integers may be left as products

_NUMBER = re.compile(r"(?<![\w.^])\d+(?:\.\d+)?(?![\w.])")


class Drawn(NamedTuple):
    """Variants of a problem: its original, if there is one, and those of the first seeds."""

    original: tuple[Variant, ...]
    seeds: tuple[Variant, ...]

    def first(self, count: int) -> tuple[Variant, ...]:
        return (*self.original, *self.seeds[:count])


@pytest.fixture(scope="module", params=BANK.ids())
def drawn(request: pytest.FixtureRequest) -> Drawn:
    """Drawn once for all tests of a problem, which pytest therefore runs one behind another."""
    variants = variants_of(BANK.load(request.param), range(40))
    return Drawn(
        tuple(one for one in variants if one.seed is None),
        tuple(one for one in variants if one.seed is not None),
    )


def test_original_and_variants_hold(drawn: Drawn, run: Sandbox) -> None:
    assert failures(drawn.first(HELD), run) == []


@pytest.mark.slow
@pytest.mark.parametrize("id", BANK.ids())
def test_many_more_variants_hold(id: str, run: Sandbox) -> None:
    assert failures(variants_of(BANK.load(id), range(HELD, 500)), run) == []


def test_seeds_give_different_numbers(drawn: Drawn) -> None:
    assert len({str(variant.values) for variant in drawn.seeds}) > 20


def asks_numbers(variant: Variant) -> bool:
    return any(part.asked.kind in NUMERIC for part in variant.parts)


def test_numbers_have_a_size_to_compute_with(drawn: Drawn) -> None:
    for variant in drawn.seeds[:6]:
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


def test_no_two_of_twenty_variants_look_the_same(drawn: Drawn) -> None:
    variants = drawn.seeds[:20]
    if not asks_numbers(variants[0]):
        return
    faces = {
        (linear(one.question), tuple(linear(part.asked.ask) for part in one.parts))
        for one in variants
    }
    assert len(faces) == len(variants)


def test_no_text_refers_to_slides_that_students_have_not_seen(drawn: Drawn) -> None:
    for variant in drawn.first(5):
        answers = {part.id: part.reference for part in variant.parts}
        said = [slip.say for part in variant.parts for slip in variant.slips(part, answers)]
        texts = [linear(text) for text in (variant.question, variant.solution, *variant.hints)]
        assert not re.search(r"\b(deck|slides?'?s?)\b(?! over)", " ".join([*texts, *said]), re.I)


@pytest.mark.parametrize("id", BANK.ids())
def test_each_problem_has_hints_and_a_worked_solution(id: str) -> None:
    problem = BANK.load(id)
    table = problem.table.cells.values() if problem.table is not None else ()
    parts = [*problem.parts, *(part for cells in table for part in cells.values())]
    assert len(problem.hints) + sum(len(part.hints) for part in parts) >= 2
    assert problem.solution
    assert problem.examples
    assert problem.original is not None or "deck" not in problem.source


@pytest.mark.parametrize("id", BANK.ids())
def test_the_file_reads_without_libyaml(id: str) -> None:
    text = Path(BANK.path(id)).read_text(encoding="utf-8")
    loaders = (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    own, fast = (yaml.load(text, Loader=loader) for loader in loaders)
    assert own == fast


def test_the_bank_has_no_findings() -> None:
    assert [str(finding) for finding in BANK.all_findings()] == []
