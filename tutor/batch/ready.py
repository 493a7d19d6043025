"""All that grading needs, imported once for the workers that are forked off afterwards.

What is imported stays: no collector of garbage looks at it again, which would copy its memory into
every worker. Grading makes many trees and few cycles, so that collecting seldom is enough.
"""

from __future__ import annotations

import gc

import tutor.batch.grader  # noqa: F401
from engine.preload import load_libraries

OBJECTS = 200_000
"""New objects after which garbage is looked for."""

load_libraries()
gc.freeze()
gc.set_threshold(OBJECTS)
