"""Frames between this program and a worker: a JSON head and raw bytes, never pickle.

A frame from a worker is what somebody's code may have written: it is read as data, within limits.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

HEAD = struct.Struct(">II")
TYPES = ("<f8", "<i8", "|b1")
MAX_AXES = 8
MAX_HEAD = 4_000_000
Json = dict[str, Any]


class Damaged(ValueError):
    """Bytes that are no frame."""


class Packet(NamedTuple):
    """A JSON head, and the bytes that the arrays in it point to."""

    head: Json
    body: bytes


class Packer:
    """Collects arrays for one frame."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0

    def array(self, array: np.ndarray[Any, Any]) -> Json:
        """Where in the frame an array of a type in TYPES lies."""
        data = array.tobytes()
        place = {"dtype": array.dtype.str, "shape": list(array.shape), "at": self.size}
        self.pieces.append(data)
        self.size += len(data)
        return place

    def frame(self, head: Json) -> bytes:
        """The whole frame."""
        text = json.dumps(head).encode()
        return b"".join((HEAD.pack(len(text), self.size), text, *self.pieces))


def packets(data: bytes) -> Iterator[Packet]:
    """The frames that are whole, up to the first that isn't. Raises Damaged."""
    at = 0
    while at + HEAD.size <= len(data):
        long, size = HEAD.unpack_from(data, at)
        at += HEAD.size
        if long > MAX_HEAD:
            raise Damaged("a head that is too long")
        if at + long + size > len(data):
            return
        yield Packet(_head(data[at : at + long]), data[at + long : at + long + size])
        at += long + size


def _head(text: bytes) -> Json:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError):
        raise Damaged("the head is no JSON") from None
    if not isinstance(head, dict):
        raise Damaged("the head is no object")
    return head


def unpacked(place: object, body: bytes) -> np.ndarray[Any, Any]:
    """A copy of the array that a head points to. Raises Damaged."""
    import numpy as np

    if not isinstance(place, dict) or place.get("dtype") not in TYPES:
        raise Damaged("no array of a known type")
    shape, at = place.get("shape"), place.get("at")
    if not isinstance(shape, list) or len(shape) > MAX_AXES or not all(map(_is_size, shape)):
        raise Damaged("no shape")
    if not isinstance(at, int) or not _is_size(at):
        raise Damaged("no place")
    dtype = np.dtype(place["dtype"])
    count = prod(shape)
    if at + count * dtype.itemsize > len(body):
        raise Damaged("the array lies outside the frame")
    found = np.frombuffer(body, dtype, count, at).reshape(shape)
    # Any byte may come for a truth value, and only 0 and 1 are ones.
    return found.view(np.uint8) != 0 if dtype.kind == "b" else found.copy()


def _is_size(size: object) -> bool:
    return type(size) is int and 0 <= size < 2**31
