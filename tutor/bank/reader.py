"""A problem file → ``Problem``, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from engine.problem import Example, Parameter, Problem, Sample
from tutor.bank.checks import CHECKS
from tutor.bank.figures import NAME
from tutor.bank.findings import Finding, Findings, Reading
from tutor.bank.nodes import MapNode, Trail, read_nodes
from tutor.bank.parameters import EXPRESSION, original_value, parameter
from tutor.bank.parts import HINTS, SYMBOLS, part, with_marks, with_pool
from tutor.bank.rules import PART as PART_NAME
from tutor.bank.rules import PART_ID, Flag, Key, Keys, ListOf, MapOf, Number, Text, Word
from tutor.bank.spots import Spot
from tutor.bank.table import LABEL, table

VERDICTS = ("correct", "partial", "incorrect", "invalid")
Places = dict[Trail, tuple[int, int]]


def later(spot: Spot) -> Spot:
    """For a value that only makes sense beside another one."""
    return spot


EXAMPLE = Keys(
    {
        "original": Key(Flag(), "true: on the original only; otherwise on every seed"),
        "answers": Key(
            MapOf(Text(4_000, empty=True), PART_NAME, most=400), "answers by part", required=True
        ),
        "verdict": Key(Word(*VERDICTS), "the verdict that the response gets", required=True),
        "note": Key(LABEL, "the note that the response gets"),
    }
)


def example(spot: Spot) -> Example:
    """A response and its verdict."""
    values = EXAMPLE(spot)
    return Example(
        answers=values.get("answers", {}),
        verdict=values.get("verdict", ""),
        note=values.get("note", ""),
        original=values.get("original", False),
    )


PROBLEM = Keys(
    {
        "title": Key(LABEL, "what the problem is called", required=True),
        "points": Key(Number(above=True), "marks for the whole problem; 1 if left out"),
        "source": Key(LABEL, "where the exercise comes from"),
        "symbols": Key(SYMBOLS, "symbols of the answers, as in x, y, lam > 0"),
        "parameters": Key(MapOf(parameter, NAME), "what is drawn anew for each variant"),
        "define": Key(MapOf(EXPRESSION, NAME), "values made from parameters, in order"),
        "maths": Key(MapOf(EXPRESSION, NAME), "expressions in the symbols, in order"),
        "where": Key(
            MapOf(EXPRESSION, NAME), "symbols that stand for others; answers may spell them out"
        ),
        "require": Key(ListOf(EXPRESSION, lone=True), "conditions that a draw must meet"),
        "original": Key(MapOf(later, NAME, least=0), "the course's figure for each parameter"),
        "question": Key(Text(4_000), "the text, with {{values}} and $maths$", required=True),
        "parts": Key(MapOf(part, PART_ID), "what is asked, by id"),
        "table": Key(table, "parts laid out in rows and columns"),
        "hints": Key(HINTS, "hints for the whole problem, the gentlest first"),
        "solution": Key(Text(8_000), "the worked solution, with {{values}} and $maths$"),
        "examples": Key(ListOf(example), "responses and the verdicts that they get"),
    }
)


def read_problem(data: bytes, id: str, file: str) -> Reading:
    """The problem in a file's bytes, or its findings in the order of the file.

    ``file`` is the name that findings bear. Raises nothing, whatever the bytes are.
    """
    root, found = read_nodes(data, file)
    problem = None
    if root is not None:
        spot = Spot(root, (), file, found)
        problem = _problem(spot, id, _digest(data))
        found += _flaws(spot, problem)
    if found or problem is None:
        return Findings(sorted(found, key=lambda finding: (finding.line, finding.column)))
    return problem


def places(text: str) -> Places:
    """Trail of keys → line and column of the value, so far as the text can be read.

    Entries of lists are numbered from 1: ``("require", "2")``. Raises nothing.
    """
    root, _ = read_nodes(text.encode("utf-8", "surrogatepass"), "")
    if root is None:
        return {}
    return {
        spot.trail: (spot.node.line, spot.node.column) for spot in Spot(root, (), "", []).walk()
    }


def place_of(trail: Trail, known: Mapping[Trail, tuple[int, int]]) -> tuple[int, int]:
    """The place of the longest beginning of ``trail`` that is known; 1:1 if none is."""
    while trail and trail not in known:
        trail = trail[:-1]
    return known.get(trail, (1, 1))


def _digest(data: bytes) -> str:
    from hashlib import blake2b

    return blake2b(data, digest_size=6).hexdigest()


def _problem(spot: Spot, id: str, revision: str) -> Problem:
    values = PROBLEM(spot)
    if isinstance(spot.node, MapNode) and not {"parts", "table"} & values.keys():
        spot.fail("missing key 'parts' (or 'table')")
    pools = {part.pool for part in values.get("parts", {}).values()}
    parameters = {
        name: with_marks(drawn) if name in pools and isinstance(drawn, Sample) else drawn
        for name, drawn in values.get("parameters", {}).items()
    }
    return Problem(
        id=id,
        title=values.get("title", ""),
        question=values.get("question", ""),
        points=values.get("points") or Fraction(1),
        parts=tuple(with_pool(one, parameters) for one in values.get("parts", {}).values()),
        table=values.get("table"),
        parameters=parameters,
        define=values.get("define", {}),
        maths=values.get("maths", {}),
        require=tuple(values.get("require", ())),
        original=_original(values, parameters),
        symbols=values.get("symbols", ""),
        where=values.get("where", {}),
        hints=tuple(values.get("hints", ())),
        solution=values.get("solution", ""),
        examples=tuple(values.get("examples", ())),
        source=values.get("source", ""),
        revision=revision,
    )


def _original(values: dict[str, Any], parameters: Mapping[str, Parameter]) -> dict[str, Any] | None:
    spots: dict[str, Spot] | None = values.get("original")
    if spots is None:
        return None
    return {
        name: original_value(spot, parameters[name]) if name in parameters else None
        for name, spot in spots.items()
    }


def _flaws(spot: Spot, problem: Problem) -> list[Finding]:
    flaws = [flaw for check in CHECKS for flaw in check(problem)]
    if not flaws:
        return []
    below = list(spot.walk())
    known = {spot.trail: (spot.node.line, spot.node.column) for spot in below}
    # What has the wrong type can't also lack something.
    past_asking = {spot.trail for spot in below if spot.node.reported}
    return [
        Finding(spot.file, *place_of(trail, known), trail, message)
        for trail, message in flaws
        if trail not in past_asking
    ]
