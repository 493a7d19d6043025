"""Keys of the bank worked out anew: by autograd, SciPy, scikit-learn, counting and simulation.

A row names a problem and a function that gets the drawn values and gives answers by part. The
function never calls a reference function of ours.
"""

from __future__ import annotations

import itertools
import re
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
        penalty = 0.5 * anp.sum(w**2) if v["cost.told"].startswith("½ Σ_f w_f²") else 0.0
        return v["cost.k"] * anp.sum((anp.dot(w, X) + b - v["y"]) ** 2) + penalty

    at = (v["w"], v["X"], v["b"])
    dw, dX, db = (grad(loss, which)(*at) for which in range(3))
    yhat = v["w"] @ v["X"] + v["b"]
    dyhat = grad(lambda p: v["cost.k"] * anp.sum((p - v["y"]) ** 2))(yhat)
    return {"dyhat": dyhat, "dw": dw, "dX": dX, "db": db}


def activation(told: str) -> Callable[[Any], Any]:
    """The activation that a question names."""
    if "leaky" in told:
        leak = 0.1 if "0.1 z" in told else 0.5
        return lambda z: anp.where(z > 0, z, leak * z)
    named = {
        "ReLU": lambda z: anp.maximum(z, 0.0), "tanh": anp.tanh, "the square": lambda z: z**2,
        "sigmoid": lambda z: 1 / (1 + anp.exp(-z)), "identity": lambda z: z, "linear": lambda z: z,
    }  # fmt: skip
    (found,) = [function for name, function in named.items() if name in told]
    return found


def loss_of(told: str, a: Any, y: Any) -> Any:
    """The loss that a question prints, of the output a and the target y."""
    if "ln" in told:
        return -y * anp.log(a) - (1 - y) * anp.log(1 - a)
    return anp.sum((a - y) ** 2) * (0.5 if "½" in told else 1)


def derivatives(loss: Callable[..., Any], **at: Any) -> dict[str, Any]:
    """The gradients of loss by each argument; a value on the way counts as a shift that is 0."""
    return {
        name: np.round(grad(lambda value, name=name: loss(**{**at, name: value}))(value), 12) + 0.0
        for name, value in at.items()
    }


@oracle("networks/one-neuron")
def _(v: Values) -> dict[str, Any]:
    unit = activation(v["unit.told"])

    def loss(w: Any, b: Any, z: Any, a: Any) -> Any:
        return loss_of(v["unit.loss"], unit(anp.dot(w, v["x"]) + b + z) + a, v["y"])

    at = {"w": v["w"], "b": float(v["b"]), "z": 0.0, "a": 0.0}
    d = derivatives(loss, **at)
    z = v["w"] @ v["x"] + v["b"]
    return {
        "z": z, "activation": unit(z), "loss": loss(**at), "da": d["a"], "dz": d["z"],
        "dw": d["w"], "db": d["b"], "new-w": v["w"] - v["alpha"] * d["w"],
    }  # fmt: skip


@oracle("networks/two-layer-forward")
def _(v: Values) -> dict[str, Any]:
    z1 = [sum(w * x for w, x in zip(row, v["x"], strict=True)) + b
          for row, b in zip(v["W1"], v["b1"], strict=True)]  # fmt: skip
    unit = activation(v["hidden.told"])
    a1 = [float(unit(z)) for z in z1]
    z2 = sum(w * a for w, a in zip(v["w2"], a1, strict=True)) + v["b2"]
    out = activation(v["out.told"])(z2)
    return {
        "z1": z1, "a1": a1, "z2": z2, "output": out, "loss": loss_of(v["out.loss"], out, v["y"])
    }  # fmt: skip


