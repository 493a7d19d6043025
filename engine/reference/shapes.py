"""Shapes of arrays and of the layers of a convolutional network, and what they count.

Images are (height, width, channels), one example at a time; filters are square. Arguments
are whole numbers (Fraction(6) and 6.0 count as 6). Every function raises ValueError for sizes
that are not positive whole numbers, and for counts beyond 10^9. Pure Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from engine.reference.checks import MOST, Shape, image_sizes, printed, product, sizes, whole

OrError: TypeAlias = tuple[int, ...] | Literal["error"]


def conv_side(n: int, f: int, s: int = 1, p: int = 0) -> int:
    """The side of a convolution's output: floor((n + 2p − f)/s) + 1.

    Input n × n, filter f × f, stride s, padding p on each of the four sides. ValueError where
    the filter is wider than the padded input.
    Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016),
    relationship 6; the floor as in PyTorch's Conv2d.

    >>> conv_side(28, 5, 1, 2)
    28
    """
    n, f, s = whole(n, "the input"), whole(f, "the filter"), whole(s, "the stride")
    p = whole(p, "the padding", least=0)
    if f > n + 2 * p:
        raise ValueError(
            f"a filter of {f} × {f} does not fit in an input of {n} × {n} with padding {p}."
        )
    return (n + 2 * p - f) // s + 1


def conv_shape(
    shape: Sequence[int], k: int, filters: int, stride: int = 1, padding: int = 0
) -> tuple[int, int, int]:
    """The output (H', W', filters) of k × k filters on an input (H, W, C).

    Each filter covers all C channels and gives one channel of the output; H' and W' are
    ``conv_side``. ValueError where the filter does not fit.
    Source: CS231n notes, "Convolutional Neural Networks", summary of the conv layer.

    >>> conv_shape((28, 28, 3), 5, 8)
    (24, 24, 8)
    """
    height, width, _ = image_sizes(shape)
    result = (
        conv_side(height, k, stride, padding),
        conv_side(width, k, stride, padding),
        whole(filters, "the number of filters"),
    )
    product(result, "the output")
    return result


def conv_weights(k: int, channels: int, filters: int) -> int:
    """The weights of a convolution, biases not counted: k · k · channels · filters.

    ``channels`` are the input's; the biases are as many as the filters.
    Source: CS231n notes, summary of the conv layer: "F·F·D₁ weights per filter".

    >>> conv_weights(5, 3, 8)
    600
    """
    k, channels = whole(k, "the filter"), whole(channels, "the number of channels")
    return product((k, k, channels, whole(filters, "the number of filters")), "the weights")


def pool_shape(shape: Sequence[int], k: int, stride: int | None = None) -> tuple[int, int, int]:
    """The output (H', W', C) of k × k pooling on an input (H, W, C), without padding.

    The stride is k unless given; a window that would stick out is left off (the floor).
    ValueError where the window does not fit.
    Source: PyTorch's MaxPool2d with ``ceil_mode=False``.

    >>> pool_shape((28, 28, 8), 2)
    (14, 14, 8)
    """
    height, width, channels = image_sizes(shape)
    step = k if stride is None else stride
    return conv_side(height, k, step), conv_side(width, k, step), channels


def same_padding_side(n: int, s: int = 1) -> int:
    """The side of the output under 'same' padding: ceil(n/s), whatever the filter.

    Source: TensorFlow's ``padding="SAME"``; for stride 1 and odd f it is p = (f − 1)/2.

    >>> same_padding_side(28, 3)
    10
    """
    return -(-whole(n, "the input") // whole(s, "the stride"))


def dense_weights(shape_in: Shape, units: int) -> int:
    """The weights of a fully connected layer, biases not counted: size(shape_in) · units.

    ``shape_in`` is flattened: (12, 12, 64) has 9,216 inputs; a lone n has n.
    Source: CS231n notes, "Converting FC layers to CONV layers".

    >>> dense_weights((12, 12, 64), 10)
    92160
    """
    inputs = sizes(shape_in, "the input's shape")
    return product((*inputs, whole(units, "the number of units")), "the weights")


def size(shape: Shape) -> int:
    """The entries of an array: the product of its axes, 1 for (); an axis may be 0.

    Source: NumPy's ``ndarray.size``.

    >>> size((2, 3, 4))
    24
    """
    return product(sizes(shape, least=0))


def broadcast_shape(a: Shape, b: Shape) -> OrError:
    """The shape of an element-wise operation on shapes a and b, or "error".

    Axes are aligned from the right; two sizes agree when they are equal or one of them is 1.
    Source: NumPy manual, "Broadcasting".

    >>> broadcast_shape((3, 1), (4,))
    (3, 4)
    """
    first, second = sizes(a, least=0), sizes(b, least=0)
    axes = max(len(first), len(second))
    first = (1,) * (axes - len(first)) + first
    second = (1,) * (axes - len(second)) + second
    if any(i != j and 1 not in (i, j) for i, j in zip(first, second, strict=True)):
        return "error"
    return _bounded(j if i == 1 else i for i, j in zip(first, second, strict=True))


def matmul_shape(a: Shape, b: Shape) -> OrError:
    """The shape of ``a @ b`` for shapes of one or two axes, or "error".

    (r, k) @ (k, c) is (r, c). A vector on the left is a row, on the right a column, and the axis
    added for it is taken away again: (k,) @ (k,) is (). ValueError for other numbers of axes,
    where ``np.matmul`` and ``np.dot`` differ.
    Source: NumPy manual, ``numpy.matmul`` and ``numpy.dot``.

    >>> matmul_shape((2, 3), (3, 5))
    (2, 5)
    """
    first, second = sizes(a, least=0), sizes(b, least=0)
    for axes in (first, second):
        if len(axes) not in (1, 2):
            raise ValueError(f"matmul_shape takes one or two axes, not {printed(axes)}.")
    if first[-1] != second[0]:
        return "error"
    return _bounded((*first[:-1], *second[1:]))


def reduce_shape(
    shape: Shape, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> OrError:
    """The shape of a sum, mean or maximum over ``axis`` (one, several, or all), or "error".

    Negative axes count from the end. "error" where NumPy raises: an axis that the array has not
    got, or one named twice. With ``keepdims`` the axes stay, with size 1.
    Source: NumPy manual, ``numpy.sum``.

    >>> reduce_shape((2, 3, 4), 1)
    (2, 4)
    """
    axes = sizes(shape, least=0)
    count = len(axes)
    if axis is None:
        gone = list(range(count))
    elif not axes and axis in (0, -1):
        gone = []  # NumPy lets a number be summed over "its" axis
    else:
        named = axis if isinstance(axis, Sequence) else (axis,)
        gone = [whole(i, "the axis", least=-MOST) for i in named]
    if any(not -count <= i < count for i in gone) or len({i % count for i in gone}) < len(gone):
        return "error"
    gone = [i % count for i in gone]
    if keepdims:
        return tuple(1 if i in gone else n for i, n in enumerate(axes))
    return tuple(n for i, n in enumerate(axes) if i not in gone)


def transpose_shape(shape: Shape) -> tuple[int, ...]:
    """The shape of ``A.T``: the axes in reverse order; (n,) stays (n,).

    Source: NumPy manual, ``ndarray.T``.

    >>> transpose_shape((2, 3, 4))
    (4, 3, 2)
    """
    return sizes(shape, least=0)[::-1]


def reshape_shape(shape: Shape, new: Shape) -> OrError:
    """The shape of ``A.reshape(new)`` for A of ``shape``, or "error" where the counts differ.

    One axis of ``new`` may be −1, for what is left.
    Source: NumPy manual, ``numpy.reshape``.

    >>> reshape_shape((2, 6), (3, -1))
    (3, 4)
    """
    count = size(shape)
    wanted = sizes(new, "the new shape", least=-1)
    known = product((n for n in wanted if n != -1), "the new shape")
    unknown = wanted.count(-1)
    if unknown > 1 or (unknown and (known == 0 or count % known)):
        return "error"
    if not unknown and known != count:
        return "error"
    return tuple(count // known if n == -1 else n for n in wanted)


def _bounded(axes: Iterable[int]) -> tuple[int, ...]:
    return sizes(axes, "the result", least=0)
