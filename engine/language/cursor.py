"""The tokens as a parser takes them, what to say of one that can't stand there, and how deep it is.

``nesting`` counts the operands that are open; every node's own depth is bounded as it is made.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import replace

from engine.language.errors import Unreadable
from engine.language.scope import Scope
from engine.language.tokens import Token
from engine.language.tree import Binary, Call, Node, children

MAX_DEPTH = 200
MAX_QUOTED = 40
SHALLOW = 40
"""Depth up to which Python's own limit on nested calls leaves room, whoever calls."""
FRAMES = 20 * MAX_DEPTH
CLOSERS = {"(": ")", "[": "]", "⌊": "⌋", "⌈": "⌉", "|<": ">|", "‖<": ">‖"}


class Cursor:
    """One pass over the tokens; ``at`` is the next one."""

    def __init__(self, tokens: list[Token], scope: Scope, nesting: int = 0) -> None:
        self.tokens = tokens
        self.scope = scope
        self.at = 0
        self.nesting = nesting
        self.depths: dict[int, int] = {}

    # -- the token stream ---------------------------------------------------------------

    @property
    def next(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at]

    def take(self) -> Token:
        """The next token; the one behind it is next then."""
        token = self.tokens[self.at]
        self.at += 1
        return token

    def sees(self, *operators: str) -> bool:
        """Whether one of these comes next."""
        token = self.tokens[self.at]
        return token.kind == "operator" and token.text in operators

    def sees_any(self, operators: Collection[str]) -> bool:
        """Whether one of a set comes next."""
        token = self.tokens[self.at]
        return token.kind == "operator" and token.text in operators

    def expect(self, closer: str, opener: Token) -> Token:
        """The bracket that closes ``opener``. Raises Unreadable."""
        if self.sees(closer):
            return self.take()
        if self.next.kind != "end" and self.next.text in ")]⌋⌉":
            message = f"the bracket {opener.written} is closed by {self.next.written} here"
            raise Unreadable(message, opener.start, self.next.end)
        if self.next.kind == "end" or self.next.text in CLOSERS.values():
            raise Unreadable("this bracket is never closed", opener.start, opener.end)
        raise self.unexpected()

    def finish(self) -> None:
        """Nothing may be left. Raises Unreadable."""
        if self.next.kind != "end":
            raise self.unexpected()

    def unexpected(self) -> Unreadable:
        """What to say of a token that can't stand where it does."""
        token = self.next
        previous = self.tokens[self.at - 1] if self.at else None
        if token.kind == "end":
            if previous is None:
                return Unreadable("there is nothing here to read", token.start, token.end)
            message = f"something is missing after {quoted(previous)}"
            return Unreadable(message, previous.start, previous.end)
        if token.text in CLOSERS.values():
            if previous is not None and previous.text in CLOSERS:
                return Unreadable(
                    "there is nothing between these brackets", previous.start, token.end
                )
            if previous is not None and previous.kind == "operator" and previous.text not in ")]":
                message = f"something is missing after {previous.written}"
                return Unreadable(message, previous.start, previous.end)
            return Unreadable("this bracket was never opened", token.start, token.end)
        if token.text == ",":
            message = "a comma can't stand here; decimals are written with a point (3.14)"
            return Unreadable(message, token.start, token.end)
        if token.text == "=":
            message = "an equals sign can't stand here: write only the answer itself"
            return Unreadable(message, token.start, token.end)
        if token.kind == "operator" and (previous is None or previous.kind == "operator"):
            message = f"something is missing before {token.written}"
            return Unreadable(message, token.start, token.end)
        return Unreadable(f"{quoted(token)} can't stand here", token.start, token.end)

    # -- nodes with their depth bounded ---------------------------------------------------

    def node(self, tree: Node) -> Node:
        """A new node, its depth known from those of its children. Raises Unreadable."""
        below = [self.depths.pop(id(child), 0) for child in children(tree)]
        depth = 1 + max(below, default=0)
        if depth > MAX_DEPTH:
            raise too_deep(tree.start, tree.end)
        if depth == SHALLOW:
            make_room()
        self.depths[id(tree)] = depth
        return tree

    def renamed(self, call: Call, function: str) -> Node:
        """The call of another function, as deep as before."""
        tree = replace(call, function=function)
        self.depths[id(tree)] = self.depths.pop(id(call), 1)
        return tree

    def nest(self) -> None:
        """One more operand is open around what comes next."""
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            raise too_deep(self.next.start, self.next.end)
        if self.nesting == SHALLOW:
            make_room()

    def binary(self, op: str, left: Node, right: Node, written: str = "") -> Node:
        """An operator between two trees; ``written`` as it was typed, "" where it wasn't."""
        return self.node(Binary(op, left, right, not written, written, left.start, right.end))


def make_room() -> None:
    """Allow as many nested calls as reading and walking the deepest trees takes.

    Python's limit is raised for texts that need it and is never lowered: another thread may be
    reading one of them.
    """
    if sys.getrecursionlimit() < FRAMES:
        sys.setrecursionlimit(FRAMES)


def quoted(token: Token) -> str:
    """The token as typed; a long one cut off."""
    written = token.written
    return written if len(written) <= MAX_QUOTED else f"{written[:MAX_QUOTED]}…"


def too_deep(start: int, end: int) -> Unreadable:
    """What to say of a tree that is deeper than is read."""
    return Unreadable(f"this is nested or chained more than {MAX_DEPTH} deep", start, end)
