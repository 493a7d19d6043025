"""The regularisation problems: the course's answers, known slips, keys against numerical search."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from bank_drawn import (
    assert_pool,
    assert_slip,
    choices,
    drawn,
    figures,
    key_at,
    marked,
    question,
    wrong_keys,
)

SEEDS = range(14)
UPDATES, STEP = "regularization/updates", "regularization/update-step"
SPARSITY, SEPARABLE = "regularization/sparsity", "regularization/separable-data"


@pytest.mark.parametrize(
    ("id", "answers"),
    [
        (UPDATES, ("w - α λ sign(w) - α dJ/dw", "w - 2 α λ w - α dJ/dw")),
        (UPDATES, ("w - alpha(lam w/|w| + ∂J/∂w)", "(1 - 2αλ)w - αdJ/dw")),
        (STEP, ("1.93", "1.87")),
        (STEP, ("2 - 0.1*0.7", "2*0.96 - 0.05")),
        (SPARSITY, ("first", "second")),
        (SEPARABLE, ("diverges", "b")),
    ],
)
def test_originals(id: str, answers: tuple[str, ...]) -> None:
    ids = [part.id for part in drawn(id).parts]
    assert not wrong_keys(drawn(id), dict(zip(ids, answers, strict=True)))


@pytest.mark.parametrize(
    ("id", "part", "answer", "note", "words"),
    [
        (UPDATES, "l2", "w - αλw - αdJ/dw", "lost-two", "comes down as a factor"),
        (UPDATES, "l2", "w + 2αλw - αdJ/dw", "added", "further out"),
        (UPDATES, "l1", "w + αλsign(w) - αdJ/dw", "added", "away from 0"),
        (UPDATES, "l1", "w - αdJ/dw", "penalty-forgotten", "on J alone"),
        (UPDATES, "l1", "w - αλ|w| - αdJ/dw", "not-differentiated", "as in the cost"),
        (UPDATES, "l1", "w - αλ - αdJ/dw", "forgot-sign", "positive weights only"),
        (STEP, "l2", "1.91", "lost-two", "comes down as a factor"),
        (STEP, "l1", "1.97", "added", "away from 0"),
        (STEP, "l2", "2.03", "added", "further from 0"),
        (STEP, "l1", "1.95", "penalty-forgotten", "without the penalty"),
        (STEP, "l2", "1.95", "penalty-forgotten", "without the penalty"),
        (STEP, "l1", "1.91", "not-differentiated", "|w| itself"),
        (SPARSITY, "sparse", "second", "l2-taken-for-sparse", "hardly ever 0"),
        (SPARSITY, "sparse", "both", "shrinking-taken-for-zeroing", "make weights smaller"),
        (SPARSITY, "large", "first", "sparse-taken-for-strong", "slope"),
        (SEPARABLE, "happens", "converges", "vanishing-taken-for-convergence", "never 0"),
        (SEPARABLE, "happens", "worse", "accuracy-blamed", "falls in every step"),
        (SEPARABLE, "happens", "oscillates", "step-blamed", "rules that out"),
    ],
)
def test_slips(id: str, part: str, answer: str, note: str, words: str) -> None:
    assert_slip(id, part, answer, note, words)


def test_a_dropped_sign_is_told_at_a_negative_weight() -> None:
    """The course's figures at w = −3 give −3.03, and −3.07 with the sign dropped."""
    found = next(
        drawn(STEP, seed)
        for seed in range(60)
        if figures(drawn(STEP, seed)).w < 0 and figures(drawn(STEP, seed)).form.a == 1
    )
    given = figures(found)
    answer = given.w - given.alpha * (given.slope + given.lam)
    assert marked(found, "l1", answer).note.endswith(":sign-dropped")


def penalties(text: str) -> list[Callable[[float, float], float]]:
    """The two printed penalties of one weight, as functions of w and λ."""
    found = re.findall(r"J \+ (\d*)λ(?:/(\d+))? Σ (\|w\||w²|\(w ([+-]) (\d)\)²)", text)
    assert len(found) == 2

    def term(over: str, under: str, body: str, sign: str, home: str) -> Any:
        factor = int(over or 1) / int(under or 1)
        centre = 0 if not home else int(home) if sign == "-" else -int(home)
        return lambda w, lam: factor * lam * (abs(w) if body == "|w|" else (w - centre) ** 2)

    return [term(*groups) for groups in found]


