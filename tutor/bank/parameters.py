"""What a parameter may be, and the original's value of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from engine.problem import Array, Entry, Maths, OneOf, Parameter, Range, Sample
from tutor.bank.figures import entry, entry_spots, number, parsed, value_range, word
from tutor.bank.findings import shown
from tutor.bank.nodes import ListNode, MapNode, Scalar
from tutor.bank.rules import TRAPS, Condition, Flag, Key, Keys, ListOf, Number, Text
from tutor.bank.spots import Spot, meant

EXPRESSION = Text(2_000, refuse=TRAPS)
CONDITION = Condition(2_000, refuse=TRAPS)
MAX_AXES = 4
# Stands for a parameter with findings, so that what refers to it gets none.
UNREAD = OneOf(())


def entries(spot: Spot) -> tuple[Entry, ...]:
    """Entries of one type: numbers, words, lists, or records with the same names."""
    spots = entry_spots(spot)
    values = [entry(item) for item in spots]
    first = values[0] if values else None
    for item, value in zip(spots, values, strict=True):
        if value is None or first is None:
            return ()
        if _type(value) != _type(first):
            item.fail(f"expected {_type(first)} like the first entry, found {_type(value)}")
            return ()
        if isinstance(value, Mapping) and isinstance(first, Mapping) and set(value) != set(first):
            item.fail(f"expected the names of the first record: {', '.join(first)}")
            return ()
    return tuple(value for value in values if value is not None)


def _type(value: Entry) -> str:
    if isinstance(value, Fraction):
        return "a number"
    if isinstance(value, str):
        return "a word"
    return "a record" if isinstance(value, Mapping) else "a list"


def one_of(spot: Spot) -> OneOf:
    """``[3, 5, 7]``."""
    return OneOf(entries(spot))


def range_or_numbers(spot: Spot) -> Range | OneOf:
    """What the entries of an array are drawn from."""
    if isinstance(spot.node, Scalar):
        return _range(spot)
    read = one_of(spot)
    if read.entries and not isinstance(read.entries[0], Fraction):
        spot.fail("an array holds numbers only")
        return UNREAD
    return read


def _range(spot: Spot) -> Range | OneOf:
    assert isinstance(spot.node, Scalar)
    text = spot.node.text
    if ".." in text:
        return value_range(spot) or UNREAD
    if isinstance(parsed(text), Fraction):
        spot.fail(f"a value that never varies: write [{text}], or put it under define")
    else:
        spot.wrong("a range such as 5..64, or a list such as [3, 5, 7]")
    return UNREAD


SAMPLE = Keys(
    {
        "sample": Key(Number(1, whole=True), "how many different entries to draw", required=True),
        "of": Key(entries, "the entries: words, numbers, lists or records", required=True),
    }
)
ARRAY = Keys(
    {
        "array": Key(
            ListOf(EXPRESSION, most=MAX_AXES),
            "the length of each axis, expressions in earlier parameters",
            required=True,
        ),
        "of": Key(range_or_numbers, "a range, or a list of numbers", required=True),
        "distinct": Key(Flag(), "true: no number comes twice"),
    }
)
MATHS = Keys(
    {"maths": Key(ListOf(EXPRESSION), "expressions in the problem's symbols", required=True)}
)
BY_KEY = {"sample": SAMPLE, "array": ARRAY, "maths": MATHS}


def parameter(spot: Spot) -> Parameter:
    """What a parameter is drawn from, told by its form."""
    node = spot.node
    if isinstance(node, ListNode):
        return one_of(spot)
    if isinstance(node, MapNode):
        return _drawn(spot, node)
    if isinstance(node, Scalar) and node.text:
        return _range(spot)
    spot.wrong("a range such as 5..64, or a list such as [3, 5, 7]")
    return UNREAD


def _drawn(spot: Spot, node: MapNode) -> Parameter:
    found = [key for key in BY_KEY if key in node.entries]
    if len(found) != 1:
        keys = ", ".join(BY_KEY)
        near = "".join(meant(name, BY_KEY) for name in list(node.entries)[:1] if not found)
        if not node.reported:
            spot.fail(f"expected a mapping with one of {keys}{near}")
        return UNREAD
    before = len(spot.findings)
    values = BY_KEY[found[0]](spot)
    missing = [name for name in (found[0], "of") if name != "maths" and values.get(name) is None]
    if len(spot.findings) == before and found[0] != "maths" and missing:
        spot.fail(f"missing key '{missing[0]}'")
    if len(spot.findings) > before:
        return UNREAD
    if found[0] == "array":
        return Array(tuple(values["array"]), values["of"], values.get("distinct", False))
    if found[0] == "maths":
        return Maths(tuple(values["maths"]))
    count, of = int(values["sample"]), values["of"]
    repeated = [value for number, value in enumerate(of) if value in of[:number]]
    if repeated:
        spot.fail(f"the entries must differ, and {_written(repeated[0])} comes twice")
    elif count > len(of):
        spot.fail(f"{count} different entries can't be drawn from {len(of)}")
    return Sample(count, of)


def _written(value: Entry) -> str:
    return shown(str(value)) if isinstance(value, str | Fraction) else _type(value)


def original_value(spot: Spot, drawn: Parameter) -> Entry | None:
    """The original's value of a parameter; it needn't be one that could be drawn."""
    if isinstance(drawn, Range):
        return number(spot)
    if isinstance(drawn, Maths):
        return EXPRESSION(spot) or None
    if isinstance(drawn, Array):
        return _array(spot, drawn.shape)
    if not drawn.entries:
        entry(spot)
        return None
    if isinstance(drawn, OneOf):
        return _like(spot, drawn.entries)
    items = entry_spots(spot)
    values = tuple(value for item in items if (value := _like(item, drawn.entries)) is not None)
    if items and len(items) != drawn.size:
        spot.fail(f"expected {drawn.size} entries, found {len(items)}")
    elif any(value in values[:number] for number, value in enumerate(values)):
        spot.fail("the entries of a sample must differ")
    return values


def _like(spot: Spot, entries: Sequence[Entry]) -> Entry | None:
    model = entries[0]
    if isinstance(model, Fraction):
        return number(spot)
    if isinstance(model, str):
        return word(spot)
    value = entry(spot)
    if value is None:
        return None
    if _type(value) != _type(model):
        spot.wrong(_type(model))
        return None
    if isinstance(value, Mapping) and isinstance(model, Mapping) and set(value) != set(model):
        return _named(spot, value, entries)
    return value


def _named(spot: Spot, part: Mapping[str, Entry], entries: Sequence[Entry]) -> Entry | None:
    """The one record among the parameter's that has these values: the rest needn't be repeated."""
    records = [record for record in entries if isinstance(record, Mapping)]
    if not set(part) < set(records[0]):
        spot.fail(f"expected the names of the parameter's records: {', '.join(records[0])}")
        return None
    fitting = [record for record in records if part.items() <= record.items()]
    if len(fitting) == 1:
        return fitting[0]
    spot.fail(f"{len(fitting) or 'none'} of the parameter's records have these values, not one")
    return None


def _array(spot: Spot, shape: Sequence[str]) -> Entry | None:
    """Nested lists of numbers, one level an axis, none ragged."""
    if not shape:
        return number(spot)
    items = entry_spots(spot)
    if items and shape[0].isdecimal() and len(items) != int(shape[0]):
        spot.fail(f"expected {shape[0]} entries, found {len(items)}")
    rows = [_array(item, shape[1:]) for item in items]
    lengths = {len(row) for row in rows if isinstance(row, tuple)}
    if len(lengths) > 1:
        spot.fail("the rows of an array must be equally long")
    return tuple(row for row in rows if row is not None)
