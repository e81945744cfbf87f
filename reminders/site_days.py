"""Closed days and the plans that keep clear of them: holidays that keep rolling, and what new days would move."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from patients import closed_days
from patients.closed_days import DayChanges
from patients.models import CheckUp, Site
from reminders.plan import planning
from reminders.plan.local_time import moment
from reminders.plan.models import CarePlan

log = logging.getLogger(__name__)
MOST_LOOKED_AT = 60  # plans laid out for a preview: about a second
MIDNIGHT = datetime.min.time()


@dataclass(frozen=True, slots=True)
class DaysPreview:
    """What new closed days would do. `moved`: messages of the plans that were looked at, at most MOST_LOOKED_AT."""

    changes: DayChanges
    moved: int
    plans: int
    visits: int

    @property
    def has_more_plans(self) -> bool:
        return self.plans > MOST_LOOKED_AT


def follow(site: Site, *, now: datetime) -> None:
    """Mark every plan of the site: the next rounds of the scheduler lay them out again."""
    plans = CarePlan.objects.active().filter(surgery__site=site)
    planning.hold(plans)
    plans.update(laid_out_until=site.today(now))


def keep_holidays(now: datetime) -> int:
    """Write the holidays of one more year where they end, and of a newer `holidays` package. How many sites changed.

    A site that stumbles costs no other its turn, nor the round that calls this.
    """
    due = [site for site in Site.objects.order_by("pk") if site.holidays_known != closed_days.stands_for(site, now)]
    return sum(_renewed(site, now) for site in due)


def _renewed(site: Site, now: datetime) -> bool:
    try:
        return renew(site, now=now)
    except planning.STUMBLES as error:
        log.error("the holidays of site %s cannot be written: %s", site.pk, type(error).__name__)
        return False


@transaction.atomic
def renew(site: Site, *, now: datetime) -> bool:
    """Bring a site's holidays up to date; plans follow where a day changes that they reach."""
    site = Site.objects.select_for_update(of=("self",)).get(pk=site.pk)
    changes = closed_days.close_on_holidays(site, by=None, now=now)
    reached = CarePlan.objects.active().filter(surgery__site=site).order_by("-laid_out_until").first()
    if reached and any(day <= reached.laid_out_until for day in [*changes.closed, *changes.opened]):
        follow(site, now=now)
    return bool(changes)


def preview(site: Site, act: Callable[[], DayChanges], *, now: datetime) -> DaysPreview:
    """What the act changes, with nothing of it kept."""
    plans = CarePlan.objects.active().filter(surgery__site=site)
    some = list(plans.order_by("surgery").values_list("surgery", flat=True)[:MOST_LOOKED_AT])
    with transaction.atomic():
        before = _due(some)
        changes = act()
        _lay_out(some, now)
        after = _due(some)
        transaction.set_rollback(True)
    moved = sum(before[key] != after[key] for key in before.keys() & after.keys())
    return DaysPreview(changes, moved, plans.count(), visits_on(site, set(changes.closed)))


def _lay_out(surgeries: list[int], now: datetime) -> None:
    """Those that stumble together are tried alone, and one that does is left as it is."""
    try:
        with transaction.atomic():
            planning.sync_all(surgeries, now=now)
    except planning.STUMBLES:
        if len(surgeries) > 1:
            for one in surgeries:
                _lay_out([one], now)


def _due(surgeries: list[int]) -> dict[int, datetime]:
    rows = CarePlan.objects.filter(surgery__in=surgeries, surgery__reminders__status="planned")
    return dict(rows.values_list(F("surgery__reminders"), F("surgery__reminders__due_at")))


def visits_on(site: Site, days: set[date]) -> int:
    """Visits that are booked on these days."""
    if not days:
        return 0
    first = moment(min(days), MIDNIGHT, site.zone)
    last = moment(max(days) + timedelta(days=1), MIDNIGHT, site.zone)
    booked = CheckUp.objects.upcoming().filter(site=site, booked_for__gte=first, booked_for__lt=last)
    return sum(site.today(at) in days for at in booked.values_list("booked_for", flat=True) if at)
