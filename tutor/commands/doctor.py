"""``tutor doctor``: versions, paths, the bank in use, and the layers around code answers."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from tutor import __version__
from tutor.documents import Document, dump
from tutor.paths import home, store_path
from tutor.problems import open_bank
from tutor.refusal import Refusal
from tutor.sandbox.runner import Sandbox
from tutor.store.damage import those_aside

LIBRARIES = ("numpy", "sympy", "python-flint", "PyYAML", "typer", "rich", "prompt_toolkit")


def run(json: bool, repair: bool, banks: Sequence[str], plain: bool) -> int:
    """Print what is found, or what was brought back. Raises Refusal."""
    if repair:
        from tutor.commands.repair import run as run_repair

        return run_repair(json, plain)
    document = examined(banks)
    if json:
        print(dump(document, indent=2))
        return 0
    from tutor.render import Screen

    screen = Screen(plain=plain)
    for name, value in _lines(document):
        screen.line(f"{name:<12}{value}", hang=12)
    return 0


def examined(banks: Sequence[str]) -> Document:
    """Everything as one document."""
    bank = open_bank(banks)
    return {
        "version": __version__,
        "python": {
            "version": platform.python_version(),
            "path": sys.executable,
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        },
        "libraries": {name: _version(name) for name in LIBRARIES},
        "paths": {"home": str(home()), "store": str(store_path())},
        "set_aside": [str(path) for path in those_aside(store_path())],
        "bank": [{"folder": folder, "problems": bank.count(folder)} for folder in bank.folders],
        "sandbox": _sandbox(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _sandbox() -> Document:
    """The layers, from a worker that put them on; why there is no worker."""
    from tutor.sandbox.layers import LAYERS

    try:
        with Sandbox() as sandbox:
            layers = sandbox.layers
    except Refusal as refusal:
        return {"usable": False, "reason": str(refusal), "guarded": False, "layers": []}
    return {
        "usable": True,
        "guarded": layers.guarded,
        "layers": [
            {
                "name": layer.name,
                "active": layer.name in layers.active,
                "stops": layer.stops,
                "reason": layers.missing.get(layer.name, ""),
            }
            for layer in LAYERS
        ],
    }


def _lines(document: Mapping[str, object]) -> list[tuple[str, str]]:
    """What a person reads: a word and what is said of it."""
    python, sandbox = document["python"], document["sandbox"]
    assert isinstance(python, dict) and isinstance(sandbox, dict)
    libraries, paths, banks = document["libraries"], document["paths"], document["bank"]
    assert isinstance(libraries, dict) and isinstance(paths, dict) and isinstance(banks, list)
    told = ", ".join(f"{name} {found or 'missing'}" for name, found in libraries.items())
    lines = [
        ("exam-tutor", str(document["version"])),
        ("Python", f"{python['version']}, {python['path']}"),
        ("system", str(python["system"])),
        ("libraries", told),
        (
            "answers",
            str(paths["store"]) + ("" if os.path.exists(paths["store"]) else " (none yet)"),
        ),
    ]
    if aside := document["set_aside"]:
        assert isinstance(aside, list)
        lines += [("set aside", path) for path in aside]
        lines.append(("", "`tutor doctor --repair` brings back what can be read of them"))
    lines += [("bank", f"{one['folder']}: {_problems(one['problems'])}") for one in banks]
    if not sandbox["usable"]:
        return [*lines, ("code", str(sandbox["reason"]))]
    whose = "a class's answers" if sandbox["guarded"] else "your own answers only"
    lines.append(("code", f"can be run, {whose}"))
    for layer in sandbox["layers"]:
        state = "on " if layer["active"] else "off"
        why = f" ({layer['reason'].rstrip('.')})" if layer["reason"] else ""
        lines.append(("", f"{state} {layer['name']}: stops {layer['stops']}{why}"))
    return lines


def _problems(count: int) -> str:
    return f"{count} problem{'' if count == 1 else 's'}"
