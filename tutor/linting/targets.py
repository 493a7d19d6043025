"""From what is named on the command line to problem files and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tutor.bank.bank import (
    LEAVES,
    Bank,
    NoSuchBank,
    UnknownName,
    is_slug,
    shown_path,
    unreachable,
)
from tutor.bank.findings import Finding
from tutor.bank.names import ENDING, EXAMS
from tutor.refusal import Refusal


class Target(NamedTuple):
    """A problem file, and the id that it has or would have."""

    id: str
    path: str


class Chosen(NamedTuple):
    """The files to check, and what is wrong beside them: strays, hidden ones, ``bank.yaml``."""

    targets: tuple[Target, ...]
    findings: tuple[Finding, ...]


def choose(names: Sequence[str], bank: Bank) -> Chosen:
    """The files that paths, ids and topics stand for; all of the bank without any.

    Raises Refusal for what is none of them.
    """
    if not names:
        return _of_bank(bank, bank.ids())
    targets: dict[str, Target] = {}
    findings: list[Finding] = []
    for name in names:
        chosen = _of_path(name, bank) if os.path.exists(name) else _of_id(name, bank)
        targets.update({target.path: target for target in chosen.targets})
        findings += [finding for finding in chosen.findings if finding not in findings]
    return Chosen(tuple(targets.values()), tuple(findings))


def _of_bank(bank: Bank, ids: Sequence[str]) -> Chosen:
    return Chosen(tuple(Target(id, bank.path(id)) for id in ids), tuple(bank.strays()))


def _of_id(name: str, bank: Bank) -> Chosen:
    try:
        return Chosen(tuple(Target(id, bank.path(id)) for id in bank.resolve([name])), ())
    except UnknownName as error:
        raise Refusal(str(error).replace("no problem", "no file, folder, problem", 1)) from None


def _of_path(name: str, bank: Bank) -> Chosen:
    folder = Path(os.path.abspath(name))
    if EXAMS in (folder.name, folder.parent.name):
        return _of_exams(folder, bank)
    if not os.path.isdir(name):
        return _of_file(name)
    try:
        if _is_topic(folder):
            return _of_topic(folder)
        bank = Bank([folder])
    except NoSuchBank as error:
        raise Refusal(str(error)) from None
    return _of_bank(bank, bank.ids())


def _of_exams(path: Path, bank: Bank) -> Chosen:
    """A blueprint, or a folder of them; they may name problems of every bank."""
    home = str(path.parent if path.name == EXAMS else path.parent.parent)
    chosen = str(path)
    found = [
        finding
        for finding in Bank([*bank.folders, home]).blueprint_findings(home)
        if os.path.abspath(finding.file).startswith(chosen)
    ]
    return Chosen((), tuple(found))


def _is_topic(folder: Path) -> bool:
    """Whether a folder holds problems itself, not folders with problems."""
    inside = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    files = [e for e in inside if e.name.endswith(ENDING) and e.is_file() and e.name != "bank.yaml"]
    return bool(files) and not any(_holds_problems(entry) for entry in inside)


def _holds_problems(entry: os.DirEntry[str]) -> bool:
    if not entry.is_dir():
        return False
    return any(inner.name.endswith(ENDING) for inner in os.scandir(entry.path))


def _of_topic(folder: Path) -> Chosen:
    """One topic's folder of a bank, and nothing beside it."""
    bank = Bank([folder.parent])
    ids = [id for id in bank.ids() if id.partition("/")[0] == folder.name]
    below = str(folder) + os.sep
    strays = unreachable(str(folder.parent))
    inside = [finding for finding in strays if os.path.abspath(finding.file).startswith(below)]
    return Chosen(_of_bank(bank, ids).targets, tuple(inside))


def target_of(name: str) -> Target:
    """The problem of one file. Raises Refusal for a name that no problem may have."""
    chosen = _of_file(name)
    if chosen.findings:
        raise Refusal(str(chosen.findings[0]))
    return chosen.targets[0]


def _of_file(name: str) -> Chosen:
    """A file by its path; its folder is the topic, wherever it lies."""
    path = Path(os.path.abspath(name))
    flaws = tuple(_misnamed(path))
    if flaws:
        return Chosen((), flaws)
    return Chosen((Target(f"{path.parent.name}/{path.stem}", str(path)),), ())


def _misnamed(path: Path) -> Iterator[Finding]:
    shown = shown_path(str(path))
    if path.suffix != ENDING:
        yield Finding(shown, 1, 1, (), f"rename the file: its name must end in {ENDING}")
    elif not is_slug(path.stem):
        message = "rename the file: small letters, digits and hyphens only"
        yield Finding(shown, 1, 1, (), message)
    elif not is_slug(path.parent.name):
        message = "a problem lies in a topic's folder: small letters, digits and hyphens only"
        yield Finding(shown, 1, 1, (), message)
    elif not os.path.realpath(path).startswith(os.path.realpath(path.parent.parent) + os.sep):
        yield Finding(shown, 1, 1, (), LEAVES)
