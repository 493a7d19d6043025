"""Numbers and whole numbers: any expression without symbols, exact where it can be."""

from __future__ import annotations

import re
from fractions import Fraction

from engine.kinds.base import RIGHT, WRONG, Asked, Judgement, Kind, Reading, start_of_answer
from engine.kinds.scalars import check_scalar
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value, as_number, evaluate
from engine.language.parser import read
from engine.language.printer import format_value, one_line
from engine.language.rationals import int_or_none
from engine.language.scope import Scope
from engine.language.tree import Binary, Node, Number, Sequence, Unary
from engine.values import close

_SHAPE = re.compile(r"[(\[]?\s*\d+(?:\s*[xX]\s*\d+)+\s*[)\]]?\Z")
_TIMES = re.compile(r"(?<=[0-9)])(?<!\b0)(\s*)[xX](?=\s*[0-9(])")
_ABOUT = re.compile(r"\s*[≈~≃]\s*")
_NUMBERS_ONLY = Scope()
_NEAR = Fraction(1, 10**12)
MAX_QUOTED = 40
TOLD_DIGITS = 6


class NumberKind(Kind):
    """A number: right within the part's tolerance, or to three significant digits."""

    def read(self, text: str, part: Asked) -> Reading:
        """A finite real number. Raises Unreadable."""
        start = start_of_answer(text, part)
        about = _ABOUT.match(text, start)
        start = about.end() if about else start
        if _SHAPE.match(text[start:].strip()):
            shape = text[start:].strip()[:MAX_QUOTED]
            raise Unreadable(
                f"one number is asked here; {shape} reads as a shape", start, len(text)
            )
        tree = read(_TIMES.sub(r"\1×", text), _NUMBERS_ONLY, start=start)
        if isinstance(tree, Sequence):
            raise Unreadable("one number is asked here", tree.start, tree.end)
        check_scalar(tree, lists=True)
        self.refuse_two_forms(tree, len(text))
        value = self.number(tree, len(text))
        return Reading(value, echo(tree, value))

    def refuse_two_forms(self, tree: Node, length: int) -> None:
        """Raise Unreadable for ``0.8 (80%)``: one number in two forms, not its square."""
        if not (isinstance(tree, Binary) and tree.implicit and isinstance(tree.left, Number)):
            return
        if close(self.number(tree.right, length), tree.left.value):
            say = "the number stands here twice: write it once, or · for a product"
            raise Unreadable(say, tree.right.start, tree.right.end)

    def number(self, tree: Node, length: int) -> Fraction | float:
        """The value of what was typed. Raises Unreadable where there is none."""
        try:
            value = as_number(evaluate(tree, {}))
            Fraction(value)
        except (OverflowError, ValueError):
            raise Unreadable("this is not a finite number", 0, length) from None
        except Undefined as error:
            raise Unreadable(str(error), tree.start, tree.end) from None
        return value

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """All or nothing, within the tolerance."""
        given, wanted = as_number(value), as_number(reference)
        exact = isinstance(given, Fraction) and given == wanted
        right = exact or close(given, wanted, part.relative, part.absolute)
        return Judgement(RIGHT if right else WRONG, "exact" if exact else "tolerance")

    def write(self, reference: Value, part: Asked) -> str:
        """An integer, a short decimal, a fraction, or 12 significant digits."""
        number = as_number(reference)
        if isinstance(number, Fraction):
            return str(number) if number.denominator == 1 else format_exact(number)
        return format_float(number, part)

    def tell(self, reference: Value, part: Asked) -> str:
        """The same with no more than 6 significant digits of what has no end."""
        number = as_number(reference)
        if isinstance(number, Fraction):
            return self.write(number, part)
        return format_float(number, part, TOLD_DIGITS)


class IntegerKind(NumberKind):
    """A whole number, exactly; a value that isn't whole is incorrect, not unreadable."""

    def judge(self, value: Value, reference: Value, part: Asked) -> Judgement:
        """All or nothing. A slip's value that isn't whole may be rounded, as numbers are."""
        given, wanted = as_number(value), as_number(reference)
        if isinstance(given, float) and _nearly_whole(given):
            given = Fraction(round(given))
        if given == int(given):
            return Judgement(RIGHT if given == wanted else WRONG, "exact")
        if wanted % 1 != 0:
            return super().judge(given, wanted, part)
        return Judgement(WRONG, "exact", "not-whole", (_not_whole(given),))


def _not_whole(value: Fraction | float) -> str:
    shown = format_value(value)
    rounded_off = not shown.partition(".")[2].strip("0")
    return f"{'This' if rounded_off else shown} is not a whole number."


def _nearly_whole(value: float) -> bool:
    """Whether only the rounding of irrational functions can keep it from being whole."""
    return abs(Fraction(value) - round(value)) <= _NEAR * abs(round(value))


def echo(tree: Node, value: Fraction | float) -> str:
    """How a number was read: as typed, and its value where that isn't plain to see."""
    written = one_line(tree)
    plain = tree.operand if isinstance(tree, Unary) and tree.op in "+-" else tree
    if isinstance(plain, Number):
        return written
    if isinstance(value, float) and int_or_none(value) is not None:
        value = Fraction(int(value))
    return f"{written} = {format_value(value, 6)}"


def format_float(number: float, part: Asked, digits: int = 12) -> str:
    """So many significant digits where the tolerance allows them, otherwise all there are."""
    short = f"{number:.{digits}g}"
    return short if close(float(short), number, part.relative, part.absolute) else repr(number)


def format_exact(number: Fraction) -> str:
    """A fraction as a finite decimal when it has a short one, as p/q otherwise."""
    rest = number.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    digits = max(twos, fives)
    if digits == 0 or rest != 1 or digits > 12:
        return str(number)
    scaled = abs(number.numerator) * 10**digits // number.denominator
    text = str(scaled).rjust(digits + 1, "0")
    return f"{'-' if number < 0 else ''}{text[:-digits]}.{text[-digits:]}"
