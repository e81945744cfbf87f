"""Wherever it is shown who did what: the owner and a colleague read it, a stranger from another site does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from patients import audit
from patients.models import StaffMember, Surgery
from reminders import actions, version_moves
from reminders.plan.models import Step
from reminders.replies.alerts import handling
from reminders.replies.models import Alert
from tests.given import NOW, a_phone, a_staff_member, an_enrolment, phone
from tests.moves.given import a_second_version
from tests.replies.test_inbound import text_in
from tests.staff.admin_pages import change, draft_of, form_of, text
from tests.staff.board_rows import not_reached
from tests.staff.people import ThreePeople, people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db
EARLIER = NOW - timedelta(hours=1)


@pytest.fixture
def surgery(people: ThreePeople) -> Surgery:
    return an_enrolment(people.site, a_phone(phone(14)), by=people.owner, day=3, now=NOW - timedelta(days=1))


@pytest.fixture
def manager(people: ThreePeople) -> StaffMember:
    return a_staff_member(people.site, "manager")


def status_and_text(staff: StaffMember, url: str) -> tuple[int, str]:
    answer = signed_in(staff).get(url)
    return answer.status_code, text(answer)


def test_on_the_record(people: ThreePeople, surgery: Surgery) -> None:
    actions.change_facts(surgery, job="desk", by=people.owner, now=EARLIER)

    for staff in (people.owner, people.colleague):
        status, shown = status_and_text(staff, reverse("staff:record", args=[surgery.pk]))
        assert status == 200
        assert "<strong>Ida Hale</strong>: facts changed (job: desk)" in shown
    assert status_and_text(people.stranger, reverse("staff:record", args=[surgery.pk]))[0] == 404


def test_on_the_page_of_an_alert(people: ThreePeople, surgery: Surgery) -> None:
    text_in(people.site, "I have chest pain since noon", sender=phone(14))
    alert = handling.take(Alert.objects.get(), by=people.owner, now=NOW)

    for staff in (people.owner, people.colleague):
        assert "Alert taken by Ida Hale" in status_and_text(staff, reverse("staff:alert", args=[alert.pk]))[1]
    assert status_and_text(people.stranger, reverse("staff:alert", args=[alert.pk]))[0] == 404


def test_on_the_board(people: ThreePeople, surgery: Surgery) -> None:
    not_reached(surgery, timedelta(hours=2))
    actions.change_facts(surgery, job="desk", by=people.owner, now=EARLIER)

    for staff in (people.owner, people.colleague):
        assert "facts changed by Ida Hale" in status_and_text(staff, reverse("staff:board"))[1]
    assert "facts changed" not in status_and_text(people.stranger, reverse("staff:board"))[1]


def test_where_patients_are_moved(people: ThreePeople, surgery: Surgery, manager: StaffMember) -> None:
    version = a_second_version(surgery.care_plan.version, by=people.owner)
    move = version_moves.start(version, why="new days", by=people.owner, now=NOW)
    why = {"to": f"{version}", "reason": "This plan is odd."}
    audit.record_all(version_moves.REFUSED, of=[(surgery, why)], by=people.owner, now=NOW)
    version_moves.stop(move, by=people.owner, now=NOW)
    left = f"/staff/moves/{move.pk}/?list=left"

    for staff in (people.owner, manager):
        assert "This plan is odd." in status_and_text(staff, left)[1]
    for staff, status in ((people.colleague, 403), (people.stranger, 404)):
        assert status_and_text(staff, left)[0] == status


def test_in_the_protocol_editor(people: ThreePeople, manager: StaffMember) -> None:
    step = draft_of(people.site).steps.get(code="walk-today")
    client = signed_in(manager)
    opened = form_of(client, change(step))
    client.post(change(step), opened | {"title": "Walk!"})

    for staff in (people.owner, manager):
        assert f"{manager} (" in saved_too_late(signed_in(staff), step, opened)
    for staff in (people.colleague, people.stranger):
        assert f"{manager} (" not in saved_too_late(signed_in(staff), step, opened)


def saved_too_late(client: Client, step: Step, opened: dict[str, str]) -> str:
    return text(client.post(change(step), opened | {"title": "Walk a little"}))
