"""Statements of the select-all pools that can be computed: each is tried out, not believed.

A row names a problem, the beginning of a statement in its pool and a function that finds out by
computing whether the statement holds. "Always" is refuted by one counterexample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
import scipy.stats
import yaml
from autograd import grad
from sklearn import metrics
from sklearn.linear_model import Ridge

from engine.variant import make_variant
from tutor.bank.bank import Bank, bank_folders

BANK = Bank(bank_folders())
RNG = np.random.default_rng(7)
Array = Any


def adam(gradients: Array, alpha: float = 0.1) -> Array:
    """The steps that Adam takes, with its usual constants."""
    m = v = 0.0
    steps = []
    for t, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        steps.append(alpha * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
    return np.array(steps)


def averages(gradients: Array, beta: float, scale: float = 1.0) -> Array:
    V, found = 0.0, []
    for g in gradients:
        V = beta * V + scale * g
        found.append(V)
    return np.array(found)


def descent(f: Callable[[Any], Any], start: Array, rate: float, steps: int = 200) -> Array:
    w, slope = start, grad(f)
    for _step in range(steps):
        w = w - rate * slope(w)
    return w


def batchnorm(z: Array, gamma: float = 1.0, beta: float = 0.0, epsilon: float = 0.0) -> Array:
    return gamma * (z - z.mean()) / np.sqrt(z.var() + epsilon) + beta


GRADIENTS = RNG.normal(size=50)
Z = RNG.exponential(size=400)
LABELS = np.array([1, 1, 1, 0, 1, 0, 0, 1, 0, 0])
SCORES = np.array([0.9, 0.8, 0.7, 0.65, 0.6, 0.5, 0.45, 0.4, 0.2, 0.1])


def two_wells(w: Any) -> Any:
    return (w**2 - 1) ** 2 / 4


def downhill(w: Array) -> Array:
    """The negative gradient of an elongated valley whose minimum is 0."""
    return -grad(lambda w: w[0] ** 2 + 20 * w[1] ** 2)(w)


def scored(truth: list[int], said: list[int]) -> tuple[float, float]:
    return metrics.accuracy_score(truth, said), metrics.f1_score(truth, said)


def at_threshold(threshold: float) -> tuple[float, float]:
    said = threshold <= SCORES
    return metrics.precision_score(LABELS, said), metrics.recall_score(LABELS, said)


def share_of_pairs_in_order() -> float:
    positives, negatives = SCORES[LABELS == 1], SCORES[LABELS == 0]
    return float(np.mean([p > n for p in positives for n in negatives]))


def a_step_on_one_example_may_go_up() -> bool:
    examples = [1.0, -3.0]
    w = -1.0  # the minimum of the mean
    after = w - 1e-3 * 2 * (w - examples[0])
    return bool(np.mean((after - np.array(examples)) ** 2) > np.mean((w - np.array(examples)) ** 2))


def ridge_sees_the_unit() -> bool:
    X, y = RNG.normal(size=(30, 2)), RNG.normal(size=30)
    metres = Ridge(alpha=3).fit(X, y).predict(X)
    scaled = X * [3.28, 1]
    return not np.allclose(metres, Ridge(alpha=3).fit(scaled, y).predict(scaled))


def small_ridge_weights() -> Array:
    X = RNG.normal(size=(60, 8))
    y = X @ np.array([3, -2, 0.05, 0.02, -0.03, 0.01, 0.04, -0.02]) + RNG.normal(size=60)
    return Ridge(alpha=20).fit(X, y).coef_


def constants(loss: Callable[[Array], Array]) -> float:
    targets = np.array([1.0, 2.0, 4.0, 9.0, 30.0])
    guesses = np.linspace(0, 30, 3001)
    return float(guesses[np.argmin([loss(targets - guess).sum() for guess in guesses])])


def loss_and_accuracy(p: list[float]) -> tuple[float, float]:
    truth = [1, 1, 0, 0]
    pairs = [[1 - q, q] for q in p]
    return metrics.log_loss(truth, pairs), metrics.accuracy_score(truth, np.array(p) > 0.5)


def the_better_loss_with_the_worse_accuracy() -> bool:
    sure = loss_and_accuracy([0.9, 0.45, 0.1, 0.1])
    careful = loss_and_accuracy([0.51, 0.51, 0.49, 0.49])
    return sure[0] < careful[0] and sure[1] < careful[1]


OPTIMISERS, PLATEAUS = "optimization/optimiser-facts", "optimization/plateaus"
BATCHNORM, LOSSES, METRICS = "batchnorm/facts", "losses/facts", "metrics/choosing"
STATEMENTS: list[tuple[str, str, Callable[[], Any]]] = [
    (OPTIMISERS, "Multiplying the loss by 10 leaves Adam’s steps",
     lambda: np.allclose(adam(GRADIENTS), adam(10 * GRADIENTS), rtol=1e-4)),
    (OPTIMISERS, "In its very first step Adam moves",
     lambda: np.allclose(abs(adam(np.array([3.0]))), 0.1)),
    (OPTIMISERS, "With V = β·V + dW a constant gradient",
     lambda: np.isclose(averages(np.ones(500), 0.9)[-1], 1 / (1 - 0.9))),
    (OPTIMISERS, "Without bias correction the averages",
     lambda: averages(np.ones(3), 0.9, 0.1).max() < 0.5),
    (OPTIMISERS, "A larger β makes momentum forget",
     lambda: averages(np.eye(20)[0], 0.99)[-1] < averages(np.eye(20)[0], 0.5)[-1]),
    (OPTIMISERS, "Momentum with β = 0 doesn’t move",
     lambda: not averages(GRADIENTS, 0.0).any()),
    (OPTIMISERS, "Bias correction matters most late",
     lambda: 1 / (1 - 0.999**10_000) > 1 / (1 - 0.999**1)),
    (OPTIMISERS, "Mini-batch gradient descent makes fewer updates",
     lambda: len(range(0, 1000, 32)) < 1),
    (PLATEAUS, "A learning rate that is too large can",
     lambda: abs(descent(lambda w: 5 * w**2, 1.0, 0.3)) > 1e6),
    (PLATEAUS, "A zero gradient proves that a minimum",
     lambda: not any(grad(lambda w: w[0] ** 2 - w[1] ** 2)(np.zeros(2)))
     and np.linalg.eigvalsh(np.diag([2.0, -2.0])).min() > 0),
    (PLATEAUS, "Stochastic gradient descent with a small enough rate",
     lambda: not a_step_on_one_example_may_go_up()),
    (PLATEAUS, "Gradient descent from one and the same start",
     lambda: np.isclose(descent(two_wells, 1.8, 0.05), descent(two_wells, 1.8, 0.6))),
    (PLATEAUS, "The negative gradient always points straight",
     lambda: downhill(np.ones(2)) @ -np.ones(2) / np.linalg.norm(downhill(np.ones(2))) > 1.41),
    (BATCHNORM, "A bias just in front of it", lambda: np.allclose(batchnorm(Z), batchnorm(Z + 3))),
    (BATCHNORM, "Multiplying the incoming weights by a positive",
     lambda: np.allclose(batchnorm(Z), batchnorm(7 * Z))),
    (BATCHNORM, "In training with a batch of one example",
     lambda: np.allclose(batchnorm(Z[:1], 2, 5, 1e-5), 5)),
    (BATCHNORM, "With γ = σ and β = μ of the batch",
     lambda: np.allclose(batchnorm(Z, Z.std(), Z.mean()), Z)),
    (BATCHNORM, "Adding a constant to all pre-activations",
     lambda: np.allclose(batchnorm(Z + 3, 2), batchnorm(Z, 2) + 2 * 3)),
    (BATCHNORM, "It makes the distribution of each unit Gaussian",
     lambda: scipy.stats.normaltest(batchnorm(Z)).pvalue > 0.01),
    (LOSSES, "The mean squared error is minimised by the mean",
     lambda: np.isclose(constants(np.square), 9.2) and np.isclose(constants(np.abs), 4)),
    (LOSSES, "Subtracting the largest logit",
     lambda: np.allclose(scipy.special.softmax(Z), scipy.special.softmax(Z - Z.max()))),
    (LOSSES, "KL divergence is symmetric",
     lambda: np.isclose(scipy.stats.entropy([0.9, 0.1], [0.5, 0.5]),
                        scipy.stats.entropy([0.5, 0.5], [0.9, 0.1]))),
    (LOSSES, "An untrained classifier with K equal outputs",
     lambda: np.isclose(metrics.log_loss([2], [[0.1] * 10], labels=range(10)), np.log(10))),
    (LOSSES, "Cross-entropy can be negative",
     lambda: (-np.log(RNG.uniform(1e-9, 1, 10_000))).min() < 0),
    (LOSSES, "Squared error with a sigmoid output gives the largest",
     lambda: abs(grad(lambda z: (1 / (1 + anp.exp(-z)) - 1) ** 2 / 2)(-12.0))
     > abs(grad(lambda z: (1 / (1 + anp.exp(-z)) - 1) ** 2 / 2)(-1.0))),
    (LOSSES, "Cross-entropy with a sigmoid gives a large gradient",
     lambda: abs(grad(lambda z: anp.log(1 + anp.exp(-z)))(-12.0)) > 0.99),
    (LOSSES, "A lower training loss always means",
     lambda: not the_better_loss_with_the_worse_accuracy()),
    (METRICS, "The AUC is the probability",
     lambda: np.isclose(metrics.roc_auc_score(LABELS, SCORES), share_of_pairs_in_order())),
    (METRICS, "F1 is never above the arithmetic mean",
     lambda: all(scipy.stats.hmean(pair) <= np.mean(pair) for pair in RNG.uniform(size=(500, 2)))),
    (METRICS, "A classifier that calls everything positive",
     lambda: metrics.recall_score(LABELS, np.ones(10)) == 1),
    (METRICS, "Raising the threshold of a fixed model",
     lambda: (np.diff([at_threshold(t)[1] for t in SCORES[::-1]]) <= 0).all()),
    (METRICS, "Lowering the threshold always raises the precision",
     lambda: (np.diff([at_threshold(t)[0] for t in SCORES]) > 0).all()),
    (METRICS, "Calibrated probabilities are needed",
     lambda: metrics.roc_auc_score(LABELS, SCORES**9) < metrics.roc_auc_score(LABELS, SCORES)),
    (METRICS, "Of two models, the one with the higher accuracy",
     lambda: scored([1] + [0] * 9, [0] * 10)[0] > scored([1] + [0] * 9, [1] * 3 + [0] * 7)[0]
     and scored([1] + [0] * 9, [0] * 10)[1] > scored([1] + [0] * 9, [1] * 3 + [0] * 7)[1]),
    ("gan/facts", "With the minimax loss the generator’s gradient",
     lambda: abs(grad(lambda z: -anp.log(1 + anp.exp(z)))(-9.0))
     > abs(grad(lambda z: -anp.log(1 + anp.exp(z)))(0.0))),
    ("regularization/facts", "Ridge regression makes the same predictions",
     lambda: not ridge_sees_the_unit()),
    ("regularization/facts", "An L2 penalty sets most small weights",
     lambda: np.mean(small_ridge_weights()[2:] == 0) > 0.5),
    ("tuning/facts", "A learning rate between 0.0001 and 0.1",
     lambda: np.mean(RNG.uniform(1e-4, 0.1, 10_000) > 0.01) > 0.85),
]  # fmt: skip


def pool(id: str) -> list[dict[str, Any]]:
    problem = yaml.safe_load(Path(BANK.path(id)).read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = problem["parameters"]["pool"]["of"]
    return entries


@pytest.mark.parametrize(
    ("id", "beginning", "holds"), STATEMENTS, ids=[f"{id}: {text}" for id, text, _ in STATEMENTS]
)
def test_a_statement_is_as_right_as_a_computation_says(
    id: str, beginning: str, holds: Callable[[], Any]
) -> None:
    (entry,) = (one for one in pool(id) if one["text"].startswith(beginning))
    assert bool(holds()) == (entry["right"] == 1)


def test_a_key_that_never_changes_stands_in_any_place() -> None:
    """Else whoever always takes the first option, say, is right without reading."""
    places: Counter[int] = Counter()
    for id in BANK.ids():
        problem = BANK.load(id)
        fixed = [part.id for part in problem.parts if part.kind == "choice" and not problem.table]
        if not fixed:
            continue
        variants = [make_variant(problem, seed) for seed in range(6)]
        for part in fixed:
            keys = {
                [choice.right for choice in variant.part(part).asked.choices].index(True)
                for variant in variants
            }
            if len(keys) == 1:
                places.update(keys)
    assert places.total() > 10
    assert max(places.values()) <= places.total() / 2, places
