"""Breakers: traffic waits while the provider is in trouble, and one message at a time asks whether it is over."""

from datetime import datetime, timedelta

from patients.models import Site
from reminders.delivery import waits
from reminders.delivery.models import Alarm, Attempt, Breaker, Delivery, Priority
from reminders.delivery.safeguards import breaker
from reminders.delivery.safeguards.breaker import ENOUGH, CallOutcome
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from tests import given
from tests.delivery.sending import a_promise, claimed, many

SECOND = timedelta(seconds=1)


def test_one_trouble_opens_one_breaker_and_one_alarm(site):
    for code in (20003, 20005):
        breaker.trip("sms", site=None, now=given.NOW, code=code, why="credentials refused")

    opened, alarm = Breaker.objects.get(), Alarm.objects.get()
    assert (opened.code, opened.probe_at) == (20003, given.NOW + waits.FIRST_PROBE)
    assert (alarm.kind, alarm.detail) == ("breaker", "credentials refused (code 20003)")


def test_an_accepted_message_closes_its_sites_breaker_and_the_one_of_every_site(site):
    other = given.a_site("hilltop")
    for place in (None, site.pk, other.pk):
        breaker.trip("sms", site=place, now=given.NOW)
    breaker.trip("email", site=None, now=given.NOW)

    breaker.relieve("sms", site=site.pk, now=given.NOW + SECOND)

    assert [(b.channel, b.site_id) for b in Breaker.objects.filter(closed_at=None).order_by("pk")] == [
        ("sms", other.pk),
        ("email", None),
    ]
    assert Alarm.objects.filter(cleared_at=None).count() == 2


def test_what_was_under_way_before_the_trouble_proves_nothing(site):
    breaker.trip("sms", site=site.pk, now=given.NOW)

    breaker.heard("sms", [CallOutcome(site.pk, "accepted", began=given.NOW - SECOND)], given.NOW + SECOND)
    assert breaker.open_for("sms")
    breaker.heard("sms", [CallOutcome(site.pk, "accepted", began=given.NOW + SECOND)], given.NOW + 2 * SECOND)
    assert not breaker.open_for("sms")


