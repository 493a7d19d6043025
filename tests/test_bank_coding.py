"""The coding and debugging problems: references against other libraries, slips and bugs."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from bank_drawn import BANK, drawn, figures, question
from scipy import optimize, signal, special
from scipy.spatial import distance
from sklearn import metrics, preprocessing
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

from engine.coding.compare import same_array, same_outcome
from engine.coding.inputs import COUNT, cases
from engine.coding.syntax import read_code
from engine.grading import grade
from engine.variant import Variant
from tutor.sandbox.runner import Sandbox

SEEDS = range(12)
CODING = sorted(id for id in BANK.ids() if id.startswith("coding/"))
DEBUGGING = sorted(id for id in BANK.ids() if id.startswith("debugging/"))
Given = Mapping[str, Any]
Oracle = Callable[[Any, Given], Any]


def test_there_are_enough() -> None:
    assert len(CODING) + len(DEBUGGING) >= 25


# -- oracles: no formula of ours -------------------------------------------------------------------


def _accuracy(v: Any, given: Given) -> Any:
    rows = given["P"] if v.layout.axis == 1 else given["P"].T
    pick = max if v.best.find == "argmax" else min
    predicted = [list(row).index(pick(row)) for row in rows]
    score = metrics.accuracy_score(given["y"], predicted)
    return score if v.metric.name == "accuracy" else metrics.zero_one_loss(given["y"], predicted)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "ReLU": lambda z: anp.maximum(z, 0),
    "leaky ReLU": lambda z: anp.where(z > 0, z, z / 10),
    "leaky ReLU with slope 0.1": lambda z: anp.where(z > 0, z, z / 10),
    "tanh": anp.tanh,
    "sigmoid": lambda z: 0.5 * (1 + anp.tanh(z / 2)),
    "the sigmoid": lambda z: 0.5 * (1 + anp.tanh(z / 2)),
    "softplus": lambda z: anp.logaddexp(0, z),
    "a clipped ReLU": lambda z: anp.clip(z, 0, 1),
}


def _activation_forward(v: Any, given: Given) -> Any:
    return ACTIVATIONS[v.f.name](given["Z"])


def _activation_backward(v: Any, given: Given) -> Any:
    f = ACTIVATIONS[v.f.name]
    return autograd.grad(lambda z: anp.sum(given["G"] * f(z)))(given["Z"])


def _adam(start: Any, given: Given, beta1: float, beta2: float, eps: float) -> Any:
    """scikit-learn's Adam from the middle; its eps stands beside the uncorrected root."""
    alpha, t = 0.1, given["t"]
    step = AdamOptimizer([given["w"]], alpha, beta1, beta2, eps * math.sqrt(1 - beta2**t))
    step.t, step.ms, step.vs = t - 1, [given["m"]], [given["v"]]
    (update,) = step._get_updates([given["g"]])
    return start + update, step.ms[0], step.vs[0]


def _adam_step(v: Any, given: Given) -> Any:
    start = given["w"] * (1 - 0.1 * getattr(v.decay, "lambda"))
    return _adam(start, given, v.beta1, v.beta2, 0.01)


def _normalised(row: Any, eps: float) -> Any:
    centre, spread = statistics.fmean(row), statistics.pvariance(map(float, row))
    return [(x - centre) / math.sqrt(spread + eps) for x in row]


def _batch_norm(v: Any, given: Given) -> Any:
    turn = np.transpose if v.layout.axis == 0 else np.asarray
    Z = np.array([_normalised(unit, v.eps) for unit in turn(given["X"])])
    gamma, beta = turn(given["gamma"]), turn(given["beta"])
    shifted_first = "shifted by beta and then" in v.order.words
    return turn((Z + beta) * gamma if shifted_first else Z * gamma + beta)


SCORES: dict[str, Callable[[Any, Any], float]] = {
    "precision": metrics.precision_score,
    "recall": metrics.recall_score,
    "specificity": lambda y, hat: metrics.recall_score(y, hat, pos_label=0),
    "F1": metrics.f1_score,
    "balanced accuracy": metrics.balanced_accuracy_score,
}


def _confusion(v: Any, given: Given) -> Any:
    y = given["y"] if v.rule.yes == "y" else 1 - given["y"]
    return SCORES[v.metric.name](y, (given["p"] > v.threshold).astype(int))


