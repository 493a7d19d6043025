"""``bank.yaml``: what a bank is called, under which licence it stands, and who wrote it."""

from __future__ import annotations

import os
from typing import NamedTuple

from tutor.bank.findings import Finding, Findings
from tutor.bank.nodes import read_nodes
from tutor.bank.rules import Key, Keys, ListOf, Text
from tutor.bank.spots import Spot

FILE = "bank.yaml"
MAX_READ = 64 * 1024
LINE = Text(200)

ABOUT = Keys(
    {
        "name": Key(LINE, "what the bank is called", required=True),
        "licence": Key(LINE, "under which licence its problems stand, as in CC-BY-4.0"),
        "authors": Key(ListOf(LINE, lone=True), "who wrote it"),
    }
)


class About(NamedTuple):
    """What a bank says of itself."""

    name: str
    licence: str = ""
    authors: tuple[str, ...] = ()


def read_about(folder: str, file: str) -> About | Findings:
    """What ``bank.yaml`` says; without one, the bank has no name. Raises nothing.

    ``file`` is the name that findings bear.
    """
    path = os.path.join(folder, FILE)
    if not os.path.lexists(path):
        return About("")
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_READ)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        return Findings([Finding(file, 1, 1, (), f"the file can't be read: {reason}")])
    root, found = read_nodes(data, file)
    if root is not None:
        values = ABOUT(Spot(root, (), file, found))
        if not found:
            authors = tuple(values.get("authors", ()))
            return About(values["name"], values.get("licence", ""), authors)
    return Findings(sorted(found, key=lambda finding: (finding.line, finding.column)))
