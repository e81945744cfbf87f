"""The one way a delivery's state changes: a conditional UPDATE, and the transition that tells of it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from reminders.delivery.models import Delivery, Transition
from reminders.delivery.state import OPEN, State


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

    Locks in the order of their keys. What is not in such a state any more is left as it is.
    """
    rows = Delivery.objects.select_for_update(no_key=True).filter(pk__in=set(deliveries), state__in=set(since))
    found = list(rows.order_by("pk").values_list("pk", "state", "attempt_count"))
    if not_before is not None:
        fields["not_before"] = not_before
    settled = None if to in OPEN else now
    Delivery.objects.filter(pk__in=[pk for pk, _, _ in found]).update(
        state=to, reason=reason, code=code, settled_at=settled, **fields
    )
    Transition.objects.bulk_create(
        Transition(
            delivery_id=pk, at=now, was=was, state=to, reason=reason, code=code, attempt=number, until=not_before
        )
        for pk, was, number in found
    )
    return [pk for pk, _, _ in found]
