"""``tutor report``: what it counts, what it leaves out and says so, and how it looks.

``python tests/test_report.py`` writes the screens anew; look at what changed before committing.
"""

from __future__ import annotations

import io
import json
import random
import sys
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from fractions import Fraction
from math import atanh, sqrt, tanh
from pathlib import Path
from typing import Any

import classes
import numpy as np
import pytest
from program import SHOWN, tutor
from scipy import stats

from engine.statistics.items import Discrimination
from engine.variant import Variant, make_variant
from tutor.bank.bank import Bank
from tutor.cli import run
from tutor.layout import cells
from tutor.problems import open_bank
from tutor.render import Screen
from tutor.results.document import report_document
from tutor.results.drawn import Source
from tutor.results.figures import Report
from tutor.results.gathering import Tally
from tutor.results.page import page
from tutor.results.rows import MAX_LINE, Graded, Row, Skipped, Ungraded, read_rows
from tutor.results.screen import show
from tutor.results.summary import report
from tutor.results.words import NAMES, with_interval
from tutor.results.words import discrimination as told_discrimination
from tutor.results.words import time as told_time

SCREENS = Path(__file__).resolve().parent / "screens"
PAGES = ("60", "80", "120", "plain")
SHOWN_PROBLEMS = ("shown/side", "shown/kinds", "shown/table")
Document = dict[str, Any]


def tally_of(lines: Iterable[str], banks: tuple[str, ...] = ()) -> tuple[Tally, Source]:
    source = Source(open_bank(banks))
    tally = Tally(source.is_choice)
    tally.add_all(read_rows(io.StringIO("".join(lines))))
    return tally, source


def report_of(lines: Iterable[str], banks: tuple[str, ...] = ()) -> Report:
    return report(*tally_of(lines, banks))


def document_of(rows: Iterable[Document]) -> Document:
    return report_document(report_of(json.dumps(row) + "\n" for row in rows))


def part(
    score: float = 1.0, note: str = "correct", possible: float = 1.0, **more: object
) -> Document:
    verdict = "correct" if score == possible else "partial" if score else "incorrect"
    return {
        "id": "side", "response": "6", "read_as": "6", "verdict": verdict, "score": score,
        "max_score": possible, "note": f"cnn/conv-output:side:{note}", "feedback": [],
        "diagnosis": None, **more,
    }  # fmt: skip


def row(
    student: str | None = "s1", problem: str | None = "cnn/conv-output@7", **more: Any
) -> Document:
    parts = more.pop("parts", None) or [part(more.pop("score", 1.0))]
    named = {} if student is None else {"student": student}
    return {**named, "problem": problem, "code": problem, "verdict": "correct", "score": 1.0,
            "max_score": 1.0, "parts": parts, **more}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 60 on the bank's own problems: strides above 1 are made harder for all."""

    def harder(variant: Variant) -> float:
        stride = variant.problem.id == "cnn/conv-output" and variant.parameters["s"] != 1
        return 4.0 if stride else 0.0

    folder = tmp_path_factory.mktemp("class")
    return classes.graded(folder, classes.responses(60, number=5, harder=harder))


@pytest.fixture(scope="module")
def rows(verdicts: Path) -> list[Document]:
    return [json.loads(line) for line in verdicts.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def found(rows: list[Document]) -> Document:
    return document_of(rows)


def problem(found: Document, id: str) -> Document:
    (one,) = (one for one in found["problems"] if one["id"] == id)
    return one  # type: ignore[no-any-return]


# -- rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "the last line is cut short"),
        ("[" * 100_000 + "\n", "it is not JSON"),
        ('{"a": ' + "9" * 5_000 + "}\n", "it is not JSON"),
        ("student,problem,side,verdict\n", "it is not JSON"),
        ("[1]\n", "it is not a JSON object"),
        ("7\n", "it is not a JSON object"),
        ('{"tests": [], "score": 3}\n', "it has no verdict"),
        ('{"verdict": 3}\n', "it has no verdict"),
        ('{"verdict": "correct"}\n', "code is missing"),
        ('{"verdict": "correct", "code": "a@1"}\n', "it has no parts"),
        ('{"verdict": "correct", "code": "a@1", "parts": []}\n', "it has no parts"),
        ('{"verdict": "correct", "code": "a@1", "parts": [3]}\n', "a part of it is not a JSON"),
        (json.dumps(row(parts=[{**part(), "score": "1"}])) + "\n", "score is missing"),
        (json.dumps(row(parts=[{**part(), "score": True}])) + "\n", "score is missing"),
        (json.dumps(row(parts=[part(2.0)])) + "\n", "earns more than there is"),
        (json.dumps(row(parts=[part(-1.0)])) + "\n", "less than nothing"),
        (json.dumps(row(parts=[{**part(), "score": float("nan")}])) + "\n", "not a number of"),
        (json.dumps(row(parts=[{**part(), "max_score": 1e300}])) + "\n", "not a number of"),
        (json.dumps(row(parts=[{**part(), "note": None}])) + "\n", "note is missing"),
    ],
)
def test_lines_that_are_no_verdicts(line: str, reason: str) -> None:
    (skipped,) = read_rows(io.StringIO(line))
    assert isinstance(skipped, Skipped) and skipped.line == 1
    assert reason in skipped.reason


