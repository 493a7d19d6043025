"""Item statistics against published worked examples, and against SciPy and NumPy."""

from __future__ import annotations

import statistics
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from engine.statistics.groups import (
    LEVEL,
    MOST_GROUPS,
    chi_square_tail,
    holm,
    kruskal_wallis,
    quarters,
)
from engine.statistics.items import (
    FEWEST,
    TOO_FEW,
    cronbach,
    discrimination,
    interval,
    quartiles,
    reliability,
    rest_shares,
)
from engine.statistics.options import choosers

# Chatterjee and Price (1977), Regression Analysis by Example: the data that come with R.
ATTITUDE = np.array(
    [
        [43, 63, 71, 61, 81, 43, 58, 71, 72, 67, 64, 67, 69, 68, 77, 81, 74, 65, 65, 50, 50, 64, 53,
         40, 63, 66, 78, 48, 85, 82],
        [51, 64, 70, 63, 78, 55, 67, 75, 82, 61, 53, 60, 62, 83, 77, 90, 85, 60, 70, 58, 40, 61, 66,
         37, 54, 77, 75, 57, 85, 82],
        [30, 51, 68, 45, 56, 49, 42, 50, 72, 45, 53, 47, 57, 83, 54, 50, 64, 65, 46, 68, 33, 52, 52,
         42, 42, 66, 58, 44, 71, 39],
        [39, 54, 69, 47, 66, 44, 56, 55, 67, 47, 58, 39, 42, 45, 72, 72, 69, 75, 57, 54, 34, 62, 50,
         58, 48, 63, 74, 45, 71, 59],
        [61, 63, 76, 54, 71, 54, 66, 70, 71, 62, 58, 59, 55, 59, 79, 60, 79, 55, 75, 64, 43, 66, 63,
         50, 66, 88, 80, 51, 77, 64],
        [92, 73, 86, 84, 83, 49, 68, 66, 83, 80, 67, 74, 63, 77, 77, 54, 79, 80, 85, 78, 64, 80, 80,
         57, 75, 76, 78, 83, 74, 78],
        [45, 47, 48, 35, 47, 34, 35, 41, 31, 41, 34, 41, 25, 35, 46, 36, 63, 60, 46, 52, 33, 41, 37,
         49, 33, 72, 49, 38, 55, 39],
    ],
    float,
).T  # fmt: skip
# What R's psych::alpha(attitude) prints (W. Revelle, An overview of the psych package).
ALPHA_DROPPED = [0.810, 0.797, 0.828, 0.803, 0.795, 0.864, 0.840]
ITEM_REST = [0.67, 0.74, 0.56, 0.71, 0.79, 0.27, 0.46]
# The nine complete rows of the questionnaire in the documentation of pingouin's cronbach_alpha,
# which gives 0.8016949152542373 for them; first in C. Zaiontz, Real Statistics.
QUESTIONNAIRE = np.array(
    [[int(c) for c in row] for row in """
    11111111111 11111111010 11101101100 11111000100 11110010000 11111000000 01011000010
    11100000000 10010000000""".split()],
    float,
)  # fmt: skip


@pytest.mark.parametrize(
    ("marks", "expected", "digits"),
    [(ATTITUDE, 0.843, 3), (QUESTIONNAIRE, 0.8016949152542373, 12)],
)
def test_alpha_as_published(marks: np.ndarray, expected: float, digits: int) -> None:
    assert cronbach(marks) == pytest.approx(expected, abs=0.51 * 10**-digits)


def test_alpha_from_covariances() -> None:
    """k/(k − 1) (1 − trace/sum) of the covariance matrix, as NumPy has it."""
    covariances = np.cov(ATTITUDE.T)
    expected = 7 / 6 * (1 - np.trace(covariances) / covariances.sum())
    found = reliability(ATTITUDE)
    assert found.value == pytest.approx(expected)
    assert found.without == pytest.approx(ALPHA_DROPPED, abs=0.00051)
    spread = statistics.stdev(ATTITUDE.sum(axis=1).tolist())
    assert found.error == pytest.approx(spread * (1 - expected) ** 0.5)


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        (ATTITUDE[: FEWEST - 1], "too few students: 19, and it takes 20"),
        (ATTITUDE[:, :1], "it takes two problems"),
        (np.ones((30, 4)), "all scored alike"),
        (np.zeros((0, 3)), "too few students: 0, and it takes 20"),
    ],
)
def test_where_there_is_no_reliability(marks: np.ndarray, reason: str) -> None:
    found = reliability(marks)
    assert found.value is None and found.error is None and found.reason == reason


