"""The bias-variance problems: the course's answers, known slips, and keys worked out anew."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import engine.variant
from engine.grading import grade
from engine.kinds import kind_of
from engine.text import linear
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, bank_folders

EFFECTS, DIAGNOSE = "bias-variance/effects", "bias-variance/diagnose"
SEEDS = range(40)
RIGHT = {
    "regularize.bias": "increases",
    "regularize.variance": "decreases",
    "wider.bias": "decreases",
    "wider.variance": "increases",
    "dropout.bias": "increases",
    "dropout.variance": "decreases",
    "data.bias": "no-change",
    "data.variance": "decreases",
}

# What theory says of each operation, as the classical picture has it; the table's own list.
FREEDOM = {  # the functions in reach: fewer, more, the same
    "less": "regularize dropout early-stopping fewer-features smaller-network higher-lambda",
    "more": "wider deeper more-features longer-training lower-lambda less-dropout",
    "same": "data augmentation averaging less-data dev-set",
}
NOISE_AT_EQUAL_FREEDOM = {
    "data": "decreases",
    "augmentation": "decreases",
    "averaging": "decreases",
    "less-data": "increases",
    "dev-set": "no-change",
}


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(bank_folders())


def variants(bank: Bank, id: str, seeds: range = SEEDS) -> Iterator[Variant]:
    problem = bank.load(id)
    return (make_variant(problem, seed) for seed in seeds)


def effect(operation: str) -> tuple[str, str]:
    """Bias and variance by the trade-off, or by what happens to noise at equal freedom."""
    freedom = next(way for way, names in FREEDOM.items() if operation in names.split())
    if freedom == "same":
        return "no-change", NOISE_AT_EQUAL_FREEDOM[operation]
    return ("increases", "decreases") if freedom == "less" else ("decreases", "increases")


@pytest.mark.parametrize(
    "spelled",
    [
        lambda word: word,
        lambda word: word.replace("-", " "),
        lambda word: f"  {word.upper()} ",
        lambda word: word.capitalize(),
    ],
)
def test_effects_of_the_original(bank: Bank, spelled: object) -> None:
    answers = {name: spelled(word) for name, word in RIGHT.items()}  # type: ignore[operator]
    verdict = grade(make_variant(bank.load(EFFECTS), None), answers)
    assert verdict.verdict == "correct"
    assert verdict.score == 2


@pytest.mark.parametrize(
    ("part", "answer", "note", "words"),
    [
        ("data.bias", "decreases", "more-data-lowers-bias", "commonest slip"),
        ("dropout.bias", "no change", "dropout-is-free", "regulariser"),
        ("wider.variance", "no-change", "larger-layers-leave-variance", "extra weights"),
        ("regularize.bias", "decreases", "regularising-lowers-bias", "weight penalty"),
        ("wider.bias", "increases", "freedom-raises-bias", "keeps the network from"),
        ("data.variance", "no-change", "steadying-leaves-variance", "cancel out"),
    ],
)
def test_slips_in_the_effects(bank: Bank, part: str, answer: str, note: str, words: str) -> None:
    verdict = grade(make_variant(bank.load(EFFECTS), None), {**RIGHT, part: answer})
    marked = next(p for p in verdict.parts if p.id == part)
    assert (marked.verdict, marked.note) == ("incorrect", f"{EFFECTS}:{part}:{note}")
    assert words in marked.feedback[0]
    assert verdict.score == 2 - marked.max_score


def test_effects_follow_from_the_trade_off(bank: Bank) -> None:
    seen = set()
    for variant in variants(bank, EFFECTS, range(200)):
        rows = dict.fromkeys(part.id.partition(".")[0] for part in variant.parts)
        answers = {}
        for row in rows:
            answers[f"{row}.bias"], answers[f"{row}.variance"] = effect(row)
        assert grade(variant, answers).verdict == "correct", variant.code
        seen |= set(rows)
    assert seen == {name for names in FREEDOM.values() for name in names.split()}
    assert len(seen) >= 12


def test_every_wrong_cell_has_words_of_its_own(bank: Bank) -> None:
    options = {"increases", "decreases", "no-change"}
    for variant in variants(bank, EFFECTS):
        right = {part.id: str(part.reference) for part in variant.parts}
        for name, key in right.items():
            told = set()
            for wrong in options - {key}:
                marked = grade(variant, {**right, name: wrong})
                part = next(p for p in marked.parts if p.id == name)
                assert part.diagnosis is not None, (name, wrong)
                told.add(part.feedback)
            assert len(told) == 2


ORIGINAL_EVIDENCE = "dev-above-train"


@pytest.mark.parametrize("verdict", ["high-variance", "High variance", "HIGH-VARIANCE."])
def test_diagnosis_of_the_original(bank: Bank, verdict: str) -> None:
    variant = make_variant(bank.load(DIAGNOSE), None)
    assert re.findall(r": ([\d.]+) %", linear(variant.question)) == ["1", "2", "12"]
    answers = {"verdict": verdict, "evidence": ORIGINAL_EVIDENCE}
    assert grade(variant, answers).verdict == "correct"


@pytest.mark.parametrize(
    ("part", "answer", "note", "words"),
    [
        ("verdict", "high-bias", "dev-error-taken-for-bias", "2 % there, against 1 %"),
        ("verdict", "both", "whole-distance-counted-as-bias-too", "11 points"),
        ("verdict", "well-fitted", "judged-by-training-error", "has not seen"),
        ("evidence", "train-like-dev", "train-like-dev", "variance only"),
        ("evidence", "dev-above-human", "dev-above-human", "sum of two gaps"),
        ("evidence", "train-above-human", "train-above-human", "both halves"),
    ],
)
def test_slips_in_the_diagnosis(bank: Bank, part: str, answer: str, note: str, words: str) -> None:
    right = {"verdict": "high-variance", "evidence": ORIGINAL_EVIDENCE}
    verdict = grade(make_variant(bank.load(DIAGNOSE), None), {**right, part: answer})
    marked = next(p for p in verdict.parts if p.id == part)
    assert (marked.verdict, marked.note) == ("incorrect", f"{DIAGNOSE}:{part}:{note}")
    assert words in marked.feedback[0]


def test_diagnosis_follows_from_the_printed_rates(bank: Bank) -> None:
    verdicts = {(False, False): "well-fitted", (True, False): "high-bias"}
    verdicts |= {(False, True): "high-variance", (True, True): "both"}
    evidence = {(False, False): "no-gap", (True, False): "train-above-human"}
    evidence |= {(False, True): "dev-above-train", (True, True): "both-gaps"}
    seen = set()
    for variant in variants(bank, DIAGNOSE):
        rates = re.findall(r": ([\d.]+) %", linear(variant.question))
        human, train, dev = map(float, rates)
        gaps = round(train - human, 6), round(dev - train, 6)
        assert all(gap >= 5 or 0 < gap <= 2 for gap in gaps), "a gap the rule does not cover"
        problem = gaps[0] >= 5, gaps[1] >= 5
        seen.add(problem)
        answers = {"verdict": verdicts[problem], "evidence": evidence[problem]}
        assert grade(variant, answers).verdict == "correct", variant.code
    assert len(seen) == 4


def test_wrong_diagnoses_are_told_why(bank: Bank) -> None:
    for variant in variants(bank, DIAGNOSE):
        for part in variant.parts:
            for choice in part.asked.choices:
                if not choice.right:
                    marked = grade(variant, {part.id: choice.id})
                    told = next(p for p in marked.parts if p.id == part.id)
                    assert told.feedback, (variant.code, part.id, choice.id)
                    assert part.id == "evidence" or told.diagnosis is not None


@pytest.mark.parametrize(("id", "least"), [(EFFECTS, 195), (DIAGNOSE, 190)])
def test_variants_differ_and_few_draws_are_rejected(
    bank: Bank, id: str, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = set()
    plain = engine.variant.Stream

    def counting(problem: str, seed: int, name: str, attempt: int) -> object:
        attempts.add((seed, attempt))
        return plain(problem, seed, name, attempt)

    monkeypatch.setattr(engine.variant, "Stream", counting)
    drawn = list(variants(bank, id, range(200)))
    asked = {(linear(v.question), tuple(part.id for part in v.parts)) for v in drawn}
    assert len(asked) >= least
    assert len(attempts) <= 210


@pytest.mark.parametrize("id", [EFFECTS, DIAGNOSE])
def test_hints_and_solution(bank: Bank, id: str) -> None:
    for variant in variants(bank, id, range(5)):
        assert len(variant.hints) >= 2
        solution = linear(variant.solution)
        assert "{{" not in solution
        keys = {
            part.id: kind_of("choice").write(part.reference, part.asked) for part in variant.parts
        }
        assert grade(variant, keys).verdict == "correct"
        if id == DIAGNOSE:
            texts = {choice.id: choice.text for choice in variant.part("verdict").asked.choices}
            assert texts[keys["verdict"]] in solution
