"""The kinds of part: what is read, what it earns, and that a key accepts itself."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hostile import HOSTILE, alarm, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.grading import read_response
from engine.kinds import Asked, Choice, Judgement, kind_of
from engine.language.errors import Unreadable
from engine.language.exact import Value
from engine.language.parser import read
from engine.language.scope import Scope
from engine.language.symbols import parse_symbols

INVALID = None
"""The mark of rows that can't be read."""


def asked(kind: str, **options: Any) -> Asked:
    return Asked("side", kind, **options)


def judged(part: Asked, typed: str, reference: Value) -> Judgement | None:
    """What a response earns; None where it can't be read."""
    try:
        return judged_or_refused(part, typed, reference)
    except Unreadable as refused:
        within = 0 <= refused.start <= refused.end <= len(typed)
        return None if within else pytest.fail(f"{typed!r}: the caret stands outside")


def share(part: Asked, typed: str, reference: Value) -> Fraction | None:
    judgement = judged(part, typed, reference)
    return None if judgement is None else judgement.share


def echoed(part: Asked, typed: str) -> str:
    return read_response(typed, part).read_as


# -- numbers ---------------------------------------------------------------------------------

THIRD, TENTH = Fraction(1, 3), Fraction(1, 10)
# typed, key, right or not (None: can't be read), why the row is here
NUMBERS: list[tuple[str, Fraction | float, bool | None, str]] = [
    ("0.333", THIRD, True, "three significant digits"),
    ("0.33", THIRD, False, "two are not enough"),
    ("0.3333333", THIRD, True, "more are"),
    ("1/3", THIRD, True, "a fraction"),
    ("2/6", THIRD, True, "not in lowest terms"),
    ("1 / 3.0", THIRD, True, "a quotient of decimals"),
    ("33.3%", THIRD, True, "percent"),
    ("33.3 %", THIRD, True, "percent with a space"),
    ("33.3", THIRD, False, "the sign of percent forgotten"),
    ("3.33e-1", THIRD, True, "scientific"),
    ("≈ 0.333", THIRD, True, "about"),
    ("~0.333", THIRD, True, "about"),
    ("side = 0.333", THIRD, True, "an answer behind its name"),
    ("side ≈ 0.333", THIRD, True, "about, behind its name"),
    ("= 0.333", THIRD, True, "an equals sign"),
    ("-0.333", THIRD, False, "the sign counts"),
    ("0", THIRD, False, "nothing"),
    ("½", Fraction(1, 2), True, "a character for a fraction"),
    ("1e-2", Fraction(1, 100), True, "scientific"),
    ("7,776", Fraction(7776), True, "digits in groups"),
    ("7776", Fraction(7776), True, "digits"),
    ("9*9*3*32", Fraction(7776), True, "an unevaluated product"),
    ("9·9·3·32", Fraction(7776), True, "typed with points"),
    ("9 × 9 × 3 × 32", Fraction(7776), True, "typed with crosses"),
    ("(9*9*3+1)*32", Fraction(7808), True, "an unevaluated sum in it"),
    ("7780", Fraction(7776), True, "three significant digits of a whole number"),
    ("7.78e3", Fraction(7776), True, "and scientific"),
    ("7700", Fraction(7776), False, "two significant digits"),
    ("2^10", Fraction(1024), True, "a power"),
    ("sqrt(2)", 2**0.5, True, "a root"),
    ("√2", 2**0.5, True, "a root sign"),
    ("1.41", 2**0.5, True, "a root rounded"),
    ("1.4", 2**0.5, False, "a root rounded too much"),
    ("log(2)", 0.6931471805599453, True, "a logarithm"),
    ("e^-1", 0.36787944117144233, True, "a power of e"),
    ("pi/4", 0.7853981633974483, True, "a fraction of π"),
    ("0", Fraction(0), True, "nought"),
    ("0.0", Fraction(0), True, "nought as a decimal"),
    ("-0", Fraction(0), True, "nought with a sign"),
    ("1 - 1", Fraction(0), True, "nought in disguise"),
    ("0.001", Fraction(0), False, "no slack around nought"),
    ("1e-300", Fraction(0), False, "none at all"),
    ("100.5", Fraction(100), True, "just within half a percent"),
    ("100.50001", Fraction(100), False, "just beyond"),
    ("99.5", Fraction(100), True, "just within, below"),
    ("99.49999", Fraction(100), False, "just beyond, below"),
    ("-99.5", Fraction(-100), True, "just within, negative"),
    ("1.00", Fraction("1.005"), True, "rounded down by the most that rounding costs"),
    ("1.01", Fraction("1.005"), True, "and up"),
    ("0.000123", Fraction("0.00012345"), True, "small numbers too"),
    ("0.00012", Fraction("0.00012345"), False, "small numbers too"),
    ("0.1", TENTH, True, "a decimal is exact"),
    ("sum([1, 2, 3])/3", Fraction(2), True, "a mean written out"),
    ("2000!/1999!", Fraction(2000), True, "large numbers on the way"),
    ("0.333...", THIRD, INVALID, "dots"),
    ("3,14", Fraction(314, 100), INVALID, "a decimal comma"),
    ("1:3", THIRD, INVALID, "a ratio"),
    ("1/0", THIRD, INVALID, "no value"),
    ("inf", THIRD, INVALID, "no finite value"),
    ("1e400 * pi", THIRD, INVALID, "beyond floats"),
    ("x", THIRD, INVALID, "no symbols here"),
    ("one third", THIRD, INVALID, "words"),
    ("6x6", Fraction(36), INVALID, "a shape"),
    ("(6x6x3)", Fraction(36), INVALID, "a shape in brackets"),
    ("6 x 6", Fraction(36), INVALID, "a shape with spaces"),
    ("side = 6x6", Fraction(36), INVALID, "a shape behind the name"),
    ("(1, 2)", THIRD, INVALID, "two numbers"),
    ("[1]", THIRD, INVALID, "a list"),
    ("1 < 2", THIRD, INVALID, "a comparison"),
    ("(1 < 2)", Fraction(1), INVALID, "a comparison in brackets"),
    ("3'", Fraction(3), INVALID, "a transpose"),
    ("w = 3", Fraction(3), INVALID, "another name"),
    ("== 3", Fraction(3), INVALID, "two equals signs"),
    ("(= 3", Fraction(3), INVALID, "a bracket before the equals sign"),
    ("", THIRD, INVALID, "nothing"),
    ("  ", THIRD, INVALID, "spaces"),
    ("≈", THIRD, INVALID, "nothing about"),
]


