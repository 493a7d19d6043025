"""Code as students write it: right in many styles, wrong in many ways, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from bank_drawn import drawn

from engine.grading import grade
from engine.verdict import PartVerdict
from tutor.cli import run as cli
from tutor.sandbox.pool import Reply
from tutor.sandbox.runner import Layers, Sandbox

SUMS, LOOP, MOMENTUM = "coding/exp-column-sums", "coding/vectorise-loop", "coding/momentum-step"
SOFTMAX, ACCURACY, LINEAR = (
    "broadcasting/softmax-columns",
    "coding/accuracy",
    "coding/linear-backward",
)
CONVOLUTION, NORM, POOLING = "coding/convolution", "coding/batch-norm", "coding/pooling"
LOGISTIC, MEND_SOFTMAX = "debugging/logistic-step", "debugging/softmax"


def judged(run: Sandbox, id: str, code: str) -> PartVerdict:
    """The verdict on the only part, or the first, of the original."""
    part = drawn(id).parts[0].id
    verdict = grade(drawn(id), {part: code}, run=run)
    return verdict.parts[0]


# -- right, in every style -------------------------------------------------------------------------

RIGHT: dict[str, dict[str, str]] = {
    SUMS: {
        "einsum": "np.exp(np.einsum('mk,nk->mn', B, A)*C).sum(0)",
        "matmul and transpose, an axis from the end":
            "np.exp(np.matmul(B, np.transpose(A))*C).sum(axis=-2)",
        "import, step by step":
            "import numpy as np\nZ = np.dot(B, A.T)\nZ = np.multiply(Z, C)\n"
            "code = np.sum(np.exp(Z), axis=0)",
        "type hints, tabs, a docstring and a comment":
            "import numpy as np\ndef f(A: np.ndarray, B: np.ndarray, C: np.ndarray) -> np.ndarray:"
            "\n\t\"\"\"Column sums.\"\"\"\n\t# the product first\n\tZ = B @ A.T\n"
            "\treturn np.exp(Z * C).sum(axis=0)",
        "ends of lines as on Windows":
            "def f(A, B, C):\r\n    Z = B @ A.T * C\r\n    return np.exp(Z).sum(axis=0)\r\n",
        "a mark of the byte order": "\ufeffnp.exp(B @ A.T * C).sum(axis=0)",
        "a list of comprehensions":
            "[sum(np.exp((B[i] @ A[j])*C[i, j]) for i in range(len(B))) for j in range(len(A))]",
        "three loops":
            "m, k = B.shape\nn = A.shape[0]\nout = np.zeros(n)\nfor i in range(m):\n"
            "  for j in range(n):\n    s = 0\n    for t in range(k):\n      s += B[i,t]*A[j,t]\n"
            "    out[j] += np.exp(s*C[i,j])\nresult = out",
        "walrus": "(Z := B@A.T*C, np.exp(Z).sum(0))[1]",
        "a power of np.e": "(np.e**((A@B.T).T*C)).sum(0)",
        "np.power": "np.power(np.e, B.dot(A.T)*C).sum(axis=0)",
        "a comment behind": "np.exp(B.dot(A.T)*C).sum(axis = 0) # sums",
        "reduce": "np.add.reduce(np.exp((B @ A.T) * C))",
        "ones for a sum": "np.ones(len(B)) @ np.exp((B @ A.T) * C)",
        "a lambda": "lambda A, B, C: np.exp(B @ A.T * C).sum(axis=0)",
        "a lambda with a name": "f = lambda A, B, C: np.exp(B @ A.T * C).sum(axis=0)",
        "a lambda with the asked name": "code = lambda A, B, C: np.exp(B @ A.T * C).sum(axis=0)",
        "a lambda over lines": "lambda A, B, C: (\n    np.exp(B @ A.T * C)\n    .sum(axis=0)\n)",
        "a helper and a call":
            "def helper(Z):\n    return np.exp(Z).sum(axis=0)\nhelper(B @ A.T * C)",
        "a helper and a function":
            "def helper(Z):\n    return np.exp(Z).sum(axis=0)\n"
            "def main(A, B, C):\n    return helper(B @ A.T * C)",
        "a function inside":
            "def main(A, B, C):\n    def helper(Z):\n        return np.exp(Z).sum(axis=0)\n"
            "    return helper(B @ A.T * C)",
        "an import inside":
            "def f(A, B, C):\n    import numpy as np\n    return np.exp(B @ A.T * C).sum(axis=0)",
        "a def, called for the result":
            "def f(A, B, C):\n    return np.exp(B @ A.T * C).sum(axis=0)\n\nresult = f(A, B, C)",
        "a def, tried with print":
            "def f(A, B, C):\n    return np.exp(B @ A.T * C).sum(axis=0)\n\nprint(f(A, B, C))",
        "a print on the way": "Z = B @ A.T * C\nprint(Z.shape)\ncode = np.exp(Z).sum(axis=0)",
        "parameters in another order":
            "def f(C, B, A):\n    return np.exp(B @ A.T * C).sum(axis=0)",
        "parameters with other names":
            "def f(x, y, z):\n    return np.exp(y @ x.T * z).sum(axis=0)",
        "a parameter by keyword":
            "def f(A, B, C, *, axis=0):\n    return np.exp(B @ A.T * C).sum(axis=axis)",
        "numpy in full": "import numpy\nnumpy.exp(B @ A.T * C).sum(axis=0)",
        "over several lines": "np.exp(\n    B @ A.T\n    * C\n).sum(axis=0)",
        "indented": "    Z = B @ A.T * C\n    code = np.exp(Z).sum(axis=0)",
        "on one line": "Z = B @ A.T * C; code = np.exp(Z).sum(axis=0)",
        "a semicolon behind": "np.exp(B @ A.T * C).sum(axis=0);",
        "a hint of a variable": "code: np.ndarray = np.exp(B @ A.T * C).sum(axis=0)",
        "two names": "code = result = np.exp(B @ A.T * C).sum(axis=0)",
        "squeeze": "np.squeeze(np.exp(B @ A.T * C).sum(axis=0, keepdims=True))",
        "tensordot": "np.exp(np.tensordot(B, A, axes=(1, 1)) * C).sum(axis=0)",
        "inner": "np.exp(np.inner(B, A) * C).sum(axis=0)",
        "broadcasting": "np.exp((B[:, None, :] * A[None, :, :]).sum(axis=2) * C).sum(axis=0)",
        "along an axis": "np.apply_along_axis(np.sum, 0, np.exp(B @ A.T * C))",
        "vectorize": "f = np.vectorize(np.exp)\ncode = f(B @ A.T * C).sum(axis=0)",
        "a decorator":
            "@np.vectorize\ndef e(x):\n    return np.e**x\ncode = e(B @ A.T * C).sum(axis=0)",
        "errstate": "with np.errstate(over='ignore'):\n    code = np.exp(B @ A.T * C).sum(axis=0)",
        "assert": "def f(A, B, C):\n    assert A.shape[1] == B.shape[1]\n"
                  "    return np.exp(B @ A.T * C).sum(axis=0)",
        "raise": "def f(A, B, C):\n    if A.ndim != 2:\n        raise Exception('two axes')\n"
                 "    return np.exp(B @ A.T * C).sum(axis=0)",
        "append": "result = []\nfor col in (np.exp(B @ A.T * C)).T:\n    result.append(col.sum())",
        "map": "list(map(sum, np.exp(B @ A.T * C).T))",
        "a tuple of numbers": "tuple(np.exp(B @ A.T * C).sum(0).tolist())",
        "names that aren't ASCII": "Ü = (B @ A.T)*C\ncode = np.exp(Ü).sum(0)",
    },
    LOOP: {
        "dot": "X.dot(w)/2",
        "einsum": "np.einsum('ij,j', X, w)/2",
        "a sum of zip": "[sum(a*b for a, b in zip(r, w))/2 for r in X]",
        "one half in front": "0.5*X@w",
        "a weighted mean": "np.average(X, axis=1, weights=w)*w.sum()/2",
        "a loop over rows":
            "s = np.zeros(len(X))\nfor i, row in enumerate(X):\n    s[i] = row @ w\ns /= 2",
        "fromiter": "np.fromiter((r @ w for r in X), float)/2",
        "ravel": "(X @ w[:, None]).ravel()/2",
        "the first column": "(X @ w.reshape(-1, 1))[:, 0]/2",
        "while":
            "m, n = X.shape\ns = np.zeros(m)\ni = 0\nwhile i < m:\n    j = 0\n    while j < n:\n"
            "        s[i] += w[j]*X[i, j]\n        j += 1\n    i += 1\ns = s/2",
        "a diagonal matrix": "(X @ np.diag(w)).sum(axis=1)/2",
        "Python's sum": "sum((X*w).T)/2",
        "np.divide, rounded to seven digits": "np.divide(np.dot(X, w), 2).astype(np.float32)",
    },
    MOMENTUM: {
        "dot": "G = X.T.dot(X.dot(W) - Y)*2/X.shape[0]\nV_new = beta*V + (1-beta)*G\n"
               "W_new = W - alpha*V_new",
        "a list, outer products":
            "def step(W, V, X, Y, alpha, beta):\n    g = np.zeros_like(W)\n"
            "    for x, y in zip(X, Y):\n        g += 2*np.outer(x, x @ W - y)/len(X)\n"
            "    V = beta*V + (1 - beta)*g\n    return [W - alpha*V, V]",
        "in place on copies":
            "V_new = V*beta\nV_new += (1-beta)*2*X.T@(X@W-Y)/len(Y)\nW_new = W.copy()\n"
            "W_new -= alpha*V_new",
        "a pair": "W - alpha*(beta*V + (1-beta)*2/len(X)*X.T@(X@W-Y)), "
                  "beta*V + (1-beta)*2/len(X)*X.T@(X@W-Y)",
        "a helper, and a pair":
            "v = beta*V + (1-beta)*2/len(X)*X.T@(X@W-Y)\nW - alpha*v, v",
    },
    SOFTMAX: {
        "the maximum twice": "np.exp(M - M.max(0))/np.exp(M - M.max(0)).sum(0)",
        "column by column": "np.array([np.exp(c)/np.exp(c).sum() for c in M.T]).T",
        "stack": "np.stack([np.exp(c)/np.exp(c).sum() for c in M.T], axis=1)",
        "logaddexp": "np.exp(M - np.logaddexp.reduce(M, axis=0))",
    },
    ACCURACY: {
        "size": "(P.argmax(1) == y).sum()/y.size",
        "zip": "sum(int(np.argmax(p) == t) for p, t in zip(P, y))/len(y)",
        "1 less the errors": "1 - (P.argmax(1) != y).mean()",
        "argsort": "(np.argsort(P, axis=1)[:, -1] == y).mean()",
        "by the largest entry": "np.mean(P[np.arange(len(y)), y] == P.max(axis=1))",
        "Python alone": "len([1 for p, t in zip(P, y) "
                        "if max(range(len(p)), key=lambda j: p[j]) == t])/len(y)",
        "a float": "float((P.argmax(1) == y).mean())",
        "next and iter": "next(iter([np.mean(P.argmax(1) == y)]))",
    },
    LINEAR: {
        "einsum": "np.einsum('md,mk->dk', X, G), np.einsum('mk->k', G)[None], "
                  "np.einsum('mk,dk->md', G, W)",
        "outer products": "dW = sum(np.outer(x, g) for x, g in zip(X, G))\n"
                          "db = np.ones((1, len(G))) @ G\ndX = (W @ G.T).T",
    },
    CONVOLUTION: {
        "four loops":
            "out = np.zeros((5, 7))\nfor i in range(5):\n    for j in range(7):\n"
            "        for a in range(3):\n            for c in range(3):\n"
            "                out[i, j] += X[i+a, j+c]*K[a, c]\nout += b",
        "windows": "np.einsum('ijkl,kl->ij', "
                   "np.lib.stride_tricks.sliding_window_view(X, K.shape), K) + b",
        "strides": "w = np.lib.stride_tricks.as_strided(X, (5, 7, 3, 3), X.strides*2)\n"
                   "out = np.tensordot(w, K, 2) + b",
        "im2col": "r = np.array([X[i:i+3, j:j+3].ravel() for i in range(5) for j in range(7)])\n"
                  "out = (r @ K.ravel() + b).reshape(5, 7)",
        "Fourier": "H = np.fft.rfft2(X, (9, 11))*np.conj(np.fft.rfft2(K, (9, 11)))\n"
                   "out = np.fft.irfft2(H, (9, 11))[:5, :7] + b",
    },
    NORM: {
        "half a power": "mu, sd = X.mean(0), (X.var(0) + .01)**.5\nout = (X - mu)/sd*gamma + beta",
        "column by column":
            "out = np.empty_like(X)\nfor j in range(X.shape[1]):\n    c = X[:, j]\n"
            "    out[:, j] = gamma[0, j]*(c - c.mean())/np.sqrt(c.var() + 0.01) + beta[0, j]",
        "the mean of squares":
            "(lambda Z: gamma*Z + beta)((X - X.mean(0))"
            "/np.sqrt((X**2).mean(0) - X.mean(0)**2 + 1e-2))",
    },
    POOLING: {
        "swapaxes": "X.reshape(3, 2, 4, 2).swapaxes(1, 2).reshape(3, 4, 4).max(-1)",
        "reduceat": "np.maximum.reduceat(np.maximum.reduceat(X, [0, 2, 4], 0), [0, 2, 4, 6], 1)",
        "block": "np.block([[X[i:i+2, j:j+2].max() for j in range(0, 8, 2)] "
                 "for i in range(0, 6, 2)])",
        "split": "np.array([np.max(b) for r in np.vsplit(X, 3) for b in np.hsplit(r, 4)])"
                 ".reshape(3, 4)",
    },
    "coding/one-hot": {
        "comparison": "(y[:, None] == np.arange(K)).astype(float)",
        "Python": "[[1 if c == k else 0 for k in range(K)] for c in y]",
        "assignment": "Y = np.zeros((len(y), K))\nY[np.arange(len(y)), y] = 1",
        "put along": "Y = np.zeros((y.size, K))\nnp.put_along_axis(Y, y[:, None], 1, axis=1)",
        "take": "np.take(np.identity(K), y, axis=0)",
        "booleans": "np.equal.outer(y, np.arange(K))",
    },
    "coding/pairwise-distances": {
        "einsum": "Y = A[:, None] - B\nD = np.einsum('ijk,ijk->ij', Y, Y)",
        "the binomial": "np.add.outer((A*A).sum(1), (B*B).sum(1)) - 2*np.dot(A, B.T)",
        "norm": "np.linalg.norm(A[:, np.newaxis] - B, axis=2)**2",
        "rows of A": "np.stack([((a - B)**2).sum(axis=1) for a in A])",
    },
    "coding/dropout-mask": {
        "multiply": "np.multiply(A, (U < p).astype(int))/p",
        "a copy": "out = A/p\nout[U >= p] = 0",
        "less": "np.where(np.less(U, p), A, 0*A)/p",
        "not": "A*~(U >= p)/p",
    },
    "coding/gradient-check": {
        "there and back": "def g(X, y, w, h):\n    J = lambda v: ((X @ v - y)**4).mean()\n"
            "    out = np.empty_like(w)\n    w = w.copy()\n    for i in range(w.size):\n"
            "        w[i] += h\n        up = J(w)\n        w[i] -= 2*h\n        down = J(w)\n"
            "        w[i] += h\n        out[i] = (up - down)/2/h\n    return out",
        "all at once": "E = h*np.eye(len(w))\n"
            "J = lambda W: np.mean((X @ W.T - y[:, None])**4, axis=0)\n"
            "grad = (J(w + E) - J(w - E))/(2*h)",
    },
    "coding/minibatch": {
        "take": "np.take(X, p[k*b:(k+1)*b], axis=0), np.take(y, p[k*b:(k+1)*b])",
        "split": "i = np.split(p, range(b, len(p), b))[k]\nXb, yb = X[i], y[i]",
        "a list": "i = [p[j] for j in range(k*b, min((k + 1)*b, len(p)))]\nX[i, :], y[i]",
    },
    "coding/moving-average": {
        "weights": "n = len(x)\nL = np.tril(beta**np.abs(np.subtract.outer(np.arange(n), "
            "np.arange(n))))\naverages = (1 - beta)*L @ x",
        "convolve": "np.convolve(x, (1 - beta)*beta**np.arange(len(x)))[:len(x)]",
        "walrus": "v = 0\naverages = [v := beta*v + (1 - beta)*a for a in x]",
        "while": "averages, v, t = [], 0, 0\nwhile t < len(x):\n    v += (1 - beta)*(x[t] - v)\n"
            "    averages += [v]\n    t += 1",
    },
    "coding/normalise-columns": {
        "by the root of the squares":
            "C = X - X.mean(0)\nscaled = C/np.sqrt((C*C).sum(0)/len(X))",
        "columns in a loop": "scaled = X.copy()\nfor j in range(X.shape[1]):\n"
            "    scaled[:, j] = (X[:, j] - X[:, j].mean())/X[:, j].std()",
        "transposed": "((X.T - X.T.mean(1, keepdims=True))/X.T.std(1)[:, None]).T",
        "along an axis": "np.apply_along_axis(lambda c: (c - c.mean())/c.std(), 0, X)",
    },
    "coding/adam-step": {
        "a function with hats": "def adam(w, g, m, v, t, alpha, beta1, beta2, eps):\n"
            "    m = m*beta1 + g*(1 - beta1)\n    v = v*beta2 + g*g*(1 - beta2)\n"
            "    return w - alpha*m/(1 - beta1**t)/((v/(1 - beta2**t))**0.5 + eps), m, v",
        "a step towards": "m_new = m + (1 - beta1)*(g - m)\nv_new = v + (1 - beta2)*(g**2 - v)\n"
            "root = np.sqrt(v_new/(1 - beta2**t))\n"
            "w_new = w - alpha*np.divide(m_new/(1 - beta1**t), root + eps)",
    },
    "coding/linear-forward": {
        "einsum": "np.maximum(np.einsum('md,dk->mk', X, W) + b, 0)",
        "clip": "np.clip(X.dot(W) + b, 0, None)",
        "a column of ones": "Z = np.hstack([X, np.ones((len(X), 1))]) @ np.vstack([W, b])\n"
            "A = np.where(Z < 0, 0, Z)",
        "half of z and its size": "Z = X @ W + b\nA = (Z + abs(Z))/2",
    },
    "coding/activation-backward": {
        "a product with a mask": "A = Z.copy()\nA[A < 0] = 0",
        "max over pairs": "np.max([Z, np.zeros_like(Z)], axis=0)",
    },
    "coding/confusion-counts": {
        "indices": "np.mean(y[np.flatnonzero(p > c)])",
        "counts": "hat = (p > c).astype(int)\n"
            "score = np.bincount(2*hat + y, minlength=4)[3]/hat.sum()",
        "sets": "a = {i for i in range(len(p)) if p[i] > c}\n"
            "b = {i for i, t in enumerate(y) if t}\n"
            "score = len(a & b)/len(a)",
        "logical and": "np.logical_and(p > c, y).sum()/(p > c).sum()",
    },
    "coding/stable-functions": {
        "masks": "out = np.empty_like(X)\nm = X >= 0\nout[m] = 1/(1 + np.exp(-X[m]))\n"
            "e = np.exp(X[~m])\nout[~m] = e/(1 + e)",
        "logaddexp": "np.exp(-np.logaddexp(0, -X))",
    },
    "coding/cross-entropy": {
        "logaddexp": "own = np.take_along_axis(Z, y[:, None], 1)[:, 0]\n"
            "loss = np.mean(np.logaddexp.reduce(Z, axis=1) - own)",
        "a one-hot": "S = Z - Z.max(axis=1, keepdims=True)\n"
            "L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))\n"
            "loss = -(np.eye(Z.shape[1])[y]*L).sum()/len(Z)",
        "example by example": "loss = 0\nfor z, c in zip(Z, y):\n    z = z - z.max()\n"
            "    loss -= np.log(np.exp(z[c])/np.exp(z).sum())/len(y)",
    },
    "debugging/adam": {
        "another order": "2: m = (1 - 0.9)*g + 0.9*m",
        "a step towards": "2: m = m + 0.1*(g - m)",
    },
    "debugging/mini-batches": {
        "a copy by list": "2: w = np.array(list(w))",
        "nothing": "2: pass",
    },
    "debugging/two-layer-backward": {
        "in another order": "5: dP = (P - Y)*2/X.shape[0]",
    },
    LOGISTIC: {
        "dot": "2: z = X.dot(w)",
        "the word line": "line 2: z = np.matmul(X, w)",
        "a comment": "Line 2:   z = X@w  # product",
        "a bracket": "2) z = X @ w",
        "a point": "2. z = (w*X).sum(axis=1)",
        "spaces": " 2 :     z = np.einsum('ij,j->i', X, w)",
        "on the next line": "2:\n    z = X @ w",
        "two statements": "2: z = [x @ w for x in X]; z = np.array(z)",
        "the whole function":
            "import numpy as np\n\ndef step(X, y, w, alpha=0.1, lam=0.05):\n"
            "    p = 1/(1 + np.exp(-X @ w))\n    return w - alpha*(X.T @ (p - y)/len(y) + lam*w)",
    },
    MEND_SOFTMAX: {
        "in place": "3: Z -= np.max(Z, axis=1, keepdims=True)",
        "newaxis": "3: Z = Z - np.amax(Z, axis=1)[:, np.newaxis]",
        "transposed twice": "3: Z = (Z.T - Z.max(axis=1)).T",
        "vstack": "3: Z = Z - np.vstack([r.max() for r in Z])",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("id", "code"),
    [(id, code) for id, codes in RIGHT.items() for code in codes.values()],
    ids=[f"{id}: {why}" for id, codes in RIGHT.items() for why in codes],
)
def test_right_in_every_style(run: Sandbox, id: str, code: str) -> None:
    found = judged(run, id, code)
    assert (found.verdict, found.score) == ("correct", found.max_score), found.feedback


# -- right, with something to tell -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "code", "told"),
    [
        (LOOP, "[r @ w/2 for r in X]", "It loops in Python"),
        (LOOP, "np.vectorize(lambda i: X[i] @ w/2)(range(len(X)))", "It loops in Python"),
        (LOOP, "X /= 2\ns = X @ w", "changes its argument X:"),
        (
            MOMENTUM,
            "V *= beta\nV += (1-beta)*2*X.T@(X@W-Y)/len(Y)\nW -= alpha*V\nW_new, V_new = W, V",
            "changes its arguments W and V:",
        ),
        (SOFTMAX, "np.exp(M)/np.exp(M).sum(axis=0)", "np.exp overflows beyond 709"),
    ],
)
def test_right_and_told_what_could_be_better(run: Sandbox, id: str, code: str, told: str) -> None:
    found = judged(run, id, code)
    assert found.verdict == "correct"
    assert told in " ".join(found.feedback)


def test_a_slow_loop_is_measured() -> None:
    code = (
        "def f(X, w):\n    s = np.zeros(len(X))\n    for i in range(X.shape[0]):\n"
        "        for j in range(X.shape[1]):\n            s[i] += X[i, j]*w[j]\n    return s/2"
    )
    with Sandbox(timed=True) as timed:
        told = " ".join(judged(timed, LOOP, code).feedback)
    assert "your loop takes" in told and "the vectorised form" in told


# -- wrong -----------------------------------------------------------------------------------------


class Wrong(NamedTuple):
    """Code, its verdict, and words of the feedback that fit the slip."""

    id: str
    code: str
    verdict: str
    words: str


WRONG = (
    Wrong(SUMS, "np.exp(B @ A.T * C).sum(axis=1)", "partial", "You summed along axis 1, and 40"),
    Wrong(SUMS, "np.exp(B @ A.T * C).sum(axis=1)", "partial", "shape (40,); (50,) is asked"),
    Wrong(SUMS, "np.exp(B @ A.T * C)", "partial", "Axis 0, of length 40, is too many."),
    Wrong(SUMS, "np.exp(B @ A.T).sum(axis=0)", "partial", "C isn't used."),
    Wrong(SUMS, "((B @ A.T * C)**np.e).sum(axis=0)", "partial", "x to the power of e"),
    Wrong(SUMS, "np.exp(B @ A.T * C).sum()", "partial", "Everything has become one number"),
    Wrong(SUMS, "np.exp(B @ A.T * C).sum(axis=0, keepdims=True)", "partial",
          "Axis 0 of length 1 is too many"),
    Wrong(SUMS, "np.exp(B @ A.T * C).mean(axis=0)", "partial", "You took the mean; the sum"),
    # Cells of all sizes, 10^14 beside 10^47: none of them counts as right beside a larger one.
    Wrong(SUMS, "np.exp(B @ A.T * C).mean(axis=0)", "partial", "so are 0 of 50 cells"),
    Wrong(SUMS, "np.exp(B @ A.T @ C.T).sum(axis=0)", "partial", "(40,); (50,) is asked"),
    Wrong(SUMS, "(B @ A.T * C).sum(axis=0)", "partial", "np.exp is missing"),
    Wrong(SUMS, "np.exp(B @ A.T * C).sum(0).astype(int)", "partial", "-9.223e+18 instead of"),
    Wrong(SUMS, "def f(A, B, C):\n    print(np.exp(B @ A.T * C).sum(0))", "partial",
          "It gives None: a function ends with return"),
    Wrong(SUMS, "np.exp(A @ B.T * C).sum(axis=0)", "incorrect",
          "A @ B.T * C: (50, 40) and (40, 50) don't broadcast"),
    Wrong(SUMS, "np.exp(B * A.T).sum(0)", "incorrect", "a matrix product (@) is needed"),
    Wrong(SUMS, "np.exp(B @ A * C).sum(axis=0)", "incorrect", "A has to be transposed."),
    Wrong(SUMS, "np.exp(B @ A * C).sum(axis=0)", "incorrect",
          "B @ A: (40, 100) and (50, 100), the inner lengths 100 and 50 differ."),
    Wrong(SUMS, "np.zeros(50)", "incorrect", "0 instead of"),
    Wrong(SUMS, "'code'", "incorrect", "It gives str; an array of numbers is asked"),
    Wrong(SUMS, "1/0", "incorrect", "ZeroDivisionError: division by zero"),
    Wrong(SUMS, "A.foo", "incorrect", "'numpy.ndarray' object has no attribute 'foo'"),
    Wrong(SUMS, "if len(A) > 999:\n    code = 1", "incorrect", "code has no value at the end"),
    Wrong(SUMS, "def f(A, B, C):\n    return f(A, B, C)", "incorrect", "RecursionError"),
    Wrong(SUMS, "Z = B @ A.T\ny = Z[0, 99]\ncode = np.exp(Z*C).sum(0)", "partial",
          "Line 2, y = Z[0, 99]: IndexError: index 99 is out of bounds"),
    Wrong(SUMS, "def f(A, B, C):\n    def g(Z):\n        return Z[-1, -999]\n    return g(A)",
          "incorrect", "Line 3, return Z[-1, -999]: IndexError"),
    Wrong(SUMS, "A *= 2\ncode = np.exp(B @ A.T * C).sum(0)", "incorrect",
          "changes its argument A"),
    Wrong(SUMS, "'a'*10**10", "incorrect", "MemoryError"),
    Wrong(LOOP, "X @ w", "partial", "s is divided by 2"),
    Wrong(LOOP, "(X*w).sum(0)/2", "partial", "The axis that you sum along is the one that"),
    Wrong(LOOP, "(X*w)/2", "partial", "Axis 1, of length 3, is too many."),
    Wrong(LOOP, "np.mean(X*w, axis=1)/2", "partial", "np.mean also divides"),
    Wrong(LOOP, "(X @ w[:, None])/2", "incorrect", "(5, 1); (5,) is asked"),
    Wrong(LOOP, "X @ w//2", "partial", "0 instead of"),
    Wrong(LOOP, "(X*w[:, None]).sum(1)/2", "incorrect", "lined up with the wrong axis of X"),
    Wrong(LOOP, "w @ X/2", "incorrect", "w @ X: (3,) and (5, 3), the inner lengths"),
    Wrong(MOMENTUM, "V_new = beta*V + (1-beta)*2/len(X)*X.T@(X@W-Y)\nW_new = W - alpha*V",
          "partial", "Yours still goes along the old one"),
    Wrong(MOMENTUM, "W, V, X", "incorrect", "2 results are asked: W_new, V_new"),
    Wrong(MOMENTUM, "np.zeros(3), 5", "incorrect", "That is too few axes."),
    Wrong(SOFTMAX, "np.exp(M)/np.exp(M).sum(axis=1)[:, None]", "partial", "along the rows"),
    Wrong(SOFTMAX, "np.exp(M)/np.exp(M).sum(axis=1)", "partial", "compared from the right"),
    Wrong(SOFTMAX, "M/M.sum(axis=0)", "incorrect", "the exponential of every entry first"),
    Wrong(ACCURACY, "P.argmax(1) == y", "partial", "Axis 0, of length 5, is too many."),
    Wrong(ACCURACY, "100*np.mean(P.argmax(1) == y)", "partial", "It gives 20 where 0.2 is right"),
    Wrong(ACCURACY, "np.mean(P.argmax(0) == y)", "incorrect",
          "P.argmax(0) == y: (3,) and (5,) don't broadcast"),
    Wrong(ACCURACY, "np.nan", "incorrect", "It gives nan where 0.2"),
    Wrong(LINEAR, "X.T @ G, G.sum(axis=0), G @ W.T", "partial", "keepdims=True keeps it"),
    Wrong(LINEAR, "X.T @ G, G.sum(axis=1, keepdims=True), G @ W.T", "partial",
          "the sum runs over the examples"),
    Wrong(CONVOLUTION, "np.convolve(X.ravel(), K.ravel())", "incorrect", "too few axes"),
    Wrong(CONVOLUTION, "np.array([[np.sum(X[r:r+3, c:c+3]*K[::-1, ::-1]) + b for c in range(7)]"
          " for r in range(5)])", "incorrect", "You flipped the kernel"),
    # Figures that agree in four digits are shown with as many as tell them apart.
    Wrong(NORM, "gamma*(X - X.mean(0))/np.sqrt(X.var(0) + .01 + 1e-6) + beta", "partial",
          "-1.8208108 instead of -1.8208114"),
    Wrong(POOLING, "X.reshape(2, 3, 2, 4).max(axis=(0, 2))", "incorrect", "rows together that"),
    Wrong(LOGISTIC, "2", "partial", "That is the line."),
    Wrong(LOGISTIC, "2: z = X*w", "partial", "The line is the right one."),
    Wrong(LOGISTIC, "3: a = 1/(1 + np.exp(-z))", "incorrect", "Is that the line?"),
    Wrong(MEND_SOFTMAX, "3: pass", "partial", "nan instead of 1"),
)  # fmt: skip


@pytest.mark.parametrize("row", WRONG, ids=lambda row: f"{row.id}: {row.code}")
def test_wrong_and_told_why(run: Sandbox, row: Wrong) -> None:
    found = judged(run, row.id, row.code)
    assert found.verdict == row.verdict, found.feedback
    assert row.words in " ".join(found.feedback)


# -- not to be read, which costs no attempt --------------------------------------------------------

UNREADABLE = (
    Wrong(SUMS, "np.exp(B @ A.T", "", "'(' was never closed"),
    Wrong(SUMS, "exp(B @ A.T * C)", "", "did you mean np.exp?"),
    Wrong(SUMS, "np.expp(B)", "", "did you mean np.exp?"),
    Wrong(SUMS, "np.linalg.nrm(B)", "", "NumPy has no linalg.nrm"),
    Wrong(SUMS, "torch.exp(B)", "", "NumPy alone is, as np"),
    Wrong(SUMS, "from numpy import *\nexp(B)", "", "nothing but NumPy is here"),
    Wrong(SUMS, "def f(A, B): return A", "", "(A, B, C) are asked"),
    Wrong(SUMS, "lambda A: A", "", "(A, B, C) are asked"),
    Wrong(SUMS, "return 3", "", "return stands inside a def"),
    Wrong(SUMS, "print(B @ A.T)", "", "print shows a value, and gives none"),
    Wrong(SUMS, "import numpy as np", "", "write an expression, statements or a def"),
    Wrong(SUMS, "x = B @ A.T", "", "assign what is asked to code (or to result)"),
    Wrong(SUMS, "np.random.rand(3)", "", "random numbers are given"),
    Wrong(SUMS, "code = 1 +* 2", "", "this is not Python from here on"),
    Wrong(SUMS, "np.sum = max", "", "NumPy itself stays as it is"),
    Wrong(SUMS, "code = A\0", "", ""),
    Wrong(SUMS, "code = '\ud800'", "", "a character in it that no text has"),
    Wrong(SUMS, "A + 0x" + "f" * 6000, "", "a number here is too long"),
    Wrong(SUMS, "A + " + "9" * 6000, "", "a number here is too long"),
    Wrong(SUMS, "A" + " + A" * 400, "", "this nests too deep"),
    Wrong(SUMS, "-" * 5000 + "A", "", "this nests too deep"),
    Wrong(SUMS, "1 if A else " * 700 + "A", "", "this nests too deep"),
    Wrong(SUMS, "A" + " " * 10_000 + "+ 1", "", "at most 10,000 are read"),
    Wrong(LOGISTIC, "z = X @ w", "", "write the line's number"),
    Wrong(LOGISTIC, "9: z = X @ w", "", "numbered from 1 to 6"),
    Wrong(LOGISTIC, "2: z = X @", "", "this is not Python from here on"),
    Wrong(LOGISTIC, "2: import os", "", "nothing but NumPy is here"),
)


@pytest.mark.parametrize("row", UNREADABLE, ids=lambda row: f"{row.id}: {row.code[:40]!r}")
def test_what_cannot_be_read_is_invalid(run: Sandbox, row: Wrong) -> None:
    found = judged(run, row.id, row.code)
    assert found.verdict == "invalid"
    assert row.words in " ".join(found.feedback)
    assert found.error is not None and 0 <= found.error.start <= found.error.end <= len(row.code)


# -- a class ---------------------------------------------------------------------------------------


def _file(path: Path, rows: Sequence[tuple[str, str]]) -> str:
    """A file of responses to the first part of originals."""
    lines = [
        json.dumps({"problem": f"{id}@original", "answers": {drawn(id).parts[0].id: code}})
        for id, code in rows
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_a_class_is_graded_as_each_answer_alone(
    run: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [(LOOP, code) for code in RIGHT[LOOP].values()]
    given += [(row.id, row.code) for row in WRONG if row.id in (LOOP, ACCURACY, LOGISTIC)]
    given += [(LOOP, "import os; os._exit(0)"), (LOOP, "X" * 9000), (LOOP, "\0"), (LOOP, "")]
    assert cli(["check", _file(tmp_path / "class.jsonl", given)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == len(given)
    for row, (id, code) in zip(rows, given, strict=True):
        alone = judged(run, id, code)
        assert (row["parts"][0]["verdict"], row["parts"][0]["feedback"]) == (
            alone.verdict,
            list(alone.feedback),
        )


def test_a_process_that_others_end_costs_no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(timed=False) as run:
        run.ahead()
        worker = run._worker
        assert worker is not None
        do, jobs = worker.run, []

        def ended(job: bytes) -> Reply:
            jobs.append(job)
            reply = do(job)
            return reply if len(jobs) > 1 else Reply(reply.packets[:1], "exit 137")

        monkeypatch.setattr(worker, "run", ended)
        assert judged(run, LOOP, "X @ w/2").verdict == "correct"
        assert jobs[0] == jobs[1]


@pytest.mark.usefixtures("same_process")
@pytest.mark.parametrize("trusted", [False, True])
def test_code_of_others_is_refused_where_nothing_confines_it(
    trusted: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = Layers(("limits", "tripwire"), {"seccomp": "only Linux has it"})
    monkeypatch.setattr(Sandbox, "layers", bare)
    path = _file(tmp_path / "class.jsonl", [("cnn/conv-output", "6"), (LOOP, "X @ w/2")])
    code = cli(["check", path, *(["--trust-code"] if trusted else [])])
    out, err = capsys.readouterr()
    graded = [json.loads(line)["verdict"] for line in out.splitlines()]
    if trusted:
        assert (code, graded) == (0, ["correct", "correct"])
    else:
        # What holds no code is graded all the same.
        assert (code, graded) == (2, ["correct"])
        assert "--trust-code" in err and "tutor doctor" in err
