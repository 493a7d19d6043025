"""The report as a page to print: every figure, with plots, and nobody's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tutor.console import counted
from tutor.html import document, safe
from tutor.results import plots, words
from tutor.results.figures import (
    OptionFigures,
    ParameterFigures,
    PartFigures,
    ProblemFigures,
    Report,
    Scores,
    SlipFigures,
)

TITLE = "What the class got wrong"
MOST, COMMONEST = 200, 12
"""Rows of a table, which has far fewer in all classes but made-up ones; slips of all problems."""
STYLE = (
    """
body { max-width: 62em } h2 { border-top: 1px solid var(--faint); padding-top: .8em }
h3 { margin-top: 1.2em } a { color: var(--link) }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24em, 100%), 1fr));
         gap: 1.5em; align-items: start }
figure { margin: 1em 0 0; max-width: 32em } figcaption { font-weight: bold }
caption { text-align: left }
table { width: 100% }
td, th { border: 0; border-bottom: 1px solid var(--faint); padding: .25em .8em .25em 0 }
th { font-weight: normal }
thead th, thead td { color: var(--quiet); font-size: .9em; border-bottom-color: var(--line) }
td, th { min-width: 6em }
td.figure, th.figure { text-align: right; overflow-wrap: normal; white-space: nowrap; width: 1%;
                       min-width: 0 }
summary { cursor: pointer; color: var(--quiet); font-size: .9em }
code { font: .88em ui-monospace, monospace; white-space: pre-wrap }
.slips td:nth-child(4) { min-width: 13em } .slips tbody th { min-width: 9em }
@media (max-width: 44em) {
  thead { display: none } table, tbody, caption { display: block }
  tr { display: block; border-bottom: 1px solid var(--faint); padding: .3em 0 }
  td, td.figure, th { display: block; border: 0; padding: .1em 0; width: auto; min-width: 0;
                      text-align: left; white-space: normal }
  td:empty { display: none }
  [data-head]::before { content: attr(data-head) ": "; color: var(--quiet) } }
.narrow, .narrow .figure { width: auto } .narrow tbody th { min-width: 9em }
@media print { tr, figure { break-inside: avoid } h2, h3 { break-after: avoid }
  .plots { grid-template-columns: 1fr 1fr } figure details { display: none } }
