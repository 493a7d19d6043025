"""Trees to SymPy and back, for proofs, simplification and derivatives.

SymPy expressions are built with its constructors from the tree alone; no text is handed over,
and a name that means something in SymPy (``E``, ``beta``) is a plain symbol.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy

from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Constant, Name, Node, Number, Unary, children

MAX_BITS = 40_000
MAX_FACTORIAL = 1_000
MAX_NESTED = 20
"""Functions in one another, for SymPy takes seconds over the slope of fifty."""


class NotAlgebraic(Exception):
    """An expression, or a SymPy result, that has no translation."""


def to_sympy(node: Node, symbols: Mapping[str, Symbol]) -> sympy.Expr:
    """The SymPy expression of a tree; a relation becomes a SymPy condition.

    ``symbols``: the declared scalars, whose kind and bound become SymPy's assumptions.
    Raises NotAlgebraic for arrays, undeclared names, divisions by zero, numbers too large to write
    out, and more than MAX_NESTED functions in one another.
    """
    try:
        expression = _Translation(symbols).of(node)
    except RecursionError as error:
        raise NotAlgebraic("this is nested too deeply") from error
    except (TypeError, ValueError) as error:
        raise NotAlgebraic(f"this has no algebraic form: {error}") from error
    if expression.has(sympy.zoo, sympy.nan):
        raise NotAlgebraic("this divides by zero")
    return expression


def from_sympy(expression: sympy.Basic) -> Node:
    """The tree of a SymPy expression, in the order a person would write it.

    Raises NotAlgebraic for what the answer language has no word for.
    """
    try:
        return _tree(expression)
    except RecursionError as error:
        raise NotAlgebraic("this is nested too deeply") from error


def derivative(node: Node, variable: str, symbols: Mapping[str, Symbol]) -> Node:
    """The tree of d(node)/d(variable), with d|u| = sign(u) du and steps taken as constant.

    Raises NotAlgebraic like ``to_sympy`` and ``from_sympy``, or for an unknown variable.
    """
    expression = to_sympy(node, symbols)
    by = to_sympy(Name(variable), symbols)
    try:
        return from_sympy(differentiate(expression, by))
    except RecursionError as error:
        raise NotAlgebraic("this is nested too deeply") from error


def sympy_symbol(symbol: Symbol) -> sympy.Symbol:
    """The SymPy symbol of a declared one, with its kind and bound as assumptions."""
    if symbol.kind == "unit":
        return sympy.I
    assumptions = {symbol.kind: True}
    if symbol.bound == "!=0":
        assumptions["zero"] = False
    elif symbol.bound in _BOUNDS:
        assumptions[_BOUNDS[symbol.bound]] = True
    elif symbol.side == ">" and symbol.limit > 0:
        assumptions["positive"] = True
    elif symbol.side == "<" and symbol.limit < 0:
        assumptions["negative"] = True
    return sympy.Symbol(symbol.name, **assumptions)


_BOUNDS = {">0": "positive", ">=0": "nonnegative", "<0": "negative", "<=0": "nonpositive"}


# -- tree to SymPy ---------------------------------------------------------------------------


class _Translation:
    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols
        self.nested = 0

    def of(self, node: Node) -> Any:
        """The expression of one node."""
        if isinstance(node, Number):
            return sympy.Rational(node.value.numerator, node.value.denominator)
        if isinstance(node, Name):
            return self.name(node.name)
        if isinstance(node, Constant):
            return _CONSTANTS[node.name]
        operation = _operation(node)
        if operation is None:
            raise NotAlgebraic(f"{_kind(node)} has no algebraic form")
        self.nested += isinstance(node, Call)
        if self.nested > MAX_NESTED:
            raise NotAlgebraic("this is nested too deeply")
        operands = [self.of(child) for child in children(node)]
        self.nested -= isinstance(node, Call)
        return operation(*operands)

    def name(self, name: str) -> Any:
        symbol = self.symbols.get(name)
        if symbol is None:
            raise NotAlgebraic(f"{name} isn't declared")
        if symbol.axes is not None:
            raise NotAlgebraic(f"{name} is a matrix")
        return sympy_symbol(symbol)


def _operation(node: Node) -> Callable[..., Any] | None:
    if isinstance(node, Unary):
        return _UNARY.get(node.op)
    if isinstance(node, Binary):
        return _BINARY.get(node.op)
    if isinstance(node, Call) and not node.options:
        return _FUNCTIONS.get(node.function)
    return None


def _kind(node: Node) -> str:
    if isinstance(node, Call):
        return f"{node.function}(…)"
    return node.op if isinstance(node, Unary | Binary) else "an array"


def _expression(value: Any) -> Any:
    """A condition in the place of a number counts 1 where it holds and 0 elsewhere."""
    if isinstance(value, sympy.Expr):
        return value
    return sympy.Piecewise((sympy.S.One, value), (sympy.S.Zero, sympy.true))


def _condition(value: Any) -> Any:
    return sympy.Ne(value, 0) if isinstance(value, sympy.Expr) else value


def _of_expressions(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: function(*map(_expression, arguments))


def _of_conditions(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: function(*map(_condition, arguments))


def power(base: Any, exponent: Any) -> Any:
    """base^exponent. Raises NotAlgebraic where a number in it would be too long to write out."""
    coefficient = base.as_coeff_Mul()[0]
    if coefficient.is_Rational and exponent.is_Rational:
        bits = max(coefficient.p.bit_length(), coefficient.q.bit_length())
        if bits > 1 and bits * abs(exponent) > MAX_BITS:
            raise NotAlgebraic("this power is too large to write out")
    return sympy.Pow(base, exponent)


def _divided(left: Any, right: Any) -> Any:
    return sympy.Mul(left, sympy.Pow(right, -1))


def _subtracted(left: Any, right: Any) -> Any:
    return sympy.Add(left, sympy.Mul(-1, right))


def _factorial(x: Any) -> Any:
    if x.is_Integer and x > MAX_FACTORIAL:
        raise NotAlgebraic("this factorial is too large to write out")
    return sympy.factorial(x)


def _root(x: Any, degree: Any) -> Any:
    """x^(1/degree), real also for negative x where the degree is odd."""
    if degree.is_Integer and degree % 2 == 1 and _may_be_negative(x):
        return sympy.Mul(sympy.sign(x), power(sympy.Abs(x), 1 / degree))
    return power(x, 1 / degree)


def _may_be_negative(x: Any) -> bool:
    """Whether x is an expression in real symbols, not known to be at least 0."""
    real = all(symbol.is_real for symbol in x.free_symbols) and not x.has(sympy.I)
    return real and not x.is_nonnegative


def _round(x: Any, digits: Any = sympy.S.Zero) -> Any:
    """Rounded half up at that many decimals."""
    scale = power(sympy.Integer(10), digits)
    return sympy.floor(x * scale + sympy.Rational(1, 2)) / scale


def _of_whole(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of whole numbers; SymPy's own would be of polynomials."""

    def of_numbers(*numbers: Any) -> Any:
        if not all(number.is_Integer for number in numbers):
            raise NotAlgebraic("this is of whole numbers only")
        return sympy.Integer(function(*map(int, numbers)))

    return of_numbers


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + sympy.exp(-x))


