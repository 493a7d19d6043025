"""What a student gets to see holds no key, no solution, no secret, and nobody else's seed.

For every problem, wrong, partly right, unreadable and missing answers are graded, and what comes
out is searched for the reference answers. What would prove nothing is left out of the search: texts
of up to three characters, and whatever stands in the question or in the response already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from engine.draws import MAX_SEED
from engine.grading import grade
from engine.kinds import kind_of
from engine.language.errors import Undefined
from engine.parts import VariantPart
from engine.text import linear
from engine.variant import Variant, make_variant
from engine.verdict import CORRECT, PartVerdict
from tutor.bank.bank import Bank, bank_folders
from tutor.documents import question_text, verdict_document
from tutor.gradescope.config import Config
from tutor.gradescope.papers import Paper, Papers, paper_text, sheet_text
from tutor.gradescope.results import FEEDBACK, results_document
from tutor.sandbox.runner import Sandbox

BANK = Bank(bank_folders())
SHORTEST = 4
LINE = 25
"""A line of a solution that is shorter may say what any feedback says."""


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("−", "-"))


def key(part: VariantPart, value: Any = None) -> str:
    return kind_of(part.asked.kind).write(part.reference if value is None else value, part.asked)


def forms(part: VariantPart) -> set[str]:
    """The reference as it may be written: as a response, rounded, with commas, its mended line."""
    found = {key(part)}
    if isinstance(part.reference, Fraction):
        found |= {f"{float(part.reference):.{digits}g}" for digits in (4, 5, 6)}
        found.add(f"{float(part.reference):,.0f}" if part.reference.denominator == 1 else "")
    if part.asked.task is not None and part.asked.task.mend is not None:
        found.add(key(part).partition(":")[2].strip())
    return {flat(form) for form in found if len(form) >= SHORTEST}


def responses(variant: Variant, most: int) -> Iterator[dict[str, str]]:
    """Answers to all parts at once: foreseen slips, options, a part of the key, nonsense."""
    true = {part.id: part.reference for part in variant.parts}
    texts = {part.id: [*dict.fromkeys(_wrong(variant, part, true))] for part in variant.parts}
    for at in range(min(most, max(map(len, texts.values())))):
        yield {id: listed[at] if at < len(listed) else "" for id, listed in texts.items()}


def _wrong(variant: Variant, part: VariantPart, true: Mapping[str, Any]) -> Iterator[str]:
    choices = part.asked.choices
    if choices:
        yield ", ".join(choice.id for choice in choices if not choice.right)
        yield next(choice.id for choice in choices if choice.right)
    elif isinstance(part.reference, tuple) and part.asked.kind == "array":
        yield re.sub(r"\d+(?!.*\d)", "7777", key(part), flags=re.DOTALL)
    yield "7"
    yield from ("2(", "")
    for slip in variant.slips(part, true):
        try:
            yield key(part, slip.value)
        except Undefined:
            continue
    yield from (choice.id for choice in choices)


def leaks(variant: Variant, answers: Mapping[str, str], run: Sandbox) -> Iterator[str]:
    """What of the keys stands in the results that wasn't there before."""
    verdict = grade(variant, answers, run=run)
    asked = [linear(part.asked.ask) for part in variant.parts]
    known = flat(" ".join([variant.problem.title, question_text(variant), *asked]))
    known += flat(" ".join(choice.text for p in variant.parts for choice in p.asked.choices))
    row = {"title": variant.problem.title, **verdict_document(verdict)}
    for feedback in FEEDBACK:
        results = results_document([row], feedback=feedback)
        assert variant.code not in json.dumps(results)
        for test, part, told in zip(results["tests"], variant.parts, verdict.parts, strict=True):
            given = known + flat(" ".join([*answers.values(), told.read_as]))
            for found in _of_part(variant, part, told, flat(test["output"]), given):
                yield f"{variant.code} {part.id}: {found!r} in {test['output']!r}"


def _of_part(
    variant: Variant, part: VariantPart, told: PartVerdict, output: str, given: str
) -> Iterator[str]:
    if told.verdict == CORRECT:
        return
    if not part.asked.choices:
        for form in forms(part):
            if form not in given and re.search(rf"(?<![\w.]){re.escape(form)}(?!\w)", output):
                yield form
    ticked = re.findall(r"[\w-]+", told.response)
    for choice in part.asked.choices:
        if choice.right and choice.id not in ticked:
            if re.search(rf"(?<![\w-]){re.escape(choice.id)} (is|are) (missing|right)", output):
                yield choice.id
            if len(choice.text) > 10 and flat(choice.text) in output:
                yield choice.text
    for line in _solution(variant):
        if line not in given and line in output:
            yield line


