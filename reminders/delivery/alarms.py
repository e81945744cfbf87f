"""Alarms for the administrator. Raising one twice counts up; clearing it keeps the row."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from patients import audit
from patients.models import Site, StaffMember
from reminders.delivery.models import Alarm


@transaction.atomic
def sound(kind: str, *, now: datetime, subject: str = "", detail: str = "", site: Site | int | None = None) -> None:
    """`detail` is shown to staff: never a name, a number or a text in it."""
    site_id = site.pk if isinstance(site, Site) else site
    open_ones = Alarm.objects.filter(kind=kind, subject=subject, site=site_id, cleared_at=None)
    if not open_ones.update(count=F("count") + 1, last_at=now, detail=detail[:200]):
        Alarm.objects.create(
            kind=kind, subject=subject, detail=detail[:200], site_id=site_id, first_at=now, last_at=now
        )


def clear(kind: str, *, now: datetime, subject: str | None = None, site: Site | int | None = None) -> int:
    """How many were open. Without a subject: all of this kind at this site."""
    rows = Alarm.objects.filter(kind=kind, site=site.pk if isinstance(site, Site) else site, cleared_at=None)
    return (rows if subject is None else rows.filter(subject=subject)).update(cleared_at=now)


@transaction.atomic
def seen(alarm: Alarm, *, by: StaffMember, now: datetime) -> bool:
    """Mark an alarm as seen. False: it was over already. The same problem later raises a new alarm."""
    if not Alarm.objects.filter(pk=alarm.pk, cleared_at=None).update(cleared_at=now):
        return False
    record = audit.record if alarm.site_id else audit.record_everywhere
    record("alarm seen", of=alarm, by=by, now=now, kind=alarm.kind, times=alarm.count)
    return True
