"""10,000 texts of the fuzzer, 20,000 with ``-m slow``; ``make fuzz`` sends a million."""

from __future__ import annotations

import fuzz
import pytest


@pytest.mark.parametrize(
    "texts", [range(20_000), pytest.param(range(20_000, 30_000), marks=pytest.mark.slow)], ids=str
)
def test_any_text_is_graded_or_refused(texts: range) -> None:
    tally = fuzz.run(texts)
    assert tally.found == (), "\n".join(map(str, tally.found))
    assert sum(tally.outcomes.values()) == len(texts)
    assert (
        min(tally.outcomes[name] for name in ("correct", "incorrect", "refused")) > len(texts) / 40
    )


def test_a_text_is_always_the_same() -> None:
    assert [fuzz.text_of(number)[1] for number in range(300)] == [
        fuzz.text_of(number)[1] for number in range(300)
    ]
    assert len({fuzz.text_of(number)[1] for number in range(2_000)}) > 1_600


def test_what_breaks_is_reported() -> None:
    target, text = fuzz.text_of(7)
    found = fuzz.Found(7, target.asked.kind, text, "ValueError: too bad")
    assert repr(text) in str(found) and "too bad" in str(found)
    assert list(fuzz.chunks(0, 1_100)) == [range(500), range(500, 1_000), range(1_000, 1_100)]