def test_a_line_of_any_length_is_skipped_and_the_next_one_read() -> None:
    lines = io.StringIO("x" * (MAX_LINE + 10) + "\n\n" + json.dumps(row()) + "\n")
    long, good = read_rows(lines)
    assert isinstance(long, Skipped) and "longer than" in long.reason
    assert isinstance(good, Graded)


def only(document: Document) -> Row:
    (read,) = read_rows(io.StringIO(json.dumps(document)))
    return read


@pytest.mark.parametrize(
    ("fields", "seconds", "bad"),
    [
        ({}, None, False),
        ({"seconds": 40}, 40, False),
        ({"time": "12.5"}, 12.5, False),  # CSV carries texts through
        ({"duration": 7}, 7, False),
        ({"minutes": 2}, 120, False),
        ({"seconds": 30, "minutes": 2}, 30, False),
        ({"seconds": "", "time": 3}, 3, False),
        ({"time": "12:30"}, None, True),  # of the day, or a duration? nobody knows
        ({"time": "2026-03-01T10:00:00Z"}, None, True),
        ({"seconds": -1}, None, True),
        ({"seconds": "nan"}, None, True),
        ({"seconds": True}, None, True),
        ({"seconds": [3]}, None, True),
        ({"seconds": 10**400}, None, True),
    ],
)
def test_times(fields: Document, seconds: float | None, bad: bool) -> None:
    read = only(row(**fields))
    assert isinstance(read, Graded)
    assert (read.seconds, read.bad_time) == (seconds, bad)


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("s1", "s1"),
        (" s1 ", "s1"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (float("inf"), "inf"),
        ("", None),
        (" ", None),
        (None, None),
        (["s1"], None),
        (True, None),
    ],
)
def test_students(student: object, name: str | None) -> None:
    read = only({**row(), "student": student})
    assert isinstance(read, Graded) and read.student == name


def test_a_row_that_could_not_be_graded() -> None:
    read = only({"student": "s", "problem": "x/y@1", "verdict": "invalid", "error": "no x/y"})
    assert read == Ungraded("no x/y")


# -- what counts -----------------------------------------------------------------------------------


def test_of_several_rows_the_last_one_counts() -> None:
    rows = [row("a", score=0.0), row("b"), row("a", score=1.0), row("a", score=0.0)]
    found = document_of(rows)
    (one,) = found["problems"]
    assert (one["responses"], one["facility"]) == (2, 0.5)
    assert found["notices"][0].startswith("2 rows gave way to a later one")


def test_rows_without_a_student_count_for_the_problem_only() -> None:
    found = document_of([row(None, score=0.0), row(None), row("a")])
    assert found["students"] == 1 and found["responses"] == 3
    assert found["problems"][0]["facility"] == pytest.approx(2 / 3)
    assert any("2 rows without a student" in told for told in found["notices"])


def test_every_row_is_counted_or_told() -> None:
    lines = [
        json.dumps(row("a")) + "\n",
        json.dumps({**row("b"), "seconds": "soon"}) + "\n",
        json.dumps({"verdict": "invalid", "error": "there is no problem 'x'"}) + "\n",
        json.dumps({"verdict": "correct", "code": None, "reference": "2x", "parts": [part()]})
        + "\n",
        "not JSON\n",
        "\n",
        json.dumps(row("c"))[:-20],
    ]
    found = report_document(report_of(lines))
    told = " ".join(found["notices"])
    assert found["rows"] == 6 and found["responses"] == 2
    for piece in (
        "1 row could not be graded: there is no problem 'x'",
        "1 comparison with no problem behind: 1 correct",
        "1 line skipped: line 5: it is not JSON",
        "The last line is cut short",
        "1 time can't be read",
    ):
        assert piece in told


