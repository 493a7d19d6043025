"""The course's exercises: ids, kinds, right answers to the originals, known wrong answers."""

from __future__ import annotations

import pytest

from engine.grading import grade
from engine.variant import make_variant
from tutor.bank.bank import Bank, bank_folders

BANK = Bank(bank_folders())

# id: parts with their kinds, and right answers to the original (those of code parts stand in
# test_bank_coding.py, those of the first sixteen problems in the tests of their topics)
ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "gradients/dot-product": ("dx:matrix dy:matrix", {"dx": "y", "dy": "x"}),
    "gradients/linear-regression-forward": (
        "yhat:matrix shape:shape", {"yhat": "wX + b", "shape": "(1, m)"}
    ),
    "gradients/linear-regression-backward": (
        "dyhat:matrix dw:matrix dX:matrix db:matrix",
        {
            "dyhat": "(2/m)(yhat - y)", "dw": "(2/m)(yhat - y) X^T",
            "dX": "w^T (2/m)(yhat - y)", "db": "sum_i (2/m)(yhat_i - y_i)",
        },
    ),
    "gradients/linear-regression-numbers": (
        "dyhat:array dw:array dX:array db:number",
        {
            "dyhat": "[[1, 1, 3]]", "dw": "[[12, -2]]",
            "dX": "[[2, 2, 6], [-1, -1, -3]]", "db": "5",
        },
    ),
    "gradients/partials": ("fx:symbolic fy:symbolic fz:symbolic", {"fx": "2xy + yz + e^x y^3 z^2"}),
    "gradients/l1-cost": ("dw:symbolic", {"dw": "dJ/dw_i + lam sign(w_i)"}),
    "initialization/variance": (
        "xavier-var:number xavier-std:number he-var:number he-std:number",
        {"xavier-var": "0.01", "xavier-std": "0.1", "he-var": "0.02", "he-std": "0.1414"},
    ),
    "initialization/which-scheme": ("tanh:choice relu:choice", {}),
    "initialization/variance-derivation": (
        "product:symbolic layer:symbolic weight:symbolic",
        {
            "product": "E[w]^2 Var(a) + E[a]^2 Var(w) + Var(w)Var(a)",
            "layer": "n Var(w) Var(a)", "weight": "1/n",
        },
    ),
    "bias-variance/diagnose": ("verdict:choice evidence:choice", {}),
    "bias-variance/cures": ("overfit:choices underfit:choices", {}),
    "regularization/updates": (
        "l1:symbolic l2:symbolic",
        {
            "l1": "w - alpha lam sign(w) - alpha dJ/dw",
            "l2": "(1 - 2 alpha lam) w - alpha dJ/dw",
        },
    ),
    "regularization/update-step": ("l1:number l2:number", {"l1": "1.93", "l2": "1.87"}),
    "regularization/sparsity": ("sparse:choice large:choice", {}),
    "dropout/rules": ("train:choice test:choice all-dropped:symbolic", {"all-dropped": "p^n"}),
    "metrics/confusion": (
        "accuracy:number precision:number recall:number f1:number", {"f1": "0.432"}
    ),
    "tuning/limited-labels": ("technique:choice why:choices", {"technique": "i"}),
    "tuning/fine-tuning": ("freeze:choice train:choice", {"freeze": "all-but-last"}),
    "metrics/costly-errors": (
        "metric:choice threshold:number", {"metric": "precision", "threshold": "1000/1001"}
    ),
    "optimization/match-rules": ("gd:choice momentum:choice rmsprop:choice adam:choice", {}),
    "optimization/one-step": (
        "gd:number momentum:number rmsprop:number adam:number",
        {"gd": "0.8", "momentum": "0.98", "rmsprop": "0.6838", "adam": "0.9"},
    ),
    "cnn/formulas": (
        "plain:symbolic padded:symbolic strided:symbolic general:symbolic same-padding:symbolic "
        "params:symbolic",
        {
            "plain": "n-f+1", "padded": "n+2p-f+1", "strided": "floor((n-f)/s)+1",
            "general": "⌊(n+2p−f)/s⌋ + 1", "same-padding": "(f-1)/2", "params": "(f*f*n_c + 1) n_f",
        },
    ),
    "cnn/conv-params": ("one-channel:integer rgb:integer", {"one-channel": "260", "rgb": "760"}),
    "cnn/one-by-one": (
        "layer:choice weights:integer biases:integer",
        {"layer": "dense", "weights": "640", "biases": "10"},
    ),
    "cnn/conv-output": ("side:integer", {"side": "6"}),
    "cnn/output-size": ("valid:integer same:integer strided:integer", {"valid": "4", "same": "6"}),
    "coding/exp-column-sums": ("code:code", {}),
    "broadcasting/means": ("rows:code cols:code", {}),
    "broadcasting/means-by-hand": (
        "rows:array cols:array", {"rows": "[17, 17/3]", "cols": "9, 10, 15"}
    ),
    "broadcasting/softmax-columns": ("code:code", {}),
    "broadcasting/softmax-by-hand": ("softmax:array", {}),
    "broadcasting/nearest-column": ("dists:code nearest:code", {}),
    "broadcasting/result-shape": ("shape:shape", {}),
    "regularization/separable-data": ("happens:choice fix:choice", {}),
    "gradients/logistic-l2": (
        "loss:matrix dw:matrix",
        {
            "loss": "-y log(yhat) - (1-y) log(1-yhat) + lam/2 sum_i w_i^2",
            "dw": "(yhat - y) x + lam w",
        },
    ),
    "gradients/logistic-l1": (
        "loss:matrix dw:matrix",
        {
            "loss": "-y log(yhat) - (1-y) log(1-yhat) + lam sum(|w|)",
            "dw": "(yhat - y)x + lam sign(w)",
        },
    ),
    "gradients/tanh-layer": (
        "dx:matrix", {"dx": "[ (3/2)(ypred - y)^(1/2) W^T ] * (1 - tanh^2 x)"}
    ),
    "cnn/maxpool-forward": ("output:array", {"output": "[[10,5],[6,9]]"}),
    "cnn/maxpool-backward": ("mask:array dinput:array", {}),
    "gradients/relu": ("negative:number positive:number", {"negative": "0", "positive": "1"}),
    "error-analysis/ceiling": ("first:choice best-error:number", {"best-error": "5"}),
    "error-analysis/data-acquisition": ("source:choice mistake:choice", {}),
    "dropout/inverted": (
        "expectation:symbolic scale:symbolic kept:number",
        {"expectation": "p a", "scale": "1/p", "kept": "12.5"},
    ),
    "batchnorm/forward": (
        "mean:number variance:number normalized:array output:array",
        {
            "mean": "2.5", "variance": "1.25", "normalized": "[-1.3416, -0.4472, 0.4472, 1.3416]",
            "output": "[-1.683, 0.106, 1.894, 3.683]",
        },
    ),
}  # fmt: skip

