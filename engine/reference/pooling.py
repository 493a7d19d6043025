"""Max and average pooling of one channel, forward and backward.

Windows are size × size, ``stride`` apart (``size`` apart unless given), without padding; one
that would stick out is left off. An image (H, W) pools to (H', W'),
H' = floor((H − size)/stride) + 1. Where windows overlap, their gradients add up.

Ties: the first maximum of a window in row order has the gradient, as in PyTorch.

Every function raises ValueError for an array of other axes, a window that does not fit, an
upstream gradient that is not (H', W'), and work beyond 10^7.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.reference.arrays import Cells, Floats, matrix, same_shape
from engine.reference.checks import MOST_CELLS, MOST_WORK, product, whole


def maxpool(image: Cells, size: int, stride: int | None = None) -> Floats:
    """The largest entry of each window: (H, W) -> (H', W').

    Source: PyTorch's MaxPool2d.

    >>> maxpool([[1, 3, 2, 2], [4, 0, 6, 5]], 2)
    array([[4., 6.]])
    """
    return np.asarray(_windows(matrix(image, "the image"), size, stride).max(axis=(2, 3)))


def averagepool(image: Cells, size: int, stride: int | None = None) -> Floats:
    """The mean of each window: (H, W) -> (H', W').

    Source: PyTorch's AvgPool2d.

    >>> averagepool([[1, 3, 2, 2], [4, 0, 6, 6]], 2)
    array([[2., 4.]])
    """
    return np.asarray(_windows(matrix(image, "the image"), size, stride).mean(axis=(2, 3)))


def maxpool_mask(image: Cells, size: int, stride: int | None = None) -> Floats:
    """1 where a cell is the (first) maximum of a window, else 0: (H, W) -> (H, W).

    Source: the course's deck, but one cell a window under ties, as PyTorch's indices.

    >>> maxpool_mask([[1, 3, 2, 2], [4, 0, 6, 5]], 2)
    array([[0., 0., 0., 0.],
           [1., 0., 1., 0.]])
    """
    cells = matrix(image, "the image")
    mask = np.zeros_like(cells)
    mask[_sources(cells, size, stride)] = 1
    return mask


def maxpool_backward(image: Cells, upstream: Cells, size: int, stride: int | None = None) -> Floats:
    """dL/dimage (H, W) from upstream = dL/dpooled (H', W').

    Each window's gradient goes to its (first) maximum, unchanged; all other cells have 0.
    With the image negated it goes to each window's minimum, a wrong arg max.
    Source: the gradient of PyTorch's MaxPool2d.

    >>> maxpool_backward([[1, 3], [4, 0]], [[8]], 2)
    array([[0., 0.],
           [8., 0.]])
    """
    cells = matrix(image, "the image")
    return _scatter(cells, upstream, _sources(cells, size, stride))


def maxpool_backward_misrouted(
    image: Cells,
    upstream: Cells,
    size: int,
    stride: int | None,
    window: int,
    shift: int,
) -> Floats:
    """A slip: ``maxpool_backward`` with one window's gradient in the wrong cell of that window.

    ``window`` counts the windows from 0 in row order. The gradient lands ``shift`` cells behind
    the maximum in row order, round the window's end; shift is 1 to size² − 1.
    ValueError for a window or shift outside these.
    Source: the wrong arg max among the course's wrong answers.

    >>> maxpool_backward_misrouted([[1, 3], [4, 0]], [[8]], 2, 2, 0, 1)
    array([[0., 0.],
           [0., 8.]])
    """
    cells = matrix(image, "the image")
    rows, columns = _sources(cells, size, stride)
    count = _below(whole(size, "the window") ** 2, shift, "the shift", least=1)
    row, column = np.unravel_index(_below(rows.size, window, "the window's number"), rows.shape)
    step = _step(size, stride)
    down, along = rows[row, column] - row * step, columns[row, column] - column * step
    moved = (down * int(size) + along + count) % int(size) ** 2
    rows[row, column] = row * step + moved // int(size)
    columns[row, column] = column * step + moved % int(size)
    return _scatter(cells, upstream, (rows, columns))


def averagepool_backward(
    image: Cells, upstream: Cells, size: int, stride: int | None = None
) -> Floats:
    """dL/dimage (H, W): each window's gradient in equal shares, upstream/size², to its cells.

    Of the image only its shape counts.
    Source: PyTorch's AvgPool2d.

    >>> averagepool_backward([[1, 3], [4, 0]], [[8]], 2)
    array([[2., 2.],
           [2., 2.]])
    """
    cells = matrix(image, "the image")
    windows = _windows(cells, size, stride)
    side = int(size)
    step = _step(size, stride)
    down, along, a, b = np.ix_(*map(np.arange, windows.shape))
    share = same_shape(matrix(upstream, "upstream"), windows.shape[:2], "upstream") / side**2
    gradient = np.zeros_like(cells)
    np.add.at(gradient, (down * step + a, along * step + b), share[:, :, None, None])
    return gradient


def upsample(upstream: Cells, size: int) -> Floats:
    """Each entry repeated over size × size cells: (H', W') -> (H' · size, W' · size).

    Source: a wrong answer to max pooling's backward pass; nearest-neighbour upsampling.

    >>> upsample([[1, 2]], 2)
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]])
    """
    cells, side = matrix(upstream, "upstream"), whole(size, "the window")
    product((cells.size, side, side), "the upsampled array", MOST_CELLS)
    return cells.repeat(side, axis=0).repeat(side, axis=1)


def entry_from(cells: Cells, other: Cells, row: int, column: int) -> Floats:
    """``cells`` (r, c) with one entry taken from ``other`` (r, c); row and column count from 0.

    With the upstream gradient as ``cells`` and the pooled values as ``other``, then
    ``maxpool_backward``, it is the slip of the course's own slide.
    ValueError where the shapes differ or there is no such entry.
    Source: the course's slide on the backward pass of max pooling.

    >>> entry_from([[1, 2], [3, 4]], [[5, 6], [7, 8]], 0, 1)
    array([[1., 6.],
           [3., 4.]])
    """
    result = matrix(cells, "the array")
    replacement = same_shape(matrix(other, "the other array"), result.shape, "the other array")
    place = (
        _below(result.shape[0], row, "the row"),
        _below(result.shape[1], column, "the column"),
    )
    result[place] = replacement[place]
    return result


def _step(size: int, stride: int | None) -> int:
    return whole(size if stride is None else stride, "the stride")


def _windows(cells: Floats, size: int, stride: int | None) -> Floats:
    """The windows (H', W', size, size)."""
    side = whole(size, "the window")
    step = _step(size, stride)
    if side > min(cells.shape):
        height, width = cells.shape
        raise ValueError(
            f"a window of {side} × {side} does not fit in an image of {height} × {width}."
        )
    windows = sliding_window_view(cells, (side, side))[::step, ::step]
    product((windows.size,), "the pooling's work", MOST_WORK)
    return windows


def _sources(
    cells: Floats, size: int, stride: int | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column, each (H', W'), of every window's first maximum."""
    windows = _windows(cells, size, stride)
    height, width, side, _ = windows.shape
    step = _step(size, stride)
    best = windows.reshape(height, width, side * side).argmax(axis=2)
    down, along = np.indices((height, width))
    return down * step + best // side, along * step + best % side


def _scatter(
    cells: Floats, upstream: Cells, places: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> Floats:
    """Each upstream entry added at its place in zeros of the image's shape."""
    entries = same_shape(matrix(upstream, "upstream"), places[0].shape, "upstream")
    gradient = np.zeros_like(cells)
    np.add.at(gradient, places, entries)
    return gradient


def _below(count: int, value: object, what: str, least: int = 0) -> int:
    number = whole(value, what, least)
    if number >= count:
        raise ValueError(f"{what} must be at most {count - 1}, not {number}.")
    return number
