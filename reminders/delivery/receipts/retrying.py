"""When a temporary failure is tried again, and when that would be too late (T12 to T14)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from reminders.delivery import waits
from reminders.delivery.codes import Action, Code
from reminders.plan.local_time import moment

CARRIERS_DAY = ZoneInfo("America/Los_Angeles")  # T-Mobile counts a brand's texts from midnight to midnight there


def retry_at(code: Code, now: datetime) -> datetime:
    if code.action == Action.RETRY_TOMORROW:
        tomorrow = now.astimezone(CARRIERS_DAY).date() + timedelta(days=1)
        return now + (moment(tomorrow, time(0), CARRIERS_DAY) - now) * waits.SCALE
    return now + waits.scaled(minutes=code.minutes_apart)
