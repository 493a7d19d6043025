"""``tutor schema``: the JSON Schema of a problem file."""

from __future__ import annotations

from tutor.bank.schema import bank_schema, problem_schema
from tutor.documents import dump


def run(of_bank: bool) -> int:
    """Print the schema of a problem file, or of ``bank.yaml``."""
    print(dump(bank_schema() if of_bank else problem_schema(), indent=2))
    return 0
