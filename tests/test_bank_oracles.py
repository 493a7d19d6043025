"""Keys of the bank worked out anew: by autograd, SciPy, scikit-learn, counting and simulation.

A row names a problem and a function that gets the drawn values and gives answers by part. The
function never calls a reference function of ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
import scipy.optimize
import scipy.signal
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sympy
from autograd import grad
from sklearn import metrics
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight

from engine.grading import grade
from engine.variant import make_variant
from tutor.bank.bank import Bank, bank_folders

BANK = Bank(bank_folders())
SEEDS = range(12)
Values = dict[str, Any]
Oracle = Callable[[Values], dict[str, Any]]
ORACLES: dict[str, Oracle] = {}


def oracle(id: str) -> Callable[[Oracle], Oracle]:
    def keep(function: Oracle) -> Oracle:
        ORACLES[id] = function
        return function

    return keep


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        if value and isinstance(value[0], str):
            return value
        return np.array([plain(item) for item in value], dtype=float)
    return float(value) if isinstance(value, Fraction) else value


def typed(answer: Any) -> str:
    """An answer as text, with more digits than any tolerance asks for."""
    if isinstance(answer, str):
        return answer
    array = np.asarray(answer, dtype=float)
    if array.ndim == 0:
        return f"{float(array):.12g}"
    return f"[{', '.join(typed(item) for item in array)}]"


# -- gradients, by autograd --------------------------------------------------------------------


@oracle("gradients/linear-regression-numbers")
def _(v: Values) -> dict[str, Any]:
    def loss(w: Any, X: Any, b: Any) -> Any:
        return v["cost.k"] * anp.sum((anp.dot(w, X) + b - v["y"]) ** 2)

    at = (v["w"], v["X"], v["b"])
    dw, dX, db = (grad(loss, which)(*at) for which in range(3))
    yhat = v["w"] @ v["X"] + v["b"]
    dyhat = grad(lambda p: v["cost.k"] * anp.sum((p - v["y"]) ** 2))(yhat)
    return {"dyhat": dyhat, "dw": dw, "dX": dX, "db": db}


@oracle("networks/one-neuron")
def _(v: Values) -> dict[str, Any]:
    leak = v["act.leak"]

    def forward(w1: Any, bias: Any) -> tuple[Any, Any]:
        z = w1 * v["x1"] + v["w2"] * v["x2"] + bias
        return z, anp.where(z > 0, z, leak * z)

    def loss(w1: Any, bias: Any) -> Any:
        return 0.5 * (forward(w1, bias)[1] - v["y"]) ** 2

    z, a = forward(v["w1"], v["b"])
    at = (v["w1"], v["b"])
    dw1 = grad(loss, 0)(*at)
    return {
        "z": z, "activation": a, "loss": loss(*at), "dz": grad(loss, 1)(*at),
        "dw1": dw1, "new-w1": v["w1"] - v["alpha"] * dw1,
    }  # fmt: skip


@oracle("networks/two-layer-forward")
def _(v: Values) -> dict[str, Any]:
    z1 = [sum(w * x for w, x in zip(row, v["x"], strict=True)) + b
          for row, b in zip(v["W1"], v["b1"], strict=True)]  # fmt: skip
    a1 = [max(z, 0) for z in z1]
    z2 = sum(w * a for w, a in zip(v["w2"], a1, strict=True)) + v["b2"]
    return {"z1": z1, "a1": a1, "z2": z2, "output": scipy.special.expit(z2) if v["out.sig"] else z2}


@oracle("networks/two-layer-backward")
def _(v: Values) -> dict[str, Any]:
    def loss(W1: Any, w2: Any) -> Any:
        return 0.5 * (anp.dot(w2, anp.maximum(anp.dot(W1, v["x"]), 0)) - v["y"]) ** 2

    z = v["W1"] @ v["x"]
    dw2 = grad(loss, 1)(v["W1"], v["w2"])
    of_a = grad(lambda a: 0.5 * (anp.dot(v["w2"], a) - v["y"]) ** 2)
    of_z = grad(lambda s: 0.5 * (anp.dot(v["w2"], anp.maximum(s, 0)) - v["y"]) ** 2)
    return {
        "dyhat": v["w2"] @ np.maximum(z, 0) - v["y"], "dw2": dw2, "da": of_a(np.maximum(z, 0)),
        "dz": of_z(z), "dW1": grad(loss, 0)(v["W1"], v["w2"]), "new-w2": v["w2"] - v["alpha"] * dw2,
    }  # fmt: skip


@oracle("networks/softmax-layer")
def _(v: Values) -> dict[str, Any]:
    c, z = int(v["class"]) - 1, np.log(v["p"])

    def loss(logits: Any) -> Any:
        return anp.log(anp.sum(anp.exp(logits))) - logits[c]

    dz = grad(loss)(z)
    return {
        "probabilities": scipy.special.softmax(z), "loss": loss(z), "dz": dz, "dw": dz[0] * v["x"]
    }  # fmt: skip


@oracle("networks/three-layer-chain")
def _(v: Values) -> dict[str, Any]:
    def out(w: Any, x: Any) -> Any:
        u = w[0] * x
        h1 = anp.where(u > 0, u, v["first.leak"] * u)
        return w[2] * anp.maximum(w[1] * h1, 0)

    d = grad(lambda w: (out(w, v["x"]) - v["y"]) ** 2)(v["w"])
    slope = grad(out, 1)(v["w"], v["x"])
    return {"out": out(v["w"], v["x"]), "dw1": d[0], "dw2": d[1], "dw3": d[2], "product": slope}


@oracle("networks/computation-graph")
def _(v: Values) -> dict[str, Any]:
    kind = v["graph.add"]

    def of_q(q: Any, c: Any) -> Any:
        return {0: q + c * q, 3: q * c + q**2}.get(kind, q * c)

    def f(a: Any, b: Any) -> Any:
        return of_q({1: a + b, 3: a - b}.get(kind, a * b), v["c"])

    q = {1: v["a"] + v["b"], 3: v["a"] - v["b"]}.get(kind, v["a"] * v["b"])
    return {
        "f": f(v["a"], v["b"]), "df-dq": grad(of_q)(q, v["c"]),
        "df-da": grad(f, 0)(v["a"], v["b"]), "df-db": grad(f, 1)(v["a"], v["b"]),
    }  # fmt: skip


@oracle("logistic-regression/forward")
def _(v: Values) -> dict[str, Any]:
    z = v["w1"] * v["x1"] + v["w2"] * v["x2"] + v["b"]
    p = scipy.special.expit(z)
    loss = metrics.log_loss([v["y"]], [[1 - p, p]], labels=[0, 1])
    return {"z": z, "yhat": p, "class": f"class-{int(p >= v['cut'])}", "loss": loss}


@oracle("logistic-regression/update")
def _(v: Values) -> dict[str, Any]:
    z0 = scipy.special.logit(v["p"])
    dz = grad(lambda z: anp.log(1 + anp.exp(z)) - v["y"] * z)(z0)
    x = np.array([v["x1"], v["x2"]])
    return {
        "dz": dz, "dw": dz * x, "new-w": v["w"] - v["alpha"] * dz * x,
        "new-b": v["b"] - v["alpha"] * dz,
    }  # fmt: skip


@oracle("rnn/unrolled")
def _(v: Values) -> dict[str, Any]:
    def states(x: Any) -> list[Any]:
        h, found = 0.0, []
        for t in range(3):
            h = v["u"] * x[t] + v["w"] * h
            h = anp.maximum(h, 0) if v["act.relu"] else h
            found.append(h)
        return found

    h = states(v["x"])
    return {"h1": h[0], "h2": h[1], "y3": v["v"] * h[2]}


@oracle("cnn/convolution-backward")
def _(v: Values) -> dict[str, Any]:
    def loss(x: Any, k: Any, b: Any) -> Any:
        return sum(v["u"][i] * (k[0] * x[i] + k[1] * x[i + 1] + b) for i in range(3))

    at = (v["x"], v["k"], 0.0)
    return {
        "output": np.correlate(v["x"], v["k"], "valid"),
        "dx": grad(loss, 0)(*at), "dk": grad(loss, 1)(*at), "db": grad(loss, 2)(*at),
    }  # fmt: skip


@oracle("batchnorm/backward")
def _(v: Values) -> dict[str, Any]:
    def normal(z: Any) -> Any:
        return (z - anp.mean(z)) / anp.sqrt(anp.mean((z - anp.mean(z)) ** 2))

    def loss(z: Any, gamma: Any, beta: Any) -> Any:
        return anp.sum(v["u"] * (gamma * normal(z) + beta))

    at = (v["x"], v["gamma"], 0.0)
    dz = np.round(grad(loss, 0)(*at), 9)
    of_norm = grad(lambda n: anp.sum(v["u"] * v["gamma"] * n))
    return {
        "normalized": normal(v["x"]), "dgamma": grad(loss, 1)(*at), "dbeta": grad(loss, 2)(*at),
        "dnorm": of_norm(normal(v["x"])), "dz": dz + 0.0,
    }  # fmt: skip


# -- convolution and pooling, by SciPy and by brute force ----------------------------------------


@oracle("cnn/numeric-convolution")
def _(v: Values) -> dict[str, Any]:
    padded = np.pad(v["A"], int(v["how.p"]))
    every = scipy.signal.correlate2d(padded, v["K"], "valid")
    s = int(v["how.s"])
    return {"output": every[::s, ::s] + v["bias"]}


@oracle("cnn/multi-channel")
def _(v: Values) -> dict[str, Any]:
    pairs = (("R", "KR"), ("G", "KG"))
    z = sum(scipy.signal.correlate2d(v[a], v[k], "valid").item() for a, k in pairs) + v["bias"]
    return {"z": z, "activation": max(z, 0) if v["act.relu"] else z, "channels": v["filters"]}


@oracle("cnn/average-pooling")
def _(v: Values) -> dict[str, Any]:
    def pooled(a: Any) -> Any:
        return anp.mean(anp.reshape(a, (2, 2, 2, 2)), axis=(1, 3))

    return {
        "output": pooled(v["A"]),
        "dinput": grad(lambda a: anp.sum(pooled(a) * v["U"]))(v["A"]),
    }


def seen(filters: list[int], strides: list[int]) -> set[int]:
    """The input cells that cell 0 of the last layer reads, by following windows down."""
    cells = {0}
    for f, s in zip(filters[::-1], strides[::-1], strict=True):
        cells = {cell * s + at for cell in cells for at in range(f)}
    return cells


@oracle("cnn/receptive-field")
def _(v: Values) -> dict[str, Any]:
    filters = [int(v[f"f{n}"]) for n in (1, 2, 3, 4)]
    strides = [int(v[f"s{n}"]) for n in (1, 2, 3)]
    below = [min(seen([1, 1, 1], strides)), min(cell for cell in {1 * np.prod(strides)})]
    width = max(seen(filters, [*strides, 1])) + 1
    wider = max(seen([*filters, int(v["further"])], [*strides, 1, 1])) + 1
    return {"field": width, "jump": below[1] - below[0], "wider": wider}


@oracle("cnn/transposed")
def _(v: Values) -> dict[str, Any]:
    n, k, s, p = (int(v[name]) for name in ("n", "k", "s", "p"))
    exact = [m for m in range(1, 500) if m + 2 * p >= k and (m + 2 * p - k) / s + 1 == n]
    (side,) = exact
    return {"side": side, "back": len(range(0, side + 2 * p - k + 1, s))}


def entries(*shapes: tuple[Any, ...]) -> int:
    return sum(np.ones([int(n) for n in shape]).size for shape in shapes)


@oracle("cnn/depthwise-separable")
def _(v: Values) -> dict[str, Any]:
    k, c, n = v["k"], v["c"], v["n"]
    ordinary, separable = entries((k, k, c, n)), entries((k, k, c, 1), (1, 1, c, n))
    return {
        "ordinary": ordinary, "separable": separable, "ratio": separable / ordinary,
        "multiplications": separable * int(v["side"]) ** 2,
    }  # fmt: skip


@oracle("cnn/bottleneck")
def _(v: Values) -> dict[str, Any]:
    k, c, r, n = v["k"], v["c"], v["r"], v["n"]
    direct, small = entries((k, k, c, n)), entries((1, 1, c, r), (k, k, r, n))
    saved = (direct - small) * int(v["side"]) ** 2
    return {"direct": direct, "bottleneck": small, "saved": saved, "why": "rank"}


@oracle("cnn/stacked-filters")
def _(v: Values) -> dict[str, Any]:
    c, layers = v["c"], int(v["layers"])
    biases = [(c,)] if v["bias.c"] else []
    side = len(seen([3] * layers, [1] * layers))
    return {
        "side": side, "stacked": layers * entries((3, 3, c, c), *biases),
        "large": entries((side, side, c, c), *biases),
    }  # fmt: skip


@oracle("cnn/locally-connected")
def _(v: Values) -> dict[str, Any]:
    n, k, c, f = (int(v[name]) for name in ("n", "k", "c", "f"))
    m = len(range(n - k + 1))
    return {
        "shared": entries((k, k, c, f)), "local": entries((m, m, k, k, c, f)),
        "full": n * n * c * (m * m * f),
    }  # fmt: skip


@oracle("shapes/parameter-count")
def _(v: Values) -> dict[str, Any]:
    sizes = [int(v[f"n{layer}"]) for layer in range(4)]
    weights = sum(entries(pair) for pair in itertools.pairwise(sizes))
    hidden = 2 * (sizes[1] + sizes[2]) if v["extra.bn"] else sizes[1] + sizes[2]
    return {"weights": weights, "others": hidden + sizes[3], "total": weights + hidden + sizes[3]}


@oracle("shapes/products")
def _(v: Values) -> dict[str, Any]:
    a, b, c = (int(v[name]) for name in "abc")
    arrays = {"A": np.ones((a, b)), "B": np.ones((b, c)), "v": np.ones(b), "u": np.ones((a, 1))}
    A, B, w, u = arrays.values()
    first = [
        lambda: A @ B, lambda: A.T @ A, lambda: A @ A.T, lambda: B.T @ A.T, lambda: A @ B.T,
        lambda: A * B, lambda: A @ w, lambda: A * w, lambda: A + u, lambda: A @ u,
    ]  # fmt: skip
    second = [
        lambda: A.T + w, lambda: A.T * u.T, lambda: B @ B.T, lambda: B.T @ w, lambda: u * w,
        lambda: u.T @ u, lambda: u @ u.T,
    ]  # fmt: skip
    return {
        "first": shape_of(first[int(v["case.one"]) - 1]),
        "second": shape_of(second[int(v["other.two"]) - 1]),
    }


def shape_of(compute: Callable[[], Any]) -> str:
    try:
        return str(compute().shape)
    except ValueError:
        return "error"


@oracle("broadcasting/reduce")
def _(v: Values) -> dict[str, Any]:
    X = np.ones([int(v[name]) for name in ("B", "h", "w", "c")])
    axis, keep = int(v["over.k"]), bool(v["keep.kept"])
    several = (0, 1, 2) if v["several.s"] == 1 else (1, 2)
    return {
        "single": str(X.sum(axis=axis, keepdims=keep).shape), "several": str(X.mean(several).shape)
    }  # fmt: skip


@oracle("broadcasting/columns-normalised")
def _(v: Values) -> dict[str, Any]:
    M, N = v["M"], v["N"]
    shape = str(N.sum(axis=1).shape)
    return {"centred": M - M.mean(axis=0), "shares": N / N.sum(axis=0), "wrong-axis": shape}


@oracle("broadcasting/pairwise-distances")
def _(v: Values) -> dict[str, Any]:
    A, B = v["A"], v["B"]
    n, k, d = (int(v[name]) for name in ("n", "k", "d"))
    shape = (np.ones((n, d))[:, None, :] - np.ones((k, d))[None, :, :]).shape
    return {"D": np.sum((A[:, None, :] - B[None, :, :]) ** 2, axis=2), "shape": str(shape)}


@oracle("broadcasting/reshape-order")
def _(v: Values) -> dict[str, Any]:
    r, c = int(v["r"]), int(v["c"])
    A = v["first"] + v["step"] * np.arange(r * c).reshape(r, c)
    return {
        "flat": A.T.reshape(-1)[:4], "halves": str(A.reshape(r, 2, -1).shape),
        "entry": A.reshape(c, r)[1, 0],
    }  # fmt: skip


@oracle("broadcasting/bias-bug")
def _(v: Values) -> dict[str, Any]:
    def both(m: int, y: Any, p: Any) -> Any:
        flat = {"y has the shape (m,)": (m,), "y has the shape (1, m)": (1, m)}
        shape = next((s for told, s in flat.items() if v["how.told"].startswith(told)), (m, 1))
        return np.reshape(p, (m, 1)) - np.reshape(y, shape)

    m = int(v["m"])
    return {
        "shape": str(both(m, np.ones(m), np.ones(m)).shape),
        "value": np.mean(both(2, v["y"], v["p"]) ** 2),
    }


# -- optimisers and normalisation, by simulation -------------------------------------------------


@oracle("optimization/one-step")
def _(v: Values) -> dict[str, Any]:
    t, w, alpha = int(v["t"]), v["w"], v["alpha"]
    V = S = R = 0.0
    for g in v["g"][:t]:
        V = v["beta"] * V + (1 - v["beta"]) * g
        S = v["beta"] * S + (1 - v["beta"]) * g * g
        R = v["beta2"] * R + (1 - v["beta2"]) * g * g
    g = v["g"][t - 1]
    mhat, vhat = V / (1 - v["beta"] ** t), R / (1 - v["beta2"] ** t)
    return {
        "gd": w - alpha * g, "momentum": w - alpha * V,
        "rmsprop": w - alpha * g / (S**0.5 + 1e-8), "adam": w - alpha * mhat / (vhat**0.5 + 1e-8),
    }  # fmt: skip


@oracle("optimization/exponential-average")
def _(v: Values) -> dict[str, Any]:
    b = v["beta"]
    V = scipy.signal.lfilter([1 - b], [1, -b], v["x"])
    impulse = np.eye(3)[int(v["which"]) - 1]
    return {
        "v1": V[0], "v3": V[2], "corrected": np.average(v["x"], weights=[b * b, b, 1]),
        "weight": scipy.signal.lfilter([1 - b], [1, -b], impulse)[2],
    }  # fmt: skip


@oracle("optimization/quadratic")
def _(v: Values) -> dict[str, Any]:
    path = [v["w0"]]
    slope = grad(lambda w: v["a"] / 2 * w**2)
    for _step in range(60):
        path.append(path[-1] - v["alpha"] * slope(path[-1]))
    apart = abs(path[-1]) > abs(path[0])
    kind = "diverge" if apart else "zigzag" if path[1] * path[0] < 0 else "straight"
    return {"first": path[1], "third": path[3], "behaviour": kind}


@oracle("optimization/momentum-path")
def _(v: Values) -> dict[str, Any]:
    w, V, scale = v["w0"], 0.0, 1.0 if v["form.c"] else 1 - v["beta"]
    found = []
    for _step in range(2):
        V = v["beta"] * V + scale * v["a"] * w
        w = w - v["alpha"] * V
        found.append((V, w))
    constant = scipy.signal.lfilter([scale], [1, -v["beta"]], np.ones(400))[-1]
    return {"w1": found[0][1], "v2": found[1][0], "w2": found[1][1], "far": constant}


@oracle("optimization/clipping-and-noise")
def _(v: Values) -> dict[str, Any]:
    g = np.array([v["triple.x"], v["triple.y"]])
    far = np.linalg.norm(g) if v["rule.norm"] else np.abs(g)
    clipped = g * np.minimum(1, v["limit"] / far)
    # the mean of B draws from two equally likely values with this variance has a binomial law
    B, spread = int(v["B"]), 2 * v["var"] ** 0.5
    variance = scipy.stats.binom(B, 0.5).var() * (spread / B) ** 2
    updates = [100 * v["times"] / size for size in (1, v["times"])]
    return {
        "variance": variance, "deviation": variance**0.5, "times": v["times"],
        "cost": 1 if v["counted.k"] else updates[1] / updates[0], "clipped": clipped,
    }  # fmt: skip


@oracle("optimization/gradient-check")
def _(v: Values) -> dict[str, Any]:
    f = np.polynomial.Polynomial([0] * int(v["n"]) + [v["a"]])
    x, h = v["x"], v["h"]
    slope = grad(lambda s: v["a"] * s ** v["n"])(x)
    central = (f(x + h) - f(x - h)) / (2 * h)
    claims = {
        "right": slope, "no-factor": v["a"] * x ** (v["n"] - 1), "no-lowering": v["n"] * f(x),
        "sign": -slope,
    }  # fmt: skip
    verdict = min(claims, key=lambda name: abs(claims[name] - v["claimed"]))
    return {
        "one-sided": (f(x + h) - f(x)) / h, "central": central, "error": abs(central - slope),
        "verdict": verdict,
    }  # fmt: skip


@oracle("optimization/schedules")
def _(v: Values) -> dict[str, Any]:
    rate, stretch = v["a0"], 0
    for _epoch in range(int(v["e"])):
        stretch += 1
        if stretch == v["half"]:
            rate, stretch = rate / 2, 0
    turned = np.exp(1j * np.pi * v["part"]).real
    ramp = np.linspace(0, v["a0"], int(v["warm"]) + 1)
    return {
        "inverse": v["a0"] / (1 + v["k"] * v["e"]), "steps": rate,
        "cosine": (v["a0"] + v["a0"] * turned) / 2, "warm-up": ramp[int(v["at"])],
    }  # fmt: skip


@oracle("optimization/batch-sizes")
def _(v: Values) -> dict[str, Any]:
    m, B = int(v["m"]), int(v["B"])
    cut = [range(m)[start : start + B] for start in range(0, m, B)]
    return {"updates": len(cut), "last": len(cut[-1]), "total": len(cut * int(v["epochs"]))}


@oracle("optimization/two-directions")
def _(v: Values) -> dict[str, Any]:
    def loss(w: Any) -> Any:
        return (v["p"] * w[0] ** 2 + v["q"] * w[1] ** 2) / 2

    slope, curvatures = grad(loss), [v["p"], v["q"]]
    start = np.array([v["x"], v["y"]])
    steep = int(np.argmax(curvatures))
    path = [start]
    for _step in range(40):
        path.append(path[-1] - v["alpha"] * slope(path[-1]))
    ends = [abs(w[steep]) for w in (path[0], path[-1])]
    turned = path[1][steep] * path[0][steep] < 0
    kind = "diverge" if ends[1] > ends[0] else "zigzag" if turned else "straight"
    return {
        "first": path[1], "condition": np.linalg.cond(np.diag(curvatures)), "behaviour": kind,
        "limit": 2 / np.linalg.norm(np.diag(curvatures), 2),
    }  # fmt: skip


@oracle("batchnorm/forward")
def _(v: Values) -> dict[str, Any]:
    normal = (v["z"] - np.mean(v["z"])) / np.hypot(np.std(v["z"]), v["eps"] ** 0.5)
    return {
        "mean": np.mean(v["z"]), "variance": np.var(v["z"]), "normalized": normal,
        "output": v["gamma"] * normal + v["beta"],
    }  # fmt: skip


@oracle("batchnorm/axes")
def _(v: Values) -> dict[str, Any]:
    examples = 1 if v["layout.columns"] == "examples" else 0
    return {
        "batch": scipy.stats.zscore(v["Z"], axis=examples),
        "layer": scipy.stats.zscore(v["Z"], axis=1 - examples),
    }


@oracle("batchnorm/backward")
def _(v: Values) -> dict[str, Any]:
    def normal(z: Any) -> Any:
        return (z - anp.mean(z)) / anp.std(z)

    def outputs(z: Any, gamma: Any, beta: Any) -> Any:
        return anp.sum(v["u"] * (gamma * normal(z) + beta))

    dz, dgamma, dbeta = (grad(outputs, which)(v["x"], v["gamma"], 0.0) for which in range(3))
    return {
        "normalized": scipy.stats.zscore(v["x"]), "dgamma": dgamma, "dbeta": dbeta,
        "dnorm": grad(lambda n: anp.sum(v["u"] * v["gamma"] * n))(normal(v["x"])),
        "dz": np.round(dz, 12),
    }  # fmt: skip


@oracle("batchnorm/invariance")
def _(v: Values) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    X, u, w = rng.normal(size=(40, 3)), rng.normal(size=40), np.array([0.7, -0.4, 1.1])

    def outputs(w: Any, b: float = 0.0) -> Any:
        z = anp.dot(X, w) + b
        return (z - anp.mean(z)) / anp.std(z)

    slope = grad(lambda w: anp.sum(u * outputs(w)))
    first = outputs(w)[0]
    shares = [outputs(v["c"] * w)[0], outputs(w, v["b"])[0], outputs(-v["c"] * w)[0]]
    scaled, shifted, turned = (v["y"] * share / first for share in shares)
    gradient = v["g"] * slope(v["c"] * w)[1] / slope(w)[1]
    return {"scaled": scaled, "shifted": shifted, "turned": turned, "gradient": gradient}


@oracle("batchnorm/parameters")
def _(v: Values) -> dict[str, Any]:
    k, c, f, n, u, w, B = (int(v[name]) for name in ("k", "c", "f", "n", "u", "v", "B"))
    maps = np.broadcast_to(0.0, (B, n, n, f))
    statistics = [maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))]
    scale_and_shift = [np.ones(f), np.zeros(f)]
    return {
        "conv": np.zeros((k, k, c, f)).size + sum(one.size for one in scale_and_shift),
        "dense": np.zeros((u, w)).size + np.zeros((2, w)).size,
        "kept": sum(one.size for one in statistics), "over": maps[..., 0].size,
    }  # fmt: skip


@oracle("batchnorm/test-time")
def _(v: Values) -> dict[str, Any]:
    def layer(z: Any, mean: float, deviation: float) -> Any:
        return v["gamma"] * (z - mean) / deviation + v["beta"]

    def test(z: Any) -> Any:
        return layer(z, v["mu"], v["var"] ** 0.5)

    batch = v["batch_mu"] + v["sd"] * np.array([-1.0, 1.0, -1.0, 1.0])
    return {
        "output": test(v["z"]), "slope": grad(test)(v["z"]),
        "running": np.average([v["mu"], batch.mean()], weights=[v["rho"], 1 - v["rho"]]),
        "training": layer(v["z"], batch.mean(), batch.std()),
    }  # fmt: skip


@oracle("batchnorm/inputs")
def _(v: Values) -> dict[str, Any]:
    scaler = StandardScaler().fit(v["x"].reshape(-1, 1))
    train, test = scaler.transform([[v["x"][0]], [v["t"]]]).ravel()
    return {
        "mean": scaler.mean_[0], "deviation": scaler.scale_[0],
        "train-value": train, "test-value": test,
    }  # fmt: skip


@oracle("batchnorm/which-axes")
def _(v: Values) -> dict[str, Any]:
    N, C, H, W, G = (int(v[name]) for name in "NCHWG")
    array = np.zeros((N, G, C // G, H, W))
    axes = {1: (0, 3, 4), 2: (1, 2, 3, 4), 3: (3, 4), 4: (2, 3, 4)}
    means, others = (array.mean(axis=axes[int(v[name])]).size for name in ("what.k", "then.k"))
    return {"means": means, "over": array.size // means, "other": array.size // others}


@oracle("perceptron/update")
def _(v: Values) -> dict[str, Any]:
    w, b, found = v["w"].copy(), v["b"], []
    for x, t in ((v["x"], v["t"]), (v["x2"], v["t2"])):
        score = float(np.dot(w, x) + b)
        if np.sign(score) != t:
            w, b = w + t * x, b + t
        found.append((score, w))
    return {
        "score": found[0][0], "weights": found[0][1], "second-score": found[1][0],
        "final": found[1][1],
    }  # fmt: skip


# -- losses and metrics, by SciPy and scikit-learn -----------------------------------------------


@oracle("losses/binary-cross-entropy")
def _(v: Values) -> dict[str, Any]:
    p, y = v["p"], v["y"]
    each = [metrics.log_loss([t], [[1 - q, q]], labels=[0, 1]) for q, t in zip(p, y, strict=True)]
    z = scipy.special.logit(p)
    slope = grad(lambda s: anp.mean(anp.log(1 + anp.exp(s)) - y * s))(z)
    weights = np.where(y == 1, v["w"], 1)
    return {
        "worst": max(each), "mean": np.mean(each), "weighted": np.dot(weights, each) / 3,
        "gradient": slope,
    }  # fmt: skip


@oracle("losses/huber")
def _(v: Values) -> dict[str, Any]:
    x = np.array([v["c"], v["base"], v["far"], v["b"], v["a"]])
    step = 1e-6
    low, high = (scipy.special.huber(v["delta"], v["e"] + d) for d in (-step, step))
    return {
        "squared": np.mean(x), "absolute": np.median(x),
        "huber": scipy.special.huber(v["delta"], v["e"]), "slope": (high - low) / (2 * step),
    }  # fmt: skip


@oracle("losses/entropy")
def _(v: Values) -> dict[str, Any]:
    h, kl = scipy.stats.entropy(v["p"]), scipy.stats.entropy(v["p"], v["q"])
    k = int(v["k"])
    start = metrics.log_loss([0], [[1 / k] * k], labels=range(k))
    return {"entropy": h, "cross": h + kl, "kl": kl, "start": start, "perplexity": np.exp(start)}


@oracle("losses/hinge")
def _(v: Values) -> dict[str, Any]:
    y, s = v["y"], v["s"]
    hinge = metrics.hinge_loss([y, -y], [s, -s])  # scikit-learn needs both classes
    slope = grad(lambda s: anp.maximum(0.0, 1 - v["y"] * s))(v["s"])
    near, far = (np.linalg.norm(v[name]) ** 2 for name in "PN")
    return {"hinge": hinge, "slope": slope, "triplet": max(0.0, near - far + v["m"])}


@oracle("losses/squared-or-cross-entropy")
def _(v: Values) -> dict[str, Any]:
    z, y = scipy.special.logit(v["p"]), v["y"]
    squared = grad(lambda z: (1 / (1 + anp.exp(-z)) - y) ** 2 / 2)(z)
    entropy = grad(lambda z: anp.log(1 + anp.exp(z)) - y * z)(z)
    return {
        "squared": squared, "entropy": entropy, "ratio": entropy / squared,
        "moved": (z - v["alpha"] * entropy) - z,
    }  # fmt: skip


@oracle("losses/multi-label")
def _(v: Values) -> dict[str, Any]:
    z, y = np.log(v["odds"]), v["y"]
    p = scipy.special.expit(z)
    losses = [metrics.log_loss([t], [[1 - q, q]], labels=[0, 1]) for t, q in zip(y, p, strict=True)]
    slope = grad(lambda z: anp.sum(anp.log(1 + anp.exp(z)) - y * z))(z)
    said = int(np.count_nonzero(p > v["cut"]))
    return {"probabilities": p, "loss": sum(losses), "gradient": slope, "said": said}


@oracle("losses/asymmetric")
def _(v: Values) -> dict[str, Any]:
    low, high = v["costs.low"], v["costs.high"]
    days = np.array([v["base"], v["b"], v["c"], v["d"], v["e"]])

    def loss(guess: Any, truth: Any) -> Any:
        return anp.maximum(low * (truth - guess), high * (guess - truth))

    guesses = np.arange(days.min(), days.max() + 1)
    totals = [np.sum(loss(guess, days)) for guess in guesses]
    many = np.linspace(0, 1, 20001)  # the share of days below is the guess itself
    costs = low * (1 - many) ** 2 / 2 + high * many**2 / 2
    return {
        "value": loss(v["yhat"], v["y"]), "slope": grad(loss)(v["yhat"], v["y"]),
        "constant": guesses[int(np.argmin(totals))], "quantile": many[int(np.argmin(costs))],
    }  # fmt: skip


@oracle("losses/softmax-gradient")
def _(v: Values) -> dict[str, Any]:
    a, b = sympy.symbols("a b", real=True)
    first = [a, 2 * a, a / 2, a**2, a * b][int(v["form"])]
    second = sympy.Integer(1) if v["form"] == 4 else [b, 3 * b, -b][int(v["other"])]
    logits = [first, second, sympy.Integer(int(v["c"]))]
    loss = sympy.log(sum(sympy.exp(z) for z in logits)) - logits[int(v["right"]) - 1]
    answers = {"probability": sympy.exp(-loss), "loss": loss, "da": sympy.diff(loss, a)}
    return {part: str(answer).replace("E", "e") for part, answer in answers.items()}


@oracle("losses/focal")
def _(v: Values) -> dict[str, Any]:
    p, hard = v["p"], v["hard"]

    def kept(q: float) -> float:
        entropy = metrics.log_loss([1], [[1 - q, q]], labels=[0, 1])
        return float(entropy * (1 - q) ** v["gamma"] / entropy)

    labels = np.repeat([1, 0], [int(v["pos"]), int(v["pos"] * v["times"])])
    balanced = compute_class_weight("balanced", classes=np.array([0, 1]), y=labels)
    return {
        "easy": kept(p), "ratio": kept(hard) / kept(p), "loss": kept(hard),
        "weight": balanced[1] / balanced[0],
    }  # fmt: skip


@oracle("gan/best-discriminator")
def _(v: Values) -> dict[str, Any]:
    def best(p: float, q: float) -> float:
        shares = v["share.k"] * p, q

        def loss(d: float) -> float:
            return float(-shares[0] * np.log(d) - shares[1] * np.log1p(-d))

        found = scipy.optimize.minimize_scalar(
            loss, bounds=(1e-6, 1 - 1e-6), method="bounded", options={"xatol": 1e-9}
        )
        return float(found.x)

    return {"value": best(v["a"], v["b"]), "equal": best(0.3, 0.3)}


@oracle("metrics/roc")
def _(v: Values) -> dict[str, Any]:
    y, scores, k = v["y"], v["scores"], int(v["k"])
    called = np.arange(7) < k
    return {
        "tpr": metrics.recall_score(y, called), "precision": metrics.precision_score(y, called),
        "fpr": 1 - metrics.recall_score(1 - y, ~called), "auc": metrics.roc_auc_score(y, scores),
    }  # fmt: skip


@oracle("metrics/thresholds")
def _(v: Values) -> dict[str, Any]:
    total = int(v["P"])
    rates = []
    for found, alarms in zip(
        (v["a"], v["b"], v["c"], v["d"]), (v["u"], v["v"], v["w"], v["x"]), strict=True
    ):
        truth = np.repeat([1, 1, 0], [int(found), total - int(found), int(alarms)])
        said = np.repeat([1, 0, 1], [int(found), total - int(found), int(alarms)])
        rates.append((metrics.precision_score(truth, said), metrics.recall_score(truth, said)))
    held, best = (1, 0) if v["want.k"] else (0, 1)
    fit = [pair for pair in rates if pair[held] >= v["half"] - 1e-9]
    chosen = rates.index(max(fit, key=lambda pair: pair[best]))
    precision, recall = rates[int(v["asked"])]
    names = ("lowest", "low", "high", "highest")
    return {"precision": precision, "recall": recall, "choose": names[chosen]}


@oracle("metrics/satisficing")
def _(v: Values) -> dict[str, Any]:
    models = sorted(zip(-v["acc"], v["ms"], v["mb"], "abcd", strict=True))
    left = [name for _, ms, mb, name in models if ms <= v["limit"] and mb <= v["room"]]
    return {"choice": f"model-{left[0]}", "out": len(models) - len(left)}


@oracle("metrics/multi-class")
def _(v: Values) -> dict[str, Any]:
    cells = [(i, j) for i in range(3) for j in range(3) for _ in range(int(v["M"][i][j]))]
    truth, said = zip(*cells, strict=True)
    if not v["layout.t"]:
        truth, said = said, truth
    k = int(v["k"])
    return {
        "accuracy": metrics.accuracy_score(truth, said),
        "recall": metrics.recall_score(truth, said, average=None)[k],
        "precision": metrics.precision_score(truth, said, average=None)[k],
        "macro": metrics.recall_score(truth, said, average="macro"),
    }


@oracle("metrics/iou")
def _(v: Values) -> dict[str, Any]:
    x, y, w, h, dx, dy = (int(v[name]) for name in ("x", "y", "w", "h", "dx", "dy"))
    first = {(i, j) for i in range(x, x + w) for j in range(y, y + h)}
    second = {(i + dx, j + dy) for i, j in first}
    ratio = len(first & second) / len(first | second)
    kept = 1 if ratio > v["cut"] else 2
    return {"intersection": len(first & second), "iou": ratio, "kept": kept}


@oracle("metrics/f-beta")
def _(v: Values) -> dict[str, Any]:
    counts = [int(v[name]) for name in ("tp", "fp", "fn", "tn")]
    truth = np.repeat([1, 0, 1, 0], counts)
    said = np.repeat([1, 1, 0, 0], counts)
    return {
        "specificity": metrics.recall_score(1 - truth, 1 - said),
        "f-beta": metrics.fbeta_score(truth, said, beta=v["beta"]),
        "baseline": metrics.accuracy_score(truth, np.zeros_like(truth)),
    }


@oracle("bias-variance/decomposition")
def _(v: Values) -> dict[str, Any]:
    p = v["p"]
    # labels with two equally likely values have exactly that variance
    labels = [v["truth"] - v["noise"] ** 0.5, v["truth"] + v["noise"] ** 0.5]
    error = np.mean([(a - b) ** 2 for a in p for b in labels])
    averaged = np.mean([(np.mean(p) - b) ** 2 for b in labels])
    return {
        "bias": np.mean(p) - v["truth"], "variance": np.var(p), "error": error,
        "averaged": averaged,
    }  # fmt: skip


@oracle("bias-variance/error-table")
def _(v: Values) -> dict[str, Any]:
    levels = [v["human"], v["train"], v["bridge"], v["dev"], v["test"]]
    gaps = np.diff(levels)
    problems = ("high-bias", "high-variance", "data-mismatch", "overfit-dev")
    cures = ("bigger", "regularise", "target-data", "new-dev")
    worst = int(np.argmax(gaps))
    return {
        "avoidable": gaps[0], "variance": gaps[1], "mismatch": gaps[2],
        "problem": problems[worst], "first": cures[worst],
    }  # fmt: skip


@oracle("bias-variance/learning-curve")
def _(v: Values) -> dict[str, Any]:
    bias, variance = v["t3"] > v["want"], v["d3"] - v["t3"] > 5
    kinds = {(1, 0): "bias", (0, 1): "variance", (1, 1): "both", (0, 0): "fine"}
    more = "no" if bias else "yes" if variance else "reached"
    following = "bigger" if bias else "data" if variance else "test"
    assert (v["d3"] <= v["want"]) == (more == "reached")
    return {
        "gap": v["d3"] - v["t3"], "diagnosis": kinds[int(bias), int(variance)],
        "more-data": more, "next": following,
    }  # fmt: skip


@oracle("error-analysis/ceiling")
def _(v: Values) -> dict[str, Any]:
    solved = {"one": (v["s1"], v["weeks.one"]), "two": (v["s2"], v["weeks.two"])}
    first = max(solved, key=lambda name: solved[name][0] / solved[name][1])
    errors = 100 * v["dev"]  # of 10,000 examples
    return {"first": first, "best-error": (errors - errors / 100 * solved[first][0]) / 100}


@oracle("error-analysis/table")
def _(v: Values) -> dict[str, Any]:
    rows = np.array([v["m1"], v["m2"], v["m3"]], dtype=bool)
    error = 100 * v["wrong"] / v["dev"]
    unsolved = ~(rows[0] | rows[1])
    most = int(rows.sum(axis=1).argmax())
    return {
        "error": error, "share": 100 * rows[1].mean(), "gain": error - error * (~rows[1]).mean(),
        "both": error * unsolved.mean(), "largest": ("one", "two", "three")[most],
    }  # fmt: skip


@oracle("error-analysis/pipeline")
def _(v: Values) -> dict[str, Any]:
    gains = np.diff([v["base"], v["a"], v["b"], v["c"]])
    open_stages = gains if v["team.k"] else np.array([-1, *gains[1:]])
    return {
        "gain": gains[1], "best": ("one", "two", "three")[int(np.argmax(open_stages))],
        "left": 100 - v["base"] - gains.sum(),
    }  # fmt: skip


@oracle("error-analysis/mislabelled")
def _(v: Values) -> dict[str, Any]:
    wrong = Fraction(v["e"]) / 100 * 10**6
    due = wrong * Fraction(v["share"]) / 100
    return {"due": float(due / 10**4), "other": float((wrong - due) / 10**4)}


@oracle("gan/divergence")
def _(v: Values) -> dict[str, Any]:
    p, q = v["p"], v["q"]
    js = scipy.spatial.distance.jensenshannon(p, q) ** 2
    # of real and generated images in equal shares, how likely each one is to be real
    posterior = np.array([one / (one + two) for one, two in zip(p / 2, q / 2, strict=True)])
    return {
        "best": posterior, "divergence": js, "value": 2 * js - np.log(4), "lowest": 2 * np.log(0.5),
    }  # fmt: skip


@oracle("gan/losses")
def _(v: Values) -> dict[str, Any]:
    def bce(target: int, p: float) -> float:
        return float(metrics.log_loss([target], [[1 - p, p]], labels=[0, 1]))

    slopes = [abs(grad(f)(v["f"])) for f in (lambda d: anp.log(1 - d), lambda d: -anp.log(d))]
    return {
        "discriminator": bce(1, v["r"]) + bce(0, v["f"]), "saturating": -bce(0, v["f"]),
        "non-saturating": bce(1, v["f"]), "slopes": slopes,
    }  # fmt: skip


@oracle("tuning/data-split")
def _(v: Values) -> dict[str, Any]:
    train, rest = train_test_split(range(int(v["N"])), train_size=v["p"] / 100, random_state=0)
    dev, test = train_test_split(rest, train_size=0.5, random_state=0)
    assert len(train) + len(dev) + len(test) == v["N"]
    enough = next(n for n in itertools.count(1) if 100 / n <= v["need.d"])
    return {"smallest": enough, "share": len(dev)}


@oracle("tuning/rare-events")
def _(v: Values) -> dict[str, Any]:
    labels = np.repeat([1, 0], [int(v["pos"]), int(v["neg"])])
    repeated = np.repeat(labels, np.where(labels == 1, int(v["k"]), 1))
    # examples with that output that weigh 10,000 k in training, where a positive weighs k
    positives, negatives = v["p"] * 10_000, (1 - v["p"]) * 10_000 * v["k"]
    return {
        "baseline": metrics.accuracy_score(labels, np.zeros_like(labels)),
        "share": repeated.mean(), "corrected": positives / (positives + negatives),
    }  # fmt: skip


@oracle("tuning/random-search")
def _(v: Values) -> dict[str, Any]:
    single = v["share"] ** (2 if v["matter.both"] else 1)
    chance = 1 - scipy.stats.binom.pmf(0, int(v["side"]) ** 2, single)
    grid = itertools.product(range(int(v["side"])), repeat=2)
    firsts = [first for first, _ in grid]
    return {"grid": len(set(firsts)), "random": len(firsts), "chance": chance}


@pytest.mark.parametrize("id", sorted(ORACLES))
def test_the_key_is_what_an_independent_computation_gives(id: str) -> None:
    problem = BANK.load(id)
    for seed in (*([None] if problem.original else []), *SEEDS):
        variant = make_variant(problem, seed)
        answers = ORACLES[id]({name: plain(value) for name, value in variant.values.items()})
        graded = grade(variant, {part: typed(answer) for part, answer in answers.items()})
        verdicts = {part.id: part for part in graded.parts}
        for part in answers:
            told = (variant.code, part, typed(answers[part]), variant.part(part).reference)
            assert verdicts[part].verdict == "correct", told


# -- well-known networks, through the functions behind the shape table ----------------------------

NETWORKS = {
    # LeCun et al. 1998, with every map of C3 connected to all of S2, as it is taught today
    "LeNet-5": ((32, 32, 1), 61_706, "c5-6 p2 c5-16 p2 d120 d84 d10"),
    # Krizhevsky, Sutskever and Hinton 2012, without the split over two towers
    "AlexNet": (
        (227, 227, 3), 62_378_344,
        "c11-96/4 p3/2 c5-256+2 p3/2 c3-384+1 c3-384+1 c3-256+1 p3/2 d4096 d4096 d1000",
    ),
    # Simonyan and Zisserman 2015, configuration D
    "VGG-16": (
        (224, 224, 3), 138_357_544,
        "c3-64+1 c3-64+1 p2 c3-128+1 c3-128+1 p2 c3-256+1 c3-256+1 c3-256+1 p2 "
        "c3-512+1 c3-512+1 c3-512+1 p2 c3-512+1 c3-512+1 c3-512+1 p2 d4096 d4096 d1000",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_of_well_known_networks(name: str) -> None:
    import re

    from engine.reference.shapes import conv_shape, conv_weights, dense_weights, pool_shape

    shape: tuple[int, ...]
    shape, wanted, layers = NETWORKS[name]
    total = 0
    for layer in layers.split():
        if layer[0] == "d":
            units = int(layer[1:])
            total += dense_weights(shape, units) + units
            shape = (units,)
            continue
        found = re.fullmatch(r"[cp](\d+)(?:-(\d+))?(?:/(\d+))?(?:\+(\d+))?", layer)
        assert found is not None
        k, filters, stride, padding = (int(n) if n else 0 for n in found.groups())
        if layer[0] == "p":
            shape = pool_shape(shape, k, stride or k)
            continue
        total += conv_weights(k, shape[2], filters) + filters
        shape = conv_shape(shape, k, filters, stride or 1, padding)
    assert total == wanted
