"""An audit row names its patient, which takes a share of that patient's lock: nobody has to wait for it."""

from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest
from django.db import transaction

from clinic.exchange import existing
from patients import actions as care
from patients.models import AuditEntry, Patient, StaffMember
from reminders import actions
from tests import given
from tests.given import NOW
from tests.servers.fixtures import database_url

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def correct(patient: Patient, by: StaffMember) -> None:
    care.correct(patient, family_name="Gil", by=by, now=NOW)


def transfer(patient: Patient, by: StaffMember) -> None:
    actions.set_patient_status(patient, status="transferred", by=by, now=NOW)


def import_again(patient: Patient, by: StaffMember) -> None:
    existing.fresh(patient)


@pytest.mark.parametrize("change", [correct, transfer, import_again])
def test_others_act_on_a_patient_who_is_being_changed(change: Callable[[Patient, StaffMember], None]) -> None:
    """Else one who changes the patient and one who books a visit could wait for each other for ever."""
    site = given.a_site()
    nurse = given.a_staff_member(site)
    patient = given.a_patient(site, by=nurse)
    copied = "at, object_id, verb, details, by_id, content_type_id, patient_id, site_id"

    with transaction.atomic(), closing(psycopg.connect(database_url())) as other:
        change(patient, nurse)
        other.execute("SET lock_timeout = '300ms'")
        other.execute(
            f"INSERT INTO patients_auditentry ({copied}) SELECT {copied} FROM patients_auditentry"  # noqa: S608
            " WHERE patient_id = %s",
            [patient.pk],
        )
        other.commit()  # where the row's foreign keys are checked

    assert AuditEntry.objects.filter(patient=patient, verb="registered").count() == 2
