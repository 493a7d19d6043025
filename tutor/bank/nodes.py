"""YAML text → nodes that know their line and column, with every scalar still text.

YAML's guesses about what a plain word means (``no``, ``010``, ``12:30``) never happen, and what
makes a file hard to follow (tags, anchors, merge keys, duplicate keys) is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tutor.bank.findings import Finding, shown
from tutor.bank.syntax import Said, explain

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000

# Control characters but tab and line feed, other line ends, what reverses the direction of
# writing, and what isn't a character.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)"
)

_COMMENT = re.compile(r"[ \t]+#[^\s#]")
"""A comment that may be meant as text: ``of layer #2``."""

Trail = tuple[str, ...]


class Node:
    """A value in a file. ``reported``: a finding already says what is wrong with it."""

    __slots__ = ("column", "line", "reported")

    def __init__(self, line: int, column: int, *, reported: bool = False) -> None:
        self.line = line
        self.column = column
        self.reported = reported


class Scalar(Node):
    """Text as it was typed. ``quoted`` also holds for block text (``|`` and ``>``)."""

    __slots__ = ("quoted", "text")

    @property
    def plain(self) -> bool:
        """Whether there is text, without quotes."""
        return bool(self.text) and not self.quoted

    def __init__(self, text: str, line: int, column: int, *, quoted: bool) -> None:
        super().__init__(line, column)
        self.text = text
        self.quoted = quoted


class ListNode(Node):
    """``flow`` tells ``[a, b]`` from lines that begin with a dash."""

    __slots__ = ("flow", "items")

    def __init__(self, line: int, column: int, *, flow: bool) -> None:
        super().__init__(line, column)
        self.flow = flow
        self.items: list[Node] = []


class MapNode(Node):
    """Values by key, in order, each with the node of its key."""

    __slots__ = ("entries", "flow")

    def __init__(self, line: int, column: int, *, flow: bool) -> None:
        super().__init__(line, column)
        self.flow = flow
        self.entries: dict[str, tuple[Scalar, Node]] = {}


def read_nodes(data: bytes, file: str) -> tuple[Node | None, list[Finding]]:
    """Build the tree of a file; None where the text can't be read to its end. Raises nothing."""
    builder = _Builder(file)
    try:
        builder.build(_decode(data))
    except _Stop as stop:
        # Where the line has its finding, the parser stumbled over the same thing.
        if all(finding.line != stop.line for finding in builder.findings):
            builder.fail(stop.line, stop.column, stop.message, stop.trail)
        return None, builder.findings
    return builder.root, builder.findings


