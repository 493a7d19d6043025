"""The report as a page of its own: nothing is fetched, and it prints well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.kinds import kind_of
from engine.language.layout import two_dimensional
from engine.text import Prose, Text, linear
from engine.verdict import CORRECT, PartVerdict
from tutor.exam.report import Graded, Report
from tutor.html import document, safe
from tutor.layout import marks, paragraphs
from tutor.render import FOLLOWED, FOLLOWS, sign, value

if TYPE_CHECKING:
    from engine.parts import VariantPart

STYLE = """
body, th { overflow-wrap: normal } pre, td { overflow-wrap: anywhere }
td.points { text-align: right; white-space: nowrap } td p { margin: .4em 0 0 }
td pre { margin: 0 } .rows { white-space: pre; overflow-x: auto }
.answers td { min-width: 6em } .answers b[class] { white-space: nowrap }
ul { margin: .3em 0 0; padding: 0; list-style: none }
.solution { border-left: 3px solid var(--line); padding-left: 1em }
.correct { color: var(--right) } .incorrect, .invalid { color: var(--wrong) }
.partial { color: var(--partly) }
@media (max-width: 30em) { td, th { padding: .2em .3em } pre { margin-left: .3em }
  .answers thead { display: none } .answers, .answers tr, .answers td { display: block }
  .answers tbody { display: block; border-bottom: 1px solid var(--line) }
  .answers td { border-bottom: 0 } .answers td + td { border-top: 0 }
  .answers td:empty { padding: 0 } }
@media print { h2, h3 + p { break-after: avoid } tr { break-inside: avoid }
               .rows { white-space: pre-wrap } }
"""

HEAD = "<thead><tr><th></th><th>answer</th><th>verdict</th></tr></thead>"


def page(report: Report) -> str:
    """The whole page, in HTML."""
    total = marks(report.earned, report.points)
    rows = "".join(
        f"<tr><td>{safe(one.title)}</td><td class=points>{marks(one.earned, one.points)}</td></tr>"
        for one in report.sections
    )
    body = [
        f"<h1>{safe(report.title)}</h1>",
        f"<p class=quiet>{report.ended.astimezone():%Y-%m-%d %H:%M} · {report.minutes} min</p>",
        f"<table>{rows}<tr><th>Together</th><td class=points><b>{total}</b></td></tr></table>",
    ]
    for section in report.sections:
        body.append(
            f"<h2>{safe(section.title)} <span class=quiet>"
            f"{marks(section.earned, section.points)}</span></h2>"
        )
        for one in section.questions:
            body += _question(one)
    return document(report.title, "\n".join(body), STYLE)


def _question(one: Graded) -> Iterator[str]:
    yield f"<h3>{one.number}. {safe(one.variant.problem.title)}</h3>"
    yield f"<p class=quiet>{safe(one.variant.code)} · {marks(one.earned, one.points)}</p>"
    yield _text(one.variant.question)
    if one.variant.table is not None:
        yield _table(one)
    rows = "".join(
        _answer(part, verdict)
        for part, verdict in zip(one.variant.parts, one.verdict.parts, strict=True)
        if one.variant.table is None or verdict.verdict != CORRECT
    )
    if rows:
        yield f"<table class=answers>{HEAD}{rows}</table>"
    if one.missed and one.variant.solution:
        yield f"<div class=solution>{_text(one.variant.solution)}</div>"


def _answer(part: VariantPart, verdict: PartVerdict) -> str:
    """A row: what was asked, what was answered, and what is to be said of it."""
    answered = bool(verdict.response.strip())
    word = verdict.verdict if answered else "no answer"
    said = "".join(f"<br>{safe(line)}" for line in verdict.feedback if answered)
    read = verdict.read_as.strip()
    read = f"<p class=quiet>read as {safe(read)}</p>" if read not in ("", verdict.response) else ""
    key = ""
    if verdict.verdict != CORRECT:
        written = kind_of(part.asked.kind).tell(part.reference, part.asked)
        key = f"<p>The answer is</p>{_pre(written)}"
    return (
        f"<tr><td>{_asked(part)}</td><td>{_pre(verdict.response)}{read}</td>"
        f"<td><b class={verdict.verdict}>{sign(verdict)} {word}</b>{said}{key}</td></tr>"
    )


def _asked(part: VariantPart) -> str:
    """What a part asks, with its options."""
    ask = f"<b>{safe(part.id)}</b> {safe(linear(part.asked.ask))}"
    options = (f"<li><b>{safe(one.id)}</b> {safe(one.text)}" for one in part.asked.choices)
    return f"{ask}<ul>{''.join(options)}</ul>" if part.asked.choices else ask


def _table(one: Graded) -> str:
    layout = one.variant.table
    assert layout is not None
    filled = {
        part.id: f"{value(part)} {sign(part)}" if part.response.strip() else "–"
        for part in one.verdict.parts
    }
    head, *rows = layout.rows(filled)
    heads = "".join(f"<th>{safe(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    followed = any(part.follow_through for part in one.verdict.parts)
    note = f"<p class=quiet>{FOLLOWED} {FOLLOWS}</p>" if followed else ""
    return f"<table><tr>{heads}</tr>{body}</table>{note}"


def _text(text: Text) -> str:
    blocks = []
    for block in text:
        if isinstance(block, Prose):
            blocks += [_paragraph(paragraph) for paragraph in paragraphs(block.text)]
        else:
            rows = two_dimensional(block.maths) or [linear((block,)).strip()]
            blocks.append(_rows("\n".join(rows)))
    return "\n".join(blocks)


def _paragraph(text: str) -> str:
    if any(line.startswith("  ") for line in text.split("\n")):
        return _rows(text)
    return "<p>" + "<br>".join(map(safe, text.split("\n"))) + "</p>"


def _rows(text: str) -> str:
    """Rows that only make sense one below the other: drawn maths, code."""
    return f"<pre class=rows>{safe(text)}</pre>"


def _pre(text: str) -> str:
    """What was typed, or what could have been."""
    return f"<pre>{safe(text)}</pre>" if text.strip() else ""
