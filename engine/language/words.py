"""Splitting a run of letters (``xsin``, ``2xy``) along what a problem declares."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from engine.language.functions import Function
from engine.language.scope import Scope
from engine.language.tokens import Token


class Piece(NamedTuple):
    """A stretch of a run: a symbol, a constant or a function."""

    token: Token
    symbol: str = ""
    constant: str = ""
    function: Function | None = None
    over: str = ""


def split(token: Token, scope: Scope) -> list[Piece]:
    """The fewest pieces that make up the run, the longest first; ``[]`` if there are none."""
    lengths = _fewest(token.text, scope)
    head, _, index = token.text.partition("_")
    if lengths is None and index and head in scope.functions:
        return [Piece(token, function=scope.functions[head], over=index)]
    if lengths is None:
        return [Piece(token, symbol=token.text)] if scope.open else []
    if len(lengths) == 1:
        return [_piece(token, scope)]
    pieces, at = [], 0
    for length in lengths:
        pieces.append(_piece(_slice(token, at, at + length), scope))
        at += length
    return pieces


def _fewest(run: str, scope: Scope) -> tuple[int, ...] | None:
    if scope.knows(run):
        return (len(run),)
    longest = scope.longest

    @cache
    def best(at: int) -> tuple[int, ...] | None:
        if at == len(run):
            return ()
        found: tuple[int, ...] | None = None
        for length in range(min(longest, len(run) - at), 0, -1):
            if not scope.knows(run[at : at + length]):
                continue
            rest = best(at + length)
            if rest is not None and (found is None or len(rest) + 1 < len(found)):
                found = (length, *rest)
        return found

    return best(0) if len(run) <= 60 else None


def _piece(token: Token, scope: Scope) -> Piece:
    word = token.text
    if word in scope.words:
        return Piece(token, symbol=scope.words[word])
    if word in scope.constants:
        return Piece(token, constant=scope.constants[word])
    return Piece(token, function=scope.functions[word])


def _slice(token: Token, start: int, end: int) -> Token:
    """A part of a word token. Spellings that grew while normalising share the word's end."""
    exact = token.end - token.start == len(token.text)
    first = token.start + start if exact else token.start
    last = token.start + end if exact else token.end
    text = token.text[start:end]
    return Token("word", text, first, last, token.spaced and start == 0, text)
