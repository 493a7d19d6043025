"""A problem made ready for drawing: its expressions read, the parts of its table laid out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from engine.language.errors import Unreadable
from engine.language.functions import AUTHOR_FUNCTIONS, Function
from engine.language.parser import read, read_items
from engine.language.scope import Scope
from engine.language.symbols import Symbol, parse_symbols
from engine.language.tree import Node
from engine.problem import Array, BrokenProblem, Entry, OneOf, Part, Problem, Row, Sample
from engine.reference import FUNCTIONS, load
from engine.reference import needs_arrays as on_arrays

Trail = tuple[str, ...]
_BRACKET = re.compile(r"[(\[]")
_WORD = re.compile(r"[a-z]\w+")
AXIS = re.compile(r"[A-Za-z]\w*")
"""The name of an axis of code's inputs."""


class PartPlan(NamedTuple):
    """A part in its place: for a table's cell also its row and the cells one row up."""

    id: str
    part: Part
    trail: Trail
    label: str = ""
    row: Row | None = None
    above: Mapping[str, str] = {}

    def misconception_trail(self, id: str) -> Trail:
        """Where a misconception stands: in the part, or in the row that adds it to a cell."""
        column = self.id.rpartition(".")[2]
        own = self.row.misconceptions.get(column, ()) if self.row is not None else ()
        if self.row is not None and any(found.id == id for found in own):
            return ("table", "rows", self.row.id, "misconceptions", column, id)
        return (*self.trail, "misconceptions", id)


class References(Mapping[str, Callable[..., object]]):
    """The reference functions by name, imported when first called."""

    def __getitem__(self, name: str) -> Callable[..., object]:
        return load(name)

    def __iter__(self) -> Iterator[str]:
        return iter(FUNCTIONS)

    def __len__(self) -> int:
        return len(FUNCTIONS)

    def __contains__(self, name: object) -> bool:
        return name in FUNCTIONS and name not in AUTHOR_FUNCTIONS


REFERENCES = References()


def authors_functions() -> dict[str, Function]:
    """What an author's expression may call: reference functions and the language's own."""
    return {**{name: Function(name, 0, 9) for name in FUNCTIONS}, **AUTHOR_FUNCTIONS}


class Template:
    """A problem with its names collected; expressions are read once and kept."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.symbols = self._symbols(problem.symbols, ("symbols",))
        self.bracketed = tuple(s.name for s in self.symbols if _BRACKET.search(s.name))
        self._names = [symbol.name for symbol in self.symbols]
        self._names += [*problem.parameters, *problem.define, *problem.maths]
        self._check_parts()
        self._check_where()
        for name, parameter in problem.parameters.items():
            if isinstance(parameter, OneOf | Sample):
                self._names += [f"{name}.{field}" for field in fields_of(parameter.entries)]
        self._names += [part.id for part in problem.parts]
        self._names += [f"{part.id}.program" for part in problem.parts if _is_mended(part)]
        self._names += _table_names(problem)
        self.shapes = frozenset(_shape_parts(problem))
        self._trees: dict[tuple[str, tuple[str, ...]], Node] = {}
        self._scopes: dict[tuple[str, ...], Scope] = {}

    def _symbols(self, spec: str, trail: Trail) -> tuple[Symbol, ...]:
        try:
            return parse_symbols(spec)
        except Unreadable as error:
            raise BrokenProblem(trail, error.message) from None

    def _check_where(self) -> None:
        known = {symbol.name for symbol in self.symbols}
        for name in self.problem.where:
            if name not in known:
                raise BrokenProblem(("where", name), f"'{name}' isn't declared under `symbols`")

    def _check_parts(self) -> None:
        """An answer in a symbol of the same name would stand for itself without end."""
        for part in self.problem.parts:
            own = self._symbols(part.symbols, ("parts", part.id, "symbols"))
            if any(part.id == symbol.name for symbol in (*self.symbols, *own)):
                message = f"{part.id} is a symbol too: give the part another id"
                raise BrokenProblem(("parts", part.id), message)

    def symbols_of(self, plan: PartPlan) -> tuple[Symbol, ...]:
        """What a student may use in a part."""
        if not plan.part.symbols:
            return self.symbols if plan.part.kind in ("symbolic", "matrix") else ()
        return self._symbols(plan.part.symbols, (*plan.trail, "symbols"))

    def own_symbols(self, plan: PartPlan) -> tuple[str, ...]:
        """The names of the symbols that a part has in place of the problem's."""
        return tuple(symbol.name for symbol in self.symbols_of(plan)) if plan.part.symbols else ()

    def knows(self, text: str) -> bool:
        """Whether a text is more than a name that nothing stands for: an axis of code's inputs."""
        return text in self._names or AXIS.fullmatch(text) is None

    def tree(self, text: str, trail: Trail, extra: Sequence[str] = ()) -> Node:
        """The expression, read once. Raises BrokenProblem with the trail to it."""
        key = (text, tuple(extra))
        if key not in self._trees:
            try:
                self._trees[key] = self._read(text, self._scope(key[1]))
            except Unreadable as error:
                place = text[error.start : error.end]
                where = f" (at {place!r})" if place.strip() and place != text else ""
                raise BrokenProblem(trail, f"{text!r}: {error.message}{where}") from None
        return self._trees[key]

    def _read(self, text: str, scope: Scope) -> Node:
        if text.lstrip().startswith("["):
            return read_items(text, scope)
        return read(text, scope, relations=True)

    def _scope(self, extra: tuple[str, ...]) -> Scope:
        if extra not in self._scopes:
            declared = dict.fromkeys((*self._names, *extra))
            self._scopes[extra] = Scope(map(Symbol, declared), authors_functions(), calls=True)
        return self._scopes[extra]

    def plans(self, shown: Sequence[str]) -> tuple[PartPlan, ...]:
        """The parts in order; ``shown`` names the rows of the table, if there is one."""
        cells = self._cells(shown) if self.problem.table is not None else ()
        parts = (PartPlan(p.id, p, ("parts", p.id), p.ask) for p in self.problem.parts)
        return (*cells, *parts)

    def _cells(self, shown: Sequence[str]) -> Iterator[PartPlan]:
        table = self.problem.table
        assert table is not None
        rows = {row.id: row for row in table.rows}
        above: dict[str, str] = dict.fromkeys(table.first, "")
        for name in shown:
            if name not in rows:
                raise BrokenProblem(("table", "show"), f"there is no row {name}")
            row = rows[name]
            for column in table.columns:
                template = table.cells[row.kind].get(column)
                if template is not None:
                    yield _cell(row, column, template, dict(above))
            above = {column: f"{row.id}.{column}" for column in table.columns}


