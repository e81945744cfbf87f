"""A clinic whose patients are on version 1 while version 2, with other days and other messages, is signed."""

from dataclasses import dataclass
from datetime import datetime

from patients.models import Site, StaffMember, Surgery
from reminders.plan import signing
from reminders.plan.models import ProtocolVersion
from reminders.plan.version_review import judge
from tests import given
from tests.given import NOW

DAYS = (0, 10, 100)  # how long ago they were operated on


@dataclass(frozen=True, slots=True)
class MovedClinic:
    site: Site
    surgeon: StaffMember
    old: ProtocolVersion
    new: ProtocolVersion
    surgeries: tuple[Surgery, ...]


def a_second_version(version: ProtocolVersion, *, by: StaffMember, now: datetime = NOW) -> ProtocolVersion:
    """One message goes, one comes later, one has another hour."""
    draft = signing.new_version(version, by=by, now=now)
    draft.steps.filter(code="check-in-6").delete()
    draft.steps.filter(code="check-in-5").update(offset_days=15)
    draft.steps.filter(code="strengthening").update(offset_days=50)
    signing.sign(draft, by=by, now=now, read=judge(draft).warnings)
    draft.refresh_from_db()
    return draft


def a_clinic(*, days: tuple[int, ...] = DAYS, now: datetime = NOW) -> MovedClinic:
    site = given.a_site()
    surgeon = given.a_staff_member(site)
    old = given.a_signed_version(site, by=surgeon, now=now)
    people = tuple(given.an_enrolment(site, by=surgeon, day=day, now=now) for day in days)
    return MovedClinic(site, surgeon, old, a_second_version(old, by=surgeon, now=now), people)
