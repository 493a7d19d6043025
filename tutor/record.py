"""Every answer into the store, as it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.draws import GENERATOR
from engine.verdict import PartVerdict
from tutor.clock import stamp
from tutor.console import complain
from tutor.progress import Progress
from tutor.refusal import Refusal

if TYPE_CHECKING:
    from engine.variant import Variant
    from tutor.store import Attempt, Confidence, Store


PATIENCE = 1.0  # seconds for a store that couldn't be used before


@dataclass
class Given:
    """An answer to be stored, and how sure the student is of it: a level, and when it was told.

    ``id``: its number in the store; 0 until it is there.
    """

    attempt: Attempt
    id: int = 0
    level: int = 0
    stated: str = ""

    def confidence(self, id: int) -> Confidence:
        """What was told of how sure the student is, of the attempt of that number."""
        from tutor.store import Confidence

        return Confidence(id, self.stated, self.level)


class Record:
    """Keeps every answer. One that can't be stored is kept here and tried again with the next.

    What went wrong or is worth knowing stands in ``notice``.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.started = clock()
        self.notice = ""
        self.opened = False
        self._store: Store | None = None
        self._session = ""
        self._waiting: list[Given] = []
        self._last: Given | None = None
        self._told = False

    def open(self) -> None:
        """Open the store."""
        import os

        from tutor.store import StoreUnavailable

        self.opened = True
        self._session = os.urandom(6).hex()
        try:
            self._store = self._open()
        except StoreUnavailable as error:
            self._tell(f"Your answers can't be stored now: {error}")

    def _open(self, wait: float | None = None) -> Store:
        """The store. Raises StoreUnavailable."""
        from tutor.paths import store_path
        from tutor.store import WAIT, Store

        store = Store.open(store_path(), wait=WAIT if wait is None else wait)
        self.notice = store.notice or self.notice
        return store

    def changed_since(self, variant: Variant) -> str:
        """What to tell of a code that meant other numbers when it was last answered."""
        if self._store is not None:
            from tutor.store import StoreUnavailable

            with suppress(StoreUnavailable):
                return _changed_since(self._store, variant)
        return ""

    def add(self, progress: Progress, verdict: PartVerdict) -> None:
        """Commit one graded answer, after those that are still waiting."""
        tries, hints = progress.tries[verdict.id], len(progress.hints)
        attempt = attempt_of(progress.variant, verdict, self._session, self.clock(), tries, hints)
        self._last = Given(attempt)
        self._waiting.append(self._last)
        self._commit()

    def state(self, level: int) -> None:
        """Commit how sure the student is of the answer that was added last."""
        assert self._last is not None
        self._last.level, self._last.stated = level, stamp(self.clock())
        if self._last not in self._waiting:
            self._waiting.append(self._last)
        self._commit()

    def _commit(self) -> None:
        """Store what is waiting. After a failure the store is opened anew, once."""
        from tutor.store import StoreUnavailable

        for last in (False, True):
            try:
                if self._store is None:
                    self._store = self._open(wait=PATIENCE)
                while self._waiting:
                    self._add(self._store, self._waiting.pop(0))
            except StoreUnavailable as error:
                self._leave()
                if last:
                    self._tell(f"This answer is not stored yet: {error}")
            else:
                if self._told:
                    self._told = False
                    self.notice = self.notice or "All your answers are stored now."
                return

    def _add(self, store: Store, given: Given) -> None:
        """Not waiting any more before it is stored: Ctrl-C in between must not double it."""
        from tutor.store import StoreUnavailable

        try:
            given.id = given.id or store.add(given.attempt)
            if given.level:
                store.state(given.confidence(given.id), given.attempt.session)
        except StoreUnavailable:
            self._waiting.insert(0, given)
            raise

    def _tell(self, what: str) -> None:
        """Once, not with every answer."""
        if not self._told:
            self.notice = f"{what}. It is tried again with each answer."
        self._told = True

    def _leave(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def close(self) -> None:
        """Close the store; what can't be stored even now is written to a file for ``import``."""
        if self._waiting:
            self._commit()
        if self._waiting:
            self.notice = rescued(self._waiting)
        self._leave()


def attempt_of(
    variant: Variant, verdict: PartVerdict, session: str, now: float, tries: int, hints: int
) -> Attempt:
    """What the store keeps of a graded answer, given in the try of that number."""
    import json

    from tutor.documents import parameters_document
    from tutor.store import Attempt

    return Attempt(
        session=session,
        at=stamp(now),
        code=variant.code,
        problem=variant.problem.id,
        seed=variant.code.rpartition("@")[2],
        revision=variant.problem.revision,
        generator=GENERATOR,
        parameters=json.dumps(parameters_document(variant.parameters)),
        part=verdict.id,
        response=verdict.response,
        read_as=verdict.read_as,
        verdict=verdict.verdict,
        note=verdict.note,
        score=float(verdict.score),
        max_score=float(verdict.max_score),
        try_number=tries,
        hints=hints,
    )


def rescued(answers: Sequence[Given]) -> str:
    """Write what could not be stored to a file; the line that tells of it."""
    from tutor.store.exchange import rescue

    count = f"{len(answers)} answer" + ("" if len(answers) == 1 else "s")
    confidences = [one.confidence(number) for number, one in enumerate(answers, 1) if one.level]
    path = rescue([one.attempt for one in answers], confidences)
    if path is None:
        return f"{count} could not be stored, nor written to a file."
    return f"{count} could not be stored: kept as {path}, for `tutor import` once that works."


@contextmanager
def opened_store() -> Iterator[Store]:
    """The store for a command; what is worth knowing of it goes to stderr. Raises Refusal."""
    from tutor.paths import store_path
    from tutor.store import Store, StoreUnavailable

    try:
        with Store.open(store_path()) as store:
            if store.notice:
                complain(store.notice)
            yield store
    except StoreUnavailable as error:
        raise Refusal(str(error)) from None


def tell_changed(variant: Variant) -> None:
    """A line on stderr for a code that meant other numbers when it was last answered."""
    from tutor.paths import store_path

    if not store_path().exists():
        return
    from tutor.store import Store, StoreUnavailable

    with suppress(StoreUnavailable), Store.open(store_path()) as store:
        for line in (store.notice, _changed_since(store, variant)):
            if line:
                complain(line)


def _changed_since(store: Store, variant: Variant) -> str:
    """Raises StoreUnavailable."""
    import json

    from tutor.documents import parameters_document
    from tutor.stored import changed_since

    now = json.dumps(parameters_document(variant.parameters))
    return changed_since(variant, store.parameters_before(variant.code, now))
