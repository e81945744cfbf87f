"""Moving patients to a new version, in a real browser: seen first, started, watched until it is over."""

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from reminders import version_moves
from reminders.plan.models import VersionMove
from tests.given import NOW, a_staff_member
from tests.moves.given import MovedClinic, a_clinic
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch) -> MovedClinic:
    """No worker runs here: the test itself does the slices of its work."""
    monkeypatch.setattr("reminders.tasks.ring_for_move", lambda _pk: None)
    monkeypatch.setattr(version_moves, "BATCH", 2)
    return a_clinic(days=(0, 10, 100, 20))


@pytest.fixture
def page(live_server, browser_page: Page, clinic: MovedClinic) -> Page:
    """A manager has opened the signed version."""
    page = sign_in(browser_page, live_server.url, a_staff_member(clinic.site, "manager"))
    page.goto(live_server.url + reverse("admin:reminders_protocolversion_change", args=[clinic.new.pk]))
    return page


def a_slice(move: VersionMove, left: version_moves.Baton | None = None, **how: object) -> version_moves.Baton | None:
    return version_moves.run(move.pk, clock=lambda: NOW, baton=left, **how)


def test_a_manager_sees_what_it_does_starts_it_and_watches_it_end(page: Page, clinic: MovedClinic, aside) -> None:
    page.get_by_role("link", name="Move current patients to it").click()
    looked = page.get_by_role("region", name="What would change, patient by patient")
    expect(looked.get_by_role("row", name="All 4")).to_be_visible()
    for surgery in clinic.surgeries:
        row = looked.get_by_role("row", name=surgery.patient.number)
        expect(row).to_contain_text("now on version 1")
    sums = [int(cell) for cell in looked.get_by_role("row", name="All 4").get_by_role("cell").all_inner_texts()]
    rows = [row.get_by_role("cell").all_inner_texts()[1:] for row in looked.get_by_role("row").all()[1:5]]
    assert sums == [sum(map(int, column)) for column in zip(*rows, strict=True)]
    assert sums[0] > 0
    assert sums[4] == 0  # nothing twice
    fits(page, "move-begin")

    page.get_by_label("Why").fill("earlier visit")
    page.get_by_role("button", name="Move 4 patients").click()
    expect(page.get_by_text("0 of 4 moved")).to_be_visible()

    move = VersionMove.objects.get()
    left = aside(a_slice, move, until=NOW)
    expect(page.get_by_text("2 of 4 moved")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "50")
    fits(page, "move-half-way")
    aside(a_slice, move, left)

    expect(page.get_by_text("4 of 4 moved")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("Finished")
    people = page.get_by_role("region", name="Moved", exact=True)
    for surgery in clinic.surgeries:
        expect(people.get_by_role("row", name=surgery.patient.number)).to_be_visible()
    fits(page, "move-done")


def test_stopped_on_the_page_it_waits_and_goes_on_from_there(
    page: Page, clinic: MovedClinic, live_server, aside
) -> None:
    move = version_moves.start(clinic.new, why="earlier visit", by=clinic.surgeon, now=NOW)
    left = aside(a_slice, move, until=NOW)
    page.goto(live_server.url + reverse("staff:move", args=[move.pk]))

    page.get_by_role("button", name="Stop").click()
    aside(a_slice, move, left)
    expect(page.get_by_text("2 of 4 moved")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("Each patient is either moved or not")
    page.get_by_role("button", name="Continue").click()
    aside(a_slice, move)

    expect(page.get_by_text("4 of 4 moved")).to_be_visible()
