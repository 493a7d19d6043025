"""The dropout problems: the course's answers, known slips, keys against all masks listed."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.stats
from bank_drawn import assert_pool, assert_slip, drawn, figures, key_at, question, wrong_keys

SEEDS = range(16)
RULES, INVERTED = "dropout/rules", "dropout/inverted"


@pytest.mark.parametrize(
    ("id", "answers"),
    [
        (RULES, ("each-p", "none", "p^n")),
        (RULES, ("each unit with probability p, by a draw of its own", "none", "p**n")),
        (INVERTED, ("p a", "1/p", "12.5")),
        (INVERTED, ("p*a + (1 - p)*0", "p^(-1)", "10/0.8")),
    ],
)
def test_originals(id: str, answers: tuple[str, ...]) -> None:
    ids = [part.id for part in drawn(id).parts]
    assert not wrong_keys(drawn(id), dict(zip(ids, answers, strict=True)))


@pytest.mark.parametrize(
    ("id", "part", "answer", "note", "words"),
    [
        (RULES, "test", "again", "dropped-at-test", "uses the whole network"),
        (RULES, "train", "each-not-p", "p-read-the-other-way", "both conventions"),
        (RULES, "train", "share-p", "exact-share", "drawn independently"),
        (RULES, "all-dropped", "0", "impossible", "not impossible"),
        (RULES, "all-dropped", "(1-p)^n", "p-read-the-other-way", "other thing"),
        (RULES, "all-dropped", "n p", "added", "exceed 1"),
        (RULES, "all-dropped", "p", "one-unit", "single unit"),
        (INVERTED, "kept", "8", "scaled-the-other-way", "test time"),
        (INVERTED, "kept", "50", "divided-by-the-other", "probability of being dropped"),
        (INVERTED, "kept", "2", "p-read-the-other-way", "doesn't become smaller"),
        (INVERTED, "scale", "p", "multiplied", "too small already"),
        (INVERTED, "scale", "1/(1-p)", "divided-by-the-other", "being dropped"),
        (INVERTED, "expectation", "(1-p) a", "p-read-the-other-way", "the other thing"),
        (INVERTED, "expectation", "a", "already-rescaled", "factor is to bring about"),
    ],
)
def test_slips(id: str, part: str, answer: str, note: str, words: str) -> None:
    assert_slip(id, part, answer, note, words)


# By the words of the question: the steps, and what holds for the units that are off in each.
EVENTS: dict[str, tuple[int, Any]] = {
    "all n units of the layer are dropped in one step": (1, lambda x: all(x)),
    "at least one of the n units of the layer is kept in one step": (1, lambda x: not all(x)),
    "all n units of the layer are dropped in each of two steps": (2, lambda x, y: all(x + y)),
    "all n units of the layer are kept in one step": (1, lambda x: not any(x)),
    "exactly one of the n units of the layer is kept in one step": (1, lambda x: sum(x) == 2),
    "all of the n units but one are kept in one step": (1, lambda x: sum(x) == 1),
    "at least one of the n units of the layer is dropped in one step": (1, lambda x: any(x)),
    "one given unit of the layer is dropped in each of n steps": (
        3,
        lambda x, y, z: x[0] and y[0] and z[0],
    ),
}


@pytest.mark.parametrize("seed", [None, *range(24)])
def test_probabilities_by_listing_all_masks(seed: int | None) -> None:
    """With three units and p = 1/5: the key holds at this point, and p may not be turned round."""
    given = figures(drawn(RULES, seed))
    p = Fraction(1, 5)
    off = p if "dropped" in given.means.text else 1 - p
    steps, holds = EVENTS[given.event.text]
    total = Fraction(0)
    for mask in product(product((False, True), repeat=3), repeat=steps):
        weight = Fraction(1)
        for unit in (unit for step in mask for unit in step):
            weight *= off if unit else 1 - off
        total += weight * bool(holds(*mask))
    variant = drawn(RULES, seed)
    assert key_at(variant, "all-dropped", {"p": p, "n": 3}) == total
    assert key_at(variant, "all-dropped", {"p": 1 - p, "n": 3}) != total


@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_inverted_dropout_by_its_own_code(seed: int | None) -> None:
    """The mask's line compares a number with p: the share that passes, among 1,000 such numbers."""
    variant = drawn(INVERTED, seed)
    given = figures(variant)
    numbers = (np.arange(1000) + 0.5) / 1000
    code = re.search(r"mask = np\.random\.rand\(\*a\.shape\) (<|>=) p", question(variant))
    assert code is not None
    passes = numbers < given.rate if code[1] == "<" else numbers >= given.rate
    keep = passes.mean() ** (2 if "Two masks" in question(variant) else 1)
    assert not wrong_keys(variant, {"kept": given.value / keep})
    point = {"p": Fraction(str(given.rate)), "a": 7}
    assert float(key_at(variant, "scale", point)) * keep == pytest.approx(1)
    assert float(key_at(variant, "expectation", point)) == pytest.approx(7 * keep)


