"""Banks that came as packages: found by their metadata, without running any of their code.

A package declares one in the group ``exam_tutor.banks``, as a module path that leads to the
bank's folder. ``importlib.metadata`` would find it too, but takes 30 ms at every start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

GROUP = "exam_tutor.banks"
_ENDINGS = (".dist-info", ".egg-info")
MAX_READ = 64 * 1024


def installed_banks(path: Sequence[str] | None = None) -> list[str]:
    """The folders of installed banks, by their names. ``path`` stands for ``sys.path``."""
    folders = sys.path if path is None else path
    named = {name: module for folder in dict.fromkeys(folders) for name, module in _named(folder)}
    places = (_place(named[name]) for name in sorted(named))
    return [place for place in places if place]


def _named(folder: str) -> Iterator[tuple[str, str]]:
    """Names and modules of the banks that the packages in a folder declare."""
    try:
        inside = os.listdir(folder or ".")
    except OSError:
        return
    for name in inside:
        if name.endswith(_ENDINGS):
            yield from _declared(_text(os.path.join(folder, name, "entry_points.txt")))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(MAX_READ)
    except OSError:
        return ""


def _declared(text: str) -> Iterator[tuple[str, str]]:
    """The entries of our group: ``name = module.path``, a line each."""
    if GROUP not in text:
        return
    ours = False
    for line in text.splitlines():
        if line.startswith("["):
            ours = line.strip() == f"[{GROUP}]"
        elif ours and "=" in line and not line.startswith(("#", ";")):
            name, _, module = line.partition("=")
            yield name.strip(), module.partition("[")[0].partition(":")[0].strip()


def _place(module: str) -> str:
    """The folder of a module; "" where there is none.

    Only the topmost package is looked for: to look below it, Python would run it.
    """
    from importlib.util import find_spec

    top, *below = module.split(".")
    if not all(name.isidentifier() for name in (top, *below)):
        return ""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return ""
    for root in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = os.path.join(root, *below)
        if os.path.isdir(folder):
            return folder
    return ""
