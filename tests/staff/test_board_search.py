"""The board's search finds a patient by name, number or phone, and leaves the words in no address."""

import pytest
from django.urls import reverse

from tests.given import a_phone, an_enrolment, phone
from tests.staff.desk import clock, desk, reception, site, surgeon

__all__ = ["clock", "desk", "reception", "site", "surgeon"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("words", ["ruiz", "ana ruiz", "A-777", "+1 202-555-0114", "5550114", "0114"])
def test_a_patient_is_found_by_name_number_or_phone(desk, site, surgeon, words):
    an_enrolment(site, a_phone(phone(14)), by=surgeon, day=12)
    surgery = an_enrolment(site, a_phone(phone(14)), by=surgeon, day=3)
    type(surgery.patient).objects.filter(pk=surgery.patient_id).update(number="A-777")

    page = desk.post(reverse("staff:board-search"), {"words": words}).content.decode()

    assert reverse("staff:record", args=[surgery.pk]) in page.split('id="board"')[0]


def test_a_search_that_finds_nobody_says_what_to_try(desk, site):
    page = desk.post(reverse("staff:board-search"), {"words": "zzz"}).content.decode()

    assert "No patient matches all of these words." in page


def test_a_search_never_leaves_the_words_in_an_address(desk, site):
    assert desk.get(reverse("staff:board-search"), {"words": "ruiz"}).status_code == 405
