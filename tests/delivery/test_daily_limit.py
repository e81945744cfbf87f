"""The account's daily limit of texts (63038): what cannot wait for its end goes by e-mail, and nobody is told twice."""

from datetime import datetime, timedelta

import pytest

from reminders.delivery.models import Breaker, Delivery, Priority
from reminders.delivery.outcomes import Accepted, Refused
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.safeguards import breaker
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed

pytestmark = pytest.mark.embedded
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAILY_LIMIT = 63038


@pytest.fixture
def reminder(live, surgeon) -> Reminder:
    """To a patient with a phone and an address, both agreed to."""
    return a_promise(live, given.a_phone(), given.an_email(), by=surgeon)


def refused(reminder: Reminder, code: int = DAILY_LIMIT) -> None:
    [job] = claimed(reminder).jobs
    record([(job, Refused(code, ""))], reminder.due_at)


def make(reminder: Reminder, *, useful_for: timedelta, priority: Priority = Priority.OTHER) -> datetime:
    """The moment of the next sweep, for a text of another urgency than the shipped one's."""
    texts = Delivery.objects.filter(reminder=reminder)
    texts.update(useful_until=reminder.due_at + useful_for, priority=priority)
    Reminder.objects.filter(pk=reminder.pk).update(useful_until=reminder.due_at + useful_for)
    return reminder.due_at + MINUTE


def ways(reminder: Reminder) -> dict[str, tuple[str, str]]:
    rows = Delivery.objects.filter(reminder=reminder).values_list("channel", "state", "reason")
    return {channel: (state, reason) for channel, state, reason in rows}


WAITS = {"sms": ("queued", "breaker")}
BY_MAIL = {"sms": ("expired", "daily_limit"), "email": ("queued", "fallback")}


@pytest.mark.parametrize(
    ("useful_for", "priority", "expected"),
    [
        (5 * DAY, Priority.WARNING, BY_MAIL),
        (23 * HOUR, Priority.VISIT, BY_MAIL),
        (23 * HOUR, Priority.OTHER, BY_MAIL),
        (24 * HOUR, Priority.VISIT, BY_MAIL),
        (26 * HOUR, Priority.VISIT, WAITS),
        (5 * DAY, Priority.OTHER, WAITS),
    ],
)
def test_what_would_be_of_no_use_when_the_limit_ends_goes_by_mail(reminder, useful_for, priority, expected):
    refused(reminder)

    settle(make(reminder, useful_for=useful_for, priority=priority))

    assert ways(reminder) == expected


def test_the_quiet_hours_after_the_limit_count_with_it(reminder, live):
    refused(reminder)
    live.send_until = (reminder.due_at + HOUR).astimezone(live.zone).time()
    live.save()
    Breaker.objects.update(opened_at=reminder.due_at + 2 * HOUR)  # over at night

    settle(make(reminder, useful_for=30 * HOUR))

    assert ways(reminder) == BY_MAIL


@pytest.mark.parametrize("contacts", [[given.a_phone], [given.a_phone, lambda: given.an_email(consent_wording="")]])
def test_without_consent_to_mail_the_text_waits_on(live, surgeon, contacts):
    reminder = a_promise(live, *(contact() for contact in contacts), by=surgeon)
    refused(reminder)

    settle(make(reminder, useful_for=DAY))

    assert ways(reminder) == WAITS


@pytest.mark.parametrize("code", [20003, 30002, 90010])
def test_other_trouble_with_the_account_is_not_for_mail(reminder, code):
    refused(reminder, code)

    settle(make(reminder, useful_for=DAY))

    assert ways(reminder) == WAITS


def test_what_comes_due_while_the_limit_lasts_goes_by_mail_too(reminder, live):
    breaker.trip("sms", site=None, now=reminder.due_at, code=DAILY_LIMIT, why="daily limit")
    open_due(reminder.due_at)
    assert claim("sms", reminder.due_at).jobs == []

    settle(reminder.due_at)

    assert ways(reminder) == BY_MAIL
    assert len(claim("email", reminder.due_at).jobs) == 1


def test_nobody_is_told_twice_when_the_limit_is_over(reminder):
    refused(reminder)
    now = make(reminder, useful_for=23 * HOUR)
    for _ in range(3):
        settle(now)
    [mail] = claim("email", now).jobs
    record([(mail, Accepted("<1@example.org>", "sent"))], now)

    breaker.relieve("sms", site=None, now=now + HOUR)
    settle(now + HOUR)

    assert claim("sms", now + HOUR).jobs == claim("email", now + HOUR).jobs == []
    reminder.refresh_from_db()
    assert reminder.status == "done"


def test_a_limit_that_is_over_sends_texts_as_ever(reminder):
    refused(reminder)
    breaker.relieve("sms", site=None, now=reminder.due_at)

    settle(make(reminder, useful_for=DAY))

    assert ways(reminder) == WAITS
    assert len(claim("sms", reminder.due_at + 3 * MINUTE).jobs) == 1


def test_a_refusal_that_lasts_longer_than_a_day_still_lets_the_pressing_go(reminder):
    refused(reminder)
    Breaker.objects.update(opened_at=reminder.due_at - 3 * DAY)

    settle(make(reminder, useful_for=20 * MINUTE))

    assert ways(reminder) == BY_MAIL
