"""How reception's board says days, times and windows. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.staff.formats import count

DAY = timedelta(days=1)


def hour(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def short_day(day: date) -> str:
    """Wed 4 Mar"""
    return f"{day:%a} {day.day} {day:%b}"


def dated(day: date, *, today: date) -> str:
    """Wed 4 Mar; with the year where it is another one."""
    return short_day(day) if day.year == today.year else f"{short_day(day)} {day.year}"


def coming_day(day: date, *, today: date) -> str:
    shown = dated(day, today=today)
    return f"tomorrow, {shown}" if day == today + DAY else shown


def when(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """`today 09:00`, `yesterday 17:00`, `Wed 4 Mar 09:00`; the year only where it is another one."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    near = {today: "today", today - DAY: "yesterday", today + DAY: "tomorrow"}
    day = near.get(local.date()) or dated(local.date(), today=today)
    return f"{day} {local:%H:%M}"


def window(opens: date, closes: date, *, today: date) -> str:
    """The window of a visit, and where today stands in it."""
    days = f"{short_day(opens)} to {short_day(closes)}"
    if today < opens:
        return f"window {days}, opens in {count((opens - today).days, 'day')}"
    if today > closes:
        return f"window {days}, closed {count((today - closes).days, 'day')} ago"
    return f"window {days}"


def days_left(closes: date, *, today: date) -> str:
    """Today itself can still be used, and is the last day when nothing else is left."""
    left = (closes - today).days
    return "last day" if left == 0 else f"{count(left, 'day')} left"


def share_gone(opens: date, closes: date, *, today: date) -> int:
    """Percent of the window that is gone: 0 before it opens, 100 once it has closed."""
    gone = (today - opens).days / ((closes - opens).days + 1)
    return round(100 * min(max(gone, 0), 1))


def start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
