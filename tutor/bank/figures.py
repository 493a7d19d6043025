"""Numbers, words and ranges in a file, read by us and exactly."""

from __future__ import annotations

import re
from fractions import Fraction

from engine.problem import Entry, Range
from tutor.bank.findings import shown
from tutor.bank.nodes import ListNode, MapNode, Scalar
from tutor.bank.spots import Spot

MAX_DIGITS = 40
MAX_WORD = 1_000
MAX_ENTRIES = 200
NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile("-?(?:0|[1-9][0-9]*)(?:[.][0-9]+|/[1-9][0-9]*)?")
_EXPONENT = "[-+]?[0-9]*[.]?[0-9]+[eE][-+]?[0-9]{1,2}"

_THOUSANDS = "[0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?"


def parsed(text: str) -> Fraction | str:
    """Read an integer, a decimal or a/b; or return why the text is none, and what to write."""
    if len(text) > MAX_DIGITS:
        return f"{shown(text)} has more than {MAX_DIGITS} characters"
    if _NUMBER.fullmatch(text):
        return Fraction(text)
    if not looks_numeric(text):
        return f"expected a number such as 3, 0.25 or 1/3, found {shown(text)}"
    advice = _advice(text)
    return f"{shown(text)} isn't a plain number: write {advice}"


def looks_numeric(text: str) -> bool:
    """Whether somebody, or some YAML reader, may take a plain text for a number."""
    bare = text.lower().lstrip("+-−")
    return (
        (bare[:1] in "0123456789." and any(c.isdigit() for c in bare) and not bare.strip(_MARKS))
        or (bare[:2] in ("0x", "0o", "0b") and not bare[2:].strip("0123456789abcdef_"))
        or re.fullmatch(_EXPONENT, text) is not None
        or bare in (".inf", ".nan")
    )


_MARKS = "0123456789_.,:/%+- "


def _advice(text: str) -> str:
    """Return a number, or how to find it, for a text that only looks like one."""
    sign = "-" if text[0] in "-−" else ""
    bare = text.lower().lstrip("+-−")
    plain = bare.replace("_", "")
    plain = plain.replace(",", "") if re.fullmatch(_THOUSANDS, plain) else plain.replace(",", ".")
    for prefix, base in (("0x", 16), ("0o", 8), ("0b", 2)):
        if bare.startswith(prefix):
            try:
                return f"{sign}{int(plain[2:], base)}"
            except ValueError:
                return "it in decimal figures"
    if re.fullmatch(_EXPONENT, text):
        from decimal import Decimal

        return format(Decimal(text), "f").removeprefix("+")
    if ".." in bare:
        return "single numbers"
    if ":" in bare:
        first, _, second = bare.partition(":")
        ratio = f", such as {first}/{second}" if _NUMBER.fullmatch(f"{first}/{second}") else ""
        return f"one number{ratio}"
    percent = plain.removesuffix("%").rstrip()
    if percent != plain and _NUMBER.fullmatch(percent):
        return f"{sign}{percent}/100" if "." not in percent else f"{sign}{Fraction(percent) / 100}"
    if plain.startswith("."):
        plain = f"0{plain}"
    plain = plain.rstrip(".")
    plain = plain.lstrip("0") if plain.strip("0") and plain.isdecimal() else plain
    return f"{sign}{plain}" if _NUMBER.fullmatch(plain) else "it as 3, 0.25 or 1/3"


def number(spot: Spot) -> Fraction | None:
    """A plain number."""
    node = spot.node
    if not isinstance(node, Scalar) or not node.text:
        spot.wrong("a number")
        return None
    value = parsed(node.text)
    if isinstance(value, str):
        spot.fail(value)
        return None
    if node.quoted:
        spot.fail(f"numbers stand without quotes: write {node.text}")
        return None
    return value


def word(spot: Spot) -> str | None:
    """Text where text is expected: ``no`` is the word no."""
    node = spot.node
    if not isinstance(node, Scalar) or not node.text.strip():
        spot.wrong("a word")
        return None
    if len(node.text) > MAX_WORD:
        spot.fail(f"{len(node.text):,} characters: at most {MAX_WORD:,} are allowed")
        return None
    if node.text == "~" and not node.quoted:
        spot.fail('~ stands for nothing in YAML: write "~" for the character')
        return None
    return node.text.strip()


def number_or_word(spot: Spot) -> Fraction | str | None:
    """A plain number, or a word; quotes make a word of anything."""
    node = spot.node
    if isinstance(node, Scalar) and not node.quoted and looks_numeric(node.text):
        value = parsed(node.text)
        if isinstance(value, str):
            spot.fail(f'{value}, or "{node.text[:MAX_DIGITS]}" if it is a word')
            return None
        return value
    return word(spot)


def entry(spot: Spot) -> Entry | None:
    """A number, a word, a list of entries, or a record."""
    if isinstance(spot.node, ListNode):
        return tuple(value for item in entry_spots(spot) if (value := entry(item)) is not None)
    if isinstance(spot.node, MapNode):
        return _record(spot)
    return number_or_word(spot)


def entry_spots(spot: Spot) -> list[Spot]:
    """Spots of a list that must hold something, but not too much."""
    spots = list(spot.items())
    if not isinstance(spot.node, ListNode):
        spot.wrong("a list")
    elif not spots:
        spot.fail("this list is empty")
    elif len(spots) > MAX_ENTRIES:
        spot.fail(f"{len(spots)} entries: at most {MAX_ENTRIES} are allowed")
    return spots


def _record(spot: Spot) -> dict[str, Fraction | str] | None:
    record = {}
    for key, value in spot.entries():
        if not NAME.fullmatch(key.text):
            spot.fail(f"{shown(key.text)} can't be a name: letters, digits and _ only", key)
        read = number_or_word(value)
        if read is not None:
            record[key.text] = read
    if not isinstance(spot.node, MapNode) or not (record or spot.node.entries):
        spot.wrong("a record with at least one name")
        return None
    return record


def value_range(spot: Spot) -> Range | None:
    """Read ``5..64`` or ``0.1..0.9 step 0.1``."""
    assert isinstance(spot.node, Scalar)
    low_text, _, rest = spot.node.text.partition("..")
    high_text, stepped, step_text = rest.partition("step")
    values = []
    for text in (low_text, high_text, step_text) if stepped else (low_text, high_text):
        value = parsed(text.strip())
        if isinstance(value, str):
            spot.fail(f"{value} (a range looks like 5..64 or 0.1..0.9 step 0.1)")
            return None
        values.append(value)
    low, high, step = values if stepped else (*values, Fraction(1))
    if step <= 0:
        spot.fail("the step of a range must be greater than 0")
    elif high < low:
        spot.fail(f"the lower end comes first: {high_text.strip()}..{low_text.strip()}")
    elif (high - low) % step:
        hint = "" if stepped else "; state a step, as in 0.1..0.9 step 0.1"
        spot.fail(f"steps of {step} from {low} don't reach {high}{hint}")
    else:
        return Range(low, high, step)
    return None
