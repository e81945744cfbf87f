"""The last look before a message leaves, and what is written down of it before it does."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from patients import actions as care
from reminders import actions
from reminders.delivery import waits
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.sending import dispatch
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, only, opened, the_contact, the_delivery

MIN = timedelta(minutes=1)


def stopped(reminder: Reminder) -> tuple[str, str, str]:
    """The delivery's end and its reason, and the reminder's end; no attempt was made."""
    delivery = the_delivery(reminder)
    reminder.refresh_from_db()
    assert not delivery.attempts.exists()
    assert (reminder.reason, delivery.settled_at is None) == (delivery.reason, False)
    return delivery.state, delivery.reason, reminder.status


def test_a_claim_writes_text_attempt_and_lease_before_anything_leaves(site, surgeon):
    reminder = a_promise(site, by=surgeon)

    [job] = claimed(reminder).jobs

    delivery, attempt = the_delivery(reminder), Attempt.objects.get()
    assert (delivery.state, delivery.attempt_count, delivery.language) == ("claimed", 1, "en")
    assert (delivery.text, delivery.parts) == (job.message.text, 1)
    assert delivery.text.startswith("Riverside Clinic: Walk a little today.")
    assert attempt.lease_until == reminder.due_at + timedelta(seconds=120)
    assert job.message.callback_url.endswith(f"/webhooks/sms/status/{attempt.pk}/")


def test_what_is_claimed_is_not_claimed_again(site, surgeon):
    reminder = a_promise(site, by=surgeon)

    assert len(claimed(reminder).jobs) == 1
    assert claim("sms", reminder.due_at + MIN).looked_at == 0


def test_consent_withdrawn_between_opening_and_claim_is_seen(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)
    care.withdraw_consent([the_contact(reminder)], source="verbal", wording="No more.", by=surgeon, now=given.NOW)

    assert claim("sms", reminder.due_at).jobs == []
    assert stopped(reminder) == ("suppressed", "no_consent", "suppressed")
    assert Reminder.objects.to_call().filter(pk=reminder.pk).exists()


def test_a_number_that_died_between_opening_and_claim_is_seen(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder).contact.__class__.objects.update(unusable_since=given.NOW)

    claim("sms", reminder.due_at)

    assert stopped(reminder) == ("suppressed", "no_contact", "suppressed")


def test_a_cancelled_operation_silences_what_was_already_opened(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)
    actions.cancel_surgery(reminder.surgery, why="fever", by=surgeon, now=reminder.due_at)

    claim("sms", reminder.due_at)

    assert stopped(reminder) == ("cancelled", "surgery_cancelled", "cancelled")
    assert not Reminder.objects.to_call().exists()


@pytest.mark.parametrize("status", ["deceased", "transferred"])
def test_nobody_writes_to_a_patient_who_died_or_left(site, surgeon, status):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)
    actions.set_patient_status(reminder.surgery.patient, status=status, by=surgeon, now=reminder.due_at)

    claim("sms", reminder.due_at)

    assert stopped(reminder) == ("cancelled", "patient_inactive", "cancelled")


@pytest.mark.parametrize(
    ("zone", "local", "opening"),
    [
        ("America/New_York", time(20, 0), time(9, 0)),
        ("America/New_York", time(21, 30), time(9, 0)),
        ("America/Los_Angeles", time(20, 0), time(9, 0)),
        ("Asia/Kathmandu", time(8, 59), time(9, 0)),
    ],
)
def test_quiet_hours_of_the_patients_own_zone_hold_until_the_next_opening(site, surgeon, zone, local, opening):
    patient = given.a_patient(site, by=surgeon, time_zone=zone)
    reminder = only(given.an_enrolment(site, by=surgeon, patient=patient), "listen-to-body")
    delivery = opened(reminder)
    day = reminder.due_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    night = datetime.combine(day, local, ZoneInfo(zone))

    assert claim("sms", night).jobs == []

    delivery.refresh_from_db()
    held = delivery.not_before.astimezone(ZoneInfo(zone))
    assert (delivery.state, delivery.reason) == ("queued", "quiet_hours")
    assert held.time() == opening
    assert held - night < timedelta(days=1)
    assert len(claim("sms", delivery.not_before).jobs) == 1


def test_a_minute_before_quiet_hours_it_still_goes_and_the_carrier_gets_a_minute(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)
    last = datetime.combine(given.NOW.date(), time(19, 59), site.zone)

    [job] = claim("sms", last).jobs

    assert job.message.valid_for == 60


def test_what_quiet_hours_would_hold_past_its_use_expires(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)
    Delivery.objects.update(useful_until=reminder.due_at + timedelta(hours=5))

    claim("sms", reminder.due_at + timedelta(hours=4, minutes=30))

    assert stopped(reminder) == ("expired", "expired", "expired")


@pytest.mark.parametrize(("recipient", "goes"), [(True, True), (False, False)])
def test_in_trial_mode_only_trial_recipients_are_written_to(site, surgeon, settings, recipient, goes):
    settings.MESSAGES, site.mode = "live", "trial"
    site.save()
    reminder = a_promise(site, by=surgeon)
    the_contact(reminder).__class__.objects.update(is_trial_recipient=recipient)

    jobs = claimed(reminder).jobs

    assert [job.route for job in jobs] == (["twilio"] if goes else [])
    if not goes:
        assert stopped(reminder) == ("suppressed", "trial_mode", "suppressed")


@pytest.mark.parametrize(
    ("messages", "mode", "route"),
    [("live", "test", "outbox"), ("live", "live", "twilio"), ("outbox", "live", "outbox"), ("typo", "live", "outbox")],
)
def test_nothing_leaves_the_house_unless_both_the_machine_and_the_site_are_live(
    site, surgeon, settings, messages, mode, route
):
    settings.MESSAGES, site.mode = messages, mode
    site.save()

    assert [job.route for job in claimed(a_promise(site, by=surgeon)).jobs] == [route]


def test_a_site_without_a_sender_says_so(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    site.senders.all().delete()

    claimed(reminder)

    assert stopped(reminder) == ("suppressed", "no_sender", "suppressed")


def test_a_batch_is_claimed_in_few_queries(site, surgeon, django_assert_max_num_queries):
    for _ in range(6):
        a_promise(site, by=surgeon)
    now = Reminder.objects.planned().latest("due_at").due_at
    open_due(now)

    with django_assert_max_num_queries(23):
        assert len(claim("sms", now).jobs) == 6


def steps(delivery: Delivery) -> list[tuple[str, str, str]]:
    rows = delivery.transitions.exclude(was="").order_by("pk")  # how it was opened is another test's
    return list(rows.values_list("was", "state", "reason"))


def test_a_claim_tells_its_story(site, surgeon):
    reminder = a_promise(site, by=surgeon)

    claimed(reminder)

    delivery = the_delivery(reminder)
    assert steps(delivery) == [("queued", "claimed", "")]
    assert delivery.transitions.latest("pk").attempt == 1


def test_what_quiet_hours_hold_says_until_when(site, surgeon):
    delivery = opened(a_promise(site, by=surgeon))

    claim("sms", datetime.combine(given.NOW.date(), time(21), site.zone))

    delivery.refresh_from_db()
    assert steps(delivery) == [("queued", "queued", "quiet_hours")]
    assert delivery.transitions.latest("pk").until == delivery.not_before


def test_a_queue_that_is_slow_over_the_border_of_quiet_hours_sends_nothing(live, surgeon, twilio):
    delivery = opened(a_promise(live, by=surgeon))
    border = datetime.combine(given.NOW.date(), live.send_until, live.zone)
    Delivery.objects.update(not_before=border - timedelta(seconds=1))

    dispatch.drain("sms", clock=lambda: border + timedelta(seconds=1), window=4)

    delivery.refresh_from_db()
    assert (delivery.state, twilio.ledger) == ("queued", [])


def test_while_a_person_has_to_decide_about_a_contact_its_messages_wait(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    delivery = opened(reminder)
    the_contact(reminder).__class__.objects.update(held_since=given.NOW)

    for _ in range(2):
        assert claim("sms", reminder.due_at).jobs == []

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.not_before) == ("queued", "contact_held", delivery.useful_until)
    assert steps(delivery) == [("queued", "queued", "contact_held")]


def test_a_contact_nobody_decided_about_in_time_ends_on_receptions_list(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)
    the_contact(reminder).__class__.objects.update(held_since=given.NOW)
    claim("sms", reminder.due_at)

    claim("sms", the_delivery(reminder).useful_until)

    assert stopped(reminder) == ("expired", "expired", "expired")
    assert Reminder.objects.to_call().filter(pk=reminder.pk).exists()


@pytest.mark.parametrize(
    ("countries", "number", "goes"),
    [
        ([], "+12025550142", True),
        (["CA"], "+12025550142", False),
        (["CA", "US"], "+12025550142", True),
    ],
)
def test_only_numbers_of_countries_the_site_texts_are_written_to(site, surgeon, countries, number, goes):
    reminder = a_promise(site, given.a_phone(number), by=surgeon)
    site.text_countries = countries
    site.save()

    assert bool(claimed(reminder).jobs) is goes
    if not goes:
        assert stopped(reminder) == ("suppressed", "foreign", "suppressed")


def test_mail_knows_no_countries(site, surgeon):
    reminder = a_promise(site, given.an_email(), by=surgeon)
    site.text_countries = ["CA"]
    site.save()
    opened(reminder)

    assert len(claim("email", reminder.due_at).jobs) == 1


def test_the_lease_outlasts_the_wait_and_the_call_however_fast_the_waits_are_played():
    """All three are scaled alike, so this holds in a fault run too."""
    assert waits.FRESH + waits.ANSWER < waits.LEASE
