"""Convolution against SciPy and against plain loops."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.signal import correlate2d

from engine.reference.convolution import conv2d

DRAW = np.random.default_rng(7)


@pytest.mark.parametrize(("stride", "padding"), list(product((1, 2, 3), (0, 1, 2))))
def test_one_channel_is_scipys_cross_correlation(stride: int, padding: int) -> None:
    image, kernel = DRAW.normal(size=(7, 9)), DRAW.normal(size=(3, 2))
    full = correlate2d(np.pad(image, padding), kernel, mode="valid")
    expected = full[::stride, ::stride] + 0.5
    np.testing.assert_allclose(conv2d(image, kernel, stride, padding, 0.5), expected)


def test_channels_and_filters_are_summed_in_loops() -> None:
    image, kernel = DRAW.normal(size=(6, 5, 3)), DRAW.normal(size=(3, 3, 3, 4))
    bias, stride, padding = DRAW.normal(size=4), 2, 1
    padded = np.zeros((8, 7, 3))
    padded[1:-1, 1:-1] = image
    result = conv2d(image, kernel, stride, padding, bias)
    assert result.shape == (3, 3, 4)
    for i, j, q in np.ndindex(result.shape):
        patch = padded[2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
        assert result[i, j, q] == pytest.approx(bias[q] + np.sum(patch * kernel[..., q]))


def test_one_filter_over_channels_gives_one_map() -> None:
    image, kernel = DRAW.normal(size=(4, 4, 2)), DRAW.normal(size=(2, 2, 2))
    expected = sum(correlate2d(image[..., c], kernel[..., c], mode="valid") for c in range(2))
    np.testing.assert_allclose(conv2d(image, kernel), expected)


def test_the_filter_is_not_turned_over() -> None:
    image = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
    kernel = ((1, 2), (3, 4))
    np.testing.assert_array_equal(conv2d(image, kernel), [[4, 3], [2, 1]])


def test_nested_tuples_of_fractions_are_read() -> None:
    image = ((Fraction(1, 2), 1), (0, 2.5))
    np.testing.assert_array_equal(conv2d(image, ((2,),)), [[1, 2], [0, 5]])


def test_arguments_are_left_as_they_were() -> None:
    image = np.ones((3, 3))
    conv2d(image, image, padding=1)
    np.testing.assert_array_equal(image, np.ones((3, 3)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conv2d(np.ones((2, 2)), np.ones((3, 3))), "a kernel of 3 × 3 does not fit in an"),
        (lambda: conv2d(np.ones((4, 4)), np.ones((2, 2, 1))), "an image (H, W) takes a kernel"),
        (lambda: conv2d(np.ones((4, 4, 3)), np.ones((2, 2, 1))), "the image has 3 channels, but"),
        (lambda: conv2d(np.ones((4, 4)), np.ones((2, 2)), 0), "the stride must be at least 1"),
        (lambda: conv2d(np.ones((4, 4)), np.ones((2, 2)), 1, -1), "the padding must be at least 0"),
        (lambda: conv2d(np.ones((4, 4)), np.ones((2, 2)), 1, 0, (1, 2)), "the bias must be one"),
        (lambda: conv2d(((1, 2), (3,)), ((1,),)), "the image must hold numbers, in rows of equal"),
        (lambda: conv2d((("1", "2"),), ((1,),)), "the image must hold numbers"),
        (lambda: conv2d((), ((1,),)), "the image has no entries."),
        (lambda: conv2d(((float("nan"),),), ((1,),)), "the image must hold finite numbers"),
        (lambda: conv2d(((1e200,),), ((1,),)), "the image must hold finite numbers of at most"),
        (lambda: conv2d(((1,),), ((1,),), 1, 10**4), "the padded image counts more than the limit"),
        (lambda: conv2d(np.ones((900, 900)), np.ones((99, 99))), "the convolution's work counts"),
        (lambda: conv2d(np.ones((1001, 1000)), ((1,),)), "the image has more entries than the"),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
