"""Days on which a site is closed: public holidays, which follow its country and region, and days that staff set.

What staff set stays: a day they added is never taken away, and one they removed never comes back by itself.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import audit, public_holidays
from patients.models import ClosedDay, OpenHoliday, Site, StaffMember

YEARS_AHEAD = 2
LONGEST_CLOSURE = 62  # days in one step: a longer one is more likely a mistyped year


@dataclass(slots=True)
class DayChanges:
    """Days that become closed, days that are open again, and days that are called otherwise; each with its name."""

    closed: dict[date, str] = field(default_factory=dict)
    opened: dict[date, str] = field(default_factory=dict)
    renamed: dict[date, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.closed or self.opened or self.renamed)


def stands_for(site: Site, now: datetime) -> str:
    """What the site's holidays were written by: the package, and the last year. Another one: they are due again."""
    return f"{public_holidays.version()} {site.today(now).year + YEARS_AHEAD}"


def holiday_changes(site: Site, *, now: datetime) -> DayChanges:
    """What its country, region, kinds and language ask for, compared with its days from today on. Writes nothing.

    A new site gets this year's past days as well.
    """
    today = site.today(now)
    first = today if site.holidays_known else date(today.year, 1, 1)
    wanted = public_holidays.days(
        site.country,
        range(first.year, today.year + YEARS_AHEAD + 1),
        region=site.region,
        of=site.holiday_kinds,
        language=site.language,
    )
    left_open = set(site.open_holidays.values_list("date", flat=True))
    wanted = {day: name for day, name in wanted.items() if day >= first and day not in left_open}
    rows = {row.date: row for row in site.closed_days.filter(date__gte=first)}
    ours = {day: row.name for day, row in rows.items() if not row.by_hand}
    return DayChanges(
        closed={day: name for day, name in wanted.items() if day not in rows},
        opened={day: name for day, name in ours.items() if day not in wanted and day >= today},
        renamed={day: name for day, name in wanted.items() if ours.get(day, name) != name},
    )


@transaction.atomic
def close_on_holidays(site: Site, *, by: StaffMember | None, now: datetime) -> DayChanges:
    """Bring the site's public holidays up to date, for this year and the next two. Idempotent."""
    changes = holiday_changes(site, now=now)
    new = [ClosedDay(site=site, date=day, name=name, by_hand=False) for day, name in changes.closed.items()]
    ClosedDay.objects.bulk_create(new)
    not_by_hand = site.closed_days.filter(by_hand=False)
    not_by_hand.filter(date__in=changes.opened).delete()
    for day, name in changes.renamed.items():
        not_by_hand.filter(date=day).update(name=name)
    site.holidays_known = stands_for(site, now)
    Site.objects.filter(pk=site.pk).update(holidays_known=site.holidays_known)
    if new:
        audit.record("closed on public holidays", of=site, by=by, now=now, days=len(new))
    if changes.opened:
        audit.record("open again on former holidays", of=site, by=by, now=now, days=len(changes.opened))
    return changes


def closure(site: Site, *, first: date, last: date, now: datetime) -> list[date]:
    """The days of a closure that are not closed yet. Raises ValidationError for a span that can only be mistyped."""
    if last < first:
        raise ValidationError("The closure ends before it begins. Check the two days.")
    if first < site.today(now):
        raise ValidationError("The closure begins in the past. Choose today or a later day.")
    if (last - first).days >= LONGEST_CLOSURE:
        raise ValidationError(f"A closure is at most {LONGEST_CLOSURE} days long. Check the years.")
    known = set(site.closed_days.filter(date__range=(first, last)).values_list("date", flat=True))
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in span if day not in known]


@transaction.atomic
def close_between(
    site: Site, *, first: date, last: date, name: str, by: StaffMember | None, now: datetime
) -> list[date]:
    """Close every day from the first to the last, both included. Which were new; a holiday keeps its name."""
    days = closure(site, first=first, last=last, now=now)
    name = name.strip()[: public_holidays.LONGEST]
    ClosedDay.objects.bulk_create(ClosedDay(site=site, date=day, name=name) for day in days)
    site.closed_days.filter(date__range=(first, last)).update(by_hand=True)  # a changed region leaves them closed
    site.open_holidays.filter(date__range=(first, last)).delete()
    audit.record("closed for a time", of=site, by=by, now=now, first=str(first), last=str(last), name=name)
    return days


def note_by_hand(site: Site, *, closed: set[date], opened: set[date]) -> None:
    """Staff set these days: the closed ones stay whatever the calendar says, the others never come back by it."""
    site.closed_days.filter(date__in=closed).update(by_hand=True)
    site.open_holidays.filter(date__in=closed).delete()
    OpenHoliday.objects.bulk_create(
        [OpenHoliday(site=site, date=day) for day in opened - closed], ignore_conflicts=True
    )
