"""Answers as people type them, with what they must be equal to, or must not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from engine.comparison import compare

# typed, symbols, equal to, why the row is here
SAME = [
    # logarithms
    ("lg(1000 x)", "x", "3 + ln(x)/ln(10)", "lg is to base 10"),
    ("lg(x^2, 5)", "x", "2ln|x|/ln 5", "or to the base that is given"),
    ("log_3x", "x", "ln(x)/ln(3)", "the base glued to the symbol"),
    ("log_{3}x", "x", "ln(x)/ln(3)", "the base in braces"),
    ("2log_5xy", "x, y", "2(ln x + ln y)/ln 5", "the base, then a product"),
    ("log_0.5(x)", "x", "-ln(x)/ln(2)", "a decimal base"),
    (r"\log_2 (8x)", "x", "3 + log(x, 2)", "the base in LaTeX"),
    (r"\log_{10} x", "x", "lg x", "two digits in LaTeX"),
    (r"\frac{\log_{b} x}{2}", "x, b", "log(sqrt(x), b)", "a symbol as base in LaTeX"),
    ("log _ 2 x", "x", "ln(x)/ln(2)", "spaces around the line of the index"),
    (r"\lnx + \sin2x", "x", "ln(x) + sin(2x)", "letters glued to a command"),
    (r"2\cdotx\timesy", "x, y", "2xy", "and to a sign"),
    (r"\arccscx", "x", "arcsin(1/x)", "a command that LaTeX lacks"),
    (r"11,\! 111,\! 100", "", "11111100", "groups of digits as LaTeX sets them"),
    ("2х + у", "x, y", "2x + y", "Cyrillic letters that look like Latin ones"),
    # functions under their other names
    ("atan2^2(x, y)", "x, y", "atan2(x, y)^2", "a power behind a name of two arguments"),
    ("arcsec(2t)", "t", "arccos(1/(2t))", "the inverse of the secant"),
    ("3arccsc t", "t", "3asin(t^-1)", "without brackets"),
    ("acot(u)", "u", "arctan(1/u)", "the inverse of the cotangent"),
    ("sec^-1(t)", "t", "acos(1/t)", "the power −1 is the inverse here too"),
    ("cot^-1 u", "u", "arccot u", "and here"),
    ("arsech(t)", "t", "arcosh(1/t)", "hyperbolic"),
    ("arccsch t + arcoth t", "t", "asinh(1/t) + atanh(1/t)", "all of them"),
    ("Kasec(2)", "K", "K pi/3", "glued to a symbol"),
    ("Karctan2(1, 1)", "K", "K pi/4", "a digit in the name"),
    ("arctan2(y, x)", "x>0, y", "arctan(y/x)", "the angle of a point"),
    ("sinc(t)", "t", "sin(t)/t", "sinc, as in mathematics"),
    ("K sinc 0", "K", "K", "where the quotient has no value"),
    ("fact(5) - signum(-2)", "", "121", "longer and shorter names"),
    ("Abs(u) + Max(u, v) + Min(u, v)", "u, v", "|u| + u + v", "names as SymPy writes them"),
    ("KAbs(-3)", "K", "3K", "glued to a symbol"),
    ("binomial(n, 2)", "n", "n(n - 1)/2", "binomial coefficients"),
    ("nCr(7, 3)", "", "35", "as on a calculator"),
    (r"\binom{n}{1}", "n", "n", "in LaTeX"),
    ("sin^--2(t)", "t", "1 - cos^2 t", "two signs in the power of a function"),
    # a product that is spelled like a function
    ("lg", "l, g", "g*l", "two symbols, not a logarithm without argument"),
    ("2lg + 1", "l, g", "1 + 2g l", "a sign behind"),
    ("sqrt(tg)/2", "t, g", "(t g)^.5/2", "a bracket behind"),
    ("Max b + 1", "M, a, x, b", "1 + a b M x", "a symbol behind"),
    ("lg(g)", "l, g", "log(g, 10)", "but with a bracket it is the function"),
    # LaTeX without its braces or backslash
    (r"\sqrt(t + 1)", "t", "(t + 1)^(1/2)", "round brackets behind the root"),
    ("sqrt[3](t^6)", "t", "t^2", "the degree of a root, without the backslash"),
    ("2sqrt[n]{t}", "t>0, n>0", "2t^(1/n)", "a symbol as degree, braces"),
    (r"\boxed{\frac{7}{2}}", "", "3.5", "a box around the answer"),
    (r"a\space b", "a, b", "ab", "a space that has a name"),
    (r"\abs(t)", "t", "|t|", "the absolute value by name"),
    ("12{,}345", "", "12345", "groups of digits as LaTeX writes them"),
    # signs and letters
    ("2ˆ3 t", "t", "8t", "the raised circumflex of some keyboards"),
    ("ΑΡ + ΤΝ", "Alpha, Rho, Tau, Nu", "Nu Tau + Rho Alpha", "Greek capitals like Latin ones"),
    ("υ + ο", "upsilon, omicron", "omicron + upsilon", "letters that are seldom used"),
    # infinity
    ("2∞", "", "inf", "twice infinity is infinity"),
    # constants of very different size
    ("e^300 + 1", "", "1 + (e^100)^3", "a term that 50 digits don't show"),
    ("sigmoid(150)", "", "1/(1 + e^-150)", "a value very near to 1"),
]

# typed, symbols, never equal to, why the row is here
DIFFERENT = [
    ("lg x", "x", "ln x", "base 10, not e"),
    ("log_2x", "x", "ln(2x)", "2 is the base"),
    ("arccot(u)", "u", "1/cot(u)", "the inverse, not the reciprocal"),
    ("sinc(t)", "t", "sin(t)", "divided by t"),
    ("binomial(n, 2)", "n", "n^2/2", "a term is missing"),
    ("lg", "l, g", "l + g", "a product"),
    ("-inf", "", "inf", "the other end"),
    ("10^9", "", "inf", "a number isn't infinite"),
    ("e^300 + 1", "", "e^300", "one more in the 131st digit"),
    ("e^300*(1 + 1e-9)", "", "e^300", "a near miss"),
    ("cosh(200)", "", "e^200/2", "e^-200/2 is missing"),
    ("tanh(90)", "", "1", "very near to 1"),
    ("sigmoid(150)", "", "1", "very near to 1"),
    ("atan(e^150)", "", "pi/2", "very near to π/2"),
    ("50!*sqrt(3)", "", "50!*sqrt(3) + 1", "one more in the 65th digit"),
]


@pytest.mark.parametrize(("typed", "symbols", "key", "why"), SAME, ids=[row[0] for row in SAME])
def test_equal_both_ways(typed: str, symbols: str, key: str, why: str) -> None:
    assert compare(key, symbols, typed).parts[0].verdict == "correct", why
    assert compare(typed, symbols, key).parts[0].verdict == "correct", why
    if "inf" not in key:
        for slip in (f"({typed})*1.000000001", f"({typed}) - 0.000000001"):
            assert compare(key, symbols, slip).parts[0].verdict == "incorrect", slip


@pytest.mark.parametrize(
    ("typed", "symbols", "key", "why"), DIFFERENT, ids=[row[0] + row[2] for row in DIFFERENT]
)
def test_different_both_ways(typed: str, symbols: str, key: str, why: str) -> None:
    assert compare(key, symbols, typed).parts[0].verdict == "incorrect", why
    assert compare(typed, symbols, key).parts[0].verdict == "incorrect", why


def test_terms_too_far_apart_are_not_decided() -> None:
    part = compare("e^(e^20)", "", "e^(e^20) + 1").parts[0]
    assert (part.verdict, part.score) == ("invalid", Fraction(0))


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("arcsec t", "acos(1/t)"),
        ("lg t", "log(t, 10)"),
        ("lg", "l·g"),
        ("sqrt[3](t)", "root(t, 3)"),
        (r"\binom{t}{2}", "binomial(t, 2)"),
    ],
)
def test_the_echo_shows_what_was_read(typed: str, read_as: str) -> None:
    assert compare("t", "t, l, g", typed).parts[0].read_as == read_as


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("sqrt[3 (t)", "never closed"),
        ("sqrt[3]", "missing"),
        ("arcsec", "of what"),
        ("binomial(t)", "2 arguments"),
        ("log_3q", "isn't known"),
    ],
)
def test_what_is_still_refused(typed: str, message: str) -> None:
    part = compare("t", "t", typed).parts[0]
    assert part.verdict == "invalid" and part.error is not None
    assert message in part.error.message


def test_shorthands_nest_as_deep_as_anything() -> None:
    deep = compare("t", "t", "lg(" * 150 + "t" + ")" * 150).parts[0]
    too_deep = compare("t", "t", "arcsec " * 300 + "t").parts[0]
    assert deep.verdict in ("incorrect", "invalid") and too_deep.verdict == "invalid"
