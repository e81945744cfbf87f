"""Signing in leads to the board, what went wrong is said in words, and every page has its icon."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.given import PASSWORD, a_site, a_staff_member
from tests.staff.admin_pages import text
from tests.staff.people import people, signed_in

__all__ = ["people"]
pytestmark = pytest.mark.django_db


def test_signing_in_leads_to_the_board():
    staff = a_staff_member(a_site())

    page = Client().get("/staff/login/")
    response = Client().post("/staff/login/", {"username": staff.username, "password": PASSWORD})

    assert page.status_code == 200
    assert response.headers["Location"] == reverse("staff:board")


def test_a_wrong_password_is_said_in_words_and_so_is_what_helps():
    staff = a_staff_member(a_site())

    wrong = text(Client().post("/staff/login/", {"username": staff.username, "password": "x"}))
    empty = text(Client().post("/staff/login/", {"username": "", "password": ""}))

    assert "is wrong" in wrong
    assert "a manager of your clinic can give you a new password" in wrong
    assert "Enter your username." in empty


def test_who_belongs_to_no_site_reads_so_after_signing_in(people):
    people.colleague.memberships.all().delete()

    for door in ("/", "/staff/", reverse("staff:board")):
        response = signed_in(people.colleague).get(door, follow=True)
        assert response.status_code == 403, door
        assert "You do not work at any site yet" in text(response), door


def test_every_page_has_an_icon_and_so_has_the_address_browsers_guess(people):
    assert "icon.svg" in text(signed_in(people.owner).get(reverse("staff:board")))
    assert "icon.svg" in text(Client().get("/staff/login/"))
    assert Client().get("/favicon.ico").headers["Location"] == "/static/icon.svg"
