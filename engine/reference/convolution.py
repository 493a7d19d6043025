"""Convolution as networks compute it: cross-correlation, the filter is not turned over."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.reference.arrays import Cells, Floats, array
from engine.reference.checks import MOST_CELLS, MOST_WORK, product, whole


def conv2d(
    image: Cells,
    kernel: Cells,
    stride: int = 1,
    padding: int = 0,
    bias: Cells = 0,
) -> Floats:
    """out[i, j, q] = bias[q] + Σ_{a, b, c} padded[i·s + a, j·s + b, c] · kernel[a, b, c, q].

    image (H, W), kernel (kh, kw), bias ()                  -> (H', W')
    image (H, W, C), kernel (kh, kw, C), bias ()            -> (H', W')
    image (H, W, C), kernel (kh, kw, C, N), bias () or (N,) -> (H', W', N)
    H' = floor((H + 2p − kh)/s) + 1, W' likewise; ``padding`` p zeros on each side.
    ValueError for other shapes, where the kernel does not fit, and for work beyond 10^7.
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.6; PyTorch's Conv2d
    with the channels last.

    >>> conv2d([[1, 2, 3], [4, 5, 6]], [[1, 0], [0, -1]])
    array([[-4., -4.]])
    """
    step, border = whole(stride, "the stride"), whole(padding, "the padding", least=0)
    given = array(kernel, "the kernel")
    cells, weights = _channelled(array(image, "the image"), given)
    height, width, channels = cells.shape
    rows, columns, _, filters = weights.shape
    product((height + 2 * border, width + 2 * border, channels), "the padded image", MOST_CELLS)
    if rows > height + 2 * border or columns > width + 2 * border:
        raise ValueError(
            f"a kernel of {rows} × {columns} does not fit in an image of {height} × {width} "
            f"with padding {border}."
        )
    padded = np.pad(cells, ((border, border), (border, border), (0, 0)))
    windows = sliding_window_view(padded, (rows, columns), axis=(0, 1))[::step, ::step]
    product((windows.size, filters), "the convolution's work", MOST_WORK)
    sums: Floats = np.einsum("ijcab,abcq->ijq", windows, weights)
    output = sums + _bias(bias, filters)
    return output if given.ndim == 4 else output[:, :, 0]


def _channelled(image: Floats, kernel: Floats) -> tuple[Floats, Floats]:
    """The image as (H, W, C) and the kernel as (kh, kw, C, N)."""
    match image.ndim, kernel.ndim:
        case 2, 2:
            image, kernel = image[:, :, None], kernel[:, :, None, None]
        case 3, 3:
            kernel = kernel[:, :, :, None]
        case 3, 4:
            pass
        case _:
            raise ValueError(
                "an image (H, W) takes a kernel (k, k), an image (H, W, C) a kernel (k, k, C) or "
                f"(k, k, C, N), but these are {image.shape} and {kernel.shape}."
            )
    if image.shape[2] != kernel.shape[2]:
        raise ValueError(
            f"the image has {image.shape[2]} channels, but the kernel has {kernel.shape[2]}."
        )
    return image, kernel


def _bias(bias: Cells, filters: int) -> Floats:
    values = array(bias, "the bias")
    if values.shape not in ((), (filters,)):
        raise ValueError(f"the bias must be one number, or {filters}: one a filter.")
    return values
