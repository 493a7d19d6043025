"""The initialisation problems: the course's answers, known slips, keys against simulation."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from autograd import grad
from bank_drawn import assert_pool, assert_slip, choices, drawn, figures, key_at, wrong_keys

SEEDS = range(12)
VARIANCE, SCHEME = "initialization/variance", "initialization/which-scheme"
DERIVATION = "initialization/variance-derivation"


@pytest.mark.parametrize(
    ("id", "answers"),
    [
        (VARIANCE, ("0.01", "0.1", "0.02", "0.1414")),
        (VARIANCE, ("1/100", "1/sqrt(100)", "2/100", "sqrt(2/100)")),
        (SCHEME, ("a", "b")),
        (
            DERIVATION,
            ("E[w]^2 Var(a) + E[a]^2 Var(w) + Var(w)Var(a)", "n Var(w)Var(a)", "1/n"),
        ),
        (
            DERIVATION,
            ("(E[w]^2+Var(w)) (E[a]^2+Var(a)) - E[a]²E[w]²", "Var(a) n Var(w)", "Var(w) = 1/n"),
        ),
    ],
)
def test_originals(id: str, answers: tuple[str, ...]) -> None:
    ids = [part.id for part in drawn(id).parts]
    assert not wrong_keys(drawn(id), dict(zip(ids, answers, strict=True)))


@pytest.mark.parametrize(
    ("id", "part", "answer", "note", "words"),
    [
        (VARIANCE, "xavier-std", "0.01", "variance-for-std", "variance again"),
        (VARIANCE, "he-std", "0.02", "variance-for-std", "variance again"),
        (VARIANCE, "xavier-var", "0.1", "std-for-variance", "standard deviation"),
        (VARIANCE, "xavier-var", "1/25", "fan-out", "divided by n_out"),
        (VARIANCE, "xavier-std", "1/sqrt(25)", "fan-out", "from n_out"),
        (VARIANCE, "he-std", "2/sqrt(100)", "root-misses-the-two", "over the 2 as well"),
        (VARIANCE, "xavier-var", "2/125", "glorots-own", "takes another one"),
        (VARIANCE, "he-var", "0.01", "xavier-for-he", "sets half of it to 0"),
        (DERIVATION, "product", "Var(w)Var(a)", "only-variances", "only if both means are 0"),
        (
            DERIVATION,
            "product",
            "E[w]^2 Var(a) + E[w]^2 Var(w) + Var(w)Var(a)",
            "deck-misprint",
            "one mean is missing",
        ),
        (DERIVATION, "layer", "Var(w)Var(a)", "forgot-the-sum", "one term"),
        (DERIVATION, "weight", "1", "forgot-the-sum", "single input"),
    ],
)
def test_slips(id: str, part: str, answer: str, note: str, words: str) -> None:
    assert_slip(id, part, answer, note, words)


@pytest.mark.parametrize("part", ["tanh", "relu"])
def test_all_zeros_is_told_of_symmetry(part: str) -> None:
    assert choices(drawn(SCHEME), part)["c"].endswith("all zeros")
    say = next(c.say for c in drawn(SCHEME).part(part).asked.choices if c.id == "c")
    assert "symmetry" in say


def test_the_numbers_of_the_printed_formula() -> None:
    """E[w] = 1, Var(w) = 4, E[a] = −2, Var(a) = 9: 61, within three standard errors."""
    random = np.random.default_rng(1)
    product = random.normal(1, 2, 400_000) * random.normal(-2, 3, 400_000)
    error = np.sqrt(((product - product.mean()) ** 2).var() / len(product))
    assert abs(product.var() - 61) < 3 * error < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_fans_counted_one_by_one(seed: int) -> None:
    """n_in and n_out by listing the places of one filter; Glorot's 2/(n_in + n_out) as printed."""
    given = figures(drawn(VARIANCE, seed))
    side = range(int(given.layer.f))
    n_in = sum(1 for _ in product(side, side, range(int(given.before))))
    n_out = sum(1 for _ in product(side, side, range(int(given.behind))))
    xavier = 2 / (n_in + n_out) if "n_out)" in given.rule.text else 1 / n_in
    answers = {
        "xavier-var": xavier,
        "xavier-std": xavier**0.5,
        "he-var": 2 / n_in,
        "he-std": (2 / n_in) ** 0.5,
    }
    assert not wrong_keys(drawn(VARIANCE, seed), answers)