def _convolution(v: Any, given: Given) -> Any:
    way = signal.convolve2d if "mathematics" in v.rule.words else signal.correlate2d
    s = int(v.s)
    return way(given["X"], given["K"], mode="valid")[::s, ::s] + given["b"]


def _cross_entropy(v: Any, given: Given) -> Any:
    Z = given["Z"] if v.layout.axis == 1 else given["Z"].T
    classes = range(Z.shape[1])
    mean = metrics.log_loss(given["y"], special.softmax(Z, axis=1), labels=list(classes))
    return mean * (1 if v.reduce.mean else len(given["y"]))


def _cross_entropy_gradient(v: Any, given: Given) -> Any:
    axis, y = int(v.layout.axis), given["y"]
    places = (np.arange(len(y)), y) if axis == 1 else (y, np.arange(len(y)))

    def loss(Z: Any) -> Any:
        terms = anp.log(anp.sum(anp.exp(Z), axis=axis)) - Z[places]
        return anp.sum(terms) / (len(y) if v.reduce.mean else 1)

    return autograd.grad(loss)(given["Z"])


def _dropout(v: Any, given: Given) -> Any:
    """Entry by entry, as the sentence of the question says."""
    keeping = v.rule.word == "KEEPING"
    below = "below p" in v.rule.words
    result = np.zeros_like(given["A"])
    for place, u in np.ndenumerate(given["U"]):
        named = u < v.p if below else u >= 1 - v.p
        if named == keeping:
            result[place] = given["A"][place] / (v.p if keeping else 1 - v.p)
    return result


def _exp_sums(v: Any, given: Given) -> Any:
    A, B, C = given["A"], given["B"], given["C"]
    joined = {"*": lambda a, b: a * b, "+": lambda a, b: a + b, "-": lambda a, b: a - b}
    cells = [
        [
            math.exp(joined[v.weighing.sign](math.fsum(map(float, b * a)), C[i, j]))
            for j, a in enumerate(A)
        ]
        for i, b in enumerate(B)
    ]
    return [math.fsum(line) for line in (zip(*cells, strict=True) if v.way.axis == 0 else cells)]


def _gradient_check(v: Any, given: Given) -> Any:
    X, y, h = given["X"], given["y"], given["h"]
    losses: dict[str, Callable[[Any], float]] = {
        "the mean of the fourth powers of the errors": lambda e: statistics.fmean((e - y) ** 4),
        "a weighted sum of tanh values": lambda s: math.fsum(np.tanh(s) * y),
        "the logistic loss": lambda s: -statistics.fmean(special.log_expit(y * s)),
        "the Poisson loss with a quarter of the scores": lambda s: statistics.fmean(
            np.exp(s / 4) - y * s
        ),
        "the mean of the cubed errors": lambda s: statistics.fmean(abs(s - y) ** 3),
    }
    loss = losses[v.loss.words]
    up, down = (
        optimize.approx_fprime(given["w"], lambda w: loss(X @ w), epsilon=step) for step in (h, -h)
    )
    return {"forward": up, "backward": down, "central": (up + down) / 2}[v.way.name]


def _forward(layout: Any, X: Any, W: Any, b: Any) -> Any:
    axes = {"(m, d)(d, k)": "md,dk->mk", "(d, m)(k, d)": "dm,kd->km", "(m, d)(k, d)": "md,kd->mk"}
    return anp.einsum(axes[layout.x + layout.w], X, W) + b


def _linear_backward(v: Any, given: Given) -> Any:
    def cost(X: Any, W: Any, b: Any) -> Any:
        inner = anp.sum(given["G"] * _forward(v.layout, X, W, b))
        return inner + v.decay / 2 * anp.sum(W * W)

    dX, dW, db = autograd.grad(cost, (0, 1, 2))(given["X"], given["W"], given["b"])
    return dW, db, dX


def _linear_forward(v: Any, given: Given) -> Any:
    return ACTIVATIONS[v.f.name](_forward(v.layout, given["X"], given["W"], given["b"]))


def _minibatch(v: Any, given: Given) -> Any:
    rest, batches = list(given["p"]), []
    while rest:
        batches.append(rest[: given["b"]])
        del rest[: given["b"]]
    batch = batches[given["k"] - (1 if "from 1" in v.count.words else 0)]
    X = given["X"] if v.layout.by == "row" else given["X"].T
    rows = np.array([X[i] for i in batch])
    return rows if v.layout.by == "row" else rows.T, np.array([given["y"][i] for i in batch])


