"""Trees to SymPy and back, and derivatives against finite differences."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.algebra import MAX_NESTED, NotAlgebraic, derivative, from_sympy, to_sympy
from engine.language.arrays import evaluate
from engine.language.functions import AUTHOR_FUNCTIONS
from engine.language.parser import read
from engine.language.printer import one_line
from engine.language.scope import Scope
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Unary

DECLARED = [
    *map(Symbol, "x y z w lam beta gamma E I S N".split()),
    Symbol("p", bound=">0"),
    Symbol("q", bound="<=0"),
    Symbol("n", "integer", ">=0"),
    Symbol("c", "complex"),
    Symbol("j", "unit"),
    Symbol("X", axes=("F", "m")),
]
SYMBOLS = {symbol.name: symbol for symbol in DECLARED}
SCOPE = Scope(DECLARED, AUTHOR_FUNCTIONS)


def tree_of(typed: str) -> Node:
    return read(typed, SCOPE, relations=True)


def there_and_back(typed: str) -> str:
    return one_line(from_sympy(to_sympy(tree_of(typed), SYMBOLS)))


# typed, what comes back, why the row is here
ROUND_TRIPS = [
    ("1 + 2x + x^2", "x^2 + 2·x + 1", "falling degree"),
    ("-x + y", "y − x", "a positive term first"),
    ("-x - 1", "−x − 1", "no positive term"),
    ("1 - x", "1 − x", "a number first"),
    ("2/3 x", "2·x/3", "one fraction bar"),
    ("-2x/3 - 1/3", "−2·x/3 − 1/3", "signs"),
    ("0.1 + 0.2", "3/10", "decimals are exact"),
    ("5%", "1/20", "percent"),
    ("x y^-1 z^-2", "x/(y·z^2)", "negative powers below"),
    ("x^-1", "1/x", "a negative power alone"),
    ("x^(1/2)", "sqrt(x)", "a square root"),
    ("1/sqrt(x)", "1/sqrt(x)", "a square root below"),
    ("x^(2/3)", "x^(2/3)", "a broken power"),
    ("2^-x", "2^(−x)", "a signed exponent"),
    ("exp(-x)", "e^(−x)", "powers of e"),
    ("e", "e", "e itself"),
    ("sigmoid(x)", "1/(1 + e^(−x))", "sigmoid by its formula"),
    ("relu(x)", "max(0, x)", "relu by its formula"),
    ("|w|", "|w|", "a real symbol"),
    ("sqrt(x^2)", "|x|", "a root of a square"),
    ("sqrt(p^2)", "p", "a positive symbol"),
    ("|q|", "−q", "a negative symbol"),
    ("sign(x)", "sign(x)", "sign"),
    ("log(8, 2)", "3", "base 2"),
    ("log(x, 2)", "log(x)/log(2)", "base 2"),
    ("cbrt(p)", "p^(1/3)", "of a positive symbol"),
    ("root(x, 3)", "|x|^(1/3)·sign(x)", "real for negative x too"),
    ("root(x, 4)", "x^(1/4)", "an even degree"),
    ("round(x, 2)", "floor(100·x + 1/2)/100", "half up"),
    ("mod(x, 3)", "mod(x, 3)", "remainder"),
    ("ceil(x) + floor(x)", "ceil(x) + floor(x)", "steps"),
    ("n!", "factorial(n)", "factorial"),
    ("if(x > 0 and y < 2, x, 0)", "if(x > 0 and y < 2, x, 0)", "cases"),
    ("if(x, 1, 2)", "if(x ≠ 0, 1, 2)", "a number as condition"),
    ("2 (x > 0)", "2·if(x > 0, 1, 0)", "a condition as number"),
    ("x = 1 or x != y", "x = 1 or x ≠ y", "relations"),
    ("x >= 1", "x ≥ 1", "a relation"),
    ("x = x", "1", "a relation that always holds"),
    ("if(if(x > 1, x, 2) > 3, 1, 0)", "if(if(x > 1, x > 3, 0), 1, 0)", "cases in a condition"),
    ("sec(x) cot(x)", "cot(x)·sec(x)", "functions stay"),
    ("asinh(x) acos(y)", "acos(y)·asinh(x)", "inverse functions"),
    ("E I S N beta gamma", "E·I·N·S·β·γ", "names that mean something in SymPy"),
    ("j^2", "−1", "the imaginary unit"),
    ("x j", "i·x", "the imaginary unit"),
    ("pi - inf", "−∞", "infinity"),
    ("norm(x) + sum(y) + mean(z)", "y + z + |x|", "of one number"),
    ("x ⊙ y", "x·y", "element-wise, of numbers"),
    ("diff(x^3, x)", "3·x^2", "a derivative inside"),
]


@pytest.mark.parametrize(("typed", "back", "why"), ROUND_TRIPS)
def test_there_and_back(typed: str, back: str, why: str) -> None:
    assert there_and_back(typed) == back, why


REFUSED = [
    ("X + 1", "X is a matrix"),
    ("[1, 2]", "an array has no algebraic form"),
    ("x @ y", "@ has no algebraic form"),
    ("x^T", "T has no algebraic form"),
    ("diag(x)", "diag(…) has no algebraic form"),
    ("sum(x, axis=1)", "sum(…) has no algebraic form"),
    ("x/0", "this divides by zero"),
    ("0/0", "this divides by zero"),
    ("2^(2^40)", "this power is too large to write out"),
    ("(2x)^(10^6)", "this power is too large to write out"),
    ("9999!", "this factorial is too large to write out"),
    ("diff(x, 2)", "a derivative is taken by a declared symbol"),
]


@pytest.mark.parametrize(("typed", "message"), REFUSED)
def test_what_has_no_algebra(typed: str, message: str) -> None:
    with pytest.raises(NotAlgebraic) as refused:
        to_sympy(tree_of(typed), SYMBOLS)
    assert str(refused.value) == message


def test_an_order_of_complex_numbers_is_refused() -> None:
    with pytest.raises(NotAlgebraic, match="non-real"):
        to_sympy(tree_of("j < 1"), SYMBOLS)


def test_an_undeclared_name_is_refused() -> None:
    with pytest.raises(NotAlgebraic, match="u isn't declared"):
        to_sympy(Name("u"), SYMBOLS)


x, y = sympy.Symbol("x", real=True), sympy.Symbol("y", real=True)
WORDLESS = [
    sympy.gamma(x),
    sympy.Integral(x, x),
    sympy.Not(sympy.Symbol("b")),
    sympy.zoo,
    sympy.Float(0.5),
]


@pytest.mark.parametrize("expression", WORDLESS, ids=str)
def test_what_the_language_has_no_word_for(expression: Any) -> None:
    with pytest.raises(NotAlgebraic):
        from_sympy(expression)


def test_assumptions_come_from_the_declaration() -> None:
    assert to_sympy(Name("p"), SYMBOLS).is_positive
    assert to_sympy(Name("q"), SYMBOLS).is_nonpositive
    assert to_sympy(Name("n"), SYMBOLS).is_integer
    assert to_sympy(Name("x"), SYMBOLS).is_real
    assert to_sympy(Name("c"), SYMBOLS).is_real is None
    assert to_sympy(Name("E"), SYMBOLS) != sympy.E
    assert to_sympy(Name("r"), {"r": Symbol("r", bound="!=0")}).is_nonzero


def test_heaviside_is_a_case() -> None:
    assert one_line(from_sympy(sympy.Heaviside(x * y))) == "if(x·y > 0, 1, 0)"


# typed, derivative by x, why the row is here
DERIVATIVES = [
    ("x^3", "3·x^2", "a power"),
    ("x^n", "n·x^(n − 1)", "a power without a number"),
    ("e^(-x^2/2)", "−x·e^(−x^2/2)", "the chain rule"),
    ("(x^2 + 1)^3", "6·x·(x^2 + 1)^2", "the chain rule"),
    ("lam |x|", "λ·sign(x)", "L1"),
    ("lam x^2", "2·λ·x", "L2"),
    ("|log(x)|", "sign(log(x))/x", "what need not be real"),
    ("||x| - 1|", "sign(x)·sign(|x| − 1)", "bars in bars"),
    ("relu(x y)", "if(x·y > 0, y, 0)", "a corner"),
    ("max(x, y, 1)", "if(x > 1 and x > y, 1, 0)", "three arguments"),
    ("min(x, 1)", "if(x < 1, 1, 0)", "a corner"),
    ("sigmoid(x)", "e^(−x)/(1 + e^(−x))^2", "sigmoid"),
    ("floor(x) x", "floor(x)", "a step is flat"),
    ("sign(x) x", "sign(x)", "a step is flat"),
    ("mod(x^2, 3)", "2·x", "remainder"),
    ("root(x, 3)", "1/(3·|x|^(2/3))", "a real root"),
    ("if(x > 1, x^2, x)", "if(x > 1, 2·x, 1)", "case by case"),
    ("tan(x)", "tan(x)^2 + 1", "a function"),
    ("y", "0", "a constant"),
]


@pytest.mark.parametrize(("typed", "printed", "why"), DERIVATIVES)
def test_derivatives(typed: str, printed: str, why: str) -> None:
    assert one_line(derivative(tree_of(typed), "x", SYMBOLS)) == printed, why


MORE_FUNCTIONS = """
log(x) sqrt(x) sin(x) cos(x) cot(x) sec(x) csc(x) asin(x/9) acos(x/9) atan(x) sinh(x) cosh(x)
tanh(x) coth(x) sech(x) csch(x) asinh(x) acosh(x+1) atanh(x/9) x^x 2^x log(x,y) cbrt(x) root(x,5)
relu(x-1)^2 |x-1|*|x| max(x,y)*x x/(y+x) ceil(x)*x mod(x,y) mod(y,x) (x>1)*x log(1+e^(-x*y))
""".split()


@pytest.mark.parametrize("typed", [row[0] for row in DERIVATIVES] + MORE_FUNCTIONS)
def test_derivatives_against_finite_differences(typed: str) -> None:
    tree = tree_of(typed)
    slope = derivative(tree, "x", SYMBOLS)
    points = np.array([0.37, 0.81, 1.23, 2.39])
    others = {"y": 1.7, "lam": 0.3, "n": 3.0}
    step = 1e-6
    right = evaluate(tree, {"x": points + step, **others})
    left = evaluate(tree, {"x": points - step, **others})
    wanted = (right - left) / (2 * step)
    found = np.broadcast_to(evaluate(slope, {"x": points, **others}), points.shape)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7, err_msg=one_line(slope))


def test_a_derivative_by_something_undeclared_is_refused() -> None:
    with pytest.raises(NotAlgebraic, match="u isn't declared"):
        derivative(Name("x"), "u", SYMBOLS)


def test_a_derivative_without_words_is_refused() -> None:
    with pytest.raises(NotAlgebraic, match="gamma"):
        derivative(tree_of("x!"), "x", SYMBOLS)


# -- NumPy and SymPy agree -------------------------------------------------------------------

SMOOTH = """exp log sqrt cbrt abs sign sin cos tan cot sec csc asin acos atan sinh cosh tanh coth
sech csch asinh acosh atanh sigmoid relu""".split()


def trees() -> st.SearchStrategy[Node]:
    numbers = st.integers(1, 5).map(lambda k: Number(Fraction(k, 2)))
    atoms = st.one_of(numbers, st.sampled_from("xy").map(Name), st.just(Constant("pi")))

    def larger(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        small = st.integers(-2, 3).map(lambda k: Number(Fraction(k)))
        less = st.builds(Binary, st.sampled_from("<>"), part, part)
        return st.one_of(
            st.builds(Unary, st.sampled_from("-+%"), part),
            st.builds(Binary, st.sampled_from("+-*/"), part, part),
            st.builds(Binary, st.just("^"), part, small),
            st.builds(lambda name, u: Call(name, (u,)), st.sampled_from(SMOOTH), part),
            st.builds(lambda u, v: Call("max", (u, v)), part, part),
            st.builds(lambda c, u, v: Call("if", (c, u, v)), less, part, part),
        )

    return st.recursive(atoms, larger, max_leaves=6)


AT = {"x": 0.7310585786300049, "y": 2.3025850929940459}


def _exactly(expression: Any) -> complex:
    points = {sympy.Symbol(name, real=True): sympy.Float(at, 40) for name, at in AT.items()}
    return complex(sympy.N(expression.subs(points), 30))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees())
def test_numpy_and_sympy_give_one_value(tree: Node) -> None:
    numeric = float(evaluate(tree, AT))
    if not np.isfinite(numeric) or not 1e-6 < abs(numeric) < 1e6:
        return
    try:
        expression = to_sympy(tree, SYMBOLS)
    except NotAlgebraic:
        return
    assert _exactly(expression) == pytest.approx(numeric, rel=1e-6)
    assert float(evaluate(from_sympy(expression), AT)) == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("op", ["+", "*", "-"])
def test_deep_chains(op: str) -> None:
    tree: Node = Name("x")
    for _ in range(200):
        tree = Binary(op, tree, Name("y"))
    assert from_sympy(to_sympy(tree, SYMBOLS)) is not None


@pytest.mark.parametrize("function", ["sin", "abs", "sqrt", "sigmoid"])
def test_deep_calls_are_translated_or_refused(function: str) -> None:
    tree: Node = Name("x")
    for depth in range(1, 201):
        tree = Call(function, (tree,))
        if depth == MAX_NESTED:
            assert derivative(tree, "x", SYMBOLS) is not None
    with pytest.raises(NotAlgebraic, match="nested too deeply"):
        derivative(tree, "x", SYMBOLS)