def test_calls_that_lead_nowhere_open_it_for_every_site(site, surgeon):
    delivery = a_call(site, surgeon)
    now = delivery.reminder.due_at

    calls(delivery, ["not_processed"] * (ENOUGH // 2) + ["unknown"] * (ENOUGH - ENOUGH // 2 - 1))
    breaker.heard("sms", [CallOutcome(site.pk, "unknown", now)], now)
    assert not breaker.open_for("sms")
    calls(delivery, ["unknown"])
    breaker.heard("sms", [CallOutcome(site.pk, "unknown", now)], now)

    [opened] = breaker.open_for("sms")
    assert opened.site_id is None


def test_one_call_that_was_accepted_keeps_it_closed(site, surgeon):
    delivery = a_call(site, surgeon)

    calls(delivery, ["unknown"] * 3 * ENOUGH + ["accepted"])
    breaker.heard("sms", [CallOutcome(site.pk, "unknown", given.NOW)], delivery.reminder.due_at)

    assert not breaker.open_for("sms")


def test_a_message_that_waited_too_long_in_our_own_queue_says_nothing_of_the_provider(site, surgeon):
    delivery = a_call(site, surgeon)

    calls(delivery, ["not_processed"] * ENOUGH, detail="waited too long")
    breaker.heard("sms", [CallOutcome(site.pk, "not_processed", given.NOW)], delivery.reminder.due_at)

    assert not breaker.open_for("sms")


def test_two_processes_never_let_out_two_probes(site):
    breaker.trip("sms", site=None, now=given.NOW)
    seen_by_one, seen_by_other = Breaker.objects.get(), Breaker.objects.get()
    when = given.NOW + waits.FIRST_PROBE

    assert not breaker.let_out_probe(seen_by_one, when - SECOND)
    assert breaker.let_out_probe(seen_by_one, when)
    assert not breaker.let_out_probe(seen_by_other, when)


def test_each_probe_waits_longer_up_to_the_longest(site):
    breaker.trip("sms", site=None, now=given.NOW)
    now, gaps = given.NOW, []

    for _ in range(8):
        probe = Breaker.objects.get()
        gaps.append(probe.probe_at - now)
        now = probe.probe_at
        assert breaker.let_out_probe(probe, now)

    assert gaps[:3] == [waits.FIRST_PROBE, waits.FIRST_PROBE * 2, waits.FIRST_PROBE * 4]
    assert gaps[-1] == waits.LONGEST_PROBE


def a_call(site, surgeon) -> Delivery:
    reminder = a_promise(site, by=surgeon)
    claimed(reminder)
    Attempt.objects.all().delete()
    return Delivery.objects.get()


def calls(delivery: Delivery, outcomes: list[str], **facts: object) -> None:
    begun = Attempt.objects.filter(delivery=delivery).count()
    at = {"started_at": delivery.claimed_at, "lease_until": delivery.claimed_at + waits.LEASE}
    Attempt.objects.bulk_create(
        Attempt(delivery=delivery, number=begun + n, route="twilio", outcome=outcome, **(at | facts))
        for n, outcome in enumerate(outcomes, 1)
    )


def drain(now: datetime, *, window: int = 4) -> dict[str, int]:
    return dict(dispatch.drain("sms", clock=lambda: now, window=window))


def in_line(site: Site, number: int) -> datetime:
    """So many texts that wait, the last of them a warning."""
    reminder = a_promise(site, by=given.a_staff_member(site))
    many(reminder, number)
    while open_due(reminder.due_at):
        pass
    Delivery.objects.update(priority=Priority.OTHER, useful_until=reminder.due_at + timedelta(days=2))
    last = Delivery.objects.order_by("pk").last()
    Delivery.objects.filter(pk=last.pk).update(priority=Priority.WARNING)
    return reminder.due_at


def test_from_the_first_refusal_of_the_account_to_the_last_text_of_the_backlog(live, twilio):
    now = in_line(live, 400)  # more than are written down at once
    twilio.behave("http:401/20003")
    drain(now)
    asked = len(twilio.ledger)
    assert asked < 400  # what had been claimed when the first refusal was heard
    [opened] = breaker.open_for("sms")

    drain(now + SECOND)
    assert len(twilio.ledger) == asked

    drain(opened.probe_at)
    assert len(twilio.ledger) == asked + 1
    [opened] = breaker.open_for("sms")
    assert Alarm.objects.filter(kind="breaker", cleared_at=None).count() == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}
    assert not Delivery.objects.exclude(temporary_failures=0).exists()

    twilio.behave("ok")
    drain(opened.probe_at)
    drain(opened.probe_at + waits.LONGEST_BACKOFF)

    assert len(twilio.accepted) == Delivery.objects.filter(state="accepted").count() == 400
    assert not breaker.open_for("sms")
    assert not Alarm.objects.filter(kind="breaker", cleared_at=None).exists()


def test_the_probe_is_what_matters_most(live, twilio):
    now = in_line(live, 20)
    breaker.trip("sms", site=None, now=now)

    [job] = claim("sms", now + waits.FIRST_PROBE).jobs

    assert Delivery.objects.get(pk=job.delivery).priority == Priority.WARNING


def test_a_provider_that_cannot_be_reached_opens_it_and_costs_no_retries(live, twilio, settings):
    settings.TWILIO_API_URL = "http://127.0.0.1:9"
    now = in_line(live, 60)

    drain(now)

    [opened] = breaker.open_for("sms")
    assert opened.site_id is None
    assert set(Delivery.objects.values_list("state", "temporary_failures")) == {("queued", 0)}
    made = Attempt.objects.count()
    drain(opened.probe_at - SECOND)
    assert Attempt.objects.count() == made
    drain(opened.probe_at)
    assert Attempt.objects.count() == made + 1
