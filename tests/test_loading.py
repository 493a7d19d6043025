"""Libraries that load behind the prompt: what keeps a key waiting meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys

from test_store import CHECKOUT

# In a process of its own: here the libraries are loaded already.
LOAD = """
import gc, json, sys, threading, time
from engine.variant import make_variant
from tutor.bank.bank import Bank, bank_folders
from tutor.loading import Loading

# One whose keys are written as derivatives, so that the algebra is loaded too.
variant = make_variant(Bank(bank_folders()).load("gradients/partials"), None)
collections = []
gc.callbacks.append(lambda phase, about: collections.append(about))
usual = sys.getswitchinterval()
loading, told = Loading(), []
loading.then(lambda: told.append(len(collections)))
loading.start(variant)
while not told:
    time.sleep(0.01)
print(json.dumps({
    "done": loading.done,
    "loaded": "sympy" in sys.modules and "numpy" in sys.modules,
    "collections": collections[: told[0]],
    "enabled": gc.isenabled(),
    "usual": sys.getswitchinterval() == usual,
    "objects": len(gc.get_objects()), "frozen": gc.get_freeze_count(),
}))
"""


def test_nothing_is_collected_while_libraries_load() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["done"] and found["loaded"] and found["enabled"] and found["usual"]
    assert found["collections"] == []
    assert found["objects"] < found["frozen"] / 10, "later collections have little to look through"
