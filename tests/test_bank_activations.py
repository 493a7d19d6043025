"""The activations problems: keys against autograd, SciPy and search; slips on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
import scipy.optimize
import scipy.special
import sympy
from autograd import grad
from bank_drawn import assert_pool, drawn, figures, key_at, marked, question, wrong_keys

from engine.kinds import kind_of

SEEDS = range(16)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + anp.exp(-z))


@pytest.mark.parametrize("seed", range(30))
def test_derivatives_agree_with_autograd(seed: int) -> None:
    """The printed g, read by SymPy, and differentiated by autograd at four points."""
    variant = drawn("activations/derivative", seed)
    printed = re.search(r"g = (.*)", question(variant))
    assert printed is not None
    text = printed[1].replace("·", "*").replace("^", "**").replace("|z|", "Abs(z)")
    text = text.replace("e**", "E**").replace("arctan", "atan")
    z = sympy.Symbol("z", real=True)
    tree = sympy.sympify(text, {"z": z, "sigmoid": lambda x: 1 / (1 + sympy.exp(-x))})
    g = sympy.lambdify(z, tree, [{"Abs": anp.abs}, anp])
    part = variant.part("slope")
    key = kind_of("symbolic").write(part.reference, part.asked)
    key = key.replace("·", "*").replace("^", "**").replace("|z|", "Abs(z)").replace("−", "-")
    slope = sympy.sympify(
        key.replace("e**", "E**"), {"z": z, "sigmoid": lambda x: 1 / (1 + sympy.exp(-x))}
    )
    for at in (-1.3, -0.4, 0.6, 1.1):
        assert grad(g)(at) == pytest.approx(float(slope.subs(z, at)), rel=1e-8)


UNITS: dict[str, Callable[[Any, float], Any]] = {
    "sigmoid-unit": lambda z, _: sigmoid(z),
    "tanh-unit": lambda z, _: anp.tanh(z),
    "relu-unit": lambda z, _: anp.maximum(z, 0.0),
    "leaky-unit": lambda z, leak: anp.where(z > 0, z, leak * z),
    "elu-unit": lambda z, _: anp.where(z > 0, z, anp.exp(z) - 1),
    "softplus-unit": lambda z, _: anp.log1p(anp.exp(z)),
    "swish-unit": lambda z, _: z * sigmoid(z),
}


@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_values_and_slopes_agree_with_autograd(seed: int | None) -> None:
    variant = drawn("activations/values", seed)
    given = figures(variant)
    z = float(np.log(given.k)) * (-1 if "−" in given.point.text else 1)
    answers = {}
    for row in given.rows:
        answers[f"{row}.value"] = float(UNITS[row](z, given.leak))
        answers[f"{row}.slope"] = float(grad(UNITS[row])(z, given.leak))
    assert not wrong_keys(variant, answers)


OUTPUTS: dict[str, Callable[[Any], Any]] = {
    "a = sigmoid(z)": sigmoid,
    "a = tanh(z)": anp.tanh,
    "a = e^z − 1, which is ELU for z < 0": lambda z: anp.exp(z) - 1,
    "a = 2 sigmoid(z) − 1": lambda z: 2 * sigmoid(z) - 1,
    "a = sigmoid(2z)": lambda z: sigmoid(2 * z),
    "a = tanh(3z)": lambda z: anp.tanh(3 * z),
    "a = 2 tanh(z)": lambda z: 2 * anp.tanh(z),
    "a = e^z": anp.exp,
    "a = z², for z > 0": lambda z: z**2,
    "a = 4 sigmoid(z)": lambda z: 4 * sigmoid(z),
}


@pytest.mark.parametrize("seed", range(30))
def test_slopes_from_outputs_agree_with_autograd(seed: int) -> None:
    """z is found from the output by SciPy, the slope there by autograd."""
    variant = drawn("activations/from-output", seed)
    given = figures(variant)
    unit = OUTPUTS[given.unit.text]
    z = scipy.optimize.brentq(lambda z: unit(z) - given.out, 0 if "²" in given.unit.text else -9, 9)
    slope = float(grad(unit)(z))
    assert float(key_at(variant, "slope", {"a": Fraction(str(given.out))})) == pytest.approx(slope)
    assert not wrong_keys(variant, {"value": slope, "delta": given.up * slope})


@pytest.mark.parametrize("seed", range(20))
def test_gradients_through_layers_agree_with_autograd(seed: int) -> None:
    """Biases are chosen so that every unit gives the printed output."""
    variant = drawn("activations/depth", seed)
    given = figures(variant)
    leak = 0.1 if "leaky" in given.unit.text else 0.0
    unit = {"sigmoid": sigmoid, "tanh": anp.tanh}.get(
        given.unit.text, lambda z: anp.where(z > 0, z, leak * z)
    )
    z = scipy.optimize.brentq(lambda z: unit(z) - given.a, -20, 20)
    bias, layers = z - given.w * given.a, int(given.layers)

    def network(a: Any) -> Any:
        for _ in range(layers):
            a = unit(given.w * a + bias)
        return a

    factor = float(grad(lambda a: unit(given.w * a + bias))(given.a))
    size = abs(factor)
    ends = "steady" if abs(size - 1) < 1e-9 else "vanishing" if size < 1 else "exploding"
    answers = {
        "slope": f"{grad(unit)(z):.9g}",
        "layer": f"{factor:.9g}",
        "all": f"{grad(network)(given.a):.9g}",
        "verdict": ends,
    }
    assert not wrong_keys(variant, answers)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tanh(z)": np.tanh,
    "sigmoid(z)": scipy.special.expit,
    "max(0, z)": lambda z: np.maximum(0, z),
    "max(0.1 z, z)": lambda z: np.maximum(0.1 * z, z),
    "3z": lambda z: 3 * z,
    "2z + 1": lambda z: 2 * z + 1,
    "1 if z > 0, else 0": lambda z: np.where(z > 0, 1.0, 0.0),
    "sign(z)": np.sign,
    "−2z": lambda z: -2 * z,
    "log(1 + e^z)": lambda z: np.logaddexp(0, z),
    "z sigmoid(z)": lambda z: z * scipy.special.expit(z),
    "sin(z)": np.sin,
    "e^(−z²)": lambda z: np.exp(-(z**2)),
    "z/(1 + |z|)": lambda z: z / (1 + abs(z)),
    "z for z ≥ 0, e^z − 1 for z < 0": lambda z: np.where(z < 0, np.expm1(np.minimum(z, 0)), z),
    "min(1, max(−1, z))": lambda z: np.clip(z, -1, 1),
    "5, whatever z is": lambda z: 5 + 0 * z,
    "|z|": abs,
}


def properties(g: Callable[[Any], Any]) -> dict[str, bool]:
    """Told from values on a grid up to ±400."""
    z = np.linspace(-400, 400, 80_001) + 0.00031
    values, steps = g(z), np.diff(g(z))
    slopes = steps / np.diff(z)
    bent = np.abs(np.diff(g(np.linspace(-4, 4, 9)), n=2)).max() > 1e-9
    far = np.abs(slopes[[*range(2_000), *range(-2_000, 0)]])
    return {
        "serve": bool(bent and np.mean(np.abs(slopes[39_000:41_000]) > 1e-6) > 0.05),
        "bounded": bool(np.abs(values).max() < 50),
        "monotone": bool(steps.min() >= 0),
        "odd": bool(np.allclose(g(-z), -values)),
        "flat": bool(far.max() < 1e-4),
    }


@pytest.mark.parametrize("seed", range(24))
def test_properties_agree_with_a_grid(seed: int) -> None:
    variant = drawn("activations/candidates", seed)
    given = figures(variant)
    asked = ("serve", "bounded", "monotone", "odd", "flat")[int(given.quest.code)]
    holding = [
        letter
        for letter, option in zip("abcde", given.pool, strict=True)
        if properties(FUNCTIONS[option.text])[asked]
    ]
    assert not wrong_keys(variant, {"those": ", ".join(holding)})


def test_every_function_of_the_pool_has_its_properties() -> None:
    pool = drawn("activations/candidates", 0).problem.parameters["pool"].entries  # type: ignore[union-attr]
    assert {entry["text"] for entry in pool} == FUNCTIONS.keys()
    for entry in pool:
        told = {name: entry[name] == 1 for name in ("serve", "bounded", "monotone", "odd", "flat")}
        assert properties(FUNCTIONS[entry["text"]]) == told, entry["text"]


@pytest.mark.parametrize("seed", SEEDS)
def test_collapsed_layers_give_the_same_outputs(seed: int) -> None:
    variant = drawn("activations/linear-collapse", seed)
    given, random = figures(variant), np.random.default_rng(seed)
    n, h, m = (int(v) for v in (given.size.n, given.size.h, given.size.m))

    def network(x: Any) -> Any:
        return given.W2 @ (given.c * (given.W1 @ x + given.b1)) + given.b2

    bias = network(np.zeros((n, 1)))
    weights = network(np.eye(n)) - bias
    count = sum(array.size for array in (given.W1, given.b1, given.W2, given.b2))
    rank = max(
        np.linalg.matrix_rank(random.normal(size=(m, h)) @ random.normal(size=(h, n)))
        for _ in range(5)
    )
    answers = {
        "w": weights,
        "b": bias,
        "before": count,
        "after": weights.size + bias.size,
        "rank": rank,
    }
    assert not wrong_keys(variant, answers)


@pytest.mark.parametrize("seed", SEEDS)
def test_dead_units_agree_with_a_grid(seed: int) -> None:
    """z is linear, so its largest value over the square lies on the grid, in a corner."""
    variant = drawn("activations/dead-relu", seed)
    given, unit = figures(variant), int(figures(variant).unit)
    found = re.search(r"b = \((.*)\)", question(variant))
    assert found is not None
    biases = [float(b) for b in found[1].split(",")]
    grid = np.array(list(product(np.linspace(0, given.top, 11), repeat=2)))
    sums = grid @ given.W.T
    dead = [f"u{i + 1}" for i in range(4) if np.maximum(sums[:, i] + biases[i], 0).max() == 0]
    answers = {"dead": ", ".join(dead), "bias": -float(sums[:, unit].max()), "revive": "leaky"}
    assert not wrong_keys(variant, answers)


CHANGES: dict[str, Callable[[Any], Any]] = {
    "10 is added to every logit": lambda z: z + 10,
    "the largest logit is subtracted from every logit": lambda z: z - z.max(),
    "ln 5 is subtracted from every logit": lambda z: z - np.log(5),
    "every logit is divided by 2 (temperature 2)": lambda z: z / 2,
    "every logit is multiplied by 2 (temperature 1/2)": lambda z: z * 2,
    "every logit is multiplied by 3/2 (temperature 2/3)": lambda z: z * 1.5,
    "every logit changes its sign": lambda z: -z,
}


@pytest.mark.parametrize("seed", SEEDS)
def test_softmax_agrees_with_scipy(seed: int) -> None:
    variant = drawn("activations/softmax", seed)
    found = re.findall(r"(-?\d+) ln (\d)", question(variant))
    z = np.array([float(times) * np.log(float(base)) for times, base in found])
    p = scipy.special.softmax(z)
    changed = scipy.special.softmax(CHANGES[figures(variant).change.text](z))
    if np.allclose(p, changed):
        effect = "same"
    elif np.any(np.argsort(p) != np.argsort(changed)):
        effect = "reversed"
    else:
        effect = "sharper" if changed.max() > p.max() else "flatter"
    hot = 1e6 if "without bound" in figures(variant).limit.text else 1e-2
    limit = float(scipy.special.softmax(z / hot).max())
    answers = {"p": p, "after": changed, "effect": effect, "limit": limit}
    assert not wrong_keys(variant, answers)


@pytest.mark.parametrize("seed", SEEDS)
def test_rebuilt_units_compute_the_same(seed: int) -> None:
    variant = drawn("activations/tanh-sigmoid", seed)
    given, x = figures(variant), np.linspace(-2, 2, 9)
    units = {"tanh": np.tanh, "sigmoid": scipy.special.expit}
    old, new = units[given.way.old], units[given.way.new]
    w, b, v, c = (
        float(variant.part(id).reference)  # type: ignore[arg-type]
        for id in ("in-weight", "in-bias", "out-weight", "out-bias")
    )
    before = given.v * old(given.w * x + given.b) + given.c
    assert v * new(w * x + b) + c == pytest.approx(before)
    first = re.search(r"let s = (\w+)\((?:(\d+)·)?z\)", question(variant))
    target = re.search(r"(\w+)\((?:(\d+)·)?z\)", variant.part("identity").asked.ask[0].text)  # type: ignore[union-attr]
    assert first is not None
    assert target is not None

    def inside(z: Any) -> Any:
        return {"tanh": anp.tanh, "sigmoid": sigmoid}[target[1]](int(target[2] or 1) * z)

    for z in (-0.3, 0.2):
        s = float(units[first[1]](int(first[2] or 1) * z))
        for part, expected in (("identity", inside(z)), ("slope", grad(inside)(z))):
            point = {"s": Fraction(s).limit_denominator(10**12)}
            assert float(key_at(variant, part, point)) == pytest.approx(float(expected), rel=1e-6)


def test_the_pool_answers_each_option_that_is_wrong() -> None:
    assert_pool("activations/facts", "holding")


@pytest.mark.parametrize(
    ("id", "part", "note"),
    [
        ("depth", "all", "added"),
        ("from-output", "delta", "slope-skipped"),
        ("linear-collapse", "before", "biases-left-out"),
        ("dead-relu", "bias", "smallest-for-largest"),
        ("softmax", "p", "not-normalised"),
        ("tanh-sigmoid", "out-bias", "same"),
    ],
)
def test_slips_are_told(id: str, part: str, note: str) -> None:
    variant = drawn(f"activations/{id}", 1)
    found = variant.part(part)
    answers = {p.id: p.reference for p in variant.parts}
    slip = next(s for s in variant.slips(found, answers) if s.id == note)
    verdict = marked(variant, part, kind_of(found.asked.kind).write(slip.value, found.asked))
    assert verdict.note.endswith(f":{note}")
    assert verdict.feedback == (slip.say,)
