"""Shapes against NumPy itself, against counted windows, and against published networks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reference.shapes import (
    broadcast_shape,
    conv_shape,
    conv_side,
    conv_weights,
    dense_weights,
    matmul_shape,
    pool_shape,
    reduce_shape,
    reshape_shape,
    same_padding_side,
    size,
    transpose_shape,
)


def windows_that_fit(n: int, f: int, s: int, p: int) -> int:
    """Slide a filter along a padded side, one stride at a time, and count its places."""
    padded = ["pad"] * p + ["cell"] * n + ["pad"] * p
    return sum(1 for start in range(0, len(padded), s) if len(padded[start : start + f]) == f)


def test_conv_side_counts_the_places_of_the_filter() -> None:
    for n, f, s, p in product(range(1, 13), range(1, 8), range(1, 5), range(4)):
        if f <= n + 2 * p:
            assert conv_side(n, f, s, p) == windows_that_fit(n, f, s, p)


@pytest.mark.parametrize(
    ("arguments", "side"),
    [
        ((15, 5, 2, 0), 6),  # 000-18
        ((6, 3, 1, 0), 4),  # 001-8, valid
        ((6, 3, 1, 1), 6),  # 001-8, same
        ((6, 3, 2, 0), 2),  # 001-8, strided: 2.5 without the floor
        ((224, 7, 2, 3), 112),  # ResNet's first layer
        ((227, 11, 4, 0), 55),  # AlexNet's first layer
        ((5, 5), 1),
        ((Fraction(15), 5.0, Fraction(4, 2), 0), 6),
    ],
)
def test_conv_side_of_known_layers(arguments: tuple[int, ...], side: int) -> None:
    result = conv_side(*arguments)
    assert result == side
    assert type(result) is int


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 6, 1, 1), "a filter of 6 × 6 does not fit in an input of 3 × 3 with padding 1."),
        ((0, 3, 1, 0), "the input must be at least 1, not 0."),
        ((6, -3, 1, 0), "the filter must be at least 1, not -3."),
        ((6, 3, 0, 0), "the stride must be at least 1, not 0."),
        ((6, 3, 1, -1), "the padding must be at least 0, not -1."),
        ((6.5, 3, 1, 0), "the input must be a whole number, not 6.5."),
        ((6, Fraction(5, 2), 1, 0), "the filter must be a whole number, not 5/2."),
        (("6", 3, 1, 0), "the input must be a whole number, not 6."),
        ((True, 1, 1, 0), "the input must be a whole number, not True."),
        ((float("nan"), 1, 1, 0), "the input must be a whole number, not nan."),
        ((float("inf"), 1, 1, 0), "the input must be a whole number, not inf."),
        ((None, 1, 1, 0), "the input must be a whole number, not None."),
        ((10**12, 1, 1, 0), "the input is larger than the limit of 1,000,000,000."),
    ],
)
def test_conv_side_refuses(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        conv_side(*arguments)


def test_the_shape_table_of_the_deck() -> None:
    """000-19: 128 × 128 × 3; CONV-9-32, POOL-2, CONV-5-64, POOL-2, CONV-5-64, POOL-2, FC-3."""
    shape: tuple[int, ...] = (128, 128, 3)
    shapes, weights = [], []
    for k, filters in ((9, 32), (5, 64), (5, 64)):
        weights.append(conv_weights(k, shape[2], filters))
        shape = conv_shape(shape, k, filters)
        shapes.append(shape)
        shape = pool_shape(shape, 2)
        shapes.append(shape)
    weights.append(dense_weights(shape, 3))
    assert shapes == [
        (120, 120, 32),
        (60, 60, 32),
        (56, 56, 64),
        (28, 28, 64),
        (24, 24, 64),
        (12, 12, 64),
    ]
    assert weights == [7_776, 51_200, 102_400, 27_648]
    assert sum(weights) + 32 + 64 + 64 + 3 == 189_187


def test_lenet5_has_61706_parameters() -> None:
    shape = conv_shape((28, 28, 1), 5, 6, padding=2)
    total = conv_weights(5, 1, 6) + 6
    shape = pool_shape(shape, 2)
    total += conv_weights(5, shape[2], 16) + 16
    shape = pool_shape(conv_shape(shape, 5, 16), 2)
    assert shape == (5, 5, 16)
    for inputs, units in ((shape, 120), (120, 84), ((84,), 10)):
        total += dense_weights(inputs, units) + units
    assert total == 61_706


def test_vgg16_has_138357544_parameters() -> None:
    shape, total = (224, 224, 3), 0
    for filters, layers in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(layers):
            total += conv_weights(3, shape[2], filters) + filters
            shape = conv_shape(shape, 3, filters, 1, 1)
        shape = pool_shape(shape, 2, 2)
    assert shape == (7, 7, 512)
    for inputs, units in ((shape, 4096), (4096, 4096), (4096, 1000)):
        total += dense_weights(inputs, units) + units
    assert total == 138_357_544


def test_weights_of_the_deck() -> None:
    assert conv_weights(5, 1, 10) + 10 == 260  # 000-16, one channel
    assert conv_weights(5, 3, 10) + 10 == 760  # 000-16, RGB
    assert conv_weights(1, 64, 10) == dense_weights((64, 1, 1), 10) == 640  # 000-17


def test_rectangular_images_and_overlapping_pools() -> None:
    assert conv_shape((9, 12, 3), 3, 4, stride=2, padding=1) == (5, 6, 4)
    assert pool_shape((55, 55, 96), 3, 2) == (27, 27, 96)  # AlexNet


@pytest.mark.parametrize(("n", "s"), list(product(range(1, 20), range(1, 7))))
def test_same_padding_leaves_one_cell_a_stride(n: int, s: int) -> None:
    assert same_padding_side(n, s) == len(range(0, n, s))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conv_shape((8, 8), 3, 4), "(height, width, channels), not 8 × 8"),
        (lambda: pool_shape((8, 8, 3, 1), 2), "(height, width, channels), not 8 × 8 × 3 × 1"),
        (lambda: pool_shape((3, 8, 3), 4), "a filter of 4 × 4 does not fit in an input of 3 × 3"),
        (lambda: conv_shape((8, 8, 3), 3, 0), "the number of filters must be at least 1"),
        (lambda: conv_weights(3, 0, 4), "the number of channels must be at least 1"),
        (lambda: dense_weights((0, 3), 4), "each axis of the input's shape must be at least 1"),
        (lambda: conv_weights(10**4, 10**4, 10**4), "the weights counts more than the limit"),
        (lambda: dense_weights((10**5, 10**5), 1), "counts more than the limit"),
        (lambda: conv_shape((10**4, 10**4, 1), 1, 100), "the output counts more than the limit"),
        (lambda: size((10**5, 10**5)), "the shape counts more than the limit"),
        (lambda: size((1,) * 40), "the shape has 40 axes, more than the limit of 32"),
        (lambda: size((2, 2.5)), "each axis of the shape must be a whole number, not 2.5"),  # type: ignore[arg-type]
        (lambda: size(-1), "the shape must be at least 0, not -1"),
        (lambda: matmul_shape((2, 3, 4), (4, 5)), "takes one or two axes, not 2 × 3 × 4"),
        (lambda: matmul_shape((), (4, 5)), "takes one or two axes, not ()"),
        (lambda: broadcast_shape((10**5, 1), (1, 10**5)), "the result counts more than the limit"),
        (lambda: matmul_shape((10**5, 1), (1, 10**5)), "the result counts more than the limit"),
    ],
)
def test_refusals_are_one_clear_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        call()
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text


# NumPy as the judge: the operation is really carried out on arrays of these shapes.

axes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
pairs = st.one_of(
    st.tuples(axes, axes),
    axes.flatmap(lambda a: st.tuples(st.just(a), st.tuples(*(st.sampled_from([1, n]) for n in a)))),
)


@given(pairs)
def test_broadcast_shape_is_what_numpy_does(shapes: tuple[tuple[int, ...], ...]) -> None:
    a, b = shapes
    try:
        expected: object = (np.zeros(a) - np.zeros(b)).shape
    except ValueError:
        expected = "error"
    assert broadcast_shape(a, b) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (a, b)
        for a in [(3,), (2,), (2, 3), (3, 2), (1, 3), (3, 1), (0, 3), (1,), (1, 1)]
        for b in [(3,), (2,), (2, 3), (3, 2), (3, 3), (3, 0), (1, 2), (1,), (1, 1)]
    ],
)
def test_matmul_shape_is_what_numpy_does(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    results: set[object] = set()
    for operation in (np.matmul, np.dot):
        try:
            results.add(np.shape(operation(np.zeros(a), np.zeros(b))))
        except ValueError:
            results.add("error")
    assert results == {matmul_shape(a, b)}


@given(
    axes,
    st.one_of(st.none(), st.integers(-5, 5), st.lists(st.integers(-4, 4), max_size=3).map(tuple)),
    st.booleans(),
)
def test_reduce_shape_is_what_numpy_does(
    shape: tuple[int, ...], axis: int | Sequence[int] | None, keepdims: bool
) -> None:
    try:
        given_axis = tuple(axis) if isinstance(axis, Sequence) else axis
        expected: object = np.shape(np.sum(np.zeros(shape), axis=given_axis, keepdims=keepdims))
    except ValueError:
        expected = "error"
    assert reduce_shape(shape, axis, keepdims) == expected


@given(axes, st.lists(st.integers(-1, 6), max_size=3).map(tuple))
def test_reshape_shape_is_what_numpy_does(shape: tuple[int, ...], new: tuple[int, ...]) -> None:
    try:
        expected: object = np.zeros(shape).reshape(new).shape
    except ValueError:
        expected = "error"
    assert reshape_shape(shape, new) == expected


@given(axes)
def test_size_and_transpose_are_what_numpy_says(shape: tuple[int, ...]) -> None:
    assert size(shape) == np.zeros(shape).size
    assert transpose_shape(shape) == np.zeros(shape).T.shape


def test_a_lone_number_is_a_shape_of_one_axis() -> None:
    assert broadcast_shape(3, (2, 1)) == (2, 3)
    assert size(7) == 7
    assert matmul_shape((2, 3), 3) == (2,)


def test_shapes_of_the_deck() -> None:
    assert broadcast_shape((3, 3), (3, 1)) == (3, 3)  # 001-3
    assert broadcast_shape((3, 2), (3,)) == "error"  # 001-2, axis=1 without keepdims
    assert matmul_shape((40, 100), transpose_shape((50, 100))) == (40, 50)  # 000-20
    assert matmul_shape((100, 50), (40, 100)) == "error"
    assert broadcast_shape((50, 40), (40, 50)) == "error"
    assert reduce_shape((40, 50), 0) == (50,)
    assert reduce_shape((40, 50), 0, keepdims=True) == (1, 50)
    assert reduce_shape((40, 50), 2) == "error"
