"""Whose turn it is: no site waits for another's flood, and a clinic's own backlog leaves in clinical order."""

from datetime import datetime

import pytest

from patients.models import Site
from reminders.delivery import waits
from reminders.delivery.models import Breaker, Delivery, Freeze, Sender, Transition
from reminders.delivery.safeguards import breaker
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, many


def a_flood(site: Site, number: int, **facts: object) -> Reminder:
    reminder = a_promise(site, given.a_phone(), by=given.a_staff_member(site), **facts)
    many(reminder, number)
    return reminder


@pytest.fixture
def hilltop(db: None) -> Site:
    return given.a_site("hilltop", mode="live")


def senders_of(twilio) -> list[str]:
    return [line["From"] for line in twilio.ledger]


def drain(now: datetime, *, window: int = 50) -> dict[str, int]:
    return dict(dispatch.drain("sms", clock=lambda: now, window=window))


def test_a_flood_of_one_site_does_not_delay_the_ten_texts_of_another(live, hilltop, twilio):
    flood = a_flood(live, 400)
    ten = a_flood(hilltop, 10)
    Reminder.objects.filter(surgery=ten.surgery).update(due_at=flood.due_at)

    drain(flood.due_at)

    few = Sender.objects.get(site=hilltop, channel="sms").address
    places = [place for place, sender in enumerate(senders_of(twilio)) if sender == few]
    assert len(twilio.accepted) == 410
    assert len(places) == 10
    assert max(places) < 100


def test_ten_that_come_due_behind_a_queue_do_not_wait_for_it(live, hilltop, twilio):
    flood = a_flood(live, 400)
    while open_due(flood.due_at):
        pass
    ten = a_flood(hilltop, 10)
    Reminder.objects.filter(surgery=ten.surgery).update(due_at=flood.due_at)
    open_due(flood.due_at)

    first = claim("sms", flood.due_at, limit=50)

    assert len({job.message.sender for job in first.jobs}) == 2


def test_within_a_site_a_warning_goes_before_a_visit_before_the_rest(site, surgeon):
    reminder = a_flood(site, 6)
    open_due(reminder.due_at)
    for priority, delivery in zip([2, 1, 2, 0, 2, 1], Delivery.objects.order_by("pk"), strict=True):
        Delivery.objects.filter(pk=delivery.pk).update(priority=priority)

    first = [claim("sms", reminder.due_at, limit=1).jobs[0].delivery for _ in range(6)]

    order = dict(Delivery.objects.values_list("pk", "priority"))
    assert [order[pk] for pk in first] == [0, 1, 1, 2, 2, 2]


def test_opening_too_gives_every_site_its_share(site, hilltop):
    flood, ten = a_flood(site, 100), a_flood(hilltop, 10)
    Reminder.objects.filter(surgery=ten.surgery).update(due_at=flood.due_at)

    open_due(flood.due_at, limit=20)

    assert Delivery.objects.for_site(site).count() == Delivery.objects.for_site(hilltop).count() == 10


def test_during_a_freeze_nothing_is_claimed_and_nothing_rewritten(live, surgeon, twilio):
    reminder = a_promise(live, by=surgeon)
    open_due(reminder.due_at)
    before, steps = Delivery.objects.values().get(), Transition.objects.count()
    Freeze.objects.create(since=reminder.due_at, why="restored")

    drain(reminder.due_at)
    assert claim("sms", reminder.due_at).looked_at == 0

    assert (Delivery.objects.values().get(), Transition.objects.count()) == (before, steps)
    Freeze.objects.update(in_force=False)
    assert drain(reminder.due_at) == {"accepted": 1}


def test_while_a_breaker_is_open_its_messages_stay_as_they_are(live, hilltop, twilio):
    reminder, other = a_flood(live, 20), a_flood(hilltop, 3)
    Reminder.objects.filter(surgery=other.surgery).update(due_at=reminder.due_at)
    while open_due(reminder.due_at):
        pass
    before = list(Delivery.objects.for_site(live).values())
    breaker.trip("sms", site=live.pk, now=reminder.due_at, code=21606)

    assert drain(reminder.due_at) == {"accepted": 3}

    assert list(Delivery.objects.for_site(live).values()) == before


@pytest.mark.parametrize("scope", ["site", "everywhere"])
def test_a_probe_is_one_message_and_its_success_lets_the_backlog_out(live, surgeon, twilio, scope):
    reminder = a_flood(live, 20)
    breaker.trip("sms", site=live.pk if scope == "site" else None, now=reminder.due_at)
    probe_at = reminder.due_at + waits.FIRST_PROBE
    while open_due(reminder.due_at):
        pass

    [job] = claim("sms", probe_at).jobs
    assert claim("sms", probe_at).looked_at == 0
    breaker.heard("sms", [breaker.CallOutcome(live.pk, "accepted", probe_at)], probe_at)

    assert len(claim("sms", probe_at).jobs) == 19
    assert Delivery.objects.get(pk=job.delivery).state == "claimed"


def test_a_probe_of_every_site_goes_to_a_site_whose_own_sender_is_well(live, hilltop, twilio):
    ill, well = a_flood(live, 5), a_flood(hilltop, 5)
    Reminder.objects.filter(surgery=well.surgery).update(due_at=ill.due_at)
    while open_due(ill.due_at):
        pass
    for place in (live.pk, None):
        breaker.trip("sms", site=place, now=ill.due_at)

    [job] = claim("sms", ill.due_at + waits.FIRST_PROBE).jobs

    assert Delivery.objects.get(pk=job.delivery).site == hilltop
    assert Breaker.objects.get(site=live).probes == 0
