"""How questions go: answers, tries, hints and slips, and what they come to in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.verdict import CORRECT, PartVerdict

if TYPE_CHECKING:
    from engine.parts import VariantPart
    from engine.variant import Variant


@dataclass
class Progress:
    """How one question goes: texts and verdicts by part, and the help that was taken.

    ``slips``: each slip once a part, however often it was made there.
    """

    variant: Variant
    responses: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, PartVerdict] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    slips: dict[tuple[str, str], None] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)

    @property
    def missed(self) -> bool:
        """Whether a part isn't right in the end."""
        verdicts = [self.verdicts.get(part.id) for part in self.variant.parts]
        return any(verdict is None or verdict.verdict != CORRECT for verdict in verdicts)

    @property
    def score(self) -> Fraction:
        """The points earned by the last answer to each part."""
        return sum((verdict.score for verdict in self.verdicts.values()), Fraction(0))

    def answered(self, part: VariantPart, text: str, verdict: PartVerdict) -> None:
        """Count a graded answer."""
        self.tries[part.id] += 1
        self.responses[part.id] = text
        self.verdicts[part.id] = verdict
        if verdict.diagnosis is not None:
            self.slips[part.id, verdict.diagnosis.kind.replace("-", " ")] = None


def how_they_went(done: Sequence[Progress]) -> list[str]:
    """``first try 6``, ``after a hint 3``, ``missed 1``."""
    counts = Counter(map(_manner, done))
    manners = ("first try", "second try", "after a hint", "missed")
    return [f"{manner} {counts[manner]}" for manner in manners if counts[manner]]


def _manner(one: Progress) -> str:
    if one.missed:
        return "missed"
    if one.hints:
        return "after a hint"
    return "second try" if max(one.tries.values()) > 1 else "first try"


def repeated_slips(done: Sequence[Progress]) -> list[str]:
    """``slip seen twice: padding counted once``."""
    slips = Counter(slip for one in done for _, slip in one.slips)
    return [
        f"slip seen {'twice' if number == 2 else f'{number} times'}: {slip}"
        for slip, number in slips.most_common()
        if number > 1
    ]


def again(done: Sequence[Progress]) -> str:
    """What to practise once more, as a command; nothing if all is right."""
    missed = dict.fromkeys(one.variant.problem.id for one in done if one.missed)
    return f"again: tutor quiz {' '.join(missed)}" if missed else ""
