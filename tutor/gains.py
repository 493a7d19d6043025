"""Before an exam: which problems are worth most of what is not known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from engine.exam import Blueprint
from tutor.schedule import Known


def expected_points(blueprint: Blueprint, ids: Iterable[str]) -> dict[str, float]:
    """What a problem brings on average, over all exams that may be drawn.

    A section shares its points among the problems that it may draw.
    """
    known = sorted(ids)
    points: dict[str, float] = {}
    for section in blueprint.sections:
        names = set(section.names)
        pool = [id for id in known if id in names or id.partition("/")[0] in names]
        for id in pool:
            points[id] = points.get(id, 0.0) + section.points / len(pool)
    return points


def to_gain(
    points: Mapping[str, float],
    mastery: Mapping[str, float],
    cards: Mapping[str, Known],
    day: datetime,
) -> list[tuple[str, float]]:
    """The problems with the points to gain on that day, most first.

    What is known then is the mastery by now times the chance to still know it.
    """
    gains = []
    for id, worth in points.items():
        held = mastery.get(id, 0.0) * (cards[id].chance(day) if id in cards else 0.0)
        gains.append((id, worth * (1 - held)))
    return sorted(gains, key=lambda gain: (-gain[1], gain[0]))
