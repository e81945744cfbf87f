"""Rows that may be of one person under two numbers are taken, and the report says so."""

from datetime import date

import pytest

from clinic.exchange import patient_import
from clinic.exchange.import_rows import Why
from patients.models import Patient
from tests.exchange.importing import a_row, by, outcomes, site, take, whys
from tests.given import a_patient, a_phone, phone

__all__ = ["by", "site"]
pytestmark = pytest.mark.django_db
TWO_CHUNKS = [500, 1]


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("chunk", TWO_CHUNKS)
def test_a_twin_on_record_or_earlier_in_the_file_is_one_warning_each(site, by, monkeypatch, dry_run, chunk):
    monkeypatch.setattr(patient_import, "CHUNK", chunk)
    a_patient(site, a_phone(phone(20)), number="R-2001", given_name="ANA", by=by)
    rows = [
        a_row(2, number="A-1", phones=(phone(20),)),
        a_row(3, number="A-2", phones=(phone(21),)),
        a_row(4, number="a 002", given_name="Eva", birth_date=date(1940, 1, 1), phones=(phone(22),)),
        a_row(5, number="A-9", given_name="Lea", birth_date=date(1941, 1, 1), phones=(phone(22),)),
    ]

    report = take(*rows, site=site, by=by, dry_run=dry_run)

    assert outcomes(report) == ["added"] * 4
    assert Patient.objects.count() == (1 if dry_run else 5)
    assert report.exit_code == 0
    said = [[fault.says for fault in row.warnings] for row in report.rows]
    same, end = "same name and date of birth", "If this is one person, merge the two numbers."
    assert said == [
        [f"Looks like patient number R-2001: {same}, same phone number and date of birth. {end}"],
        [f"Looks like patient number R-2001: {same}. {end}", f"Looks like patient number A-1: {same}. {end}"],
        [f"Looks like patient number A-2: nearly the same patient number. {end}"],
        [],
    ]


def test_the_same_file_again_warns_no_more_and_an_added_address_does(site, by):
    rows = [a_row(), a_row(3, number="A-2", given_name="Eva", phones=(phone(11),))]
    take(*rows, site=site, by=by)

    again = take(*rows, site=site, by=by)
    assert [whys(row) for row in again.rows] == [[], []]

    added = take(a_row(phones=(phone(11),)), site=site, by=by)
    assert outcomes(added) == ["updated"]
    assert Why.ALIKE in whys(added.rows[0])
