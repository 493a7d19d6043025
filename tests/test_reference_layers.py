"""Layer counts against layers that are built, and receptive fields against what a cell sees."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from engine.reference.convolution import conv2d
from engine.reference.layers import depthwise_weights, locally_connected_weights, receptive_field


def test_depthwise_weights_of_mobilenet() -> None:
    """MobileNets, table 1: "Conv dw" rows and their filter shapes."""
    assert depthwise_weights(3, 32) == np.zeros((3, 3, 32)).size
    assert depthwise_weights(3, 512) == 4_608


def test_locally_connected_weights_are_counted_cell_by_cell() -> None:
    height, width, channels, k, filters, stride, padding = 6, 5, 2, 3, 4, 2, 1
    count = 0
    for _top in range(-padding, height + padding - k + 1, stride):
        for _left in range(-padding, width + padding - k + 1, stride):
            count += filters * np.zeros((k, k, channels)).size
    shape = (height, width, channels)
    assert locally_connected_weights(shape, k, filters, stride, padding) == count


@pytest.mark.parametrize(
    ("filters", "strides"),
    [((3,), (1,)), ((3, 3), (1, 1)), ((3, 2, 3), (1, 2, 1)), ((5, 3), (2, 1)), ((2, 2), (2, 2))],
)
def test_receptive_field_is_the_input_that_one_cell_sees(
    filters: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    side = 24
    rows_seen = set()
    for row in range(side):
        image = np.zeros((side, side))
        image[row, :] = 1
        for f, s in zip(filters, strides, strict=True):
            image = conv2d(image, np.ones((f, f)), s)
        if image[1, 1] > 0:
            rows_seen.add(row)
    assert receptive_field(filters, strides) == len(rows_seen)
    assert max(rows_seen) - min(rows_seen) + 1 == len(rows_seen)


def test_three_3x3_layers_see_as_much_as_one_7x7() -> None:
    assert receptive_field((3, 3, 3), (1, 1, 1)) == 7  # Simonyan & Zisserman, section 2.3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: receptive_field((3, 3), (1,)), "there are 2 filters and 1 strides"),
        (lambda: receptive_field((3, 0), (1, 1)), "must be at least 1, not 0"),
        (lambda: depthwise_weights(3.5, 1), "the filter must be a whole number, not 3.5"),  # type: ignore[arg-type]
        (lambda: locally_connected_weights((9, 9), 3, 1), "(height, width, channels)"),
        (lambda: locally_connected_weights((999, 999, 99), 3, 9), "more than the limit"),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
