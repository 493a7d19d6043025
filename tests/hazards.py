"""A package of reference functions that harm whoever calls them, and a bank that calls them."""

from __future__ import annotations

from pathlib import Path

FUNCTIONS = '''
import os
import signal
import time


def fine(n):
    return n + 1


def fails(n):
    raise ZeroDivisionError("on purpose")


def kills(n):
    os.kill(os.getpid(), signal.SIGKILL)


def loops(n):
    while True:
        try:
            n += 1
        except Exception:
            pass


def sleeps(n):
    time.sleep(600)


def holds(n):
    """One call into C that lets nobody else have the interpreter."""
    return sum(range(10**12))


def eats(n):
    return len(bytearray(64 << 30))


def quits(n):
    raise SystemExit(3)
'''
HARMFUL = ("fails", "kills", "loops", "sleeps", "holds", "eats", "quits")


def hazards(folder: Path) -> tuple[Path, Path]:
    """The folder to have on the path, and the bank: ``t/fine``, and a problem for each harm."""
    site, bank = folder / "site", folder / "bank"
    info = site / "hazards-1.0.dist-info"
    for made in (info, bank / "t"):
        made.mkdir(parents=True)
    (site / "hazardous.py").write_text(FUNCTIONS)
    names = ("fine", *HARMFUL)
    (info / "entry_points.txt").write_text(
        "[exam_tutor.functions]\n" + "".join(f"{name} = hazardous:{name}\n" for name in names)
    )
    for name in names:
        (bank / "t" / f"{name}.yaml").write_text(
            f"title: {name}\nparameters: {{n: 1..9}}\noriginal: {{n: 3}}\nquestion: What is it?\n"
            f"parts:\n  it: {{kind: integer, answer: {name}(n)}}\n"
        )
    return site, bank
