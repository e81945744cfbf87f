"""Limits on texts per number and per site: all texts count, automatic answers too."""

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from patients.models import Contact, Site
from reminders.bulk import Among
from reminders.delivery.models import Delivery, SaidBack
from reminders.delivery.sending.load import DueDelivery
from reminders.delivery.state import State
from reminders.plan.reasons import Reason

UNREACHABLE = 100  # a limit of so many texts a day is none: nobody gets them
DAYS = 7
DAY, WEEK = timedelta(hours=24), timedelta(days=DAYS)
NEVER_LEFT = [State.QUEUED, State.REJECTED]  # although it was claimed once

Number = tuple[int, str]  # of a site


@dataclass(slots=True)
class Tallies:
    """When texts left to each number, and from each site that has a cap; `number_of` a contact. Earliest first."""

    number_of: Mapping[int, Number]
    numbers: defaultdict[Number, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    sites: dict[int, list[datetime]] = field(default_factory=dict)

    @classmethod
    def read(cls, sites: Collection[Site], number_of: Mapping[int, Number], now: datetime) -> Self:
        """The texts of the last days. `sites`: whose texts are counted."""
        tallies = cls(number_of)
        counted = Delivery.objects.filter(channel="sms").exclude(state__in=NEVER_LEFT)
        limited = {site.pk for site in sites if is_limited(site)}
        theirs = [contact for contact, (site, _) in number_of.items() if site in limited]
        recent = counted.filter(Among("contact", theirs), claimed_at__gt=now - WEEK)
        said = SaidBack.objects.filter(Among("contact", theirs), at__gt=now - WEEK)
        for contact, at in _both(recent.values_list("contact", "claimed_at"), said.values_list("contact", "at")):
            tallies.numbers[number_of[contact]] += _moments([at])
        for moments in tallies.numbers.values():
            moments.sort()
        for site in sites:
            if site.daily_cap is not None:
                day = counted.filter(site=site, claimed_at__gt=now - DAY)
                answers = SaidBack.objects.filter(site=site, at__gt=now - DAY)
                texts_of_site = _both(day.values_list("site", "claimed_at"), answers.values_list("site", "at"))
                tallies.sites[site.pk] = sorted(_moments(at for _, at in texts_of_site))
        return tallies

    def copy(self) -> Self:
        """An independent copy, to count further without a trace."""
        numbers = {number: [*moments] for number, moments in self.numbers.items()}
        sites = {site: [*moments] for site, moments in self.sites.items()}
        return type(self)(self.number_of, defaultdict(list, numbers), sites)

    def free_at(self, row: DueDelivery, now: datetime) -> tuple[datetime, Reason]:
        """When one more text may go to this number, and from this site; now, if it may."""
        if row.channel != "sms":
            return now, Reason.NONE
        site, texts = row.site, self.numbers[self.number_of[row.contact]]
        own = max(frees(texts, site.texts_a_day, DAY, now), frees(texts, site.texts_a_week, WEEK, now))
        whole = now if site.daily_cap is None else frees(self.sites[site.pk], site.daily_cap, DAY, now)
        if max(own, whole) <= now:
            return now, Reason.NONE
        return (own, Reason.CONTACT_LIMIT) if own >= whole else (whole, Reason.SITE_LIMIT)

    def add(self, row: DueDelivery, at: datetime) -> None:
        """It leaves then, or waits until then: what comes after it in this claim finds that place taken."""
        if row.channel != "sms":
            return
        insort(self.numbers[self.number_of[row.contact]], at)
        if row.site.pk in self.sites:
            insort(self.sites[row.site.pk], at)


def frees(texts: Sequence[datetime], limit: int, span: timedelta, now: datetime) -> datetime:
    """When fewer than `limit` of these, the earliest first, lie within `span`. `limit` 0: in a span from now on."""
    if limit == 0:
        return now + span
    return max(now, texts[-limit] + span) if len(texts) >= limit else now


def numbers_of(rows: Iterable[DueDelivery]) -> dict[int, Number]:
    """The number of each text's contact, and of every other contact that has it: two patients may share a phone.

    As plain strings: to parse phone numbers is what would cost most in a claim.
    """
    texts = [row for row in rows if row.channel == "sms"]
    contacts = Contact.objects.annotate(number=Cast("phone", CharField())).exclude(phone="")
    own = contacts.filter(Among("pk", {row.contact for row in texts})).values_list("pk", "site", "number")
    found: dict[int, Number] = {pk: (site, number) for pk, site, number in own}
    limited = {found[row.contact] for row in texts if is_limited(row.site)}
    return dict(sorted((found | sharing(limited)).items()))


def sharing(numbers: Collection[Number]) -> dict[int, Number]:
    """The number of each contact that has one of these."""
    contacts = Contact.objects.annotate(number=Cast("phone", CharField())).exclude(phone="")
    same = contacts.filter(site__in={site for site, _ in numbers}, number__in={number for _, number in numbers})
    found = same.values_list("pk", "site", "number")
    return {pk: (site, number) for pk, site, number in found if (site, number) in numbers}


def is_limited(site: Site) -> bool:
    """Where nobody reaches the limits, nobody has to be counted."""
    return site.texts_a_day < UNREACHABLE or site.texts_a_week < DAYS * UNREACHABLE


def places(rows: Iterable[DueDelivery], numbers: Mapping[int, Number]) -> dict[int, int]:
    """For each text the contact whose lock stands for its number, the first one that has it; by the delivery's key.

    Without it, two processes could each send the last text of the day to two patients on one phone.
    """
    first: dict[Number, int] = {}
    for contact, number in numbers.items():
        first.setdefault(number, contact)
    limited = [row for row in rows if row.channel == "sms" and is_limited(row.site)]
    return {row.pk: first[numbers[row.contact]] for row in limited}


def lock_capped(sites: Iterable[int]) -> None:
    """Two processes count a capped site's texts one after the other."""
    capped = Site.objects.filter(pk__in=list(sites), daily_cap__isnull=False).order_by("pk")
    list(capped.select_for_update(no_key=True).values_list("pk", flat=True))


def _both(deliveries: QuerySet[Any, Any], answers: QuerySet[Any, Any]) -> Iterable[tuple[int, datetime]]:
    """In one query: a claim makes few."""
    return deliveries.order_by().union(answers.order_by(), all=True)


def _moments(values: Iterable[datetime | None]) -> list[datetime]:
    return [value for value in values if value is not None]
