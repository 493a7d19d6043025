"""Splitting a run of letters (``xsin``, ``2xy``) along what a problem declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from engine.language.functions import Function
from engine.language.scope import Scope
from engine.language.tokens import Token

MAX_RUN = 60
_DIGITS = re.compile(r"[0-9]+")
_GLUED = re.compile(r"[0-9]+(?=[^\W\d_])")
_BASES = {"log2": "2", "log10": "10"}
_OTHERWISE = {"log", "exp", "atan", "arctan"}
"""Functions whose name with a number behind it is another one elsewhere: ``log2``, ``atan2``."""


class Piece(NamedTuple):
    """A stretch of a run: a symbol, a constant or a function; none of them is a number."""

    token: Token
    symbol: str = ""
    constant: str = ""
    function: Function | None = None
    over: str = ""


def split(token: Token, scope: Scope, *, functions: bool = True) -> list[Piece]:
    """The fewest pieces that make up the run, the longest first; ``[]`` if there are none.

    Without ``functions`` only symbols and constants count: ``lg`` may be the product l·g.
    """
    lengths = _fewest(token.text, scope, functions)
    if lengths is None and not functions:
        return []
    if lengths is None:
        unsplit = [Piece(token, symbol=token.text)] if scope.open else []
        return _indexed(token, scope) or unsplit
    if len(lengths) == 1:
        return [_piece(token, scope)]
    pieces, at = [], 0
    for length in lengths:
        pieces.append(_piece(_slice(token, at, at + length), scope))
        at += length
    return pieces


def _indexed(token: Token, scope: Scope) -> list[Piece]:
    """A function with an index: ``sum_i``, ``log_2``; ``log10`` is one too."""
    head, _, index = token.text.partition("_")
    if token.text in _BASES:
        head, index = "log", _BASES[token.text]
    if not index or head not in scope.functions:
        return []
    function = scope.functions[head]
    glued = _GLUED.match(index) if head == "log" else None
    if glued is None:
        return [Piece(token, function=function, over=index)]
    at = len(head) + 1 + glued.end()
    rest = split(_slice(token, at, len(token.text)), scope)
    first = Piece(_slice(token, 0, at), function=function, over=glued[0])
    return [first, *rest] if rest else []


def _fewest(run: str, scope: Scope, functions: bool) -> tuple[int, ...] | None:
    if scope.knows(run) and (functions or run not in scope.functions):
        return (len(run),)

    @cache
    def best(at: int) -> tuple[int, ...] | None:
        if at == len(run):
            return ()
        found: tuple[int, ...] | None = None
        for first in _firsts(run, at, scope, functions):
            rest = best(at + sum(first))
            if rest is not None and (found is None or len(first) + len(rest) < len(found)):
                found = (*first, *rest)
        return found

    return best(0) if len(run) <= MAX_RUN else None


def _firsts(run: str, at: int, scope: Scope, functions: bool) -> Iterator[tuple[int, ...]]:
    """What may begin at a place: a known word, or a function and its number (``sin2x``)."""
    for length in range(min(scope.longest, len(run) - at), 0, -1):
        word = run[at : at + length]
        if not scope.knows(word) or (not functions and word in scope.functions):
            continue
        yield (length,)
        number = _DIGITS.match(run, at + length)
        function = scope.functions.get(word)
        if number and function is not None and function.bare and word not in _OTHERWISE:
            yield (length, len(number[0]))


def _piece(token: Token, scope: Scope) -> Piece:
    word = token.text
    if word[0] in "0123456789":
        return Piece(token._replace(kind="number"))
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