@pytest.mark.parametrize(("typed", "key", "right", "why"), NUMBERS)
def test_numbers(typed: str, key: Fraction | float, right: bool | None, why: str) -> None:
    expected = None if right is None else Fraction(right)
    assert share(asked("number"), typed, key) == expected, why


TOLERANCES = [
    ({"relative": Fraction(1, 100)}, "101", True, "one percent"),
    ({"relative": Fraction(1, 100)}, "101.1", False, "beyond one percent"),
    ({"absolute": Fraction(1, 2)}, "100.5", True, "half a unit"),
    ({"absolute": Fraction(1, 2)}, "100.6", False, "beyond half a unit"),
    ({"absolute": Fraction(0)}, "100", True, "none"),
    ({"absolute": Fraction(0)}, "100.0001", False, "none"),
    ({"relative": Fraction(0)}, "100.0001", False, "none"),
    ({"relative": Fraction(1, 100), "absolute": Fraction(3)}, "103", True, "the wider of two"),
]  # fmt: skip


@pytest.mark.parametrize(("tolerance", "typed", "right", "why"), TOLERANCES)
def test_stated_tolerances(
    tolerance: dict[str, Fraction], typed: str, right: bool, why: str
) -> None:
    assert share(asked("number", **tolerance), typed, Fraction(100)) == right, why


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    st.fractions(Fraction(1, 997), 1000, max_denominator=997),
    st.integers(-6, 6),
    st.sampled_from([1, -1]),
)
def test_what_rounding_to_three_significant_digits_gives_is_right(
    number: Fraction, power: int, sign: int
) -> None:
    key = sign * number * Fraction(10) ** power
    for typed in (f"{float(key):.3g}", f"{float(key):.2e}", f"{float(key):.5g}"):
        assert share(asked("number"), typed, key) == 1
        assert share(asked("number"), typed, float(key)) == 1


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.fractions(Fraction(1, 10), 10), st.fractions(Fraction(51, 10_000), Fraction(1, 2)))
def test_what_is_further_off_is_wrong(key: Fraction, off: Fraction) -> None:
    for value in (key * (1 + off), key * (1 - off)):
        assert share(asked("number"), str(value), key) == 0


NUMBER_ECHOES = [
    ("6", "6"),
    ("-0.5", "−0.5"),
    ("1/3", "1/3 = 0.333333"),
    ("9*9*3*32", "9·9·3·32 = 7776"),
    ("5%", "5% = 0.05"),
    ("sqrt(36)", "sqrt(36) = 6"),
    ("7,776", "7776"),
    ("2000!", "2000! = 3.31628e5735"),
    ("1/1e9999", "1/1e9999 = 1.00000e-9999"),
]


@pytest.mark.parametrize(("typed", "echo"), NUMBER_ECHOES)
def test_a_number_is_echoed_with_its_value(typed: str, echo: str) -> None:
    assert echoed(asked("number"), typed) == echo


