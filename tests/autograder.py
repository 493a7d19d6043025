"""Gradescope's side for the tests: the documented layout, and the schema of results.json.

Sources: https://gradescope-autograders.readthedocs.io/en/latest/specs/ and …/submission_metadata/.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
_FORMAT = {"enum": ["text", "simple_format", "html", "md", "ansi"]}
_TEXT = {"type": "string", "pattern": r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\ud800-\uf8ff]*$"}
TEST = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "max_score": {"type": "number", "minimum": 0},
        "status": {"enum": ["passed", "failed"]},
        "name": {**_TEXT, "maxLength": 200},
        "name_format": _FORMAT,
        "number": {"type": "string"},
        "output": _TEXT,
        "output_format": {"const": "text"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number", "minimum": 0},
        "output": _TEXT,
        "output_format": {"const": "text"},
        "test_output_format": {"const": "text"},
        "test_name_format": {"const": "text"},
        "visibility": _VISIBILITY,
        "stdout_visibility": {"const": "hidden"},
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": TEST},
        "leaderboard": {"type": "array"},
    },
    "anyOf": [
        {"required": ["score"]},
        {
            "required": ["tests"],
            "properties": {"tests": {"contains": {"type": "object", "required": ["score"]}}},
        },
    ],
}


def valid(results: dict[str, Any]) -> dict[str, Any]:
    """The document, which keeps to the documented schema."""
    Draft202012Validator.check_schema(RESULTS)
    Draft202012Validator(RESULTS).validate(results)
    return results


def earned(results: dict[str, Any]) -> float:
    """What Gradescope would show as the score."""
    if "score" in results:
        return float(results["score"])
    return round(sum(test.get("score", 0) for test in results["tests"]), 4)


def metadata(emails: Sequence[str]) -> str:
    """``submission_metadata.json``, as the documentation shows it."""
    users = [{"email": email, "id": at, "name": "Some Body"} for at, email in enumerate(emails, 1)]
    assignment = {
        "due_date": "2018-07-31T23:00:00.000000-07:00",
        "group_size": 4,
        "group_submission": True,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": None,
        "release_date": "2018-07-02T00:00:00.000000-07:00",
        "title": "Programming Assignment 1",
        "total_points": "20.0",
    }
    told = {"id": 123456, "created_at": "2018-07-01T14:22:32.365935-07:00"}
    more = {"submission_method": "upload", "previous_submissions": []}
    return json.dumps({**told, "assignment": assignment, "users": users, **more})


def laid_out(root: Path, archive: Path, *emails: str) -> Path:
    """The folders as they are when ``run_autograder`` begins."""
    for name in ("submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            Path(packed.extract(entry, root / "source")).chmod(entry.external_attr >> 16)
    if emails:
        (root / "submission_metadata.json").write_text(metadata(emails))
    return root


def results_of(root: Path) -> dict[str, Any]:
    """What was written, which keeps to the schema."""
    return valid(json.loads((root / "results" / "results.json").read_text(encoding="utf-8")))
