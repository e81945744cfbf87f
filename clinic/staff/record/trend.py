"""Pain over the days of a recovery, beside the course its protocol expects: where all of it stands. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

WIDTH, HEIGHT = 640.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 12.0, 12.0, 40.0
WORST = 10
SHOWN_AT_LEAST = 14  # days, so that the first answers do not fill the whole width
TICKS = 7  # about so many days are named below


@dataclass(frozen=True, slots=True)
class Point:
    """One check-in: its day after surgery and the pain that was answered; None: it was not."""

    day: int
    pain: int | None


@dataclass(frozen=True, slots=True)
class TrendDot:
    x: float
    y: float
    words: str
    is_answered: bool
    is_high: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Trend:
    """`band`: the expected course as the corners of a polygon; `line`: the answers, joined."""

    dots: list[TrendDot]
    line: str
    band: str
    days: list[Tick] = field(default_factory=list)
    pains: list[Tick] = field(default_factory=list)
    words: str = ""


def draw(points: Sequence[Point], expected: Iterable[Sequence[int]], *, today: int, high: int) -> Trend:
    """`expected`: rows of day, lowest and highest pain by rising day; it ends where they end."""
    points = [point for point in points if point.day >= 0]
    last = max([SHOWN_AT_LEAST, today, *(point.day for point in points)])
    rows = [(day, low, top) for day, low, top in expected if day <= last]
    answered = [(point.day, point.pain) for point in points if point.pain is not None]
    return Trend(
        dots=[_dot(point, last, high) for point in points],
        line=_path((_x(day, last), _y(pain)) for day, pain in answered),
        band=_band(rows, last),
        days=[Tick(_x(day, last), f"{day}") for day in _ticks(last)],
        pains=[Tick(_y(pain), f"{pain}") for pain in (0, 5, 10)],
        words=_words(answered, len(points)),
    )


def within(expected: Iterable[Sequence[int]], day: int) -> tuple[float, float] | None:
    """The lowest and highest pain expected on a day, between two rows on the straight line; None outside them."""
    rows = list(expected)
    for before, after in pairwise(rows):
        if before[0] <= day <= after[0]:
            share = (day - before[0]) / (after[0] - before[0])
            return tuple(before[n] + share * (after[n] - before[n]) for n in (1, 2))  # type: ignore[return-value]
    return next(((float(row[1]), float(row[2])) for row in rows if row[0] == day), None)


def _words(answered: Sequence[tuple[int, int]], asked: int) -> str:
    if not answered:
        return "No pain was answered yet."
    (first_day, first), (last_day, last) = answered[0], answered[-1]
    said = f"Pain {last} of 10 on day {last_day}"
    if len(answered) > 1:
        said = f"Pain {first} of 10 on day {first_day}, {last} on day {last_day}"
    return f"{said}; {len(answered)} of {asked} check-ins answered."


def _dot(point: Point, last: int, high: int) -> TrendDot:
    if point.pain is None:
        return TrendDot(_x(point.day, last), HEIGHT - BOTTOM, f"Day {point.day}: not answered", is_answered=False)
    words = f"Day {point.day}: pain {point.pain} of 10"
    return TrendDot(_x(point.day, last), _y(point.pain), words, is_answered=True, is_high=point.pain >= high)


def _band(rows: Sequence[tuple[int, int, int]], last: int) -> str:
    upper = [(_x(day, last), _y(top)) for day, _, top in rows]
    lower = [(_x(day, last), _y(low)) for day, low, _ in reversed(rows)]
    return _path(upper + lower) if len(rows) > 1 else ""


def _path(corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in corners)


def _x(day: int, last: int) -> float:
    return round(LEFT + day / last * (WIDTH - LEFT - RIGHT), 1)


def _y(pain: int) -> float:
    return round(TOP + (WORST - pain) / WORST * (HEIGHT - TOP - BOTTOM), 1)


def _ticks(last: int) -> list[int]:
    """Whole weeks, as few as are readable."""
    step = 7 * max(1, -(-last // (7 * TICKS)))
    return list(range(0, last + 1, step))
