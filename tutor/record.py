"""Every answer into the store, as it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.draws import GENERATOR
from engine.verdict import PartVerdict
from tutor.console import complain
from tutor.progress import Progress

if TYPE_CHECKING:
    from engine.variant import Variant
    from tutor.store import Store


class Record:
    """Keeps every answer. Without a usable store the quiz goes on and says so once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.started = clock()
        self.notice = ""
        self._store: Store | None = None
        self.opened = False
        self._session = ""

    def open(self) -> None:
        """Open the store; what went wrong or is worth knowing stands in ``notice``."""
        import os

        from tutor.paths import store_path
        from tutor.store import Store, StoreUnavailable

        self.opened = True
        self._session = os.urandom(6).hex()
        try:
            self._store = Store.open(store_path())
            self.notice = self._store.notice
        except StoreUnavailable as error:
            self.notice = f"Your answers are not stored: {error}"

    def changed_since(self, variant: Variant) -> str:
        """What to tell of a code that meant other numbers when it was last answered."""
        if self._store is None:
            return ""
        import json

        from tutor.documents import parameters_document
        from tutor.store import StoreUnavailable
        from tutor.stored import changed_since

        now = json.dumps(parameters_document(variant.parameters))
        try:
            return changed_since(variant, self._store.parameters_before(variant.code, now))
        except StoreUnavailable:
            return ""

    def add(self, progress: Progress, verdict: PartVerdict) -> None:
        """Commit one graded answer."""
        if self._store is None:
            return
        import json
        from datetime import UTC, datetime

        from tutor.documents import parameters_document
        from tutor.store import Attempt, StoreUnavailable

        variant = progress.variant
        attempt = Attempt(
            session=self._session,
            at=datetime.fromtimestamp(self.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
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
            try_number=progress.tries[verdict.id],
            hints=len(progress.hints),
        )
        try:
            self._store.add(attempt)
        except StoreUnavailable as error:
            self._store = None
            self.notice = f"This answer and the next are not stored: {error}"

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()
            self._store = None


def tell_changed(variant: Variant) -> None:
    """A line on stderr for a code that meant other numbers when it was last answered."""
    from tutor.paths import store_path

    if not store_path().exists():
        return
    record = Record(float)
    record.open()
    changed = record.changed_since(variant)
    record.close()
    if changed:
        complain(changed)
