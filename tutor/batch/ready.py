"""What grading needs, imported once for the workers that are forked off afterwards.

SymPy isn't among it: few keys need it, and it takes longer to import than all else.

What is imported stays: no collector of garbage looks at it again, which would copy its memory into
every worker. Grading makes many trees and few cycles, so that collecting seldom is enough.
"""

from __future__ import annotations

import gc
from importlib import import_module

from engine.preload import load_libraries

NEEDED = (
    *("tutor.batch.grader", "tutor.bank.reader", "yaml"),
    *("engine.diagnosis", "engine.equality.residues", "engine.equality.sizes"),
    *("engine.coding.slips", "engine.coding.tasks"),
    *("tutor.sandbox.pool", "tutor.sandbox.replies"),
)
"""What is imported only where a row asks for it."""
OBJECTS = 200_000
"""New objects after which garbage is looked for."""

load_libraries()
for name in NEEDED:
    import_module(name)
gc.freeze()
gc.set_threshold(OBJECTS)
