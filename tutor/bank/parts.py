"""One thing asked: the keys of a part, its options and its misconceptions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from engine.problem import FORMS, Loss, Misconception, Option, Parameter, Part, Sample
from tutor.bank.coding import KEYS, check_coding, coding
from tutor.bank.figures import NAME
from tutor.bank.nodes import Scalar
from tutor.bank.parameters import CONDITION, EXPRESSION
from tutor.bank.rules import Key, Keys, ListOf, MapOf, Number, Text, Word
from tutor.bank.spots import Spot

KINDS = ("number", "integer", "shape", "choice", "choices", "symbolic", "matrix", "array", "code")
WITH_OPTIONS = ("choice", "choices")
WITH_TOLERANCE = ("number", "array")
WITH_LOSS = ("symbolic", "matrix")
FITTING = {
    "tolerance": WITH_TOLERANCE,
    "loss": WITH_LOSS,
    "form": ("symbolic",),
    "forbid": WITH_LOSS,
    "symbols": ("symbolic", "matrix", "shape"),
}
"""Kinds of part that a key goes with."""

SAY = Text(1_000)
SYMBOLS = Text(1_000)
HINTS = ListOf(SAY)

MISCONCEPTION = Keys(
    {
        "answer": Key(EXPRESSION, "the value that the wrong procedure yields", required=True),
        "say": Key(SAY, "words for whoever gives that value", required=True),
        "when": Key(EXPRESSION, "a condition under which it applies"),
    }
)
OPTION = Keys(
    {
        "text": Key(SAY, "the option as students read it", required=True),
        "right": Key(CONDITION, "true, or a condition: the option is right where it holds"),
        "say": Key(SAY, "words for whoever is wrong about it"),
    }
)
TOLERANCE = Keys(
    {
        "relative": Key(Number(), "largest error, as a share of the right value"),
        "absolute": Key(Number(), "largest error"),
    },
    least=1,
)
LOSS = Keys(
    {
        "value": Key(EXPRESSION, "the loss, in the part's symbols", required=True),
        "by": Key(Text(60), "the symbol by which the answer differentiates it", required=True),
        "where": Key(MapOf(EXPRESSION, NAME), "symbols that depend on others, as in yhat: w X"),
    }
)


def misconception(spot: Spot) -> Misconception:
    """A wrong procedure, with its id from the trail."""
    values = MISCONCEPTION(spot)
    return Misconception(
        spot.name, values.get("answer", ""), values.get("say", ""), values.get("when", "")
    )


def option(spot: Spot) -> Option:
    """Text alone, or a mapping."""
    if isinstance(spot.node, Scalar):
        return Option(spot.name, SAY(spot))
    values = OPTION(spot)
    return Option(spot.name, values.get("text", ""), values.get("right", ""), values.get("say", ""))


MISCONCEPTIONS = MapOf(misconception, most=30)

PART = Keys(
    {
        "ask": Key(SAY, "what is asked, if the question doesn't say it"),
        "kind": Key(Word(*KINDS), "what an answer looks like", required=True),
        "points": Key(Number(above=True), "marks; the parts without share what the others leave"),
        "answer": Key(EXPRESSION, "the reference answer; options may mark the right one instead"),
        "symbols": Key(SYMBOLS, "symbols that its answers may hold, in place of the problem's"),
        "tolerance": Key(TOLERANCE, "largest error allowed, relative, absolute or both"),
        "options": Key(MapOf(option, least=2, most=12), "what can be chosen, by id"),
        "pool": Key(
            Text(60), "in place of options: a sample of records with text, right (1 or 0) and say"
        ),
        "misconceptions": Key(MISCONCEPTIONS, "known wrong procedures, by id"),
        "form": Key(Word(*FORMS), "the form that a symbolic answer must have"),
        "forbid": Key(ListOf(EXPRESSION, most=20), "expressions that don't count as an answer"),
        "loss": Key(LOSS, "what the answer is the gradient of, for `tutor lint`"),
        "hints": Key(HINTS, "hints, the gentlest first"),
        **KEYS,
    }
)


def part(spot: Spot) -> Part:
    """A part, with its id from the trail."""
    values = PART(spot)
    if values.get("kind"):
        _check_kind(spot, values)
    slack, loss = values.get("tolerance", {}), values.get("loss")
    return Part(
        id=spot.name,
        kind=values.get("kind", ""),
        answer=values.get("answer", ""),
        ask=values.get("ask", ""),
        points=values.get("points"),
        symbols=values.get("symbols", ""),
        relative=slack.get("relative"),
        absolute=slack.get("absolute"),
        options=tuple(values.get("options", {}).values()),
        misconceptions=tuple(values.get("misconceptions", {}).values()),
        hints=tuple(values.get("hints", ())),
        form=values.get("form", ""),
        forbid=tuple(values.get("forbid", ())),
        loss=_loss(loss) if loss else None,
        pool=values.get("pool", ""),
        coding=coding(values) if values.get("kind") == "code" else None,
    )


def with_pool(part: Part, parameters: Mapping[str, Parameter]) -> Part:
    """The part with an option, a, b, c …, for each entry that its pool draws."""
    pool = parameters.get(part.pool)
    if not isinstance(pool, Sample):
        return part
    options = (
        Option(
            letter,
            f"{{{{item({part.pool}.text, {at})}}}}",
            f"item({part.pool}.right, {at}) = 1",
            f"{{{{item({part.pool}.say, {at})}}}}",
        )
        for at, letter in enumerate(ascii_lowercase[: pool.size])
    )
    return part._replace(options=tuple(options))


def with_marks(pool: Sample) -> Sample:
    """The pool with 1 and 0 for records that are marked true and false under ``right``."""
    marks: dict[object, Fraction] = {"true": Fraction(1), "false": Fraction(0)}
    return pool._replace(
        entries=tuple(
            {**record, "right": marks.get(record["right"], record["right"])}
            if isinstance(record, Mapping) and "right" in record
            else record
            for record in pool.entries
        )
    )


def _loss(values: dict[str, Any]) -> Loss:
    return Loss(values.get("value", ""), values.get("by", ""), values.get("where", {}))


def _check_kind(spot: Spot, values: dict[str, object]) -> None:
    """What goes with the kind, and what doesn't."""
    kind = values["kind"]
    if kind in WITH_OPTIONS:
        if "pool" in values:
            if "options" in values:
                spot.fail("options come from the pool: leave out one of the two")
        elif "options" not in values:
            spot.fail(f"missing key 'options': a part of kind {kind} needs them")
        elif "answer" not in values and not _marked(values["options"]):
            spot.fail("no option has 'right', and there is no 'answer'")
        elif "answer" in values and _marked(values["options"]) and values["options"]:
            spot.fail("the right option is named by 'answer' or marked 'right': leave out one")
    else:
        if "answer" not in values and "program" not in values:
            spot.fail("missing key 'answer'")
        if "options" in values or "pool" in values:
            spot.fail(f"a part of kind {kind} has no options: use choice or choices")
    check_coding(spot, values)
    for key, kinds in FITTING.items():
        if key in values and kind not in kinds:
            spot.fail(f"a part of kind {kind} has no {key}: use {' or '.join(kinds)}")


def _marked(options: object) -> bool:
    """Whether an option says when it is right. Options that couldn't be read are past asking."""
    if not isinstance(options, dict) or not options:
        return True
    return any(option.right for option in options.values())
