"""Streams that can't crash: any text reaches any terminal, and no control character does."""

from __future__ import annotations

import codecs
import sys
from io import TextIOWrapper

_PLAIN = {
    "−": "-", "×": "x", "·": "*", "⊙": "(.)", "–": "-", "—": "-", "…": "...", "›": ">", "✓": "+",
    "✗": "x", "⤷": ">", "→": "->", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∂": "d", "ŷ": "yhat",
    "√": "sqrt", "∞": "inf", "π": "pi", "ᵀ": "^T", "‖": "||", "⌊": "floor(", "⌋": ")", "⌈": "ceil(",
    "⌉": ")", "²": "^2", "³": "^3", "’": "'", "‘": "'", "“": '"', "”": '"', "─": "-", "│": "|",
    "λ": "lambda", "α": "alpha", "β": "beta", "γ": "gamma", "σ": "sigma", "μ": "mu", "ε": "eps",
    "Σ": "sum", "╵": "^", "\N{COMBINING CIRCUMFLEX ACCENT}": "hat",
}  # fmt: skip


def _to_ascii(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    stretch = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in stretch), error.end


codecs.register_error("tutor", _to_ascii)


def prepare_streams() -> None:
    """Spell out what a terminal's encoding lacks, and read bytes that aren't text as ``?``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="tutor")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def clean(text: str) -> str:
    """The text without control characters and lone surrogates; line ends stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\n\t\ue000" or character.isprintable():
        return character
    if character.isspace():
        return " "
    return "\N{REPLACEMENT CHARACTER}"


def readable(text: str) -> str:
    """What somebody typed, fit for reading: bytes that aren't text become ``?``."""
    return text.encode("utf-8", "replace").decode("utf-8")
