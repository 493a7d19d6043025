"""The interactive quiz: a question, answers, feedback; at the end a summary of marks.

Every answer is in the store before its feedback is shown.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.problem import BrokenProblem
from engine.text import linear, steps
from engine.verdict import CORRECT, INVALID, PartVerdict
from tutor.entry import by_cells
from tutor.layout import cells, marks
from tutor.picking import picking_of
from tutor.progress import Progress, again, how_they_went, repeated_slips
from tutor.record import Record

if TYPE_CHECKING:
    from engine.parts import VariantPart
    from engine.variant import Variant
    from tutor.render import Screen
    from tutor.sandbox.runner import Sandbox
    from tutor.terminal import Prompt

TRIES = 2
COMMANDS = ":hint  :skip  :help"
HELP = (
    ":hint      a hint, the next one each time",
    ":skip      leave this part, go on with the next",
    ":solution  leave this question and read its worked solution",
    ":question  the question once more, a table as far as it is filled in",
    ":quit      end the quiz (Ctrl-D does the same)",
    ":help      this list",
)
HOW_SURE = "how sure   the chance you give your answer, 1 to 4, before its verdict"
WORDS = {
    "h": "hint",
    "s": "skip",
    "sol": "solution",
    "q": "quit",
    "exit": "quit",
    "?": "help",
}
NAMES = ("hint", "skip", "solution", "question", "quit", "help")


class Leave(Exception):
    """The student ends the quiz."""


class GiveUp(Exception):
    """The student asks for the solution."""


class Quiz:
    """Asks variants one after the other and sums up."""

    def __init__(
        self,
        screen: Screen,
        prompt: Prompt,
        record: Record,
        title: str,
        count: int,
        run: Sandbox | None = None,
        confidence: bool = False,
    ) -> None:
        self.screen = screen
        self.prompt = prompt
        self.record = record
        self.title = title
        self.count = count
        self.run = run
        self.confidence = confidence
        self.asked = 0
        self.guided = False
        self.interrupted = False
        self.done: list[Progress] = []

    def ask(self, variant: Variant) -> bool:
        """One question to its end; False when the student ends the quiz.

        Raises BrokenProblem where the question's texts can't be filled in: it doesn't count.
        """
        asked, done = self.asked, list(self.done)
        try:
            return self._ask(variant)
        except BrokenProblem:
            self.asked, self.done = asked, done
            raise

    def leave_out(self, count: int) -> None:
        """So many questions less: their problem is broken."""
        self.count -= count

    def _ask(self, variant: Variant) -> bool:
        progress = Progress(variant)
        try:
            self._show(variant)
            if by_cells(variant, self.screen, self.prompt):
                from tutor.table_quiz import fill_in

                fill_in(self, progress)
            else:
                for part in variant.parts:
                    self._part(progress, part)
        except GiveUp:
            pass
        except (Leave, EOFError):
            self._finish(progress, ended=True)
            return False
        except KeyboardInterrupt:
            self.interrupted = True
            self._finish(progress, ended=True)
            return False
        self._finish(progress, ended=False)
        return True

    def _show(self, variant: Variant) -> None:
        place = f"{self.asked + 1} of {self.count}" if self.count > 1 else ""
        table = not by_cells(variant, self.screen, self.prompt)
        self.screen.question(variant, place, apart=self.asked > 0, table=table)
        self.asked += 1
        if self.run is not None and any(part.asked.kind == "code" for part in variant.parts):
            self.run.ahead()
        if not self.record.opened:
            self._settle_in()
        if self.prompt.interactive:
            self.prompt.loading.start(variant)
        changed = self.record.changed_since(variant)
        if changed:
            self.screen.notice(changed)
            self.screen.gap()

    def _settle_in(self) -> None:
        """While the student reads: open the store."""
        self.record.open()
        self.tell_notice()

    def tell_notice(self) -> None:
        """What is worth knowing of the store, once."""
        if self.record.notice:
            self.screen.notice(self.record.notice)
            self.screen.gap()
            self.record.notice = ""

    # -- one part -------------------------------------------------------------------------

    def _part(self, progress: Progress, part: VariantPart) -> None:
        label = part.id
        remark = "" if self.guided else COMMANDS
        self.guided = True
        if progress.variant.table is None:
            self._ask_part(part, remark)
        else:
            label = linear(part.asked.ask) or part.id
            self.screen.aside(remark)
        while progress.tries[part.id] < TRIES:
            typed = self._read(progress, part, label)
            text = typed.strip()
            if not text:
                self.screen.notice("Type an answer, or :skip to leave this one, :help for more.")
            elif text.startswith(":"):
                if self.command(progress, part, text):
                    return
            elif self._answer(progress, part, label, typed):
                return
        self.screen.answer_to(part)

    def _ask_part(self, part: VariantPart, remark: str = "") -> None:
        """What the part asks; options are listed by the editor, if there is one."""
        self.screen.ask(part, remark, None if self.prompt.editing else picking_of(part.asked))

    def _read(self, progress: Progress, part: VariantPart, label: str) -> str:
        """What is typed, letters of options as their ids."""
        picking = picking_of(part.asked)

        def redraw() -> None:
            self.screen.anew()
            self.repeat(progress, part)

        typed = self.prompt.ask(label, part.asked, rows=part.rows, picking=picking, redraw=redraw)
        return picking.meant(typed) if picking is not None else typed

    def _answer(self, progress: Progress, part: VariantPart, label: str, typed: str) -> bool:
        """Grade, store, show. True when the part is done with."""
        from engine.grading import grade

        text = typed.strip()
        graded = grade(progress.variant, {**progress.responses, part.id: text}, run=self.run)
        verdict = next(one for one in graded.parts if one.id == part.id)
        if verdict.verdict == INVALID:
            self._tell_fault(verdict, label, typed)
            return False
        progress.answered(part, text, verdict)
        self.record.add(progress, verdict)
        above = cells(self.screen.prompt(label))
        try:
            if self._asks_how_sure(progress, part):
                above = above if self.prompt.editing else 2
                self._state_how_sure()
        finally:  # the answer counts, and so its verdict is told
            self.screen.part_verdict(verdict, indent=above, after=_remark(progress, verdict))
            self.tell_notice()
        return verdict.verdict == CORRECT

    def _asks_how_sure(self, progress: Progress, part: VariantPart) -> bool:
        """Before the verdict on a first try; not cell by cell."""
        first = progress.tries[part.id] == 1
        return self.confidence and first and progress.variant.table is None

    def _state_how_sure(self) -> None:
        """Ask, and store what is said beside the answer, which is on the disk already."""
        from tutor.confidence import how_sure

        level = how_sure(self.prompt)
        if level:
            self.record.state(level)

    def _tell_fault(self, verdict: PartVerdict, label: str, typed: str) -> None:
        """The caret under what was typed, which stands just above; or the line once more."""
        assert verdict.error is not None
        at = verdict.error.start + len(typed) - len(typed.lstrip())
        before, rest = typed[:at], typed[at:]
        column = None
        if "\n" not in rest:
            first = before.rfind("\n") + 1
            column = self.prompt.column(label, typed[first:], at - first)
        self.screen.fault(verdict, column, after="no try used")
        if verdict.response.casefold() in (*NAMES, "exit"):
            self.screen.notice(f"Commands begin with a colon: :{verdict.response.casefold()}")

    # -- commands -------------------------------------------------------------------------

    def command(self, progress: Progress, part: VariantPart, text: str) -> bool:
        """Do what was asked. True when the part is done with."""
        word = text[1:].strip().casefold()
        word = WORDS.get(word, word)
        if word == "quit":
            raise Leave
        if word == "solution":
            raise GiveUp
        if word == "hint":
            self._hint(progress, part)
        elif word == "question":
            self.repeat(progress, part)
        elif word == "help":
            for line in (*HELP, *([HOW_SURE] if self.confidence else [])):
                self.screen.line(line, hang=11)
        elif word != "skip":
            self.screen.notice(f"There is no command {text[:20]}; :help lists them.")
        return word == "skip"

    def _hint(self, progress: Progress, part: VariantPart) -> None:
        """The next hint: the part's own first, then the problem's."""
        hints = [*part.hints, *(linear(hint) for hint in progress.variant.hints)]
        for number, hint in enumerate(hints, 1):
            if hint not in progress.hints:
                progress.hints.append(hint)
                self.screen.line(f"Hint {number} of {len(hints)}: {hint}", indent=2)
                return
        none = "There are no more hints" if hints else "There is no hint here"
        self.screen.line(f"{none}; :solution shows the way.", indent=2)

    def repeat(self, progress: Progress, part: VariantPart) -> None:
        """The question once more."""
        variant = progress.variant
        self.screen.text(variant.question)
        self.screen.gap()
        if variant.table is None:
            self._ask_part(part)
        else:
            self.screen.marked_table(variant, progress.verdicts)

    # -- the end --------------------------------------------------------------------------

    def _finish(self, progress: Progress, *, ended: bool) -> None:
        """The question's marks, its table as filled in, and the solution where it helps."""
        answered = bool(progress.verdicts)
        if ended and not answered:
            return
        self.done.append(progress)
        variant = progress.variant
        if len(variant.parts) > 1:
            self.screen.gap()
            if answered:
                self.screen.marked_table(variant, progress.verdicts)
            self.screen.marks(variant, progress.verdicts.values())
        if progress.missed and not ended:
            self._solution(variant)

    def _solution(self, variant: Variant) -> None:
        """The worked solution; step by step for somebody at the keyboard."""
        ways = steps(variant.solution)
        for number, step in enumerate(ways):
            if number == 0:
                self.screen.solution(step)
            else:
                self.screen.gap()
                self.screen.text(step, indent=2)
            if self.prompt.interactive and number + 1 < len(ways) and not self._next_step():
                rest = tuple(block for later in ways[number + 1 :] for block in later)
                self.screen.gap()
                self.screen.text(rest, indent=2)
                return

    def _next_step(self) -> bool:
        """Wait for Enter or ``:next``; False where all the rest is wanted at once."""
        with suppress(EOFError):
            typed = self.prompt.pause("Enter or :next for the next step, :all for the rest")
            return typed.strip().casefold() not in (":all", ":skip", ":quit", ":q", ":s")
        return False

    def summary(self) -> None:
        """Marks, tries and slips of the whole quiz."""
        from tutor.render import Tally

        self.record.close()
        self.tell_notice()
        if not self.done:
            self.screen.notice("No question was answered.")
            return
        earned = sum((one.score for one in self.done), Fraction(0))
        possible = sum((one.variant.problem.points for one in self.done), Fraction(0))
        minutes = round((self.record.clock() - self.record.started) / 60)
        lines = [self.screen.dot.join(how_they_went(self.done)), *repeated_slips(self.done)]
        once_more = again(self.done)
        tally = Tally(self.title, len(self.done), earned, possible, minutes, lines, once_more)
        self.screen.summary(tally)


def _remark(progress: Progress, verdict: PartVerdict) -> str:
    """What stands beside a verdict: the tries left, or the marks if this part is everything."""
    left = TRIES - progress.tries[verdict.id]
    if left and verdict.verdict != CORRECT:
        return f"{left} try left"
    if len(progress.variant.parts) > 1:
        return ""
    return marks(verdict.score, verdict.max_score)