INTEGERS = [
    ("6", 6, True, "", "a whole number"),
    ("6.0", 6, True, "", "written as a decimal"),
    ("12/2", 6, True, "", "a quotient"),
    ("sqrt(36)", 6, True, "", "a root"),
    ("10^(log(1000, 10))", 1000, True, "", "whole but for the rounding of floats"),
    ("floor(5/2) + 4", 6, True, "", "a formula"),
    ("+6", 6, True, "", "a sign"),
    ("6e0", 6, True, "", "scientific"),
    ("1,024", 1024, True, "", "digits in groups"),
    ("2^10", 1024, True, "", "a power"),
    ("1e3", 1000, True, "", "scientific"),
    ("1025", 1024, False, "incorrect", "no tolerance"),
    ("-6", 6, False, "incorrect", "the sign counts"),
    ("5.5", 6, False, "not-whole", "incorrect, not invalid"),
    ("5.5", 5, False, "not-whole", "not rounded"),
    ("6%", 6, False, "not-whole", "percent"),
    ("sqrt(2)", 1, False, "not-whole", "irrational"),
    ("5.9999999999999", 6, False, "not-whole", "nearly whole, but typed so"),
    ("sqrt(2) * 10^9", 1414213562, False, "not-whole", "large and not whole"),
    ("1e-12 * pi", 0, False, "not-whole", "small and not whole"),
]


@pytest.mark.parametrize(("typed", "key", "right", "slip", "why"), INTEGERS)
def test_integers(typed: str, key: int, right: bool, slip: str, why: str) -> None:
    judgement = judged(asked("integer"), typed, Fraction(key))
    assert judgement is not None and judgement.share == right, why
    assert right or judgement.slip == slip, why
    if slip == "not-whole":
        assert judgement.feedback[0].endswith("is not a whole number.")
        said = judgement.feedback[0].partition(" ")[0]
        assert said == "This" or "." in said.rstrip("0").rstrip("."), "it contradicts itself"


@pytest.mark.parametrize("typed", ["six", "6x6", "(6, 6)", "6,", "x", "[6]", "6!!!!"])
def test_what_is_no_integer(typed: str) -> None:
    assert share(asked("integer"), typed, Fraction(6)) is INVALID


# -- shapes ----------------------------------------------------------------------------------

SHAPES: list[tuple[str, str, str, str, str]] = [
    # typed, symbols, key as typed, right or slip or invalid, why the row is here
    ("6x6", "", "(6, 6)", "right", "an x"),
    ("6X6", "", "(6, 6)", "right", "a capital"),
    ("6 x 6", "", "(6, 6)", "right", "spaces"),
    ("6×6", "", "(6, 6)", "right", "a cross"),
    ("6 × 6 × 32", "", "(6, 6, 32)", "right", "three axes"),
    ("6 by 6", "", "(6, 6)", "right", "by"),
    ("6*6", "", "(6, 6)", "right", "a star"),
    ("120*120*32", "", "(120, 120, 32)", "right", "stars"),
    ("120 * 120 * 32", "", "(120, 120, 32)", "right", "stars and spaces"),
    ("[6, 6, 32]", "", "(6, 6, 32)", "right", "a list"),
    ("(6, 6)", "", "(6, 6)", "right", "a tuple"),
    ("6, 6", "", "(6, 6)", "right", "without brackets"),
    ("(6,6,)", "", "(6, 6)", "right", "a comma behind"),
    ("(6; 6)", "", "(6, 6)", "right", "a semicolon"),
    ("(6x6)", "", "(6, 6)", "right", "an x in brackets"),
    ("(50,)", "", "(50,)", "right", "one axis"),
    ("50", "", "(50,)", "right", "one axis, the number alone"),
    ("(50)", "", "(50,)", "right", "one axis, no comma"),
    ("[50]", "", "(50,)", "right", "one axis, a list"),
    ("50,", "", "(50,)", "right", "one axis, the comma alone"),
    ("()", "", "()", "right", "no axes: a number"),
    ("( )", "", "()", "right", "no axes, with a space"),
    ("(1, 1)", "", "()", "wrong-axes", "two axes aren't none"),
    ("error", "", "error", "right", "an error"),
    ("Error", "", "error", "right", "a capital"),
    ("ValueError", "", "error", "right", "as NumPy says it"),
    ("error.", "", "error", "right", "a full stop"),
    ("side = (6, 6)", "", "(6, 6)", "right", "behind the name"),
    ("2^3 x 6", "", "(8, 6)", "right", "a power as a size"),
    ("(2*3, 6)", "", "(6, 6)", "right", "a product between commas"),
    ("(12/2, 6)", "", "(6, 6)", "right", "a quotient as a size"),
    ("6.0x6", "", "(6, 6)", "right", "a decimal that is whole"),
    ("(1, m)", "m", "(1, m)", "right", "a symbol"),
    ("1 x m", "m", "(1, m)", "right", "a symbol and an x"),
    ("1×m", "m", "(1, m)", "right", "a symbol and a cross"),
    ("mx1", "m", "(m, 1)", "right", "glued"),
    ("(n_x, m)", "n_x, m", "(n_x, m)", "right", "an x in a name"),
    ("n_x × m", "n_x, m", "(n_x, m)", "right", "an x in a name"),
    ("n_x x m", "n_x, m", "(n_x, m)", "right", "an x in a name and one between"),
    ("(x, 3)", "x", "(x, 3)", "right", "a symbol x"),
    ("(m + m, 1)", "m", "(2m, 1)", "right", "an expression"),
    ("(2 m, 1)", "m", "(2m, 1)", "right", "a product in a size"),
    ("(F, m)", "F, m", "(m, F)", "wrong-order", "transposed"),
    ("6x5", "", "(6, 6)", "incorrect", "a wrong size"),
    ("(7, 5)", "", "(5, 7)", "wrong-order", "in another order"),
    ("6", "", "(6, 6)", "wrong-axes", "one axis for two"),
    ("(6, 6, 1)", "", "(6, 6)", "wrong-axes", "three for two"),
    ("(1, 50)", "", "(50,)", "wrong-axes", "two for one"),
    ("error", "", "(6, 6)", "no-error", "an error where there is none"),
    ("(6, 6)", "", "error", "error-missed", "a shape where there is none"),
    ("(5.5, 6)", "", "(6, 6)", "incorrect", "half a cell"),
    ("(-6, 6)", "", "(6, 6)", "incorrect", "a negative size"),
    ("(10^400, 6)", "", "(6, 6)", "incorrect", "a huge size"),
    ("6 6", "", "(6, 6)", "invalid", "only a space between"),
    ("(6, 6", "", "(6, 6)", "invalid", "a bracket that isn't closed"),
    ("(6,, 6)", "", "(6, 6)", "invalid", "a size is missing"),
    ("((6, 6), 6)", "", "(6, 6)", "invalid", "a shape in a shape"),
    ("(k, 6)", "m", "(m, 6)", "invalid", "an unknown symbol"),
    ("(m < 1, 6)", "m", "(m, 6)", "invalid", "a comparison"),
    ("(1 < 2, 6)", "", "(1, 6)", "invalid", "a comparison of numbers"),
    ("(sum(m), 6)", "m", "(m, 6)", "invalid", "a sum over a number"),
    ("([m, 2] + 1, 6)", "m", "(m, 6)", "invalid", "a list for a size"),
    ("(m', 6)", "m", "(m, 6)", "invalid", "a transpose"),
    ("(1/0, 6)", "", "(6, 6)", "invalid", "no value"),
    ("((10^400 + 1)^0.3, 6)", "", "(6, 6)", "invalid", "beyond floats"),
    ("errors", "", "error", "invalid", "another word"),
]


