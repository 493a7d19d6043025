"""How many rows a second a class is graded at, beside SymPy and Math-Verify on the same rows.

Rows are of the bank: six answers of ten right, two with a listed slip where there is one, two
arbitrary. In a class, many students write the same; where all are different, each row is graded by
itself. Whole runs of the program are timed, its start included. The others get the symbolic rows as
finished expressions or LaTeX, and only as many as they can do in a while.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from bench_equality import SECONDS, Compare, Given, Pair, by_math_verify, by_simplify
from hostile import alarm

from engine.kinds import kind_of
from engine.kinds.symbolic import scope_of
from engine.language.algebra import NotAlgebraic, to_sympy
from engine.language.parser import read
from engine.parts import VariantPart
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, bank_folders

CLASS = 40_000
DIFFERENT = 12_000
OTHERS = 150  # rows for what is compared with
SHARED = 4  # variants of a problem that a class shares
AIMS = {"numbers": 5_000, "symbolic": 1_500}
SPEEDUP = 1.8
PLAIN = ("{}",)
VARIED = ("{} + {n} - {n}", "{n}/{n} * {}", "{n}*({})/{n}", "{n}*({}) - {m}*({})")
NUMBERS = ("number", "integer", "choice", "choices")
TUTOR = str(Path(sys.executable).with_name("tutor"))
Row = dict[str, Any]


def variants(bank: Bank, kinds: Sequence[str], seeds: int) -> list[Variant]:
    """Variants of all problems that have parts of these kinds only."""
    found = []
    for id in bank.ids():
        problem = bank.load(id)
        first = make_variant(problem, 0)
        if all(part.asked.kind in kinds for part in first.parts):
            found += [make_variant(problem, seed) for seed in range(seeds)]
    return found


def number_rows(
    drawn: Sequence[Variant], count: int, forms: Sequence[str], chance: random.Random
) -> Iterator[Row]:
    """Answers to all parts; right ones are written in these forms."""
    for at in range(count):
        variant = chance.choice(drawn)
        answers = {part.id: answer(variant, part, forms, chance) for part in variant.parts}
        yield {"student": f"s{at}", "problem": variant.code, "answers": answers}


def answer(variant: Variant, part: VariantPart, forms: Sequence[str], chance: random.Random) -> str:
    luck = chance.random()
    write = kind_of(part.asked.kind).write
    right = write(part.reference, part.asked)
    slips = list(variant.slips(part, {})) if luck > 0.6 else []
    if 0.6 < luck <= 0.8 and slips:
        return write(chance.choice(slips).value, part.asked)
    if part.asked.choices:
        return right if luck <= 0.6 else chance.choice(part.asked.choices).id
    if luck <= 0.6:
        return written(right, forms, chance)
    value = part.reference if isinstance(part.reference, Fraction) else Fraction(3)
    return str(int(value) + chance.randint(-20, 20))


def written(right: str, forms: Sequence[str], chance: random.Random) -> str:
    n = chance.randint(2, 9_999)
    return chance.choice(forms).format(right, right, n=n, m=n - 1)


def symbolic_rows(
    drawn: Sequence[Variant], count: int, forms: Sequence[str], chance: random.Random
) -> Iterator[Row]:
    """References of symbolic parts, written in these forms or wrongly."""
    wrong = ("-({})", "2*({})", "({}) + 1", "({})/3")
    for at in range(count):
        part = chance.choice(chance.choice(drawn).parts)
        spec = ", ".join(symbol.name for symbol in part.asked.symbols)
        right = kind_of("symbolic").write(part.reference, part.asked)
        of = right if chance.random() <= 0.6 else chance.choice(wrong).format(right)
        response = written(of, forms, chance)
        yield {"student": f"s{at}", "reference": right, "symbols": spec, "response": response}


def graded(rows: Sequence[Row], jobs: int) -> tuple[float, bytes]:
    """Rows a second of a whole run, and what came out."""
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "class.jsonl", Path(folder) / "out.jsonl"
        given.write_text("".join(json.dumps(row) + "\n" for row in rows))
        environment = {**os.environ, "TUTOR_HOME": folder}
        command = [TUTOR, "check", str(given), "-o", str(out), "-j", str(jobs)]
        started = time.perf_counter()
        subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=True)
        return len(rows) / (time.perf_counter() - started), out.read_bytes()


def theirs(rows: Sequence[Row]) -> list[Given]:
    """What SymPy and Math-Verify are given of the rows that SymPy has expressions for."""
    import sympy

    from engine.language.symbols import parse_symbols

    found = []
    for row in rows:
        symbols = parse_symbols(row["symbols"])
        declared = {symbol.name: symbol for symbol in symbols}
        try:
            trees = [read(row[key], scope_of(symbols)) for key in ("reference", "response")]
            left, right = (to_sympy(tree, declared) for tree in trees)
            latex = (f"${sympy.latex(left)}$", f"${sympy.latex(right)}$")
        except (NotAlgebraic, ValueError):
            continue
        pair = Pair(row["reference"], row["response"], row["symbols"], True)
        found.append(Given(pair, (left, right), latex))
    return found


def rate_of(way: Compare, rows: Sequence[Given]) -> float:
    """Rows a second of another way of comparing, which may raise or be stopped."""
    from sympy.core.cache import clear_cache

    with suppress(Exception):
        way(rows[0])  # once unmeasured: libraries are imported
    clear_cache()
    started = time.perf_counter()
    for given in rows:
        with suppress(Exception), alarm(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            way(given)
    return len(rows) / (time.perf_counter() - started)


def classes(bank: Bank) -> Iterator[tuple[str, str, list[Row]]]:
    """What is graded, what its rate should be compared with, and the rows."""
    chance = random.Random(8)
    numbers, symbolic = (variants(bank, kinds, SHARED) for kinds in (NUMBERS, ("symbolic",)))
    single = [variant for variant in numbers if len(variant.parts) == 1]
    for name, kind, drawn, rows in (
        ("one answer", "numbers", single, number_rows),
        ("all parts", "numbers", numbers, number_rows),
        ("symbolic", "symbolic", symbolic, symbolic_rows),
    ):
        yield f"{name}, a class", kind, list(rows(drawn, CLASS, PLAIN, chance))
        yield f"{name}, all different", kind, list(rows(drawn, DIFFERENT, VARIED, chance))


def table() -> Iterator[str]:
    """The lines of the table, each as soon as it is known."""
    yield "A class graded, rows a second: whole runs\n"
    yield f"{'':36}{'-j 1':>9}{'-j 2':>9}{'speed-up':>10}   aim"
    few: list[Given] = []
    for name, kind, rows in classes(Bank(bank_folders())):
        one, two = graded(rows, 1), graded(rows, 2)
        same = "" if one[1] == two[1] else "   NOT THE SAME BYTES"
        rates = f"{one[0]:9,.0f}{two[0]:9,.0f}{two[0] / one[0]:10.2f}"
        yield f"{f'{name}, {len(rows):,} rows':36}{rates}   {AIMS[kind]:,} and {SPEEDUP}{same}"
        few = few or (theirs(rows[:OTHERS]) if kind == "symbolic" else [])
    yield ""
    ways = (("SymPy, simplify(a - b) == 0", by_simplify), ("Math-Verify", by_math_verify))
    for name, way in ways:
        yield f"{f'{name}, {len(few):,} rows':36}{rate_of(way, few):9,.0f}"
