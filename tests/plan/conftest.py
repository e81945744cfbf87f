"""One clinic, its surgeon and its signed base timeline; each test's rows are its own."""

import pytest

from patients.models import Site, StaffMember, Surgery
from reminders.plan.models import ProtocolVersion
from tests import given


@pytest.fixture
def site(db: None) -> Site:
    return given.a_site()


@pytest.fixture
def surgeon(site: Site) -> StaffMember:
    return given.a_staff_member(site)


@pytest.fixture
def version(site: Site, surgeon: StaffMember) -> ProtocolVersion:
    return given.a_signed_version(site, by=surgeon)


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    return given.an_enrolment(site, by=surgeon)
