"""One answer on a terminal: a line to edit, what is read of it below, symbols on Tab."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Always, Condition, Filter, is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, ConditionalContainer, HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.lexers import Lexer, PygmentsLexer, SimpleLexer
from prompt_toolkit.output import ColorDepth, Output, create_output
from prompt_toolkit.styles import Style

from tutor.clock import TimeUp, Watch
from tutor.console import clean
from tutor.editor.completion import offers, shown_symbols
from tutor.layout import cells, wrap
from tutor.loading import Loading
from tutor.picking import Picking

if TYPE_CHECKING:
    from engine.kinds import Asked
    from tutor.editor.live import Live

STYLE = Style(
    [
        ("prompt", "ansicyan bold"),
        ("quiet", "ansibrightblack"),
        ("here", "reverse"),
        ("pygments.keyword", "ansimagenta"),
        ("pygments.literal", "ansigreen"),
        ("pygments.comment", "ansibrightblack"),
    ]
)
CARET = "╵"
READS = "reads as  "
INDENT = "    "


class Resized(Exception):
    """The terminal has another width; ``text`` is what stood on the line."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Moved(Exception):
    """The cell was left by a key: ``up``, ``down``, ``next`` or ``back``; ``text`` stands in it."""

    def __init__(self, text: str, key: str) -> None:
        super().__init__(text)
        self.text = text
        self.key = key


Above = Callable[[str, int, str], Sequence[tuple[str, str]]]
"""What stands above the line, from its text, the width and the encoding."""


class Ask(NamedTuple):
    """What is asked at the prompt.

    ``unfinished`` says whether Enter begins another line; ``text`` is what stands there first.
    Below a table (``above``) the keys lead to other cells, and nothing stays on the screen.
    """

    label: str
    asked: Asked | None
    unfinished: Callable[[str], bool]
    text: str = ""
    picking: Picking | None = None
    watch: Watch | None = None
    above: Above | None = None


class _Symbols(Completer):
    def __init__(self, asked: Asked | None) -> None:
        self.asked = asked

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        symbols = self.asked.symbols if self.asked is not None else ()
        for offer in offers(document.text_before_cursor, symbols):
            yield Completion(offer.text, -offer.replaced)


