"""Rational functions compared by their values modulo primes (Schwartz 1980, Zippel 1979).

A rational function with integer coefficients that isn't zero vanishes at a random point of a
field of p elements with probability at most degree/p. Two primes near 2^61 make a false
"equal" less likely than 1 in 10^20 even for powers in the thousands; "different" is certain.
"""

from __future__ import annotations

from fractions import Fraction
from hashlib import blake2b

from engine.language.errors import Undefined
from engine.language.exact import evaluate
from engine.language.tree import Binary, Name, Node, Number, Unary, names

PRIMES = (2**61 - 1, 2**61 - 31)
ROUNDS = 2
MAX_EXPONENT = 10**6


class NotRational(Exception):
    """The expression isn't a rational function, or its exponents are too large to trust."""


def identical(left: Node, right: Node) -> bool | None:
    """Whether two rational functions are one; None where this method has nothing to say."""
    variables = sorted(names(left) | names(right))
    try:
        agreed = 0
        for prime in PRIMES:
            for at in range(ROUNDS):
                values = {name: _value(name, at, prime) for name in variables}
                try:
                    same = _value_of(left, values, prime) == _value_of(right, values, prime)
                except ZeroDivisionError:
                    continue
                if not same:
                    return False
                agreed += 1
    except NotRational:
        return None
    return True if agreed >= ROUNDS else None


def _value(name: str, at: int, prime: int) -> int:
    digest = blake2b(f"{name}\0{at}\0{prime}".encode(), digest_size=16).digest()
    return int.from_bytes(digest, "big") % prime


def _value_of(node: Node, values: dict[str, int], prime: int) -> int:
    if isinstance(node, Number):
        return node.value.numerator * _inverse(node.value.denominator, prime) % prime
    if isinstance(node, Name):
        return values[node.name]
    if isinstance(node, Unary) and node.op in "+-%":
        operand = _value_of(node.operand, values, prime)
        if node.op == "%":
            return operand * _inverse(100, prime) % prime
        return operand if node.op == "+" else -operand % prime
    if isinstance(node, Binary):
        return _operation(node, values, prime)
    raise NotRational


def _operation(node: Binary, values: dict[str, int], prime: int) -> int:
    left = _value_of(node.left, values, prime)
    if node.op == "^":
        return _power(left, _exponent(node.right), prime)
    right = _value_of(node.right, values, prime)
    if node.op == "+":
        return (left + right) % prime
    if node.op == "-":
        return (left - right) % prime
    if node.op == "*":
        return left * right % prime
    if node.op == "/":
        return left * _inverse(right, prime) % prime
    raise NotRational


def _power(base: int, exponent: int, prime: int) -> int:
    if exponent < 0:
        return pow(_inverse(base, prime), -exponent, prime)
    return pow(base, exponent, prime)


def _exponent(node: Node) -> int:
    """A constant whole exponent."""
    if names(node):
        raise NotRational
    try:
        value = evaluate(node, {})
    except Undefined:
        raise NotRational from None
    if not isinstance(value, Fraction) or value.denominator != 1 or abs(value) > MAX_EXPONENT:
        raise NotRational
    return int(value)


def _inverse(value: int, prime: int) -> int:
    if value % prime == 0:
        raise ZeroDivisionError
    return pow(value, -1, prime)
