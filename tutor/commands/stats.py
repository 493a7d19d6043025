"""``tutor stats``: mastery by topic and problem, the last days, the commonest slips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.documents import dump
from tutor.mastery import Summary, summary
from tutor.paths import store_path
from tutor.record import opened_store

if TYPE_CHECKING:
    from tutor.render import Screen

BAR = 20
DAYS = 14
SLIPS = 5


def run(json: bool, plain: bool) -> int:
    """Print it. Raises Refusal."""
    found = _summary()
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


def _show(screen: Screen, found: Summary) -> None:
    rows = [["topic", "mastery", "", "attempts"]]
    rows += [
        [one.name, f"{one.mastery:.0%}", _bar(screen, one.mastery), str(one.attempts)]
        for one in found.topics
    ]
    screen.columns([[screen.clean(cell) for cell in row] for row in rows], ("dim",))
    screen.gap()
    for day in found.days[-DAYS:]:
        told = f"{day.attempts} answer" + ("" if day.attempts == 1 else "s")
        screen.line(f"{day.day}   {told}, {day.share:.0%} of the marks")
    if found.slips:
        screen.gap()
        screen.line("commonest slips")
    for slip in found.slips[:SLIPS]:
        problem, part, name = slip.note.rsplit(":", 2)
        times = f" ({slip.times} times)" if slip.times > 1 else ""
        screen.line(f"{name.replace('-', ' ')}{times}: {problem}, {part}", indent=2, hang=2)


def _bar(screen: Screen, share: float) -> str:
    """Nothing in plain output, where the number says it all."""
    return "" if screen.plain else "█" * round(BAR * share) + "░" * (BAR - round(BAR * share))
