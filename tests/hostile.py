"""What tests of bad input share: an alarm instead of a hang, and texts made to do harm."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from engine.language.errors import Unreadable

SECONDS = 2.0


@contextmanager
def alarm(seconds: float = SECONDS) -> Iterator[None]:
    """Fail where what stands inside takes longer, in processor time: a busy machine is no hang."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"still at work after {seconds} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def refusal(reader: Callable[..., Any], *given: Any, **options: Any) -> Unreadable | None:
    """Why a text isn't read; None where it is. Any other exception passes through."""
    try:
        reader(*given, **options)
    except Unreadable as error:
        return error
    return None


# Read or refused by every kind of part, in time and with a place inside the text.
HOSTILE = [
    ("__import__('os').system('x')", "code"),
    ("().__class__.__bases__[0].__subclasses__()", "a way out of a sandbox"),
    ("exec('1')", "code"),
    ("lambda: 0", "a keyword"),
    ("f'{1}'", "a formatted string"),
    ("10**10**10", "a tower of powers"),
    ("9^9^9^9", "a tower of powers"),
    ("2^(2^(2^40))", "an exponent that would fill the memory"),
    ("2^(2^(2^(2^20)))", "and one more"),
    ("x^(10^5)", "a high degree"),
    ("10^4000", "thousands of digits"),
    ("10^4000 + 0.5^0.5", "beyond floats"),
    ("1e9999", "the largest power of ten"),
    ("1e9999 - 1e-9999", "and the smallest"),
    ("1e99999", "beyond the limit"),
    ("2000!", "a long factorial"),
    ("(10^9)!", "a factorial beyond the limit"),
    ("9!!!!!!!!", "factorials of factorials"),
    ("round(x, 10^9)", "a billion decimals"),
    ("round(1.5, 10^9)", "a billion decimals"),
    ("round(1.5, -10^9)", "a billion zeros"),
    ("mod(inf, inf)", "no number"),
    ("inf - inf", "no number"),
    ("0/0", "no number"),
    ("tan(1e9999)", "a huge angle"),
    ("log(0)", "a pole"),
    ("sum(5, 1)", "an axis of a number"),
    ("-ones(7, 1e9)", "an array that would fill the memory"),
    ("ones(3000, 3000)", "millions of entries"),
    ("ones(inf, 1e9999)", "an endless axis"),
    (f"sum(diag([{'1, ' * 3_000}1]))", "a list as a huge diagonal"),
    ("min()", "nothing to choose from"),
    ("item([1], 2)", "an author's function"),
    ("9" * 1_001, "more than 1,000 digits"),
    ("9" * 9_999, "10,000 digits"),
    ("0." + "1" * 9_000, "10,000 decimals"),
    ("x" * 10_001, "more than 10,000 characters"),
    ("x" * 10_000, "one long word"),
    ("x" * 60, "sixty symbols in one word"),
    ("sin" * 3_000, "one long word of functions"),
    ("sin " * 2_000 + "x", "functions without brackets"),
    ("√" * 5_000 + "4", "root signs"),
    ("(" * 10_000, "brackets that open"),
    (")" * 10_000, "brackets that close"),
    ("(" * 4_999 + "x" + ")" * 4_999, "brackets in brackets"),
    ("[" * 10_000, "square brackets"),
    ("{" * 10_000, "curly brackets"),
    ("[" * 4_999 + "1" + "]" * 4_999, "lists in lists"),
    ("|" * 10_000, "bars"),
    ("|x" * 30, "bars that pair in many ways"),
    ("|x" * 29 + "|(", "bars that never pair"),
    ("|" + "(" * 4_900 + "x" + ")" * 4_900 + "|", "bars around brackets"),
    ("⌊" * 10_000, "floors"),
    ("-" * 9_999 + "x", "signs"),
    ("x" + "!" * 9_999, "exclamation marks"),
    ("x" + "'" * 9_999, "primes"),
    ("x" + "%" * 9_999, "percent signs"),
    ("x" + "+x" * 4_999, "a long sum"),
    ("x" + "^x" * 4_999, "a tower"),
    ("2" + "^2" * 4_999, "a tower of numbers"),
    ("x²" * 5_000, "a long product"),
    ("½" * 5_000, "fractions side by side"),
    ("²" * 5_000, "raised digits"),
    ("₁" * 5_000, "lowered digits"),
    ("sin^-(" * 1_600, "exponents of functions"),
    ("sin^-1(x+1+" * 900, "inverse functions"),
    ("if(" * 3_000, "conditions"),
    ("1," * 5_000, "commas"),
    (", " * 5_000, "commas with nothing between"),
    ("1;" * 5_000, "rows"),
    ("1 " * 5_000, "numbers side by side"),
    ("[1]," * 2_500, "rows in brackets"),
    ("6x" * 5_000, "a shape of 5,000 axes"),
    ("1,000" * 2_000, "grouped digits"),
    ("1." * 5_000, "points"),
    ("." * 10_000, "points alone"),
    ("=" * 10_000, "equals signs"),
    ("x=" * 5_000, "equations"),
    ("x<" * 5_000 + "x", "relations"),
    ("\\frac{" * 1_600, "LaTeX fractions"),
    ("$" * 10_000, "dollar signs"),
    (" " * 9_999 + "q", "spaces in front"),
    ("(" + " " * 9_998 + "q", "spaces in a bracket"),
    ("6x6" + " " * 9_000 + "q", "spaces behind a shape"),
    ("6x" + " " * 9_000 + "q", "spaces in a shape"),
    ("\n" * 9_999 + "q", "empty lines"),
    ("\0", "a NUL"),
    ("x\0", "a NUL behind a symbol"),
    ("\ud800", "half of a character"),
    ("x + \udfff", "half of a character in a sum"),
    ("\u202ex", "right to left"),
    ("1\u202e2", "right to left between digits"),
    ("\u0302" * 5_000, "hats on nothing"),
    ("x\u0302" * 5_000, "hats"),
    ("\u200b" * 5_000, "spaces that can't be seen"),
    ("\U0010ffff", "no character"),
    ("٣ + ٤", "Arabic digits"),
    ("௰", "a Tamil ten"),
    ("①", "a number in a circle"),
    ("+".join(["sin(x)!"] * 190), "costly functions"),
    ("(" + ")+(".join(["+".join(["x!"] * 45)] * 40) + ")", "thousands of factorials"),
    ("+".join(["sin(x)^2 + cos(x)^2"] * 60) + " - 60", "a long way of writing 0"),
]
