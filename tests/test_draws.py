"""Drawing parameters: the same numbers for ever, evenly spread, each on its own."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from fractions import Fraction
from hashlib import blake2b
from itertools import islice, pairwise

import pytest

from engine.draws import MAX_SEED, Stream, draw, entries, steps
from engine.language.errors import Undefined
from engine.problem import Array, Entry, Maths, OneOf, Parameter, Range, Sample


def whole(text: str) -> int:
    return int(text)


def drawn(parameter: Parameter, seed: int, name: str = "n", problem: str = "a/b") -> Entry:
    return draw(parameter, Stream(problem, seed, name, 0), whole)


# Golden vectors. They never change: the codes that students wrote down name these numbers.
WORDS = [
    (("cnn/conv-output", 0, "n", 0), (900, 12, 543, 142, 843, 126), "the first seed"),
    (("cnn/conv-output", 7, "n", 0), (817, 142, 961, 606, 316, 559), "a seed"),
    (("cnn/conv-output", 7, "f", 0), (194, 878, 801, 475, 562, 822), "another parameter"),
    (("cnn/conv-output", 7, "n", 1), (284, 270, 666, 425, 213, 622), "another attempt"),
    (("cnn/conv-output", MAX_SEED, "n", 0), (159, 139, 389, 39, 439, 242), "the last seed"),
    (("metrics/confusion", 7, "n", 0), (739, 215, 262, 402, 755, 929), "another problem"),
    (("ключ", 7, "λ", 0), (549, 417, 327, 645, 372, 435), "names in any script"),
]
F = Fraction
VALUES: list[tuple[Parameter, str, list[Entry]]] = [
    (Range(F(5), F(64)), "n", [F(43), F(25), F(5), F(53), F(36), F(58), F(29), F(13)]),
    (
        Range(F("0.1"), F("0.9"), F("0.1")),
        "p",
        [F("0.3"), F("0.1"), F("0.5"), F("0.3"), F("0.7"), F("0.1"), F("0.8"), F("0.4")],
    ),
    (OneOf(("red", "green", "blue")), "c", ["red", "blue", "blue", "green", "red", "green"]),
    (Sample(3, tuple("abcde")), "s", [tuple("cae"), tuple("bea"), tuple("dbe"), tuple("eca")]),
    (
        Array(("2", "3"), Range(F(-9), F(9)), distinct=True),
        "X",
        [((F(3), F(8), F(0)), (F(6), F(-7), F(4))), ((F(2), F(-9), F(-3)), (F(-7), F(-2), F(1)))],
    ),
]


@pytest.mark.parametrize(("key", "expected", "why"), WORDS)
def test_golden_words(key: tuple[str, int, str, int], expected: tuple[int, ...], why: str) -> None:
    stream = Stream(*key)
    assert tuple(stream.below(1_000) for _ in expected) == expected, why


@pytest.mark.parametrize(("parameter", "name", "expected"), VALUES)
def test_golden_values(parameter: Parameter, name: str, expected: list[Entry]) -> None:
    assert [drawn(parameter, seed, name) for seed in range(len(expected))] == expected


def test_the_words_are_blake2b_of_the_fields_and_a_counter() -> None:
    """Computed anew, so that anyone can draw a variant's numbers without this program."""
    fields = [text.encode() for text in ("1", "a", "1", "x", "0")]
    key = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    blocks = [blake2b(key + at.to_bytes(8, "big")).digest() for at in range(2)]
    words = [int.from_bytes(b[at : at + 8], "big") for b in blocks for at in range(0, 64, 8)]
    stream = Stream("a", 1, "x", 0)
    assert [stream.below(2**64) for _ in words] == words


def test_another_process_draws_the_same() -> None:
    """Whatever Python's random hashing does there."""
    code = (
        "from engine.draws import Stream; s = Stream('cnn/conv-output', 7, 'n', 0);"
        "print([s.below(1000) for _ in range(6)])"
    )
    for hashing in ("0", "4242"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hashing},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == "[817, 142, 961, 606, 316, 559]"


def test_fields_do_not_run_into_one_another() -> None:
    firsts = [
        Stream(problem, seed, name, attempt).below(2**64)
        for problem, seed, name, attempt in [
            ("a", 11, "b", 0), ("a1", 1, "b", 0), ("a", 1, "1b", 0), ("a", 1, "b1", 0),
            ("a", 1, "b", 10), ("a", 11, "b", 10), ("", 1, "ab", 0), ("ab", 1, "", 0),
        ]
    ]  # fmt: skip
    assert len(set(firsts)) == len(firsts)


def test_parameters_do_not_depend_on_one_another() -> None:
    """Neither on how many there are, nor on how far the others were drawn."""
    first, other = Stream("a/b", 7, "n", 0), Stream("a/b", 7, "m", 0)
    alone = [first.below(100) for _ in range(5)]
    again = Stream("a/b", 7, "n", 0)
    mixed = []
    for _ in range(5):
        other.below(100)
        mixed.append(again.below(100))
    assert mixed == alone


# Chi-squared: the value that an even spread passes 999 times in 1,000, by degrees of freedom.
CRITICAL = {1: 10.83, 2: 13.82, 6: 22.46, 9: 27.88, 59: 98.32}


def chi_squared(counts: Counter[Entry], kinds: int) -> float:
    expected = sum(counts.values()) / kinds
    return sum((counts[key] - expected) ** 2 / expected for key in counts) + expected * (
        kinds - len(counts)
    )


