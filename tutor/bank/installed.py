"""Banks and reference functions that came as packages, found by their metadata alone.

A package declares a bank in the group ``exam_tutor.banks``, as a module path that leads to the
bank's folder; none of its code runs. It declares a function in ``exam_tutor.functions``, as
``package.module:function``: that is imported when an expression first calls it, for what is
installed is trusted. ``importlib.metadata`` would find both too, but takes 30 ms at every start.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache

BANKS, FUNCTIONS = "exam_tutor.banks", "exam_tutor.functions"
_ENDINGS = (".dist-info", ".egg-info")
MAX_READ = 64 * 1024
_TARGET = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*")


def installed_banks(path: Sequence[str] | None = None) -> list[str]:
    """The folders of installed banks, by their names. ``path`` stands for ``sys.path``."""
    named = _entries(BANKS, path)
    places = (_place(named[name].partition(":")[0]) for name in sorted(named))
    return [place for place in places if place]


def installed_functions(path: Sequence[str] | None = None) -> dict[str, str]:
    """Reference functions of packages by name, as ``package.module:function``."""
    return {
        name: target
        for name, target in sorted(_entries(FUNCTIONS, path).items())
        if name.isidentifier() and _TARGET.fullmatch(target)
    }


def _entries(group: str, path: Sequence[str] | None) -> dict[str, str]:
    """The entries of a group in all packages of the folders."""
    folders = sys.path if path is None else path
    texts = (text for folder in dict.fromkeys(folders) for text in _entry_points(folder))
    return {name: target for text in texts for name, target in _declared(text, group)}


@cache
def _entry_points(folder: str) -> tuple[str, ...]:
    """The declarations of the packages in a folder that name one of our groups."""
    try:
        inside = os.listdir(folder or ".")
    except OSError:
        return ()
    places = (os.path.join(folder, name, "entry_points.txt") for name in inside)
    texts = (_text(place) for place in places if os.path.dirname(place).endswith(_ENDINGS))
    return tuple(text for text in texts if BANKS in text or FUNCTIONS in text)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(MAX_READ)
    except OSError:
        return ""


def _declared(text: str, group: str) -> Iterator[tuple[str, str]]:
    """The entries of a group: ``name = module.path`` or ``name = module:function``, a line each."""
    ours = False
    for line in text.splitlines():
        if line.startswith("["):
            ours = line.strip() == f"[{group}]"
        elif ours and "=" in line and not line.startswith(("#", ";")):
            name, _, target = line.partition("=")
            yield name.strip(), target.partition("[")[0].strip()


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
