"""All that grading needs, imported once for the workers that are forked off afterwards."""

from __future__ import annotations

import tutor.batch.grader  # noqa: F401
from engine.preload import load_libraries

load_libraries()