def slope(f: Callable[[float], float], at: float) -> float:
    return (f(at + 1e-6) - f(at - 1e-6)) / 2e-6


@pytest.mark.parametrize("seed", [None, *range(30)])
def test_updates_agree_with_finite_differences(seed: int | None) -> None:
    variant = drawn(UPDATES, seed)
    for part, penalty in zip(("l1", "l2"), penalties(question(variant)), strict=True):
        for w in (Fraction(7, 10), Fraction(-12, 5)):
            point = {"dJ/dw": Fraction(3, 5), "w": w, "α": Fraction(1, 4), "λ": Fraction(1, 5)}
            step = 0.25 * (0.6 + slope(lambda x, p=penalty: p(x, 0.2), float(w)))  # type: ignore[misc]
            assert float(key_at(variant, part, point)) == pytest.approx(float(w) - step)


@pytest.mark.parametrize("seed", [None, *range(30)])
def test_steps_agree_with_finite_differences(seed: int | None) -> None:
    variant = drawn(STEP, seed)
    given = figures(variant)
    answers = {}
    for part, penalty in zip(("l1", "l2"), penalties(question(variant)), strict=True):
        pull = slope(lambda x, p=penalty: p(x, given.lam), given.w)  # type: ignore[misc]
        answers[part] = given.w - given.alpha * (given.slope + pull)
    assert not wrong_keys(variant, answers)


TERMS: dict[str, Callable[[Any], Any]] = {
    "λ Σ |w|": abs,
    "λ Σ w²": lambda w: w**2,
    "λ Σ w⁴": lambda w: w**4,
    "λ Σ |w|³": lambda w: abs(w) ** 3,
    "λ Σ (|w| + w²)": lambda w: abs(w) + w**2,
}


@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_sparsity_agrees_with_a_search_on_a_grid(seed: int | None) -> None:
    """½(w − c)² + ½ penalty on steps of 0.001: how many of 21 small c give exactly w = 0."""
    variant = drawn(SPARSITY, seed)
    given = figures(variant)
    grid = np.arange(-1000, 1001) / 1000
    terms = [TERMS[given.pair.first], TERMS[given.pair.second]]
    zeros = []
    for term in terms:
        costs = [0.5 * (grid - c) ** 2 + 0.5 * term(grid) for c in np.linspace(-0.4, 0.4, 21)]
        zeros.append(sum(grid[cost.argmin()] == 0 for cost in costs) > 15)
    sparse = {(1, 1): "both", (1, 0): "first", (0, 1): "second", (0, 0): "neither"}
    pulls = [slope(term, given.size) for term in terms]
    large = "first" if pulls[0] > pulls[1] else "second"
    assert not wrong_keys(variant, {"sparse": sparse[zeros[0], zeros[1]], "large": large})


@pytest.mark.parametrize("seed", [None, *range(10)])
def test_training_on_and_on_agrees_with_newtons_method(seed: int | None) -> None:
    """With ridges of 1e-4 and 1e-8: w has a limit, or it grows with the logarithm."""
    variant = drawn(SEPARABLE, seed)
    lines = re.findall(r"class \d: x = (.*)", question(variant))
    x = np.array([[float(v) for v in line.split(",")] for line in lines])
    data, labels = x.ravel(), np.repeat([0, 1], 3)

    def fitted(ridge: float) -> float:
        def cost(p: Any) -> float:
            z = (p[0] * data + p[1]) * (1 - 2 * labels)
            return float(np.logaddexp(0, z).sum() + ridge * p[0] ** 2)

        best = scipy.optimize.minimize(cost, np.zeros(2), method="BFGS", options={"gtol": 1e-9})
        return abs(float(best.x[0]))

    growth = fitted(1e-8) / fitted(1e-4)
    assert growth < 1.01 or growth > 1.3
    assert not wrong_keys(variant, {"happens": "diverges" if growth > 1.3 else "converges"})


