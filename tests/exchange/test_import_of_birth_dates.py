"""A date of birth of which only a part is known: more of it is taken, less never, and minors stay out."""

from datetime import date

import pytest

from clinic.exchange.import_rows import Why
from patients.models import Patient
from tests.exchange.importing import AGREED, a_row, by, outcomes, site, take, whys
from tests.given import phone

__all__ = ["by", "site"]
pytestmark = pytest.mark.django_db
YEAR = {"birth_date": date(1965, 1, 1), "birth_known": "year"}
MONTH = {"birth_date": date(1965, 4, 1), "birth_known": "month"}
DAY = {"birth_date": date(1965, 4, 2)}
NEW_YEARS_DAY = {"birth_date": date(1965, 1, 1)}


def kept(*rows, site, by):
    """What is on record after each of these was imported for one patient."""
    found = []
    for facts in rows:
        assert outcomes(take(a_row(**facts), site=site, by=by, agreed=AGREED)) != ["refused"]
        found.append(Patient.objects.get().born.isoformat())
    return found


def test_more_of_it_is_taken_and_less_of_it_never(site, by):
    assert kept(YEAR, MONTH, DAY, MONTH, YEAR, site=site, by=by) == ["1965", "1965-04"] + ["1965-04-02"] * 3


def test_the_first_of_january_is_more_than_the_year(site, by):
    assert kept(YEAR, NEW_YEARS_DAY, site=site, by=by) == ["1965", "1965-01-01"]


def test_who_may_be_a_minor_by_the_last_day_is_refused(site, by):
    report = take(a_row(birth_date=date(2008, 1, 1), birth_known="year"), site=site, by=by, agreed=AGREED)

    assert outcomes(report) == ["refused"]
    assert whys(report.rows[0]) == [Why.MINOR]


def test_a_year_of_birth_that_fits_warns_of_who_may_be_the_same(site, by):
    take(a_row(2, **DAY), site=site, by=by, agreed=AGREED)
    report = take(a_row(3, number="A-2", phones=(phone(11),), **YEAR), site=site, by=by, agreed=AGREED)

    assert outcomes(report) == ["added"]
    assert Why.ALIKE in whys(report.rows[0])


def test_a_year_of_birth_is_compared_with_the_rows_before_it_too(site, by):
    twins = (a_row(2, **DAY), a_row(3, number="A-2", phones=(phone(11),), **YEAR))
    other = a_row(4, number="A-3", phones=(phone(12),), birth_date=date(1965, 4, 3))
    report = take(*twins, other, site=site, by=by, agreed=AGREED)

    assert [Why.ALIKE in whys(row) for row in report.rows] == [False, True, True]
