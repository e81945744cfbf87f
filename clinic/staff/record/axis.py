"""Recovery timeline: where everything stands, in units of a drawing 1000 wide. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

WIDTH = 1000.0
GAP = 2.0
DOT = 14.0  # two dots nearer than this would touch: the second one stands lower
LEVELS = 4
LETTER = 6.6  # about the width of one letter of a label
TAIL = 90  # days shown at least of a phase without end
LONG = 14.0  # the most room one phase may claim, so that a year does not crush the first weeks


@dataclass(frozen=True, slots=True)
class AxisSpan:
    """A phase: days after surgery, both inclusive; `last` is None for the one without end."""

    title: str
    first: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A message or a visit on its day; `tone` is its colour, `words` what a reader hears."""

    day: int
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class AxisBar:
    x: float
    width: float
    label: str
    title: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class AxisDot:
    x: float
    y: float
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Axis:
    bars: list[AxisBar]
    dots: list[AxisDot]
    visits: list[AxisDot]
    today_x: float | None
    today_words: str
    today_on_left: bool  # the label stands to the left of the line where the right has no room


class Scale:
    """Days to units. Each phase gets room by the root of its length: early days matter more and are fuller."""

    def __init__(self, spans: Sequence[AxisSpan], end: int) -> None:
        edges = [span.first for span in spans] + [end + 1]
        weights = [min(sqrt(after - before), LONG) for before, after in pairwise(edges)]
        unit = WIDTH / sum(weights)
        self.pieces, x = [], 0.0
        for (first, after), weight in zip(pairwise(edges), weights, strict=True):
            self.pieces.append((first, after, x, weight * unit))
            x += weight * unit

    def x(self, day: float) -> float:
        for first, after, x, width in self.pieces:
            if day < after:
                return max(x + (day - first) / (after - first) * width, 0.0)
        return WIDTH


def draw(spans: Sequence[AxisSpan], messages: Iterable[Mark], visits: Iterable[Mark], *, today: int) -> Axis:
    messages, visits = sorted(messages, key=lambda m: m.day), sorted(visits, key=lambda m: m.day)
    end = max([spans[-1].first + TAIL, *(m.day for m in messages), *(v.day for v in visits)])
    scale = Scale(spans, end)
    today_x = scale.x(today + 0.5) if 0 <= today <= end else None
    return Axis(
        bars=[_bar(span, scale, width, today) for span, width in zip(spans, _widths(scale), strict=True)],
        dots=_stacked(messages, scale, top=88.0),
        visits=_stacked(visits, scale, top=154.0),
        today_x=today_x,
        today_words=f"today, day {today}",
        today_on_left=today_x is not None and today_x > WIDTH - 120,
    )


def _widths(scale: Scale) -> list[float]:
    return [width for *_, width in scale.pieces]


def _bar(span: AxisSpan, scale: Scale, width: float, today: int) -> AxisBar:
    is_now = span.first <= today and (span.last is None or today <= span.last)
    room = int((width - 16) / LETTER)
    short = span.title.split(":")[0]
    label = next((text for text in (span.title, short) if len(text) <= room), "")
    return AxisBar(scale.x(span.first), width - GAP, label, span.title, is_now)


def _stacked(marks: Iterable[Mark], scale: Scale, *, top: float) -> list[AxisDot]:
    """On the first level that has room; when all are full, on the last."""
    ends = [float("-inf")] * LEVELS
    dots = []
    for mark in marks:
        x = min(max(scale.x(mark.day + 0.5), 7.0), WIDTH - 7)
        level = next((n for n, end in enumerate(ends) if x - end >= DOT), LEVELS - 1)
        ends[level] = x
        dots.append(AxisDot(round(x, 1), top + level * DOT, mark.tone, mark.words))
    return dots
