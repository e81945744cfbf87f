"""When a site sees patients: the next free time for a visit, and what speaks against a time. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
BEYOND = 60  # days after the window that are looked at before giving up


@dataclass(frozen=True, slots=True)
class VisitHours:
    """A visit begins every `minutes` from `opens` on and ends by `closes`, local time; so many `at_once`.

    `weekdays`: 0 is Monday. `closed`: days without visits besides.
    """

    opens: time
    closes: time
    minutes: int
    at_once: int
    zone: ZoneInfo
    weekdays: frozenset[int]
    closed: frozenset[date]

    def is_open(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.closed

    def slots(self, day: date) -> Iterator[datetime]:
        """Each moment a visit of this day can begin, UTC; hours that the clocks skip are left out."""
        lasts = timedelta(minutes=self.minutes)
        local, end = datetime.combine(day, self.opens), datetime.combine(day, self.closes)
        while local + lasts <= end:
            at = local.replace(tzinfo=self.zone).astimezone(UTC)
            if at.astimezone(self.zone).replace(tzinfo=None) == local:
                yield at
            local += lasts

    def overlapping(self, at: datetime, taken: Sequence[datetime]) -> int:
        """How many of these visits take up a part of the time. `taken`: when each begins, sorted."""
        lasts = timedelta(minutes=self.minutes)
        return bisect_left(taken, at + lasts) - bisect_right(taken, at - lasts)

    def is_full(self, at: datetime, taken: Sequence[datetime]) -> bool:
        return self.overlapping(at, taken) >= self.at_once


def next_free(
    hours: VisitHours, taken: Sequence[datetime], *, opens: date, target: date, closes: date, first: date
) -> datetime | None:
    """The first free time from the target day to the end of the window; else on the days before it, the latest first.

    After that come the days after the window. No day before `first` is looked at. None: nothing is free for two months.
    """
    start, end = max(target, first), closes + BEYOND * DAY
    if start > end:
        end = start + BEYOND * DAY
    inside, before, after = (
        _days(start, closes),
        reversed([*_days(max(opens, first), target - DAY)]),
        _days(closes + DAY, end),
    )
    for day in (*inside, *before, *(day for day in after if day >= first)):
        if hours.is_open(day):
            for at in hours.slots(day):
                if not hours.is_full(at, taken):
                    return at
    return None


def _days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + ahead * DAY


def concerns(hours: VisitHours, at: datetime, taken: Sequence[datetime], *, opens: date, closes: date) -> list[str]:
    """What speaks against a time, a sentence each; staff may insist. `taken`: the other visits of the site."""
    local = at.astimezone(hours.zone)
    day, clock, lasts = local.date(), local.time().replace(tzinfo=None), timedelta(minutes=hours.minutes)
    found = []
    if not hours.is_open(day):
        found.append(f"The clinic is closed on {_day(day)}.")
    elif clock < hours.opens or datetime.combine(day, clock) + lasts > datetime.combine(day, hours.closes):
        found.append(
            f"{_clock(clock)} lies outside the hours for visits, {_clock(hours.opens)} to {_clock(hours.closes)}."
        )
    others = hours.overlapping(at, taken)
    if others >= hours.at_once:
        there = "is one visit" if others == 1 else f"are {others} visits"
        found.append(
            f"{_day(day)} {_clock(clock)} is full: there {there} already, and this site sees {hours.at_once} at once."
        )
    if not opens <= day <= closes:
        found.append(f"{_day(day)} lies outside the window of this visit, {_day(opens)} to {_day(closes)}.")
    return found


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _clock(at: time) -> str:
    return f"{at.hour}:{at:%M}"
