"""Caregivers and shared phones through the API, for the people of the site; for a stranger there are none."""

import pytest

from patients import actions as care
from patients import clock
from patients.models import Contact
from reminders.replies import inbound
from tests import given
from tests.api.problems import named, problem, rows

PHONE = given.phone(9)  # `given.a_phone()` hands out 10 to 99, in turn
SAID = {"source": "verbal", "wording": "Only visits, please."}


@pytest.fixture
def ben(surgery, owner) -> Contact:
    now = clock.now()
    contact = care.add_contact(surgery.patient, phone=PHONE, relationship="caregiver", name="Ben", by=owner, now=now)
    care.give_consent(contact, source="paper", wording="I agree.", by=owner, now=now)
    return contact


def url(surgery, contact, verb: str) -> str:
    return f"/api/v1/patients/{surgery.patient_id}/contacts/{contact.pk}/{verb}/"


@pytest.mark.parametrize("who", ["owner", "colleague"])
def test_people_of_the_site_change_a_scope_and_revoke(request, as_, surgery, ben, who):
    client = as_(request.getfixturevalue(who))

    narrower = client.post(url(surgery, ben, "scope"), SAID | {"scope": "visits"}).json()
    revoked = client.post(url(surgery, ben, "revoke"), SAID).json()

    assert (narrower["scope"], narrower["consent"], narrower["consent_events"][-1]["wording"]) == (
        "visits", "given", SAID["wording"],
    )  # fmt: skip
    assert (revoked["consent"], bool(revoked["ended_at"])) == ("withdrawn", True)


def test_for_a_stranger_there_is_no_caregiver(as_, stranger, surgery, ben):
    for verb in ("scope", "revoke"):
        problem(as_(stranger).post(url(surgery, ben, verb), SAID | {"scope": "visits"}), 404)

    ben.refresh_from_db()
    assert (ben.scope, ben.ended_at) == ("all", None)


@pytest.mark.parametrize(
    ("given_", "field"),
    [({"scope": "all of it"}, "#/scope"), ({"scope": "visits", "wording": ""}, "#/wording"), ({}, "#/scope")],
)
def test_bad_input_is_refused_at_its_field(as_, owner, surgery, ben, given_, field):
    assert field in named(as_(owner).post(url(surgery, ben, "scope"), SAID | given_))


def test_the_patients_own_contact_has_no_scope(as_, owner, surgery):
    own = surgery.patient.contacts.get()

    assert "Only a caregiver" in str(as_(owner).post(url(surgery, own, "scope"), SAID | {"scope": "visits"}).json())


def test_withdrawn_is_withdrawn_for_the_number(as_, owner, surgery, ben, site):
    given.an_enrolment(site, given.a_phone(PHONE), by=owner, now=clock.now())

    as_(owner).post(url(surgery, ben, "consent/withdraw"), SAID)

    kinds = Contact.objects.with_consent().filter(phone=PHONE).values_list("consent_kind", flat=True)
    assert list(kinds) == ["withdrawn", "withdrawn"]


def test_an_alert_from_a_shared_phone_lists_all_it_may_be_about(as_, owner, surgery, ben, site):
    other = given.an_enrolment(site, given.a_phone(PHONE), by=owner, now=clock.now())
    to = site.senders.get(channel="sms").address
    inbound.receive(provider_id="SM1", from_address=PHONE, to_address=to, text="chest pain", now=clock.now())

    [alert] = rows(as_(owner).get("/api/v1/alerts/"))

    assert (alert["patient"], alert["possible_patients"]) == (None, [surgery.patient_id, other.patient_id])
