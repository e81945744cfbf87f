"""What a file says of death and of who left: no plan for the dead, and no end of a plan by a typing error."""

from datetime import date

import pytest

from clinic.exchange import csv_patients
from clinic.exchange.import_rows import Why
from patients.models import Patient
from reminders import actions
from reminders.plan.models import Reminder
from tests.exchange.importing import by, outcomes, site, take, whys
from tests.given import NOW, a_patient, a_phone, a_signed_version, an_enrolment, phone

__all__ = ["by", "site"]
pytestmark = pytest.mark.django_db
HEADER = "number,given_name,family_name,birth_date,phone"


def said(*cells, columns, site, by):
    """The report on Ana's row with these columns more."""
    text = f"{HEADER},{columns}\nA-1,Ana,Ruiz,1965-04-02,{phone(10)},{','.join(cells)}\n"
    table = csv_patients.read(text)
    return take(*csv_patients.patients(table, today=site.today(NOW)), site=site, by=by)


@pytest.fixture
def plan(site, by):
    """Ana's plan of messages."""
    a_signed_version(site, by=by)
    ana = a_patient(site, a_phone(phone(10)), by=by, number="A-1", given_name="Ana", birth_date=date(1965, 4, 2))
    return Reminder.objects.filter(surgery=an_enrolment(site, by=by, patient=ana), status="planned")


@pytest.mark.parametrize(
    ("columns", "cell", "why"),
    [
        ("deceased", "yes", Why.DEAD),
        ("deceased", "2025-04-02", Why.DEAD),
        ("DEATHDATE", "2016-02-01", Why.DEAD),
        ("Date of Death", "02-Feb-2016", Why.DEAD),
        ("status", "Deceased", Why.DEAD),
        ("status", "transferred", Why.INACTIVE),
        ("inactive_date", "2025-04-02", Why.INACTIVE),
        ("deathdate", "2062-02-01", Why.DATE),
        ("deathdate", "1960-02-01", Why.DATE),
        ("deceased", "perhaps", Why.DATE),
        ("status", "purple", Why.OTHER),
    ],
)
def test_who_has_died_or_left_is_not_registered(site, by, columns, cell, why):
    report = said(cell, columns=columns, site=site, by=by)

    assert (outcomes(report), whys(report.rows[0])) == (["refused"], [why])
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("columns", "cell"), [("deceased", "no"), ("status", "Active"), ("deathdate", ""), ("end_date", "2030-01-01")]
)
def test_the_living_are(site, by, columns, cell):
    assert outcomes(said(cell, columns=columns, site=site, by=by)) == ["added"]


def test_a_date_of_death_in_the_future_ends_no_plan_and_the_right_one_does(site, by, plan):
    planned = plan.count()

    report = said("2062-02-01", columns="deathdate", site=site, by=by)
    assert (outcomes(report), whys(report.rows[0])) == (["refused"], [Why.DATE])
    assert "death is in the future. Check the year; nothing was changed." in report.rows[0].faults[0].says
    assert plan.count() == planned > 0
    assert outcomes(said("2026-02-01", columns="deathdate", site=site, by=by)) == ["updated"]

    assert plan.count() == 0


def test_a_death_by_an_import_is_taken_back_by_a_file_that_says_they_live(site, by, plan):
    planned = set(plan.values_list("step_code", "occurrence", "due_at"))
    said("2026-02-01", columns="deathdate", site=site, by=by)

    unsure = said("", columns="deathdate", site=site, by=by)
    assert (outcomes(unsure), whys(unsure.rows[0])) == (["unchanged"], [Why.RECORD, Why.DEAD])
    sure = said("no", columns="deceased", site=site, by=by)

    assert (outcomes(sure), whys(sure.rows[0])) == (["updated"], [Why.DEAD])
    assert set(plan.values_list("step_code", "occurrence", "due_at")) == planned


def test_a_death_that_staff_recorded_stays_whatever_a_file_says(site, by, plan):
    actions.set_patient_status(Patient.objects.get(), status="deceased", by=by, now=NOW)

    report = said("no", columns="deceased", site=site, by=by)

    assert outcomes(report) == ["unchanged"]
    assert Patient.objects.get().status == "deceased"
