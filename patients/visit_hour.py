"""The hour on the site's clock that was agreed on for a visit. Zones change by law; what was told does not."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from patients import time_zones
from patients.models import CheckUp


def note(check_up: CheckUp, *, agreed: object = None) -> None:
    """Note the offset by which `booked_for` was meant. `agreed`: minutes, of a booking that stands again."""
    if check_up.booked_for is None:
        raise ValueError("not booked")
    today = minutes(check_up.booked_for, check_up.site.zone)
    check_up.booked_offset = agreed if isinstance(agreed, int) else today
    check_up.zone_data = time_zones.release() if check_up.booked_offset == today else ""


def minutes(at: datetime, zone: ZoneInfo) -> int:
    """The zone's offset from UTC at that moment, in minutes."""
    offset = at.astimezone(zone).utcoffset() or timedelta()
    return round(offset.total_seconds() / 60)


def agreed(check_up: CheckUp) -> datetime | None:
    """The date and time that were agreed on, without a zone; None where nothing is booked or that was not kept."""
    if check_up.booked_for is None or check_up.booked_offset is None:
        return None
    return check_up.booked_for.replace(tzinfo=None) + timedelta(minutes=check_up.booked_offset)
