"""A text comes in: keep it first, then turn its intent into an action. What no rule covers waits for a person."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from patients import actions as care
from patients.consent import Kind
from patients.models import CheckUp, Contact, Site
from patients.models.contact import ConsentSource
from reminders import actions
from reminders.delivery.models import Delivery, Sender
from reminders.delivery.settling import refresh
from reminders.delivery.state import State
from reminders.plan.models.step import StepKind
from reminders.plan.reasons import Reason
from reminders.replies.meaning import Intent, meaning
from reminders.replies.models import Reply

QUESTION_OPEN = timedelta(days=3)  # how long a number from 0 to 10 is taken as the answer to our last question
OPT_OUT = {"STOP": Intent.STOP, "START": Intent.START, "HELP": Intent.HELP}
ASKS_FOR_A_SCORE = [StepKind.CHECK_IN, StepKind.OUTCOME_QUESTIONS]


@transaction.atomic
def receive(
    *,
    provider_id: str,
    from_address: str,
    to_address: str,
    text: str,
    now: datetime,
    service: str = "",
    media: int = 0,
    opt_out: str = "",
    source: str = "webhook",
    said_at: datetime | None = None,
) -> Reply | None:
    """Store the text and act on it once; None when this provider id was seen before. `service`: MG… of the provider.

    `opt_out`: STOP, START or HELP where the provider has already acted on a keyword of its own; it knows best.
    `source`: reconcile, where the webhook never came and the provider's list showed it, `said_at` long ago perhaps.
    """
    now = said_at or now
    text = text.replace("\x00", "")
    site = _site(to_address, service)
    contacts = _contacts(site, from_address)
    reply, new = Reply.objects.get_or_create(
        provider_id=provider_id,
        defaults={
            "site": site,
            "contact": contacts[0] if len(contacts) == 1 else None,
            "from_address": from_address[:64],
            "to_address": to_address[:64],
            "text": _with_media(text, media),
            "intent": OPT_OUT.get(opt_out) or meaning(text, score_expected=_score_expected(contacts, now)).intent,
            "received_at": now,
            "source": source,
        },
    )
    if not new:
        return None
    if act := ACTS.get(Intent(reply.intent)):
        _note(reply, act(contacts, text, now), now)
    return reply


def _site(to_address: str, service: str) -> Site | None:
    addresses = [address for address in (to_address, service) if address]
    sender = Sender.objects.filter(channel="sms", address__in=addresses).select_related("site").first()
    return sender.site if sender else None


def _contacts(site: Site | None, from_address: str) -> list[Contact]:
    """Every contact with this number. Without one nobody: `phone` is empty for each e-mail contact."""
    if site is None or not from_address:
        return []
    return list(Contact.objects.for_site(site).filter(phone=from_address, ended_at=None))


def _with_media(text: str, media: int) -> str:
    return f"{text}\n[{media} picture(s), not fetched]".strip() if media else text


def _score_expected(contacts: list[Contact], now: datetime) -> bool:
    sent = Delivery.objects.filter(contact__in=contacts, claimed_at__gte=now - QUESTION_OPEN).order_by("-claimed_at")
    last = sent.values_list("reminder__step__kind", flat=True).first()
    return last in ASKS_FOR_A_SCORE


def _note(reply: Reply, effect: str, now: datetime) -> None:
    if effect:
        reply.effect, reply.handled_at = effect, now
        reply.save(update_fields=["effect", "handled_at"])


def _stop(contacts: list[Contact], text: str, now: datetime) -> str:
    """From here on nothing starts on its way to this number; what waits in the queue ends in the same transaction."""
    if not contacts:
        return ""
    care.withdraw_consent(contacts, source=ConsentSource.SMS, wording=text or "STOP", by=None, now=now)
    waiting = Delivery.objects.filter(contact__in=contacts, state=State.QUEUED)
    # A row that a claim holds is passed over: that claim waits for our lock on the contact and will see the STOP.
    rows = list(waiting.select_for_update(skip_locked=True).values_list("pk", "reminder"))
    Delivery.objects.filter(pk__in=[pk for pk, _ in rows]).update(
        state=State.SUPPRESSED, reason=Reason.NO_CONSENT, settled_at=now
    )
    refresh(reminder for _, reminder in rows)
    return "No more messages to this number."


def _start(contacts: list[Contact], text: str, now: datetime) -> str:
    """Gives consent back where it had been withdrawn; a number nobody ever asked stays silent.

    So does one that has refused since: this START may have been found hours after it was written.
    """
    known = [c for c in contacts if c.consent_events.exists() and not _refused_since(c, now)]
    for contact in known:
        care.give_consent(contact, source=ConsentSource.SMS, wording=text or "START", by=None, now=now)
    return "Messages to this number again." if known else ""


def _refused_since(contact: Contact, moment: datetime) -> bool:
    return contact.consent_events.filter(kind=Kind.WITHDRAWN, at__gt=moment).exists()


def _yes(contacts: list[Contact], text: str, now: datetime) -> str:
    """Confirms the next visit when there is no doubt which one is meant; else a person reads it."""
    patients = {contact.patient_id for contact in contacts}
    visits = CheckUp.objects.upcoming().filter(surgery__patient__in=patients, booked_for__gt=now)
    coming = list(visits.order_by("booked_for")[:2])
    if len(patients) != 1 or not coming:
        return ""
    try:
        actions.confirm_visit(coming[0], by=None, now=now)
    except ValidationError:  # cancelled by staff at this very moment: a person reads it
        return ""
    return f"Confirmed: {coming[0].title}."


ACTS: dict[Intent, Callable[[list[Contact], str, datetime], str]] = {
    Intent.STOP: _stop,
    Intent.START: _start,
    Intent.YES: _yes,
}
