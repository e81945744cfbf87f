"""Visits after the next 14 days are one tab away, in pages, with the same actions."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from reminders import visit_actions
from tests.given import NOW, a_site, a_staff_member, an_enrolment
from tests.staff.board_rows import visit_of
from tests.staff.desk import check_up, clock, desk, reception, site, state, surgeon
from tests.staff.people import signed_in

__all__ = ["check_up", "clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


def later(client, **query) -> str:
    return client.get(reverse("staff:board-later"), query).content.decode()


def test_every_visit_stands_on_the_board_or_behind_its_tab(desk, site, surgeon):
    surgery = an_enrolment(site, by=surgeon)
    last_shown, first_later = (visit_of(surgery, code) for code in ("first-visit", "six-weeks"))
    due = visit_of(surgery, "twelve-weeks")
    midnight = (NOW + timedelta(days=15)).replace(hour=5)  # in New York; the clocks go forward on 8 March
    visit_actions.book_visit(last_shown, at=midnight - timedelta(minutes=61), by=surgeon, now=NOW)
    visit_actions.book_visit(first_later, at=midnight - timedelta(minutes=60), by=surgeon, now=NOW)

    board, behind = desk.get(reverse("staff:board")).content.decode(), later(desk)

    assert 'href="/staff/board/later/"' in board
    for row, shown, absent in ((last_shown, board, behind), (first_later, behind, board), (due, behind, board)):
        assert f'id="visit-{row.pk}"' in shown
        assert f'id="visit-{row.pk}"' not in absent


def test_long_lists_come_in_pages_and_none_is_left_out(desk, surgeon, check_up):
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=20), by=surgeon, now=NOW)
    state(check_up)
    for number in range(1, 60):
        check_up.pk, check_up.occurrence = None, number
        check_up.save()

    pages = [later(desk, page=number) for number in (1, 2, 99, "x")]

    found = [re.findall(r'class="row board-row" id="(visit-\d+)"', page.split('id="later-due"')[0]) for page in pages]
    assert [len(rows) for rows in found] == [50, 10, 10, 50]
    assert len({*found[0], *found[1]}) == 60
    assert "page 1 of 2" in pages[0]


def test_what_is_done_there_leads_back_there(desk, surgeon, check_up):
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=20), by=surgeon, now=NOW)
    address = reverse("staff:board-visit", args=[check_up.pk, "book"])

    refused = desk.post(address, {"at": "2026-03-01T10:00", "seen": "1", "tab": "later"})
    moved = desk.post(address, {"at": "2026-03-25T10:00", "seen": "1", "tab": "later"})

    assert refused.status_code == 422
    assert "This time has passed." in refused.content.decode().split(f'id="visit-{check_up.pk}"')[1]
    assert 'value="2026-03-01T10:00"' in refused.content.decode()
    assert moved.headers["Location"] == reverse("staff:board-later")
    assert 'aria-label="Undo: Ana Ruiz"' in later(desk)


def test_a_colleague_sees_it_and_a_stranger_does_not(surgeon, desk, check_up):
    visit_actions.book_visit(check_up, at=NOW + timedelta(days=20), by=surgeon, now=NOW)
    stranger = a_staff_member(a_site("hillside", name="Hillside Clinic"), "reception")

    for client in (signed_in(surgeon), desk):
        assert "Ana Ruiz" in later(client)
    assert "Ana Ruiz" not in later(signed_in(stranger))
