"""``tutor stats``: mastery by topic and problem, the last days, the commonest slips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tutor.documents import dump
from tutor.mastery import Day, Mastery, Summary, summary
from tutor.paths import store_path
from tutor.record import opened_store
from tutor.refusal import Refusal

if TYPE_CHECKING:
    from tutor.render import Screen

DAYS = 14
SLIPS = 5


def run(json: bool, csv: bool, plain: bool) -> int:
    """Print it. Raises Refusal."""
    if json and csv:
        raise Refusal("--json and --csv: one of the two")
    found = _summary()
    if csv:
        _print_csv(found)
        return 0
    if json:
        print(dump(_document(found), indent=2))
        return 0
    from tutor.render import Screen

    screen = Screen(plain=plain)
    if not found.attempts:
        screen.line("Nothing was answered yet: tutor quiz cnn")
        return 0
    _show(screen, found)
    return 0


def _summary() -> Summary:
    if not store_path().exists():
        return summary([])
    with opened_store() as store:
        return summary([attempt for _, attempt in store.current()])


def _document(found: Summary) -> dict[str, object]:
    return {
        "attempts": found.attempts,
        "topics": [one._asdict() for one in found.topics],
        "problems": [one._asdict() for one in found.problems],
        "days": [one._asdict() for one in found.days],
        "slips": [one._asdict() for one in found.slips],
    }


def _print_csv(found: Summary) -> None:
    """Topics and problems, a row each."""
    import csv
    import sys

    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["kind", *Mastery._fields])
    for kind, those in (("topic", found.topics), ("problem", found.problems)):
        table.writerows([kind, *one] for one in those)


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
