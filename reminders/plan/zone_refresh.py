"""New time zone data: plans are laid out again by it, and booked visits keep their hour on the site's clock.

Each plan and visit says by which release it was computed, so the work may stop anywhere and goes on from there. Only an
older release counts: a process that was not yet updated takes nothing back.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F

from patients import audit, time_zones, visit_hour
from patients.models import CheckUp, Site, VisitChange
from patients.models.checkup import CheckUpQuerySet
from patients.shared_contacts import lock_connected
from reminders.plan import planning
from reminders.plan.local_time import moment
from reminders.plan.models import CarePlan, VisitTimeChange

A_DAY = timedelta(days=1)
AT_ONCE = 50  # operations in a transaction


def stale(now: datetime, *, limit: int, besides: Collection[int] = ()) -> list[int]:
    """Operations whose plan or coming visit was computed with older zones, at most `limit`, in key order."""
    release = time_zones.release()
    plans = CarePlan.objects.active().filter(zone_data__lt=release).exclude(surgery__in=besides).order_by("surgery")
    visits = _coming(now).filter(zone_data__lt=release).exclude(surgery__in=besides).order_by("surgery")
    found = {*plans.values_list("surgery", flat=True)[:limit], *visits.values_list("surgery", flat=True)[:limit]}
    return sorted(found)[:limit]


def number(now: datetime) -> int:
    """How many operations wait."""
    release = time_zones.release()
    plans = CarePlan.objects.active().filter(zone_data__lt=release).values_list("surgery", flat=True)
    return len({*plans, *_coming(now).filter(zone_data__lt=release).values_list("surgery", flat=True)})


def _coming(now: datetime) -> CheckUpQuerySet:
    """Of a day ago as well: by another offset its hour may still be to come."""
    sites = list(Site.objects.values_list("pk", flat=True))  # lets the index by site serve
    return CheckUp.objects.upcoming().filter(site__in=sites, booked_for__gt=now - A_DAY)


def keep_hours(now: datetime) -> int:
    """Put visits to come on the hour that was agreed on, before a message can say another. How many were looked at."""
    older = _coming(now).filter(zone_data__lt=time_zones.release()).order_by("surgery")
    waiting = sorted(set(older.values_list("surgery", flat=True)))
    return sum(_keep_hours(waiting[first : first + AT_ONCE], now) for first in range(0, len(waiting), AT_ONCE))


def move_to_zone(site: Site, *, now: datetime) -> None:
    """The site has another zone: each visit to come keeps its hour there."""
    CheckUp.objects.upcoming().filter(site=site).update(zone_data="")
    keep_hours(now)


@transaction.atomic
def lay_out(surgeries: Collection[int], *, now: datetime) -> None:
    """Put their visits on the agreed hour, then lay the plans out again: reminders hang on the visits."""
    _keep_hours(surgeries, now)
    planning.sync_all(surgeries, now=now)


@transaction.atomic
def _keep_hours(surgeries: Collection[int], now: datetime) -> int:
    lock_connected(surgeries)
    older = _coming(now).filter(surgery__in=surgeries, zone_data__lt=time_zones.release())
    rows = list(older.select_for_update(of=("self",)).select_related("site", "surgery").order_by("pk"))
    for check_up in rows:
        _keep_hour(check_up, now)
    return len(rows)


def _keep_hour(check_up: CheckUp, now: datetime) -> None:
    """The same date and time on the site's clock. What was told of it stays true, so nobody is told again."""
    before, local = check_up.booked_for, visit_hour.agreed(check_up)
    if before is None:
        return
    at = moment(local.date(), local.time(), check_up.site.zone).astimezone(UTC) if local else before
    check_up.booked_for = at
    visit_hour.note(check_up)
    check_up.save(update_fields=["booked_for", "booked_offset", "zone_data"])
    if at == before:
        return
    VisitChange.objects.filter(check_up=check_up, was_booked_for=before).update(
        was_booked_for=at, was_offset=check_up.booked_offset
    )
    times = VisitTimeChange.objects.filter(check_up=check_up)
    times.filter(was=before).update(was=at)
    times.filter(starts=before).update(starts=at, offset=F("offset") + 1)  # calendars take the entry anew
    audit.record("visit kept its local time", of=check_up.surgery, by=None, now=now, visit=check_up.title)