class _Stop(Exception):
    """The rest of the file can't be read."""

    def __init__(self, line: int, column: int, message: str, trail: Trail = ()) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message
        self.trail = trail


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Stop(1, 1, f"the file is larger than {MAX_BYTES // 1024} KiB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start].decode("utf-8"))
        raise _Stop(line, column, "this isn't UTF-8: save the file as UTF-8") from None
    text = text.removeprefix("\ufeff")
    unwanted = _UNWANTED.search(text)
    if unwanted:
        line, column = _place(text[: unwanted.start()])
        raise _Stop(line, column, f"remove the {_described(unwanted[0])}")
    return text


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _described(character: str) -> str:
    return f"unprintable character U+{ord(character):04X}"


_CUT = "a comma ends a value inside { } or [ ]: put quotes around the whole value"


def _balance(text: str) -> int:
    """How many more round brackets are opened than closed."""
    return text.count("(") - text.count(")")


class _Frame:
    """A list or mapping that is still open; ``key`` waits for its value, and ends at ``behind``."""

    __slots__ = ("behind", "key", "node", "trail")

    def __init__(self, node: ListNode | MapNode, trail: Trail) -> None:
        self.node = node
        self.trail = trail
        self.key: Scalar | None = None
        self.behind = 0


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.root: Node | None = None
        self.open: list[_Frame] = []
        self.count = 0
        self.documents = 0
        self.text = ""
        self.last = Said()

    def fail(self, line: int, column: int, message: str, trail: Trail = ()) -> None:
        self.findings.append(Finding(self.file, line, column, trail, message))

    def build(self, text: str) -> None:
        import yaml

        # Events instead of yaml.compose: they alone show anchors, explicit tags and the places of
        # aliases, and a file that is too deep is left before it grows.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.text = text
        try:
            for event in yaml.parse(text, Loader=loader):
                self._take(event)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            raise _Stop(*explain(error, text, self.last)) from None
        if self.root is None:
            raise _Stop(1, 1, "the file is empty")

    def _take(self, event: yaml.Event) -> None:
        import yaml

        if isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(self.open.pop())
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                mark: Any = event.start_mark
                raise _Stop(mark.line + 1, mark.column + 1, "a second document: use another file")

    def _node(self, event: Any) -> None:
        import yaml

        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self.count += 1
        if self.count > MAX_NODES:
            raise _Stop(line, column, f"more than {MAX_NODES:,} values in one file")
        if isinstance(event, yaml.AliasEvent):
            trail = self._attach(Node(line, column, reported=True), 0, 0)
            name = f"*{event.anchor}"
            self.fail(line, column, f"an alias ({name}): write it out, or quote the text", trail)
            return
        node: Scalar | ListNode | MapNode
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(event.value, line, column, quoted=bool(event.style))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = ListNode(line, column, flow=bool(event.flow_style))
        else:
            node = MapNode(line, column, flow=bool(event.flow_style))
        trail = self._attach(node, event.start_mark.index, event.end_mark.index)
        self._refuse(event, node, trail)
        if isinstance(node, Scalar):
            end = (event.end_mark.line + 1, event.end_mark.column + 1)
            self.last = Said((line, column), end, event.style in ("'", '"'), trail)
            return
        if len(self.open) >= MAX_DEPTH:
            raise _Stop(line, column, f"nested more than {MAX_DEPTH} levels deep")
        self.open.append(_Frame(node, trail))

    def _refuse(self, event: Any, node: Node, trail: Trail) -> None:
        if event.tag is not None:
            node.reported = True
            message = "tags aren't allowed: remove it, or quote text that begins with !"
            self.fail(node.line, node.column, message, trail)
        if event.anchor is not None:
            message = "anchors aren't allowed: remove it, or quote text that begins with &"
            self.fail(node.line, node.column, message, trail)
        if isinstance(node, Scalar) and node.quoted:
            unwanted = _UNWANTED.search(node.text) or re.search("\r", node.text)
            if unwanted:
                message = f"remove the escape of the {_described(unwanted[0])}"
                self.fail(node.line, node.column, message, trail)
        if (
            isinstance(node, Scalar)
            and node.plain
            and _COMMENT.match(self.text, event.end_mark.index)
        ):
            message = "what follows # is a comment: quote the whole text, or put a space behind #"
            self.fail(node.line, node.column, message, trail)

    def _attach(self, node: Node, start: int, end: int) -> Trail:
        """Put a node where it belongs, and return the trail to it; it stands there in the text."""
        if not self.open:
            self.root = node
            return ()
        frame = self.open[-1]
        if isinstance(frame.node, ListNode):
            frame.node.items.append(node)
            return (*frame.trail, str(len(frame.node.items)))
        if frame.key is None:
            frame.key, frame.behind = self._key(node, frame), end
            return frame.trail
        key, frame.key = frame.key, None
        lone = frame.node.flow and ":" not in self.text[frame.behind : start]
        if lone and frame.node.entries and self._cut_off(frame):
            return frame.trail
        if not key.reported:
            frame.node.entries[key.text] = (key, node)
        return (*frame.trail, key.text)

    def _cut_off(self, frame: _Frame) -> bool:
        """Whether a key without a colon is the rest of the text before its comma."""
        assert isinstance(frame.node, MapNode)
        name, (_, value) = next(reversed(frame.node.entries.items()))
        if not isinstance(value, Scalar) or not value.plain:
            return False
        if not value.reported:
            value.reported = True
            self.fail(value.line, value.column, _CUT, (*frame.trail, name))
        return True

    def _close(self, frame: _Frame) -> None:
        """A list is at its end: what a comma cut in it is told apart by its brackets."""
        if not isinstance(frame.node, ListNode) or not frame.node.flow:
            return
        entries = enumerate(frame.node.items, 1)
        plain = [(at, one) for at, one in entries if isinstance(one, Scalar) and one.plain]
        opened = [(at, one) for at, one in plain if _balance(one.text) > 0]
        closed = [at for at, one in plain if _balance(one.text) < 0]
        for at, one in opened:
            if any(later > at for later in closed):
                one.reported = True
                self.fail(one.line, one.column, _CUT, (*frame.trail, str(at)))

    def _key(self, node: Node, frame: _Frame) -> Scalar:
        assert isinstance(frame.node, MapNode)
        if not isinstance(node, Scalar):
            node.reported = frame.node.reported = True
            message = "a key must be a word: put quotes around text that begins with { or ["
            # {{n}} without quotes: the trouble starts at the outer brace.
            start = frame.node if frame.node.flow else node
            self.fail(start.line, start.column, message, frame.trail)
            key = Scalar("", node.line, node.column, quoted=False)
            key.reported = True
            return key
        earlier = frame.node.entries.get(node.text)
        message = ""
        if node.text == "<<" and not node.quoted:
            message = "merge keys (<<) aren't allowed: write the keys out"
        elif earlier is not None:
            message = f"duplicate key {shown(node.text)}: the first is on line {earlier[0].line}"
        if message:
            node.reported = True
            self.fail(node.line, node.column, message, frame.trail)
        return node
