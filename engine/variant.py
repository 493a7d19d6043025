"""Variants: a problem with its numbers drawn, its texts filled in and its answers computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import NamedTuple

from engine.draws import MAX_SEED, Stream, draw
from engine.kinds import Asked, Choice, kind_of
from engine.kinds.shapes import show as show_shape
from engine.language.errors import Undefined
from engine.language.exact import Value, as_integer, evaluate, is_node
from engine.language.printer import format_value, one_line
from engine.language.tree import Node, names
from engine.language.tree import Sequence as TreeSequence
from engine.problem import BrokenProblem, Entry, Maths, Problem
from engine.template import REFERENCES, PartPlan, Template, Trail, prepare, words_of
from engine.text import Text, compose, fill
from engine.values import as_tree, bind
from engine.verdict import Diagnosis

MAX_ATTEMPTS = 2_000
ORIGINAL = "original"


class Unfit(Undefined):
    """A draw that is thrown away; ``trail`` leads to what it failed at."""

    def __init__(self, trail: Trail, reason: str) -> None:
        super().__init__(reason)
        self.trail = trail
        self.reason = reason


class VariantPart(NamedTuple):
    """A part as asked. ``points`` are its share of the problem's."""

    asked: Asked
    plan: PartPlan
    points: Fraction
    reference: Value
    hints: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The part's id: ``side``, or ``conv1.shape`` for a cell."""
        return self.asked.id


class Slip(NamedTuple):
    """A misconception with its value for these numbers."""

    id: str
    value: Value
    say: str


class Layout(NamedTuple):
    """A table as shown: headings, and rows of a label and cells.

    A cell is a part's id, or the text of a given cell behind ``=``; "" where nothing stands.
    """

    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]

    def rows(self, filled: Mapping[str, str] | None = None) -> list[list[str]]:
        """Headings and rows as texts; cells that are asked show ``filled[id]``, else ``""``."""
        shown = filled or {}
        body = [
            [
                line[0],
                *(cell[1:] if cell.startswith("=") else shown.get(cell, "") for cell in line[1:]),
            ]
            for line in self.lines
        ]
        return [list(self.headings), *body]


