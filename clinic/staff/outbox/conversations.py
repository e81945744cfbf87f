"""What stayed in the outbox instead of leaving: people on one side, on the other what each of them would have seen."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.conf import settings
from django.db.models import Max, Q
from django.utils.safestring import SafeString, mark_safe

from clinic.staff.board.context import spoken
from clinic.staff.board.date_format import when
from clinic.staff.formats import language
from patients.models import Contact, Patient, Site, StaffMember
from patients.models.contact import Channel, Relationship
from patients.models.site import SiteMode
from reminders.delivery.mail_html import html_of
from reminders.delivery.models import Delivery, Sender
from reminders.replies.models import Reply

ROUTE = "outbox"
PEOPLE = 50
SHOWN = 200  # messages of one contact, the latest ones
TITLED = ("reminder__step", "reminder__surgery__patient__site")  # what a reminder reads for its title


def is_open(site: Site) -> bool:
    """Whether all messages of this site stay in the outbox; otherwise the page would be incomplete."""
    return settings.MESSAGES == "outbox" or site.mode == SiteMode.TEST


@dataclass(frozen=True, slots=True)
class PersonRow:
    pk: int
    name: str
    latest: str
    number: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text or e-mail. `html` is escaped by `html_of`; only addresses of pages are links."""

    at: datetime
    when: str
    html: SafeString
    ours: bool
    step: str = ""
    subject: str = ""
    language: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything with one contact, oldest first. `sender` is empty where the site has none for this channel."""

    contact: int
    who: str
    address: str
    sender: str
    is_sms: bool
    bubbles: list[Bubble]

    @property
    def may_answer(self) -> bool:
        return self.is_sms and bool(self.sender)


def people(site: Site, *, staff: StaffMember, now: datetime) -> list[PersonRow]:
    """Who was written to, the latest message first."""
    started = Q(contacts__deliveries__attempts__route=ROUTE)
    written_to = Patient.objects.for_staff(staff).for_site(site).filter(started)
    latest = Max("contacts__deliveries__attempts__started_at", filter=started)
    rows = written_to.annotate(latest=latest).order_by("-latest")
    return [PersonRow(row.pk, str(row), _latest(row, site, now), row.number) for row in rows[:PEOPLE]]


def _latest(patient: Patient, site: Site, now: datetime) -> str:
    at: datetime = patient.latest  # type: ignore[attr-defined]  # annotated by `people`
    return when(at, now=now, zone=site.zone)


def conversations(patient: Patient, *, site: Site, now: datetime) -> list[Conversation]:
    """One for each contact that was written to, texts before e-mails."""
    contacts = list(Contact.objects.for_site(site).filter(patient=patient).order_by("pk"))
    senders = dict(Sender.objects.filter(site=site).values_list("channel", "address"))
    talks = [_conversation(contact, site, senders.get(contact.channel, ""), now) for contact in contacts]
    return sorted((talk for talk in talks if talk.bubbles), key=lambda talk: not talk.is_sms)


def _conversation(contact: Contact, site: Site, sender: str, now: datetime) -> Conversation:
    sent = Delivery.objects.filter(contact=contact, attempts__route=ROUTE).exclude(text="")
    sent = sent.annotate(left_at=Max("attempts__started_at")).select_related(*TITLED).order_by("-left_at")
    ours = [_ours(row, site, now) for row in sent[:SHOWN]]
    replies = _replies(contact)
    theirs = [_theirs(row, site, now) for row in replies]
    at_once = [_at_once(row, site, now) for row in replies if row.answer]
    return Conversation(
        contact=contact.pk,
        who=_who(contact),
        address=spoken(contact.address),
        sender=sender,
        is_sms=contact.channel == Channel.SMS,
        bubbles=sorted(chain(ours, theirs, at_once), key=lambda bubble: bubble.at)[-SHOWN:],
    )


def _who(contact: Contact) -> str:
    return str(contact.patient) if contact.relationship == Relationship.SELF else contact.name or "a caregiver"


def _replies(contact: Contact) -> "list[Reply]":
    """Also those that fit several patients with one number, which belong to no contact."""
    known = Q(contact=contact)
    if contact.channel == Channel.SMS:
        known |= Q(contact=None, site=contact.site_id, from_address=contact.address)
    return list(Reply.objects.filter(known).select_related("handled_by")[:SHOWN])


def _ours(delivery: Delivery, site: Site, now: datetime) -> Bubble:
    at: datetime = delivery.left_at  # type: ignore[attr-defined]  # annotated by _conversation
    return Bubble(
        at=at,
        when=when(at, now=now, zone=site.zone),
        html=_html(delivery.text),
        ours=True,
        step=delivery.reminder.title,
        subject=delivery.subject,
        language="" if delivery.language == site.language else language(delivery.language),
        note=delivery.get_state_display(),
    )


def _theirs(reply: Reply, site: Site, now: datetime) -> Bubble:
    waiting = "" if reply.handled_at else "waiting for reception"
    note = reply.effect or waiting or f"read by {reply.handled_by}"
    return Bubble(
        reply.received_at, when(reply.received_at, now=now, zone=site.zone), _html(reply.text), ours=False, note=note
    )


def _at_once(reply: Reply, site: Site, now: datetime) -> Bubble:
    """What the program said back in the same moment; sorted after the text that it answers."""
    at = reply.received_at
    said = when(at, now=now, zone=site.zone)
    return Bubble(at, said, _html(reply.answer), ours=True, step="Automatic answer", note="sent at once")


def _html(text: str) -> SafeString:
    return mark_safe(html_of(text))  # noqa: S308  html_of escapes everything it is given
