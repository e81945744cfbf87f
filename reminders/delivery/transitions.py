"""The only way a delivery's state changes: a conditional UPDATE and a transition row."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Value, When

from patients.models.contact import Channel
from reminders import bulk
from reminders.bulk import Among
from reminders.delivery import waits
from reminders.delivery.models import Delivery, Transition
from reminders.delivery.state import OPEN, State

LOOK_AFTER = {State.UNKNOWN: waits.FIRST_LOOK, State.ACCEPTED: waits.FIRST_POLL, State.SENT: waits.FIRST_POLL}


@transaction.atomic
def move(
    deliveries: Iterable[int],
    to: State,
    *,
    since: Iterable[State],
    now: datetime,
    reason: str = "",
    code: int = 0,
    not_before: datetime | None = None,
    **fields: object,
) -> list[int]:
    """Move those that are still in one of the states `since`; their keys. `fields`: further columns to set.

    Locks in the order of their keys. What is not in such a state any more is left as it is. `look_at`, the time at
    which the provider is asked, follows from the state unless it is given.
    """
    since, asked = set(since), set(deliveries)
    if not asked:
        return []
    locked = Delivery.objects.select_for_update(no_key=True).filter(Among("pk", asked), state__in=since)
    found = list(locked.order_by("pk").values_list("pk", "state", "attempt_count"))
    if not found:
        return []
    if not_before is not None:
        fields["not_before"] = not_before
    fields.setdefault("looks", 0)
    fields.setdefault("look_at", look_at(to, now))
    settled = None if to in OPEN else now
    keys = [pk for pk, _, _ in found]
    Delivery.objects.filter(Among("pk", keys), state__in=since).update(
        state=to, reason=reason, code=code, settled_at=settled, **fields
    )
    story: dict[str, Any] = {"at": now, "state": to, "reason": reason, "code": code, "until": not_before}
    bulk.insert(Transition, ("delivery_id", "was", "attempt"), found, **story)
    return keys


def look_at(state: State, now: datetime) -> datetime | Case | None:
    """A text that was taken is polled; a mail that was taken has no later word. What is unknown ends on any channel."""
    wait: timedelta | None = LOOK_AFTER.get(state)
    if wait is None:
        return None
    if state == State.UNKNOWN:
        return now + wait
    return Case(When(channel=Channel.SMS, then=Value(now + wait)), default=Value(None))
