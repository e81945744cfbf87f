"""The record and the preview of a change say what will not leave, by the same checks as the claim that sends."""

import pytest

from patients import clock
from reminders.delivery.sending.audience import Reachable
from reminders.delivery.sending.outlook import expected
from reminders.plan.reasons import Reason
from tests.given import a_new_patient, a_phone, an_email, an_enrolment, phone
from tests.staff.people import signed_in, three_people

FOREIGN = "The site does not text numbers of this country."
ALIKE = "Two people on this phone have the same initials and day of birth"
SMS, MAIL, CARER = (
    Reachable(1, "sms", True, True),
    Reachable(2, "email", True, True),
    Reachable(3, "sms", False, True),
)


@pytest.mark.parametrize(
    ("told", "mailboxes", "why", "is_"),
    [
        ([SMS], [], {}, Reason.NONE),
        ([SMS], [], {1: Reason.FOREIGN}, Reason.FOREIGN),
        ([SMS], [MAIL], {1: Reason.FOREIGN}, Reason.NONE),  # an e-mail stands in
        ([SMS], [MAIL], {1: Reason.FOREIGN, 2: Reason.TRIAL_MODE}, Reason.FOREIGN),
        ([SMS], [MAIL], {1: Reason.TRIAL_MODE}, Reason.TRIAL_MODE),  # not for this
        ([SMS, CARER], [], {1: Reason.FOREIGN}, Reason.NONE),  # the caregiver hears it
        ([CARER], [MAIL], {3: Reason.FOREIGN}, Reason.FOREIGN),
    ],
)
def test_a_message_nobody_would_get_has_its_reason(told, mailboxes, why, is_):
    assert expected(told, mailboxes, why) == is_


@pytest.fixture
def people(db):
    return three_people()


def enrolled(people, *contacts, **facts):
    patient = a_new_patient(*contacts, **facts)
    return an_enrolment(people.site, by=people.owner, now=clock.now(), patient=patient)


def record(people, surgery) -> str:
    return signed_in(people.owner).get(f"/staff/surgeries/{surgery.pk}/").content.decode()


def pace_preview(people, surgery) -> str:
    body = {"percent": "120", "why": "age"}
    return signed_in(people.owner).post(f"/staff/surgeries/{surgery.pk}/change/pace/", body).content.decode()


def test_a_phone_of_a_country_the_site_does_not_text_is_said_where_messages_are_promised(people):
    people.site.text_countries = ["CA"]
    people.site.save()
    alone = enrolled(people, a_phone())
    both = enrolled(people, a_phone(), an_email())

    assert FOREIGN in record(people, alone)
    assert FOREIGN not in record(people, both)  # by e-mail instead
    assert f"to the patient: {FOREIGN}" in pace_preview(people, alone)
    assert f"to the patient: {FOREIGN}" in pace_preview(people, both)


def test_two_on_one_phone_who_cannot_be_told_apart_are_said_where_messages_are_promised(people):
    shared = phone(77)
    john = enrolled(people, a_phone(shared), given_name="John", family_name="Moore")
    assert ALIKE not in record(people, john)

    enrolled(people, a_phone(shared), given_name="Joan", family_name="Moore")

    assert ALIKE in pace_preview(people, john)
    assert record(people, john).count(ALIKE) > 3
