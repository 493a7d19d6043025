"""Reading answers: a prompt with line editing on a terminal, plain lines from a pipe."""

from __future__ import annotations

import os
import re
import sys

from tutor.console import clean, readable
from tutor.layout import base, cells, column
from tutor.render import Screen

_DIGIT = re.compile(r"\d")


class Prompt:
    """Asks for lines. On a terminal the line can be edited; in a pipe it is shown as read."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.interactive = sys.stdin is not None and sys.stdin.isatty()
        self.editing = self.interactive and _can_edit(screen)
        self.explained = False

    def ask(self, label: str) -> str:
        """The next line. Raises EOFError at the end, KeyboardInterrupt on Ctrl-C."""
        try:
            if self.editing:
                return readable(input(self.screen.styled_prompt(label)))
            return self._plain_line(label)
        except (EOFError, KeyboardInterrupt):
            _write("\n")
            raise

    def _plain_line(self, label: str) -> str:
        _write(self.screen.prompt(label))
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            raise EOFError
        text = readable(line.rstrip("\r\n"))
        if not self.interactive:
            _write(clean(text, self.screen.encoding) + "\n")
        return text

    def ask_lines(self, label: str, *, rows: bool = False) -> str:
        """A line, and more as long as a square bracket is open; an empty line ends it.

        With ``rows``, more come also behind one row without brackets, such as ``10 5``. A command
        in place of a line, such as ``:help``, is returned alone.
        """
        text = line = self.ask(label)
        rows = rows and _is_row(line)
        if rows:
            self._explain_rows()
        while line.strip() and (rows or text.count("[") > text.count("]")):
            try:
                line = self.ask(" " * cells(label))
            except EOFError:
                if self.interactive or not rows:
                    raise
                break  # the end of what is piped in ends the rows too
            if line.lstrip().startswith(":"):
                return line
            text += "\n" + line
        return text

    def _explain_rows(self) -> None:
        if self.interactive and not self.explained:
            self.screen.notice("The next row, or an empty line to end.")
        self.explained = True

    def column(self, label: str, line: str, at: int) -> int | None:
        """Where a place in a line stands that was typed at this prompt; None if it wrapped."""
        start = cells(self.screen.prompt(label))
        shown = line if self.interactive else clean(line)
        if column(shown, start) >= self.screen.width:
            return None
        return column(shown[: base(shown, at)], start)


def _is_row(line: str) -> bool:
    """Whether a line may be one row of several: numbers, without brackets or ``;`` between."""
    row = line.strip().rstrip("; ")
    return _DIGIT.search(row) is not None and not row.startswith(":") and not {"[", ";"} & {*row}


def _can_edit(screen: Screen) -> bool:
    """Whether there is a line editor that may move the cursor."""
    if screen.plain or not screen.terminal or os.environ.get("TERM", "dumb") == "dumb":
        return False
    try:
        import readline  # noqa: F401  (gives input() editing and history)
    except ImportError:
        return False
    return True


def _write(text: str) -> None:
    if sys.stdout is not None:
        sys.stdout.write(text)
        sys.stdout.flush()
