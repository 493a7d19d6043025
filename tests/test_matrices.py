"""Matrices with named axes: against NumPy, against finite differences, and the exam's problems."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from flint import arb

from engine.comparison import compare
from engine.equality.evaluation import Evaluation, Matrix
from engine.equality.fields import Balls
from engine.grading import read_response
from engine.kinds import Asked, Judgement, kind_of
from engine.language import arrays
from engine.language.axes import Typed, typed
from engine.language.errors import Unreadable
from engine.language.exact import is_node
from engine.language.parser import read
from engine.language.scope import Scope
from engine.language.symbols import parse_symbols
from engine.language.tree import Node

# -- what an expression means, beside NumPy --------------------------------------------------

SPEC = (
    "X:(F,m), Z:(F,m), dZ:(F,m), W:(F,n), A:(n,n), w:(1,F), v:(F,1), u:(n,1), y:(1,m), yhat:(1,m), "
    "b:(1,1), s, lam>0"
)
SYMBOLS = parse_symbols(SPEC)
DECLARED = {symbol.name: symbol for symbol in SYMBOLS}
SCOPE = Scope(SYMBOLS)

Meaning = Callable[[Any], Any]
# typed, what NumPy makes of it, the shape by name
NUMPY: list[tuple[str, Meaning, tuple[str, ...]]] = [
    # products
    ("w X", lambda n: n.w @ n.X, ("1", "m")),
    ("w X + b", lambda n: n.w @ n.X + n.b, ("1", "m")),
    ("w·X", lambda n: n.w @ n.X, ("1", "m")),
    ("w*X + b", lambda n: n.w @ n.X + n.b, ("1", "m")),
    ("np.dot(w, X)", lambda n: n.w @ n.X, ("1", "m")),
    ("w.dot(X).dot(y.T)", lambda n: n.w @ n.X @ n.y.T, ("1", "1")),
    ("np.matmul(X.T, W)", lambda n: n.X.T @ n.W, ("m", "n")),
    ("X^T W A u", lambda n: n.X.T @ n.W @ n.A @ n.u, ("m", "1")),
    ("(y - yhat) X'", lambda n: (n.y - n.yhat) @ n.X.T, ("1", "F")),
    ("2/m (yhat - y) Xᵀ", lambda n: 2 / n.m * (n.yhat - n.y) @ n.X.T, ("1", "F")),
    ("w^T y", lambda n: n.w.T @ n.y, ("F", "m")),
    ("v y", lambda n: n.v @ n.y, ("F", "m")),
    ("v^T v", lambda n: n.v.T @ n.v, ("1", "1")),
    ("v v^T", lambda n: n.v @ n.v.T, ("F", "F")),
    ("u^T A u", lambda n: n.u.T @ n.A @ n.u, ("1", "1")),
    ("A A", lambda n: n.A @ n.A, ("n", "n")),
    ("s X lam", lambda n: n.s * n.X * n.lam, ("F", "m")),
    ("F X/m", lambda n: n.F * n.X / n.m, ("F", "m")),
    ("(X^T)^T", lambda n: n.X, ("F", "m")),
    ("transpose(w X)", lambda n: (n.w @ n.X).T, ("m", "1")),
    # element by element
    ("Z ⊙ dZ", lambda n: n.Z * n.dZ, ("F", "m")),
    ("Z * dZ", lambda n: n.Z * n.dZ, ("F", "m")),
    ("X * y", lambda n: n.X * n.y, ("F", "m")),
    ("v * X", lambda n: n.v * n.X, ("F", "m")),
    ("v ⊙ y", lambda n: n.v * n.y, ("F", "m")),
    ("X + y", lambda n: n.X + n.y, ("F", "m")),
    ("X - v", lambda n: n.X - n.v, ("F", "m")),
    ("v + y", lambda n: n.v + n.y, ("F", "m")),
    ("X/(1 + y^2)", lambda n: n.X / (1 + n.y**2), ("F", "m")),
    ("X^2 - 2X + 1", lambda n: n.X**2 - 2 * n.X + 1, ("F", "m")),
    ("A^2", lambda n: n.A**2, ("n", "n")),
    ("sqrt(X^2)", lambda n: np.abs(n.X), ("F", "m")),
    ("tanh^2(X)", lambda n: np.tanh(n.X) ** 2, ("F", "m")),
    ("σ(Z) ⊙ (1 - σ(Z))", lambda n: np.exp(-n.Z) / (1 + np.exp(-n.Z)) ** 2, ("F", "m")),
    ("1/(1 + e^(-Z))", lambda n: 1 / (1 + np.exp(-n.Z)), ("F", "m")),
    ("relu(Z)", lambda n: np.maximum(0, n.Z), ("F", "m")),
    ("max(0, Z)", lambda n: np.maximum(0, n.Z), ("F", "m")),
    ("max(X, y)", lambda n: np.maximum(n.X, n.y), ("F", "m")),
    ("min(X, Z, dZ)", lambda n: np.minimum(np.minimum(n.X, n.Z), n.dZ), ("F", "m")),
    ("dZ ⊙ (Z > 0)", lambda n: n.dZ * (n.Z > 0), ("F", "m")),
    ("np.where(Z > 0, dZ, 0.1 dZ)", lambda n: np.where(n.Z > 0, n.dZ, 0.1 * n.dZ), ("F", "m")),
    ("if(y > 0 and yhat < 1, y, 0)", lambda n: np.where((n.y > 0) & (n.yhat < 1), n.y, 0),
     ("1", "m")),
    ("if(Z > v, 1, y)", lambda n: np.where(n.v < n.Z, 1, n.y), ("F", "m")),
    ("if(s > 0, X, 0)", lambda n: n.X if n.s > 0 else 0 * n.X, ("F", "m")),
    ("sign(X) + |Z|", lambda n: np.sign(n.X) + np.abs(n.Z), ("F", "m")),
    ("-X%", lambda n: -n.X / 100, ("F", "m")),
    ("multiply(X, y) - X", lambda n: n.X * n.y - n.X, ("F", "m")),
    ("np.power(X, 3)/np.square(Z)", lambda n: n.X**3 / n.Z**2, ("F", "m")),
    # sums and other folds
    ("sum(X)", lambda n: n.X.sum(), ()),
    ("X.sum()", lambda n: n.X.sum(), ()),
    ("sum(X, m)", lambda n: n.X.sum(axis=1, keepdims=True), ("F", "1")),
    ("sum(X, F)", lambda n: n.X.sum(axis=0, keepdims=True), ("1", "m")),
    ("sum(X, axis=1)", lambda n: n.X.sum(axis=1, keepdims=True), ("F", "1")),
    ("np.sum(X, axis=1, keepdims=True)", lambda n: n.X.sum(axis=1, keepdims=True), ("F", "1")),
    ("X.sum(axis=-1)", lambda n: n.X.sum(axis=1, keepdims=True), ("F", "1")),
    ("np.sum(X, 0)", lambda n: n.X.sum(axis=0, keepdims=True), ("1", "m")),
    ("sum(X, axis=1) + v - sum(Z, m)", lambda n: n.v + (n.X - n.Z).sum(axis=1, keepdims=True),
     ("F", "1")),
    ("sum(X, m) + sum(X, F)",
     lambda n: n.X.sum(axis=1, keepdims=True) + n.X.sum(axis=0, keepdims=True), ("F", "m")),
    ("mean(X, axis=0)", lambda n: n.X.mean(axis=0, keepdims=True), ("1", "m")),
    ("mean(X)", lambda n: n.X.mean(), ()),
    ("X - mean(X, m)", lambda n: n.X - n.X.mean(axis=1, keepdims=True), ("F", "m")),
    ("max(X, axis=0)", lambda n: n.X.max(axis=0, keepdims=True), ("1", "m")),
    ("X.max(1)", lambda n: n.X.max(axis=1, keepdims=True), ("F", "1")),
    ("min(X)", lambda n: n.X.min(), ()),
    ("e^Z/sum(e^Z, F)", lambda n: np.exp(n.Z) / np.exp(n.Z).sum(axis=0, keepdims=True),
     ("F", "m")),
    ("dZ 1", lambda n: n.dZ.sum(axis=1, keepdims=True), ("F", "1")),
    ("dZ @ 1", lambda n: n.dZ.sum(axis=1, keepdims=True), ("F", "1")),
    ("1^T dZ", lambda n: n.dZ.sum(axis=0, keepdims=True), ("1", "m")),
    ("1ᵀ dZ 1", lambda n: n.dZ.sum(), ("1", "1")),
    ("dZ @ np.ones((m, 1))", lambda n: n.dZ.sum(axis=1, keepdims=True), ("F", "1")),
    ("v ones(1, 3)", lambda n: np.repeat(n.v, 3, axis=1), ("F", "3")),
    ("sum_i (yhat_i - y_i)^2", lambda n: ((n.yhat - n.y) ** 2).sum(), ()),
    ("1/m sum_i y_i log(yhat_i)", lambda n: (n.y * np.log(n.yhat)).mean(), ()),
    ("sum_i 2/m y_i · yhat_i", lambda n: 2 * (n.y * n.yhat).mean(), ()),
    (r"\frac{1}{m}\sum_{i=1}^{m} (\hat{y}_i - y_i)^2", lambda n: ((n.yhat - n.y) ** 2).mean(), ()),
    ("||v||^2", lambda n: (n.v**2).sum(), ()),
    (r"\|w\|_2", lambda n: np.linalg.norm(n.w), ()),
    ("||X||_F", lambda n: np.linalg.norm(n.X), ()),
    ("||v||_1", lambda n: np.abs(n.v).sum(), ()),
    ("np.linalg.norm(v)", lambda n: np.linalg.norm(n.v), ()),
    ("diag(u)", lambda n: np.diag(n.u.ravel()), ("n", "n")),
    ("diag(w)", lambda n: np.diag(n.w.ravel()), ("F", "F")),
    ("A diag(u)", lambda n: n.A * n.u.T, ("n", "n")),
    # a 1 × 1 matrix is a number
    ("b X", lambda n: n.b * n.X, ("F", "m")),
    ("X b", lambda n: n.X * n.b, ("F", "m")),
    ("(v^T v) X", lambda n: (n.v.T @ n.v) * n.X, ("F", "m")),
    ("X/(v^T v)", lambda n: n.X / (n.v.T @ n.v), ("F", "m")),
    ("X^b", lambda n: np.where(n.X > 0, np.abs(n.X) ** n.b, np.nan), ("F", "m")),
]  # fmt: skip


def tree(text: str) -> Node:
    return read(text, SCOPE)


def drawn(dice: np.random.Generator) -> SimpleNamespace:
    """Random sizes, and random arrays of these sizes."""
    sizes = {axis: int(dice.integers(1, 6)) for axis in ("F", "m", "n")}
    # A square of one entry is a number, and so is diag(…) of it.
    sizes["n"] += 1
    values: dict[str, Any] = dict(sizes)
    for symbol in SYMBOLS:
        if symbol.name in sizes:
            continue
        shape = tuple(int(a) if a.isdigit() else sizes[a] for a in symbol.axes or ())
        value = dice.uniform(-2, 2, shape)
        positive = symbol.name in ("yhat", "lam")
        values[symbol.name] = np.abs(value) + 0.01 if positive else value
    return SimpleNamespace(**values)


def evaluated(node: Node, values: SimpleNamespace) -> np.ndarray[Any, Any]:
    """The value that comparisons of matrices use, in ball arithmetic."""
    sizes = {axis: getattr(values, axis) for axis in ("F", "m", "n")}
    given = {
        name: Matrix(tuple(tuple(arb(float(x)) for x in row) for row in value))
        if isinstance(value, np.ndarray) and value.ndim == 2
        else arb(float(value))
        for name, value in vars(values).items()
    }
    value = Evaluation(Balls(), given, sizes).of(node)
    rows = value.rows if isinstance(value, Matrix) else ((value,),)
    return np.asarray([[float(x.mid()) if x.is_finite() else np.nan for x in r] for r in rows])


@pytest.mark.parametrize(("text", "meaning", "shape"), NUMPY, ids=[row[0] for row in NUMPY])
def test_an_expression_is_what_numpy_computes(
    text: str, meaning: Meaning, shape: tuple[str, ...]
) -> None:
    result = typed(tree(text), DECLARED)
    assert result.shape == shape
    for seed in range(6):
        values = drawn(np.random.default_rng(seed))
        with np.errstate(invalid="ignore"):
            expected = np.atleast_2d(meaning(values))
        sizes = tuple(int(a) if a.isdigit() else getattr(values, a) for a in shape)
        assert expected.shape == (sizes or (1, 1)), "the row itself"
        np.testing.assert_allclose(evaluated(result.node, values), expected, rtol=1e-12)
        by_arrays = np.atleast_2d(arrays.evaluate(result.node, vars(values)))
        np.testing.assert_allclose(by_arrays, expected, rtol=1e-12)


@pytest.mark.parametrize("text", [row[0] for row in NUMPY])
def test_deciding_the_products_again_changes_nothing(text: str) -> None:
    once = typed(tree(text), DECLARED)
    assert typed(once.node, DECLARED) == once


@pytest.mark.parametrize("text", [row[0] for row in NUMPY if row[0] != "X^b"])
def test_every_expression_accepts_itself_and_nothing_next_to_it(text: str) -> None:
    assert compare(text, SPEC, text).parts[0].verdict == "correct"
    assert compare(text, SPEC, f"({text}) + 1e-9").parts[0].verdict == "incorrect"
    assert compare(f"({text}) + 1e-9", SPEC, text).parts[0].verdict == "incorrect"


# -- shapes that don't fit -------------------------------------------------------------------

# typed, exactly what is said
MISFITS = [
    ("X w", "X w: (F, m) · (1, F), the inner axes m and 1 differ."),
    ("X y", "X y: (F, m) · (1, m), the inner axes m and 1 differ. yᵀ is (m, 1)."),
    ("w^T X", "wᵀ X: (F, 1) · (F, m), the inner axes 1 and F differ. w is (1, F)."),
    ("(y - yhat) X", "(y − ŷ) X: (1, m) · (F, m), the inner axes m and F differ. Xᵀ is (m, F)."),
    ("X @ Z", "X Z: (F, m) · (F, m), the inner axes m and F differ. "
     "Both are (F, m): ⊙ multiplies element by element. Zᵀ is (m, F)."),
    ("np.dot(v, v)", "v v: (F, 1) · (F, 1), the inner axes 1 and F differ. "
     "Both are (F, 1): ⊙ multiplies element by element. vᵀ is (1, F)."),
    ("W A^T X", "W·Aᵀ X: (F, n) · (F, m), the inner axes n and F differ. (W·Aᵀ)ᵀ is (n, F)."),
    ("X + W", "X + W: (F, m) and (F, n) don't fit: the axes m and n differ"),
    ("w ⊙ X", "w ⊙ X: (1, F) and (F, m) don't fit: the axes F and m differ"),
    ("X - u", "X − u: (F, m) and (n, 1) don't fit: the axes F and n differ"),
    ("A/X", "A / X: (n, n) and (F, m) don't fit: the axes n and F, n and m differ"),
    ("if(Z > A, 1, 0)", "Z > A: (F, m) and (n, n) don't fit: the axes F and n, m and n differ"),
    ("max(X, A)", "max(…) of (F, m) and (n, n): the shapes differ"),
    ("2^X", "the exponent X is a matrix"),
    ("sum(X, n)", "n is not an axis of (F, m)"),
    ("sum(X, 0.5)", "0.5 is not an axis of (F, m)"),
    ("sum(X, axis=2)", "(F, m) has no axis 2"),
    ("diag(X)", "diag(…) of (F, m): a vector or a square is needed"),
    ("if(X, Z, 0)", "a condition such as Z > 0 is needed here"),
    ("ones(F, 10^9)", "10^9 is not an axis: ones(…) is of axes or whole numbers"),
    ("ones(s, 1)", "s is not an axis: ones(…) is of axes or whole numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISFITS, ids=[row[0] for row in MISFITS])
def test_a_misfit_names_operands_shapes_and_axes(text: str, message: str) -> None:
    part = compare("X", SPEC, text).parts[0]
    assert (part.verdict, part.score) == ("incorrect", Fraction(0))
    said = [say.replace(" - ", " − ") for say in part.feedback]
    assert message in said, said


# Sums over indices that aren't read: refused, for the answer may be right.
UNCLEAR = [
    ("sum_i X", "which axis of (F, m) is summed? Write sum(…, axis=1)", "sum_i X"),
    ("sum_i sum_j w_i X_ij", "entries of different shapes: write this sum with matrices",
     "sum_i sum_j w_i X_ij"),
    ("X sum_i w_i + w_i", "w_i is one entry, but no sum over i is around it", "w_i"),
    ("X sum_i w_j", "w_j is one entry, but no sum over j is around it", "w_j"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "place"), UNCLEAR, ids=[row[0] for row in UNCLEAR])
def test_an_unclear_sum_is_refused(text: str, message: str, place: str) -> None:
    part = compare("X", SPEC, text).parts[0]
    assert (part.verdict, part.feedback) == ("invalid", (message,))
    assert part.error is not None
    assert text[part.error.start : part.error.end] == place


@pytest.mark.parametrize("text", [row[0] for row in MISFITS])
def test_a_reference_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        compare(text, SPEC, "X")


@pytest.mark.parametrize(
    ("reference", "wrong"),
    [
        ("m", "min(m, 5)"),
        ("ceil(m/32)", "1"),
        ("m", "m + (m-2)(m-3)(m-4)"),
        ("sqrt(m-5)", "sqrt(m-6)"),
    ],
)
def test_a_length_without_a_matrix_may_be_any_number(reference: str, wrong: str) -> None:
    assert compare(reference, SPEC, reference).verdict == "correct"
    assert compare(reference, SPEC, wrong).verdict == "incorrect"


def test_sums_of_many_entries_do_not_pass_for_a_multiple_of_the_prime() -> None:
    many = "V:(2,64), x"
    assert compare("x", many, "2x sum(V/V)^18").verdict == "incorrect"
    assert compare("2^127 x", many, "2x sum(V/V)^18").verdict == "correct"


def test_the_same_answer_is_marked_the_same_whatever_came_before() -> None:
    square = "A:(n,n), B:(n,n)"
    for reference, right, wrong in [("A*B", "A ⊙ B", "A @ B"), ("A·B", "A @ B", "A ⊙ B")]:
        assert compare(reference, square, right).verdict == "correct"
        assert compare(reference, square, wrong).verdict == "incorrect"


@pytest.mark.parametrize("axes", ["(n)", "(a, b, c)", "()"])
def test_matrices_have_two_axes(axes: str) -> None:
    with pytest.raises(Unreadable, match="axes"):
        parse_symbols(f"x:{axes}")


# -- layout ----------------------------------------------------------------------------------

LINEAR = "w:(1,F), X:(F,m), b:(1,1), y:(1,m), yhat:(1,m)"
# part, key, typed, exactly what is said
LAYOUT = [
    ("dw", "2/m (yhat - y) X^T", "2/m X (yhat - y)^T",
     "The gradient has the shape of w, (1, F); yours is (F, 1): transpose it."),
    ("dw", "2/m (yhat - y) X^T", "2/m X (y - yhat)^T",
     "The gradient has the shape of w, (1, F); yours is (F, 1)."),
    ("dw", "2/m (yhat - y) X^T", "2/m (yhat - y)*X",
     "The gradient has the shape of w, (1, F); yours is (F, m)."),
    ("db", "2/m sum(yhat - y, m)", "2/m (yhat - y)",
     "The gradient has the shape of b, (1, 1); yours is (1, m)."),
    ("dX", "2/m w^T (yhat - y)", "2/m (yhat - y)^T w",
     "The gradient has the shape of X, (F, m); yours is (m, F): transpose it."),
    ("yhat", "w X + b", "X^T w^T + b", "The answer is (1, m); yours is (m, 1): transpose it."),
    ("loss", "mean((yhat - y)^2)", "(yhat - y)^2/m", "The answer is a scalar; yours is (1, m)."),
    ("loss", "mean((yhat - y)^2)", "0.5", None),
]  # fmt: skip


def judged(part: str, symbols: str, key: str, text: str) -> Judgement:
    asked = Asked(part, "matrix", parse_symbols(symbols))
    wanted = read_response(key, asked).value
    return kind_of("matrix").judge(read_response(text, asked).value, wanted, asked)


@pytest.mark.parametrize(("part", "key", "text", "said"), LAYOUT)
def test_the_wrong_layout_is_told(part: str, key: str, text: str, said: str | None) -> None:
    judgement = judged(part, LINEAR, key, text)
    assert judgement.share == 0
    assert judgement.feedback == ((said,) if said else ())


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("sum(y)", "y 1"),
        ("y y^T", "sum(y^2)"),
        ("y y^T", "||y||^2"),
        ("b", "b^T"),
        ("sum(y)/m", "mean(y)"),
        ("mean(y, axis=1)", "mean(y)"),
        ("m", "1^T ones(m, 1)"),
        ("F m", "sum(ones(F, m))"),
        ("X^T", "(X m)^T/m"),
    ],
)
def test_one_by_one_is_a_number_and_axes_are_numbers(key: str, text: str) -> None:
    assert judged("answer", LINEAR, key, text).share == 1
    assert judged("answer", LINEAR, text, key).share == 1


# -- gradients beside finite differences -----------------------------------------------------

STEP = 1e-6


def differences(function: Callable[[Any], float], at: np.ndarray[Any, Any]) -> Any:
    """Central differences of a number by every entry of a matrix."""
    gradient = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[place] = STEP
        gradient[place] = (function(at + moved) - function(at - moved)) / (2 * STEP)
    return gradient


def expression(text: str, symbols: str, values: dict[str, Any]) -> Any:
    declared = parse_symbols(symbols)
    found: Typed = typed(read(text, Scope(declared)), {symbol.name: symbol for symbol in declared})
    return np.atleast_2d(arrays.evaluate(found.node, values))


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize("seed", range(4))
def test_linear_regression_has_these_gradients(seed: int) -> None:
    dice = np.random.default_rng(seed)
    F, m = (int(size) for size in dice.integers(1, 6, 2))
    w, X, b, y = (dice.normal(size=s) for s in ((1, F), (F, m), (1, 1), (1, m)))
    values: dict[str, Any] = {"w": w, "X": X, "b": b, "y": y, "F": F, "m": m, "yhat": w @ X + b}
    loss: Callable[..., float] = lambda w, X, b: float(((w @ X + b - y) ** 2).mean())  # noqa: E731
    for text, wanted in [
        ("2/m (yhat - y) X^T", differences(lambda w: loss(w, X, b), w)),
        ("2/m w^T (yhat - y)", differences(lambda X: loss(w, X, b), X)),
        ("sum_i 2/m (yhat_i - y_i)", differences(lambda b: loss(w, X, b), b)),
        ("2/m (yhat - y) 1", differences(lambda b: loss(w, X, b), b)),
        ("2/m (yhat - y)", differences(lambda p: float(((p - y) ** 2).mean()), values["yhat"])),
    ]:
        np.testing.assert_allclose(expression(text, LINEAR, values), wanted, rtol=1e-5, atol=1e-7)


LOGISTIC = "w:(F,1), x:(F,1), y, yhat, lam>0"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("penalty", "gradient", "of"),
    [
        ("lam/2 sum_i w_i^2", "(yhat - y) x + lam w", lambda w: (w**2).sum() / 2),
        ("lam sum_i |w_i|", "(yhat - y) x + lam sign(w)", lambda w: np.abs(w).sum()),
    ],
)
def test_logistic_regression_has_these_gradients(
    penalty: str, gradient: str, of: Callable[[Any], Any], seed: int
) -> None:
    dice = np.random.default_rng(seed)
    F = int(dice.integers(1, 6))
    w, x, lam, y = (
        dice.normal(size=(F, 1)),
        dice.normal(size=(F, 1)),
        dice.uniform(0.1, 2),
        seed % 2,
    )

    def loss(w: Any) -> float:
        yhat = sigmoid(w.T @ x).item()
        return float(-y * np.log(yhat) - (1 - y) * np.log(1 - yhat) + lam * of(w))

    values = {"w": w, "x": x, "y": y, "lam": lam, "F": F, "yhat": sigmoid(w.T @ x).item()}
    written = f"-y log yhat - (1 - y) log(1 - yhat) + {penalty}"
    assert expression(written, LOGISTIC, values).item() == pytest.approx(loss(w))
    np.testing.assert_allclose(
        expression(gradient, LOGISTIC, values), differences(loss, w), rtol=1e-5, atol=1e-7
    )


TANH = "x:(1,m), W:(m,n), y:(1,n), ypred:(1,n)"
DX = "(3/2 (ypred - y)^(1/2) W^T) ⊙ (1 - tanh^2 x)"


@pytest.mark.parametrize("seed", range(4))
def test_the_tanh_layer_has_this_gradient(seed: int) -> None:
    dice = np.random.default_rng(seed)
    m, n = (int(size) for size in dice.integers(1, 6, 2))
    x, W = dice.normal(size=(1, m)), dice.normal(size=(m, n))
    y = np.tanh(x) @ W - dice.uniform(0.5, 2, (1, n))
    values = {"x": x, "W": W, "y": y, "ypred": np.tanh(x) @ W, "m": m, "n": n}
    wanted = differences(lambda x: float(((np.tanh(x) @ W - y) ** 1.5).sum()), x)
    np.testing.assert_allclose(expression(DX, TANH, values), wanted, rtol=1e-5, atol=1e-7)


def test_the_tanh_layer_of_the_exam() -> None:
    x, y = np.asarray([[0.3, -0.2, 0.5]]), np.asarray([[-2.0, -3.0]])
    W = np.asarray([[1, -2], [0.5, 1], [2, 0.25]])
    values = {"x": x, "W": W, "y": y, "ypred": np.tanh(x) @ W, "m": 3, "n": 2}
    found = expression(DX, TANH, values)
    np.testing.assert_allclose(found, [[-1.7722, 3.4756, 4.6160]], atol=5e-5)


# -- the exam's problems ---------------------------------------------------------------------


class Problem(NamedTuple):
    """A matrix problem of the curriculum: what is right, what is wrong and what must be said."""

    part: str
    symbols: str
    right: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...]


CROSS = "-y log yhat - (1 - y) log(1 - yhat)"
PROBLEMS = {
    "000-1 dz/dx": Problem(
        "dx", "x:(3,1), y:(3,1)", ("y", "y^T^T", "(y.T).T", "1 y", "y·1"),
        (
            ("y^T", r"shape of x, \(3, 1\); yours is \(1, 3\): transpose it"),
            ("x", ""),
            ("x^T y", r"shape of x, \(3, 1\); yours is \(1, 1\)"),
            ("y^T x", r"shape of x, \(3, 1\); yours is \(1, 1\)"),
        ),
    ),
    "000-2 forward": Problem(
        "yhat", "w:(1,F), X:(F,m), b:(1,1)",
        (
            "w X + b", "wX + b", "w @ X + b", "w·X + b", "w*X + b", "w × X + b", "b + wX",
            "np.dot(w, X) + b", "np.matmul(w, X) + b", "w.dot(X) + b",
            "yhat = wX + b", "ŷ = wX + b",
            "(X^T w^T)^T + b", "(X.T @ w.T + b).T", "wX + b 1^T", "wX + b ones(1, m)",
            "w @ X + b * np.ones((1, m))", "sum(w^T ⊙ X, axis=0) + b", r"\mathbf{w}\mathbf{X} + b",
            "np.sum(w.T * X, axis=0, keepdims=True) + b", "dot(w, X) + b", "w X + b^T",
        ),
        (
            ("X w + b", r"X w: \(F, m\) · \(1, F\), the inner axes m and 1 differ"),
            ("X w", r"X w: \(F, m\) · \(1, F\), the inner axes m and 1 differ"),
            ("w X b", ""),
            ("w X", "b"),
            ("w^T X + b", r"the inner axes 1 and F differ\. w is \(1, F\)"),
            ("X^T w^T + b", r"is \(1, m\); yours is \(m, 1\): transpose it"),
            ("w ⊙ X + b", r"w ⊙ X: \(1, F\) and \(F, m\) don't fit"),
        ),
    ),
    "000-3 dyhat": Problem(
        "dyhat", LINEAR,
        ("2/m (yhat - y)", "(2/m)(ŷ − y)", "-2/m (y - yhat)", "2(yhat - y)/m", "2*(yhat-y)/m",
         r"\frac{2}{m}(\hat{y} - y)", "2/m yhat - 2/m y"),
        (
            ("2/m (y - yhat)", "other way round|sign"),
            ("2(yhat - y)", "m"),
            ("1/m (yhat - y)", "2|half"),
            ("2/m (yhat - y)^T", r"shape of ŷ, \(1, m\); yours is \(m, 1\): transpose it"),
        ),
    ),
    "000-3 dw": Problem(
        "dw", LINEAR,
        (
            "2/m (yhat - y) X^T", "2/m (yhat - y) X.T", "2/m (yhat - y) X'", "2/m (ŷ − y) Xᵀ",
            "2/m*(yhat - y)@X.T", "(2/m) np.dot(yhat - y, X.T)", "2/m*(yhat - y).dot(X.T)",
            r"\frac{2}{m}(\hat{y} - y)X^T", r"\frac{2}{m}(\hat{y} - y)X^\top",
            "(2/m X (yhat - y)^T)^T", "2(yhat - y)X^T/m", "-2/m (y - yhat) X^T",
            "2/m sum((yhat - y) ⊙ X, axis=1)^T", "2 mean((yhat - y)*X, m)^T",
            "dw = 2/m (yhat - y) X^T", "dL/dw = 2/m (yhat - y) X^T",
        ),
        (
            ("(2/m)(y - yhat)X^T", "other way round|sign"),
            ("(2/m) X (yhat - y)", r"\(F, m\) · \(1, m\), the inner axes m and 1 differ"),
            ("(2/m) X (yhat - y)^T", r"shape of w, \(1, F\); yours is \(F, 1\): transpose it"),
            ("2(yhat - y)X^T", "m"),
            ("(1/m)(yhat - y)X^T", "2|half"),
            ("(2/m)(yhat - y)X", r"\(1, m\) · \(F, m\), the inner axes m and F differ"),
        ),
    ),
    "000-3 dX": Problem(
        "dX", LINEAR,
        ("2/m w^T (yhat - y)", "w^T 2/m (yhat - y)", "2/m w.T @ (yhat - y)",
         "2/m np.dot(w.T, yhat - y)", "2/m w^T ⊙ (yhat - y)", "(2/m (yhat - y)^T w)^T"),
        (
            ("2/m (yhat - y) w", r"\(1, m\) · \(1, F\), the inner axes m and 1 differ"),
            ("(2/m (yhat - y) w)^T", r"\(1, m\) · \(1, F\), the inner axes m and 1 differ"),
            ("2/m w (yhat - y)", r"\(1, F\) · \(1, m\), the inner axes F and 1 differ"),
            ("2/m (yhat - y)^T w", r"shape of X, \(F, m\); yours is \(m, F\): transpose it"),
        ),
    ),
    "000-3 db": Problem(
        "db", LINEAR,
        (
            "sum_i 2/m (yhat_i - y_i)", "2/m sum_i (yhat_i - y_i)", "2/m sum(yhat - y)",
            "2/m sum(yhat - y, m)", "2/m (yhat - y) 1", "2/m (yhat - y) @ ones(m, 1)",
            "2/m*np.sum(yhat - y)", "2/m*np.sum(yhat - y, axis=1, keepdims=True)",
            "2/m*(yhat - y).sum()", "2 mean(yhat - y)", "2*np.mean(yhat - y)",
            r"\sum_i \frac{2}{m}(\hat{y}_i - y_i)", r"\frac{2}{m}\sum_{i=1}^{m}(\hat{y}_i - y_i)",
            "2/m Σ(ŷ − y)", "2/m 1^T (yhat - y)^T",
        ),
        (
            ("(2/m)(yhat - y)", r"shape of b, \(1, 1\); yours is \(1, m\)"),
            ("2/m sum(yhat - y, axis=0)", r"shape of b, \(1, 1\); yours is \(1, m\)"),
            ("sum(yhat - y)", "2/m|factor|division"),
            ("2/m sum(y - yhat)", "other way round|sign"),
            ("2/m sum(yhat - y, F)", r"F is not an axis of \(1, m\)"),
        ),
    ),
    "001-5 loss": Problem(
        "loss", LOGISTIC,
        tuple(
            f"{CROSS} + {penalty}" for penalty in (
                "lam/2 sum_i w_i^2", "lam/2 sum(w^2)", "lam/2 ||w||^2", "lam/2 ||w||_2^2",
                "lam/2 w.T w", "lam/2 w^T w", "lam/2 w.T @ w", "λ/2 Σ_i w_i²", "lam/2 norm(w)^2",
                "lam/2*np.sum(w**2)", "lam/2*np.linalg.norm(w)**2", "lam/2 (w**2).sum()",
                r"\frac{\lambda}{2}\sum_i w_i^2", r"\frac{\lambda}{2}\|w\|_2^2", "lam sum(w^2)/2",
                "0.5 lam sum(w*w)", "lam/2 dot(w.T, w)", "sum_i lam/2 * w_i^2",
            )
        ),
        (
            (f"{CROSS} + lam sum(w^2)", "2|half|1/2|twice"),
            (f"{CROSS} + lam/2 w w^T", r"is a scalar; yours is \(F, F\)"),
            (f"{CROSS} + lam/2 w^2", r"is a scalar; yours is \(F, 1\)"),
            (f"{CROSS} + lam/2 w w", r"\(F, 1\) · \(F, 1\), the inner axes 1 and F differ"),
            (f"{CROSS} + lam/2 sum(w)^2", "square|sum|"),
            (f"{CROSS} + lam/2 ||w||", ""),
        ),
    ),
    "001-5 dw": Problem(
        "dw", LOGISTIC,
        ("(yhat - y) x + lam w", "x(yhat - y) + lam*w", "(ŷ − y)·x + λ·w", "yhat x - y x + lam w",
         r"(\hat{y} - y)x + \lambda w", "(yhat - y) x_i + lam w_i", "lam w - (y - yhat) x",
         "((yhat - y) x^T + lam w^T)^T"),
        (
            ("(y - yhat)x + lam w", "other way round|sign"),
            ("(yhat - y)x + 2 lam w", "2|twice"),
            ("(yhat - y) + lam w", "x"),
            ("(yhat - y) yhat (1 - yhat) x + lam w", ""),
            ("(yhat - y)x", "lam|λ"),
            ("(yhat - y) x^T + lam w^T", r"shape of w, \(F, 1\); yours is \(1, F\): transpose it"),
            ("(yhat - y) x^T + lam w", r"shape of w, \(F, 1\); yours is \(F, F\)"),
        ),
    ),
    "001-6 loss": Problem(
        "loss", LOGISTIC,
        tuple(
            f"{CROSS} + {penalty}" for penalty in (
                "lam sum_i |w_i|", "lam sum(|w|)", "lam sum(abs(w))", "lam ||w||_1", "λ Σ_i |w_i|",
                "lam*np.sum(np.abs(w))", r"\lambda \sum_i |w_i|", r"\lambda \|w\|_1",
                r"\lambda\sum_i \left|w_i\right|", "lam sign(w)^T w", "lam*np.abs(w).sum()",
            )
        ),
        (
            (f"{CROSS} + lam |w|", r"is a scalar; yours is \(F, 1\)"),
            (f"{CROSS} + sum(|w|)", "lam|λ"),
            (f"{CROSS} + lam ||w||", ""),
            (f"{CROSS} + lam |sum(w)|", ""),
        ),
    ),
    "001-6 dw": Problem(
        "dw", LOGISTIC,
        ("(yhat - y) x + lam sign(w)", "(yhat - y)x + lam sgn(w)", "(yhat - y)x + lam w/|w|",
         "(yhat-y)*x + lam*np.sign(w)", "lam*sign(w) + x*(yhat - y)"),
        (
            ("(yhat - y)x + 1", ""),
            ("(yhat - y)x + w", ""),
            ("(yhat - y)x + lam w", ""),
            ("(yhat - y)x + sign(w)", "lam|λ"),
            ("(yhat - y)x + lam", "sign|"),
        ),
    ),
    "001-7 dx": Problem(
        "dx", TANH,
        (
            "(3/2 (ypred - y)^(1/2) W^T) ⊙ (1 - tanh^2 x)",
            "3/2 sqrt(ypred - y) W^T ⊙ (1 - tanh²(x))",
            "3/2*np.sqrt(ypred - y)@W.T*(1 - np.tanh(x)**2)",
            "1.5 (ypred - y)^.5 W' * (1 - tanh(x)^2)",
            "(3/2 sqrt(ypred - y) W^T) ⊙ sech(x)^2", "(1 - tanh^2 x) ⊙ (3/2 (ypred - y)^0.5 W^T)",
            "3/2 (ypred - y)^(1/2) W^T diag(1 - tanh^2 x)", "3/2 sqrt(ypred - y) W^T ⊙ 1/cosh(x)^2",
            r"\frac{3}{2}\sqrt{ypred - y}\,W^T \odot (1 - \tanh^2 x)",
            "np.multiply(1.5*np.sqrt(ypred - y)@W.T, 1 - np.tanh(x)**2)",
            "3/2 (ypred - y)^(1/2) W^T .* (1 - tanh^2 x)",
        ),
        (
            ("3/2 (ypred - y)^(1/2) W ⊙ (1 - tanh^2 x)",
             r"\(1, n\) · \(m, n\), the inner axes n and m differ\. Wᵀ is \(n, m\)"),
            ("(ypred - y)^(1/2) W^T ⊙ (1 - tanh^2 x)", "3/2"),
            ("3/2 (ypred - y)^(3/2) W^T ⊙ (1 - tanh^2 x)", "exponent|power|"),
            ("3/2 (ypred - y)^(1/2) W^T ⊙ (1 - tanh x)^2", ""),
            ("3/2 (ypred - y)^(1/2) W^T ⊙ sech x", ""),
            ("3/2 (ypred - y)^(1/2) W^T (1 - tanh^2 x)",
             r"\(1, m\) · \(1, m\), the inner axes m and 1 differ\. Both are \(1, m\): ⊙"),
            ("W^T 3/2 (ypred - y)^(1/2) ⊙ (1 - tanh^2 x)", r"\(n, m\) · \(1, n\)"),
            ("3/2 (ypred - y)^(1/2) W^T", "tanh"),
        ),
    ),
}  # fmt: skip
RIGHT = [(name, text) for name, problem in PROBLEMS.items() for text in problem.right]
WRONG = [(name, *row) for name, problem in PROBLEMS.items() for row in problem.wrong]


def answered(name: str, text: str) -> tuple[Fraction, str]:
    """The share of the marks, and all that is said."""
    problem = PROBLEMS[name]
    asked = Asked(problem.part, "matrix", parse_symbols(problem.symbols))
    kind = kind_of("matrix")
    wanted = read_response(problem.right[0], asked).value
    value = read_response(text, asked).value
    assert is_node(value)
    judgement = kind.judge(value, wanted, asked)
    slip = kind.slip(value, wanted, asked) if judgement.share != 1 else None
    return judgement.share, " ".join((*judgement.feedback, slip.text if slip else ""))


@pytest.mark.parametrize(("name", "text"), RIGHT, ids=[f"{n} | {t}" for n, t in RIGHT])
def test_every_right_spelling_is_right(name: str, text: str) -> None:
    assert answered(name, text) == (Fraction(1), "")


@pytest.mark.parametrize(("name", "text", "say"), WRONG, ids=[f"{n} | {t}" for n, t, _ in WRONG])
def test_every_wrong_answer_is_wrong_and_told_why(name: str, text: str, say: str) -> None:
    share, said = answered(name, text)
    assert share == 0
    assert re.search(say, said), said
