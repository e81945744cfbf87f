"""Three people at the door: a surgeon, a colleague at the same site, a stranger from another one."""

from dataclasses import dataclass

import pytest
from django.test import Client

from patients.models import Membership, Site, StaffMember
from tests.given import a_site, a_staff_member


@dataclass(frozen=True, slots=True)
class ThreePeople:
    site: Site
    owner: StaffMember
    colleague: StaffMember
    stranger: StaffMember


def three_people() -> ThreePeople:
    site, elsewhere = a_site(), a_site("hilltop", name="Hilltop Clinic")
    owner = a_staff_member(site)
    return ThreePeople(site, owner, a_staff_member(site, "reception"), a_staff_member(elsewhere))


@pytest.fixture
def people() -> ThreePeople:
    return three_people()


def signed_in(staff: StaffMember) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(staff)
    return client


def a_manager(site: Site) -> StaffMember:
    return a_staff_member(site, "manager")


def also(staff: StaffMember, site: Site, role: str) -> StaffMember:
    Membership.objects.create(staff=staff, site=site, role=role)
    return staff
