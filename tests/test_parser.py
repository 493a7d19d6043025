"""Reading what people type: text to tree, echoed on one line, or a reason with its place."""

from __future__ import annotations

import sys
from fractions import Fraction

import pytest
from hostile import HOSTILE, alarm, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.errors import Unreadable
from engine.language.functions import ELEMENTWISE
from engine.language.parser import MAX_DEPTH, read, read_items
from engine.language.printer import one_line
from engine.language.scope import Scope
from engine.language.symbols import Symbol, parse_symbols
from engine.language.tokens import MAX_DIGITS, MAX_LENGTH
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Unary

NAMES = "a b c m w x y z yhat lam alpha w_1 w_12 dJ/dw_i E[w] Var(w)".split()
SCOPE = Scope(map(Symbol, NAMES))


def echo(text: str, scope: Scope = SCOPE, *, relations: bool = False) -> str:
    return one_line(read(text, scope, relations=relations))


# typed, read as, why the row is here
READ = [
    # numbers
    ("7", "7", "a whole number"),
    ("0.5", "0.5", "a decimal"),
    (".5", ".5", "a decimal without its nought"),
    ("2.", "2", "a point with nothing behind it"),
    ("2x + y.", "2·x + y", "a full stop"),
    ("2. x", "2·x", "and a symbol"),
    ("2.*x", "2 ⊙ x", "the point belongs to the sign"),
    ("1e-2", "1e-2", "scientific"),
    ("1E+3", "1E+3", "scientific, as programs print it"),
    ("2e3x", "2e3·x", "scientific wins over the constant e"),
    ("2e", "2·e", "no digits behind: the constant"),
    ("2e x", "2·e·x", "the constant"),
    ("2e-x", "2·e − x", "the constant again"),
    ("3e^x y^2", "3·e^x·y^2", "a power of e"),
    ("7,776", "7776", "digits in groups"),
    ("1,234,567.5", "1234567.5", "groups and decimals"),
    ("12,345 x", "12345·x", "groups before a symbol"),
    ("5%", "5%", "percent"),
    ("5 % x", "5%·x", "percent of something"),
    ("½", "0.5", "a character for a fraction"),
    ("2½", "2 + 0.5", "a mixed number"),
    ("¾x", "0.75·x", "a fraction as coefficient"),
    ("３＋４", "3 + 4", "full-width digits and sign"),
    ("9*9*3*32", "9*9*3*32".replace("*", "·"), "an unevaluated product"),
    ("6×6×32", "6 × 6 × 32", "typed signs stay"),
    ("2(-1)", "2·(−1)", "a bracket is a product"),
    # implicit products
    ("2xy", "2·x·y", "a coefficient and two symbols"),
    ("xy", "x·y", "two declared symbols"),
    ("x y", "x·y", "with a space"),
    ("(a)(b)", "a·b", "bracket by bracket"),
    ("2x(y+1)", "2·x·(y + 1)", "nested"),
    ("3(1/2)", "3·(1/2)", "a number before a bracket"),
    ("(x+1)2", "(x + 1)·2", "a number behind a bracket"),
    ("x(y)", "x·y", "a symbol isn't a function"),
    ("1/2x", "1/2·x", "left to right"),
    ("2/m (yhat - y)", "2/m·(ŷ − y)", "left to right"),
    ("a/b c", "a/b·c", "left to right"),
    ("e^2x", "e^2·x", "a power takes one operand"),
    ("ax2", None, "a number inside a word is no product"),
    # powers
    ("x^2", "x^2", "a power"),
    ("x**2", "x^2", "a power as in Python"),
    ("x²", "x^2", "a raised digit"),
    ("x¹⁰", "x^10", "raised digits"),
    ("x⁻¹", "x^(−1)", "a raised sign"),
    ("xⁿ", None, "a raised symbol that isn't declared"),
    ("xᵃ", "x^a", "a raised symbol"),
    ("x⁽ᵃ⁺ᵇ⁾", "x^(a + b)", "a raised bracket"),
    ("x^2y", "x^2·y", "the exponent is one operand"),
    ("x^-2", "x^(−2)", "a signed exponent"),
    ("x^-2y", "x^(−2)·y", "a signed exponent is one operand"),
    ("x^y^2", "x^(y^2)", "right to left"),
    ("-x^2", "−x^2", "the sign is outside"),
    ("(-x)^2", "(−x)^2", "the sign is inside"),
    ("2^-1", "2^(−1)", "a signed exponent"),
    ("x^(1/2)", "x^(1/2)", "a broken exponent"),
    ("x^½", "x^0.5", "a fraction as exponent"),
    ("x^{2}", "x^2", "LaTeX's brackets"),
    ("x^2!", "x^(2!)", "the factorial binds tighter"),
    ("x².T", "(x^2)ᵀ", "behind a raised digit"),
    # signs
    ("−x", "−x", "the minus of maths"),
    ("–x", "−x", "a dash"),
    ("x - -y", "x − (−y)", "two signs"),
    ("--x", "−(−x)", "two signs in front"),
    ("+x", "+x", "a plus in front"),
    ("a·b", "a·b", "a point"),
    ("a⋅b", "a·b", "another point"),
    ("a∙b", "a·b", "and another"),
    ("a × b", "a × b", "a cross"),
    ("a ÷ b", "a/b", "a division sign"),
    ("a ⁄ b", "a/b", "a fraction slash"),
    ("x ＋ y", "x + y", "a full-width sign"),
    ("（x＋y）", "x + y", "full-width brackets"),
    ("x ⊙ y", "x ⊙ y", "element by element"),
    ("x .* y", "x ⊙ y", "as in MATLAB"),
    ("x ./ y", "x/y", "as in MATLAB"),
    ("x.^2", "x^2", "as in MATLAB"),
    ("x @ y", "x @ y", "as in NumPy"),
    # bars and brackets
    ("|x|", "|x|", "bars"),
    ("|x| |y|", "|x|·|y|", "a product of bars"),
    ("|a|x|+|y||", "abs(a·|x| + |y|)", "bars in bars"),
    ("|x|-1", "|x| − 1", "a sign behind a bar"),
    ("|-x|", "abs(−x)", "a sign inside"),
    ("||w||^2", "‖w‖^2", "a norm"),
    ("‖w‖", "‖w‖", "a norm by its own sign"),
    ("| |x| - 1|", "abs(|x| − 1)", "a space between bars"),
    ("2|x|", "2·|x|", "a coefficient"),
    ("|x|y", "|x|·y", "a factor behind"),
    ("|x|^2", "|x|^2", "a power of bars"),
    ("⌊x/2⌋ + 1", "floor(x/2) + 1", "floor signs"),
    ("⌈x⌉", "ceil(x)", "ceiling signs"),
    ("[x + 1]/2", "[x + 1]/2", "square brackets are lists"),
    ("{x + 1}/2", "(x + 1)/2", "curly brackets"),
    # functions
    ("sign(w)", "sign(w)", "a call"),
    ("sgn(w)", "sign(w)", "an alias"),
    ("ln x", "log(x)", "a name without brackets"),
    ("ln(x)", "log(x)", "natural"),
    ("log(x, 2)", "log(x, 2)", "a base behind"),
    ("log_2(x)", "log(x, 2)", "a base below"),
    ("log_2 x", "log(x, 2)", "without brackets"),
    ("log₂(x)", "log(x, 2)", "a lowered base"),
    ("log_{10}(x)", "log(x, 10)", "LaTeX's index"),
    ("log2(x)", "log(x, 2)", "NumPy's name"),
    ("log10(x)^2", "log(x, 10)^2", "NumPy's name, squared"),
    ("log_b(x)", "log(x, b)", "a symbol as base"),
    ("√x", "sqrt(x)", "a root sign"),
    ("√x + 1", "sqrt(x) + 1", "takes one operand"),
    ("√(x + 1)", "sqrt(x + 1)", "takes a bracket"),
    ("√x²", "sqrt(x^2)", "takes a power"),
    ("2√3", "2·sqrt(3)", "a coefficient"),
    ("∛x", None, "needs brackets"),
    ("∛(x)", "cbrt(x)", "a cube root"),
    ("exp(-x)", "exp(−x)", "a call"),
    ("exp -x", "exp(−x)", "a sign in front"),
    ("sin x", "sin(x)", "without brackets"),
    ("sin 2x", "sin(2·x)", "takes a product"),
    ("sin 2x + 1", "sin(2·x) + 1", "but no sum"),
    ("sin x cos y", "sin(x)·cos(y)", "a function ends it"),
    ("sin(x)y", "sin(x)·y", "a bracket ends it"),
    ("sin x^2", "sin(x^2)", "takes a power"),
    ("sin(x)^2", "sin(x)^2", "a power of the call"),
    ("sin^2 x", "sin(x)^2", "a power of the name"),
    ("sin²x", "sin(x)^2", "raised"),
    ("sin^2(x)", "sin(x)^2", "with a bracket"),
    ("sin^-1 x", "asin(x)", "the inverse function"),
    ("sin⁻¹(x)", "asin(x)", "the inverse function, raised"),
    ("cos^(-1)(x)", "acos(x)", "the inverse function, in brackets"),
    ("tanh^-1(x)", "atanh(x)", "an inverse hyperbolic function"),
    ("log^2(x)", "log(x)^2", "a power of a logarithm"),
    ("xsin(y)", "x·sin(y)", "glued to a symbol"),
    ("sinx", "sin(x)", "glued to its argument"),
    ("sin2x", "sin(2·x)", "glued to a number"),
    ("2sin2x", "2·sin(2·x)", "and a coefficient"),
    ("xcos2y", "x·cos(2·y)", "glued on both sides"),
    ("lnx", "log(x)", "glued"),
    ("sqrt2", "sqrt(2)", "glued to a number"),
    ("sinsinx", "sin(sin(x))", "glued twice"),
    ("arctan(x)", "atan(x)", "a long name"),
    ("sinh(x)", "sinh(x)", "hyperbolic, not sin(h·x)"),
    ("sigmoid(x)", "sigmoid(x)", "the logistic function"),
    ("σ(x)", "sigmoid(x)", "by its letter"),
    ("relu(x)", "relu(x)", "a rectifier"),
    ("ReLU(x)", "relu(x)", "as papers write it"),
    ("max(0, x)", "max(0, x)", "two arguments"),
    ("min(x, y, z)", "min(x, y, z)", "three"),
    ("floor(x/2)", "floor(x/2)", "a call"),
    ("if(x > 0, x, 0)", "if(x > 0, x, 0)", "a piecewise form"),
    ("piecewise(x < 0, -1, x > 0, 1, 0)", "if(x < 0, −1, x > 0, 1, 0)", "three pieces"),
    ("where(x >= 0 and y < 1, 1, 0)", "if(x ≥ 0 and y < 1, 1, 0)", "NumPy's name"),
    ("x!", "x!", "a factorial"),
    ("(x + 1)!", "(x + 1)!", "of a bracket"),
    ("x!!", "(x!)!", "twice"),
    # names
    ("λ", "λ", "a Greek letter"),
    ("lambda", "λ", "its name"),
    ("lam", "λ", "its short name"),
    ("2λx", "2·λ·x", "inside a product"),
    ("2αλ", "2·α·λ", "two Greek letters"),
    ("ŷ - y", "ŷ − y", "a hat"),
    ("y\u0302 - y", "ŷ − y", "a hat as a character of its own"),
    ("yhat", "ŷ", "a hat by name"),
    ("y_hat", "ŷ", "a hat by index"),
    ("w_1", "w_1", "an index"),
    ("w₁", "w_1", "a lowered index"),
    ("w_{1}", "w_1", "LaTeX's index"),
    ("w_{12}", "w_12", "two digits"),
    ("w₁₂", "w_12", "two lowered digits"),
    ("w_1w_12", "w_1·w_12", "two indexed symbols, glued"),
    ("w_1 w_12", "w_1·w_12", "two indexed symbols"),
    ("dJ/dw_i", "dJ/dw_i", "a derivative is one symbol"),
    ("∂J/∂w_i", "dJ/dw_i", "with curly d"),
    ("dJ / dw_i", "dJ/dw_i", "with spaces"),
    ("2 dJ/dw_i", "2·dJ/dw_i", "as a factor"),
    ("E[w]", "E[w]", "an expectation is one symbol"),
    ("E[w]^2", "E[w]^2", "squared"),
    ("Var(w) + E[w]^2", "Var(w) + E[w]^2", "a variance"),
    ("Var( w )", "Var(w)", "with spaces"),
    ("Var[w] E(w)", "Var(w)·E[w]", "with the other brackets"),
    ("mVar(w)E[w]x", "m·Var(w)·E[w]·x", "variances in a product"),
    ("m\\mathrm{Var}(w)\\mathbb{E}[w]^2", "m·Var(w)·E[w]^2", "in LaTeX"),
    ("αdJ/dw_i", "α·dJ/dw_i", "a derivative behind its factor"),
    ("lamdJ/dw_i", "λ·dJ/dw_i", "the same by name"),
    ("π", "π", "a constant"),
    ("2pi x", "2·π·x", "a constant by name"),
    ("x\u00a0+\u2009y", "x + y", "spaces of other widths"),
    ("x\u200b+ y", "x + y", "a space that can't be seen"),
    ("\tx\n+ y ", "x + y", "tabs and lines"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "expected", "why"), READ, ids=[row[0] for row in READ])
