"""``tutor gradescope-zip``: an autograder archive for an exam, and the students' papers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from engine.draws import MAX_SEED
from tutor.gradescope.archive import archive
from tutor.gradescope.config import Config, is_secret, new_secret
from tutor.gradescope.papers import Paper, Papers
from tutor.gradescope.results import FEEDBACK, VISIBILITIES
from tutor.gradescope.roster import students, write_papers
from tutor.layout import points
from tutor.problems import open_bank, tell_hidden
from tutor.refusal import Refusal


class Request(NamedTuple):
    """What was asked for on the command line."""

    exam: str
    out: str | None
    seed: int | None
    secret: str | None
    roster: str | None
    papers: str | None
    feedback: str
    show: str
    trust_code: bool


def run(request: Request, banks: Sequence[str]) -> int:
    """Write the archive, and the papers if asked for; tell what was made. Raises Refusal."""
    _refuse_what_does_not_fit(request)
    emails = students(request.roster) if request.roster is not None else []
    bank = open_bank(banks)
    tell_hidden(bank)
    config = _config(request)
    papers = Papers(bank, config)
    specimen = papers.of("")
    data = archive(bank, papers.blueprint, config)
    out = request.out or f"{papers.blueprint.id}.zip"
    count = 0 if request.papers is None else write_papers(papers, emails, request.papers)
    _write(Path(out), data)
    _tell(out, specimen, config)
    if request.papers is not None:
        print(f"{request.papers}: {count} paper{'' if count == 1 else 's'} with answer sheets")
    return 0


def _refuse_what_does_not_fit(request: Request) -> None:
    if request.feedback not in FEEDBACK:
        raise Refusal(f"--feedback {request.feedback}: it is {' or '.join(FEEDBACK)}")
    if request.show not in VISIBILITIES:
        raise Refusal(f"--show {request.show}: it is {', '.join(VISIBILITIES)}")
    if request.seed is not None and not 0 <= request.seed <= MAX_SEED:
        raise Refusal(f"--seed {request.seed}: a seed is a whole number from 0 to 2^63-1")
    if request.secret is not None and not is_secret(request.secret):
        raise Refusal("--secret: it is the one that an earlier call printed, hexadecimal")
    if request.seed is not None and request.roster is not None:
        raise Refusal("--roster is for papers of each student's own: leave out --seed")
    if request.roster is not None and request.papers is None:
        raise Refusal("--roster goes with --papers: where the papers are to be written")
    if request.papers is not None and request.roster is None and request.seed is None:
        raise Refusal("--papers needs --roster FILE, or --seed S for one paper for all")


def _config(request: Request) -> Config:
    return Config(
        request.exam,
        request.secret or new_secret(),
        request.seed,
        request.feedback,
        VISIBILITIES[request.show],
        request.trust_code,
    )


def _write(path: Path, data: bytes) -> None:
    """Replace an earlier archive; it holds the secret, so that others on the machine get none."""
    try:
        if path.exists() and not path.read_bytes()[:2] == b"PK":
            raise Refusal(f"{path} exists and is no archive: name another file")
        part = path.with_name(path.name + ".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(part, path)
    except OSError as error:
        raise Refusal(f"{path} can't be written: {error.strerror or error}") from None


def _tell(out: str, paper: Paper, config: Config) -> None:
    total = points(Fraction(sum(one.points for one in paper.questions)))
    whose = "a paper for each student" if config.seed is None else "one paper for all"
    print(f"{out}: {paper.title}, {len(paper.questions)} questions, {total}, {whose}")
    print(f"secret {config.secret}: with --secret, the same papers are made again; keep it")
