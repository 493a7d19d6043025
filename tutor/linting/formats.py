"""Findings for people, for programs, and for services that annotate a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tutor.bank.findings import Finding
from tutor.documents import Document, dump

FORMATS = ("text", "json", "sarif", "github")
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_GITHUB_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def as_json(findings: Sequence[Finding]) -> str:
    """The array of the command line's contract."""
    return dump([_document(finding) for finding in findings], indent=2)


def _document(finding: Finding) -> Document:
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "trail": list(finding.trail),
        "message": finding.message,
        "severity": finding.severity,
        "check": finding.check,
    }


def as_sarif(findings: Sequence[Finding], version: str) -> str:
    """One run in SARIF 2.1.0, which code hosts show beside the lines of a change."""
    rules = sorted({finding.check for finding in findings})
    driver = {
        "name": "tutor lint",
        "version": version,
        "rules": [{"id": rule, "shortDescription": {"text": _sentence(rule)}} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules) for finding in findings],
    }
    return dump({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(finding: Finding, rules: Sequence[str]) -> dict[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(finding.file)},
            "region": region,
        }
    }
    if finding.trail:
        place["logicalLocations"] = [{"fullyQualifiedName": "/".join(finding.trail)}]
    return {
        "ruleId": finding.check,
        "ruleIndex": rules.index(finding.check),
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [place],
    }


def _sentence(check: str) -> str:
    """``Names are used.``"""
    return f"{check.replace('_', ' ').capitalize()}."


def _uri(file: str) -> str:
    """A path below the working folder as it is, any other with its scheme."""
    from pathlib import Path
    from urllib.parse import quote

    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def as_github(findings: Sequence[Finding]) -> str:
    """A workflow command a finding."""
    return "\n".join(map(_command, findings))


def _command(finding: Finding) -> str:
    level = _GITHUB_LEVELS[finding.severity]
    title = " → ".join(finding.trail) or "the file"
    place = (
        f"file={_property(finding.file)},line={finding.line},col={finding.column},"
        f"title={_property(title)}"
    )
    return f"::{level} {place}::{_data(finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
