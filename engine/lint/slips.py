"""Misconceptions: each can be met, is told by its own words, and isn't the right answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from engine.coding.runs import Runner
from engine.grading import grade
from engine.kinds import kind_of
from engine.language.errors import Undefined
from engine.language.printer import format_value
from engine.lint.alike import alike
from engine.lint.drawn import Drawn
from engine.lint.remark import WARNING, Remark, Tally, shortened
from engine.parts import Slip, VariantPart
from engine.template import Trail
from engine.variant import Variant, make_variant
from engine.verdict import CORRECT

TYPED_VARIANTS = 2
EXPRESSION_VARIANTS = 12
FURTHER = 200
"""Seeds on which a misconception is looked for that didn't apply on any so far."""
MOST_SHADOWED = 0.5
EXPRESSIONS = ("symbolic", "matrix")


def _of_row(part: VariantPart, slip: Slip) -> bool:
    return part.plan.misconception_trail(slip.id)[:2] == ("table", "rows")


class _Met:
    """How often each misconception had a value, and which one came before it."""

    def __init__(self) -> None:
        self.asked: Counter[Trail] = Counter()
        self.applied: Counter[Trail] = Counter()
        self.shadowed: Counter[tuple[Trail, str]] = Counter()

    def add(self, part: VariantPart, slips: Sequence[Slip]) -> None:
        """The misconceptions of a part on one variant."""
        for misconception in part.plan.part.misconceptions:
            self.asked[part.plan.misconception_trail(misconception.id)] += 1
        for at, slip in enumerate(slips):
            trail = part.plan.misconception_trail(slip.id)
            self.applied[trail] += 1
            for earlier in slips[:at]:
                if _of_row(part, earlier) and not _of_row(part, slip):
                    continue  # a row's own words come before those of all rows of its kind
                if alike(slip.value, earlier.value, part.asked):
                    self.shadowed[trail, earlier.id] += 1
                    break

    def search(self, seen: Drawn) -> None:
        """Look for what didn't apply yet on further seeds: it may be rare."""
        for seed in range(len(seen.variants), len(seen.variants) + FURTHER):
            if not seen.problem.parameters or all(self.applied[trail] for trail in self.asked):
                return
            variant = make_variant(seen.problem, seed)
            answers = {part.id: part.reference for part in variant.parts}
            for part in variant.parts:
                for misconception in part.plan.part.misconceptions:
                    self.asked[part.plan.misconception_trail(misconception.id)] += 1
                for slip in variant.slips(part, answers):
                    self.applied[part.plan.misconception_trail(slip.id)] += 1

    def remarks(self) -> Iterator[Remark]:
        """What never applies."""
        for trail, count in self.asked.items():
            if not self.applied[trail]:
                often = f"on {count} variants" if count > 1 else "on the only variant"
                message = f"this never applies {often}: look at its `when`, and at its value"
                yield Remark(trail, message, WARNING)

    def remarks_on_shadows(self) -> Iterator[Remark]:
        """What is mostly told by another one's words, on the variants looked at so far."""
        for (trail, other), count in self.shadowed.items():
            if count / self.applied[trail] > MOST_SHADOWED:
                often = f"on {count} of {self.applied[trail]} variants"
                message = f"this gives the same value as '{other}' {often}, which is told first"
                yield Remark(trail, message, WARNING)


def misconceptions_are_told_apart(seen: Drawn) -> Iterator[Remark]:
    """No misconception hides behind another, and each is recognised as it is typed."""
    met, typed = _Met(), seen.first(TYPED_VARIANTS)
    right = Tally(seen.variants)
    lost = Tally(typed)
    for at, variant in enumerate(seen.each()):
        answers = {part.id: part.reference for part in variant.parts}
        for part in variant.parts:
            if part.asked.kind in EXPRESSIONS and at > EXPRESSION_VARIANTS:
                continue
            slips = variant.slips(part, answers)
            met.add(part, slips)
            for slip in slips:
                trail = part.plan.misconception_trail(slip.id)
                if variant.seed is not None and alike(slip.value, part.reference, part.asked):
                    right.add(variant, trail, "this gives the right answer")
                elif at < len(typed) and (part.asked.kind != "code" or seen.runner is not None):
                    _type(variant, part, slip, slips, lost, seen.runner)
    shadowed = list(met.remarks_on_shadows())
    met.search(seen)
    yield from [*met.remarks(), *shadowed]
    yield from right.remarks()
    yield from lost.remarks()


def _type(
    variant: Variant,
    part: VariantPart,
    slip: Slip,
    slips: Sequence[Slip],
    tally: Tally,
    run: Runner | None,
) -> None:
    """Answer with a misconception's value, and see whether it is recognised."""
    trail = part.plan.misconception_trail(slip.id)
    try:
        text = kind_of(part.asked.kind).write(slip.value, part.asked)
    except Undefined as error:
        tally.add(variant, trail, f"nobody can type its value: {error}")
        return
    verdicts = grade(variant, {part.id: text}, diagnose=False, run=run).parts
    verdict = next(verdict for verdict in verdicts if verdict.id == part.id)
    note = verdict.note.rpartition(":")[2]
    expected = {s.id for s in slips if alike(s.value, slip.value, part.asked)}
    if verdict.verdict == CORRECT and variant.seed is None:
        return  # the original keeps the course's figures, whatever they give
    if note not in expected:
        shown = shortened(format_value(slip.value))
        message = f"its value is graded as {verdict.verdict} and not recognised"
        tally.add(variant, trail, message, detail=f": {shown}")
