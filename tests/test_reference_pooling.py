"""Pooling against plain loops, its gradients against finite differences."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.reference.pooling import (
    averagepool,
    averagepool_backward,
    entry_from,
    maxpool,
    maxpool_backward,
    maxpool_backward_misrouted,
    maxpool_mask,
    upsample,
)
from engine.reference.reductions import column_maxima, reshape

Floats = NDArray[np.float64]

IMAGE = ((1, 3, 2, 1), (4, 10, 5, 1), (1, 6, 6, 5), (2, 4, 2, 9))
UPSTREAM = ((-4, 7), (5, -6))
WINDOWS = [(2, 2), (2, 1), (3, 2), (3, 1), (2, 3), (1, 1)]


def distinct(height: int, width: int, seed: int = 3) -> Floats:
    """An image without ties, its entries at least 0.5 apart."""
    order = np.random.default_rng(seed).permutation(height * width)
    return np.asarray(order * 0.5 - 7).reshape(height, width)


def by_loops(image: Floats, size: int, stride: int, best: Callable[[Floats], float]) -> Floats:
    height, width = image.shape
    return np.array(
        [
            [
                best(image[top : top + size, left : left + size])
                for left in range(0, width - size + 1, stride)
            ]
            for top in range(0, height - size + 1, stride)
        ]
    )


def finite_differences(pooled: Callable[[Floats], Floats], image: Floats) -> Floats:
    """The gradient of Σ pooled, by central differences; exact for piecewise linear pooling."""
    gradient = np.zeros_like(image)
    for place in np.ndindex(image.shape):
        step = np.zeros_like(image)
        step[place] = 0.125
        gradient[place] = (pooled(image + step).sum() - pooled(image - step).sum()) / 0.25
    return gradient


@pytest.mark.parametrize(("size", "stride"), WINDOWS)
def test_forward_agrees_with_loops(size: int, stride: int) -> None:
    image = distinct(5, 7)
    np.testing.assert_array_equal(
        maxpool(image, size, stride), by_loops(image, size, stride, lambda w: float(np.max(w)))
    )
    np.testing.assert_allclose(
        averagepool(image, size, stride), by_loops(image, size, stride, lambda w: float(np.mean(w)))
    )


@pytest.mark.parametrize(("size", "stride"), WINDOWS)
def test_backward_agrees_with_finite_differences(size: int, stride: int) -> None:
    image = distinct(5, 7)
    upstream = np.random.default_rng(4).integers(-9, 10, maxpool(image, size, stride).shape)
    np.testing.assert_allclose(
        maxpool_backward(image, upstream, size, stride),
        finite_differences(lambda z: upstream * maxpool(z, size, stride), image),
        atol=1e-10,
    )
    np.testing.assert_allclose(
        averagepool_backward(image, upstream, size, stride),
        finite_differences(lambda z: upstream * averagepool(z, size, stride), image),
        atol=1e-10,
    )


def test_forward_figures_of_the_deck() -> None:
    """001-9, and its wrong answers."""
    np.testing.assert_array_equal(maxpool(IMAGE, 2, 2), [[10, 5], [6, 9]])
    np.testing.assert_array_equal(maxpool(IMAGE, 2), maxpool(IMAGE, 2, 2))
    np.testing.assert_array_equal(averagepool(IMAGE, 2, 2), [[4.5, 2.25], [3.25, 5.5]])
    np.testing.assert_array_equal(maxpool(IMAGE, 2, 1), [[10, 10, 5], [10, 10, 6], [6, 6, 9]])
    np.testing.assert_array_equal(reshape(column_maxima(IMAGE), 2, 2), [[4, 10], [6, 9]])


def test_backward_figures_of_the_deck() -> None:
    """001-10, with 7 where the slide has 5."""
    np.testing.assert_array_equal(
        maxpool_mask(IMAGE, 2, 2), [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]
    )
    np.testing.assert_array_equal(
        maxpool_backward(IMAGE, UPSTREAM, 2, 2),
        [[0, 0, 0, 0], [0, -4, 7, 0], [0, 5, 0, 0], [0, 0, 0, -6]],
    )


def test_wrong_answers_of_the_deck() -> None:
    """001-10: what each slip gives."""
    right = maxpool_backward(IMAGE, UPSTREAM, 2, 2)
    slide = maxpool_backward(IMAGE, entry_from(UPSTREAM, maxpool(IMAGE, 2, 2), 0, 1), 2, 2)
    np.testing.assert_array_equal(slide, [[0, 0, 0, 0], [0, -4, 5, 0], [0, 5, 0, 0], [0, 0, 0, -6]])
    np.testing.assert_array_equal(
        right * np.array(IMAGE), [[0, 0, 0, 0], [0, -40, 35, 0], [0, 30, 0, 0], [0, 0, 0, -54]]
    )
    shares = averagepool_backward(IMAGE, UPSTREAM, 2, 2)
    np.testing.assert_array_equal(shares[0], [-1, -1, 1.75, 1.75])
    np.testing.assert_array_equal(shares, upsample(UPSTREAM, 2) / 4)
    np.testing.assert_array_equal(
        upsample(UPSTREAM, 2), [[-4, -4, 7, 7], [-4, -4, 7, 7], [5, 5, -6, -6], [5, 5, -6, -6]]
    )


def test_a_misrouted_gradient_reaches_every_other_cell_of_its_window() -> None:
    right = maxpool_backward(IMAGE, UPSTREAM, 2, 2)
    for window, (top, left) in enumerate([(0, 0), (0, 2), (2, 0), (2, 2)]):
        gradient = np.array(UPSTREAM).flat[window]
        places = set()
        for shift in (1, 2, 3):
            wrong = maxpool_backward_misrouted(IMAGE, UPSTREAM, 2, 2, window, shift)
            inside = wrong[top : top + 2, left : left + 2]
            assert sorted(inside.flat) == sorted([0, 0, 0, gradient])
            places.add(int(np.flatnonzero(inside)[0]))
            wrong[top : top + 2, left : left + 2] = right[top : top + 2, left : left + 2]
            np.testing.assert_array_equal(wrong, right)
        best = int(np.flatnonzero(right[top : top + 2, left : left + 2])[0])
        assert places == {0, 1, 2, 3} - {best}


def test_negated_images_send_the_gradient_to_the_minimum() -> None:
    image = distinct(4, 4)
    wrong = maxpool_backward(-image, UPSTREAM, 2, 2)
    assert set(image[wrong != 0]) == set(by_loops(image, 2, 2, lambda w: float(np.min(w))).flat)


def test_ties_go_to_the_first_maximum_in_row_order() -> None:
    tied = ((1, 5), (5, 5))
    np.testing.assert_array_equal(maxpool_mask(tied, 2), [[0, 1], [0, 0]])
    np.testing.assert_array_equal(maxpool_backward(tied, ((3,),), 2), [[0, 3], [0, 0]])


def test_overlapping_windows_add_up() -> None:
    peak = ((0, 0, 0), (0, 9, 0), (0, 0, 0))
    assert maxpool_backward(peak, ((1, 2), (3, 4)), 2, 1)[1, 1] == 10
    assert maxpool_mask(peak, 2, 1).sum() == 1


def test_arguments_are_left_as_they_were() -> None:
    upstream = np.array(UPSTREAM, dtype=float)
    entry_from(upstream, np.zeros((2, 2)), 0, 0)
    np.testing.assert_array_equal(upstream, UPSTREAM)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: maxpool(IMAGE, 5), "a window of 5 × 5 does not fit in an image of 4 × 4."),
        (lambda: maxpool(IMAGE, 0), "the window must be at least 1, not 0."),
        (lambda: averagepool(IMAGE, 2, 0), "the stride must be at least 1, not 0."),
        (lambda: maxpool((1, 2, 3), 1), "the image must have rows and columns, not the shape (3,)"),
        (lambda: maxpool_backward(IMAGE, ((1,),), 2), "upstream must be 2 × 2, not 1 × 1."),
        (lambda: averagepool_backward(IMAGE, ((1,),), 2), "upstream must be 2 × 2, not 1 × 1."),
        (
            lambda: maxpool_backward_misrouted(IMAGE, UPSTREAM, 2, 2, 4, 1),
            "the window's number must be at most 3, not 4.",
        ),
        (
            lambda: maxpool_backward_misrouted(IMAGE, UPSTREAM, 2, 2, 0, 4),
            "the shift must be at most 3, not 4.",
        ),
        (
            lambda: maxpool_backward_misrouted(IMAGE, UPSTREAM, 2, 2, 0, 0),
            "the shift must be at least 1, not 0.",
        ),
        (lambda: upsample(UPSTREAM, 10**4), "the upsampled array counts more than the limit"),
        (lambda: entry_from(UPSTREAM, IMAGE, 0, 0), "the other array must be 2 × 2, not 4 × 4."),
        (lambda: entry_from(UPSTREAM, UPSTREAM, 2, 0), "the row must be at most 1, not 2."),
        (lambda: maxpool(np.ones((900, 900)), 99, 1), "the pooling's work counts more than the"),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
