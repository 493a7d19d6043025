"""An earlier revision of a problem's file beside today's: what changes for whom."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.kinds import kind_of
from engine.problem import BrokenProblem, Problem
from engine.text import linear
from engine.variant import Variant, make_variant
from tutor.bank.bank import MAX_READ, read_file
from tutor.bank.findings import Findings
from tutor.bank.reader import read_problem
from tutor.documents import parameters_document
from tutor.refusal import Refusal
from tutor.store import Attempt
from tutor.stored import Regraded, regraded

WAIT = 20.0


class Difference(NamedTuple):
    """One thing that a variant shows or takes for right: what it was, what it is."""

    code: str
    what: str
    before: str
    after: str


def earlier(path: str, id: str, revision: str) -> Problem:
    """The problem as it was: ``revision`` is a file, or a revision of Git's. Raises Refusal."""
    if os.path.isfile(revision):
        reading = read_file(revision, id)
    else:
        reading = read_problem(_from_git(path, revision), id, f"{revision}:{path}")
    if isinstance(reading, Findings):
        raise Refusal(str(reading[0]))
    return reading


def _from_git(path: str, revision: str) -> bytes:
    folder, name = os.path.split(os.path.abspath(path))
    if not revision or revision.startswith("-"):
        raise Refusal(f"--against {revision}: name a revision of Git's, or a file")
    command = ["git", "-C", folder, "show", f"{revision}:./{name}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WAIT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise Refusal(f"--against {revision}: there is no such file, and no Git to ask") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise Refusal(f"--against {revision}: {said.removeprefix('fatal: ')}")
    return done.stdout[:MAX_READ]


def differences(old: Problem, new: Problem, seeds: Sequence[int | None]) -> Iterator[Difference]:
    """What differs in the original and in the variants of these seeds."""
    for seed in seeds:
        before, after = _variant(old, seed), _variant(new, seed)
        code = f"{new.id}@{'original' if seed is None else seed}"
        if isinstance(before, str) or isinstance(after, str):
            told = [one if isinstance(one, str) else "a variant" for one in (before, after)]
            if told[0] != told[1]:
                yield Difference(code, "variant", *told)
            continue
        shown = [_shown(variant) for variant in (before, after)]
        for what in {**shown[0], **shown[1]}:
            pair = [side.get(what, "nothing") for side in shown]
            if pair[0] != pair[1]:
                yield Difference(code, what, *pair)


def _variant(problem: Problem, seed: int | None) -> Variant | str:
    """The variant, or why there is none."""
    try:
        return make_variant(problem, seed)
    except BrokenProblem as error:
        return error.message


def _shown(variant: Variant) -> dict[str, str]:
    """All that a student sees of a variant, and what is right."""
    told = {
        f"parameter {name}": str(value)
        for name, value in parameters_document(variant.parameters).items()
    }
    told["question"] = linear(variant.question)
    for part in variant.parts:
        told[f"{part.id} asks"] = linear(part.asked.ask)
        told[f"{part.id} points"] = str(part.points)
        if part.asked.choices:
            told[f"{part.id} options"] = "; ".join(c.text for c in part.asked.choices)
        told[f"{part.id} answer"] = kind_of(part.asked.kind).write(part.reference, part.asked)
    return told


def changed_attempts(
    attempts: Sequence[tuple[int, Attempt]], old: Problem, new: Problem
) -> Iterator[tuple[Regraded, Regraded]]:
    """The stored attempts that earn something else under today's problem than under the old."""
    before = regraded(attempts, lambda id: old)
    after = regraded(attempts, lambda id: new)
    for one, other in zip(before, after, strict=True):
        if _earned(one) != _earned(other):
            yield one, other


def _earned(one: Regraded) -> object:
    return one.why if one.verdict is None else (one.verdict.verdict, one.verdict.score)