def _momentum(v: Any, given: Given) -> Any:
    X, Y, m = given["X"], given["Y"], len(given["X"])
    costs: dict[str, Callable[[Any], Any]] = {
        "the mean of the squared errors, 1/m ": lambda e, W: e / m,
        "half the sum of the squared errors": lambda e, W: e / 2,
        "the squared errors and a penalty": lambda e, W: e / 2 + 0.15 * W,
        "the mean squared error over 2": lambda e, W: e / (2 * m) + 0.2 * W,
    }
    cost = next(found for words, found in costs.items() if v.loss.words.startswith(words))

    def loss(W: Any) -> Any:
        return cost(anp.sum((anp.dot(X, W) - Y) ** 2), anp.sum(W**2))

    gain = 1 - given["beta"] if "1 − β" in v.rule.words else 1
    V = given["beta"] * given["V"] + gain * autograd.grad(loss)(given["W"])
    return given["W"] - given["alpha"] * V, V


def _moving_average(v: Any, given: Given) -> Any:
    values = given["x"] ** 2 if "squares" in v.of.words else given["x"]
    beta = given["beta"]
    averages = signal.lfilter([1 - beta], [1, -beta], values)
    ones = signal.lfilter([1 - beta], [1, -beta], np.ones(len(values)))
    return averages / ones if "corrected" in v.rule.words else averages


def _scaled(v: Any, given: Given) -> Any:
    X = given["X"] if v.by.axis == 0 else given["X"].T
    if v.what.words == "mean 0 and standard deviation 1":
        scaled = preprocessing.StandardScaler().fit_transform(X)
    elif v.what.words == "smallest entry 0 and largest entry 1":
        scaled = preprocessing.MinMaxScaler().fit_transform(X)
    else:
        centre = statistics.median if "median" in v.what.words else statistics.fmean
        spread = statistics.pstdev if "deviation" in v.what.words else lambda c: max(c) - min(c)
        columns = [list(map(float, column)) for column in X.T]
        scaled = np.array([[(x - centre(c)) / spread(c) for x in c] for c in columns]).T
    return scaled if v.by.axis == 0 else scaled.T


def _one_hot(v: Any, given: Given) -> Any:
    binarizer = preprocessing.OneHotEncoder(
        categories=[range(given["K"])], sparse_output=False
    ).fit_transform(given["y"][:, None])
    smoothed = binarizer * (1 - v.kind.s) + v.kind.s / given["K"]
    return smoothed if v.layout.by == "row" else smoothed.T


def _distances(v: Any, given: Given) -> Any:
    names = {"squared": "sqeuclidean", "Euclidean": "euclidean", "city-block": "cityblock",
             "maximum": "chebyshev"}  # fmt: skip
    turn = np.asarray if v.layout.by == "row" else np.transpose
    name = names[v.distance.words.split()[0]]
    return distance.cdist(turn(given["A"]), turn(given["B"]), name)


def _pooled(v: Any, given: Given) -> Any:
    f, X = int(v.f), given["X"].tolist()
    ways = {"max": max, "min": min, "mean": statistics.fmean, "sum": math.fsum}
    return [
        [
            ways[v.what.name]([X[i + a][j + b] for a in range(f) for b in range(f)])
            for j in range(0, len(X[0]), f)
        ]
        for i in range(0, len(X), f)
    ]


STABLE: dict[str, Callable[[Any], Any]] = {
    "the sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "the logarithm of the sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "the logistic loss for the score x and a right class of 0": lambda x: mpmath.log1p(
        mpmath.exp(x)
    ),
    "x σ(x), the SiLU": lambda x: x / (1 + mpmath.exp(-x)),
}


def _stable(v: Any, given: Given) -> Any:
    with mpmath.workdps(60):
        return [[float(STABLE[v.f.name](mpmath.mpf(float(x)))) for x in row] for row in given["X"]]


def _loops(v: Any, given: Given) -> Any:
    """The loops of the question themselves."""
    m, n = given["X"].shape
    space = {"np": np, "m": m, "n": n, **given}
    exec(v.loops, space)
    return space["s"]


