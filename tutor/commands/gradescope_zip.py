"""``tutor gradescope-zip``: an autograder archive for an exam, and the students' papers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

from engine.draws import MAX_SEED
from tutor.console import counted
from tutor.gradescope.archive import archive
from tutor.gradescope.config import FILE, Config, is_secret, new_secret, read
from tutor.gradescope.papers import Paper, Papers
from tutor.gradescope.results import FEEDBACK, VISIBILITIES
from tutor.gradescope.roster import empty_folder, students, write_papers
from tutor.layout import points
from tutor.problems import open_bank, tell_hidden
from tutor.refusal import Refusal
from tutor.render_progress import meter


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


def run(request: Request, banks: Sequence[str], plain: bool) -> int:
    """Write the archive, and the papers if asked for; tell what was made. Raises Refusal.

    The archive and its secret come first: without them, papers would be worth nothing.
    """
    _refuse_what_does_not_fit(request)
    emails = students(request.roster) if request.roster is not None else []
    bank = open_bank(banks)
    tell_hidden(bank)
    config = _config(request)
    papers = Papers(bank, config)
    specimen = papers.of("")
    out = request.out or f"{papers.blueprint.id}.zip"
    _refuse_to_replace(Path(out), request.secret)
    if request.papers is not None:
        empty_folder(request.papers)
    _write(Path(out), archive(bank, papers.blueprint, config))
    _tell(out, specimen, config)
    if request.papers is not None:
        with meter("papers", plain=plain) as shown:
            count = write_papers(papers, emails, request.papers, shown)
        print(f"{request.papers}: {counted(count, 'paper')} with answer sheets")
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


def _refuse_to_replace(path: Path, secret: str | None) -> None:
    """Raise Refusal where something else would be lost, or the secret of papers that are out."""
    if not os.path.exists(path):
        return
    try:
        with ZipFile(path) as earlier:
            kept = read(earlier.read(FILE).decode()).secret
    except Exception:  # whatever it is, it is nothing that this command wrote
        raise Refusal(f"{path} exists and is no archive of an exam: name another file") from None
    if secret is None or bytes.fromhex(secret) != bytes.fromhex(kept):
        raise Refusal(
            f"{path} exists, and papers drawn with its secret may be out: "
            "go on with its --secret, or name another file with -o"
        )


def _write(path: Path, data: bytes) -> None:
    """Write the archive; it holds the secret, so that others on the machine get no rights."""
    try:
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
