"""Enrolled once, with everything checked before anything is written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from patients.models import Contact, Patient, Procedure, Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders import actions, enrolment
from reminders.enrolment import KeyReused, NewPatient, NewSurgery
from reminders.plan import signing
from reminders.plan.models import CarePlan, ProtocolVersion, Reminder
from tests import given
from tests.given import NOW

TODAY = date(2026, 3, 2)


@pytest.fixture
def surgery_facts(site: Site, surgeon: StaffMember, version: ProtocolVersion) -> NewSurgery:
    return NewSurgery(procedure=Procedure.objects.get(code="miss"), surgeon=surgeon, date=TODAY, version=version)


@pytest.fixture
def enrol(site: Site, surgeon: StaffMember) -> Callable[..., Surgery]:
    def enrol(patient: Patient | NewPatient, new: NewSurgery, *, by: StaffMember = surgeon) -> Surgery:
        return enrolment.enrol(patient, new, site=site, by=by, now=NOW)

    return enrol


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Patient, Contact, Surgery, CarePlan, Reminder))


def test_one_call_makes_the_patient_the_surgery_and_the_whole_plan(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery
) -> None:
    surgery = enrol(given.a_new_patient(given.a_phone(), given.an_email()), surgery_facts)

    assert surgery.patient.contacts.count() == 2
    assert surgery.care_plan.version == surgery_facts.version
    assert surgery.reminders.count() > 40


def test_the_same_request_twice_enrols_once(enrol: Callable[..., Surgery], surgery_facts: NewSurgery) -> None:
    patient, new = given.a_new_patient(), replace(surgery_facts, key="form-1")
    first = enrol(patient, new)
    before = counts()

    assert enrol(patient, new) == first
    assert counts() == before


def test_the_same_key_for_another_enrolment_is_refused(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery
) -> None:
    patient, new = given.a_new_patient(), replace(surgery_facts, key="form-1")
    enrol(patient, new)

    with pytest.raises(KeyReused, match="Use a new key"):
        enrol(patient, replace(new, date=TODAY + timedelta(days=1)))
    with pytest.raises(KeyReused):
        enrol(given.a_new_patient(), new)


def test_two_operations_on_one_day_are_refused(enrol: Callable[..., Surgery], surgery_facts: NewSurgery) -> None:
    first = enrol(given.a_new_patient(), surgery_facts)

    with pytest.raises(ValidationError, match=r"already has an operation on that day\. Open that one instead"):
        enrol(first.patient, surgery_facts)


def test_a_second_operation_on_another_day_is_a_plan_of_its_own(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery
) -> None:
    first = enrol(given.a_new_patient(), surgery_facts)

    second = enrol(first.patient, replace(surgery_facts, date=TODAY + timedelta(days=1), running_plan="keep"))

    assert second.reminders.count() == first.reminders.count()


def test_moving_onto_another_operation_is_refused(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, surgeon: StaffMember
) -> None:
    first = enrol(given.a_new_patient(), surgery_facts)
    enrol(first.patient, replace(surgery_facts, date=TODAY + timedelta(days=1), running_plan="keep"))

    with pytest.raises(ValidationError, match="already has an operation on that day"):
        actions.move_surgery(first, to=TODAY + timedelta(days=1), by=surgeon, now=NOW)


def test_a_cancelled_operation_makes_room_for_another(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, surgeon: StaffMember
) -> None:
    first = enrol(given.a_new_patient(), surgery_facts)
    actions.cancel_surgery(first, why="Fever", by=surgeon, now=NOW)

    assert enrol(first.patient, surgery_facts) != first


def test_a_draft_is_refused(enrol: Callable[..., Surgery], surgery_facts: NewSurgery, surgeon: StaffMember) -> None:
    draft = signing.new_version(surgery_facts.version, by=surgeon, now=NOW)

    with pytest.raises(ValidationError, match=r"version 2 is draft\. A surgeon must sign a version"):
        enrol(given.a_new_patient(), replace(surgery_facts, version=draft))


def test_a_retired_version_is_refused(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, surgeon: StaffMember
) -> None:
    draft = signing.new_version(surgery_facts.version, by=surgeon, now=NOW)
    signing.sign(draft, by=surgeon, now=NOW)
    surgery_facts.version.refresh_from_db()

    with pytest.raises(ValidationError, match="version 1 is retired"):
        enrol(given.a_new_patient(), surgery_facts)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(1960, 1, 1), "before the date of birth"),
        (date(2062, 3, 2), "more than two years ahead. Check the year."),
        (date.max, "more than two years ahead"),
        (date(2024, 2, 29), "more than two years back. Check the year."),
    ],
)
def test_a_day_of_surgery_that_cannot_be_is_refused(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, surgeon: StaffMember, day: date, said: str
) -> None:
    surgery = enrol(given.a_new_patient(), surgery_facts)

    with pytest.raises(ValidationError, match=said):
        enrol(given.a_new_patient(), replace(surgery_facts, date=day))
    with pytest.raises(ValidationError, match=said):
        actions.move_surgery(surgery, to=day, by=surgeon, now=NOW)
    with pytest.raises(ValidationError, match=said):
        actions.preview_move(surgery, to=day, by=surgeon, now=NOW)


@pytest.mark.parametrize(
    ("facts", "field", "said"),
    [
        ({"birth_date": date(2026, 3, 3)}, "birth_date", "is in the future"),
        ({"birth_date": date(2009, 1, 1)}, "birth_date", "does not treat minors"),
        ({"language": "English"}, "language", "BCP 47"),
        ({"time_zone": "EST/EDT"}, "time_zone", "America/New_York"),
        ({"number": ""}, "number", "cannot be blank"),
        ({"given_name": "", "family_name": ""}, "given_name", "Enter a name"),
    ],
)
def test_a_wrong_fact_about_the_patient_is_named_and_nothing_is_written(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, facts: dict[str, object], field: str, said: str
) -> None:
    before = counts()

    with pytest.raises(ValidationError) as refusal:
        enrol(given.a_new_patient(**facts), surgery_facts)

    assert said in refusal.value.message_dict[field][0]
    assert counts() == before


@pytest.mark.parametrize("phone", ["12", "+1 202 555 01", "nobody"])
def test_a_wrong_phone_leaves_nothing_behind(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, phone: str
) -> None:
    before = counts()

    with pytest.raises(ValidationError) as refusal:
        enrol(given.a_new_patient(given.a_phone(phone)), surgery_facts)

    assert "phone" in refusal.value.message_dict
    assert counts() == before


def test_the_same_patient_number_twice_is_refused(enrol: Callable[..., Surgery], surgery_facts: NewSurgery) -> None:
    enrol(given.a_new_patient(number="A-7"), surgery_facts)

    with pytest.raises(ValidationError, match="already has a patient with this number"):
        enrol(given.a_new_patient(number="A-7"), replace(surgery_facts, date=TODAY - timedelta(days=1)))


def test_a_stranger_enrols_nobody(enrol: Callable[..., Surgery], surgery_facts: NewSurgery) -> None:
    stranger = given.a_staff_member(given.a_site("hillside"))
    before = counts()

    with pytest.raises(ValidationError, match="You do not work at Riverside Spine Clinic"):
        enrol(given.a_new_patient(), surgery_facts, by=stranger)

    assert counts() == before


def test_a_colleague_at_the_desk_may_enrol(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, site: Site
) -> None:
    desk = given.a_staff_member(site, Role.RECEPTION)

    assert enrol(given.a_new_patient(), surgery_facts, by=desk).enrolled_by == desk


def test_what_belongs_to_another_site_is_refused(enrol: Callable[..., Surgery], surgery_facts: NewSurgery) -> None:
    other = given.a_site("hillside")
    stranger = given.a_staff_member(other)
    theirs = given.a_patient(other, by=stranger)

    with pytest.raises(ValidationError) as refusal:
        enrol(theirs, replace(surgery_facts, surgeon=stranger, version=given.a_signed_version(other, by=stranger)))

    assert set(refusal.value.message_dict) == {"patient", "surgeon", "version"}


def test_nothing_is_planned_for_a_patient_who_has_died(
    enrol: Callable[..., Surgery], surgery_facts: NewSurgery, site: Site, surgeon: StaffMember
) -> None:
    patient = given.a_patient(site, by=surgeon)
    actions.set_patient_status(patient, status="deceased", by=surgeon, now=NOW)
    patient.refresh_from_db()

    with pytest.raises(ValidationError, match="recorded as deceased"):
        enrol(patient, surgery_facts)


def test_a_procedure_starts_with_the_signed_version_of_its_default(site: Site, version: ProtocolVersion) -> None:
    miss, fusion = (Procedure.objects.get(code=code) for code in ("miss", "tlif"))

    assert enrolment.default_version(site, miss) == version
    assert enrolment.default_version(site, fusion) is None  # nobody has signed it yet
