"""Reading answers: an editor with live reading on a terminal, plain lines from a pipe."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from tutor.clock import TimeUp, Watch
from tutor.console import clean, readable
from tutor.keys import quiet_keys
from tutor.layout import base, cells, column, wrap
from tutor.loading import Loading
from tutor.picking import Picking
from tutor.render import Screen

if TYPE_CHECKING:
    from engine.kinds import Asked
    from tutor.editor.line import Above, Ask

WAYS_OUT = (":quit", ":q", ":exit")
"""What Ctrl-D stands for, at prompts that have no other commands."""

_DIGIT = re.compile(r"\d")


class Prompt:
    """Asks for lines. On a terminal the line can be edited; in a pipe it is shown as read."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.interactive = sys.stdin is not None and sys.stdin.isatty()
        self.editing = self.interactive and _can_edit(screen)
        self.explained = False
        self.loading = Loading()
        if self.editing:
            quiet_keys()

    def ask(
        self,
        label: str,
        asked: Asked | None = None,
        *,
        rows: bool = False,
        picking: Picking | None = None,
        redraw: Callable[[], None] | None = None,
        text: str = "",
        watch: Watch | None = None,
    ) -> str:
        """What is typed: a line, or several where the answer takes them.

        ``asked``: the part, whose reading is shown on a terminal while one types. ``rows``: one
        row without brackets may be followed by others. ``redraw`` shows the question anew when
        the terminal gets another width. A command in place of a line, such as ``:help``, is
        returned alone. ``text`` stands on the line at first, where it can be edited. Raises
        EOFError at the end, KeyboardInterrupt on Ctrl-C, TimeUp when the ``watch`` runs out.
        """
        try:
            if self.editing:
                ask = self._question(label, asked, rows, text, picking, watch)
                return readable(self._edited(ask, redraw))
            typed = self._plain(label, asked, rows)
            if watch is not None and watch.over:
                raise TimeUp
            return typed
        except (EOFError, KeyboardInterrupt):
            _write("\n")
            raise

    def pause(self, told: str, label: str = "solution") -> str:
        """Wait for Enter, or a short word; nothing of it stays where lines can be edited."""
        if not self.editing:
            self.screen.notice(told)
            return self.ask(label)

        def above(_: str, width: int, encoding: str) -> list[tuple[str, str]]:
            return [("class:quiet", "\n".join(wrap(clean(told, encoding), width)))]

        typed, key = "", ""
        while key != "enter":
            typed, key = self.cell(label, None, typed, above, lambda: None, None)
        return typed

    def cell(
        self,
        label: str,
        asked: Asked | None,
        text: str,
        above: Above,
        redraw: Callable[[], None],
        watch: Watch | None,
    ) -> tuple[str, str]:
        """What is typed into a cell of the table ``above``, and the key that led out of it.

        For terminals with an editor. Raises as ``ask`` does.
        """
        from tutor.editor.line import Ask, Moved

        ask = Ask(label, asked, _unfinished(asked, False), text, None, watch, above)
        try:
            return readable(self._edited(ask, redraw)), "enter"
        except Moved as moved:
            return readable(moved.text), moved.key

    def _question(
        self,
        label: str,
        asked: Asked | None,
        rows: bool,
        text: str,
        picking: Picking | None,
        watch: Watch | None,
    ) -> Ask:
        from tutor.editor.line import Ask

        return Ask(label, asked, _unfinished(asked, rows), text, picking, watch)

    def _edited(self, ask: Ask, redraw: Callable[[], None] | None) -> str:
        from tutor.editor.history import history_of
        from tutor.editor.line import Line, Resized

        history = history_of(_kept_as(ask))
        while True:
            try:
                line = Line(ask, history, self.screen.colour, self.screen.encoding, self.loading)
                return _command_or_all(line.read())
            except Resized as resized:
                ask = ask._replace(text=resized.text)
                if redraw is not None:
                    redraw()

    def _plain(self, label: str, asked: Asked | None, rows: bool) -> str:
        unfinished = _unfinished(asked, rows)
        text = line = self._plain_line(label)
        if rows and _is_row(line):
            self._explain_rows()
        while unfinished(text):
            try:
                line = self._plain_line(" " * cells(label))
            except EOFError:
                if self.interactive or text.count("[") > text.count("]"):
                    raise
                _write("\n")
                break  # the end of what is piped in ends the rows too
            text += "\n" + line
        return _command_or_all(text)

    def _plain_line(self, label: str) -> str:
        _write(self.screen.prompt(label))
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            raise EOFError
        text = readable(line.rstrip("\r\n"))
        if not self.interactive:
            _write(clean(text, self.screen.encoding) + "\n")
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


def _kept_as(ask: Ask) -> str:
    """The history that a line goes to: its kind's, or none for a word in passing."""
    if ask.asked is not None:
        return ask.asked.kind
    return "line" if ask.above is None else ""


def _unfinished(asked: Asked | None, rows: bool) -> Callable[[str], bool]:
    """Whether another line follows what was typed so far: an open bracket, rows, code."""
    kind = asked.kind if asked is not None else ""

    def unfinished(text: str) -> bool:
        last = text.rpartition("\n")[2]
        if not last.strip() or last.lstrip().startswith(":"):
            return False
        if kind == "array":
            return text.count("[") > text.count("]") or (rows and _is_row(text.split("\n")[0]))
        return kind == "code" and _goes_on(text, asked)

    return unfinished


def _goes_on(text: str, asked: Asked | None) -> bool:
    from engine.coding.syntax import goes_on

    task = asked.task if asked is not None else None
    return task is not None and task.mend is None and goes_on(text, task.returns)


def _command_or_all(text: str) -> str:
    """The last line alone if it is a command."""
    last = text.rpartition("\n")[2]
    return last if last.lstrip().startswith(":") else text


def _is_row(line: str) -> bool:
    """Whether a line may be one row of several: numbers, without brackets or ``;`` between."""
    row = line.strip().rstrip("; ")
    return _DIGIT.search(row) is not None and not row.startswith(":") and not {"[", ";"} & {*row}


def _can_edit(screen: Screen) -> bool:
    """Whether the cursor may be moved."""
    return not screen.plain and screen.terminal and os.environ.get("TERM", "dumb") != "dumb"


def _write(text: str) -> None:
    if sys.stdout is not None:
        sys.stdout.write(text)
        sys.stdout.flush()