def _conditional(*arguments: Any) -> Any:
    if len(arguments) % 2 == 0:
        raise NotAlgebraic("if(…) needs a value for when no condition holds")
    values = [_expression(value) for value in (*arguments[1::2], arguments[-1])]
    conditions = [*map(_condition, arguments[:-1:2]), sympy.true]
    return sympy.Piecewise(*zip(values, conditions, strict=True))


_CONSTANTS = {"e": sympy.E, "pi": sympy.pi, "inf": sympy.oo, "i": sympy.I}
_SIGNS: dict[str, Callable[[Any], Any]] = {
    "-": lambda x: sympy.Mul(-1, x),
    "+": lambda x: x,
    "%": lambda x: sympy.Mul(sympy.Rational(1, 100), x),
    "!": _factorial,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": sympy.Add,
    "-": _subtracted,
    "*": sympy.Mul,
    "⊙": sympy.Mul,
    "/": _divided,
    "^": power,
}
_RELATIONS: dict[str, Any] = {
    "=": sympy.Eq,
    "!=": sympy.Ne,
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
}
_CONNECTIVES: dict[str, Any] = {"and": sympy.And, "or": sympy.Or}
_SAME_NAME: dict[str, Any] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "floor": sympy.floor,
    "ceil": sympy.ceiling,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "cot": sympy.cot,
    "sec": sympy.sec,
    "csc": sympy.csc,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "coth": sympy.coth,
    "sech": sympy.sech,
    "csch": sympy.csch,
    "asinh": sympy.asinh,
    "acosh": sympy.acosh,
    "atanh": sympy.atanh,
    "binomial": sympy.binomial,
    "atan2": sympy.atan2,
    "sinc": sympy.sinc,
    "mod": sympy.Mod,
    "min": sympy.Min,
    "max": sympy.Max,
}
_DEFINED: dict[str, Callable[..., Any]] = {
    "sqrt": lambda x: power(x, sympy.Rational(1, 2)),
    "cbrt": lambda x: _root(x, sympy.Integer(3)),
    "root": _root,
    "factorial": _factorial,
    "perm": lambda n, k: _factorial(n) / _factorial(n - k),
    "gcd": _of_whole(math.gcd),
    "lcm": _of_whole(math.lcm),
    "trunc": lambda x: sympy.sign(x) * sympy.floor(sympy.Abs(x)),
    "round": _round,
    "sigmoid": _sigmoid,
    "relu": lambda x: sympy.Max(0, x),
    "norm": sympy.Abs,
    "sum": lambda x: x,
    "mean": lambda x: x,
    "diff": lambda expression, variable: differentiate(expression, variable),
}
_UNARY = {op: _of_expressions(function) for op, function in _SIGNS.items()}
_BINARY = {
    **{op: _of_expressions(function) for op, function in (_ARITHMETIC | _RELATIONS).items()},
    **{op: _of_conditions(function) for op, function in _CONNECTIVES.items()},
}
_FUNCTIONS = {
    **{name: _of_expressions(function) for name, function in (_SAME_NAME | _DEFINED).items()},
    "if": _conditional,
}