class Line:
    """The line being edited, and how it looks."""

    def __init__(
        self, ask: Ask, history: History, colour: bool, encoding: str, loading: Loading
    ) -> None:
        self.ask = ask
        self.loading = loading
        self.encoding = encoding
        self.prompt = clean(f"{ask.label} › ", encoding)
        self.buffer = Buffer(
            document=_at_end(ask.text),
            completer=_Symbols(ask.asked),
            history=history,
            multiline=Condition(lambda: ask.unfinished(self.buffer.text)),
            accept_handler=self._accept,
        )
        self.output = _output(colour)
        self.width = self.output.get_size().columns
        self.application: Application[str] = Application(
            layout=Layout(HSplit([*self._options(), self._input(), *self._below()])),
            key_bindings=self._keys(),
            style=STYLE,
            output=self.output,
            before_render=self._mind,
            erase_when_done=ask.above is not None,
            refresh_interval=1.0 if ask.watch is not None else None,
            include_default_pygments_style=False,
            color_depth=None if colour else ColorDepth.DEPTH_1_BIT,
        )

    def read(self) -> str:
        """What is typed. Raises EOFError, KeyboardInterrupt, Resized, Moved and TimeUp."""
        self.loading.then(self.application.invalidate)
        try:
            return self.application.run(self._warm_up, handle_sigint=False)
        finally:
            self.loading.then(None)

    def _warm_up(self) -> None:
        """Have a key that means nothing find what the first one would: all keys there are."""
        self.application.key_processor.feed(KeyPress(Keys.Ignore, ""))

    def _accept(self, buffer: Buffer) -> bool:
        self.application.exit(result=buffer.text)
        return True

    def _mind(self, application: Application[str]) -> None:
        """The width of the terminal, and the time."""
        if application.is_done:
            return
        if self.output.get_size().columns != self.width:
            application.exit(exception=Resized(self.buffer.text))
        elif self.ask.watch is not None and self.ask.watch.over:
            application.exit(exception=TimeUp(self.buffer.text))

    # -- what is drawn ----------------------------------------------------------------------

    def _input(self) -> Window:
        return Window(
            BufferControl(self.buffer, lexer=self._lexer()),
            get_line_prefix=self._prefix,
            wrap_lines=True,
            dont_extend_height=True,
        )

    def _lexer(self) -> Lexer:
        if self.ask.asked is None or self.ask.asked.kind != "code":
            return SimpleLexer()
        from pygments.lexers.python import PythonLexer

        return PygmentsLexer(PythonLexer)

    def _prefix(self, line: int, wrapped: int) -> StyleAndTextTuples:
        if wrapped:
            return []
        shown = self.prompt if line == 0 else self.prompt[-2:].rjust(cells(self.prompt))
        return [("class:prompt", shown)]

    def _options(self) -> list[Window]:
        above, picking = self.ask.above, self.ask.picking
        if above is not None:
            return [
                _text(lambda: [*above(self.buffer.text, self.width, self.encoding)]),
                Window(height=1),
            ]
        if picking is None:
            return []
        return [_text(lambda: self._drawn_options(picking))]

    def _drawn_options(self, picking: Picking) -> StyleAndTextTuples:
        rows = picking.rows(self.buffer.text, self.width)
        return [
            ("class:here" if row.here and not self.application.is_done else "",
             clean(row.text, self.encoding) + "\n" * (at < len(rows) - 1))
            for at, row in enumerate(rows)
        ]  # fmt: skip

    def _below(self) -> list[ConditionalContainer]:
        return [ConditionalContainer(_text(self._told), ~is_done & Condition(self._says))]

    def _says(self) -> bool:
        return bool(self._told())

    def _told(self) -> StyleAndTextTuples:
        watch = self._fitted(self.ask.watch.told) if self.ask.watch is not None else ""
        rows = [row for row in (*self._reading(), self._bar(), watch) if row.strip()]
        return [("class:quiet", clean("\n".join(rows), self.encoding))] if rows else []

    @cached_property
    def _indent(self) -> int:
        return cells(self.prompt)

    def _reading(self) -> list[str]:
        """The reading, or a caret under the place where it ends and the reason."""
        if self.ask.asked is None or not self.loading.done:
            return []
        from tutor.editor.live import live_reading

        text, picking = self.buffer.text, self.ask.picking
        meant = picking.meant(text) if picking is not None else text
        live = live_reading(meant, self.ask.asked)
        if meant != text and live.place is not None:
            return []
        if live.place is None:
            return [self._fitted(READS + live.told)] if live.told else []
        return [*self._caret(text, live), self._fitted(live.told)]

    def _caret(self, text: str, live: Live) -> list[str]:
        assert live.place is not None
        column = self._indent + cells(text[: live.place])
        if "\n" in text or self._indent + cells(text) >= self.width or column >= self.width:
            return []
        return [" " * column + CARET]

    def _fitted(self, told: str) -> str:
        if self._indent + cells(told) <= self.width:
            return " " * self._indent + told
        return "\n".join("  " + row for row in wrap(told, self.width - 2))

    def _bar(self) -> str:
        """The symbols; while a name is being completed, what it may become."""
        state = self.buffer.complete_state
        if state is not None and len(state.completions) > 1:
            names = [
                f"[{one.text}]" if at == state.complete_index else one.text
                for at, one in enumerate(state.completions)
            ]
        else:
            names = shown_symbols(self.ask.asked.symbols) if self.ask.asked is not None else []
        return self._fitted("  ".join(names)) if names else ""

    # -- keys -------------------------------------------------------------------------------

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("enter")
        def _enter(event: KeyPressEvent) -> None:
            if self.ask.unfinished(self.buffer.text):
                opens = self.buffer.document.current_line_before_cursor.rstrip().endswith(":")
                self.buffer.newline(copy_margin=self._lexes_code)
                if self._lexes_code and opens:
                    self.buffer.insert_text(INDENT)
            else:
                self.buffer.validate_and_handle()

        @keys.add("tab")
        def _tab(event: KeyPressEvent) -> None:
            if self.buffer.complete_state is not None:
                self.buffer.complete_next()
                return
            found = list(_Symbols(self.ask.asked).get_completions(self.buffer.document, _ASKED))
            if len(found) == 1:
                self.buffer.apply_completion(found[0])
            elif found:
                self.buffer.start_completion(select_first=True)
            elif self._lexes_code:
                self.buffer.insert_text(INDENT)

        @keys.add("s-tab")
        def _back(event: KeyPressEvent) -> None:
            self.buffer.complete_previous()

        @keys.add(":", filter=self._untouched)
        def _begin_command(event: KeyPressEvent) -> None:
            self.buffer.document = _at_end(":")

        @keys.add("c-c")
        def _stop(event: KeyPressEvent) -> None:
            event.app.exit(exception=KeyboardInterrupt)

        @keys.add("c-d", filter=self._empty)
        def _end(event: KeyPressEvent) -> None:
            event.app.exit(exception=EOFError)

        if self.ask.above is not None:
            self._add_moving(keys)
        if self.ask.picking is not None:
            self._add_picking(keys, self.ask.picking)
        return keys

    def _add_moving(self, keys: KeyBindings) -> None:
        """Tab and the arrows lead to other cells; left and right at the ends of the text."""
        first = Condition(lambda: self.buffer.cursor_position == 0)
        last = Condition(lambda: self.buffer.cursor_position == len(self.buffer.text))
        naming = Condition(lambda: bool(self._completions()))
        for key, move, where in (
            ("up", "up", _ALWAYS), ("down", "down", _ALWAYS), ("tab", "next", ~naming),
            ("s-tab", "back", _ALWAYS), ("right", "next", last), ("left", "back", first),
        ):  # fmt: skip
            self._add_move(keys, key, move, where)

    def _add_move(self, keys: KeyBindings, key: str, move: str, where: Filter) -> None:
        @keys.add(key, filter=where)
        def _move(event: KeyPressEvent) -> None:
            event.app.exit(exception=Moved(self.buffer.text, move))

    def _completions(self) -> list[Completion]:
        """What a name that was begun may become."""
        if not self.buffer.text.strip():
            return []
        return list(_Symbols(self.ask.asked).get_completions(self.buffer.document, _ASKED))

    def _add_picking(self, keys: KeyBindings, picking: Picking) -> None:
        @keys.add("up")
        def _up(event: KeyPressEvent) -> None:
            picking.move(-1)

        @keys.add("down")
        def _down(event: KeyPressEvent) -> None:
            picking.move(1)

        on_list = Condition(lambda: picking.toggles(self.buffer.text))

        @keys.add(" ", filter=on_list)
        def _toggle(event: KeyPressEvent) -> None:
            self.buffer.document = _at_end(picking.toggled(self.buffer.text))

        @keys.add("enter", filter=self._empty)
        def _choose(event: KeyPressEvent) -> None:
            if picking.moved:
                self.buffer.document = _at_end(picking.toggled(""))
            self.buffer.validate_and_handle()

    @property
    def _empty(self) -> Condition:
        return Condition(lambda: not self.buffer.text)

    @property
    def _untouched(self) -> Condition:
        """An answer from before still stands there: a colon begins a command in its place."""
        return Condition(lambda: bool(self.ask.text) and self.buffer.text == self.ask.text)

    @property
    def _lexes_code(self) -> bool:
        return self.ask.asked is not None and self.ask.asked.kind == "code"


_ASKED = CompleteEvent(completion_requested=True)
_ALWAYS = Always()


def _at_end(text: str) -> Document:
    return Document(text, len(text))


def _text(told: Callable[[], StyleAndTextTuples]) -> Window:
    return Window(FormattedTextControl(told), wrap_lines=True, dont_extend_height=True)


def _output(colour: bool) -> Output:
    """The terminal, not asked where its cursor stands: a few never answer."""
    output = create_output()
    if hasattr(output, "enable_cpr"):
        output.enable_cpr = False
    return output
