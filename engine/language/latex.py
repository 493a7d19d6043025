"""The LaTeX that people paste, rewritten into the answer language, offsets kept.

``\\frac{2}{m}(\\hat{y}-y)X^T`` becomes ``((2)/(m))(yhat-y)X^T``. Only a fixed set of commands is
known; any other is refused by name.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.language.errors import Unreadable
from engine.language.names import GREEK

MAX_DEPTH = 60


class Cell(NamedTuple):
    """A character, and the offsets of what was typed for it."""

    character: str
    start: int
    end: int


Cells = list[Cell]

_COMMAND = re.compile(r"\\([A-Za-z]+|.)")
_WORDS = {
    **GREEK,
    **{f"var{word}": GREEK[word] for word in ("epsilon", "theta", "phi", "sigma", "rho", "kappa")},
    "cdot": "·", "times": "×", "ast": "*", "odot": "⊙", "circ": "⊙", "div": "/", "pi": "π",
    "infty": "∞", "partial": "∂", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "vert": "|", "lvert": "|", "rvert": "|", "mid": "|", "Vert": "‖", "lVert": "‖",
    "rVert": "‖", "|": "‖", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "neq": "!=",
    "ne": "!=", "lt": "<", "gt": ">", "top": "T", "intercal": "T", "%": "%", "{": "(", "}": ")",
    "lbrack": "[", "rbrack": "]", "prime": "'", "ell": "l",
}  # fmt: skip
_NOTHING = {
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle",
    "limits", "nolimits", "(", ")", "[", "]",
}  # fmt: skip
_SPACES = {"space", ",", ";", ":", "!", " ", "quad", "qquad", "thinspace", "\n", "\t"}
_FUNCTIONS = {
    "exp", "log", "ln", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth",
    "arcsin", "arccos", "arctan", "arccot", "arcsec", "arccsc", "sech", "csch", "arcsinh",
    "arccosh", "arctanh", "arsinh", "arcosh", "artanh", "max", "min", "sum", "abs", "lg", "sgn",
    "gcd", "arg",
}  # fmt: skip
_WRAPPERS = {
    "mathrm", "mathbf", "mathbb", "mathsf", "mathit", "mathcal", "boldsymbol", "bm", "text",
    "textbf", "textit", "operatorname", "rm", "bf", "boxed",
}  # fmt: skip
MAX_GLUED = 3
_FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac"}
_CHOICES = {"binom", "dbinom", "tbinom"}
_HATS = {"hat", "widehat"}
_KNOWN = frozenset().union(
    _WORDS, _NOTHING, _SPACES, _FUNCTIONS, _WRAPPERS, _FRACTIONS, _CHOICES, _HATS,
    {"sqrt", "begin"},
)  # fmt: skip
_CASES = re.compile(r"\{cases\}(.*?)\\end\{cases\}", re.DOTALL)
_ROW_END = re.compile(r"\\\\")
_AMPERSAND = re.compile(r"(?<!\\)&")
_CONDITION_WORDS = re.compile(r"\s*(?:if|for|when|where)\b\s*")
_THIN_COMMA = re.compile(r",\\!\s*(?=[0-9]{3})")
_BASE = re.compile(r"\s*_\s*(?:\{\s*(\w+)\s*\}|(\w))")


def rewrite(cells: Cells) -> Cells:
    """The cells with LaTeX commands replaced. Raises Unreadable for an unknown command."""
    cells = _without_dollars(cells)
    if not any(cell.character == "\\" for cell in cells):
        return cells
    return _Rewriting(cells).all(0)


def _without_dollars(cells: Cells) -> Cells:
    """The dollar signs around a pasted formula belong to LaTeX, not to the answer."""
    text = "".join(cell.character for cell in cells).strip()
    if len(text) > 2 and text[0] == text[-1] == "$":
        return [cell for cell in cells if cell.character != "$"]
    return cells


class _Rewriting:
    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.text = "".join(cell.character for cell in cells)
        self.at = 0

    def all(self, depth: int, closer: str = "") -> Cells:
        """Everything up to the closing brace (or the end), rewritten."""
        out: Cells = []
        while self.at < len(self.cells):
            character = self.text[self.at]
            if closer and character == closer:
                return out
            if character == "\\":
                out += self.command(depth)
            elif self.text.startswith("{,}", self.at):
                out += self.cells[self.at : self.at + 3]
                self.at += 3
            elif thin := _THIN_COMMA.match(self.text, self.at):
                out.append(self.cells[self.at])
                self.at = thin.end()
            elif character == "{":
                opener = self.cells[self.at]
                inner = self.group(depth)
                raised = bool(out) and out[-1].character in "^_"
                out += _power_or_index(out, inner, opener) if raised else _bracketed(inner, opener)
            else:
                out.append(self.cells[self.at])
                self.at += 1
        if closer:
            last = self.cells[-1]
            raise Unreadable("this bracket is never closed", last.start, last.end)
        return out

    def group(self, depth: int) -> Cells:
        """The inside of ``{…}``, or the one character or command that stands instead."""
        if depth > MAX_DEPTH:
            cell = self.cells[min(self.at, len(self.cells) - 1)]
            raise Unreadable("this is nested too deep", cell.start, cell.end)
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1
        if self.at >= len(self.text):
            last = self.cells[-1]
            raise Unreadable("something is missing here", last.start, last.end)
        if self.text[self.at] == "\\":
            return self.command(depth + 1)
        if self.text[self.at] != "{":
            self.at += 1
            return [self.cells[self.at - 1]]
        self.at += 1
        inner = self.all(depth + 1, "}")
        self.at += 1
        return inner

    def command(self, depth: int) -> Cells:
        found = _COMMAND.match(self.text, self.at)
        cell = self.cells[self.at]
        if found is None:
            raise Unreadable("a command is missing behind \\", cell.start, cell.end)
        name = _unglued(found[1])
        self.at += 1 + len(name)
        end = self.cells[self.at - 1].end
        if name in _FRACTIONS:
            return _fraction(self.group(depth), self.group(depth), cell)
        if name in _CHOICES:
            return _binomial(self.group(depth), self.group(depth), cell)
        if name == "sqrt":
            return self.root(cell, depth)
        if name == "begin":
            return self.cases(cell, depth)
        if name in _HATS:
            return [*self.group(depth), *_typed("hat", cell.start, self.cells[self.at - 1].end)]
        if name in _WRAPPERS:
            return self.group(depth)
        if name == "sum":
            return self.sum(cell, end)
        if name == "log":
            return self.logarithm(cell, end)
        if name in _FUNCTIONS:
            return _typed(f" {name} ", cell.start, end)
        if name in _NOTHING:
            return []
        if name in _SPACES:
            return _typed(" ", cell.start, end)
        if name in _WORDS:
            return _typed(_spaced(_WORDS[name]), cell.start, end)
        raise Unreadable(f"\\{name} isn't known here", cell.start, end)

    def root(self, cell: Cell, depth: int) -> Cells:
        """``\\sqrt{x}`` and ``\\sqrt[3]{x}``."""
        if self.text[self.at : self.at + 1] == "(":
            return _typed(" sqrt", cell.start, cell.end)
        if self.text[self.at : self.at + 1] != "[":
            return [*_typed("sqrt", cell.start, cell.end), *_bracketed(self.group(depth), cell)]
        self.at += 1
        degree = self.all(depth + 1, "]")
        self.at += 1
        inner = [*self.group(depth), *_typed(",", cell.start, cell.end), *degree]
        return [*_typed("root", cell.start, cell.end), *_bracketed(inner, cell)]

    def cases(self, cell: Cell, depth: int) -> Cells:
        """``\\begin{cases} x & x > 0 \\\\ 0 & else \\end{cases}`` is ``if(x > 0, x, 0)``."""
        found = _CASES.match(self.text, self.at)
        if found is None or depth > MAX_DEPTH:
            raise Unreadable("of \\begin only cases is read here", cell.start, cell.end)
        self.at = found.end()
        branches: list[Cells] = []
        for row in _split(self.cells[found.start(1) : found.end(1)], _ROW_END):
            sides = _split(row, _AMPERSAND)
            if len(sides) > 2:
                raise Unreadable("a case has a value, & and a condition", cell.start, cell.end)
            value, condition = (_Rewriting(side).all(depth + 1) for side in [*sides, []][:2])
            branches += _branch(value, condition)
        inside = [cell for branch in branches for cell in (*branch, _comma(branch))][:-1]
        return [*_typed(" if", cell.start, cell.end), *_bracketed(inside, cell)]

    def logarithm(self, cell: Cell, end: int) -> Cells:
        """``\\log_2 x`` and ``\\log_{10}(x)`` have a base."""
        found = _BASE.match(self.text, self.at)
        if found is None:
            return _typed(" log ", cell.start, end)
        self.at = found.end()
        base = found[1] or found[2]
        return _typed(f" log_{base} ", cell.start, self.cells[self.at - 1].end)

    def sum(self, cell: Cell, end: int) -> Cells:
        """``\\sum_{i=1}^{m}`` is ``sum_i``: the bounds are the axis's own."""
        found = re.compile(r"\s*_\s*(?:\{\s*(\w(?:\s*,?\s*\w)?)\s*(?:=[^{}]*)?\}|(\w))").match(
            self.text, self.at
        )
        if found is None:
            return _typed(" sum ", cell.start, end)
        self.at = found.end()
        upper = re.compile(r"\s*\^\s*(?:\{[^{}]*\}|\w)").match(self.text, self.at)
        self.at = upper.end() if upper else self.at
        index = re.sub(r"[\s,]", "", found[1] or found[2])
        return _typed(f" sum_{index} ", cell.start, self.cells[self.at - 1].end)


