"""The draws: how many are thrown away and why, whether variants differ, how large answers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from engine.language.errors import Undefined
from engine.language.exact import Value
from engine.lint.drawn import CLASH, CONDITION, Drawn, Rejected, most_frequent
from engine.lint.remark import WARNING, Remark, Tally
from engine.text import linear
from engine.values import flatten
from engine.variant import Variant

WASTEFUL = 0.9
"""The share of draws thrown away from which on the ranges are too wide."""
SELF_DEFEATING = 0.5
"""The share of draws on which a misconception may give the right answer."""
DISTINCT = 10
LARGEST, SMALLEST = Fraction(10**12), Fraction(1, 10**12)


def conditions_leave_enough(seen: Drawn) -> Iterator[Remark]:
    """Not too many draws are thrown away, and none because an answer has no value."""
    if not seen.variants:
        return
    lost = len(seen.rejected)
    worst = most_frequent(seen.rejected) if lost else None
    if worst is not None and worst.reason == CONDITION and lost / seen.attempts > WASTEFUL:
        message = (
            f"{lost:,} of {seen.attempts:,} draws are thrown away; most often: {worst.reason}; "
            "narrow the ranges so that more draws are fit"
        )
        yield Remark(worst.trail, message, WARNING)
    counts = Counter(one.trail for one in seen.rejected)
    reasons: dict[tuple[str, ...], Rejected] = {}
    for one in seen.rejected:
        reasons.setdefault(one.trail, one)
    for trail, count in counts.items():
        yield from _told(seen, reasons[trail], count)


def _told(seen: Drawn, one: Rejected, count: int) -> Iterator[Remark]:
    often = f"on {count:,} of {seen.attempts:,} draws"
    if one.reason == CLASH:
        if count / seen.attempts > SELF_DEFEATING:
            message = f"this gives the right answer {often}: say under `when` where it applies"
            yield Remark(one.trail, message, WARNING)
    elif one.trail[-1] == "options":
        if count / seen.attempts > WASTEFUL:
            message = f"{one.reason} {often}: change the conditions or the ranges"
            yield Remark(one.trail, message, WARNING)
    elif one.reason != CONDITION:
        why = one.reason.rstrip(".")
        message = f"this has no value {often}: {why}; rule such draws out under `require`"
        yield Remark(one.trail, message, WARNING)


def variants_differ(seen: Drawn) -> Iterator[Remark]:
    """Different seeds show different questions, or ask for different answers."""
    if not seen.variants:
        return
    needed = min(DISTINCT, -(-seen.seeds // 4))
    found = len({_face(variant) for variant in seen.variants})
    if found < needed:
        times = "only one variant" if found == 1 else f"only {found} different variants"
        message = f"{times} on {len(seen.variants)} seeds: let more vary, or vary it further"
        yield Remark(("parameters",), message, WARNING)


def _face(variant: Variant) -> str:
    """All that tells two variants apart for a student."""
    parts = [(part.id, linear(part.asked.ask), part.asked.choices, str(part.reference))
             for part in variant.parts]  # fmt: skip
    return f"{linear(variant.question)}\0{parts}"


def values_are_of_a_size(seen: Drawn) -> Iterator[Remark]:
    """Answers are numbers that a person can write down."""
    tally = Tally(seen.variants)
    for variant in seen.variants:
        for part in variant.parts:
            if part.asked.kind not in ("number", "integer", "array"):
                continue
            trail = (*part.plan.trail, "answer")
            for number in _numbers(part.reference):
                size = max(number, -number)
                if size > LARGEST:
                    tally.add(variant, trail, "the answer is larger than 10^12", WARNING)
                elif 0 < size < SMALLEST:
                    tally.add(variant, trail, "the answer is closer to 0 than 10^-12", WARNING)
    yield from tally.remarks()


def is_of_a_size(number: Fraction | float) -> bool:
    """Whether a person can write a number down."""
    return number == 0 or SMALLEST <= max(number, -number) <= LARGEST


def _numbers(value: Value) -> list[Fraction | float]:
    try:
        return flatten(value)
    except Undefined:
        return []
