"""Where a text does not work and no e-mail goes either: a person calls."""

import pytest

from patients import actions as care
from patients.models import Contact
from reminders import actions
from reminders.plan.models import Reminder
from tests.delivery.sending import claimed
from tests.delivery.test_fallback import fail, mails, on_the_list, reminder, report, text_of

__all__ = ["reminder"]
pytestmark = pytest.mark.embedded


def a_caregivers_address_only(reminder: Reminder) -> None:
    Contact.objects.filter(phone="").update(relationship="caregiver")


def no_consent_for_mail(reminder: Reminder) -> None:
    mail = Contact.objects.get(phone="")
    care.withdraw_consent([mail], source="link", wording="unsubscribe", by=None, now=reminder.due_at)


def a_dead_address(reminder: Reminder) -> None:
    Contact.objects.filter(phone="").update(unusable_since=reminder.due_at)


def an_ended_address(reminder: Reminder) -> None:
    Contact.objects.filter(phone="").update(ended_at=reminder.due_at)


def a_call_already_made(reminder: Reminder) -> None:
    Reminder.objects.filter(pk=reminder.pk).update(handled_at=reminder.due_at)


def a_plan_that_changed(reminder: Reminder) -> None:
    Reminder.objects.filter(pk=reminder.pk).update(reason="visit_settled")


def a_stop_that_ends_everything(reminder: Reminder) -> None:
    reminder.site.stop_covers_all = True
    reminder.site.save()
    phone = Contact.objects.exclude(phone="").get()
    care.withdraw_consent([phone], source="sms", wording="STOP", by=None, now=reminder.due_at)


@pytest.mark.parametrize(
    "but",
    [
        a_caregivers_address_only,
        no_consent_for_mail,
        a_dead_address,
        an_ended_address,
        a_call_already_made,
        a_plan_that_changed,
        a_stop_that_ends_everything,
    ],
    ids=lambda but: but.__name__,
)
def test_no_email_goes_where_there_is(reminder, but):
    claimed(reminder)
    but(reminder)

    report(reminder, "undelivered", 30007)

    assert (text_of(reminder).state, mails(reminder)) == ("undelivered_perm", [])


def test_no_email_goes_for_an_operation_that_was_cancelled(reminder, surgeon):
    claimed(reminder)
    actions.cancel_surgery(reminder.surgery, why="fever", by=surgeon, now=reminder.due_at)

    report(reminder, "undelivered", 30007)

    assert mails(reminder) == []


def test_no_email_goes_when_it_would_be_of_no_use(reminder):
    claimed(reminder)

    report(reminder, "undelivered", 30007, at=reminder.useful_until)

    assert mails(reminder) == []


def test_no_email_goes_after_the_patient_said_stop(reminder):
    fail(reminder, 21610)

    assert text_of(reminder).state == "suppressed"
    assert mails(reminder) == []
    assert on_the_list(reminder)
