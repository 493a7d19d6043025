"""Kills a quiz at every moment, and looks for what its screen showed in the store.

Each run answers questions on a terminal of its own and is killed: as the program starts, while its
first answer is graded, or within milliseconds of a later one. Whatever had its verdict on the
screen must be in the store, which must be sound and go on. In every fourth run another terminal
answers beside it, into the same store. ``make kills`` does 200 runs.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from program import PATIENCE, Terminal

from tutor.store import Store

CODES = [f"shown/side@{seed}" for seed in range(3)]
TRIES = 2
VERDICT = "✗ incorrect"
GOLDEN = 0.6180339887498949  # its multiples fall evenly between 0 and 1, however many there are


class Moment(NamedTuple):
    """When the kill comes: so many seconds after so many answers were sent."""

    answers: int
    delay: float

    def __str__(self) -> str:
        return f"{self.delay * 1000:.1f} ms after {self.answers} answers"


class Killed(NamedTuple):
    """A run: what was sent, how many verdicts were seen, what is stored, what is wrong."""

    number: int
    moment: Moment
    sent: list[str]
    seen: int
    stored: list[str]
    fault: str

    def __str__(self) -> str:
        return (
            f"run {self.number}, killed {self.moment}: {self.fault} "
            f"(sent {self.sent}, {self.seen} verdicts seen, stored {self.stored})"
        )


class Tally(NamedTuple):
    """All runs: verdicts seen, answers stored, and the runs in which something was lost."""

    runs: int
    seen: int
    stored: int
    moments: Counter[int]
    faults: tuple[Killed, ...]


def moment_of(number: int) -> Moment:
    """Four runs: one in the start, one in the first answer, two close behind later ones."""
    place = number * GOLDEN % 1
    match number % 4:
        case 0:
            return Moment(0, 0.9 * place)
        case 1:
            return Moment(1, 0.2 * place)
        case _:
            return Moment(2 + number // 4 % 4, 0.04 * place)


def kill(number: int) -> Killed:
    """One run with a home of its own."""
    moment = moment_of(number)
    with tempfile.TemporaryDirectory(prefix="exam-tutor-kill-") as folder:
        home = Path(folder)
        others: list[str] = []
        beside = threading.Thread(target=answer_all, args=(home, "2", others))
        if number % 4 == 3:
            beside.start()
        sent, shown = _killed_quiz(home, moment)
        if beside.ident is not None:
            beside.join()
        seen = shown.count(VERDICT)
        found = list(stored(home))
        mine = [response for response in found if response.startswith("1")]
        theirs = [response for response in found if response.startswith("2")]
        fault = fault_of(home, sent, seen, mine)
        if theirs != others or len(mine) + len(theirs) != len(found):
            fault = fault or f"the other terminal sent {others}, and {theirs} are stored"
        return Killed(number, moment, sent, seen, mine, fault)


def _killed_quiz(home: Path, moment: Moment) -> tuple[list[str], str]:
    """The answers that were sent, and all that the terminal had shown by the kill."""
    sent: list[str] = []
    with Terminal("quiz", *CODES, home=home, lines=120) as terminal:
        dead = threading.Event()
        for answer in _answers("1", moment.answers):
            _send(terminal, answer, sent)
        timer = threading.Timer(moment.delay, _kill, (terminal.child.pid, dead))
        timer.start()
        assert dead.wait(PATIENCE)
        terminal.end()
        return sent, terminal.shown


def _kill(process: int, dead: threading.Event) -> None:
    os.kill(process, signal.SIGKILL)
    dead.set()


def answer_all(home: Path, first: str, sent: list[str]) -> None:
    """A terminal, to the end of its quiz; its answers begin with a digit of their own."""
    with Terminal("quiz", *CODES, home=home, lines=120) as terminal:
        for answer in _answers(first, TRIES * len(CODES)):
            _send(terminal, answer, sent)
        assert terminal.end() == 0


def _send(terminal: Terminal, answer: str, sent: list[str]) -> None:
    """Answer once the verdict on the answer before it is there."""
    terminal.wait_for(VERDICT, len(sent))
    terminal.wait_at("side")
    sent.append(answer)
    terminal.type(answer)


def _answers(first: str, count: int) -> Iterator[str]:
    """Wrong answers, each another one."""
    return (f"{first}{number:04}" for number in range(count))


def stored(home: Path) -> Iterator[str]:
    """The answers in the file, read by SQLite alone."""
    path = home / "attempts.db"
    if path.exists():
        with closing(sqlite3.connect(path)) as store:
            if next(store.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'"), None):
                yield from (text for (text,) in store.execute("SELECT response FROM attempts"))


def fault_of(home: Path, sent: list[str], seen: int, stored: list[str]) -> str:
    """What is wrong after a run, or nothing."""
    if stored != sent[: len(stored)]:
        return "other answers are stored than were sent"
    if len(stored) < seen:
        return "answers are lost that had feedback"
    path = home / "attempts.db"
    if path.exists():
        with closing(sqlite3.connect(path)) as store:
            (found,) = store.execute("PRAGMA integrity_check").fetchone()
            if found != "ok":
                return f"the store is not sound: {found}"
    with Store.open(path) as after:
        if after.notice or after.count() < len(stored):
            return f"the store does not go on: {after.notice or 'answers are gone'}"
    return ""


def run(numbers: Iterable[int], tell: Callable[[Killed], object] | None = None) -> Tally:
    """Runs with these numbers, two at a time. ``tell`` is called for each that is done."""
    done: list[Killed] = []
    with ThreadPoolExecutor(2) as pool:
        for killed in pool.map(kill, numbers):
            done.append(killed)
            if tell is not None:
                tell(killed)
    return Tally(
        len(done),
        sum(one.seen for one in done),
        sum(len(one.stored) for one in done),
        Counter(len(one.sent) for one in done),
        tuple(one for one in done if one.fault),
    )


def main() -> int:
    """Report the runs; exit code 1 where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--start", type=int, default=0, help="the number of the first run")
    asked = parser.parse_args()
    began = time.monotonic()

    def tell(killed: Killed) -> None:
        if killed.fault:
            print(killed, flush=True)
        elif (killed.number - asked.start + 1) % 20 == 0:
            print(f"{killed.number - asked.start + 1} runs", file=sys.stderr, flush=True)

    tally = run(range(asked.start, asked.start + asked.runs), tell)
    seconds = time.monotonic() - began
    print(
        f"{tally.runs} kills, {tally.seen} verdicts seen, {tally.stored} answers stored, "
        f"{len(tally.faults)} runs with losses, {seconds:.0f} s"
    )
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