def test_variances_hold_signals_up() -> None:
    """Over 20,000 draws; the standard error of a variance is about 1 % there."""
    random = np.random.default_rng(0)
    x = random.normal(size=100)
    x /= np.sqrt((x**2).mean())
    xavier = random.normal(0, 0.1, (20_000, 100)) @ x
    he = random.normal(0, 0.1414, (20_000, 100)) @ x
    assert xavier.var() == pytest.approx(1, rel=0.04)
    assert (np.maximum(he, 0) ** 2).mean() == pytest.approx(1, rel=0.06)


WEIGHTS: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "randn(n, n) * sqrt(1/n)": lambda r, n: r.normal(size=(n, n)) * np.sqrt(1 / n),
    "randn(n, n) * sqrt(2/n)": lambda r, n: r.normal(size=(n, n)) * np.sqrt(2 / n),
    "zeros((n, n))": lambda r, n: np.zeros((n, n)),
    "randn(n, n)": lambda r, n: r.normal(size=(n, n)),
    "randn(n, n) * (1/n)": lambda r, n: r.normal(size=(n, n)) / n,
    "randn(n, n) * (2/sqrt(n))": lambda r, n: r.normal(size=(n, n)) * 2 / np.sqrt(n),
    "randn(n, n) * n**(-1/4)": lambda r, n: r.normal(size=(n, n)) * n**-0.25,
    "ones((n, n)) / sqrt(n)": lambda r, n: np.ones((n, n)) / np.sqrt(n),
}


@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_only_the_right_scheme_keeps_the_signal(seed: int | None) -> None:
    """Second moments over one layer of 400 units, within 25 %; units must differ too."""
    random, n = np.random.default_rng(3), 400
    variant = drawn(SCHEME, seed)
    pool = figures(variant).pool
    for part, unit in (("tanh", np.tanh), ("relu", lambda z: np.maximum(z, 0))):
        z0 = 0.01 * random.normal(size=(n, 50))
        a = unit(z0)
        keeping = []
        for letter, option in zip("abcde", pool, strict=True):
            z = WEIGHTS[option.numpy](random, n) @ a
            kept = 0.75 < (z**2).mean() / (z0**2).mean() < 1.33
            if kept and np.ptp(z, axis=0).min() > 0:
                keeping.append(letter)
        assert len(keeping) == 1
        assert not wrong_keys(variant, {part: keeping[0]})


FACTORS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "w a": lambda w, a: w * a,
    "2 w a": lambda w, a: 2 * w * a,
    "w a + 3": lambda w, a: w * a + 3,
    "5 - w a": lambda w, a: 5 - w * a,
    "w a/2": lambda w, a: w * a / 2,
    "1 - 3 w a": lambda w, a: 1 - 3 * w * a,
    "w (a + 1)": lambda w, a: w * (a + 1),
    "w (a - 2)": lambda w, a: w * (a - 2),
    "(w + 1) a": lambda w, a: (w + 1) * a,
    "(w + 3) a": lambda w, a: (w + 3) * a,
    "4 w a": lambda w, a: 4 * w * a,
    "w a/3": lambda w, a: w * a / 3,
    "(w + 1)(a + 2)": lambda w, a: (w + 1) * (a + 2),
    "2 w (a + 1)": lambda w, a: 2 * w * (a + 1),
}


def variance(values: list[Fraction]) -> Fraction:
    mean = sum(values, Fraction()) / len(values)
    return sum(((value - mean) ** 2 for value in values), Fraction()) / len(values)


