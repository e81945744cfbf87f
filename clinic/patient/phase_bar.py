"""The recovery as a bar: where each phase lies and where a day falls. Pure. Early days get more room than late ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

WIDTH = 400
DAY_0, BEYOND = 12.0, 70.0  # widths of the day itself and of the last phase, which has no end
GAP = 2.0
HORIZON = 365  # where days of the last phase end up at the right edge


@dataclass(frozen=True, slots=True)
class BarSpan:
    """One phase, both days inclusive; no last day: the last one."""

    first: int
    last: int | None
    title: str


@dataclass(frozen=True, slots=True)
class BarPiece:
    x: float
    width: float
    label: str
    title: str
    here: bool
    over: bool
    span: BarSpan

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


def pieces(spans: Sequence[BarSpan], day: int) -> list[BarPiece]:
    """The phases left to right; before day 0 none is `here`."""
    widths, weeks = _widths(spans), in_weeks(spans)
    placed, x = [], 0.0
    for span, width in zip(spans, widths, strict=True):
        label = _label(span, weeks=weeks)
        here = span.first <= day and (span.last is None or day <= span.last)
        over = span.last is not None and span.last < day
        placed.append(BarPiece(round(x, 1), round(width, 1), label, span.title, here, over, span))
        x += width + GAP
    return placed


def _widths(spans: Sequence[BarSpan]) -> list[float]:
    """Day 0 and the open end are fixed; the others share the rest by the square root of their days."""
    fixed = {i: _fixed(span) for i, span in enumerate(spans)}
    room = WIDTH - GAP * (len(spans) - 1) - sum(w for w in fixed.values() if w)
    roots = {i: sqrt(s.last - s.first + 1) for i, s in enumerate(spans) if not fixed[i] and s.last is not None}
    total = sum(roots.values()) or 1
    return [fixed[i] or room * roots[i] / total for i in range(len(spans))]


def _fixed(span: BarSpan) -> float:
    if span.last is None:
        return BEYOND
    return DAY_0 if span.last == span.first else 0.0


def in_weeks(spans: Iterable[BarSpan]) -> bool:
    """Whether every phase after the day itself is whole weeks; else all of them are named by their days."""
    later = [span for span in spans if span.first > 0]
    return all(span.first % 7 == 1 and (span.last is None or span.last % 7 == 0) for span in later)


def _label(span: BarSpan, *, weeks: bool) -> str:
    """`3-6` in weeks, `15-42` in days; day 0 has no room for words."""
    if span.last == 0:
        return ""
    if span.last is None:
        return f"{(span.first - 1) // 7 if weeks else span.first}+"
    first, last = (span.first // 7 + 1, span.last // 7) if weeks else (span.first, span.last)
    return f"{first}" if first == last else f"{first}-{last}"


def x_of(placed: Iterable[BarPiece], day: int) -> float:
    """The x position of a day; before the first day at the left edge, beyond the horizon at the right edge."""
    x = 0.0
    for piece in placed:
        if day < piece.span.first:
            return x
        last = piece.span.last if piece.span.last is not None else max(HORIZON, piece.span.first)
        share = (day - piece.span.first + 0.5) / (last - piece.span.first + 1)
        x = piece.x + piece.width * min(share, 1.0)
        if day <= last:
            break
    return round(x, 1)
