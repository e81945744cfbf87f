"""What left after the moment at which a restored back-up ends: learned from the provider and written down (F-D9)."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asgiref.sync import async_to_sync
from django.db import transaction

from patients import clock
from patients.models import CheckUp, Contact
from patients.models.contact import Channel
from reminders.delivery import waits
from reminders.delivery.channels import open_lookup
from reminders.delivery.followup import fallback
from reminders.delivery.followup.reminder_status import refresh
from reminders.delivery.matching import CLOCKS_APART, Doubt, Sighting, match, plain
from reminders.delivery.models import Attempt, Delivery, Sender
from reminders.delivery.receipts import callbacks
from reminders.delivery.reconcile import decide, lookups
from reminders.delivery.reconcile.provider_lists import is_service, live_senders
from reminders.delivery.safeguards import provider_clock
from reminders.delivery.sending import opening, texts
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.plan import placeholders
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.reasons import Reason
from reminders.plan.values import Anchor
from reminders.plan.visit_keys import visit_of

AT_ONCE = 10
USEFUL = timedelta(days=8)  # no reminder is useful for longer after it came due
UNSENT = (State.QUEUED, State.UNDELIVERED_TEMP, State.SUPPRESSED, State.EXPIRED, State.CANCELLED)
UNMATCHED = "sent_unmatched"


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One list to ask for: what this number of ours sent, or what this phone was sent; with neither, everything."""

    sender: str = ""
    to: str = field(default="", repr=False)


def wanted(since: datetime, now: datetime) -> list[ListRequest]:
    """By sender, in few pages; and by each phone that something is due for: the provider lists what still waits in
    its own queue only there."""
    senders = {"" if is_service(sender) else sender.address for sender in live_senders()}
    sites = {sender.site_id for sender in live_senders()}
    due = Reminder.objects.filter(site__in=sites, due_at__gt=since - USEFUL, due_at__lte=now)
    due = due.exclude(status__in=[ReminderStatus.DONE, ReminderStatus.SKIPPED])
    contacts = Contact.objects.filter(patient__surgeries__reminders__in=due).exclude(phone="")
    phones = sorted({contact.address for contact in contacts})
    return [ListRequest(sender=one) for one in sorted(senders)] + [ListRequest(to=one) for one in phones]


def ask(some: Sequence[ListRequest], since: datetime) -> list[Sighting] | None:
    """What was sent. None: one list could not be had, so nothing is known for certain."""
    lists, ahead = async_to_sync(_ask)(some, provider_clock.theirs(since) - CLOCKS_APART)
    provider_clock.keep("twilio", ahead, clock.now())
    if any(one is None for one in lists):
        return None
    return [seen for one in lists for seen in one or () if seen.was_asked_for and seen.created_at]


async def _ask(some: Sequence[ListRequest], since: datetime) -> tuple[list[list[Sighting] | None], timedelta | None]:
    async with open_lookup(concurrency=AT_ONCE) as provider:
        lists = await asyncio.gather(
            *(
                provider.find(to=one.to, since=since) if one.to else provider.find_sent(sender=one.sender, since=since)
                for one in some
            )
        )
    return lists, provider.meter.ahead


def moment_of(seen: Sighting) -> datetime:
    """When the message was created; without a date it sorts last."""
    return seen.created_at or datetime.max.replace(tzinfo=UTC)


@transaction.atomic
def learn(seen: Sighting, now: datetime) -> str:
    """Record one message, in the order in which they were sent. Idempotent.

    known · found: it answers for an attempt we had begun · learned: the words are those of a reminder that was due ·
    guessed: it is ours by its look, so the reminder that was due first counts as sent · doubtful · unmatched.
    """
    if seen.created_at is None or Attempt.objects.filter(provider_id=seen.sid).exists():
        return "known"
    lost = lookups.lost_to(seen.to, now)
    for attempt, verdict in match(lost, [seen]).items():
        if isinstance(verdict, Sighting):
            return decide.found(attempt, seen, now)
        if isinstance(verdict, Doubt) and not verdict.other_time:  # several were under way; look-ups go on about it
            return "doubtful"
    while opening.open_due(seen.created_at):  # as it was opened then, for everybody who was told
        pass
    unsent = [_Unsent(reminder, contact) for contact in _contacts(seen) for reminder in _due(contact, seen.created_at)]
    same = [one for one in unsent if _says(seen, one.words.text)]
    chosen = min(same or (unsent if _looks_ours(seen) else []), key=lambda one: one.reminder.due_at, default=None)
    if chosen is None:
        return "unmatched"
    _record(chosen, seen, now)
    return "learned" if same else "guessed"


