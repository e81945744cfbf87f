"""Characters nobody sees make no second patient and stay in no name."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import CharField, Value

from clinic.exchange import cells
from clinic.staff.status import marked_numbers
from patients import characters
from patients.models import Patient
from reminders import enrolment
from tests.given import a_new_patient, a_patient, a_site, a_staff_member, an_email

UNSEEN = [
    "A\u200b-1",
    "\u200eA-1\u200f",
    "A\u00ad-1",
    "A\u20111",
    "\ufeffA-\ufeff1",
    "Ａ－１",
    "A-1\ufe0f",
    " A-1\u00a0",
    "A‐1",
]


@pytest.mark.parametrize("typed", UNSEEN)
def test_numbers_that_look_alike_are_one(typed):
    assert characters.patient_number(typed) == cells.code(typed) == "A-1"


@pytest.mark.parametrize("typed", ["A-01", "a-1", "A 1", "Ä-1", "00123"])
def test_a_difference_that_can_be_seen_stays(typed):
    assert characters.patient_number(typed) == typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nu\u00adñez\u200b", "Nuñez"),
        ("\u202aÁlvarez\u202c  Peña", "Álvarez Peña"),
        ("Jose\u0301", "José"),
        ("Peña\u2011Ruiz", "Peña-Ruiz"),
        ("O’Brien", "O’Brien"),
        ("ﬁona ½", "ﬁona ½"),
        ("علی\u200cرضا", "علی\u200cرضا"),  # the joiner shapes the letter before it
        ("Ana\u200c", "Ana"),
        ("李\u3000伟", "李 伟"),
    ],
)
def test_names_keep_each_letter_and_nothing_unseen(typed, kept):
    assert characters.person_name(typed) == cells.words(typed) == kept


@pytest.mark.django_db
def test_whoever_is_registered_under_a_number_is_found_in_any_spelling():
    site = a_site()
    by = a_staff_member(site)
    patient = a_patient(site, an_email(relationship="caregiver", name="Lu\u200bis"), number="A\u200b-1", by=by)

    assert [patient.number, patient.contacts.get().name] == ["A-1", "Luis"]
    for typed in UNSEEN:
        assert Patient.objects.for_site(site).get(number=typed) == patient
        assert enrolment.who_may_be_meant(site, a_new_patient(number=typed)) == []  # the number itself is taken


def as_typed(text):
    """As a row of an earlier version holds it."""
    return Value(text, CharField())


@pytest.mark.django_db
def test_rows_from_before_are_spelt_anew_and_a_number_of_two_is_marked_and_shown_to_managers():
    site, other = a_site(), a_site("lakeside")
    by, there = a_staff_member(site), a_staff_member(other)
    rows = [a_patient(site, by=by, given_name=name) for name in ("Ana", "Eva", "Tom")]
    alone = a_patient(other, by=there)
    for patient, number in zip([*rows, alone], ["A\u200b-1", "A-1", "A\u00ad-1", "A-1\u200b"], strict=True):
        Patient.objects.filter(pk=patient.pk).update(number=as_typed(number), family_name=as_typed("Nu\u00adñez"))

    import_module("patients.migrations.0018_numbers_and_names_without_unseen_characters").respell(apps, None)

    spelt = Patient.objects.order_by("pk").values_list("number", "family_name")
    assert list(spelt) == [
        ("A-1 [2]", "Nuñez"), ("A-1", "Nuñez"), ("A-1 [3]", "Nuñez"), ("A-1", "Nuñez"),
    ]  # fmt: skip
    [(where, warning)] = marked_numbers.warnings([site, other])
    assert where == str(site)
    assert "2 patients had the number of another one" in warning.sentence
    assert "A-1 [2], A-1 [3]" in warning.sentence
