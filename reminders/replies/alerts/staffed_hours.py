"""Time in which somebody is there: is it now, when next, and when have so many minutes of it passed. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reminders.plan.local_time import DAY, FAR, moment


@dataclass(frozen=True, slots=True)
class Hours:
    """`weekdays`: 0 is Monday. `closed`: days on which nobody answers although the weekday says so."""

    zone: ZoneInfo
    opens: time
    closes: time
    weekdays: Collection[int]
    closed: Collection[date] = ()


def is_staffed(now: datetime, hours: Hours) -> bool:
    """The closing moment itself is not staffed any more."""
    return any(begins <= now < ends for begins, ends in _spans(now, hours, days=1))


def opening(now: datetime, hours: Hours) -> datetime:
    """`now` when somebody is there, else the next moment at which somebody is. Nobody within a year: `now`."""
    return next((max(now, begins) for begins, ends in _spans(now, hours) if now < ends), now)


def closing(now: datetime, hours: Hours) -> datetime:
    """The end of the staffed day that runs, or of the next one. Nobody within a year: a day from now."""
    return next((ends for _, ends in _spans(now, hours) if now < ends), now + DAY)


def after(now: datetime, minutes: int, hours: Hours) -> datetime:
    """When so many staffed minutes have passed. A site that is never staffed counts every minute."""
    left = timedelta(minutes=minutes)
    for begins, ends in _spans(now, hours):
        room = ends - max(now, begins)
        if timedelta() < left <= room:
            return max(now, begins) + left
        left -= max(room, timedelta())
    return now + timedelta(minutes=minutes)


def end_of_next_day(now: datetime, hours: Hours) -> datetime:
    """The closing of the first staffed day after today."""
    today = now.astimezone(hours.zone).date()
    later = (ends for begins, ends in _spans(now, hours) if begins.astimezone(hours.zone).date() > today)
    return next(later, now + DAY)


def last_day_over(now: datetime, hours: Hours) -> datetime:
    """The midnight before the last staffed day that has ended: who wrote earlier has had all of one. Else a day ago."""
    today = now.astimezone(hours.zone).date()
    for back in range(FAR):
        day = today - back * DAY
        if _is_worked(day, hours) and moment(day, hours.closes, hours.zone) <= now:
            return moment(day, time.min, hours.zone)
    return now - DAY


def _is_worked(day: date, hours: Hours) -> bool:
    return day.weekday() in hours.weekdays and day not in hours.closed


def _spans(now: datetime, hours: Hours, days: int = FAR) -> Iterator[tuple[datetime, datetime]]:
    """Staffed spans from today on, in UTC: as long as they really are on the day the clocks change."""
    today = now.astimezone(hours.zone).date()
    for ahead in range(days):
        day = today + ahead * DAY
        if _is_worked(day, hours):
            yield moment(day, hours.opens, hours.zone), moment(day, hours.closes, hours.zone)
