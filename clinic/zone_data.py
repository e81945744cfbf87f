"""Which release of the time zones this process computes with, and a warning where a newer one is locked."""

from patients import time_zones
from reminders.delivery.monitoring.watchdogs import WatchdogWarning

KIND = "tzdata"


def warnings() -> list[WatchdogWarning]:
    """Not urgent: only zones that changed in between are computed wrongly, and installing the lock mends it."""
    used, locked = time_zones.release(), time_zones.locked_release()
    return [WatchdogWarning(KIND, None, 0, sentence(used, locked))] if is_old(used, locked) else []


def is_old(used: str, locked: str) -> bool:
    return not used or time_zones.is_older(used, locked)


def sentence(used: str, locked: str) -> str:
    return (
        f"Local times are computed with the time zones of {used or 'an unknown release'}; {locked} is required. "
        "Where rules changed in between, messages leave at a wrong hour. "
        "Your administrator must install requirements.txt and restart all parts."
    )
