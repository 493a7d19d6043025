"""The quiz with typed answers and a page of text in place of a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from program import SHOWN

from engine.kinds import Asked
from engine.problem import BrokenProblem
from engine.variant import Variant, make_variant
from engine.verdict import PartVerdict
from tutor.bank.bank import Bank
from tutor.cli import run
from tutor.layout import cells
from tutor.progress import Progress
from tutor.quiz import Quiz
from tutor.record import Record
from tutor.render import Screen
from tutor.store import Attempt, Store, StoreUnavailable

END, INTERRUPT = "<end>", "<interrupt>"
BANK = Bank([SHOWN])
NOBODY = Asked("", "integer")


class Typist:
    """Types lines and puts them on the page, as a terminal does."""

    interactive = False
    editing = False

    def __init__(self, screen: Screen, page: io.StringIO, lines: list[str]) -> None:
        self.screen = screen
        self.page = page
        self.lines = lines

    def ask(self, label: str, asked: Asked, *, rows: bool = False, **more: object) -> str:
        assert rows == (label == "mask"), "the only one with rows"
        line = self.lines.pop(0) if self.lines else END
        self.page.write(self.screen.prompt(label))
        if line in (END, INTERRUPT):
            self.page.write("\n")
            raise EOFError if line == END else KeyboardInterrupt
        self.page.write(f"{line}\n")
        return line

    def pause(self, told: str, label: str) -> str:
        return self.ask(label, NOBODY)

    def column(self, label: str, line: str, at: int) -> int | None:
        return cells(self.screen.prompt(label)) + cells(line[:at])


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TUTOR_BANK", SHOWN)
    monkeypatch.delenv("COLUMNS", raising=False)


def variant(id: str, seed: int | None = None) -> Variant:
    return make_variant(BANK.load(f"shown/{id}"), seed)


def stored(home: Path) -> list[Attempt]:
    with Store.open(home / "home" / "attempts.db") as store:
        return list(store.attempts())


def clock(*times: float) -> Callable[[], float]:
    ticking = iter(times)
    last = [0.0]

    def now() -> float:
        last[0] = next(ticking, last[0])
        return last[0]

    return now


def asked(*lines: str, about: str = "side", width: int = 80) -> str:
    """What stands on the page after a quiz of one or more originals."""
    page = io.StringIO()
    screen = Screen(file=page, width=width)
    variants = [variant(id) for id in about.split()]
    quiz = Quiz(screen, Typist(screen, page, list(lines)), Record(clock(0)), "shown", len(variants))  # type: ignore[arg-type]
    for one in variants:
        if not quiz.ask(one):
            break
    quiz.summary()
    return page.getvalue()


# answers


def test_a_right_answer() -> None:
    page = asked("11")
    assert re.search(r"side › 11\n✓ correct +2 of 2 points\n", page)
    assert page.endswith("shown   1 question · 2 of 2 points\n        first try 1\n")


def test_the_reading_is_echoed_under_what_was_typed() -> None:
    assert "side › 15-5+1\n       read as  15 − 5 + 1 = 11\n✓ correct" in asked("15-5+1")


def test_a_second_try() -> None:
    page = asked("10", "11")
    assert re.search(
        r"✗ incorrect   That counts .*\n {14}.*\. +1 try left\nside › 11\n✓ correct", page
    )
    assert page.endswith("second try 1\n")


def test_two_wrong_answers_end_the_part_with_its_answer_and_the_solution() -> None:
    page = asked("10", "10")
    assert re.search(
        r" +0 of 2 points\n  The answer is 11\n\nSolution\n  The filter fits at ", page
    )
    assert page.endswith("missed 1\n        again: tutor quiz shown/side\n"), (
        "the same slip twice in one part is one"
    )


def test_a_slip_counts_even_if_the_second_try_is_right() -> None:
    assert "slip seen twice: forgot plus one" in asked("10", "11", "10", "11", about="side side")


def test_the_command_at_the_end_stays_on_one_line() -> None:
    page = asked(":solution", ":solution", ":solution", about="side table kinds", width=40)
    assert page.endswith("  again: tutor quiz shown/side shown/table shown/kinds\n")


def test_a_surprising_reading_has_a_note() -> None:
    page = asked("1/2x", END, about="kinds")
    note = "1/2x reads as (1/2)·x; for 1/(2·x) write brackets."
    assert re.search(rf"\n        read as  1/2·x\n        note  {re.escape(note)}\n✗ inc", page)


def test_an_unreadable_answer_uses_no_try(tmp_path: Path) -> None:
    page = asked("2*(3+", "  ŷ 2", "", "  ", "11")
    assert re.search(r"side › 2\*\(3\+\n {11,12}╵\n\? invalid     .* no try used\n", page)
    assert re.search(r"side ›   ŷ 2\n {9}╵\n\? invalid ", page)
    assert page.count("Type an answer, or :skip") == 2
    assert "first try 1" in page
    assert [attempt.response for attempt in stored(tmp_path)] == ["11"]


def test_the_caret_counts_cells() -> None:
    page = asked("2 + 日本", "2 + e\u0301 + 日")
    assert re.search(r"side › 2 \+ 日本\n {11}╵\n", page)


def test_a_command_without_its_colon_is_explained() -> None:
    assert "Commands begin with a colon: :help\n" in asked("help", END)


def test_a_table_is_filled_in_cell_by_cell() -> None:
    page = asked("29x29x8", "29x29x8", "3*3*8", "14x14x8", ":skip", about="table")
    assert "CONV-3-8: activation map › 29x29x8\n" in page
    assert "✗ incorrect   The first place counts." in page
    assert "⤷ correct     Right from your own earlier answer.\n" in page
    assert (
        "layer      activation map   weights\n"
        "INPUT      32 × 32 × 3      0\n"
        "CONV-3-8   29 × 29 × 8 ✗    72 ✓\n"
        "POOL-2     14 × 14 × 8 ⤷    ·\n"
        "⤷ right from your own earlier answer\n"
        "2 of 4 cells · 1 of 2 points\n"
    ) in page


def test_partial_marks_stand_beside_the_verdict() -> None:
    page = asked(":skip", ":skip", "one three", "one", "[[1,0],[0,4]]", END, about="kinds")
    assert re.search(r"right › one three\n +read as  one, three\n✗ incorrect ", page)
    assert re.search(r"◐ partial .* 0\.5 of 1 point\n", page)
    assert re.search(r"◐ partial     3 of 4 cells .*\n.* 0\.75 of 1 point · 1 try left\n", page)


# commands


def test_hints_come_one_by_one() -> None:
    page = asked(":hint", ":h", ":HINT", "11")
    assert "  Hint 1 of 2: Put the filter into the left corner.\n" in page
    assert "  Hint 2 of 2: Count the places.\n" in page
    assert "  There are no more hints; :solution shows the way.\n" in page
    assert page.endswith("after a hint 1\n")


def test_a_problem_without_hints() -> None:
    assert "There is no hint here; :solution shows the way." in asked(":hint", about="kinds")


def test_skip_goes_on_with_the_next_part() -> None:
    page = asked(":skip", "power", ":quit", about="kinds")
    assert re.search(r"slope › :skip\nWhich rule is it\?\n", page)
    assert "1 of 4 parts · 1 of 4 points\n" in page


def test_solution_leaves_the_question() -> None:
    page = asked(":solution", "11", about="side side")
    assert "Solution\n  The filter fits at" in page
    assert "shown   2 questions · 2 of 4 points\n        first try 1 · missed 1\n" in page


def test_the_question_can_be_seen_again() -> None:
    page = asked("30x30x8", ":question", END, about="table")
    assert page.count("Fill in the table") == 2
    assert page.count("CONV-3-8   30 × 30 × 8 ✓") == 2, "and once more at the end"


def test_help_and_unknown_commands() -> None:
    page = asked(":help", ":nonsense", ":", "11")
    for command in (":hint ", ":skip ", ":solution ", ":question ", ":quit ", ":help "):
        assert f"\n{command}" in page
    assert "There is no command :nonsense; :help lists them.\n" in page


@pytest.mark.parametrize("way", [":quit", ":q", ":exit", END, INTERRUPT])
def test_every_way_out_ends_with_the_summary(way: str) -> None:
    page = asked("11", way, about="side side side")
    assert "2 of 3" in page and "3 of 3" not in page
    assert page.endswith("shown   1 question · 2 of 2 points\n        first try 1\n")
    assert asked(way).endswith("No question was answered.\n")


# the store


def test_every_answer_is_stored_before_its_feedback(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    add, show = Record.add, Screen.part_verdict

    def adding(self: Record, progress: Progress, verdict: PartVerdict) -> None:
        add(self, progress, verdict)
        events.append(f"stored {verdict.response}")

    def showing(self: Screen, verdict: PartVerdict, *, indent: int = 2, after: str = "") -> None:
        events.append(f"shown {verdict.response}")
        show(self, verdict, indent=indent, after=after)

    monkeypatch.setattr(Record, "add", adding)
    monkeypatch.setattr(Screen, "part_verdict", showing)
    asked("10", "(", "11")
    assert events == ["stored 10", "shown 10", "stored 11", "shown 11"]


def test_what_is_stored(tmp_path: Path) -> None:
    asked(":hint", " 15-5 ", "11")
    first, second = stored(tmp_path)
    assert (first.code, first.problem, first.seed) == (
        "shown/side@original",
        "shown/side",
        "original",
    )
    assert (first.part, first.response, first.read_as) == ("side", "15-5", "15 − 5 = 10")
    assert (first.verdict, first.note) == ("incorrect", "shown/side:side:forgot-plus-one")
    assert (first.score, first.max_score, first.try_number, first.hints) == (0.0, 2.0, 1, 1)
    assert (first.at, first.parameters) == ("1970-01-01T00:00:00Z", '{"n": 15, "f": 5}')
    assert (second.verdict, second.score, second.try_number) == ("correct", 2.0, 2)
    assert first.session == second.session


def test_an_unusable_home_is_told_once_and_the_answers_are_kept_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    page = asked("10", "11", "11", about="side side")
    assert page.count("can't be stored") == 1
    (kept,) = tmp_path.glob("exam-tutor-*.jsonl")
    assert f"3answerscouldnotbestored:keptas{kept},for`tutorimport`" in "".join(page.split())
    assert page.endswith("2 questions · 4 of 4 points\n        first try 1 · second try 1\n")
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    assert run(["import", str(kept)]) == 0
    assert [attempt.response for attempt in stored(tmp_path)] == ["10", "11", "11"]


def test_answers_that_a_full_disk_refuses_are_stored_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, times = Store.add, iter([True, True, True, True])  # two answers, each tried twice

    def full(self: Store, attempt: Attempt) -> int:
        if next(times, False):
            raise StoreUnavailable("the disk is full")
        return add(self, attempt)

    monkeypatch.setattr(Store, "add", full)
    page = asked("10", "12", "11", about="side side")
    words = " ".join(page.split())
    assert words.count("not stored yet: the disk is full. It is tried again with each answer.") == 1
    assert page.count("All your answers are stored now.") == 1
    assert [attempt.response for attempt in stored(tmp_path)] == ["10", "12", "11"]


def test_ctrl_c_in_a_commit_stores_the_answer_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Store.add

    def interrupted(self: Store, attempt: Attempt) -> int:
        add(self, attempt)
        raise KeyboardInterrupt  # as Python does when SQLite has returned

    monkeypatch.setattr(Store, "add", interrupted)
    asked("10")
    assert [attempt.response for attempt in stored(tmp_path)] == ["10"]


def test_a_store_that_is_replaced_on_the_way_is_opened_anew(tmp_path: Path) -> None:
    """As where another terminal finds damage and sets it aside."""
    page = io.StringIO()
    screen = Screen(file=page, width=80)
    record = Record(clock(0))
    quiz = Quiz(screen, Typist(screen, page, ["11", "11"]), record, "shown", 2)  # type: ignore[arg-type]
    quiz.ask(variant("side"))
    (tmp_path / "home" / "attempts.db").rename(tmp_path / "away.db")
    quiz.ask(variant("side"))
    quiz.summary()
    assert len(stored(tmp_path)) == 1
    assert "stored yet" not in page.getvalue()


def test_a_long_quiz_tells_its_minutes() -> None:
    page = io.StringIO()
    screen = Screen(file=page, width=80)
    record = Record(clock(0, 60, 600))
    quiz = Quiz(screen, Typist(screen, page, ["11"]), record, "shown", 1)  # type: ignore[arg-type]
    quiz.ask(variant("side"))
    quiz.summary()
    assert "1 question · 2 of 2 points · 10 min\n" in page.getvalue()


# the program


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def quizzed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["quiz", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def heads(page: str) -> list[str]:
    """The codes of the questions, in order."""
    return re.findall(r"^(\S+@\w+) .* · \d+ of \d+$", page, re.MULTILINE)


def test_plain_lines_are_answers(
    capsys: pytest.CaptureFixture[str], stdin: Callable[[str], None]
) -> None:
    stdin("11\n")
    page = quizzed(capsys, "shown/side@original", "-n", "1")
    assert "side › 11\n✓ correct" in page and "2 of 2" in page


@pytest.mark.parametrize(
    ("typed", "shown", "why"),
    [
        ("1 0\n0 3\n\n", "mask › 1 0\n     › 0 3\n     › \n", "an empty line ends the rows"),
        ("1 0\n0 3", "mask › 1 0\n     › 0 3\n     › \n", "so does the end"),
        ("1, 0;\n0, 3;\n\n", "mask › 1, 0;\n     › 0, 3;\n     › \n", "as MATLAB has it"),
        ("1 0; 0 3\n", "mask › 1 0; 0 3\n", "both rows on one line"),
        ("[[1, 0],\n[0, 3]]\n", "mask › [[1, 0],\n     › [0, 3]]\n", "brackets"),
        ("1 0\n:hint\n1 0; 0 3\n", "     › :hint\n  There is no hint here", "a command"),
        ("help\n1 0; 0 3\n", "Commands begin with a colon: :help\nmask › 1 0;", "a word"),
    ],
)
def test_rows_on_lines(
    typed: str,
    shown: str,
    why: str,
    capsys: pytest.CaptureFixture[str],
    stdin: Callable[[str], None],
) -> None:
    stdin(f"{':skip' + chr(10)}" * 3 + typed)
    page = quizzed(capsys, "shown/kinds@original")
    assert shown in page and "✓ correct" in page, why


def test_one_row_is_all_where_one_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stdin: Callable[[str], None]
) -> None:
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "row.yaml").write_text(
        "title: T\nparameters: {n: 1..9}\nquestion: '{{n}}'\nparts:\n"
        "  x: {kind: array, answer: '[n, 2]'}\n  y: {kind: integer, answer: n}\n"
    )
    stdin("1 2\n:skip\n")
    page = quizzed(capsys, "flat/row@3", "--bank", str(tmp_path))
    assert "x › 1 2\n    read as  [1, 2]\n" in page


def test_the_same_seed_asks_the_same(
    capsys: pytest.CaptureFixture[str], stdin: Callable[[str], None]
) -> None:
    pages = []
    for seed in ("5", "5", "6"):
        stdin(":solution\n" * 12)
        pages.append(quizzed(capsys, "shown", "-n", "12", "--seed", seed))
    assert pages[0] == pages[1] != pages[2]
    asked_for = heads(pages[0])
    assert len(asked_for) == 12
    for start in (0, 4, 8):
        four = {code.partition("@")[0] for code in asked_for[start : start + 4]}
        assert len(four) == 4, "every problem once before one comes again"
    assert len(set(asked_for)) == 12, "with other numbers each time"


def test_a_topic_named_twice_counts_once(
    capsys: pytest.CaptureFixture[str], stdin: Callable[[str], None]
) -> None:
    stdin(":solution\n" * 9)
    page = quizzed(capsys, "shown", "shown", "shown/side")
    assert "1 of 4" in page and len(heads(page)) == 4


def test_problems_come_in_the_order_they_are_named_in(
    capsys: pytest.CaptureFixture[str], stdin: Callable[[str], None]
) -> None:
    stdin(":solution\n" * 9)
    page = quizzed(capsys, "shown/table@original", "shown/side@7", "shown/kinds@2", "-n", "5")
    codes = heads(page)
    assert codes[:3] == ["shown/table@original", "shown/side@7", "shown/kinds@2"]
    assert [code.partition("@")[0] for code in codes[3:]] == ["shown/table", "shown/side"]
    assert "shown/table@original" not in codes[3:], "again means with other numbers"


BROKEN = {
    "file": "title: 3\nquestion: [",
    "drawn": "title: T\nparameters: {n: 1..9}\nquestion: '{{m}}'\nparts:\n"
    "  x: {kind: integer, answer: n}\n",
    "late": "title: T\nparameters: {n: 1..9}\nquestion: '{{n}}'\nparts:\n"
    "  x: {kind: integer, answer: n}\nsolution: It is {{1/(n - n)}}.\n",
}


@pytest.fixture
def torn(tmp_path: Path) -> list[str]:
    (tmp_path / "bank" / "torn").mkdir(parents=True)
    for name, text in BROKEN.items():
        (tmp_path / "bank" / "torn" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return ["--bank", str(tmp_path / "bank")]


def test_broken_problems_are_left_out_and_told_once(
    torn: list[str], capsys: pytest.CaptureFixture[str], stdin: Callable[[str], None]
) -> None:
    stdin("11\n" * 3 + ":solution\n" * 9)
    names = ["torn/file", "shown/side@original", "torn/late", "torn/drawn"]
    assert run(["quiz", *names, "-n", "8", *torn]) == 0
    out, err = capsys.readouterr()
    told = err.splitlines()
    assert len(told) == 3
    for name in BROKEN:
        (line,) = (line for line in told if f"torn/{name}.yaml:" in line)
        assert re.match(rf"tutor: torn/{name} is left out: \S+:\d+:\d+: ", line)
    assert re.findall(r"\d of \d$", out, re.MULTILINE) == ["1 of 6", "2 of 6", "2 of 2"]
    assert "2 questions · 2 of 4 points" in out, "the broken ones don't count"


@pytest.mark.parametrize("name", ["file", "drawn"])
def test_a_quiz_of_nothing_but_a_broken_problem_can_t_run(
    name: str, torn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["quiz", f"torn/{name}", *torn]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and f"torn/{name}.yaml:" in err


def test_a_screen_shows_nothing_of_a_question_that_can_t_be_filled_in(torn: list[str]) -> None:
    page = io.StringIO()
    problem = Bank([torn[1]]).load("torn/drawn")
    with pytest.raises(BrokenProblem):
        Screen(file=page).question(make_variant(problem, 1))
    assert page.getvalue() == ""


def test_marks_are_exact() -> None:
    progress = Progress(variant("kinds"))
    assert progress.score == Fraction(0)
    assert progress.missed
