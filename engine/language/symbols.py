"""What a problem declares: symbols, their domains and axes, written as ``x, y>0, X:(F,m)``."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from engine.language.errors import Unreadable

KINDS = ("real", "integer", "complex", "unit")
_BOUND = r"(?:>=|<=|!=|>|<)\s*-?[0-9]{1,6}(?:\.[0-9]{1,6})?"
_ENTRY = re.compile(
    r"(?P<name>[^\s,:<>!=](?:[^,:<>!=]*[^\s,:<>!=])?)\s*"
    rf"(?P<bound>{_BOUND})?\s*"
    r"(?::\s*(?P<kind>[a-z]+|\([^()]*\)))?\s*"
    rf"(?P<late>{_BOUND})?\Z"
)
_STRAY = re.compile(r"[^,\s]")
_BALANCED = re.compile(r"(?:[^,()\[\]]|\([^()]*\)|\[[^\[\]]*\])+")


class Symbol(NamedTuple):
    """A declared name.

    ``kind``: ``real``, ``integer``, ``complex``, or ``unit`` (the imaginary unit).
    ``bound``: ``""``, ``">0"``, ``">=0"``, ``"<0"``, ``"<=0"``, ``"!=0"``, or with another number.
    ``axes``: axis names or sizes of a matrix, ``("F", "m")``; None for a scalar.
    """

    name: str
    kind: str = "real"
    bound: str = ""
    axes: tuple[str, ...] | None = None

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def side(self) -> str:
        """``>`` or ``<``: on which side of its limit a bounded symbol lies; else ``""``."""
        return self.bound[0] if self.bound[:1] in ("<", ">") else ""

    @property
    def limit(self) -> Fraction:
        """The number of the bound; 0 without one."""
        return _limit(self.bound)


@lru_cache(maxsize=512)
def _limit(bound: str) -> Fraction:
    return Fraction(bound.lstrip("<>=!") or 0)


@lru_cache(maxsize=512)
def parse_symbols(spec: str) -> tuple[Symbol, ...]:
    """The declarations of ``x, y>0, q!=0, n:integer, z:complex, i:unit, X:(F,m)``, in order.

    Named axes are declared too, as positive integers. Raises Unreadable.
    """
    stray = _STRAY.search(_BALANCED.sub(lambda found: " " * len(found[0]), spec))
    if stray is not None:
        raise Unreadable("this bracket has no partner", stray.start(), stray.end())
    declared: dict[str, Symbol] = {}
    for found in _BALANCED.finditer(spec):
        if found.group().strip():
            symbol = _entry(found.group().strip(), found.start(), found.end())
            if symbol.name in declared:
                message = f"{symbol.name} is declared twice"
                raise Unreadable(message, found.start(), found.end())
            declared[symbol.name] = symbol
    for symbol in tuple(declared.values()):
        for axis in symbol.axes or ():
            if not axis.isdigit():
                declared.setdefault(axis, Symbol(axis, "integer", ">0"))
    return tuple(declared.values())


def _entry(text: str, start: int, end: int) -> Symbol:
    found = _ENTRY.match(text)
    if found is None:
        raise Unreadable(f"{text} is not a declaration such as x, y>0 or X:(F,m)", start, end)
    if any(character.isspace() for character in found["name"]):
        raise Unreadable(f"{text}: symbols are separated by commas, as in x, y", start, end)
    kind, axes = found["kind"] or "real", None
    if kind.startswith("("):
        kind, axes = "real", tuple(axis.strip() for axis in kind[1:-1].split(",") if axis.strip())
        if not axes or any(re.fullmatch(r"\w+", axis) is None for axis in axes):
            raise Unreadable(f"{text}: axes are written as (F, m) or (1, F)", start, end)
        if len(axes) != 2:
            message = f"{text}: two axes are needed; a column is (n, 1), a row is (1, n)"
            raise Unreadable(message, start, end)
    if kind not in KINDS:
        raise Unreadable(f"{kind} is not one of {', '.join(KINDS)}", start, end)
    bound = (found["bound"] or found["late"] or "").replace(" ", "")
    return Symbol(found["name"], kind, bound, axes)