def test_reads(typed: str, expected: str | None, why: str) -> None:
    if expected is None:
        with pytest.raises(Unreadable):
            read(typed, SCOPE)
        return
    assert echo(typed) == expected, why
    assert read(expected, SCOPE) == read(typed, SCOPE), "what is echoed can be typed"


RELATIONS = [
    ("x < 1", "x < 1", "a relation"),
    ("x<=1", "x ≤ 1", "two characters"),
    ("x ≠ 1", "x ≠ 1", "one character"),
    ("x == 1", "x = 1", "as in Python"),
    ("0 < x < 1", "0 < x and x < 1", "a chain"),
    ("x > 0 && y > 0", "x > 0 and y > 0", "as in C"),
    ("x > 0 or y > 0 and a > 0", "x > 0 or y > 0 and a > 0", "and binds tighter"),
]


@pytest.mark.parametrize(("typed", "expected", "why"), RELATIONS)
def test_reads_conditions(typed: str, expected: str, why: str) -> None:
    assert echo(typed, relations=True) == expected, why


# What each scope makes of one text: declared symbols, typed, read as, why the row is here.
SCOPES = [
    ("x, y", "xy", "x·y", "two symbols"),
    ("xy", "xy", "xy", "one symbol of two letters"),
    ("x, y, xy", "xy", "xy", "the longest wins"),
    ("x, y, xy", "x y", "x·y", "a space splits"),
    ("x", "X", None, "case counts"),
    ("x, X", "xX", "x·X", "case counts"),
    ("e", "e^2", "e^2", "a declared e is a symbol"),
    ("pi", "pi", "pi", "a declared pi is one too"),
    ("i", "2i", "2·i", "an index or a unit"),
    ("s, i, n, x", "sinx", "sin(x)", "the fewest pieces"),
    ("beta", "β", "β", "declared by name, typed as a letter"),
    ("β", "beta", "β", "declared as a letter, typed by name"),
    ("gamma, lambda", "gamma lambda", "γ·λ", "words of Python and SymPy"),
    ("E, I, S, N, Q, O", "E I S N Q O", "E·I·S·N·Q·O", "names of SymPy"),
    ("oo, zoo, nan", "oo zoo nan", "oo·zoo·nan", "more of them"),
    ("x1", "2x1", "2·x1", "a digit in a name"),
    ("x1", "x_1", "x1", "the same with its underscore"),
    ("x1, x_1", "x1 x_1", "x1·x_1", "two names where both are declared"),
    ("x_i, x_j", "x_i x_j", "x_i·x_j", "indices"),
    ("y, y_hat", "yhat y", "ŷ·y", "a hat and none"),
    ("w, dJ/dw", "dJ/dw w", "dJ/dw·w", "a derivative and its variable"),
    ("d, J, w", "dJ/dw", "d·J/d·w", "nothing special is declared"),
    ("sin", "sin x", None, "a symbol that hides a function"),
    ("T, x", "x^T", "x^T", "a declared T is an exponent"),
    ("x", "x^T", "xᵀ", "an undeclared one transposes"),
    ("E[w], w", "E[w] w", "E[w]·w", "a name with brackets"),
    ("E[w], Var(w)", "E[w]Var(w)", "E[w]·Var(w)", "two of them"),
    ("E[w], E[a], Var(w)", "Var(a)", None, "the variance of another"),
    ("w^[1], dw^[1], x", "xdw^[1] w^[1]", "x·dw^[1]·w^[1]", "the first name that fits"),
    ("dJ/dw, dJ/dw_1", "dJ/dw_1 dJ/dw", "dJ/dw_1·dJ/dw", "one name begins another"),
    ("dJ/dw, w_1", "dJ/dw_1", None, "not the beginning of another derivative"),
    ("p", "P(p)", None, "an unknown function"),
    ("n_x, n", "n_x n", "n_x·n", "an x that isn't a cross"),
]


