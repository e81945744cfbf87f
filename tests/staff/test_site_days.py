"""Region, holidays and closures on a site's page: what changes is shown first, and saved once it was read."""

from datetime import date

import pytest
from django.urls import reverse

from patients.models import ClosedDay, OpenHoliday, Site
from tests.staff.admin_pages import change, form_of, text
from tests.staff.people import a_manager, also, people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db
TICK = "Tick “Save the changed closed days” to save it"


@pytest.fixture
def page(people):
    client, url = signed_in(also(people.owner, people.site, "manager")), change(people.site)
    return lambda **typed: client.post(url, form_of(client, url) | typed)


def test_a_changed_region_is_shown_before_it_is_saved(people, page):
    first = page(region="HI")

    shown = text(first)
    assert "Statehood Day" in shown
    assert "Columbus Day" in shown
    assert TICK in shown
    people.site.refresh_from_db()
    assert people.site.region == ""

    assert page(region="HI", days_anyway="on").status_code == 302
    site = Site.objects.get(pk=people.site.pk)
    assert site.region == "HI"
    assert site.closed_days.filter(name="Statehood Day").exists()


def test_the_regions_follow_the_country_that_was_typed(page):
    shown = text(page(country="CA", region="NY"))

    assert "Choose a region of CA, or none." in shown
    assert "Ontario (CA-ON)" in shown


def test_a_week_of_closure_is_one_step(people, page):
    week = {"close_from": "2026-06-29", "close_until": "2026-07-05", "close_name": "Summer"}

    assert "Mon 29 Jun 2026 (Summer)" in text(page(**week))
    assert page(**week, days_anyway="on").status_code == 302
    assert people.site.closed_days.filter(name="Summer").count() == 5
    assert "ends before it begins" in text(page(**week | {"close_until": "2026-06-01"}))


def test_a_holiday_that_a_manager_takes_out_stays_out(people, page):
    days = list(people.site.closed_days.filter(date__gte="2026-03-01").order_by("date"))

    assert page(**{"closed_days-0-DELETE": "on", "closed_days-1-name": "Our own day"}).status_code == 302

    assert OpenHoliday.objects.get().date == days[0].date
    assert ClosedDay.objects.get(by_hand=True).date == days[1].date


def test_a_new_site_begins_with_the_holidays_of_its_region(people):
    client, url = signed_in(a_manager(people.site)), reverse("admin:patients_site_add")
    new = {"name": "Lakeside", "code": "lakeside", "short_name": "Lakeside", "phone": "+14165550100"}

    response = client.post(url, form_of(client, url) | new | {"languages": "en", "country": "CA", "region": "ON"})

    assert response.status_code == 302, response.context["errors"]
    assert ClosedDay.objects.filter(site__code="lakeside", date=date(2026, 2, 16)).exists()  # Family Day


def test_only_a_manager_of_the_site_changes_its_days(people):
    for who in (people.colleague, people.stranger):
        client = signed_in(who)
        assert client.post(change(people.site), {"region": "HI"}).status_code in (302, 403, 404)

    people.site.refresh_from_db()
    assert people.site.region == ""