def test_below_0_there_is_no_standard_error() -> None:
    """Two items of which whoever has one lacks the other, but for three students."""
    right = np.arange(20) % 2 * 1.0
    other = np.where(np.arange(20) < 3, right, 1 - right)
    found = reliability(np.column_stack([right, other]))
    covariances = np.cov(right, other)
    assert found.value == pytest.approx(2 * (1 - np.trace(covariances) / covariances.sum()))
    assert found.value < 0 and found.error is None


def test_two_items_have_an_alpha_but_one_alone_has_none() -> None:
    found = reliability(ATTITUDE[:, :2])
    assert found.value is not None and found.without == (None, None)


@pytest.mark.parametrize("item", range(7))
def test_corrected_item_total_correlation(item: int) -> None:
    """As published to two digits; as SciPy has it, with its interval."""
    worth = np.full(30, 100.0)
    rests = rest_shares(ATTITUDE[:, item], worth, ATTITUDE.sum(axis=1), 7 * worth)
    found = discrimination(ATTITUDE[:, item] / 100, rests)
    oracle = stats.pearsonr(ATTITUDE[:, item], np.delete(ATTITUDE, item, axis=1).sum(axis=1))
    assert found.value == pytest.approx(ITEM_REST[item], abs=0.0051)
    assert found.value == pytest.approx(oracle.statistic)
    assert (found.low, found.high) == pytest.approx(tuple(oracle.confidence_interval(0.95)))
    assert found.students == 30


def test_point_biserial_as_published() -> None:
    """The example of SciPy's documentation, three times over: r = 0.8660254037844386."""
    right, rest = np.tile([0.0, 0, 0, 1, 1, 1, 1], 3), np.tile(np.arange(7.0), 3)
    assert discrimination(right, rest).value == pytest.approx(0.8660254037844386)
    assert discrimination(right, rest).value == pytest.approx(
        stats.pointbiserialr(right, rest).statistic
    )


@pytest.mark.parametrize(
    ("shares", "rests", "reason"),
    [
        (np.arange(19.0), np.arange(19.0), TOO_FEW),
        (np.ones(25), np.arange(25.0), "all scored alike"),
        (np.arange(25.0), np.full(25, 0.1 + 0.2), "all alike elsewhere"),
        (np.arange(25.0), np.full(25, np.nan), "no other answers"),
        (np.arange(25.0), np.r_[np.arange(19.0), np.full(6, np.nan)], TOO_FEW),
        (np.zeros(0), np.zeros(0), "no other answers"),
    ],
)
def test_where_there_is_no_discrimination(
    shares: np.ndarray, rests: np.ndarray, reason: str
) -> None:
    found = discrimination(shares, rests)
    assert (found.value, found.reason) == (None, reason)


def test_rests_leave_out_the_item_and_those_who_answered_nothing_else() -> None:
    earned, possible = np.array([1.0, 2.0, 0.3]), np.array([2.0, 2.0, 2.0])
    rests = rest_shares(earned, possible, np.array([4.0, 2.0, 0.9]), np.array([8.0, 2.0, 3.0]))
    assert rests[0] == pytest.approx(3 / 6) and rests[2] == pytest.approx(0.6)
    assert np.isnan(rests[1])


def test_a_perfect_correlation_has_no_interval() -> None:
    assert interval(1.0, 30) == (1.0, 1.0)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 41])
def test_quartiles(size: int) -> None:
    values = np.random.default_rng(size).exponential(60, size)
    found = quartiles(values)
    assert found is not None
    if size > 1:
        wanted = statistics.quantiles(values.tolist(), n=4, method="inclusive")
        assert list(found[:3]) == pytest.approx(wanted)
    assert found.values == size
    assert quartiles(np.zeros(0)) is None


# -- groups ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "statistic", "p"),
    [
        # the two examples in SciPy's documentation
        ([[1, 3, 5, 7, 9], [2, 4, 6, 8, 10]], 0.2727, 0.6015),
        ([[1, 1, 1], [2, 2, 2], [2, 2]], 7.0, 0.0302),
    ],
)
def test_kruskal_wallis_as_published(groups: list[list[float]], statistic: float, p: float) -> None:
    found = kruskal_wallis([np.array(group, float) for group in groups])
    assert found is not None
    assert (found.statistic, found.p) == pytest.approx((statistic, p), abs=0.0001)


