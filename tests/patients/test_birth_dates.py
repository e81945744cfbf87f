"""Of some people only the year of birth is known: it is kept as such, and each rule takes the careful end of it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from clinic.staff.enrol.forms import PatientForm
from patients import actions as care
from patients.birth_dates import BirthDate, partial
from patients.initials import Person, tags
from patients.models import Patient
from patients.patient_matching import Likeness, PersonFacts, candidates
from tests.given import NOW, a_patient, a_site, a_staff_member

YEAR = BirthDate(date(1965, 1, 1), "year")


@pytest.mark.parametrize(
    ("text", "born", "said", "last"),
    [
        ("1965", YEAR, "1965", date(1965, 12, 31)),
        ("1964-02", BirthDate(date(1964, 2, 1), "month"), "Feb 1964", date(1964, 2, 29)),
    ],
)
def test_what_is_known_is_read_and_said_as_it_is(text, born, said, last):
    assert (partial(text), f"{born}", born.isoformat(), born.last) == (born, said, text, last)


@pytest.mark.parametrize("text", ["1965-04-02", "1965-13", "65", "", "0000", "1965-4"])
def test_anything_else_is_no_part_of_a_date(text):
    assert partial(text) is None


@pytest.mark.django_db
def test_the_age_is_the_highest_and_a_minor_is_whoever_may_be_one():
    site = a_site()
    by = a_staff_member(site)
    known = {"birth_known": "year"}

    patient = a_patient(site, by=by, birth_date=date(1965, 1, 1), **known)
    with pytest.raises(ValidationError, match="may be under 18"):
        a_patient(site, by=by, birth_date=date(NOW.year - 18, 1, 1), **known)
    with pytest.raises(ValidationError, match="first day"):
        a_patient(site, by=by, birth_date=date(1965, 4, 2), **known)

    assert (patient.age(date(2026, 3, 2)), str(patient.born)) == (61, "1965")
    assert a_patient(site, by=by, birth_date=date(NOW.year - 19, 1, 1), **known).pk
    corrected = care.correct(patient, by=by, now=NOW, birth_date=date(1965, 4, 2))
    assert str(corrected.born) == "2 Apr 1965"


@pytest.mark.django_db
def test_page_and_api_take_a_year_and_give_it_back_and_search_finds_it():
    site = a_site()
    by = a_staff_member(site)
    client = APIClient()
    client.force_authenticate(by)
    body = {"site": site.code, "number": "B-2", "given_name": "Yuni", "birth_date": "1965"}
    typed = {"number": "B-1", "language": "en", "given_name": "Ana", "birth_year": "1965"}

    answer = client.post("/api/v1/patients/", body, format="json").json()
    form = PatientForm(typed, site=site)
    neither = PatientForm(typed | {"birth_year": ""}, site=site)

    assert answer["birth_date"] == "1965"
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["birth_date"], form.cleaned_data["birth_known"]) == YEAR
    assert list(neither.errors) == ["birth_date"]
    for words in ("1965 yuni", "yuni 2 Apr 1965", "1965-04-02"):
        assert Patient.objects.for_staff(by).matching(words).get().pk == answer["id"], words


@pytest.mark.django_db
def test_a_year_is_like_a_day_in_it_for_somebody_of_the_same_name():
    site = a_site()
    by = a_staff_member(site)
    day, year = (
        a_patient(site, by=by, given_name="Eva", birth_date=born, birth_known=known)
        for born, known in ((date(1965, 4, 2), "day"), (date(1965, 1, 1), "year"))
    )

    for born, known, found in (
        (date(1965, 1, 1), "year", {day, year}),
        (date(1965, 4, 2), "day", {day, year}),
        (date(1965, 4, 3), "day", {year}),
        (date(1966, 1, 1), "year", set()),
    ):
        alike = candidates(site, PersonFacts("X-1", "Eva", "Ruiz", born, birth_known=known))
        assert {one.patient for one in alike} == found
        assert all(one.why[0] in (Likeness.NAME, Likeness.YEAR) for one in alike)


def test_no_day_that_nobody_knows_tells_two_people_apart():
    people = [Person(1, "Jane", "Moore", date(1950, 1, 4)), Person(2, "Jane", "Moore", date(1980, 1, 1), "year")]

    assert list(tags(people).values()) == ["", ""]