@oracle("networks/two-layer-backward")
def _(v: Values) -> dict[str, Any]:
    # The question gives activations: pre-activations and biases that lead to them are made up
    unit = activation(v["hidden.told"])
    inverse = {"ReLU": lambda a: np.where(a > 0, a, -1.0), "tanh": np.arctanh}
    z1 = inverse.get(v["hidden.told"].split()[0], scipy.special.logit)(v["a"])
    last = activation(v["out.told"])
    z2 = scipy.special.logit(v["yhat"]) if "sigmoid" in v["out.told"] else v["yhat"]
    b1, b2 = z1 - v["W1"] @ v["x"], z2 - v["w2"] @ v["a"]

    def loss(W1: Any, b1: Any, w2: Any, x: Any, z1: Any, a: Any, z2: Any) -> Any:
        hidden = unit(anp.dot(W1, x) + b1 + z1) + a
        return loss_of(v["out.loss"], last(anp.dot(w2, hidden) + b2 + z2), v["y"])

    zero = np.zeros(len(b1))
    d = derivatives(loss, W1=v["W1"], b1=b1, w2=v["w2"], x=v["x"], z1=zero, a=zero, z2=0.0)
    return {
        "dz2": d["z2"], "dw2": d["w2"], "da": d["a"], "dz1": d["z1"], "dW1": d["W1"],
        "db1": d["b1"], "new-w2": v["w2"] - v["alpha"] * d["w2"], "dx": d["x"],
    }  # fmt: skip


@oracle("networks/three-layers")
def _(v: Values) -> dict[str, Any]:
    unit = activation(v["leak.told"])

    def forward(W1: Any, W2: Any, w3: Any, z1: Any, z2: Any) -> list[Any]:
        z1 = anp.dot(W1, v["x"]) + v["b1"] + z1
        z2 = anp.dot(W2, unit(z1)) + v["b2"] + z2
        return [z1, unit(z1), z2, unit(z2), anp.dot(w3, unit(z2))]

    def loss(**at: Any) -> Any:
        return 0.5 * (forward(**at)[-1] - v["y"]) ** 2

    at = {name: v[name] for name in ("W1", "W2", "w3")}
    at |= {"z1": np.zeros(len(v["W1"])), "z2": np.zeros(len(v["W2"]))}
    d = derivatives(loss, **at)
    ahead = dict(zip(("z1", "a1", "z2", "a2", "out"), forward(**at), strict=True))
    back = {f"d{name}": value for name, value in d.items()}
    return ahead | back | {"loss": loss(**at), "new-w3": v["w3"] - v["alpha"] * d["w3"]}


@oracle("networks/mini-batch")
def _(v: Values) -> dict[str, Any]:
    m = int(v["m"])
    factor = {"(1/m)": 1 / m, "1/(2m)": 1 / (2 * m), "½": 1 / 2}[v["cost.told"].split(" Σ")[0]]

    def forward(W1: Any, b1: Any, w2: Any, b2: Any, Z1: Any) -> tuple[Any, Any]:
        A1 = anp.maximum(anp.dot(W1, v["X"]) + b1 + Z1, 0.0)
        return A1, anp.dot(w2, A1) + b2

    def loss(yhat: Any = 0.0, **at: Any) -> Any:
        return factor * anp.sum((forward(**at)[1] + yhat - v["y"]) ** 2)

    at = {name: v[name] for name in ("W1", "b1", "w2")}
    at |= {"b2": float(v["b2"]), "Z1": np.zeros((len(v["W1"]), m))}
    d = derivatives(loss, **at, yhat=np.zeros((1, m)))
    A1, yhat = forward(**at)
    back = {f"d{name}": value for name, value in d.items()}
    return back | {"A1": A1, "yhat": yhat, "loss": loss(**at)}


@oracle("networks/find-the-mistake")
def _(v: Values) -> dict[str, Any]:
    def out(w2: Any, z: Any) -> Any:
        return anp.dot(w2, anp.maximum(anp.dot(v["W1"], v["x"]) + z, 0.0))

    def loss(**at: Any) -> Any:
        return 0.5 * (out(**at) - v["y"]) ** 2

    d = derivatives(loss, w2=v["w2"], z=np.zeros(len(v["w2"])))
    # every line anew from the lines above it as they stand in the question
    z, a, w2 = v["W1"] @ v["x"], v["s_a"], v["w2"]
    err = v["s_out"] - v["y"]
    lines = {
        "l1": (z, z), "l2": (a, np.clip(z, 0, None)), "l3": (v["s_out"], w2 @ a),
        "l4": (v["s_dout"], err), "l5": (v["s_dw2"], v["s_dout"] * a),
        "l6": (v["s_da"], v["s_dout"] * w2), "l7": (v["s_dz"], np.where(z > 0, v["s_da"], 0)),
        "l8": (v["s_dW1"], np.multiply.outer(v["s_dz"], v["x"])),
        "l9": (v["s_w2"], w2 - v["alpha"] * v["s_dw2"]),
    }  # fmt: skip
    (wrong,) = [line for line, (said, right) in lines.items() if not np.allclose(said, right)]
    return {"line": wrong, "dw2": d["w2"], "dz": d["z"]}


