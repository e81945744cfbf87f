"""Staff in the admin: managers give roles at their own sites, take over nobody else's, and never all leave."""

import pytest
from django.test import Client
from django.urls import reverse

from patients import audit
from patients.models import Site, StaffMember
from tests.given import a_staff_member
from tests.staff.admin_pages import change, form_of, text
from tests.staff.people import a_manager, also, people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db


def test_a_manager_adds_somebody_with_a_role_at_an_own_site(people):
    client = signed_in(a_manager(people.site))
    url = reverse("admin:patients_staffmember_add")
    who = {
        "username": "nora",
        "first_name": "Nora",
        "password1": "a long enough word",
        "password2": "a long enough word",
    }
    base = form_of(client, url) | who

    foreign = client.post(
        url, base | {"memberships-0-site": people.stranger.sites.get().pk, "memberships-0-role": "surgeon"}
    )
    nowhere = client.post(url, base)
    good = client.post(url, base | {"memberships-0-site": people.site.pk, "memberships-0-role": "reception"})

    assert foreign.status_code == nowhere.status_code == 200
    assert good.status_code == 302, good.context["errors"]
    nora = StaffMember.objects.get(username="nora")
    assert nora.is_at(people.site, "reception")
    assert (nora.is_staff, nora.is_superuser) == (True, False)
    assert Client().login(username="nora", password="a long enough word")


def test_a_manager_cannot_take_over_somebody_of_another_site_too(people):
    elsewhere = people.stranger.sites.get()
    both = also(a_staff_member(people.site, "reception"), elsewhere, "manager")
    client = signed_in(a_manager(people.site))
    password = reverse("admin:auth_user_password_change", args=[both.pk])

    assert client.post(password, {"password1": "x", "password2": "x"}).status_code == 403
    client.post(change(both), form_of(client, change(both)) | {"username": "mine", "is_superuser": "on"})

    both.refresh_from_db()
    assert both.username != "mine"
    assert not both.is_superuser
    assert both.is_at(elsewhere, "manager")


def test_each_site_it_concerns_tells_of_a_change_and_no_other(people):
    """Another role concerns the site where it is held; another name, every site where the person works."""
    elsewhere = people.stranger.sites.get()
    both, manager = also(a_staff_member(people.site, "reception"), elsewhere, "surgeon"), a_manager(people.site)
    client, url = signed_in(manager), change(both)

    client.post(url, form_of(client, url) | {"memberships-0-role": "surgeon"})
    client.post(url, form_of(client, url))
    assert told_of(both) == [("staff member changed", people.site, "surgeon")]

    client = signed_in(also(manager, elsewhere, "manager"))
    client.post(url, form_of(client, url) | {"last_name": "Holt"})

    both.refresh_from_db()
    assert both.last_name == "Holt"
    assert told_of(both)[1:] == [
        ("staff member changed", elsewhere, "surgeon"), ("staff member changed", people.site, "surgeon"),
    ]  # fmt: skip


def told_of(staff: StaffMember) -> list[tuple[str, Site | None, str]]:
    return [(entry.verb, entry.site, entry.details["roles"]) for entry in audit.history(staff)]


def test_a_manager_who_left_does_not_count_as_the_last_one(people):
    manager, left = a_manager(people.site), a_manager(people.site)
    left.is_active = False
    left.save()
    client = signed_in(manager)

    client.post(change(manager), form_of(client, change(manager)) | {"memberships-0-role": "reception"})

    assert manager.is_at(people.site, "manager")


def test_staff_is_listed_for_managers_only_and_the_last_one_stays(people):
    manager = a_manager(people.site)
    client, url = signed_in(manager), reverse("admin:patients_staffmember_changelist")

    assert signed_in(people.colleague).get(url).status_code == 403
    assert people.colleague.username in text(client.get(url))
    assert people.stranger.username not in text(client.get(url))
    data = form_of(client, change(manager)) | {"memberships-0-role": "reception"}
    assert client.post(change(manager), data).status_code == 200
    assert manager.is_at(people.site, "manager")
