"""Public holidays on which a site is closed; staff add and remove days by hand as well."""

from collections.abc import Iterable
from datetime import date, datetime

import holidays
from django.db import transaction

from patients import audit
from patients.models import ClosedDay, Site, StaffMember

YEARS_AHEAD = 2


@transaction.atomic
def close_on_holidays(site: Site, *, by: StaffMember | None, now: datetime) -> int:
    """Add this year's and the next two years' public holidays of the site's country. How many were new.

    A country whose holidays are not known adds nothing. Days that staff removed come back: remove them again.
    """
    this_year = site.today(now).year
    known = set(site.closed_days.values_list("date", flat=True))
    days = [
        ClosedDay(site=site, date=day, name=name[:80])
        for day, name in _holidays(site.country, range(this_year, this_year + YEARS_AHEAD + 1))
        if day not in known
    ]
    ClosedDay.objects.bulk_create(days)
    if days:
        audit.record("closed on public holidays", of=site, by=by, now=now, days=len(days))
    return len(days)


def _holidays(country: str, years: Iterable[int]) -> Iterable[tuple[date, str]]:
    if country not in holidays.list_supported_countries():
        return ()
    return sorted(holidays.country_holidays(country, years=years).items())
