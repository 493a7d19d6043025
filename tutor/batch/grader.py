"""Grading tasks in a worker, which keeps the variants that it met."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from engine.comparison import compare
from engine.grading import Known, grade
from engine.language.errors import Unreadable
from engine.variant import Variant
from engine.verdict import INVALID, Verdict
from tutor.bank.bank import Bank, NoSuchBank
from tutor.batch.machine import Versions, versions
from tutor.batch.rows import NAMING
from tutor.batch.tasks import BadRow, Comparison, Response, Task
from tutor.batch.watch import MEMORY, OutOfTime, Watch
from tutor.documents import dump, verdict_document
from tutor.problems import authors_errors, declare_functions, parse_code, variant_of
from tutor.refusal import Refusal
from tutor.sandbox.runner import Sandbox

KEPT_VARIANTS = 4_096


class Setup(NamedTuple):
    """What every worker is given: folders of problems, permissions, limits.

    ``seconds``: for one row. ``versions``: what a worker has to have.
    """

    folders: tuple[str, ...]
    trust_code: bool
    seconds: float
    versions: Versions


class Graded(NamedTuple):
    """The result fields of a row as JSON text, and what sums and tables need of them.

    ``code`` and ``parts`` (ids) of the variant; empty where there is none.
    """

    text: str
    verdict: str
    code: str = ""
    score: float = 0.0
    max_score: float = 0.0
    parts: tuple[str, ...] = ()


class Refused(NamedTuple):
    """Stands for the result of a row that nobody should grade here, as code that nothing confines.

    No row behind it is worth grading either.
    """

    why: str


class Unconfined(Exception):
    """Code of others that isn't run; the text says why."""


class Mismatch(Exception):
    """This worker would grade otherwise than others; the text says why."""


def failed(why: str) -> Graded:
    """The result of a row that can't be graded."""
    return Graded(dump({"verdict": INVALID, "error": why}), INVALID)


def out_of_time(seconds: float) -> Graded:
    """The result of a row that took too long."""
    return failed(f"grading took longer than {seconds:g} s")


class Batch(NamedTuple):
    """The results of some tasks, and the seconds that grading them took."""

    found: list[Graded | Refused]
    seconds: float


def grade_tasks(setup: Setup, tasks: Sequence[Task]) -> Batch:
    """Grade tasks in this process, one at a time. Raises Mismatch."""
    with _TURN:
        _grader(setup)
        started = time.monotonic()
        # Each anew: a row whose time is over takes its grader with it.
        found = [_grader(setup).graded(task) for task in tasks]
        return Batch(found, time.monotonic() - started)


_TURN = Lock()  # a worker of a cluster may have several threads


def mismatch(setup: Setup) -> str:
    """Why this process would grade otherwise; empty if it would not."""
    try:
        here, there = dict(versions(Bank(setup.folders))), dict(setup.versions)
    except (NoSuchBank, OSError) as error:
        return str(error)
    told = (
        f"{name} is {here.get(name, 'missing')} there and {there.get(name, 'missing')} here"
        for name in {**there, **here}
        if here.get(name) != there.get(name)
    )
    return "; ".join(told)


_graders: dict[Setup, Grader] = {}
"""The grader of this process: the latest one, if any."""


def _grader(setup: Setup) -> Grader:
    if setup not in _graders:
        forget()
        why = mismatch(setup)
        if why:
            raise Mismatch(why)
        declare_functions(tell=False)
        run = Sandbox(timed=False)
        bank, trust = Bank(setup.folders), setup.trust_code
        _graders[setup] = Grader(bank, run, trust_code=trust, seconds=setup.seconds)
    return _graders[setup]


def forget() -> None:
    """End the grader of this process, with its processes for code."""
    while _graders:
        _graders.popitem()[1].run.close()


class Grader:
    """Grades tasks against a bank; variants met before are kept."""

    def __init__(
        self, bank: Bank, run: Sandbox, *, trust_code: bool = False, seconds: float | None = None
    ) -> None:
        self.bank = bank
        self.run = run
        self.trusting = trust_code
        self.watch = Watch(seconds)
        self.known = Known()
        self._variant = lru_cache(maxsize=KEPT_VARIANTS)(self._draw)

    def graded(self, task: Task) -> Graded | Refused:
        """The result, which says why if there is no verdict."""
        try:
            with self.watch:
                return self._graded(task)
        except Unconfined as error:
            return Refused(str(error))
        except (BadRow, Refusal) as error:
            return failed(str(error))
        except OutOfTime:
            # What was stopped halfway can't be trusted with the next row.
            self.run.close()
            forget()
            return out_of_time(self.watch.seconds or 0.0)
        except MemoryError:
            return failed(f"grading took more memory than {MEMORY >> 20:,} MB")
        except (Exception, SystemExit) as error:
            return failed(f"this is a mistake in exam-tutor ({type(error).__name__}: {error})")

    def _graded(self, task: Task) -> Graded:
        verdict = _compared(task) if isinstance(task, Comparison) else self._verdict(task)
        return Graded(
            dump(verdict_document(verdict)),
            verdict.verdict,
            verdict.code or "",
            float(verdict.score),
            float(verdict.max_score),
            tuple(part.id for part in verdict.parts) if verdict.code else (),
        )

    def _verdict(self, task: Response) -> Verdict:
        variant = self._variant(task.code)
        responses = _responses(task, variant)
        self._refuse_to_run(variant, responses)
        with authors_errors(self.bank, variant.problem.id):
            return grade(variant, responses, run=self.run, known=self.known)

    def _refuse_to_run(self, variant: Variant, responses: Mapping[str, str]) -> None:
        """Raise Unconfined for code of others that could reach this machine."""
        if self.trusting or all(variant.part(name).asked.kind != "code" for name in responses):
            return
        if not self.run.layers.guarded:
            raise Unconfined(
                "the responses hold code, and nothing here keeps it from your files: "
                "`tutor doctor` tells more, --trust-code runs it all the same"
            )
        self.trusting = True

    def _draw(self, code: str) -> Variant:
        asked = parse_code(code)
        if asked.seed is None:
            raise BadRow(f"{code} names no variant: write {code}@SEED")
        return variant_of(self.bank, asked)


def _responses(task: Response, variant: Variant) -> dict[str, str]:
    """Texts by part. Raises BadRow for an answer to no part."""
    known = [part.id for part in variant.parts]
    strangers = [name for name, _ in task.answers if name not in known]
    if task.of_cells:
        naming = [name for name in known if name in NAMING]
        if naming:
            raise BadRow(f"a column {naming[0]} is no answer to that part: use JSON Lines")
        if len(strangers) == len(task.answers):
            raise BadRow(f"no column is a part of {variant.code}: {', '.join(known)}")
    elif strangers:
        raise BadRow(f"{task.code} has no part {strangers[0]!r}")
    return {name: text for name, text in task.answers if name in known and text}


def _compared(task: Comparison) -> Verdict:
    try:
        return compare(*task)
    except Unreadable as error:
        raise BadRow(f"reference or symbols: {error.message}") from None
