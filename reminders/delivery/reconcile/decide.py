"""What the provider's word on one message, or its silence, does to the delivery (T7, T8, T9, F-C6)."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from patients.models.site import UnknownPolicy
from patients.models.surgery import ENDED
from reminders.delivery import alarms, waits
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.matching import Doubt, Sighting, Verdict
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.receipts import callbacks
from reminders.delivery.state import RULES, State
from reminders.delivery.transitions import move
from reminders.plan.reasons import Reason
from reminders.plan.visit_notices import is_notice

log = logging.getLogger(__name__)
LOOKS = 2  # so many empty ones in a row prove that there is no message


@dataclass(frozen=True, slots=True)
class DeliveryQuestion:
    """One delivery, and the attempt it is about: its newest."""

    delivery: int
    reminder: int
    site: int
    contact: int
    number: int
    attempt: UUID
    route: str
    provider_id: str
    started_at: datetime
    to: str = field(repr=False)


def found(attempt: UUID, seen: Sighting, now: datetime, *, source: str = "lookup") -> str:
    """The provider's list shows the message (T7)."""
    try:
        callbacks.receive(
            attempt, provider_id=seen.sid, status=seen.status[:24], code=seen.error_code or 0, now=now, source=source
        )
    except callbacks.ForeignReport:
        log.warning("a message that was found belongs to another attempt")
        return "foreign"
    return "found" if source == "lookup" else "polled"


def polled(one: DeliveryQuestion, seen: Sighting | None, now: datetime) -> str:
    """Asked by its id: never a reason to send it again, whatever is answered."""
    word = found(one.attempt, seen, now, source="poll") if seen else "not asked"
    looks = Delivery.objects.filter(pk=one.delivery).values_list("looks", flat=True).get()
    wait = min(waits.POLL_EVERY * 2 ** min(looks, 10), waits.LONGEST_POLL)
    _look_again(one, now + wait, looks=looks + 1 if seen else looks)
    return word


def not_asked(one: DeliveryQuestion, now: datetime) -> str:
    """The list could not be had: that proves nothing, and is no look."""
    _look_again(one, now + waits.BETWEEN_LOOKS)
    return "not asked"


def looked_up(one: DeliveryQuestion, verdict: Verdict, at: datetime, now: datetime) -> str:
    """`at`: when the list was asked for."""
    match verdict:
        case Sighting():
            word = found(one.attempt, verdict, now)
            _look_again(one, now + waits.POLL_EVERY, looks=0)  # its callbacks are lost too
            return word
        case Doubt():
            return _in_doubt(one, at, now)
        case None:
            return _not_seen(one, at, now)


def _look_again(one: DeliveryQuestion, when: datetime, **fields: object) -> None:
    open_ones = [State.UNKNOWN, State.ACCEPTED, State.SENT]
    Delivery.objects.filter(pk=one.delivery, state__in=open_ones).update(look_at=when, **fields)


@transaction.atomic
def _not_seen(one: DeliveryQuestion, at: datetime, now: datetime) -> str:
    row = _still_unknown(one)
    if row is None:
        return "settled meanwhile"
    last = row.looked_at if row.looked_at and row.looked_at > one.started_at else None
    if last and at < last + waits.BETWEEN_LOOKS:  # another process looked a moment ago
        _look_again(one, last + waits.BETWEEN_LOOKS)
        return "not seen"
    looks = row.looks + 1 if last else 1
    if looks >= LOOKS and at >= one.started_at + waits.PROVEN_ABSENT:
        return _give_up(row, Reason.NEVER_SEEN, now)
    _look_again(one, at + waits.BETWEEN_LOOKS, looks=looks, looked_at=at)
    return "not seen"


def _still_unknown(one: DeliveryQuestion) -> Delivery | None:
    """Locked. None: an answer, a callback or another process was faster."""
    if Attempt.objects.filter(pk=one.attempt).exclude(provider_id="").exists():
        return None
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related(
        "site", "reminder__surgery__patient"
    )
    return rows.filter(pk=one.delivery, state=State.UNKNOWN, attempt_count=one.number).first()


def _give_up(row: Delivery, reason: Reason, now: datetime) -> str:
    """T8 where everything allows it, else T9."""
    if reason == Reason.NEVER_SEEN and _may_go_again(row, now):
        move(
            [row.pk],
            RULES["T8"].to,
            since=RULES["T8"].since,
            now=now,
            reason=reason,
            not_before=now,
            after_unknown=row.after_unknown + 1,
            looked_at=None,
        )
        return "sent again"
    move([row.pk], State.UNCONFIRMED, since=[State.UNKNOWN], now=now, reason=reason, look_at=None)
    follow_up([row.pk], now=now)
    return "unconfirmed"


def _may_go_again(row: Delivery, now: datetime) -> bool:
    """The provider was asked and knows nothing. Only once, and only where the site prefers that to a call."""
    surgery = row.reminder.surgery
    speaks = surgery.is_active or (surgery.state == ENDED and is_notice(row.reminder.step_code))
    cared_for = speaks and surgery.patient.status == "active"
    listed = row.channel == "sms" and row.site.when_unknown == UnknownPolicy.AGAIN
    return listed and cared_for and row.after_unknown < 1 and row.useful_until > now


@transaction.atomic
def _in_doubt(one: DeliveryQuestion, at: datetime, now: datetime) -> str:
    """Something has left, and nobody can say which it was: never a reason to send it again."""
    row = _still_unknown(one)
    if row is None:
        return "settled meanwhile"
    if at < one.started_at + waits.PROVEN_ABSENT:
        _look_again(one, at + waits.BETWEEN_LOOKS, looks=0)
        return "in doubt"
    detail = "More messages to a number, or at another time, than were sent. Look at its console for doubles."
    alarms.sound("more_than_sent", now=now, site=one.site, detail=detail)
    return _give_up(row, Reason.UNCONFIRMED, now)


@transaction.atomic
def without_list(one: DeliveryQuestion, at: datetime, now: datetime) -> str:
    """Mail has no list to look into. Its Message-ID stays the same, but it is not sent again on a guess."""
    row = _still_unknown(one)
    if row is None:
        return "settled meanwhile"
    proven = one.started_at + waits.PROVEN_ABSENT
    if at < proven:
        _look_again(one, proven)
        return "not seen"
    return _give_up(row, Reason.UNCONFIRMED, now)