"""
    + plots.STYLE
)


def page(report: Report) -> str:
    """The whole page, in HTML."""
    sizes = [
        counted(report.responses, "response"),
        counted(report.students, "student"),
        counted(len(report.problems), "problem"),
    ]
    body = [f"<h1>{TITLE}</h1>", f"<p class=quiet>{' · '.join(sizes)}</p>"]
    body += _totals(report)
    body += _listing(report)
    body += _commonest(report)
    body += _variants(report)
    for number, problem in enumerate(report.problems, 1):
        body += _problem(number, problem)
    body += _reading(report)
    return document(TITLE, "\n".join(body), STYLE)


def _table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", kind: str = ""
) -> str:
    """``heads`` are texts, those of figures marked by a leading ``#``; cells are HTML.

    A row's first cell is its heading.
    """
    found = list(rows)
    named = f"<caption class=quiet>{safe(caption)}</caption>" if caption else ""
    top = "".join(map(_heading, heads))
    tags = ["th scope=row"] + ["td"] * (len(heads) - 1)
    lines = "".join(f"<tr>{''.join(map(_cell, tags, heads, row))}</tr>" for row in found[:MOST])
    table = (
        f"<table class='{kind}'>{named}<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    )
    if len(found) > MOST:
        table += f"<p class=quiet>and {len(found) - MOST:,} more: --json tells all</p>"
    return table


def _heading(head: str) -> str:
    """A column's heading; a bar's column has none, for it says what stands before it."""
    named = safe(_head(head))
    return f"<th scope=col{_class(head)}>{named}</th>" if named else f"<td{_class(head)}></td>"


def _cell(tag: str, head: str, cell: str) -> str:
    """A cell that bears its heading, for screens too narrow for columns."""
    named = f' data-head="{safe(_head(head))}"' if _head(head) else ""
    return f"<{tag}{_class(head)}{named}>{cell}</{tag[:2]}>"


def _head(head: str) -> str:
    return head.removeprefix("#")


def _class(head: str) -> str:
    return " class=figure" if head.startswith("#") else ""


def _share(share: float | None) -> list[str]:
    """A share as a number, and as a bar."""
    return [words.percent(share), "" if share is None else plots.bar(share)]


# -- the class -------------------------------------------------------------------------------------


def _totals(report: Report) -> Iterator[str]:
    yield f"<p>Reliability: {safe(words.reliability(report))}.</p>"
    figures = []
    if report.scores is not None:
        figures.append(_marks(report.scores))
    dots = list(_dots(report))
    if dots:
        told = f"{counted(len(dots), 'problem')}; each one's figures are in the table below."
        title = "Facility and discrimination of the problems"
        drawn = plots.scatter(dots, words.LOW, "items", title, told)
        figures.append(
            f"<figure><figcaption>{title}</figcaption>{drawn}<p class=quiet>Numbers are those in "
            "the table below. Hollow, below the dashed line: low discrimination.</p></figure>"
        )
    if figures:
        yield f"<div class=plots>{''.join(figures)}</div>"


def _marks(scores: Scores) -> str:
    told = words.marks(scores).capitalize()
    if scores.deviation is not None:
        median, spread = words.percent(scores.quartiles.median), words.percent(scores.deviation)
        told += f"; median {median}, standard deviation {spread}"
    title = "Students by their share of the marks"
    drawn = plots.histogram(scores.tenths, "marks", title, told)
    tenths = ((f"{10 * at} to {10 * at + 10} %", f"{n:,}") for at, n in enumerate(scores.tenths))
    table = _table(["marks", "#students"], tenths)
    return (
        f"<figure><figcaption>{title}</figcaption>{drawn}<p class=quiet>{told}.</p>"
        f"<details><summary>Figures</summary>{table}</details></figure>"
    )


def _dots(report: Report) -> Iterator[plots.Dot]:
    for number, one in enumerate(report.problems, 1):
        value = one.discrimination.value
        if one.facility is not None and value is not None:
            yield plots.Dot(number, one.id, one.facility, value, value < words.LOW)


def _listing(report: Report) -> Iterator[str]:
    yield "<h2>Problems, the hardest first</h2>"
    heads = ["problem", "#facility", "#", "discrimination", "#α without", "#responses"]
    heads += ["time, and its middle half"]
    rows = [_row(number, one) for number, one in enumerate(report.problems, 1)]
    yield _table(*_filled(heads, rows))


def _row(number: int, one: ProblemFigures) -> list[str]:
    return [
        f"{number}. <a href='#p{number}'>{safe(one.id)}</a>",
        *_share(one.facility),
        safe(words.with_interval(one.discrimination)),
        words.decimals(one.alpha_without),
        f"{one.responses:,}",
        "–" if one.time is None else safe(words.middle(one.time)),
    ]


def _filled(heads: Sequence[str], rows: Sequence[list[str]]) -> tuple[list[str], list[list[str]]]:
    """A table without the columns in which every cell is a dash."""
    kept = [at for at in range(len(heads)) if any(row[at] != "–" for row in rows)]
    return [heads[at] for at in kept], [[row[at] for at in kept] for row in rows]


def _commonest(report: Report) -> Iterator[str]:
    numbers = {one.id: number for number, one in enumerate(report.problems, 1)}
    rows = [
        [
            safe(words.slip(slip.slip)),
            f"{slip.times:,}",
            plots.bar(slip.times / part.responses),
            f"{numbers[one.id]}. <a href='#p{numbers[one.id]}'>{safe(one.id)}</a>, {safe(part.id)}",
            safe(slip.example.said),
        ]
        for one, part, slip in report.slips[:COMMONEST]
    ]
    if rows:
        yield "<h2>Commonest slips</h2>"
        heads = ["slip", "#times", "#", "problem and part", "what was said of it"]
        yield _table(heads, rows, kind="slips")


def _variants(report: Report) -> Iterator[str]:
    yield "<h2>Harder variants</h2>"
    compared = [(at, one, p) for at, one in enumerate(report.problems, 1) for p in one.parameters]
    harder = [row for row in compared if row[2].differs]
    if not compared:
        yield "<p>Too few variants to compare.</p>"
    elif not harder:
        yield f"<p>{words.ALIKE.capitalize()} was found.</p>"
    else:
        rows = (
            [f"<a href='#p{at}'>{safe(one.id)}</a>", safe(words.hardest(p)), words.chance(p)]
            for at, one, p in harder
        )
        yield _table(["problem", "parameter", "#p, corrected"], rows)


# -- a problem -------------------------------------------------------------------------------------


def _problem(number: int, problem: ProblemFigures) -> Iterator[str]:
    yield f"<h2 id=p{number}>{number}. {safe(problem.title or problem.id)}</h2>"
    told = [problem.id] if problem.title else []
    told += [f"{words.percent(problem.facility)} of the marks"]
    told += [words.times(problem.time)] if problem.time is not None else []
    yield f"<p class=quiet>{safe(' · '.join(told))}</p>"
    if problem.notice:
        yield f"<p>{safe(problem.notice)}</p>"
    elif problem.drawn < problem.responses:
        yield (
            f"<p class=quiet>Options and parameters: {problem.drawn:,} of {problem.responses:,} "
            "responses; the others' variants were not drawn anew.</p>"
        )
    if len(problem.parts) > 1:
        yield _table(
            [
                "part",
                "#facility",
                "#",
                "discrimination",
                "#correct",
                "#can't be read",
                "#no answer",
            ],
            map(_part_row, problem.parts),
        )
    for part in problem.parts:
        yield from _part(part, alone=len(problem.parts) == 1)
    yield from _parameters(problem)


def _part_row(part: PartFigures) -> list[str]:
    return [
        safe(part.id),
        *_share(part.facility),
        safe(words.with_interval(part.discrimination)),
        f"{part.correct:,}",
        f"{part.invalid:,}",
        f"{part.unanswered:,}",
    ]


def _part(part: PartFigures, alone: bool) -> Iterator[str]:
    if not part.slips and not part.options:
        return
    yield f"<h3>{safe(part.id)}</h3>"
    if alone:
        yield (
            f"<p class=quiet>{part.correct:,} correct, {part.invalid:,} can't be read, "
            f"{part.unanswered:,} without an answer</p>"
        )
    if part.slips:
        yield _table(
            ["slip", "#times", "#", "for example", "what was said of it"],
            (_slip_row(slip, part.responses) for slip in part.slips),
            kind="slips",
        )
    if part.options:
        yield _table(
            ["option", "#was", "#chosen", "#", "#best third", "#weakest third"],
            map(_option_row, part.options),
        )


def _slip_row(slip: SlipFigures, responses: int) -> list[str]:
    example = slip.example
    read = words.read_as(example)
    return [
        safe(words.slip(slip.slip)),
        f"{slip.times:,}",
        plots.bar(slip.times / responses),
        f"<code>{safe(example.response)}</code>"
        + (f"<br><span class=quiet>read as {safe(read)}</span>" if read else "")
        + f"<br><span class=quiet>{safe(example.code)}</span>",
        safe(example.said),
    ]


def _option_row(option: OptionFigures) -> list[str]:
    named = safe(option.text)
    if option.id and option.id != option.text:
        named = f"<b>{safe(option.id)}</b> {named}"
    return [
        named,
        "right" if option.right else "wrong",
        f"{option.who.chosen:,} of {option.who.shown:,}",
        plots.bar(option.who.share),
        words.percent(option.who.best),
        words.percent(option.who.weakest),
    ]


def _parameters(problem: ProblemFigures) -> Iterator[str]:
    """Facility by each parameter: in sight if it makes a difference, else folded away."""
    harder = [one for one in problem.parameters if one.differs]
    others = [one for one in problem.parameters if not one.differs]
    if harder:
        yield f"<div class=plots>{''.join(map(_parameter, harder))}</div>"
    if others:
        tables = "".join(map(_parameter, others))
        named = ", ".join(one.name for one in others)
        yield (
            f"<details><summary>{words.ALIKE.capitalize()} by {safe(named)}</summary>"
            f"<div class=plots>{tables}</div></details>"
        )


def _parameter(one: ParameterFigures) -> str:
    left = f"; {one.left_out:,} responses in groups under ten left out" if one.left_out else ""
    caption = f"Facility by {one.name}: p = {words.chance(one)} after correction{left}"
    rows = ([safe(g.label), *_share(g.facility), f"{g.responses:,}"] for g in one.groups)
    heads = [one.name, "#facility", "#", "#responses"]
    return f"<div>{_table(heads, rows, caption, kind='narrow')}</div>"


# -- how to read it --------------------------------------------------------------------------------


def _reading(report: Report) -> Iterator[str]:
    yield "<h2>How to read it</h2>"
    yield "<ul>"
    for sentence in (*words.READING, *report.notices):
        yield f"<li>{safe(sentence)}</li>"
    yield "</ul>"
