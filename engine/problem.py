"""A problem as its author wrote it, before any number is drawn.

Expressions stay text here; ``engine.variant`` reads them against the drawn parameters.
Every text that an author wrote keeps no trace of YAML: the bank supplies places for findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeAlias

FORMS = ("expanded", "factored", "simplified", "exact")


class BrokenProblem(Exception):
    """An author's error found when a problem is used; ``trail`` is the way of keys to it."""

    def __init__(self, trail: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.trail = trail
        self.message = message


class Range(NamedTuple):
    """``5..64`` or ``0.1..0.9 step 0.1``: evenly spaced values, both ends included."""

    low: Fraction
    high: Fraction
    step: Fraction = Fraction(1)


class OneOf(NamedTuple):
    """A list: one of its entries. An entry is a number, a word, a list of words, or a record."""

    entries: tuple[Entry, ...]


class Sample(NamedTuple):
    """``{sample: 4, of: [a, b, ...]}``: that many different entries, in drawn order."""

    size: int
    entries: tuple[Entry, ...]


class Array(NamedTuple):
    """``{array: [2, 3], of: -9..9, distinct: true}``: an array of drawn entries.

    ``shape`` holds expressions in earlier parameters.
    """

    shape: tuple[str, ...]
    entries: Range | OneOf
    distinct: bool = False


class Maths(NamedTuple):
    """``{maths: ["x^2 y", "a x^b"]}``: one of several expressions in the problem's symbols."""

    entries: tuple[str, ...]


Record: TypeAlias = Mapping[str, "Fraction | str"]
Entry: TypeAlias = "Fraction | str | tuple[Entry, ...] | Record"
Parameter: TypeAlias = Range | OneOf | Sample | Array | Maths


class Misconception(NamedTuple):
    """A wrong procedure that yields a value, and the words for whoever gives that value."""

    id: str
    answer: str
    say: str
    when: str = ""


class Option(NamedTuple):
    """An option of a choice: ``right`` is a condition, ``say`` for whoever is wrong about it."""

    id: str
    text: str
    right: str = ""
    say: str = ""


class Loss(NamedTuple):
    """What a gradient belongs to: ``value`` is differentiated by the symbol ``by``.

    ``where``: symbols that depend on others (``yhat: w X``), each in the symbols before it.
    """

    value: str
    by: str
    where: Mapping[str, str] = {}


class CodeInput(NamedTuple):
    """An argument of code: one of ``engine.coding.task.VALUES`` in a shape, or an expression.

    ``shape`` and ``below`` hold expressions, and names of axes that each test draws anew.
    """

    name: str
    values: str = ""
    shape: tuple[str, ...] = ()
    of: Range | None = None
    below: str = ""
    given: str = ""


class Coding(NamedTuple):
    """What belongs to a part of kind code alone; the texts of code hold ``{{values}}``.

    ``returns``: the names of the results, the part's id if empty. ``steps``: code by id.
    ``overflow``: factors by argument. ``program`` and ``bug``: a function whose line
    ``bug.line`` is shown as ``bug.wrong``, to be mended; ``bug`` is a parameter.
    """

    inputs: tuple[CodeInput, ...] = ()
    returns: tuple[str, ...] = ()
    steps: Mapping[str, str] = {}
    overflow: Mapping[str, Fraction] = {}
    vectorised: bool = False
    program: str = ""
    bug: str = ""


class Part(NamedTuple):
    """One thing asked.

    ``kind``: number, integer, shape, choice, choices, symbolic, matrix, array or code.
    ``points``: None shares what the problem's other parts leave.
    ``relative``/``absolute``: tolerance of number and array cells; both None is the rule of
    three significant digits.
    ``form``: ``expanded``, ``factored``, ``simplified`` or ``exact``, if one is asked.
    ``forbid``: expressions that don't count as an answer, such as the question itself.
    ``loss``: what the answer is the gradient of; lint holds it against finite differences.
    ``pool``: the sample of records that the options were made from.
    """

    id: str
    kind: str
    answer: str = ""
    ask: str = ""
    points: Fraction | None = None
    symbols: str = ""
    relative: Fraction | None = None
    absolute: Fraction | None = None
    options: tuple[Option, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    hints: tuple[str, ...] = ()
    form: str = ""
    forbid: tuple[str, ...] = ()
    loss: Loss | None = None
    pool: str = ""
    coding: Coding | None = None


class Row(NamedTuple):
    """A row of a table: its cells come from the templates of ``kind``."""

    id: str
    label: str
    kind: str
    values: Mapping[str, str] = {}
    misconceptions: Mapping[str, tuple[Misconception, ...]] = {}


class Table(NamedTuple):
    """A layout over parts: the cell in row ``r`` and column ``c`` is the part ``r.c``.

    ``rows``: the parameter or list of row ids to show, in order.
    ``first``: cells of a given row above the first one, by column (``INPUT``).
    In a cell's expressions ``row.NAME`` is a value of its row and ``previous.COLUMN`` the
    answer one row up, which is how credit follows through.
    """

    columns: Mapping[str, str]
    cells: Mapping[str, Mapping[str, Part]]
    rows: tuple[Row, ...]
    show: str = ""
    corner: str = ""
    first_label: str = ""
    first: Mapping[str, str] = {}


class Example(NamedTuple):
    """A response and the verdict (and note) it must get, on ``original`` or on any seed."""

    answers: Mapping[str, str]
    verdict: str
    note: str = ""
    original: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Problem:
    """The template. ``revision`` is a digest of the file it was read from.

    ``where``: symbols that stand for expressions (``yhat: w X + b``), each in the symbols before
    it; an answer may hold either.
    """

    id: str
    title: str
    question: str
    points: Fraction
    parts: tuple[Part, ...] = ()
    table: Table | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    define: Mapping[str, str] = field(default_factory=dict)
    maths: Mapping[str, str] = field(default_factory=dict)
    require: tuple[str, ...] = ()
    original: Mapping[str, Entry] | None = None
    symbols: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    solution: str = ""
    examples: tuple[Example, ...] = ()
    source: str = ""
    revision: str = ""

    @property
    def topic(self) -> str:
        """The folder of the bank that holds the problem."""
        return self.id.partition("/")[0]
