"""Scripted sessions on real terminals, and the screens that they are to show.

A script is a list of steps: what is typed, and what the screen has to hold before the next step. A
snapshot is taken behind every step. What differs from day to day is put in the same words.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from program import Terminal

FOLDER = Path(__file__).resolve().parent / "screens" / "sessions"
COLUMNS = (60, 80, 120)
QUIET = 2.5  # seconds
AT_ONCE = 4
TAB, UP, DOWN, SPACE, ENTER = "\t", "\x1b[A", "\x1b[B", " ", "\r"


class Step(NamedTuple):
    """Keys, and the text to wait for; ``at`` waits for the line of the cursor to begin so."""

    keys: str
    shows: str = ""
    at: str = ""


class Session(NamedTuple):
    """Commands on one home, one after the other; only the last is shown."""

    arguments: tuple[str, ...]
    steps: tuple[Step, ...]


SESSIONS: dict[str, Session] = {
    "answers": Session(
        ("quiz", "gradients/partials@original"),
        (
            Step("", at="fx ›"),
            Step("2xy + yz", shows="reads as  2·x·y + y·z"),
            Step(" + (", shows="╵"),
            Step("\x152 lambd" + ENTER, shows="no try used"),
            Step(":hint" + ENTER, shows="Hint 1"),
            Step("2xy + yz + e^x y^3 z^2" + ENTER, at="fy ›"),
            Step(":quit" + ENTER, shows="1 question"),
        ),
    ),
    "confidence": Session(
        ("quiz", "gradients/partials@original", "--confidence"),
        (
            Step("", at="fx ›"),
            Step("2yx" + ENTER, at="how sure"),
            Step("very" + ENTER, shows="Type 1 to 4"),
            Step("3" + ENTER, shows="1 try left"),
            Step("2xy + yz + e^x y^3 z^2" + ENTER, at="fy ›"),
            Step(":quit" + ENTER, shows="1 question"),
        ),
    ),
    "matrix": Session(
        ("quiz", "gradients/linear-regression-backward@original"),
        (
            Step("", shows=":hint  :skip"),
            Step("2/m (yhat - y) X^T", shows="→"),
            Step("\x152/m (yhat - y) X" + ENTER, shows="1 try left"),
            Step(":quit" + ENTER, shows="1 question"),
        ),
    ),
    "options": Session(
        ("quiz", "cnn/why-convolutions@3"),
        (
            Step("", shows=":hint  :skip"),
            Step(DOWN + SPACE, shows="[x]"),
            Step(DOWN + SPACE, shows="reads as"),
            Step("\x15:skip" + ENTER, shows="missed 1"),
        ),
    ),
    "rows": Session(
        ("quiz", "cnn/maxpool-backward@original"),
        (
            Step("", shows=":hint  :skip"),
            Step("0 0 0 0" + ENTER + "0 1 0 0", shows="reads as"),
            Step(ENTER + ENTER, shows="1 try left"),
            Step(":quit" + ENTER, shows="1 question"),
        ),
    ),
    "table": Session(
        ("quiz", "shown/table@original"),
        (
            Step("", at="CONV-3-8, activation map"),
            Step("29x29x8" + TAB, at="CONV-3-8, weights"),
            Step("72" + ENTER + "14x14x8" + ENTER + "0" + ENTER, at="Enter to check"),
            Step(ENTER, shows="1 try left"),
            Step("\x1530x30x8" + ENTER, at="Enter to check"),
            Step(ENTER, shows="4 of 4 cells"),
        ),
    ),
    "code": Session(
        ("quiz", "broadcasting/means@original"),
        (
            Step("", at="rows ›"),
            Step("np.mean(M, axis=0)" + ENTER, shows="1 try left"),
            Step("M.mean(axis=1)" + ENTER, at="cols ›"),
            Step("def f(M):" + ENTER + "return M.mean(axis=0)" + ENTER + ENTER, shows="2 of 2"),
        ),
    ),
    "exam": Session(
        ("exam", "short", "--seed", "5"),
        (
            Step("", shows="20 min left"),
            Step(":mark" + ENTER, shows="Marked"),
            Step(":list" + ENTER, shows="marked"),
            Step(":next" + ENTER, shows=" 2 of 4 "),
            Step(":done" + ENTER, at="yes or no"),
            Step("yes" + ENTER, shows="The report"),
        ),
    ),
    "topics": Session(("quiz", "-n", "1"), (Step("", at="topics ›"), Step("\x04"))),
    "solution": Session(
        ("quiz", "cnn/shape-table@original"),
        (
            Step("", at="CONV-9-32, activation map"),
            Step(":solution" + ENTER, at="solution ›"),
            Step(":next" + ENTER, shows="1 question"),
        ),
    ),
}  # fmt: skip


def played(name: str, columns: int, expected: str = "") -> str:
    """The snapshots of a session, behind one another.

    With ``expected`` snapshots each step waits until its own is on the screen, or for some seconds:
    what is read of an answer may stand there later, while libraries load. Without, it waits
    until nothing comes any more.
    """
    session = SESSIONS[name]
    awaited = re.split(r"^━━ .*\n", expected, flags=re.MULTILINE)[1:]
    shots = []
    with (
        tempfile.TemporaryDirectory() as home,
        Terminal(*session.arguments, home=Path(home), columns=columns, lines=90) as terminal,
    ):
        level = partial(_levelled, home=home)
        for number, step in enumerate(session.steps):
            terminal.child.send(step.keys.encode())
            if step.at:
                terminal.wait(lambda _, at=step.at: at in terminal.line)  # type: ignore[misc]
            if step.shows:
                terminal.wait_for(step.shows)
            if not step.at and not step.shows:
                terminal.end()
            elif number < len(awaited):
                wanted = awaited[number].strip("\n")
                terminal.wait_a_while(lambda shown, to=wanted: level(shown).strip("\n") == to)  # type: ignore[misc]
            else:
                terminal.settle(QUIET)
            shots.append(f"━━ {_named(step.keys)}\n{level(terminal.shown)}\n")
        return "\n".join(shots)


def _named(keys: str) -> str:
    """The keys as they are read."""
    for key, name in (
        (TAB, "⇥"), (UP, "↑"), (DOWN, "↓"), (ENTER, "⏎"), ("\x15", "^U "), ("\x04", "^D"),
    ):  # fmt: skip
        keys = keys.replace(key, name)
    return keys or "at first"


def _levelled(shown: str, home: str) -> str:
    """Without what the clock and the folder decide."""
    shown = re.sub(r"\b\d+ s\. The report", "5 s. The report", shown.replace(home, "HOME"))
    shown = re.sub(r"\d{4}-\d{2}-\d{2}T\d{6}", "2026-03-01T100000", shown)
    return re.sub(r"[ \t]+$", "", shown, flags=re.MULTILINE)


def write(names: Sequence[str] = tuple(SESSIONS)) -> None:
    """Write the screens anew."""
    FOLDER.mkdir(exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name in names:
            for columns in COLUMNS:
                pool.submit(_write, name, columns)


def _write(name: str, columns: int) -> None:
    (FOLDER / f"{name}-{columns}.txt").write_text(played(name, columns), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:] or tuple(SESSIONS))