@oracle("networks/softmax-layer")
def _(v: Values) -> dict[str, Any]:
    W, y = v["W"], v["y"]
    b = np.log(v["p"]) - W @ v["h"]  # the bias that leads to the logits in the question

    def loss(W: Any, h: Any, z: Any) -> Any:
        z = anp.dot(W, h) + b + z
        return anp.log(anp.sum(anp.exp(z))) - anp.dot(y, z)  # y adds up to 1

    at = {"W": W, "h": v["h"], "z": np.zeros(3)}
    d = derivatives(loss, **at)
    return {
        "probabilities": scipy.special.softmax(np.log(v["p"])), "loss": loss(**at), "dz": d["z"],
        "dW": d["W"], "dh": d["h"], "new-row": (W - v["alpha"] * d["W"])[0],
    }  # fmt: skip


@oracle("networks/three-layer-chain")
def _(v: Values) -> dict[str, Any]:
    g1, g2 = activation(v["layers.one"]), activation(v["layers.two"])

    def forward(w1: Any, w2: Any, w3: Any, z1: Any, z2: Any) -> tuple[Any, Any, Any]:
        h1 = g1(w1 * v["x"] + v["b1"] + z1)
        h2 = g2(w2 * h1 + v["b2"] + z2)
        return h1, h2, w3 * h2

    def loss(**at: Any) -> Any:
        return loss_of(v["cost.told"], forward(**at)[-1], v["y"])

    at = dict(zip(("w1", "w2", "w3"), v["w"], strict=True)) | {"z1": 0.0, "z2": 0.0}
    back = {f"d{name}": value for name, value in derivatives(loss, **at).items()}
    return dict(zip(("h1", "h2", "out"), forward(**at), strict=True)) | back


@oracle("networks/computation-graph")
def _(v: Values) -> dict[str, Any]:
    # the steps as the question words them
    told = v["graph.told"].translate(str.maketrans({"·": "*", "−": "-", "²": "**2"}))
    steps = re.split(r"(?:, | and )?\b([uvf]) = ", told)[1:]

    def through(**at: Any) -> dict[str, Any]:
        values = {"max": anp.maximum} | {name: at[name] for name in "abc"}
        for name, step in zip(steps[::2], steps[1::2], strict=True):
            values[name] = eval(step, {}, values) + at[name]
        return values

    at = {name: float(v.get(name, 0)) for name in "abc"} | {"u": 0.0, "v": 0.0, "f": 0.0}
    d = derivatives(lambda **at: through(**at)["f"], **at)
    values = through(**at)
    return {name: values[name] for name in "uvf"} | {f"df-d{name}": d[name] for name in "uvabc"}


@oracle("networks/skip-connection")
def _(v: Values) -> dict[str, Any]:
    def through(skip: float) -> float:
        x = np.float64(1.0)
        for _block in range(int(v["c"])):
            x = skip * x + v["s"] * x  # the slope of G is s everywhere: take G(x) = s x
        return float(x)

    return {"stacked": through(1), "plain": through(0)}


@oracle("logistic-regression/forward")
def _(v: Values) -> dict[str, Any]:
    z = v["w1"] * v["x1"] + v["w2"] * v["x2"] + v["b"]
    p = scipy.special.expit(z)
    loss = metrics.log_loss([v["y"]], [[1 - p, p]], labels=[0, 1])
    told = v["rule.told"]
    if "costs" in told:  # the mean costs of saying 1 and of saying 0
        false_positive, false_negative = (int(n) for n in re.findall(r"costs (\d)", told))
        one = (1 - p) * false_positive <= p * false_negative
    else:
        one = p >= float(re.findall(r"0\.\d", told)[0])
    return {"z": z, "yhat": p, "class": f"class-{int(one)}", "loss": loss}


