"""Grading one submission where Gradescope has laid it out; a result is written in any case.

What a student may read goes into ``results/results.json``, all else to stdout, which only the
instructor sees. Answers are graded by ``tutor check`` in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tutor.gradescope.config import FILE, Config
from tutor.gradescope.config import read as read_config
from tutor.gradescope.papers import SHEET, Paper, Papers, Question, paper_text, sheet_text
from tutor.gradescope.results import (
    Document,
    document,
    notice,
    reading_lines,
    results_document,
)
from tutor.gradescope.sheet import Filled, paper_key, read_sheet
from tutor.gradescope.submission import NoSheet, sheet_of
from tutor.problems import open_bank
from tutor.sandbox.runner import Sandbox

BANK = "bank"
SECONDS = 420.0
"""For all answers together: Gradescope ends a run after ten minutes."""

ROW_SECONDS = 60
"""For one question."""

MAX_PAPER = 60_000
FAILED = (
    "Something went wrong in grading, and it is not your fault. Your instructor has been left a "
    "note of what happened. Nothing was marked: hand in again when you are told to."
)
NOBODY = (
    "Gradescope has not said whose submission this is, so it is not known which paper it should "
    "answer. Nothing was marked: please tell your instructor."
)
Row = Mapping[str, Any]


class Graded(NamedTuple):
    """What came of a submission: result rows, and texts for the student."""

    rows: list[Row]
    output: str
    notices: list[Document]


def run(root: str) -> int:
    """Grade the submission below ``root``, Gradescope's ``/autograder``. Returns 0."""
    place = Path(root)
    try:
        results = _results(place)
    except Exception:
        traceback.print_exc(file=sys.stdout)
        results = document([], FAILED)
    _write(place / "results" / "results.json", results)
    return 0


def _results(root: Path) -> Document:
    source = root / "source"
    config = read_config((source / FILE).read_text(encoding="utf-8"))
    folder = source / BANK
    papers = Papers(open_bank([str(folder)] if folder.is_dir() else []), config)
    emails = _emails(root / "submission_metadata.json")
    if config.seed is None and not emails:
        print("submission_metadata.json names no e-mail address")
        return document([], NOBODY)
    own = [papers.of(email) for email in emails[: None if config.seed is None else 1] or [""]]
    print(f"{', '.join(emails) or 'somebody'}: paper {', '.join(paper.id for paper in own)}")
    graded = _graded(str(root / "submission"), own, config, folder)
    results = results_document(graded.rows, feedback=config.feedback, visibility=config.visibility)
    if config.visibility != "visible" and (read := "\n".join(_read(graded.rows))):
        graded.notices.append(notice("How your answers were read", read, most=MAX_PAPER))
    return document([*graded.notices, *results["tests"]], graded.output)


def _emails(path: Path) -> list[str]:
    """The addresses of those who hand in: several for a group."""
    try:
        users = json.loads(path.read_text(encoding="utf-8"))["users"]
        found = [user.get("email") for user in users]
        return [email for email in found if isinstance(email, str) and email.strip()]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"submission_metadata.json can't be used: {error!r}")
        return []


def _graded(submission: str, own: Sequence[Paper], config: Config, bank: Path) -> Graded:
    """The submission graded against the paper that it names, if that is the student's own."""
    paper = own[0]
    try:
        text = sheet_of(submission)
        filled = read_sheet(text, paper.labels)
        if filled.paper:
            paper = _named(filled.paper, own)
            filled = read_sheet(text, paper.labels)
    except NoSheet as reason:
        print(f"not graded: {reason}")
        return Graded(_blank(paper), f"{reason} {_HELP}", _handed_out(paper))
    output = [f"Paper {paper.id}: {len(filled.answers)} of {len(paper.labels)} answers are given."]
    if not filled.paper:
        output.append("The sheet names no paper; it was graded as yours.")
    notices = [] if filled.answers else _handed_out(paper)
    rows = _rows(paper, filled, config, bank)
    return Graded(rows, "\n".join([*output, *filled.remarks]), notices)


_HELP = f"Your paper and an empty answer sheet stand below: copy the sheet into {SHEET}."


def _named(id: str, own: Sequence[Paper]) -> Paper:
    """The paper that a sheet names. Raises NoSheet where it is somebody else's."""
    for paper in own:
        if paper_key(paper.id) == id:
            return paper
    told = " or ".join(paper.id for paper in own)
    raise NoSheet(f"This is the answer sheet of another paper ({id}); yours is {told}.")


