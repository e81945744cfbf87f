"""What a journey is told in: given, when, then. Each step is what a person does or sees, in a real browser."""

from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from playwright.sync_api import Page, expect

from patients.models import Site, StaffMember
from tests import given

PHONE = given.phone(77)


def given_a_clinic_with_a_surgeon(now: Any) -> tuple[Site, StaffMember]:
    site = given.a_site(now=now)
    surgeon = given.a_staff_member(site, username="ida.hale")
    given.a_signed_version(site, "decompression", by=surgeon, now=now)
    return site, surgeon


def when_signed_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(given.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Enrol a patient")).to_be_visible()


def when_enrolled_by_form(page: Page, *, given_name: str, family_name: str) -> None:
    """A phone with consent, a microdiscectomy today; the plan stands beside the form before anything is saved."""
    page.get_by_role("link", name="Enrol a patient").click()
    page.get_by_label("Patient number").fill("R-1")
    page.get_by_label("Date of birth").fill("1964-02-03")
    page.get_by_label("Given name").fill(given_name)
    page.get_by_label("Family name").fill(family_name)
    page.get_by_label("Mobile phone", exact=True).fill(PHONE)
    page.get_by_label("Agreed to get messages here").first.check()
    page.get_by_label("Procedure").select_option(label="Microdiscectomy")
    expect(page.get_by_text("For now, do not lift heavy things").first).to_be_visible()
    page.get_by_role("button", name="Enrol", exact=True).click()


def when_days_pass(days: int, aside: Callable[..., Any]) -> None:
    aside(call_command, "fastforward", days=days)


def when_the_visit_is_booked(page: Page, address: str, person: str) -> None:
    """The suggested time is taken as it stands."""
    page.goto(f"{address}/staff/board/")
    row = page.locator(".board-row", has_text=person).filter(has_text="First visit")
    row.locator("summary", has_text="Book").click()
    row.get_by_role("button", name=f"Book at this time: {person}").click()
    expect(page.get_by_role("region", name="Next 14 days").get_by_text(person).first).to_be_visible()


def then_the_outbox_shows(page: Page, address: str, person: str, *texts: str) -> None:
    page.goto(f"{address}/staff/outbox/")
    page.get_by_role("link", name=person).click()
    for text in texts:
        expect(page.get_by_text(text).first).to_be_visible()


def then_the_board_shows(page: Page, address: str, section: str, person: str) -> None:
    page.goto(f"{address}/staff/board/")
    expect(page.get_by_role("region", name=section).get_by_text(person).first).to_be_visible()
