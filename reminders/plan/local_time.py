"""From a local day and time to a moment. Pure."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FAR = 366  # a calendar without one open day in a year is a mistake, not a reason to loop


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """UTC. A local time that the clocks skip becomes the first one that exists; of two equal ones the first counts."""
    local = datetime.combine(day, at, zone)
    utc = local.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return utc
    return _end_of_gap(local.replace(fold=1).astimezone(UTC), utc, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after the clocks were put forward, which lies between the two."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def in_window(day: date, at: time, *, opens: time, closes: time) -> tuple[date, time]:
    """Quiet hours hold a message until the next opening; they never drop it."""
    if at < opens:
        return day, opens
    return (day, at) if at < closes else (day + DAY, opens)


def next_opening(now: datetime, *, opens: time, closes: time, zone: ZoneInfo) -> datetime:
    """`now` itself inside the window, else the next opening."""
    local = now.astimezone(zone)
    day, at = in_window(local.date(), local.time(), opens=opens, closes=closes)
    return now if (day, at) == (local.date(), local.time()) else moment(day, at, zone)


def closing(now: datetime, *, closes: time, zone: ZoneInfo) -> datetime:
    """When the window that holds `now` ends."""
    return moment(now.astimezone(zone).date(), closes, zone)


def next_staffed(day: date, *, weekdays: Container[int], closed: Container[date]) -> date:
    """The first day from `day` on at which somebody answers the phone."""
    for ahead in range(FAR):
        candidate = day + ahead * DAY
        if candidate.weekday() in weekdays and candidate not in closed:
            return candidate
    return day