class _Unsent:
    """A reminder that nobody knows to have gone to this contact, in the words in which it would go now."""

    def __init__(self, reminder: Reminder, contact: Contact) -> None:
        self.reminder, self.contact = reminder, contact
        self.words = self._words()

    def _words(self) -> texts.WrittenText:
        text = texts.Library([self.reminder.step_id]).find(
            self.reminder.step_id, self.contact.language, self.contact.site.language
        )
        about = texts.about(self.reminder.surgery, Channel.SMS, _visit(self.reminder))
        try:
            return texts.write(text, about) if text is not None else texts.WrittenText()
        except placeholders.PlaceholderError:
            return texts.WrittenText()


def _visit(reminder: Reminder) -> CheckUp | None:
    step = reminder.step
    if step.anchor != Anchor.VISIT or step.check_up is None:
        return None
    number, _ = visit_of(reminder.occurrence)
    return CheckUp.objects.filter(surgery=reminder.surgery, code=step.check_up.code, occurrence=number).first()


def _contacts(seen: Sighting) -> Iterable[Contact]:
    """Of the site that writes from there; a number of a service's pool may belong to any."""
    addresses = [address for address in (seen.sender, seen.service) if address]
    sender = Sender.objects.filter(channel=Channel.SMS, address__in=addresses).first()
    rows = Contact.objects.for_site(sender.site) if sender else Contact.objects.all()
    return rows.filter(phone=seen.to).select_related("site", "patient").order_by("pk")


def _due(contact: Contact, moment: datetime) -> Iterable[Reminder]:
    rows = Reminder.objects.filter(surgery__patient=contact.patient_id, due_at__gt=moment - USEFUL)
    rows = rows.filter(due_at__lte=moment + CLOCKS_APART).exclude(status=ReminderStatus.SKIPPED)
    sent = Delivery.objects.filter(contact=contact).exclude(state__in=UNSENT).values("reminder")
    related = ("step__check_up", "surgery__patient__site", "surgery__site", "surgery__surgeon", "surgery__care_plan")
    return rows.exclude(pk__in=sent).select_related(*related).order_by("due_at", "pk")


def _says(seen: Sighting, words: str) -> bool:
    return bool(words) and plain(seen.text).endswith(plain(words))


def _looks_ours(seen: Sighting) -> bool:
    """Every text of ours opens with the site's short name; of a redacted one nobody can tell."""
    if not seen.text:
        return True
    return any(contact.site.short_name in seen.text for contact in _contacts(seen))


def _record(one: _Unsent, seen: Sighting, now: datetime) -> None:
    moment = seen.created_at or now
    delivery, _ = Delivery.objects.select_for_update(of=("self",)).get_or_create(
        reminder=one.reminder,
        contact=one.contact,
        defaults={
            "site": one.contact.site,
            "channel": Channel.SMS,
            "not_before": moment,
            "useful_until": one.reminder.useful_until,
        },
    )
    number = delivery.attempt_count + 1
    attempt = Attempt.objects.create(
        delivery=delivery, number=number, route="twilio", started_at=moment, lease_until=moment + waits.LEASE
    )
    Delivery.objects.filter(pk=delivery.pk).update(
        text=one.words.text or seen.text,
        language=one.words.language,
        parts=one.words.parts,
        attempt_count=number,
        claimed_at=moment,
    )
    look_at = now + waits.POLL_EVERY
    move([delivery.pk], State.ACCEPTED, since=UNSENT, now=now, reason=Reason.FOUND, look_at=look_at)
    Reminder.objects.filter(pk=one.reminder.pk).update(status=ReminderStatus.IN_PROGRESS, reason=Reason.NONE)
    callbacks.receive(
        attempt.pk, provider_id=seen.sid, status=seen.status[:24], code=seen.error_code or 0, now=now, source="lookup"
    )
    fallback.cancel_for([delivery.pk], now=now)  # opened while the text only seemed to have expired
    refresh([one.reminder.pk])
