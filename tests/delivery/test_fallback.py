"""Where a text does not work: one e-mail where the patient agreed to that, else a person who calls."""

from datetime import timedelta

import pytest

from patients import actions as care
from patients.models import Contact
from reminders import actions
from reminders.delivery.models import Delivery
from reminders.delivery.outcomes import Accepted, Refused, Unknown
from reminders.delivery.receipts import callbacks
from reminders.delivery.reconcile.timeouts import settle
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.results import record
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import a_promise, claimed, opened

pytestmark = pytest.mark.embedded
MIN = timedelta(minutes=1)


@pytest.fixture
def reminder(site, surgeon) -> Reminder:
    """To a patient with a phone and an address, both agreed to."""
    return a_promise(site, given.a_phone(), given.an_email(), by=surgeon)


def text_of(reminder: Reminder) -> Delivery:
    return Delivery.objects.get(reminder=reminder, channel="sms", contact__relationship="self")


def mails(reminder: Reminder) -> list[Delivery]:
    return list(Delivery.objects.filter(reminder=reminder, channel="email").order_by("pk"))


def report(reminder: Reminder, status: str, code: int = 0, *, at=None) -> None:
    attempt = text_of(reminder).attempts.latest("number")
    now = at or reminder.due_at
    callbacks.receive(attempt.pk, provider_id=f"SM{attempt.number}", status=status, code=code, now=now)


def fail(reminder: Reminder, code: int = 30007) -> None:
    claimed(reminder)
    report(reminder, "undelivered", code)


def on_the_list(reminder: Reminder) -> Reminder | None:
    """As reception's list would show it."""
    return Reminder.objects.to_call().filter(pk=reminder.pk).select_related("step").first()


def test_a_text_the_carrier_gave_up_on_goes_by_email_at_once(reminder):
    fail(reminder)

    [mail] = mails(reminder)
    assert (mail.state, mail.is_fallback, mail.not_before) == ("queued", True, reminder.due_at)
    assert (mail.priority, mail.useful_until) == (text_of(reminder).priority, reminder.useful_until)
    step = mail.transitions.get()
    assert (step.was, step.state, step.reason) == ("", "queued", "fallback")
    reminder.refresh_from_db()
    assert reminder.status == "in_progress"
    assert on_the_list(reminder) is None


@pytest.mark.parametrize("code", [21211, 21614, 21408, 21612, 21602])
def test_a_text_the_provider_refused_goes_by_email(reminder, code):
    [job] = claimed(reminder).jobs

    record([(job, Refused(code, ""))], reminder.due_at)

    assert [mail.state for mail in mails(reminder)] == ["queued"]


def test_a_text_whose_validity_ran_out_at_the_carrier_goes_by_email(reminder):
    fail(reminder, 30036)

    assert text_of(reminder).state == "expired"
    assert len(mails(reminder)) == 1


def test_a_temporary_failure_goes_by_email_only_when_its_tries_are_spent(reminder):
    now = reminder.due_at
    fail(reminder, 30003)
    for _ in range(2):
        assert mails(reminder) == []
        now += 30 * MIN
        settle(now)
        claim("sms", now)
        report(reminder, "undelivered", 30003, at=now)

    assert (text_of(reminder).state, text_of(reminder).reason) == ("undelivered_perm", "tries_spent")
    assert len(mails(reminder)) == 1


def test_a_retry_that_would_come_too_late_is_an_email_now(reminder):
    claimed(reminder)
    Delivery.objects.update(useful_until=reminder.due_at + 20 * MIN)

    report(reminder, "undelivered", 30003)

    assert (text_of(reminder).state, len(mails(reminder))) == ("undelivered_perm", 1)


@pytest.mark.parametrize(("policy", "count"), [("never", 0), ("again", 0), ("email", 1)])
def test_where_nobody_knows_the_site_decides(site, reminder, policy, count):
    site.when_unknown = policy
    site.save()
    [job] = claimed(reminder).jobs
    record([(job, Unknown("no answer"))], reminder.due_at)
    assert mails(reminder) == []  # first the provider is asked

    settle(reminder.due_at + 31 * MIN)

    assert len(mails(reminder)) == count


@pytest.mark.parametrize(("policy", "count"), [("never", 0), ("again", 0), ("email", 1)])
def test_a_carrier_that_never_answered_is_a_doubt_as_well(site, reminder, policy, count):
    site.when_unknown = policy
    site.save()

    fail(reminder, 30410)

    assert (text_of(reminder).state, len(mails(reminder))) == ("unknown", count)


def test_there_is_only_one_email_however_much_goes_wrong(site, reminder):
    fail(reminder)
    report(reminder, "failed", 30007)
    settle(reminder.due_at + MIN)
    report(reminder, "failed", 30005)

    assert len(mails(reminder)) == 1


def test_a_patient_with_two_addresses_gets_one_email(site, surgeon):
    reminder = a_promise(site, given.a_phone(), given.an_email(), given.an_email(), by=surgeon)

    fail(reminder)

    assert len(mails(reminder)) == 1


