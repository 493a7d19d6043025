"""Reductions against plain loops and the course's figures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from engine.reference.reductions import (
    column_maxima,
    column_means,
    column_sums,
    distances,
    exp_normalize,
    mean,
    means_by_count,
    nearest,
    normalize,
    reshape,
    row_maxima,
    row_means,
    row_sums,
    total,
)

M = ((13, 9, 29), (5, 11, 1))
SCORES = ((20, 1), (3, 24), (31, 13))
X = ((3, 15, 9), (12, 34, 20), (22, 1, 18))
V = ((6,), (11,), (20,))
COLUMNS = tuple(zip(*M, strict=True))


def test_means_of_the_deck() -> None:
    """001-1, and its wrong answers."""
    np.testing.assert_allclose(row_means(M), [17, 17 / 3])
    np.testing.assert_array_equal(column_means(M), [9, 10, 15])
    np.testing.assert_array_equal(means_by_count(M, 1, 0), [25.5, 8.5])
    np.testing.assert_allclose(means_by_count(M, 0, 1), [6, 20 / 3, 10])
    assert mean(M) == pytest.approx(11.333, abs=5e-4)


def test_reductions_are_what_python_counts() -> None:
    assert row_sums(M).tolist() == [sum(row) for row in M]
    assert column_sums(M).tolist() == [sum(column) for column in COLUMNS]
    assert row_maxima(M).tolist() == [max(row) for row in M]
    assert column_maxima(M).tolist() == [max(column) for column in COLUMNS]
    assert total(M) == sum(map(sum, M))
    assert np.asarray(total(M, 0)).tolist() == [sum(column) for column in COLUMNS]
    assert np.asarray(total(M, -1, keepdims=True)).tolist() == [[sum(row)] for row in M]
    assert np.asarray(mean(M, 1, True)).tolist() == [[sum(row) / 3] for row in M]
    assert np.asarray(mean(M, axis=0)).tolist() == [sum(column) / 2 for column in COLUMNS]


def test_a_full_reduction_is_a_plain_float() -> None:
    assert type(total(M)) is float
    assert type(mean((Fraction(1, 2), 1))) is float
    assert np.shape(total(M, keepdims=True)) == (1, 1)


def test_shares_without_exponentials() -> None:
    """001-2: "M / M.sum(0) = [0.370, …]"."""
    shares = normalize(SCORES, 0)
    assert shares[0, 0] == pytest.approx(20 / 54)
    assert shares[1, 1] == pytest.approx(24 / 38)
    np.testing.assert_allclose(normalize(SCORES, 1)[2], [31 / 44, 13 / 44])
    assert normalize(SCORES).sum() == pytest.approx(1)


def test_exponentials_over_everything() -> None:
    """001-2: "divided by the sum of all"."""
    everything = sum(math.exp(entry) for row in SCORES for entry in row)
    expected = [[math.exp(entry) / everything for entry in row] for row in SCORES]
    np.testing.assert_allclose(exp_normalize(SCORES), expected, rtol=1e-12)
    assert exp_normalize(SCORES)[2, 0] == pytest.approx(0.99907, abs=5e-6)
    assert exp_normalize((1000, 1000)).tolist() == [0.5, 0.5]


def test_distances_of_the_deck() -> None:
    """001-3, and its wrong answers."""
    expected = cdist(np.transpose(X), np.transpose(V))[:, 0]
    np.testing.assert_allclose(distances(X, V), expected)
    np.testing.assert_allclose(distances(X, V), [3.742, 31.161, 9.695], atol=5e-4)
    assert nearest(X, V) == 0
    flat = tuple(row[0] for row in V)
    np.testing.assert_allclose(distances(X, flat), [17.349, 25.397, 11.180], atol=5e-4)
    assert nearest(X, flat) == 2
    np.testing.assert_allclose(distances(X, V, 1), [9.950, 24.718, 19.209], atol=5e-4)


def test_reshape_fills_row_by_row() -> None:
    assert reshape((1, 2, 3, 4, 5, 6), 2, 3).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert reshape(M, 3, 2).tolist() == [[13, 9], [29, 5], [11, 1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: total(M, 2), "axis 2 does not exist in an array of shape (2, 3)."),
        (lambda: mean(M, -3), "the axis must be at least -2, not -3."),
        (lambda: mean(M, 0.5), "the axis must be a whole number, not 0.5."),  # type: ignore[arg-type]
        (lambda: means_by_count(M, 0, 2), "axis 2 does not exist"),
        (lambda: row_means((1, 2)), "the array must have rows and columns, not the shape (2,)."),
        (lambda: normalize((1, -1)), "entries that add up to 0 have no shares."),
        (lambda: normalize(((0, 0), (1, 2)), 1), "entries that add up to 0 have no shares."),
        (lambda: distances(X, (1, 2)), "the shapes (3, 3) and (2,) do not broadcast."),
        (lambda: distances(1, 2), "axis 0 does not exist in an array of shape ()."),
        (lambda: nearest((1, 2), (3, 4)), "nearest needs a matrix X and a column V."),
        (lambda: distances(np.ones((9999, 1)), np.ones((1, 9999))), "the difference counts more"),
        (lambda: reshape(M, 2, 2), "6 entries do not fill 2 × 2 cells."),
        (lambda: total("12"), "the array must hold numbers, in rows of equal length."),
        (lambda: total(None), "the array must hold"),  # type: ignore[arg-type]
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
