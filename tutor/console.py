"""Streams that can't crash: any text reaches any terminal, and no control character does."""

from __future__ import annotations

import codecs
import sys
from functools import cache
from io import TextIOWrapper

from engine.spacing import HARD_SPACE

_SPELLED = {
    "−": "-", "×": "x", "·": "*", "⊙": "(.)", "–": "-", "—": "-", "…": "...", "›": ">", "✓": "+",
    "✗": "x", "◐": "~", "⤷": ">", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~",
    "±": "+-", "∂": "d", "∇": "grad ", "√": "sqrt", "∞": "inf", "∑": "sum", "Σ": "sum", "∈": "in",
    "ᵀ": "^T", "‖": "||", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "²": "^2", "³": "^3",
    "’": "'", "‘": "'", "“": '"', "”": '"', "─": "-", "│": "|", "╵": "^", "•": "-", "°": " deg",
    "‾": "^", "█": "#", "░": ".", "λ": "lambda", "ε": "eps",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "hat",
    "\N{COMBINING MACRON}": "bar", "\N{COMBINING TILDE}": "tilde",
}  # fmt: skip


def _spell(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(map(_spelled, error.object[error.start : error.end])), error.end


@cache
def _spelled(character: str) -> str:
    """ASCII for a character: ``alpha``, ``yhat``, ``e`` for é; ``?`` where there is none."""
    if character in _SPELLED:
        return _SPELLED[character]
    import unicodedata

    words = unicodedata.name(character, "").split()
    if words[:1] == ["GREEK"] and words[-2:-1] == ["LETTER"]:
        return words[-1].capitalize() if "CAPITAL" in words else words[-1].lower()
    parts = unicodedata.normalize("NFKD", character)
    if parts == character or unicodedata.combining(character):
        return "" if unicodedata.combining(character) else "?"
    return "".join(part if part.isascii() else _spelled(part) for part in parts)


codecs.register_error("tutor", _spell)


def prepare_streams() -> None:
    """Spell out what a terminal's encoding lacks, and read bytes that aren't text as ``�``.

    What comes in where only ASCII is promised is read as UTF-8, which ASCII is a part of.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="tutor")
    if isinstance(sys.stdin, TextIOWrapper):
        ascii_only = codecs.lookup(sys.stdin.encoding).name == "ascii"
        sys.stdin.reconfigure(encoding="utf-8" if ascii_only else None, errors="replace")


def complain(message: str) -> None:
    """One line on stderr, whatever the message holds."""
    if sys.stderr is not None:
        print(f"tutor: {clean(' '.join(message.split()))}", file=sys.stderr, flush=True)


def counted(count: int, what: str) -> str:
    """``1 variant``, ``2,000 variants``."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def clean(text: str, encoding: str = "utf-8") -> str:
    """The text without control characters and lone surrogates, in what an encoding has.

    Line ends stay; a tab is a space.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(map(_shown, text))
    if encoding == "utf-8":
        return shown
    pieces = shown.split(HARD_SPACE)
    return HARD_SPACE.join(piece.encode(encoding, "tutor").decode(encoding) for piece in pieces)


def _shown(character: str) -> str:
    if character in ("\n", HARD_SPACE) or character.isprintable():
        return character
    if character.isspace():
        return " "
    return "\N{REPLACEMENT CHARACTER}"


def readable(text: str) -> str:
    """What somebody typed, fit for reading: bytes that aren't text become ``?``."""
    return text.encode("utf-8", "replace").decode("utf-8")
