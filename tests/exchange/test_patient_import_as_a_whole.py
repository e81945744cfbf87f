"""A run over many rows: each person once, at one's own site, dry or broken off, with a report that names nobody."""

from dataclasses import replace

import pytest

from clinic.exchange import patient_import
from clinic.exchange.import_rows import Place, UnusableInput, Why
from clinic.exchange.report import RowOutcome
from patients.models import Patient
from tests.exchange.importing import a_row, by, outcomes, site, take
from tests.given import a_patient, a_phone, a_site, a_staff_member, an_email, phone

__all__ = ["by", "site"]
pytestmark = pytest.mark.django_db


def test_one_number_on_two_different_people_refuses_both(site, by):
    report = take(a_row(2), a_row(3, given_name="Bo"), a_row(4, number="A-2"), site=site, by=by)

    assert outcomes(report) == ["refused", "refused", "added"]
    assert [fault.why for row in report.refused for fault in row.faults] == [Why.DUPLICATE, Why.DUPLICATE]
    assert "line 3" in report.rows[0].faults[0].says


def test_the_same_person_twice_is_taken_once(site, by):
    report = take(a_row(2), a_row(5), site=site, by=by)

    assert outcomes(report) == ["added", "refused"]
    assert "line 2" in report.rows[1].faults[0].says


def test_a_dry_run_says_the_same_and_writes_nothing(site, by):
    known = a_patient(site, a_phone(phone(20)), by=by, number="K-1")
    rows = [a_row(), a_row(3, number="A-2", dead=True), a_row(4, number="K-1"), a_row(5, number="K-2", phones=())]

    dry = take(*rows, site=site, by=by, dry_run=True)
    unwritten = Patient.objects.count()
    real = take(*rows, site=site, by=by)

    known.refresh_from_db()
    assert dry.rows == real.rows
    assert outcomes(real) == ["added", "refused", "updated", "refused"]
    assert unwritten == 1


def test_an_interrupted_run_says_what_it_did_and_can_be_repeated(site, by, monkeypatch):
    monkeypatch.setattr(patient_import, "CHUNK", 3)
    rows = [a_row(line, number=f"A-{line}") for line in range(2, 10)]

    def interrupting(items, label, total=None):
        for done, item in enumerate(items, start=1):
            yield item
            if label == "Taking" and done == 4:
                raise KeyboardInterrupt

    stopped = take(*rows, site=site, by=by, each=interrupting)
    there = Patient.objects.count()
    again = take(*rows, site=site, by=by)

    assert (stopped.interrupted, stopped.exit_code, outcomes(stopped)) == (True, 130, ["added"] * 6)
    assert there == 6
    assert outcomes(again) == ["unchanged"] * 6 + ["added"] * 2


def test_whom_an_import_beside_this_one_registers_meanwhile_is_not_refused(site, by):
    rows = [a_row(line, number=f"A-{line}") for line in (2, 3)]

    def overtaken(items, label, total=None):
        if label == "Taking":
            take(rows[0], site=site, by=by)
        yield from items

    report = take(*rows, site=site, by=by, each=overtaken)

    assert outcomes(report) == ["unchanged", "added"]


def test_one_bad_row_in_a_batch_costs_the_others_nothing(site, by):
    rows = [a_row(line, number=f"A-{line}", time_zone="Mars/Olympus" if line == 3 else "") for line in (2, 3, 4)]

    assert outcomes(take(*rows, site=site, by=by)) == ["added", "refused", "added"]


def test_a_colleague_of_the_site_may_import_and_a_stranger_may_not(site, by):
    colleague, stranger = a_staff_member(site, "reception"), a_staff_member(a_site("elsewhere"))

    assert outcomes(take(a_row(), site=site, by=colleague)) == ["added"]
    with pytest.raises(UnusableInput, match="does not work at"):
        take(a_row(number="A-2"), site=site, by=stranger)


def test_the_same_number_at_another_site_is_another_patient(site, by):
    elsewhere = a_site("elsewhere")
    a_patient(elsewhere, an_email(), by=a_staff_member(elsewhere), number="A-1", given_name="Bo")

    report = take(a_row(), site=site, by=by)

    assert outcomes(report) == ["added"]
    assert Patient.objects.for_site(elsewhere).get().given_name == "Bo"


def test_the_report_counts_a_row_once_and_names_no_person(site, by):
    row = a_row(phones=("555-907-9875",))

    report = take(row, replace(row, place=Place(3), number="A-2"), site=site, by=by)

    said = "\n".join([*report.summary(), *report.details()])
    assert report.count(RowOutcome.REFUSED) == 2
    assert "2 refused: no reachable contact" in said
    assert "line 2, patient number A-1: refused, invalid phone." in said
    assert not any(secret in said for secret in ("Ana", "Ruiz", "907", "1965-04"))