CODING_ORACLES: dict[str, Oracle] = {
    "coding/accuracy:score": _accuracy,
    "coding/activation-backward:forward": _activation_forward,
    "coding/activation-backward:backward": _activation_backward,
    "coding/adam-step:step": _adam_step,
    "coding/batch-norm:out": _batch_norm,
    "coding/confusion-counts:score": _confusion,
    "coding/convolution:out": _convolution,
    "coding/cross-entropy:loss": _cross_entropy,
    "coding/cross-entropy:grad": _cross_entropy_gradient,
    "coding/dropout-mask:out": _dropout,
    "coding/exp-column-sums:code": _exp_sums,
    "coding/gradient-check:grad": _gradient_check,
    "coding/linear-backward:gradients": _linear_backward,
    "coding/linear-forward:activations": _linear_forward,
    "coding/minibatch:batch": _minibatch,
    "coding/momentum-step:step": _momentum,
    "coding/moving-average:averages": _moving_average,
    "coding/normalise-columns:scaled": _scaled,
    "coding/one-hot:targets": _one_hot,
    "coding/pairwise-distances:distances": _distances,
    "coding/pooling:pooled": _pooled,
    "coding/stable-functions:out": _stable,
    "coding/vectorise-loop:s": _loops,
}


def _mended_norm(v: Any, given: Given) -> Any:
    Z = np.array([_normalised(unit, v.eps) for unit in given["X"].T]).T
    return Z * given["gamma"] + given["beta"]


def _mended_scores(v: Any, given: Given) -> Any:
    hat = (given["p"] > v.c).astype(int)
    scores = (metrics.precision_score, metrics.recall_score, metrics.f1_score)
    return tuple(score(given["y"], hat) for score in scores)


def _mended_convolution(v: Any, given: Given) -> Any:
    p, s = int(v.p), int(v.s)
    wide = np.zeros([size + 2 * p for size in given["X"].shape])
    wide[p:-p, p:-p] = given["X"]
    return signal.correlate2d(wide, given["K"], mode="valid")[::s, ::s] + given["b"]


def _mended_loss(v: Any, given: Given) -> Any:
    shares = special.softmax(given["Z"], axis=1)
    loss = metrics.log_loss(given["y"], shares, labels=list(range(shares.shape[1])))
    return loss + v.term.c * statistics.fmean(float(row @ row) for row in given["Z"])


def _mended_dropout(v: Any, given: Given) -> Any:
    p = given["p"]
    factor = np.array([[1 / p if u < p else 0.0 for u in row] for row in given["U"]])
    return np.multiply(given["A"], factor), np.multiply(given["G"], factor)


def _mended_step(v: Any, given: Given) -> Any:
    X, y = given["X"], given["y"]

    def cost(w: Any) -> Any:
        z = anp.dot(X, w)
        return anp.mean(anp.logaddexp(0, z) - y * z) + v.lam / 2 * anp.sum(w * w)

    return given["w"] - v.alpha * autograd.grad(cost)(given["w"])


def _mended_epoch(v: Any, given: Given) -> Any:
    w, b = given["w"], int(v.b)
    for start in range(0, len(given["y"]), b):
        rows = [int(i) for i in given["order"][start : start + b]]

        def loss(w: Any, rows: list[int] = rows) -> Any:
            errors = [anp.dot(given["X"][i], w) - given["y"][i] for i in rows]
            return sum(e * e for e in errors) / len(rows)

        w = w - v.alpha * autograd.grad(loss)(w)
    return w


def _mended_softmax(v: Any, given: Given) -> Any:
    return special.softmax(v.t * given["X"], axis=int(v.way.axis))


def _mended_gradients(v: Any, given: Given) -> Any:
    f = ACTIVATIONS[v.f.words]

    def loss(W1: Any, W2: Any) -> Any:
        P = anp.dot(f(anp.dot(given["X"], W1)), W2)
        total = anp.sum((P - given["Y"]) ** 2)
        return total / len(P) if "mean" in v.scale.words else total

    return autograd.grad(loss, (0, 1))(given["W1"], given["W2"])


DEBUGGING_ORACLES: dict[str, Oracle] = {
    "debugging/adam:fix": lambda v, given: _adam(given["w"], given, v.b1, v.b2, 0.01),
    "debugging/batch-norm:fix": _mended_norm,
    "debugging/confusion:fix": _mended_scores,
    "debugging/convolution:fix": _mended_convolution,
    "debugging/cross-entropy:fix": _mended_loss,
    "debugging/dropout:fix": _mended_dropout,
    "debugging/logistic-step:fix": _mended_step,
    "debugging/mini-batches:fix": _mended_epoch,
    "debugging/softmax:fix": _mended_softmax,
    "debugging/two-layer-backward:fix": _mended_gradients,
}
ORACLES = {**CODING_ORACLES, **DEBUGGING_ORACLES}


