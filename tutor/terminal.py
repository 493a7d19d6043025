"""Reading answers: a prompt with line editing on a terminal, plain lines from a pipe."""

from __future__ import annotations

import sys
from contextlib import suppress

from tutor.console import readable
from tutor.render import prompt_text


class Prompt:
    """Asks for lines. On a terminal the line can be edited; in a pipe it is shown as read."""

    def __init__(self, *, plain: bool = False) -> None:
        self.interactive = sys.stdin is not None and sys.stdin.isatty()
        self.plain = plain
        if self.interactive:
            with suppress(ImportError):
                import readline  # noqa: F401  (gives input() editing and history)

    def ask(self, label: str) -> str:
        """The next line. Raises EOFError at the end, KeyboardInterrupt on Ctrl-C."""
        if self.interactive and sys.stdout.isatty():
            return readable(input(prompt_text(label, plain=self.plain)))
        sys.stdout.write(f"{label} › ")
        sys.stdout.flush()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            sys.stdout.write("\n")
            raise EOFError
        text = readable(line.rstrip("\r\n"))
        if not self.interactive:
            from tutor.console import clean

            sys.stdout.write(clean(text) + "\n")
        return text

    def ask_lines(self, label: str) -> str:
        """A line, and more as long as a square bracket is open."""
        text = self.ask(label)
        while text.count("[") > text.count("]"):
            text += "\n" + self.ask("…".rjust(len(label)))
        return text
