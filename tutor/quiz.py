"""The interactive quiz: a question, answers, feedback; at the end a summary of marks.

Every answer is in the store before its feedback is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.draws import GENERATOR
from engine.text import linear
from engine.verdict import CORRECT, INVALID, PartVerdict, Verdict

if TYPE_CHECKING:
    from engine.variant import Variant, VariantPart
    from tutor.render import Screen
    from tutor.store import Store
    from tutor.terminal import Prompt

TRIES = 2
HELP = (
    ":hint      a hint, the next one each time",
    ":skip      leave this part, go on with the next",
    ":solution  leave this question and read its worked solution",
    ":quit      end the quiz (Ctrl-D does the same)",
    ":help      this list",
)


class Leave(Exception):
    """The student ends the quiz."""


class GiveUp(Exception):
    """The student asks for the solution."""


@dataclass
class Progress:
    """How one question goes: texts by part, verdicts by part, and the help that was taken."""

    variant: Variant
    responses: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, PartVerdict] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    hints: int = 0
    hints_shown: set[str] = field(default_factory=set)
    gave_up: bool = False

    @property
    def missed(self) -> bool:
        """Whether a part isn't right in the end."""
        verdicts = [self.verdicts.get(part.id) for part in self.variant.parts]
        return any(verdict is None or verdict.verdict != CORRECT for verdict in verdicts)

    @property
    def score(self) -> Fraction:
        """The points earned by the last answer to each part."""
        return sum((verdict.score for verdict in self.verdicts.values()), Fraction(0))


