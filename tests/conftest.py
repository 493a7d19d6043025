"""Property tests try the same examples in every run; HYPOTHESIS_PROFILE=search tries new ones."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tutor.sandbox.runner import Sandbox

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def run() -> Iterator[Sandbox]:
    """What runs code answers."""
    with Sandbox(timed=False) as sandbox:
        yield sandbox
