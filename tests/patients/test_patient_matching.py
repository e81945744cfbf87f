"""Who may be registered already: what counts as the same name and nearly the same number, and its cost."""

from datetime import date

import pytest

from patients.patient_matching import PersonFacts, candidates, candidates_of_many, like_names, like_numbers
from tests.given import a_patient, a_phone, a_site, a_staff_member, an_email, phone

BORN = date(1950, 6, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ana", "Ruiz"), ("ANA", "ruiz")),
        (("José", "Peña"), ("Jose", "Pena")),
        (("Ana Maria", "Ruiz-Lopez"), ("Ana  María", "Ruiz Lopez")),
        (("Sean", "O'Brien"), ("Sean", "O Brien")),
        (("Sean", "O’Brien"), ("Sean", "OBrien")),
        (("Ruiz", "Ana"), ("Ana", "Ruiz")),
        (("Maria Ana", "Ruiz"), ("Ana Maria", "Ruiz")),
        (("Łukasz", "Søren"), ("Lukasz", "Soren")),
    ],
)
def test_a_name_spelt_otherwise_is_the_same_name(one, other):
    assert like_names(one, other)


def test_other_names_are_not_alike_and_no_letters_are_nobodys_name():
    assert not like_names(("Ana", "Ruiz"), ("Ana", "Ruis"))
    assert not like_names((".", "-"), ("-", "."))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("00123", "123", True),
        ("a-7", "A-7", True),
        ("A-007", "a 7", True),
        ("12 34", "12-34", True),
        ("1-023", "1023", True),
        ("1230", "123", False),
        ("102", "12", False),
        ("A-7", "B-7", False),
    ],
)
def test_numbers_are_alike_but_for_case_separators_and_leading_zeros(one, other, alike):
    assert like_numbers(one, other) is alike


@pytest.mark.django_db
@pytest.mark.embedded
class TestAtASite:
    def test_each_reason_is_named_the_strongest_first_and_only_at_this_site(self):
        site, elsewhere = a_site(), a_site("lakeside")
        by, there = a_staff_member(site), a_staff_member(elsewhere)
        contacts = (a_phone(phone(40)), an_email("ana@example.org"))
        near = a_patient(site, number="00-77", given_name="Eva", family_name="Holm", birth_date=date(1940, 1, 1), by=by)
        mail = a_patient(
            site, an_email("ana@example.org"), given_name="Eva", family_name="Holm", birth_date=BORN, by=by
        )
        same = a_patient(site, *contacts, number="B-1", given_name="ANA", family_name="Rüiz", birth_date=BORN, by=by)
        a_patient(elsewhere, *contacts, number="77", birth_date=BORN, by=there)
        a_patient(site, *contacts, number="B-2", birth_date=date(1951, 6, 1), by=by)  # another day

        found = candidates(site, PersonFacts("77", "Ana", "Ruiz", BORN, (phone(40), "ana@example.org")))

        assert [(one.patient, [like.value for like in one.why]) for one in found] == [
            (same, ["same_name_and_birth_date", "same_phone_and_birth_date", "same_email_and_birth_date"]),
            (mail, ["same_email_and_birth_date"]),
            (near, ["nearly_the_same_number"]),
        ]

    def test_many_cost_as_many_queries_as_one(self, django_assert_num_queries):
        site = a_site()
        by = a_staff_member(site)
        for n in range(3):
            a_patient(site, a_phone(phone(40 + n)), number=f"B-{n}", birth_date=BORN, by=by)
        asked = {n: PersonFacts(f"C-{n}", "Ana", "Ruiz", BORN, (phone(40 + n),)) for n in range(3)}

        with django_assert_num_queries(2):
            found = candidates_of_many(site, asked)

        assert [len(found[n]) for n in range(3)] == [3, 3, 3]
