"""A new problem file: commented, complete, and without a finding."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

from tutor.bank.bank import ENDING, Bank, is_slug, own_folders, printable
from tutor.bank.schema import FILE, TITLE, problem_schema
from tutor.paths import bundled_bank
from tutor.refusal import Refusal

MARK = "# yaml-language-server: $schema="
TEXT = """\
# {{…}} puts in a value, $…$ is maths; both are written as students type it. Within { } and [ ],
# text with {{…}}, a comma or a colon stands in quotes. Other kinds of part, tables and all keys:
# problems/README.md, or `tutor schema`.
title: TITLE
points: 2
# source: where the exercise comes from
parameters: # drawn anew for each variant
  n: 500..5000 step 100 # whole numbers from 500 to 5000, 100 apart
  b: [32, 64, 128] # one of these
# define: {full: floor(n/b)} # values made from the parameters
# require: mod(n, b) > 0 # a condition that each draw must meet
original: {n: 1000, b: 64} # the figures of your own sheet: ID@original
question: |
  A training set has {{n}} examples. A mini-batch holds {{b}} of them; the last one of an epoch may
  hold fewer.
parts:
  updates:
    ask: How many updates of the weights does one epoch take?
    kind: integer # or number, shape, choice, choices, symbolic, matrix, array, code
    answer: ceil(n/b)
    misconceptions: # wrong procedures that you expect, and what to say to whoever follows one
      last-batch-left-out:
        answer: floor(n/b)
        say: The examples that don't fill a whole mini-batch still make an update.
      upside-down:
        answer: n b
        say: That multiplies. How often do {{b}} examples fit into {{n}}?
  last:
    ask: How many examples does the last mini-batch hold?
    kind: integer
    answer: n - (updates - 1) b # from the part above: credit follows through
    misconceptions:
      taken-for-full:
        answer: b
        say: It would be full if {{b}} went into {{n}} without a rest.
hints: # the gentlest first; at least two
  - How many examples has the first mini-batch used up, and how many have the first two?
  - Divide, and look at what is left over.
solution: |
  ${{n}}/{{b}} = {{n/b}}$, so {{floor(n/b)}} mini-batches are full, and the rest makes one more:
  {{updates}} updates. The last one holds ${{n}} - {{updates - 1}}*{{b}} = {{last}}$ examples.
examples: # `tutor lint` holds them against many seeds
  - {original: true, answers: {updates: "16", last: "40"}, verdict: correct}
  - {original: true, answers: {updates: "15", last: "104"}, verdict: partial, note: follow-through}
  - {answers: {updates: "{{floor(n/b)}}"}, verdict: incorrect, note: last-batch-left-out}
"""


class Started(NamedTuple):
    """A file that was written, its id, the bank's folder, and whether that has to be named."""

    path: Path
    id: str
    folder: Path
    known: bool


def start(id: str, bank: Bank, folders: list[str], source: str = "") -> Started:
    """Write a new file for a problem; ``source`` is the id of one to copy. Raises Refusal.

    ``folders``: those of ``--bank``. Nothing that exists is written over, but the schema is.
    """
    topic, _, slug = id.partition("/")
    if not (is_slug(topic) and is_slug(slug)):
        message = "an id is topic/slug, in small letters, digits and hyphens"
        raise Refusal(f"{printable(id)}: {message}")
    if id in bank:
        raise Refusal(f"there is a problem {id} already: {printable(bank.path(id))}")
    text = _copied(bank, source) if source else _fresh(slug)
    folder = home_of(folders)
    path = folder / topic / f"{slug}{ENDING}"
    try:
        _make(folder, path.parent)
        with path.open("x", encoding="utf-8") as file:
            file.write(f"{MARK}../{FILE}\n{text}")
    except FileExistsError:
        raise Refusal(f"{printable(str(path))} exists already") from None
    except OSError as error:
        reason = (error.strerror or "it can't be written").lower()
        raise Refusal(f"{printable(error.filename or str(path))}: {reason}") from None
    _write_schema(folder)
    known = str(folder.resolve()) in (os.path.realpath(place) for place in _unnamed())
    return Started(path, id, folder, known)


def home_of(folders: list[str]) -> Path:
    """The bank that a new problem goes to.

    The first of ``--bank``; of ``TUTOR_BANK``; the one that came with the program, in a checkout
    of it that one works in; the folder one is in.
    """
    named = [*folders, *own_folders()]
    if named:
        return Path(named[0])
    bundled, here = bundled_bank(), Path.cwd()
    return bundled if bundled.is_relative_to(here) else Path()


def _unnamed() -> list[str]:
    """Folders that are in the bank without being named on the command line."""
    return [str(bundled_bank()), *own_folders()]


def _make(folder: Path, topic: Path) -> None:
    """Make the topic's folder. Raises Refusal if it would lead out of the bank, and OSError."""
    topic.mkdir(parents=True, exist_ok=True)
    if not topic.resolve().is_relative_to(folder.resolve()):
        raise Refusal(f"{printable(str(topic))} leads out of the bank")


def _fresh(slug: str) -> str:
    return TEXT.replace("TITLE", slug.replace("-", " ").capitalize(), 1)


def _copied(bank: Bank, source: str) -> str:
    """The text of another problem, without its own first line for editors. Raises Refusal."""
    from tutor.problems import load

    load(bank, source)
    text = Path(bank.path(source)).read_text(encoding="utf-8").removeprefix("\ufeff")
    if text.startswith(MARK):
        text = text.partition("\n")[2]
    return f"# From {source}.\n{text}"


def schema_text() -> str:
    """The schema as it lies in a bank."""
    return json.dumps(problem_schema(), indent=2, ensure_ascii=False) + "\n"


def _write_schema(folder: Path) -> None:
    """Put today's schema beside the topics, unless somebody else's file has that name."""
    path = folder / FILE
    try:
        if path.exists() and json.loads(path.read_text(encoding="utf-8")).get("title") != TITLE:
            return
        path.write_text(schema_text(), encoding="utf-8")
    except (OSError, ValueError, AttributeError):
        return  # completion in an editor is a comfort: the problem is there without it