@pytest.mark.parametrize("seed", [None, *range(25)])
def test_variances_of_products_and_sums_by_listing_all_cases(seed: int | None) -> None:
    variant = drawn(DERIVATION, seed)
    given = figures(variant)
    w, a = [Fraction(1), Fraction(4), Fraction(-2)], [Fraction(-3), Fraction(2), Fraction(5)]
    moments = {"E[w]": 1, "E[a]": Fraction(4, 3), "Var(w)": variance(w), "Var(a)": variance(a)}
    listed = [FACTORS[given.product.text](x, y) for x, y in product(w, a)]
    assert key_at(variant, "product", moments) == variance(listed)
    # A unit with two inputs of n = 2·each: all signs of its weights and activations.
    n, slope = int(2 * given.inputs.each), Fraction(given.unit.up) / Fraction(given.unit.down)
    signs = list(product((-3, 3), (-3, 3), (-2, 2), (-2, 2)))
    outputs = [slope * Fraction(p * r + q * s) for p, q, r, s in signs]
    assert key_at(variant, "layer", {"n": n, "Var(w)": 9, "Var(a)": 4}) == variance(outputs)
    held = key_at(variant, "weight", {"n": n})
    assert key_at(variant, "layer", {"n": n, "Var(w)": held, "Var(a)": 4}) == 4


def slope_at_0(name: str) -> float:
    h = 1e-6
    unit: dict[str, Callable[[float], float]] = {
        "tanh(z)": np.tanh,
        "arctan(z)": np.arctan,
        "tanh(2z)": lambda z: np.tanh(2 * z),
        "tanh(3z)": lambda z: np.tanh(3 * z),
        "tanh(z/2)": lambda z: np.tanh(z / 2),
        "tanh(z/3)": lambda z: np.tanh(z / 3),
        "σ(z) − 1/2": lambda z: 1 / (1 + np.exp(-z)) - 0.5,
        "sin(z)": np.sin,
    }
    return float((unit[name](h) - unit[name](-h)) / (2 * h))


@pytest.mark.parametrize("seed", range(25))
def test_slopes_of_the_activations(seed: int) -> None:
    unit = figures(drawn(DERIVATION, seed)).unit
    assert slope_at_0(unit.text) == pytest.approx(unit.up / unit.down)


# -- beyond the decks --------------------------------------------------------------------------


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": anp.tanh,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "ReLU": lambda z: anp.where(z > 0, z, 0 * z),
    "none (it passes z on)": lambda z: z,
}


@pytest.mark.parametrize("seed", range(24))
def test_first_gradients_agree_with_autograd(seed: int) -> None:
    variant = drawn("initialization/symmetry", seed)
    given, values = figures(variant), variant.values
    first = np.array([[float(values[f"w{i}{j}"]) for j in (1, 2)] for i in (1, 2)])
    second = np.array([float(values["o1"]), float(values["o2"])])
    x = np.array([given.x1, given.x2])
    unit = ACTIVATIONS[given.case.act]

    def loss(weights: tuple[Any, Any], x: Any = x, t: float = given.t) -> Any:
        return (anp.dot(weights[1], unit(anp.dot(weights[0], x))) - t) ** 2 / 2

    y = float(second @ unit(first @ x))
    dw1, dw2 = grad(loss)((first, second))
    # Some steps on the example and on two others, and then a look at both units.
    weights = (first, second)
    data = [(x, given.t), (np.array([0.5, -1.5]), 1.0), (np.array([2.0, 0.3]), -1.0)]
    for step in range(60):
        slopes = grad(loss)(weights, *data[step % 3])
        weights = tuple(w - 0.001 * s for w, s in zip(weights, slopes, strict=True))
    moved = any(np.any(new != old) for new, old in zip(weights, (first, second), strict=True))
    equal = np.allclose(weights[0][0], weights[0][1]) and np.isclose(*weights[1])
    later = "stuck" if not moved else "twins" if equal else "apart"
    answers = {"y": y, "dw2": dw2, "dw1": dw1, "later": later}
    assert not wrong_keys(variant, answers)


