"""Which questions are open on a phone, and what was said to one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from patients.models import Contact
from patients.models.contact import Relationship, Scope
from reminders.delivery.models import Delivery
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.state import State
from reminders.plan.models import Reminder
from reminders.plan.models.step import StepKind
from reminders.plan.visit_notices import MARK
from reminders.replies.models import CheckIn, Intent, Reply
from reminders.replies.parsing.questionnaire import ALL, Answers, Ask
from reminders.replies.parsing.visit_words import VisitAsked

OPEN_FOR = timedelta(days=3)
ASKED_FOR = [Intent.YES, Intent.CANNOT_COME, Intent.NEW_TIME, Intent.CALL_ME]  # what a visit's text offers: 1, 2, 3, 9
VISITS = [StepKind.VISIT_REMINDER]
ASKS = [*VISITS, StepKind.BOOK_CHECK_UP, StepKind.RECALL, StepKind.CHECK_IN, StepKind.OUTCOME_QUESTIONS]
AT_ONCE = timedelta(minutes=5)  # what leaves so close together may arrive in either order
OFFERS = {  # digits our texts offer; a bare one of these is an answer to either
    1: VISITS,
    2: VISITS,
    3: VISITS,
    9: [StepKind.VISIT_REMINDER, StepKind.BOOK_CHECK_UP, StepKind.RECALL],
}
MAY_HAVE_ARRIVED = [
    State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.SENT, State.DELIVERED, State.UNCONFIRMED,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One that left and is open. `missing`: what it still waits for; `delivery`: how this phone was asked.

    `last_pain`: of the check-in before; None where there was none.
    """

    delivery: Delivery
    missing: tuple[Ask, ...] = (Ask.PAIN,)
    last_pain: int | None = None

    @property
    def reminder(self) -> Reminder:
        """The reminder that asked."""
        return self.delivery.reminder

    @property
    def contact(self) -> Contact:
        """The contact that was asked."""
        return self.delivery.contact

    @property
    def is_check_in(self) -> bool:
        """Whether a check-in asks, and not another message with a question."""
        return self.reminder.step.kind == StepKind.CHECK_IN


@dataclass(frozen=True, slots=True)
class AnsweredText:
    """A text that answers a question, all of it or in part. Without answers it has to be asked again.

    `more`: it says more than that, and a person reads it. `seen`: class and code of what must not wait in its answers,
    the worst first; never of an outcome question.
    """

    question: OpenQuestion
    answers: Answers | None = None
    more: bool = False
    seen: tuple[tuple[str, str], ...] = ()


def open_questions(contacts: Iterable[Contact], now: datetime) -> list[OpenQuestion]:
    """Asked of this phone within three days and not answered yet; those of both patients where two share it.

    Of one patient it is the latest, of whichever plan: the next question closes the one before.
    """
    allowed = [c for c in contacts if c.relationship == Relationship.SELF or c.scope == Scope.ALL]
    asked = sent_lately(allowed, [StepKind.CHECK_IN, StepKind.OUTCOME_QUESTIONS], now)
    rows = list(
        asked.select_related("contact", "reminder__step", "reminder__surgery", "reminder__site").order_by(
            "claimed_at", "pk"
        )
    )
    latest = {row.contact.patient_id: row.reminder_id for row in rows}
    rows = [row for row in rows if latest[row.contact.patient_id] == row.reminder_id]
    check_ins = CheckIn.objects.in_bulk([row.reminder_id for row in rows], field_name="reminder_id")
    answered = set(Reply.objects.filter(intent=Intent.SCORE, question__in=[r.reminder_id for r in rows])
                   .values_list("question", flat=True))  # fmt: skip
    return [
        question
        for row in rows
        if (question := _open(row, check_ins.get(row.reminder_id), answered=row.reminder_id in answered))
    ]


def _open(row: Delivery, check_in: CheckIn | None, *, answered: bool) -> OpenQuestion | None:
    if row.reminder.step.kind != StepKind.CHECK_IN:
        return None if answered else OpenQuestion(row)
    if check_in and check_in.closed_at:
        return None
    missing = tuple(ask for ask in ALL if getattr(check_in, ask.value, None) is None)
    before = last_pain(row.reminder.surgery_id, before=row.claimed_at, but=row.reminder_id) if row.claimed_at else None
    return OpenQuestion(row, missing, before)


def last_pain(surgery: int, *, before: datetime, but: int | None) -> int | None:
    """The pain of the check-in before this one, whose reminder is `but`; not of one in which the pain was left out."""
    earlier = CheckIn.objects.filter(surgery=surgery, asked_at__lt=before).exclude(pain=None)
    earlier = earlier.exclude(reminder=but) if but else earlier  # it may have left twice, to two phones
    return earlier.order_by("-asked_at").values_list("pain", flat=True).first()


def answers_of(check_in: CheckIn) -> Answers:
    """The answers a check-in has so far."""
    return Answers(check_in.pain, check_in.wound, check_in.legs, check_in.bladder)


def sent_lately(contacts: Iterable[Contact], kinds: list[StepKind], now: datetime) -> DeliveryQuerySet:
    """What left for these contacts within three days, of these kinds, and may have arrived.

    A notice about a visit's time offers no digit: it asks nothing. Also what left for the same phone on a row of theirs
    that has ended since, as when two patient numbers are merged.
    """
    asked = Q(pk__in=[])
    for contact in contacts:
        before = Q(patient=contact.patient_id, relationship=contact.relationship, ended_at__isnull=False)
        asked |= Q(pk=contact.pk) | (before & Q(phone=contact.phone, email=contact.email))
    theirs = Contact.objects.filter(asked).values("pk")
    sent = Delivery.objects.filter(contact__in=theirs, state__in=MAY_HAVE_ARRIVED)
    sent = sent.exclude(reminder__step_code__contains=MARK)
    return sent.filter(reminder__step__kind__in=kinds, claimed_at__gt=now - OPEN_FOR, claimed_at__lte=now)


def visit_asked(contacts: Iterable[Contact], now: datetime) -> VisitAsked:
    """How open a text about a visit is on this phone: a bare yes answers it only while it is the last that was said.

    Whatever else asked in the same minutes, or was written or said back since, may be what a yes is about.
    """
    contacts = list(contacts)
    asked = sent_lately(contacts, VISITS, now).order_by("-claimed_at").values_list("claimed_at", flat=True).first()
    if asked is None:
        return VisitAsked.NO
    mine = Delivery.objects.filter(contact__in=contacts, state__in=MAY_HAVE_ARRIVED, claimed_at__lte=now)
    since = mine.exclude(reminder__step__kind__in=VISITS)
    others = since.filter(claimed_at__gt=asked - AT_ONCE, reminder__step__kind__in=ASKS)
    texts = Reply.objects.filter(site=contacts[0].site_id, from_address=contacts[0].address,
                                 received_at__gt=asked, received_at__lte=now)  # fmt: skip
    talked = texts.filter(~Q(answer="") | Q(intent__in=ASKED_FOR))
    is_last = not (others.exists() or since.filter(claimed_at__gt=asked + AT_ONCE).exists() or talked.exists())
    return VisitAsked.LAST if is_last else VisitAsked.LATELY
