"""What to practise where nothing was named: topics with their mastery, or what went wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tutor.bank.bank import Bank, UnknownName
from tutor.mastery import summary
from tutor.paths import store_path
from tutor.problems import points_of
from tutor.record import opened_store
from tutor.terminal import WAYS_OUT

if TYPE_CHECKING:
    from tutor.render import Screen
    from tutor.store import Attempt
    from tutor.terminal import Prompt


def offer(screen: Screen, prompt: Prompt, bank: Bank) -> list[str]:
    """The topics and problems that are picked from a list; none for all of them.

    Raises EOFError, also for ``:quit``, and KeyboardInterrupt.
    """
    topics = bank.topics()
    mastery = {one.name: one.mastery for one in summary(_attempts()).topics}
    rows = []
    for number, topic in enumerate(topics, 1):
        count = len(bank.resolve([topic]))
        problems = f"{count} problem" + ("" if count == 1 else "s")
        known = topic in mastery
        share = f"{mastery[topic]:.0%}" if known else "new" if screen.plain else ""
        bar = screen.bar(mastery[topic]) if known else ""
        rows.append([f"{number}", topic, problems, share.rjust(4), bar])
    screen.columns([[screen.clean(cell) for cell in row] for row in rows])
    screen.gap()
    screen.notice("Numbers or names, of problems too; an empty line for all topics.")
    while True:
        typed = prompt.ask("topics")
        if typed.strip().casefold() in WAYS_OUT:
            raise EOFError
        try:
            names = _named(typed, topics, bank)
        except UnknownName as error:
            screen.notice(str(error))
        else:
            screen.gap()
            return names


def _named(typed: str, topics: Sequence[str], bank: Bank) -> list[str]:
    """Raises UnknownName."""
    names = []
    for piece in re.findall(r"[^\s,]+", typed):
        number = int(piece) if piece.isascii() and piece.isdigit() and len(piece) < 5 else 0
        names.append(topics[number - 1] if 1 <= number <= len(topics) else piece)
    bank.resolve([name.partition("@")[0] for name in names])
    return names


def missed_last_time(screen: Screen, bank: Bank) -> list[str]:
    """The problems that went wrong in the last session, or were left half answered.

    Tells where there are none. Those that the bank has no more are left out.
    """
    from tutor.schedule import reviews

    attempts = _attempts()
    if not attempts:
        screen.line("Nothing was answered yet: tutor quiz cnn")
        return []
    last = [attempt for attempt in attempts if attempt.session == attempts[-1].session]
    points = points_of(bank, {attempt.problem for attempt in last})
    missed = [
        review.problem
        for review in reviews(last, points)
        if review.missed and review.problem in points
    ]
    if not missed:
        screen.line("Nothing went wrong last time: tutor review tells what is due.")
    return list(dict.fromkeys(missed))


def _attempts() -> list[Attempt]:
    if not store_path().exists():
        return []
    with opened_store() as store:
        return [attempt for _, attempt in store.current()]
