"""A check-in, from the moment its reminder leaves to its last answer, by text or on the patient's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from patients import audit, phones
from patients.locks import lock_patients
from patients.models import Contact, Site, StaffMember, Surgery
from reminders.delivery.models import Delivery
from reminders.delivery.receipts.code_actions import hushed
from reminders.plan.models import Reminder
from reminders.plan.models.step import StepKind
from reminders.replies.alerts import raising, staffed_hours
from reminders.replies.autoreply_texts import Answer, said
from reminders.replies.checkins import prompts
from reminders.replies.checkins.open_questions import MAY_HAVE_ARRIVED, OPEN_FOR, AnsweredText, answers_of, last_pain
from reminders.replies.models import Alert, Cause, CheckIn, Intent, Reply
from reminders.replies.models.alert import Level
from reminders.replies.models.checkin import Answered
from reminders.replies.parsing import questionnaire
from reminders.replies.parsing.questionnaire import Answers, Ask

UNANSWERED = "two_check_ins_unanswered"
AGAIN_AFTER = timedelta(hours=1)
NOTICED_WITHIN = timedelta(days=7)  # after an outage: too late to answer, and still a question nobody answered


@dataclass(frozen=True, slots=True)
class Recorded:
    """`seen`: what must not wait. `contrary`: some of it takes back what was said before, and a person must read it."""

    check_in: CheckIn
    seen: list[tuple[str, str]]
    contrary: bool


def begin(delivery: Delivery) -> CheckIn:
    """Once per reminder, whoever notices first that it left; the one before is closed. `delivery` was claimed."""
    known = CheckIn.objects.filter(reminder=delivery.reminder_id).first()
    return known or _begin(delivery)


@transaction.atomic
def _begin(delivery: Delivery) -> CheckIn:
    first = Delivery.objects.filter(reminder=delivery.reminder_id, state__in=MAY_HAVE_ARRIVED)
    first = first.exclude(claimed_at=None).select_related("contact", "reminder__surgery")
    asked = min(first, key=lambda d: (d.contact.relationship != "self", d.claimed_at), default=delivery)
    lock_patients([asked.reminder.surgery.patient_id])
    facts: dict[str, Any] = {
        "site_id": asked.site_id,
        "surgery_id": asked.reminder.surgery_id,
        "contact": asked.contact,
        "asked_at": asked.claimed_at,
    }
    check_in, new = CheckIn.objects.get_or_create(reminder_id=delivery.reminder_id, defaults=facts)
    if new:
        patient = asked.reminder.surgery.patient_id  # the same questions, of whichever operation
        _close(CheckIn.objects.open().filter(surgery__patient=patient, asked_at__lt=check_in.asked_at),
               now=check_in.asked_at)  # fmt: skip
    return check_in


@transaction.atomic
def record(
    check_in: CheckIn,
    answers: Answers,
    *,
    via: str,
    now: datetime,
    contact: Contact | None = None,
    reply: Reply | None = None,
    by: StaffMember | None = None,
) -> Recorded:
    """Fills in what is open; a worse answer replaces a better one, and never the other way round.

    Of one that is closed nothing changes any more, and what says otherwise is `contrary`.
    """
    lock_patients([check_in.surgery.patient_id])  # before the check-in: what is answered may raise an alert
    check_in = CheckIn.objects.select_for_update(of=("self",)).select_related("site", "surgery").get(pk=check_in.pk)
    before = answers_of(check_in)
    was_open = check_in.closed_at is None
    taken = {
        ask: value
        for ask, value in answers.given.items()
        if was_open and questionnaire.is_worse(value, before.given.get(ask))
    }
    contrary = any(before.given.get(ask) != value for ask, value in answers.given.items() if ask not in taken)
    if taken:
        _write(check_in, taken, via=via, now=now, contact=contact, by=by)
    told = Answers(**{ask.value: value for ask, value in taken.items()})  # type: ignore[arg-type]
    seen = questionnaire.seen(told, last_pain=_pain_before(check_in))
    if seen:
        (level, _), signs = seen[0], [sign for _, sign in seen]
        raising.raise_alert(site=check_in.site, surgery=check_in.surgery, contact=contact, check_in=check_in,
                             reply=reply, level=level, signs=signs, now=now)  # fmt: skip
    return Recorded(check_in, seen, contrary)


def _write(
    check_in: CheckIn,
    taken: dict[Ask, int | bool],
    *,
    via: str,
    now: datetime,
    contact: Contact | None,
    by: StaffMember | None,
) -> None:
    for ask, value in taken.items():
        setattr(check_in, ask.value, value)
    check_in.via, check_in.entered_by = via, by
    check_in.contact = contact or check_in.contact
    check_in.answered_at = check_in.answered_at or now
    check_in.save()
    if not answers_of(check_in).missing:
        end(check_in, by=by, now=now)


def end(check_in: CheckIn, *, by: StaffMember | None, now: datetime) -> None:
    """End a check-in: no more answers are taken. Idempotent."""
    if check_in.closed_at is None:
        check_in.closed_at = now
        check_in.save(update_fields=["closed_at"])
        audit.record("check-in answered", of=check_in.surgery, by=by, now=now, how=check_in.get_via_display())


def _pain_before(check_in: CheckIn) -> int | None:
    return last_pain(check_in.surgery_id, before=check_in.asked_at, but=check_in.reminder_id)


def record_text(told: AnsweredText, *, reply: Reply | None, now: datetime) -> Recorded:
    """`told` answers a check-in and has answers."""
    check_in = begin(told.question.delivery)
    return record(check_in, told.answers or Answers(), via=Answered.SMS, now=now, contact=told.question.contact,
                  reply=reply)  # fmt: skip


def seen_of(check_in: CheckIn) -> list[tuple[str, str]]:
    """What of all its answers must not wait."""
    return questionnaire.seen(answers_of(check_in), last_pain=_pain_before(check_in))


def said_back(reply: Reply, told: AnsweredText | None, *, withdrawn: bool, by_provider: bool) -> str:
    """The next question, as an automatic answer. Only answers bring it, so a machine cannot keep it going."""
    if told is None or not told.question.is_check_in or by_provider or hushed(told.question.contact.pk):
        return ""
    signs = list(told.seen)
    if told.more and _says_worse(reply, signs):
        return ""
    if withdrawn:  # as with any other text: after a refusal only an emergency is answered
        return prompts.words(signs, None, **_told_to(told, reply)) if (Level.E in dict(signs)) else ""
    if told.answers is None:
        return _asked_again(reply, told)
    kept = answers_of(CheckIn.objects.get(reminder=told.question.reminder))
    if any(kept.given.get(ask) != value for ask, value in told.answers.given.items()):
        return said(Answer.A_PERSON_READS, **_to(told))
    return prompts.words(signs, next(iter(kept.missing), None), **_told_to(told, reply))


def _says_worse(reply: Reply, signs: list[tuple[str, str]]) -> bool:
    """Its words name a sign that its answers do not: then that is answered, and nothing is asked."""
    heard = Cause.objects.filter(reply=reply).first()
    return heard is not None and not set(heard.signs) <= {sign for _, sign in signs}


def _asked_again(reply: Reply, told: AnsweredText) -> str:
    """Once an hour at most. A pain that was none is asked for by `answering`."""
    ask, since = told.question.missing[0], reply.received_at - AGAIN_AFTER
    unclear = Reply.objects.filter(question=told.question.reminder, intent=Intent.UNCLEAR_SCORE, received_at__gt=since)
    if ask is Ask.PAIN or unclear.exclude(pk=reply.pk).exists():
        return ""
    return prompts.words([], ask, **_told_to(told, reply))


def _told_to(told: AnsweredText, reply: Reply) -> dict[str, Any]:
    hours = raising.hours(told.question.reminder.site)
    return _to(told) | {"is_staffed": staffed_hours.is_staffed(reply.received_at, hours)}


def _to(told: AnsweredText) -> dict[str, Any]:
    site, contact = told.question.reminder.site, told.question.contact
    return {
        "languages": [contact.language, *site.languages],
        "clinic": site.short_name,
        "phone": phones.spoken(str(site.phone)),
        "emergency": site.emergency_number,
    }


def in_words(answers: Answers) -> str:
    """As staff read it: `7 of 10, wound yes, legs no`."""
    said = [f"{value} of 10" if ask is Ask.PAIN else f"{ask} {'yes' if value else 'no'}"
            for ask, value in answers.given.items()]  # fmt: skip
    return ", ".join(said)


def asked_of(surgery: Surgery, now: datetime) -> Reminder | None:
    """The check-in a patient may answer now: the latest that left within three days, of whichever operation."""
    sent = _sent(now).filter(reminder__surgery__patient=surgery.patient_id).select_related("reminder__step")
    latest = sent.order_by("-claimed_at", "-pk").first()
    return latest.reminder if latest else None


def begin_for(reminder: Reminder) -> CheckIn | None:
    """None: it never left."""
    left = Delivery.objects.filter(reminder=reminder, state__in=MAY_HAVE_ARRIVED).exclude(claimed_at=None)
    delivery = left.select_related("contact", "reminder").first()
    return begin(delivery) if delivery else None


def keep(now: datetime) -> None:
    """Begins what has left, closes what is too old, and tells reception of two in a row without an answer."""
    for site in Site.objects.values_list("pk", flat=True):  # site by site: the index begins with it
        waiting = _sent(now, within=NOTICED_WITHIN).filter(site=site, reminder__check_in=None)
        for delivery in waiting.select_related("contact", "reminder").order_by("claimed_at", "pk"):
            begin(delivery)
    with transaction.atomic():
        _close(CheckIn.objects.open().filter(asked_at__lte=now - OPEN_FOR), now=now)


def _sent(now: datetime, *, within: timedelta = OPEN_FOR) -> Any:
    left = Delivery.objects.filter(reminder__step__kind=StepKind.CHECK_IN, state__in=MAY_HAVE_ARRIVED)
    return left.filter(claimed_at__gt=now - within, claimed_at__lte=now)


def _close(rows: Iterable[CheckIn], *, now: datetime) -> None:
    """In the order they were asked: the second one looks at the first."""
    if not (keys := [row.pk for row in rows]):
        return
    lock_patients(CheckIn.objects.filter(pk__in=keys).values_list("surgery__patient", flat=True))
    old = CheckIn.objects.select_for_update(of=("self",)).filter(pk__in=keys, closed_at=None)
    for check_in in old.select_related("site", "surgery__patient", "contact").order_by("asked_at", "pk"):
        if check_in.answered_at is None and not _may_have_arrived(check_in):
            check_in.delete()  # the patient was never asked
            continue
        check_in.closed_at = now
        check_in.save(update_fields=["closed_at"])
        _tell_if_silent(check_in, now)


def _may_have_arrived(check_in: CheckIn) -> bool:
    return Delivery.objects.filter(reminder=check_in.reminder_id, state__in=MAY_HAVE_ARRIVED).exists()


def _tell_if_silent(check_in: CheckIn, now: datetime) -> None:
    """Two in a row without an answer: once for each pair, so that four make two."""
    running = check_in.surgery.is_active and check_in.surgery.patient.status == "active"
    if check_in.answered_at or not running:
        return
    earlier = CheckIn.objects.filter(surgery=check_in.surgery_id, asked_at__lt=check_in.asked_at)
    before = earlier.order_by("-asked_at", "-pk").first()
    if before is None or before.answered_at or Alert.objects.filter(check_in=before, level=Level.R).exists():
        return
    raising.raise_alert(site=check_in.site, surgery=check_in.surgery, contact=check_in.contact, check_in=check_in,
                         level=Level.R, signs=[UNANSWERED], now=now)  # fmt: skip
