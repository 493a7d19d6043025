"""References inside a problem that can be followed without drawing or evaluating anything.

Each check yields trails and messages. A problem may come with holes where a value had findings;
what depends on a hole is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.problem import Entry, OneOf, Problem, Sample, Table
from tutor.bank.findings import shown
from tutor.bank.nodes import Trail
from tutor.bank.spots import meant

Flaw = tuple[Trail, str]


def names_differ(problem: Problem) -> Iterator[Flaw]:
    """No name stands for two of parameters, definitions and maths."""
    owners = dict.fromkeys(problem.parameters, "a parameter")
    for section, names in (("define", problem.define), ("maths", problem.maths)):
        for name in names:
            if name in owners:
                yield (section, name), f"'{name}' is already {owners[name]}"
            owners.setdefault(name, f"under {section}")


def original_is_whole(problem: Problem) -> Iterator[Flaw]:
    """The original names exactly the parameters."""
    if problem.original is None:
        return
    for name in problem.parameters:
        if name not in problem.original:
            yield ("original",), f"the original lacks the parameter '{name}'"
    for name in problem.original:
        if name not in problem.parameters:
            near = meant(name, problem.parameters)
            yield ("original", name), f"there is no parameter {shown(name)}{near}"


def examples_have_parts(problem: Problem) -> Iterator[Flaw]:
    """Every part that an example answers exists, and so does its original."""
    parts = {part.id for part in problem.parts}
    if problem.table is not None:
        parts |= {f"{row.id}.{column}" for row in problem.table.rows
                  for column in problem.table.columns}  # fmt: skip
    for number, example in enumerate(problem.examples, 1):
        here = ("examples", str(number))
        for name in example.answers:
            if parts and name not in parts:
                yield (
                    (*here, "answers", name),
                    f"there is no part {shown(name)}{meant(name, parts)}",
                )
        if example.original and problem.original is None:
            yield (*here, "original"), "the problem has no original"


def pools_hold_options(problem: Problem) -> Iterator[Flaw]:
    """What a part's options are drawn from is a sample of records with text, right and say."""
    for part in problem.parts:
        if not part.pool:
            continue
        here = ("parts", part.id, "pool")
        pool = problem.parameters.get(part.pool)
        if not isinstance(pool, Sample):
            samples = [name for name, one in problem.parameters.items() if isinstance(one, Sample)]
            near = meant(part.pool, samples)
            yield here, f"there is no parameter {shown(part.pool)} that is a sample{near}"
        elif pool.entries and not (
            isinstance(pool.entries[0], Mapping) and {"text", "right", "say"} <= {*pool.entries[0]}
        ):
            yield here, "the entries of a pool are records with text, right (1 or 0) and say"
        else:
            yield from _unmarked(part.pool, pool)


def _unmarked(name: str, pool: Sample) -> Iterator[Flaw]:
    """Entries of a pool of which nobody can tell whether they are right."""
    for number, record in enumerate(pool.entries, 1):
        if isinstance(record, Mapping) and record["right"] not in (0, 1):
            here = ("parameters", name, "of", str(number), "right")
            yield here, f"expected true or false (or 1 or 0), found {shown(str(record['right']))}"


def shown_rows_exist(problem: Problem) -> Iterator[Flaw]:
    """``show`` names a parameter, and that parameter holds ids of rows."""
    table = problem.table
    if table is None or not table.show:
        return
    parameter = problem.parameters.get(table.show)
    if parameter is None:
        near = meant(table.show, problem.parameters)
        yield ("table", "show"), f"there is no parameter {shown(table.show)}{near}"
    elif not isinstance(parameter, Sample | OneOf):
        yield ("table", "show"), f"the parameter '{table.show}' must be a list or a sample of rows"
    else:
        given = (problem.original or {}).get(table.show, ())
        for trail, held in (
            (("parameters", table.show), parameter.entries),
            (("original", table.show), given),
        ):
            for message in dict.fromkeys(_rows_missing(held, table)):
                yield trail, message


def _rows_missing(held: Entry | None, table: Table) -> Iterator[str]:
    rows = {row.id for row in table.rows}
    if isinstance(held, tuple):
        for entry in held:
            yield from _rows_missing(entry, table)
    elif held is not None and not isinstance(held, str):
        yield "the table is shown by this parameter, so it must hold ids of rows"
    elif held and rows and held not in rows:
        yield f"there is no row {shown(held)}{meant(held, rows)}"


def rows_have_templates(problem: Problem) -> Iterator[Flaw]:
    """The kind of each row is one of the templates."""
    table = problem.table
    if table is None or not table.cells:
        return
    for row in table.rows:
        here = ("table", "rows", row.id)
        if not row.kind:
            yield here, f"missing key 'kind': one of {', '.join(table.cells)}"
        elif row.kind not in table.cells:
            near = meant(row.kind, table.cells)
            yield (*here, "kind"), f"there is no {shown(row.kind)} under cells{near}"


def columns_match(problem: Problem) -> Iterator[Flaw]:
    """Templates fill every column, and nothing names a column that isn't there."""
    table = problem.table
    if table is None or not table.columns:
        return
    if "label" in table.columns:
        yield ("table", "columns", "label"), "'label' heads the rows and can't be a column"
    named: list[tuple[Trail, str]] = [(("table", "first"), column) for column in table.first]
    for kind, cells in table.cells.items():
        here = ("table", "cells", kind)
        named += [(here, column) for column in cells]
        for column in table.columns:
            if cells and column not in cells:
                yield here, f"there is no cell for the column '{column}'"
    for row in table.rows:
        inside = ("table", "rows", row.id, "misconceptions")
        named += [(inside, column) for column in row.misconceptions]
    for trail, column in named:
        if column not in table.columns:
            near = meant(column, table.columns)
            yield (*trail, column), f"there is no column {shown(column)}{near}"


def row_misconceptions_differ(problem: Problem) -> Iterator[Flaw]:
    """A row doesn't reuse the id of a misconception in its template."""
    table = problem.table
    for row in table.rows if table is not None else ():
        cells = table.cells.get(row.kind, {}) if table is not None else {}
        for column, own in row.misconceptions.items():
            inherited = {m.id for m in cells[column].misconceptions} if column in cells else set()
            for found in own:
                if found.id in inherited:
                    here = ("table", "rows", row.id, "misconceptions", column, found.id)
                    yield here, f"'{found.id}' is already a misconception of the cell"


CHECKS: tuple[Callable[[Problem], Iterator[Flaw]], ...] = (
    pools_hold_options,
    names_differ,
    original_is_whole,
    examples_have_parts,
    shown_rows_exist,
    rows_have_templates,
    columns_match,
    row_misconceptions_differ,
)
