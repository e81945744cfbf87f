"""Which question a text answers: the only one that is open, never simply the latest."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from patients.models import Contact
from patients.models.contact import Relationship, Scope
from reminders.delivery.models import Delivery
from reminders.delivery.models.delivery import DeliveryQuerySet
from reminders.delivery.state import State
from reminders.plan.models import Reminder
from reminders.plan.models.step import StepKind
from reminders.replies.models import CheckIn, Reply
from reminders.replies.parsing import questionnaire, scores
from reminders.replies.parsing.meaning import Intent, Meaning, meaning
from reminders.replies.parsing.questionnaire import HIGH, Answers, Ask

OPEN_FOR = timedelta(days=3)
OFFERS = {  # digits our texts offer; a bare one of these is an answer to either
    1: [StepKind.VISIT_REMINDER],
    2: [StepKind.VISIT_REMINDER],
    3: [StepKind.VISIT_REMINDER],
    9: [StepKind.VISIT_REMINDER, StepKind.BOOK_CHECK_UP, StepKind.RECALL],
}
MAY_HAVE_ARRIVED = [
    State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.SENT, State.DELIVERED, State.UNCONFIRMED,
]  # fmt: skip
OUT_OF_TEN = re.compile(r"\d+ ?/ ?10\b")


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One that left and is open. `missing`: what it still waits for; `delivery`: how this phone was asked."""

    delivery: Delivery
    missing: tuple[Ask, ...] = (Ask.PAIN,)

    @property
    def reminder(self) -> Reminder:
        return self.delivery.reminder

    @property
    def contact(self) -> Contact:
        return self.delivery.contact

    @property
    def is_check_in(self) -> bool:
        return self.reminder.step.kind == StepKind.CHECK_IN


@dataclass(frozen=True, slots=True)
class AnsweredText:
    """A text that answers a question, all of it or in part. Without answers it has to be asked again.

    `more`: it says more than that, and a person reads it.
    """

    question: OpenQuestion
    answers: Answers | None = None
    more: bool = False


def open_questions(contacts: Iterable[Contact], now: datetime) -> list[OpenQuestion]:
    """Asked of this phone within three days and not answered yet; those of both patients where two share it.

    Of one plan it is the latest: the next question closes the one before.
    """
    allowed = [c for c in contacts if c.relationship == Relationship.SELF or c.scope == Scope.ALL]
    asked = _lately(allowed, [StepKind.CHECK_IN, StepKind.OUTCOME_QUESTIONS], now)
    rows = list(
        asked.select_related("contact", "reminder__step", "reminder__surgery", "reminder__site").order_by(
            "claimed_at", "pk"
        )
    )
    latest = {row.reminder.surgery_id: row.reminder_id for row in rows}
    rows = [row for row in rows if latest[row.reminder.surgery_id] == row.reminder_id]
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
    if check_in is None:
        return OpenQuestion(row, questionnaire.ALL)
    return None if check_in.closed_at else OpenQuestion(row, answers_of(check_in).missing)


def answers_of(check_in: CheckIn) -> Answers:
    return Answers(check_in.pain, check_in.wound, check_in.legs, check_in.bladder)


def expects_a_number(questions: Iterable[OpenQuestion]) -> bool:
    return any(Ask.PAIN in question.missing for question in questions)


def answered_by(text: str, found: Meaning, questions: Sequence[OpenQuestion], now: datetime) -> AnsweredText | None:
    """Of several open ones none: nobody guesses. Yes, no and its own digits can only be meant for a check-in."""
    if found.intent in ACTED_ON:
        return _begun(text, found, questions, now) if found.intent == Intent.URGENT else None
    check_ins = [question for question in questions if question.is_check_in]
    if len(check_ins) == 1 and (answers := questionnaire.read(text, check_ins[0].missing)):
        return AnsweredText(check_ins[0], answers)
    if len(questions) != 1:
        return None
    if found.intent == Intent.SCORE:
        return AnsweredText(questions[0], Answers(pain=found.score))
    if begun := _begun(text, found, questions, now):
        return begun
    unclear = found.intent == Intent.UNCLEAR_SCORE or _is_bare_digit(text, questions[0], now)
    return AnsweredText(questions[0]) if unclear else None


def _begun(text: str, found: Meaning, questions: Sequence[OpenQuestion], now: datetime) -> AnsweredText | None:
    """`9, terrible pain`: the pain is kept, whatever else the text says. `9, call me` is no pain.

    While a visit's text offers that digit and nothing speaks of a sign, it has to be asked again.
    """
    if len(questions) != 1 or Ask.PAIN not in questions[0].missing or not (begun := scores.opening(text)):
        return None
    pain, rest = begun
    if meaning(rest).intent in COMMANDS:
        return None
    offered = OFFERS.get(pain, [])
    if offered and not found.signs and _lately([questions[0].contact], offered, now).exists():
        return AnsweredText(questions[0])
    return AnsweredText(questions[0], Answers(pain=pain), more=True)


COMMANDS = (Intent.YES, Intent.CANNOT_COME, Intent.NEW_TIME, Intent.CALL_ME)
ACTED_ON = (Intent.URGENT, Intent.STOP, Intent.REFUSAL, Intent.START, Intent.HELP)


def _is_bare_digit(text: str, question: OpenQuestion, now: datetime) -> bool:
    """0, 1 or 2 for a yes or no that offered other digits; while a visit's text waits for one it is meant for that."""
    if text.strip(" .!") not in ("0", "1", "2") or question.missing[0] is Ask.PAIN:
        return False
    return not _lately([question.contact], [StepKind.VISIT_REMINDER], now).exists()


def is_ambiguous(text: str, found: Meaning, contacts: Iterable[Contact], now: datetime) -> bool:
    """A 1 while both a check-in and a visit's text wait for one: nobody guesses which was meant. 1/10 is a pain."""
    kinds = OFFERS.get(found.score, []) if found.score is not None else []
    return bool(kinds) and not OUT_OF_TEN.search(text) and _lately(contacts, kinds, now).exists()


def is_high(score: int | None, questions: Iterable[OpenQuestion]) -> bool:
    """Of a check-in; not of an outcome question, where 8 may be as it was before the operation."""
    return score is not None and score >= HIGH and any(question.is_check_in for question in questions)


def _lately(contacts: Iterable[Contact], kinds: list[StepKind], now: datetime) -> DeliveryQuerySet:
    sent = Delivery.objects.filter(contact__in=list(contacts), state__in=MAY_HAVE_ARRIVED)
    return sent.filter(reminder__step__kind__in=kinds, claimed_at__gt=now - OPEN_FOR, claimed_at__lte=now)
