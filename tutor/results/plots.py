"""Plots as SVG inside a page: each has a title, and words that say what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor
from typing import NamedTuple

from tutor.html import safe

WIDTH, HEIGHT = 460, 316
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 36, 40
LETTER, LINE = 8, 14
"""About the size of a figure in a label, in the plot's units."""
STYLE = """
.plot { width: 100%; height: auto; font: 13px system-ui, sans-serif; display: block }
.plot text { fill: var(--ink) } .plot .axis { stroke: var(--line) }
.plot .grid { stroke: var(--faint) } .plot .guide { stroke: var(--quiet); stroke-dasharray: 4 4 }
.plot .full, .bar .full { fill: var(--mark) } .plot .dot { fill: var(--mark); stroke: var(--paper) }
.plot .low { fill: var(--paper); stroke: var(--mark) }
.bar { width: 7em; height: .7em; min-width: 3em } .bar .track { fill: var(--faint) }
"""


class Dot(NamedTuple):
    """A problem in the scatter plot: its number in the table, what to call it, where it lies."""

    number: int
    name: str
    x: float
    y: float
    low: bool


def bar(share: float) -> str:
    """A bar beside a number that says the same."""
    full = 100 * min(max(share, 0.0), 1.0)
    return (
        "<svg class=bar viewBox='0 0 100 10' preserveAspectRatio=none aria-hidden=true>"
        "<rect class=track width=100 height=10 />"
        f"<rect class=full width={full:.1f} height=10 /></svg>"
    )


def histogram(counts: Sequence[int], name: str, title: str, told: str) -> str:
    """Bars over the tenths of a scale from 0 to 100 %. ``name`` is the plot's own on the page."""
    most = max(counts)
    wide, top = (WIDTH - LEFT - RIGHT) / len(counts), _round(most)
    drawn = [*_grid([0, top // 2, top] if top > 1 else [0, top], 0, top)]
    for at, count in enumerate(counts):
        high = (HEIGHT - TOP - BOTTOM) * count / top
        x, y = LEFT + wide * at + 1, HEIGHT - BOTTOM - high
        drawn.append(
            f"<rect class=full x={x:.1f} y={y:.1f} width={wide - 2:.1f} height={high:.1f}>"
            f"<title>{100 * at // len(counts)} to {100 * (at + 1) // len(counts)} %: {count:,}"
            "</title></rect>"
        )
        if count:
            middle = x + wide / 2 - 1
            drawn.append(f"<text x={middle:.1f} y={y - 4:.1f} text-anchor=middle>{count:,}</text>")
    drawn += [*_shares(), _above("students"), _below("marks")]
    return _plot(drawn, name, title, told)


def scatter(dots: Sequence[Dot], guide: float, name: str, title: str, told: str) -> str:
    """Facility across, discrimination up; a dashed line at ``guide``."""
    lowest = floor(5 * min([0.0, *(dot.y for dot in dots)])) / 5
    steps = round((1 - lowest) / 0.2)
    ticks = [lowest + 0.2 * step for step in range(steps + 1)]
    drawn = [*_grid(ticks, lowest, 1.0)]
    y = _up(guide, lowest, 1.0)
    drawn.append(f"<line class=guide x1={LEFT} x2={WIDTH - RIGHT} y1={y:.1f} y2={y:.1f} />")
    drawn += [*_shares(), _above("discrimination"), _below("facility"), *_dots(dots, lowest)]
    return _plot(drawn, name, title, told)


def _plot(drawn: Sequence[str], name: str, title: str, told: str) -> str:
    return (
        f"<svg class=plot role=img viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"aria-labelledby='{name}-title {name}-desc'>"
        f"<title id={name}-title>{safe(title)}</title><desc id={name}-desc>{safe(told)}</desc>"
        f"{''.join(drawn)}</svg>"
    )


def _grid(ticks: Sequence[float], low: float, high: float) -> Iterator[str]:
    """Lines across with their values on the left, the lowest one the axis."""
    for tick in ticks:
        y = _up(tick, low, high)
        kind = "axis" if tick == ticks[0] else "grid"
        label = f"{tick:,}" if isinstance(tick, int) else f"{tick:.1f}".replace("-0.0", "0.0")
        yield f"<line class={kind} x1={LEFT} x2={WIDTH - RIGHT} y1={y:.1f} y2={y:.1f} />"
        yield (f"<text x={LEFT - 6} y={y + 4:.1f} text-anchor=end>{label.replace('-', '−')}</text>")


def _shares() -> Iterator[str]:
    for share in (0, 20, 40, 60, 80, 100):
        anchor = "end" if share == 100 else "middle"
        x = _across(share / 100) + (RIGHT if share == 100 else 0)
        yield f"<text x={x:.1f} y={HEIGHT - BOTTOM + 16} text-anchor={anchor}>{share} %</text>"


def _above(text: str) -> str:
    """What is drawn upwards, over its scale."""
    return f"<text x=4 y=13>{safe(text)}</text>"


def _below(text: str) -> str:
    middle = (LEFT + WIDTH - RIGHT) / 2
    return f"<text x={middle:.1f} y={HEIGHT - 6} text-anchor=middle>{safe(text)}</text>"


def _dots(dots: Sequence[Dot], lowest: float) -> Iterator[str]:
    """Every dot, with its number where there is room."""
    places = [(_across(dot.x), _up(dot.y, lowest, 1.0)) for dot in dots]
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in places]
    for dot, (x, y) in zip(dots, places, strict=True):
        kind = "dot low" if dot.low else "dot"
        told = f"{dot.number}. {dot.name}: {dot.x:.0%}, {dot.y:.2f}"
        yield (
            f"<circle class='{kind}' cx={x:.1f} cy={y:.1f} r=5><title>{safe(told)}</title></circle>"
        )
        label, wide = str(dot.number), LETTER * len(str(dot.number))
        for left, base in ((x + 8, y + 5), (x - 8 - wide, y + 5), (x - wide / 2, y - 9)):
            box = (left, base - LINE + 3, left + wide, base)
            inside = left >= LEFT and left + wide <= WIDTH and box[1] >= 0
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                yield f"<text x={left:.1f} y={base:.1f}>{label}</text>"
                break


Box = tuple[float, float, float, float]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _across(share: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _up(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)


def _round(most: int) -> int:
    """An even number not below the largest count, for a scale with a middle."""
    step = 1
    while most > 10 * step:
        step *= 10
    return -(-most // (2 * step)) * 2 * step if most > 1 else 1
