"""A correction goes by the channel that told the time, else by e-mail, else reception calls."""

from datetime import UTC, datetime, timedelta

import pytest

from patients.models import Contact, Site, StaffMember, Surgery
from reminders import actions, enrolment, visit_actions
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Delivery
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.delivery.state import State
from reminders.delivery.transitions import move
from reminders.enrolment import NewContact
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import ring
from tests.given import NOW

NINTH, TENTH = (datetime(2026, 3, day, 14, 20, tzinfo=UTC) for day in (9, 10))
SETTLED, HOUR = timedelta(minutes=4), timedelta(hours=1)
MOVED = NOW + HOUR


def told(site: Site, *contacts: NewContact, by: StaffMember, text_fails: bool = False) -> Surgery:
    """Of the visit on the ninth."""
    Site.objects.filter(pk=site.pk).update(texts_a_day=99, texts_a_week=99, address="120 Riverside Avenue")
    surgery = given.an_enrolment(site, *contacts, by=by, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    book(surgery, NINTH, by, NOW)
    if text_fails:
        open_due(NOW + SETTLED)
        [text] = claim("sms", NOW + SETTLED).jobs
        move([text.delivery], State.UNDELIVERED_PERM, since=[State.CLAIMED], now=NOW + SETTLED, reason="undelivered")
        follow_up([text.delivery], now=NOW + SETTLED)
    ring(NOW + SETTLED)
    return surgery


def book(surgery: Surgery, at: datetime, by: StaffMember, now: datetime) -> None:
    visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=by, now=now)


def corrected_by(surgery: Surgery, by: StaffMember) -> list[str]:
    """The channels of the patient's and caregivers' corrections; "call" where reception calls."""
    book(surgery, TENTH, by, MOVED)
    ring(MOVED + SETTLED)
    sent = Delivery.objects.filter(reminder__surgery=surgery, reminder__step_code__startswith="visit-moved")
    calls = Reminder.objects.to_call().filter(surgery=surgery).values_list("pk", flat=True)
    by_whom = [f"{one.channel} to {one.contact.relationship}" for one in sent.select_related("contact").order_by("pk")]
    return by_whom + ["call" for _ in calls]


def end(surgery: Surgery, by: StaffMember, **which: object) -> None:
    actions.end_contact(Contact.objects.exclude(**which).get(patient=surgery.patient), by=by, now=NOW + HOUR / 2)


BY_TEXT, BY_MAIL = {"email": ""}, {"phone": ""}  # as filters, what has none of it


@pytest.mark.parametrize(
    ("first", "added", "ended", "goes"),
    [
        ("phone", "email", None, ["sms to self"]),
        ("phone", "email", BY_MAIL, ["email to self"]),
        ("phone", None, BY_MAIL, ["call"]),
        ("email", "phone", None, ["email to self"]),
        ("email", "phone", BY_TEXT, ["call"]),
    ],
)
def test_a_correction_takes_the_way_of_what_it_corrects(site, surgeon, first, added, ended, goes):
    make = {"phone": given.a_phone, "email": given.an_email}
    surgery = told(site, make[first](), by=surgeon)
    if added:
        enrolment.add_contact(surgery.patient, make[added](), by=surgeon, now=NOW + HOUR / 3)
    if ended is not None:
        end(surgery, surgeon, **ended)

    assert corrected_by(surgery, surgeon) == goes


def test_where_a_mail_told_it_instead_of_a_text_that_failed_a_mail_corrects_it(site, surgeon):
    surgery = told(site, given.a_phone(), given.an_email(), by=surgeon, text_fails=True)

    assert corrected_by(surgery, surgeon) == ["email to self"]


def test_a_caregiver_hears_it_on_the_phone_whatever_the_patient_s_way(site, surgeon):
    helper = given.a_phone(relationship="caregiver", name="Ben", scope="all")
    surgery = told(site, given.an_email(), helper, by=surgeon)

    assert sorted(corrected_by(surgery, surgeon)) == ["email to self", "sms to caregiver"]
