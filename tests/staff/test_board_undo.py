"""A wrong click is taken back beside its row, and on the record afterwards; a click on a stale page is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reminders import visit_actions
from tests.given import NOW
from tests.staff.desk import check_up, clock, desk, reception, site, state, surgeon
from tests.staff.people import signed_in

__all__ = ["check_up", "clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


def do(client, check_up, deed: str, page: str = "staff:board-visit", **data):
    keys = [check_up.pk, deed] if page == "staff:board-visit" else [check_up.surgery_id, check_up.pk, deed]
    return client.post(reverse(page, args=keys), data)


def board(client) -> str:
    return client.get(reverse("staff:board")).content.decode()


def booked(check_up, by, **ahead):
    return visit_actions.book_visit(check_up, at=NOW + timedelta(**ahead), by=by, now=NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("deed", "data", "became"),
    [
        ("attended", {}, "attended"),
        ("missed", {}, "missed"),
        ("free", {}, "due"),
        ("not-needed", {"why": "operated on again"}, "not_needed"),
        ("book", {"at": "2026-03-05T10:00"}, "booked"),
        ("confirm", {}, "confirmed"),
    ],
)
def test_each_click_is_undone_from_the_board_or_from_the_record(desk, surgeon, check_up, deed, data, became):
    booked(check_up, surgeon, minutes=-10)
    before = state(check_up), check_up.booked_for
    do(desk, check_up, deed, seen="1", **data)
    assert state(check_up) == became

    offered = board(desk)
    assert 'aria-label="Undo: Ana Ruiz"' in offered
    assert 'class="undo"' not in board(desk)
    if deed not in ("free", "not-needed", "book"):
        do(desk, check_up, "undo", change=str(check_up.revision))
        assert (state(check_up), check_up.booked_for) == before
        do(desk, check_up, deed, **data)
        state(check_up)
    record = desk.get(reverse("staff:record", args=[check_up.surgery_id])).content.decode()
    assert "Ida Hale" in record.split(f'id="visit-{check_up.pk}"')[1].split("Undo")[0]
    do(desk, check_up, "undo", "staff:record_visit", change=str(check_up.revision))
    assert (state(check_up), check_up.booked_for) == before


def test_the_reason_is_asked_for_and_stands_on_the_record(desk, check_up):
    refused = do(desk, check_up, "not-needed", why=" ")
    do(desk, check_up, "not-needed", why="Operated on <again>")

    record = desk.get(reverse("staff:record", args=[check_up.surgery_id])).content.decode()
    assert refused.status_code == 422
    assert "Say in a few words why the visit is not needed." in refused.content.decode()
    assert "Operated on &lt;again&gt;" in record
    assert f'id="visit-{check_up.pk}"' not in board(desk)


def test_two_people_at_one_desk_do_not_book_over_each_other(desk, surgeon, check_up):
    colleague = signed_in(surgeon)
    for client in (desk, colleague):
        assert 'name="seen" value="0"' in board(client)
    do(desk, check_up, "book", at="2026-03-05T09:20", seen="0")

    refused = do(colleague, check_up, "book", at="2026-03-06T11:00", seen="0")

    assert refused.status_code == 422
    assert "Ida Hale booked Thu 5 Mar 9:20 just now: look again." in refused.content.decode()
    assert (state(check_up), check_up.bookings) == ("booked", 1)
    for wrong in ("x", "²", "-1"):
        assert "This page cannot be read any more" in do(desk, check_up, "free", seen=wrong).content.decode()


def test_an_undo_does_not_take_back_what_a_colleague_did(desk, surgeon, check_up):
    do(desk, check_up, "attended")
    stale = state(check_up) and check_up.revision
    do(signed_in(surgeon), check_up, "undo", change=str(stale))
    do(signed_in(surgeon), check_up, "book", at="2026-03-05T09:20")

    refused = do(desk, check_up, "undo", change=str(stale))

    assert "look again" in refused.content.decode()
    assert state(check_up) == "booked"
