"""Whether two expressions are equal: the table, the laws, and what may not hang."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hostile import HOSTILE, alarm
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.equality import Equality, _by_balls, _by_residues, equal
from engine.equality.evaluation import Evaluation
from engine.equality.fields import Balls, NotComparable
from engine.equality.points import Points
from engine.equality.several import AtSeveral, Several
from engine.language.algebra import NotAlgebraic, from_sympy, to_sympy
from engine.language.errors import Unreadable
from engine.language.parser import read
from engine.language.printer import one_line
from engine.language.scope import Scope
from engine.language.symbols import parse_symbols
from engine.language.tree import Binary, Call, Name, Node, Number, each, names

SPEC = "x, y, z, a, b, c, d, w, t, p>0, u>=0, v<0, q!=0, n:integer, m:integer>0, lam, dJ/dw"
SYMBOLS = parse_symbols(SPEC)
SCOPE = Scope(SYMBOLS)


def compared(left: str, right: str, spec: str = SPEC) -> Equality:
    symbols = parse_symbols(spec)
    scope = Scope(symbols)
    return equal(read(left, scope), read(right, scope), symbols)


# Both sides, whether they are equal (None: nobody can tell), why the row is here.
PAIRS: list[tuple[str, str, bool | None, str]] = [
    # polynomials and fractions
    ("2xy", "y x 2", True, "order of factors"),
    ("(x+1)^2", "x^2+2x+1", True, "expanded"),
    ("(x+1)^2", "x^2+1", False, "the freshman's dream"),
    ("x^2-y^2", "(x-y)(x+y)", True, "factored"),
    ("1/2x", "x/2", True, "left to right"),
    ("1/(2x)", "1/2x", False, "left to right"),
    ("a/b/c", "a/(b c)", True, "a chain of divisions"),
    ("1/x + 1/y", "(x+y)/(x y)", True, "one fraction"),
    ("1/x + 1/y", "2/(x+y)", False, "numerators and denominators added"),
    ("-x^2", "(-x)^2", False, "where the sign stands"),
    ("x^-1", "1/x", True, "a negative exponent"),
    ("x - (y - z)", "x - y - z", False, "a sign lost"),
    ("2/m (x - y)", "2 (x - y)/m", True, "where the fraction stands"),
    ("dJ/dw^2", "(dJ/dw)(dJ/dw)", True, "a derivative is one symbol"),
    ("(x+1)^6000", "(x+1)^5999 (x+1)", True, "a high power"),
    ("(x+1)^6000", "(x+1)^6000 + 1", False, "a high power with a small difference"),
    ("(x+1)^6000", "(x+1)^6001", False, "a neighbouring power"),
    ("x^(10^5)", "x^(10^5-1) x", True, "a very high degree"),
    ("x^(10^7) y^0", "x^(10^7)", True, "a degree beyond residues"),
    ("0x", "0", True, "nothing is left"),
    ("x + 2^127 - 1", "x", False, "a multiple of the prime of residues"),
    ("(" * 18 + "x" + "^128)" * 18 + "^2", "x^2", False, "x^p is x modulo that prime p"),
    ("(2^127 - 1) sin(x)", "0", False, "a multiple of it, times a function"),
    ("log(x + 2^127 - 1)", "log(x)", False, "inside of a function"),
    ("10^60 x (2^127 - 1) / 10^60", "0", False, "among other long numbers"),
    ("sqrt(x - 100) 2^127", "sqrt(x - 100)", False, "without a value at the first point"),
    ("max(x, e^y + (2^127 - 1) p)", "max(x, e^y)", False, "where only some points show it"),
    ("relu(x) (1 + (2^127 - 1) p)", "relu(x)", False, "where nothing shows it at others"),
    ("relu(x - 10^7)", "0", False, "a corner that is far away"),
    ("floor(p/10^6)", "0", False, "a first step that is far away"),
    ("min(p^-0.5, p 4000^-1.5)", "p 4000^-1.5", False, "a corner at 4000 that no constant is"),
    ("if(x > 0.5, 1, 0)", "if(x > 0.6, 1, 0)", False, "between two thresholds"),
    ("if(x + 0.5 > 0, y, 0)", "if(x + 0.6 > 0, y, 0)", False, "between two negative ones"),
    ("if(y > -3, x, 0)", "if(y > -3.01, x, 0)", False, "two that are close together"),
    ("sigmoid(1000p)", "1", False, "very near to 1 but for small numbers"),
    ("e^(-1000p) + x", "2e^(-1000p) + x", False, "very near to 0 but for small numbers"),
    ("relu(0.001x - 1)", "0", False, "a corner at the reciprocal of a constant"),
    ("max(p, u/1000)", "p", False, "only where one symbol is much larger than the other"),
    (
        "min(v, 0.001) + relu(x - 7) + |y - 9| + max(2, a)",
        "min(v, -0.001) + relu(x - 7) + |y - 9| + max(2, a)",
        False,
        "one corner of several",
    ),
    ("x", "y", False, "two symbols"),
    ("x + 0 y", "x", True, "a symbol that doesn't matter"),
    # decimals are exact
    ("1.3^2", "1.69", True, "a power of a decimal"),
    ("0.5 x", "x/2", True, "a decimal is a fraction"),
    ("x^0.5", "sqrt(x)", True, "a decimal exponent"),
    ("0.1 + 0.2", "0.3", True, "not in floats"),
    ("0.333 x", "x/3", False, "a rounded decimal"),
    ("5% x", "0.05 x", True, "percent"),
    ("1e-2 x", "x/100", True, "scientific"),
    ("x + 1e-9", "x", False, "a near miss"),
    ("x + 1e-12", "x", False, "a nearer miss"),
    ("(1 + 1e-9) sqrt(x)", "sqrt(x)", False, "a near miss with a root"),
    ("(1 + 1e-12) sin(x)", "sin(x)", False, "a nearer miss with a sine"),
    ("sqrt(x) + 1e-60", "sqrt(x)", False, "a miss beyond 50 digits"),
    ("e^x + 10^-300", "e^x", False, "a miss far beyond 50 digits"),
    ("3.14159 x", "pi x", False, "π rounded"),
    ("2.718281828459045", "e", False, "e as floats have it"),
    ("22/7", "pi", False, "an old approximation"),
    # roots
    ("(-5)^(1/3)", "(-5)^(2/6)", True, "no real value, the same complex one"),
    ("sqrt(-4)", "2 sqrt(-1)", True, "no real value, the same complex one"),
    ("sqrt(-4)", "3 sqrt(-1)", None, "different complex values say nothing"),
    ("(-8)^(1/3)", "-2", None, "the real root may be meant"),
    ("sqrt(x^2)", "abs(x)", True, "a root of a square"),
    ("sqrt(x^2)", "x", False, "of either sign"),
    ("sqrt(p^2)", "p", True, "of a positive symbol"),
    ("sqrt(v^2)", "-v", True, "of a negative symbol"),
    ("sqrt(u^2)", "u", True, "of a symbol that isn't negative"),
    ("sqrt(x/y)", "sqrt(x)/sqrt(y)", True, "where both are defined"),
    ("sqrt(x y)", "sqrt(x) sqrt(y)", True, "where both are defined"),
    ("sqrt(a^2 d^2)", "a d", False, "of mixed signs"),
    ("sqrt(x+y)", "sqrt(x)+sqrt(y)", False, "a root of a sum"),
    ("sqrt(8)", "2 sqrt(2)", True, "constants"),
    ("sqrt(2)^2", "2", True, "constants"),
    ("1/sqrt(2)", "sqrt(2)/2", True, "constants"),
    ("sqrt(3 + 2 sqrt(2))", "1 + sqrt(2)", True, "a nested root"),
    ("sqrt(2) + sqrt(3)", "sqrt(10)", False, "3.146 and 3.162"),
    ("(x^3)^(1/3)", "x", True, "where both are defined"),
    ("cbrt(x^3)", "x", True, "a real cube root"),
    ("cbrt(-8)", "-2", True, "of a negative number"),
    ("root(x, 3)", "cbrt(x)", True, "two names"),
    ("(x^2)^(3/2)", "abs(x)^3", True, "a broken power of a square"),
    ("sqrt((x-25)^2)", "abs(x-25)", True, "a corner away from 0"),
    ("sqrt((x-25)^2)", "x-25", False, "a corner away from 0"),
    ("sqrt(x-100)", "(x-100)^0.5", True, "a domain away from 0"),
    ("sqrt(x-12345)", "(x-12345)^(1/2)", True, "a domain far away from 0"),
    ("sqrt(0.001-x) sqrt(x)", "sqrt(0.001x-x^2)", True, "a narrow domain"),
    # exponentials and logarithms
    ("e^(x+y)", "e^x e^y", True, "a sum in the exponent"),
    ("e^(x y)", "e^x e^y", False, "a product in the exponent"),
    ("e^(-x)", "1/e^x", True, "a sign in the exponent"),
    ("exp(x)", "e^x", True, "two spellings"),
    ("2^x", "e^(x ln(2))", True, "another base"),
    ("x^x", "e^(x ln(x))", True, "a symbol in both places"),
    ("ln(x y)", "ln(x)+ln(y)", True, "where both are defined"),
    ("ln(x+y)", "ln(x)+ln(y)", False, "a logarithm of a sum"),
    ("ln(x^2)", "2 ln(x)", True, "where both are defined"),
    ("ln(x^2)", "2 ln(abs(x))", True, "everywhere"),
    ("ln(1/x)", "-ln(x)", True, "a quotient"),
    ("log(x, 2)", "ln(x)/ln(2)", True, "a base"),
    ("log_2(8 x)", "3 + log_2(x)", True, "a base below"),
    ("log(x, 10)", "ln(x)", False, "another base"),
    ("ln(e^x)", "x", True, "inverse"),
    ("e^(ln(x))", "x", True, "inverse, where both are defined"),
    ("ln(a)+ln(b)+ln(c)+ln(d)+ln(x)", "ln(a b c d x)", True, "five domains at once"),
    ("ln(x-7)+ln(y-9)", "ln((x-7)(y-9))", True, "two domains away from 0"),
    ("-(y ln(p) + (1-y) ln(1-p))", "-y ln(p) - ln(1-p) + y ln(1-p)", True, "cross-entropy"),
    # trigonometry and inverse functions
    ("sin(x)^2+cos(x)^2", "1", True, "Pythagoras"),
    ("sin(x)^2+cos(x)^2-1", "0", True, "0 in disguise"),
    ("sin^2 x", "sin(x^2)", False, "where the square stands"),
    ("sin(2x)", "2 sin(x) cos(x)", True, "the double angle"),
    ("sin(x+2pi)", "sin(x)", True, "a period"),
    ("sin(x)", "x - x^3/6 + x^5/120", False, "a series"),
    ("tan(x)", "sin(x)/cos(x)", True, "a quotient"),
    ("sin(pi n)", "0", True, "a whole number"),
    ("cos(pi n)", "(-1)^n", True, "a whole number"),
    ("cos(pi x)", "(-1)^x", None, "(-1)^x has no real value"),
    ("asin(sin(x))", "x", False, "only near 0"),
    ("sin(asin(x))", "x", True, "where both are defined"),
    ("cos(asin(x))", "sqrt(1-x^2)", True, "where both are defined"),
    ("atan(x)+atan(1/x)", "pi/2", False, "the sign of x matters"),
    ("atan(x)+atan(1/x)", "pi/2 sign(x)", True, "the sign of x matters"),
    ("acos(x/1000)", "pi/2-asin(x/1000)", True, "a wide domain"),
    ("asinh(x)", "ln(x+sqrt(x^2+1))", True, "by logarithms"),
    ("acosh(x)", "ln(x+sqrt(x^2-1))", True, "by logarithms"),
    ("cosh(x)^2-sinh(x)^2", "1", True, "hyperbolic"),
    ("tanh(x)", "(e^(2x)-1)/(e^(2x)+1)", True, "by exponentials"),
    ("tanh(x)", "2 sigmoid(2x) - 1", True, "by sigmoid"),
    ("tanh(x)", "sign(x)", False, "equal to 50 digits far from 0 only"),
    ("sigmoid(x)(1-sigmoid(x))", "e^(-x)/(1+e^(-x))^2", True, "the derivative"),
    ("sigmoid(-x)", "1-sigmoid(x)", True, "symmetry"),
    ("sigmoid(1000x)", "if(x>0, 1, 0)", False, "nearly a step"),
    # steps and corners
    ("abs(x)/x", "sign(x)", True, "0 aside"),
    ("abs(x)", "x sign(x)", True, "by its sign"),
    ("abs(x y)", "abs(x) abs(y)", True, "a product"),
    ("abs(x+y)", "abs(x)+abs(y)", False, "a sum"),
    ("abs(x)", "x", False, "negative values"),
    ("abs(p)", "p", True, "a positive symbol"),
    ("abs(v)", "-v", True, "a negative symbol"),
    ("abs(n)", "n", False, "a whole number may be negative"),
    ("abs(m)", "m", True, "a positive whole number"),
    ("|a|x|+|y||", "abs(a abs(x) + abs(y))", True, "bars in bars"),
    ("lam sign(w)", "lam abs(w)/w", True, "the gradient of a cost"),
    ("relu(x)", "max(0, x)", True, "two names"),
    ("relu(x)", "(x+abs(x))/2", True, "by its size"),
    ("relu(x)", "if(x > 0, x, 0)", True, "by pieces"),
    ("relu(x)", "x", False, "negative values"),
    ("relu(x - 1e-7)", "relu(x)", False, "a corner moved a little"),
    ("max(p, 1e-7)", "p", False, "clipped very near 0"),
    ("max(abs(x), 0.001)", "abs(x)", False, "clipped near 0"),
    ("min(x, y)", "(x+y-abs(x-y))/2", True, "by sizes"),
    ("max(x, y)", "-min(-x, -y)", True, "by the other"),
    ("max(x, y)", "x", False, "of two"),
    ("if(x>0, 1, -1)", "sign(x)", True, "0 aside"),
    ("if(x>0, x, x)", "x", True, "all the same"),
    ("if(x>5, 1, 0)", "if(x>6, 1, 0)", False, "between the corners"),
    ("if(x>990, 1, 0)", "if(x>1000, 1, 0)", False, "between corners far from 0"),
    ("if(x>0, 1, 0)", "(1+sign(x))/2", True, "0 aside"),
    ("if(abs(x-5)<0.5, 0, 1)", "1", False, "a window"),
    ("floor(x+1)", "floor(x)+1", True, "a whole step"),
    ("floor(x+0.5)", "round(x)", True, "half up"),
    ("floor(x)", "x - mod(x, 1)", True, "by the remainder"),
    ("ceil(x)", "-floor(-x)", True, "by floor"),
    ("floor(x)", "ceil(x)-1", True, "whole numbers aside"),
    ("floor(x)", "x", False, "broken numbers"),
    ("floor(n)", "n", True, "of a whole number"),
    ("floor(n+0.5)", "n", True, "of a whole number and a half"),
    ("floor(n/2)", "n/2", False, "odd numbers"),
    ("floor((n-3)/2)+1", "floor((n-1)/2)", True, "a convolution's side"),
    ("floor(m/2)", "ceil(m/2)-mod(m, 2)", True, "halves"),
    ("round(x, 9)", "x", False, "nine decimals"),
    ("mod(x, 3)", "x-3 floor(x/3)", True, "by floor"),
    ("(-1)^(2n)", "1", True, "an even power"),
    ("n!", "n (n-1)!", True, "a factorial"),
    ("(n+1)!/n!", "n+1", True, "a quotient of factorials"),
    ("n!", "n^n", False, "not a factorial"),
    # domains
    ("(x^2-1)/(x-1)", "x+1", True, "a removable singularity"),
    ("x/x", "1", True, "a removable singularity"),
    ("q/q", "1", True, "none: q isn't 0"),
    ("sin(x)/x x", "sin(x)", True, "a removable singularity"),
    ("0^x", "0", True, "where both are defined"),
    ("x^0", "1", True, "0 aside"),
    ("1/(x-x)", "1", None, "defined nowhere"),
    ("x/0", "x", None, "defined nowhere"),
    ("sqrt(-x^2-1)", "1", None, "defined nowhere"),
    ("ln(-p)", "1", None, "defined nowhere"),
    ("asin(x^2+2)", "1", None, "defined nowhere"),
    ("(-8)^(1/3)", "-2", None, "a power of a negative number"),
    ("inf", "x", None, "infinity is no value"),
    ("inf - inf", "0", None, "nor is this"),
    ("2^(2^(2^(2^20)))", "1", None, "beyond all bounds"),
    ("2^(2^(2^40))", "1", None, "an exponent that would fill the memory"),
    ("sin(10^(10^6))", "2", False, "a sine is at most 1"),
]


@pytest.mark.parametrize(
    ("left", "right", "same", "why"), PAIRS, ids=[f"{row[0]} | {row[1]}" for row in PAIRS]
)
def test_pairs(left: str, right: str, same: bool | None, why: str) -> None:
    with alarm():
        there, back = compared(left, right), compared(right, left)
    assert there.same is same, why
    assert (back.same, back.decided_by) == (there.same, there.decided_by), "in either order"
    assert compared(left, right) == there, "and on any other day"


COMPLEX = [
    ("i^2", "-1", True, "the unit"),
    ("(1+i)(1-i)", "2", True, "a product"),
    ("1/i", "-i", True, "a quotient"),
    ("e^(i pi)", "-1", True, "Euler"),
    ("e^(i t)", "cos(t) + i sin(t)", True, "Euler"),
    ("i", "1", False, "the unit isn't a number of its own"),
    ("(1+i)^2", "2", False, "2i"),
    ("z i", "i z", True, "a complex symbol"),
    ("sqrt(z^2)", "z", False, "a principal value"),
    ("i^n", "1", False, "a whole number"),
    ("i^(4n)", "1", True, "a multiple of four"),
]


@pytest.mark.parametrize(("left", "right", "same", "why"), COMPLEX)
def test_complex_pairs(left: str, right: str, same: bool, why: str) -> None:
    spec = "z:complex, i:unit, t, n:integer"
    assert compared(left, right, spec).same is same, why
    assert compared(right, left, spec).same is same, why


def test_how_it_was_decided() -> None:
    assert compared("x+x", "2x").decided_by == "exact"
    assert compared("sin(2x)", "2 sin(x) cos(x)").decided_by == "50 digits"
    assert compared("1/(x-x)", "1").decided_by == "undecided"
    found = compared("abs(x) y", "x y")
    assert found.decided_by == "counterexample"
    assert set(found.counterexample) == {"x", "y"}
    assert found.counterexample["x"] < 0


# Both sides, which are equal; how that is decided; whether one is undefined where the other isn't.
PROVED: list[tuple[str, str, str, bool, str]] = [
    ("2 log(x) + log(x)", "3 log(x)", "exact", False, "whatever the logarithm is"),
    ("log(x + x)", "log(2x)", "exact", False, "of one argument, written otherwise"),
    ("sqrt(x) y", "y x^(1/2)", "exact", False, "a root is a power"),
    ("exp(-x) e^x", "1", "exact", False, "a power of e, upside down"),
    ("e^1 x", "exp(1) x", "exact", False, "e is exp(1)"),
    ("max(x, y) - 1", "max(y, x) - 1", "exact", False, "in any order"),
    ("sin(x)/(2 z)", "sin(x)/2/z", "exact", False, "divided by one and the same"),
    ("x^n x^n", "(x^n)^2", "exact", False, "a power that isn't known"),
    ("sigmoid(x)", "1/(1 + e^(-x))", "exact", False, "a divisor that is positive"),
    ("e^x/(1 + e^x)", "1/(1 + e^(-x))", "exact", False, "another one on each side"),
    ("sin(2x)", "2 sin(x) cos(x)", "50 digits", False, "true of sine and cosine only"),
    ("e^x e^y", "e^(x + y)", "50 digits", False, "true of exp only"),
    ("log(x) - log(x) + y", "y", "50 digits", True, "a logarithm that goes away"),
    ("x log(x)/log(x)", "x", "50 digits", True, "a logarithm that is 0 somewhere"),
    ("sin(x) y/y", "sin(x)", "50 digits", True, "a divisor that is 0 somewhere"),
    ("sin(x) y^-2 y^2", "sin(x)", "50 digits", True, "a negative power"),
    ("binomial(m, 2)", "m(m - 1)/2", "50 digits", False, "0 where m is 1, and no gap"),
    ("x^0.5 x^0.5 + |y|", "x + |y|", "50 digits", True, "a root of what may be negative"),
]


@pytest.mark.parametrize(("left", "right", "how", "partly", "why"), PROVED)
def test_how_equality_is_proved(left: str, right: str, how: str, partly: bool, why: str) -> None:
    for one, other in ((left, right), (right, left)):
        found = compared(one, other)
        assert (found.same, found.decided_by, found.partly) == (True, how, partly), why


@pytest.mark.parametrize(
    ("left", "right"), [("abs(p - 3)", "p - 3"), ("sqrt(v^2)", "v"), ("abs(n - m)", "n - m")]
)
def test_a_counterexample_lies_in_the_domains(left: str, right: str) -> None:
    for name, value in compared(left, right).counterexample.items():
        assert name != "p" or value > 0
        assert name != "v" or value < 0
        assert name not in "nm" or value.denominator == 1


@pytest.mark.parametrize(
    ("spec", "left", "right", "same"),
    [
        ("x>2", "abs(x - 2)", "x - 2", True),
        ("x", "abs(x - 2)", "x - 2", False),
        ("x>2", "max(x, 2)", "x", True),
        ("x>2", "max(x, 2.5)", "x", False),
        ("p<1", "sqrt((1 - p)^2)", "1 - p", True),
        ("x>=-1", "abs(x + 1)", "x + 1", True),
        ("x>=-1", "abs(x)", "x", False),
        ("n:integer>1.5", "abs(n - 2)", "n - 2", True),
        ("x>2, k", "6((x - 2)^2)^k", "6(x - 2)^(2k)", True),
    ],
)
def test_a_symbol_may_be_bounded_by_any_number(
    spec: str, left: str, right: str, same: bool
) -> None:
    assert compared(left, right, spec).same is same


@pytest.mark.parametrize("spec", ["x", "y", "w", "theta", "x_1", "alpha", "dJ/dw"])
def test_the_verdict_does_not_hang_on_names(spec: str) -> None:
    """Points depend on names, so every name must see both signs and all scales."""
    for left, right, same in [
        ("sqrt({}^2)", "{}", False),
        ("sqrt({}^2)", "abs({})", True),
        ("max(abs({}), 0.001)", "abs({})", False),
        ("floor({}/50)", "0", False),
        ("asin({})", "atan({}/sqrt(1-{}^2))", True),
    ]:
        found = compared(left.replace("{}", f"({spec})"), right.replace("{}", f"({spec})"), spec)
        assert found.same is same


def test_lists_are_not_comparable() -> None:
    with pytest.raises(NotComparable):
        compared("(x, y)", "sqrt(x)")


@pytest.mark.parametrize(("typed", "why"), HOSTILE, ids=[row[0][:30] for row in HOSTILE])
def test_nothing_hangs_the_comparison(typed: str, why: str) -> None:
    try:
        tree = read(typed, SCOPE)
    except Unreadable:
        return
    for other in ("sqrt(x) + 1", "0"):
        with alarm():
            try:
                found = equal(tree, read(other, SCOPE), SYMBOLS)
            except NotComparable:
                continue
        assert found.same is not True or other == "0", why


def test_comparing_needs_neither_numpy_nor_sympy() -> None:
    code = (
        "import sys; from engine.comparison import compare;"
        "assert compare('sin(x)^2', 'x', '1 - cos(x)^2').verdict == 'correct';"
        "print([name for name in ('numpy', 'sympy') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# -- laws ------------------------------------------------------------------------------------


def trees() -> st.SearchStrategy[Node]:
    numbers = st.builds(Number, st.fractions(0, 9, max_denominator=6))
    atoms = st.one_of(numbers, st.sampled_from("x y p".split()).map(Name))

    def larger(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        small = st.integers(-2, 3).map(lambda n: read(f"({n})", SCOPE))
        bounded = "sin cos exp sqrt abs tanh sigmoid relu sign atan".split()
        return st.one_of(
            st.builds(Binary, st.sampled_from("+-*/"), part, part),
            st.builds(Binary, st.just("^"), part, small),
            st.builds(lambda name, x: Call(name, (x,)), st.sampled_from(bounded), part),
        )

    return st.recursive(atoms, larger, max_leaves=7)


def rewritten(tree: Node, how: str) -> Node:
    import sympy

    change: Any = getattr(sympy, how)
    declared = {symbol.name: symbol for symbol in SYMBOLS}
    return from_sympy(change(to_sympy(tree, declared)))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees(), st.sampled_from(["expand", "factor", "together", "powsimp"]))
def test_rewriting_by_sympy_does_not_change_the_verdict(tree: Node, how: str) -> None:
    try:
        other = rewritten(tree, how)
    except NotAlgebraic:
        assume(False)
    assert equal(tree, other, SYMBOLS).same is not False
    if names(tree):
        moved = Binary("+", other, Number(read("1e-9", SCOPE).value))  # type: ignore[union-attr]
        assert equal(tree, moved, SYMBOLS).same is not True


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees(), trees())
def test_order_does_not_matter(left: Node, right: Node) -> None:
    there, back = equal(left, right, SYMBOLS), equal(right, left, SYMBOLS)
    assert there.same is back.same
    assert there.counterexample == back.counterexample


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees())
def test_every_expression_equals_itself_written_otherwise(tree: Node) -> None:
    doubled = Binary("/", Binary("+", tree, tree), Number(read("2", SCOPE).value))  # type: ignore[union-attr]
    assert equal(tree, doubled, SYMBOLS).same is not False


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    trees(), trees(), st.sampled_from(["{0} + {1}", "{0} {1}", "({0} + 1)({1} - 2)", "{0}/({1})"])
)
def test_residues_and_balls_agree(left: Node, right: Node, form: str) -> None:
    """What is proved modulo a prime isn't refuted by enclosures, and the other way round."""
    one = read(form.format(f"({one_line(left)})", f"({one_line(right)})"), SCOPE)
    two = read(form.format(f"({one_line(right)})", f"({one_line(left)})"), SCOPE)
    for other in (two, left, right):
        points = Points((one, other), SYMBOLS)
        by_residues = _by_residues(one, other, points)
        if by_residues is not None:
            by_balls = _by_balls(one, other, points, SYMBOLS)
            assert by_balls.same in (None, by_residues.same)
            rational = not (each(Call, one) or each(Call, other))
            assert rational or not (by_residues.same and by_balls.partly)


