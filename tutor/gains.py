"""Before an exam: which problems are worth most of what is not known of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.exam import Blueprint, pool
from tutor.schedule import Known


def expected_points(blueprint: Blueprint, points: Mapping[str, float]) -> dict[str, float]:
    """What a problem brings on average in an exam, from what problems are worth by themselves.

    A section draws q of its N problems with the same chance, q/N, and its P points as ``draw_exam``
    shares them: a point each, and the other P − q in proportion. To a problem worth p that is
    1 + (P − q)·p/(p + (q − 1)·m), where m is the mean of the others, in place of those drawn with
    it. Left aside are rounding and that problems which are alike don't come together.
    """
    expected: dict[str, float] = {}
    for section in blueprint.sections:
        worths = {id: points[id] for id in pool(section, points)}
        asked, total = min(section.questions, len(worths)), sum(worths.values())
        for id, worth in worths.items():
            others = (total - worth) / max(len(worths) - 1, 1)
            share = worth / (worth + (asked - 1) * others)
            drawn = 1 + (section.points - asked) * share
            expected[id] = expected.get(id, 0.0) + asked / len(worths) * drawn
    return expected


def to_gain(
    points: Mapping[str, float],
    mastery: Mapping[str, float],
    cards: Mapping[str, Known],
    day: datetime,
) -> list[tuple[str, float]]:
    """The problems with the points to gain on that day, most first.

    Of what a problem brings, w, that is w·(1 − M·R): M is its mastery by now (``tutor.mastery``), R
    the chance to still know it on that day (``tutor.schedule``), 0 where it was never asked.
    """
    gains = []
    for id, worth in points.items():
        held = mastery.get(id, 0.0) * (cards[id].chance(day) if id in cards else 0.0)
        gains.append((id, worth * (1 - held)))
    return sorted(gains, key=lambda gain: (-gain[1], gain[0]))
