"""The inputs that code is run on: drawn from the variant's name, the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from hashlib import shake_256
from math import prod
from typing import TYPE_CHECKING, Any

from engine.coding.runs import Cases
from engine.coding.task import Input, Task
from engine.draws import Stream
from engine.language.errors import Undefined
from engine.language.exact import Value

if TYPE_CHECKING:
    from engine.coding.runs import Array, Given

COUNT = 5
"""Cases that an answer has to be right on."""
SHORTEST, LONGEST = 2, 8
LARGE = (150, 260)
"""Lengths of the free axes where time is measured."""
MAX_CELLS = 400_000


@lru_cache(maxsize=256)
def cases(task: Task) -> Cases:
    """The cases that decide; behind them one that overflows, if the task has such inputs.

    No two axes have the same length, so that a wrong one shows. Raises Undefined.
    """
    drawn = [_case(task, number, _lengths(task, number)) for number in range(COUNT)]
    if task.overflow:
        scales = dict(task.overflow)
        drawn.append({name: value * scales.get(name, 1) for name, value in drawn[0].items()})
    return Cases(tuple(drawn))


@lru_cache(maxsize=64)
def large_case(task: Task) -> Cases | None:
    """One case with long axes, to measure time on; None where no axis is free."""
    free = _free(task)
    if not free:
        return None
    lengths = dict(zip(free, range(*LARGE, 10), strict=False))
    if any(prod(_sizes(one, lengths)) > MAX_CELLS for one in task.inputs):
        return None
    return Cases((_case(task, COUNT, lengths),))


def _free(task: Task) -> list[str]:
    """The names of axes whose length is drawn."""
    named = [size for one in task.inputs for size in (*one.shape, one.below)]
    return list(dict.fromkeys(size for size in named if isinstance(size, str)))


def _lengths(task: Task, number: int) -> dict[str, int]:
    fixed = {size for one in task.inputs for size in one.shape if isinstance(size, int)}
    free = _free(task)
    last = max(LONGEST, SHORTEST + len(fixed) + len(free))
    pool = [size for size in range(SHORTEST, last + 1) if size not in fixed]
    stream = Stream(task.code, 0, f"{task.part} axes", number)
    return dict(zip(free, stream.sample(pool, len(free)), strict=True))


def _case(task: Task, number: int, lengths: dict[str, int]) -> dict[str, Given]:
    return {
        one.name: _given(one.given) if not one.values else _drawn(task, one, number, lengths)
        for one in task.inputs
    }


def _sizes(one: Input, lengths: dict[str, int]) -> tuple[int, ...]:
    return tuple(lengths[size] if isinstance(size, str) else size for size in one.shape)


def _drawn(task: Task, one: Input, number: int, lengths: dict[str, int]) -> Given:
    import numpy as np

    shape = _sizes(one, lengths)
    cells = prod(shape)
    if min(shape, default=1) < 1 or cells > MAX_CELLS:
        raise Undefined(f"{one.name} would have the shape {shape}")
    key = f"{task.code}\0{task.part}\0{one.name}\0{number}".encode()
    words = np.frombuffer(shake_256(key).digest(8 * cells), "<u8").reshape(shape)
    below = lengths[one.below] if isinstance(one.below, str) else one.below
    array = _MAKERS[one.values](words, one, below)
    if shape:
        return array
    return int(array) if array.dtype.kind == "i" else float(array)


def _given(value: Value) -> Given:
    """A number as Python's own, whole or not; an array as float64."""
    import numpy as np

    if isinstance(value, tuple):
        return np.array(_floats(value), dtype=np.float64)
    number = float(_number(value))
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _floats(value: Value) -> Any:
    return [_floats(item) for item in value] if isinstance(value, tuple) else _number(value)


def _number(value: Value) -> float:
    from engine.language.exact import as_number

    return float(as_number(value))


# -- kinds of values -------------------------------------------------------------------------

# Multiples of a power of two, so that every machine has the very same numbers.


def _unit(words: Array) -> Array:
    """From 0 up to 1, in steps of 2^-20."""
    return (words >> 44).astype("f8") / 2**20


def _signs(words: Array) -> Array:
    return (words & 1).astype("f8") * 2 - 1


def _positive(words: Array, one: Input, below: int) -> Array:
    return 0.25 + 2 * _unit(words)


def _signed(words: Array, one: Input, below: int) -> Array:
    return _positive(words, one, below) * _signs(words)


def _wide(words: Array, one: Input, below: int) -> Array:
    """Sizes of all orders from 0.01 to 1,000, the largest of either sign among them."""
    import numpy as np

    spread = _signed(words, one, below) / 2.25 * 1000.0 / 8.0 ** ((words >> 8) % 6).astype("f8")
    flat = spread.reshape(-1)
    flat[: min(2, flat.size)] = np.array([-900.0, 800.0])[: min(2, flat.size)]
    return flat[_order(words).reshape(-1)].reshape(words.shape)


def _uniform(words: Array, one: Input, below: int) -> Array:
    return _unit(words)


def _probabilities(words: Array, one: Input, below: int) -> Array:
    return 0.0625 + 0.875 * _unit(words)


def _distributions(words: Array, one: Input, below: int) -> Array:
    raw = 0.0625 + _unit(words)
    shares: Array = raw / raw.sum(axis=-1, keepdims=True)
    return shares


def _integers(words: Array, one: Input, below: int) -> Array:
    return (words >> 8).astype("i8") % (one.high - one.low + 1) + one.low


def _order(words: Array) -> Array:
    """A permutation of all cells."""
    import numpy as np

    order: Array = np.argsort(words.reshape(-1), kind="stable").reshape(words.shape)
    return order


def _labels(words: Array, one: Input, below: int) -> Array:
    return (_order(words) % below).astype("i8")


def _bits(words: Array, one: Input, below: int) -> Array:
    return (_order(words) % 2).astype("i8")


def _one_hot(words: Array, one: Input, below: int) -> Array:
    import numpy as np

    classes = words.shape[-1]
    rows: Array = np.eye(classes)[_order(words[..., 0]) % classes]
    return rows


def _permutation(words: Array, one: Input, below: int) -> Array:
    return _order(words).astype("i8")


_MAKERS = {
    "floats": _signed, "positive": _positive, "wide": _wide, "uniform": _uniform,
    "probabilities": _probabilities, "distributions": _distributions, "integers": _integers,
    "labels": _labels, "one-hot": _one_hot, "bits": _bits, "permutation": _permutation,
}  # fmt: skip
