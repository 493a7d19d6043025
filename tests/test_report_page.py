"""The report as a page, looked at in a real browser."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import browser
import classes
import pytest
from program import SHOWN

from tutor.html import POLICY
from tutor.problems import open_bank
from tutor.results import plots
from tutor.results.drawn import Source
from tutor.results.gathering import Tally
from tutor.results.page import page
from tutor.results.rows import read_rows
from tutor.results.summary import report

WIDTHS = (1200, 800, 400)
DARK = 800
SCRIPTS = (
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '"><svg onload=window.pwned=1>',
    "'/><iframe src=javascript:parent.pwned=1>",
    "</style><script>pwned=1</script>",
    "</title></desc></svg><script>pwned=1</script>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "\x1b[31m\x00\x08\u202e\u2028]]>",
    "y" * 30_000,
    "長い" * 5_000,
)


def hostile_rows() -> Iterator[dict[str, Any]]:
    """Every text of a row an attack: the id, the part, the response, what was said of it."""
    for number, text in enumerate(SCRIPTS):
        part = {
            "id": text, "response": text, "read_as": text, "verdict": "incorrect", "score": 0.0,
            "max_score": 1.0, "note": f"x:y:{text}", "feedback": [text],
            "diagnosis": {"kind": text, "text": text},
        }  # fmt: skip
        yield {"student": text, "code": f"{text}@{number}", "verdict": "incorrect", "parts": [part]}
        yield {"verdict": "invalid", "error": text}


def page_of(lines: str, banks: tuple[str, ...] = ()) -> str:
    source = Source(open_bank(banks))
    tally = Tally(source.is_choice)
    tally.add_all(read_rows(io.StringIO(lines)))
    return page(report(tally, source))


def harder(variant: Any) -> float:
    return 5.0 if variant.problem.id == "cnn/conv-output" and variant.parameters["s"] != 1 else 0.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A class's page with hostile rows among the others."""
    folder = tmp_path_factory.mktemp("class")
    banks = (SHOWN,)
    problems = ("cnn/conv-output", "activations/facts", "shown/odd", "shown/kinds")
    rows = classes.responses(40, problems, number=3, harder=harder, banks=banks)
    verdicts = classes.graded(folder, rows, banks).read_text(encoding="utf-8")
    hostile = "".join(json.dumps(row) + "\n" for row in hostile_rows())
    return page_of(verdicts + hostile, banks)


