"""What may be a refusal is held until a person decides; reception can do that on the board and on the record."""

from datetime import timedelta
from typing import Any

import pytest

from patients.models import ConsentEvent, Contact, Site, StaffMember, Surgery
from reminders.delivery.monitoring.watchdogs import warnings
from reminders.replies import inbound
from reminders.replies.models import Reply
from tests import given
from tests.given import NOW
from tests.staff.people import ThreePeople, signed_in, three_people

pytestmark = pytest.mark.django_db
PHONE = given.phone(33)


@pytest.fixture
def people() -> ThreePeople:
    return three_people()


@pytest.fixture
def surgery(people: ThreePeople) -> Surgery:
    return given.an_enrolment(people.site, given.a_phone(PHONE), by=people.owner)


@pytest.fixture
def held(people: ThreePeople, surgery: Surgery) -> Contact:
    """Their text may be a refusal: every contact with the number is held."""
    to = people.site.senders.get(channel="sms").address
    inbound.receive(provider_id="SM1", from_address=PHONE, to_address=to, text="please leave me alone?", now=NOW)
    contact = Contact.objects.get(patient=surgery.patient)
    Contact.objects.filter(pk=contact.pk).update(held_since=NOW, held_reason="A text may be a refusal.")
    Reply.objects.update(handled_at=None, handled_by=None, intent="refusal")
    contact.refresh_from_db()
    return contact


def board_of(staff: StaffMember) -> str:
    return " ".join(signed_in(staff).get("/staff/board/").content.decode().split())


def decided(staff: StaffMember, deed: str) -> int:
    return signed_in(staff).post(f"/staff/board/replies/{Reply.objects.get().pk}/{deed}/").status_code


def decided_on_record(staff: StaffMember, contact: Contact, surgery: Surgery, **data: Any) -> int:
    path = f"/staff/surgeries/{surgery.pk}/contacts/{contact.pk}/refusal/"
    return signed_in(staff).post(path, data).status_code


def test_the_board_offers_both_decisions_and_no_way_to_forget_it(people, held):
    page = board_of(people.colleague)

    assert "Stop messages to Ana Ruiz" in page
    assert "Keep sending to Ana Ruiz" in page
    assert "Done with the reply" not in page


@pytest.mark.parametrize(("deed", "latest"), [("stop", "withdrawn"), ("keep", "given")])
def test_reception_decides_on_the_board(people, held, deed, latest):
    assert decided(people.colleague, deed) == 302

    held.refresh_from_db()
    assert held.held_since is None
    assert ConsentEvent.objects.filter(contact=held).order_by("pk").last().kind == latest
    assert "Keep sending" not in board_of(people.colleague)


@pytest.mark.parametrize(("data", "latest"), [({"refused": "yes"}, "withdrawn"), ({}, "given")])
def test_reception_decides_on_the_record(people, held, surgery, data, latest):
    page = signed_in(people.colleague).get(f"/staff/surgeries/{surgery.pk}/").content.decode()
    assert "A text may be a refusal." in page

    assert decided_on_record(people.colleague, held, surgery, **data) == 302

    held.refresh_from_db()
    assert held.held_since is None
    assert ConsentEvent.objects.filter(contact=held).order_by("pk").last().kind == latest


def test_a_stranger_decides_nothing(people, held, surgery):
    for deed in ("stop", "keep", "done"):
        assert decided(people.stranger, deed) == 404
    assert decided_on_record(people.stranger, held, surgery, refused="yes") == 404
    assert "Ana Ruiz" not in board_of(people.stranger)

    held.refresh_from_db()
    assert held.held_since == NOW


def test_a_deed_nobody_knows_changes_nothing(people, held):
    assert decided(people.colleague, "burn") == 404
    assert Reply.objects.get().handled_at is None


def test_the_board_reminds_of_who_hears_nothing_until_it_is_decided(people, held):
    def kinds(site: Site) -> list[str]:
        return [warning.kind for warning in warnings(NOW + timedelta(hours=4, minutes=1), site)]

    assert "undecided" in kinds(people.site)
    assert "undecided" not in kinds(people.stranger.sites.get())
    decided(people.colleague, "keep")
    assert "undecided" not in kinds(people.site)
