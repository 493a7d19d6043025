"""Text to tokens. Every token keeps where it stands in the text that was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from engine.language.errors import Unreadable
from engine.language.scope import Scope

MAX_LENGTH = 10_000
MAX_DIGITS = 1_000

_SIGNS = {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "∗": "*", "✕": "×", "✖": "×", "⨯": "×",
    "∙": "·", "⋅": "·", "•": "·", "‧": "·", "⁄": "/", "∕": "/", "∘": "⊙", "⨀": "⊙", "∥": "‖",
    "∣": "|", "｜": "|", "ϵ": "ε", "ϕ": "φ", "ϑ": "θ", "µ": "μ", "∆": "Δ", "Ω": "Ω",
    **dict(zip("аеорсухіАВЕКМНОРСТХІ", "aeopcyxiABEKMHOPCTXI", strict=True)),
    "ˆ": "^", "’": "'", "′": "'", "‘": "'", "⟨": "(", "⟩": ")", "∂": "∂", "∑": "Σ",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵀ⊤⊺ᵐᵏᵃᵇ", "0123456789+-()nixyTTTmkab", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₘₗₜₓ", "0123456789ijknmltx", strict=True))
_HAT = "\N{COMBINING CIRCUMFLEX ACCENT}"
_COMBINED = {*_LOWERED, _HAT}
"""Characters that are read together with those around them."""
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+|\.(?![\w.*/^]|\s*T))?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MODULE = re.compile(r"(np|numpy|math|torch)\.(?:linalg\.)?(?=[^\W\d])")
_FULL_STOP = re.compile(r"\.\s*\Z")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9,])")
_BRACED = re.compile(r"[1-9][0-9]{0,2}(?:\{,\}[0-9]{3})+(?:\.[0-9]+)?(?![0-9])")
_BREAKS = "".join(_RAISED) + "¼-¾⅐-⅟↉"
_WORD = re.compile(
    rf"[^\W\d{_BREAKS}](?:_\{{\w+(?:, ?\w+)*\}}|[^\W{_BREAKS}]|(?:(?<=_) +| +(?=_ *\w))(?=\w))*"
)
_UNWRAPPED = dict.fromkeys(map(ord, "{}, "))
_OPERATORS = re.compile(
    r"\*\*|//|<=|>=|==|!=|&&|[-+*/^@⊙×·÷=<>≤≥≠(){}\[\]|‖,;!%'⌊⌋⌈⌉~?:]|\.(?=\s*[*/^T])"
    r"|\.(?=(?:dot|matmul|sum|mean|min|max|transpose)\()"
)
_ALONE = frozenset("+-^()·×,")
"""Signs that are an operator each, whatever stands behind them."""
_SURE = frozenset("*/=")
"""Signs that begin nothing but an operator."""
_FOLD = {"**": "^", "==": "=", "≤": "<=", "≥": ">=", "≠": "!=", "÷": "/", "{": "(", "}": ")"}


class Token(NamedTuple):
    """``kind``: number, word, special, raised, fraction, operator, or end.

    ``text`` is in canonical spelling; ``written`` as normalised from what was typed;
    ``spaced``: white space stood before it.
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False
    written: str = ""


class _Text(NamedTuple):
    """Normalised characters, and for each the offsets of what was typed for it."""

    characters: str
    starts: Sequence[int]
    ends: Sequence[int]


def tokenize(text: str, scope: Scope, *, grouped: bool = True, start: int = 0) -> list[Token]:
    """The tokens of a text from ``start`` on, closed by an ``end`` token.

    ``grouped``: outside lists and calls ``7,776`` is one number. Raises Unreadable.
    """
    if len(text) > MAX_LENGTH:
        limit = f"this has {len(text):,} characters; at most {MAX_LENGTH:,} are read"
        raise Unreadable(limit, MAX_LENGTH, len(text))
    normal = _without_latex(_normalise(text, start))
    tokens: list[Token] = []
    position = 0
    calls: list[bool] = []
    inside = 0  # brackets of lists and calls that are open
    while position < len(normal.characters):
        character = normal.characters[position]
        if character.isspace():
            position += 1
            continue
        if character == "." and tokens and _FULL_STOP.match(normal.characters, position):
            break
        module = _MODULE.match(normal.characters, position) if character in "nmt" else None
        if module and not scope.knows(module[1]):
            position = module.end()
            continue
        token, after = _next_token(normal, position, scope, grouped and not inside)
        if token.kind == "operator" and token.text in ("(", "["):
            calls.append(token.text == "[" or bool(tokens and tokens[-1].kind == "word"))
            inside += calls[-1]
        elif token.kind == "operator" and token.text in (")", "]") and calls:
            inside -= calls.pop()
        tokens.append(token)
        position = after
    return [*tokens, Token("end", "", len(text), len(text))]