def _handed_out(paper: Paper) -> list[Document]:
    return [
        notice("Your paper", paper_text(paper), most=MAX_PAPER),
        notice("Your answer sheet", sheet_text(paper), most=MAX_PAPER),
    ]


def _blank(paper: Paper) -> list[Row]:
    return [_ungraded(one, "There was nothing to grade.") for one in paper.questions]


def _ungraded(one: Question, why: str) -> Row:
    named = {"number": one.number, "title": one.variant.problem.title}
    return {**named, "max_score": one.points, "verdict": "invalid", "error": why}


def _read(rows: Sequence[Row]) -> Iterator[str]:
    """How each answer was read, without a verdict."""
    for row in rows:
        for part in row.get("parts") or ():
            if str(part.get("response")).strip():
                yield f"{row['number']}.{part['id']}"
                yield from (f"    {line}" for line in reading_lines(part))


# -- grading ---------------------------------------------------------------------------------------


def _rows(paper: Paper, filled: Filled, config: Config, bank: Path) -> list[Row]:
    """A graded row a question, its marks as points of the paper."""
    asked = [_asked(one, filled) for one in paper.questions]
    if not config.trust_code and not _confines(paper, filled):
        print("code answers are not run: nothing here confines them (see `tutor doctor`)")
        asked = [row for row in asked if row["number"] not in _with_code(paper, filled)]
    found = _checked(asked, config, bank)
    return [_scaled(one, found.get(one.number, {})) for one in paper.questions]


def _confines(paper: Paper, filled: Filled) -> bool:
    """Whether code can be run: there is none, or the system keeps it from all else."""
    if not _with_code(paper, filled):
        return True
    with Sandbox(timed=False) as sandbox:
        return sandbox.layers.guarded


def _with_code(paper: Paper, filled: Filled) -> set[int]:
    """The numbers of the questions that were answered with code."""
    return {
        one.number
        for one in paper.questions
        for part in one.variant.parts
        if part.asked.kind == "code" and one.label(part.id) in filled.answers
    }


def _asked(one: Question, filled: Filled) -> Row:
    answers = {
        part.id: filled.answers[label]
        for part in one.variant.parts
        if (label := one.label(part.id)) in filled.answers
    }
    return {"number": one.number, "problem": one.variant.code, "answers": answers}


def _scaled(one: Question, row: Row) -> Row:
    """The row with the question's title and points; its code is left out."""
    if not row.get("parts"):
        print(f"question {one.number}, {one.variant.code}: {row.get('error', 'not graded')}")
        return _ungraded(one, "This question could not be graded; your instructor has a note.")
    parts = [
        {**part, "score": round(worth * _share(part), 2), "max_score": worth}
        for part, worth in zip(row["parts"], one.worths, strict=True)
    ]
    return {"number": one.number, "title": one.variant.problem.title, "parts": parts}


def _share(part: Row) -> float:
    """The share of a part's marks that was earned."""
    return float(part["score"] / part["max_score"]) if part["max_score"] else 0.0


def _checked(asked: Sequence[Row], config: Config, bank: Path) -> dict[int, Row]:
    """The rows that ``tutor check`` has graded, by number.

    Where it ends or hangs on a row, that one is left out and the others go on.
    """
    deadline = time.monotonic() + SECONDS
    left, found = list(asked), dict[int, Row]()
    while left and time.monotonic() < deadline:
        limit = (deadline - time.monotonic()) / (2 if len(left) > 1 else 1)
        with tempfile.TemporaryDirectory() as folder:
            done = _check(left, Path(folder), config, bank, limit)
        found |= {row["number"]: row for row in done}
        waiting = [row for row in left if row["number"] not in found]
        if waiting:
            print(f"question {waiting[0]['number']} could not be graded: it is left out")
        left = waiting[1:]
    return found


def _check(
    rows: Sequence[Row], folder: Path, config: Config, bank: Path, seconds: float
) -> list[Row]:
    """One run of ``tutor check`` over the rows: those that it has finished."""
    source, out = folder / "rows.jsonl", folder / "graded.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-I", "-X", "utf8", "-m", "tutor", "check", str(source)]
    command += ["-o", str(out), "-j", "1", "--timeout", str(ROW_SECONDS)]
    command += ["--trust-code"] if config.trust_code else []
    command += ["--bank", str(bank)] if bank.is_dir() else []
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
        print(ended.stdout.decode("utf-8", "replace").strip())
    except subprocess.TimeoutExpired:
        print(f"tutor check was ended after {seconds:.0f} seconds")
    lines = out.read_text(encoding="utf-8").splitlines(True) if out.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _write(path: Path, results: Document) -> None:
    """Replace what is there by the whole of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    os.replace(part, path)