def test_blank_and_unreadable_parts_earn_nothing() -> None:
    blank = {**part(0.0, "unanswered"), "response": ""}
    unreadable = {**part(0.0, "invalid"), "verdict": "invalid", "feedback": ["a bracket is open"]}
    found = document_of([row("a"), row("b", parts=[blank]), row("c", parts=[unreadable])])
    (one,) = found["problems"][0]["parts"]
    assert (one["facility"], one["correct"]) == (pytest.approx(1 / 3), 1)
    assert (one["invalid"], one["unanswered"]) == (1, 1)
    (slip,) = one["slips"]
    assert (slip["name"], slip["recognised"], slip["text"]) == (
        "invalid", False, "a bracket is open",
    )  # fmt: skip


def test_slips_go_by_note_and_by_diagnosis_where_the_note_says_nothing() -> None:
    said = {"kind": "lost-factor", "text": "Off by 2."}
    authored = {"kind": "forgot-padding", "text": "The padding."}
    parts = [
        part(0.0, "incorrect"),
        part(0.0, "incorrect", diagnosis=said),
        part(0.0, "incorrect", diagnosis=said),
        part(0.0, "forgot-padding", diagnosis=authored),
        part(1.0, "follow-through", follow_through=True),
        part(0.0, "unanswered"),
    ]
    found = document_of([row(f"s{n}", parts=[one]) for n, one in enumerate(parts)])
    slips = [(one["name"], one["times"], one["recognised"], one["text"])
             for one in found["problems"][0]["parts"][0]["slips"]]  # fmt: skip
    assert slips == [
        ("lost-factor", 2, True, "Off by 2."),
        ("forgot-padding", 1, True, "The padding."),
        ("incorrect", 1, False, ""),
    ]


def test_a_problem_that_the_bank_lacks_or_that_changed_is_told() -> None:
    gone = document_of([row(problem="gone/away@3", score=1.0)])["problems"][0]
    assert "no such problem" in gone["notice"] and gone["facility"] == 1.0
    other = row(parts=[{**part(), "id": "renamed"}])
    assert "has changed since" in document_of([other])["problems"][0]["notice"]
    worth = row(parts=[part(1.0, possible=5.0)])
    assert "has changed since" in document_of([worth])["problems"][0]["notice"]
    bad = document_of([row(problem="cnn/conv-output@x"), row(problem="cnn/conv-output")])
    assert bad["problems"][0]["drawn"] == 0


# -- a class ---------------------------------------------------------------------------------------


def marks_by_student(rows: list[Document]) -> dict[str, dict[str, float]]:
    marks: dict[str, dict[str, float]] = defaultdict(dict)
    for one in rows:
        marks[one["problem"].partition("@")[0]][one["student"]] = one["score"]
    return marks


def test_facility_and_discrimination_of_a_class(rows: list[Document], found: Document) -> None:
    marks = marks_by_student(rows)
    for id, by_student in marks.items():
        students = sorted(by_student)
        own = np.array([by_student[student] for student in students])
        rest = np.array([sum(m[s] for name, m in marks.items() if name != id) for s in students])
        worth = next(one["max_score"] for one in rows if one["problem"].startswith(f"{id}@"))
        told = problem(found, id)
        assert told["facility"] == pytest.approx(own.mean() / worth)
        assert told["discrimination"]["value"] == pytest.approx(stats.pearsonr(own, rest).statistic)
        assert told["discrimination"]["students"] == told["responses"] == 60
    facilities = [one["facility"] for one in found["problems"]]
    assert facilities == sorted(facilities), "the hardest comes first"


def test_a_parts_rest_is_all_else(rows: list[Document], found: Document) -> None:
    own, rest = [], []
    totals = Counter[str]()
    for one in rows:
        totals[one["student"]] += one["score"]
    for one in rows:
        if one["problem"].startswith("metrics/confusion@"):
            (recall,) = (p for p in one["parts"] if p["id"] == "recall")
            own.append(recall["score"])
            rest.append(totals[one["student"]] - recall["score"])
    (told,) = (p for p in problem(found, "metrics/confusion")["parts"] if p["id"] == "recall")
    assert told["discrimination"]["value"] == pytest.approx(stats.pearsonr(own, rest).statistic)