def test_separable_and_other_data_occur() -> None:
    endings = {drawn(SEPARABLE, seed).part("happens").reference for seed in range(20)}
    assert endings == {"diverges", "converges"}


# -- beyond the decks --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_decay_and_penalty_take_the_same_steps(seed: int) -> None:
    variant = drawn("regularization/weight-decay", seed)
    alpha, delta = Fraction(1, 4), Fraction(1, 10)
    lam = float(key_at(variant, "lam", {"α": alpha, "δ": delta}))
    text = question(variant)
    found = re.search(r"J \+ (\d*)λ(?:/(\d+))? Σ w²", text)
    decay = re.search(r"\(1 - (\d*)(α?)δ(?:/(\d+))?\) w", text)
    assert found is not None
    assert decay is not None
    factor = int(found[1] or 1) / int(found[2] or 1) * lam
    share = int(decay[1] or 1) / int(decay[3] or 1) * 0.1 * (0.25 if decay[2] else 1)
    one = other = 3.0
    for gradient in (0.5, -2.0, 1.0):
        one -= 0.25 * (gradient + slope(lambda w: factor * w**2, one))
        other = (1 - share) * other - 0.25 * gradient
    assert one == pytest.approx(other, rel=1e-6)
    steady = [k for k, option in choices(variant, "same").items() if "gradient descent" in option]
    right = [k for k in steady if "momentum" not in choices(variant, "same")[k]]
    assert not wrong_keys(variant, {"same": ", ".join(right)})


@pytest.mark.parametrize("seed", SEEDS)
def test_shrinkage_agrees_with_steps_taken(seed: int) -> None:
    variant = drawn("regularization/shrinkage", seed)
    given, lam = figures(variant), float(variant.values["lam"])  # type: ignore[arg-type]
    half = "λ/2" in question(variant)

    def step(w: float, pull: float) -> float:
        return w - given.alpha * (pull + slope(lambda v: lam * v**2 / (2 if half else 1), w))

    w = given.w
    for _ in range(int(given.steps)):
        w = step(w, 0)
    rest = 0.0
    for _ in range(400):
        rest = step(rest, given.pull)
    assert not wrong_keys(variant, {"factor": step(1.0, 0), "after": w, "rest": rest})


@pytest.mark.parametrize("seed", SEEDS)
def test_penalised_weights_agree_with_a_search(seed: int) -> None:
    variant = drawn("regularization/soft-threshold", seed)
    given, text = figures(variant), question(variant)
    scale = {"½": 0.5, "Σ": 1.0, "2": 2.0}[given.scale.text[0]]
    ridge = 0.5 if "L2: λ/2" in text else 1.0

    def best(c: float, penalty: Callable[[float], float]) -> float:
        def cost(w: float) -> float:
            return float(scale * (w - c) ** 2 + given.lam * penalty(w))

        found = scipy.optimize.minimize_scalar(cost, bounds=(-10, 10), options={"xatol": 1e-9})
        return 0.0 if cost(0) <= found.fun else float(found.x)

    l1 = np.round([best(c, abs) for c in given.c], 5)
    l2 = np.round([best(c, lambda w: ridge * w * w) for c in given.c], 5)
    zeros = int(np.sum(l1 == 0) + np.sum(l2 == 0))
    assert not wrong_keys(variant, {"l1": l1, "l2": l2, "zeros": zeros})


