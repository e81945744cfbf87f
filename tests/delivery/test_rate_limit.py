"""The sender's rate, in parts and for all processes together; texts to one number, texts of one site."""

from datetime import datetime, timedelta
from time import monotonic

import pytest
from django.utils import timezone

from patients.models import Contact, Site
from reminders.delivery.models import Breaker, Delivery, Sender, Transition
from reminders.delivery.safeguards import rate_limit
from reminders.delivery.safeguards.rate_limit import BURST
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.frequency_caps import frees
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, many, the_delivery
from tests.replies.test_at_the_same_instant import at_once
from tests.waiting import HUNG

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BURST_SECONDS = int(BURST.total_seconds())


@pytest.fixture
def slow(live: Site) -> Sender:
    """A US long code: one part a second."""
    Sender.objects.filter(site=live).update(parts_per_second=1)
    return Sender.objects.get(site=live, channel="sms")


def waiting(site: Site, number: int) -> datetime:
    reminder = a_promise(site, by=given.a_staff_member(site))
    many(reminder, number)
    while open_due(reminder.due_at):
        pass
    return reminder.due_at


def test_a_sender_never_gets_more_than_its_rate_and_a_burst(slow):
    now = waiting(slow.site, 100)

    sent = [len(claim("sms", now + n * SECOND / 4).jobs) for n in range(80)]

    assert sent[0] == BURST_SECONDS
    for n in range(1, 80):
        assert sum(sent[: n + 1]) <= BURST_SECONDS + n / 4
    assert sum(sent) >= 20


def test_what_waits_for_the_rate_stays_as_it_is_and_the_claim_says_for_how_long(slow):
    now = waiting(slow.site, 20)
    claim("sms", now)
    before = list(Delivery.objects.filter(state="queued").values())

    held = claim("sms", now)

    assert (held.looked_at, held.jobs) == (0, [])
    assert timedelta() < held.wait <= BURST
    assert list(Delivery.objects.filter(state="queued").values()) == before
    assert claim("sms", now + held.wait).jobs


def test_parts_are_counted_not_messages(slow, monkeypatch):
    room = rate_limit.reserve(slow, 100, given.NOW)

    assert [room.take(3), room.take(1), room.take(1)] == [True, True, False]
    rate_limit.settle(room)
    slow.refresh_from_db()
    assert slow.free_at == given.NOW + 4 * SECOND


def test_a_text_longer_than_a_burst_goes_and_the_next_one_waits_for_all_of_it(slow):
    room = rate_limit.reserve(slow, 100, given.NOW)

    assert room.take(10)
    rate_limit.settle(room)

    slow.refresh_from_db()
    assert rate_limit.reserve(slow, 1, given.NOW + 7 * SECOND) is None
    assert rate_limit.reserve(slow, 1, given.NOW + 8 * SECOND)


def test_what_was_set_aside_and_not_used_is_given_back(slow):
    rate_limit.settle(rate_limit.reserve(slow, 4, given.NOW))

    slow.refresh_from_db()
    assert slow.free_at == given.NOW


def test_a_sender_that_was_told_to_slow_down_rests_once(slow):
    for _ in range(2):
        rate_limit.slow_down(slow.site_id, channel="sms", now=given.NOW, pause=10 * SECOND)

    slow.refresh_from_db()
    assert rate_limit.reserve(slow, 1, given.NOW + 9 * SECOND) is None
    assert rate_limit.reserve(slow, 1, given.NOW + 12 * SECOND)


def test_a_drain_goes_on_at_the_senders_rate_instead_of_ending(live, surgeon, twilio):
    Sender.objects.filter(site=live).update(parts_per_second=10)
    now = waiting(live, 60)
    begun = monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=monotonic() - begun)

    assert dispatch.drain("sms", clock=clock, seconds=HUNG, window=20) == {"accepted": 60}
    assert monotonic() - begun > 1.5  # 40 at once, 20 at 10 a second


def test_a_drain_whose_clock_stands_still_ends(slow, twilio):
    now = waiting(slow.site, 20)

    assert dispatch.drain("sms", clock=lambda: now, window=20) == {"accepted": BURST_SECONDS}


def test_the_outbox_and_mail_have_no_rate(site, surgeon):
    Sender.objects.filter(site=site).update(parts_per_second=1)
    now = waiting(site, 30)

    assert len(claim("sms", now).jobs) == 30


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_processes_share_one_rate(slow):
    Sender.objects.update(parts_per_second=5)
    now = waiting(slow.site, 200)

    def worker() -> int:
        return sum(len(claim("sms", now + n * SECOND / 10, limit=20).jobs) for n in range(50))

    sent = sum(at_once(worker, worker, worker))

    assert 4.9 * 5 * 0.8 <= sent <= 5 * (BURST_SECONDS + 4.9)