@pytest.mark.parametrize("seed", SEEDS)
def test_masked_sums_by_listing_all_masks(seed: int) -> None:
    variant = drawn("dropout/masked-sum", seed)
    given, text = figures(variant), question(variant)
    keep = given.p if "is kept with" in text else 1 - given.p
    scale = 1 / keep if "are divided" in text else 1
    sums, weights = [], []
    for mask in product((0, 1), repeat=3):
        sums.append(scale * np.dot(given.w, given.a * mask))
        weights.append(keep ** sum(mask) * (1 - keep) ** (3 - sum(mask)))
    mean = np.average(sums, weights=weights)
    spread = np.average((np.array(sums) - mean) ** 2, weights=weights)
    assert not wrong_keys(variant, {"mean": mean, "variance": spread})


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_agree_with_scipy(seed: int) -> None:
    variant = drawn("dropout/masks", seed)
    given = figures(variant)
    one, two = (
        scipy.stats.binom(int(n), p if given.means.text == "keeps" else 1 - p)
        for n, p in ((given.n1, given.p1), (given.n2, given.p2))
    )
    both = sum(1 for _ in product((0, 1), repeat=int(given.n1 + given.n2)))
    answers = {
        "masks": both,
        "units": one.mean() + two.mean(),
        "weights": one.mean() * two.mean(),
        "variance": one.var(),
    }
    assert not wrong_keys(variant, answers)


RAND = np.random.default_rng(5)
SHAPE = (200, 50)


def fresh() -> Any:
    return RAND.random(SHAPE)


# What each line of the problem computes, from what the lines before it left.
LINES: dict[str, Any] = {
    "mask = np.random.rand(*a.shape) < keep": lambda s: fresh() < s["keep"],
    "mask = np.random.rand() < keep": lambda s: np.full(SHAPE, RAND.random() < s["keep"]),
    "mask = np.ones(a.shape) < keep": lambda s: np.ones(SHAPE) < s["keep"],
    "a = a * mask": lambda s: s["a"] * s["mask"],
    "a = a * mask * keep": lambda s: s["a"] * s["mask"] * s["keep"],
    "a = a * mask / p": lambda s: s["a"] * s["mask"] / s["p"],
    "a = a * mask / keep": lambda s: s["a"] * s["mask"] / s["keep"],
    "da = da / keep": lambda s: s["a"] / s["keep"],
    "da = da * mask / keep": lambda s: s["a"] * s["mask"] / s["keep"],
    "da = da * (1 - mask) / keep": lambda s: s["a"] * (1 - s["mask"]) / s["keep"],
    "da = da * (np.random.rand(*a.shape) < keep) / keep": (
        lambda s: s["a"] * (fresh() < s["keep"]) / s["keep"]
    ),
    "a = a": lambda s: s["a"],
    "a = a * keep": lambda s: s["a"] * s["keep"],
    "a = a / keep": lambda s: s["a"] / s["keep"],
    "a = a * (np.random.rand(*a.shape) < keep) / keep": (
        lambda s: s["a"] * (fresh() < s["keep"]) / s["keep"]
    ),
}
RIGHT_LINES = {
    "l2": "mask = np.random.rand(*a.shape) < keep",
    "l3": "a = a * mask / keep",
    "l4": "da = da * mask / keep",
    "l5": "a = a",
}


@pytest.mark.parametrize("seed", range(24))
def test_the_mistake_shows_when_the_code_is_run(seed: int) -> None:
    """40 steps on ones; the mean of 10,000 outputs a step has a standard error below 2 %."""
    variant = drawn("dropout/find-the-mistake", seed)
    given = figures(variant)
    written = dict(re.findall(r"^ +([2-5])   (.*)$", question(variant), re.MULTILINE))
    changed = [f"l{n}" for n, line in written.items() if RIGHT_LINES[f"l{n}"] != line]
    assert len(changed) == 1
    state = {"a": np.ones(SHAPE), "p": given.p, "keep": 1 - given.p}
    means, together, misfit = [], [], []
    for _ in range(40):
        state["mask"] = LINES[written["2"]](state)
        out = LINES[written["3"]](state)
        back = LINES[written["4"]](state)
        means.append(out.mean())
        together.append(out.any(axis=None) == out.all(axis=None))
        misfit.append(np.any((back != 0) != (out != 0)))
    predicted, again = (LINES[written["5"]](state) for _ in range(2))
    if np.any(predicted != again):
        effect = "random"
    elif not np.any(means):
        effect = "silent"
    elif all(together):
        effect = "together"
    elif any(misfit):
        effect = "gradient"
    else:
        assert abs(np.mean(means) / predicted.mean() - 1) > 0.05
        effect = "size"
    assert not wrong_keys(variant, {"line": changed[0], "effect": effect})


def test_the_pool_answers_each_option_that_is_wrong() -> None:
    assert_pool("dropout/facts", "holding")
