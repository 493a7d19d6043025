"""``tutor diff``: which variants and stored attempts a change to a problem's file touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tutor.authoring.revisions import Difference, changed_attempts, differences, earlier
from tutor.console import counted
from tutor.documents import dump
from tutor.layout import points
from tutor.paths import store_path
from tutor.problems import load, open_bank
from tutor.record import opened_store
from tutor.refusal import Refusal
from tutor.store import Attempt
from tutor.stored import Regraded

DIFFERENT = 1
SHOWN = 60


class Request(NamedTuple):
    """What was asked for on the command line."""

    problem: str
    against: str
    seeds: int
    json: bool


def run(request: Request, banks: Sequence[str], plain: bool) -> int:
    """Print what differs; exit code 1 where anything does. Raises Refusal."""
    if not 0 <= request.seeds <= 10_000:
        raise Refusal(f"--seeds {request.seeds}: from 0 to 10,000 variants can be compared")
    bank = open_bank(banks)
    new = load(bank, request.problem)
    old = earlier(bank.path(new.id), new.id, request.against)
    attempts = _attempts(new.id)
    answered = {int(one.seed) for _, one in attempts if one.seed.isdigit()}
    seeds = [*([None] if new.original or old.original else []), *range(request.seeds)]
    found = list(differences(old, new, [*seeds, *sorted(answered - {*range(request.seeds)})]))
    changed = list(changed_attempts(attempts, old, new))
    if request.json:
        print(dump(_document(found, changed), indent=2))
    else:
        _show(found, changed, plain)
    return DIFFERENT if found or changed else 0


def _attempts(id: str) -> list[tuple[int, Attempt]]:
    """The stored attempts at a problem; none where nothing is stored."""
    if not store_path().exists():
        return []
    with opened_store() as store:
        return [(number, one) for number, one in store.current() if one.problem == id]


def _document(
    found: Sequence[Difference], changed: Sequence[tuple[Regraded, Regraded]]
) -> dict[str, object]:
    return {
        "variants": [one._asdict() for one in found],
        "attempts": [
            {
                "id": before.id,
                "code": before.attempt.code,
                "part": before.attempt.part,
                "response": before.attempt.response,
                "before": _earned(before),
                "after": _earned(after),
            }
            for before, after in changed
        ],
    }


def _earned(one: Regraded) -> str:
    if one.verdict is None:
        return f"not graded: {one.why}"
    return f"{one.verdict.verdict}, {points(one.verdict.score)}"


def _show(
    found: Sequence[Difference], changed: Sequence[tuple[Regraded, Regraded]], plain: bool
) -> None:
    from tutor.render import Screen

    screen = Screen(plain=plain)
    for code in dict.fromkeys(one.code for one in found):
        screen.line(code)
        for one in found:
            if one.code == code:
                told = " → ".join(_excerpts(one.before, one.after))
                screen.line(f"{one.what}: {told}", indent=2, hang=2)
    for before, after in changed:
        attempt = before.attempt
        screen.line(
            f"{attempt.at[:10]} {attempt.code} {attempt.part} › {attempt.response}: "
            f"{_earned(before)} → {_earned(after)}",
            hang=2,
        )
    variants = counted(len({one.code for one in found}), "variant")
    attempts = counted(len(changed), "stored attempt")
    screen.line(f"{variants} and {attempts} differ")


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Two texts from shortly before the place where they differ, on a line each."""
    first, second = " ".join(before.split()), " ".join(after.split())
    pairs = enumerate(zip(first, second, strict=False))
    same = next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))
    start = max(same - SHOWN // 3, 0) if max(len(first), len(second)) > SHOWN else 0
    return _short(first, start), _short(second, start)


def _short(line: str, start: int) -> str:
    kept = line[start:] if start == 0 else f"…{line[start + 1 :]}"
    return kept if len(kept) <= SHOWN else f"{kept[: SHOWN - 1]}…"
