"""A provider's status callback moves a delivery's state forward; late, doubled and unordered ones change nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from reminders.delivery import codes
from reminders.delivery.evidence import blame_contact
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.settling import refresh
from reminders.delivery.state import FAILURES, FROM_PROVIDER, State, may_precede
from reminders.plan.reasons import Reason


class ForeignReport(Exception):
    """The callback's message id belongs to another attempt: forged or mixed up. Nothing was changed."""


@transaction.atomic
def receive(
    attempt_ref: UUID, *, provider_id: str, status: str, code: int, now: datetime, source: str = "callback"
) -> bool:
    """Keep the report and act on it once. False: seen before, or of an attempt nobody knows (kept as an orphan).

    `source`: callback, lookup (found in the provider's list) or poll (asked about its number).
    """
    attempt = Attempt.objects.select_for_update().filter(pk=attempt_ref).first()
    _refuse_foreign(attempt, attempt_ref, provider_id)
    _, new = Report.objects.get_or_create(
        attempt_ref=attempt_ref,
        source=source,
        provider_id=provider_id,
        status=status,
        defaults={"attempt": attempt, "code": code, "received_at": now},
    )
    if new and attempt:
        _attach(attempt, provider_id, now)
        _advance(attempt, status, code, now)
    return new and attempt is not None


def _refuse_foreign(attempt: Attempt | None, attempt_ref: UUID, provider_id: str) -> None:
    known = attempt.provider_id if attempt else ""
    others = Attempt.objects.filter(provider_id=provider_id).exclude(pk=attempt_ref).exclude(route="smtp")
    if (known and known != provider_id) or (provider_id and others.exists()):
        raise ForeignReport


def _attach(attempt: Attempt, provider_id: str, now: datetime) -> None:
    """The first callback may come before the answer, or instead of it."""
    if provider_id and not attempt.provider_id:
        attempt.provider_id, attempt.outcome = provider_id, "accepted"
        attempt.finished_at = attempt.finished_at or now
        attempt.save()


def _advance(attempt: Attempt, status: str, code: int, now: datetime) -> None:
    state = FROM_PROVIDER.get(status)
    if state is None:
        return
    meaning = codes.look_up(code, codes.Where.CALLBACK)
    reason = Reason.UNDELIVERED if state in FAILURES else Reason.NONE
    if state in FAILURES and meaning.cls == codes.Class.OPTED_OUT:
        state, reason = State.SUPPRESSED, Reason.NO_CONSENT
    before = may_precede(State.UNDELIVERED_PERM if state == State.SUPPRESSED else state)
    if state == State.DELIVERED:  # it may wait in the queue for another attempt, which nobody needs any more
        before += (State.QUEUED,)
    delivery = Delivery.objects.filter(pk=attempt.delivery_id, state__in=before)
    if state != State.DELIVERED:  # an older attempt's word can only be good news
        delivery = delivery.filter(attempt_count=attempt.number)
    final = state not in (State.ACCEPTED, State.SENT)
    delivery.update(state=state, reason=reason, settled_at=now if final else None)
    if reason:
        blame_contact(attempt, meaning, now=now)
    refresh([Delivery.objects.values_list("reminder", flat=True).get(pk=attempt.delivery_id)])
