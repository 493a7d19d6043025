"""Rows to workers and their results back, in the order of the rows.

A thread reads rows and hands them out in batches; whoever iterates gets the results. Memory is
bounded by the entries that are under way and the tasks that are remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from queue import Queue
from threading import Thread
from typing import NamedTuple

from tutor.batch.grader import (
    Batch,
    Graded,
    Mismatch,
    Refused,
    Setup,
    failed,
    grade_tasks,
    out_of_time,
)
from tutor.batch.rows import Given, Source, Wait
from tutor.batch.tasks import MAX_KEPT, BadRow, Response, Task, task_of
from tutor.batch.watch import GRACE
from tutor.batch.workers import WorkerDied
from tutor.refusal import Refusal

BATCH = 64  # tasks for a worker, at most
SHARE = 0.2  # seconds of work that a worker is given at once
PACE = 0.05  # seconds for a task, before that is known
MAX_ROWS = 1_024  # rows of an entry, most of which may have been met before
MAX_BYTES = 2_000_000  # read for an entry
KEPT_TASKS = 8_192


Found = Graded | Refused


class Job:
    """A task, and its result once it is there."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.found: Found | None = None


class Entry(NamedTuple):
    """Rows that go on together: each with its job, or why it has none; ``read``: bytes so far."""

    rows: list[tuple[Given, Job | str]]
    jobs: list[Job]
    future: Future[Batch] | None
    read: int


class Result(NamedTuple):
    """A row and what it earned. ``read``: bytes of the source that lie before its end."""

    given: Given
    graded: Graded
    read: int


class Dispatcher:
    """Grades the rows of a source with an executor; ``width``: entries that may be under way."""

    def __init__(self, source: Source, executor: Executor, setup: Setup, width: int) -> None:
        self.source = source
        self.executor = executor
        self.setup = setup
        self._entries: Queue[Entry | BaseException | None] = Queue(width)
        self._known: OrderedDict[Task, Job] = OrderedDict()
        self._parts: dict[str, tuple[str, ...]] = {}
        self._pace = PACE

    def results(self, rows: Iterator[Given | Wait]) -> Iterator[Result]:
        """Every row with its result. Raises Refusal, and what reading raises."""
        Thread(target=self._read, args=(rows,), daemon=True).start()
        while (entry := self._entries.get()) is not None:
            if isinstance(entry, BaseException):
                raise entry
            self._settle(entry)
            for given, job in entry.rows:
                if isinstance(job, str):
                    yield Result(given, failed(job), entry.read)
                else:
                    assert job.found is not None  # its entry is this one or came before
                    if isinstance(job.found, Refused):
                        raise Refusal(job.found.why)
                    yield Result(given, job.found, entry.read)

    # -- in the reading thread --------------------------------------------------------------

    def _read(self, rows: Iterator[Given | Wait]) -> None:
        try:
            waiting: list[tuple[Given, Job | str]] = []
            new: list[Job] = []
            start = self.source.taken
            for given in rows:
                if not isinstance(given, Wait):
                    waiting.append((given, self._job(given, new)))
                taken = self.source.taken
                full = (
                    len(new) >= self._enough()
                    or len(waiting) == MAX_ROWS
                    or taken - start > MAX_BYTES
                )
                if waiting and (full or isinstance(given, Wait)):
                    self._hand_out(waiting, new)
                    waiting, new, start = [], [], taken
            if waiting:
                self._hand_out(waiting, new)
            self._entries.put(None)
        except BaseException as error:
            self._entries.put(error)

    def _job(self, given: Given, new: list[Job]) -> Job | str:
        """The job that a row waits for; one that is met for the first time is new."""
        try:
            task = task_of(given)
        except BadRow as error:
            return str(error)
        if isinstance(task, Response) and task.of_cells:
            parts = self._parts.get(task.code)  # once: they may be forgotten meanwhile
            task = task if parts is None else task.of(parts)
        job = self._known.get(task)
        if job is None:
            job = Job(task)
            new.append(job)
            if task.length <= MAX_KEPT:
                self._known[task] = job
                if len(self._known) > KEPT_TASKS:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(task)
        return job

    def _hand_out(self, rows: list[tuple[Given, Job | str]], jobs: list[Job]) -> None:
        future = self._submit([job.task for job in jobs]) if jobs else None
        self._entries.put(Entry(rows, jobs, future, self.source.taken))

    def _enough(self) -> int:
        """How many tasks keep a worker busy for a while, and leave some to the others."""
        return min(int(SHARE / self._pace) + 1, BATCH)

    def _submit(self, tasks: Sequence[Task]) -> Future[Batch]:
        return self.executor.submit(grade_tasks, self.setup, tasks)

    # -- where results are wanted -----------------------------------------------------------

    def _settle(self, entry: Entry) -> None:
        if entry.future is None:
            return
        found = self._found(entry.future, [job.task for job in entry.jobs])
        for job, one in zip(entry.jobs, found, strict=True):
            job.found = one
            if isinstance(job.task, Response) and job.task.of_cells and isinstance(one, Graded):
                self._keep_parts(job.task.code, one.parts)

    def _keep_parts(self, code: str, parts: tuple[str, ...]) -> None:
        """Remember which columns are parts of a variant: the others tell no two tasks apart."""
        if len(self._parts) >= KEPT_TASKS:
            self._parts.clear()
        if parts:
            self._parts[code] = parts

    def _found(self, future: Future[Batch], tasks: Sequence[Task]) -> list[Found]:
        """The results of tasks; where they ended their worker, each is tried by itself."""
        try:
            batch = future.result()
            self._pace = (self._pace + batch.seconds / len(tasks)) / 2
            return batch.found
        except WorkerDied:
            alone = [(self._submit([task]), task) for task in tasks]
            return [self._alone(*one) for one in alone]
        except Mismatch as error:
            raise Refusal(f"a worker would grade otherwise: {error}") from None

    def _alone(self, future: Future[Batch], task: Task) -> Found:
        """The result of one task. Its worker may die once by somebody else's hand."""
        for again in (True, False):
            try:
                return future.result().found[0]
            except WorkerDied as died:
                if died.after >= self.setup.seconds + GRACE:
                    return out_of_time(self.setup.seconds)
            if again:
                future = self._submit([task])
        return failed("grading this row ended the program that graded it, and again when tried")
