"""A layout over parts: rows whose cells come from templates by column."""

from __future__ import annotations

from typing import Any

from engine.problem import Misconception, Row, Table
from tutor.bank.nodes import ListNode
from tutor.bank.parameters import EXPRESSION
from tutor.bank.parts import MISCONCEPTIONS, part
from tutor.bank.rules import ID, Key, Keys, ListOf, MapOf, Text
from tutor.bank.spots import Spot

LABEL = Text(200)


def show(spot: Spot) -> str | list[str]:
    """The name of a parameter, or the ids of rows."""
    if isinstance(spot.node, ListNode):
        return ListOf(LABEL, most=30)(spot)
    return LABEL(spot)


ROW = Keys(
    {
        "label": Key(LABEL, "the heading of the row", required=True),
        "kind": Key(LABEL, "the key under cells whose templates the row uses"),
        "misconceptions": Key(
            MapOf(MISCONCEPTIONS), "known wrong procedures of this row, by column and id"
        ),
    },
    others=Key(EXPRESSION, "a value of the row, an expression or a word: row.NAME in a cell"),
)
FIRST = Keys(
    {"label": Key(LABEL, "the heading of the given row", required=True)},
    others=Key(EXPRESSION, "the given value in the column of this name, an expression"),
)


def row(spot: Spot) -> Row:
    """A row, with its id from the trail."""
    values = ROW(spot)
    wrong: dict[str, dict[str, Misconception]] = values.pop("misconceptions", {})
    label, kind = values.pop("label", ""), values.pop("kind", "")
    by_column = {column: tuple(found.values()) for column, found in wrong.items()}
    return Row(spot.name, label, kind, values, by_column)


TABLE = Keys(
    {
        "show": Key(show, "the parameter that holds the rows to show, or a list of row ids"),
        "corner": Key(LABEL, "the heading of the first column"),
        "columns": Key(MapOf(LABEL, ID, most=12), "the heading of each column", required=True),
        "first": Key(FIRST, "a given row above the first one"),
        "cells": Key(
            MapOf(MapOf(part, most=12), most=30),
            "the part in each column, by kind of row",
            required=True,
        ),
        "rows": Key(MapOf(row, most=30), "the rows by id", required=True),
    }
)


def table(spot: Spot) -> Table:
    """A table. A list under ``show`` chooses and orders the rows here and now."""
    values = TABLE(spot)
    cells = values.get("cells", {})
    rows = {id: _with_kind(row, list(cells)) for id, row in values.get("rows", {}).items()}
    shown = values.get("show", "")
    if isinstance(shown, list):
        rows, shown = _chosen(spot, shown, rows), ""
    first = values.get("first", {})
    return Table(
        columns=values.get("columns", {}),
        cells=cells,
        rows=tuple(rows.values()),
        show=shown,
        corner=values.get("corner", ""),
        first_label=first.pop("label", ""),
        first=first,
    )


def _with_kind(row: Row, kinds: list[str]) -> Row:
    if row.kind or len(kinds) != 1:
        return row
    return Row(row.id, row.label, kinds[0], row.values, row.misconceptions)


def _chosen(spot: Spot, ids: list[str], rows: dict[str, Any]) -> dict[str, Any]:
    listed = next(value for key, value in spot.entries() if key.text == "show")
    for number, item in enumerate(listed.items()):
        id = ids[number]
        if id and rows and id not in rows:
            item.fail(f"there is no row '{id}'")
        elif id in ids[:number]:
            item.fail(f"row '{id}' is already listed")
    return {id: rows[id] for id in ids if id in rows}
