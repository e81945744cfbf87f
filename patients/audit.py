"""Who did what, in the same transaction as the deed. Kept by django-auditlog; shown on the record."""

from datetime import datetime

from auditlog.models import LogEntry
from django.db import models

from patients.models import StaffMember

CREATED, CHANGED = LogEntry.Action.CREATE, LogEntry.Action.UPDATE


def record(
    verb: str, *, of: models.Model, by: StaffMember | None, now: datetime, created: bool = False, **details: object
) -> None:
    """`by` is None when the patient, the provider or the plan itself acted. Details are shown to staff as they are."""
    LogEntry.objects.log_create(
        of,
        force_log=True,
        action=CREATED if created else CHANGED,
        changes={},
        actor=by,
        timestamp=now,
        additional_data={"verb": verb} | details,
    )


def story(of: models.Model) -> models.QuerySet[LogEntry]:
    """All that was done to one row, oldest first."""
    entries: models.QuerySet[LogEntry] = LogEntry.objects.get_for_object(of).select_related("actor")
    return entries.order_by("timestamp", "pk")