SEVERAL: list[tuple[str, str]] = [
    ("x^3 - 2/3 x + y", "sums, products and a plain power"),
    ("x^y + x^(1/3) + (-x)^3", "powers with a symbol, of a root, of a negative number"),
    ("e^(x y) + pi", "constants"),
    ("sqrt(x - y) + log(x, 2) + max(x, y, 1)", "undefined at some of the points; two arguments"),
    ("x! / 5% - |x - y|", "signs behind and around"),
    ("1/(x - 2)", "a pole at one of the points"),
]


@pytest.mark.parametrize(("text", "why"), SEVERAL)
def test_points_looked_at_together_are_the_points_alone(text: str, why: str) -> None:
    tree, field, points = read(text, SCOPE), Balls(), [(2, 3), (5, 2), (-1, 4), (1, 1)]
    alone = []
    for point in points:
        numbers = dict(zip("xy", map(field.number, map(Fraction, point)), strict=True))
        alone.append(Evaluation(field, numbers, {}).of(tree))
    columns = zip(*points, strict=True)
    several = {
        name: Several(field.number(Fraction(number)) for number in column)
        for name, column in zip("xy", columns, strict=True)
    }
    together = Evaluation(AtSeveral(field, len(points)), several, {}).of(tree)
    assert [(str(x.mid()), str(x.rad())) for x in together.numbers] == [
        (str(x.mid()), str(x.rad())) for x in alone
    ], why


def test_a_condition_is_left_to_points_alone() -> None:
    tree, field = read("if(x > 0, 1, 2)", SCOPE), AtSeveral(Balls(), 2)
    with pytest.raises(NotComparable):
        Evaluation(field, {"x": Several((Balls().number(Fraction(1)),) * 2)}, {}).of(tree)
    assert compared("if(x > 0, x, -x)", "|x|").same is True
