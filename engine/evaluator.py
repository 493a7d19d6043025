"""A template's expressions and texts evaluated against the values drawn so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from engine.kinds.shapes import show as show_shape
from engine.language.errors import Undefined
from engine.language.exact import Value, evaluate, is_node
from engine.language.printer import format_value, one_line
from engine.language.tree import names
from engine.problem import Entry, Maths
from engine.template import REFERENCES, PartPlan, Template, Trail, words_of
from engine.text import Text, compose, fill
from engine.values import bind

NO_WORDS: Mapping[str, str] = {}


class Unfit(Undefined):
    """A draw that is thrown away; ``trail`` leads to what it failed at."""

    def __init__(self, trail: Trail, reason: str) -> None:
        super().__init__(reason)
        self.trail = trail
        self.reason = reason


@contextmanager
def unfit(trail: Trail) -> Iterator[None]:
    """Give an expression without a value the trail to it. Raises Unfit."""
    try:
        yield
    except Unfit:
        raise
    except Undefined as error:
        raise Unfit(trail, str(error)) from None


class Evaluator:
    """Evaluates a template's expressions against values drawn so far."""

    def __init__(self, template: Template, values: Mapping[str, Value]) -> None:
        self.template = template
        self.values = dict(values)

    # -- parameters -----------------------------------------------------------------------

    def declare(self, name: str, entry: Entry) -> None:
        """A parameter's value under its name; a record's fields as ``name.field``.

        Of several records that are a tuple of the field's values, in drawn order.
        """
        if isinstance(entry, Mapping):
            for field, value in entry.items():
                self.values[f"{name}.{field}"] = value
            return
        records = [x for x in entry if isinstance(x, Mapping)] if isinstance(entry, tuple) else []
        if records:
            for field in records[0]:
                self.values[f"{name}.{field}"] = tuple(record[field] for record in records)
            return
        if isinstance(self.template.problem.parameters[name], Maths):
            entry_tree = self.template.tree(str(entry), ("parameters", name))
            self.values[name] = bind(entry_tree, self.values)
            return
        self.values[name] = _value(entry)

    def define(self) -> None:
        """What the problem computes from its parameters, in order. Raises Unfit."""
        for name, text in self.template.problem.define.items():
            with unfit(("define", name)):
                self.values[name] = self.value(text, ("define", name))
        for name, text in self.template.problem.maths.items():
            tree = self.template.tree(text, ("maths", name))
            with unfit(("maths", name)):
                self.values[name] = bind(tree, self.values)

    def value(
        self,
        text: str,
        trail: Trail,
        extra: Mapping[str, Value] | None = None,
        plan: PartPlan | None = None,
    ) -> Value:
        """The value of an expression. Raises BrokenProblem or Undefined."""
        words = {word: word for word in words_of(plan)} if plan else {}
        tree = self.template.tree(text, trail, tuple(words))
        return evaluate(tree, {**words, **self.values, **(extra or {})}, REFERENCES)

    def meet(self, conditions: Sequence[str], *, lenient: bool = False) -> None:
        """Raise Unfit at the first condition that doesn't hold.

        ``lenient``: conditions without a value are passed over.
        """
        for number, text in enumerate(conditions, 1):
            trail = ("require", str(number))
            try:
                holds = self.value(text, trail) is True
            except Undefined as error:
                if lenient:
                    continue
                raise Unfit(trail, str(error)) from None
            if not holds:
                raise Unfit(trail, "the condition doesn't hold")

    # -- texts ----------------------------------------------------------------------------

    def text(
        self,
        template: str,
        trail: Trail,
        local: Mapping[str, Value],
        words: Mapping[str, str] = NO_WORDS,
    ) -> Text:
        """A text filled in and its maths read. ``words``: what is shown for some names alone."""
        return compose(self.written(template, trail, local, words), self.template.bracketed)

    def filled(self, template: str, trail: Trail, local: Mapping[str, Value]) -> str:
        """A short text filled in, on one line of plain text."""
        return plain(self.text(template, trail, local))

    def written(
        self,
        template: str,
        trail: Trail,
        local: Mapping[str, Value],
        words: Mapping[str, str] = NO_WORDS,
    ) -> str:
        """A text filled in, its maths not yet read."""

        def show(expression: str) -> str:
            name = expression.strip()
            if name in words:
                return words[name]
            value = self._maths_or_value(name, trail, local)
            if isinstance(value, tuple) and name in self.template.shapes:
                return show_shape(value)
            return shown(value)

        return fill(template, show)

    def _maths_or_value(self, text: str, trail: Trail, local: Mapping[str, Value]) -> Value:
        tree = self.template.tree(text, trail)
        known = {**self.values, **local}
        if names(tree) <= known.keys() and not any(is_node(known[n]) for n in names(tree)):
            return evaluate(tree, known, REFERENCES)
        from engine.kinds.symbolic import resolved

        return resolved(bind(tree, known), self.template.symbols)


def shown(value: Value) -> str:
    if is_node(value):
        return one_line(value)
    return format_value(value)


def _value(entry: Entry) -> Value:
    if isinstance(entry, tuple):
        return tuple(_value(item) for item in entry)
    if isinstance(entry, Mapping):
        raise Undefined("a record has no value of its own")
    return entry


def plain(text: Text) -> str:
    from engine.text import linear

    return linear(text)
