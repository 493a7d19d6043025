"""Programs, the cases that they are run on, what came of it, and who runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
    Given: TypeAlias = "Array | float | int"

EXPRESSION, STATEMENTS, FUNCTION = "expression", "statements", "function"


class Program(NamedTuple):
    """Code, and how its results are got.

    ``mode``: an expression's value; the names in ``returns`` (one alone may also go by a name in
    ``also``); or the value of the function ``entry``, called with ``parameters``. ``probes`` are
    parts of the code, expressions whose values are wanted besides.
    """

    source: str
    mode: str
    returns: tuple[str, ...]
    also: tuple[str, ...] = ()
    entry: str = ""
    parameters: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()


class Raised(NamedTuple):
    """An exception: its class, its words and the line of the code, 0 if none is known.

    ``shapes``: those of the two operands that it arose from, if they are known.
    """

    kind: str
    message: str
    line: int
    shapes: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a program did with one case.

    ``values``: float64, int64 or bool arrays; a text names the type of what is none.
    ``stopped``: time, memory, output or ended, where nothing came back. ``probes`` has an entry
    for each probe, None where it is no array of a fit size.
    """

    values: tuple[Array | str, ...] = ()
    raised: Raised | None = None
    stopped: str = ""
    probes: tuple[Array | Raised | None, ...] = ()
    variables: Mapping[str, Array] | None = None
    changed: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Cases:
    """Inputs by name, several times over. Equal only to itself, so that results can be kept."""

    inputs: tuple[Mapping[str, Given], ...]


class Runner(Protocol):
    """Runs programs on cases, a student's in a process that has seen nothing else.

    ``timed``: whether what is said may depend on how long it took.
    """

    timed: bool

    def student(self, program: Program, cases: Cases) -> Sequence[Outcome]:
        """The outcome of each case."""

    def author(self, programs: Sequence[Program], cases: Cases) -> Sequence[Sequence[Outcome]]:
        """The outcomes of several programs, none of them a student's."""


class NoRunner(Exception):
    """Code was to be graded, and ``grade`` was given nothing that runs it."""
