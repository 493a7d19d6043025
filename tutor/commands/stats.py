"""``tutor stats``: mastery by topic and problem, the last days, slips, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.verdict import CORRECT
from tutor.calibration import FITS, OVER, UNDER, Calibration, calibration
from tutor.documents import dump
from tutor.mastery import Day, Mastery, Summary, summary
from tutor.paths import store_path
from tutor.record import opened_store
from tutor.refusal import Refusal

if TYPE_CHECKING:
    from tutor.render import Screen

DAYS = 14
SLIPS = 5
FINDINGS = {
    OVER: "Over-confident: you are surer than your answers bear out.",
    UNDER: "Under-confident: you know more than you think.",
    FITS: "What you state fits what you know.",
}


def run(json: bool, csv: bool, plain: bool) -> int:
    """Print it. Raises Refusal."""
    if json and csv:
        raise Refusal("--json and --csv: one of the two")
    found, stated = _found()
    if csv:
        _print_csv(found, stated)
        return 0
    if json:
        print(dump(_document(found, stated), indent=2))
        return 0
    from tutor.render import Screen

    screen = Screen(plain=plain)
    if not found.attempts:
        screen.line("Nothing was answered yet: tutor quiz cnn")
        return 0
    _show(screen, found)
    if stated is not None:
        _show_calibration(screen, stated)
    return 0


def _found() -> tuple[Summary, Calibration | None]:
    if not store_path().exists():
        return summary([]), None
    with opened_store() as store:
        attempts, levels = list(store.current()), store.confidences()
    stated = [
        (levels[id], attempt.verdict == CORRECT)
        for id, attempt in attempts
        if id in levels and attempt.try_number == 1
    ]
    return summary([attempt for _, attempt in attempts]), calibration(stated)


def _document(found: Summary, stated: Calibration | None) -> dict[str, object]:
    return {
        "attempts": found.attempts,
        "topics": [one._asdict() for one in found.topics],
        "problems": [one._asdict() for one in found.problems],
        "days": [one._asdict() for one in found.days],
        "slips": [one._asdict() for one in found.slips],
        "calibration": _calibration_document(stated) if stated is not None else None,
    }


def _calibration_document(stated: Calibration) -> dict[str, object]:
    levels = [one._asdict() for one in stated.levels]
    return {**stated._asdict(), "finding": stated.finding or None, "levels": levels}


def _print_csv(found: Summary, stated: Calibration | None) -> None:
    """Topics and problems, a row each; levels of confidence with the share that was right."""
    import csv
    import sys

    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["kind", *Mastery._fields])
    for kind, those in (("topic", found.topics), ("problem", found.problems)):
        table.writerows([kind, *one] for one in those)
    for level in stated.levels if stated is not None else ():
        table.writerow(["confidence", level.level, level.share, level.answers])


def _show(screen: Screen, found: Summary) -> None:
    rows = [["topic", "mastery", "", "attempts"]]
    rows += [
        [one.name, f"{one.mastery:.0%}", screen.bar(one.mastery), str(one.attempts)]
        for one in found.topics
    ]
    screen.columns([[screen.clean(cell) for cell in row] for row in rows], ("dim",))
    screen.gap()
    _show_days(screen, found.days[-DAYS:])
    if found.slips:
        screen.gap()
        screen.line("commonest slips")
    for slip in found.slips[:SLIPS]:
        problem, part, name = slip.note.rsplit(":", 2)
        times = f" ({slip.times} times)" if slip.times > 1 else ""
        screen.line(f"{name.replace('-', ' ')}{times}: {problem}, {part}", indent=2, hang=2)


def _show_days(screen: Screen, days: Sequence[Day]) -> None:
    """A row a day: answers, the longest bar for the day with most of them, and their marks."""
    most = max(day.attempts for day in days)
    rows = [["day", "answers", "", "marks"]]
    rows += [
        [
            day.day,
            f"{day.attempts}",
            screen.bar(day.attempts / most).rstrip("░"),
            f"{day.share:.0%}",
        ]
        for day in days
    ]
    screen.columns([[screen.clean(cell) for cell in row] for row in rows], ("dim",))


def _show_calibration(screen: Screen, stated: Calibration) -> None:
    """A row a level: the chance that it stands for, and how many first tries were right."""
    rows = [["how sure", "stated", "right", "", "answers"]]
    rows += [
        [
            one.level,
            f"{one.chance:.0%}",
            f"{one.share:.0%}",
            screen.bar(one.share),
            f"{one.right} of {one.answers}",
        ]
        for one in stated.levels
    ]
    screen.gap()
    screen.columns([[screen.clean(cell) for cell in row] for row in rows], ("dim",))
    if stated.finding:
        screen.line(
            f"{FINDINGS[stated.finding]} Stated {stated.stated:.0%} on average,"
            f" right {stated.right:.0%}, Brier score {stated.brier:.2f}."
        )
