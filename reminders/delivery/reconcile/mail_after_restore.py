"""Mail that may have left before a restore: no mail server can be asked, so a person decides (F-D9)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from patients.models.contact import Channel
from patients.models.site import SiteMode
from reminders.delivery import waits
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.sending import opening
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.reasons import Reason

BATCH = 500


def set_aside(until: datetime, *, now: datetime) -> int:
    """Put e-mails that may have been sent on the call list. Returns how many. Idempotent."""
    while opening.open_due(until):
        pass
    number = 0
    while batch := _set_aside(until, now):
        number += batch
    return number


@transaction.atomic
def _set_aside(until: datetime, now: datetime) -> int:
    waiting = Delivery.objects.filter(channel=Channel.EMAIL, state=State.QUEUED, not_before__lte=until)
    waiting = waiting.exclude(site__mode=SiteMode.TEST).select_for_update(of=("self",), skip_locked=True)
    rows = list(waiting.order_by("pk")[:BATCH])
    _note_attempts(rows, until, now)
    keys = [row.pk for row in rows]
    move(keys, State.UNCONFIRMED, since=[State.QUEUED], now=now, reason=Reason.UNCONFIRMED)
    follow_up(keys, now=now)
    return len(rows)


def _note_attempts(rows: Sequence[Delivery], until: datetime, now: datetime) -> None:
    """The one that may have been made."""
    Attempt.objects.bulk_create(
        Attempt(
            delivery=row,
            number=row.attempt_count + 1,
            route="smtp",
            started_at=until,
            lease_until=until + waits.LEASE,
            finished_at=now,
            outcome="unknown",
            detail="perhaps, before a restore",
        )
        for row in rows
    )
    kept = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    kept.update(attempt_count=F("attempt_count") + 1, claimed_at=until)
