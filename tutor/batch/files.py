"""Opening the files that a user named."""

from __future__ import annotations

from typing import IO, Any

from tutor.refusal import Refusal


def open_file(path: str, mode: str, **options: Any) -> IO[Any]:
    """The open file. Raises Refusal."""
    try:
        return open(path, mode, **options)
    except OSError as error:
        raise Refusal(f"{path}: {(error.strerror or 'not usable').lower()}") from None
