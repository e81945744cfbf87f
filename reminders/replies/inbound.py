"""Incoming texts: stored first, then their intent becomes an action. What no rule covers waits for a person."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from patients import actions as care
from patients import audit
from patients.consent import ConsentKind
from patients.models import Contact, Site, Surgery
from patients.models.contact import ConsentSource
from reminders.delivery.followup.opt_out import Reach, stop_contacts
from reminders.delivery.models import Sender
from reminders.replies import autoreply, opt_out, repeated_ids, visit_answers
from reminders.replies.alerts import raising
from reminders.replies.checkins import lifecycle
from reminders.replies.interpret import Heard, hear
from reminders.replies.models import Intent, Reply

LONGEST_ID = 64


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
    opt_out_type: str = "",
    source: str = "webhook",
    said_at: datetime | None = None,
) -> Reply | None:
    """Store the text and act on it once; None when it was seen before. `service`: MG… of the provider.

    `opt_out_type`: STOP, START or HELP where the provider has already acted on a keyword of its own; it knows best.
    `source`: reconcile, where the webhook never came and the provider's list showed it, `said_at` long ago perhaps.
    What is said back at once stands in the reply's `answer`.
    """
    found_at, now = now, said_at or now
    text = text.replace("\x00", "")
    site = _site(to_address, service)
    contacts = care.lock_contacts(_contacts(site, from_address))  # a claim waits, and so does their next text
    heard = hear(text, contacts, now=now, site=site, opt_out_type=opt_out_type, media=media)

    known, said = key(provider_id, from_address, to_address, text), _with_media(text, media)
    facts: dict[str, Any] = {
        "site": site,
        "from_address": from_address[:64],
        "to_address": to_address[:64],
        "text": said,
    }
    facts |= {"received_at": now, "source": source}
    reply, new = _store(heard, known, **facts)
    if not new and repeated_ids.is_another(reply, from_address=from_address[:64], text=said):
        repeated_ids.tell(reply, found_at)
        reply, new = _store(heard, repeated_ids.own_id(known, from_address, text), **facts)
    if not new:
        return None
    _act(reply, replace(heard, reply=reply), text, now=now, found_at=found_at)
    _answer(reply, heard, now)
    return reply


def _store(heard: Heard, provider_id: str, **facts: Any) -> tuple[Reply, bool]:
    """The reply, and whether it is new."""
    understood = {
        "contact": heard.contact,
        "intent": heard.meaning.intent,
        "score": heard.meaning.score,
        "question": heard.told.question.reminder if heard.told else None,
        "is_urgent": heard.urgent,
    }
    return Reply.objects.get_or_create(provider_id=provider_id, defaults=facts | understood)


def _act(reply: Reply, heard: Heard, text: str, *, now: datetime, found_at: datetime) -> None:
    """What must not wait first. `found_at`: an alert has its whole time from then on."""
    if reply.site and heard.urgent and (heard.meaning.signs or not heard.is_check_in):
        _raise_alert(reply, heard, reply.site, found_at)
    if act := ACTS.get(heard.meaning.intent):
        _note(reply, act(heard, text, now), now)


def _answer(reply: Reply, heard: Heard, now: datetime) -> None:
    """What is found late is answered by a person: the call it could have been said back in is over."""
    if reply.source == "webhook" and autoreply.say_back(reply, heard):
        _note(reply, reply.effect or ANSWERED.get(heard.meaning.intent, ""), now)
    visit_answers.keep(reply, heard, now=now)
    _tell_each(reply, heard, now)


def _tell_each(reply: Reply, heard: Heard, now: datetime) -> None:
    """Into the history of everybody it may be about, where it is nobody's and a person has yet to read it."""
    if reply.contact is None and reply.handled_at is None:
        for patient in {contact.patient_id: contact.patient for contact in heard.contacts}.values():
            audit.record("a text came from a shared phone", of=patient, by=None, now=now, state="for a person to read")


def key(provider_id: str, *rest: str) -> str:
    """What tells two texts apart. One that comes without an id, or with an endless one, is known by what it says."""
    if 0 < len(provider_id) <= LONGEST_ID:
        return provider_id
    return "no-id-" + hashlib.sha256("\0".join([provider_id, *rest]).encode()).hexdigest()[:32]


def _raise_alert(reply: Reply, heard: Heard, site: Site, now: datetime) -> None:
    """In the transaction that keeps the text: whoever wrote it, held or opted out, with a plan or without."""
    raising.raise_alert(
        site=site,
        level=autoreply.level_of(heard),
        signs=heard.meaning.signs or ["pain"],
        surgery=_surgery(heard.meant),
        contact=heard.contact,
        reply=reply,
        now=now,
    )


