"""How soon and how rightly two expressions are compared, beside what others would use.

One set of pairs out of the tests' tables, which say what is right. The engine reads two texts and
compares them. SymPy gets finished expressions and only decides. Math-Verify reads LaTeX that SymPy
wrote, as its users do. Nobody gets more than five seconds a pair.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any, NamedTuple

from hostile import alarm

SECONDS = 5.0


class Pair(NamedTuple):
    """Two texts in declared symbols, and whether they are equal."""

    left: str
    right: str
    symbols: str
    same: bool


class Given(NamedTuple):
    """A pair with what the others are given: SymPy's expressions and LaTeX."""

    pair: Pair
    sides: tuple[Any, Any]
    latex: tuple[str, str]


class Result(NamedTuple):
    """One way of comparing: seconds a pair, how many verdicts were right, how many hung."""

    name: str
    seconds: tuple[float, ...]
    right: int
    hangs: int


Compare = Callable[[Given], bool | None]


def pairs() -> Iterator[Pair]:
    """Scalar pairs of the tables of equality and of readings, where the table is certain."""
    import test_equality
    import test_reading_cases

    for left, right, same, _ in test_equality.PAIRS:
        if same is not None:
            yield Pair(left, right, test_equality.SPEC, same)
    for typed, symbols, key, _ in test_reading_cases.SAME:
        yield Pair(typed, key, symbols, True)
    for typed, symbols, key, _ in test_reading_cases.DIFFERENT:
        yield Pair(typed, key, symbols, False)


def prepared() -> list[Given]:
    """The pairs that SymPy has expressions for."""
    import sympy

    from engine.kinds.symbolic import scope_of
    from engine.language.algebra import NotAlgebraic, to_sympy
    from engine.language.parser import read
    from engine.language.symbols import parse_symbols

    found = []
    for pair in pairs():
        symbols = parse_symbols(pair.symbols)
        declared = {symbol.name: symbol for symbol in symbols}
        trees = [read(text, scope_of(symbols)) for text in (pair.left, pair.right)]
        try:
            left, right = (to_sympy(tree, declared) for tree in trees)
            latex = (f"${sympy.latex(left)}$", f"${sympy.latex(right)}$")
        except (NotAlgebraic, ValueError):
            continue
        found.append(Given(pair, (left, right), latex))
    return found


def ours(given: Given) -> bool | None:
    from engine.comparison import compare

    pair = given.pair
    verdict = compare(pair.left, pair.symbols, pair.right).parts[0].verdict
    return None if verdict == "invalid" else verdict == "correct"


def by_simplify(given: Given) -> bool | None:
    import sympy

    left, right = given.sides
    return bool(sympy.simplify(left - right) == 0)


def by_equals(given: Given) -> bool | None:
    left, right = given.sides
    same: bool | None = left.equals(right)
    return same


def by_math_verify(given: Given) -> bool | None:
    from math_verify import parse, verify

    gold, answer = (parse(text, parsing_timeout=None, raise_on_error=True) for text in given.latex)
    if not gold or not answer:
        return None
    return bool(verify(gold, answer, timeout_seconds=None, raise_on_error=True))


WAYS: tuple[tuple[str, Compare], ...] = (
    ("exam-tutor, compare", ours),
    ("SymPy, simplify(a - b) == 0", by_simplify),
    ("SymPy, Expr.equals", by_equals),
    ("Math-Verify", by_math_verify),
)


def measured(name: str, way: Compare, rows: list[Given]) -> Result:
    """One way on all pairs; what raises or takes too long isn't right."""
    from sympy.core.cache import clear_cache

    taken, right = [], 0
    for given in rows:
        clear_cache()
        started = time.perf_counter()
        try:
            with alarm(SECONDS), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                right += way(given) is given.pair.same
        except Exception:  # whatever they raise is no verdict
            right += False
        taken.append(time.perf_counter() - started)
    return Result(name, tuple(taken), right, sum(seconds >= SECONDS for seconds in taken))


def table() -> Iterator[str]:
    """The lines of the table, each as soon as it is known."""
    import logging

    logging.disable(logging.ERROR)
    rows = prepared()
    yield f"Two expressions compared, {len(rows)} pairs, {SECONDS:.0f} seconds a pair at most\n"
    yield "Right is what the tables say, who hold with agreement wherever both sides are defined.\n"
    yield f"{'':30}{'median':>10}{'p99':>11}{'worst':>11}{'right':>9}{'hangs':>7}{'ratio':>8}"
    base = 0.0
    for name, way in WAYS:
        try:
            way(rows[0])  # once unmeasured: libraries are imported
        except ImportError:
            yield f"{name:30}  not installed: pip install '.[bench]'"
            continue
        result = measured(name, way, rows)
        base = base or median(result.seconds)
        yield line(result, base, len(rows))


def line(result: Result, base: float, count: int) -> str:
    """One row: times in milliseconds, and the ratio of the medians to the first row's."""
    middle, slowest = median(result.seconds), max(result.seconds)
    late = quantiles(result.seconds, n=100, method="inclusive")[98]
    times = f"{1000 * middle:7.2f} ms{1000 * late:8.1f} ms{1000 * slowest:8.0f} ms"
    share = f"{100 * result.right / count:.1f} %"
    return f"{result.name:30}{times}{share:>9}{result.hangs:7}{middle / base:8.1f}"
