"""What a code part asks, with the numbers of a variant in it."""

from __future__ import annotations

from typing import NamedTuple

from engine.language.exact import Value

VALUES = {
    "floats": "numbers of both signs, none of them near 0",
    "positive": "numbers greater than 0",
    "wide": "numbers of both signs, from 0.01 to 1,000 in size",
    "uniform": "numbers from 0 to 1, as np.random.rand draws them",
    "probabilities": "numbers between 0.05 and 0.95",
    "distributions": "positive numbers that add up to 1 along the last axis",
    "integers": "whole numbers, from 1 to 9 unless `of` says otherwise",
    "labels": "class numbers from 0 up to `below`, each class as often as the others",
    "one-hot": "rows with a single 1, each column as often as the others",
    "bits": "0 and 1, each as often as the other",
    "permutation": "0, 1, 2 … in another order",
}


class Input(NamedTuple):
    """One argument.

    ``values`` is one of VALUES, or "" for the ``given`` value. ``shape`` holds lengths, and names
    of axes whose length is drawn for each case. ``below``: a length or an axis, for labels.
    """

    name: str
    values: str
    shape: tuple[int | str, ...] = ()
    low: int = 1
    high: int = 9
    below: int | str = 2
    given: Value = ""


class Step(NamedTuple):
    """A value on the way to the answer, and the code for it."""

    id: str
    code: str


class Mend(NamedTuple):
    """A function with one wrong line: as it is shown, and which line that is (from 1)."""

    lines: tuple[str, ...]
    line: int


class Task(NamedTuple):
    """All that reading and judging code needs to know.

    ``code`` names the variant. ``slips``: the misconceptions that apply.
    ``trail`` leads to the part in the problem.
    """

    code: str
    part: str
    inputs: tuple[Input, ...]
    returns: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    overflow: tuple[tuple[str, int], ...] = ()
    vectorised: bool = False
    reference: str = ""
    slips: tuple[Step, ...] = ()
    trail: tuple[str, ...] = ()
    mend: Mend | None = None

    @property
    def known(self) -> tuple[str, ...]:
        """The reference and the misconceptions."""
        return (self.reference, *(slip.code for slip in self.slips))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arguments, in order."""
        return tuple(one.name for one in self.inputs)
