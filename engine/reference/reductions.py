"""Sums, means and maxima over an axis, and what is built from them.

A matrix M is (rows, columns). ``axis`` names the axis that is summed away: axis 0 leaves one
result a column, axis 1 one a row, None takes every entry; negative axes count from the end.
Every function raises ValueError for an axis that the array has not got.
Source, unless said otherwise: NumPy manual, ``sum``, ``mean``, ``max`` and "Broadcasting".
"""

from __future__ import annotations

import numpy as np

from engine.reference.arrays import Cells, Floats, array, axis_of, matrix, plain
from engine.reference.checks import MOST_WORK, product, whole


def total(x: Cells, axis: int | None = None, keepdims: bool = False) -> Floats | float:
    """Σ x over ``axis``; with ``keepdims`` that axis stays, with size 1.

    >>> total([[1, 9], [5, 3]], 0)
    array([ 6., 12.])
    """
    cells = array(x)
    over = None if axis is None else axis_of(cells, axis)
    return plain(np.sum(cells, axis=over, keepdims=bool(keepdims)))


def mean(x: Cells, axis: int | None = None, keepdims: bool = False) -> Floats | float:
    """Σ x over ``axis``, divided by the entries summed."""
    cells = array(x)
    over = None if axis is None else axis_of(cells, axis)
    return plain(np.mean(cells, axis=over, keepdims=bool(keepdims)))


def row_sums(m: Cells) -> Floats:
    """One sum a row: (rows, columns) -> (rows,).

    >>> row_sums([[1, 9], [5, 3]])
    array([10.,  8.])
    """
    return np.asarray(matrix(m).sum(axis=1))


def column_sums(m: Cells) -> Floats:
    """One sum a column: (rows, columns) -> (columns,).

    >>> column_sums([[1, 9], [5, 3]])
    array([ 6., 12.])
    """
    return np.asarray(matrix(m).sum(axis=0))


def row_means(m: Cells) -> Floats:
    """One mean a row: (rows, columns) -> (rows,).

    >>> row_means([[1, 9], [5, 3]])
    array([5., 4.])
    """
    return np.asarray(matrix(m).mean(axis=1))


def column_means(m: Cells) -> Floats:
    """One mean a column: (rows, columns) -> (columns,).

    >>> column_means([[1, 9], [5, 3]])
    array([3., 6.])
    """
    return np.asarray(matrix(m).mean(axis=0))


def row_maxima(m: Cells) -> Floats:
    """The largest entry of each row: (rows, columns) -> (rows,).

    >>> row_maxima([[1, 9], [5, 3]])
    array([9., 5.])
    """
    return np.asarray(matrix(m).max(axis=1))


def column_maxima(m: Cells) -> Floats:
    """The largest entry of each column: (rows, columns) -> (columns,).

    >>> column_maxima([[1, 9], [5, 3]])
    array([5., 9.])
    """
    return np.asarray(matrix(m).max(axis=0))


def means_by_count(x: Cells, axis: int, count_axis: int) -> Floats | float:
    """Sums over ``axis``, divided by the length of ``count_axis``: means only where they agree.

    Source: a wrong answer to row and column means (row sums over the number of rows).

    >>> means_by_count([[1, 9, 2], [5, 3, 4]], 1, 0)
    array([6., 6.])
    """
    cells = array(x)
    return plain(np.sum(cells, axis=axis_of(cells, axis)) / cells.shape[axis_of(cells, count_axis)])


def normalize(x: Cells, axis: int | None = None) -> Floats:
    """x/Σ x over ``axis``, of x's shape: shares that add up to 1, without exponentials.

    ValueError where a sum is 0, or so near it that a share is beyond a float.
    Source: a wrong answer to softmax.

    >>> normalize([[1, 9], [3, 1]], 0)
    array([[0.25, 0.9 ],
           [0.75, 0.1 ]])
    """
    cells = array(x)
    sums = np.sum(cells, axis=None if axis is None else axis_of(cells, axis), keepdims=True)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        shares = cells / sums
    if not np.all(np.isfinite(shares)):
        raise ValueError("entries that add up to 0 have no shares.")
    return np.asarray(shares)


def exp_normalize(x: Cells) -> Floats:
    """e^x/Σ e^x with the sum over every entry, of x's shape.

    Source: a wrong answer to softmax over one axis; right for a single vector.

    >>> exp_normalize([[0, 0], [0, 0]])
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    cells = array(x)
    powers = np.exp(cells - cells.max())
    return np.asarray(powers / powers.sum())


def distances(x: Cells, v: Cells, axis: int = 0) -> Floats | float:
    """√Σ (x − v)² over ``axis``, with x − v broadcast: Euclidean lengths.

    For X (F, m) and V (F, 1), axis 0: the distance of each column from V, (m,). A V of shape
    (F,) stands along the rows instead, as in NumPy. ValueError where x and v do not broadcast.

    >>> distances([[3, 0], [4, 2]], [[0], [0]])
    array([5., 2.])
    """
    differences = _difference(x, v)
    return plain(np.sqrt(np.sum(np.square(differences), axis=axis_of(differences, axis))))


def nearest(x: Cells, v: Cells) -> int:
    """The index, from 0, of the column of X (F, m) nearest to V (F, 1); the first under ties.

    ValueError where x and v do not broadcast to a matrix.
    Source: NumPy manual, ``argmin``.

    >>> nearest([[1, 5, 9], [1, 5, 9]], [[4], [5]])
    1
    """
    if _difference(x, v).ndim != 2:
        raise ValueError("nearest needs a matrix X and a column V.")
    return int(np.argmin(distances(x, v, axis=0)))


def reshape(x: Cells, rows: int, columns: int) -> Floats:
    """The entries of x in row order as (rows, columns); ValueError where the counts differ.

    >>> reshape((1, 2, 3, 4), 2, 2)
    array([[1., 2.],
           [3., 4.]])
    """
    cells = array(x)
    shape = whole(rows, "the number of rows"), whole(columns, "the number of columns")
    if cells.size != shape[0] * shape[1]:
        raise ValueError(f"{cells.size} entries do not fill {shape[0]} × {shape[1]} cells.")
    return cells.reshape(shape)


def _difference(x: Cells, v: Cells) -> Floats:
    first, second = array(x, "x"), array(v, "v")
    try:
        shape = np.broadcast_shapes(first.shape, second.shape)
    except ValueError:
        raise ValueError(f"the shapes {first.shape} and {second.shape} do not broadcast.") from None
    product(shape, "the difference", MOST_WORK)
    return first - second