@pytest.mark.parametrize(("typed", "symbols", "key", "expected", "why"), SHAPES)
def test_shapes(typed: str, symbols: str, key: str, expected: str, why: str) -> None:
    part = asked("shape", symbols=parse_symbols(symbols))
    judgement = judged(part, typed, read_response(key, part).value)
    if judgement is None:
        assert expected == "invalid", why
    elif judgement.share == 1:
        assert expected == "right", why
    else:
        assert (judgement.share, judgement.slip) == (0, expected), why


@pytest.mark.parametrize(
    ("typed", "echo"),
    [
        ("6x6x32", "6 × 6 × 32"),
        ("50", "(50,)"),
        ("()", "()"),
        ("1 x m", "(1, m)"),
        ("err", "error"),
    ],
)
def test_a_shape_is_echoed_in_one_way(typed: str, echo: str) -> None:
    assert echoed(asked("shape", symbols=parse_symbols("m")), typed) == echo


# -- choices ---------------------------------------------------------------------------------

OPTIONS = (
    Choice("a", "high bias", True),
    Choice("b", "high variance", False, "The gap is small."),
    Choice("c", "x > 0", True),
    Choice("d", "x < 0", False),
    Choice("more-data", "Get more data", False),
    Choice("none", "None of these", False),
)
CHOICES = [
    ("a", "a", "an id"),
    ("A", "a", "in any case"),
    (" a ", "a", "with spaces"),
    ("a)", "a", "with a bracket"),
    ("(a)", "a", "in brackets"),
    ("a.", "a", "with a full stop"),
    ("high bias", "a", "its text"),
    ("High Bias", "a", "its text in any case"),
    ("high-bias", "a", "its text with a hyphen"),
    ("high_bias", "a", "its text with an underscore"),
    ("HIGH BIAS!", "a", "its text, loudly"),
    ("x > 0", "c", "signs tell texts apart"),
    ("x<0", "d", "signs tell texts apart, without spaces"),
    ("more-data", "more-data", "an id of two words"),
    ("more data", "more-data", "an id with a space"),
    ("get more data", "more-data", "its text"),
    ("none", "none", "an option of that name"),
    ("side = a", "a", "behind the name"),
    ("x", None, "what two texts begin with"),
    ("0", None, "what two texts end with"),
    ("x 0", None, "the words of two texts"),
    ("e", None, "no such option"),
    ("bias", None, "half a text"),
    ("a b", None, "two options"),
    ("a, b", None, "two options"),
    ("a a", None, "twice the same"),
    ("?", None, "no letters"),
    (",", None, "a comma"),
    ("()", None, "brackets"),
    ("", None, "nothing"),
]


