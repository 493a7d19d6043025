"""Where the program writes, and where the bank that came with it lies."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def home() -> Path:
    """All that the program writes lies in here; the folder need not exist yet."""
    chosen = os.environ.get("TUTOR_HOME")
    if chosen:
        return Path(os.path.expanduser(chosen)).absolute()

    import platformdirs

    return Path(platformdirs.user_data_dir("exam-tutor", appauthor=False))


def store_path() -> Path:
    return home() / "attempts.db"


def bundled_bank(package: Path = PACKAGE) -> Path:
    """Find the problems beside the package in a checkout, or inside it once installed.

    ``package`` is the folder of the ``tutor`` package.
    """
    beside = package.parent / "problems"
    if _is_checkout(package.parent) and beside.is_dir():
        return beside
    return package / "problems"


def _is_checkout(folder: Path) -> bool:
    """Tell our checkout from site-packages, where some other ``problems`` may lie."""
    try:
        lines = (folder / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return 'name = "exam-tutor"' in lines
