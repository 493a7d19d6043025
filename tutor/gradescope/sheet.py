"""Reading an answer sheet as students hand it in: leniently, and telling what was not read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from textwrap import dedent
from typing import NamedTuple

from engine.language.tokens import MAX_LENGTH

MAX_TOLD = 8
_SPACE = r"\s{0,40}"  # bounded, so that no line takes long to be told from a label
_PAPER = re.compile(
    rf"{_SPACE}[*>]?{_SPACE}paper(?:{_SPACE}(?:id|no\.?|number))?{_SPACE}[:=\uff1a]\s*(.*)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"{_SPACE}(?:[*>•-]\s{{1,40}})?[Qq]?{_SPACE}(\d{{1,3}}){_SPACE}[.)]?{_SPACE}"
    rf"([^\W\d][\w. -]{{0,60}}?){_SPACE}[:=\uff1a](.*)"
)
_LIKE_A_LABEL = re.compile(rf"\s{{0,3}}[Qq]?\d{{1,3}}[.)][^\W\d][\w.-]{{0,60}}{_SPACE}:")
_OPENS_A_BLOCK = re.compile(r":\s*(?:#.*)?$")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Filled(NamedTuple):
    """A sheet as read: the paper it names ("" if none), answers by label, what to tell."""

    paper: str
    answers: dict[str, str]
    remarks: tuple[str, ...]


def names_a_paper(text: str) -> bool:
    """Whether a text looks like an answer sheet."""
    return any(_PAPER.fullmatch(line) for line in _LINE_END.split(text))


def read_sheet(text: str, labels: Sequence[str]) -> Filled:
    """The answers to the labels that are asked. Raises nothing.

    A line that begins with a label, whatever its case and spaces, begins an answer; the lines
    behind it belong to it, up to the next label. Of two answers to one label the last counts.
    """
    reader = _Reader(labels)
    for number, line in enumerate(_LINE_END.split(text), 1):
        reader.take(number, line)
    return reader.filled()


class _Reader:
    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = list(labels)
        folded = Counter(map(_key, labels))
        self.known = {_key(label): label for label in labels if folded[_key(label)] == 1}
        self.paper = ""
        self.found: dict[str, list[list[str]]] = {}
        self.open: list[str] | None = None
        self.astray: list[str] = []
        self.more = 0

    def take(self, number: int, line: str) -> None:
        """One line."""
        if line.startswith("#"):
            return
        if found := _PAPER.fullmatch(line):
            self.paper = self.paper or paper_key(found[1])
            self.open = None
            return
        label = _LABEL.fullmatch(line)
        asked = self._asked(f"{label[1]}.{label[2]}") if label is not None else ""
        if asked and label is not None:
            self.open = [label[3]]
            self.found.setdefault(asked, []).append(self.open)
        elif _LIKE_A_LABEL.match(line):
            self.open = None
            self._tell(lambda: self._stranger(number, line))
        elif self.open is not None:
            self.open.append(line)
        elif line.strip():
            self._tell(lambda: f"Line {number} stands behind no label and was not read.")

    def _asked(self, typed: str) -> str:
        """The label that was typed, in any case where no other differs in that alone; or ""."""
        exact = re.sub(r"\s", "", typed)
        return exact if exact in self.labels else self.known.get(_key(typed), "")

    def _tell(self, remark: Callable[[], str]) -> None:
        """Keep a remark, or count it where there are enough."""
        if len(self.astray) < MAX_TOLD:
            self.astray.append(remark())
        else:
            self.more += 1

    def _stranger(self, number: int, line: str) -> str:
        name = re.split("[:\uff1a]", line.strip(), maxsplit=1)[0].rstrip()
        near = get_close_matches(name, self.labels, n=1, cutoff=0.6)
        hint = f" Is it {near[0]}?" if near else ""
        return f"Line {number}: nothing is asked under {name}.{hint}"

    def filled(self) -> Filled:
        """What was read."""
        answers = {}
        for label in self.labels:
            texts = [text for lines in self.found.get(label, ()) if (text := _joined(lines))]
            if texts:
                answers[label] = texts[-1]
            if len(set(texts)) > 1:
                self._tell(partial(_several, label))
        more = [f"And {self.more} more such remarks."] if self.more else []
        return Filled(self.paper, answers, (*self.astray, *more))


def _several(label: str) -> str:
    return f"There are several answers to {label}; the last counts."


def _key(label: str) -> str:
    """A label without what typing may change."""
    return re.sub(r"\s", "", label).casefold()


def paper_key(id: str) -> str:
    """A paper's id without what typing may change."""
    return re.sub(r"[^A-Z0-9]", "", id.upper())[:40]


def _joined(lines: list[str]) -> str:
    """An answer's text; lines of code keep their indentation against each other."""
    first, rest = lines[0].strip(), "\n".join(lines[1:]).expandtabs(4)
    if not _OPENS_A_BLOCK.search(first):
        rest = dedent(rest)
    text = f"{first}\n{rest}" if first else rest
    return text.strip("\n").rstrip()[: MAX_LENGTH + 1]