@pytest.mark.parametrize(("typed", "expected", "why"), CHOICES)
def test_one_choice(typed: str, expected: str | None, why: str) -> None:
    part = asked("choice", choices=OPTIONS)
    if expected is None:
        assert isinstance(refusal(read_response, typed, part), Unreadable), why
    else:
        assert read_response(typed, part).value == expected, why


def test_a_wrong_choice_is_answered_with_what_the_author_says() -> None:
    judgement = judged(asked("choice", choices=OPTIONS), "b", "a")
    assert judgement == Judgement(Fraction(0), "exact", "b", ("The gap is small.",))


def test_options_that_signs_alone_tell_apart() -> None:
    options = (Choice("p", "-1", True), Choice("q", "1", False), Choice("r", "+", False))
    part = asked("choice", choices=options)
    for typed, meant in (("-1", "p"), ("−1", "p"), ("1", "q"), ("+", "r")):
        assert read_response(typed, part).value == meant
    assert refusal(read_response, "*", part) is not None


FEW = (
    Choice("a", "one", True),
    Choice("b", "two", True),
    Choice("c", "three", False),
    Choice("d", "four", False),
)
# typed, the share of the marks, why the row is here
SELECTIONS = [
    ("a, b", "1", "both"),
    ("b a", "1", "in any order, with a space"),
    ("A,B", "1", "in any case"),
    ("a;b", "1", "with a semicolon"),
    ("a, a, b", "1", "twice the same"),
    ("one, two", "1", "by text"),
    ("[a, b]", "1", "as a list"),
    ("a", "1/2", "one of two"),
    ("a, b, c", "1/2", "one too many"),
    ("a, c", "0", "one right, one wrong"),
    ("c", "0", "wrong"),
    ("c, d", "0", "never below 0"),
    ("a b c d", "0", "everything"),
    ("none", None, "at least one is right"),
    ("a, e", None, "an unknown one"),
    ("a and b", None, "a word between"),
    (", ,", None, "commas"),
]


@pytest.mark.parametrize(("typed", "expected", "why"), SELECTIONS)
def test_several_choices(typed: str, expected: str | None, why: str) -> None:
    part = asked("choices", choices=FEW)
    wanted = None if expected is None else Fraction(expected)
    assert share(part, typed, ("a", "b")) == wanted, why


def test_the_feedback_on_choices_names_each_option_that_is_wrong_about() -> None:
    judgement = judged(asked("choices", choices=FEW), "b c", ("a", "b"))
    assert judgement is not None
    assert judgement.feedback == ("a is missing.", "c is not right.")
    assert judgement.slip == "wrong-tick"
    missed = judged(asked("choices", choices=FEW), "b", ("a", "b"))
    assert missed is not None and missed.slip == "missed"


# -- arrays ----------------------------------------------------------------------------------

SQUARE = ((1, 2), (3, 4))
ARRAYS: list[tuple[str, Any, str]] = [
    ("[[1, 2], [3, 4]]", SQUARE, "as Python writes it"),
    ("[[1,2],[3,4]]", SQUARE, "without spaces"),
    ("[[1, 2],\n [3, 4]]", SQUARE, "on two lines"),
    ("[[1 2]\n [3 4]]", SQUARE, "as NumPy prints it"),
    ("[[1. 2.]\n [3. 4.]]", SQUARE, "as NumPy prints floats"),
    ("[[ 1.  2.]\n [ 3.  4.]]", SQUARE, "as NumPy pads them"),
    ("array([[1, 2],\n       [3, 4]])", SQUARE, "as NumPy shows it"),
    ("np.array([[1, 2], [3, 4]])", SQUARE, "as one types it"),
    ("np.array([[1., 2.], [3., 4.]], dtype=float32)", SQUARE, "with its type"),
    ("tensor([[1., 2.],\n        [3., 4.]])", SQUARE, "as PyTorch prints it"),
    ("torch.tensor([[1, 2], [3, 4]])", SQUARE, "as one types it"),
    ("[1 2; 3 4]", SQUARE, "as MATLAB writes it"),
    ("[1, 2; 3, 4]", SQUARE, "as MATLAB writes it, with commas"),
    ("1 2; 3 4", SQUARE, "without brackets"),
    ("1, 2; 3, 4", SQUARE, "without brackets, with commas"),
    ("1 2\n3 4", SQUARE, "on two lines"),
    ("1, 2\n3, 4\n", SQUARE, "on two lines, with commas"),
    ("1\t2\n3\t4", SQUARE, "from a spreadsheet"),
    ("1 2\r\n3 4", SQUARE, "from Windows"),
    ("[1, 2], [3, 4]", SQUARE, "the outer brackets left out"),
    ("[1 2] [3 4]", SQUARE, "and the commas"),
    ("[1, 2]\n[3, 4]", SQUARE, "a row a line"),
    ("[[1, 2,], [3, 4,],]", SQUARE, "commas behind"),
    ("side = [[1, 2], [3, 4]]", SQUARE, "behind the name"),
    ("[[2/2, 4*0.5], [sqrt(9), 2^2]]", SQUARE, "expressions as cells"),
    ("[[100%, 2], [3, 4e0]]", SQUARE, "percent and scientific"),
    ("[1, -2, 3]", (1, -2, 3), "a vector"),
    ("1 -2 3", (1, -2, 3), "a sign at a number"),
    ("1 −2 3", (1, -2, 3), "the minus of maths"),
    ("1 –2 3", (1, -2, 3), "a dash"),
    ("4 - 1 2", (3, 2), "a sign between spaces"),
    ("4 – 1 2", (3, 2), "a dash between spaces"),
    ("2 * 3 4", (6, 4), "a product between spaces"),
    ("1/2 1/4", (Fraction(1, 2), Fraction(1, 4)), "fractions"),
    ("(1 + 2) (3 + 4)", (3, 7), "sums in brackets"),
    ("[1]", (1,), "one cell"),
    ("[[1]]", ((1,),), "one cell in two brackets"),
    ("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", (SQUARE, ((5, 6), (7, 8))), "three axes"),
    ("[[1, 2, 3]]", ((1, 2, 3),), "one row"),
    ("[[1], [2]]", ((1,), (2,)), "one column"),
    ("1; 2", ((1,), (2,)), "one column, as MATLAB writes it"),
    ("5", 5, "one number"),
]


