"""Patients for a run: a few made by the product's own actions, then multiplied inside PostgreSQL."""

from datetime import timedelta

from django.core.management import call_command
from django.db import connection

from patients.models import Surgery
from reminders.delivery.models import Delivery
from reminders.plan.models import Reminder
from tests import given

FEW = 8
NO_LIMIT = 32_767
START = given.NOW  # 10:00 at the clinic: nothing is held back by quiet hours

COPY = """
CREATE TEMPORARY TABLE twin AS
    SELECT s.id AS of_surgery, s.patient_id AS of_patient, n,
           nextval('patients_patient_id_seq') AS patient, nextval('patients_contact_id_seq') AS contact,
           nextval('patients_surgery_id_seq') AS surgery
    FROM generate_series(1, %s) n JOIN patients_surgery s ON s.id = (%s::bigint[])[1 + n %% %s];
"""
TABLES = {  # table: its columns in the copy that differ from the original, and how the original is found
    "patients_patient": ("t.patient", {"number": "o.number || '-' || t.n"}, "o.id = t.of_patient"),
    "patients_contact": ("t.contact", {"patient_id": "t.patient"}, "o.patient_id = t.of_patient"),
    "patients_consentevent": (
        "nextval('patients_consentevent_id_seq')",
        {"contact_id": "t.contact"},
        "o.contact_id = (SELECT c.id FROM patients_contact c WHERE c.patient_id = t.of_patient)",
    ),
    "patients_surgery": ("t.surgery", {"patient_id": "t.patient"}, "o.id = t.of_surgery"),
    "reminders_careplan": (
        "nextval('reminders_careplan_id_seq')",
        {"surgery_id": "t.surgery", "link": "substr(md5(t.n::text), 1, 12)"},
        "o.surgery_id = t.of_surgery",
    ),
    "reminders_reminder": (
        "nextval('reminders_reminder_id_seq')",
        {"surgery_id": "t.surgery"},
        "o.surgery_id = t.of_surgery",
    ),
}
GENERATED = "compact_number"  # the database's own work: nobody may write it


def make(number: int) -> None:
    """So many patients with their whole plans; the first text of each is due at START, all others later."""
    call_command("migrate", verbosity=0)
    site = given.a_site(mode="live", texts_a_day=NO_LIMIT, texts_a_week=NO_LIMIT)  # many patients share few phones here
    surgeon = given.a_staff_member(site)
    few = [given.an_enrolment(site, given.a_phone(), by=surgeon).pk for _ in range(min(FEW, number))]
    Reminder.objects.filter(due_at__lte=START).update(due_at=START + timedelta(days=1))
    Reminder.objects.filter(pk__in=[_first_text(surgery) for surgery in few]).update(due_at=START)
    multiply(few, number - len(few), TABLES)


def multiply(surgeries: list[int], number: int, tables: dict[str, tuple[str, dict[str, str], str]]) -> None:
    """So many more patients, each with the rows of one of these surgeries."""
    with connection.cursor() as cursor:
        cursor.execute(COPY, [number, surgeries, len(surgeries)])
        for table, (key, differs, found) in tables.items():
            cursor.execute(_copy(table, {"id": key} | differs, found))
        cursor.execute("ANALYZE")


def _first_text(surgery: int) -> int:
    planned = Reminder.objects.planned().filter(surgery=surgery).select_related("step")
    return next(row.pk for row in planned if row.step.channels[0] == "sms" and not row.step.check_up_id)


def _copy(table: str, differs: dict[str, str], found: str) -> str:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    columns = [column.name for column in described if column.name != GENERATED]
    values = ", ".join(differs.get(name, f'o."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM twin t JOIN {table} o ON {found}"  # noqa: S608


def again() -> None:
    """As before the last round: nothing claimed, everything due, the tables tidy."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE reminders_transition, reminders_report, reminders_attempt, reminders_delivery, reminders_breaker"
        )
        cursor.execute("UPDATE reminders_sender SET free_at = NULL, parts_per_second = 1000000")
        Reminder.objects.filter(due_at=START).update(status="planned", reason="")
        cursor.execute("VACUUM ANALYZE reminders_reminder")


def recorded() -> int:
    """Deliveries whose acceptance stands in the table."""
    return Delivery.objects.filter(state="accepted").count()


def surgeries() -> int:
    return Surgery.objects.count()
