"""Breakers: traffic waits while an account, a sender or the provider is in trouble."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from reminders.delivery import waits
from reminders.delivery.models import Breaker


@transaction.atomic
def trip(channel: str, *, site: int | None, now: datetime, code: int = 0, why: str = "") -> Breaker:
    """Open it for one site's sender, or for every site (`site` None: the account or the provider is in trouble).

    Tripped again while open: a probe failed, and the next one waits longer.
    """
    open_one = Breaker.objects.select_for_update().filter(channel=channel, site=site, closed_at=None).first()
    if open_one is None:
        return Breaker.objects.create(
            channel=channel, site_id=site, opened_at=now, probe_at=now + waits.FIRST_PROBE, code=code, why=why[:200]
        )
    if open_one.probe_at <= now:
        Breaker.objects.filter(pk=open_one.pk).update(
            probes=F("probes") + 1,
            probe_at=now + min(waits.FIRST_PROBE * 2 ** (open_one.probes + 1), waits.LONGEST_PROBE),
            code=code,
        )
    return open_one


def relieve(channel: str, *, site: int | None, now: datetime) -> int:
    """The provider took a message of this site: its breaker, and that of every site, close."""
    rows = Breaker.objects.filter(channel=channel, closed_at=None)
    return (rows.filter(site=None) | rows.filter(site=site)).update(closed_at=now)


def open_for(channel: str) -> list[Breaker]:
    return list(Breaker.objects.filter(channel=channel, closed_at=None))
