"""All patients of a surgeon who leaves are handed over in a real browser, and the new fields fit a desk and a phone."""

import pytest
import time_machine
from django.urls import reverse

from patients.models import Surgery
from tests import given
from tests.given import NOW
from tests.staff.browsing import fits, sign_in
from tests.staff.people import a_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


def test_a_surgeons_patients_are_handed_over_after_a_look(live_server, browser_page):
    site = given.a_site()
    leaving, new_one = given.a_staff_member(site, username="old"), given.a_staff_member(site, username="new")
    type(new_one).objects.filter(pk=new_one.pk).update(first_name="Rex", last_name="Novak")
    surgery = given.an_enrolment(site, by=leaving, day=3)
    page = sign_in(browser_page, live_server.url, a_manager(site))
    page.goto(live_server.url + reverse("staff:enrol"))
    page.get_by_label("Or only the year of birth").fill("1965")
    fits(page, "enrol")

    page.goto(live_server.url + reverse("staff:surgeons"))
    page.get_by_label("Surgeon who leaves").select_option("Ida Hale")
    page.get_by_label("New surgeon").select_option("Rex Novak")
    page.get_by_label("Why").fill("retired")
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_text("1 operation of 1 patient").wait_for()
    fits(page, "hand-over")
    page.get_by_role("button", name="Hand over 1 patient").click()
    page.get_by_text("1 patient now belongs to Rex Novak").wait_for()

    assert Surgery.objects.get(pk=surgery.pk).surgeon.last_name == "Novak"
    page.goto(live_server.url + reverse("staff:record", args=[surgery.pk]))
    page.get_by_text("Change the surgeon").first.click()
    fits(page, "record-surgeon")
