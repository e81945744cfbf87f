"""Sites in the admin: the first one is opened by the first superuser, and managers set how theirs sends."""

import pytest
from django.urls import reverse

from patients import clock
from patients.models import Membership, Site, StaffMember
from reminders.plan.models import CarePlan
from tests.given import PASSWORD, an_enrolment
from tests.staff.admin_pages import change, form_of, text
from tests.staff.people import a_manager, also, people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db


def test_the_first_superuser_opens_the_first_site_and_manages_it():
    root = StaffMember.objects.create_superuser("root", password=PASSWORD)
    client = signed_in(root)
    new = {"name": "Lakeside", "code": "lakeside", "short_name": "Lakeside", "phone": "+12025550100"}

    assert "Open the first site" in text(client.get(reverse("admin:index"), follow=True))
    url = reverse("admin:patients_site_add")
    response = client.post(url, form_of(client, url) | new | {"languages": "en, es"})

    assert response.status_code == 302, response.context["errors"]
    site = Site.objects.get()
    assert site.languages == ["en", "es"]
    assert Membership.objects.get().role == "manager"
    assert site.protocols.count() == 5


def test_only_managers_open_and_change_sites_and_plans_follow(people):
    an_enrolment(people.site, by=people.owner, now=clock.now())
    manager = signed_in(a_manager(people.site))

    assert signed_in(people.owner).get(reverse("admin:patients_site_add")).status_code == 403
    response = manager.post(
        change(people.site),
        form_of(manager, change(people.site)) | {"send_from": "10:00", "staffed_weekdays": ["0", "1"]},
    )

    people.site.refresh_from_db()
    assert response.status_code == 302, response.context["errors"]
    assert f"{people.site.send_from:%H:%M}" == "10:00"
    assert people.site.staffed_weekdays == [0, 1]
    assert CarePlan.objects.get().laid_out_until == people.site.today(clock.now())


def test_a_manager_sets_how_much_a_site_sends_and_what_to_do_in_doubt(people):
    client, url = signed_in(also(people.owner, people.site, "manager")), change(people.site)
    new = {"when_unknown": "email", "texts_a_day": "2", "texts_a_week": "5", "daily_cap": "300"}

    response = client.post(url, form_of(client, url) | new | {"text_countries": "US, CA", "stop_covers_all": "on"})

    assert response.status_code == 302, response.context["errors"]
    site = Site.objects.get(pk=people.site.pk)
    assert (site.when_unknown, site.texts_a_day, site.texts_a_week, site.daily_cap) == ("email", 2, 5, 300)
    assert (site.text_countries, site.stop_covers_all) == (["US", "CA"], True)


@pytest.mark.parametrize("wrong", [{"text_countries": "Utopia"}, {"texts_a_day": "0"}, {"texts_a_week": "1"}])
def test_limits_that_make_no_sense_are_refused_in_words(people, wrong):
    client, url = signed_in(also(people.owner, people.site, "manager")), change(people.site)

    response = client.post(url, form_of(client, url) | wrong)

    assert response.status_code == 200
    assert response.context["errors"]
