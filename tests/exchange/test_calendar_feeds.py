"""Calendars that others subscribe to: behind a secret address, of what stands, and of nothing about why."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar, Event

from patients.models import AuditEntry, CalendarFeed
from reminders import actions, visit_actions
from reminders.merge import merge
from tests import given
from tests.given import NOW
from tests.staff.people import ThreePeople, a_manager, signed_in, three_people

NINTH, TENTH = (datetime(2026, 3, day, 14, 20, tzinfo=UTC) for day in (9, 10))
DECIDE = "/staff/calendars/decide/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> ThreePeople:
    return three_people()


def asked(client: Client, what: str, **about: object) -> int:
    with time_machine.travel(NOW, tick=False):
        return client.post(DECIDE, {"what": what, **about}).status_code


def address(**about: object) -> str:
    return f"/calendars/{CalendarFeed.objects.get(revoked_at=None, **about).key}.ics"


def listed(at: str) -> list[Event]:
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        answer = Client().get(at)
    assert (answer.status_code, answer.headers["Cache-Control"], dict(answer.cookies)) == (200, "private, no-store", {})
    calendar = Calendar.from_ical(answer.content)
    assert "method" not in calendar
    return list(calendar.walk("VEVENT"))


def test_a_feed_follows_a_visit_and_drops_what_was_cancelled(people):
    surgery = given.an_enrolment(people.site, by=people.owner, day=30)
    visit = surgery.check_ups.get(code="six-weeks")
    assert asked(signed_in(people.colleague), "renew", patient=surgery.patient_id) == 302
    at = address(patient=surgery.patient)
    assert listed(at) == []

    visit_actions.book_visit(visit, at=NINTH, by=people.owner, now=NOW)
    [booked] = listed(at)
    visit_actions.book_visit(visit, at=TENTH, by=people.owner, now=NOW + timedelta(minutes=1))
    [moved] = listed(at)
    visit_actions.free_visit(visit, by=people.owner, now=NOW + timedelta(minutes=2))

    assert (booked["uid"], booked["dtstart"].dt, moved["dtstart"].dt) == (moved["uid"], NINTH, TENTH)
    assert booked["sequence"] < moved["sequence"]
    assert listed(at) == []
    assert CalendarFeed.objects.get().key not in str([*AuditEntry.objects.values_list("details", flat=True)])


def test_staff_feeds_show_a_number_and_initials_of_their_own_visits_only(people):
    other = given.a_staff_member(people.site)
    version = given.a_signed_version(people.site, by=people.owner)
    for number, (surgeon, name) in enumerate([(people.owner, "Ana"), (other, "Bea")]):
        new = given.a_new_patient(number=f"R-{number}", given_name=name, family_name="Quill")
        surgery = given.an_enrolment(people.site, by=surgeon, day=30, patient=new, version=version)
        visit = surgery.check_ups.get(code="six-weeks")
        visit_actions.book_visit(visit, at=NINTH, by=surgeon, now=NOW)
    assert asked(signed_in(people.owner), "renew", site=people.site.pk, surgeon=people.owner.pk) == 302
    assert asked(signed_in(a_manager(people.site)), "renew", site=people.site.pk) == 302

    [mine] = listed(address(surgeon=people.owner))
    all_of_them = listed(address(surgeon=None))

    assert str(mine["summary"]) == "R-0 A.Q."
    assert sorted(str(one["summary"]) for one in all_of_them) == ["R-0 A.Q.", "R-1 B.Q."]
    assert not [one for one in all_of_them if "description" in one]


def test_only_who_may_give_a_calendar_away_makes_and_revokes_it(people):
    """The surgeon (or a manager) their own; a colleague sees no address, a stranger not even the site."""
    owner, colleague, stranger = (signed_in(one) for one in (people.owner, people.colleague, people.stranger))
    mine = {"site": people.site.pk, "surgeon": people.owner.pk}

    assert [asked(one, "renew", **mine) for one in (colleague, stranger)] == [403, 404]
    assert asked(owner, "renew", site=people.site.pk) == 403  # the whole site's is a manager's
    assert asked(owner, "renew", **mine) == 302
    at = address(surgeon=people.owner)
    assert at in owner.get("/staff/calendars/").content.decode()
    assert at not in colleague.get("/staff/calendars/").content.decode()
    assert [asked(one, "revoke", **mine) for one in (colleague, stranger)] == [403, 404]
    assert listed(at) == []

    assert asked(owner, "revoke", **mine) == 302
    assert Client().get(at).status_code == 404


def test_a_patients_calendar_is_given_by_their_site_and_ends_with_them(people):
    patient = given.an_enrolment(people.site, by=people.owner, day=30).patient
    page = f"/staff/calendars/?patient={patient.pk}"
    assert asked(signed_in(people.stranger), "renew", patient=patient.pk) == 404
    assert signed_in(people.stranger).get(page).status_code == 404
    assert asked(signed_in(people.colleague), "renew", patient=patient.pk) == 302
    first = address(patient=patient)
    assert asked(signed_in(people.owner), "renew", patient=patient.pk) == 302

    assert Client().get(first).status_code == 404
    assert listed(address(patient=patient)) == []
    actions.set_patient_status(patient, status="deceased", by=people.owner, now=NOW)
    assert Client().get(address(patient=patient)).status_code == 404


def test_the_address_of_a_merged_number_goes_on_and_ends_with_that_of_the_number_that_stays(people):
    kept, twin, third = (given.an_enrolment(people.site, by=people.owner, day=day) for day in (30, 20, 10))
    visit_actions.book_visit(kept.check_ups.get(code="six-weeks"), at=NINTH, by=people.owner, now=NOW)
    for surgery in (kept, twin, third):
        assert asked(signed_in(people.colleague), "renew", patient=surgery.patient_id) == 302
    first, old, moved = (address(patient=surgery.patient) for surgery in (kept, twin, third))

    merge(twin.patient, into=kept.patient, by=people.owner, now=NOW)
    assert len(listed(first)) == len(listed(old)) == 1
    assert asked(signed_in(people.colleague), "revoke", patient=kept.patient_id) == 302
    assert {Client().get(at).status_code for at in (first, old)} == {404}
    merge(third.patient, into=kept.patient, by=people.owner, now=NOW)

    assert len(listed(moved)) == 1
    assert CalendarFeed.objects.get(revoked_at=None).patient == kept.patient
