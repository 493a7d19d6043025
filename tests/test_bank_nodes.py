"""YAML → nodes: places, text left alone, and everything that is refused."""

from __future__ import annotations

import pytest
import yaml

from tutor.bank.nodes import MAX_BYTES, ListNode, MapNode, Scalar, read_nodes
from tutor.bank.reader import place_of, places

PARSERS = ["CSafeLoader", "SafeLoader"] if yaml.__with_libyaml__ else ["SafeLoader"]


@pytest.fixture(params=PARSERS)
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with the fast parser, and as where there is none."""
    if request.param == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


FILE = """\
title: 'no'
n: 010
list:
  - 12:30
  - {x: 0x10, "y": ~}
text: |
  two
  lines
Größe: [1e3, no]
"""


@pytest.mark.usefixtures("_parser")
def test_scalars_stay_text_and_know_their_places() -> None:
    root, findings = read_nodes(FILE.encode(), "f")
    assert findings == []
    assert isinstance(root, MapNode)
    lines = [key.line for key, _ in root.entries.values()]
    assert lines == [1, 2, 3, 6, 9]
    seen = {name: value for name, (_, value) in root.entries.items()}
    title, n = seen["title"], seen["n"]
    assert isinstance(title, Scalar)
    assert (title.text, title.quoted, title.line, title.column) == ("no", True, 1, 8)
    assert isinstance(n, Scalar)
    assert (n.text, n.quoted, n.line, n.column) == ("010", False, 2, 4)
    items = seen["list"]
    assert isinstance(items, ListNode)
    time, record = items.items
    assert isinstance(time, Scalar)
    assert (time.text, time.line, time.column) == ("12:30", 4, 5)
    assert isinstance(record, MapNode)
    assert [key.quoted for key, _ in record.entries.values()] == [False, True]
    assert [value.text for _, value in record.entries.values() if isinstance(value, Scalar)] == [
        "0x10",
        "~",
    ]
    text = seen["text"]
    assert isinstance(text, Scalar)
    assert (text.text, text.quoted, text.line) == ("two\nlines\n", True, 6)


INDENTATION = "this doesn't fit what is above: check the indentation and the quotes"
QUOTE = "text can't begin like this: put quotes around the whole text"
KEY = "a key must be a word: put quotes around text that begins with { or ["
COLON = 'a ": " can\'t stand here: put quotes around the whole text, or mend the indentation'
LIST = "this list lacks its ] or a comma, or holds text that needs quotes"
MAPPING = "this mapping lacks its } or a comma, or holds text that needs quotes"
MARKS = (
    "the quotation marks end before this: a comma is missing, "
    "or the text needs the other kind of marks around it"
)
BRACES = "{{…}} within { } or [ ]: put quotes around the whole text"
CUT = "a comma ends a value inside { } or [ ]: put quotes around the whole value"
COMMENT = "what follows # is a comment: quote the whole text, or put a space behind #"
TAG = "tags aren't allowed: remove it, or quote text that begins with !"
ANCHOR = "anchors aren't allowed: remove it, or quote text that begins with &"
ESCAPE = "a backslash in \"double quotes\" begins an escape: use 'single quotes'"
TAB = "indent with spaces, not with tabs"

# File, then line, column and message of its one finding, then the trail.
REFUSED = [
    ("", 1, 1, "the file is empty", ()),
    ("# only a remark\n", 1, 1, "the file is empty", ()),
    ("a: [", 1, 5, "a value is missing here, or a bracket is too many", ()),
    ("a: [1\nb: 2", 1, 4, LIST, ()),
    ("a: [1}", 1, 4, LIST, ()),
    ("a: {x: 1", 1, 4, MAPPING, ()),
    ("b: 1\na: 'x\nc: 2", 2, 4, "this quotation mark is never closed", ()),
    ("a: 'x\n---\nb: 1", 1, 4, "this quotation mark is never closed", ()),
    ("a: 'it's'", 1, 8, MARKS, ("a",)),
    ('- "say "x" twice"', 1, 9, MARKS, ("1",)),
    ('a: "x\nb: 2\nc: "y"', 1, 4, "this quotation mark is closed only on line 3, by another one",
     ("a",)),
    ('a: {b: "x" c: d}', 1, 12, MARKS, ("a", "b")),
    ("a: {b: x {{n}}, c: d}", 1, 8, BRACES, ("a", "b")),
    ("a:\n  - {b: v, c: CONV-{{n}}}", 2, 15, BRACES, ("a", "1", "c")),
    ("a: [x {{n}}]", 1, 5, BRACES, ("a", "1")),
    ("a: {b: x: y}", 1, 8, COLON.partition(",")[0], ("a", "b")),
    # The rest of a line that has its finding is no second one.
    ("a: {{n}} of what?", 1, 4, KEY, ("a",)),
    ("a: [{{n}} of what?, b]", 1, 5, KEY, ("a", "1")),
    ("a: {b: (n, n, 3), c: 0}", 1, 8, CUT, ("a", "b")),
    ("a: {b: How many, roughly?}", 1, 8, CUT, ("a", "b")),
    ("a: {b: f(g(n, 1), n , 2), c: 0}", 1, 8, CUT, ("a", "b")),
    ("a: [f(n, 1), 2]", 1, 5, CUT, ("a", "1")),
    ("a: of layer #2", 1, 4, COMMENT, ("a",)),
    ("- the {{n}} #weights", 1, 3, COMMENT, ("1",)),
    ("a:\n  b: 1\n c: 2", 3, 2, INDENTATION, ()),
    ("a: 1\n- b", 2, 1, INDENTATION, ()),
    ("- a\nb: 1", 2, 1, INDENTATION, ()),
    ("say: one: two", 1, 9, COLON, ()),
    ("a: 1\n  b: 2", 2, 4, COLON, ()),
    ("a: 1\nb\n", 2, 1, "this line lacks a colon after its key", ()),
    ('a: "\\q"', 1, 4, ESCAPE, ()),
    ('a: "\\x1"', 1, 4, "no such character: mend the escape", ()),
    ("a: @x", 1, 4, QUOTE, ()),
    ("a: `x`", 1, 4, QUOTE, ()),
    ("a: %x", 1, 4, QUOTE, ()),
    ("a: *", 1, 4, QUOTE, ()),
    ("\ta: 1", 1, 1, TAB, ()),
    ("a:\n\tb: 1", 2, 1, TAB, ()),
    ("a: |x\n  y", 1, 4, "the text after | or > begins on the next line", ()),
    ("%YAML 3.0\n---\na: 1", 1, 1, "remove this line: the files are plain YAML 1.1", ()),
    ("a: 1\n---\nb: 2", 2, 1, "a second document: use another file", ()),
    ("a: !!python/object/apply:os.getcwd []", 1, 4,
     TAG, ("a",)),
    ("a: !!str 1", 1, 4, TAG, ("a",)),
    ("a: ! x", 1, 4, TAG, ("a",)),
    ("a: !e!x 1", 1, 4, "tags aren't allowed: put quotes around the whole text", ()),
    ("a: &n 1", 1, 4, ANCHOR, ("a",)),
    ("a: *n", 1, 4, "an alias (*n): write it out, or quote the text", ("a",)),
    ("a:\n  - 1\n  - *n", 3, 5, "an alias (*n): write it out, or quote the text", ("a", "2")),
    ("a:\n  <<: {b: 1}", 2, 3, "merge keys (<<) aren't allowed: write the keys out", ("a",)),
    ("a: 1\nb: 2\na: 3", 3, 1, "duplicate key 'a': the first is on line 1", ()),
    ("a: {x: 1, 'x': 2}", 1, 11, "duplicate key 'x': the first is on line 1", ("a",)),
    ("a: {{n}}", 1, 4, KEY, ("a",)),
    ("? [a]\n: b", 1, 3, KEY, ()),
    ("a: \x1b[1m", 1, 4, "remove the unprintable character U+001B", ()),
    ("a: 1\né: \x9f", 2, 4, "remove the unprintable character U+009F", ()),
    ("a: b\rc: d", 1, 5, "remove the unprintable character U+000D", ()),
    ("a: x\u2028y", 1, 5, "remove the unprintable character U+2028", ()),
    ("a: x\u202ey", 1, 5, "remove the unprintable character U+202E", ()),
    ('a: "x\\e[1m"', 1, 4, "remove the escape of the unprintable character U+001B", ("a",)),
    ('a: "x\\r\\n"', 1, 4, "remove the escape of the unprintable character U+000D", ("a",)),
    ("a: " + "[" * 25, 1, 23, "nested more than 20 levels deep", ()),
    ("[" + "1," * 20_001 + "1]", 1, 40_000, "more than 20,000 values in one file", ()),
]  # fmt: skip


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(("text", "line", "column", "message", "trail"), REFUSED)
def test_refused(text: str, line: int, column: int, message: str, trail: tuple[str, ...]) -> None:
    _, findings = read_nodes(text.encode(), "cnn/x.yaml")
    assert [(f.line, f.column, f.message, f.trail) for f in findings] == [
        (line, column, message, trail)
    ]


ACCEPTED = [
    "a: 1 # a comment",
    "a: |\n  of layer #2",
    "a: 'x #2'",
    "a: {b: (1), c: }",
    "a: {b, c: 1}",
    "a: ['f(1', '2)']",
    "a: [x (y), z]",
    "a: {b: 'x', c}",
]


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    assert read_nodes(text.encode(), "cnn/x.yaml")[1] == []


BYTES = [
    (b"a: 1\nb: \xc3\xa9\xff", 2, 5, "this isn't UTF-8: save the file as UTF-8"),
    ("a: 1\n".encode("utf-16"), 1, 1, "this isn't UTF-8: save the file as UTF-8"),
    (b"a: \xed\xa0\x80", 1, 4, "this isn't UTF-8: save the file as UTF-8"),
    (b"#" * (MAX_BYTES + 1), 1, 1, "the file is larger than 256 KiB"),
    (b"a: \x00", 1, 4, "remove the unprintable character U+0000"),
]


@pytest.mark.parametrize(("data", "line", "column", "message"), BYTES)
def test_bytes_that_are_no_text(data: bytes, line: int, column: int, message: str) -> None:
    root, findings = read_nodes(data, "f")
    assert root is None
    assert [(f.line, f.column, f.message) for f in findings] == [(line, column, message)]


@pytest.mark.parametrize("text", ['a: "\\ud800"', 'a: "\\UFFFFFFFF"', 'a: "\\U00110000"'])
@pytest.mark.usefixtures("_parser")
def test_escapes_of_no_character(text: str) -> None:
    _, findings = read_nodes(text.encode(), "f")
    assert len(findings) == 1


def test_slips_in_one_file_are_all_found() -> None:
    text = "a: &x 1\nb: *x\na: 2\nc: !!str d\n"
    _, findings = read_nodes(text.encode(), "f")
    assert [f.line for f in findings] == [1, 2, 3, 4]


def test_byte_order_mark_and_windows_line_ends_are_no_trouble() -> None:
    root, findings = read_nodes(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n", "f")
    assert findings == []
    assert isinstance(root, MapNode)
    text = root.entries["b"][1]
    assert isinstance(text, Scalar)
    assert text.text == "x\ny\n"


def test_places_follow_trails() -> None:
    known = places("require:\n  - a < b\n  - b < c\nparts:\n  side: {answer: n}\n")
    assert known["require", "2"] == (3, 5)
    assert known["parts", "side", "answer"] == (5, 18)
    assert known[()] == (1, 1)
    assert place_of(("parts", "side", "answer"), known) == (5, 18)
    assert place_of(("require", "2", "deeper"), known) == (3, 5)
    assert place_of(("elsewhere",), known) == (1, 1)


@pytest.mark.parametrize("text", ["", "a: [", "a: \ud800", "a: *b"])
def test_places_of_a_broken_text_are_what_can_be_read(text: str) -> None:
    assert place_of(("a",), places(text)) in [(1, 1), (1, 4)]
