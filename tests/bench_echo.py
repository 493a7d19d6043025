"""How soon a key is echoed at the prompt while NumPy and SymPy load behind it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path
from statistics import median, quantiles

TUTOR = str(Path(sys.executable).with_name("tutor"))
STARTS = 8
KEYS = 40
BETWEEN = 0.03  # seconds: somebody who types fast
AIM = 20.0  # ms
LETTERS = b"xyz"


def row(environment: dict[str, str]) -> str:
    """A line for the table: all keys of all starts."""
    echoes = [echo for _ in range(STARTS) for echo in _echoes(environment)]
    p99 = quantiles(echoes, n=100)[98]
    return (
        f"{'key echo':19}median {median(echoes):5.1f} ms   99 % {p99:5.1f} ms"
        f"   worst {max(echoes):5.1f} ms   aim {AIM:.0f} ms, {len(echoes)} keys"
    )


def _echoes(environment: dict[str, str]) -> list[float]:
    """Milliseconds from each key to the first byte behind it, from the first prompt on."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 80))
    program = subprocess.Popen(
        [TUTOR, "quiz", "gradients/partials@original"],
        env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = b""
        while "›".encode() not in shown:
            shown += os.read(ours, 65_536)
        return [_echo(ours, LETTERS[key % 3 : key % 3 + 1]) for key in range(KEYS)]
    finally:
        program.kill()
        program.wait()
        os.close(ours)


def _echo(terminal: int, key: bytes) -> float:
    while select.select([terminal], [], [], BETWEEN)[0]:
        os.read(terminal, 65_536)
    pressed = time.perf_counter()
    os.write(terminal, key)
    shown = b""
    while key not in shown:
        select.select([terminal], [], [])
        shown += os.read(terminal, 65_536)
    return 1000 * (time.perf_counter() - pressed)
