"""``tutor regrade``: stored attempts graded anew; who changes, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tutor.bank.bank import UnknownName
from tutor.documents import Document, dump
from tutor.problems import open_bank
from tutor.record import opened_store
from tutor.refusal import Refusal
from tutor.store import Regrade
from tutor.stored import Regraded, problems_of, regraded


class Request(NamedTuple):
    """What was asked for on the command line."""

    names: tuple[str, ...]
    write: bool
    json: bool


def run(request: Request, banks: Sequence[str], plain: bool) -> int:
    """Print what changes; with ``write`` keep the new verdicts beside the old. Raises Refusal."""
    bank = open_bank(banks)
    try:
        wanted = set(bank.resolve(request.names)) if request.names else None
    except UnknownName as error:
        raise Refusal(str(error)) from None
    with opened_store() as store:
        attempts = [
            (id, one) for id, one in store.current() if wanted is None or one.problem in wanted
        ]
        found = list(regraded(attempts, problems_of(bank)))
        changed = [one for one in found if one.changed]
        if request.write:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            store.regrade([_kept(one, now) for one in changed])
    if request.json:
        print(dump(_document(found), indent=2))
    else:
        _show(found, request.write, plain)
    return 0


def _kept(one: Regraded, now: str) -> Regrade:
    assert one.verdict is not None
    return Regrade(
        one.id,
        now,
        one.revision,
        one.verdict.verdict,
        one.verdict.note,
        float(one.verdict.score),
        float(one.verdict.max_score),
    )


def _document(found: Sequence[Regraded]) -> Document:
    return {
        "attempts": len(found),
        "changed": [_change(one) for one in found if one.changed],
        "ungraded": [
            {"id": one.id, "code": one.attempt.code, "part": one.attempt.part, "reason": one.why}
            for one in found
            if one.verdict is None
        ],
    }


def _change(one: Regraded) -> Document:
    assert one.verdict is not None
    before, after = one.attempt, one.verdict
    return {
        "id": one.id,
        "at": before.at,
        "code": before.code,
        "part": before.part,
        "response": before.response,
        "redrawn": one.redrawn,
        "before": {"verdict": before.verdict, "note": before.note, "score": before.score},
        "after": {"verdict": after.verdict, "note": after.note, "score": float(after.score)},
    }


def _show(found: Sequence[Regraded], written: bool, plain: bool) -> None:
    from tutor.render import Screen

    screen = Screen(plain=plain)
    for one in found:
        if one.verdict is None:
            screen.line(f"{_head(one)}: not graded: {one.why}", hang=2)
        elif one.changed:
            screen.line(f"{_head(one)}: {_told(one)}", hang=2)
    changed = [one for one in found if one.changed]
    gained = sum(float(one.verdict.score) - one.attempt.score for one in changed if one.verdict)
    attempts = f"{len(changed)} of {len(found)} attempt" + ("" if len(found) == 1 else "s")
    kept = "written" if written else "nothing is written without --write"
    tail = f" ({gained:+g} points); {kept}" if changed else ""
    screen.line(f"{attempts} change{tail}")


def _head(one: Regraded) -> str:
    attempt = one.attempt
    return f"{attempt.at[:10]} {attempt.code} {attempt.part} › {attempt.response}"


def _told(one: Regraded) -> str:
    assert one.verdict is not None
    before, after = one.attempt, one.verdict
    drawn = "; its numbers were drawn anew" if one.redrawn else ""
    return (
        f"{before.verdict} {before.score:g} → {after.verdict} {float(after.score):g} "
        f"of {float(after.max_score):g}{drawn}"
    )
