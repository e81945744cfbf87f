"""Every message of one surgery as a row: when, what, how it went, and why; past, coming, and later."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clinic.staff import formats
from clinic.staff.formats import Pill
from clinic.staff.record.own_days import OwnDays, moved
from patients.models import Contact
from patients.models.contact import Relationship
from reminders.actions import RESENDABLE
from reminders.delivery.models import Delivery
from reminders.delivery.sending import outlook, told_by
from reminders.delivery.sending.audience import Reachable, Telling, audience
from reminders.delivery.state import FAILURES, State
from reminders.delivery.timeline import story
from reminders.plan.models import Reminder
from reminders.plan.models.reminder import NEEDS_CALL, ReminderStatus
from reminders.plan.reasons import SENTENCES, Reason
from reminders.plan.values import Anchor

TONES = {
    ReminderStatus.PLANNED: "neutral",
    ReminderStatus.SKIPPED: "neutral",
    ReminderStatus.CANCELLED: "neutral",
    ReminderStatus.IN_PROGRESS: "warn",
    ReminderStatus.DONE: "good",
    ReminderStatus.UNCONFIRMED: "warn",
    ReminderStatus.FAILED: "bad",
    ReminderStatus.SUPPRESSED: "bad",
    ReminderStatus.EXPIRED: "bad",
}
QUIET = (ReminderStatus.SKIPPED, ReminderStatus.CANCELLED)
SOON = 10  # so many coming ones are shown; a yearly visit is announced for ever
GONE_WRONG = (*FAILURES, State.SUPPRESSED, State.EXPIRED, State.UNCONFIRMED)
DOTS = {"good": "sent", "warn": "unsure", "bad": "lost", "neutral": "planned"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery: whom it went to, how it stands, and its words as they left."""

    heading: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """One line of a message's story, and when it happened in the patient's time."""

    at: datetime
    when: str
    sentence: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    pk: int
    day: int
    at: datetime
    when: str
    title: str
    pill: Pill
    why: str
    sent: list[Sent]
    may_change: bool
    may_resend: bool
    story: list[MessageEvent]
    is_quiet: bool  # held back or dropped: shown in the table, not on the axis

    @property
    def dot(self) -> str:
        return DOTS[self.pill.tone]


@dataclass(frozen=True, slots=True)
class Messages:
    """In the order they are due: what was, what comes next, and the rest, which is folded away."""

    past: list[MessageRow]
    coming: list[MessageRow]
    later: list[MessageRow]
    quiet: list[MessageRow]

    @property
    def later_words(self) -> str:
        return f"and {len(self.later)} more until {self.later[-1].at:%Y}" if self.later else ""


def arranged(rows: Iterable[MessageRow], now: datetime) -> Messages:
    rows = list(rows)
    shown = [row for row in rows if not row.is_quiet]
    past = [row for row in shown if row.at <= now]
    coming = shown[len(past) :]
    return Messages(past, coming[:SOON], coming[SOON:], [row for row in rows if row.is_quiet])