@pytest.mark.parametrize("seed", range(20))
def test_penalties_give_the_most_probable_weight(seed: int) -> None:
    """One weight, four targets: the maximum of likelihood times prior, by SciPy's densities."""
    variant = drawn("regularization/prior", seed)
    given, m, s, t = figures(variant), 4, 0.7, 0.6
    x, y = np.array([1.0, -0.5, 2.0, 1.5]), np.array([1.9, -0.4, 3.5, 3.3])
    normal = given.prior.text.startswith("normal")
    prior = scipy.stats.norm(0, t) if normal else scipy.stats.laplace(0, t)

    def log_likelihood(w: float) -> float:
        return float(scipy.stats.norm(w * x, s).logpdf(y).sum())

    costs = {
        "½ Σ": lambda w: 0.5 * np.sum((y - w * x) ** 2),
        "Σ_i": lambda w: np.sum((y - w * x) ** 2),
        "2 Σ": lambda w: 2 * np.sum((y - w * x) ** 2),
        "(1/m)": lambda w: np.mean((y - w * x) ** 2),
        "(1/(2m))": lambda w: np.mean((y - w * x) ** 2) / 2,
        "−log": lambda w: -log_likelihood(w),
        "−(log": lambda w: -log_likelihood(w) / m,
    }
    printed = given.cost.text.removeprefix("J = ")
    cost = next(costs[key] for key in sorted(costs, key=len)[::-1] if printed.startswith(key))
    lam = float(key_at(variant, "lam", {"s": Fraction(7, 10), "t": Fraction(3, 5), "m": m}))
    found = re.fullmatch(r"(\d*)λ(?:/(\d))? Σ (w²|\|w\|)", given.prior.penalty)
    assert found is not None
    factor = lam * int(found[1] or 1) / int(found[2] or 1)

    def lowest(f: Callable[[float], float]) -> float:
        return float(scipy.optimize.minimize_scalar(f, bounds=(0.01, 5)).x)

    map_weight = lowest(lambda w: -log_likelihood(w) - float(prior.logpdf(w)))
    fitted = lowest(lambda w: cost(w) + factor * (w * w if normal else abs(w)))
    assert fitted == pytest.approx(map_weight, abs=1e-4)
    assert lowest(cost) != pytest.approx(map_weight, abs=1e-3)
    effect = "smaller" if "narrower" in given.change.text else "larger"
    assert not wrong_keys(variant, {"effect": effect, "forget": "fades"})


@pytest.mark.parametrize("seed", SEEDS)
def test_smoothed_targets_agree_with_numpy_and_a_search(seed: int) -> None:
    variant = drawn("regularization/label-smoothing", seed)
    given = figures(variant)
    classes, eps = int(given.K), given.eps
    if "K − 1" in given.rule.text:
        targets = np.full(classes, eps / (classes - 1))
        targets[0] = 1 - eps
    else:
        targets = (1 - eps) * np.eye(classes)[0] + eps / classes
    assert targets.sum() == pytest.approx(1)
    p = np.full(classes, (1 - given.logits.p) / (classes - 1))
    p[0] = given.logits.p

    def loss(gap: float) -> float:
        logits = gap * np.eye(classes)[0]
        return float(-targets @ (logits - np.logaddexp.reduce(logits)))

    gap = scipy.optimize.minimize_scalar(loss, bounds=(-10, 10), options={"xatol": 1e-9}).x
    answers = {
        "true-target": targets[0],
        "other-target": targets[1],
        "loss": float(-targets @ np.log(p)),
        "gap": float(gap),
        "hard": "grows",
    }
    assert not wrong_keys(variant, answers)


@pytest.mark.parametrize("seed", range(30))
def test_early_stopping_by_going_through_the_list(seed: int) -> None:
    variant = drawn("regularization/early-stopping", seed)
    found = re.search(r"\[([\d, ]+)\]", question(variant))
    assert found is not None
    errors, patience = [int(e) for e in found[1].split(",")], int(figures(variant).wait)
    best, kept, waited, stops = errors[0] + 1, 0, 0, len(errors)
    for epoch, error in enumerate(errors, 1):
        if error < best:
            best, kept, waited = error, epoch, 0
        else:
            waited += 1
        if waited == patience:
            stops = epoch
            break
    longer = "lower" if min(errors) < best else "same"
    assert not wrong_keys(variant, {"stops": stops, "kept": kept, "longer": longer})


@pytest.mark.parametrize("slug", ["facts", "augmentation"])
def test_pools_answer_each_option_that_is_wrong(slug: str) -> None:
    assert_pool(f"regularization/{slug}", "holding")