def test_reliability_and_marks_of_a_class(rows: list[Document], found: Document) -> None:
    marks = marks_by_student(rows)
    students = sorted(next(iter(marks.values())))
    table = np.array([[by[student] for by in marks.values()] for student in students])
    covariances = np.cov(table.T)
    k = len(marks)
    expected = k / (k - 1) * (1 - np.trace(covariances) / covariances.sum())
    assert found["reliability"]["alpha"] == pytest.approx(expected)
    assert found["reliability"]["students"] == 60
    worth = sum({r["problem"].partition("@")[0]: r["max_score"] for r in rows}.values())
    shares = table.sum(axis=1) / worth
    assert found["scores"]["mean"] == pytest.approx(shares.mean())
    assert found["scores"]["deviation"] == pytest.approx(shares.std(ddof=1))
    exact = [Fraction(share).limit_denominator(1_000) for share in shares.tolist()]
    tenths = Counter(min(int(10 * share), 9) for share in exact)
    assert found["scores"]["tenths"] == [tenths[at] for at in range(10)]


def test_times_of_a_class(rows: list[Document], found: Document) -> None:
    given = [r["seconds"] for r in rows if r["problem"].startswith("cnn/conv-output@")]
    told = problem(found, "cnn/conv-output")["seconds"]
    wanted = np.percentile(given, [25, 50, 75])
    assert [told["lower"], told["median"], told["upper"]] == pytest.approx(wanted.tolist())


def test_slips_of_a_class(rows: list[Document], found: Document) -> None:
    """Every wrong answer is in one of the groups, and each example is one of them."""
    wrong = [
        (p["note"].rpartition(":")[2], p["response"])
        for r in rows
        if r["problem"].startswith("cnn/conv-output@")
        for p in r["parts"]
        if p["verdict"] != "correct" and not p["note"].endswith(":unanswered")
    ]
    slips = problem(found, "cnn/conv-output")["parts"][0]["slips"]
    assert sum(slip["times"] for slip in slips) == len(wrong)
    notes = Counter(note for note, _ in wrong)
    for slip in slips:
        assert slip["name"] in NAMES or slip["times"] == notes[slip["name"]]
        assert slip["example"]["response"] in {response for _, response in wrong}
    assert [slip["recognised"] for slip in slips] == sorted(
        (slip["recognised"] for slip in slips), reverse=True
    )


def variants(rows: list[Document], id: str) -> Iterator[tuple[Document, Variant]]:
    bank = Bank(open_bank([]).folders)
    for one in rows:
        name, _, seed = one["code"].partition("@")
        if name == id:
            yield one, make_variant(bank.load(id), int(seed))


def test_options_by_whether_they_were_right(rows: list[Document], found: Document) -> None:
    shown, taken = Counter[tuple[str, bool]](), Counter[tuple[str, bool]]()
    for one, variant in variants(rows, "bias-variance/diagnose"):
        (verdict,) = (p for p in one["parts"] if p["id"] == "verdict")
        for choice in variant.part("verdict").asked.choices:
            shown[choice.id, choice.right] += 1
            taken[choice.id, choice.right] += verdict["read_as"] == choice.id
    (told,) = (p for p in problem(found, "bias-variance/diagnose")["parts"] if p["id"] == "verdict")
    assert {(o["id"], o["right"]): o["shown"] for o in told["options"]} == shown
    assert {(o["id"], o["right"]): o["chosen"] for o in told["options"]} == {
        key: taken[key] for key in shown
    }


def test_a_pools_options_go_by_what_they_say(rows: list[Document], found: Document) -> None:
    shown, taken = Counter[str](), Counter[str]()
    for one, variant in variants(rows, "activations/facts"):
        ticked = one["parts"][0]["read_as"].split(", ")
        for choice in variant.part("holding").asked.choices:
            shown[choice.text] += 1
            taken[choice.text] += choice.id in ticked
    options = problem(found, "activations/facts")["parts"][0]["options"]
    assert len(options) == len(shown) == 18, "the pool's statements"
    assert sorted((o["shown"], o["chosen"]) for o in options) == sorted(
        (shown[text], taken[text]) for text in shown
    )
    assert {o["id"] for o in options} == {""}


def test_an_option_that_nobody_chose_is_there(found: Document) -> None:
    options = [o for one in found["problems"] for p in one["parts"] for o in p["options"]]
    assert any(option["chosen"] == 0 for option in options)


