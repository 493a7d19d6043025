"""Libraries that load while somebody reads the question."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress

TURN = 0.0005  # seconds that a key waits for its turn at most, a few times an echo


class Loading:
    """Loads what grading will need in a thread of its own, and tells when it is there.

    Until then nothing else should import any of it: it would wait until a library is complete.
    """

    def __init__(self) -> None:
        self.done = True
        self._waiting: Callable[[], object] | None = None

    def start(self) -> None:
        """Begin."""
        from threading import Thread

        self.done = False
        Thread(target=self._load, daemon=True).start()

    def then(self, tell: Callable[[], object] | None) -> None:
        """Whom to tell when all is loaded; None for nobody."""
        self._waiting = tell

    def _load(self) -> None:
        """Grading imports what is missing once more, and would tell what is wrong.

        No key gets a turn in a garbage collection, and one of all that libraries hold takes longer
        than anything else here: there is none, and later ones leave the libraries out.
        """
        usual = sys.getswitchinterval()
        sys.setswitchinterval(TURN)
        gc.disable()
        try:
            with suppress(Exception):
                from engine.preload import load_libraries

                load_libraries()
                import tutor.editor.live  # noqa: F401
        finally:
            gc.freeze()
            gc.enable()
            sys.setswitchinterval(usual)
            self.done = True
            tell = self._waiting
            if tell is not None:
                tell()
