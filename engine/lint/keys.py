"""The key: accepted in the ways that people write it, and nothing near it accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeVar

from engine.coding.runs import EXPRESSION, Runner
from engine.coding.syntax import read_code
from engine.diagnosis.changes import changes
from engine.grading import read_response
from engine.kinds import kind_of
from engine.kinds.numbers import format_exact
from engine.kinds.symbolic import resolved
from engine.language.axes import Mismatch
from engine.language.errors import Undefined, Unreadable
from engine.language.exact import Value, evaluate, is_node
from engine.language.printer import format_value, one_line
from engine.language.symbols import Symbol
from engine.language.tree import Node
from engine.lint.alike import alike
from engine.lint.drawn import Drawn
from engine.lint.draws import is_of_a_size
from engine.lint.remark import Remark, Tally, shortened
from engine.parts import VariantPart
from engine.template import REFERENCES
from engine.values import as_tree, bind, shape_of
from engine.variant import Variant
from engine.verdict import INCORRECT, INVALID

T = TypeVar("T")
VARIANTS = 8
CHANGED_VARIANTS = 2
MOST_CHANGES = 24
FAR = Fraction(1, 20)
"""A number this share away from the key is another number."""


def keys_are_accepted(seen: Drawn) -> Iterator[Remark]:
    """Each spelling of the key is read, and graded as correct."""
    variants = seen.first(VARIANTS)
    tally = Tally(variants)
    for variant in variants:
        for part in variant.parts:
            trail = (*part.plan.trail, "answer" if part.plan.part.answer else "options")
            if part.asked.kind == "code" and seen.runner is None:
                continue
            if part.asked.kind == "shape" and isinstance(part.reference, Fraction | float):
                message = "this is a number; a shape is a tuple, as in (n, n, 3) or (n,)"
                tally.add(variant, trail, message)
                continue
            try:
                written = dict(spellings(part))
            except Undefined as error:
                tally.add(variant, trail, f"the key can't be written: {error}")
                continue
            for way, text in written.items():
                fault = _refused(part, text, seen.runner)
                if fault is not None:
                    message = f"the key {way} is {fault.verdict}"
                    detail = f"{fault.why}: {shortened(text)}"
                    tally.add(variant, trail, message, detail=detail)
                    break
    yield from tally.remarks()


class _Fault(NamedTuple):
    """The verdict on a key that isn't accepted, and why."""

    verdict: str
    why: str = ""


def _refused(part: VariantPart, text: str, run: Runner | None) -> _Fault | None:
    """What is wrong with a response that should be correct."""
    try:
        reading = read_response(text, part.asked)
        judgement = kind_of(part.asked.kind, run).judge(reading.value, part.reference, part.asked)
    except Unreadable as error:
        return _Fault(INVALID, f" ({error.message})")
    except Mismatch as error:
        return _Fault("no answer", f" ({error.message})")
    return None if judgement.share == 1 else _Fault(INCORRECT)


def spellings(part: VariantPart) -> Iterator[tuple[str, str]]:
    """Ways to write the key, each with its name. Raises Undefined where there is none."""
    key = kind_of(part.asked.kind).write(part.reference, part.asked)
    yield "as it is printed", key
    yield "with spaces around it", f"  {key} "
    yield from _BY_KIND[part.asked.kind](part)


def _of_number(part: VariantPart) -> Iterator[tuple[str, str]]:
    number = part.reference
    if not isinstance(number, Fraction | float):
        return
    loose = part.asked.relative is None and part.asked.absolute is None
    if part.asked.kind == "number" and loose and is_of_a_size(number):
        yield "with three significant digits", f"{float(number):.3g}"
    if isinstance(number, Fraction):
        yield "as a fraction", str(number)
        if abs(number) >= 1000 and number.denominator == 1:
            yield "with separators", f"{int(number):,}"
        if 0 < abs(number) < 1 and "/" not in format_exact(number * 100):
            yield "in percent", f"{format_exact(number * 100)} %"


def _of_shape(part: VariantPart) -> Iterator[tuple[str, str]]:
    sizes = part.reference
    if not isinstance(sizes, tuple):
        return
    written = [one_line(as_tree(size), ascii=True) for size in sizes]
    comma = "," if len(written) == 1 else ""
    yield "in brackets", f"({', '.join(written)}{comma})"
    if len(written) > 1 and all(size.isdigit() for size in written):
        yield "with an x between", "x".join(written)
        yield "with a × between", " × ".join(written)


def _of_choice(part: VariantPart) -> Iterator[tuple[str, str]]:
    yield "in capitals", str(part.reference).upper()
    texts = [" ".join(choice.text.casefold().split()) for choice in part.asked.choices]
    for choice, text in zip(part.asked.choices, texts, strict=True):
        if choice.id == part.reference and texts.count(text) == 1:
            yield "as its text", choice.text


