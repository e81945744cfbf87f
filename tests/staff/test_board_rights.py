"""Whose board it is: colleagues may do all, strangers find nothing, and who works at two sites chooses one."""

import pytest
from django.test import Client
from django.urls import reverse

from patients.models import CheckUp, Membership
from patients.models.staff import Role
from reminders.plan.models import Reminder
from reminders.replies import inbound
from tests.given import NOW, a_site, a_staff_member, phone
from tests.staff.desk import check_up, clock, desk, reception, site, state, surgeon
from tests.staff.people import signed_in

__all__ = ["check_up", "clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


# Three people: who works here, a colleague, a stranger of another site ---------------------------------------------


@pytest.fixture
def stranger(site):
    return a_staff_member(a_site("hillside", name="Hillside Clinic"), Role.RECEPTION)


def posts(check_up: CheckUp) -> list[tuple[str, dict[str, str]]]:
    reminder = check_up.surgery.reminders.last()
    Reminder.objects.filter(pk=reminder.pk).update(status="failed", reason="refused")
    reply = inbound.receive(provider_id="SM1", from_address=phone(14), to_address=phone(1), text="hello", now=NOW)
    deeds = [
        ("book", {"at": "2026-03-03T10:00"}),
        ("confirm", {}),
        ("attended", {}),
        ("missed", {}),
        ("free", {}),
        ("undo", {}),
    ]
    deeds.append(("not-needed", {"why": "x"}))
    return [
        *((reverse("staff:board-visit", args=[check_up.pk, deed]), data) for deed, data in deeds),
        (reverse("staff:board-called", args=[check_up.surgery_id]), {"outcome": "reached", "note": "x"}),
        (reverse("staff:board-reply", args=[reply.pk, "take"]), {}),
        (reverse("staff:board-reply", args=[reply.pk, "done"]), {}),
    ]


def test_a_stranger_from_another_site_finds_nothing_to_change(stranger, check_up):
    client = signed_in(stranger)

    for address, data in posts(check_up):
        assert client.post(address, data).status_code == 404, address
    assert state(check_up) == "due"
    assert not Reminder.objects.filter(handled_at__isnull=False).exists()


def test_a_colleague_may_do_all_that_the_owner_may(surgeon, reception, check_up):
    for staff in (surgeon, reception):
        client = signed_in(staff)
        for address, data in posts(check_up) if staff == surgeon else []:
            assert client.post(address, data).status_code in (302, 422), address
        assert client.get(reverse("staff:board")).status_code == 200


def test_a_stranger_sees_and_finds_no_patient_of_this_site(stranger, check_up):
    client = signed_in(stranger)

    board = client.get(reverse("staff:board")).content.decode()
    found = client.post(reverse("staff:board-search"), {"words": "ruiz"}).content.decode()

    assert "Ana Ruiz" not in board
    assert "Ana Ruiz" not in found


def test_who_is_not_signed_in_is_asked_to_sign_in(check_up):
    for name in ("staff:board", "staff:outbox"):
        assert Client().get(reverse(name)).headers["Location"].startswith(reverse("admin:login"))
    for address, data in posts(check_up):
        assert Client().post(address, data).status_code == 302
    assert state(check_up) == "due"


def test_pages_about_patients_are_not_kept_by_the_browser(desk, site):
    assert "no-store" in desk.get(reverse("staff:board")).headers["Cache-Control"]


# Several sites -----------------------------------------------------------------------------------------------------


def test_who_works_at_two_sites_chooses_one_and_stays_there(stranger, site, surgeon, check_up):
    Membership.objects.create(staff=stranger, site=site, role=Role.RECEPTION)
    client = signed_in(stranger)

    first = client.get(reverse("staff:board")).content.decode()
    client.post(reverse("staff:board-site"), {"site": site.pk})
    second = client.get(reverse("staff:board")).content.decode()

    assert "<h1>Hillside Clinic</h1>" in first
    assert "Ana Ruiz" not in first
    assert "<h1>Riverside Spine Clinic</h1>" in second
    assert "Ana Ruiz" in second


def test_a_site_that_is_not_theirs_cannot_be_chosen(stranger, site):
    assert signed_in(stranger).post(reverse("staff:board-site"), {"site": site.pk}).status_code == 404


def test_a_site_they_left_is_forgotten(reception, desk, site):
    other = a_site("hillside", name="Hillside Clinic")
    membership = Membership.objects.create(staff=reception, site=other, role=Role.RECEPTION)
    desk.post(reverse("staff:board-site"), {"site": other.pk})
    membership.delete()

    assert "<h1>Riverside Spine Clinic</h1>" in desk.get(reverse("staff:board")).content.decode()
