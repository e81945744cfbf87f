"""Reception's desk at a moment that stands still: a site, who works there, and a visit to be booked."""

import pytest
import time_machine
from django.test import Client

from patients.models import CheckUp
from patients.models.staff import Role
from tests.given import NOW, a_phone, a_site, a_staff_member, an_enrolment, phone
from tests.staff.people import signed_in


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def surgeon(site):
    return a_staff_member(site)


@pytest.fixture
def reception(site):
    return a_staff_member(site, Role.RECEPTION)


@pytest.fixture
def desk(reception) -> Client:
    return signed_in(reception)


@pytest.fixture
def check_up(site, surgeon) -> CheckUp:
    return an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12).check_ups.get(code="first-visit")


def state(check_up: CheckUp) -> str:
    check_up.refresh_from_db()
    return check_up.state
