"""``tutor new``: a problem file to start from."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.authoring.starter import start
from tutor.bank.bank import shown_path
from tutor.console import clean
from tutor.problems import open_bank


def run(id: str, source: str, banks: Sequence[str]) -> int:
    """Write the file and say how to go on. Raises Refusal."""
    missing_is_new = [folder for folder in banks if _exists(folder)]
    done = start(id, open_bank(missing_is_new), list(banks), source)
    path, folder = shown_path(str(done.path)), shown_path(str(done.folder))
    named = "" if done.known else f" --bank {folder}"
    print(clean(f"{path}\n  tutor preview{named} {id} --watch\n  tutor lint {path}"))
    return 0


def _exists(folder: str) -> bool:
    """Whether a bank is there yet; a new problem may be the first one of a new bank."""
    import os

    return os.path.lexists(folder)
