"""The parts of a variant: what is asked, the references, the misconceptions, the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from engine.evaluator import Evaluator, plain, shown, unfit
from engine.kinds import Asked, Choice
from engine.kinds.shapes import show as show_shape
from engine.language.errors import Undefined
from engine.language.exact import Value, evaluate, is_node
from engine.language.printer import format_value
from engine.language.tree import Node, names
from engine.language.tree import Sequence as TreeSequence
from engine.problem import BrokenProblem
from engine.template import PartPlan, Trail, words_of
from engine.text import compose
from engine.values import as_tree, bind, shape_of

if TYPE_CHECKING:
    from engine.coding.task import Task


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

    @property
    def rows(self) -> bool:
        """Whether the answer is an array of several rows."""
        if self.asked.kind != "array":
            return False
        return len(shape_of(self.reference) or ()) > 1


class Slip(NamedTuple):
    """A misconception with its value for these numbers."""

    id: str
    value: Value
    say: str


Fits: TypeAlias = Callable[[str, Value], bool]
"""Whether a misconception, given by its id, is looked for by its value."""


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


class PartEvaluator(Evaluator):
    """Evaluates what belongs to a part as well: answers, options, misconceptions, cells."""

    def define(self) -> None:
        """What the problem computes, and the programs that its texts show. Raises Unfit."""
        super().define()
        for part in self.template.problem.parts:
            if part.coding is None or not part.coding.program:
                continue
            from engine.coding.tasks import listing, mend_of

            plan = PartPlan(part.id, part, ("parts", part.id))
            with unfit((*plan.trail, "program")):
                mend = mend_of(self, plan, {})
                assert mend is not None
                self.values[f"{part.id}.program"] = listing(mend)

    def parts(self, code: str) -> tuple[VariantPart, ...]:
        """The parts in order, each answered from the references before it.

        ``code`` names the variant; the inputs of code parts are drawn by it.
        """
        plans = self.template.plans(self.shown())
        points = shares(plans, self.template.problem.points)
        answers: dict[str, Value] = {}
        parts = []
        for plan in plans:
            answered = "answer" if plan.part.answer else "options"
            with unfit((*plan.trail, answered)):
                answers[plan.id] = reference = self.reference(plan, answers)
            with unfit(plan.trail):
                parts.append(self.part(plan, points[plan.id], reference, answers, code))
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
        self,
        plan: PartPlan,
        points: Fraction,
        reference: Value,
        answers: Mapping[str, Value],
        code: str,
    ) -> VariantPart:
        """The part with its texts filled in."""
        local = self.local(plan, answers)
        ask = self.text(plan.part.ask or plan.label, (*plan.trail, "ask"), local)
        if plan.row is not None and self.template.problem.table is not None:
            column = self.template.problem.table.columns[plan.id.rpartition(".")[2]]
            ask = (*ask[:-1], *compose(f"{plain(ask)}: {column}"))
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
            self.meanings(plan, reference),
            self.task(plan, code, reference, answers),
        )
        return VariantPart(asked, plan, points, reference, hints)

    def meanings(self, plan: PartPlan, reference: Value) -> tuple[tuple[str, Node], ...]:
        """What the part's symbols stand for, in its own symbols; not what is asked itself."""
        if plan.part.kind not in ("symbolic", "matrix"):
            return ()
        symbols = self.template.symbols_of(plan)
        declared = {symbol.name for symbol in symbols}.union(*(s.axes or () for s in symbols))
        found = []
        for name, text in self.template.problem.where.items():
            trail = ("where", name)
            with unfit(trail):
                tree = as_tree(bind(self.template.tree(text, trail), self.values))
            if name in declared and names(tree) <= declared and tree != as_tree(reference):
                found.append((name, tree))
        return tuple(found)

    def task(
        self, plan: PartPlan, code: str, reference: Value, answers: Mapping[str, Value]
    ) -> Task | None:
        """What a code part is run on and held against; None for all others."""
        if plan.part.coding is None:
            return None
        from engine.coding.tasks import task_of

        slips = [(slip.id, str(slip.value)) for slip in self.slips(plan, answers)]
        return task_of(self, plan, code, str(reference), self.local(plan, answers), slips)

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
        if plan.part.coding is not None and plan.part.coding.program:
            from engine.coding.tasks import mended_line

            return mended_line(self, plan, local)
        if not plan.part.answer:
            return self.right_options(plan, local)
        trail = (*plan.trail, "answer")
        answer = self.answer(plan, plan.part.answer, trail, local)
        if plan.part.kind == "integer" and isinstance(answer, Fraction) and answer % 1:
            say = f"{format_value(answer)} is not a whole number: use floor(…), or kind number"
            raise BrokenProblem(trail, say)
        return answer

    def answer(self, plan: PartPlan, text: str, trail: Trail, local: Mapping[str, Value]) -> Value:
        """An answer or a misconception's: maths for maths parts, code as text, else a value."""
        if plan.part.kind == "code":
            return self.written(text, trail, local)
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
        used = names(self.template.tree(text, trail, symbols))
        drawn = [value for name in used if is_node(value := self.values.get(name))]
        return any(not names(one).isdisjoint(symbols) for one in drawn) or not used.isdisjoint(
            symbols
        )

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

    def slips(
        self,
        plan: PartPlan,
        answers: Mapping[str, Value],
        fits: Fits = lambda id, value: True,
    ) -> Iterator[Slip]:
        """The misconceptions that apply and have a value that fits; only their words are read."""
        try:
            local = self.local(plan, answers)
        except Undefined:
            return
        for misconception in plan.part.misconceptions:
            trail = plan.misconception_trail(misconception.id)
            try:
                if misconception.when and not self._applies(misconception.when, trail, local, plan):
                    continue
                value = self.answer(plan, misconception.answer, (*trail, "answer"), local)
                if not fits(misconception.id, value):
                    continue
                say = self.filled(misconception.say, (*trail, "say"), local)
            except Undefined:
                continue
            yield Slip(misconception.id, value, say)

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
            yield "=" + (show_shape(value) if isinstance(value, tuple) else shown(value))


def shares(plans: Sequence[PartPlan], points: Fraction) -> dict[str, Fraction]:
    """Points by part: those stated, and the rest in equal shares."""
    stated = {plan.id: plan.part.points for plan in plans if plan.part.points is not None}
    open_parts = len(plans) - len(stated)
    rest = points - sum(stated.values(), Fraction(0))
    if (open_parts and rest <= 0) or (not open_parts and rest != 0):
        message = f"the parts' points do not make up the problem's {format_value(points)}"
        raise BrokenProblem(("points",), message)
    share = rest / max(open_parts, 1)
    return {plan.id: stated.get(plan.id, share) for plan in plans}
