"""``tutor lint``: everything that is wrong with problem files, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tutor import __version__
from tutor.bank.findings import Finding
from tutor.console import clean, complain, counted
from tutor.linting.files import counts
from tutor.linting.formats import FORMATS, as_github, as_json, as_sarif
from tutor.linting.several import check_files
from tutor.linting.targets import Chosen, choose
from tutor.problems import open_bank
from tutor.refusal import Refusal

FOUND = 1
MAX_SEEDS = 10_000


class Request(NamedTuple):
    """What was asked for on the command line."""

    paths: tuple[str, ...]
    seeds: int
    format: str
    info: bool


def run(request: Request, banks: Sequence[str]) -> int:
    """Print the findings; 1 if there are any, else 0. Raises Refusal."""
    if request.format not in FORMATS:
        raise Refusal(f"--format {request.format}: one of {', '.join(FORMATS)}")
    if not 1 <= request.seeds <= MAX_SEEDS:
        raise Refusal(f"--seeds {request.seeds}: from 1 to {MAX_SEEDS:,}")
    chosen = choose(request.paths, open_bank(banks))
    found = _findings(chosen, request)
    if request.format == "text":
        return FOUND if _tell(found, chosen, request) else 0
    findings = list(found)
    if request.format == "json":
        print(as_json(findings))
    elif request.format == "sarif":
        print(as_sarif(findings, __version__))
    elif findings:
        print(as_github(findings))
    return FOUND if counts(findings) else 0


def _findings(chosen: Chosen, request: Request) -> Iterator[Finding]:
    """What is wrong beside the files, then with each of them."""
    yield from chosen.findings
    for found in check_files(chosen.targets, request.seeds, measures=request.info):
        yield from found


def _tell(found: Iterator[Finding], chosen: Chosen, request: Request) -> int:
    """Print findings as they come, and at the end how many there are."""
    findings = []
    for finding in found:
        print(clean(str(finding)), flush=True)
        findings.append(finding)
    count = counts(findings)
    problems = counted(len(chosen.targets), "problem")
    complain(f"{problems}, {counted(request.seeds, 'seed')} each: {counted(count, 'finding')}")
    return count
