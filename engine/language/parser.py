"""Tokens to trees: precedence climbing, with implicit products and typed-in absolute bars.

Juxtaposition binds like ``*`` and ``/``, left to right: ``2/m (ŷ − y)`` is (2/m)·(ŷ − y).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from engine.language import bars
from engine.language.cursor import CLOSERS, MAX_DEPTH, Cursor, quoted
from engine.language.errors import Unreadable
from engine.language.functions import WITHOUT_AXES, Function
from engine.language.names import nearest
from engine.language.scope import Scope
from engine.language.shorthands import MEANINGS
from engine.language.tokens import Token, tokenize
from engine.language.tree import (
    Binary,
    Call,
    Constant,
    Name,
    Node,
    Number,
    Sequence,
    Unary,
    rebuild,
)
from engine.language.words import Piece, split

MAX_EXPONENT_DIGITS = 4
MAX_BASE_DIGITS = 9

_RELATIONS = {"=", "!=", "<", "<=", ">", ">="}
_SUMS = {"+", "-"}
_PRODUCTS = {"*", "×", "·", "/", "@", "⊙"}
_SCALING = {"*", "×", "·", "/"}
_OPERANDS = {"number", "word", "special", "fraction"}
_BEHIND_TERMS = {"+", "-", ")", ","}
_BEHIND_OPERANDS = {"!", "%", "'", "."}
_DERIVATIVES = {"diff", "derivative", "Derivative"}
_FENCES = {"⌊": "floor", "⌈": "ceil", "|<": "abs", "‖<": "norm"}


def read(text: str, scope: Scope, *, relations: bool = False, start: int = 0) -> Node:
    """The tree of one expression.

    ``relations``: ``=``, ``<`` and ``and`` may stand at the top, as in a condition.
    ``start``: where in the text the expression begins. Raises Unreadable.
    """
    return _read(text, scope, start, Parser.condition if relations else Parser.choice)


def read_items(text: str, scope: Scope, *, start: int = 0) -> Node:
    """An expression, or several separated by commas as a Sequence (a shape, a list)."""
    return _read(text, scope, start, Parser.items, grouped=False)


def _read(
    text: str,
    scope: Scope,
    start: int,
    rule: Callable[[Parser], Node],
    *,
    grouped: bool = True,
) -> Node:
    if not text[start:].strip():
        raise Unreadable("nothing was typed", start, len(text))
    tokens = tokenize(text, scope, grouped=grouped, start=start)
    if len(tokens) == 2 and tokens[0].kind == "number":  # a number alone: no rule has a say
        return Parser(tokens, scope).number()
    parser = Parser(bars.fence(tokens), scope)
    tree = rule(parser)
    parser.finish()
    return tree


class Parser(Cursor):
    """The rules of the language, one method each."""

    # -- rules ---------------------------------------------------------------------------

    def items(self) -> Node:
        first = self.expression()
        if not self.sees(",", ";"):
            return first
        items = [first]
        while self.sees(",", ";"):
            self.take()
            if self.next.kind == "end":
                break
            items.append(self.expression())
        return self.node(Sequence(tuple(items), "()", first.start, items[-1].end))

    def choice(self, rule: Callable[[Parser], Node] | None = None) -> Node:
        """``x if x > 0 else 0``, as in Python; ``rule`` reads the values."""
        rule = rule or Parser.expression
        value = rule(self)
        if not self.sees_word("if"):
            return value
        opener = self.take()
        condition = self.condition()
        if not self.sees_word("else"):
            message = "else is missing: write a if condition else b"
            raise Unreadable(message, opener.start, opener.end)
        self.take()
        self.nest()
        otherwise = self.choice(rule)
        self.nesting -= 1
        cases = (condition, value, otherwise)
        return self.node(Call("if", cases, (), value.start, otherwise.end))

    def sees_word(self, word: str) -> bool:
        return (
            self.next.kind == "word"
            and self.next.text == word
            and not self.scope.knows_symbol(word)
        )

    def condition(self) -> Node:
        left = self.conjunction()
        while self.next.text == "or":
            self.take()
            left = self.binary("or", left, self.conjunction(), "or")
        return left

    def conjunction(self) -> Node:
        left = self.relation()
        while self.next.text in ("and", "&&"):
            self.take()
            left = self.binary("and", left, self.relation(), "and")
        return left

    def relation(self) -> Node:
        left = self.expression()
        result: Node | None = None
        while self.sees_any(_RELATIONS):
            sign = self.take()
            right = self.expression()
            link = self.binary(sign.text, left, right, sign.written)
            result = link if result is None else self.binary("and", result, link, "and")
            left = right
        return left if result is None else result

    def expression(self) -> Node:
        left = self.term()
        while self.sees_any(_SUMS):
            sign = self.take()
            left = self.binary(sign.text, left, self.term(), sign.written)
        return left

    def term(self) -> Node:
        left = self.factor()
        while not self.sees_any(_BEHIND_TERMS):
            if self.sees_any(_PRODUCTS):
                sign = self.take()
                op = "*" if sign.text in ("×", "·") else sign.text
                left = self.binary(op, left, self.factor(), sign.written)
            elif self.sees("."):
                self.dotted_operator()
            elif self.sees("//"):
                sign = self.take()
                quotient = self.binary("/", left, self.factor(), "/")
                left = self.node(Call("floor", (quotient,), (), quotient.start, quotient.end))
            elif self.begins_operand():
                self.refuse_two_numbers()
                left = self.binary("*", left, self.power())
            else:
                break
        return left

    def dotted_operator(self) -> None:
        """``.*`` and ``./`` are element by element, as in MATLAB."""
        dot = self.take()
        if self.sees("*"):
            self.tokens[self.at] = self.next._replace(text="⊙")
        elif not self.sees("/", "^"):
            self.at -= 1
            raise Unreadable("this point can't stand here", dot.start, dot.end)

    def begins_operand(self) -> bool:
        if self.next.text in ("and", "or") and self.next.kind == "word":
            return False
        if self.sees_word("else") or (self.sees_word("if") and self.else_follows()):
            return False
        return self.next.kind in ("number", "word", "special", "fraction") or (
            self.sees_any(CLOSERS)
        )

    def else_follows(self) -> bool:
        """Whether an ``if`` behind a value is Python's, not the function."""
        return any(token.text == "else" for token in self.tokens[self.at :])

    def refuse_two_numbers(self) -> None:
        previous = self.tokens[self.at - 1]
        if self.next.kind == "number" and previous.kind == "number":
            message = "two numbers stand side by side; put a sign between them"
            raise Unreadable(message, previous.start, self.next.end)

    def factor(self) -> Node:
        """Signs in front of a power: ``-x^2`` is −(x²)."""
        signs: list[Token] = []
        while self.sees_any(_SUMS):
            signs.append(self.take())
        if len(signs) > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} signs in a row"
            raise Unreadable(message, signs[0].start, signs[-1].end)
        tree = self.power()
        for sign in reversed(signs):
            tree = self.node(Unary(sign.text, tree, sign.start, tree.end))
        return tree

    def power(self) -> Node:
        self.nest()
        tree = self.raise_to(self.postfix(self.primary()))
        self.nesting -= 1
        return tree

    def raise_to(self, base: Node) -> Node:
        """What stands behind an operand: powers (right to left) and raised characters."""
        if self.next.kind == "raised":
            raised = self.take()
            base = self.postfix(self.raised(base, raised))
            return self.raise_to(base)
        if self.sees(".") and self.tokens[self.at + 1].text == "^":
            self.take()
        if not self.sees("^"):
            return base
        sign = self.take()
        after = self.transpose_sign()
        if after is not None:
            transposed = self.node(Unary("T", base, base.start, after.end))
            return self.raise_to(self.postfix(transposed))
        exponent = self.factor()
        return self.binary("^", base, exponent, sign.written)

    def transpose_sign(self) -> Token | None:
        """The end of a lone T behind ``^``, taken; it may stand in brackets, as in ``X^{T}``."""
        tokens = self.tokens[self.at : self.at + (3 if self.sees("(") else 1)]
        text = "".join(token.text for token in tokens)
        if text not in ("T", "t", "(T)", "(t)") or self.scope.knows(text.strip("()")):
            return None
        self.at += len(tokens)
        return tokens[-1]

    def raised(self, base: Node, token: Token) -> Node:
        if token.text == "T":
            return self.node(Unary("T", base, base.start, token.end))
        inner = Parser(bars.fence(tokenize(token.text, self.scope)), self.scope, self.nesting)
        try:
            exponent = inner.expression()
            inner.finish()
        except Unreadable as error:
            raise Unreadable(error.message, token.start, token.end) from None
        placed = replace(exponent, start=token.start, end=token.end)
        self.depths[id(placed)] = inner.depths.pop(id(exponent), 1)
        return self.binary("^", base, placed, "^")

    def postfix(self, tree: Node) -> Node:
        while self.sees_any(_BEHIND_OPERANDS):
            if self.sees("!", "%", "'"):
                sign = self.take()
                op = "T" if sign.text == "'" else sign.text
                tree = self.node(Unary(op, tree, tree.start, sign.end))
            elif self.sees(".") and self.tokens[self.at + 1].text == "T":
                self.take()
                tree = self.node(Unary("T", tree, tree.start, self.take().end))
            elif self.sees(".") and self.begins_method(tree):
                self.take()
                tree = self.method(tree, self.take())
            else:
                break
        return tree

    def begins_method(self, owner: Node) -> bool:
        name = self.tokens[self.at + 1].text
        return name in self.scope.functions and not isinstance(owner, Number)

    def method(self, owner: Node, name: Token) -> Node:
        """``X.sum(axis=1)`` and ``w.dot(X)``, as in NumPy."""
        function = self.scope.functions[name.text]
        arguments, options, end = self.arguments(function, owner)
        if function.name in ("min", "max") and len(arguments) == 2:
            values, axis = arguments
            arguments, options = (values,), (("axis", axis),)
        return self.node(Call(function.name, arguments, options, owner.start, end))

    def primary(self) -> Node:
        token = self.next
        if token.kind == "number":
            return self.number()
        if token.kind == "fraction":
            self.take()
            value = Fraction(unicodedata.numeric(token.text)).limit_denominator(1000)
            return self.node(Number(value, "", token.start, token.end))
        if token.kind == "special":
            self.take()
            return self.node(Name(token.text, token.start, token.end))
        if token.kind == "word":
            return self.word()
        if self.sees("(", "["):
            return self.bracket()
        if self.sees_any(_FENCES):
            opener = self.take()
            inside = self.expression()
            closer = self.expect(CLOSERS[opener.text], opener)
            fenced = Call(_FENCES[opener.text], (inside,), (), opener.start, closer.end)
            return self.norm(fenced) if fenced.function == "norm" else self.node(fenced)
        raise self.unexpected()

    def norm(self, call: Call) -> Node:
        """``‖w‖_2`` and ``‖W‖_F`` are the norm, ``‖w‖_1`` is the sum of sizes."""
        if self.next.kind != "word" or self.next.text not in ("_1", "_2", "_F"):
            return self.node(call)
        index = self.take()
        if index.text != "_1":
            return self.node(replace(call, end=index.end))
        sizes = self.node(replace(call, function="abs"))
        return self.node(Call("sum", (sizes,), (), call.start, index.end))

    def number(self) -> Node:
        token = self.take()
        exponent = token.text.lower().partition("e")[2]
        if len(exponent.lstrip("+-0")) > MAX_EXPONENT_DIGITS:
            raise Unreadable("this power of ten is too large", token.start, token.end)
        value = Fraction(int(token.text) if token.text.isdigit() else token.text)
        node = self.node(Number(value, token.text, token.start, token.end))
        if self.next.kind == "fraction" and not self.next.spaced:
            half = self.primary()
            return self.binary("+", node, half, "+")
        return node

    def bracket(self) -> Node:
        opener = self.take()
        closer = CLOSERS[opener.text]
        items: list[Node] = []
        commas = 0
        while not self.sees(closer):
            items.append(self.choice(Parser.condition))
            if self.sees(",", ";"):
                self.take()
                commas += 1
            elif not self.sees(closer):
                self.expect(closer, opener)
        end = self.take()
        if len(items) == 1 and not commas and opener.text == "(":
            return items[0]
        if not items and opener.text == "(":
            self.at -= 1
            raise self.unexpected()
        return self.node(Sequence(tuple(items), opener.text + closer, opener.start, end.end))

    # -- words ----------------------------------------------------------------------------

    def word(self) -> Node:
        """A run of letters, split along what the problem declares."""
        token = self.next
        if token.text in self.scope.calls and self.tokens[self.at + 1].text == "(":
            return self.call(self.scope.calls[token.text], self.take())
        pieces = split(token, self.scope)
        if not pieces:
            raise self.unknown(token)
        last = pieces[-1].function
        if last is not None and not self.argument_follows(last):
            pieces = split(token, self.scope, functions=False) or pieces
        if len(pieces) > 1 or pieces[0].token is not token:
            self.tokens[self.at : self.at + 1] = [piece.token for piece in pieces]
        return self.piece(pieces[0])

    def argument_follows(self, function: Function) -> bool:
        """Whether something behind a word could be what a function applies to."""
        after = self.tokens[self.at + 1]
        if not function.bare:
            return after.text in ("(", "^") or after.kind == "raised"
        return after.kind != "end" and (
            after.kind != "operator" or after.text in CLOSERS or after.text == "^"
        )

    def piece(self, piece: Piece) -> Node:
        token = self.take()
        if piece.function is not None and piece.over:
            return self.indexed(piece.function, piece.over, token)
        if piece.function is not None:
            return self.call(piece.function, token)
        if piece.constant:
            return self.node(Constant(piece.constant, token.start, token.end))
        return self.node(Name(piece.symbol, token.start, token.end))

    def unknown(self, token: Token) -> Unreadable:
        written = quoted(token)
        if token.text in _DERIVATIVES or (token.text == "d" and self.divides()):
            say = "a derivative stands here: work it out"
            return Unreadable(say, token.start, token.end)
        short = written == token.written
        meant = nearest(written, self.scope.vocabulary()) if short else ""
        hint = f"; did you mean {meant}?" if meant else self.numbered(token)
        if not hint and self.scope.symbols:
            declared = [name for name in self.scope.symbols if "." not in name]
            hint = f"; the symbols here are {', '.join(declared[:12])}" if declared else ""
        return Unreadable(f"{written} isn't known here{hint}", token.start, token.end)

    def divides(self) -> bool:
        """Whether a fraction's stroke stands behind the next token, or behind its bracket."""
        return any(token.text == "/" for token in self.tokens[self.at + 1 : self.at + 3])

    def numbered(self, token: Token) -> str:
        """What ``x2`` could have meant."""
        found = re.fullmatch(r"(\w*[^\W\d_])([0-9]{1,3})", token.text)
        if found is None or not self.scope.knows_symbol(found[1]):
            return ""
        return f"; write {found[1]}^{found[2]} or {found[2]}{found[1]}"

    def call(self, function: Function, token: Token) -> Node:
        exponent: Node | None = None
        if self.next.kind == "raised" and self.next.text != "T":
            exponent = self.raised(Number(Fraction(1)), self.take())
        elif self.sees("^") and (function.bare or self.tokens[self.at + 1].kind == "number"):
            self.take()
            exponent = Binary("^", Number(Fraction(1)), self.exponent_of_function(), written="^")
        options: tuple[tuple[str, Node], ...] = ()
        if self.sees("[") and function.name == "sqrt":
            return self.root(token)
        if self.sees("("):
            arguments, options, end = self.arguments(function)
        elif function.bare:
            arguments = (self.bare_argument(token),)
            end = arguments[0].end
        else:
            raise Unreadable(
                f"{token.written} needs brackets: {token.written}(…)", token.start, token.end
            )
        call = self.called(Call(function.name, arguments, options, token.start, end))
        if exponent is not None and isinstance(exponent, Binary):
            return self.inverse_or_power(function, call, exponent.right)
        return call

    def root(self, token: Token) -> Node:
        """``sqrt[3](x)``, LaTeX without its backslash."""
        opener = self.take()
        degree = self.expression()
        self.expect("]", opener)
        if not self.sees("("):
            raise self.unexpected()
        inside = self.bracket()
        return self.node(Call("root", (inside, degree), (), token.start, inside.end))

    def called(self, call: Call) -> Node:
        """The call, or what a shorthand such as ``arcsec x`` stands for."""
        if call.function not in MEANINGS:
            return self.node(call)
        return self.placed(MEANINGS[call.function](*call.arguments), call)

    def placed(self, tree: Node, call: Call) -> Node:
        """A tree made of a call's arguments, standing where the call stands."""
        if any(tree is argument for argument in call.arguments):
            return tree
        inside = rebuild(tree, lambda child: self.placed(child, call))
        return self.node(replace(inside, start=call.start, end=call.end))

    def indexed(self, function: Function, index: str, token: Token) -> Node:
        """``sum_i (y_i − ŷ_i)^2``: a sum of the product that follows, over an index."""
        if function.name == "log":
            return self.logarithm(index, token)
        if function.name != "sum":
            raise self.unknown(token)
        in_brackets = self.sees("(") and not self.next.spaced
        body = self.power() if in_brackets else self.factor()
        while self.begins_operand() or (not in_brackets and self.sees_any(_SCALING)):
            if self.sees_any(_SCALING):
                sign = self.take()
                op = sign.text if sign.text == "/" else "*"
                body = self.binary(op, body, self.factor(), sign.written)
            else:
                body = self.binary("*", body, self.power())
        if isinstance(body, Call) and body.function == "sum" and _over(body):
            index, body = index + _over(body), body.arguments[0]
        over = self.node(Name(index, token.start, token.end))
        return self.node(Call("sum", (body,), (("over", over),), token.start, body.end))

    def logarithm(self, base: str, token: Token) -> Node:
        """``log_2 x``, ``log_2(x)`` and ``log2(x)``: to that base."""
        if self.next.kind == "number" and self.next.text[0] == "." and not self.next.spaced:
            base += self.take().text
        below = self.base(base, token)
        argument = self.bracket() if self.sees("(") else self.bare_argument(token)
        if isinstance(argument, Sequence):
            raise Unreadable("log takes 1 argument here", argument.start, argument.end)
        return self.node(Call("log", (argument, below), (), token.start, argument.end))

    def base(self, word: str, token: Token) -> Node:
        """The number, symbol or constant in the index of a logarithm."""
        digits = word.replace(".", "", 1)
        if digits.isascii() and digits.isdecimal() and len(word) <= MAX_BASE_DIGITS:
            return Number(Fraction(word), word, token.start, token.end)
        if word in self.scope.words:
            return Name(self.scope.words[word], token.start, token.end)
        if word in self.scope.constants:
            return Constant(self.scope.constants[word], token.start, token.end)
        start = token.end - min(len(word), token.end - token.start)
        raise self.unknown(token._replace(text=word, written=word, start=start))

    def exponent_of_function(self) -> Node:
        """The 2 of ``sin^2 x``: a signed number, a name or a bracket."""
        signs: list[Token] = []
        while self.sees_any(_SUMS) and len(signs) < MAX_DEPTH:
            signs.append(self.take())
        self.nest()
        exponent = self.primary()
        self.nesting -= 1
        for sign in reversed(signs):
            exponent = self.node(Unary(sign.text, exponent, sign.start, exponent.end))
        return exponent

    def inverse_or_power(self, function: Function, call: Node, exponent: Node) -> Node:
        """``sin^-1 x`` is the inverse function; ``sin^2 x`` the square."""
        inverse = self.scope.functions.get("a" + function.name)
        minus_one = Unary("-", Number(Fraction(1)))
        if exponent == minus_one and inverse is not None and isinstance(call, Call):
            if inverse.name in MEANINGS:
                return self.called(replace(call, function=inverse.name))
            return self.renamed(call, inverse.name)
        return self.binary("^", call, exponent, "^")

    def arguments(
        self, function: Function, *given: Node
    ) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...], int]:
        opener = self.take()
        arguments = list(given)
        options: list[tuple[str, Node]] = []
        while not self.sees(")"):
            option = self.option_name()
            if option:
                setting = self.option_value()
                options += [(option, setting)] if setting is not None else []
            else:
                arguments.append(self.choice(Parser.condition))
            if self.sees(",", ";"):
                self.take()
            elif not self.sees(")"):
                self.expect(")", opener)
        end = self.take().end
        if function.name == "ones" and len(arguments) == 1 and isinstance(arguments[0], Sequence):
            arguments = list(arguments[0].items)
        if options and function.name in WITHOUT_AXES:
            raise Unreadable(f"{function.name} has no axis here", opener.start, end)
        if not function.takes(len(arguments)):
            wanted = _count(function)
            message = f"{function.name} takes {wanted}; here are {len(arguments)}"
            raise Unreadable(message, opener.start, end)
        return tuple(arguments), tuple(options), end

    def option_name(self) -> str:
        word, sign = self.next, self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if word.kind == "word" and word.text in ("axis", "keepdims") and sign.text == "=":
            self.at += 2
            return word.text
        return ""

    def option_value(self) -> Node | None:
        """What an option is set to; None for the word None, which leaves it out."""
        if self.next.kind == "word" and self.next.text in ("True", "False", "None"):
            token = self.take()
            if token.text == "None":
                return None
            value = Fraction(token.text == "True")
            return self.node(Number(value, token.text, token.start, token.end))
        return self.expression()

    def bare_argument(self, function: Token) -> Node:
        """What ``sin`` without brackets applies to: ``2x`` in ``sin 2x + 1``.

        Behind a symbol a space ends it: ``sin x y`` is sin(x)·y, ``sin xy`` is sin(x·y).
        """
        if self.next.kind == "end":
            message = f"{function.written} of what? Write {function.written}(…)"
            raise Unreadable(message, function.start, function.end)
        if function.text in "√∛":
            return self.power()
        argument = self.factor()
        only_numbers = isinstance(argument, Number)
        while self.next.kind in ("word", "special", "number") or (only_numbers and self.sees("(")):
            if self.next.text in ("and", "or") or self.starts_function():
                break
            if self.next.spaced and not only_numbers:
                break
            self.refuse_two_numbers()
            following = self.power()
            only_numbers = only_numbers and isinstance(following, Number)
            argument = self.binary("*", argument, following)
        return argument

    def starts_function(self) -> bool:
        if self.next.kind != "word":
            return False
        pieces = split(self.next, self.scope)
        return bool(pieces) and pieces[0].function is not None


def _over(call: Call) -> str:
    """The index that a sum runs over, ``i``, if it has one."""
    return "".join(
        value.name for name, value in call.options if name == "over" and isinstance(value, Name)
    )


def _count(function: Function) -> str:
    if function.fewest == function.most:
        return f"{function.most} argument" + ("s" if function.most > 1 else "")
    return f"{function.fewest} to {function.most} arguments"