# -- derivatives -----------------------------------------------------------------------------


def differentiate(expression: Any, variable: Any) -> Any:
    """d(expression)/d(variable) away from corners and steps, where it has none.

    |u|, max, floor and their like are set aside as unknowns with derivatives of their own.
    Raises NotAlgebraic where ``variable`` is not a symbol.
    """
    if not isinstance(variable, sympy.Symbol):
        raise NotAlgebraic("a derivative is taken by a declared symbol")
    aside: dict[Any, Any] = {}
    flat = _set_aside(expression, aside)
    slopes = {variable: sympy.S.One}
    for part, unknown in aside.items():
        slopes[unknown] = _CORNERS[part.func](part.args, [_slope(u, slopes) for u in part.args])
    result = _slope(flat, slopes)
    for part, unknown in reversed(aside.items()):
        result = result.xreplace({unknown: part})
    return _with_joined_powers(_without_squared_signs(result), variable)


def _set_aside(expression: Any, aside: dict[Any, Any]) -> Any:
    """The expression with every part that has corners or steps replaced by an unknown."""
    if not expression.args or isinstance(expression, sympy.logic.boolalg.Boolean):
        return expression
    arguments = [_set_aside(argument, aside) for argument in expression.args]
    rebuilt = expression.func(*arguments)
    if rebuilt.func not in _CORNERS:
        return rebuilt
    return aside.setdefault(rebuilt, sympy.Dummy(real=True, nonnegative=rebuilt.is_nonnegative))


def _slope(expression: Any, slopes: Mapping[Any, Any]) -> Any:
    """The chain rule over the variable and what was set aside."""
    terms = [
        sympy.Mul(sympy.diff(expression, unknown), slope)
        for unknown, slope in slopes.items()
        if expression.has(unknown)
    ]
    return sympy.Add(*terms)


def _slope_of_remainder(arguments: Any, slopes: Any) -> Any:
    x, divisor = arguments
    return slopes[0] - sympy.floor(x / divisor) * slopes[1]


def _slope_of_extreme(relation: Any) -> Callable[[Any, Any], Any]:
    """Of the greatest (or least) argument: the slope of whichever it is."""

    def slope(arguments: Any, slopes: Any) -> Any:
        pairs = sorted(
            zip(arguments, slopes, strict=True), key=lambda pair: len(pair[0].free_symbols) == 0
        )
        cases = []
        for at, (argument, own) in enumerate(pairs[:-1]):
            others = [other for other, _ in pairs[at + 1 :]]
            cases.append((own, sympy.And(*[relation(argument, other) for other in others])))
        return sympy.Piecewise(*cases, (pairs[-1][1], sympy.true))

    return slope


def _without_squared_signs(expression: Any) -> Any:
    """sign(u)^2 is 1 except at the corner itself."""
    return expression.replace(
        lambda part: part.is_Pow and part.exp.is_even and isinstance(part.base, sympy.sign),
        lambda part: sympy.S.One,
    )


def _with_joined_powers(expression: Any, variable: Any) -> Any:
    """n x^(n − 1) in place of n x^n / x."""
    return expression.replace(
        lambda part: part.is_Mul and 1 / variable in part.args,
        lambda part: sympy.powsimp(part, combine="exp"),
    )


def _flat(arguments: Any, slopes: Any) -> Any:
    return sympy.S.Zero


_CORNERS: dict[Any, Callable[[Any, Any], Any]] = {
    sympy.Abs: lambda arguments, slopes: sympy.sign(arguments[0]) * slopes[0],
    sympy.Mod: _slope_of_remainder,
    sympy.Max: _slope_of_extreme(sympy.Gt),
    sympy.Min: _slope_of_extreme(sympy.Lt),
    sympy.sign: _flat,
    sympy.floor: _flat,
    sympy.ceiling: _flat,
}


