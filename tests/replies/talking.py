"""Talking through a check-in by text: what the patient says, the next question, and what it came to."""

from datetime import timedelta

from patients.models import CheckUp
from reminders import visit_actions
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from reminders.plan.visit_notices import MARK
from reminders.replies.models import Alert, CheckIn, Reply
from tests import given
from tests.replies.test_inbound import text_in

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def talk(site, question, *texts, first=1) -> list[Reply]:
    """One text a minute, beginning a minute after the question left."""
    return [text_in(site, text, now=question.due_at + n * MINUTE) for n, text in enumerate(texts, first)]


def answers(question) -> tuple:
    row = CheckIn.objects.get(reminder=question)
    return row.pain, row.wound, row.legs, row.bladder


def alerts() -> list[tuple]:
    return [(alert.level, alert.signs) for alert in Alert.objects.order_by("pk")]


def asked_again(question: Reminder, code: str) -> Reminder:
    """The next check-in of the same plan leaves too."""
    later = Reminder.objects.get(surgery=question.surgery, step_code=code)
    Reminder.objects.filter(pk=later.pk).update(status="planned", reason="")
    open_due(later.due_at)
    claim("sms", later.due_at)
    return later


def a_visits_text(question: Reminder, surgeon) -> CheckUp:
    """It leaves together with the question, and offers 1, 2, 3 and 9."""
    visit = question.surgery.check_ups.get(code="first-visit")
    visit = visit_actions.book_visit(visit, at=question.due_at + 3 * DAY, by=surgeon, now=given.NOW)
    theirs = Reminder.objects.filter(surgery=question.surgery, step__kind="visit_reminder", status="planned")
    [reminder] = theirs.exclude(step_code__contains=MARK)[:1]  # a notice of the booking asks nothing
    Reminder.objects.filter(pk=reminder.pk).update(due_at=question.due_at)
    open_due(question.due_at)
    claim("sms", question.due_at)
    return visit
