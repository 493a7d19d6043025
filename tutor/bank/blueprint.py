"""``exams/NAME.yaml``: what a mock exam is made of, read as strictly as problems are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from engine.exam import Blueprint, Section
from tutor.bank.findings import Finding, Findings
from tutor.bank.names import ENDING
from tutor.bank.names import EXAMS as FOLDER
from tutor.bank.nodes import read_nodes
from tutor.bank.rules import Key, Keys, ListOf, MapOf, Number, Text
from tutor.bank.spots import Spot, meant

MAX_READ = 64 * 1024
LINE = Text(200)

SECTION = Keys(
    {
        "title": Key(LINE, "what the section is called", required=True),
        "points": Key(Number(1, whole=True), "points of the whole section", required=True),
        "questions": Key(Number(1, whole=True), "how many problems are drawn", required=True),
        "from": Key(ListOf(LINE, lone=True), "topics and ids to draw from", required=True),
    }
)


def section(spot: Spot) -> Section:
    """A section, with its id from the trail."""
    values: dict[str, Any] = SECTION(spot)
    points, questions = int(values.get("points") or 1), int(values.get("questions") or 1)
    if questions > points:
        spot.fail(f"{questions} questions can't share {points} points: each is worth one at least")
    return Section(
        spot.name, values.get("title", ""), points, questions, tuple(values.get("from", ()))
    )


EXAM = Keys(
    {
        "title": Key(LINE, "what the exam is called", required=True),
        "minutes": Key(Number(1, whole=True), "how long it lasts", required=True),
        "sections": Key(MapOf(section, most=40), "what is asked, in order, by id", required=True),
        "alike": Key(ListOf(ListOf(LINE)), "groups of problems of which at most one is drawn"),
    }
)


def blueprints(folder: str) -> list[str]:
    """The names of a bank's exams."""
    try:
        inside = sorted(os.listdir(os.path.join(folder, FOLDER)))
    except OSError:
        return []
    return [name.removesuffix(ENDING) for name in inside if name.endswith(ENDING)]


def read_blueprint(folder: str, name: str, file: str, known: set[str]) -> Blueprint | Findings:
    """The exam of that name, or what is wrong with it; ``known`` are topics and ids.

    ``file`` is the name that findings bear. Raises nothing.
    """
    try:
        with open(os.path.join(folder, FOLDER, name + ENDING), "rb") as stream:
            data = stream.read(MAX_READ)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        return Findings([Finding(file, 1, 1, (), f"the file can't be read: {reason}")])
    root, found = read_nodes(data, file)
    if root is None:
        return Findings(found)
    spot = Spot(root, (), file, found)
    values: dict[str, Any] = EXAM(spot)
    blueprint = Blueprint(
        name,
        values.get("title", ""),
        int(values.get("minutes") or 1),
        tuple(values.get("sections", {}).values()),
        tuple(frozenset(group) for group in values.get("alike", ())),
    )
    found += _strangers(spot, known)
    if found:
        return Findings(sorted(found, key=lambda finding: (finding.line, finding.column)))
    return blueprint


def _strangers(spot: Spot, known: set[str]) -> Iterator[Finding]:
    """Topics and problems that the bank doesn't hold."""
    for one in spot.walk():
        inside = one.trail[:1] == ("alike",) and len(one.trail) == 3
        inside = inside or (one.trail[:1] == ("sections",) and one.trail[2:3] == ("from",))
        text = getattr(one.node, "text", None)
        if inside and isinstance(text, str) and text not in known:
            near = meant(text, known)
            message = f"there is no topic or problem '{text[:60]}'{near}"
            yield Finding(spot.file, one.node.line, one.node.column, one.trail, message)
