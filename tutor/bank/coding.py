"""The keys of a part that is answered in code: arguments, steps, a program to mend."""

from __future__ import annotations

from typing import Any

from engine.coding.task import VALUES
from engine.problem import CodeInput, Coding, Range
from tutor.bank.figures import NAME, value_range
from tutor.bank.nodes import MapNode, Scalar
from tutor.bank.parameters import EXPRESSION, MAX_AXES
from tutor.bank.rules import Flag, Key, Keys, ListOf, MapOf, Number, Text
from tutor.bank.spots import Spot, meant

CODE = Text(2_000)
AXES = ListOf(EXPRESSION, least=0, most=MAX_AXES)


def whole_range(spot: Spot) -> Range | None:
    """A range of whole numbers."""
    if not isinstance(spot.node, Scalar) or ".." not in spot.node.text:
        spot.wrong("a range such as 1..9")
        return None
    found = value_range(spot)
    if found is not None and (found.low.denominator != 1 or found.step != 1):
        spot.fail("a range of whole numbers is needed, such as 1..9")
        return None
    return found


INPUT = Keys(
    {
        **{name: Key(AXES, f"the axes of an array of {about}") for name, about in VALUES.items()},
        "of": Key(whole_range, "the range of integers"),
        "below": Key(EXPRESSION, "for labels: the number of classes, or the axis that counts them"),
    }
)


def code_input(spot: Spot) -> CodeInput:
    """``{floats: [m, n]}``, or an expression for a value that is the same in every test."""
    if not isinstance(spot.node, MapNode):
        return CodeInput(spot.name, given=EXPRESSION(spot))
    values = INPUT(spot)
    kinds = [name for name in values if name in VALUES]
    if len(kinds) != 1:
        near = "".join(meant(name, VALUES) for name in list(spot.node.entries)[:1])
        spot.fail(f"expected one of {', '.join(VALUES)}{'' if kinds else near}")
        return CodeInput(spot.name)
    kind = kinds[0]
    if "of" in values and kind != "integers":
        spot.fail("'of' goes with integers")
    if ("below" in values) != (kind == "labels"):
        spot.fail("labels need 'below', the number of classes; nothing else has it")
    return CodeInput(
        spot.name, kind, tuple(values[kind]), values.get("of"), values.get("below", "")
    )


KEYS = {
    "inputs": Key(MapOf(code_input, NAME, most=12), "the arguments of code, in order"),
    "returns": Key(
        ListOf(Text(60), most=6, lone=True), "the names of its results; the part's id if left out"
    ),
    "steps": Key(MapOf(CODE, most=8), "values on the way to the answer, as code, in order"),
    "overflow": Key(
        MapOf(Number(above=True, whole=True), NAME),
        "factors of arguments that a good answer still gets right",
    ),
    "vectorised": Key(Flag(), "true: whoever loops is told how slow that is"),
    "program": Key(CODE, "a function of which a line is to be mended, as it should be"),
    "bug": Key(Text(60), "the parameter with the line's number (line) and wrong text (wrong)"),
}


def coding(values: dict[str, Any]) -> Coding:
    """What belongs to code, from the keys of its part."""
    return Coding(
        inputs=tuple(values.get("inputs", {}).values()),
        returns=tuple(values.get("returns", ())),
        steps=values.get("steps", {}),
        overflow=values.get("overflow", {}),
        vectorised=values.get("vectorised", False),
        program=values.get("program", ""),
        bug=values.get("bug", ""),
    )


def check_coding(spot: Spot, values: dict[str, Any]) -> None:
    """What a part of kind code needs, and what no other may have."""
    own = [key for key in KEYS if key in values]
    if values["kind"] != "code":
        for key in own:
            spot.fail(f"'{key}' goes with kind code")
        return
    if "inputs" not in values:
        spot.fail("missing key 'inputs': the arguments of the code")
    if ("program" in values) != ("bug" in values):
        spot.fail("'program' and 'bug' go together")
    if "program" in values and "answer" in values:
        spot.fail("the program itself is the answer: leave out 'answer'")
    arguments = values.get("inputs", {})
    for name in values.get("overflow", {}):
        if name not in arguments:
            spot.fail(f"overflow: there is no argument {name}{meant(name, arguments)}")
