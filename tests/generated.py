"""What the docs hold that the program makes: a screen, a table of keys, what commands print.

``make screens`` writes all of it anew; tests compare it with what is there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import answers
import pexpect
import sessions

from tutor.authoring.starter import schema_text
from tutor.bank import about, parameters, parts, reader, table
from tutor.bank.rules import Key, Keys
from tutor.render_svg import WIDTH, picture

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES = [
    CHECKOUT / name
    for name in (
        "README.md",
        "engine/README.md",
        "engine/STATISTICS.md",
        "problems/README.md",
        "tutor/batch/README.md",
        "tutor/gradescope/README.md",
        "tutor/sandbox/README.md",
    )
]
SCREEN = CHECKOUT / "tests" / "screens" / "quiz.svg"
AUTHORS = CHECKOUT / "problems" / "README.md"
SCHEMA = CHECKOUT / "problems" / "schema.json"
ANSWERS = CHECKOUT / "engine" / "ANSWERS.md"
MARKS = ("<!-- keys: made by `make screens` from tutor/bank -->\n", "<!-- /keys -->")
# Nothing of a developer's own setting may show in the docs.
KEPT = {name: os.environ[name] for name in ("SYSTEMROOT", "PYTHONPATH") if name in os.environ}


def environment(home: Path) -> dict[str, str]:
    """Variables of a machine where nothing has been set, with this program on the path."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    known = {"PATH": path, "HOME": str(home), "TUTOR_HOME": str(home), "COLUMNS": str(WIDTH)}
    known |= {"LANG": "C.UTF-8", "PYTHONUTF8": "1", "TERM": "xterm", "INPUTRC": os.devnull}
    return KEPT | known


# -- the screen ------------------------------------------------------------------------------

ASKED = "cnn/conv-output@original"
TYPED = ("11", "(15 - 5)/2 + 1")


def screen() -> str:
    """A quiz in a real terminal: an answer with a slip, then the right one."""
    with tempfile.TemporaryDirectory() as home:
        program = pexpect.spawn(
            sys.executable,
            ["-c", "from tutor.cli import main; main()", "quiz", ASKED],
            cwd=str(CHECKOUT),
            env=environment(Path(home)),
            encoding="utf-8",
            dimensions=(40, WIDTH),
            timeout=60,
        )
        program.delaybeforesend = None
        shown = ""
        for answer in TYPED:
            program.expect("› (\x1b\\[[0-9;]*m)*")
            shown += program.before + program.after
            program.sendline(answer)
        program.expect(pexpect.EOF)
        shown += program.before
        program.close()
    return picture(shown.replace("\r\n", "\n"), title=f"tutor quiz {ASKED}")


# -- the table of keys -----------------------------------------------------------------------

SECTIONS: tuple[tuple[str, Keys], ...] = (
    ("a problem", reader.PROBLEM),
    ("a parameter: sample", parameters.SAMPLE),
    ("a parameter: array", parameters.ARRAY),
    ("a parameter: maths", parameters.MATHS),
    ("a part, or a cell of a table", parts.PART),
    ("`tolerance`", parts.TOLERANCE),
    ("`loss`", parts.LOSS),
    ("an option (or its text alone)", parts.OPTION),
    ("a misconception", parts.MISCONCEPTION),
    ("`table`", table.TABLE),
    ("`first` of a table", table.FIRST),
    ("a row of a table", table.ROW),
    ("an example", reader.EXAMPLE),
    ("`bank.yaml`", about.ABOUT),
)


# What Markdown would read as maths of its own.
_CODE = re.compile(r"(\{\{\w+\}\}|\$\w+\$)")


def key_table() -> str:
    """Every key that the reader knows, in Markdown."""
    rows = [row for name, keys in SECTIONS for row in _rows(name, keys)]
    return "\n".join(["| of | key | what it is |", "| --- | --- | --- |", *rows, ""])


def _rows(section: str, keys: Keys) -> Iterator[str]:
    named = [(f"`{name}`", key) for name, key in keys.keys.items()]
    if keys.others is not None:
        named.append(("any other name", keys.others))
    for number, (name, key) in enumerate(named):
        about = _CODE.sub(r"`\1`", key.about)
        yield f"| {'' if number else section} | {_weighted(name, key)} | {about} |"


def _weighted(name: str, key: Key) -> str:
    return f"**{name}**" if key.required else name


def with_keys(text: str) -> str:
    """The authors' page with the table between its marks."""
    before, start, rest = text.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    return f"{before}{start}\n{key_table()}\n{end}{after}"


# -- what commands print ---------------------------------------------------------------------


class Block(NamedTuple):
    """A fenced block: its language, its lines without their indentation, where it stands."""

    language: str
    text: str
    line: int
    indent: str
    start: int
    end: int


_FENCED = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# (\S+/\S+)\n")
_SEPARATOR = "-- the next command --"


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for found in _FENCED.finditer(text):
        indent, language, body = found.groups()
        lines = [line.removeprefix(indent) for line in body.splitlines()]
        line = text.count("\n", 0, found.start()) + 1
        yield Block(language, "\n".join(lines) + "\n", line, indent, *found.span(3))


def file_of(block: Block) -> str:
    """The file that a block shows, named in its first line as a comment; "" if it is none."""
    found = _FILE.match(block.text)
    return found[1] if found else ""


def commands(block: Block) -> list[str]:
    """What is typed in a block: lines behind ``$`` in a console, all lines in a script."""
    lines = block.text.splitlines()
    if block.language == "console":
        return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line.split(" #")[0].rstrip() for line in lines if line and not line.startswith("#")]


def with_outputs(page: Path) -> str:
    """The page with what its console blocks print today, run in order in a new folder."""
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        place, pieces, at = Path(folder), [], 0
        for block in blocks(text):
            if name := file_of(block):
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(block.text, encoding="utf-8")
            if block.language == "console":
                shown = printed(commands(block), place, environment(place / "home"))
                pieces += [text[at : block.start], _indented(shown, block.indent)]
                at = block.end
    return "".join([*pieces, text[at:]])


def printed(typed: list[str], folder: Path, variables: Mapping[str, str]) -> str:
    """A console with these commands and what they print, their exit codes kept for ``$?``."""
    script = "\n".join(
        f"{command}\nstatus=$?\nprintf '%s' '{_SEPARATOR}'\n(exit $status)" for command in typed
    )
    run = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    *outputs, left = run.stdout.decode().split(_SEPARATOR)
    assert not left, left
    pairs = zip(typed, outputs, strict=True)
    return "".join(f"$ {command}\n{output}" for command, output in pairs)


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in text.splitlines())


def main() -> None:
    """Write everything anew."""
    SCREEN.parent.mkdir(exist_ok=True)
    SCREEN.write_text(screen(), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    ANSWERS.write_text(answers.page(), encoding="utf-8")
    AUTHORS.write_text(with_keys(AUTHORS.read_text(encoding="utf-8")), encoding="utf-8")
    sessions.write()
    for page in PAGES:
        page.write_text(with_outputs(page), encoding="utf-8")


if __name__ == "__main__":
    main()
