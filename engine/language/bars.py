"""Which ``|`` opens and which closes: ``|a|x|+|y||`` has one sensible reading.

Local rules decide most bars (one before an operand at the start opens, one after an operand
and before a sign closes); the rest is settled by balance, closing as early as possible.
"""

from __future__ import annotations

from engine.language.errors import Unreadable
from engine.language.tokens import Token

_OPENERS = {"(", "[", "⌊", "⌈"}
_CLOSERS = {")", "]", "⌋", "⌉"}
MAX_BARS = 60


def fence(tokens: list[Token]) -> list[Token]:
    """The tokens with every ``|`` turned into ``|<`` or ``>|`` (and ``‖`` likewise)."""
    places = [at for at, token in enumerate(tokens) if token.text in ("|", "‖")]
    if not places:
        return tokens
    if len(places) > MAX_BARS:
        first = tokens[places[0]]
        raise Unreadable(f"more than {MAX_BARS} bars", first.start, first.end)
    directions = _directions(tokens, strict=True) or _directions(tokens, strict=False)
    if directions is None:
        first = tokens[places[-1]]
        raise Unreadable("these bars don't pair up", first.start, first.end)
    fenced = list(tokens)
    for at, opens in zip(places, directions, strict=True):
        sign = tokens[at].text
        fenced[at] = tokens[at]._replace(text=sign + "<" if opens else ">" + sign)
    return _norms(fenced)


def _directions(tokens: list[Token], *, strict: bool) -> list[bool] | None:
    """For each bar whether it opens, or None when no assignment pairs them all up.

    ``strict``: a bar between an operand and a sign closes, as in ``|x| − 1``.
    """
    failed: set[tuple[int, tuple[str, ...], bool]] = set()

    def settle(at: int, stack: tuple[str, ...], after_opener: bool) -> list[bool] | None:
        first = at
        while at < len(tokens) and tokens[at].text not in ("|", "‖"):
            text = tokens[at].text if tokens[at].kind == "operator" else ""
            if text in _OPENERS:
                stack = (*stack, text)
            elif text in _CLOSERS:
                if stack and stack[-1] in ("|", "‖"):
                    return None
                stack = stack[:-1]
            at += 1
        if at == len(tokens):
            return [] if not any(sign in ("|", "‖") for sign in stack) else None
        empty = after_opener and at == first
        if (at, stack, empty) in failed:
            return None
        sign = tokens[at].text
        if stack and stack[-1] == sign and not empty and _may_close(tokens, at):
            rest = settle(at + 1, stack[:-1], False)
            if rest is not None:
                return [False, *rest]
        if _may_open(tokens, at, strict):
            rest = settle(at + 1, (*stack, sign), True)
            if rest is not None:
                return [True, *rest]
        failed.add((at, stack, empty))
        return None

    return settle(0, (), False)


def _may_close(tokens: list[Token], at: int) -> bool:
    before = tokens[at - 1] if at else None
    if before is None:
        return False
    if before.kind == "operator":
        return before.text in _CLOSERS | {"|", "‖", "!", "%", "'"}
    return True


def _may_open(tokens: list[Token], at: int, strict: bool) -> bool:
    """A bar before an operand, or before a sign that isn't a binary one."""
    after = tokens[at + 1]
    if after.kind == "end" or after.kind == "raised":
        return False
    if after.kind != "operator":
        return True
    if after.text in ("-", "+"):
        return not (strict and _ends_operand(tokens, at))
    return after.text in _OPENERS | {"|", "‖"}


def _ends_operand(tokens: list[Token], at: int) -> bool:
    """Whether what stands before a bar is an operand that the bar might close behind."""
    if not at:
        return False
    before = tokens[at - 1]
    return _may_close(tokens, at) and before.text not in ("|", "‖", "and", "or")


def _norms(tokens: list[Token]) -> list[Token]:
    """``||w||`` with its bars side by side is a norm: one opener and one closer."""
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for at, token in enumerate(tokens):
        if token.text == "|<":
            stack.append(at)
        elif token.text == ">|":
            pairs[stack.pop()] = at
    merged: dict[int, Token | None] = {}
    for outer, outer_end in pairs.items():
        inner_end = pairs.get(outer + 1)
        adjacent = inner_end is not None and inner_end == outer_end - 1 and inner_end != outer + 2
        if adjacent and not tokens[outer + 1].spaced and not tokens[outer_end].spaced:
            merged[outer] = tokens[outer]._replace(text="‖<", end=tokens[outer + 1].end)
            merged[outer_end] = tokens[outer_end]._replace(
                text=">‖", start=tokens[outer_end - 1].start
            )
            merged[outer + 1] = merged[outer_end - 1] = None
    kept = (merged.get(at, token) for at, token in enumerate(tokens))
    return [token for token in kept if token is not None]
