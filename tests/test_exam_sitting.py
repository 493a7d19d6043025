"""Sitting a mock exam: nothing told before the end, nothing lost, and a clock that is honest."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from program import SHOWN, Terminal, tutor_here

from tutor.bank.bank import Bank
from tutor.clock import Watch, duration, running
from tutor.commands import exam
from tutor.exam.drawing import new_sitting
from tutor.exam.report import Report
from tutor.exam.sheet import Sheet
from tutor.exam.sittings import Asked, HandedIn, Outdated, Sitting, Sittings
from tutor.store import Store, StoreUnavailable
from tutor.terminal import Prompt

SEED = "5"
on_a_terminal = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")


def sit(home: Path, typed: str, *more: str) -> str:
    """What a sitting with these lines prints."""
    done = tutor_here("exam", *more, home=home, stdin=typed.encode())
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def begin(home: Path, typed: str) -> str:
    return sit(home, typed, "short", "--seed", SEED)


def stored(home: Path, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(home / "attempts.db")) as connection:
        found = connection.execute(query).fetchall()
        connection.commit()
    return found


def ends_in(home: Path, seconds: float) -> None:
    """Move the beginning so that so much time is left."""
    began = datetime.now(UTC) + timedelta(seconds=seconds, minutes=-20)
    stored(home, f"UPDATE sittings SET began = '{began:%Y-%m-%dT%H:%M:%SZ}', at = began")


def question_of(page: str, name: str) -> int:
    """The number of the question whose code has this name."""
    found = re.search(rf"{name}@\d+[^\n]*\n?[^\n]* (\d+) of 4", page)
    assert found is not None
    return int(found[1])


def numbers(home: Path) -> dict[str, int]:
    """Where the exam of the seed asks which problem."""
    page = begin(home, ":next\n" * 4 + "1\n:quit\n")
    return {name: question_of(page, f"shown/{name}") for name in ("side", "table", "kinds", "odd")}


def disk_is_full(*_: object) -> None:
    raise StoreUnavailable("the disk is full")


def test_answers_can_be_changed_and_nothing_is_told_before_the_end(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    page = sit(
        tmp_path, f":go {at['odd']}\n1000\n:go {at['odd']}\n2000\n:go {at['odd']}\n\n:done\n"
    )
    before, after = page.split("Grading", 1)
    assert "your answer: 1000" in before and "your answer: 2000" in before
    assert not re.search(r"correct|✗|✓", before)
    assert "n › 2000" in after and "✗ incorrect" in after and "1000" not in after
    assert re.search(r"A short exam +0 of 16 points", after)


def test_the_points_are_the_exams_and_the_attempts_count(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    shown = sit(tmp_path, f":go {at['odd']}\n:quit\n")
    drawn = re.search(r"\[red\](\d)\[/red\]", shown)
    assert drawn is not None
    page = sit(tmp_path, f":go {at['odd']}\n{drawn[1]}\n:done\n")
    assert re.search(r"All else +3 of 10 points", page)
    ((session, score),) = stored(tmp_path, "SELECT session, score FROM attempts")
    assert score == 1.0 and [(session,)] == stored(tmp_path, "SELECT sitting FROM sittings")
    assert sit(tmp_path, ":quit\n", "short").startswith("A short exam"), "the next is a new one"


def test_what_is_piped_in_is_handed_in_if_it_ends_behind_the_last_question(tmp_path: Path) -> None:
    assert "The report:" not in begin(tmp_path, ":next\n")
    assert "The report:" in sit(tmp_path, ":next\n" * 3)


def test_hints_and_solutions_are_not_to_be_had(tmp_path: Path) -> None:
    page = begin(tmp_path, ":hint\n:solution\n:nonsense\n:go 99\n:quit\n")
    assert page.count("There is none in an exam") == 2
    assert "no command :nonsense" in page and "questions 1 to 4" in page


def test_what_cannot_be_read_is_kept_and_told(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    page = sit(tmp_path, f":go {at['side']}\n2*(3+\n\n:go {at['side']}\n:quit\n")
    assert "Kept as it stands" in page and "your answer: 2*(3+" in page
    assert "? invalid" in sit(tmp_path, ":done\n")


def test_an_answer_is_taken_back(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    go = f":go {at['side']}\n"
    sit(tmp_path, f"{go}7\n{go}:clear\n:quit\n")
    assert "your answer" not in sit(tmp_path, f"{go}:quit\n")


def test_marks_and_the_list(tmp_path: Path) -> None:
    page = begin(tmp_path, ":mark\n:next\n:list\n:back\n:quit\n")
    assert re.search(r"^1 .* open +marked$", page, re.MULTILINE)
    assert page.rstrip().count("You marked this question") == 1
    assert "marked" in sit(tmp_path, ":list\n:quit\n"), "the mark outlives the program"


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    begin(tmp_path, ":next\n:next\n:quit\n")
    page = sit(tmp_path, ":quit\n")
    assert "You go on with A short exam: 20 min left, the clock ran on." in page
    assert "3 of 4 · 20 min left" in page
    refused = tutor_here("exam", "--seed", "8", home=tmp_path)
    assert refused.returncode == 2 and b"is not handed in yet" in refused.stderr


def test_the_clock_runs_on_while_one_is_away(tmp_path: Path) -> None:
    begin(tmp_path, ":quit\n")
    ends_in(tmp_path, 300)
    assert "· 5 min left" in sit(tmp_path, ":quit\n")
    ends_in(tmp_path, -60)
    page = sit(tmp_path, "")
    assert "The time ran out meanwhile" in page and "0 of 16 points" in page


def test_a_line_that_comes_too_late_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    read = Prompt._plain_line

    def slowly(prompt: Prompt, label: str) -> str:
        line = read(prompt, label)
        now[0] += 20 * 60 if line == "32" else 0
        return line

    begin(tmp_path, ":quit\n")
    monkeypatch.setattr(Prompt, "_plain_line", slowly)
    monkeypatch.setattr(exam, "running", lambda since, wall: lambda: since + now[0])
    page = sit(tmp_path, ":go 1\n32\n")
    assert "The time is up. What was typed since then doesn't count." in page
    assert "side › no answer" in page


def test_a_clock_that_is_set_back_gives_no_time(tmp_path: Path) -> None:
    now, steady = [1_000_000.0], [0.0]
    asked = Asked("shown/side@1", "Sizes", 1, "", "")
    with Store.open(tmp_path / "attempts.db") as store:
        sittings = Sittings(store)
        sitting = Sitting("s", "short", "A short exam", "1", now[0], 20, (asked,))
        sittings.begin(sitting)

        def sheet() -> Sheet:
            clock = running(sittings.last_written(sitting), lambda: now[0], lambda: steady[0])
            return Sheet(sittings, sitting, {0: None}, clock)  # type: ignore[dict-item]

        first = sheet()
        now[0] += 600
        first.write(0, "side", "5")
        now[0] -= 10_000
        assert first.watch.left() == sheet().watch.left() == 600
        steady[0] += 700
        assert first.watch.left() == 500, "it goes on all the same"
        first.flag(0)
        assert sheet().watch.left() == 500


def test_of_two_terminals_one_begins_and_one_ends(tmp_path: Path) -> None:
    asked = Asked("shown/side@1", "Sizes", 1, "", "")
    one, other = (Sitting(name, "short", "A", "1", 0.0, 20, (asked,)) for name in ("s", "t"))
    with Store.open(tmp_path / "attempts.db") as store:
        sittings = Sittings(store)
        assert sittings.begin(one) and not sittings.begin(other)
        assert sittings.unfinished() == one
        sittings.write(one, (0, "side"), "5", 30.0)
        with pytest.raises(Outdated):
            sittings.end(one, {}, [], 60.0)
        assert sittings.unfinished() == one, "what came in while it was graded is graded first"
        sittings.end(one, {(0, "side"): "5"}, [], 60.0)
        with pytest.raises(HandedIn):
            sittings.end(one, {(0, "side"): "5"}, [], 60.0)
        assert sittings.begin(other)


def test_what_can_not_be_stored_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked("shown/side@1", "Sizes", 1, "", "")
    with Store.open(tmp_path / "attempts.db") as store:
        sittings = Sittings(store)
        sitting = Sitting("s", "short", "A short exam", "1", 0.0, 20, (asked,))
        sittings.begin(sitting)
        sheet = Sheet(sittings, sitting, {0: None}, lambda: 60.0)  # type: ignore[dict-item]
        for answers, full, told in (
            (
                ("5",),
                True,
                "1 answer not stored: the disk is full. It is tried again with the next.",
            ),
            (
                ("6", ""),
                True,
                "1 answer not stored: the disk is full. It is tried again with the next.",
            ),
            (("7",), False, "All your answers are stored now."),
            (("8",), False, ""),
        ):
            with monkeypatch.context() as patch:
                if full:
                    patch.setattr(Sittings, "write", disk_is_full)
                for answer in answers:
                    sheet.notice = ""
                    sheet.write(0, "side", answer)
                    assert sheet.text(0, "side") == answer
                assert sheet.notice == told
                sheet.look()
                assert sheet.text(0, "side") == answers[-1], "what waits stands on the sheet"
        assert Sheet(sittings, sitting, {0: None}, lambda: 60.0).text(0, "side") == "8"  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(5400, "90 min"), (5399, "90 min"), (121, "3 min"), (120, "120 s"), (0.5, "0 s"), (-9, "0 s")],
)
def test_the_time_as_told(seconds: float, told: str) -> None:
    assert duration(seconds) == told
    assert Watch(lambda: seconds).over == (seconds <= 0)


def test_the_report_is_a_page_that_holds_no_markup_of_others(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    table = f":go {at['table']}\n11x11x8\n\n5x5x8\n"
    page = sit(tmp_path, f"{table}:go {at['odd']}\n<script>alert(1)</script>\n\n:done\n")
    found = re.search(r"The report:\n  (.*\.html)", page)
    assert found is not None
    html = Path(found[1]).read_text(encoding="utf-8")
    assert "<script" not in html and "&lt;script&gt;" in html
    assert "://" not in html, "nothing is fetched"
    for told in (
        "A short exam", "Sizes", "[bold]Odd[/bold]", "no answer", "The answer is",
        "How wide is the output?", "<li><b>power</b> the power rule",  # what was asked stands there
        "14&nbsp;×&nbsp;14&nbsp;×&nbsp;3", "14 × 14 × 3", "⤷ right from your own earlier answer",
    ):  # fmt: skip
        assert told in html, told
    assert all(character.isprintable() or character == "\n" for character in html)


def test_a_full_disk_at_the_end_loses_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = numbers(tmp_path)
    sit(tmp_path, f":go {at['side']}\n7\n:quit\n")
    monkeypatch.setattr(Sittings, "end", disk_is_full)
    done = tutor_here("exam", home=tmp_path, stdin=b":done\n")
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0 and "side › 7" in out and "the disk is full" in err
    kept = re.search(r"1 answer could not be stored: kept as (\S+),", err)
    assert kept is not None
    imported = tutor_here("import", kept[1], home=tmp_path)
    assert imported.returncode == 0
    assert stored(tmp_path, "SELECT part, response FROM attempts") == [("side", "7")]


EDITS = [
    # a range that the numbers of this sitting don't come from any more
    (r"n: 8\.\.40", "n: 50..60", "", "side › 32"),
    ("points: 2\n", "points: 4\n", "", "side › 32"),
    # parameters of other names: the question can only be drawn anew
    (r"\bn\b", "k", "has other numbers now", "✗ incorrect"),
    # the part that was answered bears another name
    ("side:", "width:", "", "no answer"),
    ("title:", "titel:", "is left out", ""),
    (None, "", "is left out: there is no problem", ""),
]


@pytest.mark.parametrize(("old", "new", "told", "graded"), EDITS)
def test_a_problem_that_was_changed_meanwhile(
    old: str | None, new: str, told: str, graded: str, tmp_path: Path
) -> None:
    """The numbers of the seed's question: a filter of 5 over 36, so the right answer is 32."""
    bank = tmp_path / "bank"
    copytree(SHOWN, bank)
    tutor_here(
        "exam", "short", "--seed", SEED, home=tmp_path, stdin=b"32\n:quit\n", TUTOR_BANK=str(bank)
    )
    file = bank / "shown" / "side.yaml"
    if old is None:
        file.unlink()
    else:
        text = file.read_text(encoding="utf-8").replace(" = {{side}}", "")
        file.write_text(re.sub(old, new, text), encoding="utf-8")
    done = tutor_here("exam", home=tmp_path, stdin=b":done\n", TUTOR_BANK=str(bank))
    page, errors = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0 and "The report:" in page
    assert (f"question 1, shown/side@2330363202273658503, {told}" if told else "") in errors
    assert (errors == "") == (told == "")
    if graded:
        assert graded in page.split("Output size of a convolution")[-1] and "16 points" in page
        assert ("✓ correct" in page) == (graded == "side › 32")
    else:
        assert re.search("A short exam +0 of 13 points", page)


