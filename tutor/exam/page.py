"""The report as a page of its own: nothing is fetched, and it prints well."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from engine.kinds import kind_of
from engine.language.layout import two_dimensional
from engine.text import Prose, Text, linear
from engine.verdict import CORRECT, INCORRECT, INVALID, PARTIAL, PartVerdict
from tutor.console import clean
from tutor.exam.report import Graded, Report
from tutor.layout import marks, paragraphs

SIGNS = {CORRECT: "✓", PARTIAL: "◐", INCORRECT: "✗", INVALID: "?"}
STYLE = """
body { font: 16px/1.5 Georgia, serif; color: #111; background: #fff; max-width: 46em;
       margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; margin-bottom: 0 } h2 { font-size: 1.2em; margin-top: 2em }
h3 { font-size: 1em; margin: 1.8em 0 .4em } .quiet { color: #555; font-size: .9em }
table { border-collapse: collapse; margin: .6em 0 }
td, th { border: 1px solid #bbb; padding: .25em .6em; text-align: left; vertical-align: top }
td.points { text-align: right; white-space: nowrap }
pre { font: 14px/1.35 ui-monospace, monospace; white-space: pre-wrap; margin: .4em 0 .4em 1.5em }
.solution { border-left: 3px solid #bbb; padding-left: 1em }
.correct { color: #06582f } .incorrect, .invalid { color: #9b1c1c } .partial { color: #7a4b00 }
@media print { body { margin: 0; font-size: 11pt } h3 { break-after: avoid } }
"""


def page(report: Report) -> str:
    """The whole page, in HTML."""
    total = marks(report.earned, report.points)
    rows = "".join(
        f"<tr><td>{_safe(one.title)}</td><td class=points>{marks(one.earned, one.points)}</td></tr>"
        for one in report.sections
    )
    body = [
        f"<h1>{_safe(report.title)}</h1>",
        f"<p class=quiet>{_safe(report.ended)} · {report.minutes} min</p>",
        f"<table>{rows}<tr><th>Together</th><td class=points><b>{total}</b></td></tr></table>",
    ]
    for section in report.sections:
        body.append(
            f"<h2>{_safe(section.title)} <span class=quiet>"
            f"{marks(section.earned, section.points)}</span></h2>"
        )
        for one in section.questions:
            body += _question(one)
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{_safe(report.title)}</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _question(one: Graded) -> Iterator[str]:
    yield f"<h3>{one.number}. {_safe(one.variant.problem.title)}</h3>"
    yield f"<p class=quiet>{_safe(one.variant.code)} · {marks(one.earned, one.points)}</p>"
    yield _text(one.variant.question)
    if one.variant.table is not None:
        yield _table(one)
    rows = "".join(map(_answer, _told(one)))
    if rows:
        yield f"<table><tr><th></th><th>answer</th><th>verdict</th></tr>{rows}</table>"
    if one.missed:
        keys = "".join(
            f"<tr><td>{_safe(linear(part.asked.ask) or part.id)}</td>"
            f"<td>{_pre(kind_of(part.asked.kind).tell(part.reference, part.asked))}</td></tr>"
            for part, verdict in zip(one.variant.parts, one.verdict.parts, strict=True)
            if verdict.verdict != CORRECT
        )
        yield f"<table><tr><th></th><th>right answer</th></tr>{keys}</table>"
        if one.variant.solution:
            yield f"<div class=solution>{_text(one.variant.solution)}</div>"


def _told(one: Graded) -> list[PartVerdict]:
    """The parts that get a row: all, but of a table only the wrong cells."""
    if one.variant.table is None:
        return list(one.verdict.parts)
    return [part for part in one.verdict.parts if part.verdict != CORRECT and part.response.strip()]


def _answer(part: PartVerdict) -> str:
    word = "no answer" if not part.response.strip() else part.verdict
    said = "<br>".join(map(_safe, part.feedback)) if part.response.strip() else ""
    read = part.read_as.strip()
    read = f"<p class=quiet>read as {_safe(read)}</p>" if read not in ("", part.response) else ""
    return (
        f"<tr><td>{_safe(part.id)}</td><td>{_pre(part.response)}{read}</td>"
        f"<td><b class={part.verdict}>{SIGNS[part.verdict]} {word}</b><br>{said}</td></tr>"
    )


def _table(one: Graded) -> str:
    layout = one.variant.table
    assert layout is not None
    filled = {
        part.id: f"{part.response.strip() or '–'} {SIGNS[part.verdict]}"
        for part in one.verdict.parts
    }
    head, *rows = layout.rows(filled)
    heads = "".join(f"<th>{_safe(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{heads}</tr>{body}</table>"


def _text(text: Text) -> str:
    blocks = []
    for block in text:
        if isinstance(block, Prose):
            blocks += [_paragraph(paragraph) for paragraph in paragraphs(block.text)]
        else:
            rows = two_dimensional(block.maths) or [linear((block,)).strip()]
            blocks.append(_pre("\n".join(rows)))
    return "\n".join(blocks)


def _paragraph(text: str) -> str:
    if any(line.startswith("  ") for line in text.split("\n")):
        return _pre(text)
    return "<p>" + "<br>".join(map(_safe, text.split("\n"))) + "</p>"


def _pre(text: str) -> str:
    return f"<pre>{_safe(text)}</pre>" if text.strip() else ""


def _safe(text: str) -> str:
    return escape(clean(text))