def test_every_part_has_an_oracle() -> None:
    parts = [f"{id}:{part.id}" for id in (*CODING, *DEBUGGING) for part in drawn(id).parts]
    assert sorted(ORACLES) == sorted(parts)


def known(variant: Variant) -> Any:
    """What was drawn, and the loops that the question shows."""
    found = figures(variant)
    shown = re.findall(r"^ {4}(.*)$", question(variant), re.MULTILINE)
    found.loops = "\n".join(shown)
    return found


def reference(variant: Variant, part: str) -> str:
    """The reference, the function with the mended line for a bug."""
    found = variant.part(part)
    task = found.asked.task
    assert task is not None
    if task.mend is None:
        return task.reference
    number, _, line = str(found.reference).partition(": ")
    return _with_line(list(task.mend.lines), int(number), line)


def _with_line(lines: list[str], number: int, line: str) -> str:
    old = lines[number - 1]
    lines[number - 1] = old[: len(old) - len(old.lstrip())] + line
    return "\n".join(lines)


@pytest.mark.parametrize("name", ORACLES)
def test_references_agree_with_other_libraries(run: Sandbox, name: str) -> None:
    id, _, part = name.partition(":")
    for seed in (None, *SEEDS):
        variant = drawn(id, seed)
        task = variant.part(part).asked.task
        assert task is not None
        program = read_code(reference(variant, part), task.names, task.returns).program
        tested = cases(task)
        outcomes = run.author([program], tested)[0]
        for given, outcome in list(zip(tested.inputs, outcomes, strict=True))[:COUNT]:
            expected = ORACLES[name](known(variant), given)
            wanted = expected if len(task.returns) > 1 else (expected,)
            assert outcome.raised is None and len(outcome.values) == len(wanted)
            for value, other in zip(outcome.values, wanted, strict=True):
                assert same_array(value, np.asarray(other)), (variant.code, value, other)


# -- misconceptions --------------------------------------------------------------------------------


@pytest.mark.parametrize("id", [*CODING, *DEBUGGING])
def test_every_misconception_is_recognised_as_itself(run: Sandbox, id: str) -> None:
    for seed in (None, *SEEDS[:6]):
        variant = drawn(id, seed)
        for part in variant.parts:
            assert part.asked.task is not None
            for slip in part.asked.task.slips:
                verdict = grade(variant, {part.id: slip.code}, run=run)
                found = next(one for one in verdict.parts if one.id == part.id)
                assert found.verdict in ("incorrect", "partial"), (variant.code, slip.id)
                assert found.note.endswith(f":{slip.id}"), (variant.code, slip.id, found.note)
                assert found.diagnosis is not None and found.diagnosis.text in found.feedback[0]


# -- bugs ------------------------------------------------------------------------------------------


def _bugs(id: str) -> list[Variant]:
    """A variant for each bug of the family."""
    found: dict[str, Variant] = {}
    total = len(BANK.load(id).parameters["bug"].entries)  # type: ignore[union-attr]
    for seed in range(400):
        variant = drawn(id, seed)
        found.setdefault(str(variant.parameters["bug"]), variant)
        if len(found) == total:
            return list(found.values())
    raise AssertionError(f"{id}: only {len(found)} of {total} bugs are drawn")


@pytest.mark.parametrize("id", DEBUGGING)
def test_every_bug_shows_and_is_mended(run: Sandbox, id: str) -> None:
    for variant in _bugs(id):
        (part,) = variant.parts
        task = part.asked.task
        assert task is not None and task.mend is not None
        right, wrong = (
            run.author([read_code(source, task.names, task.returns).program], cases(task))[0]
            for source in (reference(variant, part.id), "\n".join(task.mend.lines))
        )
        assert not all(map(same_outcome, right, wrong)), variant.code
        number, wrong_line = task.mend.line, task.mend.lines[task.mend.line - 1].strip()
        for answer, expected in (
            (str(part.reference), "correct"),
            (f"{number}", "partial"),
            (f"{number}: {wrong_line}", "partial"),
            (f"{number % len(task.mend.lines) + 1}", "incorrect"),
            (reference(variant, part.id), "correct"),
            ("\n".join(task.mend.lines), "incorrect"),
        ):
            verdict = grade(variant, {part.id: answer}, run=run)
            assert verdict.verdict == expected, (variant.code, answer)
