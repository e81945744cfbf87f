"""The e-mail fallback for a text that does not work, and its end when the text arrived after all."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from patients.consent import ConsentKind
from patients.models import Contact
from patients.models.contact import Channel, Relationship
from patients.models.site import UnknownPolicy
from reminders.delivery.models import Delivery, Transition
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.visit_notices import MARK

FAILED = (State.UNDELIVERED_PERM, State.REJECTED, State.EXPIRED)
NO_WAY = (  # suppressed as the number cannot be used, not as somebody said no
    Reason.NO_CONTACT,
    Reason.FOREIGN,
    Reason.SAME_INITIALS,
)
UNCLEAR = (State.UNKNOWN, State.UNCONFIRMED)  # both may arrive: only where the site wants that rather than a miss
ENDED = (*FAILED, State.SUPPRESSED, *UNCLEAR)
STILL_WANTED = [ReminderStatus.IN_PROGRESS, ReminderStatus.DONE]  # done: a caregiver was told, the patient was not


@transaction.atomic
def open_for(deliveries: Iterable[int], *, now: datetime) -> list[int]:
    """Open an e-mail for each of these texts that the rule allows one for; the keys of the new deliveries.

    Give any deliveries: the rule itself looks at their states. Safe to repeat: a reminder has at most one e-mail to
    the patient. A text that was refused consent (STOP) opens none: reception decides.
    """
    texts = set(deliveries)
    ways = _ways(_failed(texts), now) if texts else []
    rows = Delivery.objects.bulk_create([_mail(text, to, now) for text, to in ways])
    Transition.objects.bulk_create(
        [Transition(delivery=row, at=now, state=State.QUEUED, reason=Reason.FALLBACK, until=now) for row in rows]
    )
    return [row.pk for row in rows]


def with_another_way(deliveries: Iterable[int], *, now: datetime) -> list[int]:
    """Of these texts, in whatever state, those that an e-mail would be opened for if they ended now."""
    return [text.pk for text, _ in _ways(_own_texts(deliveries), now)]


def _ways(texts: Iterable[Delivery], now: datetime) -> list[tuple[Delivery, Contact]]:
    """Which text an e-mail may stand in for, and to whom: at most one of each reminder. Locks the reminders."""
    known = list(texts)
    if not known:
        return []
    reminders = _wanted({text.reminder_id for text in known}, now)
    told = _told_by_mail(reminders)
    ways: dict[int, tuple[Delivery, Contact]] = {}
    for text in known:
        if (reminder := reminders.get(text.reminder_id)) is None or reminder.pk in told or reminder.pk in ways:
            continue
        if contact := _mail_contact(text, reminder):
            ways[reminder.pk] = text, contact
    return list(ways.values())


def _own_texts(deliveries: Iterable[int]) -> DeliveryQuerySet:
    """To the patient, and not an e-mail's stand-in itself."""
    rows = Delivery.objects.filter(pk__in=set(deliveries), channel=Channel.SMS, is_fallback=False)
    return rows.filter(contact__relationship=Relationship.SELF).select_related("site").order_by("pk")


def _failed(deliveries: Iterable[int]) -> list[Delivery]:
    rows = _own_texts(deliveries).filter(state__in=ENDED)
    return [text for text in rows if is_called_for(text.state, text.reason, when_unknown=text.site.when_unknown)]


def is_called_for(state: str, reason: str, *, when_unknown: str) -> bool:
    """Whether a text that ended like this may be stood in for by an e-mail. Pure."""
    if state in UNCLEAR:
        return when_unknown == UnknownPolicy.EMAIL
    return state in FAILED or (state == State.SUPPRESSED and reason in NO_WAY)


def _wanted(reminders: set[int], now: datetime) -> dict[int, Reminder]:
    """Still useful, not recalled by a change of plan, nobody has called, the patient still in care. Locks them."""
    if not reminders:
        return {}
    rows = Reminder.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=reminders,
        status__in=STILL_WANTED,
        reason=Reason.NONE,
        handled_at=None,
        useful_until__gt=now,
        surgery__cancelled_at=None,
        surgery__patient__status="active",
    )
    rows = rows.filter(Q(surgery__ended_at=None) | Q(step_code__contains=MARK))
    return {row.pk: row for row in rows.select_related("step", "surgery").order_by("pk")}


def _told_by_mail(reminders: Iterable[int]) -> set[int]:
    own = Delivery.objects.filter(reminder__in=list(reminders), channel=Channel.EMAIL)
    return set(own.filter(contact__relationship=Relationship.SELF).values_list("reminder", flat=True))


def _mail_contact(delivery: Delivery, reminder: Reminder) -> Contact | None:
    """The patient's own address with a consent of its own. A STOP that ends everything ends this too."""
    if Channel.EMAIL not in reminder.step.channels:
        return None
    if delivery.site.stop_covers_all and _opted_out(delivery.contact_id):
        return None
    own = Contact.objects.for_site(delivery.site).reachable()
    own = own.filter(patient=reminder.surgery.patient_id, relationship=Relationship.SELF, phone="")
    return own.order_by("pk").first()


def _opted_out(contact: int) -> bool:
    [found] = Contact.objects.with_consent().filter(pk=contact)
    return found.consent_kind == ConsentKind.WITHDRAWN


def _mail(failed: Delivery, contact: Contact, now: datetime) -> Delivery:
    return Delivery(
        site_id=failed.site_id,
        reminder_id=failed.reminder_id,
        contact=contact,
        channel=Channel.EMAIL,
        reason=Reason.FALLBACK,
        priority=failed.priority,
        is_fallback=True,
        not_before=now,
        useful_until=failed.useful_until,
    )


def cancel_for(delivered: Iterable[int], *, now: datetime) -> list[int]:
    """The texts arrived: an e-mail that waits in their place is not sent. One that was claimed cannot be recalled.

    What arrived at a caregiver's changes nothing: the patient has not been told.
    """
    texts = set(delivered)
    if not texts:
        return []
    own = Delivery.objects.filter(pk__in=texts, is_fallback=False, contact__relationship=Relationship.SELF)
    reminders = own.values("reminder")
    waiting = Delivery.objects.filter(reminder__in=reminders, is_fallback=True)
    waiting = waiting.filter(state__in=[State.QUEUED, State.UNDELIVERED_TEMP])
    return move(
        waiting.values_list("pk", flat=True),
        State.CANCELLED,
        since=[State.QUEUED, State.UNDELIVERED_TEMP],
        now=now,
        reason=Reason.ARRIVED,
    )
