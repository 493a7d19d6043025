"""One line of text for a tree, which reads back to it, and short text for values."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st

from engine.language.functions import STUDENT_FUNCTIONS
from engine.language.names import is_simple
from engine.language.parser import read
from engine.language.printer import Shown, display, format_value, one_line
from engine.language.scope import Scope
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Sequence, Unary

WORDS = "a b c m w x y X yhat lam alpha lam_1 w_i dJ/dw_i E[w] Var(w)".split()
SCOPE = Scope(map(Symbol, WORDS))


def reread(text: str) -> Node:
    return read(text, SCOPE, relations=True)


# typed, printed, printed in plain characters, why the row is here
PRINTED = [
    ("(28 + 2*1 - 5)/2 + 1", "(28 + 2·1 − 5)/2 + 1", "(28 + 2*1 - 5)/2 + 1", "output size"),
    ("2xy", "2·x·y", "2*x*y", "juxtaposition"),
    ("6×6×32", "6 × 6 × 32", "6*6*32", "a typed × stays"),
    ("2/m (yhat - y) X^T", "2/m·(ŷ − y)·Xᵀ", "2/m*(yhat - y)*X^T", "left to right"),
    ("a - b - c", "a − b − c", "a - b - c", "a chain to the left"),
    ("a - (b - c)", "a − (b − c)", "a - (b - c)", "the right operand of −"),
    ("a + (b + c)", "a + (b + c)", "a + (b + c)", "as it was typed"),
    ("a/b/c", "a/b/c", "a/b/c", "a chain of divisions"),
    ("a/(b c)", "a/(b·c)", "a/(b*c)", "a product below"),
    ("a*(b/c)", "a·(b/c)", "a*(b/c)", "a fraction as second factor"),
    ("(a b)/c", "a·b/c", "a*b/c", "no brackets above"),
    ("a (b + c)", "a·(b + c)", "a*(b + c)", "a sum as factor"),
    ("-x^2", "−x^2", "-x^2", "the sign is outside"),
    ("(-2)^2", "(−2)^2", "(-2)^2", "the sign is inside"),
    ("-(x y)", "−(x·y)", "-(x*y)", "the sign of a product"),
    ("-x y", "−x·y", "-x*y", "the sign of its first factor"),
    ("a + (-b)", "a + (−b)", "a + (-b)", "two signs don't meet"),
    ("a·-b", "a·(−b)", "a*(-b)", "two signs don't meet"),
    ("a - (-b c)", "a − (−b·c)", "a - (-b*c)", "a sign deeper in"),
    ("-(-x)", "−(−x)", "-(-x)", "two signs don't meet"),
    ("+x", "+x", "+x", "a plus in front"),
    ("2^-x", "2^(−x)", "2^(-x)", "a signed exponent"),
    ("x^y^2", "x^(y^2)", "x^(y^2)", "a tower"),
    ("(x^2)^3", "(x^2)^3", "(x^2)^3", "a power of a power"),
    ("(a/b)^c", "(a/b)^c", "(a/b)^c", "a power of a fraction"),
    ("x^(a/b)", "x^(a/b)", "x^(a/b)", "a broken exponent"),
    ("x^0.5", "x^0.5", "x^0.5", "a decimal exponent"),
    ("sin(x)^2", "sin(x)^2", "sin(x)^2", "a power of a function"),
    ("5% x", "5%·x", "5%*x", "percent"),
    ("x!^2", "(x!)^2", "(x!)^2", "a power of a factorial"),
    ("(x^2)!", "(x^2)!", "(x^2)!", "the factorial of a power"),
    ("(-x)!", "(−x)!", "(-x)!", "the factorial of a signed number"),
    ("(X.T)'", "(Xᵀ)ᵀ", "(X^T)^T", "twice transposed"),
    ("X' @ w ⊙ y", "Xᵀ @ w ⊙ y", "X^T @ w .* y", "matrix products"),
    ("|x| + |y|", "|x| + |y|", "|x| + |y|", "bars side by side"),
    ("|a|x||", "abs(a·|x|)", "abs(a*|x|)", "bars in bars"),
    ("||w||^2", "‖w‖^2", "||w||^2", "norm"),
    ("abs(+x)", "abs(+x)", "abs(+x)", "a bar before + isn't read"),
    ("abs(|w| - 1) |(-x)|", "abs(|w| − 1)·abs(−x)", "abs(|w| - 1)*abs(-x)", "a sign after a bar"),
    ("log(x, 2)", "log(x, 2)", "log(x, 2)", "two arguments"),
    ("sum(X, axis=1)", "sum(X, axis=1)", "sum(X, axis=1)", "an option"),
    ("sum(X, axis=0, keepdims=True)", "sum(X, axis=0, keepdims=True)",
     "sum(X, axis=0, keepdims=True)", "True stays a word"),
    ("if(x > 0 and y <= 2, 1, 0)", "if(x > 0 and y ≤ 2, 1, 0)",
     "if(x > 0 and y <= 2, 1, 0)", "conditions"),
    ("1 < x < 3", "1 < x and x < 3", "1 < x and x < 3", "a chain of relations"),
    ("x < -1", "x < −1", "x < -1", "a sign after a relation"),
    ("x != y or x = 1", "x ≠ y or x = 1", "x != y or x = 1", "relations"),
    ("(x = 1 or y = 1) and a = 1", "(x = 1 or y = 1) and a = 1",
     "(x = 1 or y = 1) and a = 1", "or within and"),
    ("(6, 6, 32)", "(6, 6, 32)", "(6, 6, 32)", "a shape"),
    ("(50,)", "(50,)", "(50,)", "a shape of one axis"),
    ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]", "an array"),
    ("lam alpha lam_1", "λ·α·λ_1", "lambda*alpha*lambda_1", "Greek letters"),
    ("dJ/dw_i^2", "(dJ/dw_i)^2", "(dJ/dw_i)^2", "a derivative is one symbol"),
    ("x/dJ/dw_i", "x/(dJ/dw_i)", "x/(dJ/dw_i)", "a derivative below"),
    ("E[w] - Var(w)", "E[w] − Var(w)", "E[w] - Var(w)", "names with brackets"),
    ("π e", "π·e", "pi*e", "constants"),
    ("1.50 x", "1.50·x", "1.50*x", "a number as it was typed"),
    ("1e-5", "1e-5", "1e-5", "scientific, as it was typed"),
    ("2. x", "2·x", "2*x", "a point with nothing behind"),
    ("½ x", "0.5·x", "0.5*x", "a character for a fraction"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "printed", "plain", "why"), PRINTED)
def test_prints_and_reads_back(typed: str, printed: str, plain: str, why: str) -> None:
    tree = reread(typed)
    assert (one_line(tree), one_line(tree, ascii=True)) == (printed, plain), why
    assert reread(printed) == tree
    assert reread(plain) == tree


X, Y = Name("x"), Name("y")
BUILT = [
    (Number(Fraction(-2)), "−2", "a negative number"),
    (Binary("^", Number(Fraction(-2)), X), "(−2)^x", "a negative base"),
    (Binary("-", X, Number(Fraction(-2))), "x − (−2)", "a negative right operand"),
    (Number(Fraction(1, 3)), "1/3", "no finite decimal"),
    (Binary("^", X, Number(Fraction(1, 3))), "x^(1/3)", "a fraction as exponent"),
    (Binary("*", Number(Fraction(-1, 3)), X), "−1/3·x", "a negative fraction"),
    (Binary("*", X, Number(Fraction(1, 3))), "x·(1/3)", "a fraction as second factor"),
    (Number(Fraction(1, 8)), "0.125", "a short decimal"),
    (Number(Fraction(1, 2**20)), "1/1048576", "a long decimal"),
    (Number(Fraction(-3), "-3"), "-3", "a typed sign"),
    (Constant("inf"), "∞", "infinity"),
    (Call("factorial", (X,)), "factorial(x)", "a function by its name"),
    (Call("if", (Binary("=", Name("axis"), X), X, Y)), "if((axis = x), x, y)", "not an option"),
    (Sequence((), "[]"), "[]", "an empty list"),
]


@pytest.mark.parametrize(("tree", "printed", "why"), BUILT)
def test_prints_built_trees(tree: Node, printed: str, why: str) -> None:
    assert one_line(tree) == printed, why


def test_many_bars_become_words() -> None:
    tree: Node = X
    for _ in range(40):
        tree = Binary("+", tree, Call("abs", (Y,)))
    assert "|" not in one_line(tree)
    assert reread(one_line(tree)) == tree


NAMES = [
    ("x", "x", "x"),
    ("lam", "λ", "lambda"),
    ("lambda", "λ", "lambda"),
    ("eps", "ε", "epsilon"),
    ("Delta", "Δ", "Delta"),
    ("alpha_1", "α_1", "alpha_1"),
    ("x_mu", "x_μ", "x_mu"),
    ("yhat", "ŷ", "yhat"),
    ("y_hat", "ŷ", "yhat"),
    ("what", "ŵ", "what"),
    ("yhat_1", "ŷ_1", "yhat_1"),
    ("muhat", "μ̂", "muhat"),
    ("hat", "hat", "hat"),
    ("somehat", "somehat", "somehat"),
    ("ŷ", "ŷ", "yhat"),
    ("θ", "θ", "theta"),
    ("alphabet", "alphabet", "alphabet"),
    ("dJ/dw_i", "dJ/dw_i", "dJ/dw_i"),
    ("E[w]", "E[w]", "E[w]"),
]


@pytest.mark.parametrize(("name", "shown", "plain"), NAMES)
def test_names(name: str, shown: str, plain: str) -> None:
    assert (display(name), display(name, ascii=True)) == (shown, plain)


SIMPLE = [word for word in WORDS if is_simple(word)]
NAMED = [f.name for f in STUDENT_FUNCTIONS.values() if f.name != "if"]


def trees() -> st.SearchStrategy[Node]:
    whole = st.integers(0, 999).map(lambda n: Number(Fraction(n)))
    tenths = st.integers(1, 999).map(lambda n: Number(Fraction(n, 10)))
    atoms = st.one_of(
        whole,
        tenths,
        st.sampled_from(SIMPLE).map(Name),
        st.sampled_from("e pi".split()).map(Constant),
    )

    def larger(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        relation = st.builds(Binary, st.sampled_from("= != < <= > >=".split()), part, part)
        condition = st.builds(Binary, st.sampled_from(["and", "or"]), relation, relation)
        pair = st.tuples(part, part)
        return st.one_of(
            st.builds(Unary, st.sampled_from("-+%!T"), part),
            st.builds(Binary, st.sampled_from("+-*/^@⊙"), part, part),
            st.builds(Binary, st.just("*"), part, part, st.just(False), st.just("×")),
            st.sampled_from(NAMED).flatmap(
                lambda name: st.tuples(*[part] * STUDENT_FUNCTIONS[name].fewest).map(
                    lambda arguments: Call(name, arguments)
                )
            ),
            st.builds(lambda c, p: Call("if", (c, *p)), condition | relation, pair),
            st.builds(lambda x, axis: Call("sum", (x,), (("axis", axis),)), part, whole),
            st.builds(Sequence, pair, st.sampled_from(["()", "[]"])),
        )

    return st.recursive(atoms, larger, max_leaves=12)


@pytest.mark.parametrize("op", ["+", "-", "*", "/", "^", "and", "<"])
def test_deep_trees(op: str) -> None:
    left: Node = X
    right: Node = X
    for _ in range(200):
        left, right = Binary(op, left, X), Binary(op, X, right)
    assert one_line(left).count("x") == one_line(right).count("x") == 201


# value, digits, written, why the row is here
VALUES: list[tuple[Shown, int, str, str]] = [
    (5, 4, "5", "whole"),
    (-5, 4, "−5", "the minus sign of maths"),
    (123456789, 4, "123456789", "whole numbers are written out"),
    (25600000.0, 4, "25600000", "a whole float too"),
    (Fraction(27, 2), 4, "13.5", "a finite decimal"),
    (Fraction(54, 2), 4, "27", "a whole fraction"),
    (Fraction(1, 3), 4, "0.3333", "rounded"),
    (Fraction(-2, 3), 3, "−0.667", "fewer digits"),
    (Fraction(1, 2**10), 4, "0.0009766", "seven significant digits are too many"),
    (Fraction(1, 2**6), 4, "0.015625", "five are not"),
    (Fraction(2, 3) * 10**5, 4, "66667", "no digit before the point is lost"),
    (Fraction(10**40, 3), 4, "3.333e39", "large"),
    (1 / 3, 4, "0.3333", "a float"),
    (0.5, 4, "0.5", "a short float"),
    (0.1 + 0.2, 4, "0.3", "a short float with its rounding error"),
    (4.000000000000001, 4, "4", "a whole one with its rounding error"),
    (0.299999999, 4, "0.3000", "zeros say that it was rounded"),
    (1.67e-05, 4, "1.670e-5", "small"),
    (Fraction(-167, 10**7), 4, "−1.670e-5", "small and negative"),
    (9.99999e-05, 3, "1.00e-4", "rounding carries over"),
    (1234567.8, 4, "1.235e6", "large and broken"),
    (1e300, 4, "1.000e300", "very large"),
    (5e-324, 2, "5.0e-324", "the smallest float"),
    (0.0, 4, "0", "nought"),
    (float("nan"), 4, "nan", "no value"),
    (float("-inf"), 4, "−∞", "infinite"),
    (True, 4, "true", "a truth value"),
    ("high bias", 4, "high bias", "a word"),
    (1 - 2j, 4, "1 − 2i", "complex"),
    (-1.5j, 4, "−1.5i", "imaginary"),
    (((1, 2), (3, Fraction(9, 2))), 4, "[[1, 2], [3, 4.5]]", "an array"),
    (Binary("*", Number(Fraction(2)), X), 4, "2·x", "maths"),
]


@pytest.mark.parametrize(("value", "digits", "written", "why"), VALUES)
def test_values(value: Shown, digits: int, written: str, why: str) -> None:
    assert format_value(value, digits) == written, why


def test_values_in_plain_characters() -> None:
    assert format_value((-1, float("inf"), -2j), ascii=True) == "[-1, inf, -2i]"


def test_numpy_values() -> None:
    import numpy as np

    array: Any = np.asarray([[1.0, 0.1], [2.0, 1 / 3]])
    assert format_value(array) == "[[1, 0.1], [2, 0.3333]]"
    assert format_value(np.float64(2.0)) == "2"


def test_importing_stays_light() -> None:
    code = (
        "import sys, engine.language.printer; print('numpy' in sys.modules, 'sympy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]
