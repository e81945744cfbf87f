"""Fair shares: each claim has a share for every site with something due, so that none starves another."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from patients.models import Site
from patients.models.site import SiteMode
from reminders.delivery.models import Breaker, Delivery, Sender
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.safeguards import breaker, rate_limit
from reminders.delivery.safeguards.rate_limit import Room
from reminders.plan.models.reminder import ReminderQuerySet

SITES = 20  # that share one claim; which ones of more is left to chance, so none waits long


@dataclass(slots=True)
class Turn:
    """A site's part in one claim: how many rows are looked at, parts set aside at its sender, messages at most."""

    site: int
    share: int
    room: Room | None = None
    at_most: int | None = None  # 1 for the probe of a breaker

    def allows(self, parts: int) -> bool:
        """False: it stays queued as it is, and so does what comes after it."""
        if self.at_most == 0 or (self.room and not self.room.take(parts)):
            return False
        if self.at_most:
            self.at_most -= 1
        return True


@dataclass(slots=True)
class Turns:
    """`wait`: when the next sender is free again, if a rate is what holds something back."""

    by_site: dict[int, Turn] = field(default_factory=dict)
    wait: timedelta | None = None


def take(channel: str, now: datetime, limit: int) -> Turns:
    """Give the turns of one claim. What is set aside here has to be settled after it."""
    due = sites_with(Delivery.objects.claimable(now).filter(channel=channel))
    if not due:
        return Turns()
    breakers = {each.site_id: each for each in breaker.open_for(channel)}
    everywhere = breakers.get(None)
    if everywhere and everywhere.probe_at > now:
        return Turns()
    due = [site for site in due if site.pk not in breakers or (breakers[site.pk].probe_at <= now and not everywhere)]
    senders = _senders(channel, due)
    waits = {pk: rate_limit.wait_for(sender, now) for pk, sender in senders.items()}
    ready = [site for site in due if waits.get(site.pk, timedelta()) <= timedelta()]
    turns = Turns(wait=min((waits[site.pk] for site in due if site not in ready), default=None))
    for site, share in shares(ready, limit):
        hurdles = [each for each in (everywhere, breakers.get(site.pk)) if each]
        turn = _turn(site, share, senders.get(site.pk), hurdles, now)
        if turn is not None:
            turns.by_site[site.pk] = turn
        if everywhere:  # one probe for all of them
            break
    return turns


def _turn(site: Site, share: int, sender: Sender | None, hurdles: list[Breaker], now: datetime) -> Turn | None:
    room = rate_limit.reserve(sender, 2 * share, now) if sender else None
    if sender and room is None:  # another process has just taken it
        return None
    if not all(breaker.let_out_probe(each, now) for each in hurdles):
        if room:
            rate_limit.settle(room)
        return None
    return Turn(site.pk, share, room, at_most=1 if hurdles else None)


def sites_with(rows: DeliveryQuerySet | ReminderQuerySet) -> list[Site]:
    """One look into an index for each site, however many rows are due. Their key and mode is all that is read."""
    return list(Site.objects.filter(Exists(rows.filter(site=OuterRef("pk")))).order_by("pk").only("mode"))


def shares(sites: list[Site], limit: int) -> Iterator[tuple[Site, int]]:
    """Share the limit equally."""
    chosen = random.sample(sites, min(len(sites), SITES, limit))
    return ((site, limit // len(chosen)) for site in chosen)


def route(channel: str, site: Site) -> str:
    """The route to send by: the outbox for a site in test mode, and everywhere while MESSAGES is `outbox`."""
    if settings.MESSAGES != "live" or site.mode == SiteMode.TEST:
        return "outbox"
    return "twilio" if channel == "sms" else "smtp"


def _senders(channel: str, sites: list[Site]) -> dict[int, Sender]:
    """Those with a rate: texts in the outbox, and mail, have no rate."""
    limited = [site.pk for site in sites if route(channel, site) == "twilio"]
    return {each.site_id: each for each in Sender.objects.filter(channel=channel, site__in=limited)}