def _unglued(name: str) -> str:
    """``sin`` of ``\\sinx``: a command that isn't known may have letters glued to it."""
    if name in _KNOWN or not name.isalpha():
        return name
    heads = (name[:length] for length in range(len(name) - 1, len(name) - MAX_GLUED - 1, -1))
    return next((head for head in heads if head in _WORDS or head in _FUNCTIONS), name)


def _split(cells: Cells, separator: re.Pattern[str]) -> list[Cells]:
    """The stretches between separators, empty ones at the end left out."""
    text = "".join(cell.character for cell in cells)
    pieces, start = [], 0
    for found in separator.finditer(text):
        pieces.append(cells[start : found.start()])
        start = found.end()
    rest = cells[start:]
    return [*pieces, rest] if "".join(c.character for c in rest).strip() or not pieces else pieces


def _branch(value: Cells, condition: Cells) -> list[Cells]:
    """A case as arguments of ``if``: its condition, unless it is the rest, and its value."""
    text = "".join(cell.character for cell in condition)
    lead = _CONDITION_WORDS.match(text)
    rest = condition[lead.end() :] if lead else condition
    others = text.strip(" ,.").casefold() in ("", "otherwise", "else")
    return [value] if others else [rest, value]


def _comma(before: Cells) -> Cell:
    place = before[-1] if before else Cell(",", 0, 0)
    return Cell(",", place.start, place.end)