@pytest.mark.parametrize("seed", range(20))
def test_kruskal_wallis_as_scipy_has_it(seed: int) -> None:
    """Marks with many ties, in 2 to 6 groups of different sizes."""
    chance = np.random.default_rng(seed)
    groups = [
        chance.integers(0, chance.integers(2, 6), chance.integers(10, 60)) / 4
        for _ in range(chance.integers(2, 7))
    ]
    found, oracle = kruskal_wallis(groups), stats.kruskal(*groups)
    assert found is not None
    assert (found.statistic, found.p) == pytest.approx((oracle.statistic, oracle.pvalue))


def test_where_groups_cannot_be_compared() -> None:
    assert kruskal_wallis([]) is None
    assert kruskal_wallis([np.arange(10.0)]) is None
    assert kruskal_wallis([np.ones(10), np.ones(12)]) is None


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 10, 31, 60])
@pytest.mark.parametrize("x", [-1.0, 0.0, 1e-9, 0.3, 2.0, 3.841, 17.0, 80.0, 400.0])
def test_the_tail_of_chi_square(freedom: int, x: float) -> None:
    wanted = stats.chi2.sf(x, freedom)
    assert chi_square_tail(x, freedom) == pytest.approx(wanted, rel=1e-9, abs=1e-300)


def test_holm_as_published() -> None:
    """The example in Wikipedia's article: at 5 % the fourth and the first are rejected."""
    found = holm([0.01, 0.04, 0.03, 0.005])
    assert found == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert [p < LEVEL for p in found] == [True, False, False, True]
    assert holm([]) == [] and holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])


def test_where_nothing_is_harder_little_is_told() -> None:
    """600 made-up reports of 12 comparisons each without any difference: 5 % may tell one."""
    chance, alarms = np.random.default_rng(8), 0
    for _ in range(600):
        tests = [
            kruskal_wallis(np.split(chance.integers(0, 2, 60) * 1.0, [15, 35])) for _ in range(12)
        ]
        alarms += min(holm([one.p for one in tests if one is not None])) < LEVEL
    # a binomial of 600 and 0.05 is above 46 in one run of a thousand
    assert alarms <= 46


def test_numbers_that_take_many_values_are_put_into_quarters() -> None:
    values = [Fraction(value) for value in range(8, 40) for _ in range(3)]
    groups = quarters(values)
    assert len(set(groups)) == 4
    assert all(low <= value <= high for value, (low, high) in zip(values, groups, strict=True))
    sizes = [groups.count(group) for group in set(groups)]
    assert max(sizes) - min(sizes) <= 3


def test_few_numbers_are_their_own_groups_however_uneven() -> None:
    values = [Fraction(1)] * 90 + [Fraction(n) for n in range(2, MOST_GROUPS + 1)]
    assert quarters(values) == [(value, value) for value in values]
    crowded = [Fraction(1)] * 90 + [Fraction(n) for n in range(2, MOST_GROUPS + 3)]
    assert (Fraction(1), Fraction(1)) in quarters(crowded) and len(set(quarters(crowded))) == 2
    assert quarters([]) == []


# -- options ---------------------------------------------------------------------------------------


def test_who_took_an_option() -> None:
    rests = np.arange(30.0) / 30
    ticked = rests < 0.5  # a distractor that draws the weaker half
    found = choosers(ticked, rests)
    assert (found.shown, found.chosen, found.share) == (30, 15, 0.5)
    assert found.rest == pytest.approx(rests[:15].mean())
    assert (found.best, found.weakest) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("rests", "why"),
    [
        (np.arange(FEWEST - 1.0), "too few students"),
        (np.full(40, 0.5), "no third is better than another"),
        (np.full(40, np.nan), "nobody's name is known"),
    ],
)
def test_thirds_need_students_that_differ(rests: np.ndarray, why: str) -> None:
    found = choosers(np.ones(len(rests), bool), rests)
    assert (found.best, found.weakest) == (None, None), why
    assert found.chosen == len(rests)


def test_an_option_that_nobody_took() -> None:
    found = choosers(np.zeros(30, bool), np.arange(30.0))
    assert (found.chosen, found.rest, found.best, found.weakest) == (0, None, 0.0, 0.0)
    assert choosers(np.zeros(0, bool), np.zeros(0)).share == 0.0
