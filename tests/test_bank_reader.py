"""Problem files → ``Problem``: one file that uses every key, and what each slip is told."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction as F
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.problem import (
    Array,
    Example,
    Maths,
    Misconception,
    OneOf,
    Option,
    Problem,
    Range,
    Row,
    Sample,
    Table,
)
from tutor.bank import parameters, parts, reader
from tutor.bank import table as table_keys
from tutor.bank.findings import Finding, Findings, Reading
from tutor.bank.reader import place_of, places, read_problem
from tutor.bank.rules import Keys

BANKS = Path(__file__).parent / "banks"
WHOLE = (BANKS / "whole.yaml").read_bytes()

ADDED = {
    "title": "title: T\n",
    "question": "question: Q\n",
    "parts": "parts: {z: {kind: number, answer: 1}}\n",
}


def read(text: str) -> Reading:
    return read_problem(text.encode(), "cnn/x", "f")


def read_whole() -> Problem:
    problem = read_problem(WHOLE, "cnn/whole", "cnn/whole.yaml")
    assert isinstance(problem, Problem), "\n".join(map(str, problem))
    return problem


def completed(fragment: str) -> str:
    keys = {line.partition(":")[0] for line in fragment.splitlines()}
    if "table" in keys:
        keys.add("parts")
    return fragment + "".join(text for key, text in ADDED.items() if key not in keys)


def told(text: str) -> list[str]:
    reading = read(text)
    assert isinstance(reading, Findings), text
    return [str(finding).removeprefix("f:") for finding in reading]


def test_whole_file_texts() -> None:
    problem = read_whole()
    assert (problem.id, problem.topic) == ("cnn/whole", "cnn")
    assert problem.title == "Output size of a convolution"
    assert problem.points == 2
    assert problem.source == "Section 6"
    assert problem.symbols == "x, y, lam > 0"
    assert problem.question == (
        "A layer has ${{f}} × {{f}}$ filters.\n\nIts input is ${{n}} × {{n}}$."
    )
    assert problem.define == {"k1": "2f", "n1": "4"}
    assert list(problem.define) == ["k1", "n1"]
    assert problem.maths == {"g": "2 t"}
    assert problem.require == ("f <= n",)
    assert problem.hints == ("Layer by layer.",)
    assert problem.solution == "It is {{n}}."
    assert problem.revision == blake2b(WHOLE, digest_size=6).hexdigest()


def test_whole_file_parameters() -> None:
    problem = read_whole()
    assert problem.parameters == {
        "n": Range(F(5), F(64)),
        "rate": Range(F(1, 10), F(9, 10), F(1, 10)),
        "f": OneOf((F(3), F(5), F(7))),
        "pad": OneOf(("same", "valid", "no")),
        "order": OneOf((("conv", "relu", F(2)), ("relu", "conv", F(2)))),
        "scenario": OneOf(({"name": "a bet", "gain": F(10000)}, {"name": "a test", "gain": F(5)})),
        "rows": Sample(2, ("conv1", "pool1", "conv2")),
        "M": Array(("2", "n"), Range(F(-9), F(9)), distinct=True),
        "v": Array(("3",), OneOf((F(0), F(1, 2), F(1)))),
        "t": Maths(("x^2 y", "a x^b")),
    }
    assert problem.original == {
        "n": F(15),
        "rate": F(1, 2),
        "f": F(5),
        "pad": "valid",
        "order": ("conv", "relu", F(2)),
        "scenario": {"name": "a bet", "gain": F(10000)},
        "rows": ("conv1", "pool1"),
        "M": ((F(1), F(2)), (F(3), F(4))),
        "v": (F(0), F(1, 2), F(1)),
        "t": "x^2 y",
    }


def test_a_record_of_the_original_may_be_named_by_what_tells_it_from_the_others() -> None:
    records = "[{x: 1, y: b}, {x: 2, y: c}]"
    problem = read(
        completed(
            f"parameters: {{a: {records}, s: {{sample: 2, of: {records}}}}}\n"
            "original: {a: {y: c}, s: [{x: 2}, {y: b}]}\n"
        )
    )
    assert isinstance(problem, Problem)
    first, second = {"x": F(1), "y": "b"}, {"x": F(2), "y": "c"}
    assert problem.original == {"a": second, "s": (second, first)}


def test_whole_file_parts() -> None:
    side, share, remedy = read_whole().parts
    assert (side.id, side.kind, side.points) == ("side", "integer", F(2))
    assert side.ask == "How wide is the output?"
    assert side.answer == "floor((n + 2p - f)/s) + 1"
    assert side.misconceptions == (
        Misconception("forgot-padding", "floor((n - f)/s) + 1", "The padding: it adds a border."),
        Misconception("doubled", "2n", "Once is enough.", "n > 3"),
    )
    assert side.hints == ("Draw it.", "Count the steps.")
    assert (share.answer, share.points) == ("1/3", None)
    assert (share.relative, share.absolute) == (F(1, 100), F(1, 1_000_000))
    assert remedy.answer == ""
    assert remedy.options == (
        Option("more-data", "Collect more training examples"),
        Option("dropout", "Add dropout", "variance > bias", "It hides units."),
    )


def test_whole_file_table() -> None:
    table = read_whole().table
    assert isinstance(table, Table)
    assert (table.show, table.corner, table.first_label) == ("rows", "layer", "INPUT")
    assert table.columns == {"shape": "activation map", "weights": "weights"}
    assert table.first == {"shape": "(n, n, c)", "weights": "0"}
    answers = {
        (kind, id): cell.answer for kind, cells in table.cells.items() for id, cell in cells.items()
    }
    assert answers == {
        ("conv", "shape"): "conv_shape(previous.shape, row.k, row.n)",
        ("conv", "weights"): "row.k",
        ("pool", "shape"): "pool(previous.shape)",
        ("pool", "weights"): "0",
    }
    padding = Misconception("same-padding", "n", "No padding here.")
    assert table.rows == (
        Row("conv1", "CONV-{{k1}}-{{n1}}", "conv", {"k": "k1", "n": "n1"}, {"shape": (padding,)}),
        Row("pool1", "POOL-2", "pool"),
        Row("conv2", "CONV", "conv", {"k": "no", "n": "010"}),
    )


def test_whole_file_examples() -> None:
    assert read_whole().examples == (
        Example({"side": "6", "conv1.shape": "6x6"}, "correct", "forgot-padding", original=True),
        Example({"side": "7", "share": ""}, "incorrect"),
    )


def test_a_list_under_show_chooses_and_orders_rows() -> None:
    text = WHOLE.decode().replace("show: rows", "show: [pool1, conv1]")
    problem = read(text)
    assert isinstance(problem, Problem)
    assert problem.table is not None
    assert [row.id for row in problem.table.rows] == ["pool1", "conv1"]
    assert problem.table.show == ""


def test_a_row_takes_the_only_kind_of_row() -> None:
    text = completed(
        "table:\n"
        "  columns: {w: Weights}\n"
        "  cells: {conv: {w: {kind: integer, answer: row.k}}}\n"
        "  rows: {a: {label: A, k: 2}, b: {label: B, k: 3}}\n"
    )
    problem = read(text)
    assert isinstance(problem, Problem)
    assert problem.table is not None
    assert [row.kind for row in problem.table.rows] == ["conv", "conv"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", F(0)),
        ("-3", F(-3)),
        ("0.1", F(1, 10)),
        ("0.10", F(1, 10)),
        ("1/3", F(1, 3)),
        ("-2/4", F(-1, 2)),
        ("123456789012345678901234567890", F(123456789012345678901234567890)),
        ("no", "no"),
        ("on", "on"),
        ("null", "null"),
        ("true", "true"),
        ("6x6", "6x6"),
        ("2nd", "2nd"),
        ("e3", "e3"),
        ("x-1", "x-1"),
        ("0xyz", "0xyz"),
        ("-", "-"),
        ("'010'", "010"),
        ('"12:30"', "12:30"),
        ("'3'", "3"),
        ("more data", "more data"),
    ],
)
def test_entries_are_exact_numbers_or_words(text: str, value: F | str) -> None:
    if text == "-":
        text = "'-'"
    problem = read(completed(f"parameters: {{n: [{text}]}}\n"))
    assert isinstance(problem, Problem)
    assert problem.parameters["n"] == OneOf((value,))


def fragments() -> list[tuple[str, list[str]]]:
    blocks = (BANKS / "fragments.txt").read_text(encoding="utf-8").split("\n\n")[1:]
    cases = []
    for block in blocks:
        lines = block.strip("\n").split("\n")
        fragment = "".join(f"{line}\n" for line in lines if not line.startswith("→ "))
        cases.append((fragment, [line[2:] for line in lines if line.startswith("→ ")]))
    return cases


@pytest.mark.parametrize(("fragment", "expected"), fragments())
def test_fragments_get_their_findings(fragment: str, expected: list[str]) -> None:
    assert expected
    assert told(completed(fragment)) == expected


LONG = [
    ("title: " + "x" * 201, "1:8: 201 characters: at most 200 are allowed (title)"),
    ("question: " + "x" * 4_001, "1:11: 4,001 characters: at most 4,000 are allowed (question)"),
    ("parts: {a: {kind: number, answer: " + "1+" * 1_000 + "1}}",
     "1:35: 2,001 characters: at most 2,000 are allowed (parts → a → answer)"),
    ("parts: {a: {kind: number, answer: 1, misconceptions: {b: {answer: 2, say: "
     + "x" * 1_001 + "}}}}",
     "1:75: 1,001 characters: at most 1,000 are allowed (parts → a → misconceptions → b → say)"),
    ("parts:" + "".join(f"\n  a{n}: {{kind: number, answer: 1}}" for n in range(61)),
     "2:3: 61 keys: at most 60 are allowed (parts)"),
    ("parameters:" + "".join(f"\n  a{n}: 1..3" for n in range(61)),
     "2:3: 61 keys: at most 60 are allowed (parameters)"),
    ("parameters:\n  a: [" + "1, " * 200 + "1]",
     "2:6: 201 entries: at most 200 are allowed (parameters → a)"),
    ("require: [" + "a, " * 200 + "a]", "1:10: 201 entries: at most 200 are allowed (require)"),
    ("parts: {a: {kind: choice, answer: a0, options: {"
     + ", ".join(f"a{n}: A" for n in range(13)) + "}}}",
     "1:48: 13 keys: at most 12 are allowed (parts → a → options)"),
    ("parts: {" + "a" * 61 + ": {kind: number, answer: 1}}",
     f"1:9: '{'a' * 40}…' has more than 60 characters (parts)"),
]  # fmt: skip


@pytest.mark.parametrize(("fragment", "expected"), LONG)
def test_limits(fragment: str, expected: str) -> None:
    assert told(completed(f"{fragment}\n")) == [expected]


def test_what_lacks_everything_is_told_everything() -> None:
    assert told("points: 2\n") == [
        "1:1: missing key 'title'",
        "1:1: missing key 'question'",
        "1:1: missing key 'parts' (or 'table')",
    ]


def test_findings_name_file_place_and_trail() -> None:
    finding = Finding("problems/cnn/x.yaml", 12, 5, ("parts", "side", "answer"), "message")
    assert str(finding) == "problems/cnn/x.yaml:12:5: message (parts → side → answer)"
    assert str(Finding("x", 1, 1, ("a\n" * 50,), "m")) == f"x:1:1: m ({'a ' * 20}…)"
    assert str(Finding("x.yaml", 1, 1, (), "message", "warning")) == "x.yaml:1:1: warning: message"


def test_later_findings_get_their_places() -> None:
    known = places(WHOLE.decode())
    lines = WHOLE.decode().splitlines()
    for trail, expected in (
        (("parts", "side", "answer"), "floor((n + 2p - f)/s) + 1"),
        (("parts", "side", "misconceptions", "doubled", "answer"), "2n"),
        (("parts", "remedy", "options", "dropout", "right"), '"variance > bias"'),
        (("table", "cells", "conv", "shape", "answer"), '"conv_shape('),
        (("table", "rows", "conv1", "misconceptions", "shape", "same-padding", "answer"), "n,"),
        (("table", "first", "shape"), '"(n, n, c)"'),
        (("require",), "f <= n"),
        (("examples", "2", "verdict"), "incorrect"),
    ):
        line, column = known[trail]
        assert lines[line - 1][column - 1 :].startswith(expected), trail
    assert place_of(("require", "1"), known) == known["require",]


@pytest.mark.parametrize(
    "keys",
    [
        reader.PROBLEM,
        reader.EXAMPLE,
        parameters.SAMPLE,
        parameters.ARRAY,
        parameters.MATHS,
        parts.PART,
        parts.OPTION,
        parts.MISCONCEPTION,
        parts.TOLERANCE,
        table_keys.TABLE,
        table_keys.ROW,
        table_keys.FIRST,
    ],
)
def test_every_key_has_a_line_for_the_docs(keys: Keys) -> None:
    others = [keys.others] if keys.others else []
    assert all(key.about for key in [*keys.keys.values(), *others])


def check(data: bytes) -> None:
    """Whatever the bytes, there is a problem or at least one finding inside the file."""
    reading = read_problem(data, "cnn/x", "f")
    if isinstance(reading, Problem):
        assert asdict(reading)["id"] == "cnn/x"
        return
    assert reading
    lines = data.decode("utf-8", "replace").split("\n")
    for finding in reading:
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        assert "\n" not in str(finding)


PIECES = [b"\n", b": ", b"- ", b"{", b"}", b"[", b"]", b'"', b"'", b"|", b"&a ", b"*a", b"!!x ",
          b"<<: ", b"\t", b"  ", b"? ", b"# ", b"%", b"~", b"0", b"---\n", b"...\n", b"\xff",
          b"\\", b"\r", b"\x00", "é".encode(), b", ", b"1e999", b"9" * 50, b"a: "]  # fmt: skip

CUTS = st.tuples(
    st.integers(0, len(WHOLE)), st.integers(0, 12), st.one_of(st.sampled_from(PIECES), st.binary())
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CUTS, min_size=1, max_size=4))
def test_mutated_bytes_never_raise(cuts: list[tuple[int, int, bytes]]) -> None:
    data = WHOLE
    for start, length, piece in cuts:
        data = data[:start] + piece + data[start + length :]
    check(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_never_raise(data: bytes) -> None:
    check(data)


LINES = WHOLE.decode().splitlines(keepends=True)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_shuffled_lines_never_raise(lines: list[str]) -> None:
    check("".join(lines).encode())


VALUES = st.recursive(
    st.sampled_from(["a", "no", "010", "1", "1..3", "~", "''", "x^2", "true", "1/2"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(["a", "kind", "answer", "say", "of", "array", "sample", "label", "w"]),
            inner,
            max_size=3,
        ).map(lambda entries: f"{{{', '.join(f'{k}: {v}' for k, v in entries.items())}}}"),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(reader.PROBLEM.keys)), VALUES, VALUES)
def test_any_value_under_any_key_never_raises(key: str, value: str, parameter: str) -> None:
    fragment = f"{key}: {value}\n"
    if key != "parameters":
        fragment += f"parameters: {{a: {parameter}}}\n"
    check(completed(fragment).encode())


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(table_keys.TABLE.keys)), VALUES, st.sampled_from(sorted(parts.PART.keys))
)
def test_any_value_in_tables_and_parts_never_raises(key: str, value: str, inner: str) -> None:
    check(completed(f"table: {{{key}: {value}}}\n").encode())
    check(completed(f"parts: {{a: {{{inner}: {value}}}}}\n").encode())
    check(completed(f"parameters: {{a: [b]}}\noriginal: {{a: {value}}}\n").encode())