@pytest.mark.parametrize(
    ("old", "new"), [("title:", "titel:"), ("n - f + 1", "1/(f - f)"), ("{{n}} ×", "{{nope}} ×")]
)
def test_a_broken_problem_is_left_out_of_the_draw(
    old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its file, its answer, or its text: whichever is met first."""
    copytree(SHOWN, tmp_path / "bank")
    exams, side = tmp_path / "bank" / "exams", tmp_path / "bank" / "shown" / "side.yaml"
    section = "{title: A, points: 2, questions: 1, from: [shown/side, shown/odd]}"
    exams.joinpath("one.yaml").write_text(f"title: T\nminutes: 9\nsections:\n  a: {section}\n")
    side.write_text(side.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    for seed in range(6):
        sitting, variants = new_sitting("one", None, seed, Bank([tmp_path / "bank"]))
        assert [one.problem.id for one in variants] == ["shown/odd"] and len(sitting.questions) == 1
    assert "shown/side is left out: " in capsys.readouterr().err


def test_an_exam_without_its_bank_waits_for_it_until_its_time_is_up(tmp_path: Path) -> None:
    begin(tmp_path, ":quit\n")
    refused = tutor_here("exam", home=tmp_path, TUTOR_BANK="")
    assert refused.returncode == 2
    assert "none of its problems is in the bank; --bank adds a folder" in refused.stderr.decode()
    ends_in(tmp_path, -60)
    assert tutor_here("exam", home=tmp_path, TUTOR_BANK="").returncode == 0
    assert sit(tmp_path, ":quit\n", "short").startswith("A short exam"), "the next is a new one"


def test_an_answer_that_comes_in_while_it_is_graded_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = numbers(tmp_path)
    grade = exam.graded

    def slowly(sheet: Sheet, *more: Any) -> Report:
        monkeypatch.setattr(exam, "graded", grade)
        found = grade(sheet, *more)
        sit(tmp_path, f":go {at['side']}\n32\n:quit\n")  # another terminal
        return found

    monkeypatch.setattr(exam, "graded", slowly)
    assert "side › 32\n✓ correct" in sit(tmp_path, ":done\n")
    assert stored(tmp_path, "SELECT response FROM attempts") == [("32",)]
    assert len(list((tmp_path / "reports").iterdir())) == 1


# -- on a terminal ---------------------------------------------------------------------------------


@on_a_terminal
def test_a_killed_exam_goes_on_with_its_answers(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    with Terminal("exam", home=tmp_path) as terminal:
        terminal.wait_for("min left")
        terminal.type(f":go {at['side']}")
        terminal.wait_for("side ›")
        terminal.type("12")
        terminal.wait(lambda shown: f" {at['side'] + 1} of 4 " in shown or "exam ›" in shown)
        terminal.child.kill(signal.SIGKILL)
    with Terminal("exam", home=tmp_path) as terminal:
        terminal.wait_for("min left")
        terminal.type(f":go {at['side']}")
        terminal.wait_for("side › 12")
        terminal.wait_for("reads as  12")
        terminal.type(":quit")  # a colon begins a command in place of the answer that stands
        assert terminal.end() == 0


@on_a_terminal
def test_what_stands_on_the_line_counts_when_the_time_is_up(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    sit(tmp_path, f":go {at['side']}\n:quit\n")
    ends_in(tmp_path, 4)
    with Terminal("exam", home=tmp_path, lines=200) as terminal:
        terminal.wait_for("side ›")
        terminal.child.send(b"12")
        page = terminal.wait_for("The report")
        assert "The time is up." in page and "side › 12" in page
        assert terminal.end() == 0


@on_a_terminal
def test_handing_in_asks_when_something_is_open(tmp_path: Path) -> None:
    begin(tmp_path, ":quit\n")
    with Terminal("exam", home=tmp_path, lines=200) as terminal:
        terminal.wait_for("min left")
        terminal.type(":done")
        assert "4 questions aren't answered in full" in terminal.wait_for("yes or no ›")
        terminal.type("no")
        terminal.wait(lambda shown: "yes or no ›" not in terminal.line)
        terminal.type(":done")
        terminal.wait_for("yes or no ›", times=2)
        terminal.type("yes")
        terminal.wait_for("The report")
        assert terminal.end() == 0


@on_a_terminal
def test_two_terminals_write_on_one_sheet(tmp_path: Path) -> None:
    at = numbers(tmp_path)
    with Terminal("exam", home=tmp_path) as one, Terminal("exam", home=tmp_path) as other:
        for terminal, name, typed, then in (
            (one, "side", "12", f" {at['side'] + 1} of 4 "), (other, "odd", "34", "exam ›")
        ):  # fmt: skip
            page = terminal.wait_for("side ›")
            assert "You go on with A short exam" in page, "what introduces it can be read"
            terminal.type(f":go {at[name]}")
            terminal.wait(lambda shown: "You go on" not in shown and "›" in shown)
            terminal.type(typed)
            terminal.wait_for(then)
        one.type(":list")
        one.wait(lambda shown: re.search(r"Odd.* answered", shown) is not None)
        one.type(":done")
        one.wait_for("yes or no ›")
        one.type("yes")
        page = one.wait_for("The report")
        assert "side › 12" in page and "n › 34" in page
        assert one.end() == 0
        other.type("1")
        assert "handed in from another terminal" in other.wait_for("its report is there")
        assert other.end() == 0
    assert len(list((tmp_path / "reports").iterdir())) == 1
