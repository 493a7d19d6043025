"""The functions of the answer language: canonical names, spellings, numbers of arguments.

What each one means stands with each reader (``exact``, ``arrays``, ``algebra``).
"""

from __future__ import annotations

from typing import NamedTuple


class Function(NamedTuple):
    """``fewest`` to ``most`` arguments; ``bare`` functions may go without brackets (``sin x``)."""

    name: str
    fewest: int = 1
    most: int = 1
    aliases: tuple[str, ...] = ()
    bare: bool = False

    def takes(self, count: int) -> bool:
        """Whether so many arguments fit."""
        return self.fewest <= count <= self.most


ELEMENTWISE = (
    Function("exp", bare=True),
    Function("log", 1, 2, ("ln",), bare=True),
    Function("sqrt", aliases=("√",), bare=True),
    Function("cbrt", aliases=("∛",)),
    Function("root", 2, 2),
    Function("abs", aliases=("Abs",)),
    Function("sign", aliases=("sgn", "signum"), bare=True),
    Function("floor"),
    Function("ceil", aliases=("ceiling",)),
    Function("trunc"),
    Function("round", 1, 2),
    Function("factorial", aliases=("fact",)),
    Function("binomial", 2, 2, ("binom", "choose", "comb", "nCr")),
    Function("perm", 2, 2, ("nPr", "permutations")),
    Function("gcd", 2, 9, ("GCD",)),
    Function("lcm", 2, 9, ("LCM",)),
    Function("sin", bare=True),
    Function("cos", bare=True),
    Function("tan", aliases=("tg",), bare=True),
    Function("cot", aliases=("cotan", "ctg"), bare=True),
    Function("sec", bare=True),
    Function("csc", aliases=("cosec",), bare=True),
    Function("asin", aliases=("arcsin",), bare=True),
    Function("acos", aliases=("arccos",), bare=True),
    Function("atan", aliases=("arctan", "arctg"), bare=True),
    Function("atan2", 2, 2, ("arctan2",)),
    Function("sinc", bare=True),
    Function("sinh", bare=True),
    Function("cosh", bare=True),
    Function("tanh", bare=True),
    Function("coth", bare=True),
    Function("sech", bare=True),
    Function("csch", aliases=("cosech",), bare=True),
    Function("asinh", aliases=("arcsinh", "arsinh"), bare=True),
    Function("acosh", aliases=("arccosh", "arcosh"), bare=True),
    Function("atanh", aliases=("arctanh", "artanh"), bare=True),
    Function("sigmoid", aliases=("σ", "sigma", "expit"), bare=True),
    Function("relu", aliases=("ReLU",)),
    Function("mod", 2, 2),
    Function("min", 1, 9, aliases=("minimum", "Min")),
    Function("max", 1, 9, aliases=("maximum", "Max")),
    Function("if", 3, 9, aliases=("piecewise", "where")),
)
OVER_AXES = (
    Function("sum", 1, 2, ("Σ", "∑"), bare=True),
    Function("mean", 1, 2),
    Function("norm"),
    Function("diag"),
    Function("trace", aliases=("tr", "Tr")),
    Function("transpose"),
    Function("ones", 2, 2),
    Function("dot", 2, 2, ("matmul",)),
    Function("multiply", 2, 2),
    Function("outer", 2, 2),
)
WITHOUT_AXES = {f.name for f in (*ELEMENTWISE, *OVER_AXES)} - {"sum", "mean", "min", "max"}
"""What has no options such as ``axis=1``."""
COMPLEX = (
    Function("re", aliases=("Re",)),
    Function("im", aliases=("Im",)),
    Function("conj", aliases=("conjugate",)),
    Function("arg"),
)
AUTHOR = (
    Function("diff", 2, 2),
    Function("item", 2, 3),
    Function("length"),
    Function("array", aliases=("matrix",)),
)

STUDENT_FUNCTIONS = {f.name: f for f in (*ELEMENTWISE, *OVER_AXES)}
COMPLEX_FUNCTIONS = {**STUDENT_FUNCTIONS, **{f.name: f for f in COMPLEX}}
AUTHOR_FUNCTIONS = {f.name: f for f in (*ELEMENTWISE, *OVER_AXES, *AUTHOR)}


def spellings(functions: dict[str, Function]) -> dict[str, Function]:
    """Every spelling of the functions, canonical names and aliases."""
    return {word: f for f in functions.values() for word in (f.name, *f.aliases)}