# -- SymPy to tree ---------------------------------------------------------------------------


def _tree(expression: Any) -> Node:
    for kind, reader in _READERS.items():
        if isinstance(expression, kind):
            return reader(expression)
    name = _NAMES.get(expression.func)
    if name is None:
        raise NotAlgebraic(f"{expression.func.__name__} has no word in the answer language")
    return Call(name, tuple(_tree(argument) for argument in expression.args))


def _whole(value: int) -> Number:
    return Number(Fraction(value))


def _rational(expression: Any) -> Node:
    size = _whole(abs(expression.p))
    node = size if expression.q == 1 else Binary("/", size, _whole(expression.q))
    return negated(node) if expression.p < 0 else node


def negated(node: Node) -> Node:
    """−node, the sign at its first factor as in −2·x/3."""
    if isinstance(node, Binary) and node.op in ("*", "/"):
        return Binary(node.op, negated(node.left), node.right)
    return Unary("-", node)


def _sum(expression: Any) -> Node:
    """Terms in falling degree, a positive one first where there is one."""
    terms = expression.as_ordered_terms()
    first = next((term for term in terms if not _is_negative(term)), terms[0])
    tree = _tree(first)
    for term in terms:
        if term is first:
            continue
        op, size = ("-", -term) if _is_negative(term) else ("+", term)
        tree = Binary(op, tree, _tree(size))
    return tree


def _is_negative(term: Any) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _product(expression: Any) -> Node:
    """Factors, negative powers under one fraction bar."""
    if _is_negative(expression):
        return negated(_tree(-expression))
    above: list[Node] = []
    below: list[Node] = []
    for factor in expression.as_ordered_factors():
        if factor.is_Rational:
            above += [_whole(factor.p)] if factor.p != 1 else []
            below += [_whole(factor.q)] if factor.q != 1 else []
        elif _is_divisor(factor):
            below.append(_tree(sympy.Pow(factor.base, -factor.exp)))
        else:
            above.append(_tree(factor))
    tree = _multiplied(above or [_whole(1)])
    return Binary("/", tree, _multiplied(below)) if below else tree


def _is_divisor(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative)


def _multiplied(factors: list[Node]) -> Node:
    return reduce(lambda left, right: Binary("*", left, right), factors)


def _power(expression: Any) -> Node:
    if _is_divisor(expression):
        return Binary("/", _whole(1), _tree(1 / expression))
    base = _tree(expression.base)
    if expression.exp == sympy.Rational(1, 2):
        return Call("sqrt", (base,))
    return Binary("^", base, _tree(expression.exp))


def _exponential(expression: Any) -> Node:
    return Binary("^", Constant("e"), _tree(expression.args[0]))


def _cases(expression: Any) -> Node:
    *cases, (otherwise, last) = expression.args
    if last != sympy.true:
        raise NotAlgebraic("this has no value where no condition holds")
    arguments = [_tree(part) for value, condition in cases for part in (condition, value)]
    return Call("if", (*arguments, _tree(otherwise)))


def _step(expression: Any) -> Node:
    condition = Binary(">", _tree(expression.args[0]), _whole(0))
    return Call("if", (condition, _whole(1), _whole(0)))


def _relation(expression: Any) -> Node:
    op = "=" if expression.rel_op == "==" else expression.rel_op
    return Binary(op, _tree(expression.lhs), _tree(expression.rhs))


def _connected(op: str) -> Callable[[Any], Node]:
    def tree(expression: Any) -> Node:
        parts = sorted(expression.args, key=sympy.default_sort_key)
        return reduce(lambda left, right: Binary(op, left, right), map(_tree, parts))

    return tree


_READERS: dict[Any, Callable[[Any], Node]] = {
    sympy.Rational: _rational,
    sympy.Symbol: lambda symbol: Name(symbol.name),
    type(sympy.E): lambda _: Constant("e"),
    type(sympy.pi): lambda _: Constant("pi"),
    type(sympy.I): lambda _: Constant("i"),
    type(sympy.oo): lambda _: Constant("inf"),
    type(-sympy.oo): lambda _: Unary("-", Constant("inf")),
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.exp: _exponential,
    sympy.Pow: _power,
    sympy.Piecewise: _cases,
    sympy.Heaviside: _step,
    sympy.core.relational.Relational: _relation,
    sympy.And: _connected("and"),
    sympy.Or: _connected("or"),
    type(sympy.true): lambda _: _whole(1),
    type(sympy.false): lambda _: _whole(0),
}
_NAMES = {
    **{function: name for name, function in _SAME_NAME.items()},
    sympy.factorial: "factorial",
    sympy.ITE: "if",
}
