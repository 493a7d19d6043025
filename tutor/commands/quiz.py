"""``tutor quiz``: choose the questions, open the store, ask."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine.draws import MAX_SEED, Stream
from engine.template import needs_arrays
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.console import complain
from tutor.problems import (
    MAX_DRAWN,
    Asked,
    authors_errors,
    fresh_seed,
    open_bank,
    parse_code,
    tell_hidden,
    variant_of,
)
from tutor.quiz import Quiz
from tutor.record import Record
from tutor.refusal import Refusal
from tutor.render import Screen
from tutor.sandbox.runner import Sandbox
from tutor.terminal import Prompt

DEFAULT_COUNT = 10
MAX_COUNT = 1_000
COULD_NOT_RUN = 2
INTERRUPTED = 130


def run(
    names: Sequence[str],
    count: int | None,
    seed: int | None,
    again: bool,
    confidence: bool,
    banks: Sequence[str],
    plain: bool,
) -> int:
    """Ask, and return the exit code. Raises Refusal."""
    if again and names:
        raise Refusal("--again asks what went wrong last time; leave out the names")
    if count is not None and not 1 <= count <= MAX_COUNT:
        raise Refusal(f"-n {count}: from 1 to {MAX_COUNT:,} questions can be asked")
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise Refusal(f"--seed {seed}: a seed is a whole number from 0 to 2^63-1")
    bank = open_bank(banks)
    dice = Stream("quiz", fresh_seed() if seed is None else seed, "order", 0)
    screen = Screen(plain=plain)
    prompt = Prompt(screen)
    try:
        names = _names(names, again, screen, prompt, bank)
    except EOFError:
        return 0
    if again and not names:
        return 0
    items = choose(bank, names, count, dice)
    title = "once more" if again else " ".join(names) or "all topics"
    return ask_items(bank, items, dice, title, screen, prompt, confidence)


def _names(
    names: Sequence[str], again: bool, screen: Screen, prompt: Prompt, bank: Bank
) -> Sequence[str]:
    """What was named, went wrong, or is picked from the topics; none for all of them."""
    if again:
        from tutor.choosing import missed_last_time

        return missed_last_time(screen, bank)
    if not names and prompt.interactive:
        from tutor.choosing import offer

        return offer(screen, prompt, bank)
    return names


def ask_items(
    bank: Bank,
    items: Sequence[Asked],
    dice: Stream,
    title: str,
    screen: Screen,
    prompt: Prompt,
    confidence: bool,
) -> int:
    """Ask these questions, their numbers drawn by ``dice``, and sum up; the exit code.

    ``confidence``: whether to ask how sure the student is of an answer.
    """
    tell_hidden(bank, [item.id for item in items])
    with Sandbox() as sandbox:
        record = Record(time.time)
        quiz = Quiz(screen, prompt, record, title, len(items), sandbox, confidence)
        broken = _ask_all(quiz, bank, items, dice)
    if broken and not quiz.asked:
        return COULD_NOT_RUN
    quiz.summary()
    return INTERRUPTED if quiz.interrupted else 0


def _ask_all(quiz: Quiz, bank: Bank, items: Sequence[Asked], dice: Stream) -> set[str]:
    """Ask until the end; the ids of broken problems, each told once on stderr."""
    broken: set[str] = set()
    for at, item in enumerate(items):
        seed = item.seed if item.seed is not None else dice.below(MAX_DRAWN)
        if item.id in broken:
            continue
        try:
            if not _ask(quiz, bank, Asked(item.id, seed)):
                break
        except Refusal as refusal:
            complain(f"{item.id} is left out: {refusal}")
            broken.add(item.id)
            quiz.leave_out(sum(later.id == item.id for later in items[at:]))
    return broken


def _ask(quiz: Quiz, bank: Bank, item: Asked) -> bool:
    """One question; False when the student ends the quiz. Raises Refusal for an author's error."""
    variant = variant_of(bank, item)
    with authors_errors(bank, item.id):
        return quiz.ask(variant)


def choose(bank: Bank, names: Sequence[str], count: int | None, dice: Stream) -> list[Asked]:
    """The questions: every problem once before one comes again. Raises Refusal.

    Problems come in the order they are named in, those of a topic in a drawn order. There the
    first needs no arrays, if there is such a one: it is on the screen while NumPy loads.
    """
    pool: dict[Asked, None] = {}
    for name in names or bank.topics():
        asked = parse_code(name)
        try:
            ids = bank.resolve([asked.id])
        except UnknownName as error:
            raise Refusal(str(error)) from None
        if asked.seed is not None and asked.id not in ids:
            raise Refusal(f"{name}: a topic has no variants; name a problem")
        pool.update({Asked(id, asked.seed): None for id in ids})
    if not pool:
        raise Refusal("the bank holds no problems")
    ordered = bool(names) and all("/" in name for name in names)
    wanted = count or min(len(pool), DEFAULT_COUNT)
    items: list[Asked] = []
    while len(items) < wanted:
        again = [Asked(one.id, None) if items else one for one in pool]
        items += again if ordered else dice.sample(again, len(again))
    return items[:wanted] if ordered else _light_first(bank, items[:wanted])


def _light_first(bank: Bank, items: list[Asked]) -> list[Asked]:
    for at, item in enumerate(items):
        try:
            if not needs_arrays(bank.load(item.id)):
                return [item, *items[:at], *items[at + 1 :]]
        except BrokenProblemFile:
            continue
    return items