def _of_choices(part: VariantPart) -> Iterator[tuple[str, str]]:
    ids = [str(id) for id in part.reference] if isinstance(part.reference, tuple) else []
    yield "with spaces between", " ".join(ids)
    yield "the other way round", ", ".join(reversed(ids))
    yield "in capitals", ", ".join(ids).upper()


def _of_expression(part: VariantPart) -> Iterator[tuple[str, str]]:
    tree = resolved(as_tree(part.reference), part.asked.symbols)
    plain = one_line(tree, ascii=True)
    yield "in plain characters", plain
    if " and " not in plain and " or " not in plain:
        yield "without spaces", plain.replace(" ", "")
    yield "with ** for powers", plain.replace("^T", "'").replace("^", "**")


def _of_array(part: VariantPart) -> Iterator[tuple[str, str]]:
    key = kind_of("array").write(part.reference, part.asked)
    yield "as NumPy writes it", f"np.array({key})"
    if len(shape_of(part.reference) or ()) == 2:
        rows = key.removeprefix("[[").removesuffix("]]").split("], [")
        yield "by rows", "\n".join(rows)


def _of_code(part: VariantPart) -> Iterator[tuple[str, str]]:
    code, task = str(part.reference), part.asked.task
    if task is None:
        return
    if task.mend is not None:
        yield "with the word line", f"line {code}"
    elif "\n" not in code and read_code(code, task.names, task.returns).program.mode == EXPRESSION:
        yield "as statements", f"result = {code}" if len(task.returns) == 1 else code
        yield "as a function", f"def answer({', '.join(task.names)}):\n    return {code}"


_BY_KIND = {
    "number": _of_number,
    "integer": _of_number,
    "shape": _of_shape,
    "choice": _of_choice,
    "choices": _of_choices,
    "symbolic": _of_expression,
    "matrix": _of_expression,
    "array": _of_array,
    "code": _of_code,
}


# -- what is near the key ------------------------------------------------------------------


def near_misses_are_rejected(seen: Drawn) -> Iterator[Remark]:
    """An answer that is one slip away from the key, and another value, isn't correct."""
    variants = seen.first(CHANGED_VARIANTS)
    tally = Tally(variants)
    for variant in variants:
        for part in variant.parts:
            trail = (*part.plan.trail, "answer")
            for said, value in near_misses(variant, part):
                if _is_correct(part, value):
                    message = "a wrong answer is accepted"
                    shown = f": {format_value(value)} for {format_value(part.reference)} ({said})"
                    tally.add(variant, trail, message, detail=shown)
                    break
    yield from tally.remarks()


def _is_correct(part: VariantPart, value: Value) -> bool:
    try:
        return kind_of(part.asked.kind).same(value, part.reference, part.asked)
    except (Undefined, Unreadable, Mismatch):
        return False


def near_misses(variant: Variant, part: VariantPart) -> Iterator[tuple[str, Value]]:
    """Values that differ from the key by one slip, with words for it."""
    if part.asked.kind in ("symbolic", "matrix"):
        key = resolved(as_tree(part.reference), part.asked.symbols)
        declared = {symbol.name: symbol for symbol in part.asked.symbols}
        for change in some(changes(key, declared)):
            if not alike(change.tree, key, part.asked):
                yield change.kind, change.tree
    elif part.asked.kind in ("number", "integer"):
        yield from _other_numbers(variant, part)


def _other_numbers(variant: Variant, part: VariantPart) -> Iterator[tuple[str, Value]]:
    key = part.reference
    if not isinstance(key, Fraction | float):
        return
    near: list[tuple[str, Value]] = [
        ("sign", -key),
        ("twice", 2 * key),
        ("half", key / 2),
        ("one more", key + 1),
        ("one less", key - 1),
    ]
    near += changes_of(variant, part)
    for said, other in near:
        try:
            number = evaluate(other, {}, REFERENCES) if is_node(other) else other
        except Undefined:
            continue
        if isinstance(number, Fraction | float) and _far(number - key, key):
            yield said, number


def _far(difference: Fraction | float, key: Fraction | float) -> bool:
    return max(difference, -difference) > FAR * max(key, -key)


def changes_of(variant: Variant, part: VariantPart) -> list[tuple[str, Node]]:
    """One-step changes of a part's expression by kind, with the drawn numbers in it."""
    if not part.plan.part.answer or part.asked.kind == "code":
        return []
    tree, values = variant.expression(part)
    known = {name: Symbol(name) for name in values}
    try:
        found = some(changes(tree, known))
        return [(change.kind, bind(change.tree, values)) for change in found]
    except Undefined:
        return []


def some(found: Sequence[T]) -> Sequence[T]:
    """At most so many, evenly spread over all of them."""
    step = max(-(-len(found) // MOST_CHANGES), 1)
    return found[::step]
