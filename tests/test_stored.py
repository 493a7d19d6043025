"""What was answered once: graded anew, and told where a problem's file has changed since."""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from program import tutor_here

from engine.problem import Array, Maths, OneOf, Part, Problem, Range, Sample
from engine.variant import make_variant, variant_with
from tutor.documents import parameters_document
from tutor.stored import entries_from

FILE = """\
title: Twice
points: 2
parameters: {n: 2..9}
original: {n: 3}
question: What is twice {{n}}?
parts:
  two: {kind: integer, answer: 2n}
  four: {kind: integer, answer: 2 two}
hints: [Add it to itself., Twice is two times.]
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    (tmp_path / "own" / "t").mkdir(parents=True)
    (tmp_path / "own" / "t" / "twice.yaml").write_text(FILE)
    return tmp_path / "own"


def run(bank: Path, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    first, *rest = arguments
    command = [first, "--bank", str(bank), *rest]
    done = tutor_here(*command, home=bank.parent / "home", stdin=stdin.encode())
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def answered(bank: Path, code: str, *lines: str) -> None:
    assert run(bank, "quiz", code, stdin="\n".join(lines) + "\n")[0] == 0


def change(bank: Path, old: str, new: str) -> None:
    path = bank / "t" / "twice.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def regraded(bank: Path, *more: str) -> dict[str, object]:
    code, out, _ = run(bank, "regrade", "--json", *more)
    assert code == 0
    document: dict[str, object] = json.loads(out)
    return document


def test_an_unchanged_problem_changes_nobody(bank: Path) -> None:
    # 5 is wrong twice, and 10 follows from it: credit must follow through here as it did then
    answered(bank, "t/twice@original", "5", "5", "10")
    answered(bank, "t/twice@3", "2 (", "6", "12")
    assert regraded(bank) == {"attempts": 5, "changed": [], "ungraded": []}


def test_a_corrected_key_changes_marks_and_keeps_the_old_verdict(bank: Path) -> None:
    answered(bank, "t/twice@original", "6", "12")
    change(bank, "answer: 2n", "answer: 2n + 1")
    (changed,) = regraded(bank)["changed"]  # type: ignore[misc]  # 12 follows from 6 all the same
    assert changed["before"] == {"verdict": "correct", "note": "t/twice:two:correct", "score": 1.0}
    assert changed["after"]["verdict"] == "incorrect" and changed["after"]["score"] == 0.0
    code, out, _ = run(bank, "regrade", "--plain", "t")
    assert code == 0 and "1 of 2 attempts change (-1 points); nothing is written" in out
    assert regraded(bank, "--write")["changed"]
    assert regraded(bank)["changed"] == []
    change(bank, "answer: 2n + 1", "answer: 2n")
    assert len(regraded(bank)["changed"]) == 1  # type: ignore[arg-type]


def test_attempts_keep_the_numbers_that_were_seen(bank: Path) -> None:
    answered(bank, "t/twice@3", "6", "12")
    change(bank, "n: 2..9", "n: 20..90")
    assert regraded(bank) == {"attempts": 2, "changed": [], "ungraded": []}
    for command in (["show", "t/twice@3"], ["check", "t/twice@3", "-a", "two=1"]):
        assert "t/twice@3 had other numbers when you answered it" in run(bank, *command)[2]
    assert run(bank, "show", "t/twice@4")[2] == ""
    page = run(bank, "quiz", "t/twice@3", stdin=":quit\n")[1]
    assert "had other numbers when you answered it" in page


def test_what_can_not_be_graded_is_told(bank: Path) -> None:
    answered(bank, "t/twice@3", "6", "12")
    change(bank, "  four: {kind: integer, answer: 2 two}\n", "")
    (one,) = regraded(bank)["ungraded"]  # type: ignore[misc]
    assert one["reason"] == "the problem has no part four any more"
    (bank / "t" / "twice.yaml").unlink()
    assert len(regraded(bank)["ungraded"]) == 2  # type: ignore[arg-type]


def test_a_difference_is_told_by_variant_and_by_attempt(bank: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(FILE)
    answered(bank, "t/twice@original", "6", "12")
    assert run(bank, "diff", "t/twice", "--against", str(old))[0] == 0
    change(bank, "answer: 2n", "answer: 2n + 1")
    code, out, _ = run(bank, "diff", "t/twice", "--against", str(old), "--seeds", "1", "--plain")
    assert code == 1
    assert "t/twice@original\n  two answer: 6 → 7\n  four answer: 12 → 14\n" in out
    assert "two › 6: correct, 1 point → incorrect, 0 points" in out
    assert out.endswith("2 variants and 1 stored attempt differ\n")
    document = json.loads(run(bank, "diff", "t/twice", "--against", str(old), "--json")[1])
    assert document["variants"][0] == {
        "code": "t/twice@original",
        "what": "two answer",
        "before": "6",
        "after": "7",
    }


def test_long_texts_are_shown_from_where_they_differ(bank: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    change(bank, "question: ", "question: " + "Words that stay as they are. " * 5)
    old.write_text((bank / "t" / "twice.yaml").read_text())
    change(bank, "is twice", "is double")
    out = run(bank, "diff", "t/twice", "--against", str(old), "--seeds", "1", "--plain")[1]
    before, _, after = " ".join(out.split()).partition(" → ")
    assert before.endswith("… they are. What is twice 3?")
    assert after.startswith("… they are. What is double 3?")


def test_a_revision_of_git(bank: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=bank, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    change(bank, "n: 3", "n: 4")
    code, out, _ = run(bank, "diff", "t/twice", "--against", "HEAD", "--seeds", "0")
    assert code == 1 and "parameter n: 3 → 4" in out
    for wrong, said in (("none", "invalid object name"), ("--output=x", "name a revision")):
        code, _, told = run(bank, "diff", "t/twice", f"--against={wrong}")
        assert code == 2 and said in told and "Traceback" not in told


def test_stored_parameters_come_back_as_they_were_drawn() -> None:
    problem = Problem(
        id="t/all",
        title="All forms",
        question="",
        parts=(Part("it", kind="number", answer="n"),),
        points=Fraction(1),
        symbols="x",
        parameters={
            "n": Range(Fraction(0), Fraction(1), Fraction(1, 8)),
            "word": OneOf(("one", "two")),
            "digit": OneOf((Fraction(1), Fraction(1, 3))),
            "order": OneOf((("a", "b"), ("b", "a"))),
            "bet": OneOf(
                ({"name": "7", "gain": Fraction(1, 2)}, {"name": "8", "gain": Fraction(3)})
            ),
            "some": Sample(2, (Fraction(1), Fraction(2), Fraction(5, 2))),
            "pool": Sample(1, ({"text": "1/2", "true": Fraction(1)},)),
            "grid": Array(("2", "2"), Range(Fraction(0), Fraction(1), Fraction(1, 4))),
            "f": Maths(("x^2", "n x")),
        },
    )
    for seed in range(30):
        variant = make_variant(problem, seed)
        document = json.loads(json.dumps(parameters_document(variant.parameters)))
        stored = entries_from(problem, document)
        assert stored == variant.parameters
        assert variant_with(problem, seed, stored).values == variant.values
