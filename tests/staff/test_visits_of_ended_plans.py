"""A visit that was booked before its plan ended stands; what is said of it and offered for it is true."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from clinic.staff.board.page import board
from reminders import visit_actions
from tests.given import NOW, an_enrolment
from tests.staff.board_rows import rows
from tests.staff.desk import check_up, clock, desk, reception, site, surgeon
from tests.staff.people import signed_in

__all__ = ["check_up", "clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def standing(check_up, site, surgeon):
    """Booked for tomorrow; then the patient was operated on again, and the plan ended."""
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=1), by=surgeon, now=NOW)
    patient = check_up.surgery.patient
    an_enrolment(site, by=surgeon, patient=patient, date=site.today(NOW), running_plan="end")
    check_up.refresh_from_db()
    return check_up


@pytest.mark.parametrize("page", ["board", "record"])
def test_freed_it_is_not_said_to_be_due_again(desk, standing, page):
    on_board = reverse("staff:board-visit", args=[standing.pk, "free"])
    on_record = reverse("staff:record_visit", args=[standing.surgery_id, standing.pk, "free"])

    said = desk.post(on_board if page == "board" else on_record, follow=True).content.decode()

    assert "the plan of this operation ended, so nobody calls for this visit any more" in said
    assert "due again" not in said


def test_missed_it_is_not_offered_to_be_booked(reception, site, surgeon, standing):
    later = NOW + timedelta(days=2)
    with time_machine.travel(later, tick=False):
        visit_actions.mark_missed(standing, by=surgeon, now=later)
        desk = signed_in(reception)
        record = desk.get(reverse("staff:record", args=[standing.surgery_id])).content.decode()
        [row] = rows(board(site, staff=surgeon, now=later), "missed")

        assert [action.verb for action in row.actions] == ["attended", "not-needed"]
        assert "book a visit of the later operation" in row.title
        assert reverse("staff:record_visit", args=[standing.surgery_id, standing.pk, "attended"]) in record
        assert reverse("staff:record_visit", args=[standing.surgery_id, standing.pk, "book"]) not in record
        desk.post(reverse("staff:record_visit", args=[standing.surgery_id, standing.pk, "attended"]))

    standing.refresh_from_db()
    assert standing.state == "attended"
