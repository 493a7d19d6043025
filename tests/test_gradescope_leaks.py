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
from typing import Any, NamedTuple

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


def responses(variant: Variant, start: int, end: int) -> Iterator[dict[str, str]]:
    """Answers to all parts at once: foreseen slips, options, a part of the key, nonsense."""
    true = {part.id: part.reference for part in variant.parts}
    texts = {part.id: [*dict.fromkeys(_wrong(variant, part, true))] for part in variant.parts}
    for at in range(start, min(end, max(map(len, texts.values())))):
        yield {id: listed[at] if at < len(listed) else "" for id, listed in texts.items()}


def _wrong(variant: Variant, part: VariantPart, true: Mapping[str, Any]) -> Iterator[str]:
    choices = part.asked.choices
    if choices:
        yield ", ".join(choice.id for choice in choices if not choice.right)
        yield next(choice.id for choice in choices if choice.right)
    elif isinstance(part.reference, tuple) and part.asked.kind == "array":
        yield re.sub(r"\d+(?!.*\d)", "7777", key(part), flags=re.DOTALL)
    for slip in variant.slips(part, true):
        try:
            yield key(part, slip.value)
        except Undefined:
            continue
    yield from ("7", "2(", "")
    yield from (choice.id for choice in choices)


class Sought(NamedTuple):
    """What must not come out for a variant: keys by part, lines of the solution.

    ``known`` is what the student has on paper.
    """

    variant: Variant
    keys: Mapping[str, set[str]]
    solution: tuple[str, ...]
    known: str

    @classmethod
    def of(cls, variant: Variant) -> Sought:
        asked = [linear(part.asked.ask) for part in variant.parts]
        options = [choice.text for part in variant.parts for choice in part.asked.choices]
        known = flat(" ".join([variant.problem.title, question_text(variant), *asked, *options]))
        lines = (flat(line).strip() for line in linear(variant.solution).split("\n"))
        kept = tuple(line for line in lines if len(line) >= LINE and line not in known)
        keys = {
            part.id: set() if part.asked.choices else {f for f in forms(part) if f not in known}
            for part in variant.parts
        }
        return cls(variant, keys, kept, known)

    def leaks(self, answers: Mapping[str, str], run: Sandbox) -> Iterator[str]:
        """What stands in the results of these answers, and in the answers doesn't."""
        variant = self.variant
        verdict = grade(variant, answers, run=run)
        row = {"title": variant.problem.title, **verdict_document(verdict)}
        for feedback in FEEDBACK:
            results = results_document([row], feedback=feedback)
            assert variant.code not in json.dumps(results)
            for test, part, told in zip(
                results["tests"], variant.parts, verdict.parts, strict=True
            ):
                given = flat(" ".join([*answers.values(), told.read_as]))
                for found in self.of_part(part, told, flat(test["output"]), given):
                    yield f"{variant.code} {part.id}: {found!r} in {test['output']!r}"

    def of_part(
        self, part: VariantPart, told: PartVerdict, output: str, given: str
    ) -> Iterator[str]:
        if told.verdict == CORRECT:
            return
        for form in self.keys[part.id]:
            if form not in given and re.search(rf"(?<![\w.]){re.escape(form)}(?!\w)", output):
                yield form
        ticked = re.findall(r"[\w-]+", told.response)
        for choice in part.asked.choices:
            if choice.right and choice.id not in ticked:
                if re.search(rf"(?<![\w-]){re.escape(choice.id)} (is|are) (missing|right)", output):
                    yield choice.id
                if len(choice.text) > 10 and flat(choice.text) in output:
                    yield choice.text
        for line in self.solution:
            if line in output and line not in given:
                yield line


@pytest.mark.parametrize("topic", BANK.topics())
def test_results_hold_no_key(topic: str, run: Sandbox) -> None:
    found = []
    for id in BANK.resolve([topic]):
        for seed, start, end in ((1, 0, 3), (2, 3, 5)):
            sought = Sought.of(make_variant(BANK.load(id), seed))
            for answers in responses(sought.variant, start, end):
                found += sought.leaks(answers, run)
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("topic", BANK.topics())
def test_results_hold_no_key_on_many_variants(topic: str, run: Sandbox) -> None:
    found = []
    for id in BANK.resolve([topic]):
        for seed in (None, *range(3, 12)):
            if seed is None and BANK.load(id).original is None:
                continue
            sought = Sought.of(make_variant(BANK.load(id), seed))
            for answers in responses(sought.variant, 0, 12):
                found += sought.leaks(answers, run)
    assert found == []


def test_the_search_finds_what_is_there(run: Sandbox) -> None:
    """A key put into the feedback, an option named as missing, a line of the solution."""
    variant = make_variant(BANK.load("cnn/conv-params"), 3)
    part = variant.parts[0]
    told = grade(variant, {part.id: "7"}, run=run).parts[0]
    sought = Sought.of(variant)
    for said in (*sought.keys[part.id], sought.solution[0]):
        assert list(sought.of_part(part, told, f"It is {said}.", ""))
        assert not list(sought.of_part(part, told, f"It is {said}.", said))
    facts = make_variant(BANK.load("batchnorm/facts"), 2)
    ticks = facts.parts[0]
    wrong = next(choice.id for choice in ticks.asked.choices if not choice.right)
    full = grade(facts, {ticks.id: wrong}, run=run).parts[0]
    assert list(Sought.of(facts).of_part(ticks, full, " ".join(full.feedback), ""))


# papers and sheets

SECRET = "0123456789abcdef0123456789abcdef"
STUDENTS = [f"student{number}@uni.edu" for number in range(4)]


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    drawn = Papers(BANK, Config("midterm", SECRET))
    return [drawn.of(email) for email in STUDENTS]


def test_papers_hold_no_key_no_code_and_no_seed(papers: list[Paper]) -> None:
    config = Config("midterm", SECRET)
    seeds = {str(config.seed_of(email)) for email in STUDENTS}
    seeds |= {str(one.variant.seed) for paper in papers for one in paper.questions}
    assert len(seeds) > len(STUDENTS) * 20 and max(map(int, seeds)) <= MAX_SEED
    for paper in papers:
        shown = flat(paper_text(paper) + sheet_text(paper))
        assert not [seed for seed in seeds if seed in shown]
        assert SECRET not in shown
        for one in paper.questions:
            assert one.variant.code not in shown and one.variant.problem.id not in shown
            for line in Sought.of(one.variant).solution:
                assert line not in shown, (one.variant.code, line)


def test_papers_name_no_reference(papers: list[Paper]) -> None:
    """Of a paper, each question is searched for its own references."""
    for paper in papers:
        for one in paper.questions:
            shown = flat(paper_text(paper._replace(questions=(one,))))
            for part, keys in Sought.of(one.variant).keys.items():
                assert not [form for form in keys if form in shown], (one.variant.code, part)


def test_each_student_has_numbers_of_their_own(papers: list[Paper]) -> None:
    codes = [one.variant.code for paper in papers for one in paper.questions]
    assert len(codes) == len(set(codes)) and len({paper.id for paper in papers}) == len(papers)
