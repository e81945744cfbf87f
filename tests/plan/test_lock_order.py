"""What is locked first: two who change the same plans wait for each other, and neither for ever."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import StaffMember, Surgery
from reminders import actions
from tests.given import NOW

TABLE = re.compile(r'FROM "(\w+)".* FOR (?:NO KEY )?UPDATE')
ORDER = ["patients_patient", "patients_surgery", "reminders_careplan", "reminders_reminder"]


def test_patients_come_before_plans_and_plans_before_messages(surgery: Surgery, surgeon: StaffMember) -> None:
    reminder = surgery.reminders.planned().order_by("-due_at")[0]
    for act in (
        lambda: actions.change_facts(surgery, job="desk", by=surgeon, now=NOW),
        lambda: actions.skip(reminder, by=surgeon, now=NOW),
        lambda: actions.set_patient_status(surgery.patient, status="transferred", by=surgeon, now=NOW),
    ):
        with CaptureQueriesContext(connection) as asked:
            act()
        locked = [found[1] for one in asked.captured_queries if (found := TABLE.search(one["sql"]))]
        first = [*dict.fromkeys(table for table in locked if table in ORDER)]
        assert "reminders_reminder" in first
        assert first == sorted(first, key=ORDER.index)
