"""How soon the program answers, beside the bare import of the libraries that it can't do without.

``make bench`` prints, for each row, the median ratio of interleaved pairs (one start of the
program, one bare import), so that what else the machine is doing weighs on both alike. Then it
prints how soon and how rightly expressions are compared (``bench_equality``), how soon code answers
are graded (``bench_code``), and how many rows a second a class is (``bench_class``).
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import bench_class
import bench_code
import bench_echo
import bench_equality

PAIRS = 15
LONGEST = 60.0
TUTOR = str(Path(sys.executable).with_name("tutor"))
PARTIALS = "fx=2xy + yz + e^x y^3 z^2"


class Row(NamedTuple):
    """What is measured, over the import of what, and the ratio it should stay below."""

    name: str
    arguments: tuple[str, ...]
    libraries: str
    aim: float
    question: bool = False


ROWS = (
    Row(
        "first question",
        ("quiz", "cnn", "--seed", "1"),
        "typer, rich.console, yaml, sqlite3",
        1.3,
        question=True,
    ),
    Row("--help", ("--help",), "typer", 1.3),
    Row(
        "check, an integer",
        ("check", "cnn/conv-output@original", "6"),
        "typer, rich.console, yaml",
        1.3,
    ),
    Row(
        "check, symbolic",
        ("check", "gradients/partials@original", "-a", PARTIALS),
        "typer, rich.console, sympy, flint",
        1.3,
    ),
)


def main() -> None:
    """Measure every row and print it."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "TUTOR_HOME": home, "COLUMNS": "80", "TERM": "xterm"}
        for variable in ("PYTHONDONTWRITEBYTECODE", "TUTOR_BANK", "TUTOR_PLAIN"):
            environment.pop(variable, None)
        print(f"Medians of {PAIRS} interleaved pairs, Python {sys.version.split()[0]}\n")
        print(f"{'':19}{'program':>9}{'imports':>9}{'ratio':>8}{'aim':>6}   over import of")
        for row in ROWS:
            print(measured(row, environment), flush=True)
        print(bench_echo.row(environment), flush=True)
    for table in (bench_equality.table, bench_code.table, bench_class.table):
        print()
        for line in table():
            print(line, flush=True)


def measured(row: Row, environment: dict[str, str]) -> str:
    """One row of the table."""
    imports = [sys.executable, "-c", f"import {row.libraries}"]
    command = [TUTOR, *row.arguments]
    program: Callable[[], float]
    if row.question:
        text = first_line(command, environment)
        program = lambda: until_shown(command, text, environment)  # noqa: E731
    else:
        program = lambda: until_done(command, environment)  # noqa: E731
    program(), until_done(imports, environment)  # once unmeasured: caches fill
    pairs = [(program(), until_done(imports, environment)) for _ in range(PAIRS)]
    ratio = median(mine / bare for mine, bare in pairs)
    mine, bare = (1000 * median(times) for times in zip(*pairs, strict=True))
    return f"{row.name:19}{mine:6.0f} ms{bare:6.0f} ms{ratio:8.2f}{row.aim:6.1f}   {row.libraries}"


def until_done(command: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds from start to end."""
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    passed = time.perf_counter() - started
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    return passed


def first_line(command: Sequence[str], environment: dict[str, str]) -> bytes:
    """The first line of the question: what follows the head line and the rule."""
    shown = subprocess.run(
        [*command, "--plain"], env=environment, input=b"", capture_output=True, check=True
    ).stdout.splitlines()
    return next(line for line in shown[2:] if line)[:40]


def until_shown(command: Sequence[str], text: bytes, environment: dict[str, str]) -> float:
    """Seconds from start until a terminal shows the text; the program is ended then."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    started = time.perf_counter()
    program = subprocess.Popen(
        command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    shown = b""
    try:
        while text not in shown:
            left = started + LONGEST - time.perf_counter()
            if not select.select([ours], [], [], left)[0]:
                sys.exit(f"{' '.join(command)}: {text!r} was not shown, but {shown!r}")
            shown += os.read(ours, 65_536)
        return time.perf_counter() - started
    finally:
        program.kill()
        program.wait()
        os.close(ours)


if __name__ == "__main__":
    main()