class Variant(NamedTuple):
    """A problem with its numbers. ``seed`` is None for the original."""

    problem: Problem
    seed: int | None
    parameters: Mapping[str, Entry]
    values: Mapping[str, Value]
    parts: tuple[VariantPart, ...] = ()

    @property
    def code(self) -> str:
        """What a person can paste: ``cnn/conv-output@7``."""
        return f"{self.problem.id}@{ORIGINAL if self.seed is None else self.seed}"

    @property
    def question(self) -> Text:
        """The question with the drawn numbers in it."""
        return self.text(self.problem.question, ("question",))

    @property
    def solution(self) -> Text:
        """The worked solution with the drawn numbers and the answers in it."""
        return self.text(self.problem.solution, ("solution",))

    @property
    def table(self) -> Layout | None:
        """The table over the parts, if the problem has one."""
        return _Bench(prepare(self.problem), self.values).layout(self.parts)

    @property
    def hints(self) -> tuple[Text, ...]:
        """The problem's hints, in order."""
        return tuple(self.text(hint, ("hints",)) for hint in self.problem.hints)

    def text(self, template: str, trail: Trail) -> Text:
        """A text of the problem filled in. Raises BrokenProblem."""
        answers = {part.id: part.reference for part in self.parts}
        try:
            return _Bench(prepare(self.problem), self.values).text(template, trail, answers)
        except Undefined as error:
            raise BrokenProblem(trail, str(error)) from None

    def filled(self, template: str, trail: Trail, part: VariantPart | None = None) -> str:
        """A text with its values in it, its maths still as written. Raises BrokenProblem.

        ``part``: the part whose text it is, which knows the parts before it and its row.
        """
        answers = {part.id: part.reference for part in self.parts}
        bench = _Bench(prepare(self.problem), self.values)
        try:
            local = answers if part is None else bench.local(part.plan, answers)
            return bench.written(template, trail, local)
        except Undefined as error:
            raise BrokenProblem(trail, str(error)) from None

    def part(self, name: str) -> VariantPart:
        """The part of that id. Raises KeyError."""
        for part in self.parts:
            if part.id == name:
                return part
        raise KeyError(name)

    def recompute(self, part: VariantPart, answers: Mapping[str, Value]) -> Value | None:
        """The part's reference from given answers to earlier parts; None where it has none."""
        bench = _Bench(prepare(self.problem), self.values)
        try:
            return bench.reference(part.plan, answers)
        except Undefined:
            return None

    def diagnose(
        self, part: VariantPart, value: Value, answers: Mapping[str, Value]
    ) -> Diagnosis | None:
        """The slip behind a wrong value that no author foresaw, if just one kind gives it."""
        kind = kind_of(part.asked.kind)
        if part.asked.kind not in ("number", "integer") or not part.plan.part.answer:
            return kind.slip(value, part.reference, part.asked)
        from engine.diagnosis import diagnose_number

        bench = _Bench(prepare(self.problem), self.values)
        trail = (*part.plan.trail, "answer")
        tree = bench.template.tree(part.plan.part.answer, trail, words_of(part.plan))
        try:
            values = {**bench.values, **bench.local(part.plan, answers)}
        except Undefined:
            return None

        def agrees(changed: Node) -> bool:
            return kind.same(value, evaluate(changed, {}, REFERENCES), part.asked)

        return diagnose_number(tree, values, agrees)

    def expression(self, part: VariantPart) -> tuple[Node, Mapping[str, Value]]:
        """The tree of a part's answer, and what the names in it stand for.

        Raises BrokenProblem, and Undefined where a row's value has none.
        """
        bench = _Bench(prepare(self.problem), self.values)
        trail = (*part.plan.trail, "answer")
        tree = bench.template.tree(part.plan.part.answer, trail, words_of(part.plan))
        answers = {part.id: part.reference for part in self.parts}
        known = {**bench.values, **bench.local(part.plan, answers)}
        return tree, {name: known[name] for name in sorted(names(tree)) if name in known}

    def bound(self, part: VariantPart, text: str, trail: Trail) -> Node:
        """An expression in a part's symbols with the drawn numbers in it. Raises BrokenProblem."""
        bench = _Bench(prepare(self.problem), self.values)
        answers = {part.id: part.reference for part in self.parts}
        try:
            return as_tree(bench.answer(part.plan, text, trail, bench.local(part.plan, answers)))
        except Undefined as error:
            raise BrokenProblem(trail, str(error)) from None

    def slips(self, part: VariantPart, answers: Mapping[str, Value]) -> tuple[Slip, ...]:
        """The part's misconceptions that have a value, from given answers to earlier parts."""
        return _Bench(prepare(self.problem), self.values).slips(part.plan, answers)


def make_variant(problem: Problem, seed: int | None) -> Variant:
    """The variant of a seed from 0 to 2^63 − 1, or the original for None.

    Draws in which a misconception gives the right answer, a condition fails, an answer has no
    value or a choice has no single right option are drawn anew. Raises BrokenProblem.
    """
    template = prepare(problem)
    if seed is None:
        return _original(template)
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"a seed is a whole number from 0 to {MAX_SEED}")
    for number in range(MAX_ATTEMPTS):
        try:
            return attempt(problem, seed, number)
        except Unfit:
            continue
    message = f"no draw in {MAX_ATTEMPTS:,} is fit for use: loosen `require` or the ranges"
    raise BrokenProblem(("parameters",), message)


def _original(template: Template) -> Variant:
    problem = template.problem
    if problem.original is None:
        raise BrokenProblem((), f"{problem.id} has no original")
    bench = _Bench(template, {})
    for name in problem.parameters:
        bench.declare(name, problem.original[name])
    try:
        bench.define()
        parts = bench.parts()
    except Undefined as error:
        raise BrokenProblem(("original",), str(error)) from None
    return Variant(problem, None, problem.original, bench.values, parts)


