"""A text that may be a refusal: what it holds, and what a decision about it releases."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from patients import actions as care
from patients.models import Contact, StaffMember
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.reasons import Reason
from reminders.replies.models import Intent, Reply

MAYBE = "A text from this number may be an opt-out."


@transaction.atomic
def release(contacts: Iterable[Contact], *, by: StaffMember | None, now: datetime) -> list[Contact]:
    """It was not an opt-out: what waited for the decision may be sent at once, if still useful."""
    released = care.release_contacts(contacts, by=by, now=now)
    held = Delivery.objects.filter(contact__in=released, state=State.QUEUED, reason=Reason.CONTACT_HELD)
    # A row that a claim holds is passed over: that claim waits for nobody, and the next one will find it free.
    rows = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
    move(rows, State.QUEUED, since=[State.QUEUED], now=now, not_before=now)
    return released


def decided(contacts: Iterable[Contact], *, by: StaffMember | None, now: datetime, effect: str) -> None:
    """The texts that were held for a decision have got one; urgent ones still wait to be read."""
    numbers = {(contact.site_id, contact.address) for contact in contacts}
    for site, address in numbers:
        waiting = Reply.objects.to_read().filter(site=site, from_address=address, intent=Intent.REFUSAL)
        waiting.update(effect=effect)
        waiting.filter(is_urgent=False).update(handled_at=now, handled_by=by)
