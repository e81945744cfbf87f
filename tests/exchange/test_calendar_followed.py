"""A calendar follows a visit: booked, moved and cancelled, by the mailed files and on the patient's page."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar, Event

from patients.models import Site, StaffMember, Surgery
from reminders import visit_actions
from reminders.delivery.channels import mail_message
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests import given
from tests.given import NOW

SUMMER, WINTER = datetime(2026, 7, 8, 13, 20, tzinfo=UTC), datetime(2026, 12, 9, 14, 20, tzinfo=UTC)
SETTLED = timedelta(minutes=4)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings) -> Site:
    settings.MESSAGES = "live"
    return given.a_site(mode="live", address="120 Riverside Avenue, Suite 3")


@pytest.fixture
def surgeon(site: Site) -> StaffMember:
    return given.a_staff_member(site)


@pytest.fixture
def surgery(site: Site, surgeon: StaffMember) -> Surgery:
    surgery = given.an_enrolment(site, given.an_email("ana@example.org"), by=surgeon, day=30)
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    return surgery


def booked(surgery: Surgery, at: datetime, surgeon: StaffMember, now: datetime) -> Event:
    visit_actions.book_visit(surgery.check_ups.get(code="six-weeks"), at=at, by=surgeon, now=now)
    return mailed(now + SETTLED)


def mailed(now: datetime) -> Event:
    """What the attachment of the one mail that leaves now does to a calendar."""
    open_due(now)
    [job] = claim("email", now).jobs
    parts = list(message_from_bytes(mail_message.mail(job.message).message().as_bytes(), policy=policy.default).walk())
    files = {part.get_content_type(): part for part in parts}
    event = read(files["application/ics"].get_content())
    shown = files["text/calendar"]
    assert shown.get_param("method") == event["method"]
    assert read(shown.get_content().encode())["uid"] == event["uid"]
    assert "<a href=" in files["text/html"].get_content()
    return event


def read(file: bytes) -> Event:
    calendar = Calendar.from_ical(file)
    [event] = calendar.walk("VEVENT")
    event.add("method", str(calendar["method"]))
    assert not calendar.walk("VTIMEZONE")
    return event


def test_the_mailed_entries_book_move_and_take_back_one_and_the_same_visit(surgery, surgeon):
    first = booked(surgery, SUMMER, surgeon, NOW)
    moved = booked(surgery, WINTER, surgeon, NOW + timedelta(hours=1))
    visit_actions.free_visit(surgery.check_ups.get(code="six-weeks"), by=surgeon, now=NOW + timedelta(hours=2))
    gone = mailed(NOW + timedelta(hours=2) + SETTLED)

    entries = first, moved, gone
    assert [one["method"] for one in entries] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [one["status"] for one in entries] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({one["uid"] for one in entries}) == 1
    assert first["sequence"] < moved["sequence"] < gone["sequence"]
    assert [one["dtstart"].dt for one in entries] == [SUMMER, WINTER, WINTER]
    assert {str(one["organizer"]) for one in entries} == {"mailto:care@riverside.example.org"}
    assert {str(one["attendee"]) for one in entries} == {"mailto:ana@example.org"}
    assert {str(one["location"]) for one in entries} == {"120 Riverside Avenue, Suite 3"}
    assert {str(one["summary"]) for one in entries} == {"Visit, Riverside Clinic"}


@time_machine.travel(NOW + SETTLED, tick=False)
def test_the_page_offers_the_visit_and_then_the_entry_that_takes_it_back(surgery, surgeon):
    address = f"/p/{surgery.care_plan.link}/visit.ics"
    assert Client().get(address).status_code == 404
    mailed_entry = booked(surgery, SUMMER, surgeon, NOW)

    shown = read(Client().get(address).content)
    visit_actions.free_visit(surgery.check_ups.get(code="six-weeks"), by=surgeon, now=NOW + SETTLED)
    gone = read(Client().get(address).content)

    assert (shown["uid"], shown["sequence"]) == (mailed_entry["uid"], mailed_entry["sequence"])
    assert (gone["method"], gone["status"], gone["uid"]) == ("CANCEL", "CANCELLED", shown["uid"])
    assert gone["sequence"] > shown["sequence"]
