"""The times of one site's visits, from its rows: what is taken, what is free, what speaks against a time."""

from datetime import date, datetime, timedelta

from patients.models import CheckUp, Site, VisitChange
from patients.models.visit_change import VisitChangeKind
from patients.visit_slots import VisitHours, concerns

TAKES_A_TIME = [VisitChangeKind.BOOKED, VisitChangeKind.MOVED, VisitChangeKind.UNDONE]


def hours_of(site: Site, closed: frozenset[date]) -> VisitHours:
    """`closed`: the site's own closed days, at least around the days that are asked about."""
    return VisitHours(
        opens=site.visits_open,
        closes=site.visits_close,
        minutes=site.visit_minutes,
        at_once=site.visits_at_once,
        zone=site.zone,
        weekdays=frozenset(site.staffed_weekdays),
        closed=closed,
    )


def taken_times(site: Site, *, since: datetime, until: datetime | None = None, but: int = 0) -> list[datetime]:
    """When each booked visit begins, sorted; without the visit `but`."""
    booked = CheckUp.objects.for_site(site).upcoming().filter(booked_for__gt=since).exclude(pk=but)
    if until:
        booked = booked.filter(booked_for__lt=until)
    times = booked.order_by("booked_for").values_list("booked_for", flat=True)
    return [at for at in times if at is not None]


def concerns_about(check_up: CheckUp) -> list[str]:
    """What speaks against the time a visit has, a sentence each: closed, outside the hours or the window, full."""
    at, site = check_up.booked_for, check_up.site
    if at is None:
        return []
    closed = frozenset(site.closed_days.filter(date=site.today(at)).values_list("date", flat=True))
    lasts = timedelta(minutes=site.visit_minutes)
    taken = taken_times(site, since=at - lasts, until=at + lasts, but=check_up.pk)
    window = {"opens": check_up.window_opens, "closes": check_up.window_closes}
    return concerns(hours_of(site, closed), at, taken, **window)


def taken_since(check_up: CheckUp, at: datetime, since: datetime) -> bool:
    """Whether the time `at` of this visit has become full by a booking that was made since it let go of it."""
    site, lasts = check_up.site, timedelta(minutes=check_up.site.visit_minutes)
    there = CheckUp.objects.for_site(site).upcoming().exclude(pk=check_up.pk)
    there = there.filter(booked_for__gt=at - lasts, booked_for__lt=at + lasts)
    new = VisitChange.objects.filter(check_up__in=there, kind__in=TAKES_A_TIME, at__gte=since)
    return there.count() >= site.visits_at_once and new.exists()
