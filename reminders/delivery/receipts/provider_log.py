"""Events of the provider's error log: stored once, and acted on by the table of codes.

A notice is a doorbell and no evidence: it moves no delivery. One about a message of ours has that message asked about
at the next round, and the provider's answer moves it.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from patients.models import Contact
from reminders.delivery import alarms
from reminders.delivery.codes import Action, Code, Where, look_up
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Attempt, Delivery, Notice, Report, Sender
from reminders.delivery.receipts.code_actions import Failed, heed, hush
from reminders.delivery.state import State

ASKABLE = (State.UNKNOWN, State.ACCEPTED, State.SENT)


@transaction.atomic
def receive(
    sid: str, *, code: int, level: str, messages: Collection[str], numbers: Collection[str], now: datetime
) -> bool:
    """False: seen before. `messages`: ids of those it may be about; `numbers`: between whom, where it tells."""
    facts = {"code": code, "level": level, "message_id": next(iter(messages), ""), "received_at": now}
    _, is_new = Notice.objects.get_or_create(sid=sid, defaults=facts)
    if is_new:
        _heed(look_up(code, Where.WEBHOOK), messages, numbers, now)
    return is_new


def _heed(code: Code, messages: Collection[str], numbers: Collection[str], now: datetime) -> None:
    attempt = Attempt.objects.filter(route="twilio", provider_id__in=messages).first()
    if attempt is None:
        _about_no_message_of_ours(code, numbers, now)
        return
    delivery = Delivery.objects.select_for_update(no_key=True).get(pk=attempt.delivery_id)
    Delivery.objects.filter(pk=delivery.pk, state__in=ASKABLE).update(look_at=now)
    if not Report.objects.filter(attempt=attempt, code=code.number).exists():  # a callback has told: it was heeded then
        follow_up(heed([Failed(delivery, code)], now=now), now=now)


def _about_no_message_of_ours(code: Code, numbers: Collection[str], now: datetime) -> None:
    """A text that came in, or an answer to one: those have no row with the provider's number here.

    The account may serve other programs too, so what it was refused holds nothing back: a message of ours would be
    refused as well, and its own answer opens the breaker.
    """
    contacts = _contacts(numbers) if code.action == Action.HUSH else []
    for contact in contacts:
        hush(contact, code, now=now)
    if contacts:
        return
    kind = KINDS.get(code.action, "provider") if code.known else "unknown_code"
    said = f"{code.meaning} (code {code.number})" if code.known else f"where: {code.where}"
    alarms.sound(kind, subject=f"{code.number}", detail=said, now=now)


KINDS = {Action.ALERT_AND_RECONCILE: "webhook", Action.TELL_DEVELOPER: "developer"}


def _contacts(numbers: Collection[str]) -> list[Contact]:
    """Those with one of these phones, at the site that writes from another of them."""
    sites = Sender.objects.filter(channel="sms", address__in=numbers).values("site")
    return list(Contact.objects.filter(site__in=sites, phone__in=numbers, ended_at=None).order_by("pk"))