@oracle("logistic-regression/boundary")
def _(v: Values) -> dict[str, Any]:
    w = np.array([v["w1"], v["w2"]])
    axis = 1 if v["axis.name"] == "x_2" else 0
    on_line = [np.linalg.solve([w, row], [-v["b"], 0.0]) for row in ([1, 0], [0, 1])]
    (x0, y0), (x1, y1) = on_line
    p = float(v["p"])
    feature = np.array([1, 0] if v["step.told"].startswith("x_1") else [0, 1])
    sign = 1 if "grows" in v["step.told"] else -1
    moved = sign * int(v["step.told"][-1]) * feature
    odds = [q / (1 - q) for q in scipy.special.expit([0.0, w @ moved])]
    return {
        "crossing": on_line[1 - axis][axis], "slope": (y1 - y0) / (x1 - x0),
        "score": scipy.special.logit(p), "odds": odds[1] / odds[0],
    }  # fmt: skip


@oracle("logistic-regression/likelihood")
def _(v: Values) -> dict[str, Any]:
    chance = np.prod(scipy.stats.bernoulli.pmf(v["y"].astype(int), v["p"]))
    loss = metrics.log_loss(v["y"], v["p"])
    other = np.log(chance * v["ratio"]) / -3
    return {"likelihood": chance, "mean-loss": loss, "change": other - loss}


@oracle("logistic-regression/update")
def _(v: Values) -> dict[str, Any]:
    y, x, told = v["y"], np.array([v["x1"], v["x2"]]), v["cost.told"]
    b = scipy.special.logit(v["p"]) - v["w"] @ x  # what leads to the probability in the question

    def loss(w: Any, z: Any) -> Any:
        p = 1 / (1 + anp.exp(-(anp.dot(w, x) + b + z)))
        if "½" in told:
            return 0.5 * (p - y) ** 2
        ones = 2 * y if "2y" in told else y
        return -ones * anp.log(p) - (1 - y) * anp.log(1 - p) + ("‖w‖" in told) * 0.1 * anp.dot(w, w)

    d = derivatives(loss, w=v["w"], z=0.0)
    return {
        "dz": d["z"], "dw": d["w"], "new-w": v["w"] - v["alpha"] * d["w"],
        "new-b": v["b"] - v["alpha"] * d["z"],
    }  # fmt: skip


@oracle("rnn/unrolled")
def _(v: Values) -> dict[str, Any]:
    def states(x: Any, w: Any = v["w"]) -> list[Any]:
        h, found = 0.0, []
        for t in range(3):
            h = v["u"] * x[t] + w * h
            h = anp.maximum(h, 0) if v["act.relu"] else h
            found.append(h)
        return found

    h = states(v["x"])
    by_x = grad(lambda x: states(x)[2])(v["x"])[0]
    by_w = grad(lambda w: states(v["x"], w)[2])(float(v["w"]))
    return {"h1": h[0], "h2": h[1], "y3": v["v"] * h[2], "dh3-dx1": by_x, "dh3-dw": by_w}


@oracle("rnn/parameters")
def _(v: Values) -> dict[str, Any]:
    d, h, told = int(v["d"]), int(v["h"]), v["kind.name"]
    # input, forget and output gate and candidate; reset and update gate and candidate; one state
    sets = 4 if "LSTM" in told else 3 if "GRU" in told else 1
    ways = ["front", "back"] if "bidirectional" in told else ["front"]
    arrays = [shape for _way in ways for _set in range(sets) for shape in ((h, d), (h, h), (h,))]
    states = np.concatenate([np.zeros((int(v["B"]), int(v["T"]), h)) for _way in ways], axis=2)
    return {"weights": entries(*arrays), "states": str(states.shape)}


@oracle("rnn/gradient-through-time")
def _(v: Values) -> dict[str, Any]:
    told = re.search(r"slope is ([\d.]+)", v["g.name"])
    slope = float(told[1]) if told else 1.0

    def last(h: Any) -> Any:
        for _step in range(int(v["steps"])):
            h = slope * (v["w"] * h)
        return h

    factor = grad(last)(1.0)
    many = factor**50
    trend = "explodes" if many > 10 else "vanishes" if many < 0.1 else "stays"
    length = np.linalg.norm(v["norm"])
    return {
        "factor": factor, "trend": trend, "clipped": v["norm"] / length * min(length, v["clip"])
    }  # fmt: skip


