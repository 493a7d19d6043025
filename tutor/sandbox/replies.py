"""What a worker says, read as data: somebody's code may have made it up.

Whatever isn't of the form that a worker writes is an end without a result.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from engine.coding.runs import Outcome, Raised
from tutor.sandbox import wire

MOST = 100
"""Results, steps and variables of one case."""
MAX_NAME = 60
MAX_MESSAGE = 400


def outcomes_of(packet: wire.Packet, count: int) -> tuple[Outcome, ...]:
    """The outcomes of so many cases in a frame; what is damaged counts as an end."""
    try:
        told = _list(packet.head.get("outcomes"))
        if len(told) == count:
            return tuple(_outcome(_record(one), packet.body) for one in told)
    except wire.Damaged:
        pass
    return (Outcome(stopped="ended"),) * count


def _outcome(told: wire.Json, body: bytes) -> Outcome:
    if "stopped" in told:
        return Outcome(stopped="output")
    raised = told.get("raised")
    variables = _record(told.get("variables", {}))
    return Outcome(
        values=tuple(_value(_record(one), body) for one in _list(told.get("values", []))),
        raised=None if raised is None else _raised(_record(raised)),
        probes=tuple(_probe(one, body) for one in _list(told.get("probes", []))),
        variables={
            name[:MAX_NAME]: wire.unpacked(variables[name], body) for name in _list(list(variables))
        },
        changed=tuple(_text(name, MAX_NAME) for name in _list(told.get("changed"))),
        seconds=_seconds(told.get("seconds")),
    )


def _value(told: wire.Json, body: bytes) -> Any:
    return _text(told["type"], MAX_NAME) if "type" in told else wire.unpacked(told, body)


def _probe(told: object, body: bytes) -> Any:
    if told is None:
        return None
    one = _record(told)
    return _raised(_record(one["raised"])) if "raised" in one else wire.unpacked(one, body)


def _raised(told: wire.Json) -> Raised:
    line = told.get("line")
    if type(line) is not int:
        raise wire.Damaged("no line")
    return Raised(_text(told.get("type"), MAX_NAME), _text(told.get("message"), MAX_MESSAGE), line)


def _record(told: object) -> wire.Json:
    if not isinstance(told, dict):
        raise wire.Damaged("no object")
    return told


def _list(told: object) -> list[Any]:
    if not isinstance(told, list) or len(told) > MOST:
        raise wire.Damaged("no list, or one that is too long")
    return told


def _text(told: object, most: int) -> str:
    if not isinstance(told, str):
        raise wire.Damaged("no text")
    return told[:most]


def _seconds(told: object) -> float:
    if type(told) is not float or not isfinite(told):
        raise wire.Damaged("no time")
    return told
