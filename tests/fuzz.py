"""Any text is graded or refused: in time, in little memory, and with a place inside the text.

``make fuzz`` sends 1,000,000 texts through the engine: bytes, characters, tokens at random, and
real answers with pieces changed. Text number n is always the same, so that what is found can be
looked at again: ``python tests/fuzz.py --start n --count 1``.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import NamedTuple

import answers
from hostile import HOSTILE

from engine.grading import read_response
from engine.kinds import Asked, Choice, kind_of
from engine.language.axes import Mismatch
from engine.language.errors import Unreadable
from engine.language.exact import Value
from engine.language.symbols import parse_symbols
from engine.language.tokens import MAX_LENGTH

SECONDS = 2.0
MEGABYTES = 200
CHUNK = 500
EVERY = 10
"""One text in so many is also diagnosed where it is wrong."""


class Target(NamedTuple):
    """A part to answer: what is asked, the texts that are mutated, the keys compared with."""

    asked: Asked
    texts: tuple[str, ...]
    keys: tuple[Value, ...]


class Found(NamedTuple):
    """A text that is neither graded nor refused as it should be."""

    number: int
    kind: str
    text: str
    problem: str

    def __str__(self) -> str:
        return f"{self.number}  {self.kind}  {self.text!r}\n    {self.problem}"


class Tally(NamedTuple):
    """How many texts had which outcome, the slowest one, and what was found."""

    outcomes: Counter[str]
    slowest: tuple[float, int] = (0.0, 0)
    megabytes: float = 0.0
    found: tuple[Found, ...] = ()

    def __add__(self, other: object) -> Tally:
        assert isinstance(other, Tally)
        return Tally(
            self.outcomes + other.outcomes,
            max(self.slowest, other.slowest),
            max(self.megabytes, other.megabytes),
            self.found + other.found,
        )


# -- what is answered ------------------------------------------------------------------------

CHOICES = (Choice("a", "one", True), Choice("b", "two", False), Choice("c", "n + 1", False))
MORE = {
    "symbolic": (
        ("a, x>0, n:integer, y", "sqrt(x) y^n", "floor(n/2) + |y|", "e^(-x y)/(1 + a)", "x^a ln x"),
        ("x, y, p>0", "sigmoid(x) (1 - sigmoid(x))", "-(y ln p + (1 - y) ln(1 - p))", "n! x^2"),
    ),
    "matrix": (
        ("w:(1,F), X:(F,m), b:(1,1), y:(1,m)", "2/m (w X + b - y) X^T", "sum(w X - y, m)/m"),
        ("x:(1,m), W:(m,n), y:(1,n)", "(3/2 (tanh(x) W - y)^.5 W^T) ⊙ (1 - tanh^2 x)", "x W"),
    ),
    "integer": (("", "floor((15 - 5)/2) + 1", "9*9*3*32", "7,776"),),
}


@cache
def targets() -> tuple[Target, ...]:
    """The sections of the page of answers, and a few more parts."""
    found = [
        _target(section.kind, section.symbols, [case.typed for case in section.cases])
        for section in answers.sections()
    ]
    for kind, rows in MORE.items():
        found += [_target(kind, symbols, texts) for symbols, *texts in rows]
    choice = Asked("answer", "choice", (), CHOICES)
    choices = choice._replace(kind="choices")
    found.append(Target(choice, ("a", "two", "c)", "n + 1"), ("a",)))
    found.append(Target(choices, ("a, b", "a c", "none", "all"), (("a",),)))
    return tuple(found)


def _target(kind: str, symbols: str, texts: Sequence[str]) -> Target:
    asked = Asked("answer", kind, parse_symbols(symbols))
    keys = []
    for text in (*texts, asked.symbols[0].name if asked.symbols else "2"):
        try:
            key = read_response(text, asked).value
            kind_of(kind).judge(key, key, asked)
        except (Unreadable, Mismatch):
            continue
        keys.append(key)
    return Target(asked, tuple(texts), tuple(keys))


# -- texts -----------------------------------------------------------------------------------

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NAME = re.compile(r"[^\W\d]\w*")
_OPERATOR = re.compile(r"[-+*/^⊙@·]")
SIGNS = "+-*/^()[]{}|‖,;.=<>!%'_\\$& \t\n0123456789xyXmneTi·×÷−⊙√∛∞π∂Σ²³⁻ⁿᵀ₁ᵢ½⌊⌋⌈⌉≤≠ŷλσ\u0302\u200b"
WRAPPERS = (
    *(("(", ")"), ("|", "|"), ("sin(", ")"), ("-", ""), ("(", ")^2"), ("[", "]")),
    ("\\frac{", "}{2}"),
)
TOKENS = (
    "sin cos log exp sqrt abs sum mean norm max min if floor sigmoid diag ones dot T axis keepdims "
    "True and or x y w X A n m i z pi e inf lambda yhat dJ/dw_i w_1 E[w] np. .T ^T ' .* ** == >= "
    "!= || | ( ) [ ] { } , ; = + - * / ^ @ ! % 1 2 0 .5 1e9 1e-300 10^9 99999 \\frac{ \\sqrt \\hat "
    "\\sum_ \\left( \\right) _ _{ sum_i log_2 array( [[1,2],[3,4]] 6x6 error axis=1 .sum( .dot( ᵀ ²"
).split()


def text_of(number: int) -> tuple[Target, str]:
    """Text number n, and the part that it answers."""
    dice = random.Random(number)
    target = dice.choice(targets())
    make = dice.choices(_MAKERS, _WEIGHTS)[0]
    return target, make(dice, target)


def _bytes(dice: random.Random, target: Target) -> str:
    raw = dice.randbytes(dice.randint(1, 40))
    return raw.decode(dice.choice(("utf-8", "latin-1")), "replace")


def _characters(dice: random.Random, target: Target) -> str:
    highest = dice.choice((0x7F, 0x2FF, 0xFFFF, 0x10FFFF))
    return "".join(chr(dice.randint(0, highest)) for _ in range(dice.randint(1, 30)))


def _signs(dice: random.Random, target: Target) -> str:
    return "".join(dice.choices(SIGNS, k=dice.randint(1, 40)))


def _tokens(dice: random.Random, target: Target) -> str:
    space = dice.choice(("", " "))
    return space.join(dice.choices(TOKENS, k=dice.randint(1, 25)))


def _mutated(dice: random.Random, target: Target) -> str:
    text = dice.choice(target.texts)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 4))):
        text = dice.choice(_MUTATIONS)(dice, text, target)[:MAX_LENGTH]
    return text


def _hostile(dice: random.Random, target: Target) -> str:
    text = dice.choice(HOSTILE)[0][: dice.choice((20, 200, MAX_LENGTH))]
    return dice.choice(_MUTATIONS)(dice, text, target)


_MAKERS = (_bytes, _characters, _signs, _tokens, _mutated, _hostile)
_WEIGHTS = (6, 6, 8, 12, 66, 2)


def _place(dice: random.Random, text: str) -> tuple[int, int]:
    start = dice.randint(0, len(text))
    return start, min(len(text), start + dice.choice((0, 1, 1, 2, 5)))


def _deleted(dice: random.Random, text: str, target: Target) -> str:
    start, end = _place(dice, text)
    return text[:start] + text[end:]


def _doubled(dice: random.Random, text: str, target: Target) -> str:
    start, end = _place(dice, text)
    return text[:end] + text[start:end] * dice.choice((1, 1, 1, 2, 30)) + text[end:]


def _with_sign(dice: random.Random, text: str, target: Target) -> str:
    start, end = _place(dice, text)
    return text[:start] + dice.choice(SIGNS) + text[dice.choice((start, end)) :]


def _with_token(dice: random.Random, text: str, target: Target) -> str:
    start, end = _place(dice, text)
    return text[:start] + dice.choice(TOKENS) + text[dice.choice((start, end)) :]


def _spliced(dice: random.Random, text: str, target: Target) -> str:
    other = dice.choice(target.texts)
    return text[: dice.randint(0, len(text))] + other[dice.randint(0, len(other)) :]


def _from_elsewhere(dice: random.Random, text: str, target: Target) -> str:
    other = dice.choice(dice.choice(targets()).texts)
    at = dice.randint(0, len(text))
    return text[:at] + other + text[at:]


def _wrapped(dice: random.Random, text: str, target: Target) -> str:
    before, after = dice.choice(WRAPPERS)
    return before + text + after


def _other_number(dice: random.Random, text: str, target: Target) -> str:
    others = ["0", "1", "2", "3", "7", "0.5", "10", "99", "1e9", "1e-9"]
    return _replaced(dice, text, _NUMBER, [*others, str(dice.randint(0, 10**6))])


def _other_name(dice: random.Random, text: str, target: Target) -> str:
    return _replaced(dice, text, _NAME, [symbol.name for symbol in target.asked.symbols] or "e")


def _other_operator(dice: random.Random, text: str, target: Target) -> str:
    return _replaced(dice, text, _OPERATOR, "+-*/^ ⊙@·")


def _replaced(
    dice: random.Random, text: str, pattern: re.Pattern[str], others: Sequence[str]
) -> str:
    """One of the places that fit a pattern with something else in it."""
    places = list(pattern.finditer(text))
    if not places:
        return text
    found = dice.choice(places)
    return text[: found.start()] + dice.choice(others) + text[found.end() :]


def _applied(dice: random.Random, text: str, target: Target) -> str:
    """Two answers joined, or a function of one."""
    other = dice.choice(target.texts)
    joint = dice.choice((" + ", " - ", "*", "/", " ⊙ ", "^", " ", ", "))
    function = dice.choice(TOKENS)
    both = (f"({text}){joint}({other})", f"{text}{joint}{other}")
    return dice.choice((*both, f"{function}({text})"))


def _other_case(dice: random.Random, text: str, target: Target) -> str:
    return text.swapcase()


def _strange(dice: random.Random, text: str, target: Target) -> str:
    at = dice.randint(0, len(text))
    return text[:at] + chr(dice.randint(0, 0x10FFFF)) + text[at:]


_MUTATIONS: tuple[Callable[[random.Random, str, Target], str], ...] = (
    *(_deleted, _doubled, _with_sign, _with_sign, _with_token, _with_token, _spliced),
    *(_from_elsewhere, _wrapped, _other_case, _strange),
    *(_other_number, _other_name, _other_operator, _applied) * 4,
)


# -- what must hold --------------------------------------------------------------------------


def checked(number: int) -> tuple[str, Found | None]:
    """How text number n fared: an outcome, and what is wrong with that."""
    target, text = text_of(number)
    asked = target.asked
    started = time.process_time()
    try:
        with limit(SECONDS):
            outcome, problem = _outcome(number, target, text)
    except Exception as error:  # whatever it is, it shouldn't come out
        outcome, problem = "broken", f"{type(error).__name__}: {error}"
    passed = time.process_time() - started
    if passed > SECONDS and not problem:
        problem = f"took {passed:.1f} s"
    return outcome, Found(number, asked.kind, text, problem) if problem else None


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError after so much work: what else the machine does isn't counted."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still at work after {seconds:.0f} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _outcome(number: int, target: Target, text: str) -> tuple[str, str]:
    asked, kind = target.asked, kind_of(target.asked.kind)
    try:
        reading = read_response(text, asked)
    except Unreadable as error:
        inside = 0 <= error.start <= error.end <= len(text)
        return "refused", "" if inside else f"at {error.start}–{error.end}: {error.message}"
    key = target.keys[number % len(target.keys)]
    try:
        judgement = kind.judge(reading.value, key, asked)
    except Unreadable:
        return "refused", ""
    if judgement.share != 1 and number % EVERY == 0:
        kind.slip(reading.value, key, asked)
    outcome = "correct" if judgement.share == 1 else "incorrect"
    misfit = judgement.slip == "shapes-differ"
    return outcome, "" if misfit else _misread(reading.read_as, asked)


def _misread(echo: str, asked: Asked) -> str:
    """What an expression is echoed as reads back the same."""
    if asked.kind not in ("symbolic", "matrix") or len(echo) > MAX_LENGTH:
        return ""
    try:
        again = read_response(echo, asked).read_as
    except Unreadable as error:
        return "" if "more than" in error.message else f"echoed as {echo}: {error.message}"
    return "" if again == echo else f"echoed as {echo}, which reads as {again}"


def run(numbers: range) -> Tally:
    """A stretch of texts, one after another."""
    targets()
    before = _megabytes()
    outcomes: Counter[str] = Counter()
    slowest, found = (0.0, 0), []
    for number in numbers:
        started = time.process_time()
        outcome, problem = checked(number)
        slowest = max(slowest, (time.process_time() - started, number))
        outcomes[outcome] += 1
        found += [problem] if problem else []
        if _megabytes() - before > MEGABYTES:
            target, text = text_of(number)
            grown = f"{_megabytes() - before:.0f} MB more"
            found.append(Found(number, target.asked.kind, text, grown))
            before = _megabytes()
    return Tally(outcomes, slowest, _megabytes() - before, tuple(found))


def _megabytes() -> float:
    """The most memory that this process has held."""
    unit = 1024 if sys.platform != "darwin" else 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def chunks(start: int, count: int) -> Iterator[range]:
    for first in range(start, start + count, CHUNK):
        yield range(first, min(first + CHUNK, start + count))


def main() -> None:
    """Run a stretch in parallel, printing progress, what was found, and a summary."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--start", type=int, default=0)
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = options.parse_args()
    total, done, started = Tally(Counter()), 0, time.monotonic()
    with ProcessPoolExecutor(given.processes) as pool:
        stretches = list(chunks(given.start, given.count))
        for stretch, tally in zip(stretches, pool.map(run, stretches), strict=True):
            total, done = total + tally, done + len(stretch)
            for found in tally.found:
                print(found, flush=True)
            if done % (20 * CHUNK) < len(stretch):
                rate = done / (time.monotonic() - started)
                print(f"{done:,} of {given.count:,}, {rate:.0f} a second", flush=True)
    print(summary(total, time.monotonic() - started))
    sys.exit(1 if total.found else 0)


def summary(tally: Tally, seconds: float) -> str:
    """What came of it, in a line or two."""
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(tally.outcomes.items()))
    slowest, number = tally.slowest
    return (
        f"{sum(tally.outcomes.values()):,} texts in {seconds:.0f} s: {counts}\n"
        f"slowest {1000 * slowest:.0f} ms (text {number}), {tally.megabytes:.0f} MB more, "
        f"{len(tally.found)} found"
    )


if __name__ == "__main__":
    main()