def _typed(text: str, start: int, end: int) -> Cells:
    return [Cell(character, start, end) for character in text]


def _spaced(word: str) -> str:
    return word if len(word) == 1 else f" {word} "


def _bracketed(inner: Cells, place: Cell) -> Cells:
    opening = Cell("(", place.start, place.end)
    last = inner[-1] if inner else place
    return [opening, *inner, Cell(")", last.start, last.end)]


def _binomial(top: Cells, bottom: Cells, place: Cell) -> Cells:
    comma = _typed(",", place.start, place.end)
    word = _typed(" binomial", place.start, place.end)
    return [*word, *_bracketed([*top, *comma, *bottom], place)]


def _power_or_index(before: Cells, inner: Cells, place: Cell) -> Cells:
    """Behind ``^``: brackets, except around a lone T; behind ``_``: the index as it is."""
    text = "".join(cell.character for cell in inner).strip()
    if before[-1].character == "_":
        return [cell for cell in inner if cell.character.isalnum()]
    if text == "T":
        return [cell for cell in inner if cell.character == "T"]
    return _bracketed(inner, place)


def _fraction(top: Cells, bottom: Cells, place: Cell) -> Cells:
    """``((top)/(bottom))``; a derivative such as ``\\frac{dJ}{dw_i}`` stays one name."""
    slash = Cell("/", place.start, place.end)
    numerator, denominator = (
        "".join(cell.character for cell in part).strip() for part in (top, bottom)
    )
    derivative = r"[d∂]\s*\w+"
    if re.fullmatch(derivative, numerator) and re.fullmatch(derivative, denominator):
        return [*top, slash, *bottom]
    return _bracketed([*_bracketed(top, place), slash, *_bracketed(bottom, place)], place)