@pytest.mark.parametrize("seed", SEEDS)
def test_signals_through_layers_agree_with_simulation(seed: int) -> None:
    """The factor of one layer over 60 draws of all weights; its standard error is below 4 %."""
    variant = drawn("initialization/depth", seed)
    given, random = figures(variant), np.random.default_rng(seed)
    n, v = int(given.n), float(variant.values["v"])
    unit = {"no": lambda z: z, "ReLU,": lambda z: np.maximum(z, 0), "absolute": np.abs}.get(
        given.unit.text.split()[0],
        lambda z: np.tanh(2 * z if "2z" in given.unit.text else z),
    )
    ratios = []
    for _ in range(60):
        z = 1e-3 * random.normal(size=n)
        z2 = random.normal(0, v**0.5, (n, n)) @ unit(z)
        ratios.append((z2**2).mean() / (z**2).mean())
    factor = min((0.1, 0.25, 0.5, 1, 2, 4, 10), key=lambda f: abs(np.log(f / np.mean(ratios))))
    assert np.mean(ratios) == pytest.approx(factor, rel=0.12)
    answers = {
        "layer": factor,
        "all": factor**given.layers,
        "verdict": "stays" if factor == 1 else "vanishes" if factor < 1 else "explodes",
        "hold": v / factor,
    }
    assert not wrong_keys(variant, answers)


INPUTS = {  # the spread of an input, by the words of the question
    "each input is 1 or −1, with equal probability": 1,
    "each input has mean 0 and variance 1": 1,
    "each input has mean 0 and variance 4": 2,
    "each input is 3 or −3, with equal probability": 3,
    "each input has mean 0 and variance 1/4": 0.5,
}


@pytest.mark.parametrize("seed", SEEDS)
def test_saturation_agrees_with_simulation(seed: int) -> None:
    """20,000 units; the standard error of a standard deviation is 0.5 % there."""
    variant = drawn("initialization/saturation", seed)
    given, random = figures(variant), np.random.default_rng(seed)
    std, n = float(variant.values["std"]), int(given.n)
    x = INPUTS[given.input.text] * random.choice((-1, 1), (20_000, 25))
    z = np.sqrt(n / 25) * (x * random.normal(0, std, x.shape)).sum(axis=1)
    assert z.std() == pytest.approx(float(variant.part("spread").reference), rel=0.02)
    one = 1 if given.unit.text == "tanh" else 2
    slopes = 1 / np.cosh(z / one) ** 2  # as a share of the steepest one
    flat, linear = np.mean(slopes < 0.05), np.mean(slopes > 0.98)
    regime = "flat" if flat > 0.6 else "linear" if linear > 0.95 else "working"
    assert std / z.std() == pytest.approx(float(variant.part("mend").reference), rel=0.02)
    assert not wrong_keys(variant, {"regime": regime})


@pytest.mark.parametrize("seed", SEEDS)
def test_uniform_weights_agree_with_scipy(seed: int) -> None:
    variant = drawn("initialization/uniform", seed)
    given = figures(variant)
    n, m = given.n_in, given.n_out
    wanted = {1: 1 / n, 2: 2 / n, 3: 2 / (n + m)}[given.rule.code]
    default = scipy.stats.uniform(-(n**-0.5), 2 * n**-0.5).var()
    bound = scipy.optimize.brentq(lambda r: scipy.stats.uniform(-r, 2 * r).var() - wanted, 1e-6, 2)
    answers = {"bound": bound, "variance": default, "ratio": wanted / default}
    assert not wrong_keys(variant, answers)


def test_symmetry_has_all_endings() -> None:
    endings = {drawn("initialization/symmetry", s).part("later").reference for s in range(24)}
    assert endings == {"stuck", "twins", "apart"}


def test_the_pool_answers_each_option_that_is_wrong() -> None:
    assert_pool("initialization/facts", "holding")
