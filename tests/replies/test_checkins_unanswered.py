"""The scheduler's round: a check-in begins once its question has left, and two without an answer are told once."""

import pytest

from reminders import actions
from reminders.delivery.models import Delivery
from reminders.plan.models import Reminder
from reminders.replies.checkins import lifecycle
from reminders.replies.models import Alert, CheckIn
from tests import given
from tests.delivery.sending import a_promise, opened
from tests.replies.talking import DAY, MINUTE, asked_again, talk
from tests.replies.test_scores import asked


def test_it_begins_once_when_its_reminder_has_left(site, surgeon):
    question = asked(site, surgeon)

    for n in range(3):
        lifecycle.keep(question.due_at + n * MINUTE)

    row = CheckIn.objects.get()
    assert (row.reminder, row.asked_at, row.surgery) == (question, question.due_at, question.surgery)


def test_what_waits_or_never_arrived_was_not_asked(site, surgeon):
    question = asked(site, surgeon)
    lifecycle.keep(question.due_at)
    Delivery.objects.update(state="undelivered_perm")
    waiting = asked_again_not_claimed(site, surgeon)

    lifecycle.keep(max(question.due_at, waiting.due_at) + 3 * DAY)

    assert not CheckIn.objects.exists()


def asked_again_not_claimed(site, surgeon) -> Reminder:
    question = a_promise(site, given.a_phone(given.phone(57)), by=surgeon, step="check-in-1", date=given.NOW.date())
    opened(question)
    return question


def unanswered(site, surgeon, codes) -> list[Reminder]:
    rows = [asked(site, surgeon)]
    for code in codes:
        lifecycle.keep(rows[-1].due_at)
        rows.append(asked_again(rows[0], code))
    lifecycle.keep(rows[-1].due_at)
    return rows


def test_two_in_a_row_without_an_answer_are_told_to_reception_once(site, surgeon):
    *_, second = unanswered(site, surgeon, ["check-in-3"])
    assert not Alert.objects.exists()

    for n in range(3):
        lifecycle.keep(second.due_at + 3 * DAY + n * MINUTE)

    alert = Alert.objects.get()
    assert (alert.level, alert.signs, alert.owner_role) == ("R", [lifecycle.UNANSWERED], "reception")
    assert alert.check_in.reminder == second


@pytest.mark.parametrize(
    ("codes", "pairs"), [(["check-in-2", "check-in-3"], 1), (["check-in-2", "check-in-3", "check-in-4"], 2)]
)
def test_once_for_each_pair(site, surgeon, codes, pairs):
    *_, last = unanswered(site, surgeon, codes)

    lifecycle.keep(last.due_at + 3 * DAY)

    assert Alert.objects.filter(level="R").count() == pairs


def test_one_answer_between_is_no_pair(site, surgeon):
    first = asked(site, surgeon)
    talk(site, first, "4")
    second = asked_again(first, "check-in-3")

    lifecycle.keep(second.due_at + 3 * DAY)

    assert not Alert.objects.exists()


def test_an_ended_plan_calls_nobody(site, surgeon):
    first, second = unanswered(site, surgeon, ["check-in-3"])
    actions.cancel_surgery(first.surgery, why="moved away", by=surgeon, now=second.due_at)

    lifecycle.keep(second.due_at + 3 * DAY)

    assert not Alert.objects.exists()
    assert not CheckIn.objects.open().exists()
