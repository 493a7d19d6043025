"""Counts for layers beyond the plain convolution. Images are (height, width, channels).

Every function raises ValueError for sizes that are not positive whole numbers, and for counts
beyond 10^9. Pure Python.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.reference.checks import Shape, image_sizes, product, sizes, whole
from engine.reference.shapes import conv_shape


def depthwise_weights(k: int, channels: int) -> int:
    """The weights of a depthwise convolution, biases not counted: k · k · channels.

    One k × k filter a channel, and no sum over the channels.
    Source: Howard et al., MobileNets (2017), section 3.1, with a depth multiplier of 1.

    >>> depthwise_weights(3, 32)
    288
    """
    k = whole(k, "the filter")
    return product((k, k, whole(channels, "the number of channels")), "the weights")


def locally_connected_weights(
    shape: Sequence[int], k: int, filters: int, stride: int = 1, padding: int = 0
) -> int:
    """The weights of a locally connected layer on (H, W, C): H' · W' · filters · k · k · C.

    A convolution whose filters are not shared: every cell of the output (H', W', filters) has
    its own k × k × C weights. Biases (one a cell) are not counted.
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.9.

    >>> locally_connected_weights((28, 28, 1), 5, 6)
    86400
    """
    *_, channels = image_sizes(shape)
    output = conv_shape(shape, k, filters, stride, padding)
    return product((*output, int(k), int(k), channels), "the weights")


def receptive_field(filters: Shape, strides: Shape) -> int:
    """The side of the input square that one output cell sees: 1 + Σ_l (f_l − 1) · Π_{i<l} s_i.

    ``filters`` (L,) and ``strides`` (L,) run from the first layer to the last; pooling counts
    as a layer. Away from the border, no dilation. ValueError where the lengths differ.
    Source: Araujo, Norris & Sim, Computing Receptive Fields of CNNs (2019), eq. 2.

    >>> receptive_field((3, 3, 5), (2, 1, 1))
    15
    """
    sides, steps = sizes(filters, "the filters"), sizes(strides, "the strides")
    if len(sides) != len(steps):
        raise ValueError(
            f"each layer needs a filter and a stride, but there are {len(sides)} filters "
            f"and {len(steps)} strides."
        )
    field, jump = 1, 1
    for side, step in zip(sides, steps, strict=True):
        field += (side - 1) * jump
        jump *= step
    return field