SPREADS = [
    (Range(F(5), F(64)), 60, "sixty values"),
    (Range(F(0), F(6)), 7, "a number of values that doesn't divide 2^64"),
    (OneOf(tuple("abc")), 3, "a list"),
    (Maths(("x", "y")), 2, "expressions"),
    (Range(F(1, 10), F(1), F(1, 10)), 10, "tenths"),
]


@pytest.mark.parametrize(("parameter", "kinds", "why"), SPREADS)
def test_values_are_evenly_spread_over_seeds(parameter: Parameter, kinds: int, why: str) -> None:
    counts = Counter(drawn(parameter, seed) for seed in range(20_000))
    assert chi_squared(counts, kinds) < CRITICAL[kinds - 1], why


def test_values_of_neighbouring_seeds_have_nothing_to_do_with_each_other() -> None:
    values = [drawn(OneOf(tuple("abc")), seed) for seed in range(20_000)]
    pairs = Counter(pairwise(values))
    assert chi_squared(Counter({a + b: n for (a, b), n in pairs.items()}), 9) < 27  # type: ignore[operator]


def test_the_places_of_a_sample_are_evenly_spread() -> None:
    for place in range(3):
        firsts = Counter(
            drawn(Sample(3, tuple("abcdefg")), seed)[place]  # type: ignore[index]
            for seed in range(20_000)
        )
        assert chi_squared(firsts, 7) < CRITICAL[6]


def test_the_words_of_one_stream_are_evenly_spread() -> None:
    stream = Stream("a/b", 7, "n", 0)
    counts: Counter[Entry] = Counter(str(stream.below(60)) for _ in range(20_000))
    assert chi_squared(counts, 60) < CRITICAL[59]


def test_ranges_hold_both_ends() -> None:
    assert entries(Range(F(2), F(5))) == (2, 3, 4, 5)
    assert entries(Range(F("0.1"), F("0.5"), F("0.2"))) == (F("0.1"), F("0.3"), F("0.5"))
    assert entries(Range(F(0), F(5), F(2))) == (0, 2, 4), "an end that the steps miss"
    assert steps(Range(F(3), F(3))) == 1
    values = {drawn(Range(F(2), F(5)), seed) for seed in range(100)}
    assert values == {2, 3, 4, 5}


@pytest.mark.parametrize("distinct", [False, True])
def test_arrays_from_a_huge_range_are_drawn_without_listing_it(distinct: bool) -> None:
    high = F(10**18)
    cells = drawn(Array(("9", "9"), Range(-high, high), distinct=distinct), 3)
    assert isinstance(cells, tuple)
    flat = [cell for row in cells if isinstance(row, tuple) for cell in row]
    assert len(set(flat)) == 81
    assert all(isinstance(cell, F) and -high <= cell <= high for cell in flat)


def test_samples_and_distinct_arrays_hold_no_entry_twice() -> None:
    for seed in range(200):
        sample = drawn(Sample(5, tuple("abcde")), seed)
        assert isinstance(sample, tuple) and sorted(map(str, sample)) == list("abcde")
        rows = drawn(Array(("2", "2"), Range(F(1), F(4)), distinct=True), seed)
        assert isinstance(rows, tuple)
        assert sorted(cell for row in rows for cell in row) == [1, 2, 3, 4]  # type: ignore[union-attr, type-var]


def test_arrays_have_the_shape_that_is_asked() -> None:
    cube = drawn(Array(("2", "3", "4"), Range(F(0), F(9))), 7)
    assert isinstance(cube, tuple)
    assert (len(cube), len(cube[0]), len(cube[0][0])) == (2, 3, 4)  # type: ignore[arg-type, index]
    assert len(drawn(Array(("5",), Range(F(0), F(9))), 7)) == 5  # type: ignore[arg-type]
    words = drawn(Array(("2", "2"), OneOf(("a", "b"))), 7)
    assert isinstance(words, tuple) and {word for row in words for word in row} <= {"a", "b"}


IMPOSSIBLE: list[tuple[Parameter, str]] = [
    (Range(F(5), F(4)), "an empty range"),
    (Range(F(0), F(2**64)), "more values than a word holds"),
    (OneOf(()), "an empty list"),
    (Sample(3, ("a", "b")), "more than there are"),
    (Array(("2", "3"), Range(F(1), F(5)), distinct=True), "more cells than values"),
    (Array(("0", "3"), Range(F(1), F(5))), "no rows"),
    (Array(("-1",), Range(F(1), F(5))), "fewer than no cells"),
    (Array(("100000", "100000"), Range(F(1), F(5))), "too many cells"),
]


@pytest.mark.parametrize(("parameter", "why"), IMPOSSIBLE)
def test_what_cannot_be_drawn_is_undefined(parameter: Parameter, why: str) -> None:
    with pytest.raises(Undefined):
        drawn(parameter, 7)


def test_the_largest_range_that_can_be_drawn() -> None:
    values = [drawn(Range(F(0), F(2**64 - 1)), seed) for seed in range(50)]
    assert max(values) > 2**63  # type: ignore[type-var]
    assert all(0 <= value < 2**64 for value in values)  # type: ignore[operator]


def test_words_that_would_tip_the_balance_are_dropped() -> None:
    """Of 2^64 words, those beyond the last whole multiple of the bound are passed over."""
    stream = Stream("a/b", 7, "n", 0)
    stream._words = iter([2**64 - 1, 2**64 - 2, 5])
    assert stream.below(3 * 2**62) == 5
    assert list(islice(stream._words, 1)) == []
