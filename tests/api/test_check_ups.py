"""Visits through the API: freed, not needed, undone, and never booked over a booking that was not seen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from patients import clock
from tests.api.problems import named, problem
from tests.waiting import HUNG


@pytest.fixture
def check_up(surgery):
    return surgery.check_ups.order_by("window_opens").first()


def days(number: int) -> str:
    return (clock.now() + timedelta(days=number)).replace(microsecond=0).isoformat()


def test_each_change_is_answered_with_what_undoes_it(as_, colleague, check_up):
    client, url = as_(colleague), f"/api/v1/check-ups/{check_up.pk}/"
    booked = client.post(f"{url}book/", {"booked_for": days(3), "seen": 0}).json()
    freed = client.post(f"{url}free/").json()
    undone = client.post(f"{url}undo/", {"revision": freed["revision"]}).json()
    off = client.post(f"{url}not-needed/", {"why": "seen elsewhere", "seen": 1}).json()
    back = client.post(f"{url}undo/").json()

    assert (freed["state"], freed["booked_for"], freed["bookings"]) == ("due", None, 1)
    assert (off["state"], off["not_needed_why"]) == ("not_needed", "seen elsewhere")
    assert booked.pop("warnings")
    for answer in (undone, back):
        assert {**answer, "revision": 0} == {**booked, "revision": 0}
    assert back["revision"] == 5
    assert "cancel" not in client.get(url).json()
    problem(client.post(f"{url}cancel/"), 404)


def test_a_time_that_something_speaks_against_is_booked_with_warnings(as_, colleague, check_up):
    at = f"{clock.now().date() + timedelta(days=300)}T03:00:00-05:00"
    booked = as_(colleague).post(f"/api/v1/check-ups/{check_up.pk}/book/", {"booked_for": at}).json()

    assert booked["state"] == "booked"
    assert any("outside the window of this visit" in warning for warning in booked["warnings"])


def test_what_is_missing_or_out_of_date_is_said(as_, colleague, owner, check_up):
    client, url = as_(colleague), f"/api/v1/check-ups/{check_up.pk}/"
    assert named(client.post(f"{url}not-needed/", {"why": " "})) == {"#/why": "This field may not be blank."}
    freed = client.post(f"{url}book/", {"booked_for": days(3)}).json()
    as_(owner).post(f"{url}book/", {"booked_for": days(4), "seen": 1})

    for path, body in (
        ("book/", {"booked_for": days(5), "seen": 1}),
        ("free/", {"seen": 1}),
        ("undo/", {"revision": freed["revision"]}),
    ):
        said = problem(client.post(url + path, body), 409)["detail"]
        assert said.startswith("Ida Hale moved it to ")
        assert said.endswith(" just now: look again.")
    assert client.get(url).json()["bookings"] == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_of_two_desks_that_book_one_visit_at_once_one_is_refused(as_, colleague, owner, check_up):
    url, start = f"/api/v1/check-ups/{check_up.pk}/book/", Barrier(2)

    def book(one: tuple[object, int]) -> int:
        client, day = as_(one[0]), one[1]
        start.wait(timeout=HUNG)
        try:
            return client.post(url, {"booked_for": days(day), "seen": 0}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(book, [(colleague, 3), (owner, 4)]))

    check_up.refresh_from_db()
    assert answers == [200, 409]
    assert check_up.bookings == check_up.changes.count() == 1