@pytest.mark.parametrize(("declared", "typed", "expected", "why"), SCOPES)
def test_splits_along_what_is_declared(
    declared: str, typed: str, expected: str | None, why: str
) -> None:
    scope = Scope(parse_symbols(declared))
    if expected is None:
        with pytest.raises(Unreadable):
            read(typed, scope)
    else:
        assert echo(typed, scope) == expected, why


@pytest.mark.parametrize(
    "declared", ["x)", "x(", "X:(F,m", "x:", "x>y", "0<x<1", "x, x", "x:float", "X:()"]
)
def test_declarations_are_whole(declared: str) -> None:
    refused = refusal(parse_symbols, declared)
    assert refused is not None
    assert 0 <= refused.start <= refused.end <= len(declared)


# The first ! is the caret: it stands before the first character that is pointed at.
REFUSED = [
    ("2x + !q", "q isn't known here; the symbols here are a, b", "an unknown symbol"),
    ("2x + !Y", "did you mean y?", "the wrong case"),
    ("!lamda x", "did you mean lam?", "a slip"),
    ("!yhatt", "did you mean yhat?", "a slip"),
    ("!x2", "x2 isn't known here; write x^2 or 2x", "an index or a product? Neither is guessed"),
    ("(x + !(y])", "the bracket ( is closed by ] here", "another kind of bracket"),
    ("!⌊x)", "the bracket ⌊ is closed by ) here", "another kind of bracket"),
    ("!d/dx x^2", "a derivative stands here: work it out", "not differentiated"),
    (r"\frac{!d}{dx} x^2", "a derivative stands here: work it out", "not differentiated"),
    ("x + !diff(x^2, x)", "a derivative stands here: work it out", "not differentiated"),
    ("log_!q(x)", "q isn't known here", "the base of a logarithm"),
    ("2!..3", "this point can't stand here", "two points"),
    ("!w3", "w3 isn't known here", "no such index"),
    ("!w_3", "w_3 isn't known here", "no such index"),
    ("x + !foo(x)", "foo isn't known here", "an unknown function"),
    ("!E", "E isn't known here", "SymPy's e"),
    ("!I", "I isn't known here", "SymPy's unit"),
    ("!S", "S isn't known here", "SymPy's singletons"),
    ("!N", "N isn't known here", "SymPy's evaluation"),
    ("!Q", "Q isn't known here", "SymPy's assumptions"),
    ("!beta", "beta isn't known here", "SymPy's beta function"),
    ("!gamma", "gamma isn't known here", "SymPy's gamma function"),
    ("!oo", "oo isn't known here", "SymPy's infinity"),
    ("!zoo", "zoo isn't known here", "SymPy's complex infinity"),
    ("!__class__", "__class__ isn't known here", "Python's insides"),
    ("x!.__class__", "this point can't stand here", "an attribute"),
    ("__import__('os')!.system('x')", "this point can't stand here", "code"),
    ("()!.__class__", "this point can't stand here", "code"),
    ("x !+", "something is missing after +", "an empty operand"),
    ("!* x", "something is missing before *", "an empty operand"),
    ("x * !/ y", "something is missing before /", "two operators"),
    ("x !^", "something is missing after ^", "no exponent"),
    ("x ^ !^ 2", "something is missing before ^", "two signs of power"),
    ("!(x + 1", "this bracket is never closed", "a missing bracket"),
    ("x + 1!)", "this bracket was never opened", "a bracket too many"),
    ("x + !()", "there is nothing between these brackets", "an empty bracket"),
    ("2 !(x + (y - 1)", "this bracket is never closed", "the outer one is open"),
    ("!⌊x", "this bracket is never closed", "a floor sign"),
    ("!|x", "these bars don't pair up", "one bar"),
    ("x != 3", "an equals sign can't stand here", "an equation"),
    ("3!,14", "decimals are written with a point", "a decimal comma"),
    ("1.234!,5", "decimals are written with a point", "a decimal comma behind a group"),
    ("!2 3", "two numbers stand side by side", "two numbers"),
    ("x !< 1", "< can't stand here", "a relation"),
    ("x !and y", "and can't stand here", "a connective"),
    ("!sin", "sin of what? Write sin(…)", "no argument"),
    ("x + !sqrt", "sqrt of what? Write sqrt(…)", "no argument"),
    ("sin!()", "sin takes 1 argument; here are 0", "no argument"),
    ("log!(1, 2, 3)", "log takes 1 to 2 arguments; here are 3", "too many"),
    ("!floor x", "floor needs brackets: floor(…)", "a function that takes no bare argument"),
    ("!∛x", "∛ needs brackets: ∛(…)", "a function that takes no bare argument"),
    ("!\"x\"", "quotation marks aren't needed", "quotes"),
    ("x!#", "the character # isn't read here", "a stranger"),
    ("x !→ y", "the character → isn't read here", "a stranger"),
    ("x !\0", "can't be seen", "a NUL"),
    ("!\ud800", "can't be seen", "half of a character"),
    ("!²", "² can't stand here", "a raised digit on nothing"),
    ("!", "nothing was typed", "nothing"),
    ("!   ", "nothing was typed", "spaces"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message", "why"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses_with_the_caret_under_the_place(marked: str, message: str, why: str) -> None:
    typed = marked.replace("!", "", 1)
    with pytest.raises(Unreadable) as refused:
        read(typed, SCOPE)
    assert message in refused.value.message, why
    assert refused.value.start == marked.index("!")
    assert refused.value.start <= refused.value.end <= len(typed)


def test_offsets_are_those_of_what_was_typed() -> None:
    """Hats, raised characters and full-width forms take other lengths when they are read."""
    text = "ŷ＋y\u0302² − w₁₂·q"
    with pytest.raises(Unreadable, match="q isn't known") as refused:
        read(text, SCOPE)
    assert text[refused.value.start : refused.value.end] == "q"
    tree = read("x + y\u0302²", SCOPE)
    assert isinstance(tree, Binary)
    assert (tree.right.start, tree.right.end) == (4, 7)


def test_an_answer_behind_its_name_keeps_its_offsets() -> None:
    with pytest.raises(Unreadable) as refused:
        read("w = 2q", SCOPE, start=3)
    assert (refused.value.start, refused.value.end) == (5, 6)
    assert one_line(read("((( 2x", SCOPE, start=3)) == "2·x"


@pytest.mark.parametrize(
    ("typed", "echoed"),
    [("6, 6, 32", "(6, 6, 32)"), ("(6, 6)", "(6, 6)"), ("3,", "(3,)"), ("7,776", "(7, 776)")],
)
def test_lists_have_no_grouped_digits(typed: str, echoed: str) -> None:
    assert one_line(read_items(typed, SCOPE)) == echoed


# -- limits ----------------------------------------------------------------------------------

AT_THE_LIMIT = [
    ("x" + " " * (MAX_LENGTH - 1), "the longest text"),
    ("9" * MAX_DIGITS, "the longest number"),
    ("0." + "1" * (MAX_DIGITS - 1), "the longest decimal"),
    ("1e9999", "the largest power of ten"),
    ("(" * (MAX_DEPTH - 1) + "x" + ")" * (MAX_DEPTH - 1), "brackets"),
    ("x" + " + x" * (MAX_DEPTH - 1), "a chain"),
    ("x" + "^x" * (MAX_DEPTH - 1), "a tower"),
    ("-" * (MAX_DEPTH - 1) + "x", "signs"),
    ("x" + "!" * (MAX_DEPTH - 1), "signs behind"),
    ("sin(" * (MAX_DEPTH - 1) + "x" + ")" * (MAX_DEPTH - 1), "calls"),
    ("sin " * (MAX_DEPTH - 1) + "x", "functions without brackets"),
    ("√" * (MAX_DEPTH - 1) + "x", "root signs"),
    ("if(x > 0, 1, " * 50 + "0" + ")" * 50, "piecewise forms"),
    ("|" * 30 + "x" + "|" * 30, "bars"),
]
BEYOND = [
    ("x" + " " * MAX_LENGTH, "at most 10,000 are read", "too long"),
    ("9" * (MAX_DIGITS + 1), "at most 1,000 digits", "too many digits"),
    ("x + 1e12345", "power of ten is too large", "too large a power of ten"),
    ("(" * (MAX_DEPTH + 1) + "x" + ")" * (MAX_DEPTH + 1), "200 deep", "brackets"),
    ("x" + " + x" * (MAX_DEPTH + 1), "200 deep", "a chain"),
    ("x" + "^x" * (MAX_DEPTH + 1), "200 deep", "a tower"),
    ("-" * (MAX_DEPTH + 1) + "x", "200", "signs"),
    ("x" + "!" * (MAX_DEPTH + 1), "200 deep", "signs behind"),
    ("sin(" * (MAX_DEPTH + 1) + "x" + ")" * (MAX_DEPTH + 1), "200 deep", "calls"),
    ("√" * (MAX_DEPTH + 1) + "x", "200 deep", "root signs"),
    ("|" * 31 + "x" + "|" * 31, "more than 60 bars", "bars"),
]


@pytest.mark.parametrize(("typed", "why"), AT_THE_LIMIT, ids=[row[1] for row in AT_THE_LIMIT])
def test_reads_up_to_the_limits(typed: str, why: str) -> None:
    """Also from deep inside a test run: the room that it takes is made."""
    with alarm():
        tree = read(typed, SCOPE)
        assert one_line(tree), why


@pytest.mark.parametrize(("typed", "message", "why"), BEYOND, ids=[row[2] for row in BEYOND])
def test_refuses_beyond_the_limits(typed: str, message: str, why: str) -> None:
    with alarm(), pytest.raises(Unreadable, match=message) as refused:
        read(typed, SCOPE)
    assert 0 <= refused.value.start <= refused.value.end <= len(typed)
    assert len(refused.value.message) < 200, "a message is short, whatever was typed"


def test_depth_counts_through_every_construction() -> None:
    """Exponents of functions and raised brackets are no way around the limit."""
    chain = "x" + "+x" * 90
    for text in (f"sin^-({chain}) ({chain})", f"sin^-1({chain})+{chain}", f"x^({chain})^(x)"):
        tree = read(text, SCOPE)
        assert _depth(tree) <= MAX_DEPTH
    with pytest.raises(Unreadable, match="200 deep"):
        read(f"{chain}+sin^-1({chain})" + "+x" * 120, SCOPE)
    with pytest.raises(Unreadable, match="200 deep"):
        read("sin^-1(" * 3 + chain + ("+x" * 60 + ")") * 3, SCOPE)
    with pytest.raises(Unreadable, match="200 deep"):
        read("x⁽" + "ˣ⁺" * 150 + "ˣ⁾" + "+x" * 60, SCOPE)


def _depth(tree: Node) -> int:
    from engine.language.tree import children

    return 1 + max((_depth(child) for child in children(tree)), default=0)


def test_the_limit_on_nested_calls_is_raised_for_deep_texts_and_never_lowered() -> None:
    before = sys.getrecursionlimit()
    read("(" * 150 + "x" + ")" * 150, SCOPE)
    assert sys.getrecursionlimit() >= before
    sys.setrecursionlimit(max(before, 12_345))
    read("(" * 150 + "x" + ")" * 150, SCOPE)
    assert sys.getrecursionlimit() == max(before, 12_345)
    sys.setrecursionlimit(before)


@pytest.mark.parametrize(("typed", "why"), HOSTILE, ids=[row[0][:30] for row in HOSTILE])
def test_nothing_hangs_or_breaks_the_reader(typed: str, why: str) -> None:
    for reader in (read, read_items):
        with alarm():
            refused = refusal(lambda text, reader=reader: one_line(reader(text, SCOPE)), typed)
        if refused is not None:
            assert 0 <= refused.start <= refused.end <= len(typed), why
            assert len(refused.message) < 250, why


# -- laws ------------------------------------------------------------------------------------

WORDS = [name for name in NAMES if name.isascii()]
CALLED = [function for function in ELEMENTWISE if function.name != "if"]


def trees() -> st.SearchStrategy[Node]:
    """Trees of scalars: every sign, every elementwise function, piecewise forms."""
    numbers = st.one_of(
        st.integers(0, 10**6).map(lambda n: Number(Fraction(n))),
        st.integers(1, 10**4).map(lambda n: Number(Fraction(n, 100))),
    )
    constants = st.sampled_from(["e", "pi"]).map(Constant)
    atoms = st.one_of(numbers, st.sampled_from(WORDS).map(Name), constants)

    def larger(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        relation = st.builds(Binary, st.sampled_from(["<", "<=", "=", "!=", ">=", ">"]), part, part)
        calls = st.sampled_from(CALLED).flatmap(
            lambda function: st.integers(function.fewest, min(function.most, 3)).flatmap(
                lambda count: st.tuples(*[part] * count).map(
                    lambda arguments: Call(function.name, arguments)
                )
            )
        )
        return st.one_of(
            st.builds(Unary, st.sampled_from("-+%!"), part),
            st.builds(Binary, st.sampled_from("+-*/^"), part, part),
            calls,
            st.builds(lambda c, a, b: Call("if", (c, a, b)), relation, part, part),
        )

    return st.recursive(atoms, larger, max_leaves=25)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(trees())
def test_what_is_printed_reads_back(tree: Node) -> None:
    assert read(one_line(tree), SCOPE) == tree
    assert read(one_line(tree, ascii=True), SCOPE) == tree


PIECES = st.sampled_from(
    [
        *"0123456789.,;:+-*/^()[]{}|‖⌊⌋⌈⌉!%'=<>≤≥≠~@⊙×·÷−–√∛∞½²³⁻¹ⁿ₁₂ \t\n",
        *"xyabmweEiT", "λ", "ŷ", "\u0302", "**", "sin", "log", "sqrt", "abs(", "if(", "max(", "e^",
        "1e5", "1e-2", "and", "or", "dJ/dw_i", "E[w]", "Var(w)", "w_1", "w_{1", "axis=", "\\frac{",
        "\\", "$", "\0", "\ud800", "\u200b", "\u202e",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


@settings(max_examples=1_000, deadline=None, derandomize=True)
@given(TEXTS)
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    for relations in (False, True):
        refused = refusal(read, text, SCOPE, relations=relations)
        if refused is None:
            tree = read(text, SCOPE, relations=relations)
            assert read(one_line(tree), SCOPE, relations=True) == tree
        else:
            assert 0 <= refused.start <= refused.end <= len(text)
            assert refused.message
