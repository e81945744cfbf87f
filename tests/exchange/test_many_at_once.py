"""A batch writes the very rows that one by one would have been written: patients, contacts, consents, plans, audit."""

from datetime import date, timedelta

import pytest
from django.db import models, transaction

from clinic.exchange import csv_surgeries, patient_batch, surgery_import
from patients.models import AuditEntry, CheckUp, ConsentEvent, Contact, Patient, Surgery
from patients.models.contact import Relationship
from reminders import actions, enrol_many
from reminders.plan import zone_refresh
from reminders.plan.models import CarePlan, Reminder
from tests.exchange.importing import AGREED, a_row, by, outcomes, site, take, whys
from tests.given import NOW, a_patient, a_phone, a_signed_version, a_staff_member, number_from, phone

__all__ = ["by", "site"]
pytestmark = pytest.mark.django_db
TABLES = [Patient, Contact, ConsentEvent, Surgery, CarePlan, CheckUp, Reminder, AuditEntry]
OWN = {"id", "link", "object_id"}  # what no two rows have in common


@pytest.fixture
def surgeon(site):
    surgeon = a_staff_member(site, "surgeon", username="ida")
    a_signed_version(site, by=surgeon)
    return surgeon


def people():
    """Reached by text, by mail, by both, by nothing; with a zone, a language, a no, a stopped number of their own."""
    facts = [
        {},
        {"phones": (), "emails": ("bo@example.org",), "language": "es-MX"},
        {"emails": ("cy@example.org",), "time_zone": "America/Chicago"},
        {"consent": False},
        {"phones": (), "emails": (), "birth_date": date(1931, 4, 2)},
        {"language": "", "given_name": "José  María", "family_name": "O'Neill"},
    ] * 2
    return [
        a_row(line, **{"number": f"A-{line}", "given_name": f"Ana{line}", "phones": (phone(line),)} | one)
        for line, one in enumerate(facts, start=2)
    ]


def operations():
    days = ["2026-02-20", "2026-02-20", "2026-04-01", "2026-02-25", "2026-03-02", "2025-06-01"] * 2
    therapy = ["", "ordered", "", "declined", "ordered_early", ""] * 2
    lines = [f"A-{at},miss,{day},ida,{pt}," for at, (day, pt) in enumerate(zip(days, therapy, strict=True), start=2)]
    return csv_surgeries.read("\n".join(["number,procedure,date,surgeon,pt,job", *lines]))


def imported(site, by):
    """Every row as plain values, by whom it is about."""
    take(*people(), site=site, by=by, agreed=AGREED, without_contact=True)
    rows = csv_surgeries.surgeries(operations())
    report = surgery_import.enrol_all(rows, site=site, by=by, now=NOW)
    assert outcomes(report) == ["added"] * 12
    return {model.__name__: sorted(map(repr, map(_plain, model.objects.all()))) for model in TABLES}


def _plain(row: models.Model):
    values = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if one.attname not in OWN}
    for name, model in (("patient_id", Patient), ("surgery_id", Surgery), ("contact_id", Contact)):
        if values.get(name):
            owner = model.objects.get(pk=values[name])
            owner = owner if name == "patient_id" else owner.patient
            values[name] = owner.number
    return values


@pytest.mark.embedded
def test_together_and_one_by_one_write_the_same_rows(site, by, surgeon, monkeypatch):
    found = {}
    for way in ("together", "one by one"):
        if way == "one by one":
            monkeypatch.setattr(patient_batch, "_register", lambda people, intake: False)
            monkeypatch.setattr(enrol_many, "plain_ones", lambda site, patients: set())
        with transaction.atomic():
            found[way] = imported(site, by)
            transaction.set_rollback(True)

    assert found["together"] == found["one by one"]
    assert len(found["together"]["Reminder"]) > 100


def test_a_batch_was_laid_out_with_the_time_zones_of_today(site, by, surgeon):
    imported(site, by)

    assert zone_refresh.number(NOW) == 0


def test_who_shares_a_phone_is_enrolled_with_whom_they_share_it(site, by, surgeon):
    for number in ("A-1", "A-2", "A-3"):
        a_patient(site, a_phone(phone(10 if number != "A-3" else 11)), by=by, number=number)
    ones = enrol_many.plain_ones(site, Patient.objects.all())

    assert [Patient.objects.get(pk=key).number for key in ones] == ["A-3"]


def test_who_has_had_an_operation_died_or_hears_for_another_is_looked_at_alone(site, by, surgeon):
    carer = a_phone(phone(11), relationship=Relationship.CAREGIVER, name="Eva")
    first = a_patient(site, a_phone(phone(10)), carer, by=by, number="A-1")
    a_patient(site, a_phone(phone(11)), by=by, number="A-2")
    dead = a_patient(site, a_phone(phone(12)), by=by, number="A-3")
    actions.set_patient_status(dead, status="deceased", by=by, now=NOW)
    table = csv_surgeries.read("number,procedure,date,surgeon\nA-1,miss,2026-02-20,ida\n")
    surgery_import.enrol_all(csv_surgeries.surgeries(table), site=site, by=by, now=NOW)

    ones = enrol_many.plain_ones(site, [first, *Patient.objects.exclude(pk=first.pk)])

    assert [Patient.objects.get(pk=key).number for key in ones] == ["A-2"]


def test_the_days_of_a_batch_do_not_mix(site, by, surgeon):
    number_from(50)
    numbers = [f"A-{at}" for at in range(6)]
    for number in numbers:
        a_patient(site, a_phone(), by=by, number=number)
    days = [date(2026, 2, 20) + timedelta(days=at % 3) for at in range(6)]
    lines = [f"{number},miss,{day},ida" for number, day in zip(numbers, days, strict=True)]
    table = csv_surgeries.read("\n".join(["number,procedure,date,surgeon", *lines]))

    surgery_import.enrol_all(csv_surgeries.surgeries(table), site=site, by=by, now=NOW)

    for number, day in zip(numbers, days, strict=True):
        surgery = Surgery.objects.get(patient__number=number)
        assert surgery.date == day
        reminders = Reminder.objects.filter(surgery=surgery).order_by("due_at")
        like = Reminder.objects.filter(surgery__date=day).exclude(surgery=surgery).order_by("due_at")
        assert list(reminders.values_list("step_code", "due_at")) == list(like.values_list("step_code", "due_at"))


def test_a_whole_batch_of_a_dry_run_is_undone(site, by, surgeon):
    report = take(*people(), site=site, by=by, dry_run=True, without_contact=True)

    assert outcomes(report) == ["added"] * 12
    assert not Patient.objects.exists()
    assert all(not whys(row) or row.warnings for row in report.rows)
