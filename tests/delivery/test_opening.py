"""What becomes of a reminder that is due: on its way to whom, or ended with a reason that reception sees."""

from datetime import timedelta

import pytest

from patients.models import Contact
from reminders import actions
from reminders.delivery.models import Delivery
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import WALK, a_promise

VISIT_STEP = "book-first-visit"  # a question about a visit, on day 3 at the earliest
HARMLESS_STEP = "check-in-1"  # neither about a visit nor a warning


def told(reminder: Reminder) -> list[str]:
    open_due(reminder.due_at)
    rows = Delivery.objects.filter(reminder=reminder).select_related("contact").order_by("contact")
    return [row.contact.name or row.contact.relationship for row in rows]


def ended(reminder: Reminder) -> tuple[str, str]:
    reminder.refresh_from_db()
    return reminder.status, reminder.reason


def on_the_call_list(reminder: Reminder) -> bool:
    return Reminder.objects.to_call().filter(pk=reminder.pk).exists()


@pytest.mark.parametrize(
    ("contacts", "reason"),
    [
        ([given.a_phone(consent_wording="")], "no_consent"),
        ([given.a_phone(relationship="caregiver", scope="visits", name="Ben")], "no_contact"),
    ],
)
def test_where_nobody_may_be_written_to_reception_calls(site, surgeon, contacts, reason):
    reminder = a_promise(site, *contacts, by=surgeon)

    open_due(reminder.due_at)

    assert ended(reminder) == ("suppressed", reason)
    assert on_the_call_list(reminder)
    assert not Delivery.objects.exists()


def test_a_patient_without_any_contact_is_called(site, surgeon):
    reminder = a_promise(site, given.a_phone(), by=surgeon)
    Contact.objects.update(ended_at=given.NOW)

    open_due(reminder.due_at)

    assert ended(reminder) == ("suppressed", "no_contact")
    assert on_the_call_list(reminder)


def test_a_number_the_carrier_calls_dead_is_not_tried(site, surgeon):
    reminder = a_promise(site, given.a_phone(), given.an_email(), by=surgeon)
    Contact.objects.exclude(phone="").update(unusable_since=given.NOW)

    open_due(reminder.due_at)

    assert list(Delivery.objects.values_list("channel", flat=True)) == ["email"]


@pytest.mark.parametrize(
    ("step", "scope", "hears"),
    [
        (WALK, "all", True),
        (WALK, "warnings", True),
        (WALK, "visits", False),
        (VISIT_STEP, "visits", True),
        (VISIT_STEP, "warnings", True),
        (HARMLESS_STEP, "all", True),
        (HARMLESS_STEP, "warnings", False),
        (HARMLESS_STEP, "visits", False),
    ],
)
def test_a_caregiver_hears_what_the_scope_lets_through(site, surgeon, step, scope, hears):
    caregiver = given.a_phone(relationship="caregiver", scope=scope, name="Ben")
    reminder = a_promise(site, given.a_phone(), caregiver, by=surgeon, step=step)

    assert told(reminder) == (["self", "Ben"] if hears else ["self"])


@pytest.mark.parametrize(("step", "channel"), [(WALK, "sms"), ("pain-medicine", "email")])
def test_the_patient_is_told_once_on_the_steps_preferred_channel(site, surgeon, step, channel):
    reminder = a_promise(site, given.an_email(), given.a_phone(), by=surgeon, step=step)

    open_due(reminder.due_at)

    assert [d.channel for d in Delivery.objects.filter(reminder=reminder)] == [channel]


def test_without_consent_on_the_preferred_channel_the_next_one_carries_it(site, surgeon):
    reminder = a_promise(site, given.a_phone(consent_wording=""), given.an_email(), by=surgeon)

    open_due(reminder.due_at)

    assert Delivery.objects.get().channel == "email"


def test_what_is_of_no_use_any_more_expires_and_reception_calls(site, surgeon):
    reminder = a_promise(site, by=surgeon)

    open_due(reminder.useful_until)

    assert ended(reminder) == ("expired", "expired")
    assert on_the_call_list(reminder)
    assert not Delivery.objects.exists()


def test_opening_twice_opens_once(site, surgeon):
    reminder = a_promise(site, by=surgeon)

    assert (open_due(reminder.due_at), open_due(reminder.due_at)) == (1, 0)
    assert Delivery.objects.count() == 1


def test_nothing_opens_before_its_time(site, surgeon):
    reminder = a_promise(site, by=surgeon)

    assert open_due(reminder.due_at - timedelta(seconds=1)) == 0


def test_a_message_sent_again_by_staff_goes_once_more_to_the_same_contact(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    open_due(reminder.due_at)
    Delivery.objects.update(state="rejected", reason="refused", attempt_count=1, settled_at=reminder.due_at)
    Reminder.objects.filter(pk=reminder.pk).update(status="failed", reason="refused")

    actions.resend(reminder, by=surgeon, now=reminder.due_at)
    open_due(reminder.due_at)

    [delivery] = Delivery.objects.filter(reminder=reminder)
    assert (delivery.state, delivery.reason, delivery.settled_at) == ("queued", "", None)


def test_what_is_sent_again_is_of_use_as_long_as_the_plan_says_now(site, surgeon):
    reminder = a_promise(site, by=surgeon)
    open_due(reminder.due_at)
    Delivery.objects.update(state="expired", reason="expired", settled_at=reminder.due_at)
    later = reminder.useful_until + timedelta(days=2)
    Reminder.objects.filter(pk=reminder.pk).update(status="planned", reason="", useful_until=later)

    open_due(reminder.due_at)

    assert list(Delivery.objects.values_list("state", "useful_until")) == [("queued", later)]


def test_a_batch_is_opened_in_few_queries(site, surgeon, django_assert_max_num_queries):
    for _ in range(6):
        a_promise(site, by=surgeon)

    with django_assert_max_num_queries(12):
        assert open_due(Reminder.objects.planned().latest("due_at").due_at) == 6