def test_a_caregivers_text_that_fails_is_no_reason_to_write_to_the_patient(site, surgeon):
    caregiver = given.a_phone(relationship="caregiver", name="Ben")
    reminder = a_promise(site, given.a_phone(), caregiver, given.an_email(), by=surgeon)
    claimed_jobs(reminder)
    attempt = Delivery.objects.get(contact__relationship="caregiver").attempts.get()

    callbacks.receive(attempt.pk, provider_id="SM9", status="failed", code=30007, now=reminder.due_at)

    assert mails(reminder) == []


def test_a_patient_who_was_not_reached_gets_the_email_although_the_caregiver_was(site, surgeon):
    caregiver = given.a_phone(relationship="caregiver", name="Ben")
    reminder = a_promise(site, given.a_phone(), caregiver, given.an_email(), by=surgeon)
    claimed_jobs(reminder)
    attempt = Delivery.objects.get(contact__relationship="caregiver").attempts.get()
    callbacks.receive(attempt.pk, provider_id="SM9", status="delivered", code=0, now=reminder.due_at)

    report(reminder, "failed", 30007)

    assert len(mails(reminder)) == 1


def claimed_jobs(reminder: Reminder) -> int:
    from reminders.delivery.sending.opening import open_due

    open_due(reminder.due_at)
    return len(claim("sms", reminder.due_at).jobs)


def test_a_number_that_died_since_it_was_opened_is_an_email(reminder):
    opened(reminder)
    Contact.objects.exclude(phone="").update(unusable_since=reminder.due_at)

    claim("sms", reminder.due_at)

    assert (text_of(reminder).reason, len(mails(reminder))) == ("no_contact", 1)


def test_a_text_that_arrived_after_all_keeps_the_waiting_email_at_home(reminder):
    fail(reminder)

    report(reminder, "delivered")

    [mail] = mails(reminder)
    assert (mail.state, mail.reason, mail.look_at) == ("cancelled", "arrived", None)
    assert claim("email", reminder.due_at + MIN).jobs == []
    reminder.refresh_from_db()
    assert reminder.status == "done"


def test_a_text_that_arrived_at_a_caregivers_leaves_the_patients_email_waiting(site, surgeon):
    caregiver = given.a_phone(relationship="caregiver", name="Ben")
    reminder = a_promise(site, given.a_phone(), caregiver, given.an_email(), by=surgeon)
    claimed_jobs(reminder)
    report(reminder, "failed", 30007)
    attempt = Delivery.objects.get(contact__relationship="caregiver").attempts.get()

    callbacks.receive(attempt.pk, provider_id="SM9", status="delivered", code=0, now=reminder.due_at)

    assert [mail.state for mail in mails(reminder)] == ["queued"]


def test_an_email_that_was_claimed_is_not_unsent_and_both_are_on_record(reminder):
    fail(reminder)
    [job] = claim("email", reminder.due_at).jobs

    report(reminder, "delivered")
    record([(job, Accepted("<1@example.org>", "sent"))], reminder.due_at)

    assert (text_of(reminder).state, mails(reminder)[0].state) == ("delivered", "sent")


def test_when_both_ways_fail_reception_reads_what_until_when_and_why(live, reminder):
    fail(reminder)
    [job] = claim("email", reminder.due_at).jobs

    record([(job, Refused(550, "no such mailbox"))], reminder.due_at + MIN)

    row = on_the_list(reminder)
    assert row is not None
    assert (row.status, row.step.title, row.useful_until) == ("failed", reminder.step.title, reminder.useful_until)
    assert row.why == "The provider refused it."  # the last word; the story tells both


@pytest.mark.parametrize(
    ("code", "status"), [(30007, "failed"), (30005, "failed"), (21610, "suppressed"), (30036, "expired")]
)
def test_without_an_address_reception_calls(site, surgeon, code, status):
    reminder = a_promise(site, by=surgeon)

    fail(reminder, code)

    row = on_the_list(reminder)
    assert row is not None
    assert (row.status, bool(row.why), row.useful_until) == (status, True, reminder.useful_until)


def test_what_waited_until_it_was_of_no_use_is_on_the_list_the_same_day(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    opened(reminder)

    settle(reminder.useful_until)

    row = on_the_list(reminder)
    assert row is not None
    assert (row.status, row.reason) == ("expired", "expired")


@pytest.mark.parametrize("is_held", [False, True])
def test_what_waits_for_a_number_that_staff_end_goes_by_email_at_once(reminder, surgeon, is_held):
    """Also where a text from it may have been a refusal: nobody will be asked to decide about it any more."""
    contact = opened(reminder).contact
    if is_held:
        care.hold_contacts([contact], why="Is it a refusal?", by=surgeon, now=reminder.due_at)
        claim("sms", reminder.due_at)

    actions.end_contact(contact, by=surgeon, now=reminder.due_at + MIN)

    text, [mail] = text_of(reminder), mails(reminder)
    assert (text.state, text.reason, text.contact.held_since) == ("suppressed", "no_contact", None)
    assert (mail.state, mail.is_fallback, mail.not_before) == ("queued", True, reminder.due_at + MIN)
    assert text.contact.consent_events.last().kind == "given"