# problem, part, a known wrong answer to the original, a word that its feedback must hold
SLIPS = [
    ("gradients/dot-product", "dx", "y^T", "row"),
    ("gradients/dot-product", "dx", "x", "other variable"),
    ("gradients/dot-product", "dx", "x^T y", "z itself"),
    ("gradients/linear-regression-forward", "yhat", "X w", "inner axes"),
    ("gradients/linear-regression-forward", "shape", "(F, m)", "shape of X"),
    ("gradients/linear-regression-backward", "dw", "(2/m)(y - yhat)X^T", "sign"),
    ("gradients/linear-regression-backward", "dw", "(2/m) X (yhat - y)", "can't be multiplied"),
    ("gradients/linear-regression-backward", "dw", "(2/m) X (yhat - y)^T", "column"),
    ("gradients/linear-regression-backward", "dw", "2(yhat - y)X^T", "1/m"),
    ("gradients/linear-regression-backward", "dw", "(1/m)(yhat - y)X^T", "2 from the square"),
    ("gradients/linear-regression-backward", "db", "(2/m)(yhat - y)", "added up"),
    ("gradients/partials", "fx", "2xy + yz", "exponential"),
    ("gradients/partials", "fx", "2xy + yz + x e^(x-1) y^3 z^2", "power rule"),
    ("gradients/partials", "fz", "xy + 2e^x y^3 z", "z"),
    ("gradients/partials", "fy", "x^2 + xz + e^x y^2 z^2", "factor"),
    ("initialization/variance", "xavier-std", "0.01", "variance"),
    ("initialization/variance", "xavier-var", "0.1", "standard deviation"),
    ("initialization/variance", "xavier-var", "1/25", "n_out"),
    ("initialization/variance", "he-std", "0.2", "2"),
    ("initialization/variance-derivation", "product", "Var(w)Var(a)", "mean"),
    ("initialization/variance-derivation", "weight", "1", "n"),
    ("regularization/update-step", "l2", "1.91", "factor"),
    ("regularization/update-step", "l1", "1.97", "away from 0"),
    ("regularization/update-step", "l2", "2.03", "further from 0"),
    ("regularization/update-step", "l1", "1.95", "penalty"),
    ("regularization/update-step", "l1", "1.91", "slope"),
    ("tuning/limited-labels", "technique", "ii", "GAN"),
    ("tuning/limited-labels", "technique", "iii", "overfitted"),
    ("tuning/limited-labels", "technique", "iv", "Copies"),
    ("optimization/one-step", "momentum", "0.8", "1 − β"),
    ("optimization/one-step", "rmsprop", "0.5", "root"),
    ("optimization/one-step", "adam", "0.6838", "correction"),
    ("optimization/one-step", "adam", "0.98", "momentum alone"),
    ("cnn/formulas", "params", "(f*f*n_c)*n_f + 1", "one bias"),
    ("cnn/formulas", "params", "(f*f + 1)*n_f", "channels"),
    ("cnn/formulas", "plain", "n - f", "first step"),
    ("cnn/formulas", "padded", "n + p - f + 1", "both sides"),
    ("cnn/formulas", "general", "floor((n+2p-f+1)/s)", "first place"),
    ("cnn/formulas", "strided", "(n - f)/s + 1", "round down"),
    ("cnn/one-by-one", "layer", "identity", "weighs"),
    ("cnn/one-by-one", "layer", "max-pooling", "maximum"),
    ("cnn/one-by-one", "weights", "10", "64 channels"),
    ("gradients/logistic-l2", "dw", "(y - yhat)x + lam w", "sign"),
    ("gradients/logistic-l2", "dw", "(yhat - y)x + 2 lam w", "twice too large"),
    ("gradients/logistic-l2", "dw", "(yhat - y) + lam w", "factor x"),
    ("gradients/logistic-l2", "dw", "(yhat - y) yhat(1-yhat) x + lam w", "cancels"),
    ("gradients/logistic-l1", "dw", "(yhat - y)x + 1", "positive"),
    ("gradients/logistic-l1", "dw", "(yhat - y)x + w", "L2"),
    ("gradients/tanh-layer", "dx", "(3/2)(ypred - y)^(1/2) W ⊙ (1 - tanh^2 x)", "turned"),
    ("gradients/tanh-layer", "dx", "(ypred - y)^(1/2) W^T ⊙ (1 - tanh^2 x)", "factor"),
    ("gradients/tanh-layer", "dx", "(3/2)(ypred - y)^(3/2) W^T ⊙ (1 - tanh^2 x)", "exponent"),
    ("gradients/tanh-layer", "dx", "(3/2)(ypred - y)^(1/2) W^T ⊙ (1 - tanh x)^2", "1 − tanh²"),
    ("gradients/tanh-layer", "dx", "(3/2)(ypred - y)^(1/2) W^T ⊙ sech x", "sech squared"),
    ("gradients/tanh-layer", "dx", "(3/2)(ypred - y)^(1/2) W^T (1 - tanh^2 x)", "entry by entry"),
    ("gradients/tanh-layer", "dx", "3/2 W^T (ypred - y)^(1/2) ⊙ (1 - tanh^2 x)", "behind"),
    ("error-analysis/ceiling", "first", "one", "at most"),
    ("error-analysis/ceiling", "first", "test", "unseen"),
    ("error-analysis/ceiling", "best-error", "-40", "share"),
    ("dropout/inverted", "kept", "50", "drop"),
    ("dropout/inverted", "kept", "2", "probability of keeping"),
    ("dropout/inverted", "kept", "8", "rescaled"),
    ("batchnorm/forward", "normalized", "[-1.1619, -0.3873, 0.3873, 1.1619]", "m − 1"),
    ("batchnorm/forward", "normalized", "-1.2, -0.4, 0.4, 1.2", "variance"),
    ("batchnorm/forward", "normalized", "[0, 0, 0, 0]", "by itself"),
    ("error-analysis/ceiling", "best-error", "9.5", "other category"),
    ("batchnorm/forward", "output", "[-0.6833, 1.1056, 2.8944, 4.6833]", "after the scaling"),
]


@pytest.mark.parametrize("id", ROWS)
def test_ids_kinds_and_right_answers(id: str) -> None:
    kinds, answers = ROWS[id]
    variant = make_variant(BANK.load(id), None)
    assert " ".join(f"{part.id}:{part.asked.kind}" for part in variant.parts) == kinds
    graded = {part.id: part for part in grade(variant, answers).parts}
    for part in answers:
        assert graded[part].verdict == "correct", (part, graded[part])


@pytest.mark.parametrize(("id", "part", "answer", "word"), SLIPS)
def test_known_wrong_answers_are_recognised(id: str, part: str, answer: str, word: str) -> None:
    graded = grade(make_variant(BANK.load(id), None), {part: answer})
    verdict = next(one for one in graded.parts if one.id == part)
    assert verdict.verdict in ("incorrect", "partial")
    assert word.casefold() in " ".join(verdict.feedback).casefold(), verdict.feedback


def test_the_bank_covers_the_ground() -> None:
    topics = BANK.topics()
    assert len(BANK.ids()) >= 110 and len(topics) >= 15
    assert {"networks", "activations", "losses", "shapes", "gan", "perceptron", "rnn"} <= {*topics}
