"""Evidence against an end is kept and counted, and changes nothing: of two contradicting ends the first stands."""

from collections.abc import Callable

import pytest

from reminders.delivery.models import Alarm, Delivery, Report
from reminders.delivery.monitoring import due_unsent
from reminders.delivery.receipts import callbacks, deferred
from reminders.delivery.sending.claiming import SendJob
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, the_contact, the_delivery

Tell = Callable[[str, int], None]


@pytest.fixture
def reminder(site, surgeon) -> Reminder:
    return a_promise(site, by=surgeon)


@pytest.fixture
def job(reminder) -> SendJob:
    [job] = claimed(reminder).jobs
    return job


@pytest.fixture(params=["at once", "in a flood"])
def tell(request, reminder, job) -> Tell:
    """By the callback itself, or kept first and acted on by the next sweep."""

    def told(status: str, code: int = 0) -> None:
        about = {"provider_id": "SM1", "status": status, "code": code, "now": reminder.due_at}
        if request.param == "at once":
            callbacks.receive(job.attempt, **about)
        else:
            callbacks.keep(job.attempt, **about)
            deferred.adopt(reminder.due_at)

    return told


def counted() -> int:
    return due_unsent.counts(given.NOW)["reports_against"].number


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("delivered", 0), ("failed", 30005)),
        (("delivered", 0), ("undelivered", 30003)),
        (("undelivered", 30007), ("failed", 30008)),
        (("undelivered", 30005), ("failed", 30006)),
        (("failed", 30036), ("undelivered", 30007)),
        (("failed", 21610), ("undelivered", 30007)),
        (("failed", 30007), ("undelivered", 21610)),
    ],
)
def test_the_first_end_stands_and_the_other_is_kept_and_counted(reminder, tell, first, second):
    tell(*first)
    ended = Delivery.objects.values("state", "reason", "code", "settled_at").get()
    told = reminder.deliveries.get().transitions.count()

    tell(*second)

    assert Delivery.objects.values("state", "reason", "code", "settled_at").get() == ended
    assert the_delivery(reminder).transitions.count() == told
    assert Report.objects.get(status=second[0]).is_against
    assert counted() == 1
    alarm = Alarm.objects.get(kind="late_report")
    assert (alarm.subject, alarm.site_id, alarm.count) == (str(second[1]), reminder.site_id, 1)


@pytest.mark.parametrize(
    "words",
    [
        [("delivered", 0), ("sent", 0), ("queued", 0), ("read", 0)],
        [("undelivered", 30005), ("sent", 0), ("failed", 30005)],
        [("undelivered", 30005), ("failed", 0)],
        [("undelivered", 30007), ("delivered", 0)],
        [("undelivered", 30008), ("failed", 30005)],
        [("sent", 0), ("undelivered", 30410), ("delivered", 0)],
    ],
)
def test_what_is_only_late_weaker_or_better_contradicts_nothing(tell, words):
    for word in words:
        tell(*word)

    assert counted() == 0
    assert not Alarm.objects.filter(kind="late_report").exists()


def test_a_report_that_comes_three_times_is_counted_once(tell):
    tell("delivered", 0)

    for _ in range(3):
        tell("failed", 30005)

    assert (counted(), Alarm.objects.get(kind="late_report").count) == (1, 1)


def test_both_in_one_flood_end_as_delivered_and_the_failure_is_counted(reminder, job):
    for status, code in (("failed", 30005), ("delivered", 0)):
        callbacks.keep(job.attempt, provider_id="SM1", status=status, code=code, now=reminder.due_at)

    deferred.adopt(reminder.due_at)

    assert the_delivery(reminder).state == "delivered"
    assert counted() == 1


def test_a_number_stays_marked_for_the_first_reason(reminder, tell):
    tell("undelivered", 30005)
    marked = the_contact(reminder).unusable_reason

    tell("failed", 30006)

    assert the_contact(reminder).unusable_reason == marked


def test_a_site_counts_its_own(site, tell):
    tell("delivered", 0)
    tell("failed", 30005)

    assert due_unsent.counts(given.NOW, [site])["reports_against"].number == 1
    assert due_unsent.counts(given.NOW, [given.a_site("hilltop")])["reports_against"].number == 0