def _surgery(contacts: list[Contact]) -> Surgery | None:
    """The latest that runs, else the latest; none where two patients share the phone."""
    patients = {contact.patient_id for contact in contacts}
    if len(patients) != 1:
        return None
    surgeries = Surgery.objects.filter(patient__in=patients).order_by("-date", "-pk")
    return surgeries.active().first() or surgeries.first()


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


def _note(reply: Reply, effect: str, now: datetime) -> None:
    """What it caused; an urgent one, or one that only was held, still waits for a person."""
    if not effect:
        return
    reply.effect = effect
    if not reply.is_urgent and reply.intent not in WAITS and effect not in visit_answers.FOR_A_PERSON:
        reply.handled_at = now
    reply.save(update_fields=["effect", "handled_at"])


def _stop(heard: Heard, text: str, now: datetime) -> str:
    """From here on nothing starts on its way to this number; what waits in the queue ends in the same transaction."""
    if not heard.contacts:
        return ""
    reach = Reach.EVERYWHERE if heard.meaning.everywhere else Reach.STOP
    silent = stop_contacts(
        heard.contacts,
        source=ConsentSource.SMS,
        wording=text or "STOP",
        by=None,
        now=now,
        reach=reach,
        keep_repeats=True,
    )
    mail_too = any(contact.email for contact in silent)
    said = "No more messages to this number" + (", and no more e-mails." if mail_too else ".")
    opt_out.decided(heard.contacts, by=None, now=now, effect=said)
    return said


def _perhaps(heard: Heard, text: str, now: datetime) -> str:
    """Nothing leaves to this number until a person has decided (`actions.decide_refusal`)."""
    care.hold_contacts(heard.contacts, why=opt_out.MAYBE, by=None, now=now)
    return "Held: it may be an opt-out. Please decide." if heard.contacts else ""


def _score(heard: Heard, text: str, now: datetime) -> str:
    """A number of two open questions, or of none, is kept as it is, and a person reads it."""
    if heard.told is None or heard.told.answers is None:
        return ""
    reminder = heard.told.question.reminder
    unclear = Reply.objects.to_read().filter(question=reminder, intent=Intent.UNCLEAR_SCORE)
    unclear.update(handled_at=now, effect="Answered again.")
    if heard.is_check_in and lifecycle.record_text(heard.told, reply=heard.reply, now=now).contrary:
        return ""
    if heard.told.more:
        return ""
    return f"{lifecycle.in_words(heard.told.answers)}: {reminder.title}"[:200]


def _start(heard: Heard, text: str, now: datetime) -> str:
    """Gives consent back where it had been withdrawn, as an event of its own; a number nobody ever asked stays silent.

    So does one that has refused since: this START may have been found hours after it was written. A toll-free
    number's carrier takes START and UNSTOP only: after other words our texts may still be refused (21610).
    """
    rows = Contact.objects.filter(pk__in=[c.pk for c in heard.contacts]).with_consent()
    known = [c for c in rows if c.consent_kind == ConsentKind.WITHDRAWN and not _refused_since(c, now)]
    for contact in known:
        care.give_consent(contact, source=ConsentSource.SMS, wording=text or "START", by=None, now=now)
    held_before = [c for c in heard.contacts if c.held_since and c.held_since <= now]
    released = opt_out.release(held_before, by=None, now=now)
    if released:
        opt_out.decided(released, by=None, now=now, effect="The patient wrote START.")
    return "Messages to this number are on again." if known or released else ""


def _refused_since(contact: Contact, moment: datetime) -> bool:
    return contact.consent_events.filter(kind=ConsentKind.WITHDRAWN, at__gt=moment).exists()


ANSWERED = {Intent.HELP: "Told how to reach the clinic.", Intent.UNCLEAR_SCORE: "Asked again, in other words."}
WAITS = (Intent.REFUSAL, Intent.UNCLEAR_SCORE)
ACTS: dict[Intent, Callable[[Heard, str, datetime], str]] = {
    Intent.STOP: _stop,
    Intent.REFUSAL: _perhaps,
    Intent.START: _start,
    Intent.YES: visit_answers.confirm,
    Intent.SCORE: _score,
}


def said_back(provider_id: str, from_address: str, to_address: str, text: str) -> str:
    """The answer to a text that was taken in: asked again, the same words again."""
    text = text.replace("\x00", "")
    known = key(provider_id, from_address, to_address, text)
    second = repeated_ids.own_id(known, from_address, text)
    answers = dict(Reply.objects.filter(provider_id__in=[known, second]).values_list("provider_id", "answer"))
    return answers.get(second, answers.get(known, ""))