def attempt(problem: Problem, seed: int, number: int) -> Variant:
    """The draw of that number for a seed, counted from 0.

    Raises Unfit where it has to be thrown away, and BrokenProblem.
    """
    bench = _Bench(prepare(problem), {})
    parameters = _draws(bench, seed, number)
    bench.define()
    bench.meet(problem.require)
    variant = Variant(problem, seed, parameters, bench.values, bench.parts())
    _check_fit(variant)
    return variant


def _draws(bench: _Bench, seed: int, attempt: int) -> Mapping[str, Entry]:
    """The parameters, each declared before the next is drawn. Raises Unfit."""
    problem, drawn = bench.template.problem, dict[str, Entry]()
    for name, parameter in problem.parameters.items():

        def size(text: str, name: str = name) -> int:
            return as_integer(bench.value(text, ("parameters", name, "array")))

        with _unfit(("parameters", name)):
            drawn[name] = draw(parameter, Stream(problem.id, seed, name, attempt), size)
            bench.declare(name, drawn[name])
    return drawn


def _check_fit(variant: Variant) -> None:
    """Raise Unfit if a misconception gives the right answer, or no option is right."""
    answers = {part.id: part.reference for part in variant.parts}
    for part in variant.parts:
        right = sum(choice.right for choice in part.asked.choices)
        if part.asked.kind == "choices" and right == 0:
            raise Unfit((*part.plan.trail, "options"), "no option is right")
        for slip in variant.slips(part, answers):
            if _clashes(part, slip):
                trail = part.plan.misconception_trail(slip.id)
                raise Unfit(trail, "the misconception gives the right answer")


def _clashes(part: VariantPart, slip: Slip) -> bool:
    try:
        return kind_of(part.asked.kind).clashes(slip.value, part.reference, part.asked)
    except Undefined as error:
        raise BrokenProblem(part.plan.misconception_trail(slip.id), str(error)) from None


@contextmanager
def _unfit(trail: Trail) -> Iterator[None]:
    """Give an expression without a value the trail to it. Raises Unfit."""
    try:
        yield
    except Unfit:
        raise
    except Undefined as error:
        raise Unfit(trail, str(error)) from None