@oracle("cnn/convolution-backward")
def _(v: Values) -> dict[str, Any]:
    # the places of the rule in the question, as in k_0 x_(2i) + k_1 x_(2i+1)
    first, second = (
        eval(f"lambda i: {place.replace('2i', '2*i')}")
        for place in re.findall(r"x_\(?([^ )]+)\)?", v["how.rule"])
    )

    def outputs(x: Any, k: Any, b: Any) -> list[Any]:
        return [k[0] * x[first(i)] + k[1] * x[second(i)] + b for i in range(3)]

    def loss(x: Any, k: Any, b: Any) -> Any:
        return sum(u * out for u, out in zip(v["u"], outputs(x, k, b), strict=True))

    d = derivatives(loss, x=v["x"], k=v["k"], b=0.0)
    return {
        "output": outputs(v["x"], v["k"], 0.0), "dx": d["x"], "dk": d["k"], "db": d["b"]
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
    below = {"ReLU": 0.0, "leaky ReLU (z/10 below 0)": z / 10}.get(v["act.told"], z)
    return {"z": z, "activation": z if z > 0 else below, "channels": v["filters"]}


@oracle("cnn/average-pooling")
def _(v: Values) -> dict[str, Any]:
    h, w, stride = (int(v[f"pool.{name}"]) for name in "hws")

    def pooled(a: Any) -> Any:
        return anp.array([
            [anp.mean(a[i : i + 2, j : j + 2]) for j in range(0, w - 1, stride)]
            for i in range(0, h - 1, stride)
        ])  # fmt: skip

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


@oracle("cnn/edge-filters")
def _(v: Values) -> dict[str, Any]:
    def response(image: Any) -> float:
        return float(scipy.signal.correlate2d(image, v["K"], "valid").item())

    edge = np.full((3, 3), v["dark"])
    edge[:, 0] = v["bright"]
    spot = np.zeros((3, 3))
    spot[1, 1] = 1.0
    across, down = np.tile([1.0, 0, -1], (3, 1)), np.tile([[1.0], [0], [-1]], 3)
    pictures = {
        "vertical-edges": across, "horizontal-edges": down, "spots": spot - 1 / 9,
        "brightness": np.ones((3, 3)),
    }  # fmt: skip
    best = max(pictures, key=lambda name: response(pictures[name]) / np.linalg.norm(pictures[name]))
    return {
        "flat": response(np.full((3, 3), v["gray"])), "vertical": response(edge), "detects": best
    }  # fmt: skip


@oracle("cnn/memory")
def _(v: Values) -> dict[str, Any]:
    number = np.float32 if v["bytes.told"].startswith("32") else np.float16

    def sizes(n: int, c: int, f: int, k: int, B: int) -> tuple[int, int]:
        outputs = np.lib.stride_tricks.as_strided(number(0), (B, n, n, f), (0, 0, 0, 0))
        arrays = [np.empty((k, k, c, f), number), np.empty(f, number)]
        return outputs.nbytes, sum(array.nbytes for array in arrays)

    at = {name: int(v[name]) for name in ("n", "c", "f", "k", "B")}
    doubled = {"batch is": "B", "wide and high": "k", "twice as many filters": "f", "channels": "c"}
    told = v["change.told"]
    (name,) = (
        ["n"] if "images are" in told else [n for t, n in doubled.items() if t in told] or ["-"]
    )
    before, after = sizes(**at), sizes(**{n: 2 * x if n == name else x for n, x in at.items()})
    grown = (after[0] > before[0], after[1] > before[1])
    which = {
        (True, False): "only-activations", (False, True): "only-parameters", (True, True): "both",
        (False, False): "neither",
    }  # fmt: skip
    return {"activations": before[0], "parameters": before[1], "doubled": which[grown]}


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
    m = len(range(0, n - k + 1, int(v["move.told"].removeprefix("stride "))))
    return {
        "shared": entries((k, k, c, f)), "local": entries((m, m, k, k, c, f)),
        "full": n * n * c * (m * m * f),
    }  # fmt: skip


@oracle("shapes/parameter-count")
def _(v: Values) -> dict[str, Any]:
    sizes, told = [int(v[f"n{layer}"]) for layer in range(4)], v["extra.told"]
    if "third one" in told:
        sizes.insert(3, sizes[2])
    weights = entries(*itertools.pairwise(sizes))
    if "sees the inputs" in told:
        weights += entries((sizes[0], sizes[-1]))
    hidden = [(units,) for units in sizes[1:-1]]
    if "normalised" in told:
        hidden = [*hidden, *hidden]
    if "No hidden unit" in told:
        hidden = []
    others = entries(*hidden, (sizes[-1],))
    return {"weights": weights, "others": others, "total": weights + others}


@oracle("shapes/image-to-dense")
def _(v: Values) -> dict[str, Any]:
    n, c, u, k, f = (int(v[name]) for name in ("n", "depth.c", "u", "k", "f"))
    image = np.pad(np.ones((n, n)), 1 if "zero all round" in v["move.told"] else 0)
    stride = int(re.findall(r"stride (\d)", v["move.told"])[0])
    places = scipy.signal.correlate2d(image, np.ones((k, k)), "valid")[::stride, ::stride]
    return {
        "flat": str(np.ones((n, n, c)).reshape(-1).shape), "dense": entries((n, n, c, u), (u,)),
        "conv": entries((k, k, c, f), (f,)), "output": str((*places.shape, f)),
    }  # fmt: skip


@oracle("shapes/batches")
def _(v: Values) -> dict[str, Any]:
    every = [
        len(part)
        for part in np.split(np.arange(v["N"]), range(int(v["B"]), int(v["N"]), int(v["B"])))
    ]
    used = every if "used as well" in v["rest.told"] else every[:-1]
    batch = np.ones((int(v["B"]), int(v["F"])))
    return {
        "steps": len(used), "all": len(used) * int(v["epochs"]), "last": every[-1],
        "shape": str(batch.T.shape if v["lay.told"] == "columns" else batch.shape),
    }  # fmt: skip


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


def run(told: str, **arrays: Any) -> Any:
    """What NumPy makes of the code that a question shows."""
    return eval(told, {"np": np} | arrays)


@oracle("broadcasting/reduce")
def _(v: Values) -> dict[str, Any]:
    B, h, w, c = (int(v[name]) for name in ("B", "h", "w", "c"))
    X = np.random.default_rng(0).normal(size=(B, h, w, c))
    several = run(f"X.mean({v['several.told']})", X=X)
    kept = {
        "per-channel": X[0, 0, 0], "per-image": X[:, 0, 0], "per-position": X[0, :, :, 0],
        "one-each": X[:, 0, 0, 0],
    }  # fmt: skip
    (meaning,) = [name for name, part in kept.items() if part.shape == several.shape]
    single = run(f"X.sum({v['over.told']}{v['keep.told']}", X=X)
    return {"single": str(single.shape), "several": str(several.shape), "meaning": meaning}


@oracle("broadcasting/columns-normalised")
def _(v: Values) -> dict[str, Any]:
    M, N = v["M"], v["N"]
    return {
        "centred": M - run(f"M.mean({v['by.told']})", M=M),
        "shares": N / run(f"N.sum({v['share.told']})", N=N),
        "wrong-axis": str(run(v["sum.told"], N=N).shape),
    }


@oracle("broadcasting/pairwise-distances")
def _(v: Values) -> dict[str, Any]:
    n, k, d = (int(v[name]) for name in ("n", "k", "d"))
    inner = f"{v['way.a']} {v['op.mid']} {v['way.b']}"
    D = run(f"{v['op.head']}{inner}{v['op.tail']}", A=v["A"], B=v["B"])
    return {"D": D, "shape": str(run(inner, A=np.ones((n, d)), B=np.ones((k, d))).shape)}


@oracle("broadcasting/reshape-order")
def _(v: Values) -> dict[str, Any]:
    r, c = int(v["r"]), int(v["c"])
    A = v["first"] + v["step"] * np.arange(r * c).reshape(r, c)
    return {
        "flat": run(v["read.told"], A=A)[:4], "halves": str(A.reshape(r, 2, -1).shape),
        "entry": run(f"A.reshape({c}, {r}){v['at.told']}", A=A),
    }  # fmt: skip


@oracle("broadcasting/bias-bug")
def _(v: Values) -> dict[str, Any]:
    shapes = re.findall(r"\(.*?\)", v["how.told"])  # of y and of p, or one for both

    def both(m: int, y: Any, p: Any) -> Any:
        shape = {name: eval(text, {"m": m}) for name, text in zip("yp", 2 * shapes, strict=False)}
        return np.reshape(p, shape["p"]) - np.reshape(y, shape["y"])

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
        "final": found[1][1], "bias": b,
    }  # fmt: skip


