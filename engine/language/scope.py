"""What may be typed in one place: declared symbols, constants and functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import combinations

from engine.language.functions import STUDENT_FUNCTIONS, Function
from engine.language.functions import spellings as function_spellings
from engine.language.names import is_simple, special_pattern, spellings
from engine.language.shorthands import SHORTHANDS
from engine.language.symbols import Symbol

_JOINED = re.compile(r"[A-Za-z]\w*(?:[.-]\w+)+\Z")
INDICES = "ijk"
CONSTANTS = {"e": "e", "pi": "pi", "π": "pi", "inf": "inf", "infinity": "inf", "∞": "inf"}


class Scope:
    """Declared symbols and functions, with every spelling that leads to them.

    Declared symbols come before constants and functions of the same name; with ``calls``,
    as in what authors write, a name with a bracket behind it is the function all the same.
    In an ``open`` scope, which maths in a question is read in, undeclared words are symbols.
    """

    def __init__(
        self,
        symbols: Iterable[Symbol] = (),
        functions: Mapping[str, Function] = STUDENT_FUNCTIONS,
        *,
        calls: bool = False,
        open: bool = False,
    ) -> None:
        self.symbols = {symbol.name: symbol for symbol in symbols}
        self.open = open
        self.words: dict[str, str] = {}
        self.joined: dict[str, list[str]] = {}
        self.specials: list[tuple[re.Pattern[str], str]] = []
        for name in self.symbols:
            if is_simple(name):
                for word in spellings(name):
                    self.words.setdefault(word, name)
        for name in sorted(self.symbols, key=len, reverse=True):
            if _JOINED.match(name):
                self.joined.setdefault(name[0], []).append(name)
            elif not is_simple(name):
                self.specials.append((re.compile(special_pattern(name)), name))
        self.words |= {name: name for name in self.symbols if is_simple(name)}
        for word, name in _entries(self.words, self.symbols).items():
            self.words.setdefault(word, name)
        self.units = {n for n, symbol in self.symbols.items() if symbol.kind == "unit"}
        self.constants = {w: c for w, c in CONSTANTS.items() if w not in self.words}
        every = function_spellings({**functions, **SHORTHANDS})
        self.functions = {word: f for word, f in every.items() if word not in self.words}
        self.calls = {word: f for word, f in every.items() if calls and word in self.words}
        self.longest = max(map(len, (*self.words, *self.constants, *self.functions)), default=0)

    def knows(self, word: str) -> bool:
        """Whether the word is a spelling of something that may be typed here."""
        return word in self.words or word in self.constants or word in self.functions

    def knows_symbol(self, word: str) -> bool:
        """Whether the word is a spelling of a declared symbol."""
        return word in self.words

    def joined_at(self, text: str, at: int) -> str:
        """The declared name with points or hyphens (``conv1.shape``) that begins here, or ""."""
        for name in self.joined.get(text[at], ()):
            after = text[at + len(name) : at + len(name) + 1]
            if text.startswith(name, at) and not (after.isalnum() or after == "_"):
                return name
        return ""

    def vocabulary(self) -> list[str]:
        """What an unknown name could have meant."""
        return [*self.symbols, *self.constants, *self.functions]


def _entries(words: Mapping[str, str], symbols: Mapping[str, Symbol]) -> dict[str, str]:
    """``y_i`` and ``W_ij`` for declared y and W: entries, as people write inside a sum."""
    lengths = {
        name: sum(axis != "1" for axis in symbol.axes)
        for name, symbol in symbols.items()
        if symbol.axes is not None
    }
    return {
        f"{word}_{''.join(indices)}": name
        for word, name in words.items()
        if lengths.get(name, 0) in (1, 2)
        for indices in combinations(INDICES, lengths[name])
    }