class Record:
    """Keeps every answer. Without a usable store the quiz goes on and says so once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.started = clock()
        self.notice = ""
        self._store: Store | None = None
        self._opened = False
        self._session = ""

    def open(self) -> None:
        """Open the store; what went wrong or is worth knowing stands in ``notice``."""
        import os

        from tutor.paths import store_path
        from tutor.store import Store, StoreUnavailable

        self._opened = True
        self._session = os.urandom(6).hex()
        try:
            self._store = Store.open(store_path())
            self.notice = self._store.notice
        except StoreUnavailable as error:
            self.notice = f"Your answers are not stored: {error}"

    def add(self, progress: Progress, verdict: PartVerdict) -> None:
        """Commit one graded answer."""
        if self._store is None:
            return
        import json
        from datetime import UTC, datetime

        from tutor.documents import parameters_document
        from tutor.store import Attempt, StoreUnavailable

        variant = progress.variant
        attempt = Attempt(
            session=self._session,
            at=datetime.fromtimestamp(self.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            code=variant.code,
            problem=variant.problem.id,
            seed=variant.code.rpartition("@")[2],
            revision=variant.problem.revision,
            generator=GENERATOR,
            parameters=json.dumps(parameters_document(variant.parameters)),
            part=verdict.id,
            response=verdict.response,
            read_as=verdict.read_as,
            verdict=verdict.verdict,
            note=verdict.note,
            score=float(verdict.score),
            max_score=float(verdict.max_score),
            try_number=progress.tries[verdict.id],
            hints=progress.hints,
        )
        try:
            self._store.add(attempt)
        except StoreUnavailable as error:
            self._store = None
            self.notice = f"This answer and the next are not stored: {error}"

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()
            self._store = None


class Quiz:
    """Asks variants one after the other and sums up."""

    def __init__(
        self, screen: Screen, prompt: Prompt, record: Record, title: str, count: int
    ) -> None:
        self.screen = screen
        self.prompt = prompt
        self.record = record
        self.title = title
        self.count = count
        self.interrupted = False
        self.done: list[Progress] = []

    def ask(self, variant: Variant, number: int) -> bool:
        """One question to its end; False when the student ends the quiz."""
        progress = Progress(variant)
        self.screen.gap(number > 1)
        self.screen.question(variant, f"{number} of {self.count}" if self.count > 1 else "")
        if number == 1:
            self._settle_in()
        try:
            for part in variant.parts:
                self._part(progress, part)
        except GiveUp:
            progress.gave_up = True
        except (Leave, EOFError):
            self._finish(progress, ended=True)
            return False
        except KeyboardInterrupt:
            self.interrupted = True
            self._finish(progress, ended=True)
            return False
        self._finish(progress, ended=False)
        return True

    def _settle_in(self) -> None:
        """While the student reads: open the store, and load what grading will need."""
        self.record.open()
        self._tell_notice()
        if self.prompt.interactive:
            from threading import Thread

            from engine.preload import load_libraries

            Thread(target=load_libraries, daemon=True).start()

    def _tell_notice(self) -> None:
        if self.record.notice:
            self.screen.notice(self.record.notice)
            self.screen.gap()
            self.record.notice = ""

    # -- one part -------------------------------------------------------------------------

    def _part(self, progress: Progress, part: VariantPart) -> None:
        label = part.id
        if progress.variant.table is None:
            self.screen.ask(part)
        else:
            label = linear(part.asked.ask) or part.id
        while progress.tries[part.id] < TRIES:
            text = self._read(part, label).strip()
            if not text:
                self.screen.notice("Type an answer, or :skip to leave this one, :help for more.")
            elif text.startswith(":"):
                if self._command(progress, part, text):
                    return
            elif self._answer(progress, part, text):
                return
        self._tell_answer(progress, part)

    def _read(self, part: VariantPart, label: str) -> str:
        if part.asked.kind == "array":
            return self.prompt.ask_lines(label)
        return self.prompt.ask(label)

    def _answer(self, progress: Progress, part: VariantPart, text: str) -> bool:
        """Grade, store, show. True when the part is done with."""
        from engine.grading import grade

        responses = {**progress.responses, part.id: text}
        graded = grade(progress.variant, responses)
        verdict = next(one for one in graded.parts if one.id == part.id)
        if verdict.verdict == INVALID:
            self.screen.fault(verdict)
            return False
        progress.tries[part.id] += 1
        progress.responses, progress.verdicts[part.id] = responses, verdict
        self.record.add(progress, verdict)
        right = verdict.verdict == CORRECT
        left = TRIES - progress.tries[part.id]
        self.screen.part_verdict(verdict, after="" if right or not left else "1 try left")
        self._tell_notice()
        return right

    def _tell_answer(self, progress: Progress, part: VariantPart) -> None:
        from engine.kinds import kind_of

        reference = progress.variant.part(part.id).reference
        key = kind_of(part.asked.kind).write(reference, part.asked)
        self.screen.line(f"The answer is {key}", indent=2)

    # -- commands -------------------------------------------------------------------------

    def _command(self, progress: Progress, part: VariantPart, text: str) -> bool:
        """Do what was asked. True when the part is done with."""
        word = text[1:].strip().casefold()
        if word in ("skip", "s"):
            return True
        if word in ("quit", "q", "exit"):
            raise Leave
        if word in ("solution", "sol"):
            raise GiveUp
        if word in ("hint", "h"):
            self._hint(progress, part)
        elif word in ("help", "?"):
            self.screen.lines(HELP)
        else:
            self.screen.notice(f"There is no command {text[:20]}; :help lists them.")
        return False

    def _hint(self, progress: Progress, part: VariantPart) -> None:
        """The next hint: the part's own first, then the problem's."""
        hints = [*part.hints, *(linear(hint) for hint in progress.variant.hints)]
        for hint in hints:
            if hint not in progress.hints_shown:
                progress.hints_shown.add(hint)
                progress.hints += 1
                self.screen.line(f"Hint: {hint}", indent=2)
                return
        self.screen.line("There are no more hints; :solution shows the way.", indent=2)

    # -- the end --------------------------------------------------------------------------

    def _finish(self, progress: Progress, *, ended: bool) -> None:
        """The question's marks, its table as filled in, and the solution where it helps."""
        answered = bool(progress.verdicts)
        if ended and not answered:
            return
        self.done.append(progress)
        self.screen.gap()
        if progress.variant.table is not None and answered:
            self.screen.marked_table(progress.variant, progress.verdicts)
        self.screen.marks(_whole(progress))
        if progress.missed and not ended:
            self.screen.solution(progress.variant)

    def summary(self) -> None:
        """Marks, tries and slips of the whole quiz."""
        self.record.close()
        if not self.done:
            self.screen.notice("No question was answered.")
            return
        earned = sum((one.score for one in self.done), Fraction(0))
        possible = sum((one.variant.problem.points for one in self.done), Fraction(0))
        minutes = round((self.record.clock() - self.record.started) / 60)
        self.screen.summary(self.title, len(self.done), earned, possible, minutes)
        self.screen.lines(_tally(self.done))


def _whole(progress: Progress) -> Verdict:
    """The last verdict on every part; parts left out have earned nothing."""
    from engine.grading import grade

    return grade(progress.variant, progress.responses)


def _tally(done: list[Progress]) -> list[str]:
    first = after_hint = later = missed = 0
    slips: Counter[str] = Counter()
    for one in done:
        if one.missed:
            missed += 1
        elif one.hints:
            after_hint += 1
        elif max(one.tries.values(), default=1) > 1:
            later += 1
        else:
            first += 1
        for verdict in one.verdicts.values():
            if verdict.diagnosis is not None:
                slips[verdict.diagnosis.kind.replace("-", " ")] += 1
    counts = (
        ("first try", first),
        ("second try", later),
        ("after a hint", after_hint),
        ("missed", missed),
    )
    lines = [" · ".join(f"{word} {number}" for word, number in counts if number)]
    lines += [f"slip seen {number} times: {slip}" for slip, number in slips.items() if number > 1]
    again = dict.fromkeys(one.variant.problem.id for one in done if one.missed)
    if again:
        lines.append(f"again: tutor quiz {' '.join(again)}")
    return lines
