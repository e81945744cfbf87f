"""How far our clock is ahead of each provider's: kept from its answers, and taken off the moments it is asked about."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import Error

from reminders.delivery.channels.clock_meter import ClockMeter
from reminders.delivery.models import ProviderClock

log = logging.getLogger(__name__)
APART = timedelta(seconds=30)  # from here on a watchdog speaks
BELIEVED = timedelta(days=1)  # a measurement that is older says nothing about today


def keep(provider: str, ahead: timedelta | None, now: datetime) -> None:
    """Keep the last measurement; None: nothing was measured. Never raises: what was asked for counts more."""
    if ahead is None:
        return
    try:
        _keep(provider, ahead, now)
    except Error as error:
        log.warning("could not keep the clock of %s: %s", provider, type(error).__name__)


def _keep(provider: str, ahead: timedelta, now: datetime) -> None:
    rows = ProviderClock.objects.filter(provider=provider)
    before = rows.values_list("apart_since", flat=True).first()
    since = (before or now) if abs(ahead) >= APART else None
    ProviderClock.objects.bulk_create(
        [ProviderClock(provider=provider, ahead=ahead.total_seconds(), measured_at=now, apart_since=since)],
        update_conflicts=True,
        unique_fields=["provider"],
        update_fields=["ahead", "measured_at", "apart_since"],
    )


def keep_of(routes: Mapping[str, object], now: datetime) -> None:
    """Of all channels that were used and measure, by their route."""
    for route, channel in routes.items():
        if isinstance(meter := getattr(channel, "meter", None), ClockMeter):
            keep(route, meter.ahead, now)


def theirs(moment: datetime, *, provider: str = "twilio") -> datetime:
    """A moment of ours as early as the provider may have called it."""
    seconds = ProviderClock.objects.filter(provider=provider).values_list("ahead", flat=True).first() or 0.0
    return moment - timedelta(seconds=max(0.0, seconds))
