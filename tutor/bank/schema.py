"""The JSON Schema of a problem file, made from the rules that the reader reads by.

Editors complete and explain keys with it. What a schema can't say (names that refer to one
another, expressions, sums of points) is left to the reader and to ``tutor lint``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from tutor.bank import coding, figures, parameters, parts, reader, table
from tutor.bank.about import ABOUT
from tutor.bank.rules import Flag, Key, Keys, ListOf, MapOf, Number, Text, Word

Schema: TypeAlias = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "A problem of exam-tutor"
FILE = "schema.json"
"""What the schema is called at the top of a bank."""

# In YAML, text without quotes may look like a number or a truth value to an editor.
_PLAIN = {"type": ["string", "number", "boolean"]}
_FRACTION = {"type": "string", "pattern": "^-?(0|[1-9][0-9]*)/[1-9][0-9]*$"}
_RANGE = {
    "type": "string",
    "pattern": r"^\s*-?[0-9./]+\s*\.\.\s*-?[0-9./]+(\s*step\s*[0-9./]+)?\s*$",
}
_WORD = {"type": ["string", "number", "boolean"]}


def problem_schema() -> Schema:
    """The schema of a problem file."""
    return {
        "$schema": DIALECT,
        "title": TITLE,
        **_of(reader.PROBLEM),
        "anyOf": [{"required": ["parts"]}, {"required": ["table"]}],
        "$defs": {name: _of(rule) for name, rule in _SHARED.items()},
    }


def bank_schema() -> Schema:
    """The schema of ``bank.yaml``."""
    return {"$schema": DIALECT, "title": "A bank of exam-tutor", **_of(ABOUT)}


def _of(rule: Callable[..., Any]) -> Schema:
    """The schema of a rule. Raises TypeError for a rule that isn't known here."""
    if rule in _FUNCTIONS:
        return _FUNCTIONS[rule]()
    for kind, schema in _KINDS.items():
        if isinstance(rule, kind):
            return schema(rule)
    raise TypeError(f"no schema for {rule!r}")


def _text(rule: Text) -> Schema:
    length = {"maxLength": rule.limit} if rule.empty else {"minLength": 1, "maxLength": rule.limit}
    return {**_PLAIN, **length}


def _number(rule: Number) -> Schema:
    low = "exclusiveMinimum" if rule.above else "minimum"
    if rule.whole:
        return {"type": "integer", low: rule.low}
    return {"anyOf": [{"type": "number", low: rule.low}, _FRACTION]}


def _list(rule: ListOf[Any]) -> Schema:
    entries = {
        "type": "array",
        "items": _of(rule.item),
        "minItems": rule.least,
        "maxItems": rule.most,
    }
    return {"anyOf": [_of(rule.item), entries]} if rule.lone else entries


def _map(rule: MapOf[Any]) -> Schema:
    return {
        "type": "object",
        "propertyNames": _named(rule.naming),
        "additionalProperties": _of(rule.item),
        "minProperties": rule.least,
        "maxProperties": rule.most,
    }


def _named(naming: re.Pattern[str]) -> Schema:
    return {"pattern": f"^(?:{naming.pattern})$"}


def _keys(rule: Keys) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {name: _key(key) for name, key in rule.keys.items()},
        "additionalProperties": False,
    }
    required = [name for name, key in rule.keys.items() if key.required]
    if required:
        schema["required"] = required
    if rule.least:
        schema["minProperties"] = rule.least
    if rule.others is not None:
        known = "|".join(rule.keys)
        schema["propertyNames"] = _named(re.compile(f"{known}|{figures.NAME.pattern}"))
        schema["additionalProperties"] = _key(rule.others)
    return schema


def _key(key: Key) -> Schema:
    return {"description": key.about, **_of(key.rule)}


_KINDS: dict[type, Callable[[Any], Schema]] = {
    Text: _text,
    Word: lambda rule: {"enum": list(rule.choices)},
    Flag: lambda rule: {"type": "boolean"},
    Number: _number,
    ListOf: _list,
    MapOf: _map,
    Keys: _keys,
}


# -- rules that are functions --------------------------------------------------------------


def _shared(name: str) -> Callable[[], Schema]:
    return lambda: {"$ref": f"#/$defs/{name}"}


def _parameter() -> Schema:
    about = "a range such as 5..64, a list to choose from, or what is drawn"
    forms = [_of(keys) for keys in parameters.BY_KEY.values()]
    return {"description": about, "anyOf": [_RANGE, _entries(), *forms]}


def _entries() -> Schema:
    return {
        "type": "array",
        "items": {"$ref": "#/$defs/entry"},
        "minItems": 1,
        "maxItems": figures.MAX_ENTRIES,
    }


def _entry() -> Schema:
    record = {"type": "object", "minProperties": 1, "additionalProperties": _WORD,
              "propertyNames": _named(figures.NAME)}  # fmt: skip
    return {"anyOf": [_WORD, record, _entries()]}


def _option() -> Schema:
    return {
        "description": "an option, or its text alone",
        "anyOf": [_of(parts.SAY), _of(parts.OPTION)],
    }


def _show() -> Schema:
    return {"anyOf": [_of(table.LABEL), _of(ListOf(table.LABEL, most=30))]}


_FUNCTIONS: dict[Callable[..., Any], Callable[[], Schema]] = {
    coding.code_input: lambda: {"anyOf": [_of(coding.INPUT), _of(parameters.EXPRESSION)]},
    coding.whole_range: lambda: _RANGE,
    figures.entry: _entry,
    parameters.entries: _entries,
    parameters.parameter: _parameter,
    parameters.range_or_numbers: lambda: {"anyOf": [_RANGE, _entries()]},
    parts.misconception: _shared("misconception"),
    parts.option: _option,
    parts.part: _shared("part"),
    reader.example: lambda: _of(reader.EXAMPLE),
    reader.later: lambda: {"$ref": "#/$defs/entry"},
    table.row: lambda: _of(table.ROW),
    table.show: _show,
    table.table: lambda: _of(table.TABLE),
}
_SHARED: dict[str, Callable[..., Any]] = {
    "entry": figures.entry,
    "misconception": parts.MISCONCEPTION,
    "part": parts.PART,
}
