"""No text crashes a stream, and no control character passes one."""

from __future__ import annotations

import io
import sys

import pytest

from engine.text import HARD_SPACE
from tutor.console import clean, complain, prepare_streams, readable


@pytest.mark.parametrize(
    ("text", "ascii_only", "why"),
    [
        ("6 × 6 − 2·x", "6 x 6 - 2*x", "signs of maths"),
        ("ŷ − y\u0302 + x\u0304", "yhat - yhat + xbar", "hats, composed or combining"),
        ("λ, α, Δ, ε, Σ", "lambda, alpha, Delta, eps, sum", "Greek by its names"),
        ("✓ ✗ ⤷ ◐ › ╵", "+ x > ~ > ^", "our own signs"),
        ("⌊x/2⌋ ≤ √x", "floor(x/2) <= sqrtx", "brackets and relations"),
        ("x² + y₁ é", "x^2 + y1 e", "what has a plain relative"),
        ("日本 🎉", "?? ?", "what has none"),
        ("“it’s”…", '"it\'s"...', "typography"),
    ],
)
def test_any_text_has_an_ascii_spelling(text: str, ascii_only: str, why: str) -> None:
    assert text.encode("ascii", "tutor").decode() == ascii_only, why


def test_latin_1_keeps_what_it_has() -> None:
    assert "6 × 6 − 2·ŷ é".encode("latin-1", "tutor").decode("latin-1") == "6 × 6 - 2·yhat é"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\tb\nc", "a b\nc"),
        ("a\r\x85b", "a  b"),
        ("\u202eright to left\u200b", "�right to left�"),
        ("\udcff", "�"),
        ("ŷ 日本 x\u0302", "ŷ 日本 x\u0302"),
        (f"a{HARD_SPACE}b", f"a{HARD_SPACE}b"),
    ],
)
def test_control_characters_are_not_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_hard_space_survives_a_terminal_without_it() -> None:
    assert clean(f"2{HARD_SPACE}×", "ascii") == f"2{HARD_SPACE}x"


def test_what_was_typed_can_be_stored_and_written() -> None:
    assert readable("6\udcff") == "6?"


def test_a_complaint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("a\nb \x1b[2J  c")
    assert capsys.readouterr().err == "tutor: a b �[2J c\n"


def test_a_closed_stderr_is_no_reason_to_write_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    complain("nobody hears")
    assert capsys.readouterr().out == ""


def test_what_comes_in_where_ascii_is_promised_is_read_as_utf_8(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed = io.TextIOWrapper(io.BytesIO("ŷ\n".encode() + b"\xff\n"), encoding="ascii")
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdin", typed)
    monkeypatch.setattr(sys, "stdout", shown)
    prepare_streams()
    assert sys.stdin.readlines() == ["ŷ\n", "�\n"]
    print("ŷ")
    sys.stdout.flush()
    assert shown.buffer.getvalue() == b"yhat\n"  # type: ignore[attr-defined]