MARCH = datetime(2026, 3, 2, 9, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize(
    ("texts", "limit", "expected"),
    [
        ([], 1, 0),
        ([-25], 1, 0),
        ([-23], 1, 1),
        ([-23, -1], 2, 1),
        ([-23, -2, -1], 2, 22),
        ([-30, -2, 1], 2, 22),  # one waits for its place already
        ([], 0, 24),
    ],
)
def test_when_one_more_text_fits(texts, limit, expected):
    moments = [MARCH + hours * HOUR for hours in texts]

    assert frees(moments, limit, DAY, MARCH) == MARCH + expected * HOUR


def limited(site: Site, **caps: int) -> None:
    Site.objects.filter(pk=site.pk).update(**caps)


def test_what_is_more_than_a_days_texts_waits_until_one_of_them_is_a_day_old(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    many(reminder, 4)
    open_due(reminder.due_at)
    limited(site, texts_a_day=2, texts_a_week=9)
    Delivery.objects.update(useful_until=reminder.due_at + 9 * DAY)

    assert len(claim("sms", reminder.due_at).jobs) == 2

    held = list(Delivery.objects.filter(state="queued").values_list("reason", "not_before"))
    assert held == [("contact_limit", reminder.due_at + DAY)] * 2
    assert (
        list(Transition.objects.filter(state="queued", reason="contact_limit").values_list("until", flat=True))
        == [reminder.due_at + DAY] * 2
    )
    assert len(claim("sms", reminder.due_at + DAY).jobs) == 2


def test_a_weeks_texts_are_counted_too(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    many(reminder, 3)
    open_due(reminder.due_at)
    limited(site, texts_a_day=2, texts_a_week=2)
    Delivery.objects.update(useful_until=reminder.due_at + 9 * DAY)

    claim("sms", reminder.due_at)

    assert Delivery.objects.get(state="queued").not_before == reminder.due_at + 7 * DAY


def test_two_patients_on_one_phone_share_its_limit(site, surgeon):
    phone = given.phone(42)
    mother, child = (a_promise(site, given.a_phone(phone), by=surgeon) for _ in range(2))
    limited(site, texts_a_day=1, texts_a_week=9)
    open_due(mother.due_at)

    assert len(claim("sms", mother.due_at).jobs) == 1

    assert {the_delivery(mother).state, the_delivery(child).state} == {"claimed", "queued"}


def test_the_texts_of_earlier_claims_count_whoever_they_were_for(site, surgeon):
    phone = given.phone(42)
    mother, child = (a_promise(site, given.a_phone(phone), by=surgeon) for _ in range(2))
    limited(site, texts_a_day=1, texts_a_week=9)
    open_due(mother.due_at)
    claim("sms", mother.due_at, limit=1)

    assert claim("sms", mother.due_at + HOUR).jobs == []
    assert the_delivery(child).reason == "contact_limit"


def test_a_text_that_never_left_does_not_count(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    limited(site, texts_a_day=1, texts_a_week=1)
    open_due(reminder.due_at)
    claim("sms", reminder.due_at)
    Delivery.objects.update(state="queued", not_before=reminder.due_at)  # the provider did not process it

    assert len(claim("sms", reminder.due_at + HOUR).jobs) == 1


def test_a_held_text_of_no_use_by_then_expires_at_once_for_another_way_to_be_found(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    many(reminder, 2)
    open_due(reminder.due_at)
    limited(site, texts_a_day=1, texts_a_week=9)
    Delivery.objects.update(useful_until=reminder.due_at + 23 * HOUR)

    claim("sms", reminder.due_at)

    over = Delivery.objects.get(state="expired")
    assert (over.reason, over.settled_at) == ("contact_limit", reminder.due_at)
    assert Reminder.objects.to_call().filter(pk=over.reminder_id).exists()


def test_a_warning_takes_the_last_place(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    many(reminder, 3)
    open_due(reminder.due_at)
    Delivery.objects.update(priority=2)
    last = Delivery.objects.order_by("pk").last()
    Delivery.objects.filter(pk=last.pk).update(priority=0)
    limited(site, texts_a_day=1, texts_a_week=9)

    [job] = claim("sms", reminder.due_at).jobs

    assert job.delivery == last.pk


def test_a_site_sends_no_more_in_a_day_than_its_cap_and_the_rest_waits_for_one_place_each(site, surgeon):
    people = [a_promise(site, given.a_phone(), by=surgeon) for _ in range(4)]
    now = people[0].due_at
    open_due(now)
    Delivery.objects.update(useful_until=now + 9 * DAY)
    limited(site, daily_cap=1)

    assert len(claim("sms", now).jobs) == 1

    rows = Delivery.objects.filter(state="queued").order_by("not_before")
    assert [(row.reason, row.not_before) for row in rows] == [("site_limit", now + n * DAY) for n in (1, 2, 3)]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_processes_never_send_the_last_text_of_the_day_twice(site, surgeon):
    phone = given.phone(42)
    people = [a_promise(site, given.a_phone(phone), by=surgeon) for _ in range(2)]
    now = people[0].due_at
    open_due(now)
    limited(site, texts_a_day=1, texts_a_week=9)

    for n in range(20):
        Delivery.objects.update(state="queued", not_before=now, claimed_at=None)
        Contact.objects.update(held_since=None)
        at_once(*[lambda: claim("sms", now, limit=1)] * 2)
        assert Delivery.objects.filter(state="claimed").count() == 1, n


@pytest.mark.parametrize("answer", ["http:429/20429/30", "http:429", "http:429/20429"])
def test_too_many_requests_slow_the_sender_down_not_only_the_text(live, twilio, answer):
    now = waiting(live, 200)
    twilio.behave(answer)
    dispatch.drain("sms", clock=lambda: now, window=4)
    asked = len(twilio.ledger)
    twilio.behave("ok")

    dispatch.drain("sms", clock=lambda: now + 10 * SECOND, window=4)
    assert len(twilio.ledger) == asked
    assert not Breaker.objects.exists()  # other sites' senders are well
    assert not Delivery.objects.exclude(temporary_failures=0).exists()

    for minutes in range(1, 21):
        dispatch.drain("sms", clock=lambda: now + minutes * MINUTE, window=4)  # noqa: B023
    assert len(twilio.accepted) == 200