@pytest.mark.parametrize(("typed", "expected", "why"), ARRAYS)
def test_arrays_in_every_pasted_form(typed: str, expected: Any, why: str) -> None:
    assert read_response(typed, asked("array")).value == expected, why


BAD_ARRAYS = [
    ("![[1, 2], [3]]", "the rows differ in length: 2, 1", "ragged"),
    ("!1 2\n3", "the rows differ in length: 2, 1", "ragged lines"),
    ("[[1, 2], !3]", "this stands between rows", "a number among rows"),
    ("![[1], [[2]]]", "the rows differ", "of other depths"),
    ("![[1, 2]", "this bracket is never closed", "a bracket open"),
    ("[1, 2]!]", "this bracket was never opened", "a bracket too many"),
    ("np.array!([1, 2]", "this bracket is never closed", "the call isn't closed"),
    ("[1!, , 2]", "a cell is empty here", "an empty cell"),
    ("[1, !q]", "q isn't known here", "a symbol"),
    ("[1, !1/0]", "division by zero", "no value"),
    ("[1, !inf]", "not a finite number", "no finite value"),
    ("[1, !(2, 3)]", "one number is needed", "a tuple in a cell"),
    ("[1, 2 !+]", "something is missing after +", "an unfinished cell"),
    ("!" + "[" * 9 + "1" + "]" * 9, "nest more than 6 deep", "too deep"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message", "why"), BAD_ARRAYS)
def test_arrays_that_cannot_be_read(marked: str, message: str, why: str) -> None:
    typed = marked.replace("!", "", 1)
    refused = refusal(read_response, typed, asked("array"))
    assert refused is not None and message in refused.message, why
    if "nest" not in message:
        assert refused.start == marked.index("!"), why


CELLS = [
    ("[[1, 2], [3, 4]]", "1", "", "all right"),
    ("[[1, 2], [3, 5]]", "3/4", "cells", "one wrong"),
    ("[[0, 0], [0, 4]]", "1/4", "cells", "one right"),
    ("[[0, 0], [0, 0]]", "0", "cells", "none right"),
    ("[[1.002, 2], [3, 4]]", "1", "", "within the tolerance"),
    ("[[1, 3], [2, 4]]", "1/2", "cells", "transposed and square"),
    ("[1, 2, 3, 4]", "0", "wrong-shape", "flat"),
    ("[[1, 2], [3, 4], [5, 6]]", "0", "wrong-shape", "another row"),
    ("4", "0", "wrong-shape", "one number"),
]


@pytest.mark.parametrize(("typed", "expected", "slip", "why"), CELLS)
def test_credit_by_cells(typed: str, expected: str, slip: str, why: str) -> None:
    key = ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4)))
    judgement = judged(asked("array"), typed, key)
    assert judgement is not None and judgement.share == Fraction(expected), why
    assert not slip or judgement.slip == slip, why


def test_the_feedback_on_arrays_names_the_place() -> None:
    key = ((Fraction(1), Fraction(2), Fraction(0)), (Fraction(3), Fraction(4), Fraction(0)))
    wrong = judged(asked("array"), "[[1, 2, 0], [3, 5, 0]]", key)
    assert wrong is not None
    assert wrong.feedback == (
        "5 of 6 cells are right; the first that isn't: 5 in row 2, column 2.",
    )
    turned = judged(asked("array"), "[[1, 3], [2, 4], [0, 0]]", key)
    assert turned is not None and "swapped" in turned.feedback[0]
    single = judged(asked("array"), "5", key)
    assert single is not None and "this is one number" in single.feedback[0]


