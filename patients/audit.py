"""Who did what, in the same transaction as the deed. Kept by django-auditlog; shown on the record."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models

from patients.models import StaffMember

CREATED, CHANGED = LogEntry.Action.CREATE, LogEntry.Action.UPDATE


def record(
    verb: str, *, of: models.Model, by: StaffMember | None, now: datetime, created: bool = False, **details: object
) -> None:
    """`by` is None when the patient, the provider or the plan itself acted. Details are shown to staff as they are."""
    _entry(verb, of, by, now, details, CREATED if created else CHANGED).save()


def record_all(
    verb: str, *, of: Iterable[tuple[models.Model, Mapping[str, object]]], by: StaffMember | None, now: datetime
) -> None:
    """The same deed done to many rows, each with its details."""
    LogEntry.objects.bulk_create(_entry(verb, row, by, now, details, CHANGED) for row, details in of)


def _entry(
    verb: str, of: models.Model, by: StaffMember | None, now: datetime, details: Mapping[str, object], action: int
) -> LogEntry:
    return LogEntry(
        content_type=ContentType.objects.get_for_model(of),
        object_pk=f"{of.pk}",
        object_id=of.pk if isinstance(of.pk, int) else None,
        object_repr=f"{of}",
        action=action,
        changes={},
        actor=by,
        timestamp=now,
        additional_data={"verb": verb, **details},
    )


def story(of: models.Model) -> models.QuerySet[LogEntry]:
    """All that was done to one row, oldest first."""
    entries: models.QuerySet[LogEntry] = LogEntry.objects.get_for_object(of).select_related("actor")
    return entries.order_by("timestamp", "pk")