class RowMaker:
    """`contacts` carry `consent_kind`; reminders come with step, deliveries and their contacts.

    `own`: the day on which each message would lie had nothing been decided; `blocked`: why nothing leaves to a contact.
    """

    def __init__(
        self,
        contacts: Iterable[Contact],
        zone: ZoneInfo,
        now: datetime,
        own: OwnDays,
        blocked: Mapping[int, Reason] | None = None,
    ) -> None:
        self.zone, self.now, self.own, self.blocked = zone, now, own, blocked or {}
        self.reachable = [
            Reachable(c.pk, c.channel, c.relationship == Relationship.SELF, c.consent_kind == "given", c.scope)
            for c in contacts
            if c.ended_at is None and c.unusable_since is None
        ]

    def row(self, reminder: Reminder) -> MessageRow:
        local = reminder.due_at.astimezone(self.zone)
        resendable = reminder.status in RESENDABLE and reminder.status != ReminderStatus.UNCONFIRMED
        return MessageRow(
            pk=reminder.pk,
            day=(local.date() - reminder.surgery.date).days,
            at=local,
            when=formats.moment(local, self.zone),
            title=reminder.step.title_on((local.date() - reminder.surgery.date).days),
            pill=self._pill(reminder),
            why=self._why(reminder),
            sent=[self._sent(delivery) for delivery in reminder.deliveries.all()],
            may_change=reminder.status == ReminderStatus.PLANNED,
            may_resend=resendable and reminder.useful_until > self.now,
            story=self._story(reminder),
            is_quiet=reminder.status in QUIET,
        )

    def _pill(self, reminder: Reminder) -> Pill:
        status = ReminderStatus(reminder.status)
        word = str(status.label).lower()
        if status == ReminderStatus.DONE and (arrived := self._arrived(reminder)):
            at = f" {arrived.settled_at.astimezone(self.zone):%H:%M}" if arrived.settled_at else ""
            instead = f"{arrived.get_channel_display()} instead"
            word = (instead if _is_fallback(arrived, reminder) else "delivered") + at
        elif status == ReminderStatus.DONE:
            word = "sent"  # mail has no receipt: its server took it, and more cannot be known
        tone = "neutral" if status in NEEDS_CALL and reminder.handled_at else TONES[status]
        return Pill(word, tone)

    def _arrived(self, reminder: Reminder) -> Delivery | None:
        """The patient's own copy speaks for the message; a caregiver's only where there is no other."""
        arrived = [d for d in reminder.deliveries.all() if d.state == State.DELIVERED]
        return min(arrived, key=lambda d: d.contact.relationship != Relationship.SELF, default=None)

    def _why(self, reminder: Reminder) -> str:
        said = [reminder.why]
        if reminder.status == ReminderStatus.PLANNED and not reminder.reason:
            said = [self._outlook(reminder)]
        if reminder.status not in QUIET:
            said.insert(0, moved(reminder, self.own, self.zone))
        if reminder.handled_at:
            note = f" {reminder.handled_note}" if reminder.handled_note else ""
            by = f" by {reminder.handled_by}" if reminder.handled_by else ""
            said.append(f"Dealt with{by}, {formats.moment(reminder.handled_at, self.zone)}.{note}")
        return " ".join(filter(None, said))

    def _outlook(self, reminder: Reminder) -> str:
        """What is to be expected of a planned one, with the contacts as they are today."""
        step = reminder.step
        own = told_by.ways([reminder.pk]).get(reminder.pk, ()) if told_by.is_correction(reminder.step_code) else ()
        told = audience(Telling(step.channels, step.about_a_visit, step.warning, own), self.reachable)
        if isinstance(told, Reason):
            return f"{SENTENCES[told]}"
        mailboxes = outlook.own_mailboxes(self.reachable, own or step.channels)
        if why := outlook.expected(told, mailboxes, self.blocked):
            return SENTENCES[why]
        if step.check_up and step.anchor != Anchor.VISIT:
            return f"Stops once booked: {step.check_up}."
        return ""

    def _story(self, reminder: Reminder) -> list[MessageEvent]:
        """Only of what has begun its way: the others have nothing to tell that `why` does not."""
        if not reminder.deliveries.all():
            return []
        return [
            MessageEvent(line.at, self._near(line.at, reminder), line.sentence)
            for line in story(reminder, zone=self.zone)
        ]

    def _sent(self, delivery: Delivery) -> Sent:
        who = delivery.contact.name or delivery.contact.get_relationship_display()
        at = f" {self._near(delivery.settled_at, delivery.reminder)}" if delivery.settled_at else ""
        why = f". {delivery.why}" if delivery.reason else ""
        heading = f"{delivery.get_channel_display()} to {who}: {delivery.get_state_display()}{at}{why}"
        return Sent(heading, delivery.subject, delivery.text)

    def _near(self, at: datetime, reminder: Reminder) -> str:
        """The hour alone on the day it was due."""
        due = reminder.due_at.astimezone(self.zone)
        local = at.astimezone(self.zone)
        return f"{local:%H:%M}" if local.date() == due.date() else formats.moment(local, self.zone)


def _is_fallback(arrived: Delivery, reminder: Reminder) -> bool:
    """The same words went to the same person on another channel first, and did not arrive there."""
    return any(
        other.channel != arrived.channel
        and other.contact.relationship == arrived.contact.relationship
        and other.state in GONE_WRONG
        for other in reminder.deliveries.all()
    )