# -- symbolic --------------------------------------------------------------------------------

NOT_SCALAR = [
    ("(x, y)", "one expression is asked", "two answers"),
    ("[x]", "one expression is asked", "a list"),
    ("x + [1, 2]", "one expression is asked", "a list in a sum"),
    ("sum(x)", "is for arrays", "a sum over a number"),
    ("2 mean(x)", "is for arrays", "a mean of a number"),
    ("sum(x, axis=1)", "is for arrays", "an axis of a number"),
    ("diag(x)", "is for arrays", "a diagonal of a number"),
    ("x^T y", "transpose", "a transpose of a number"),
    ("x' y", "transpose", "a prime"),
    ("(x < y)", "a comparison isn't a number", "a comparison"),
    ("2 (x = y)", "a comparison isn't a number", "an equation in brackets"),
    ("if(x, 1, 0)", "a condition such as x > 0", "a number for a condition"),
    ("if(x > 0, x < 1, 0)", "a comparison isn't a number", "a condition for a number"),
    ("x = 1", "equals sign", "an equation"),
    ("x < 1", "can't stand here", "a relation"),
]


@pytest.mark.parametrize(("typed", "message", "why"), NOT_SCALAR)
def test_what_is_no_scalar_is_refused_with_its_place(typed: str, message: str, why: str) -> None:
    refused = refusal(read_response, typed, asked("symbolic", symbols=parse_symbols("x, y")))
    assert refused is not None and message in refused.message, why
    assert 0 <= refused.start < refused.end <= len(typed), why


def test_symbolic_answers() -> None:
    part = asked("symbolic", symbols=parse_symbols("x, y"))
    key = read("2x y + sin(x)^2", Scope(part.symbols))
    assert share(part, "sin^2 x + x y + y x", key) == 1
    assert share(part, "side = 1 - cos(x)^2 + 2xy", key) == 1
    assert share(part, "sin(x^2) + 2xy", key) == 0
    assert share(part, "if(x > 0 and y > 0 or x = 1, 2xy + sin^2 x, 2xy + sin^2 x)", key) == 1
    assert share(part, "1/(x-x)", key) is INVALID


# -- all kinds -------------------------------------------------------------------------------

PARTS = {
    "number": asked("number"),
    "integer": asked("integer"),
    "shape": asked("shape", symbols=parse_symbols("m, n_x")),
    "choice": asked("choice", choices=OPTIONS),
    "choices": asked("choices", choices=OPTIONS),
    "array": asked("array"),
    "symbolic": asked("symbolic", symbols=parse_symbols("x, y, dJ/dw")),
}
KEYS: dict[str, Value] = {
    "number": Fraction(1, 3),
    "integer": Fraction(6),
    "shape": (Fraction(6), Fraction(6)),
    "choice": "a",
    "choices": ("a", "c"),
    "array": ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))),
    "symbolic": read("sqrt(x) + y", Scope(parse_symbols("x, y"))),
}


def judged_or_refused(part: Asked, typed: str, key: Value) -> Judgement:
    return kind_of(part.kind).judge(read_response(typed, part).value, key, part)


def grade_without_breaking(kind: str, typed: str) -> None:
    refused = refusal(judged_or_refused, PARTS[kind], typed, KEYS[kind])
    if refused is not None:
        assert 0 <= refused.start <= refused.end <= len(typed)
        assert refused.message and len(refused.message) < 400


@pytest.mark.parametrize("kind", [kind for kind in PARTS if kind != "integer"])
def test_no_kind_hangs_or_breaks(kind: str) -> None:
    """Integers are read as numbers are."""
    for typed, _ in HOSTILE:
        with alarm():
            grade_without_breaking(kind, typed)


PIECES = st.sampled_from(
    [
        *"0123456789.,;:+-*/^()[]|⌊⌋!%'=<>≈~@⊙×·−–√½²₁ \t\n", *"xymabcd", "x y", "6x6", "by",
        "error", "none", "high bias", "sin", "log", "sqrt(", "abs(", "if(", "max(", "e^", "1e5",
        "1/0", "inf", "np.array(", "tensor(", "dtype=", "dJ/dw", "n_x", "side =", "\0", "\ud800",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join))


@pytest.mark.parametrize("kind", PARTS)
@settings(max_examples=250, deadline=None, derandomize=True)
@given(typed=TEXTS)
def test_any_text_is_graded_or_refused_with_a_place_inside_it(kind: str, typed: str) -> None:
    with alarm():
        grade_without_breaking(kind, typed)


