"""Slips named and silences kept: the table of cases, random answers, limits of size and time."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from flint import arb, fmpq

from engine.diagnosis import diagnose, diagnose_number
from engine.diagnosis.changes import changes
from engine.diagnosis.enclosures import Enclosures
from engine.equality import equal
from engine.equality.fields import NotComparable
from engine.kinds import Asked, kind_of
from engine.language.axes import Mismatch, typed
from engine.language.errors import Undefined
from engine.language.exact import Value, as_number, evaluate
from engine.language.parser import read
from engine.language.printer import one_line
from engine.language.scope import Scope
from engine.language.symbols import Symbol, parse_symbols
from engine.language.tree import Binary, Call, Name, Node, Number, names
from engine.template import REFERENCES
from engine.variant import make_variant
from engine.verdict import Diagnosis
from tutor.bank.bank import Bank

BANK = Bank([Path(__file__).parent.parent / "problems"])
CASES = Path(__file__).parent / "diagnosis_cases.txt"
SILENCE = "-"
LEAST_NAMED = 0.95
"""The share of the slips in the table that must be named; none may be misnamed."""
MOST_BY_CHANCE = 0.01
MOST_NUMBERS_BY_CHANCE = {"integers": 0.10, "numbers": 0.05}
"""The shares of random wrong answers that may be explained."""
LONGEST = 140
SLOW = 10
"""How much slower than the machine that the limits of time are for a test may run."""


class Case(NamedTuple):
    """A row of the table, with the section that it stands in."""

    section: str
    reference: str
    answer: str
    kind: str
    words: str
    reason: str
    line: int


@cache
def cases() -> tuple[Case, ...]:
    """The rows of the table."""
    return tuple(rows())


def rows() -> Iterator[Case]:
    """The rows of the table, one by one."""
    section = reference = ""
    for number, line in enumerate(CASES.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("=="):
            section = line[2:].strip()
        elif line and not line.startswith("#"):
            first, answer, kind, words, reason = (part.strip() for part in line.split(";", 4))
            reference = reference if first == '"' else first
            yield Case(section, reference, answer, kind, words, reason, number)


@cache
def said() -> tuple[tuple[Case, Diagnosis | None], ...]:
    """The rows with what the engine says about each."""
    return tuple((case, diagnosed(case)) for case in cases())


def diagnosed(case: Case) -> Diagnosis | None:
    """What the engine says about a row."""
    if case.section == "problem":
        return of_problem(case.reference, case.answer)
    kind, _, values = case.section.partition(":")
    if kind in ("integers", "numbers"):
        return of_number(kind.removesuffix("s"), values, case.reference, case.answer)
    symbols = parse_symbols(case.section)
    scope = Scope(symbols)
    return diagnose(read(case.reference, scope), read(case.answer, scope), symbols)


def of_number(kind: str, values: str, reference: str, answer: str) -> Diagnosis | None:
    """The diagnosis of a number given by an expression in parameters."""
    pairs = (pair.split("=") for pair in values.split(","))
    known: dict[str, Value] = {name.strip(): Fraction(value.strip()) for name, value in pairs}
    scope = Scope([Symbol(name) for name in known])
    asked = Asked("answer", kind)
    value = kind_of(kind).read(answer, asked).value

    def agrees(changed: Fraction) -> bool:
        return kind_of(kind).same(value, changed, asked)

    return diagnose_number(read(reference, scope), known, agrees)


def of_problem(part: str, answer: str) -> Diagnosis | None:
    """The diagnosis of an answer to a problem of the bank, authored slips aside."""
    code, _, name = part.partition(":")
    id, _, seed = code.partition("@")
    variant = make_variant(BANK.load(id), None if seed == "original" else int(seed))
    asked = variant.part(name)
    value = kind_of(asked.asked.kind).read(answer, asked.asked).value
    earlier = {p.id: p.reference for p in variant.parts[: variant.parts.index(asked)]}
    return variant.diagnose(asked, value, earlier)


# -- the table ---------------------------------------------------------------------------------


def test_the_table_is_large_and_a_quarter_of_it_silence() -> None:
    silent = [case for case in cases() if case.kind == SILENCE]
    assert len(cases()) >= 320
    assert 0.2 < len(silent) / len(cases()) < 0.3
    assert all(case.words or case.kind == SILENCE for case in cases())


def test_slips_are_named_and_none_is_misnamed(capsys: pytest.CaptureFixture[str]) -> None:
    slips = [(case, found) for case, found in said() if case.kind != SILENCE]
    named = [(case, found) for case, found in slips if found and found.kind == case.kind]
    misnamed = [(case, found) for case, found in said() if found and found.kind != case.kind]
    kept = len(said()) - len(slips) - sum(case.kind == SILENCE for case, _ in misnamed)
    with capsys.disabled():
        print(
            f"\n{len(said())} rows: {len(named)} of {len(slips)} slips named "
            f"({len(named) / len(slips):.1%}), {len(misnamed)} misnamed, "
            f"{kept} of {len(said()) - len(slips)} silences kept"
        )
    assert not misnamed
    assert len(named) >= LEAST_NAMED * len(slips)
    off = [(c.line, d.text) for c, d in named if d and not re.search(c.words, d.text, re.I)]
    assert not off


def test_texts_are_one_short_sentence() -> None:
    for _, found in said():
        if found is not None:
            assert found.text.endswith("."), found
            assert found.text.count(". ") == 0, found
            assert len(found.text) <= LONGEST, found


def test_no_text_holds_the_right_answer() -> None:
    for case, found in said():
        if found is not None and is_expression(case):
            key = one_line(read(case.reference, Scope(parse_symbols(case.section))))
            assert key not in found.text, (case, found)


def is_expression(case: Case) -> bool:
    """Whether a row is about expressions, not numbers or a problem of the bank."""
    return not case.section.startswith(("problem", "integers", "numbers"))


def expressions() -> list[Case]:
    """The rows about expressions."""
    return list(filter(is_expression, cases()))


@pytest.mark.parametrize(
    ("reference", "answer", "text"),
    [
        ("2x y + y z", "x y + y z", "The factor 2 is missing in x·y."),
        ("2x y + y z", "y z + y x", "The factor 2 is missing in y·x."),
        (
            "z + e^(2x) 2",
            "z + e^(2x)",
            "The inner derivative 2 is missing (chain rule) in e^(2·x).",
        ),
        ("3(x + 1) + z", "3x + z", "+ 1 is forgotten."),
    ],
)
def test_the_place_is_told_as_the_student_wrote_it(reference: str, answer: str, text: str) -> None:
    found = diagnosed(Case("x, y, z", reference, answer, "", "", "", 0))
    assert found is not None and found.text == text


def test_what_does_not_fit_together_is_told_by_its_writing() -> None:
    section = "w:(1,F), X:(F,m), y:(1,m), yhat:(1,m)"
    for answer in (
        "2/m (yhat - y) X",
        "(yhat - y) (2/m) X",
        "2(yhat - y) X/m",
        "2/m·(−y + yhat) @ X",
    ):
        found = diagnosed(Case(section, "2/m (yhat - y) X^T", answer, "", "", "", 0))
        assert found == Diagnosis("transpose", "The transpose of X is missing."), answer


# -- random wrong answers ----------------------------------------------------------------------


def test_random_expressions_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(1)
    references = sorted({(case.section, case.reference) for case in expressions()})
    asked, told = 0, list[tuple[str, str, str]]()
    for section, reference in draw.sample(references, 30):
        symbols = parse_symbols(section)
        key = read(reference, Scope(symbols))
        for answer in wrong_expressions(key, symbols, draw):
            asked += 1
            found = diagnose(key, answer, symbols)
            if found is not None:
                told.append((reference, one_line(answer), found.text))
    with capsys.disabled():
        print(f"\n{asked} random expressions: {len(told)} explained, each truly one step away")
    assert asked == 1_500
    assert len(told) <= MOST_BY_CHANCE * asked, told


def wrong_expressions(
    key: Node, symbols: tuple[Symbol, ...], draw: random.Random, count: int = 50
) -> Iterator[Node]:
    """Expressions in the reference's symbols that fit together and aren't equal to it."""
    declared = {symbol.name: symbol for symbol in symbols}
    while count:
        answer = random_expression(sorted(names(key)), draw, 3)
        try:
            wrong = equal(typed(answer, declared).node, typed(key, declared).node, symbols)
        except (Mismatch, NotComparable, ValueError):
            continue
        if wrong.same is False and isinstance(answer, Binary | Call):
            count -= 1
            yield answer


def random_expression(symbols: list[str], draw: random.Random, depth: int) -> Node:
    """Sums, products, powers and functions of some symbols and small numbers."""
    kind = draw.random()
    if depth == 0 or kind < 0.2:
        return Name(draw.choice(symbols)) if draw.random() < 0.8 else whole(draw.choice((1, 2, 3)))
    inner = random_expression(symbols, draw, depth - 1)
    if kind < 0.8:
        other = random_expression(symbols, draw, depth - 1)
        return Binary(draw.choice("+-**/"), inner, other, written="·")
    if kind < 0.9:
        return Binary("^", inner, whole(2))
    return Call(draw.choice(("exp", "log", "sqrt", "sigmoid", "tanh")), (inner,))


def whole(value: int) -> Number:
    """A whole number."""
    return Number(Fraction(value), str(value))


def test_random_numbers_are_seldom_explained(capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(2)
    given = {(case.section, case.reference) for case in cases()} - {
        (case.section, case.reference) for case in expressions()
    }
    asked, told = {"integers": 0, "numbers": 0}, {"integers": 0, "numbers": 0}
    for section, reference in sorted(given):
        kind, _, values = section.partition(":")
        if kind not in asked:
            continue
        for answer in wrong_numbers(kind, values, reference, draw):
            asked[kind] += 1
            told[kind] += of_number(kind.removesuffix("s"), values, reference, answer) is not None
    with capsys.disabled():
        print(f"\n{asked} random numbers: {told} explained")
    for kind, most in MOST_NUMBERS_BY_CHANCE.items():
        assert told[kind] <= most * asked[kind]


def wrong_numbers(kind: str, values: str, reference: str, draw: random.Random) -> Iterator[str]:
    """Whole numbers up to twice the right one, or three digits up to five times off."""
    known = {n.strip(): Fraction(v.strip()) for n, v in (p.split("=") for p in values.split(","))}
    right = float(as_number(evaluate(read(reference, Scope(map(Symbol, known))), known)))
    for _ in range(50):
        if kind == "integers":
            answer = str(draw.randint(1, max(4, int(2 * right))))
        else:
            answer = f"{right * 5 ** draw.uniform(-1, 1):.3g}"
        if abs(float(answer) / right - 1) > 0.006:
            yield answer


# -- limits ------------------------------------------------------------------------------------

SYMBOLS = parse_symbols("x, y, z, w, v, u")


@pytest.mark.parametrize(
    "text",
    [
        "+".join(f"{'xyzwvu'[i % 6]}^{i % 5 + 2}" for i in range(190)),
        "·".join(f"{'xyzwvu'[i % 6]}^{i % 5 + 2}" for i in range(190)),
        "sin(" * 190 + "x" + ")" * 190,
        "1/(1+" * 95 + "x" + ")" * 95,
        "(x + y)^2·" * 60 + "z",
        "+".join(f"{i + 2}x·y·z·(w + v)/(u^2 + v)" for i in range(20)),
    ],
    ids=["sum", "product", "functions", "fractions", "powers", "terms"],
)
def test_long_and_deep_expressions_are_passed_over(text: str) -> None:
    scope = Scope(SYMBOLS)
    long, short = read(text, scope), read("x y", scope)
    started = time.perf_counter()
    for reference, answer in ((long, long), (long, short), (short, long)):
        diagnose(reference, answer, SYMBOLS)
    assert time.perf_counter() - started < 0.06 * SLOW


@pytest.mark.parametrize("answer", ["0", "x - x", "1", "y"])
def test_hollow_answers_are_left_alone(answer: str) -> None:
    assert diagnosed(Case("x, y", "2x e^(x^2) - y x", answer, "", "", "", 0)) is None


def test_time(capsys: pytest.CaptureFixture[str]) -> None:
    first, again = [], []
    for case in expressions():
        if case.answer:
            first.append(seconds(lambda case=case: diagnosed(case)))
            again.append(seconds(lambda case=case: diagnosed(case)))
    with capsys.disabled():
        print(
            f"\nagain {median(again) * 1e3:.2f} ms, p99 {worst(again) * 1e3:.1f} ms; "
            f"slowest at first {max(first) * 1e3:.0f} ms"
        )
    assert median(again) < 0.003
    assert worst(first) < 0.06 * SLOW


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def worst(times: list[float]) -> float:
    """The time that one call in a hundred exceeds."""
    return sorted(times)[-max(1, len(times) // 100)]


def test_enclosures_hold_what_is_computed() -> None:
    held = 0
    for id in BANK.ids():
        variant = make_variant(BANK.load(id), 3)
        for part in variant.parts:
            if part.asked.kind not in ("number", "integer") or not part.plan.part.answer:
                continue
            tree, known = variant.expression(part)
            numbers = {n: Symbol(n) for n, v in known.items() if isinstance(v, Fraction | float)}
            trees = [change.tree for change in changes(tree, numbers)]
            for changed, enclosed in zip(trees, Enclosures(known).of(trees), strict=True):
                try:
                    value = Fraction(as_number(evaluate(changed, known, REFERENCES)))
                except (Undefined, OverflowError, TypeError):
                    continue
                if enclosed is not None:
                    held += 1
                    exact = arb(fmpq(value.numerator, value.denominator))
                    assert enclosed.overlaps(exact), (id, part.id, one_line(changed))
    assert held > 5_000