@pytest.fixture(scope="module")
def measured(whole: str, tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    return browser.measured(whole, tmp_path_factory.mktemp("browser"), WIDTHS, DARK)


@pytest.fixture(params=WIDTHS)
def shown(request: pytest.FixtureRequest, measured: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return measured[request.param]


@browser.needed
def test_nothing_is_wider_than_the_page(shown: dict[str, Any]) -> None:
    assert shown["page"] <= shown["width"]
    assert shown["beyond"] == []


@browser.needed
def test_columns_are_wide_enough_for_their_words(shown: dict[str, Any]) -> None:
    assert len(shown["cells"]) > 100
    assert [text for text, width in shown["cells"] if width < 75] == []


@browser.needed
def test_plots_are_drawn_with_their_words(shown: dict[str, Any]) -> None:
    marks, items = shown["plots"]
    for plot in (marks, items):
        left, top, right, bottom = plot["box"]
        assert 300 < right - left < 600 and bottom - top > 180, "letters no larger than the text's"
        assert len(plot["named"]) > 10 and len(plot["told"]) > 20
        for text, *(at_left, at_top, at_right, at_bottom) in plot["labels"]:
            assert left - 1 <= at_left < at_right <= right + 1, text
            assert top - 1 <= at_top < at_bottom <= bottom + 1, text
    assert len(marks["bars"]) == 10 and len(items["dots"]) >= 4
    assert max(bottom - top for _, top, _, bottom in marks["bars"]) > 100
    assert all(right - left > 5 for left, _, right, _ in items["dots"])


@browser.needed
def test_labels_of_dots_do_not_cover_one_another(shown: dict[str, Any]) -> None:
    labels = [box for text, *box in shown["plots"][1]["labels"] if re.fullmatch(r"\d+", text)]
    assert len(labels) >= 4
    for one, other in combinations(labels, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


@browser.needed
def test_bars_are_as_long_as_the_number_beside_them_says(shown: dict[str, Any]) -> None:
    told = [(text, full, whole) for text, full, whole in shown["bars"] if text.endswith("%")]
    assert len(told) > 10
    for text, full, whole in told:
        assert full / whole == pytest.approx(int(text.removesuffix(" %")) / 100, abs=0.011)


@browser.needed
def test_text_stands_out_from_the_page(shown: dict[str, Any]) -> None:
    """WCAG 2.1 asks 4.5, on a light screen and on a dark one."""
    assert shown["dark"] == (shown["width"] == DARK)
    assert shown["contrast"] >= 4.5


@browser.needed
def test_nothing_is_fetched_and_no_script_of_others_runs(shown: dict[str, Any]) -> None:
    assert shown["resources"] == []
    assert shown["scripts"] == 1, "the one that measures"
    assert shown["pwned"] == "undefined"
    assert shown["strangers"] == 0


@browser.needed
def test_a_page_asks_for_nothing_even_if_it_wants_to(whole: str, tmp_path: Path) -> None:
    """A picture from elsewhere is asked for only where the page's policy is taken out."""
    held, asked = (
        whole.replace("</h1>", f"</h1><img src=http://pictures.invalid/{name}.png>", 1)
        for name in ("held", "asked")
    )
    pages = [held, browser.POLICY.sub("", asked)]
    assert browser.requested(pages, tmp_path) == {"http://pictures.invalid/asked.png"}


@browser.needed
def test_it_prints_on_a_few_sheets(whole: str, tmp_path: Path) -> None:
    assert 3 <= browser.printed_pages(whole, tmp_path) <= 40


def test_the_page_is_one_file_that_may_do_nothing(whole: str) -> None:
    assert f'content="{POLICY}"' in whole and "default-src 'none'" in POLICY
    assert "<script" not in whole and "://" not in whole and "url(" not in whole
    assert not {chr(code) for code in range(32) if code != 10} & set(whole)
    assert "\u202e" not in whole
    assert "&lt;script&gt;window.pwned" in whole, "the texts are there, as texts"


def test_long_responses_do_not_make_a_huge_page(whole: str) -> None:
    assert "y" * 201 not in whole
    assert len(whole) < 200_000


def test_tables_have_headings_of_columns_and_rows(whole: str) -> None:
    """And a column of bars has none: a screen reader passes over what repeats a number."""
    for table in re.findall("<table.*?</table>", whole):
        head, _, body = table.partition("</thead>")
        assert "></th>" not in head and "<th scope=col" in head
        rows = re.findall("<tr>(.*?)</tr>", body)
        assert len(rows) == table.count("<tr>") - 1 > 0
        assert all(row.startswith("<th scope=row") for row in rows)
    assert len(re.findall("<svg class=bar", whole)) == len(
        re.findall("<svg class=bar [^>]*aria-hidden=true", whole)
    )


def test_figures_stand_behind_the_plots(whole: str) -> None:
    """Every dot has its row, with its facility and discrimination in figures."""
    numbers = re.findall(r"<title>(\d+)\. [^<]*: (\d+)%, (-?[\d.]+)</title>", whole)
    assert len(numbers) >= 4
    for number, facility, value in numbers:
        row = re.search(rf">{number}\. <a href='#p{number}'>.*?</tr>", whole)
        assert row is not None
        assert f">{facility} %<" in row[0] and value.replace("-", "−") in row[0]


def test_harder_variants_and_options_are_told(whole: str) -> None:
    assert "Facility by s: p" in whole and "Harder variants" in whole
    assert "The slope of the sigmoid is nowhere larger than 1/4." in whole


@pytest.mark.parametrize("count", [1, 2, 60, 500])
def test_labels_that_have_no_room_are_left_out(count: int) -> None:
    dots = [plots.Dot(n, f"problem {n}", 0.5, 0.3, False) for n in range(1, count + 1)]
    drawn = plots.scatter(dots, 0.2, "items", "a title", "what it shows")
    assert drawn.count("<circle") == count
    assert 1 <= len(re.findall(r"<text x=[\d.]+ y=[\d.]+>\d+<", drawn)) <= min(count, 3)


@pytest.mark.parametrize(
    ("counts", "top"),
    [
        ([0] * 9 + [1], "1"),
        ([3] * 10, "4"),
        ([0] * 9 + [101], "200"),
        ([12_345] + [0] * 9, "20,000"),
    ],
)
def test_scales_end_on_a_round_number(counts: list[int], top: str) -> None:
    drawn = plots.histogram(counts, "marks", "a title", "what it shows")
    assert f"text-anchor=end>{top}</text>" in drawn
    assert "nan" not in drawn and "inf" not in drawn