RATIONALS = st.fractions(-(10**6), 10**6, max_denominator=10**4)
REALS = st.floats(-1e300, 1e300, allow_nan=False)
SYMBOLIC_KEYS = [
    "2x y", "x^2 - 3y", "-x", "x/y/2", "x^(1/3)", "|x| - |y|", "e^(-x)/(1 + e^(-x))^2", "x!",
    "if(x > 0, x, -y)", "2 dJ/dw - x", "log(x, 2)", "sign(x) floor(y + 0.5)", "-2/3 x^-2",
    "max(0, x, y) min(x, y)", "1e-5 x", "0.1x + 1/3", "sqrt(x^2 + y^2)", "pi e^2 x", "5% y",
]  # fmt: skip


def accepts_itself(part: Asked, key: Value) -> bool:
    return share(part, kind_of(part.kind).write(key, part), key) == 1


@settings(max_examples=300, deadline=None, derandomize=True)
@given(RATIONALS, REALS, st.sampled_from([None, Fraction(0), Fraction(1, 10**9)]))
def test_a_number_accepts_itself(exact: Fraction, real: float, relative: Fraction | None) -> None:
    part = asked("number", relative=relative)
    assert accepts_itself(part, exact)
    assert accepts_itself(part, real)
    assert accepts_itself(asked("integer"), Fraction(exact.numerator))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 10**6), max_size=5), st.sampled_from(["", "m", "n_x", "2*m + 1"]))
def test_a_shape_accepts_itself(sizes: list[int], symbolic: str) -> None:
    part = PARTS["shape"]
    extra: tuple[Value, ...] = (read(symbolic, Scope(part.symbols)),) if symbolic else ()
    assert accepts_itself(part, (*map(Fraction, sizes), *extra))
    assert accepts_itself(part, "error")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_an_array_accepts_itself(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 4), min_size=0, max_size=3))
    relative = data.draw(st.sampled_from([None, Fraction(0)]))

    def cells(axes: list[int]) -> Value:
        if not axes:
            return data.draw(st.one_of(RATIONALS, REALS))
        return tuple(cells(axes[1:]) for _ in range(axes[0]))

    assert accepts_itself(asked("array", relative=relative), cells(shape))


def test_choices_accept_themselves() -> None:
    for option in OPTIONS:
        assert accepts_itself(PARTS["choice"], option.id)
        assert accepts_itself(PARTS["choices"], (option.id,))
    assert accepts_itself(PARTS["choices"], tuple(option.id for option in OPTIONS))


@pytest.mark.parametrize("key", SYMBOLIC_KEYS)
def test_an_expression_accepts_itself(key: str) -> None:
    part = PARTS["symbolic"]
    assert accepts_itself(part, read(key, Scope(part.symbols)))


@pytest.mark.parametrize("kind", PARTS)
def test_too_long_a_response_is_refused_by_every_kind(kind: str) -> None:
    refused = refusal(read_response, "1" * 10_001, PARTS[kind])
    assert refused is not None and "at most 10,000" in refused.message
    assert (refused.start, refused.end) == (10_000, 10_001)


# -- for people ------------------------------------------------------------------------------

WORDS = (Choice("too-small", "the rate is too small", False), Choice("fine", "neither", True))
LETTERS = (Choice("a", "ReLU has kinks", True), Choice("b", "tanh is odd", True))
LONG = (Choice("x1", "one", True), Choice("x2", "two", False), Choice("x3", "three", True))
PI = 3.14159265358979


@pytest.mark.parametrize(
    ("part", "key", "told", "why"),
    [
        (asked("number"), 11 / 3, "3.66667", "no end"),
        (asked("number"), 2_000_000 / 3, "666667", "six digits, whatever their place"),
        (asked("number"), Fraction(8, 27), "8/27", "exact"),
        (asked("number"), Fraction(1, 512), "0.001953125", "exact, with an end"),
        (asked("number"), 0.25, "0.25", "short already"),
        (asked("number", relative=Fraction(1, 10**8)), PI, f"{PI}", "all that there are"),
        (asked("integer"), Fraction(123456789), "123456789", "whole"),
        (asked("array"), ((PI, Fraction(1)), (0.5, 2 / 3)), "[[3.14159, 1], [0.5, 0.666667]]",
         "each of them"),
        (asked("choice", choices=WORDS), "fine", "neither", "an option's text"),
        (asked("choice", choices=LETTERS), "b", "b", "a letter stands before it on the screen"),
        (asked("choices", choices=WORDS), ("fine",), "neither", "only those that are right"),
        (asked("choices", choices=LONG), ("x1", "x3"), "one; three", "texts"),
        (asked("choices", choices=LETTERS), ("a", "b"), "a, b", "letters"),
        (asked("shape"), (Fraction(6), Fraction(32)), "6 × 32", "as it is written"),
    ],
)  # fmt: skip
def test_a_key_as_people_are_told_it(part: Asked, key: Value, told: str, why: str) -> None:
    kind = kind_of(part.kind)
    assert kind.tell(key, part) == told, why
    assert share(part, told, key) == 1, "what is told is right as well"
