"""The history of one message in plain words: planned, held, sent, and the result."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from patients.models.contact import Relationship
from reminders.delivery.codes import Where, look_up
from reminders.delivery.models import Delivery, Transition
from reminders.delivery.state import State
from reminders.plan.models import Reminder
from reminders.plan.reasons import SENTENCES, Reason

BY = {"sms": "text", "email": "e-mail"}
SAID = {  # what a state means when nothing more is known
    State.ACCEPTED: "The provider has it.",
    State.DELIVERED: "Delivered.",
    State.UNKNOWN: "It is not known whether it was sent.",
    State.UNDELIVERED_PERM: "It could not be delivered.",
    State.REJECTED: "The provider refused it.",
    State.SUPPRESSED: "It may not be sent.",
    State.CANCELLED: "The plan changed before it was sent.",
    State.EXPIRED: "It was no longer useful.",
    State.UNCONFIRMED: "It could not be found out whether it arrived.",
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """`at` as it is stored; times inside the sentence are in the zone that was asked for."""

    at: datetime
    sentence: str


def story(reminder: Reminder, *, zone: ZoneInfo) -> list[TimelineEntry]:
    """Earliest first. Ask in the patient's zone. No name, no number and no text is in it.

    For many reminders prefetch deliveries with their contact and transitions: then it asks the database nothing.
    """
    lines = [TimelineEntry(reminder.due_at, f"Planned for {_clock(reminder.due_at, zone)}.")]
    deliveries = sorted(reminder.deliveries.all(), key=lambda delivery: delivery.pk)
    for delivery in deliveries:
        lines += story_of(delivery, zone=zone)
    if not deliveries and reminder.reason:
        lines.append(TimelineEntry(reminder.due_at, reminder.why))
    if reminder.handled_at:
        lines.append(TimelineEntry(reminder.handled_at, "Handled by reception."))
    return sorted(lines, key=lambda line: line.at)


def story_of(delivery: Delivery, *, zone: ZoneInfo, steps: Iterable[Transition] | None = None) -> list[TimelineEntry]:
    """One channel to one contact. `steps`: its transitions in order, where they are at hand."""
    told = [TimelineEntry(step.at, _sentence(delivery, step, zone)) for step in steps or delivery.transitions.all()]
    if delivery.contact.relationship == Relationship.SELF:
        return told
    return [TimelineEntry(line.at, f"To a caregiver: {line.sentence[0].lower()}{line.sentence[1:]}") for line in told]


def _sentence(delivery: Delivery, step: Transition, zone: ZoneInfo) -> str:
    by = BY[delivery.channel]
    if not step.was:
        return "An e-mail is sent instead." if delivery.is_fallback else f"Due: it is sent by {by}."
    match State(step.state):
        case State.QUEUED:
            return _waits(step, zone)
        case State.CLAIMED:
            number = f", try {step.attempt}" if step.attempt > 1 else ""
            return f"It is being sent by {by}{number}."
        case State.SENT:
            return "Sent by text: the carrier has it." if delivery.channel == "sms" else "Sent by e-mail."
        case State.UNDELIVERED_TEMP:
            return f"{_blame(delivery, step)} It is tried again{_until(step, zone)}."
        case State.DELIVERED if step.was in (State.UNDELIVERED_PERM, State.UNCONFIRMED, State.REJECTED):
            return "Delivered after all."
    return _ended(delivery, step)


def _waits(step: Transition, zone: ZoneInfo) -> str:
    if step.was == State.UNDELIVERED_TEMP:
        return "Time to try again."
    return (_reason(step) or "It is waiting").rstrip(".") + f"{_until(step, zone)}."


def _ended(delivery: Delivery, step: Transition) -> str:
    said = _reason(step) or SAID.get(State(step.state), str(step))
    return f"{_blame(delivery, step)} {said}" if step.code else said


def _blame(delivery: Delivery, step: Transition) -> str:
    """Who says so, and what. The code is there to be looked up."""
    if not step.code:
        return "It could not be delivered."
    if delivery.channel == "email":
        where, who = Where.MAIL, "The mail server"
    elif step.state == State.REJECTED:
        where, who = Where.SEND, "The provider"
    else:
        where, who = Where.CALLBACK, "The carrier"
    return f"{who} says: {look_up(step.code, where).meaning} (code {step.code})."


def _reason(step: Transition) -> str:
    return SENTENCES[Reason(step.reason)]


def _until(step: Transition, zone: ZoneInfo) -> str:
    if step.until is None or step.until <= step.at:
        return ""
    return f", not before {_clock(step.until, zone, seen=step.at)}"


def _clock(moment: datetime, zone: ZoneInfo, *, seen: datetime | None = None) -> str:
    """The time; and the day, where it is another one than that on which the sentence was true."""
    local = moment.astimezone(zone)
    if seen is None or local.date() == seen.astimezone(zone).date():
        return f"{local:%H:%M}"
    if local.date() == seen.astimezone(zone).date() + timedelta(days=1):
        return f"{local:%H:%M} tomorrow"
    return f"{local:%H:%M} on {local:%B} {local.day}"
