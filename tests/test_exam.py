"""Mock exams: blueprints that are read strictly, and what is drawn from them."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from engine.exam import Blueprint, Section, Unfilled, draw_exam
from engine.problem import Part, Problem
from engine.variant import make_variant
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName, bank_folders
from tutor.linting.targets import choose

# Shares of the points in nine real midterms, as in the curriculum; "others" takes what is left
# of 100 points once each section has a whole number.
SHARES = {
    "short": 17, "networks": 16, "cnn": 14, "select": 12, "coding": 9, "strategy": 9,
    "losses": 6, "optimisers": 4, "normalisation": 4, "regularisation": 3, "initialisation": 2,
    "others": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(bank_folders())


@pytest.fixture(scope="module")
def midterm(bank: Bank) -> Blueprint:
    return bank.exam("midterm")


def test_the_midterm_has_a_hundred_points_in_ninety_minutes(midterm: Blueprint) -> None:
    assert (midterm.points, midterm.minutes) == (100, 90)
    assert {section.id: section.points for section in midterm.sections} == SHARES


def test_every_drawn_midterm_keeps_to_the_blueprint(bank: Bank, midterm: Blueprint) -> None:
    problems = {id: bank.load(id) for id in bank.ids()}
    seen = set()
    for seed in range(200):
        questions = draw_exam(midterm, problems, problems.__getitem__, seed)
        ids = [question.problem.id for question in questions]
        assert len(set(ids)) == len(ids)
        assert not any(len(group & {*ids}) > 1 for group in midterm.alike)
        earned = Counter[str]()
        for question in questions:
            assert question.points >= 1
            earned[question.section.id] += question.points
        assert earned == SHARES
        assert [q.section.id for q in questions] == sorted(
            (q.section.id for q in questions), key=[*SHARES].index
        )
        seen |= {*ids}
    assert len(seen) > 100, "nearly all of the bank comes up"


def test_a_seed_always_gives_the_same_exam(bank: Bank, midterm: Blueprint) -> None:
    problems = {id: bank.load(id) for id in bank.ids()}
    first = draw_exam(midterm, problems, problems.__getitem__, 7)
    assert first == draw_exam(midterm, list(problems)[::-1], problems.__getitem__, 7)
    assert first != draw_exam(midterm, problems, problems.__getitem__, 8)
    assert all(make_variant(q.problem, q.seed).code.endswith(f"@{q.seed}") for q in first)


def problem(id: str, points: int = 1) -> Problem:
    part = Part("it", kind="number", answer="1")
    return Problem(id=id, title=id, question="", points=Fraction(points), parts=(part,))


def test_points_are_shared_in_proportion_and_whole() -> None:
    section = Section("s", "S", 10, 3, ("t",))
    blueprint = Blueprint("b", "B", 10, (section,))
    worth = {"t/a": 1, "t/b": 2, "t/c": 4}
    drawn = draw_exam(blueprint, worth, lambda id: problem(id, worth[id]), 0)
    # a point each, and 1, 2 and 4 sevenths of the other seven
    assert {q.problem.id: q.points for q in drawn} == {"t/a": 2, "t/b": 3, "t/c": 5}


def test_a_section_that_can_not_be_filled_is_told() -> None:
    section = Section("s", "Short", 4, 2, ("t",))
    blueprint = Blueprint("b", "B", 10, (section,), (frozenset({"t/a", "t/b"}),))
    with pytest.raises(Unfilled, match="Short: 2 different problems are needed, and only 1"):
        draw_exam(blueprint, ["t/a", "t/b"], problem, 0)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("title: T\nminutes: 90\n", "1:1: missing key 'sections'"),
        (
            "title: T\nminutes: 9\nsections:\n  a: {title: A, points: 2, questions: 3, from: t}\n",
            "4:6: 3 questions can't share 2 points",
        ),
        (
            "title: T\nminutes: 9\nsections:\n  a: {title: A, points: 2, questions: 1, from: [x]}",
            "4:49: there is no topic or problem 'x'",
        ),
        (
            "title: T\nminutes: 9\nsections:\n  a: {title: A, points: 2, questions: 1, from: t}\n"
            "alike: [[t/a, t/b]]\n",
            "5:15: there is no topic or problem 't/b'",
        ),
        (
            "title: T\nminute: 9\nsections:\n  a: {title: A, points: 2, questions: 1, from: t}\n",
            "2:1: unknown key 'minute'; did you mean minutes?",
        ),
    ],
)
def test_what_is_wrong_with_a_blueprint_is_told(text: str, finding: str, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.yaml").write_text(
        "title: A\nquestion: q\nparts: {it: {kind: number, answer: 1}}\n"
    )
    (tmp_path / "exams").mkdir()
    (tmp_path / "exams" / "one.yaml").write_text(text)
    bank = Bank([tmp_path])
    assert bank.ids() == ["t/a"], "a blueprint is no problem"
    told = [str(one) for one in bank.all_findings()]
    assert any(finding in line for line in told), told
    for path in (tmp_path, tmp_path / "exams", tmp_path / "exams" / "one.yaml"):
        found = choose([str(path)], Bank(bank_folders())).findings
        assert any(finding in str(one) for one in found), path
    with pytest.raises(BrokenProblemFile):
        bank.exam("one")
    with pytest.raises(UnknownName, match="did you mean one"):
        bank.exam("two")


def test_the_bundled_blueprint_is_read_by_its_own_path_as_well() -> None:
    bank = Bank(bank_folders())
    midterm = Path(bank.exams()["midterm"]) / "exams" / "midterm.yaml"
    assert choose([str(midterm)], bank) == ((), ())
