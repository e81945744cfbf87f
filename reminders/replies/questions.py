"""Which question a number answers: the only one that is open, never simply the latest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from patients.models import Contact
from reminders.delivery.models import Delivery
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.state import State
from reminders.plan.models import Reminder
from reminders.plan.models.step import StepKind
from reminders.replies.meaning import Intent, Meaning
from reminders.replies.models import Reply

OPEN_FOR = timedelta(days=3)
HIGH = 8  # pain that somebody must see; not an outcome question, where 8 may be as it was before the operation
ASKS_FOR_A_SCORE = [StepKind.CHECK_IN, StepKind.OUTCOME_QUESTIONS]
OFFERS = {  # digits our texts offer; a bare one of these is an answer to either
    1: [StepKind.VISIT_REMINDER],
    2: [StepKind.VISIT_REMINDER],
    3: [StepKind.VISIT_REMINDER],
    9: [StepKind.VISIT_REMINDER, StepKind.BOOK_CHECK_UP, StepKind.RECALL],
}
MAY_HAVE_ARRIVED = [
    State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.SENT, State.DELIVERED, State.UNCONFIRMED,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    reminder: Reminder
    contact: Contact


def open_questions(contacts: Iterable[Contact], now: datetime) -> list[Question]:
    """Asked of this phone within three days and not answered yet; those of both patients where two share it."""
    asked = _lately(contacts, ASKS_FOR_A_SCORE, now).select_related("contact", "reminder__step")
    answered = Reply.objects.filter(intent=Intent.SCORE, question__isnull=False)
    waiting = asked.exclude(reminder__in=answered.values("question"))
    return [Question(delivery.reminder, delivery.contact) for delivery in waiting.order_by("claimed_at", "pk")]


def is_ambiguous(found: Meaning, contacts: Iterable[Contact], now: datetime) -> bool:
    """A 1 while both a check-in and a visit's text wait for one: nobody guesses which was meant."""
    kinds = OFFERS.get(found.score, []) if found.score is not None else []
    return bool(kinds) and _lately(contacts, kinds, now).exists()


def is_high(score: int | None, questions: Iterable[Question]) -> bool:
    return score is not None and score >= HIGH and any(q.reminder.step.kind == StepKind.CHECK_IN for q in questions)


def _lately(contacts: Iterable[Contact], kinds: list[StepKind], now: datetime) -> DeliveryQuerySet:
    sent = Delivery.objects.filter(contact__in=list(contacts), state__in=MAY_HAVE_ARRIVED)
    return sent.filter(reminder__step__kind__in=kinds, claimed_at__gt=now - OPEN_FOR, claimed_at__lte=now)
