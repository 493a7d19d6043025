"""``tutor quiz``: choose the questions, open the store, ask."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from engine.draws import Stream
from engine.problem import BrokenProblem
from engine.template import needs_arrays
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank, BrokenProblemFile, UnknownName
from tutor.problems import Asked, Refusal, finding, fresh_seed, open_bank, parse_code
from tutor.quiz import Quiz, Record
from tutor.render import Screen
from tutor.terminal import Prompt

DEFAULT_COUNT = 10
INTERRUPTED = 130


def run(
    names: Sequence[str], count: int | None, seed: int | None, banks: Sequence[str], plain: bool
) -> int:
    """Ask, and return the exit code. Raises Refusal."""
    bank = open_bank(banks)
    dice = Stream("quiz", fresh_seed() if seed is None else seed, "order", 0)
    items = choose(bank, names, count, dice)
    screen = Screen(plain=plain)
    prompt = Prompt(plain=plain)
    record = Record(time.time)
    title = " ".join(names) or "all topics"
    quiz = Quiz(screen, prompt, record, title, len(items))
    for number, item in enumerate(items, 1):
        variant = _variant(bank, item, dice, screen)
        if variant is not None and not quiz.ask(variant, number):
            break
    quiz.summary()
    return INTERRUPTED if quiz.interrupted else 0


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


def _variant(bank: Bank, item: Asked, dice: Stream, screen: Screen) -> Variant | None:
    """The variant to ask; an author's error is told on stderr, and the quiz goes on."""
    seed = item.seed if item.seed is not None else dice.below(1_000_000)
    try:
        return make_variant(bank.load(item.id), None if isinstance(seed, str) else seed)
    except BrokenProblemFile as error:
        message = str(error)
    except BrokenProblem as error:
        message = str(finding(bank, item.id, error))
    print(f"tutor: {item.id} is left out: {message}", file=sys.stderr)
    return None