def _cell(row: Row, column: str, template: Part, above: Mapping[str, str]) -> PartPlan:
    own = row.misconceptions.get(column, ())
    part = template._replace(
        id=f"{row.id}.{column}",
        misconceptions=(*own, *template.misconceptions),
    )
    return PartPlan(part.id, part, ("table", "cells", row.kind, column), row.label, row, above)


def fields_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The names of a record's fields; () for entries that aren't records."""
    first = entries[0] if entries else ""
    return tuple(first) if isinstance(first, Mapping) else ()


def words_of(plan: PartPlan) -> tuple[str, ...]:
    """The option ids of a part, which are words in its expressions."""
    return tuple(option.id for option in plan.part.options)


def _is_mended(part: Part) -> bool:
    return part.coding is not None and bool(part.coding.program)


def _shape_parts(problem: Problem) -> Iterator[str]:
    """The ids of parts that are shapes, which texts show as ``6 × 6``."""
    yield from (part.id for part in problem.parts if part.kind == "shape")
    table = problem.table
    for row in table.rows if table is not None else ():
        for column, cell in table.cells[row.kind].items() if table is not None else ():
            if cell.kind == "shape":
                yield f"{row.id}.{column}"


def _table_names(problem: Problem) -> list[str]:
    """``conv1.shape``, ``previous.shape`` and ``row.k`` for all rows and columns."""
    table = problem.table
    if table is None:
        return []
    cells = [f"{row.id}.{column}" for row in table.rows for column in table.columns]
    values = [f"row.{name}" for row in table.rows for name in row.values]
    return [*cells, *(f"previous.{column}" for column in table.columns), *values]


def needs_arrays(problem: Problem) -> bool:
    """Whether drawing a variant computes with arrays, for which NumPy has to be loaded."""
    if any(isinstance(parameter, Array) for parameter in problem.parameters.values()):
        return True
    parts = [*problem.parts]
    if problem.table is not None:
        parts += [part for cells in problem.table.cells.values() for part in cells.values()]
    answers = (part.answer for part in parts if part.kind != "code")
    written = [*problem.define.values(), *answers]
    words = {word for text in written for word in _WORD.findall(text)}
    return any(word in FUNCTIONS and on_arrays(word) for word in words)


@lru_cache(maxsize=512)
def prepare(problem: Problem) -> Template:
    """The problem made ready, once."""
    return Template(problem)
