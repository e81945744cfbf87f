"""The one order in which rows are locked: two who need some of the same wait for each other, and neither for ever.

Whoever locks rows of more than one kind locks them in the order of `LOCK_ORDER`, and rows of one kind in the order of
their keys. A kind may be left out, never taken later; a row that is locked already may be locked again at any time.
A plan's check-ups and decisions are locked only under their operation's lock, and so need no place of their own.
What passes over rows that somebody else holds (`skip_locked`) waits for nobody, and may come in any order.

The order is that of a report about a message: attempt, delivery, then the contact that it speaks about. Of a text that
comes in: contact, then patient, then what the patient's plans are made of.

Tested in `tests/replies/test_rows_in_order.py`.
"""

from collections.abc import Iterable

from patients.models import Patient

LOCK_ORDER = (
    "reminders_attempt",
    "reminders_delivery",
    "patients_contact",
    "patients_patient",
    "patients_surgery",
    "reminders_careplan",
    "reminders_reminder",
    "reminders_checkin",
    "reminders_alert",
)


def lock_patients(patients: Iterable[int]) -> None:
    """Until the transaction ends. Call it before their plans, messages, check-ins or alerts are locked."""
    rows = Patient.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=set(patients)).order_by("pk")
    list(rows.values_list("pk"))