@cache
def _solution_of(code: str, text: str) -> tuple[str, ...]:
    lines = (flat(line).strip() for line in text.split("\n"))
    return tuple(line for line in lines if len(line) >= LINE)


def _solution(variant: Variant) -> tuple[str, ...]:
    return _solution_of(variant.code, linear(variant.solution))


@pytest.mark.parametrize("topic", BANK.topics())
def test_results_hold_no_key(topic: str, run: Sandbox) -> None:
    found = []
    for id in BANK.resolve([topic]):
        for seed in (1, 2):
            variant = make_variant(BANK.load(id), seed)
            for answers in responses(variant, 4):
                found += leaks(variant, answers, run)
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("topic", BANK.topics())
def test_results_hold_no_key_on_many_variants(topic: str, run: Sandbox) -> None:
    found = []
    for id in BANK.resolve([topic]):
        for seed in (None, *range(3, 12)):
            if seed is None and BANK.load(id).original is None:
                continue
            variant = make_variant(BANK.load(id), seed)
            for answers in responses(variant, 12):
                found += leaks(variant, answers, run)
    assert found == []


def test_the_search_finds_what_is_there(run: Sandbox) -> None:
    """A key put into the feedback, an option named as missing, a line of the solution."""
    variant = make_variant(BANK.load("cnn/conv-params"), 3)
    part = variant.parts[0]
    told = grade(variant, {part.id: "7"}, run=run).parts[0]
    line = _solution(variant)[0]
    for said in (*forms(part), line):
        assert list(_of_part(variant, part, told, f"It is {said}.", "the question"))
        assert not list(_of_part(variant, part, told, f"It is {said}.", said))
    facts = make_variant(BANK.load("batchnorm/facts"), 2)
    ticks = facts.parts[0]
    wrong = next(choice.id for choice in ticks.asked.choices if not choice.right)
    full = grade(facts, {ticks.id: wrong}, run=run).parts[0]
    assert list(_of_part(facts, ticks, full, " ".join(full.feedback), ""))


# papers and sheets

SECRET = "0123456789abcdef0123456789abcdef"
STUDENTS = [f"student{number}@uni.edu" for number in range(6)]


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    drawn = Papers(BANK, Config("midterm", SECRET))
    return [drawn.of(email) for email in STUDENTS]


def test_papers_hold_no_key_no_code_and_no_seed(papers: list[Paper]) -> None:
    config = Config("midterm", SECRET)
    seeds = {str(config.seed_of(email)) for email in STUDENTS}
    seeds |= {str(one.variant.seed) for paper in papers for one in paper.questions}
    assert len(seeds) > len(STUDENTS) * 30 and max(map(int, seeds)) <= MAX_SEED
    for paper in papers:
        shown = flat(paper_text(paper) + sheet_text(paper))
        assert not [seed for seed in seeds if seed in shown]
        assert SECRET not in shown
        for one in paper.questions:
            assert one.variant.code not in shown and one.variant.problem.id not in shown
            question = flat(question_text(one.variant))
            for line in _solution(one.variant):
                assert line in question or line not in shown, (one.variant.code, line)


def test_papers_name_no_reference(papers: list[Paper]) -> None:
    """Of a paper, each question is searched for its own references."""
    for paper in papers:
        for one in paper.questions:
            shown = flat(paper_text(paper._replace(questions=(one,))))
            asked = " ".join(linear(part.asked.ask) for part in one.variant.parts)
            known = flat(f"{one.variant.problem.title} {question_text(one.variant)} {asked}")
            for part in one.variant.parts:
                for form in forms(part) if not part.asked.choices else ():
                    assert form in known or form not in shown, (one.variant.code, form)


def test_each_student_has_numbers_of_their_own(papers: list[Paper]) -> None:
    codes = [one.variant.code for paper in papers for one in paper.questions]
    assert len(codes) == len(set(codes)) and len({paper.id for paper in papers}) == len(papers)
