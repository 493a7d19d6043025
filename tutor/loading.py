"""Libraries that load while somebody reads the question."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.variant import Variant

TURN = 0.0005  # seconds that a key waits for its turn at most, a few times an echo


class Loading:
    """Loads what grading will need in a thread of its own, and tells when it is there.

    Until then nothing else should import any of it: it would wait until a library is complete.
    """

    def __init__(self) -> None:
        self.done = True
        self._begun: set[str] = set()
        self._waiting: Callable[[], object] | None = None

    def start(self, variant: Variant) -> None:
        """Begin with what marking this variant needs, unless it is there or under way."""
        from engine.preload import needs_algebra

        wanted = {"libraries", "algebra"} if needs_algebra(variant) else {"libraries"}
        if self.done and not wanted <= self._begun:
            from threading import Thread

            self._begun |= wanted
            self.done = False
            Thread(target=self._load, args=(wanted,), daemon=True).start()

    def then(self, tell: Callable[[], object] | None) -> None:
        """Whom to tell when all is loaded; None for nobody."""
        self._waiting = tell

    def _load(self, wanted: set[str]) -> None:
        """Grading imports what is missing once more, and would tell what is wrong.

        No key gets a turn in a garbage collection, and one of all that libraries hold takes longer
        than anything else here: there is none, and later ones leave the libraries out.
        """
        usual = sys.getswitchinterval()
        sys.setswitchinterval(TURN)
        gc.disable()
        try:
            with suppress(Exception):
                from engine.preload import load_algebra, load_libraries

                load_libraries()
                import tutor.editor.live  # noqa: F401

                if "algebra" in wanted:
                    load_algebra()
        finally:
            gc.freeze()
            gc.enable()
            sys.setswitchinterval(usual)
            self.done = True
            tell = self._waiting
            if tell is not None:
                tell()
