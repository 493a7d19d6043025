"""Every problem of the bank: many variants, texts without holes, keys and examples that hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from bank_checks import failures

from engine.variant import make_variant
from tutor.bank.bank import Bank, bank_folders
from tutor.sandbox.runner import Sandbox

BANK = Bank(bank_folders())


@pytest.mark.parametrize("id", BANK.ids())
def test_original_and_variants_hold(id: str, run: Sandbox) -> None:
    assert failures(BANK.load(id), range(12), run) == []


@pytest.mark.slow
@pytest.mark.parametrize("id", BANK.ids())
def test_many_more_variants_hold(id: str, run: Sandbox) -> None:
    assert failures(BANK.load(id), range(12, 500), run) == []


@pytest.mark.parametrize("id", BANK.ids())
def test_seeds_give_different_numbers(id: str) -> None:
    drawn = {str(make_variant(BANK.load(id), seed).values) for seed in range(40)}
    assert len(drawn) > 20


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