def test_harder_variants_are_found_and_chance_is_not(rows: list[Document], found: Document) -> None:
    """Strides above 1 were made harder, and nothing else of the problem."""
    by_name = {one["name"]: one for one in problem(found, "cnn/conv-output")["parameters"]}
    assert by_name["s"]["harder"] and not by_name["f"]["harder"] and not by_name["n"]["harder"]
    groups: dict[str, list[float]] = defaultdict(list)
    for one, variant in variants(rows, "cnn/conv-output"):
        groups[str(variant.parameters["s"])].append(one["score"] / one["max_score"])
    told = {g["label"]: (g["responses"], g["facility"]) for g in by_name["s"]["groups"]}
    assert told == {
        label: (len(marks), pytest.approx(sum(marks) / len(marks)))
        for label, marks in groups.items()
        if len(marks) >= 10
    }
    oracle = stats.kruskal(*(marks for marks in groups.values() if len(marks) >= 10))
    assert by_name["s"]["test"]["p"] == pytest.approx(oracle.pvalue)


def test_one_code_for_all_leaves_nothing_to_compare() -> None:
    same = [{**row(f"s{n}", "cnn/conv-output@original", score=float(n % 2)), "max_score": 1}
            for n in range(40)]  # fmt: skip
    parts = [{**one, "parts": [{**one["parts"][0], "max_score": 2.0}]} for one in same]
    (one,) = document_of(parts)["problems"]
    assert (one["drawn"], one["variants"], one["parameters"]) == (40, 1, [])


def test_a_handful_of_variants_are_compared_themselves() -> None:
    """Two versions of an exam: the second was harder, and every parameter changed with it."""
    rows = [
        row(
            f"s{n}",
            f"cnn/conv-output@{7 + n % 2}",
            parts=[part(2.0 * (n % 2 * n % 5 == 0), possible=2.0)],
        )
        for n in range(80)
    ]
    (one,) = document_of(rows)["problems"]
    (told,) = one["parameters"]
    right = Counter(r["code"] for r in rows if r["parts"][0]["score"])
    assert (told["name"], told["harder"]) == ("variant", True)
    assert {g["label"]: g["facility"] for g in told["groups"]} == {
        f"@{seed}": right[f"cnn/conv-output@{seed}"] / 40 for seed in (7, 8)
    }


def test_points_that_differ_leave_no_reliability() -> None:
    rows = [
        row(f"s{n}", id, parts=[part(possible=possible)])
        for n in range(30)
        for id, possible in (("a/b@1", 1.0), ("a/c@1", 2.0 if n else 3.0))
    ]
    found = document_of([{**one, "parts": [{**one["parts"][0], "score": 0.5}]} for one in rows])
    assert found["reliability"]["alpha"] is None
    assert "worth more to some" in found["reliability"]["reason"]
    strangers = [row(None, "t/0@1", parts=[part(possible=5.0)])]
    told = document_of(answered(lambda n, id: False) + strangers)["reliability"]
    assert told["alpha"] is not None, "what nobody in particular was given doesn't matter"


