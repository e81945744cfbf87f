"""A patient whose plan runs is operated on again: how the tests about it begin, and how days are played."""

from datetime import date, datetime, timedelta

import pytest

from clinic import fastforward
from patients.models import Patient, Site, StaffMember, Surgery
from reminders.plan.models import ProtocolVersion
from tests import given as given_
from tests.given import NOW

DAY = timedelta(days=1)
FIRST, AGAIN = NOW - 6 * DAY, NOW
TODAY = date(2026, 3, 2)


@pytest.fixture
def site(db: None) -> Site:
    return given_.a_site(**given_.DEFAULT_BUDGET)


@pytest.fixture
def ana(site: Site, surgeon: StaffMember, version: ProtocolVersion) -> Patient:
    """Reached by phone and mail."""
    return given_.a_patient(site, given_.a_phone(), given_.an_email(), by=surgeon, now=FIRST)


@pytest.fixture
def first(ana: Patient, site: Site, surgeon: StaffMember) -> Surgery:
    return given_.an_enrolment(site, by=surgeon, patient=ana, now=FIRST)


def again(first: Surgery, by: StaffMember, choice: str, *, now: datetime = AGAIN, **facts: object) -> Surgery:
    """The same patient, operated on that day."""
    patient = Patient.objects.get(pk=first.patient_id)
    second = given_.an_enrolment(first.site, by=by, patient=patient, now=now, running_plan=choice, **facts)
    first.refresh_from_db()
    return second


def play(start: datetime, until: datetime) -> None:
    for _ in fastforward.play(start, until):
        pass


def planned(surgery: Surgery) -> int:
    return surgery.reminders.planned().count()
