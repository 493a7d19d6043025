"""One-step changes of an expression: the slips that people make in a calculation.

Each rule takes a node and yields what it could have become by one slip. Two rules that describe
one slip share a kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice

from engine.diagnosis.brackets import drawn_in, left_out
from engine.diagnosis.calculus import product_rule, quotient_rule, slopes
from engine.diagnosis.change import (
    FACT,
    MINUS_ONE,
    ONE,
    TWO,
    Change,
    Parts,
    Rule,
    added,
    factors,
    is_power,
    is_product,
    is_sum,
    multiplied,
    put,
    terms,
    with_child,
)
from engine.diagnosis.functions import functions, powers, roots, signs, squares
from engine.diagnosis.linearity import factorwise, log_rules, termwise
from engine.diagnosis.matrices import element_by_element, orders, totals, transposes
from engine.diagnosis.sums import products, sums, wise_products
from engine.diagnosis.symbols import counts, means, other_symbols, throughout
from engine.diagnosis.throughout import everywhere
from engine.language.axes import is_scalar
from engine.language.symbols import Symbol
from engine.language.tree import Binary, Call, Name, Node, Unary, children, names

MAX_CHANGES = 1_500

_RULES: tuple[Rule, ...] = (
    product_rule,
    quotient_rule,
    sums,
    products,
    wise_products,
    left_out,
    drawn_in,
    powers,
    squares,
    roots,
    functions,
    signs,
    slopes,
    log_rules,
    termwise,
    factorwise,
    means,
    counts,
    other_symbols,
)
_MATRIX_RULES: tuple[Rule, ...] = (orders, element_by_element, transposes)


def changes(tree: Node, symbols: Mapping[str, Symbol]) -> list[Change]:
    """Every one-step change of a tree: in its places, throughout, and of the whole."""
    matrices = any(s.axes is not None and not is_scalar(s.axes) for s in symbols.values())
    rules = (*_RULES, totals, *(_MATRIX_RULES if matrices else ()))
    every = chain(
        _inside(tree, symbols, rules),
        throughout(tree, symbols),
        everywhere(tree, symbols),
        _of_the_whole(tree, matrices=matrices),
    )
    return list(islice(every, MAX_CHANGES))


def _inside(node: Node, symbols: Mapping[str, Symbol], rules: tuple[Rule, ...]) -> Iterator[Change]:
    for rule in rules:
        yield from rule(node, symbols)
    if is_sum(node):
        parts = terms(node)
        for at, (sign, term) in enumerate(parts):
            for change in _inside(term, symbols, rules):
                if not (_broadcasts(change, term, symbols) or _merges(change, term, parts)):
                    yield change._replace(tree=added(put(parts, at, (sign, change.tree))))
    elif is_product(node) or (isinstance(node, Unary) and node.op == "-"):
        yield from _inside_product(node, symbols, rules)
    elif not (isinstance(node, Call) and node.function == "sign"):
        for at, child in enumerate(children(node)):
            for change in _inside(child, symbols, rules):
                if not _idle(change, node, at):
                    yield change._replace(tree=with_child(node, at, change.tree))


def _broadcasts(change: Change, term: Node, symbols: Mapping[str, Symbol]) -> bool:
    """Whether a vector is transposed beside one that isn't, which would broadcast."""
    turned = change.tree == Unary("T", term) and isinstance(term, Name) and term.name in symbols
    return turned and "1" in (symbols[term.name].axes or ()) if isinstance(term, Name) else False


def _merges(change: Change, term: Node, parts: Parts) -> bool:
    """Whether a symbol becomes another that stands beside it: what is left shows no exchange."""
    return isinstance(term, Name) and any(change.tree == other for _, other in parts)


def _idle(change: Change, node: Node, at: int) -> bool:
    """Whether a change inside of a node is another slip, better told by the node's own rules."""
    squared = Binary("^", children(node)[at], TWO)
    if change.kind == "term" and change.tree == ONE:
        return True
    if isinstance(node, Call) and node.function in ("sqrt", "abs"):
        return change.tree == squared
    if not is_power(node):
        return False
    if at == 1 and change.kind == "factor" and not names(children(node)[1]):
        return True
    return change.kind == ("root" if at == 0 else "one") or change.tree == squared


def _inside_product(
    node: Node, symbols: Mapping[str, Symbol], rules: tuple[Rule, ...]
) -> Iterator[Change]:
    """Changes of factors; a factor that becomes 1 is one that is lost, told as such."""
    parts = factors(node)
    for at, (direction, factor) in enumerate(parts):
        if factor == MINUS_ONE:
            continue
        for change in _inside(factor, symbols, rules):
            if change.tree != ONE:
                yield change._replace(tree=multiplied(put(parts, at, (direction, change.tree))))


def _of_the_whole(tree: Node, *, matrices: bool) -> Iterator[Change]:
    """What is true of an answer, though it doesn't tell how it came about."""
    yield Change("sign", "The sign is the other way round.", (), Unary("-", tree), level=FACT)
    twice = Binary("*", TWO, tree, written="·")
    yield Change("factor", "Yours is twice the answer.", (), twice, level=FACT)
    half = Binary("/", tree, TWO, written="/")
    yield Change("factor", "Yours is half the answer.", (), half, level=FACT)
    if matrices:
        say = "Yours is the transpose of the answer."
        yield Change("transpose", say, (), Unary("T", tree), level=FACT)
    over = Binary("/", ONE, tree, written="/")
    yield Change("reciprocal", "Yours is the reciprocal of the answer.", (), over, level=FACT)
    square = Binary("^", tree, TWO, written="^")
    yield Change("exponent", "Yours is the square of the answer.", (), square, level=FACT)
    say = "Yours is the square root of the answer."
    yield Change("root", say, (), Call("sqrt", (tree,)), level=FACT)
