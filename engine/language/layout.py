"""Trees drawn in two dimensions: stacked fractions, raised powers, roots, matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias
from unicodedata import combining, east_asian_width

from engine.language.printer import (
    ATOM,
    OR,
    POSTFIX,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    one_line,
    operator_of,
)
from engine.language.tree import (
    Binary,
    Call,
    Constant,
    Name,
    Node,
    Number,
    Sequence,
    Unary,
)


@dataclass(frozen=True)
class Box:
    """Lines of equal width; ``baseline`` is the line that neighbours are joined on."""

    lines: tuple[str, ...]
    baseline: int = 0

    @property
    def width(self) -> int:
        return text_width(self.lines[0])

    @property
    def height(self) -> int:
        return len(self.lines)


class Drawn(NamedTuple):
    """A box, and how tightly what it shows holds together (the printer's levels)."""

    box: Box
    level: int


def two_dimensional(node: Node) -> list[str]:
    """The tree as lines of text for a terminal, without spaces at their ends."""
    return [line.rstrip() for line in _draw(node, False).box.lines]


def plain(node: Node) -> list[str]:
    """The same on one line, for output without a layout."""
    return [one_line(node)]


# -- boxes -----------------------------------------------------------------------------------

_STRETCHED = {
    "(": ("⎛", "⎜", "⎝"),
    ")": ("⎞", "⎟", "⎠"),
    "[": ("⎡", "⎢", "⎣"),
    "]": ("⎤", "⎥", "⎦"),
    "⌊": ("⎢", "⎢", "⎣"),
    "⌋": ("⎥", "⎥", "⎦"),
    "⌈": ("⎡", "⎢", "⎢"),
    "⌉": ("⎤", "⎥", "⎥"),
    "|": ("│", "│", "│"),
    "‖": ("║", "║", "║"),
}


def text_width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def beside(*boxes: Box) -> Box:
    """Boxes side by side, their baselines on one line."""
    above = max(box.baseline for box in boxes)
    below = max(box.height - box.baseline for box in boxes)
    columns = []
    for box in boxes:
        blank = " " * box.width
        over = (blank,) * (above - box.baseline)
        columns.append((*over, *box.lines, *(blank,) * (below - box.height + box.baseline)))
    return Box(tuple(map("".join, zip(*columns, strict=True))), above)


def above_each_other(boxes: Iterable[Box], baseline: int = 0, align: str = "^") -> Box:
    """Boxes in a column, aligned to the left ``<``, the centre ``^`` or the right ``>``."""
    rows = list(boxes)
    width = max(box.width for box in rows)
    lines = (line for box in rows for line in aligned(box, width, align).lines)
    return Box(tuple(lines), baseline)


def aligned(box: Box, width: int, align: str) -> Box:
    """The box widened with spaces."""
    missing = width - box.width
    left = {"<": 0, "^": missing // 2, ">": missing}[align]
    lines = tuple(" " * left + line + " " * (missing - left) for line in box.lines)
    return Box(lines, box.baseline)


def fraction(top: Box, bottom: Box) -> Box:
    """One box over the other, with a bar between that is wider than both."""
    bar = text("─" * (max(top.width, bottom.width) + 2))
    return above_each_other((top, bar, bottom), top.height)


def enclosed(box: Box, opener: str, closer: str) -> Box:
    """The box between brackets or bars as tall as it is."""
    return beside(_fence(opener, box), box, _fence(closer, box))


def _fence(sign: str, box: Box) -> Box:
    if box.height == 1:
        return text(sign)
    top, middle, bottom = _STRETCHED[sign]
    return Box((top, *middle * (box.height - 2), bottom), box.baseline)


def radical(box: Box) -> Box:
    """The box under a root sign with a line over it."""
    height = box.height
    lines = [" " * height + "_" * box.width]
    for at, line in enumerate(box.lines):
        slope = "√" if at == height - 1 else "╱"
        lines.append(" " * (height - 1 - at) + slope + " " * at + line)
    return Box(tuple(lines), box.baseline + 1)


def raised(base: Box, exponent: Box) -> Box:
    """The exponent at the upper right: above a base of one line, else level with its top."""
    overlap = 0 if base.height == 1 else 1
    lift = exponent.height - overlap
    left = Box((*[" " * base.width] * lift, *base.lines), lift + base.baseline)
    low = base.height - overlap
    right = Box((*exponent.lines, *[" " * exponent.width] * low), left.baseline)
    return beside(left, right)


def text(line: str) -> Box:
    """A box of one line."""
    return Box((line,))


# -- nodes -----------------------------------------------------------------------------------

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿⁱˣʸᵐᵏᵃᵇ"
_TO_RAISED = str.maketrans("0123456789−+nixymkab", _RAISED)
_LONGEST_SUPERSCRIPT = 3
_FENCES = {"abs": ("|", "|"), "norm": ("‖", "‖"), "floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}
_SHOWN_AS = {"sum": "Σ"}


def _draw(node: Node, small: bool) -> Drawn:
    """``small``: inside an exponent, where a simple fraction stays on its line."""
    key = node.op if isinstance(node, Unary | Binary) else None
    key = node.function if isinstance(node, Call) else key
    draw = _DRAWERS.get((type(node), key)) or _DRAWERS[type(node), None]
    return draw(node, small)


def _tight(node: Node, level: int, small: bool) -> Box:
    """The box of a node, in brackets unless it holds together at least as tightly."""
    drawn = _draw(node, small)
    return drawn.box if drawn.level >= level else enclosed(drawn.box, "(", ")")


def _atom(node: Node, small: bool) -> Drawn:
    line = one_line(node)
    if isinstance(node, Number) and "/" in line:
        return _ratio(line, small)
    if line[0] in "−-":
        return Drawn(text(line), SIGN)
    return Drawn(text(line), POWER if "/" in line else ATOM)


def _ratio(line: str, small: bool) -> Drawn:
    if small:
        return Drawn(text(line), PRODUCT)
    top, _, bottom = line.lstrip("−").partition("/")
    box = fraction(text(top), text(bottom))
    return Drawn(beside(text("− "), box), SIGN) if line[0] == "−" else Drawn(box, POWER)


def _signed(node: Unary, small: bool) -> Drawn:
    operand = _tight(node.operand, POWER, small)
    sign = "−" if node.op == "-" else "+"
    gap = " " if operand.lines[operand.baseline].startswith("─") else ""
    return Drawn(beside(text(sign + gap), operand), SIGN)


def _postfix(node: Unary, small: bool) -> Drawn:
    operand = _tight(node.operand, ATOM, small)
    if node.op == "T":
        return Drawn(_with_superscript(operand, "ᵀ"), POSTFIX)
    return Drawn(beside(operand, text(node.op)), POSTFIX)


def _operation(node: Binary, small: bool) -> Drawn:
    operator = operator_of(node)
    left = _tight(node.left, operator.left, small)
    right = _tight(node.right, operator.right, small)
    if operator.level >= SUM and right.lines[right.baseline].lstrip()[:1] in ("−", "+"):
        right = enclosed(right, "(", ")")
    return Drawn(beside(left, text(operator.sign), right), operator.level)


def _fraction(node: Binary, small: bool) -> Drawn:
    if small and _is_simple(node.left) and _is_simple(node.right):
        return _operation(node, small)
    return Drawn(fraction(_draw(node.left, small).box, _draw(node.right, small).box), POWER)


def _is_simple(node: Node) -> bool:
    return isinstance(_without_sign(node), Number | Name | Constant)


def _without_sign(node: Node) -> Node:
    return node.operand if isinstance(node, Unary) and node.op in "-+" else node


def _power(node: Binary, small: bool) -> Drawn:
    base = _tight(node.left, ATOM, small)
    exponent = superscript(node.right)
    if exponent:
        return Drawn(_with_superscript(base, exponent), POWER)
    return Drawn(raised(base, _draw(node.right, True).box), POWER)


def superscript(node: Node) -> str:
    """The tree in raised characters, or ``""`` where it is long or some don't exist."""
    line = one_line(node).translate(_TO_RAISED)
    short = len(line) <= _LONGEST_SUPERSCRIPT
    return line if short and all(character in _RAISED for character in line) else ""


def _with_superscript(base: Box, characters: str) -> Box:
    """Raised characters at the upper right, which take no line of their own."""
    blank = (" " * len(characters),) * (base.height - 1)
    return beside(base, Box((characters, *blank), base.baseline))


def _call(node: Call, small: bool) -> Drawn:
    arguments = [_draw(argument, small).box for argument in node.arguments]
    name = text(_SHOWN_AS.get(node.function, node.function))
    for option, value in node.options:
        if option == "over":
            name = beside(name, text("_"), _draw(value, small).box)
        else:
            arguments.append(beside(text(f"{option}="), _draw(value, small).box))
    return Drawn(beside(name, enclosed(_listed(arguments), "(", ")")), ATOM)


def _listed(boxes: list[Box]) -> Box:
    comma = text(", ")
    return beside(*[part for box in boxes for part in (comma, box)][1:])


def _fenced(node: Call, small: bool) -> Drawn:
    opener, closer = _FENCES[node.function]
    return Drawn(enclosed(_tight(node.arguments[0], SUM, small), opener, closer), ATOM)


def _square_root(node: Call, small: bool) -> Drawn:
    return _root(node.arguments[0], "", small)


def _cube_root(node: Call, small: bool) -> Drawn:
    return _root(node.arguments[0], "³", small)


def _any_root(node: Call, small: bool) -> Drawn:
    index = superscript(node.arguments[1])
    return _root(node.arguments[0], index, small) if index else _call(node, small)


def _root(inside: Node, index: str, small: bool) -> Drawn:
    drawn = _draw(inside, small)
    bare = drawn.level == ATOM and isinstance(inside, Number | Name | Constant)
    root = beside(text("√"), drawn.box) if bare else radical(drawn.box)
    low = Box((*[" " * len(index)] * (root.height - 1), index), root.height - 1)
    return Drawn(beside(Box(low.lines, root.baseline), root) if index else root, POWER)


def _cases(node: Call, small: bool) -> Drawn:
    """``if(…)`` as a brace before one line for each case."""
    rows = []
    for at in range(0, len(node.arguments) - 1, 2):
        condition, value = (_draw(part, small).box for part in node.arguments[at : at + 2])
        rows.append((value, beside(text("if "), condition)))
    if len(node.arguments) % 2:
        rows.append((_draw(node.arguments[-1], small).box, text("otherwise")))
    width = max(value.width for value, _ in rows)
    lines = [beside(aligned(value, width, "<"), text("   "), when) for value, when in rows]
    if sum(line.height for line in lines) == 2:
        lines.insert(1, text(""))
    body = above_each_other(lines, align="<")
    return Drawn(_braced(body), OR)


def _braced(body: Box) -> Box:
    middle = body.height // 2
    brace = ["⎪"] * body.height
    brace[0], brace[middle], brace[-1] = "⎧", "⎨", "⎩"
    return beside(Box(tuple(brace), middle), text(" "), Box(body.lines, middle))


def _sequence(node: Sequence, small: bool) -> Drawn:
    if _is_matrix(node):
        return Drawn(enclosed(_grid(node, small), "[", "]"), ATOM)
    opener, closer = node.brackets[0], node.brackets[-1]
    items = [_draw(item, small).box for item in node.items]
    if node.brackets != "[]" and len(items) == 1:
        items = [beside(items[0], text(","))]
    return Drawn(enclosed(_listed(items or [text("")]), opener, closer), ATOM)


def _is_matrix(node: Sequence) -> bool:
    """Rows in square brackets, all of one length."""
    rows = [row for row in node.items if isinstance(row, Sequence) and row.brackets == "[]"]
    lengths = {len(row.items) for row in rows}
    return len(rows) == len(node.items) > 0 and len(lengths) == 1 and lengths != {0}


def _grid(node: Sequence, small: bool) -> Box:
    rows = [row.items for row in node.items if isinstance(row, Sequence)]
    columns = [_column(cells, small) for cells in zip(*rows, strict=True)]
    gap = text("  ")
    lines = []
    for cells in zip(*columns, strict=True):
        lines.append(beside(*[part for cell in cells for part in (gap, cell)][1:]))
    height = sum(line.height for line in lines)
    return above_each_other(lines, (height - 1) // 2)


def _column(cells: tuple[Node, ...], small: bool) -> list[Box]:
    """One column of a matrix: numbers stand to the right, anything else in the middle."""
    boxes = [_draw(cell, small).box for cell in cells]
    align = ">" if all(isinstance(_without_sign(cell), Number) for cell in cells) else "^"
    width = max(box.width for box in boxes)
    return [aligned(box, width, align) for box in boxes]


_Drawer: TypeAlias = Callable[..., Drawn]
_DRAWERS: dict[tuple[type, str | None], _Drawer] = {
    (Number, None): _atom,
    (Name, None): _atom,
    (Constant, None): _atom,
    (Unary, "-"): _signed,
    (Unary, "+"): _signed,
    (Unary, None): _postfix,
    (Binary, "/"): _fraction,
    (Binary, "^"): _power,
    (Binary, None): _operation,
    **{(Call, name): _fenced for name in _FENCES},
    (Call, "sqrt"): _square_root,
    (Call, "cbrt"): _cube_root,
    (Call, "root"): _any_root,
    (Call, "if"): _cases,
    (Call, None): _call,
    (Sequence, None): _sequence,
}
