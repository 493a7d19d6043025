"""How soon a code answer has its verdict, beside a cold start of Python with NumPy.

A verdict's time is counted beyond what the answer itself ran. A class is graded as by
``tutor check FILE``, with a fresh worker for each row. Cold starts are measured in between, so that
what else the machine is doing weighs on both alike.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from bank_drawn import BANK, drawn

from engine.coding.runs import Cases, Outcome, Program
from engine.grading import grade
from tutor.batch.grader import Grader
from tutor.batch.tasks import Response
from tutor.sandbox.runner import Sandbox

VERDICTS = 40
BLOCKS, ROWS = 5, 40
PAUSE = 0.05
"""Seconds before each answer, far less than typing takes: a worker is ready then."""
SOONEST = 0.020
"""The aim for a verdict, in seconds beyond the answer's own."""
RATE = 60
"""The aim for a class: answers a second on two cores."""
ANSWERS = {
    "coding/vectorise-loop": ("s", ("X @ w/2", "(X*w).sum(axis=1)/2", "X @ w", "(X*w).sum()/2")),
    "coding/exp-column-sums": ("code", ("np.exp(B @ A.T*C).sum(axis=0)", "np.exp(B @ A.T*C)")),
    "coding/accuracy": ("score", ("np.mean(P.argmax(axis=1) == y)", "P.argmax(axis=1) == y")),
}


class Measured(NamedTuple):
    """Seconds a time, and those of the cold starts in between."""

    seconds: tuple[float, ...]
    starts: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return median(self.seconds) / median(self.starts)


class Watched(Sandbox):
    """A sandbox that knows how long the last answer itself ran, in all cases together."""

    own = 0.0

    def student(self, program: Program, cases: Cases) -> tuple[Outcome, ...]:
        found = super().student(program, cases)
        self.own = sum(outcome.seconds for outcome in found)
        return found


def answers(count: int) -> Iterator[tuple[str, str, str]]:
    """So many answers, no two the same: problem, part and code."""
    kinds = [(id, part, code) for id, (part, codes) in ANSWERS.items() for code in codes]
    for number in range(count):
        id, part, code = kinds[number % len(kinds)]
        yield id, part, f"{code}  # {number}"


def cold_start() -> float:
    """Seconds for a new Python that has loaded NumPy."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)
    return time.perf_counter() - started


def verdicts(count: int = VERDICTS) -> Measured:
    """Single answers, each when a worker is ready."""
    seconds, starts = [], []
    with Watched(timed=False) as run:
        for id, part, code in answers(len(ANSWERS) * 3):
            grade(drawn(id), {part: code}, run=run)  # unmeasured: references are run once
        for id, part, code in answers(count):
            starts.append(cold_start())
            time.sleep(PAUSE)
            started = time.perf_counter()
            grade(drawn(id), {part: code + " again"}, run=run)
            seconds.append(time.perf_counter() - started - run.own)
    return Measured(tuple(seconds), tuple(starts))


def a_class(blocks: int = BLOCKS, rows: int = ROWS) -> Measured:
    """Seconds an answer, of blocks of rows graded one after another."""
    seconds, starts = [], []
    given = [
        Response(f"{id}@original", ((part, code),)) for id, part, code in answers(blocks * rows)
    ]
    with Sandbox(timed=False) as run:
        grader = Grader(BANK, run, trust_code=True)
        for row in given[: len(ANSWERS) * 3]:
            grader.graded(row)
        for at in range(blocks):
            starts.append(cold_start())
            started = time.perf_counter()
            for row in given[at * rows : (at + 1) * rows]:
                grader.graded(row)
            seconds.append((time.perf_counter() - started) / rows)
    return Measured(tuple(seconds), tuple(starts))


def table() -> Iterator[str]:
    """The lines of the table, each as soon as it is known."""
    yield "Code answers, each in a process of its own, beside a cold start with NumPy\n"
    yield f"{'':26}{'median':>9}{'start':>9}{'ratio':>8}   aim"
    yield line("a verdict, worker ready", verdicts(), f"{1000 * SOONEST:.0f} ms")
    found = a_class()
    yield line("a class, each answer", found, f"{1000 / RATE:.1f} ms, {RATE} a second")
    yield f"{'':26}{1 / median(found.seconds):6.0f} a second"


def line(name: str, found: Measured, aim: str) -> str:
    """One row: medians in milliseconds, their ratio, and the aim."""
    one, start = (1000 * median(times) for times in (found.seconds, found.starts))
    return f"{name:26}{one:6.1f} ms{start:6.0f} ms{found.ratio:8.2f}   {aim}"
