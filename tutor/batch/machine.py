"""What must be alike on every machine that grades a class."""

from __future__ import annotations

import os
import sys
from hashlib import blake2b

from tutor.bank.bank import Bank

Versions = tuple[tuple[str, str], ...]
LIBRARIES = ("numpy", "sympy", "python-flint")


def versions(bank: Bank) -> Versions:
    """Names and versions of what a verdict depends on, the bank's files among them."""
    from importlib.metadata import PackageNotFoundError, version

    from tutor import __version__

    found = [
        ("exam-tutor", __version__),
        ("Python", f"{sys.version_info[0]}.{sys.version_info[1]}"),
    ]
    for name in LIBRARIES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "unknown"))
    return (*found, ("bank", _digest(bank)))


def _digest(bank: Bank) -> str:
    digest = blake2b(digest_size=6)
    for id in bank.ids():
        with open(bank.path(id), "rb") as file:
            digest.update(f"{id} {os.fstat(file.fileno()).st_size} ".encode())
            digest.update(file.read())
    return digest.hexdigest()


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
