"""Variants and verdicts as the JSON documents of the command line's contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from engine.kinds import kind_of
from engine.language.exact import Value
from engine.language.symbols import Symbol
from engine.parts import VariantPart
from engine.problem import Entry, Problem
from engine.text import linear
from engine.variant import Variant
from engine.verdict import Diagnosis, PartVerdict, Verdict

Document: TypeAlias = dict[str, Any]


def dump(document: object, *, indent: int | None = None) -> str:
    """JSON in ASCII, so that it survives any pipe and holds no control characters."""
    return json.dumps(document, indent=indent)


def number(value: Fraction | float) -> int | float:
    """A JSON number: whole numbers without a point."""
    return int(value) if value == int(value) and isinstance(value, Fraction) else float(value)


def verdict_document(verdict: Verdict) -> Document:
    """One graded response."""
    return {
        "code": verdict.code,
        "verdict": verdict.verdict,
        "score": float(verdict.score),
        "max_score": float(verdict.max_score),
        "parts": [_part_verdict(part) for part in verdict.parts],
    }


def _part_verdict(part: PartVerdict) -> Document:
    document: Document = {
        "id": part.id,
        "response": part.response,
        "read_as": part.read_as,
        "verdict": part.verdict,
        "score": float(part.score),
        "max_score": float(part.max_score),
        "note": part.note,
        "follow_through": part.follow_through,
        "feedback": list(part.feedback),
        "diagnosis": None,
        "decided_by": part.decided_by,
        "warnings": list(part.warnings),
    }
    if part.diagnosis is not None:
        document["diagnosis"] = _diagnosis(part.diagnosis)
    if part.error is not None:
        document["error"] = {
            "start": part.error.start,
            "end": part.error.end,
            "message": part.error.message,
        }
    return document


def _diagnosis(diagnosis: Diagnosis) -> Document:
    """``place`` is there where the slip can be pointed at: offsets into the response."""
    document: Document = {"kind": diagnosis.kind, "text": diagnosis.text}
    if diagnosis.place is not None:
        start, end = diagnosis.place
        document["place"] = {"start": start, "end": end}
    return document


def variant_document(variant: Variant, *, solution: bool = False) -> Document:
    """One variant as a student may see it; with ``solution`` also the answers."""
    document: Document = {
        "code": variant.code,
        "problem": variant.problem.id,
        "seed": "original" if variant.seed is None else variant.seed,
        "revision": variant.problem.revision,
        "title": variant.problem.title,
        "points": number(variant.problem.points),
        "parameters": parameters_document(variant.parameters),
        "question": question_text(variant),
        "parts": [_part(part, solution) for part in variant.parts],
    }
    if solution:
        document["solution"] = linear(variant.solution)
    return document


def question_text(variant: Variant) -> str:
    """The question on plain lines, with the table's rows and columns where there is one."""
    lines = [linear(variant.question)]
    table = variant.table
    if table is not None:
        rows = table.rows({part.id: "?" for part in variant.parts})
        lines.append("\n".join(" | ".join(row) for row in rows))
    return "\n\n".join(lines)


def parameters_document(parameters: Mapping[str, Entry]) -> Document:
    """Drawn parameters as JSON: whole numbers as such, other rationals as ``p/q``."""
    return {name: _entry(value) for name, value in parameters.items()}


def _entry(value: Entry) -> object:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    if isinstance(value, tuple):
        return [_entry(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _entry(item) for name, item in value.items()}
    return value


def _part(part: VariantPart, solution: bool) -> Document:
    document: Document = {
        "id": part.id,
        "ask": linear(part.asked.ask),
        "kind": part.asked.kind,
        "points": number(part.points),
        "symbols": {symbol.name: describe(symbol) for symbol in part.asked.symbols},
        "choices": [{"id": choice.id, "text": choice.text} for choice in part.asked.choices],
    }
    if part.asked.task is not None:
        document["arguments"] = list(part.asked.task.names)
    if solution:
        document["reference"] = kind_of(part.asked.kind).write(part.reference, part.asked)
        if part.asked.kind in ("number", "integer", "array"):
            document["value"] = _value(part.reference)
    return document


def describe(symbol: Symbol) -> str:
    """What a symbol is declared as: ``real``, ``integer > 0``, ``(F, m)``."""
    if symbol.axes is not None:
        return f"({', '.join(symbol.axes)})"
    number = symbol.bound.lstrip("<>=!")
    sign = symbol.bound.removesuffix(number)
    return f"{symbol.kind} {sign} {number}" if sign else symbol.kind


def _value(value: Value) -> object:
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return number(value) if isinstance(value, Fraction | float) else str(value)


def listing_document(
    problem: Problem, parts: list[tuple[str, str]], bank: str, hides: list[str]
) -> Document:
    """A row of ``tutor list --json``; ``parts`` are ids and kinds as in the original.

    ``bank`` is the name of the bank that holds it, ``hides`` files of the same id in others;
    both are left out where there are none.
    """
    document: Document = {
        "id": problem.id,
        "title": problem.title,
        "topic": problem.topic,
        "points": number(problem.points),
        "parts": [{"id": id, "kind": kind} for id, kind in parts],
        "has_original": problem.original is not None,
    }
    if bank:
        document["bank"] = bank
    if hides:
        document["hides"] = hides
    return document
