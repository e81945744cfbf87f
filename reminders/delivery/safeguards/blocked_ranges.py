"""Ranges of numbers that the provider blocks for a while, as if somebody were pumping texts through them (30450)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from reminders.delivery import waits
from reminders.delivery.models import HeldRange
from reminders.plan.reasons import Reason

HELD_FOR = waits.scaled(hours=1)
PREFIX = 8  # of +12025550123: country, area and exchange


def hold(phones: Iterable[str], *, now: datetime) -> None:
    """Hold a range of numbers; reported again, the time starts anew. One statement, safe in parallel."""
    prefixes = sorted({phone[:PREFIX] for phone in phones})
    HeldRange.objects.bulk_create(
        [HeldRange(prefix=prefix, until=now + HELD_FOR) for prefix in prefixes],
        update_conflicts=True,
        unique_fields=["prefix"],
        update_fields=["until"],
    )


def held(now: datetime) -> dict[str, datetime]:
    """Until when, by prefix; mostly none."""
    return dict(HeldRange.objects.filter(until__gt=now).values_list("prefix", "until"))


def free_at(phone: str, known: Mapping[str, datetime], now: datetime) -> tuple[datetime, Reason]:
    """When a text may go to this number; now, if it may."""
    until = known.get(phone[:PREFIX], now)
    return (until, Reason.NUMBER_RANGE) if until > now else (now, Reason.NONE)