GATES = {
    "AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "XOR": (0, 1, 1, 0), "XNOR": (1, 0, 0, 1),
    "NAND": (1, 1, 1, 0), "NOR": (1, 0, 0, 0),
}  # fmt: skip


@oracle("perceptron/separable")
def _(v: Values) -> dict[str, Any]:
    corners = list(itertools.product((0, 1), repeat=2))

    def outputs(a: float, b: float, theta: float) -> tuple[int, ...]:
        return tuple(int(a * x + b * y > theta) for x, y in corners)

    small = np.arange(-2, 2.5, 0.5)
    possible = {outputs(*unit) for unit in itertools.product(small, repeat=3)}
    here = outputs(v["w"], v["w"], v["theta"])
    (computed,) = [name.lower() for name, gate in GATES.items() if gate == here]
    return {
        "possible": "yes" if GATES[v["gate.name"]] in possible else "no", "computed": computed,
        "output": here[corners.index(tuple(int(n) for n in v["point"]))],
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


@oracle("logistic-regression/adversarial")
def _(v: Values) -> dict[str, Any]:
    z = v["margin"] if v["y"] == 1 else -v["margin"]
    b = z - v["w"] @ v["x"]

    def loss(x: Any) -> Any:
        p = 1 / (1 + anp.exp(-(anp.dot(v["w"], x) + b)))
        return -anp.log(p if v["y"] == 1 else 1 - p)

    signs = np.sign(grad(loss)(v["x"]))
    worse = v["x"] + v["eps"] * signs
    assert loss(worse) > loss(v["x"])
    score = v["w"] @ worse + b
    smallest = scipy.optimize.brentq(lambda eps: v["w"] @ (v["x"] + eps * signs) + b, 0, 10)
    return {
        "score": z, "signs": signs, "attacked": worse, "new-score": score,
        "class": f"class-{int(score > 0)}", "smallest": smallest,
    }  # fmt: skip


@oracle("perceptron/two-layers")
def _(v: Values) -> dict[str, Any]:
    def on(x: Any) -> Any:
        return [int(v["size"] * sum(x) > v[threshold]) for threshold in ("t1", "t2")]

    inputs = list(itertools.product((0, 1), repeat=2))
    outputs = [int(np.dot(on(x), [v["v1"], v["v2"]]) > v["theta"]) for x in inputs]
    tables = {
        "0001": "and", "1110": "nand", "0111": "or", "1000": "nor", "0110": "xor", "1001": "xnor",
    }  # fmt: skip
    lines = itertools.product((-2, -1, 1, 2), (-2, -1, 1, 2), np.arange(-3.5, 4))
    one = any([int(a * x + b * y > c) for x, y in inputs] == outputs for a, b, c in lines)
    return {
        "hidden": on(v["point"]), "outputs": outputs,
        "function": tables["".join(map(str, outputs))], "single": "yes" if one else "no",
    }  # fmt: skip


@oracle("rnn/attention")
def _(v: Values) -> dict[str, Any]:
    scores = [sum(k * q for k, q in zip(row, v["q"], strict=True)) / len(row) ** 0.5
              for row in v["K"]]  # fmt: skip
    weights = scipy.special.softmax(scores)
    seen = scipy.special.softmax([*scores[:2], -np.inf])
    x = np.zeros((int(v["T"]), int(v["width"])))
    heads = x.reshape(len(x), int(v["heads"]), -1).swapaxes(0, 1)
    return {
        "scores": scores, "weights": weights, "masked": seen[0],
        "output": sum(weight * row for weight, row in zip(weights, v["V"], strict=True)),
        "pattern": str((heads @ heads.swapaxes(1, 2)).shape),
        "parameters": sum(matrix.size for matrix in [np.eye(int(v["width"]))] * 4),
    }  # fmt: skip


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