class _Bench:
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
            with _unfit(("define", name)):
                self.values[name] = self.value(text, ("define", name))
        for name, text in self.template.problem.maths.items():
            tree = self.template.tree(text, ("maths", name))
            with _unfit(("maths", name)):
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

    def meet(self, conditions: Sequence[str]) -> None:
        """Raise Unfit at the first condition that doesn't hold."""
        for number, text in enumerate(conditions, 1):
            trail = ("require", str(number))
            with _unfit(trail):
                if self.value(text, trail) is not True:
                    raise Unfit(trail, "the condition doesn't hold")

    # -- parts ----------------------------------------------------------------------------

    def parts(self) -> tuple[VariantPart, ...]:
        """The parts in order, each answered from the references before it."""
        plans = self.template.plans(self.shown())
        points = _shares(plans, self.template.problem.points)
        answers: dict[str, Value] = {}
        parts = []
        for plan in plans:
            answered = "answer" if plan.part.answer else "options"
            with _unfit((*plan.trail, answered)):
                answers[plan.id] = reference = self.reference(plan, answers)
            with _unfit(plan.trail):
                parts.append(self.part(plan, points[plan.id], reference, answers))
        return tuple(parts)

    def shown(self) -> tuple[str, ...]:
        """The ids of the table's rows in this variant."""
        table = self.template.problem.table
        if table is None:
            return ()
        if not table.show:
            return tuple(row.id for row in table.rows)
        shown = self.values[table.show]
        return tuple(map(str, shown)) if isinstance(shown, tuple) else (str(shown),)

    def part(
        self, plan: PartPlan, points: Fraction, reference: Value, answers: Mapping[str, Value]
    ) -> VariantPart:
        """The part with its texts filled in."""
        local = self.local(plan, answers)
        ask = self.text(plan.part.ask or plan.label, (*plan.trail, "ask"), local)
        if plan.row is not None and self.template.problem.table is not None:
            column = self.template.problem.table.columns[plan.id.rpartition(".")[2]]
            ask = (*ask[:-1], *compose(f"{_plain(ask)}: {column}"))
        hints = tuple(self.filled(h, (*plan.trail, "hints"), local) for h in plan.part.hints)
        forbidden = tuple(
            as_tree(self.answer(plan, text, (*plan.trail, "forbid"), local))
            for text in plan.part.forbid
        )
        asked = Asked(
            plan.id,
            plan.part.kind,
            self.template.symbols_of(plan),
            self.choices(plan, reference, local),
            plan.part.relative,
            plan.part.absolute,
            ask,
            plan.part.form,
            forbidden,
        )
        return VariantPart(asked, plan, points, reference, hints)

    def local(self, plan: PartPlan, answers: Mapping[str, Value]) -> dict[str, Value]:
        """Names that a part's expressions know besides the parameters: answers, its row."""
        local: dict[str, Value] = dict(answers)
        table = self.template.problem.table
        if plan.row is None or table is None:
            return local
        for column, above in plan.above.items():
            if above in answers:
                local[f"previous.{column}"] = answers[above]
            elif not above:
                trail = ("table", "first", column)
                local[f"previous.{column}"] = self.value(table.first[column], trail)
        for name, text in plan.row.values.items():
            local[f"row.{name}"] = self.value(text, ("table", "rows", plan.row.id, name), plan=plan)
        return local

    def reference(self, plan: PartPlan, answers: Mapping[str, Value]) -> Value:
        """The right answer. Raises Undefined where these numbers have none."""
        local = self.local(plan, answers)
        if not plan.part.answer:
            return self.right_options(plan, local)
        trail = (*plan.trail, "answer")
        answer = self.answer(plan, plan.part.answer, trail, local)
        if plan.part.kind == "integer" and isinstance(answer, Fraction) and answer % 1:
            say = f"{format_value(answer)} is not a whole number: use floor(…), or kind number"
            raise BrokenProblem(trail, say)
        return answer

    def answer(self, plan: PartPlan, text: str, trail: Trail, local: Mapping[str, Value]) -> Value:
        """An answer or a misconception's answer: maths for maths parts, else a value."""
        if plan.part.kind in ("symbolic", "matrix") or self.has_symbols(plan, text, trail):
            tree = self.template.tree(text, trail, self.template.own_symbols(plan))
            bound = bind(tree, {**self.values, **local})
            if isinstance(bound, TreeSequence):
                return tuple(item if names(item) else evaluate(item, {}) for item in bound.items)
            return bound
        value = self.value(text, trail, local, plan)
        if plan.part.kind == "choice" and value not in words_of(plan):
            raise BrokenProblem(trail, f"{value} is not one of the options")
        return value

    def has_symbols(self, plan: PartPlan, text: str, trail: Trail) -> bool:
        """Whether a shape is asked in symbols."""
        symbols = self.template.own_symbols(plan)
        if plan.part.kind != "shape" or not symbols:
            return False
        return not names(self.template.tree(text, trail, symbols)).isdisjoint(symbols)

    def right_options(self, plan: PartPlan, local: Mapping[str, Value]) -> Value:
        """The ids of the right options: a tuple for choices, one word for a choice."""
        right = tuple(
            option.id
            for option in plan.part.options
            if option.right
            and self.value(option.right, (*plan.trail, "options", option.id, "right"), local, plan)
            not in (False, Fraction(0))
        )
        if plan.part.kind == "choices":
            return right
        if len(right) != 1:
            raise Undefined(f"{len(right)} options are right")
        return right[0]

    def choices(
        self, plan: PartPlan, reference: Value, local: Mapping[str, Value]
    ) -> tuple[Choice, ...]:
        """The options with their texts filled in."""
        right = reference if isinstance(reference, tuple) else (reference,)
        return tuple(
            Choice(
                option.id,
                self.filled(option.text, (*plan.trail, "options", option.id), local),
                option.id in right,
                self.filled(option.say, (*plan.trail, "options", option.id, "say"), local),
            )
            for option in plan.part.options
        )

    def slips(self, plan: PartPlan, answers: Mapping[str, Value]) -> tuple[Slip, ...]:
        """The misconceptions that apply and have a value."""
        try:
            local = self.local(plan, answers)
        except Undefined:
            return ()
        found = []
        for misconception in plan.part.misconceptions:
            trail = plan.misconception_trail(misconception.id)
            try:
                if misconception.when and not self._applies(misconception.when, trail, local, plan):
                    continue
                value = self.answer(plan, misconception.answer, (*trail, "answer"), local)
                say = self.filled(misconception.say, (*trail, "say"), local)
            except Undefined:
                continue
            found.append(Slip(misconception.id, value, say))
        return tuple(found)

    def _applies(
        self, condition: str, trail: Trail, local: Mapping[str, Value], plan: PartPlan
    ) -> bool:
        return self.value(condition, (*trail, "when"), local, plan) is True

    def layout(self, parts: Sequence[VariantPart]) -> Layout | None:
        """The table as shown: given cells first, then a line a row."""
        table = self.template.problem.table
        if table is None:
            return None
        asked = {part.id for part in parts}
        lines: list[tuple[str, ...]] = []
        if table.first_label:
            lines.append((self.filled(table.first_label, ("table", "first"), {}), *self.given()))
        rows = {row.id: row for row in table.rows}
        for name in self.shown():
            label = self.filled(rows[name].label, ("table", "rows", name, "label"), {})
            cells = (f"{name}.{column}" for column in table.columns)
            lines.append((label, *(cell if cell in asked else "" for cell in cells)))
        return Layout((table.corner, *table.columns.values()), tuple(lines))

    def given(self) -> Iterator[str]:
        """The cells of the table's given row, marked as such."""
        table = self.template.problem.table
        assert table is not None
        for column in table.columns:
            if column not in table.first:
                yield ""
                continue
            value = self.value(table.first[column], ("table", "first", column))
            yield "=" + (show_shape(value) if isinstance(value, tuple) else _shown(value))

    # -- texts ----------------------------------------------------------------------------

    def text(self, template: str, trail: Trail, local: Mapping[str, Value]) -> Text:
        """A text filled in and its maths read."""
        return compose(self.written(template, trail, local))

    def filled(self, template: str, trail: Trail, local: Mapping[str, Value]) -> str:
        """A short text filled in, on one line of plain text."""
        return _plain(self.text(template, trail, local))

    def written(self, template: str, trail: Trail, local: Mapping[str, Value]) -> str:
        """A text filled in, its maths not yet read."""

        def show(expression: str) -> str:
            value = self._maths_or_value(expression.strip(), trail, local)
            if isinstance(value, tuple) and expression.strip() in self.template.shapes:
                return show_shape(value)
            return _shown(value)

        return fill(template, show)

    def _maths_or_value(self, text: str, trail: Trail, local: Mapping[str, Value]) -> Value:
        tree = self.template.tree(text, trail)
        known = {**self.values, **local}
        if names(tree) <= known.keys() and not any(is_node(known[n]) for n in names(tree)):
            return evaluate(tree, known, REFERENCES)
        from engine.kinds.symbolic import resolved

        return resolved(bind(tree, known), self.template.symbols)


def _shown(value: Value) -> str:
    if is_node(value):
        return one_line(value)
    return format_value(value)


def _value(entry: Entry) -> Value:
    if isinstance(entry, tuple):
        return tuple(_value(item) for item in entry)
    if isinstance(entry, Mapping):
        raise Undefined("a record has no value of its own")
    return entry


def _shares(plans: Sequence[PartPlan], points: Fraction) -> dict[str, Fraction]:
    """Points by part: those stated, and the rest in equal shares."""
    stated = {plan.id: plan.part.points for plan in plans if plan.part.points is not None}
    open_parts = len(plans) - len(stated)
    rest = points - sum(stated.values(), Fraction(0))
    if (open_parts and rest <= 0) or (not open_parts and rest != 0):
        message = f"the parts' points do not make up the problem's {format_value(points)}"
        raise BrokenProblem(("points",), message)
    share = rest / max(open_parts, 1)
    return {plan.id: stated.get(plan.id, share) for plan in plans}


def _plain(text: Text) -> str:
    from engine.text import linear

    return linear(text)
