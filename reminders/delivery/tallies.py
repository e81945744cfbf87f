"""How many texts a number and a site have had: all texts count, for whichever patient, contact and reason they were."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from patients.models import Contact, Site
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.plan.reasons import Reason

UNREACHABLE = 100  # a limit of so many texts a day is none: nobody gets them
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
NEVER_LEFT = [State.QUEUED, State.REJECTED]  # although it was claimed once

Number = tuple[int, str]  # of a site


class Tallies:
    """The texts of the last days that matter to these rows, and those that this claim adds."""

    def __init__(self, rows: Iterable[Delivery], now: datetime) -> None:
        texts = [row for row in rows if row.channel == "sms"]
        counted = Delivery.objects.filter(channel="sms").exclude(state__in=NEVER_LEFT)
        self.numbers: dict[Number, list[datetime]] = defaultdict(list)
        known = numbers_of({number_of(row) for row in texts})
        recent = counted.filter(contact__in=known, claimed_at__gt=now - WEEK).order_by("claimed_at")
        for contact, claimed_at in recent.values_list("contact", "claimed_at"):
            self.numbers[known[contact]] += _moments([claimed_at])
        self.sites: dict[int, list[datetime]] = {}
        for site in {row.site for row in texts if row.site.daily_cap is not None}:
            day = counted.filter(site=site, claimed_at__gt=now - DAY).order_by("claimed_at")
            self.sites[site.pk] = _moments(day.values_list("claimed_at", flat=True))

    def free_at(self, row: Delivery, now: datetime) -> tuple[datetime, Reason]:
        """When one more text may go to this number, and from this site; now, if it may."""
        if row.channel != "sms":
            return now, Reason.NONE
        site, texts = row.site, self.numbers[number_of(row)]
        own = max(frees(texts, site.texts_a_day, DAY, now), frees(texts, site.texts_a_week, WEEK, now))
        whole = now if site.daily_cap is None else frees(self.sites[site.pk], site.daily_cap, DAY, now)
        if max(own, whole) <= now:
            return now, Reason.NONE
        return (own, Reason.CONTACT_LIMIT) if own >= whole else (whole, Reason.SITE_LIMIT)

    def add(self, row: Delivery, at: datetime) -> None:
        """It leaves then, or waits until then: what comes after it in this claim finds that place taken."""
        if row.channel == "sms":
            insort(self.numbers[number_of(row)], at)
        if row.site_id in self.sites:
            insort(self.sites[row.site_id], at)


def frees(texts: Sequence[datetime], limit: int, span: timedelta, now: datetime) -> datetime:
    """When fewer than `limit` of these, the earliest first, lie within `span`. `limit` 0: in a span from now on."""
    if limit == 0:
        return now + span
    return max(now, texts[-limit] + span) if len(texts) >= limit else now


def number_of(row: Delivery) -> Number:
    return row.site_id, row.contact.address


def numbers_of(numbers: set[Number]) -> dict[int, Number]:
    """Every contact with one of these numbers: two patients may share a phone."""
    sites, phones = {site for site, _ in numbers}, {phone for _, phone in numbers}
    rows = Contact.objects.filter(site__in=sites, phone__in=phones)
    return {contact.pk: (contact.site_id, contact.address) for contact in rows.only("site", "phone")}


def places(rows: Iterable[Delivery]) -> dict[int, int]:
    """For each text the contact whose lock stands for its number, the first one that has it; by the delivery's key.

    Without it, two processes could each send the last text of the day to two patients on one phone.
    """
    texts = {row.pk: number_of(row) for row in rows if row.channel == "sms" and row.site.texts_a_day < UNREACHABLE}
    first: dict[Number, int] = {}
    for pk, number in sorted(numbers_of(set(texts.values())).items()):
        first.setdefault(number, pk)
    return {pk: first[number] for pk, number in texts.items() if number in first}


def lock_capped(sites: Iterable[int]) -> None:
    """Two processes count a capped site's texts one after the other."""
    capped = Site.objects.filter(pk__in=list(sites), daily_cap__isnull=False).order_by("pk")
    list(capped.select_for_update(no_key=True).values_list("pk", flat=True))


def _moments(values: Iterable[datetime | None]) -> list[datetime]:
    return [value for value in values if value is not None]
