"""``tutor check``: grade one response, compare two expressions, or grade a file of rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.grading import grade
from engine.language.tokens import MAX_LENGTH
from engine.variant import Variant
from engine.verdict import CORRECT, INVALID, Verdict
from tutor.console import readable
from tutor.documents import dump, verdict_document
from tutor.problems import authors_errors, open_bank, parse_code, tell_hidden, variant_of
from tutor.record import tell_changed
from tutor.refusal import Refusal
from tutor.sandbox.runner import Sandbox

EXIT_CODES = {CORRECT: 0, INVALID: 3}
FILE_ENDINGS = (".jsonl", ".csv")
OPTIONS = ("-o", "-j", "--resume", "--timeout", "--format", "--scheduler", "--trust-code")
MAX_FILE = 4 * MAX_LENGTH


class ClassOptions(NamedTuple):
    """What goes with a file of responses only."""

    out: str | None = None
    jobs: int | None = None
    resume: bool = False
    timeout: float | None = None
    format: str = ""
    scheduler: str | None = None
    trust_code: bool = False


class Request(NamedTuple):
    """What was asked for on the command line."""

    problem: str | None
    answer: str | None
    answers: tuple[str, ...]
    reference: str | None
    symbols: str | None
    json: bool
    of_class: ClassOptions = ClassOptions()


def run(request: Request, banks: Sequence[str], plain: bool) -> int:
    """Grade, print, and return the verdict's exit code. Raises Refusal."""
    _refuse_what_does_not_fit(request)
    if request.reference is not None:
        return _report(_compare(request), None, request.json, plain)
    if request.problem is None:
        raise Refusal("name a problem and an answer: tutor check cnn/conv-output@original 6")
    if _is_file(request):
        return _grade_file(request, banks, plain)
    bank = open_bank(banks)
    asked = parse_code(request.problem)
    variant = variant_of(bank, asked)
    if not request.json:
        tell_hidden(bank, [asked.id])
        tell_changed(variant)
    responses = _responses(variant, request)
    with authors_errors(bank, asked.id), Sandbox(timed=not request.json) as run:
        verdict = grade(variant, responses, run=run)
    return _report(verdict, variant, request.json, plain)


def _is_file(request: Request) -> bool:
    problem = request.problem
    return problem is not None and (problem == "-" or problem.lower().endswith(FILE_ENDINGS))


def _refuse_what_does_not_fit(request: Request) -> None:
    if request.symbols is not None and request.reference is None:
        raise Refusal("--symbols goes with --reference")
    if request.reference is not None or not _is_file(request):
        for name, given, unless in zip(OPTIONS, request.of_class, ClassOptions(), strict=True):
            if given != unless:
                raise Refusal(f"{name} goes with a file of responses: tutor check FILE.jsonl")


def _responses(variant: Variant, request: Request) -> dict[str, str]:
    """Texts by part from ANSWER and ``-a PART=ANSWER``. Raises Refusal."""
    known = [part.id for part in variant.parts]
    responses: dict[str, str] = {}
    if request.answer is not None:
        if len(known) > 1:
            parts = ", ".join(known)
            raise Refusal(f"{variant.code} has several parts ({parts}): write -a PART=ANSWER")
        responses[known[0]] = readable(request.answer)
    for pair in request.answers:
        name, sign, text = pair.partition("=")
        name = name.strip()
        if not sign:
            raise Refusal(f"-a {pair}: write -a PART=ANSWER")
        if name not in known:
            raise Refusal(f"{variant.code} has no part {name}; its parts are {', '.join(known)}")
        if name in responses:
            raise Refusal(f"there are two answers for {name}")
        responses[name] = readable(_from_file(text[1:]) if text.startswith("@") else text)
    if not responses:
        raise Refusal(f"an answer is missing: tutor check {variant.code} ANSWER")
    return responses


def _from_file(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return file.read(MAX_FILE)
    except OSError as error:
        raise Refusal(f"{path}: {(error.strerror or 'unreadable').lower()}") from None


def _compare(request: Request) -> Verdict:
    from engine.comparison import compare
    from engine.language.errors import Unreadable

    texts = [text for text in (request.problem, request.answer) if text is not None]
    if len(texts) != 1 or request.answers:
        raise Refusal("write one answer: tutor check --reference 2x --symbols x ANSWER")
    assert request.reference is not None
    symbols = readable(request.symbols or "")
    try:
        return compare(readable(request.reference), symbols, readable(texts[0]))
    except Unreadable as error:
        raise Refusal(f"--reference and --symbols: {error.message}") from None


def _report(verdict: Verdict, variant: Variant | None, json: bool, plain: bool) -> int:
    if json:
        print(dump(verdict_document(verdict), indent=2))
    else:
        from tutor.render import Screen

        Screen(plain=plain).verdict(verdict, variant)
    return EXIT_CODES.get(verdict.verdict, 1)


def _grade_file(request: Request, banks: Sequence[str], plain: bool) -> int:
    from tutor.batch.run import SECONDS, ClassRequest, grade_file

    if request.answer is not None or request.answers:
        raise Refusal("a file is graded as it is: leave out the answer")
    assert request.problem is not None
    bank = open_bank(banks)
    tell_hidden(bank)
    asked = request.of_class
    seconds = SECONDS if asked.timeout is None else asked.timeout
    return grade_file(
        ClassRequest(
            source=request.problem,
            out=None if asked.out == "-" else asked.out,
            format=asked.format,
            jobs=asked.jobs,
            seconds=seconds,
            resume=asked.resume,
            trust_code=asked.trust_code,
            scheduler=asked.scheduler,
            plain=plain,
        ),
        bank,
    )