def _next_token(text: _Text, at: int, scope: Scope, grouped: bool) -> tuple[Token, int]:
    characters = text.characters
    first = characters[at]
    if scope.joined or scope.specials:
        name, after = _special(characters, at, scope)
        if name:
            return _token("special", name, text, at, after), after
    if first in _ALONE:
        return _token("operator", first, text, at, at + 1), at + 1
    if first in _SURE:
        return _operator(text, at)
    if first in _RAISED:
        return _run(text, at, _RAISED, "raised")
    if first in "0123456789.":
        found = _GROUPED.match(characters, at) if grouped else None
        found = found or _BRACED.match(characters, at) or _NUMBER.match(characters, at)
        if found:
            return _number(text, at, found)
    if not first.isascii() and unicodedata.category(first) == "No":
        return _token("fraction", first, text, at, at + 1), at + 1
    if first in "√∛∞":
        return _token("word", first, text, at, at + 1), at + 1
    found = _WORD.match(characters, at)
    if found:
        after = _end_of_word(characters, at, found.end())
        after = _before_special(characters, at, after, scope)
        word = characters[at:after]
        word = word if word.isalnum() else word.translate(_UNWRAPPED)
        return _token("word", word, text, at, after), after
    return _operator(text, at)


def _operator(text: _Text, at: int) -> tuple[Token, int]:
    found = _OPERATORS.match(text.characters, at)
    if found is None:
        raise Unreadable(_stranger(text.characters[at]), text.starts[at], text.ends[at])
    sign = found.group()
    return _token("operator", _FOLD.get(sign, sign), text, at, found.end()), found.end()


def _end_of_word(characters: str, at: int, after: int) -> int:
    """Raised characters and fractions are letters or digits to ``\\w``, but end a word here."""
    if characters[at:after].isascii():
        return after
    for place in range(at, after):
        if characters[place] in _RAISED or unicodedata.category(characters[place]) == "No":
            return place
    return after


def _before_special(characters: str, at: int, after: int, scope: Scope) -> int:
    """Where a word ends before a declared name with punctuation: ``nVar(w)`` is n·Var(w)."""
    for place in range(at + 1, after if scope.specials else at):
        found = (pattern.match(characters, place) for pattern, _ in scope.specials)
        if any(match is not None and match.end() > after for match in found):
            return place
    return after


def _special(characters: str, at: int, scope: Scope) -> tuple[str, int]:
    """The declared name with punctuation that begins here, and where it ends."""
    name = scope.joined_at(characters, at)
    if name:
        return name, at + len(name)
    for pattern, name in scope.specials:
        found = pattern.match(characters, at)
        if found:
            return name, found.end()
    return "", at


def _number(text: _Text, at: int, found: re.Match[str]) -> tuple[Token, int]:
    written = found.group()
    digits = written if written.isalnum() else re.sub("[{,}]", "", written)
    token = _token("number", digits, text, at, found.end())
    if len(token.text) > MAX_DIGITS and sum(c.isdigit() for c in token.text) > MAX_DIGITS:
        message = f"a number may have at most {MAX_DIGITS:,} digits"
        raise Unreadable(message, token.start, token.end)
    return token, found.end()


def _token(kind: str, canonical: str, text: _Text, at: int, after: int) -> Token:
    written = text.characters[at:after]
    spaced = at > 0 and text.characters[at - 1].isspace()
    return Token(kind, canonical, text.starts[at], text.ends[after - 1], spaced, written)


def _run(text: _Text, at: int, table: dict[str, str], kind: str) -> tuple[Token, int]:
    after = at
    while after < len(text.characters) and text.characters[after] in table:
        after += 1
    run = "".join(table[c] for c in text.characters[at:after])
    return _token(kind, run, text, at, after), after


def _stranger(character: str) -> str:
    if character == "$":
        return "leave out the $ signs"
    if character in "\"'`“”":
        return "quotation marks aren't needed here: leave them out"
    if character == ".":
        return "this point can't stand here"
    if not character.isprintable():
        return "there is a character here that can't be seen: delete it"
    return f"the character {character} isn't read here"


def _without_latex(text: _Text) -> _Text:
    if "\\" not in text.characters and "$" not in text.characters:
        return text
    from engine.language import latex

    cells = latex.rewrite(list(map(latex.Cell, *text)))
    return _Text(
        "".join(c.character for c in cells), [c.start for c in cells], [c.end for c in cells]
    )


def _normalise(text: str, start: int) -> _Text:
    """One sign for each meaning: full-width forms, dashes, hats, lowered digits."""
    if text.isascii():
        return _Text(text[start:], range(start, len(text)), range(start + 1, len(text) + 1))
    if _COMBINED.isdisjoint(text):
        plain = "".join(map(_plain, text[start:]))
        if len(plain) == len(text) - start:  # one character for each
            return _Text(plain, range(start, len(text)), range(start + 1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def put(piece: str, start: int, end: int) -> None:
        for c in piece:
            characters.append(c)
            starts.append(start)
            ends.append(end)

    lowered = False
    for at, character in enumerate(text[start:], start):
        if character in _LOWERED:
            put(("" if lowered else "_") + _LOWERED[character], at, at + 1)
            lowered = True
            continue
        lowered = False
        if character == _HAT and characters:
            put("hat", at, at + 1)
            ends[-4] = at + 1
        else:
            put(_plain(character), at, at + 1)
    return _Text("".join(characters), starts, ends)


@lru_cache(maxsize=1024)
def _plain(character: str) -> str:
    if character.isascii():
        return character
    if character in _SIGNS:
        return _SIGNS[character]
    if character in _RAISED or unicodedata.category(character) == "No":
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    if unicodedata.category(character) == "Cf":
        return " "
    decomposed = unicodedata.normalize("NFD", character)
    if decomposed.endswith(_HAT):
        return decomposed[:-1] + "hat"
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character
