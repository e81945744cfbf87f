"""What was written into the audit stays as it was: the models refuse first, and the database itself whoever asks."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from patients import audit, audit_guard
from patients.models import AuditEntry, Patient, Site, StaffMember
from tests import given
from tests.given import NOW

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


@pytest.fixture
def site() -> Site:
    return given.a_site()


@pytest.fixture
def nurse(site: Site) -> StaffMember:
    return given.a_staff_member(site, "reception")


@pytest.fixture
def patient(site: Site, nurse: StaffMember) -> Patient:
    return given.a_patient(site, by=nurse)


@pytest.fixture
def entry(patient: Patient) -> AuditEntry:
    return audit.history(patient)[0]


def refused(change: Callable[[], object]) -> None:
    before = list(AuditEntry.objects.order_by("pk").values())
    with pytest.raises(IntegrityError, match=r"An audit row is never changed or deleted\."), transaction.atomic():
        change()
    assert list(AuditEntry.objects.order_by("pk").values()) == before


def run(statement: str, *values: object) -> Callable[[], object]:
    def change() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return change


# What the database refuses -------------------------------------------------------------------------------------------


def test_plain_sql_changes_no_row(entry: AuditEntry) -> None:
    refused(run("UPDATE patients_auditentry SET verb = 'tampered' WHERE id = %s", entry.pk))


def test_plain_sql_changes_not_all_rows_at_once_either(entry: AuditEntry) -> None:
    refused(run("UPDATE patients_auditentry SET by_id = NULL"))


def test_plain_sql_deletes_no_row(entry: AuditEntry) -> None:
    refused(run("DELETE FROM patients_auditentry WHERE id = %s", entry.pk))


def test_a_row_is_not_replaced_by_writing_it_again(entry: AuditEntry) -> None:
    names = "id, at, object_id, verb, details, content_type_id"
    values = (entry.pk, NOW, entry.object_id, "tampered", "{}", entry.content_type_id)
    if connection.vendor == "sqlite":
        refused(run(f"INSERT OR REPLACE INTO patients_auditentry ({names}) VALUES (%s, %s, %s, %s, %s, %s)", *values))  # noqa: S608
    entry.verb = "tampered"
    refused(
        lambda: AuditEntry.objects.bulk_create(
            [entry], update_conflicts=True, update_fields=["verb"], unique_fields=["id"]
        )
    )


def test_the_back_ways_of_the_models_end_at_the_database(entry: AuditEntry) -> None:
    rows = models.QuerySet(AuditEntry).filter(pk=entry.pk)

    refused(lambda: rows.update(verb="tampered"))
    refused(rows.delete)
    refused(lambda: rows._raw_delete(rows.db))


# What the models refuse first, with a sentence -----------------------------------------------------------------------


def test_a_row_that_was_saved_is_not_saved_again(entry: AuditEntry) -> None:
    entry.verb = "tampered"

    refused(entry.save)
    refused(lambda: entry.save(update_fields=["verb"]))


def test_a_row_is_not_deleted(entry: AuditEntry) -> None:
    refused(entry.delete)


def test_no_bulk_update_and_no_bulk_delete(entry: AuditEntry) -> None:
    refused(lambda: AuditEntry.objects.filter(pk=entry.pk).update(verb="tampered"))
    refused(lambda: AuditEntry.objects.bulk_update([entry], ["verb"]))
    refused(lambda: AuditEntry.objects.filter(pk=entry.pk).delete())


def test_a_new_row_never_takes_the_place_of_another(entry: AuditEntry) -> None:
    entry._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()


def test_whoever_stands_in_it_is_not_removed(site: Site, nurse: StaffMember, patient: Patient) -> None:
    """Who did it and to whom stays readable: a person who leaves is switched off instead."""
    for row in (nurse, patient, site):
        with pytest.raises(ProtectedError):
            row.delete()


# What stays possible -------------------------------------------------------------------------------------------------


def test_a_row_can_be_added_at_any_time(patient: Patient, nurse: StaffMember) -> None:
    audit.record("called", of=patient, by=nurse, now=NOW - timedelta(days=1))

    assert audit.history(patient)[0].verb == "called"


def test_the_guard_can_be_set_up_again_and_again(patient: Patient, nurse: StaffMember) -> None:
    audit_guard.lift(connection)
    audit_guard.set_up(connection)
    audit_guard.set_up(connection)

    refused(run("DELETE FROM patients_auditentry"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL alters a table as it stands, with its triggers")
def test_a_table_that_sqlite_built_anew_is_guarded_after_the_migration(entry: AuditEntry) -> None:
    audit_guard.lift(connection)  # as dropping the old table does

    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    refused(run("DELETE FROM patients_auditentry WHERE id = %s", entry.pk))


@pytest.mark.django_db(transaction=True)
def test_emptying_the_database_is_not_stopped_and_the_guard_stays() -> None:
    given.a_patient(site := given.a_site(), by=given.a_staff_member(site))

    call_command("flush", verbosity=0, interactive=False)

    assert not AuditEntry.objects.exists()
    again = given.a_site()
    audit.record("looked at", of=again, by=None, now=NOW)
    refused(run("UPDATE patients_auditentry SET verb = 'tampered'"))
    refused(run("DELETE FROM patients_auditentry"))