def test_of_many_variants_some_are_drawn_and_that_is_told(
    rows: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutor.results.summary.MOST_DRAWN", 6 * 25)
    found = document_of(rows)
    for one in found["problems"]:
        assert (one["responses"], one["variants"], one["drawn"]) == (60, 60, 25)
    assert any("told from 150 of 360 responses" in told for told in found["notices"])
    assert found == document_of(rows), "the same ones each time"


def test_the_commonest_slips_of_all_problems(rows: list[Document]) -> None:
    slips = report_of(json.dumps(one) + "\n" for one in rows).slips
    times = [slip.times for _, _, slip in slips]
    assert times == sorted(times, reverse=True) and len(times) > 10
    problem, part, first = slips[0]
    notes = Counter(p["note"] for one in rows for p in one["parts"])
    assert notes[f"{problem.id}:{part.id}:{first.slip.name}"] == first.times


def answered(missing: Callable[[int, int], bool], named: bool = True) -> list[Document]:
    """Rows of 30 students on 4 problems, but for those that are missing."""
    return [
        row(
            f"s{n}" if named else None, f"t/{id}@1", score=float((n * 7 + id * id) % 5 < 2 + id % 2)
        )
        for n in range(30)
        for id in range(4)
        if not missing(n, id)
    ]


@pytest.mark.parametrize(
    ("missing", "problems", "students", "told"),
    [
        (lambda n, id: False, 4, 30, ""),
        # three were absent from the last problem: nearly all have all
        (lambda n, id: n < 3 and id == 3, 4, 27, "leaves out 3 students without a row"),
        # a question of choice, or a row to try things out: the others stand
        (lambda n, id: n > 0 and id == 3, 3, 30, "leaves out 1 problem that more than a tenth"),
        # each problem is missed by three, and each time by others
        (lambda n, id: n // 3 == id, 4, 18, "only 18 of 30 students have a row for every problem"),
        (lambda n, id: n % 2 == id % 2, 0, 30, "the students got different problems"),
    ],
)
def test_the_reliability_rests_on_what_nearly_all_have(
    missing: Callable[[int, int], bool], problems: int, students: int, told: str
) -> None:
    rows = answered(missing)
    found = document_of(rows)
    trust = found["reliability"]
    assert (trust["problems"], trust["students"]) == (problems, students)
    assert told in " ".join([trust["reason"], *found["notices"]])
    marks = defaultdict[str, dict[str, float]](dict)
    for one in rows:
        marks[one["student"]][one["code"]] = one["parts"][0]["score"]
    common = [f"t/{id}@1" for id in range(problems)]
    table = [[by[id] for id in common] for by in marks.values() if by.keys() >= {*common}]
    covariances = np.cov(np.array(table).T) if problems else np.ones((1, 1))
    if trust["reason"]:
        assert trust["alpha"] is None
    else:
        alpha = problems / (problems - 1) * (1 - np.trace(covariances) / covariances.sum())
        assert trust["alpha"] == pytest.approx(alpha)
    without = {one["id"]: one["alpha_without"] for one in found["problems"]}
    assert (without["t/3"] is None) == (problems < 4 or bool(trust["reason"]))


def test_a_class_without_names_has_facilities_and_slips() -> None:
    found = document_of(answered(lambda n, id: False, named=False))
    assert (found["students"], found["responses"], found["scores"]) == (0, 120, None)
    assert found["reliability"]["reason"] == "too few students: 0, and it takes 20"
    assert all(0 < one["facility"] < 1 for one in found["problems"])
    assert {one["discrimination"]["reason"] for one in found["problems"]} == {"no other answers"}


def test_of_one_student_neither_spread_nor_quartiles_are_told() -> None:
    found = report_of(json.dumps(row("s", f"t/{n}@1", seconds=30)) + "\n" for n in range(2))
    assert report_document(found)["scores"]["deviation"] is None
    for shown in (drawn("80", found), page(found)):
        assert (
            "ean 100 %" in shown and "30 s" in shown and "between" not in shown.split("How to")[0]
        )


def test_too_few_students_are_told_so(rows: list[Document]) -> None:
    few = [one for one in rows if one["student"] < "student-0019"]
    found = document_of(few)
    assert found["reliability"]["reason"] == "too few students: 19, and it takes 20"
    for one in found["problems"]:
        assert one["discrimination"]["reason"] == "too few"
        assert one["facility"] is not None


def test_every_key_of_the_document_is_on_the_page_of_formulas(found: Document) -> None:
    page = (SCREENS.parents[1] / "engine" / "STATISTICS.md").read_text(encoding="utf-8")
    keys, left = set[str](), [found]
    while left:
        one = left.pop()
        keys |= one.keys() if isinstance(one, dict) else set()
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        left += inside
    assert len(keys) > 40
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def test_no_student_is_named(verdicts: Path, found: Document, tmp_path: Path) -> None:
    written = tmp_path / "page.html"
    json_told = tutor("report", str(verdicts), "--json", "--html", str(written), home=tmp_path)
    text_told = tutor("report", str(verdicts), home=tmp_path)
    assert json.loads(json_told.stdout) == found, "another process says the same"
    for told in (json_told.stdout, text_told.stdout, written.read_bytes()):
        assert b"student-00" not in told


# -- the command -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "there are no rows in it"),
        ("\n\n", "there are no rows in it"),
        ("student,problem,side\ns1,cnn/conv-output@7,6\n", "line 1: it is not JSON; tutor report"),
        ('{"student": "s", "problem": "a/b@1", "answers": {}}\n', "have no verdicts yet"),
        (
            '{"verdict": "invalid", "error": "no problem x"}\n',
            "no row could be graded: no problem x",
        ),
        ('{"verdict": "correct", "code": null, "reference": "x"}\n', "no row of it belongs"),
        ("\x00\x01\x02", "cut short"),
    ],
)
def test_files_that_hold_nothing_to_report(
    content: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(content, encoding="utf-8")
    assert run(["report", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and told in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("missing.jsonl",), "no such file"),
        (("folder",), "is a directory"),
        (("out.jsonl", "--html", "out.jsonl"), "out.jsonl exists and is no page"),
        (("out.jsonl", "--html", "folder/../out.jsonl"), "exists and is no page"),
        (("out.jsonl", "--html", "folder"), "is a directory"),
        (("out.jsonl", "--html", ""), "name a file for the page"),
        (("out.jsonl", "--html", "no/page.html"), "no such file"),
        (("out.jsonl", "--bank", "none"), "none"),
        ((), "OUT.jsonl"),
    ],
)
def test_what_the_command_cannot_do(
    arguments: tuple[str, ...],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    verdicts = json.dumps(row()) + "\n"
    (tmp_path / "out.jsonl").write_text(verdicts, encoding="utf-8")
    assert run(["report", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and told in err and err.count("\n") == 1
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == verdicts


def test_from_a_pipe_and_to_a_page(verdicts: Path, tmp_path: Path) -> None:
    written = tmp_path / "page.html"
    written.touch()
    done = tutor("report", "-", "--html", str(written), home=tmp_path, stdin=verdicts.read_bytes())
    assert done.stdout == b"" and b"6 problems, 60 students" in done.stderr
    assert written.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_an_earlier_page_is_replaced(tmp_path: Path) -> None:
    written, verdicts = tmp_path / "page.html", tmp_path / "out.jsonl"
    for students in (1, 2):
        lines = (json.dumps(row(f"s{n}")) + "\n" for n in range(students))
        verdicts.write_text("".join(lines), encoding="utf-8")
        assert run(["report", str(verdicts), "--html", str(written)]) == 0
    assert "2 students" in written.read_text(encoding="utf-8")


@pytest.mark.parametrize("given", ["file", "pipe"])
def test_how_far_it_is_is_told(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[int, float]] = []

    class Recorder:
        def at(self, done: int, share: float) -> None:
            told.append((done, share))

    monkeypatch.setattr("tutor.commands.report.meter", lambda what, plain: nullcontext(Recorder()))
    row = {"student": "s", "code": "shown/side@original", "verdict": "correct", "parts": []}
    text = (json.dumps(row) + "\n") * 3_500
    path = tmp_path / "out.jsonl"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    run(["report", str(path) if given == "file" else "-"])
    assert [done for done, _ in told] == [1_000, 2_000, 3_000]
    shares = [share for _, share in told]
    assert shares == sorted(shares) and (shares[-1] > 0.8) is (given == "file")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1:00 min"), (80, "1:20 min"), (3_725, "1:02 h")],
)
def test_times_are_told_briefly(seconds: float, told: str) -> None:
    assert told_time(seconds) == told


@pytest.mark.parametrize(
    ("value", "students", "told"),
    [
        (0.2, 30, "0.20"),
        (0.15, 30, "0.15 low?"),  # its interval ends at 0.48
        (0.15, 5_000, "0.15 low"),  # at 0.18
        (0.0, 200, "0.00 low"),
        (-0.1, 30, "−0.10 negative?"),
        (-0.1, 200, "−0.10 negative"),
    ],
)
def test_a_low_discrimination_is_doubted_where_it_may_be_chance(
    value: float, students: int, told: str
) -> None:
    high = tanh(atanh(value) + 1.96 / sqrt(students - 3))
    found = Discrimination(value, 2 * value - high, high, students)
    assert told_discrimination(found) == told
    assert with_interval(found).endswith(told.partition(" ")[2])


JUNK = (
    None, True, -1, 0, 2.5, 10**30, float("inf"), "", "x", "cnn/conv-output@", "@", "@7", "\ud800",
    [], [[]], {}, {"kind": 3}, ["x", 3], "9" * 400,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_row_of_any_kind_ends_the_program(seed: int, rows: list[Document]) -> None:
    """Rows in which some values were put in the place of others."""
    chance = random.Random(seed)
    lines = []
    for _ in range(300):
        spoiled = json.loads(json.dumps(chance.choice(rows)))
        for _ in range(chance.randrange(1, 4)):
            place = chance.choice([spoiled, *spoiled["parts"]]) if spoiled.get("parts") else spoiled
            if isinstance(place, dict) and place:
                place[chance.choice(list(place))] = chance.choice(JUNK)
            if not isinstance(spoiled.get("parts"), list):
                break
        lines.append(json.dumps(spoiled) + "\n")
    tally, source = tally_of(lines)
    kept = sum(1 for answers in tally.problems.values() for _ in answers.all())
    replaced = sum(answers.replaced for answers in tally.problems.values())
    others = tally.skipped_rows + tally.ungraded.total() + tally.compared.total()
    assert kept + replaced + others == tally.rows == 300
    found = report(tally, source)
    json.dumps(report_document(found), allow_nan=False)
    for name in ("60", "plain"):
        drawn(name, found).encode()
    page(found).encode()


# -- size ------------------------------------------------------------------------------------------


def many(count: int, students: int) -> Iterator[Row]:
    """Rows of which only students times problems are kept, each with its own text and time."""
    for number in range(count):
        code = f"cnn/conv-output@{number}"
        read = only(row(f"s{number % students}", code, seconds=number, answers={"side": "6" * 300}))
        yield read


def test_memory_grows_with_students_and_problems_only() -> None:
    peaks = []
    for count in (500, 5_000):
        tracemalloc.start()
        tally = Tally(lambda *_: False)
        tally.add_all(many(count, students=50))
        peaks.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert len(tally.problems["cnn/conv-output"].by_student) == 50
    # what is kept of variants that no longer count would be 100 bytes a row and more
    assert peaks[1] - peaks[0] < 40 * 4_500


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_seconds(rows: list[Document], tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for at in range(100_000):
            one = rows[at % len(rows)]
            code = f"{one['code'].partition('@')[0]}@{at}"
            student = f"s{at // len(classes.PROBLEMS)}"
            file.write(json.dumps({**one, "student": student, "code": code}) + "\n")
    began = time.process_time()
    with path.open(encoding="utf-8") as lines:
        source = Source(open_bank([]))
        tally = Tally(source.is_choice)
        tally.add_all(read_rows(lines))
    found = report(tally, source)
    assert found.responses == 100_000
    assert time.process_time() - began < 30


# -- the screen ------------------------------------------------------------------------------------


def shown_class(folder: Path) -> Report:
    """A class of 30 on the test bank's problems."""
    made = classes.responses(30, SHOWN_PROBLEMS, number=2, banks=(SHOWN,))
    path = classes.graded(folder, made, (SHOWN,))
    with path.open(encoding="utf-8") as lines:
        return report_of(lines, (SHOWN,))


def drawn(name: str, found: Report) -> str:
    file = io.StringIO()
    width = int(name) if name.isdigit() else 80
    show(Screen(plain=name == "plain", file=file, width=width), found)
    return file.getvalue()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return shown_class(tmp_path_factory.mktemp("shown"))


@pytest.mark.parametrize("name", PAGES)
def test_the_screens_stay_as_they_are(name: str, small: Report) -> None:
    wanted = (SCREENS / f"report-{name}.txt").read_text(encoding="utf-8")
    assert drawn(name, small) == wanted, "python tests/test_report.py writes it anew"
    width = int(name) if name.isdigit() else 80
    assert max(map(cells, wanted.splitlines())) <= min(width, 92)


def test_plain_text_has_no_bars_or_lines(small: Report) -> None:
    assert not set("█░─│") & set(drawn("plain", small))


def test_long_lists_are_shortened_and_say_so() -> None:
    problems = [f"made/problem-{n}@1" for n in range(60)]
    rows = [row(f"s{n}", id) for id in problems for n in range(3)]
    shown = drawn("80", report_of(json.dumps(one) + "\n" for one in rows))
    assert "and 40 more: --html FILE and --json tell all" in shown
    assert "and 55 easier problems" in shown
    assert len(shown.splitlines()) < 120


def test_hostile_texts_are_shown_as_they_are() -> None:
    hostile = part(
        0.0, "[red]x[/red]", response="\x1b[31m[bold]\x00\u202e" + "y" * 50_000,
        read_as="\x9b31m", feedback=["[link=x]\x07"],
    )  # fmt: skip
    lines = [json.dumps(row("a", "\x1b]0;x\x07[b]/[i]@1", parts=[hostile])) + "\n"]
    shown = drawn("80", report_of(lines))
    assert "[red]x[/red]" in shown and "[bold]" in shown
    assert not {chr(code) for code in range(32) if code != 10} & set(shown)
    assert not set("\x7f\x9b\u202e") & set(shown)
    assert len(shown) < 4_000


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        of_class = shown_class(Path(folder))
        for name in PAGES:
            path = SCREENS / f"report-{name}.txt"
            path.write_text(drawn(name, of_class), encoding="utf-8")
    sys.exit()
